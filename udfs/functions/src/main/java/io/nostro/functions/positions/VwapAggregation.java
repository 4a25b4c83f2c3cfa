package io.nostro.functions.positions;

import io.nostro.functions.Argument;
import io.nostro.functions.Errors;
import io.nostro.functions.Example;
import io.nostro.functions.Source;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.function.AggregationFunction;
import io.trino.spi.function.AggregationState;
import io.trino.spi.function.CombineFunction;
import io.trino.spi.function.Description;
import io.trino.spi.function.InputFunction;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.OutputFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.function.WindowAccumulator;
import io.trino.spi.type.Int128;

import static io.nostro.functions.FunctionErrors.invalidArgument;

/**
 * The average price at which something was traded, weighted by the quantities. Rows with a NULL are left out; the result
 * of no rows is NULL.
 */
@AggregationFunction(value = "vwap", windowAccumulator = VwapAggregation.Window.class)
@Description("The volume-weighted average price, exact and rounded once, half up, to the prices' scale")
@Source("The market's definition: traded value over traded volume")
@Argument(name = "quantity", meaning = "the quantity traded, zero and above, of sales too")
@Errors(
        invalidArgument = "a quantity is negative",
        outOfRange = "the result has more than 38 digits",
        divisionByZero = "the quantities of a group sum to zero")
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
    @LiteralParameters({"p", "s", "qp", "qs"})
    public static void inputShortShort(
            @AggregationState TradedVolumeState state,
            @SqlType("decimal(p, s)") long price,
            @SqlType("decimal(qp, qs)") long quantity)
    {
        checkSign(quantity);
        TradedVolumeAccumulation.add(state, price, quantity);
    }

    @InputFunction
    @LiteralParameters({"p", "s", "qp", "qs"})
    public static void inputShortLong(
            @AggregationState TradedVolumeState state,
            @SqlType("decimal(p, s)") long price,
            @SqlType("decimal(qp, qs)") Int128 quantity)
    {
        checkSign(quantity.getHigh());
        TradedVolumeAccumulation.add(state, price, quantity);
    }

    @InputFunction
    @LiteralParameters({"p", "s", "qp", "qs"})
    public static void inputLongShort(
            @AggregationState TradedVolumeState state,
            @SqlType("decimal(p, s)") Int128 price,
            @SqlType("decimal(qp, qs)") long quantity)
    {
        checkSign(quantity);
        TradedVolumeAccumulation.add(state, price, quantity);
    }

    @InputFunction
    @LiteralParameters({"p", "s", "qp", "qs"})
    public static void inputLongLong(
            @AggregationState TradedVolumeState state,
            @SqlType("decimal(p, s)") Int128 price,
            @SqlType("decimal(qp, qs)") Int128 quantity)
    {
        checkSign(quantity.getHigh());
        TradedVolumeAccumulation.add(state, price, quantity);
    }

    @CombineFunction
    public static void combine(@AggregationState TradedVolumeState state, @AggregationState TradedVolumeState otherState)
    {
        TradedVolumeAccumulation.combine(state, otherState);
    }

    @OutputFunction("decimal(38, s)")
    public static void output(@AggregationState TradedVolumeState state, BlockBuilder out)
    {
        TradedVolume volume = state.volume();
        if (volume == null) {
            out.appendNull();
            return;
        }
        write(volume, out);
    }

    private static void checkSign(long quantity)
    {
        if (quantity < 0) {
            throw invalidArgument("vwap: a quantity is negative; accepted are quantities of zero and more, of sales too");
        }
    }

    static void write(TradedVolume volume, BlockBuilder out)
    {
        if (volume.isEmpty()) {
            out.appendNull();
            return;
        }
        TradesAccumulation.write(out, volume.averagePrice());
    }

    /**
     * Average prices over frames.
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
        protected void checkQuantity(long high)
        {
            checkSign(high);
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
