package io.nostro.functions.risk;

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

/**
 * The greatest fall from a peak, whatever the order of the rows. Of rows of one time the smaller value is first. Rows with a NULL are left out; the result of no rows is NULL.
 */
@AggregationFunction("max_drawdown")
@Description("The greatest fall of a value from an earlier peak, as a fraction of the peak (0.25 is 25 %), in the order of a time")
@Source("M. Magdon-Ismail and A. Atiya, Maximum Drawdown (2004)")
@Argument(name = "value", meaning = "the value or price at the time, zero and above")
@Errors(invalidArgument = "a value is negative or not finite, or a group has more than 10,000,000 rows")
@Example(
        sql = "SELECT round(max_drawdown(price, priced_on), 9) FROM (VALUES (100, DATE '2025-01-01'), (120, DATE '2025-01-02'), (90, DATE '2025-01-04'), (130, DATE '2025-01-03')) AS prices (price, priced_on)",
        result = "0.307692308")
@Example(
        sql = "SELECT max_drawdown(price, priced_on) FROM (VALUES (1, DATE '2025-01-01'), (2, DATE '2025-01-02')) AS prices (price, priced_on)",
        result = "0.0")
public final class MaxDrawdownAggregation
{
    private MaxDrawdownAggregation() {}

    @InputFunction
    public static void input(
            @AggregationState TimeSeriesState state,
            @SqlType(StandardTypes.DOUBLE) double value,
            @SqlType("timestamp(6)") long time)
    {
        TimeSeriesAccumulation.addPrice(state, value, time, 0);
    }

    @CombineFunction
    public static void combine(@AggregationState TimeSeriesState state, @AggregationState TimeSeriesState otherState)
    {
        TimeSeriesAccumulation.combine(state, otherState);
    }

    @OutputFunction(StandardTypes.DOUBLE)
    public static void output(@AggregationState TimeSeriesState state, BlockBuilder out)
    {
        TimeSeriesAccumulation.output(state, out);
    }
}
