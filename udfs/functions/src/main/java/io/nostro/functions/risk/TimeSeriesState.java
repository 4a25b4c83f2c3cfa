package io.nostro.functions.risk;

import io.nostro.functions.aggregation.ValueState;
import io.trino.spi.function.AccumulatorStateMetadata;

/**
 * The values of a group.
 */
@AccumulatorStateMetadata(stateFactoryClass = TimeSeriesStateFactory.class, stateSerializerClass = TimeSeriesStateSerializer.class)
public interface TimeSeriesState
        extends ValueState<TimeSeries> {}
