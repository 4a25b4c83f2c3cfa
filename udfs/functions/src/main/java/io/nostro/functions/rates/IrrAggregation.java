package io.nostro.functions.rates;

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

import java.util.OptionalDouble;

import static io.nostro.functions.FunctionErrors.invalidArgument;
import static io.trino.spi.type.DoubleType.DOUBLE;

/**
 * The internal rate of return of a group's cash flows. Rows with a NULL are left out; the result is NULL of no rows
 * and of cash flows without a rate of return.
 */
@AggregationFunction("irr")
@Description("The internal rate of return per period, as a fraction, of amounts by the number of the period: the rate at which they are worth nothing together (Excel's IRR); NULL when there is none")
@Source("Microsoft Excel, function IRR")
@Errors(invalidArgument = "an amount is not finite, a period does not fit in 32 bits, or a group has more than 10,000,000 rows")
@Example(
        sql = "SELECT round(irr(amount, period), 9) FROM (VALUES (-70000, 0), (12000, 1), (15000, 2), (18000, 3), (21000, 4), (26000, 5)) AS flows (amount, period)",
        result = "0.086630948")
@Example(
        sql = "SELECT irr(amount, period) FROM (VALUES (100, 0), (200, 1)) AS flows (amount, period)",
        result = "null")
public final class IrrAggregation
{
    private IrrAggregation() {}

    @InputFunction
    public static void input(
            @AggregationState CashFlowState state,
            @SqlType(StandardTypes.DOUBLE) double amount,
            @SqlType(StandardTypes.BIGINT) long period)
    {
        if (period != (int) period) {
            throw invalidArgument("irr: a period is %s; accepted are numbers of 32 bits", period);
        }
        CashFlows flows = state.getValue();
        if (flows == null) {
            flows = new CashFlows();
        }
        flows.add("irr", amount, period);
        state.setValue(flows);
    }

    @CombineFunction
    public static void combine(@AggregationState CashFlowState state, @AggregationState CashFlowState otherState)
    {
        CashFlows flows = state.getValue();
        CashFlows others = otherState.getValue();
        if (others == null) {
            return;
        }
        if (flows == null) {
            state.setValue(others);
            return;
        }
        flows.addAll("irr", others);
        state.setValue(flows);
    }

    @OutputFunction(StandardTypes.DOUBLE)
    public static void output(@AggregationState CashFlowState state, BlockBuilder out)
    {
        CashFlows flows = state.getValue();
        OptionalDouble rate = flows == null ? OptionalDouble.empty() : flows.rateOfReturn(InternalRateOfReturn.PERIODS);
        if (rate.isPresent()) {
            DOUBLE.writeDouble(out, rate.getAsDouble());
        }
        else {
            out.appendNull();
        }
    }
}
