package io.nostro.functions.positions;

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
import io.trino.spi.type.Int128;

/**
 * First in, first out: a trade that closes takes the oldest lots. Trades are taken in the order of their time, whatever the order of
 * the rows; of one time purchases are first, the greater before the smaller, and of one quantity the lower price. Rows with a NULL are left out; the result of no rows is NULL.
 */
@AggregationFunction("fifo_pnl")
@Description("The open quantity, its cost (below zero for a short position) and the realised profit of trades that close the oldest lots first; quantities are above zero for purchases and below for sales, and a trade beyond zero opens the other side; exact, in the order of a time (of one time purchases are first)")
@Source("IAS 2, Inventories: the first-in, first-out formula, applied to positions")
@Example(
        sql = "SELECT fifo_pnl(price, quantity, day) FROM (VALUES (DECIMAL '10.00', 100, DATE '2025-01-02'), (DECIMAL '12.00', 100, DATE '2025-01-03'), (DECIMAL '15.00', -150, DATE '2025-01-06')) AS trades (price, quantity, day)",
        result = "{\"open_quantity\":50,\"cost\":600.00,\"realised_profit\":650.00}")
@Example(
        sql = "SELECT fifo_pnl(price, quantity, day) FROM (VALUES (DECIMAL '15.00', -150, DATE '2025-01-03'), (DECIMAL '10.00', 100, DATE '2025-01-02')) AS trades (price, quantity, day)",
        result = "{\"open_quantity\":-50,\"cost\":-750.00,\"realised_profit\":500.00}")
public final class FifoPnlAggregation
{
    private FifoPnlAggregation() {}

    @InputFunction
    @LiteralParameters({"s", "qs", "cs"})
    @Constraint(variable = "cs", expression = "s + qs")
    public static void input(
            @AggregationState TradesState state,
            @SqlType("decimal(38, s)") Int128 price,
            @SqlType("decimal(38, qs)") Int128 quantity,
            @SqlType("timestamp(6)") long time)
    {
        TradesAccumulation.add(state, CostMethod.FIFO, price, quantity, time, 0);
    }

    @CombineFunction
    public static void combine(@AggregationState TradesState state, @AggregationState TradesState otherState)
    {
        TradesAccumulation.combine(state, otherState);
    }

    @OutputFunction("row(\"open_quantity\" decimal(38,qs),\"cost\" decimal(38,cs),\"realised_profit\" decimal(38,cs))")
    public static void output(@AggregationState TradesState state, BlockBuilder out)
    {
        TradesAccumulation.output(state, out);
    }
}
