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

import static io.nostro.functions.money.Currencies.minorUnits;
import static io.nostro.functions.money.DecimalRounding.roundLastDigits;
import static java.math.RoundingMode.HALF_EVEN;

/**
 * Rounds amounts to what can be paid. Half to even, the rounding that has no bias over many amounts. An amount whose scale is
 * no more than the currency's minor units is returned as it is.
 */
@ScalarFunction("round_money")
@Description("Rounds an amount to the minor units of its currency, half to even")
@Source("ISO 4217:2015, minor units; IEEE 754-2019, roundTiesToEven")
@Argument(name = "mode", meaning = "how to round: half_even, half_up, half_down, up, down, ceiling or floor, in any case; half_even when left out")
@Errors(
        invalidArgument = "the currency is not a code of ISO 4217, or has no minor units there, as XAU; or the mode is none of those",
        outOfRange = "the result has more than 38 digits")
@Example(sql = "round_money(DECIMAL '2.345', 'EUR')", result = "2.340")
@Example(sql = "round_money(DECIMAL '2.355', 'EUR')", result = "2.360")
@Example(sql = "round_money(DECIMAL '1234.50', 'JPY')", result = "1234.00")
@Example(sql = "round_money(DECIMAL '2.3', 'EUR')", result = "2.3")
public final class RoundMoneyFunction
{
    private RoundMoneyFunction() {}

    @LiteralParameters({"p", "s", "x", "rp"})
    @SqlType("decimal(rp, s)")
    @Constraint(variable = "rp", expression = "min(38, p + 1)")
    public static long roundShort(
            @LiteralParameter("s") long scale,
            @SqlType("decimal(p, s)") long amount,
            @SqlType("varchar(x)") Slice currency)
    {
        int digits = (int) scale - minorUnits("round_money", currency);
        return digits <= 0 ? amount : roundLastDigits(amount, digits, HALF_EVEN);
    }

    @LiteralParameters({"p", "s", "x", "rp"})
    @SqlType("decimal(rp, s)")
    @Constraint(variable = "rp", expression = "min(38, p + 1)")
    public static Int128 roundShortToLong(
            @LiteralParameter("s") long scale,
            @SqlType("decimal(p, s)") long amount,
            @SqlType("varchar(x)") Slice currency)
    {
        int digits = (int) scale - minorUnits("round_money", currency);
        return Int128.valueOf(digits <= 0 ? amount : roundLastDigits(amount, digits, HALF_EVEN));
    }

    @LiteralParameters({"p", "s", "x", "rp"})
    @SqlType("decimal(rp, s)")
    @Constraint(variable = "rp", expression = "min(38, p + 1)")
    public static Int128 roundLong(
            @LiteralParameter("s") long scale,
            @LiteralParameter("rp") long resultPrecision,
            @SqlType("decimal(p, s)") Int128 amount,
            @SqlType("varchar(x)") Slice currency)
    {
        int digits = (int) scale - minorUnits("round_money", currency);
        return digits <= 0 ? amount : roundLastDigits("round_money", amount, digits, HALF_EVEN, (int) resultPrecision);
    }
}
