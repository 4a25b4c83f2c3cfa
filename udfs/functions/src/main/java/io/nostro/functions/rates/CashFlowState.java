package io.nostro.functions.rates;

import io.nostro.functions.aggregation.ValueState;
import io.trino.spi.function.AccumulatorStateMetadata;

/**
 * The cash flows of a group.
 */
@AccumulatorStateMetadata(stateFactoryClass = CashFlowStateFactory.class, stateSerializerClass = CashFlowStateSerializer.class)
public interface CashFlowState
        extends ValueState<CashFlows> {}
