package io.nostro.functions.money;

import io.nostro.functions.Example;
import io.trino.spi.function.Constraint;
import io.trino.spi.function.Description;
import io.trino.spi.function.LiteralParameter;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.Int128;
import io.trino.spi.type.StandardTypes;

import static io.nostro.functions.money.DecimalRounding.roundToPlaces;
import static java.math.RoundingMode.HALF_EVEN;

/**
 * Rounds to decimal places, half to even, and keeps the type's scale. A value of no more places is returned as it is.
 */
@ScalarFunction("round_half_even")
@Description("Rounds a decimal to a number of decimal places, half to even (bankers' rounding); -1 rounds to tens, -2 to hundreds; the type keeps its scale")
@Example(sql = "round_half_even(DECIMAL '2.345', 2)", result = "2.340")
@Example(sql = "round_half_even(DECIMAL '2.355', 2)", result = "2.360")
@Example(sql = "round_half_even(DECIMAL '250', -2)", result = "200")
@Example(sql = "round_half_even(DECIMAL '2.345', 5)", result = "2.345")
public final class RoundHalfEvenToPlacesFunction
{
    private RoundHalfEvenToPlacesFunction() {}

    @LiteralParameters({"p", "s", "rp"})
    @SqlType("decimal(rp, s)")
    @Constraint(variable = "rp", expression = "min(38, p + 1)")
    public static long roundShort(
            @LiteralParameter("s") long scale,
            @SqlType("decimal(p, s)") long value,
            @SqlType(StandardTypes.BIGINT) long places)
    {
        return roundToPlaces(value, (int) scale, places, HALF_EVEN);
    }

    @LiteralParameters({"p", "s", "rp"})
    @SqlType("decimal(rp, s)")
    @Constraint(variable = "rp", expression = "min(38, p + 1)")
    public static Int128 roundShortToLong(
            @LiteralParameter("s") long scale,
            @SqlType("decimal(p, s)") long value,
            @SqlType(StandardTypes.BIGINT) long places)
    {
        return Int128.valueOf(roundToPlaces(value, (int) scale, places, HALF_EVEN));
    }

    @LiteralParameters({"p", "s", "rp"})
    @SqlType("decimal(rp, s)")
    @Constraint(variable = "rp", expression = "min(38, p + 1)")
    public static Int128 roundLong(
            @LiteralParameter("s") long scale,
            @LiteralParameter("rp") long resultPrecision,
            @SqlType("decimal(p, s)") Int128 value,
            @SqlType(StandardTypes.BIGINT) long places)
    {
        return roundToPlaces("round_half_even", value, (int) scale, places, HALF_EVEN, (int) resultPrecision);
    }
}
