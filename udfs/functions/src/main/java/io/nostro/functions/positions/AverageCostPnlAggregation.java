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
 * The moving average: a trade that closes takes its part of the whole cost, rounded half up to the scale of price times quantity; the
 * rest of the cost stays, so that cost and profit always add up. Trades are taken in the order of their time, whatever the order of
 * the rows; of one time purchases are first, the greater before the smaller, and of one quantity the lower price. Rows with a NULL are left out; the result of no rows is NULL.
 */
@AggregationFunction("average_cost_pnl")
@Description("The open quantity, its cost (below zero for a short position) and the realised profit of trades that close at the moving average cost, rounded half up at every close; quantities are above zero for purchases and below for sales, and a trade beyond zero opens the other side; in the order of a time (of one time purchases are first)")
@Source("IAS 2, Inventories: the weighted average cost formula, applied to positions")
@Example(
        sql = "SELECT average_cost_pnl(price, quantity, day) FROM (VALUES (DECIMAL '10.00', 100, DATE '2025-01-02'), (DECIMAL '12.00', 100, DATE '2025-01-03'), (DECIMAL '15.00', -150, DATE '2025-01-06')) AS trades (price, quantity, day)",
        result = "{\"open_quantity\":50,\"cost\":550.00,\"realised_profit\":600.00}")
@Example(
        sql = "SELECT average_cost_pnl(price, quantity, day) FROM (VALUES (DECIMAL '15.00', -150, DATE '2025-01-03'), (DECIMAL '10.00', 100, DATE '2025-01-02')) AS trades (price, quantity, day)",
        result = "{\"open_quantity\":-50,\"cost\":-750.00,\"realised_profit\":500.00}")
public final class AverageCostPnlAggregation
{
    private AverageCostPnlAggregation() {}

    @InputFunction
    @LiteralParameters({"s", "qs", "cs"})
    @Constraint(variable = "cs", expression = "s + qs")
    public static void input(
            @AggregationState TradesState state,
            @SqlType("decimal(38, s)") Int128 price,
            @SqlType("decimal(38, qs)") Int128 quantity,
            @SqlType("timestamp(6)") long time)
    {
        TradesAccumulation.add(state, CostMethod.AVERAGE_COST, price, quantity, time, 0);
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
