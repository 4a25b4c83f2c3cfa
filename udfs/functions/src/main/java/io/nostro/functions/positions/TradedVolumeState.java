package io.nostro.functions.positions;

import io.trino.spi.function.AccumulatorState;
import io.trino.spi.function.AccumulatorStateMetadata;

/**
 * What was traded in a group.
 */
@AccumulatorStateMetadata(stateFactoryClass = TradedVolumeStateFactory.class, stateSerializerClass = TradedVolumeStateSerializer.class)
public interface TradedVolumeState
        extends AccumulatorState
{
    /**
     * Adds one trade, of numbers of 128 bits in two's complement.
     */
    void add(long priceHigh, long priceLow, long quantityHigh, long quantityLow);

    void addAll(TradedVolume other);

    /**
     * Puts this in the place of what was traded so far.
     */
    void replace(TradedVolume other);

    /**
     * What was traded in the group so far, or null when nothing was.
     */
    TradedVolume volume();
}
