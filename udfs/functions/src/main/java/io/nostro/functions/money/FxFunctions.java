package io.nostro.functions.money;

import io.airlift.slice.Slice;
import io.nostro.functions.Argument;
import io.nostro.functions.Errors;
import io.nostro.functions.Example;
import io.nostro.functions.Source;
import io.trino.spi.function.Constraint;
import io.trino.spi.function.Description;
import io.trino.spi.function.LiteralParameter;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.Int128;

import java.math.BigInteger;

import static com.google.common.math.LongMath.divide;
import static io.nostro.functions.FunctionErrors.divisionByZero;
import static io.nostro.functions.FunctionErrors.invalidArgument;
import static io.nostro.functions.FunctionErrors.outOfRange;
import static io.nostro.functions.money.Currencies.minorUnits;
import static io.nostro.functions.money.DecimalRounding.isLong;
import static io.nostro.functions.money.DecimalRounding.toDecimal;
import static io.trino.spi.type.Decimals.MAX_PRECISION;
import static io.trino.spi.type.Decimals.bigIntegerTenToNth;
import static io.trino.spi.type.Decimals.longTenToNth;
import static java.math.RoundingMode.HALF_UP;

/**
 * Conversion of money between currencies, exact and rounded once, half up, to the minor units of the currency that it is
 * converted to: articles 4 and 5 of Council Regulation (EC) No 1103/97, which forbid rounding on the way.
 */
@Source("Council Regulation (EC) No 1103/97, articles 4 and 5")
@Argument(name = "from_rate", meaning = "units of the first currency for one of the common base: with ECB rates, units for a euro; above zero")
@Argument(name = "to_rate", meaning = "units of the second currency for one of the common base: with ECB rates, units for a euro; above zero")
public final class FxFunctions
{
    private static final String NAME = "fx_convert";
    private static final String CROSS = "fx_cross";
    private static final int LARGEST_LONG_POWER = 18;

    private FxFunctions() {}

    @ScalarFunction(NAME)
    @Description("Converts an amount between two currencies by their rates, in units for one of a common base (such as the ECB's for one euro), rounded once, half up, to the target's minor units")
    @Argument(name = "rate", meaning = "units of to_currency for one of the amount's currency; above zero")
    @Errors(
            invalidArgument = "a rate is negative, the currency is not a code of ISO 4217, or has no minor units there, as XAU; or the amount's type has fewer decimal places than to_currency",
            outOfRange = "the result has more than 38 digits",
            divisionByZero = "a rate is zero")
    @LiteralParameters({"s", "fs", "ts", "x"})
    @SqlType("decimal(38, s)")
    @Example(sql = "fx_convert(DECIMAL '100.00', DECIMAL '1.1343', DECIMAL '0.85170', 'GBP')", result = "75.09")
    @Example(sql = "fx_convert(DECIMAL '100.00', DECIMAL '1', DECIMAL '162.34', 'JPY')", result = "16234.00")
    @Example(sql = "fx_convert(DECIMAL '0.01', DECIMAL '2', DECIMAL '1', 'EUR')", result = "0.01")
    @Example(sql = "TRY(fx_convert(DECIMAL '100.00', DECIMAL '0', DECIMAL '1', 'EUR'))", result = "null")
    public static Int128 convertThroughBase(
            @LiteralParameter("s") long scale,
            @LiteralParameter("fs") long fromScale,
            @LiteralParameter("ts") long toScale,
            @SqlType("decimal(38, s)") Int128 amount,
            @SqlType("decimal(38, fs)") Int128 fromRate,
            @SqlType("decimal(38, ts)") Int128 toRate,
            @SqlType("varchar(x)") Slice toCurrency)
    {
        checkRate(NAME, "from_rate", fromRate);
        checkRate(NAME, "to_rate", toRate);
        return convert(amount, (int) scale, toRate, (int) toScale, fromRate, (int) fromScale, toCurrency);
    }

    @ScalarFunction(NAME)
    @Description("Converts an amount by a rate, in units of the target currency for one of the amount's, rounded once, half up, to the target's minor units")
    @LiteralParameters({"s", "rs", "x"})
    @SqlType("decimal(38, s)")
    @Example(sql = "fx_convert(DECIMAL '100.00', DECIMAL '1.1343', 'USD')", result = "113.43")
    @Example(sql = "fx_convert(DECIMAL '-0.50', DECIMAL '1.01', 'EUR')", result = "-0.51")
    public static Int128 convert(
            @LiteralParameter("s") long scale,
            @LiteralParameter("rs") long rateScale,
            @SqlType("decimal(38, s)") Int128 amount,
            @SqlType("decimal(38, rs)") Int128 rate,
            @SqlType("varchar(x)") Slice toCurrency)
    {
        checkRate(NAME, "rate", rate);
        return convert(amount, (int) scale, rate, (int) rateScale, Int128.ONE, 0, toCurrency);
    }

    @ScalarFunction(CROSS)
    @Description("The rate between two currencies, in units of the second for one of the first, from their rates in units for one of a common base; rounded once, half up, to the larger of the rates' scales and at least 12 decimal places")
    @Errors(
            invalidArgument = "a rate is negative",
            outOfRange = "the result has more than 38 digits, or is less than its decimal places can hold",
            divisionByZero = "a rate is zero")
    @LiteralParameters({"fs", "ts", "s"})
    @SqlType("decimal(38, s)")
    @Constraint(variable = "s", expression = "max(max(fs, ts), 12)")
    @Example(sql = "fx_cross(DECIMAL '1.1343', DECIMAL '0.85170')", result = "0.750859560963")
    @Example(sql = "fx_cross(DECIMAL '162.34', DECIMAL '1')", result = "0.006159911297")
    @Example(sql = "fx_cross(DECIMAL '4', DECIMAL '1.0000000000000')", result = "0.2500000000000")
    @Example(sql = "TRY(fx_cross(DECIMAL '0', DECIMAL '1'))", result = "null")
    public static Int128 cross(
            @LiteralParameter("fs") long fromScale,
            @LiteralParameter("ts") long toScale,
            @LiteralParameter("s") long scale,
            @SqlType("decimal(38, fs)") Int128 fromRate,
            @SqlType("decimal(38, ts)") Int128 toRate)
    {
        checkRate(CROSS, "from_rate", fromRate);
        checkRate(CROSS, "to_rate", toRate);
        // the exponent is not negative, for the result has at least the scale of to_rate
        BigInteger dividend = toRate.toBigInteger().multiply(BigInteger.TEN.pow((int) (fromScale + scale - toScale)));
        BigInteger rate = DecimalRounding.divide(dividend, fromRate.toBigInteger(), HALF_UP);
        if (rate.signum() == 0) {
            throw outOfRange("%s: the result is less than its %s decimal places can hold", CROSS, scale);
        }
        return toDecimal(CROSS, rate, MAX_PRECISION);
    }

    private static Int128 convert(Int128 amount, int scale, Int128 multiplier, int multiplierScale, Int128 divisor, int divisorScale, Slice toCurrency)
    {
        int minorUnits = minorUnits(NAME, toCurrency);
        if (minorUnits > scale) {
            throw invalidArgument(
                    "%s: the amount's scale is %s and %s has %s decimal places; cast the amount to a scale of at least %s",
                    NAME,
                    scale,
                    toCurrency.toStringUtf8(),
                    minorUnits,
                    minorUnits);
        }
        // in minor units: amount * multiplier / divisor * 10^exponent
        int exponent = divisorScale + minorUnits - scale - multiplierScale;
        int padding = scale - minorUnits;

        if (isLong(amount) && isLong(multiplier) && isLong(divisor) && Math.abs(exponent) <= LARGEST_LONG_POWER && padding <= LARGEST_LONG_POWER) {
            long power = longTenToNth(Math.abs(exponent));
            long product = amount.getLow() * multiplier.getLow();
            boolean exact = isProduct(amount.getLow(), multiplier.getLow(), product);
            long dividend = exponent >= 0 ? product * power : product;
            long denominator = exponent >= 0 ? divisor.getLow() : divisor.getLow() * power;
            exact &= exponent >= 0 ? isProduct(product, power, dividend) : isProduct(divisor.getLow(), power, denominator);
            if (exact) {
                long quotient = divide(dividend, denominator, HALF_UP);
                long unscaled = quotient * longTenToNth(padding);
                if (isProduct(quotient, longTenToNth(padding), unscaled)) {
                    return Int128.valueOf(unscaled);
                }
            }
        }

        BigInteger power = BigInteger.TEN.pow(Math.abs(exponent));
        BigInteger dividend = amount.toBigInteger().multiply(multiplier.toBigInteger());
        BigInteger denominator = divisor.toBigInteger();
        if (exponent >= 0) {
            dividend = dividend.multiply(power);
        }
        else {
            denominator = denominator.multiply(power);
        }
        return toDecimal(NAME, DecimalRounding.divide(dividend, denominator, HALF_UP).multiply(bigIntegerTenToNth(padding)), MAX_PRECISION);
    }

    private static boolean isProduct(long left, long right, long product)
    {
        return Math.multiplyHigh(left, right) == product >> 63;
    }

    private static void checkRate(String function, String name, Int128 rate)
    {
        if (rate.isZero()) {
            throw divisionByZero("%s: %s is zero; accepted is a rate above zero", function, name);
        }
        if (rate.isNegative()) {
            throw invalidArgument("%s: %s is negative; accepted is a rate above zero", function, name);
        }
    }
}
