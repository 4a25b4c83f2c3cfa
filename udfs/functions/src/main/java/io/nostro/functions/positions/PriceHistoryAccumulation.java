package io.nostro.functions.positions;

import io.trino.spi.block.BlockBuilder;
import io.trino.spi.type.Int128;

/**
 * The steps of the aggregates that weigh prices by time.
 */
final class PriceHistoryAccumulation
{
    private PriceHistoryAccumulation() {}

    static void add(PriceHistoryState state, Int128 price, long time, long sequence)
    {
        PriceHistory history = state.getValue();
        if (history == null) {
            history = new PriceHistory();
        }
        history.add(price, time, sequence);
        state.setValue(history);
    }

    static void combine(PriceHistoryState state, PriceHistoryState otherState)
    {
        PriceHistory history = state.getValue();
        PriceHistory other = otherState.getValue();
        if (other == null) {
            return;
        }
        if (history == null) {
            state.setValue(other);
            return;
        }
        history.addAll(other);
        state.setValue(history);
    }

    static void output(PriceHistoryState state, BlockBuilder out)
    {
        PriceHistory history = state.getValue();
        if (history == null) {
            out.appendNull();
        }
        else {
            write(history, out);
        }
    }

    static void write(PriceHistory history, BlockBuilder out)
    {
        if (history.isEmpty()) {
            out.appendNull();
        }
        else {
            TradesAccumulation.write(out, history.averagePrice());
        }
    }
}
