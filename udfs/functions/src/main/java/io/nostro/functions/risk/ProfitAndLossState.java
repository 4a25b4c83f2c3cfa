package io.nostro.functions.risk;

import io.nostro.functions.aggregation.ValueState;
import io.trino.spi.function.AccumulatorStateMetadata;

/**
 * The profits and losses of a group, and the confidence asked for.
 */
@AccumulatorStateMetadata(stateFactoryClass = ProfitAndLossStateFactory.class, stateSerializerClass = ProfitAndLossStateSerializer.class)
public interface ProfitAndLossState
        extends ValueState<ProfitsAndLosses> {}
