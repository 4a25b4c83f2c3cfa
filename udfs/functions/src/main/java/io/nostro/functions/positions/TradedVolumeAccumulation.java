package io.nostro.functions.positions;

import io.trino.spi.type.Int128;

/**
 * The steps of the aggregates that sum what was traded.
 */
final class TradedVolumeAccumulation
{
    private TradedVolumeAccumulation() {}

    static void add(TradedVolumeState state, Int128 price, Int128 quantity)
    {
        TradedVolume volume = state.getValue();
        if (volume == null) {
            volume = new TradedVolume();
        }
        volume.add(price, quantity);
        state.setValue(volume);
    }

    static void combine(TradedVolumeState state, TradedVolumeState otherState)
    {
        TradedVolume volume = state.getValue();
        TradedVolume other = otherState.getValue();
        if (other == null) {
            return;
        }
        if (volume == null) {
            state.setValue(other);
            return;
        }
        volume.addAll(other);
        state.setValue(volume);
    }
}
