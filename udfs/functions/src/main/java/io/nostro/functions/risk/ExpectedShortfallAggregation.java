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
 * Expected shortfall by historical simulation (Acerbi and Tasche, On the coherence of expected shortfall, 2002). Rows with a NULL are left out; the
 * result of no rows is NULL; a negative result is a profit.
 */
@AggregationFunction("expected_shortfall")
@Description("The expected shortfall (CVaR) by historical simulation: the average loss, as a positive number, in the worst share of the given profits and losses that a confidence such as 0.975 leaves")
@Source("C. Acerbi and D. Tasche, On the coherence of expected shortfall (2002)")
@Argument(name = "confidence", meaning = "the confidence, between 0 and 1 and the same in all rows: 0.99 leaves the worst 1 %")
@Errors(invalidArgument = "a profit or loss is not finite, the confidence is not between 0 and 1 or not the same in all rows of a group, or a group has more than 10,000,000 rows")
@Example(
        sql = "SELECT expected_shortfall(pnl, 0.95) FROM (SELECT CAST(n AS double) FROM UNNEST(sequence(-50, 49)) AS t (n)) AS scenarios (pnl)",
        result = "48.0")
@Example(
        sql = "SELECT expected_shortfall(pnl, 0.5) FROM (VALUES -4.0, -1.0, 2.0) AS scenarios (pnl)",
        result = "3.0")
@Example(
        sql = "SELECT expected_shortfall(pnl, 0.99) FROM (VALUES CAST(NULL AS double)) AS scenarios (pnl)",
        result = "null")
public final class ExpectedShortfallAggregation
{
    private ExpectedShortfallAggregation() {}

    @InputFunction
    public static void input(
            @AggregationState ProfitAndLossState state,
            @SqlType(StandardTypes.DOUBLE) double pnl,
            @SqlType(StandardTypes.DOUBLE) double confidence)
    {
        ProfitsAndLosses values = state.getValue();
        if (values == null) {
            values = new ProfitsAndLosses("expected_shortfall", confidence);
        }
        values.add("expected_shortfall", pnl, confidence);
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
        values.addAll("expected_shortfall", others);
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
            DOUBLE.writeDouble(out, values.expectedShortfall());
        }
    }
}
