package io.nostro.functions.positions;

import io.trino.spi.block.BlockBuilder;
import io.trino.spi.block.Int128ArrayBlockBuilder;
import io.trino.spi.block.RowBlockBuilder;
import io.trino.spi.type.Int128;

import java.math.BigInteger;

import static io.nostro.functions.money.DecimalRounding.toDecimal;
import static io.trino.spi.type.Decimals.MAX_PRECISION;

/**
 * The steps of the aggregates that make a position of trades.
 */
final class TradesAccumulation
{
    private TradesAccumulation() {}

    static void add(TradesState state, CostMethod method, Int128 price, Int128 quantity, long time, long sequence)
    {
        Trades trades = state.getValue();
        if (trades == null) {
            trades = new Trades(method);
        }
        trades.add(price, quantity, time, sequence);
        state.setValue(trades);
    }

    static void combine(TradesState state, TradesState otherState)
    {
        Trades trades = state.getValue();
        Trades other = otherState.getValue();
        if (other == null) {
            return;
        }
        if (trades == null) {
            state.setValue(other);
            return;
        }
        trades.addAll(other);
        state.setValue(trades);
    }

    static void output(TradesState state, BlockBuilder out)
    {
        Trades trades = state.getValue();
        if (trades == null) {
            out.appendNull();
            return;
        }
        Position position = trades.position();
        String function = trades.method().function();
        Int128 openQuantity = decimal(function, position.openQuantity());
        Int128 cost = decimal(function, position.cost());
        Int128 realisedProfit = decimal(function, position.realisedProfit());
        ((RowBlockBuilder) out).buildEntry(fields -> {
            write(fields.get(0), openQuantity);
            write(fields.get(1), cost);
            write(fields.get(2), realisedProfit);
        });
    }

    static void write(BlockBuilder out, Int128 value)
    {
        ((Int128ArrayBlockBuilder) out).writeInt128(value.getHigh(), value.getLow());
    }

    private static Int128 decimal(String function, BigInteger unscaled)
    {
        return toDecimal(function, unscaled, MAX_PRECISION);
    }
}
