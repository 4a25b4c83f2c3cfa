package io.nostro.functions.rates;

import io.nostro.functions.Argument;
import io.nostro.functions.Errors;
import io.nostro.functions.Example;
import io.nostro.functions.Source;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.function.AggregationFunction;
import io.trino.spi.function.AggregationState;
import io.trino.spi.function.CombineFunction;
import io.trino.spi.function.Description;
import io.trino.spi.function.InputFunction;
import io.trino.spi.function.OutputFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.StandardTypes;

import static io.nostro.functions.rates.PresentWorth.setRate;

/**
 * The sum of amount / (1 + rate)^((date - first date) / 365). Rows with a NULL are left out; the result is NULL of no rows
 * and of a worth that is too large.
 */
@AggregationFunction("xnpv")
@Description("The net present value of dated cash flows at the earliest of their dates (Excel's XNPV, 365 days a year); one annual rate for all rows; NULL when it is too large")
@Source("Microsoft Excel, function XNPV")
@Argument(name = "rate", meaning = "the annual rate as a fraction, above -1 and the same in all rows: 0.05 is 5 %")
@Errors(invalidArgument = "an amount is not finite, or the rate is not finite and above -1 or not the same in all rows of a group")
@Example(
        sql = "SELECT round(xnpv(0.09, amount, paid_on), 2) FROM (VALUES (-10000, DATE '2008-01-01'), (2750, DATE '2008-03-01'), (4250, DATE '2008-10-30'), (3250, DATE '2009-02-15'), (2750, DATE '2009-04-01')) AS flows (amount, paid_on)",
        result = "2086.65")
@Example(
        sql = "SELECT xnpv(0.09, amount, paid_on) FROM (VALUES (100, CAST(NULL AS date))) AS flows (amount, paid_on)",
        result = "null")
public final class XnpvAggregation
{
    private static final double DAYS_OF_YEAR = 365;

    private XnpvAggregation() {}

    @InputFunction
    public static void input(
            @AggregationState NpvState state,
            @SqlType(StandardTypes.DOUBLE) double rate,
            @SqlType(StandardTypes.DOUBLE) double amount,
            @SqlType(StandardTypes.DATE) long date)
    {
        double checkedAmount = PresentWorth.amount("xnpv", amount);
        setRate("xnpv", state, rate);
        double years = yearsAfterFirst(state, 1, date);
        PresentWorth.add(state, checkedAmount, rate, years);
    }

    @CombineFunction
    public static void combine(@AggregationState NpvState state, @AggregationState NpvState otherState)
    {
        if (otherState.getCount() == 0) {
            return;
        }
        setRate("xnpv", state, otherState.getRate());
        double years = yearsAfterFirst(state, otherState.getCount(), otherState.getFirstDate());
        PresentWorth.addSums(state, otherState, years);
    }

    @OutputFunction(StandardTypes.DOUBLE)
    public static void output(@AggregationState NpvState state, BlockBuilder out)
    {
        PresentWorth.output(state, out);
    }

    /**
     * Counts cash flows in and moves the state to their date if it is earlier.
     *
     * @return the years from the state's date to theirs
     */
    private static double yearsAfterFirst(NpvState state, long count, long date)
    {
        if (state.getCount() == 0) {
            state.setFirstDate(date);
        }
        else if (date < state.getFirstDate()) {
            PresentWorth.discount(state, (state.getFirstDate() - date) / DAYS_OF_YEAR);
            state.setFirstDate(date);
        }
        state.setCount(state.getCount() + count);
        return (date - state.getFirstDate()) / DAYS_OF_YEAR;
    }
}
