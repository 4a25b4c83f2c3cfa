package io.nostro.functions.positions;

import io.nostro.functions.aggregation.ValueState;
import io.trino.spi.function.AccumulatorStateMetadata;

/**
 * What was traded in a group.
 */
@AccumulatorStateMetadata(stateFactoryClass = TradedVolumeStateFactory.class, stateSerializerClass = TradedVolumeStateSerializer.class)
public interface TradedVolumeState
        extends ValueState<TradedVolume> {}
