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

import static io.nostro.functions.money.DecimalRounding.roundToPlaces;
import static java.math.RoundingMode.HALF_EVEN;

/**
 * Rounds to whole numbers, half to even, and keeps the type's scale.
 */
@ScalarFunction("round_half_even")
@Description("Rounds a decimal to a whole number, half to even (bankers' rounding); the type keeps its scale")
@Source("IEEE 754-2019, roundTiesToEven")
@Argument(name = "value", meaning = "the number to round")
@Argument(name = "places", meaning = "the decimal places that are kept; -2 rounds to hundreds, and 0 is taken when left out")
@Errors(outOfRange = "the result has more than 38 digits")
@Example(sql = "round_half_even(DECIMAL '2.50')", result = "2.00")
@Example(sql = "round_half_even(DECIMAL '3.50')", result = "4.00")
@Example(sql = "round_half_even(DECIMAL '-0.5')", result = "0.0")
public final class RoundHalfEvenFunction
{
    private RoundHalfEvenFunction() {}

    @LiteralParameters({"p", "s", "rp"})
    @SqlType("decimal(rp, s)")
    @Constraint(variable = "rp", expression = "min(38, p + 1)")
    public static long roundShort(
            @LiteralParameter("s") long scale,
            @SqlType("decimal(p, s)") long value)
    {
        return roundToPlaces(value, (int) scale, 0, HALF_EVEN);
    }

    @LiteralParameters({"p", "s", "rp"})
    @SqlType("decimal(rp, s)")
    @Constraint(variable = "rp", expression = "min(38, p + 1)")
    public static Int128 roundShortToLong(
            @LiteralParameter("s") long scale,
            @SqlType("decimal(p, s)") long value)
    {
        return Int128.valueOf(roundToPlaces(value, (int) scale, 0, HALF_EVEN));
    }

    @LiteralParameters({"p", "s", "rp"})
    @SqlType("decimal(rp, s)")
    @Constraint(variable = "rp", expression = "min(38, p + 1)")
    public static Int128 roundLong(
            @LiteralParameter("s") long scale,
            @LiteralParameter("rp") long resultPrecision,
            @SqlType("decimal(p, s)") Int128 value)
    {
        return roundToPlaces("round_half_even", value, (int) scale, 0, HALF_EVEN, (int) resultPrecision);
    }
}
