package io.nostro.toolkit.arrow;

import com.google.common.collect.ImmutableMap;
import io.airlift.slice.Slices;
import io.nostro.toolkit.arrow.TestingVectors.Columns;
import io.trino.spi.block.Block;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.block.DictionaryBlock;
import io.trino.spi.block.RunLengthEncodedBlock;
import io.trino.spi.block.VariableWidthBlock;
import io.trino.spi.type.ArrayType;
import io.trino.spi.type.LongTimestamp;
import io.trino.spi.type.LongTimestampWithTimeZone;
import io.trino.spi.type.RowType;
import io.trino.spi.type.TimeZoneKey;
import io.trino.spi.type.Type;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.Test;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Map;
import java.util.Random;

import static io.trino.spi.type.BigintType.BIGINT;
import static io.trino.spi.type.CharType.createCharType;
import static io.trino.spi.type.DateTimeEncoding.packDateTimeWithZone;
import static io.trino.spi.type.IntegerType.INTEGER;
import static io.trino.spi.type.TimeType.createTimeType;
import static io.trino.spi.type.TimestampType.createTimestampType;
import static io.trino.spi.type.TimestampWithTimeZoneType.createTimestampWithTimeZoneType;
import static io.trino.spi.type.TypeUtils.writeNativeValue;
import static io.trino.spi.type.UuidType.UUID;
import static io.trino.spi.type.VarcharType.VARCHAR;
import static io.trino.spi.type.VarcharType.createVarcharType;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.util.Arrays.asList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class TestArrowBuilder
{
    private static final Map<String, String> FORMATS = ImmutableMap.<String, String>builder()
            .put("n", "b")
            .put("b", "b")
            .put("c", "c")
            .put("s", "s")
            .put("i", "i")
            .put("l", "l")
            .put("L", "d:20,0")
            .put("f", "f")
            .put("g", "g")
            .put("u", "u")
            .put("z", "z")
            .put("d:9,2", "d:9,2")
            .put("d:18,18", "d:18,18")
            .put("d:38,10", "d:38,10")
            .put("tdD", "tdD")
            .put("tts", "ttu")
            .put("ttu", "ttu")
            .put("ttn", "ttn")
            .put("tss:", "tss:")
            .put("tsm:", "tsm:")
            .put("tsu:", "tsu:")
            .put("tsn:", "tsn:")
            .put("tss:UTC", "tss:UTC")
            .put("tsm:UTC", "tsm:UTC")
            .put("tsu:UTC", "tsu:UTC")
            .put("tsn:UTC", "tsn:UTC")
            .put("+l(i)", "+l(i)")
            .put("+w:2(u)", "+l(u)")
            .put("+s(\"a\":i,\"b\":u)", "+s(\"a\":i,\"b\":u)")
            .put("+s(\"\":+s(\"b\":d:38,2,\"c\":b),\"x\":+l(b))", "+s(\"field0\":+s(\"b\":d:38,2,\"c\":b),\"x\":+l(b))")
            .put("+m(\"key\":u,\"value\":i)", "+m(\"key\":u,\"value\":i)")
            .put("+l(+m(\"key\":l,\"value\":+s(\"a\":g)))", "+l(+m(\"key\":l,\"value\":+s(\"a\":g)))")
            .buildOrThrow();

    /**
     * What Arrow's library makes of the column built of a block, which is read of a random vector, is the block's values.
     */
    @Test
    void testBlocks()
    {
        FORMATS.forEach(TestArrowBuilder::assertRoundTrip);
    }

    private static void assertRoundTrip(String source, String format)
    {
        ArrowType type = ArrowType.parse(source);
        Random random = new Random(source.hashCode());
        try (BufferAllocator allocator = new RootAllocator();
                VectorSchemaRoot root = TestingVectors.random(allocator, type, random, 200)) {
            Block block = ArrowReader.read(TestingVectors.columns(type, root).column(), 0, 200);
            assertBuilt(allocator, type.trinoType(), format, List.of(block));
            assertBuilt(allocator, type.trinoType(), format, List.of());
            assertBuilt(allocator, type.trinoType(), format, List.of(block.getRegion(0, 0)));
            List<Block> parts = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                parts.add(part(block, random));
            }
            assertBuilt(allocator, type.trinoType(), format, parts);
            // none of the rows is NULL
            int[] present = new int[200];
            int count = 0;
            for (int i = 0; i < 200; i++) {
                if (!block.isNull(i)) {
                    present[count] = i;
                    count++;
                }
            }
            assertBuilt(allocator, type.trinoType(), format, List.of(block.copyPositions(present, 0, count)));
        }
    }

    private static Block part(Block block, Random random)
    {
        int start = random.nextInt(150);
        int length = random.nextInt(50);
        return switch (random.nextInt(4)) {
            case 0 -> block.getRegion(start, length);
            case 1 -> block.copyRegion(start, length);
            case 2 -> RunLengthEncodedBlock.create(block.getSingleValueBlock(start), length);
            default -> DictionaryBlock.create(50, block.getRegion(start, 50), random.ints(50, 0, 50).toArray()).getRegion(0, length);
        };
    }

    private static void assertBuilt(BufferAllocator allocator, Type type, String format, List<Block> blocks)
    {
        ArrowBuilder builder = ArrowBuilder.of(type);
        List<Object> expected = new ArrayList<>();
        for (Block block : blocks) {
            builder.append(block);
            expected.addAll(TestingBlocks.values(type, block));
        }
        ArrowResult result = builder.build();
        assertThat(result.format()).isEqualTo(format);
        assertThat(result.length()).isEqualTo(expected.size());
        assertThat(result.nullCount()).isEqualTo(expected.stream().filter(value -> value == null).count());
        assertThat(result.buffers().getFirst() == null).isEqualTo(result.nullCount() == 0);
        assertThat(result.buffers()).allSatisfy(buffer -> {
            if (buffer != null) {
                assertThat(buffer.isDirect()).isTrue();
                assertThat(buffer.order()).isEqualTo(LITTLE_ENDIAN);
                assertThat(buffer.position()).isZero();
                assertThat(buffer.limit()).isEqualTo(buffer.capacity());
            }
        });
        List<Object> loaded = new ArrayList<>();
        try (VectorSchemaRoot root = TestingVectors.load(allocator, result)) {
            FieldVector vector = root.getVector(0);
            for (int i = 0; i < vector.getValueCount(); i++) {
                loaded.add(TestingVectors.value(vector, i));
            }
            assertThat(loaded).isEqualTo(expected);
            // and back
            ArrowType arrowType = ArrowType.parse(format);
            Columns columns = TestingVectors.columns(arrowType, root);
            assertThat(TestingBlocks.values(arrowType.trinoType(), ArrowReader.read(columns.column(), 0, expected.size()))).isEqualTo(expected);
        }
    }

    @Test
    void testText()
    {
        BlockBuilder builder = VARCHAR.createBlockBuilder(null, 3);
        VARCHAR.writeString(builder, "");
        VARCHAR.writeString(builder, "é");
        builder.appendNull();
        VARCHAR.writeString(builder, "abc");
        assertThat(built(createVarcharType(5), builder.build())).containsExactly("", "é", null, "abc");
        assertThat(built(createCharType(3), builder.build())).containsExactly("   ", "é  ", null, "abc");
        assertThat(built(createCharType(2), RunLengthEncodedBlock.create(builder.build().getSingleValueBlock(1), 2))).containsExactly("é ", "é ");
    }

    @Test
    void testPrecisionsBetweenUnits()
    {
        assertThat(format(createTimeType(0))).isEqualTo("ttu");
        assertThat(format(createTimeType(7))).isEqualTo("ttn");
        assertThat(format(createTimestampType(1))).isEqualTo("tsm:");
        assertThat(format(createTimestampType(4))).isEqualTo("tsu:");
        assertThat(format(createTimestampType(7))).isEqualTo("tsn:");
        assertThat(format(createTimestampWithTimeZoneType(2))).isEqualTo("tsm:UTC");
        assertThat(format(createTimestampWithTimeZoneType(5))).isEqualTo("tsu:UTC");
        assertThat(format(createTimestampWithTimeZoneType(8))).isEqualTo("tsn:UTC");
        assertThat(built(createTimestampType(1), -1_900_000L)).containsExactly(new BigDecimal("-1.900000000000"));
        assertThat(built(createTimestampType(8), new LongTimestamp(-1, 990_000))).containsExactly(new BigDecimal("-0.000000010000"));
        TimeZoneKey zone = TimeZoneKey.getTimeZoneKey("Europe/Zurich");
        assertThat(built(createTimestampWithTimeZoneType(1), packDateTimeWithZone(-100, zone))).containsExactly(List.of(new BigDecimal("-0.100000000000"), "UTC"));
        assertThat(built(createTimestampWithTimeZoneType(5), LongTimestampWithTimeZone.fromEpochMillisAndFraction(-1, 990_000_000, zone)))
                .containsExactly(List.of(new BigDecimal("-0.000010000000"), "UTC"));
        assertThat(built(createTimeType(0), 86_399_000_000_000_000L)).containsExactly(86_399_000_000_000_000L);
    }

    @Test
    void testErrors()
    {
        assertThatThrownBy(() -> ArrowBuilder.of(UUID))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("type uuid has no Arrow format; accepted are boolean, tinyint,");
        for (Type type : List.of(createTimeType(10), createTimestampType(10), new ArrayType(createTimestampWithTimeZoneType(12)))) {
            assertThatThrownBy(() -> ArrowBuilder.of(type))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageEndingWith("has more digits than Arrow's times and timestamps; accepted are at most 9");
        }
        assertThatThrownBy(() -> built(createTimestampType(9), new LongTimestamp(Long.MAX_VALUE / 1000 + 1, 0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a timestamp of 9223372036854776 * 10^-6 seconds since 1970, which is out of the range of 64 bits of 10^-9 seconds");
        ArrowBuilder builder = ArrowBuilder.of(BIGINT);
        builder.build();
        assertThatThrownBy(builder::build).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> builder.append(BIGINT.createNullBlock())).isInstanceOf(IllegalStateException.class);
    }

    /**
     * Blocks of many rows of one value, which take no memory until they are built.
     */
    @Test
    void testTooMuch()
    {
        Block text = new VariableWidthBlock(1, Slices.wrappedBuffer(new byte[1 << 20]), new int[] {0, 1 << 20}, Optional.empty());
        ArrowBuilder texts = ArrowBuilder.of(VARCHAR);
        texts.append(RunLengthEncodedBlock.create(text, 2047));
        assertThatThrownBy(() -> texts.append(RunLengthEncodedBlock.create(text, 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a column of 2147483648 values of 1 bytes; accepted are less than 2147483647 bytes in a buffer, so give fewer rows at a time");
        ArrowBuilder numbers = ArrowBuilder.of(BIGINT);
        numbers.append(RunLengthEncodedBlock.create(BIGINT, 1L, 1 << 27));
        assertThatThrownBy(() -> numbers.append(RunLengthEncodedBlock.create(BIGINT, 1L, 1 << 27)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a column of 268435456 values of 8 bytes; accepted are less than 2147483647 bytes in a buffer, so give fewer rows at a time");
    }

    @Test
    void testNamesOfFields()
    {
        RowType type = RowType.rowType(RowType.field("say \"hi\"\n", INTEGER), RowType.field(BIGINT));
        String format = ArrowBuilder.of(type).build().format();
        assertThat(format).isEqualTo("+s(\"say \\\"hi\\\"\\u000a\":i,\"field1\":l)");
        assertThat(((RowType) ArrowType.parse(format).trinoType()).getFields().getFirst().getName()).contains("say \"hi\"\n");
    }

    @Test
    void testBuffers()
    {
        BlockBuilder builder = INTEGER.createBlockBuilder(null, 3);
        INTEGER.writeLong(builder, 258);
        builder.appendNull();
        INTEGER.writeLong(builder, -1);
        ArrowBuilder column = ArrowBuilder.of(INTEGER);
        column.append(builder.build());
        ArrowResult result = column.build();
        assertThat(result.buffers().stream().map(ByteBuffer::remaining)).containsExactly(1, 12);
        assertThat(result.buffers().getFirst().get(0)).isEqualTo((byte) 0b101);
        byte[] values = new byte[12];
        result.buffers().getLast().get(0, values);
        assertThat(Arrays.copyOf(values, 4)).containsExactly(2, 1, 0, 0);
        assertThat(Arrays.copyOfRange(values, 8, 12)).containsExactly(-1, -1, -1, -1);
    }

    private static String format(Type type)
    {
        return ArrowBuilder.of(type).build().format();
    }

    private static List<Object> built(Type type, Object nativeValue)
    {
        return built(type, writeNativeValue(type, nativeValue));
    }

    private static List<Object> built(Type type, Block block)
    {
        ArrowBuilder builder = ArrowBuilder.of(type);
        builder.append(block);
        try (BufferAllocator allocator = new RootAllocator();
                VectorSchemaRoot root = TestingVectors.load(allocator, builder.build())) {
            Object[] values = new Object[block.getPositionCount()];
            for (int i = 0; i < values.length; i++) {
                values[i] = TestingVectors.value(root.getVector(0), i);
            }
            return asList(values);
        }
    }
}
