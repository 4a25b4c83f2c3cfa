package io.nostro.functions.risk;

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
import io.trino.spi.function.OutputFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.StandardTypes;

import static io.trino.spi.type.DoubleType.DOUBLE;

/**
 * Value at risk by historical simulation, without interpolation between scenarios. Rows with a NULL are left out; the
 * result of no rows is NULL; a negative result is a profit.
 */
@AggregationFunction("value_at_risk")
@Description("The value at risk by historical simulation: the loss, as a positive number, that the given profits and losses exceed with no more than the probability that a confidence such as 0.99 leaves; no interpolation")
@Source("P. Jorion, Value at Risk: The New Benchmark for Managing Financial Risk; historical simulation, without interpolation")
@Argument(name = "confidence", meaning = "the confidence, between 0 and 1 and the same in all rows: 0.99 leaves the worst 1 %")
@Errors(invalidArgument = "a profit or loss is not finite, the confidence is not between 0 and 1 or not the same in all rows of a group, or a group has more than 10,000,000 rows")
@Example(
        sql = "SELECT value_at_risk(pnl, 0.95) FROM (SELECT CAST(n AS double) FROM UNNEST(sequence(-50, 49)) AS t (n)) AS scenarios (pnl)",
        result = "46.0")
@Example(
        sql = "SELECT value_at_risk(pnl, 0.99) FROM (VALUES -3.0, 1.5, 2.0) AS scenarios (pnl)",
        result = "3.0")
@Example(
        sql = "SELECT value_at_risk(pnl, 0.99) FROM (VALUES CAST(NULL AS double)) AS scenarios (pnl)",
        result = "null")
public final class ValueAtRiskAggregation
{
    private ValueAtRiskAggregation() {}

    @InputFunction
    public static void input(
            @AggregationState ProfitAndLossState state,
            @SqlType(StandardTypes.DOUBLE) double pnl,
            @SqlType(StandardTypes.DOUBLE) double confidence)
    {
        ProfitsAndLosses values = state.getValue();
        if (values == null) {
            values = new ProfitsAndLosses("value_at_risk", confidence);
        }
        values.add("value_at_risk", pnl, confidence);
        state.setValue(values);
    }

    @CombineFunction
    public static void combine(@AggregationState ProfitAndLossState state, @AggregationState ProfitAndLossState otherState)
    {
        ProfitsAndLosses values = state.getValue();
        ProfitsAndLosses others = otherState.getValue();
        if (others == null) {
            return;
        }
        if (values == null) {
            state.setValue(others);
            return;
        }
        values.addAll("value_at_risk", others);
        state.setValue(values);
    }

    @OutputFunction(StandardTypes.DOUBLE)
    public static void output(@AggregationState ProfitAndLossState state, BlockBuilder out)
    {
        ProfitsAndLosses values = state.getValue();
        if (values == null) {
            out.appendNull();
        }
        else {
            DOUBLE.writeDouble(out, values.valueAtRisk());
        }
    }
}
