package io.nostro.functions.money;

import io.airlift.slice.Slice;
import io.nostro.functions.Example;
import io.trino.spi.function.Constraint;
import io.trino.spi.function.Description;
import io.trino.spi.function.LiteralParameter;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.Int128;

import java.math.RoundingMode;

import static io.nostro.functions.money.Currencies.minorUnits;
import static io.nostro.functions.money.DecimalRounding.MODES;
import static io.nostro.functions.money.DecimalRounding.roundLastDigits;

/**
 * Rounds amounts to what can be paid. The modes are those of {@link java.math.RoundingMode}, in any case. An amount whose scale is
 * no more than the currency's minor units is returned as it is.
 */
@ScalarFunction("round_money")
@Description("Rounds an amount to the minor units of its currency, by a rounding mode")
@Example(sql = "round_money(DECIMAL '2.345', 'EUR', 'half_up')", result = "2.350")
@Example(sql = "round_money(DECIMAL '-2.341', 'EUR', 'floor')", result = "-2.350")
@Example(sql = "TRY(round_money(DECIMAL '2.345', 'EUR', 'nearest'))", result = "null")
public final class RoundMoneyWithModeFunction
{
    private RoundMoneyWithModeFunction() {}

    @LiteralParameters({"p", "s", "x", "y", "rp"})
    @SqlType("decimal(rp, s)")
    @Constraint(variable = "rp", expression = "min(38, p + 1)")
    public static long roundShort(
            @LiteralParameter("s") long scale,
            @SqlType("decimal(p, s)") long amount,
            @SqlType("varchar(x)") Slice currency,
            @SqlType("varchar(y)") Slice mode)
    {
        RoundingMode roundingMode = MODES.get(mode);
        int digits = (int) scale - minorUnits("round_money", currency);
        return digits <= 0 ? amount : roundLastDigits(amount, digits, roundingMode);
    }

    @LiteralParameters({"p", "s", "x", "y", "rp"})
    @SqlType("decimal(rp, s)")
    @Constraint(variable = "rp", expression = "min(38, p + 1)")
    public static Int128 roundShortToLong(
            @LiteralParameter("s") long scale,
            @SqlType("decimal(p, s)") long amount,
            @SqlType("varchar(x)") Slice currency,
            @SqlType("varchar(y)") Slice mode)
    {
        RoundingMode roundingMode = MODES.get(mode);
        int digits = (int) scale - minorUnits("round_money", currency);
        return Int128.valueOf(digits <= 0 ? amount : roundLastDigits(amount, digits, roundingMode));
    }

    @LiteralParameters({"p", "s", "x", "y", "rp"})
    @SqlType("decimal(rp, s)")
    @Constraint(variable = "rp", expression = "min(38, p + 1)")
    public static Int128 roundLong(
            @LiteralParameter("s") long scale,
            @LiteralParameter("rp") long resultPrecision,
            @SqlType("decimal(p, s)") Int128 amount,
            @SqlType("varchar(x)") Slice currency,
            @SqlType("varchar(y)") Slice mode)
    {
        RoundingMode roundingMode = MODES.get(mode);
        int digits = (int) scale - minorUnits("round_money", currency);
        return digits <= 0 ? amount : roundLastDigits("round_money", amount, digits, roundingMode, (int) resultPrecision);
    }
}
