package io.nostro.functions.positions;

import io.nostro.functions.aggregation.GroupedValueState;
import io.nostro.functions.aggregation.SingleValueState;
import io.trino.spi.function.AccumulatorStateFactory;

/**
 * Makes the states of {@link PriceHistoryState}.
 */
public final class PriceHistoryStateFactory
        implements AccumulatorStateFactory<PriceHistoryState>
{
    @Override
    public PriceHistoryState createSingleState()
    {
        return new SingleState();
    }

    @Override
    public PriceHistoryState createGroupedState()
    {
        return new GroupedState();
    }

    private static final class SingleState
            extends SingleValueState<PriceHistory>
            implements PriceHistoryState
    {
        @Override
        protected SingleState newState()
        {
            return new SingleState();
        }
    }

    private static final class GroupedState
            extends GroupedValueState<PriceHistory>
            implements PriceHistoryState {}
}
