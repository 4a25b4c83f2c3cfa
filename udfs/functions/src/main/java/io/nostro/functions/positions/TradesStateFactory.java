package io.nostro.functions.positions;

import io.nostro.functions.aggregation.GroupedValueState;
import io.nostro.functions.aggregation.SingleValueState;
import io.trino.spi.function.AccumulatorStateFactory;

/**
 * Makes the states of {@link TradesState}.
 */
public final class TradesStateFactory
        implements AccumulatorStateFactory<TradesState>
{
    @Override
    public TradesState createSingleState()
    {
        return new SingleState();
    }

    @Override
    public TradesState createGroupedState()
    {
        return new GroupedState();
    }

    private static final class SingleState
            extends SingleValueState<Trades>
            implements TradesState
    {
        @Override
        protected SingleState newState()
        {
            return new SingleState();
        }
    }

    private static final class GroupedState
            extends GroupedValueState<Trades>
            implements TradesState {}
}
