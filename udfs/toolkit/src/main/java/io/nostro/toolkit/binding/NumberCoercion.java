package io.nostro.toolkit.binding;

import io.trino.spi.TrinoException;
import io.trino.spi.block.Int128ArrayBlock;
import io.trino.spi.block.IntArrayBlock;
import io.trino.spi.block.LongArrayBlock;
import io.trino.spi.block.ShortArrayBlock;
import io.trino.spi.block.ValueBlock;
import io.trino.spi.type.BigintType;
import io.trino.spi.type.DecimalType;
import io.trino.spi.type.Decimals;
import io.trino.spi.type.DoubleType;
import io.trino.spi.type.Int128;
import io.trino.spi.type.Int128Math;
import io.trino.spi.type.IntegerType;
import io.trino.spi.type.RealType;
import io.trino.spi.type.SmallintType;
import io.trino.spi.type.Type;

import java.util.Locale;

import static io.nostro.toolkit.binding.ValueCoercion.IDENTITY;
import static io.nostro.toolkit.binding.ValueCoercion.longs;
import static io.nostro.toolkit.binding.ValueCoercion.nulls;
import static io.trino.spi.StandardErrorCode.INVALID_CAST_ARGUMENT;
import static io.trino.spi.type.DecimalConversions.longDecimalToDouble;
import static io.trino.spi.type.DecimalConversions.longDecimalToReal;
import static io.trino.spi.type.DecimalConversions.shortDecimalToDouble;
import static io.trino.spi.type.DecimalConversions.shortDecimalToReal;
import static io.trino.spi.type.Decimals.MAX_SHORT_PRECISION;
import static io.trino.spi.type.Decimals.MAX_UNSCALED_DECIMAL;
import static io.trino.spi.type.Decimals.MIN_UNSCALED_DECIMAL;
import static io.trino.spi.type.Decimals.longTenToNth;
import static java.lang.Double.doubleToLongBits;
import static java.lang.Float.floatToRawIntBits;
import static java.lang.Float.intBitsToFloat;
import static java.lang.Math.multiplyHigh;
import static java.lang.Math.toIntExact;

/**
 * The implicit coercions of numbers: of integers to wider ones, decimals, reals and doubles, of decimals to wider ones,
 * reals and doubles, and of reals to doubles. Decimals are stored as whole numbers, in 64 bits up to 18 digits and in 128
 * bits above.
 */
final class NumberCoercion
{
    private NumberCoercion() {}

    static ValueCoercion between(Type from, Type to)
    {
        return switch (to) {
            case SmallintType _ -> NumberCoercion::toSmallints;
            case IntegerType _ -> NumberCoercion::toIntegers;
            case BigintType _ -> block -> new LongArrayBlock(block.getPositionCount(), nulls(block), longs(block));
            case RealType _ -> from instanceof DecimalType decimal ? decimalsToReals(decimal) : NumberCoercion::integersToReals;
            case DoubleType _ -> switch (from) {
                case DecimalType decimal -> decimalsToDoubles(decimal);
                case RealType _ -> NumberCoercion::realsToDoubles;
                default -> NumberCoercion::integersToDoubles;
            };
            case DecimalType decimal -> toDecimals(from, decimal);
            default -> throw new IllegalArgumentException("no coercion of %s to %s".formatted(from, to));
        };
    }

    private static ValueBlock toSmallints(ValueBlock block)
    {
        long[] values = longs(block);
        short[] smallints = new short[values.length];
        for (int position = 0; position < values.length; position++) {
            smallints[position] = (short) values[position];
        }
        return new ShortArrayBlock(values.length, nulls(block), smallints);
    }

    private static ValueBlock toIntegers(ValueBlock block)
    {
        long[] values = longs(block);
        int[] integers = new int[values.length];
        for (int position = 0; position < values.length; position++) {
            integers[position] = (int) values[position];
        }
        return new IntArrayBlock(values.length, nulls(block), integers);
    }

    private static ValueBlock integersToReals(ValueBlock block)
    {
        long[] values = longs(block);
        int[] reals = new int[values.length];
        for (int position = 0; position < values.length; position++) {
            reals[position] = floatToRawIntBits((float) values[position]);
        }
        return new IntArrayBlock(values.length, nulls(block), reals);
    }

    private static ValueBlock integersToDoubles(ValueBlock block)
    {
        long[] values = longs(block);
        for (int position = 0; position < values.length; position++) {
            values[position] = doubleToLongBits((double) values[position]);
        }
        return new LongArrayBlock(values.length, nulls(block), values);
    }

    private static ValueBlock realsToDoubles(ValueBlock block)
    {
        long[] values = longs(block);
        for (int position = 0; position < values.length; position++) {
            values[position] = doubleToLongBits(intBitsToFloat((int) values[position]));
        }
        return new LongArrayBlock(values.length, nulls(block), values);
    }

    private static ValueCoercion decimalsToReals(DecimalType from)
    {
        return block -> {
            int[] reals = new int[block.getPositionCount()];
            if (from.isShort()) {
                long[] values = longs(block);
                long tenToScale = longTenToNth(from.getScale());
                for (int position = 0; position < reals.length; position++) {
                    reals[position] = toIntExact(shortDecimalToReal(values[position], tenToScale));
                }
            }
            else {
                Int128ArrayBlock decimals = (Int128ArrayBlock) block;
                for (int position = 0; position < reals.length; position++) {
                    if (!block.isNull(position)) {
                        reals[position] = toIntExact(longDecimalToReal(decimals.getInt128(position), from.getScale()));
                    }
                }
            }
            return new IntArrayBlock(reals.length, nulls(block), reals);
        };
    }

    private static ValueCoercion decimalsToDoubles(DecimalType from)
    {
        return block -> {
            long[] doubles = new long[block.getPositionCount()];
            if (from.isShort()) {
                long[] values = longs(block);
                long tenToScale = longTenToNth(from.getScale());
                for (int position = 0; position < doubles.length; position++) {
                    doubles[position] = doubleToLongBits(shortDecimalToDouble(values[position], tenToScale));
                }
            }
            else {
                Int128ArrayBlock decimals = (Int128ArrayBlock) block;
                for (int position = 0; position < doubles.length; position++) {
                    if (!block.isNull(position)) {
                        doubles[position] = doubleToLongBits(longDecimalToDouble(decimals.getInt128(position), from.getScale()));
                    }
                }
            }
            return new LongArrayBlock(doubles.length, nulls(block), doubles);
        };
    }

    private static ValueCoercion toDecimals(Type from, DecimalType to)
    {
        int fromScale = from instanceof DecimalType decimal ? decimal.getScale() : 0;
        int addedPlaces = to.getScale() - fromScale;
        if (from instanceof DecimalType decimal && decimal.isShort() == to.isShort() && addedPlaces == 0) {
            return IDENTITY;
        }
        if (to.isShort()) {
            return block -> toShortDecimals(block, longTenToNth(addedPlaces));
        }
        Rescaling rescaling = new Rescaling(from, fromScale, to, addedPlaces);
        return from instanceof DecimalType decimal && !decimal.isShort() ? rescaling::rescaleLongDecimals : rescaling::toLongDecimals;
    }

    /**
     * Without a check, as types that take such decimals have all digits of the source and the places added.
     */
    private static ValueBlock toShortDecimals(ValueBlock block, long factor)
    {
        long[] values = longs(block);
        for (int position = 0; position < values.length; position++) {
            values[position] *= factor;
        }
        return new LongArrayBlock(values.length, nulls(block), values);
    }

    /**
     * The multiplication of numbers by a power of ten to decimals of 128 bits. It can overflow, as the type of the most
     * digits takes any other with as many places.
     *
     * @param addedPlaces the exponent of the power of ten, from 0 to 38
     */
    private record Rescaling(Type from, int fromScale, DecimalType to, int addedPlaces)
    {
        private ValueBlock toLongDecimals(ValueBlock block)
        {
            long[] values = longs(block);
            long[] rescaled = new long[values.length * 2];
            for (int position = 0; position < values.length; position++) {
                if (!block.isNull(position)) {
                    rescale(values[position] >> 63, values[position], rescaled, position * 2);
                }
            }
            return new Int128ArrayBlock(values.length, nulls(block), rescaled);
        }

        private ValueBlock rescaleLongDecimals(ValueBlock block)
        {
            Int128ArrayBlock decimals = (Int128ArrayBlock) block;
            long[] rescaled = new long[decimals.getPositionCount() * 2];
            for (int position = 0; position < decimals.getPositionCount(); position++) {
                if (!block.isNull(position)) {
                    rescale(decimals.getInt128High(position), decimals.getInt128Low(position), rescaled, position * 2);
                }
            }
            return new Int128ArrayBlock(decimals.getPositionCount(), nulls(block), rescaled);
        }

        private void rescale(long high, long low, long[] rescaled, int offset)
        {
            if (high == low >> 63 && addedPlaces <= MAX_SHORT_PRECISION) {
                long factor = longTenToNth(addedPlaces);
                rescaled[offset] = multiplyHigh(low, factor);
                rescaled[offset + 1] = low * factor;
                return;
            }
            try {
                Int128Math.rescale(high, low, addedPlaces, rescaled, offset);
            }
            catch (ArithmeticException e) {
                throw outOfRange(high, low, e);
            }
            if (isOutOfRange(rescaled[offset], rescaled[offset + 1])) {
                throw outOfRange(high, low, null);
            }
        }

        private static boolean isOutOfRange(long high, long low)
        {
            return high > MAX_UNSCALED_DECIMAL.getHigh() ||
                    (high == MAX_UNSCALED_DECIMAL.getHigh() && Long.compareUnsigned(low, MAX_UNSCALED_DECIMAL.getLow()) > 0) ||
                    high < MIN_UNSCALED_DECIMAL.getHigh() ||
                    (high == MIN_UNSCALED_DECIMAL.getHigh() && Long.compareUnsigned(low, MIN_UNSCALED_DECIMAL.getLow()) < 0);
        }

        private TrinoException outOfRange(long high, long low, ArithmeticException cause)
        {
            return new TrinoException(
                    INVALID_CAST_ARGUMENT,
                    "Cannot cast %s '%s' to %s".formatted(
                            from.toString().toUpperCase(Locale.ENGLISH),
                            Decimals.toString(Int128.valueOf(high, low), fromScale),
                            to.toString().toUpperCase(Locale.ENGLISH)),
                    cause);
        }
    }
}
