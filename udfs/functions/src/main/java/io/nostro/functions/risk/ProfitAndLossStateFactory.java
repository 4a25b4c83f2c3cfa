package io.nostro.functions.risk;

import io.nostro.functions.aggregation.GroupedValueState;
import io.nostro.functions.aggregation.SingleValueState;
import io.trino.spi.function.AccumulatorStateFactory;

/**
 * Makes the states of {@link ProfitAndLossState}.
 */
public final class ProfitAndLossStateFactory
        implements AccumulatorStateFactory<ProfitAndLossState>
{
    @Override
    public ProfitAndLossState createSingleState()
    {
        return new SingleState();
    }

    @Override
    public ProfitAndLossState createGroupedState()
    {
        return new GroupedState();
    }

    private static final class SingleState
            extends SingleValueState<ProfitsAndLosses>
            implements ProfitAndLossState
    {
        @Override
        protected SingleState newState()
        {
            return new SingleState();
        }
    }

    private static final class GroupedState
            extends GroupedValueState<ProfitsAndLosses>
            implements ProfitAndLossState {}
}
