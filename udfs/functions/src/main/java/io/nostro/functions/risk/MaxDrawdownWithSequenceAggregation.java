package io.nostro.functions.risk;

import io.nostro.functions.Example;
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
 * The greatest fall from a peak, whatever the order of the rows. Of rows of one time and sequence the smaller value is first. Rows with a NULL are left out; the result of no rows is NULL.
 */
@AggregationFunction("max_drawdown")
@Description("The greatest fall of a value from an earlier peak, as a fraction of the peak (0.25 is 25 %), in the order of a time and a sequence")
@Example(
        sql = "SELECT max_drawdown(price, priced_on, number) FROM (VALUES (75, DATE '2025-01-01', 2), (100, DATE '2025-01-01', 1)) AS prices (price, priced_on, number)",
        result = "0.25")
@Example(
        sql = "SELECT max_drawdown(price, priced_on, number) FROM (VALUES (75, DATE '2025-01-01', 1), (100, DATE '2025-01-01', 2)) AS prices (price, priced_on, number)",
        result = "0.0")
public final class MaxDrawdownWithSequenceAggregation
{
    private MaxDrawdownWithSequenceAggregation() {}

    @InputFunction
    public static void input(
            @AggregationState TimeSeriesState state,
            @SqlType(StandardTypes.DOUBLE) double value,
            @SqlType("timestamp(6)") long time,
            @SqlType(StandardTypes.BIGINT) long sequence)
    {
        TimeSeriesAccumulation.addPrice(state, value, time, sequence);
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
