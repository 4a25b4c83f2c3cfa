package io.nostro.functions.rates;

import io.airlift.slice.Slice;
import io.nostro.functions.Argument;
import io.nostro.functions.Errors;
import io.nostro.functions.Example;
import io.nostro.functions.Source;
import io.trino.spi.function.Description;
import io.trino.spi.function.LiteralParameter;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.Int128;
import io.trino.spi.type.StandardTypes;

import java.math.BigDecimal;

import static io.airlift.slice.Slices.utf8Slice;
import static io.nostro.functions.FunctionErrors.invalidArgument;
import static io.nostro.functions.money.DecimalRounding.toDecimal;
import static io.nostro.functions.rates.DayCountConventions.days;
import static io.nostro.functions.rates.DayCountConventions.yearFraction;
import static io.trino.spi.type.Decimals.MAX_PRECISION;
import static java.math.RoundingMode.HALF_EVEN;

/**
 * Interest over a period of dates, by the day count conventions of the 2006 ISDA Definitions (4.16) and others.
 */
@Source("2006 ISDA Definitions, section 4.16 (Day Count Fraction); ICMA Rule 251 for Act/Act ICMA")
@Errors(
        invalidArgument = "the convention is not known or can not count these dates, or the end is before the start",
        outOfRange = "a Bus/252 convention is asked for dates outside of the years that its calendar covers")
public final class AccrualFunctions
{
    private static final Slice REGULAR = utf8Slice("regular");

    private AccrualFunctions() {}

    @ScalarFunction("day_count_fraction")
    @Description("The length of a period in years by a day count convention (Act/360, Act/365F, Act/Act ISDA, 30/360 ISDA, 30E/360, Bus/252 and others) in any of the market's spellings")
    @Argument(name = "period_start", meaning = "the first day of the coupon period, on the start or before it")
    @Argument(name = "period_end", meaning = "the last day of the coupon period, on the end or after it")
    @Argument(name = "frequency", meaning = "coupons a year: 1, 2, 3, 4, 6 or 12")
    @Argument(name = "position", meaning = "where the period is in the bond's schedule: initial, regular or final; regular when left out")
    @Errors(
            invalidArgument = "the convention is not known or can not count these dates, the dates are out of order, the period is longer than 36,525 days, or the frequency or the position is none of those accepted",
            outOfRange = "a Bus/252 convention is asked for dates outside of the years that its calendar covers")
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

    @ScalarFunction("day_count_fraction")
    @Description("The length in years of an accrual within a regular coupon period, by any day count convention: those too that need the period (Act/Act ICMA, Act/365L, 30E/360 ISDA); frequency in coupons a year")
    @LiteralParameters("x")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "day_count_fraction(DATE '2003-11-01', DATE '2004-05-01', 'ACT/ACT ICMA', DATE '2003-11-01', DATE '2004-05-01', 2)", result = "0.5")
    @Example(sql = "day_count_fraction(DATE '2025-01-15', DATE '2025-04-15', 'ISMA-99', DATE '2025-01-15', DATE '2025-07-15', 2)", result = "0.24861878453038674")
    @Example(sql = "TRY(day_count_fraction(DATE '2025-01-15', DATE '2025-04-15', 'ISMA-99', DATE '2025-02-15', DATE '2025-07-15', 2))", result = "null")
    public static double dayCountFraction(
            @SqlType(StandardTypes.DATE) long start,
            @SqlType(StandardTypes.DATE) long end,
            @SqlType("varchar(x)") Slice convention,
            @SqlType(StandardTypes.DATE) long periodStart,
            @SqlType(StandardTypes.DATE) long periodEnd,
            @SqlType(StandardTypes.BIGINT) long frequency)
    {
        return dayCountFraction(start, end, convention, periodStart, periodEnd, frequency, REGULAR);
    }

    @ScalarFunction("day_count_fraction")
    @Description("The length in years of an accrual within a coupon period, by any day count convention; position is initial, regular or final: quasi-coupon dates of a long or short initial period are counted back from its end, of a final one forward from its start, from the last day of a month to last days of months; a final one ends at maturity")
    @LiteralParameters({"x", "y"})
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "day_count_fraction(DATE '1999-02-01', DATE '1999-07-01', 'ACT/ACT ICMA', DATE '1999-02-01', DATE '1999-07-01', 1, 'initial')", result = "0.410958904109589")
    @Example(sql = "round(day_count_fraction(DATE '2002-08-15', DATE '2003-07-15', 'ACT/ACT ICMA', DATE '2002-08-15', DATE '2003-07-15', 2, 'initial'), 12)", result = "0.915760869565")
    @Example(sql = "round(day_count_fraction(DATE '1999-11-30', DATE '2000-04-30', 'ACT/ACT ICMA', DATE '1999-11-30', DATE '2000-04-30', 4, 'final'), 12)", result = "0.415760869565")
    public static double dayCountFraction(
            @SqlType(StandardTypes.DATE) long start,
            @SqlType(StandardTypes.DATE) long end,
            @SqlType("varchar(x)") Slice convention,
            @SqlType(StandardTypes.DATE) long periodStart,
            @SqlType(StandardTypes.DATE) long periodEnd,
            @SqlType(StandardTypes.BIGINT) long frequency,
            @SqlType("varchar(y)") Slice position)
    {
        return yearFraction(
                "day_count_fraction",
                DayCountConventions.IN_A_PERIOD_BY_NAME.get(convention),
                start,
                end,
                CouponPeriod.of("day_count_fraction", start, end, periodStart, periodEnd, frequency, position));
    }

    @ScalarFunction("day_count_days")
    @Description("The days of a period as a day count convention (as in day_count_fraction) counts them")
    @LiteralParameters("x")
    @SqlType(StandardTypes.BIGINT)
    @Example(sql = "day_count_days(DATE '2025-01-31', DATE '2025-03-31', '30E/360')", result = "60")
    @Example(sql = "day_count_days(DATE '2025-01-31', DATE '2025-03-31', 'Act/360')", result = "59")
    @Example(sql = "day_count_days(DATE '2025-04-14', DATE '2025-05-02', 'BUS/252 BRBD')", result = "11")
    public static long dayCountDays(
            @SqlType(StandardTypes.DATE) long start,
            @SqlType(StandardTypes.DATE) long end,
            @SqlType("varchar(x)") Slice convention)
    {
        return days("day_count_days", DayCountConventions.BY_NAME.get(convention), start, end);
    }

    @ScalarFunction("accrued_interest")
    @Description("Simple interest on a principal over a period by a day count convention (as in day_count_fraction), exact and rounded once, half to even, to the principal's scale")
    @Argument(name = "principal", meaning = "the amount that bears interest; the result has its scale")
    @Errors(
            invalidArgument = "the convention is not known or can not count these dates, the end is before the start, or annual_rate is NaN or infinite",
            outOfRange = "the result has more than 38 digits, or a Bus/252 convention is asked for dates outside of the years that its calendar covers")
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
        DayCountConventions.ExactYears years = DayCountConventions.exactYears("accrued_interest", DayCountConventions.BY_NAME.get(convention), start, end);
        // a double's shortest text is the number that was meant: 0.1 is a tenth
        BigDecimal interest = new BigDecimal(principal.toBigInteger(), (int) scale)
                .multiply(BigDecimal.valueOf(annualRate))
                .multiply(years.numerator())
                .divide(years.denominator(), (int) scale, HALF_EVEN);
        return toDecimal("accrued_interest", interest.unscaledValue(), MAX_PRECISION);
    }
}
