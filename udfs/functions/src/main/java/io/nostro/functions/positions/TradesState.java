package io.nostro.functions.positions;

import io.nostro.functions.aggregation.ValueState;
import io.trino.spi.function.AccumulatorStateMetadata;

/**
 * The trades of a group.
 */
@AccumulatorStateMetadata(stateFactoryClass = TradesStateFactory.class, stateSerializerClass = TradesStateSerializer.class)
public interface TradesState
        extends ValueState<Trades> {}
