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
 * The square root of the variance v, which begins as the first return squared and goes on as lambda v + (1 - lambda) r^2
 * (RiskMetrics Technical Document, 1996, 5.2). Of rows of one time and sequence the smaller value is first. Rows with a NULL are left out; the result of no rows is NULL.
 */
@AggregationFunction("ewma_volatility")
@Description("The exponentially weighted volatility after the last of periodic returns, with a decay lambda (0.94 in RiskMetrics for days), in the order of a time and a sequence")
@Example(
        sql = "SELECT round(ewma_volatility(hourly_return, 0.94, day, hour), 9) FROM (VALUES (-0.02, DATE '2025-01-01', 2), (0.01, DATE '2025-01-01', 1)) AS returns (hourly_return, day, hour)",
        result = "0.01086278")
@Example(
        sql = "SELECT ewma_volatility(hourly_return, 0.5, day, hour) FROM (VALUES (0.01, DATE '2025-01-01', 1)) AS returns (hourly_return, day, hour)",
        result = "0.01")
public final class EwmaVolatilityWithSequenceAggregation
{
    private EwmaVolatilityWithSequenceAggregation() {}

    @InputFunction
    public static void input(
            @AggregationState TimeSeriesState state,
            @SqlType(StandardTypes.DOUBLE) double periodReturn,
            @SqlType(StandardTypes.DOUBLE) double lambda,
            @SqlType("timestamp(6)") long time,
            @SqlType(StandardTypes.BIGINT) long sequence)
    {
        TimeSeriesAccumulation.addReturn(state, periodReturn, lambda, time, sequence);
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
