package io.nostro.functions.positions;

import io.nostro.functions.aggregation.GroupedValueState;
import io.nostro.functions.aggregation.SingleValueState;
import io.trino.spi.function.AccumulatorStateFactory;

/**
 * Makes the states of {@link TradedVolumeState}.
 */
public final class TradedVolumeStateFactory
        implements AccumulatorStateFactory<TradedVolumeState>
{
    @Override
    public TradedVolumeState createSingleState()
    {
        return new SingleState();
    }

    @Override
    public TradedVolumeState createGroupedState()
    {
        return new GroupedState();
    }

    private static final class SingleState
            extends SingleValueState<TradedVolume>
            implements TradedVolumeState
    {
        @Override
        protected SingleState newState()
        {
            return new SingleState();
        }
    }

    private static final class GroupedState
            extends GroupedValueState<TradedVolume>
            implements TradedVolumeState {}
}
