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
 * Last in, first out: a trade that closes takes the newest lots. Trades are taken in the order of their time, whatever the order of
 * the rows; of one time purchases are first, the greater before the smaller, and of one quantity the lower price. Rows with a NULL are left out; the result of no rows is NULL.
 */
@AggregationFunction("lifo_pnl")
@Description("The open quantity, its cost (below zero for a short position) and the realised profit of trades that close the newest lots first; quantities are above zero for purchases and below for sales, and a trade beyond zero opens the other side; exact, in the order of a time (of one time purchases are first)")
@Source("FASB ASC 330, Inventory: last-in, first-out, applied to positions")
@Example(
        sql = "SELECT lifo_pnl(price, quantity, day) FROM (VALUES (DECIMAL '10.00', 100, DATE '2025-01-02'), (DECIMAL '12.00', 100, DATE '2025-01-03'), (DECIMAL '15.00', -150, DATE '2025-01-06')) AS trades (price, quantity, day)",
        result = "{\"open_quantity\":50,\"cost\":500.00,\"realised_profit\":550.00}")
@Example(
        sql = "SELECT lifo_pnl(price, quantity, day) FROM (VALUES (DECIMAL '15.00', -150, DATE '2025-01-03'), (DECIMAL '10.00', 100, DATE '2025-01-02')) AS trades (price, quantity, day)",
        result = "{\"open_quantity\":-50,\"cost\":-750.00,\"realised_profit\":500.00}")
public final class LifoPnlAggregation
{
    private LifoPnlAggregation() {}

    @InputFunction
    @LiteralParameters({"s", "qs", "cs"})
    @Constraint(variable = "cs", expression = "s + qs")
    public static void input(
            @AggregationState TradesState state,
            @SqlType("decimal(38, s)") Int128 price,
            @SqlType("decimal(38, qs)") Int128 quantity,
            @SqlType("timestamp(6)") long time)
    {
        TradesAccumulation.add(state, CostMethod.LIFO, price, quantity, time, 0);
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
