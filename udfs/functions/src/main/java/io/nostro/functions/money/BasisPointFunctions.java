package io.nostro.functions.money;

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
import io.trino.spi.type.StandardTypes;

import java.math.BigDecimal;
import java.math.BigInteger;

import static io.nostro.functions.FunctionErrors.invalidArgument;
import static io.nostro.functions.FunctionErrors.outOfRange;
import static io.nostro.functions.money.DecimalRounding.toDecimal;
import static io.trino.spi.type.Decimals.MAX_PRECISION;

/**
 * Rates as fractions and in basis points, of which a hundred are a percent. Decimals are exact.
 */
@Source("A basis point is a hundredth of a percent")
@Argument(name = "rate", meaning = "the rate as a fraction: 0.0125 is 1.25 %")
@Argument(name = "basis_points", meaning = "the basis points: 125 is 1.25 %")
public final class BasisPointFunctions
{
    private static final int DIGITS = 4;
    private static final double OF_ONE = 10_000;

    private BasisPointFunctions() {}

    @ScalarFunction("to_basis_points")
    @Description("A rate, which is a fraction, in basis points: 0.0125 is 125")
    @Errors(
            invalidArgument = "a double is NaN or infinite",
            outOfRange = "the result has more than 38 digits, or is too large for a double")
    @LiteralParameters({"s", "rs"})
    @SqlType("decimal(38, rs)")
    @Constraint(variable = "rs", expression = "max(s - 4, 0)")
    @Example(sql = "to_basis_points(DECIMAL '0.0125')", result = "125")
    @Example(sql = "to_basis_points(DECIMAL '-0.001255')", result = "-12.55")
    @Example(sql = "to_basis_points(2)", result = "20000")
    public static Int128 toBasisPoints(
            @LiteralParameter("s") long scale,
            @SqlType("decimal(38, s)") Int128 rate)
    {
        int padding = (int) Math.max(0, DIGITS - scale);
        if (padding == 0) {
            return rate;
        }
        return toDecimal("to_basis_points", rate.toBigInteger().multiply(BigInteger.TEN.pow(padding)), MAX_PRECISION);
    }

    @ScalarFunction("to_basis_points")
    @Description("A rate, which is a fraction, in basis points: 0.0125 is 125")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "to_basis_points(0.0125e0)", result = "125.0")
    @Example(sql = "to_basis_points(0.0001e0)", result = "1.0")
    @Example(sql = "TRY(to_basis_points(nan()))", result = "null")
    public static double toBasisPoints(@SqlType(StandardTypes.DOUBLE) double rate)
    {
        return finite("to_basis_points", movePoint(checked("to_basis_points", "rate", rate), DIGITS));
    }

    @ScalarFunction("from_basis_points")
    @Description("A number of basis points as a rate, which is a fraction: 125 is 0.0125")
    @Errors(
            invalidArgument = "a double is NaN or infinite",
            outOfRange = "a decimal's result has more than 38 decimal places")
    @LiteralParameters({"s", "rs"})
    @SqlType("decimal(38, rs)")
    @Constraint(variable = "rs", expression = "min(s + 4, 38)")
    @Example(sql = "from_basis_points(DECIMAL '125')", result = "0.0125")
    @Example(sql = "from_basis_points(DECIMAL '-12.55')", result = "-0.001255")
    @Example(sql = "from_basis_points(3)", result = "0.0003")
    public static Int128 fromBasisPoints(
            @LiteralParameter("s") long scale,
            @LiteralParameter("rs") long resultScale,
            @SqlType("decimal(38, s)") Int128 basisPoints)
    {
        int dropped = (int) (scale + DIGITS - resultScale);
        if (dropped == 0) {
            return basisPoints;
        }
        BigInteger[] quotient = basisPoints.toBigInteger().divideAndRemainder(BigInteger.TEN.pow(dropped));
        if (quotient[1].signum() != 0) {
            throw outOfRange("from_basis_points: the result has more than %s decimal places", resultScale);
        }
        return Int128.valueOf(quotient[0]);
    }

    @ScalarFunction("from_basis_points")
    @Description("A number of basis points as a rate, which is a fraction: 125 is 0.0125")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "from_basis_points(125e0)", result = "0.0125")
    @Example(sql = "TRY(from_basis_points(infinity()))", result = "null")
    public static double fromBasisPoints(@SqlType(StandardTypes.DOUBLE) double basisPoints)
    {
        return checked("from_basis_points", "basis_points", basisPoints) / OF_ONE;
    }

    /**
     * Of the number's shortest decimal text, so that 0.0007 is 7 basis points and not 7.000000000000001.
     */
    private static double movePoint(double value, int digits)
    {
        return BigDecimal.valueOf(value).scaleByPowerOfTen(digits).doubleValue();
    }

    private static double checked(String function, String name, double value)
    {
        if (!Double.isFinite(value)) {
            throw invalidArgument("%s: %s is %s; accepted is a finite number", function, name, value);
        }
        return value;
    }

    private static double finite(String function, double value)
    {
        if (!Double.isFinite(value)) {
            throw outOfRange("%s: the result is too large", function);
        }
        return value;
    }
}
