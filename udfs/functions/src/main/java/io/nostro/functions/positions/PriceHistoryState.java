package io.nostro.functions.positions;

import io.nostro.functions.aggregation.ValueState;
import io.trino.spi.function.AccumulatorStateMetadata;

/**
 * The prices of a group.
 */
@AccumulatorStateMetadata(stateFactoryClass = PriceHistoryStateFactory.class, stateSerializerClass = PriceHistoryStateSerializer.class)
public interface PriceHistoryState
        extends ValueState<PriceHistory> {}
