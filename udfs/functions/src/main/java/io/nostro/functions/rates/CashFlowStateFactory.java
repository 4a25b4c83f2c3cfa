package io.nostro.functions.rates;

import io.nostro.functions.aggregation.GroupedValueState;
import io.nostro.functions.aggregation.SingleValueState;
import io.trino.spi.function.AccumulatorStateFactory;

/**
 * Makes the states of {@link CashFlowState}.
 */
public final class CashFlowStateFactory
        implements AccumulatorStateFactory<CashFlowState>
{
    @Override
    public CashFlowState createSingleState()
    {
        return new SingleState();
    }

    @Override
    public CashFlowState createGroupedState()
    {
        return new GroupedState();
    }

    private static final class SingleState
            extends SingleValueState<CashFlows>
            implements CashFlowState
    {
        @Override
        protected SingleState newState()
        {
            return new SingleState();
        }
    }

    private static final class GroupedState
            extends GroupedValueState<CashFlows>
            implements CashFlowState {}
}
