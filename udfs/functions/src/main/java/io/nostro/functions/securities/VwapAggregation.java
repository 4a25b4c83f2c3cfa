package io.nostro.functions.securities;

import io.nostro.functions.Example;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.block.Int128ArrayBlockBuilder;
import io.trino.spi.function.AggregationFunction;
import io.trino.spi.function.AggregationState;
import io.trino.spi.function.CombineFunction;
import io.trino.spi.function.Description;
import io.trino.spi.function.InputFunction;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.OutputFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.Int128;

/**
 * The average price at which something was traded, weighted by the quantities. Rows with a NULL are left out; the result
 * of no rows is NULL.
 */
@AggregationFunction("vwap")
@Description("The volume-weighted average price, exact and rounded once, half up, to the prices' scale")
@Example(
        sql = "SELECT vwap(price, quantity) FROM (VALUES (DECIMAL '10.00', DECIMAL '100'), (DECIMAL '10.05', DECIMAL '300')) AS trades (price, quantity)",
        result = "10.04")
@Example(
        sql = "SELECT vwap(price, quantity) FROM (VALUES (DECIMAL '10.0000', DECIMAL '1.5'), (DECIMAL '20.0000', NULL)) AS trades (price, quantity)",
        result = "10.0000")
public final class VwapAggregation
{
    private VwapAggregation() {}

    @InputFunction
    @LiteralParameters({"s", "qs"})
    public static void input(
            @AggregationState TradedVolumeState state,
            @SqlType("decimal(38, s)") Int128 price,
            @SqlType("decimal(38, qs)") Int128 quantity)
    {
        TradedVolume volume = state.getValue();
        if (volume == null) {
            volume = new TradedVolume();
        }
        volume.add(price, quantity);
        state.setValue(volume);
    }

    @CombineFunction
    public static void combine(@AggregationState TradedVolumeState state, @AggregationState TradedVolumeState otherState)
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

    @OutputFunction("decimal(38, s)")
    public static void output(@AggregationState TradedVolumeState state, BlockBuilder out)
    {
        TradedVolume volume = state.getValue();
        if (volume == null) {
            out.appendNull();
            return;
        }
        Int128 price = volume.averagePrice();
        ((Int128ArrayBlockBuilder) out).writeInt128(price.getHigh(), price.getLow());
    }
}
