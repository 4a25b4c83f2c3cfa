package io.nostro.functions.rates;

import io.airlift.slice.Slice;
import io.nostro.functions.Argument;
import io.nostro.functions.Errors;
import io.nostro.functions.Example;
import io.nostro.functions.Source;
import io.trino.spi.function.Description;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.StandardTypes;

import java.util.OptionalDouble;

import static io.airlift.slice.Slices.utf8Slice;
import static io.nostro.functions.FunctionErrors.invalidArgument;
import static io.nostro.functions.FunctionErrors.outOfRange;

/**
 * Functions of annual interest rates as fractions: 0.05 is five percent.
 */
public final class RateFunctions
{
    private static final Slice ANNUAL = utf8Slice("annual");
    private static final double FIRST_STEP = 0.005;
    private static final double GUESS = 0.005;
    private static final double LARGEST_LOGARITHM = 20;

    private RateFunctions() {}

    @ScalarFunction("effective_rate")
    @Description("The effective annual rate of a nominal annual rate that is compounded a number of times a year (Excel's EFFECT)")
    @Source("Microsoft Excel, function EFFECT")
    @Argument(name = "nominal_rate", meaning = "the annual rate, compounded periods_per_year times, as a fraction: 0.05 is 5 %")
    @Errors(
            invalidArgument = "the rate is not finite or leaves nothing of a period, or periods_per_year is below 1",
            outOfRange = "the result is too large for a double")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(effective_rate(0.0525, 4), 7)", result = "0.0535427")
    @Example(sql = "effective_rate(0.05, 1)", result = "0.05")
    @Example(sql = "TRY(effective_rate(0.05, 0))", result = "null")
    public static double effectiveRate(@SqlType(StandardTypes.DOUBLE) double nominalRate, @SqlType(StandardTypes.BIGINT) long periodsPerYear)
    {
        Compounding compounding = compounding("effective_rate", periodsPerYear);
        return converted("effective_rate", "nominal_rate", nominalRate, compounding, new Compounding(1));
    }

    @ScalarFunction("nominal_rate")
    @Description("The nominal annual rate, compounded a number of times a year, of an effective annual rate (Excel's NOMINAL)")
    @Source("Microsoft Excel, function NOMINAL")
    @Argument(name = "effective_rate", meaning = "the annual rate, compounded once a year, as a fraction: 0.05 is 5 %")
    @Errors(
            invalidArgument = "the rate is not finite or leaves nothing of a period, or periods_per_year is below 1",
            outOfRange = "the result is too large for a double")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(nominal_rate(0.053543, 4), 8)", result = "0.05250032")
    @Example(sql = "nominal_rate(0.05, 1)", result = "0.05")
    @Example(sql = "TRY(nominal_rate(-1.5, 4))", result = "null")
    public static double nominalRate(@SqlType(StandardTypes.DOUBLE) double effectiveRate, @SqlType(StandardTypes.BIGINT) long periodsPerYear)
    {
        Compounding compounding = compounding("nominal_rate", periodsPerYear);
        return converted("nominal_rate", "effective_rate", effectiveRate, new Compounding(1), compounding);
    }

    @ScalarFunction("convert_rate")
    @Description("The annual rate of another compounding (annual, semiannual, quarterly, monthly, weekly, daily, continuous) that gives the same growth")
    @Source("J. C. Hull, Options, Futures, and Other Derivatives, chapter Interest Rates")
    @Argument(name = "rate", meaning = "the annual rate as a fraction: 0.05 is 5 %")
    @Argument(name = "from_compounding", meaning = "how the rate compounds: annual, semiannual, quarterly, monthly, weekly (52), daily (365) or continuous")
    @Argument(name = "to_compounding", meaning = "how the result compounds, by the same names")
    @Errors(
            invalidArgument = "the rate is not finite or leaves nothing of a period, or a compounding is none of those",
            outOfRange = "the result is too large for a double")
    @LiteralParameters({"x", "y"})
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(convert_rate(0.10, 'semiannual', 'continuous'), 9)", result = "0.097580328")
    @Example(sql = "round(convert_rate(0.08, 'continuous', 'quarterly'), 9)", result = "0.08080536")
    @Example(sql = "TRY(convert_rate(0.08, 'simple', 'quarterly'))", result = "null")
    public static double convertRate(
            @SqlType(StandardTypes.DOUBLE) double rate,
            @SqlType("varchar(x)") Slice fromCompounding,
            @SqlType("varchar(y)") Slice toCompounding)
    {
        Compounding from = Compounding.BY_NAME.get(fromCompounding);
        Compounding to = Compounding.BY_NAME.get(toCompounding);
        if (from.isSimple() || to.isSimple()) {
            throw invalidArgument("convert_rate: simple interest has no compounding; accepted are annual, semiannual, quarterly, monthly, weekly, daily and continuous");
        }
        return converted("convert_rate", "rate", rate, from, to);
    }

    @ScalarFunction("discount_factor")
    @Description("The discount factor: what one unit due in a number of years is worth now, at an annually compounded rate")
    @Source("J. C. Hull, Options, Futures, and Other Derivatives, chapter Interest Rates")
    @Argument(name = "rate", meaning = "the annual rate as a fraction: 0.05 is 5 %")
    @Argument(name = "years", meaning = "the time until the payment, in years")
    @Argument(name = "compounding", meaning = "how the rate compounds: simple, annual, semiannual, quarterly, monthly, weekly (52), daily (365) or continuous; annual when left out")
    @Errors(
            invalidArgument = "the rate or the years are not finite, the rate leaves nothing, or the compounding is none of those",
            outOfRange = "the result is too large or too small for a double")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(discount_factor(0.05, 2), 9)", result = "0.907029478")
    @Example(sql = "discount_factor(0.05, 0)", result = "1.0")
    @Example(sql = "TRY(discount_factor(-1, 2))", result = "null")
    public static double discountFactor(@SqlType(StandardTypes.DOUBLE) double rate, @SqlType(StandardTypes.DOUBLE) double years)
    {
        return discountFactor(rate, years, ANNUAL);
    }

    @ScalarFunction("discount_factor")
    @Description("The discount factor: what one unit due in a number of years is worth now, at a rate of a compounding (simple, annual, semiannual, quarterly, monthly, weekly, daily, continuous)")
    @LiteralParameters("x")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(discount_factor(0.05, 2, 'continuous'), 9)", result = "0.904837418")
    @Example(sql = "discount_factor(0.05, 0.5, 'simple') = 1 / 1.025e0", result = "true")
    @Example(sql = "TRY(discount_factor(0.05, 2, 'always'))", result = "null")
    public static double discountFactor(
            @SqlType(StandardTypes.DOUBLE) double rate,
            @SqlType(StandardTypes.DOUBLE) double years,
            @SqlType("varchar(x)") Slice compounding)
    {
        Compounding parsed = Compounding.BY_NAME.get(compounding);
        if (!Double.isFinite(rate) || !Double.isFinite(years)) {
            throw invalidArgument("discount_factor: rate is %s and years %s; accepted are finite numbers", rate, years);
        }
        double growth = parsed.isSimple() ? 1 + rate * years : Math.exp(parsed.logarithmOfGrowth(rate) * years);
        if (!(growth > 0)) {
            throw invalidArgument("discount_factor: rate is %s; accepted is a rate that leaves more than nothing", rate);
        }
        double factor = 1 / growth;
        if (factor == 0 || Double.isInfinite(factor)) {
            throw outOfRange("discount_factor: the result is too large or too small");
        }
        return factor;
    }

    @ScalarFunction("apr")
    @Description("The annual percentage rate, as a fraction, of an amount financed that is repaid by equal payments, the first after one period (Regulation Z, Appendix J)")
    @Source("Regulation Z (12 CFR Part 1026), Appendix J")
    @Argument(name = "amount_financed", meaning = "what the borrower gets at the start, above zero")
    @Argument(name = "payment", meaning = "each of the equal payments, above zero")
    @Argument(name = "payments", meaning = "the number of payments, 1 and above")
    @Argument(name = "payments_per_year", meaning = "unit-periods in a year, one payment in each: 12 for monthly, 52 for weekly")
    @Argument(name = "first_period", meaning = "unit-periods from the start to the first payment, such as 1.5; 1 when left out")
    @Errors(invalidArgument = "an argument is not as accepted, or there is no rate at which the payments repay the amount financed")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(apr(5000, 230, 24, 12), 4)", result = "0.0969")
    @Example(sql = "round(apr(1200, 100, 12, 12), 9)", result = "0.0")
    @Example(sql = "TRY(apr(0, 100, 12, 12))", result = "null")
    public static double apr(
            @SqlType(StandardTypes.DOUBLE) double amountFinanced,
            @SqlType(StandardTypes.DOUBLE) double payment,
            @SqlType(StandardTypes.BIGINT) long payments,
            @SqlType(StandardTypes.BIGINT) long paymentsPerYear)
    {
        return apr(amountFinanced, payment, payments, paymentsPerYear, 1);
    }

    @ScalarFunction("apr")
    @Description("The annual percentage rate, as a fraction, of an amount financed that is repaid by equal payments, the first after a number of unit-periods, of which a fraction bears simple interest (Regulation Z, Appendix J)")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(apr(6000, 200, 36, 12, 1 + 19e0 / 30), 4)", result = "0.1182")
    @Example(sql = "round(apr(500, 17.60, 30, 52, 4 + 4e0 / 7), 4)", result = "0.1496")
    public static double apr(
            @SqlType(StandardTypes.DOUBLE) double amountFinanced,
            @SqlType(StandardTypes.DOUBLE) double payment,
            @SqlType(StandardTypes.BIGINT) long payments,
            @SqlType(StandardTypes.BIGINT) long paymentsPerYear,
            @SqlType(StandardTypes.DOUBLE) double firstPeriod)
    {
        if (!(amountFinanced > 0 && payment > 0 && Double.isFinite(amountFinanced) && Double.isFinite(payment))) {
            throw invalidArgument("apr: amount_financed is %s and payment %s; accepted are finite numbers above zero", amountFinanced, payment);
        }
        if (payments < 1 || paymentsPerYear < 1) {
            throw invalidArgument("apr: payments is %s and payments_per_year %s; accepted are 1 and above", payments, paymentsPerYear);
        }
        if (!(firstPeriod >= 0 && Double.isFinite(firstPeriod))) {
            throw invalidArgument("apr: first_period is %s; accepted is a finite number of unit-periods of zero and above", firstPeriod);
        }
        double whole = Math.floor(firstPeriod);
        double fraction = firstPeriod - whole;
        double share = amountFinanced / payment;
        OptionalDouble logarithm = NearestRoot.find(
                x -> worth(x, whole, fraction, (double) payments) - share,
                GUESS,
                FIRST_STEP,
                -LARGEST_LOGARITHM,
                LARGEST_LOGARITHM);
        return paymentsPerYear * Math.expm1(logarithm.orElseThrow(() -> invalidArgument("apr: there is no rate at which these payments repay the amount financed")));
    }

    /**
     * What payments of one unit are worth at the advance, in units.
     */
    private static double worth(double logarithm, double whole, double fraction, double payments)
    {
        double rate = Math.expm1(logarithm);
        double atFirstPayment = rate == 0 ? payments : Math.exp(logarithm) * -Math.expm1(-payments * logarithm) / rate;
        return Math.min(Double.MAX_VALUE, atFirstPayment * Math.exp(-whole * logarithm) / (1 + fraction * rate));
    }

    private static Compounding compounding(String function, long periodsPerYear)
    {
        if (periodsPerYear < 1) {
            throw invalidArgument("%s: periods_per_year is %s; accepted is 1 and above", function, periodsPerYear);
        }
        return new Compounding((double) periodsPerYear);
    }

    private static double converted(String function, String name, double rate, Compounding from, Compounding to)
    {
        double logarithm = from.logarithmOfGrowth(rate);
        if (!Double.isFinite(logarithm)) {
            throw invalidArgument("%s: %s is %s; accepted is a finite rate that leaves more than nothing of each period", function, name, rate);
        }
        double converted = from.equals(to) ? rate : to.rate(logarithm);
        if (!Double.isFinite(converted)) {
            throw outOfRange("%s: the result is too large", function);
        }
        return converted;
    }
}
