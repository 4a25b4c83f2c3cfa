package io.nostro.toolkit.arrow;

import com.google.common.collect.ImmutableList;
import com.google.common.io.BaseEncoding;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.DateMilliVector;
import org.apache.arrow.vector.Decimal256Vector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.FixedSizeBinaryVector;
import org.apache.arrow.vector.Float2Vector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.LargeVarBinaryVector;
import org.apache.arrow.vector.LargeVarCharVector;
import org.apache.arrow.vector.NullVector;
import org.apache.arrow.vector.SmallIntVector;
import org.apache.arrow.vector.TimeMicroVector;
import org.apache.arrow.vector.TimeMilliVector;
import org.apache.arrow.vector.TimeNanoVector;
import org.apache.arrow.vector.TimeSecVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.TinyIntVector;
import org.apache.arrow.vector.UInt1Vector;
import org.apache.arrow.vector.UInt2Vector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorLoader;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.VectorUnloader;
import org.apache.arrow.vector.ViewVarBinaryVector;
import org.apache.arrow.vector.ViewVarCharVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.LargeListVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.MapVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.types.DateUnit;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType.Binary;
import org.apache.arrow.vector.types.pojo.ArrowType.BinaryView;
import org.apache.arrow.vector.types.pojo.ArrowType.Bool;
import org.apache.arrow.vector.types.pojo.ArrowType.Date;
import org.apache.arrow.vector.types.pojo.ArrowType.Decimal;
import org.apache.arrow.vector.types.pojo.ArrowType.FixedSizeBinary;
import org.apache.arrow.vector.types.pojo.ArrowType.FixedSizeList;
import org.apache.arrow.vector.types.pojo.ArrowType.FloatingPoint;
import org.apache.arrow.vector.types.pojo.ArrowType.Int;
import org.apache.arrow.vector.types.pojo.ArrowType.LargeBinary;
import org.apache.arrow.vector.types.pojo.ArrowType.LargeList;
import org.apache.arrow.vector.types.pojo.ArrowType.LargeUtf8;
import org.apache.arrow.vector.types.pojo.ArrowType.Map;
import org.apache.arrow.vector.types.pojo.ArrowType.Null;
import org.apache.arrow.vector.types.pojo.ArrowType.Struct;
import org.apache.arrow.vector.types.pojo.ArrowType.Time;
import org.apache.arrow.vector.types.pojo.ArrowType.Timestamp;
import org.apache.arrow.vector.types.pojo.ArrowType.Utf8;
import org.apache.arrow.vector.types.pojo.ArrowType.Utf8View;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Arrow's own vectors of a type that is given as {@link ArrowType} has it: filled with random values, read by Arrow's
 * library, and made of buffers by it.
 */
final class TestingVectors
{
    private static final String[] TEXTS = {"", "a", "Zürich", "twelve bytes", "thirteen byte", "日本語 text that is longer than a view", "\0", " ", "😀"};

    private TestingVectors() {}

    /**
     * The field of a type, for which the column of its dictionary's indices stands if it has one.
     */
    static Field field(String name, ArrowType type)
    {
        List<Field> children = new ArrayList<>();
        for (int i = 0; i < type.children().size() && !(type.layout() instanceof ArrowLayout.Dictionaries); i++) {
            children.add(field(type.names().get(i), type.children().get(i)));
        }
        boolean nullable = !name.equals("entries") && !name.equals("key");
        return new Field(name, new FieldType(nullable, arrowType(type), null), children);
    }

    private static org.apache.arrow.vector.types.pojo.ArrowType arrowType(ArrowType type)
    {
        boolean text = type.trinoType().getBaseName().equals("varchar");
        return switch (type.layout()) {
            case ArrowLayout.Nulls _ -> new Null();
            case ArrowLayout.Booleans _ -> new Bool();
            case ArrowLayout.Integers layout -> new Int(layout.width() * 8, layout.signed());
            case ArrowLayout.Dictionaries layout -> new Int(layout.width() * 8, layout.signed());
            case ArrowLayout.FloatingPoints layout -> new FloatingPoint(switch (layout.width()) {
                case 2 -> FloatingPointPrecision.HALF;
                case 4 -> FloatingPointPrecision.SINGLE;
                default -> FloatingPointPrecision.DOUBLE;
            });
            case ArrowLayout.Decimals layout -> {
                io.trino.spi.type.DecimalType decimal = (io.trino.spi.type.DecimalType) type.trinoType();
                yield new Decimal(decimal.getPrecision(), decimal.getScale(), layout.width() * 8);
            }
            case ArrowLayout.Binaries layout -> new FixedSizeBinary(layout.width());
            case ArrowLayout.Dates layout -> new Date(layout.width() == 4 ? DateUnit.DAY : DateUnit.MILLISECOND);
            case ArrowLayout.Times layout -> new Time(unit(layout.digits()), layout.width() * 8);
            case ArrowLayout.Timestamps layout -> new Timestamp(unit(layout.digits()), layout.zone().map(Object::toString).orElse(null));
            case ArrowLayout.Texts layout when layout.offsetWidth() == 4 -> text ? new Utf8() : new Binary();
            case ArrowLayout.Texts _ -> text ? new LargeUtf8() : new LargeBinary();
            case ArrowLayout.Views _ -> text ? new Utf8View() : new BinaryView();
            case ArrowLayout.Lists layout when layout.offsetWidth() == 4 -> new org.apache.arrow.vector.types.pojo.ArrowType.List();
            case ArrowLayout.Lists _ -> new LargeList();
            case ArrowLayout.FixedSizeLists layout -> new FixedSizeList(layout.size());
            case ArrowLayout.Maps _ -> new Map(false);
            case ArrowLayout.Structs _ -> new Struct();
        };
    }

    private static TimeUnit unit(int digits)
    {
        return switch (digits) {
            case 0 -> TimeUnit.SECOND;
            case 3 -> TimeUnit.MILLISECOND;
            case 6 -> TimeUnit.MICROSECOND;
            default -> TimeUnit.NANOSECOND;
        };
    }

    private static int digits(TimeUnit unit)
    {
        return switch (unit) {
            case SECOND -> 0;
            case MILLISECOND -> 3;
            case MICROSECOND -> 6;
            case NANOSECOND -> 9;
        };
    }

    /**
     * A vector of random values, of which about a fifth are NULL on each level.
     */
    static VectorSchemaRoot random(BufferAllocator allocator, ArrowType type, Random random, int rows)
    {
        VectorSchemaRoot root = VectorSchemaRoot.create(new Schema(ImmutableList.of(field("column", type))), allocator);
        root.allocateNew();
        FieldVector vector = root.getVector(0);
        for (int row = 0; row < rows; row++) {
            setRandom(vector, row, random, type);
        }
        root.setRowCount(rows);
        return root;
    }

    private static void setRandom(FieldVector vector, int row, Random random, ArrowType type)
    {
        while (capacity(vector) <= row) {
            vector.reAlloc();
        }
        if (vector instanceof NullVector || (vector.getField().isNullable() && random.nextInt(5) == 0)) {
            vector.setNull(row);
            return;
        }
        switch (vector) {
            case BitVector bits -> bits.setSafe(row, random.nextInt(2));
            case TinyIntVector ints -> ints.setSafe(row, (byte) random.nextInt());
            case SmallIntVector ints -> ints.setSafe(row, (short) random.nextInt());
            case IntVector ints -> ints.setSafe(row, (int) randomLong(random));
            case BigIntVector ints -> ints.setSafe(row, randomLong(random));
            case UInt1Vector ints -> ints.setSafe(row, (byte) random.nextInt());
            case UInt2Vector ints -> ints.setSafe(row, (char) random.nextInt());
            case UInt4Vector ints -> ints.setSafe(row, (int) randomLong(random));
            case UInt8Vector ints -> ints.setSafe(row, randomLong(random));
            case Float2Vector floats -> floats.setSafe(row, (short) random.nextInt());
            case Float4Vector floats -> floats.setSafe(row, Float.intBitsToFloat((int) randomLong(random)));
            case Float8Vector floats -> floats.setSafe(row, Double.longBitsToDouble(randomLong(random)));
            case DecimalVector decimals -> decimals.setSafe(row, randomDecimal(random, decimals.getPrecision(), decimals.getScale()));
            case Decimal256Vector decimals -> decimals.setSafe(row, randomDecimal(random, decimals.getPrecision(), decimals.getScale()));
            case VarCharVector texts -> texts.setSafe(row, randomText(random));
            case LargeVarCharVector texts -> texts.setSafe(row, randomText(random));
            case ViewVarCharVector texts -> texts.setSafe(row, randomText(random));
            case VarBinaryVector texts -> texts.setSafe(row, randomText(random));
            case LargeVarBinaryVector texts -> texts.setSafe(row, randomText(random));
            case ViewVarBinaryVector texts -> texts.setSafe(row, randomText(random));
            case FixedSizeBinaryVector binaries -> {
                byte[] value = new byte[binaries.getByteWidth()];
                random.nextBytes(value);
                binaries.setSafe(row, value);
            }
            case DateDayVector dates -> dates.setSafe(row, (int) randomLong(random));
            case DateMilliVector dates -> dates.setSafe(row, (int) randomLong(random) * 86_400_000L);
            case TimeSecVector times -> times.setSafe(row, random.nextInt(86_400));
            case TimeMilliVector times -> times.setSafe(row, random.nextInt(86_400_000));
            case TimeMicroVector times -> times.setSafe(row, random.nextLong(86_400_000_000L));
            case TimeNanoVector times -> times.setSafe(row, random.nextLong(86_400_000_000_000L));
            case TimeStampVector timestamps -> {
                ArrowLayout.Timestamps layout = (ArrowLayout.Timestamps) type.layout();
                long limit = layout.digits() == 6 ? 2_000_000_000_000_000_000L : 1_000_000_000_000L;
                // others reach beyond what Trino's types hold
                boolean any = layout.digits() == 9 || (layout.digits() == 6 && layout.zone().isEmpty());
                timestamps.setSafe(row, any ? randomLong(random) : random.nextLong(-limit, limit));
            }
            case MapVector maps -> {
                int start = maps.startNewValue(row);
                int size = random.nextInt(4);
                for (int i = 0; i < size; i++) {
                    setRandom(maps.getDataVector(), start + i, random, type.children().getFirst());
                }
                maps.endValue(row, size);
            }
            case ListVector lists -> {
                int start = lists.startNewValue(row);
                int size = random.nextInt(4);
                for (int i = 0; i < size; i++) {
                    setRandom(lists.getDataVector(), start + i, random, type.children().getFirst());
                }
                lists.endValue(row, size);
            }
            case LargeListVector lists -> {
                int start = (int) lists.startNewValue(row);
                int size = random.nextInt(4);
                for (int i = 0; i < size; i++) {
                    setRandom(lists.getDataVector(), start + i, random, type.children().getFirst());
                }
                lists.endValue(row, size);
            }
            case FixedSizeListVector lists -> {
                int start = lists.startNewValue(row);
                for (int i = 0; i < lists.getListSize(); i++) {
                    setRandom(lists.getDataVector(), start + i, random, type.children().getFirst());
                }
            }
            case StructVector structs -> {
                structs.setIndexDefined(row);
                for (int i = 0; i < structs.size(); i++) {
                    setRandom(structs.getChildrenFromFields().get(i), row, random, type.children().get(i));
                }
            }
            default -> throw new IllegalArgumentException("no values for " + vector.getField());
        }
    }

    private static long capacity(FieldVector vector)
    {
        return switch (vector) {
            case NullVector _ -> Long.MAX_VALUE;
            // its own would be none if it had a child that is NULL only
            case StructVector structs -> structs.getValidityBuffer().capacity() * 8;
            default -> vector.getValueCapacity();
        };
    }

    private static long randomLong(Random random)
    {
        return switch (random.nextInt(6)) {
            case 0 -> 0;
            case 1 -> Long.MIN_VALUE;
            case 2 -> Long.MAX_VALUE;
            case 3 -> random.nextInt(100) - 50;
            default -> random.nextLong();
        };
    }

    private static BigDecimal randomDecimal(Random random, int precision, int scale)
    {
        BigInteger limit = BigInteger.TEN.pow(precision);
        BigInteger magnitude = switch (random.nextInt(4)) {
            case 0 -> BigInteger.ZERO;
            case 1 -> limit.subtract(BigInteger.ONE);
            default -> new BigInteger(130, random).mod(limit);
        };
        return new BigDecimal(random.nextBoolean() ? magnitude : magnitude.negate(), scale);
    }

    private static byte[] randomText(Random random)
    {
        return TEXTS[random.nextInt(TEXTS.length)].getBytes(UTF_8);
    }

    /**
     * A value as Arrow's library reads it, in the form of {@link TestingBlocks#value}.
     */
    static Object value(FieldVector vector, int row)
    {
        if (vector instanceof NullVector || vector.isNull(row)) {
            return null;
        }
        return switch (vector) {
            case UInt1Vector ints -> (long) ints.getObjectNoOverflow(row);
            case UInt2Vector ints -> (long) ints.get(row);
            case UInt4Vector ints -> ints.getObjectNoOverflow(row);
            case UInt8Vector ints -> new BigDecimal(ints.getObjectNoOverflow(row));
            case Float2Vector floats -> floats.getValueAsFloat(row);
            case DateDayVector dates -> (long) dates.get(row);
            case DateMilliVector dates -> dates.get(row) / 86_400_000;
            case TimeSecVector times -> times.get(row) * 1_000_000_000_000L;
            case TimeMilliVector times -> times.get(row) * 1_000_000_000L;
            case TimeMicroVector times -> times.get(row) * 1_000_000L;
            case TimeNanoVector times -> times.get(row) * 1_000L;
            case TimeStampVector timestamps -> {
                Timestamp type = (Timestamp) timestamps.getField().getType();
                BigDecimal seconds = BigDecimal.valueOf(timestamps.get(row), digits(type.getUnit())).setScale(12);
                yield type.getTimezone() == null ? seconds : ImmutableList.of(seconds, type.getTimezone());
            }
            case MapVector maps -> elements(maps.getDataVector(), maps.getElementStartIndex(row), maps.getElementEndIndex(row));
            case ListVector lists -> elements(lists.getDataVector(), lists.getElementStartIndex(row), lists.getElementEndIndex(row));
            case LargeListVector lists -> elements(lists.getDataVector(), (int) lists.getElementStartIndex(row), (int) lists.getElementEndIndex(row));
            case FixedSizeListVector lists -> elements(lists.getDataVector(), lists.getElementStartIndex(row), lists.getElementEndIndex(row));
            case StructVector structs -> {
                List<Object> values = new ArrayList<>();
                structs.getChildrenFromFields().forEach(child -> values.add(value(child, row)));
                yield values;
            }
            default -> switch (vector.getObject(row)) {
                case Byte number -> (long) number;
                case Short number -> (long) number;
                case Integer number -> (long) number;
                case byte[] bytes -> BaseEncoding.base16().encode(bytes);
                case org.apache.arrow.vector.util.Text text -> text.toString();
                case Object object -> object;
            };
        };
    }

    private static List<Object> elements(FieldVector vector, int start, int end)
    {
        List<Object> values = new ArrayList<>();
        for (int i = start; i < end; i++) {
            values.add(value(vector, i));
        }
        return values;
    }

    /**
     * A column's rows and buffers, which {@link ArrowColumn#of} takes.
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Columns(ArrowType type, long[] lengths, long[] offsets, int[] bufferCounts, long[] addresses, long[] sizes)
    {
        ArrowColumn column()
        {
            return ArrowColumn.allOf(List.of(type), description()).getFirst();
        }

        /**
         * As {@link ArrowColumn#allOf} has it.
         */
        long[] description()
        {
            LongStream.Builder words = LongStream.builder();
            int buffer = 0;
            for (int column = 0; column < lengths.length; column++) {
                words.add(lengths[column]).add(offsets[column]).add(bufferCounts[column]);
                int end = Math.min(buffer + Math.max(bufferCounts[column], 0), addresses.length);
                for (; buffer < end; buffer++) {
                    words.add(addresses[buffer]).add(sizes[buffer]);
                }
            }
            return words.build().toArray();
        }
    }

    /**
     * The buffers of vectors, whose columns together are those of the type; they are valid as long as the vectors are.
     */
    static Columns columns(ArrowType type, VectorSchemaRoot... roots)
    {
        List<Long> lengths = new ArrayList<>();
        List<Long> addresses = new ArrayList<>();
        List<Long> sizes = new ArrayList<>();
        List<Long> variadic = new ArrayList<>();
        for (VectorSchemaRoot root : roots) {
            try (ArrowRecordBatch batch = new VectorUnloader(root).getRecordBatch()) {
                batch.getNodes().forEach(node -> lengths.add((long) node.getLength()));
                for (ArrowBuf buffer : batch.getBuffers()) {
                    addresses.add(buffer.memoryAddress());
                    sizes.add(buffer.readableBytes());
                }
                variadic.addAll(batch.getVariadicBufferCounts());
            }
        }
        List<Integer> counts = new ArrayList<>();
        addBufferCounts(type, counts, variadic);
        return new Columns(
                type,
                lengths.stream().mapToLong(Long::longValue).toArray(),
                new long[lengths.size()],
                counts.stream().mapToInt(Integer::intValue).toArray(),
                addresses.stream().mapToLong(Long::longValue).toArray(),
                sizes.stream().mapToLong(Long::longValue).toArray());
    }

    private static void addBufferCounts(ArrowType type, List<Integer> counts, List<Long> variadic)
    {
        int further = type.layout() instanceof ArrowLayout.Views ? variadic.removeFirst().intValue() : 0;
        counts.add(type.layout().buffers().size() + further);
        type.children().forEach(child -> addBufferCounts(child, counts, variadic));
    }

    /**
     * The vector that Arrow's library makes of a column that was built.
     */
    static VectorSchemaRoot load(BufferAllocator allocator, ArrowResult result)
    {
        VectorSchemaRoot root = VectorSchemaRoot.create(new Schema(ImmutableList.of(field("column", ArrowType.parse(result.format())))), allocator);
        List<ArrowFieldNode> nodes = new ArrayList<>();
        List<ArrowBuf> buffers = new ArrayList<>();
        addNodes(allocator, result, nodes, buffers);
        try (ArrowRecordBatch batch = new ArrowRecordBatch((int) result.length(), nodes, buffers)) {
            new VectorLoader(root).load(batch);
        }
        buffers.forEach(ArrowBuf::close);
        return root;
    }

    private static void addNodes(BufferAllocator allocator, ArrowResult result, List<ArrowFieldNode> nodes, List<ArrowBuf> buffers)
    {
        nodes.add(new ArrowFieldNode(result.length(), result.nullCount()));
        for (ByteBuffer buffer : result.buffers()) {
            if (buffer == null) {
                buffers.add(allocator.buffer(0));
                continue;
            }
            ArrowBuf copy = allocator.buffer(buffer.remaining());
            copy.setBytes(0, buffer.duplicate());
            copy.writerIndex(buffer.remaining());
            buffers.add(copy);
        }
        result.children().forEach(child -> addNodes(allocator, child, nodes, buffers));
    }
}
