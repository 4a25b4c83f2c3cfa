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
 * The sum of amount / (1 + rate)^period. Rows with a NULL are left out; the result is NULL of no rows and of a worth that is too large.
 */
@AggregationFunction("npv")
@Description("The net present value of amounts by the number of the period, 0 being now (Excel's NPV, whose first amount is of period 1); one rate per period for all rows; NULL when it is too large")
@Source("Microsoft Excel, function NPV")
@Argument(name = "rate", meaning = "the rate per period as a fraction, above -1 and the same in all rows: 0.05 is 5 %")
@Errors(invalidArgument = "an amount is not finite, or the rate is not finite and above -1 or not the same in all rows of a group")
@Example(
        sql = "SELECT round(npv(0.1, amount, period), 2) FROM (VALUES (-10000, 1), (3000, 2), (4200, 3), (6800, 4)) AS flows (amount, period)",
        result = "1188.44")
@Example(
        sql = "SELECT npv(0.1, amount, period) FROM (VALUES (-10000, 0), (11000, 1)) AS flows (amount, period) WHERE period > 1",
        result = "null")
public final class NpvAggregation
{
    private NpvAggregation() {}

    @InputFunction
    public static void input(
            @AggregationState NpvState state,
            @SqlType(StandardTypes.DOUBLE) double rate,
            @SqlType(StandardTypes.DOUBLE) double amount,
            @SqlType(StandardTypes.BIGINT) long period)
    {
        double checkedAmount = PresentWorth.amount("npv", amount);
        setRate("npv", state, rate);
        state.setCount(state.getCount() + 1);
        PresentWorth.add(state, checkedAmount, rate, (double) period);
    }

    @CombineFunction
    public static void combine(@AggregationState NpvState state, @AggregationState NpvState otherState)
    {
        if (otherState.getCount() == 0) {
            return;
        }
        setRate("npv", state, otherState.getRate());
        state.setCount(state.getCount() + otherState.getCount());
        PresentWorth.addSums(state, otherState, 0);
    }

    @OutputFunction(StandardTypes.DOUBLE)
    public static void output(@AggregationState NpvState state, BlockBuilder out)
    {
        PresentWorth.output(state, out);
    }
}
