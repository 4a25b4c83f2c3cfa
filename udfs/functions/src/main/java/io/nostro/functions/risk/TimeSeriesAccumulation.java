package io.nostro.functions.risk;

import io.trino.spi.block.BlockBuilder;

import static io.nostro.functions.FunctionErrors.invalidArgument;
import static io.trino.spi.type.DoubleType.DOUBLE;

/**
 * The steps of the aggregates that measure a time series.
 */
final class TimeSeriesAccumulation
{
    private TimeSeriesAccumulation() {}

    static void addPrice(TimeSeriesState state, double value, long time, long sequence)
    {
        if (!(value >= 0 && Double.isFinite(value))) {
            throw invalidArgument("max_drawdown: a value is %s; accepted are finite numbers of zero and above", value);
        }
        // -0.0 would come before 0.0
        add(state, Measure.MAX_DRAWDOWN, 0, value + 0.0, time, sequence);
    }

    static void addReturn(TimeSeriesState state, double periodReturn, double lambda, long time, long sequence)
    {
        if (!Double.isFinite(periodReturn)) {
            throw invalidArgument("ewma_volatility: a return is %s; accepted are finite numbers", periodReturn);
        }
        if (!(lambda > 0 && lambda < 1)) {
            throw invalidArgument("ewma_volatility: lambda is %s; accepted is a number between 0 and 1, such as 0.94", lambda);
        }
        add(state, Measure.EWMA_VOLATILITY, lambda, periodReturn, time, sequence);
    }

    static void combine(TimeSeriesState state, TimeSeriesState otherState)
    {
        TimeSeries series = state.getValue();
        TimeSeries other = otherState.getValue();
        if (other == null) {
            return;
        }
        if (series == null) {
            state.setValue(other);
            return;
        }
        series.addAll(other);
        state.setValue(series);
    }

    static void output(TimeSeriesState state, BlockBuilder out)
    {
        TimeSeries series = state.getValue();
        double result = series == null ? Double.NaN : series.result();
        if (Double.isFinite(result)) {
            DOUBLE.writeDouble(out, result);
        }
        else {
            out.appendNull();
        }
    }

    private static void add(TimeSeriesState state, Measure measure, double parameter, double value, long time, long sequence)
    {
        TimeSeries series = state.getValue();
        if (series == null) {
            series = new TimeSeries(measure, parameter);
        }
        series.checkParameter(parameter);
        series.add(time, sequence, value);
        state.setValue(series);
    }
}
