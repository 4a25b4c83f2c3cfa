package io.nostro.functions.fuzzing;

import com.google.common.collect.ImmutableList;
import io.airlift.slice.Slice;
import io.airlift.slice.Slices;
import io.trino.spi.block.Block;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.block.DictionaryBlock;
import io.trino.spi.block.RunLengthEncodedBlock;
import io.trino.spi.block.SqlRow;
import io.trino.spi.type.ArrayType;
import io.trino.spi.type.BigintType;
import io.trino.spi.type.BooleanType;
import io.trino.spi.type.DateType;
import io.trino.spi.type.DecimalType;
import io.trino.spi.type.DoubleType;
import io.trino.spi.type.Int128;
import io.trino.spi.type.IntegerType;
import io.trino.spi.type.LongTimestamp;
import io.trino.spi.type.RowType;
import io.trino.spi.type.SmallintType;
import io.trino.spi.type.TimestampType;
import io.trino.spi.type.TinyintType;
import io.trino.spi.type.Type;
import io.trino.spi.type.VarbinaryType;
import io.trino.spi.type.VarcharType;
import io.trino.spi.type.Varchars;

import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;

import static io.trino.spi.block.RowValueBuilder.buildRowValue;
import static io.trino.spi.type.TypeUtils.readNativeValue;
import static io.trino.spi.type.TypeUtils.writeNativeValue;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

/**
 * Values of the whole of a type, and values that are near to a given one.
 */
final class ValueGenerator
{
    private static final int MEGABYTE = 1_000_000;
    private static final double[] DOUBLES = {
            0, -0.0, 1, -1, 2, 100, 0.05, 0.1, -0.5, 0.999, 1e-9, 1e-300, -1e-300, 1e15, 1e300, -1e300,
            Double.MAX_VALUE, -Double.MAX_VALUE, Double.MIN_VALUE, Double.MIN_NORMAL, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -0.9999999999999999, 0x1p53, 0x1p63};
    private static final long[] LONGS = {
            0, 1, -1, 2, 4, 7, 12, 100, 365, 2025, 10_000, 1_000_000, Integer.MAX_VALUE, Integer.MIN_VALUE, 1L << 32, 1L << 53, Long.MAX_VALUE, Long.MIN_VALUE, Long.MAX_VALUE - 1};
    private static final int[] DAYS = {
            0, -1, Integer.MAX_VALUE, Integer.MIN_VALUE, day(2024, 2, 29), day(2023, 2, 28), day(1900, 2, 28), day(2000, 2, 29), day(1582, 10, 15), day(1, 1, 1), day(0, 1, 1), day(9999, 12, 31), day(10000, 1, 1), day(2025, 12, 31), day(2025, 1, 31), day(1950, 1, 1), day(2100, 1, 1)};
    private static final List<byte[]> PIECES = pieces(
            "", " ", "\0", "\n", "\r\n", "\t", "'", "\"", "\\", "%s %d", "$1", "+", "-", ".", ",", "0", "9", "A", "z", "_", "/", "(", "<", ">", "&amp;", "&#0;", "]]>", "<!DOCTYPE a>", ":", "{", "}", "|",
            "é", "ß", "İ", "ı", "٣", "\uFEFF", "\u200F", "\u0301", "\u2028", "深圳", "𝟙", "😀", "999999999999999999999", "00000000000000", "2025-02-30", "-1", "1e999", "NaN", "null");
    private static final List<byte[]> NOT_UTF_8 = ImmutableList.of(
            new byte[] {(byte) 0xFF}, new byte[] {(byte) 0xC0, (byte) 0x80}, new byte[] {(byte) 0xE2, (byte) 0x82}, new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80}, new byte[] {(byte) 0xF4, (byte) 0x90, (byte) 0x80, (byte) 0x80}, new byte[] {(byte) 0x80});

    private final Random random;
    private final List<byte[]> vocabulary;

    /**
     * @param vocabulary what texts are put together from, beside what is special to any text
     */
    ValueGenerator(Random random, List<byte[]> vocabulary)
    {
        this.random = requireNonNull(random, "random is null");
        this.vocabulary = ImmutableList.<byte[]>builder().addAll(PIECES).addAll(vocabulary).build();
    }

    /**
     * A value from anywhere in the type.
     *
     * @throws Finding when there is no way to make values of the type
     */
    Object fresh(Type type)
    {
        return switch (type) {
            case BooleanType _ -> random.nextBoolean();
            case BigintType _ -> integer();
            case IntegerType _ -> (long) (int) integer();
            case SmallintType _ -> (long) (short) integer();
            case TinyintType _ -> (long) (byte) integer();
            case DoubleType _ -> number();
            case DateType _ -> day();
            case TimestampType timestamp -> timestamp(timestamp, random.nextInt(4) == 0 ? integer() : day() * 86_400_000_000L + random.nextLong(86_400_000_000L));
            case DecimalType decimal -> decimal(decimal, unscaled(decimal.getPrecision()));
            case VarcharType varchar -> text(varchar, freshText());
            case VarbinaryType _ -> Slices.wrappedBuffer(freshText());
            case ArrayType array -> {
                int length = switch (random.nextInt(20)) {
                    case 0, 1 -> 0;
                    case 2 -> random.nextInt(300);
                    default -> random.nextInt(10);
                };
                List<Object> elements = new ArrayList<>();
                for (int i = 0; i < length; i++) {
                    elements.add(random.nextInt(12) == 0 ? null : fresh(array.getElementType()));
                }
                yield array(array, elements);
            }
            case RowType row -> buildRowValue(row, fields -> {
                for (int field = 0; field < fields.size(); field++) {
                    writeNativeValue(row.getTypeParameters().get(field), fields.get(field), random.nextInt(8) == 0 ? null : fresh(row.getTypeParameters().get(field)));
                }
            });
            default -> throw new Finding("can not be called: values of %s are not generated".formatted(type));
        };
    }

    /**
     * A value that is near to another.
     */
    Object near(Type type, Object value)
    {
        if (value == null) {
            return fresh(type);
        }
        return switch (type) {
            case BigintType _, IntegerType _ -> {
                long number = (long) value;
                number = switch (random.nextInt(7)) {
                    case 0 -> number + 1;
                    case 1 -> number - 1;
                    case 2 -> -number;
                    case 3 -> number * 2;
                    case 4 -> number * 1_000;
                    default -> random.nextLong(400) - 20;
                };
                yield type instanceof IntegerType ? (long) (int) number : number;
            }
            case DoubleType _ -> {
                double number = (double) value;
                yield switch (random.nextInt(9)) {
                    case 0 -> Math.nextUp(number);
                    case 1 -> Math.nextDown(number);
                    case 2 -> -number;
                    case 3 -> number * Math.pow(10, random.nextInt(41) - 20);
                    case 4 -> 1 / number;
                    case 5 -> (double) Math.round(number);
                    default -> number * (0.5 + random.nextDouble());
                };
            }
            case DateType _ -> {
                long day = (long) value;
                yield (long) (int) switch (random.nextInt(6)) {
                    case 0 -> day + 1;
                    case 1 -> day - 1;
                    case 2 -> day + random.nextInt(4_000) - 2_000;
                    case 3 -> Math.abs(day) > 100_000_000 ? day : LocalDate.ofEpochDay(day).plusMonths(random.nextInt(61) - 30L).toEpochDay();
                    case 4 -> Math.abs(day) > 100_000_000 ? day : LocalDate.ofEpochDay(day).plusMonths(random.nextInt(12)).withDayOfMonth(1).minusDays(1).toEpochDay();
                    default -> day + random.nextInt(100_000) - 50_000;
                };
            }
            case TimestampType timestamp -> timestamp(timestamp, (value instanceof LongTimestamp time ? time.getEpochMicros() : (long) value) + random.nextInt(5) * (random.nextBoolean() ? 86_400_000_000L : -1));
            case DecimalType decimal -> {
                BigInteger unscaled = unscaled(decimal, value);
                yield decimal(decimal, switch (random.nextInt(6)) {
                    case 0 -> unscaled.add(BigInteger.ONE);
                    case 1 -> unscaled.subtract(BigInteger.ONE);
                    case 2 -> unscaled.negate();
                    case 3 -> unscaled.multiply(BigInteger.TEN.pow(random.nextInt(12)));
                    case 4 -> unscaled.divide(BigInteger.TEN.pow(random.nextInt(12)));
                    default -> unscaled.multiply(BigInteger.valueOf(random.nextInt(2_000))).divide(BigInteger.valueOf(1_000));
                });
            }
            case VarcharType varchar -> text(varchar, nearText(((Slice) value).getBytes()));
            case VarbinaryType _ -> Slices.wrappedBuffer(nearText(((Slice) value).getBytes()));
            case ArrayType array -> nearArray(array, (Block) value);
            case RowType row -> {
                SqlRow sqlRow = (SqlRow) value;
                int changed = random.nextInt(Math.max(1, sqlRow.getFieldCount()));
                yield buildRowValue(row, fields -> {
                    for (int field = 0; field < fields.size(); field++) {
                        Type fieldType = row.getTypeParameters().get(field);
                        Object old = readNativeValue(fieldType, sqlRow.getRawFieldBlock(field), sqlRow.getRawIndex());
                        writeNativeValue(fieldType, fields.get(field), field == changed ? near(fieldType, old) : old);
                    }
                });
            }
            default -> fresh(type);
        };
    }

    /**
     * The value of one type as a value of another of the same kind: another length, another precision and scale.
     */
    static Object converted(Type from, Type to, Object value)
    {
        if (value == null || from.equals(to)) {
            return value;
        }
        if (from instanceof DecimalType decimal && to instanceof DecimalType wanted) {
            BigDecimal number = new BigDecimal(unscaled(decimal, value), decimal.getScale()).setScale(wanted.getScale(), RoundingMode.HALF_UP);
            return decimal(wanted, number.unscaledValue());
        }
        if (from instanceof VarcharType && to instanceof VarcharType varchar) {
            return text(varchar, ((Slice) value).getBytes());
        }
        if (from instanceof ArrayType array && to instanceof ArrayType wanted) {
            Block block = (Block) value;
            BlockBuilder builder = wanted.getElementType().createBlockBuilder(null, block.getPositionCount());
            for (int position = 0; position < block.getPositionCount(); position++) {
                writeNativeValue(wanted.getElementType(), builder, converted(array.getElementType(), wanted.getElementType(), readNativeValue(array.getElementType(), block, position)));
            }
            return builder.build();
        }
        return value;
    }

    private long integer()
    {
        return switch (random.nextInt(5)) {
            case 0 -> LONGS[random.nextInt(LONGS.length)];
            case 1 -> random.nextLong() >> random.nextInt(64);
            default -> random.nextLong(400) - 20;
        };
    }

    private double number()
    {
        return switch (random.nextInt(7)) {
            case 0, 1 -> DOUBLES[random.nextInt(DOUBLES.length)];
            case 2 -> Double.longBitsToDouble(random.nextLong());
            case 3 -> random.nextDouble() * 200 - 50;
            case 4 -> Math.rint(random.nextGaussian() * 1e6) / 100;
            default -> random.nextDouble() - 0.3;
        };
    }

    private long day()
    {
        return switch (random.nextInt(8)) {
            case 0 -> random.nextInt();
            case 1 -> DAYS[random.nextInt(DAYS.length)];
            case 2 -> random.nextInt(4_000_000) - 1_000_000;
            default -> 18_000 + random.nextInt(4_000);
        };
    }

    private static int day(int year, int month, int day)
    {
        return (int) LocalDate.of(year, month, day).toEpochDay();
    }

    private Object timestamp(TimestampType type, long micros)
    {
        if (!type.isShort()) {
            int step = (int) Math.pow(10, TimestampType.MAX_PRECISION - type.getPrecision());
            return new LongTimestamp(micros, random.nextInt(1_000_000 / step) * step);
        }
        long step = (long) Math.pow(10, TimestampType.MAX_SHORT_PRECISION - type.getPrecision());
        return micros / step * step;
    }

    private BigInteger unscaled(int precision)
    {
        BigInteger largest = BigInteger.TEN.pow(precision).subtract(BigInteger.ONE);
        BigInteger number = switch (random.nextInt(6)) {
            case 0 -> largest;
            case 1 -> BigInteger.valueOf(random.nextInt(3));
            case 2 -> BigInteger.TEN.pow(random.nextInt(precision));
            default -> new BigInteger(random.nextInt(largest.bitLength() + 1), random).min(largest);
        };
        return random.nextInt(3) == 0 ? number.negate() : number;
    }

    private static BigInteger unscaled(DecimalType type, Object value)
    {
        return type.isShort() ? BigInteger.valueOf((long) value) : ((Int128) value).toBigInteger();
    }

    static Object decimal(DecimalType type, BigInteger unscaled)
    {
        BigInteger largest = BigInteger.TEN.pow(type.getPrecision()).subtract(BigInteger.ONE);
        BigInteger held = unscaled.abs().compareTo(largest) > 0 ? unscaled.mod(largest.add(BigInteger.ONE)) : unscaled;
        if (type.isShort()) {
            return held.longValueExact();
        }
        return Int128.valueOf(held);
    }

    /**
     * A text inside a longer array, so that what is read outside it is seen to be wrong.
     */
    private static Slice text(VarcharType type, byte[] text)
    {
        byte[] surrounded = new byte[text.length + 2];
        surrounded[0] = '7';
        surrounded[text.length + 1] = '7';
        System.arraycopy(text, 0, surrounded, 1, text.length);
        Slice slice = Slices.wrappedBuffer(surrounded, 1, text.length);
        return type.isUnbounded() ? slice : Varchars.truncateToLength(slice, type.getBoundedLength());
    }

    private byte[] freshText()
    {
        return switch (random.nextInt(8)) {
            case 0 -> {
                byte[] bytes = new byte[random.nextInt(60)];
                random.nextBytes(bytes);
                yield bytes;
            }
            case 1, 2 -> {
                StringBuilder characters = new StringBuilder();
                int length = random.nextInt(45);
                for (int i = 0; i < length; i++) {
                    characters.appendCodePoint(switch (random.nextInt(6)) {
                        case 0 -> random.nextInt('A', 'Z' + 1);
                        case 1 -> ' ' + random.nextInt(95);
                        case 2 -> random.nextInt(0xD800);
                        case 3 -> 0x10000 + random.nextInt(0x10FFFF - 0x10000);
                        default -> random.nextInt('0', '9' + 1);
                    });
                }
                yield characters.toString().getBytes(UTF_8);
            }
            default -> {
                ByteArrayOutputStream joined = new ByteArrayOutputStream();
                for (int i = random.nextInt(12); i >= 0; i--) {
                    joined.writeBytes(piece());
                }
                yield joined.toByteArray();
            }
        };
    }

    private byte[] piece()
    {
        return vocabulary.get(random.nextInt(vocabulary.size()));
    }

    private byte[] nearText(byte[] text)
    {
        int changes = 1 + random.nextInt(4);
        for (int i = 0; i < changes; i++) {
            int at = random.nextInt(text.length + 1);
            int end = Math.min(text.length, at + random.nextInt(random.nextBoolean() ? 4 : 60));
            text = switch (random.nextInt(12)) {
                case 0 -> replaced(text, at, end, new byte[0]);
                case 1 -> replaced(text, at, at, piece());
                case 2 -> replaced(text, at, end, piece());
                case 3 -> replaced(text, at, at, Arrays.copyOfRange(text, at, end));
                case 4 -> Arrays.copyOf(text, at);
                case 5 -> new String(text, ISO_8859_1).toLowerCase(Locale.ROOT).getBytes(ISO_8859_1);
                case 6, 7, 8 -> {
                    // a digit becomes another, a letter another: near to what check digits and codes accept
                    byte[] changed = text.clone();
                    if (at < text.length) {
                        changed[at] = (byte) (Character.isDigit(text[at]) ? '0' + random.nextInt(10) : Character.isLetter(text[at]) ? 'A' + random.nextInt(26) : ' ' + random.nextInt(95));
                    }
                    yield changed;
                }
                case 9 -> {
                    byte[] changed = text.clone();
                    if (at < text.length) {
                        changed[at] = (byte) random.nextInt(256);
                    }
                    yield changed;
                }
                case 10 -> replaced(text, at, at, NOT_UTF_8.get(random.nextInt(NOT_UTF_8.size())));
                default -> replaced(text, at, at, Arrays.copyOfRange(text, end, Math.min(text.length, end + random.nextInt(60))));
            };
        }
        return text;
    }

    private static byte[] replaced(byte[] text, int start, int end, byte[] replacement)
    {
        byte[] result = new byte[text.length - (end - start) + replacement.length];
        System.arraycopy(text, 0, result, 0, start);
        System.arraycopy(replacement, 0, result, start, replacement.length);
        System.arraycopy(text, end, result, start + replacement.length, text.length - end);
        return result;
    }

    /**
     * The value made a megabyte long in one place, or an array many elements long.
     */
    Object lengthened(Type type, Object value)
    {
        return switch (type) {
            case VarcharType varchar -> {
                byte[] text = ((Slice) value).getBytes();
                int at = random.nextInt(text.length + 1);
                byte[] unit = random.nextInt(4) == 0 || text.length == 0 ? piece() : Arrays.copyOfRange(text, at, Math.min(text.length, at + 1 + random.nextInt(random.nextBoolean() ? 3 : 80)));
                if (unit.length == 0) {
                    unit = new byte[] {'7'};
                }
                byte[] repeated = new byte[MEGABYTE];
                for (int i = 0; i < MEGABYTE; i++) {
                    repeated[i] = unit[i % unit.length];
                }
                yield text(varchar, random.nextInt(3) == 0 ? repeated : replaced(text, at, at, repeated));
            }
            case ArrayType array -> {
                Block block = (Block) value;
                if (block.getPositionCount() == 0) {
                    yield block;
                }
                int[] positions = new int[random.nextBoolean() ? 20_000 : 2_000];
                for (int i = 0; i < positions.length; i++) {
                    positions[i] = random.nextInt(block.getPositionCount());
                }
                BlockBuilder elements = array.getElementType().createBlockBuilder(null, positions.length);
                for (int position : positions) {
                    writeNativeValue(array.getElementType(), elements, readNativeValue(array.getElementType(), block, position));
                }
                yield elements.build();
            }
            default -> value;
        };
    }

    private Block nearArray(ArrayType type, Block value)
    {
        List<Object> elements = new ArrayList<>();
        for (int position = 0; position < value.getPositionCount(); position++) {
            elements.add(readNativeValue(type.getElementType(), value, position));
        }
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            int at = random.nextInt(elements.size() + 1);
            if (at == elements.size()) {
                elements.add(fresh(type.getElementType()));
                continue;
            }
            switch (random.nextInt(6)) {
                case 0 -> elements.remove(at);
                case 1 -> elements.add(elements.get(at));
                case 2 -> elements.set(at, random.nextInt(3) == 0 ? null : fresh(type.getElementType()));
                case 3 -> elements.set(at, elements.getFirst());
                default -> elements.set(at, near(type.getElementType(), elements.get(at)));
            }
        }
        return array(type, elements);
    }

    /**
     * The elements as a block of any of the encodings that the engine hands over.
     */
    private Block array(ArrayType type, List<Object> elements)
    {
        int before = random.nextInt(3);
        BlockBuilder builder = type.getElementType().createBlockBuilder(null, elements.size() + before);
        for (int i = 0; i < before; i++) {
            builder.appendNull();
        }
        for (Object element : elements) {
            writeNativeValue(type.getElementType(), builder, element);
        }
        Block block = builder.build().getRegion(before, elements.size());
        if (elements.size() > 1 && random.nextInt(6) == 0) {
            int[] reversed = new int[elements.size()];
            Arrays.setAll(reversed, i -> elements.size() - 1 - i);
            return DictionaryBlock.create(reversed.length, block, reversed);
        }
        if (elements.size() > 1 && random.nextInt(12) == 0) {
            return RunLengthEncodedBlock.create(block.getSingleValueBlock(0), elements.size());
        }
        return block;
    }

    private static List<byte[]> pieces(String... pieces)
    {
        return Arrays.stream(pieces).map(piece -> piece.getBytes(UTF_8)).toList();
    }
}
