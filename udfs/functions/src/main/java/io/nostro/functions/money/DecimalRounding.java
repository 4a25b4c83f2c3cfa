package io.nostro.functions.money;

import com.google.common.math.LongMath;
import io.nostro.functions.NameCase;
import io.nostro.functions.TextLookup;
import io.trino.spi.type.Decimals;
import io.trino.spi.type.Int128;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

import static io.nostro.functions.FunctionErrors.invalidArgument;
import static io.nostro.functions.FunctionErrors.outOfRange;
import static io.trino.spi.type.Decimals.bigIntegerTenToNth;
import static io.trino.spi.type.Decimals.longTenToNth;

/**
 * Exact rounding of unscaled decimals.
 */
public final class DecimalRounding
{
    static final TextLookup<RoundingMode> MODES = new TextLookup<>(DecimalRounding::roundingMode);

    private DecimalRounding() {}

    /**
     * @param digits how many of the last digits become zero, from 1 to 18
     */
    static long roundLastDigits(long unscaled, int digits, RoundingMode mode)
    {
        if (mode == RoundingMode.HALF_EVEN) {
            // a division by a constant is a multiplication, and these are the digits that amounts have beyond a currency's
            return switch (digits) {
                case 1 -> roundHalfEven(unscaled, unscaled / 10, 10);
                case 2 -> roundHalfEven(unscaled, unscaled / 100, 100);
                case 3 -> roundHalfEven(unscaled, unscaled / 1_000, 1_000);
                case 4 -> roundHalfEven(unscaled, unscaled / 10_000, 10_000);
                default -> roundHalfEven(unscaled, unscaled / longTenToNth(digits), longTenToNth(digits));
            };
        }
        long unit = longTenToNth(digits);
        return LongMath.divide(unscaled, unit, mode) * unit;
    }

    /**
     * Whole units next to the value, without a branch: which way amounts are rounded no processor foresees.
     *
     * @param quotient the value divided by the unit, towards zero
     * @param unit an even number up to 10^18
     */
    private static long roundHalfEven(long unscaled, long quotient, long unit)
    {
        long twiceRemainder = 2 * Math.abs(unscaled - quotient * unit);
        // below zero of more than half a unit, and of half a one where the quotient is odd
        long isUp = (unit - twiceRemainder - (quotient & 1)) >>> 63;
        long sign = (unscaled >> 63) | 1;
        return (quotient + sign * isUp) * unit;
    }

    /**
     * @param digits how many of the last digits become zero, from 1 to 38
     */
    static Int128 roundLastDigits(String function, Int128 unscaled, int digits, RoundingMode mode, int precision)
    {
        if (digits < Decimals.MAX_SHORT_PRECISION && isLong(unscaled) && fitsWithRounding(unscaled.getLow())) {
            return Int128.valueOf(roundLastDigits(unscaled.getLow(), digits, mode));
        }
        BigInteger unit = bigIntegerTenToNth(digits);
        return toDecimal(function, divide(unscaled.toBigInteger(), unit, mode).multiply(unit), precision);
    }

    /**
     * The unscaled value rounded to decimal places, of which those below zero are digits before the point.
     */
    static long roundToPlaces(long unscaled, int scale, long places, RoundingMode mode)
    {
        if (places >= scale) {
            return unscaled;
        }
        // half a unit of more digits than a short decimal has is more than the value
        return places < scale - Decimals.MAX_SHORT_PRECISION ? 0 : roundLastDigits(unscaled, (int) (scale - places), mode);
    }

    /**
     * The unscaled value rounded to decimal places, of which those below zero are digits before the point.
     */
    static Int128 roundToPlaces(String function, Int128 unscaled, int scale, long places, RoundingMode mode, int precision)
    {
        if (places >= scale) {
            return unscaled;
        }
        return places < scale - Decimals.MAX_PRECISION ? Int128.ZERO : roundLastDigits(function, unscaled, (int) (scale - places), mode, precision);
    }

    public static BigInteger divide(BigInteger dividend, BigInteger divisor, RoundingMode mode)
    {
        return new BigDecimal(dividend).divide(new BigDecimal(divisor), 0, mode).unscaledValue();
    }

    /**
     * The value as a decimal of that precision.
     *
     * @throws io.trino.spi.TrinoException when the value has more digits
     */
    public static Int128 toDecimal(String function, BigInteger unscaled, int precision)
    {
        if (Decimals.overflows(unscaled, precision)) {
            throw outOfRange("%s: the result does not fit in %s digits", function, precision);
        }
        return Int128.valueOf(unscaled);
    }

    static boolean isLong(Int128 value)
    {
        return value.getHigh() == value.getLow() >> 63;
    }

    private static boolean fitsWithRounding(long unscaled)
    {
        return Math.abs(unscaled) < Long.MAX_VALUE / 2 && unscaled != Long.MIN_VALUE;
    }

    private static RoundingMode roundingMode(String name)
    {
        return switch (NameCase.lowerCase(name)) {
            case "half_even" -> RoundingMode.HALF_EVEN;
            case "half_up" -> RoundingMode.HALF_UP;
            case "half_down" -> RoundingMode.HALF_DOWN;
            case "up" -> RoundingMode.UP;
            case "down" -> RoundingMode.DOWN;
            case "ceiling" -> RoundingMode.CEILING;
            case "floor" -> RoundingMode.FLOOR;
            default -> throw invalidArgument(
                    "round_money: not a rounding mode: '%s'; accepted are half_even, half_up, half_down, up, down, ceiling and floor",
                    name);
        };
    }
}
