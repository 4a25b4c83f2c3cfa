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
 * The square root of the variance v, which begins as the first return squared and goes on as lambda v + (1 - lambda) r^2
 * (RiskMetrics Technical Document, 1996, 5.2). Of rows of one time the smaller value is first. Rows with a NULL are left out; the result of no rows is NULL.
 */
@AggregationFunction("ewma_volatility")
@Description("The exponentially weighted volatility after the last of periodic returns, with a decay lambda (0.94 in RiskMetrics for days), in the order of a time")
@Source("J.P. Morgan and Reuters, RiskMetrics Technical Document (1996), section 5.2")
@Argument(name = "period_return", meaning = "the return of one period as a fraction: 0.01 is 1 %")
@Argument(name = "lambda", meaning = "the decay, between 0 and 1 and the same in all rows: RiskMetrics takes 0.94 for daily returns")
@Errors(invalidArgument = "a return is not finite, lambda is not between 0 and 1 or not the same in all rows of a group, or a group has more than 10,000,000 rows")
@Example(
        sql = "SELECT round(ewma_volatility(daily_return, 0.94, day), 9) FROM (VALUES (0.01, DATE '2025-01-01'), (-0.02, DATE '2025-01-02'), (0.005, DATE '2025-01-03')) AS returns (daily_return, day)",
        result = "0.01060283")
@Example(
        sql = "SELECT ewma_volatility(daily_return, 0.94, day) FROM (VALUES (0.01, DATE '2025-01-01'), (-0.02, DATE '2025-01-02'), (0.005, DATE '2025-01-03')) AS returns (daily_return, day) WHERE day > DATE '2026-01-01'",
        result = "null")
public final class EwmaVolatilityAggregation
{
    private EwmaVolatilityAggregation() {}

    @InputFunction
    public static void input(
            @AggregationState TimeSeriesState state,
            @SqlType(StandardTypes.DOUBLE) double periodReturn,
            @SqlType(StandardTypes.DOUBLE) double lambda,
            @SqlType("timestamp(6)") long time)
    {
        TimeSeriesAccumulation.addReturn(state, periodReturn, lambda, time, 0);
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
