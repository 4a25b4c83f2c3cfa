package io.nostro.functions.positions;

import io.nostro.functions.Errors;
import io.nostro.functions.Example;
import io.nostro.functions.Source;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.function.AggregationFunction;
import io.trino.spi.function.AggregationState;
import io.trino.spi.function.CombineFunction;
import io.trino.spi.function.Constraint;
import io.trino.spi.function.Description;
import io.trino.spi.function.InputFunction;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.OutputFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.function.WindowAccumulator;
import io.trino.spi.type.Int128;

import static io.nostro.functions.money.DecimalRounding.toDecimal;
import static io.trino.spi.type.Decimals.MAX_PRECISION;

/**
 * What trades or positions come to, sales and short positions counted against the others. Rows with a NULL are left out; the
 * result of no rows is NULL.
 */
@AggregationFunction(value = "net_exposure", windowAccumulator = NetExposureAggregation.Window.class)
@Description("The sum of price times quantity, quantities below zero counting against those above: the exposure that is left after netting, exact")
@Source("No standard: the sum of signed values")
@Errors(outOfRange = "the result has more than 38 digits")
@Example(
        sql = "SELECT net_exposure(price, quantity) FROM (VALUES (DECIMAL '10.00', DECIMAL '100'), (DECIMAL '20.05', DECIMAL '-60')) AS positions (price, quantity)",
        result = "-203.00")
@Example(
        sql = "SELECT net_exposure(price, quantity) FROM (VALUES (DECIMAL '1.085', DECIMAL '1000.00'), (DECIMAL '1.085', DECIMAL '-1000.00'), (NULL, DECIMAL '5.00')) AS positions (price, quantity)",
        result = "0.00000")
public final class NetExposureAggregation
{
    private NetExposureAggregation() {}

    @InputFunction
    @LiteralParameters({"p", "s", "qp", "qs", "cs"})
    @Constraint(variable = "cs", expression = "s + qs")
    public static void inputShortShort(
            @AggregationState TradedVolumeState state,
            @SqlType("decimal(p, s)") long price,
            @SqlType("decimal(qp, qs)") long quantity)
    {
        TradedVolumeAccumulation.add(state, price, quantity);
    }

    @InputFunction
    @LiteralParameters({"p", "s", "qp", "qs", "cs"})
    @Constraint(variable = "cs", expression = "s + qs")
    public static void inputShortLong(
            @AggregationState TradedVolumeState state,
            @SqlType("decimal(p, s)") long price,
            @SqlType("decimal(qp, qs)") Int128 quantity)
    {
        TradedVolumeAccumulation.add(state, price, quantity);
    }

    @InputFunction
    @LiteralParameters({"p", "s", "qp", "qs", "cs"})
    @Constraint(variable = "cs", expression = "s + qs")
    public static void inputLongShort(
            @AggregationState TradedVolumeState state,
            @SqlType("decimal(p, s)") Int128 price,
            @SqlType("decimal(qp, qs)") long quantity)
    {
        TradedVolumeAccumulation.add(state, price, quantity);
    }

    @InputFunction
    @LiteralParameters({"p", "s", "qp", "qs", "cs"})
    @Constraint(variable = "cs", expression = "s + qs")
    public static void inputLongLong(
            @AggregationState TradedVolumeState state,
            @SqlType("decimal(p, s)") Int128 price,
            @SqlType("decimal(qp, qs)") Int128 quantity)
    {
        TradedVolumeAccumulation.add(state, price, quantity);
    }

    @CombineFunction
    public static void combine(@AggregationState TradedVolumeState state, @AggregationState TradedVolumeState otherState)
    {
        TradedVolumeAccumulation.combine(state, otherState);
    }

    @OutputFunction("decimal(38, cs)")
    public static void output(@AggregationState TradedVolumeState state, BlockBuilder out)
    {
        TradedVolume volume = state.volume();
        if (volume == null) {
            out.appendNull();
            return;
        }
        write(volume, out);
    }

    static void write(TradedVolume volume, BlockBuilder out)
    {
        if (volume.isEmpty()) {
            out.appendNull();
            return;
        }
        TradesAccumulation.write(out, toDecimal("net_exposure", volume.notional(), MAX_PRECISION));
    }

    /**
     * Exposure over frames.
     */
    public static final class Window
            extends TradedVolumeWindow
    {
        public Window()
        {
            this(new TradedVolume());
        }

        private Window(TradedVolume value)
        {
            super(value);
        }

        @Override
        public void output(BlockBuilder out)
        {
            write(value(), out);
        }

        @Override
        public WindowAccumulator copy()
        {
            return new Window(value().copy());
        }
    }
}
