package io.nostro.functions.risk;

import io.nostro.functions.aggregation.GroupedValueState;
import io.nostro.functions.aggregation.SingleValueState;
import io.trino.spi.function.AccumulatorStateFactory;

/**
 * Makes the states of {@link TimeSeriesState}.
 */
public final class TimeSeriesStateFactory
        implements AccumulatorStateFactory<TimeSeriesState>
{
    @Override
    public TimeSeriesState createSingleState()
    {
        return new SingleState();
    }

    @Override
    public TimeSeriesState createGroupedState()
    {
        return new GroupedState();
    }

    private static final class SingleState
            extends SingleValueState<TimeSeries>
            implements TimeSeriesState
    {
        @Override
        protected SingleState newState()
        {
            return new SingleState();
        }
    }

    private static final class GroupedState
            extends GroupedValueState<TimeSeries>
            implements TimeSeriesState {}
}
