package io.nostro.functions.positions;

import io.nostro.functions.Errors;
import io.nostro.functions.Example;
import io.nostro.functions.Source;
import io.nostro.functions.aggregation.SlidingWindow;
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
import io.trino.spi.function.WindowIndex;
import io.trino.spi.type.Int128;

/**
 * The average of prices that each hold until the next one, in the order of their time, whatever the order of the rows. Of prices
 * of one time the highest holds; the last price of all only ends the one
 * before it. Of prices that are all of one time the one that holds is the average. Rows with a NULL are left out; the result of
 * no rows is NULL.
 */
@AggregationFunction(value = "twap", windowAccumulator = TwapAggregation.Window.class)
@Description("The time-weighted average price: each price weighs as long as it holds, until the next one, and the last only ends the one before; exact and rounded once, half up, to the prices' scale, in the order of a time (of one time the highest price holds)")
@Source("The market's definition: the price averaged over the time that it holds")
@Errors(invalidArgument = "a group has more than 10,000,000 rows")
@Example(
        sql = "SELECT twap(price, priced_at) FROM (VALUES (DECIMAL '10.00', TIMESTAMP '2025-01-02 09:00:00'), (DECIMAL '11.00', TIMESTAMP '2025-01-02 09:45:00'), (DECIMAL '12.50', TIMESTAMP '2025-01-02 10:00:00')) AS prices (price, priced_at)",
        result = "10.25")
@Example(
        sql = "SELECT twap(price, day) FROM (VALUES (DECIMAL '10.00', DATE '2025-01-02'), (NULL, DATE '2025-01-03')) AS prices (price, day)",
        result = "10.00")
public final class TwapAggregation
{
    private TwapAggregation() {}

    @InputFunction
    @LiteralParameters("s")
    public static void input(
            @AggregationState PriceHistoryState state,
            @SqlType("decimal(38, s)") Int128 price,
            @SqlType("timestamp(6)") long time)
    {
        PriceHistoryAccumulation.add(state, price, time, 0);
    }

    @CombineFunction
    public static void combine(@AggregationState PriceHistoryState state, @AggregationState PriceHistoryState otherState)
    {
        PriceHistoryAccumulation.combine(state, otherState);
    }

    @OutputFunction("decimal(38, s)")
    public static void output(@AggregationState PriceHistoryState state, BlockBuilder out)
    {
        PriceHistoryAccumulation.output(state, out);
    }

    /**
     * Average prices over frames.
     */
    public static final class Window
            extends SlidingWindow<PriceHistory>
    {
        public Window()
        {
            this(new PriceHistory());
        }

        private Window(PriceHistory value)
        {
            super(value, 2);
        }

        @Override
        protected void add(WindowIndex rows, int position)
        {
            value().add((Int128) rows.getObject(0, position), rows.getLong(1, position), 0);
        }

        @Override
        protected void remove(WindowIndex rows, int position)
        {
            value().remove((Int128) rows.getObject(0, position), rows.getLong(1, position), 0);
        }

        @Override
        public void output(BlockBuilder out)
        {
            PriceHistoryAccumulation.write(value(), out);
        }

        @Override
        public WindowAccumulator copy()
        {
            return new Window(value().copy());
        }
    }
}
