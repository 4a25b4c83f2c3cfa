package io.nostro.toolkit.binding;

import io.airlift.slice.Slice;
import io.airlift.slice.Slices;
import io.trino.spi.block.ArrayBlockBuilder;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.block.MapBlockBuilder;
import io.trino.spi.block.RowBlockBuilder;
import io.trino.spi.block.ValueBlock;
import io.trino.spi.type.ArrayType;
import io.trino.spi.type.BigintType;
import io.trino.spi.type.BooleanType;
import io.trino.spi.type.CharType;
import io.trino.spi.type.Chars;
import io.trino.spi.type.DateType;
import io.trino.spi.type.DecimalType;
import io.trino.spi.type.Decimals;
import io.trino.spi.type.DoubleType;
import io.trino.spi.type.Int128;
import io.trino.spi.type.IntegerType;
import io.trino.spi.type.LongTimeWithTimeZone;
import io.trino.spi.type.LongTimestamp;
import io.trino.spi.type.LongTimestampWithTimeZone;
import io.trino.spi.type.MapType;
import io.trino.spi.type.RealType;
import io.trino.spi.type.RowType;
import io.trino.spi.type.SmallintType;
import io.trino.spi.type.TimeType;
import io.trino.spi.type.TimeWithTimeZoneType;
import io.trino.spi.type.TimeZoneKey;
import io.trino.spi.type.TimestampType;
import io.trino.spi.type.TimestampWithTimeZoneType;
import io.trino.spi.type.TinyintType;
import io.trino.spi.type.Type;
import io.trino.spi.type.VarcharType;

import java.math.BigInteger;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

import static io.trino.spi.type.DateTimeEncoding.packDateTimeWithZone;
import static io.trino.spi.type.DateTimeEncoding.packTimeWithTimeZone;
import static io.trino.spi.type.Timestamps.NANOSECONDS_PER_DAY;
import static io.trino.spi.type.Timestamps.PICOSECONDS_PER_DAY;
import static io.trino.spi.type.TypeUtils.readNativeValue;
import static io.trino.spi.type.TypeUtils.writeNativeValue;
import static java.lang.Float.floatToRawIntBits;

/**
 * Random blocks of any type that {@link Types} knows, with NULLs and edges of the type's range.
 */
final class RandomBlocks
{
    private static final List<String> TEXTS = List.of("", " ", "a", "a ", "abc  ", "  x", "žluťoučký kůň", "日本", "😀😀😀", "\u0000", "longer than most ", "q\u00a0");

    private final Random random;

    RandomBlocks(Random random)
    {
        this.random = random;
    }

    ValueBlock next(Type type, int positions)
    {
        BlockBuilder builder = type.createBlockBuilder(null, positions);
        boolean hasNulls = random.nextInt(4) > 0;
        for (int position = 0; position < positions; position++) {
            if (hasNulls && random.nextInt(4) == 0) {
                builder.appendNull();
            }
            else {
                append(type, builder);
            }
        }
        return builder.buildValueBlock();
    }

    private void append(Type type, BlockBuilder builder)
    {
        switch (type) {
            case ArrayType array -> ((ArrayBlockBuilder) builder).buildEntry(elements -> {
                for (int i = 0; i < random.nextInt(4); i++) {
                    appendNullable(array.getElementType(), elements);
                }
            });
            case RowType row -> ((RowBlockBuilder) builder).buildEntry(fields -> {
                for (int i = 0; i < fields.size(); i++) {
                    appendNullable(row.getFields().get(i).getType(), fields.get(i));
                }
            });
            case MapType map -> ((MapBlockBuilder) builder).buildEntry((keys, values) -> {
                Set<Object> distinct = new HashSet<>();
                for (int i = 0; i < random.nextInt(4); i++) {
                    BlockBuilder key = map.getKeyType().createBlockBuilder(null, 1);
                    append(map.getKeyType(), key);
                    ValueBlock keyBlock = key.buildValueBlock();
                    if (distinct.add(readNativeValue(map.getKeyType(), keyBlock, 0))) {
                        keys.append(keyBlock, 0);
                        appendNullable(map.getValueType(), values);
                    }
                }
            });
            default -> writeNativeValue(type, builder, value(type));
        }
    }

    private void appendNullable(Type type, BlockBuilder builder)
    {
        if (random.nextInt(5) == 0) {
            builder.appendNull();
        }
        else {
            append(type, builder);
        }
    }

    private Object value(Type type)
    {
        return switch (type) {
            case BooleanType _ -> random.nextBoolean();
            case TinyintType _ -> integer(8);
            case SmallintType _ -> integer(16);
            case IntegerType _ -> integer(32);
            case BigintType _ -> integer(64);
            case RealType _ -> (long) floatToRawIntBits(random.nextInt(3) == 0
                    ? List.of(Float.NaN, Float.POSITIVE_INFINITY, -0.0f, Float.MIN_VALUE, Float.MAX_VALUE, 0.1f).get(random.nextInt(6))
                    : (float) (random.nextGaussian() * 1e6));
            case DoubleType _ -> random.nextInt(3) == 0
                    ? List.of(Double.NaN, Double.NEGATIVE_INFINITY, -0.0, Double.MIN_VALUE, Double.MAX_VALUE, 0.1).get(random.nextInt(6))
                    : random.nextGaussian() * 1e9;
            case DecimalType decimal -> decimal(decimal);
            case CharType character -> Chars.truncateToLengthAndTrimSpaces(text(character.getLength()), character);
            case VarcharType varchar -> text(varchar.getLength().orElse(Integer.MAX_VALUE));
            // those beyond what timestamps hold cannot be read back
            case DateType _ -> random.nextInt(-1, 2) * (random.nextInt(10) == 0 ? 106_751_991L : random.nextInt(100_000));
            case TimeType time -> multiple(random.nextLong(PICOSECONDS_PER_DAY), 12 - time.getPrecision());
            case TimeWithTimeZoneType time -> {
                int offset = random.nextInt(-840, 841);
                yield time.isShort()
                        ? packTimeWithTimeZone(multiple(random.nextLong(NANOSECONDS_PER_DAY), 9 - time.getPrecision()), offset)
                        : new LongTimeWithTimeZone(multiple(random.nextLong(PICOSECONDS_PER_DAY), 12 - time.getPrecision()), offset);
            }
            case TimestampType timestamp -> timestamp.isShort()
                    ? (Object) multiple(micros(), 6 - timestamp.getPrecision())
                    : new LongTimestamp(micros(), (int) multiple(random.nextInt(1_000_000), 12 - timestamp.getPrecision()));
            case TimestampWithTimeZoneType timestamp -> {
                TimeZoneKey zone = TimeZoneKey.getTimeZoneKey(List.of("UTC", "Europe/Prague", "+05:45").get(random.nextInt(3)));
                long millis = micros() / 1000;
                yield timestamp.isShort()
                        ? (Object) packDateTimeWithZone(multiple(millis, 3 - timestamp.getPrecision()), zone)
                        : LongTimestampWithTimeZone.fromEpochMillisAndFraction(millis, (int) multiple(random.nextInt(1_000_000_000), 12 - timestamp.getPrecision()), zone);
            }
            default -> {
                byte[] bytes = new byte[16];
                random.nextBytes(bytes);
                yield Slices.wrappedBuffer(bytes);
            }
        };
    }

    private long integer(int bits)
    {
        long value = switch (random.nextInt(4)) {
            case 0 -> Long.MAX_VALUE;
            case 1 -> Long.MIN_VALUE;
            case 2 -> random.nextLong();
            default -> (random.nextInt(201) - 100L) << (64 - bits);
        };
        return value >> (64 - bits);
    }

    private Object decimal(DecimalType type)
    {
        BigInteger largest = BigInteger.TEN.pow(type.getPrecision()).subtract(BigInteger.ONE);
        BigInteger unscaled = switch (random.nextInt(5)) {
            case 0 -> largest;
            case 1 -> largest.negate();
            case 2 -> BigInteger.valueOf(random.nextInt(10)).min(largest);
            default -> new BigInteger(1 + random.nextInt(126), random).mod(largest).multiply(BigInteger.valueOf(random.nextBoolean() ? 1 : -1));
        };
        return type.isShort() ? (Object) unscaled.longValueExact() : Int128.valueOf(unscaled);
    }

    private Slice text(int length)
    {
        String text = TEXTS.get(random.nextInt(TEXTS.size()));
        return Slices.utf8Slice(text.substring(0, text.offsetByCodePoints(0, Math.min(length, text.codePointCount(0, text.length())))));
    }

    private long micros()
    {
        return switch (random.nextInt(10)) {
            case 0 -> Long.MAX_VALUE / 5_000_000 * 1_000_000;
            case 1 -> -1;
            default -> random.nextLong(4_000_000_000_000_000L) - 2_000_000_000_000_000L;
        };
    }

    private static long multiple(long value, int zeros)
    {
        long unit = Decimals.longTenToNth(Math.max(0, zeros));
        return value / unit * unit;
    }
}
