package io.nostro.functions.positions;

import io.trino.spi.type.Int128;

/**
 * The steps of the aggregates that sum what was traded. A decimal of up to 18 digits is a long, and of its 128 bits the
 * high half is its sign.
 */
final class TradedVolumeAccumulation
{
    private TradedVolumeAccumulation() {}

    static void add(TradedVolumeState state, long price, long quantity)
    {
        state.add(price >> 63, price, quantity >> 63, quantity);
    }

    static void add(TradedVolumeState state, long price, Int128 quantity)
    {
        state.add(price >> 63, price, quantity.getHigh(), quantity.getLow());
    }

    static void add(TradedVolumeState state, Int128 price, long quantity)
    {
        state.add(price.getHigh(), price.getLow(), quantity >> 63, quantity);
    }

    static void add(TradedVolumeState state, Int128 price, Int128 quantity)
    {
        state.add(price.getHigh(), price.getLow(), quantity.getHigh(), quantity.getLow());
    }

    static void combine(TradedVolumeState state, TradedVolumeState otherState)
    {
        TradedVolume other = otherState.volume();
        if (other != null) {
            state.addAll(other);
        }
    }
}
