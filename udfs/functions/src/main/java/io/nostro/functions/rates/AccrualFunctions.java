package io.nostro.functions.rates;

import io.airlift.slice.Slice;
import io.nostro.functions.Example;
import io.trino.spi.function.Description;
import io.trino.spi.function.LiteralParameter;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.Int128;
import io.trino.spi.type.StandardTypes;

import java.math.BigDecimal;

import static io.nostro.functions.FunctionErrors.invalidArgument;
import static io.nostro.functions.money.DecimalRounding.toDecimal;
import static io.nostro.functions.rates.DayCountConventions.yearFraction;
import static io.trino.spi.type.Decimals.MAX_PRECISION;
import static java.math.RoundingMode.HALF_EVEN;

/**
 * Interest over a period of dates, by the day count conventions of the 2006 ISDA Definitions (4.16) and others.
 */
public final class AccrualFunctions
{
    private AccrualFunctions() {}

    @ScalarFunction("day_count_fraction")
    @Description("The length of a period in years by a day count convention (Act/360, Act/365F, Act/Act ISDA, 30/360 ISDA, 30E/360, Bus/252 and others) in any of the market's spellings")
    @LiteralParameters("x")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "day_count_fraction(DATE '2025-01-15', DATE '2025-07-15', 'Act/360')", result = "0.5027777777777778")
    @Example(sql = "day_count_fraction(DATE '2025-01-15', DATE '2025-07-15', '30E/360')", result = "0.5")
    @Example(sql = "day_count_fraction(DATE '2025-05-02', DATE '2025-05-02', 'ACT/365F')", result = "0.0")
    @Example(sql = "TRY(day_count_fraction(DATE '2025-07-15', DATE '2025-01-15', 'Act/360'))", result = "null")
    public static double dayCountFraction(
            @SqlType(StandardTypes.DATE) long start,
            @SqlType(StandardTypes.DATE) long end,
            @SqlType("varchar(x)") Slice convention)
    {
        return yearFraction("day_count_fraction", DayCountConventions.BY_NAME.get(convention), start, end);
    }

    @ScalarFunction("accrued_interest")
    @Description("Simple interest on a principal over a period by a day count convention (as in day_count_fraction), exact and rounded once, half to even, to the principal's scale")
    @LiteralParameters({"s", "x"})
    @SqlType("decimal(38, s)")
    @Example(sql = "accrued_interest(DECIMAL '1000000.00', 0.0375, DATE '2025-01-15', DATE '2025-04-15', 'Act/360')", result = "9375.00")
    @Example(sql = "accrued_interest(DECIMAL '-250.00', 0.0875, DATE '2025-05-02', DATE '2025-05-05', 'Act/365F')", result = "-0.18")
    @Example(sql = "accrued_interest(DECIMAL '100.00', 0.05, DATE '2025-05-02', DATE '2025-05-02', 'Act/360')", result = "0.00")
    public static Int128 accruedInterest(
            @LiteralParameter("s") long scale,
            @SqlType("decimal(38, s)") Int128 principal,
            @SqlType(StandardTypes.DOUBLE) double annualRate,
            @SqlType(StandardTypes.DATE) long start,
            @SqlType(StandardTypes.DATE) long end,
            @SqlType("varchar(x)") Slice convention)
    {
        if (!Double.isFinite(annualRate)) {
            throw invalidArgument("accrued_interest: annual_rate is %s; accepted is a finite number", annualRate);
        }
        double years = yearFraction("accrued_interest", DayCountConventions.BY_NAME.get(convention), start, end);
        // a double's shortest text is the number that was meant: 0.1 is a tenth
        BigDecimal interest = new BigDecimal(principal.toBigInteger(), (int) scale)
                .multiply(BigDecimal.valueOf(annualRate))
                .multiply(BigDecimal.valueOf(years))
                .setScale((int) scale, HALF_EVEN);
        return toDecimal("accrued_interest", interest.unscaledValue(), MAX_PRECISION);
    }
}
