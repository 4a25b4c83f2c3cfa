package io.nostro.trino.flight;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.nostro.trino.flight.ArrowFlightRecordBatch.MalformedDataException;
import io.nostro.trino.flight.ArrowFlightTypes.UnsupportedTypeException;
import io.trino.spi.Page;
import io.trino.spi.block.Block;
import io.trino.spi.block.DictionaryBlock;
import io.trino.spi.type.ArrayType;
import io.trino.spi.type.MapType;
import io.trino.spi.type.RowType;
import io.trino.spi.type.SqlDate;
import io.trino.spi.type.SqlDecimal;
import io.trino.spi.type.SqlTime;
import io.trino.spi.type.SqlTimestamp;
import io.trino.spi.type.SqlTimestampWithTimeZone;
import io.trino.spi.type.SqlVarbinary;
import io.trino.spi.type.TimeZoneKey;
import io.trino.spi.type.Type;
import org.apache.arrow.flight.impl.Flight;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.compression.NoCompressionCodec;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryEncoder;
import org.apache.arrow.vector.dictionary.DictionaryProvider.MapDictionaryProvider;
import org.apache.arrow.vector.ipc.WriteChannel;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.DateUnit;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.IntervalUnit;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import static io.trino.spi.type.BigintType.BIGINT;
import static io.trino.spi.type.BooleanType.BOOLEAN;
import static io.trino.spi.type.CharType.createCharType;
import static io.trino.spi.type.DateType.DATE;
import static io.trino.spi.type.DecimalType.createDecimalType;
import static io.trino.spi.type.DoubleType.DOUBLE;
import static io.trino.spi.type.IntegerType.INTEGER;
import static io.trino.spi.type.RealType.REAL;
import static io.trino.spi.type.SmallintType.SMALLINT;
import static io.trino.spi.type.TimeType.createTimeType;
import static io.trino.spi.type.TimeZoneKey.UTC_KEY;
import static io.trino.spi.type.TimestampType.createTimestampType;
import static io.trino.spi.type.TimestampWithTimeZoneType.createTimestampWithTimeZoneType;
import static io.trino.spi.type.TinyintType.TINYINT;
import static io.trino.spi.type.UuidType.UUID;
import static io.trino.spi.type.VarbinaryType.VARBINARY;
import static io.trino.spi.type.VarcharType.VARCHAR;
import static io.trino.spi.type.VarcharType.createVarcharType;
import static io.trino.testing.TestingConnectorSession.SESSION;
import static io.trino.type.InternalTypeManager.TESTING_TYPE_MANAGER;
import static io.trino.type.JsonType.JSON;
import static io.trino.type.UnknownType.UNKNOWN;
import static org.apache.arrow.vector.types.pojo.FieldType.nullable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.TestInstance.Lifecycle.PER_CLASS;
import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Compares what the reader makes of messages with the values that Arrow's own library wrote into them.
 */
@TestInstance(PER_CLASS)
final class TestArrowFlightBatchReader
{
    private static final TimeZoneKey BERLIN = TimeZoneKey.getTimeZoneKey("Europe/Berlin");
    private static final ArrowFlightTypes TYPES = new ArrowFlightTypes(TESTING_TYPE_MANAGER);

    private final BufferAllocator allocator = new RootAllocator();

    @AfterAll
    void close()
    {
        allocator.close();
    }

    /**
     * A type on both sides.
     *
     * @param next a random value for the vector, never NULL
     * @param expected what Trino shows for such a value
     */
    private record Kind(Field field, Type type, Function<Random, Object> next, Function<Object, Object> expected) {}

    private static List<Kind> kinds()
    {
        List<Kind> kinds = new ArrayList<>(leafKinds());
        List<Kind> leaves = leafKinds();
        for (Kind leaf : List.of(find(leaves, "utf8"), find(leaves, "decimal128_20"), find(leaves, "bool"), find(leaves, "timestamp_us_tz"))) {
            kinds.add(listOf(leaf, new ArrowType.List(), 5));
            kinds.add(listOf(leaf, new ArrowType.LargeList(), 3));
            kinds.add(listOf(leaf, new ArrowType.FixedSizeList(3), -3));
            kinds.add(mapOf(leaf));
        }
        Kind struct = structOf(List.of(find(leaves, "int64"), find(leaves, "utf8"), listOf(find(leaves, "int16"), new ArrowType.List(), 3)));
        kinds.add(struct);
        kinds.add(structOf(List.of(struct, mapOf(struct))));
        kinds.add(listOf(listOf(struct, new ArrowType.List(), 3), new ArrowType.List(), 3));
        return kinds;
    }

    private static Kind find(List<Kind> kinds, String name)
    {
        return kinds.stream().filter(kind -> kind.field().getName().equals(name)).findFirst().orElseThrow();
    }

    private static List<Kind> leafKinds()
    {
        ImmutableList.Builder<Kind> kinds = ImmutableList.builder();
        kinds.add(leaf("bool", new ArrowType.Bool(), BOOLEAN, Random::nextBoolean, value -> value));
        kinds.add(leaf("int8", new ArrowType.Int(8, true), TINYINT, random -> (byte) random.nextInt(), value -> value));
        kinds.add(leaf("int16", new ArrowType.Int(16, true), SMALLINT, random -> (short) random.nextInt(), value -> value));
        kinds.add(leaf("int32", new ArrowType.Int(32, true), INTEGER, Random::nextInt, value -> value));
        kinds.add(leaf("int64", new ArrowType.Int(64, true), BIGINT, Random::nextLong, value -> value));
        kinds.add(leaf("uint8", new ArrowType.Int(8, false), SMALLINT, random -> random.nextInt(256), value -> ((Number) value).shortValue()));
        kinds.add(leaf("uint16", new ArrowType.Int(16, false), INTEGER, random -> random.nextInt(65536), value -> value));
        kinds.add(leaf("uint32", new ArrowType.Int(32, false), BIGINT, Random::nextInt, value -> Integer.toUnsignedLong((int) value)));
        kinds.add(leaf("uint64", new ArrowType.Int(64, false), createDecimalType(20, 0), Random::nextLong, value -> new SqlDecimal(new BigInteger(Long.toUnsignedString((long) value)), 20, 0)));
        kinds.add(leaf("float16", new ArrowType.FloatingPoint(FloatingPointPrecision.HALF), REAL, random -> random.nextInt(2048) / 16f, value -> value));
        kinds.add(leaf("float32", new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE), REAL, random -> pick(random, Float.NaN, -0f, Float.NEGATIVE_INFINITY, random.nextFloat()), value -> value));
        kinds.add(leaf("float64", new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE), DOUBLE, random -> pick(random, Double.NaN, -0d, Double.MIN_VALUE, random.nextGaussian()), value -> value));
        for (int[] decimal : new int[][] {{1, 0, 128}, {18, 2, 128}, {18, 18, 128}, {20, 4, 128}, {38, 0, 128}, {38, 38, 128}, {18, 3, 256}, {38, 10, 256}}) {
            int precision = decimal[0];
            int scale = decimal[1];
            kinds.add(leaf(
                    "decimal%s_%s%s".formatted(decimal[2], precision, scale == 4 ? "" : "_" + scale),
                    new ArrowType.Decimal(precision, scale, decimal[2]),
                    createDecimalType(precision, scale),
                    random -> new BigDecimal(randomUnscaled(random, precision), scale),
                    value -> new SqlDecimal(((BigDecimal) value).unscaledValue(), precision, scale)));
        }
        kinds.add(leaf("utf8", new ArrowType.Utf8(), VARCHAR, TestArrowFlightBatchReader::randomText, value -> value));
        kinds.add(leaf("large_utf8", new ArrowType.LargeUtf8(), VARCHAR, TestArrowFlightBatchReader::randomText, value -> value));
        kinds.add(leaf("utf8_view", new ArrowType.Utf8View(), VARCHAR, TestArrowFlightBatchReader::randomText, value -> value));
        kinds.add(declared("varchar", new ArrowType.Utf8(), "varchar(40)", createVarcharType(40), TestArrowFlightBatchReader::randomText, value -> value));
        kinds.add(declared("char", new ArrowType.Utf8(), "char(40)", createCharType(40), TestArrowFlightBatchReader::randomText, value -> padded(((String) value).replaceAll(" +$", ""), 40)));
        kinds.add(declared("json", new ArrowType.Utf8(), "json", JSON, random -> "{\"b\" : %s, \"a\":[ null ] }".formatted(random.nextInt()), value -> {
            String number = ((String) value).replaceAll("^.*: (-?\\d+),.*$", "$1");
            return "{\"a\":[null],\"b\":%s}".formatted(number);
        }));
        kinds.add(leaf("binary", new ArrowType.Binary(), VARBINARY, random -> randomText(random).getBytes(UTF_8), value -> new SqlVarbinary((byte[]) value)));
        kinds.add(leaf("large_binary", new ArrowType.LargeBinary(), VARBINARY, random -> randomText(random).getBytes(UTF_8), value -> new SqlVarbinary((byte[]) value)));
        kinds.add(leaf("binary_view", new ArrowType.BinaryView(), VARBINARY, random -> randomText(random).getBytes(UTF_8), value -> new SqlVarbinary((byte[]) value)));
        kinds.add(leaf("fixed_size_binary", new ArrowType.FixedSizeBinary(5), VARBINARY, random -> randomBytes(random, 5), value -> new SqlVarbinary((byte[]) value)));
        kinds.add(declared("uuid", new ArrowType.FixedSizeBinary(16), "uuid", UUID, random -> randomBytes(random, 16), value -> {
            ByteBuffer buffer = ByteBuffer.wrap((byte[]) value);
            return new UUID(buffer.getLong(), buffer.getLong()).toString();
        }));
        kinds.add(leaf("date32", new ArrowType.Date(DateUnit.DAY), DATE, random -> random.nextInt(-800_000, 3_000_000), value -> new SqlDate((int) value)));
        kinds.add(leaf("date64", new ArrowType.Date(DateUnit.MILLISECOND), DATE, random -> random.nextLong(-800_000, 3_000_000) * 86_400_000L, value -> new SqlDate((int) ((long) value / 86_400_000L))));
        Map<TimeUnit, String> suffixes = ImmutableMap.of(TimeUnit.SECOND, "s", TimeUnit.MILLISECOND, "ms", TimeUnit.MICROSECOND, "us", TimeUnit.NANOSECOND, "ns");
        Map<TimeUnit, Integer> precisions = ImmutableMap.of(TimeUnit.SECOND, 0, TimeUnit.MILLISECOND, 3, TimeUnit.MICROSECOND, 6, TimeUnit.NANOSECOND, 9);
        for (TimeUnit unit : TimeUnit.values()) {
            int precision = precisions.get(unit);
            long perSecond = BigInteger.TEN.pow(precision).longValueExact();
            long picoseconds = BigInteger.TEN.pow(12 - precision).longValueExact();
            String suffix = suffixes.get(unit);
            kinds.add(leaf("time_" + suffix, new ArrowType.Time(unit, precision <= 3 ? 32 : 64), createTimeType(precision),
                    random -> random.nextLong(86_400 * perSecond),
                    value -> SqlTime.newInstance(precision, (long) value * picoseconds)));
            kinds.add(leaf("timestamp_" + suffix, new ArrowType.Timestamp(unit, null), createTimestampType(precision),
                    random -> randomSeconds(random) * perSecond + random.nextLong(perSecond),
                    value -> timestamp((long) value, perSecond, precision)));
            kinds.add(leaf("timestamp_" + suffix + "_tz", new ArrowType.Timestamp(unit, "Europe/Berlin"), createTimestampWithTimeZoneType(precision),
                    random -> randomSeconds(random) * perSecond + random.nextLong(perSecond),
                    value -> timestampWithTimeZone((long) value, perSecond, precision)));
        }
        kinds.add(declared("timestamp_declared", new ArrowType.Timestamp(TimeUnit.MICROSECOND, null), "timestamp(3)", createTimestampType(3),
                random -> randomSeconds(random) * 1_000_000 + random.nextLong(1000) * 1000,
                value -> timestamp((long) value, 1_000_000, 3)));
        kinds.add(declared("timestamp_widened", new ArrowType.Timestamp(TimeUnit.SECOND, null), "timestamp(9)", createTimestampType(9),
                TestArrowFlightBatchReader::randomSeconds,
                value -> timestamp((long) value, 1, 9)));
        kinds.add(declared("timestamp_tz_declared", new ArrowType.Timestamp(TimeUnit.NANOSECOND, "Europe/Berlin"), "timestamp(0) with time zone", createTimestampWithTimeZoneType(0),
                random -> randomSeconds(random) * 1_000_000_000,
                value -> timestampWithTimeZone((long) value, 1_000_000_000, 0)));
        kinds.add(leaf("null", new ArrowType.Null(), UNKNOWN, _ -> null, value -> value));
        return kinds.build();
    }

    private static Kind leaf(String name, ArrowType arrowType, Type type, Function<Random, Object> next, Function<Object, Object> expected)
    {
        return new Kind(new Field(name, nullable(arrowType), null), type, next, expected);
    }

    private static Kind declared(String name, ArrowType arrowType, String declaration, Type type, Function<Random, Object> next, Function<Object, Object> expected)
    {
        return new Kind(new Field(name, new FieldType(true, arrowType, null, ImmutableMap.of("nostro.type", declaration)), null), type, next, expected);
    }

    /**
     * Lists of random length, of a fixed one when {@code length} is negative.
     */
    private static Kind listOf(Kind element, ArrowType arrowType, int length)
    {
        Field field = new Field("list of " + element.field().getName(), nullable(arrowType), List.of(element.field()));
        return new Kind(
                field,
                new ArrayType(element.type()),
                random -> {
                    List<Object> values = new ArrayList<>();
                    int count = length < 0 ? -length : random.nextInt(length + 1);
                    for (int i = 0; i < count; i++) {
                        values.add(nextOrNull(element, random));
                    }
                    return values;
                },
                value -> {
                    List<Object> values = new ArrayList<>();
                    ((List<?>) value).forEach(item -> values.add(expected(element, item)));
                    return values;
                });
    }

    private static Kind mapOf(Kind valueKind)
    {
        Field entries = new Field("entries", FieldType.notNullable(new ArrowType.Struct()), List.of(
                new Field("key", FieldType.notNullable(new ArrowType.Utf8()), null),
                new Field("value", valueKind.field().getFieldType(), valueKind.field().getChildren())));
        return new Kind(
                new Field("map of " + valueKind.field().getName(), nullable(new ArrowType.Map(false)), List.of(entries)),
                new MapType(VARCHAR, valueKind.type(), TESTING_TYPE_MANAGER.getTypeOperators()),
                random -> {
                    Map<Object, Object> map = new LinkedHashMap<>();
                    int count = random.nextInt(4);
                    for (int i = 0; i < count; i++) {
                        map.put("key" + i + random.nextInt(), nextOrNull(valueKind, random));
                    }
                    return map;
                },
                value -> {
                    Map<Object, Object> map = new HashMap<>();
                    ((Map<?, ?>) value).forEach((key, item) -> map.put(key, expected(valueKind, item)));
                    return map;
                });
    }

    private static Kind structOf(List<Kind> fields)
    {
        return new Kind(
                new Field("struct of " + fields.stream().map(kind -> kind.field().getName()).toList(), nullable(new ArrowType.Struct()), fields.stream().map(Kind::field).toList()),
                RowType.from(fields.stream().map(kind -> RowType.field(kind.field().getName(), kind.type())).toList()),
                random -> {
                    List<Object> values = new ArrayList<>();
                    fields.forEach(field -> values.add(nextOrNull(field, random)));
                    return values;
                },
                value -> {
                    List<Object> values = new ArrayList<>();
                    for (int i = 0; i < fields.size(); i++) {
                        values.add(expected(fields.get(i), ((List<?>) value).get(i)));
                    }
                    return values;
                });
    }

    private static Object nextOrNull(Kind kind, Random random)
    {
        return random.nextInt(4) == 0 ? null : kind.next().apply(random);
    }

    private static Object expected(Kind kind, Object value)
    {
        return value == null ? null : kind.expected().apply(value);
    }

    private static Object pick(Random random, Object... values)
    {
        return values[random.nextInt(values.length)];
    }

    private static BigInteger randomUnscaled(Random random, int precision)
    {
        BigInteger limit = BigInteger.TEN.pow(precision);
        BigInteger value = switch (random.nextInt(4)) {
            case 0 -> limit.subtract(BigInteger.ONE);
            case 1 -> BigInteger.valueOf(random.nextInt(10));
            default -> new BigInteger(130, random).mod(limit);
        };
        return random.nextBoolean() ? value : value.negate();
    }

    private static String randomText(Random random)
    {
        StringBuilder text = new StringBuilder();
        int length = random.nextInt(30);
        for (int i = 0; i < length; i++) {
            text.appendCodePoint((int) pick(random, (int) 'a', (int) ' ', 0xE9, 0x20AC, 0x1F4B6, random.nextInt(32, 127)));
        }
        return text.toString();
    }

    private static byte[] randomBytes(Random random, int length)
    {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static long randomSeconds(Random random)
    {
        // nanoseconds since 1970 reach from 1677 to 2262
        return random.nextLong(-9_000_000_000L, 9_000_000_000L);
    }

    private static String padded(String text, int length)
    {
        return text + " ".repeat(length - text.codePointCount(0, text.length()));
    }

    private static SqlTimestamp timestamp(long value, long perSecond, int precision)
    {
        BigInteger picoseconds = BigInteger.valueOf(value).multiply(BigInteger.valueOf(1_000_000_000_000L / perSecond));
        BigInteger[] parts = floorDivide(picoseconds, 1_000_000);
        return SqlTimestamp.newInstance(precision, parts[0].longValueExact(), parts[1].intValueExact());
    }

    private static SqlTimestampWithTimeZone timestampWithTimeZone(long value, long perSecond, int precision)
    {
        BigInteger picoseconds = BigInteger.valueOf(value).multiply(BigInteger.valueOf(1_000_000_000_000L / perSecond));
        BigInteger[] parts = floorDivide(picoseconds, 1_000_000_000);
        return SqlTimestampWithTimeZone.newInstance(precision, parts[0].longValueExact(), parts[1].intValueExact(), BERLIN);
    }

    private static BigInteger[] floorDivide(BigInteger value, long divisor)
    {
        BigInteger quotient = new BigDecimal(value).divide(BigDecimal.valueOf(divisor), 0, RoundingMode.FLOOR).toBigIntegerExact();
        return new BigInteger[] {quotient, value.subtract(quotient.multiply(BigInteger.valueOf(divisor)))};
    }

    @Test
    void testEveryType()
    {
        for (Kind kind : kinds()) {
            for (int rows : new int[] {0, 1, 7, 8, 9, 300}) {
                for (boolean nulls : new boolean[] {false, true}) {
                    Random random = new Random(kind.field().getName().hashCode() * 31L + rows);
                    List<Object> values = new ArrayList<>();
                    for (int i = 0; i < rows; i++) {
                        values.add(nulls ? nextOrNull(kind, random) : kind.next().apply(random));
                    }
                    List<List<Object>> table = values.stream().map(Collections::singletonList).toList();
                    assertRows(List.of(kind), table);
                }
            }
        }
    }

    @Test
    void testAllColumnsTogether()
    {
        List<Kind> kinds = kinds();
        Random random = new Random(20250502);
        List<List<Object>> rows = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            List<Object> row = new ArrayList<>();
            kinds.forEach(kind -> row.add(nextOrNull(kind, random)));
            rows.add(row);
        }
        assertRows(kinds, rows);
    }

    private void assertRows(List<Kind> kinds, List<List<Object>> rows)
    {
        List<Field> fields = new ArrayList<>();
        List<ArrowFlightColumnHandle> columns = new ArrayList<>();
        for (int i = 0; i < kinds.size(); i++) {
            Kind kind = kinds.get(i);
            fields.add(new Field("c" + i, kind.field().getFieldType(), kind.field().getChildren()));
            columns.add(new ArrowFlightColumnHandle("c" + i, kind.type(), true, true, Optional.empty(), false));
        }
        List<Flight.FlightData> messages = TestingArrow.encode(allocator, new Schema(fields), rows);
        Page page = read(columns, messages).getFirst();
        assertThat(page.getPositionCount()).isEqualTo(rows.size());
        for (int channel = 0; channel < kinds.size(); channel++) {
            Kind kind = kinds.get(channel);
            for (int row = 0; row < rows.size(); row++) {
                Object actual = kind.type().getObjectValue(SESSION, page.getBlock(channel), row);
                assertThat(actual).as("%s, row %s of %s", kind.field(), row, rows.size()).isEqualTo(expected(kind, rows.get(row).get(channel)));
            }
        }
        assertWritten(kinds, page);
    }

    /**
     * What was read is written, in parts and in other forms of blocks, and read again.
     */
    private static void assertWritten(List<Kind> kinds, Page page)
    {
        List<Integer> channels = new ArrayList<>();
        for (int channel = 0; channel < kinds.size(); channel++) {
            if (!kinds.get(channel).type().equals(UNKNOWN)) {
                channels.add(channel);
            }
        }
        Page columns = page.getColumns(channels.stream().mapToInt(channel -> channel).toArray());
        List<ArrowFlightWriteColumn> written = channels.stream()
                .map(channel -> new ArrowFlightWriteColumn("c" + channel, kinds.get(channel).type(), true))
                .toList();
        List<ArrowFlightColumnHandle> handles = written.stream()
                .map(column -> new ArrowFlightColumnHandle(column.name(), column.type(), true, true, Optional.empty(), false))
                .toList();
        ArrowFlightBatchEncoder encoder = new ArrowFlightBatchEncoder(written);
        ArrowFlightBatchReader reader = new ArrowFlightBatchReader(TYPES, handles);
        assertThat(reader.read(ArrowFlightMessage.allocate(ArrowFlightSchemaEncoder.message(written), 0))).isEmpty();
        // the second batch is of an encoder that was used before
        for (int batch = 0; batch < 2; batch++) {
            int half = columns.getPositionCount() / 2;
            encoder.append(columns.getRegion(0, half));
            encoder.append(asDictionaries(columns.getRegion(half, columns.getPositionCount() - half)));
            Page read = reader.read(roundTrip(encoder.takeBatch())).orElseThrow();
            assertThat(read.getPositionCount()).isEqualTo(columns.getPositionCount());
            for (int i = 0; i < written.size(); i++) {
                for (int row = 0; row < read.getPositionCount(); row++) {
                    Type type = written.get(i).type();
                    assertThat(inUtc(type.getObjectValue(SESSION, read.getBlock(i), row)))
                            .as("%s, row %s of %s", kinds.get(channels.get(i)).field(), row, read.getPositionCount())
                            .isEqualTo(inUtc(type.getObjectValue(SESSION, columns.getBlock(i), row)));
                }
            }
        }
        assertThat(encoder.rows()).isEqualTo(2L * columns.getPositionCount());
    }

    private static ArrowFlightMessage roundTrip(ArrowFlightMessage message)
    {
        return parse(message.bytes());
    }

    private static Page asDictionaries(Page page)
    {
        int[] reversed = IntStream.range(0, page.getPositionCount()).map(i -> page.getPositionCount() - 1 - i).toArray();
        Block[] blocks = new Block[page.getChannelCount()];
        for (int i = 0; i < blocks.length; i++) {
            Block block = page.getBlock(i).copyPositions(reversed, 0, reversed.length);
            blocks[i] = DictionaryBlock.create(reversed.length, block, reversed);
        }
        return new Page(page.getPositionCount(), blocks);
    }

    /**
     * What is written is the instant.
     */
    private static Object inUtc(Object value)
    {
        return switch (value) {
            case SqlTimestampWithTimeZone timestamp -> SqlTimestampWithTimeZone.newInstance(timestamp.getPrecision(), timestamp.getEpochMillis(), timestamp.getPicosOfMilli(), UTC_KEY);
            case List<?> list -> list.stream().map(TestArrowFlightBatchReader::inUtc).collect(Collectors.toCollection(ArrayList::new));
            case Map<?, ?> map -> map.entrySet().stream().collect(HashMap::new, (result, entry) -> result.put(inUtc(entry.getKey()), inUtc(entry.getValue())), HashMap::putAll);
            case null, default -> value;
        };
    }

    private static List<Page> read(List<ArrowFlightColumnHandle> columns, List<Flight.FlightData> messages)
    {
        ArrowFlightBatchReader reader = new ArrowFlightBatchReader(TYPES, columns);
        ImmutableList.Builder<Page> pages = ImmutableList.builder();
        for (Flight.FlightData message : messages) {
            reader.read(parse(message.toByteArray())).ifPresent(pages::add);
        }
        return pages.build();
    }

    private static ArrowFlightMessage parse(byte[] bytes)
    {
        try {
            return ArrowFlightMessage.parse(bytes);
        }
        catch (IOException e) {
            throw new MalformedDataException(e.getMessage());
        }
    }

    private static List<ArrowFlightColumnHandle> column(Type type)
    {
        return List.of(new ArrowFlightColumnHandle("c", type, true, true, Optional.empty(), false));
    }

    private static Field field(ArrowType type)
    {
        return new Field("c", nullable(type), null);
    }

    @Test
    void testBatchWithoutColumns()
    {
        try (VectorSchemaRoot root = new VectorSchemaRoot(new Schema(List.of()), List.of(), 123_456_789)) {
            Page page = read(List.of(), TestingArrow.encode(root, new MapDictionaryProvider())).getFirst();
            assertThat(page.getPositionCount()).isEqualTo(123_456_789);
            assertThat(page.getChannelCount()).isZero();
        }
    }

    @Test
    void testOffsetsThatStartLater()
            throws Exception
    {
        List<List<Object>> rows = List.of(List.of("skipped"), List.of("a"), List.of(""), List.of("ccc"));
        try (VectorSchemaRoot root = VectorSchemaRoot.create(new Schema(List.of(field(new ArrowType.Utf8()))), allocator)) {
            TestingArrow.fill(root, rows);
            VarCharVector vector = (VarCharVector) root.getVector(0);
            List<Flight.FlightData> messages = TestingArrow.encode(root, new MapDictionaryProvider());
            try (ArrowBuf noValidity = allocator.getEmpty();
                    ArrowRecordBatch batch = new ArrowRecordBatch(
                            3,
                            List.of(new ArrowFieldNode(3, 0)),
                            List.of(noValidity, vector.getOffsetBuffer().slice(4, 16), vector.getDataBuffer().slice(0, 11)),
                            NoCompressionCodec.DEFAULT_BODY_COMPRESSION,
                            true)) {
                Page page = read(column(VARCHAR), List.of(messages.getFirst(), message(batch))).getFirst();
                assertThat(values(VARCHAR, page.getBlock(0))).containsExactly("a", "", "ccc");
            }
        }
    }

    @Test
    void testDictionary()
    {
        DictionaryEncoding encoding = new DictionaryEncoding(7, false, new ArrowType.Int(8, true));
        try (VarCharVector values = new VarCharVector("values", allocator);
                VarCharVector plain = new VarCharVector("c", allocator)) {
            List<String> names = List.of("deposit", "withdrawal", "trade");
            for (int i = 0; i < names.size(); i++) {
                TestingArrow.set(values, i, names.get(i));
            }
            values.setValueCount(names.size());
            List<Object> expected = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                Object value = i % 5 == 0 ? null : names.get(i % names.size());
                expected.add(value);
                TestingArrow.set(plain, i, value);
            }
            plain.setValueCount(100);
            Dictionary dictionary = new Dictionary(values, encoding);
            MapDictionaryProvider provider = new MapDictionaryProvider(dictionary);
            try (FieldVector encoded = (FieldVector) DictionaryEncoder.encode(plain, dictionary);
                    VectorSchemaRoot root = new VectorSchemaRoot(List.of(encoded.getField()), List.of(encoded), 100)) {
                Page page = read(column(VARCHAR), TestingArrow.encode(root, provider)).getFirst();
                assertThat(page.getBlock(0)).isInstanceOf(DictionaryBlock.class);
                assertThat(values(VARCHAR, page.getBlock(0))).isEqualTo(expected);
            }
        }
    }

    @Test
    void testUnsupportedTypes()
    {
        assertUnsupported(field(new ArrowType.Interval(IntervalUnit.MONTH_DAY_NANO)), "Arrow type Interval has no Trino type");
        assertUnsupported(field(new ArrowType.Duration(TimeUnit.SECOND)), "Arrow type Duration has no Trino type");
        assertUnsupported(field(new ArrowType.Decimal(50, 2, 256)), "decimal(50, 2) of 256 bits");
        assertUnsupported(field(new ArrowType.Decimal(10, -2, 128)), "decimal(10, -2) of 128 bits");
        assertUnsupported(field(new ArrowType.Timestamp(TimeUnit.SECOND, "Mars/Olympus")), "time zone 'Mars/Olympus' is not known to Trino");
        assertUnsupported(new Field("c", nullable(new ArrowType.Struct()), List.of()), "a struct without fields");
        assertUnsupported(new Field("c", nullable(new ArrowType.List()), List.of(field(new ArrowType.Duration(TimeUnit.SECOND)))), "Duration");
        assertUnsupported(new Field("c", new FieldType(true, new ArrowType.Int(32, true), null, ImmutableMap.of("nostro.type", "bigint")), null), "declared as bigint, which Arrow type Int cannot hold");
        assertUnsupported(new Field("c", new FieldType(true, new ArrowType.Utf8(), null, ImmutableMap.of("nostro.type", "money")), null), "declared as 'money', which is not a Trino type");
    }

    private static void assertUnsupported(Field field, String message)
    {
        org.apache.arrow.flatbuf.Schema schema = ArrowFlightSchemas.readEncapsulated(new Schema(List.of(field)).serializeAsMessage());
        assertThatThrownBy(() -> TYPES.toTrinoType(schema.fields(0)))
                .isInstanceOf(UnsupportedTypeException.class)
                .hasMessageContaining(message);
    }

    @Test
    void testSchemaIsNotTheOneDescribed()
    {
        List<Flight.FlightData> messages = TestingArrow.encode(allocator, new Schema(List.of(field(new ArrowType.Utf8()))), List.of(List.of("a")));
        assertMalformed(column(BIGINT), messages, "column 'c' as varchar where it was described as bigint");
        assertMalformed(List.of(), messages, "1 columns where 0 were asked for");
        assertMalformed(List.of(new ArrowFlightColumnHandle("d", VARCHAR, true, true, Optional.empty(), false)), messages, "column 'c' where 'd' was asked for");
        assertMalformed(column(VARCHAR), List.of(messages.get(1)), "data before its schema");
        assertMalformed(column(VARCHAR), List.of(messages.getFirst(), messages.getFirst()), "a second schema");
    }

    @Test
    void testValuesThatBreakTheirType()
    {
        assertMalformed(declared("c", new ArrowType.Utf8(), "varchar(3)", createVarcharType(3), null, null), "abcd", "text of 4 characters in a column of at most 3");
        assertMalformed(declared("c", new ArrowType.Utf8(), "char(3)", createCharType(3), null, null), "abcd ", "text of 4 characters in a column of at most 3");
        assertMalformed(declared("c", new ArrowType.Utf8(), "json", JSON, null, null), "{", "not JSON");
        assertMalformed(leaf("c", new ArrowType.Time(TimeUnit.SECOND, 32), createTimeType(0), null, null), 86_400, "a time of day out of range");
        assertMalformed(leaf("c", new ArrowType.Timestamp(TimeUnit.SECOND, null), createTimestampType(0), null, null), Long.MAX_VALUE, "a timestamp out of range");
        assertMalformed(leaf("c", new ArrowType.Timestamp(TimeUnit.SECOND, "UTC"), createTimestampWithTimeZoneType(0), null, null), Long.MAX_VALUE / 10_000, "a timestamp out of range");
        assertMalformed(declared("c", new ArrowType.Timestamp(TimeUnit.MILLISECOND, null), "timestamp(0)", createTimestampType(0), null, null), 1L, "a value with more digits than timestamp(0)");
    }

    private void assertMalformed(Kind kind, Object value, String message)
    {
        Field field = new Field("c", kind.field().getFieldType(), null);
        assertMalformed(column(kind.type()), TestingArrow.encode(allocator, new Schema(List.of(field)), List.of(List.of(value))), message);
    }

    private static void assertMalformed(List<ArrowFlightColumnHandle> columns, List<Flight.FlightData> messages, String message)
    {
        assertThatThrownBy(() -> read(columns, messages))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining(message);
    }

    @Test
    void testDecimalOutOfRange()
    {
        // Arrow's library would refuse to write such values: a column of one precision is read as one of a lower
        for (int[] precisions : new int[][] {{18, 5}, {38, 5}, {38, 20}}) {
            Schema wide = new Schema(List.of(field(new ArrowType.Decimal(precisions[0], 0, 128))));
            Schema narrow = new Schema(List.of(field(new ArrowType.Decimal(precisions[1], 0, 128))));
            Type type = createDecimalType(precisions[1], 0);
            BigDecimal tooLarge = new BigDecimal(BigInteger.TEN.pow(precisions[1]));
            for (BigDecimal value : List.of(tooLarge, tooLarge.negate(), new BigDecimal(BigInteger.TEN.pow(precisions[0]).subtract(BigInteger.ONE)))) {
                assertMalformed(
                        column(type),
                        List.of(TestingArrow.encode(allocator, narrow, List.of()).getFirst(), TestingArrow.encode(allocator, wide, List.of(List.of(value))).get(1)),
                        "a value out of the range of decimal(%s,0)".formatted(precisions[1]));
            }
            BigDecimal largest = tooLarge.subtract(BigDecimal.ONE);
            Page page = read(
                    column(type),
                    List.of(TestingArrow.encode(allocator, narrow, List.of()).getFirst(), TestingArrow.encode(allocator, wide, List.of(List.of(largest), List.of(largest.negate()))).get(1))).getFirst();
            assertThat(values(type, page.getBlock(0))).containsExactly(
                    new SqlDecimal(largest.unscaledValue(), precisions[1], 0),
                    new SqlDecimal(largest.unscaledValue().negate(), precisions[1], 0));
        }
    }

    /**
     * A text that is but a small part of its message must not keep all of the message in memory.
     */
    @Test
    void testRetainedSize()
    {
        List<Field> fields = new ArrayList<>();
        List<ArrowFlightColumnHandle> columns = new ArrayList<>();
        List<Object> row = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            fields.add(new Field("c" + i, nullable(new ArrowType.Utf8()), null));
            columns.add(new ArrowFlightColumnHandle("c" + i, VARCHAR, true, true, Optional.empty(), false));
            row.add("some text of column " + i);
        }
        List<Flight.FlightData> messages = TestingArrow.encode(allocator, new Schema(fields), Collections.nCopies(1000, row));
        Page page = read(columns, messages).getFirst();
        long messageSize = messages.get(1).getSerializedSize();
        assertThat(page.getRetainedSizeInBytes()).isLessThan(2 * messageSize);
    }

    /**
     * Whatever a source sends, only {@link MalformedDataException} may come of it.
     */
    @Test
    void testMutatedMessages()
    {
        Random random = new Random(476);
        List<Kind> kinds = kinds();
        int read = 0;
        int refused = 0;
        for (Kind kind : kinds) {
            List<List<Object>> rows = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                rows.add(Collections.singletonList(nextOrNull(kind, random)));
            }
            Field field = new Field("c", kind.field().getFieldType(), kind.field().getChildren());
            List<byte[]> messages = TestingArrow.encode(allocator, new Schema(List.of(field)), rows).stream().map(Flight.FlightData::toByteArray).toList();
            for (int attempt = 0; attempt < 400; attempt++) {
                ArrowFlightBatchReader reader = new ArrowFlightBatchReader(TYPES, column(kind.type()));
                int victim = random.nextInt(messages.size());
                try {
                    for (int i = 0; i < messages.size(); i++) {
                        byte[] bytes = i == victim ? mutate(messages.get(i), random) : messages.get(i);
                        reader.read(parse(bytes)).ifPresent(page -> touch(kind.type(), page));
                    }
                    read++;
                }
                catch (MalformedDataException e) {
                    assertThat(e.getMessage()).isNotBlank();
                    refused++;
                }
            }
        }
        assertThat(read).isGreaterThan(1000);
        assertThat(refused).isGreaterThan(1000);
    }

    private static void touch(Type type, Page page)
    {
        Block block = page.getBlock(0);
        block.getRetainedSizeInBytes();
        for (int i = 0; i < Math.min(page.getPositionCount(), 1000); i++) {
            type.getObjectValue(SESSION, block, i);
        }
    }

    private static byte[] mutate(byte[] original, Random random)
    {
        byte[] bytes = original.clone();
        int changes = random.nextInt(1, 4);
        for (int i = 0; i < changes; i++) {
            int position = random.nextInt(bytes.length);
            switch (random.nextInt(4)) {
                case 0 -> bytes[position] = (byte) random.nextInt();
                case 1 -> bytes[position] ^= (byte) (1 << random.nextInt(8));
                case 2 -> Arrays.fill(bytes, position, Math.min(bytes.length, position + random.nextInt(1, 9)), (byte) pick(random, (byte) 0, (byte) -1, (byte) 0x7F, (byte) 0x80));
                default -> bytes = Arrays.copyOf(bytes, Math.max(1, position));
            }
        }
        return bytes;
    }

    private Flight.FlightData message(ArrowRecordBatch batch)
            throws IOException
    {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        MessageSerializer.serialize(new WriteChannel(Channels.newChannel(output)), batch);
        return TestingArrow.split(output.toByteArray()).getFirst();
    }

    private static List<Object> values(Type type, Block block)
    {
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < block.getPositionCount(); i++) {
            values.add(type.getObjectValue(SESSION, block, i));
        }
        return values;
    }
}
