package io.nostro.toolkit.arrow;

import io.nostro.toolkit.arrow.TestingVectors.Columns;
import io.trino.spi.block.Block;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Columns that are spoilt at random are read or refused, and what lies around their buffers never matters.
 */
final class TestArrowGarbage
{
    private static final List<String> TYPES = List.of(
            "b", "C", "l", "u", "U", "vu", "w:5", "d:9,2", "d:38,10", "tdm", "ttn", "tsm:UTC", "tsn:",
            "+l(i)", "+L(u)", "+w:3(i)", "+s(\"a\":i,\"b\":u)", "+l(+s(\"a\":vz,\"b\":+l(b)))", "+m(\"key\":u,\"value\":i)",
            "dict(c,u)", "dict(I,vu)", "dict(L,+l(i))", "dict(s,+s(\"a\":n))");

    private static final int CASES = 1000;
    private static final int ROWS = 20;
    private static final int SURROUNDINGS = 4096;

    @Test
    void testGarbage()
    {
        for (String format : TYPES) {
            assertGarbage(format);
        }
    }

    private static void assertGarbage(String format)
    {
        ArrowType type = ArrowType.parse(format);
        Random random = new Random(format.hashCode());
        int refused = 0;
        try (BufferAllocator allocator = new RootAllocator();
                VectorSchemaRoot root = TestingVectors.random(allocator, type, random, ROWS);
                VectorSchemaRoot dictionary = TestingVectors.random(allocator, type.layout() instanceof ArrowLayout.Dictionaries ? type.children().getFirst() : type, random, ROWS)) {
            Columns columns;
            if (type.layout() instanceof ArrowLayout.Dictionaries) {
                BaseFixedWidthVector indices = (BaseFixedWidthVector) root.getVector(0);
                for (int i = 0; i < ROWS; i++) {
                    indices.getDataBuffer().setZero((long) i * indices.getTypeWidth(), indices.getTypeWidth());
                    indices.getDataBuffer().setByte((long) i * indices.getTypeWidth(), random.nextInt(ROWS));
                }
                columns = TestingVectors.columns(type, root, dictionary);
            }
            else {
                columns = TestingVectors.columns(type, root);
            }
            for (int i = 0; i < CASES; i++) {
                long seed = random.nextLong();
                String outcome = outcome(columns, seed, (byte) 0);
                assertThat(outcome(columns, seed, (byte) 0xFF)).as("seed %s", seed).isEqualTo(outcome);
                if (outcome.startsWith("refused")) {
                    refused++;
                }
            }
        }
        assertThat(refused).isBetween(CASES / 20, CASES - 1);
    }

    /**
     * Copies the buffers, spoils them and what is said of them, and reads rows.
     *
     * @param surroundings what is around each buffer
     */
    private static String outcome(Columns sound, long seed, byte surroundings)
    {
        Random random = new Random(seed);
        try (Arena arena = Arena.ofConfined()) {
            long[] addresses = sound.addresses().clone();
            long[] sizes = sound.sizes().clone();
            MemorySegment[] buffers = new MemorySegment[addresses.length];
            for (int i = 0; i < buffers.length; i++) {
                MemorySegment around = arena.allocate(sizes[i] + 2 * SURROUNDINGS).fill(surroundings);
                buffers[i] = around.asSlice(SURROUNDINGS, sizes[i]);
                buffers[i].copyFrom(memory(addresses[i], sizes[i]));
                addresses[i] = buffers[i].address();
            }
            Columns spoilt = new Columns(sound.type(), sound.lengths().clone(), sound.offsets().clone(), sound.bufferCounts().clone(), addresses, sizes);
            for (int i = random.nextInt(3); i >= 0; i--) {
                spoil(spoilt, buffers, random);
            }
            try {
                ArrowColumn column = spoilt.column();
                long from = random.nextLong(Math.min(column.length(), ROWS) + 1);
                int count = (int) Math.min(column.length() - from, random.nextInt(ROWS + 1));
                Block block = ArrowReader.read(column, from, count);
                return TestingBlocks.values(column.type().trinoType(), block).toString();
            }
            catch (IllegalArgumentException e) {
                return "refused: " + e.getMessage();
            }
        }
    }

    @SuppressWarnings("restricted") // the vectors' own memory
    private static MemorySegment memory(long address, long size)
    {
        return MemorySegment.ofAddress(address).reinterpret(size);
    }

    private static void spoil(Columns columns, MemorySegment[] buffers, Random random)
    {
        int column = random.nextInt(columns.lengths().length);
        int buffer = buffers.length == 0 ? -1 : random.nextInt(buffers.length);
        switch (random.nextInt(10)) {
            case 0 -> columns.lengths()[column] = spoilt(columns.lengths()[column], random);
            case 1 -> columns.offsets()[column] = spoilt(columns.offsets()[column], random);
            case 2 -> columns.bufferCounts()[column] += random.nextInt(3) - 1;
            case 3 -> {
                columns.addresses()[buffer] = 0;
                columns.sizes()[buffer] = random.nextInt(4) == 0 ? columns.sizes()[buffer] : 0;
            }
            // a larger size than there is memory is a lie that cannot be found out
            case 4 -> columns.sizes()[buffer] = Math.min(columns.sizes()[buffer], spoilt(columns.sizes()[buffer], random));
            default -> spoil(buffers[buffer], random);
        }
    }

    private static void spoil(MemorySegment buffer, Random random)
    {
        if (buffer.byteSize() < Long.BYTES) {
            if (buffer.byteSize() > 0) {
                buffer.set(JAVA_BYTE, random.nextLong(buffer.byteSize()), (byte) random.nextInt());
            }
            return;
        }
        long index = random.nextLong(buffer.byteSize() / Integer.BYTES - 1) * Integer.BYTES;
        switch (random.nextInt(3)) {
            case 0 -> buffer.set(JAVA_BYTE, index + random.nextInt(8), (byte) random.nextInt());
            case 1 -> buffer.set(JAVA_INT_UNALIGNED, index, (int) spoilt(buffer.get(JAVA_INT_UNALIGNED, index), random));
            default -> buffer.set(JAVA_LONG_UNALIGNED, index, spoilt(buffer.get(JAVA_LONG_UNALIGNED, index), random));
        }
    }

    private static long spoilt(long value, Random random)
    {
        return switch (random.nextInt(9)) {
            case 0 -> value + 1;
            case 1 -> value - 1;
            case 2 -> -value;
            case 3 -> Integer.MAX_VALUE;
            case 4 -> Integer.MIN_VALUE;
            case 5 -> random.nextBoolean() ? Long.MAX_VALUE : Long.MIN_VALUE;
            case 6 -> value + random.nextInt(100);
            case 7 -> 1L << random.nextInt(64);
            default -> random.nextLong();
        };
    }
}
