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

import static io.trino.spi.type.DoubleType.DOUBLE;

/**
 * The internal rate of return of a group's cash flows. Rows with a NULL are left out; the result is NULL of no rows
 * and of cash flows without a rate of return.
 */
@AggregationFunction("xirr")
@Description("The annual internal rate of return of dated cash flows, as a fraction (0.05 is 5 %): the rate at which they are worth nothing together (Excel's XIRR, 365 days a year); money paid out is negative, money received positive; NULL when there is none")
@Source("Microsoft Excel, function XIRR")
@Errors(invalidArgument = "an amount is not finite, or a group has more than 10,000,000 rows")
@Example(
        sql = "SELECT round(xirr(amount, paid_on), 9) FROM (VALUES (-10000, DATE '2008-01-01'), (2750, DATE '2008-03-01'), (4250, DATE '2008-10-30'), (3250, DATE '2009-02-15'), (2750, DATE '2009-04-01')) AS flows (amount, paid_on)",
        result = "0.373362534")
@Example(
        sql = "SELECT round(xirr(amount, paid_on), 9) FROM (VALUES (DECIMAL '-100.00', DATE '2024-01-01'), (DECIMAL '110.00', DATE '2024-12-31')) AS flows (amount, paid_on)",
        result = "0.1")
@Example(
        sql = "SELECT xirr(amount, paid_on) FROM (VALUES (100.00, DATE '2024-01-01')) AS flows (amount, paid_on) WHERE amount < 0",
        result = "null")
public final class XirrAggregation
{
    private XirrAggregation() {}

    @InputFunction
    public static void input(
            @AggregationState CashFlowState state,
            @SqlType(StandardTypes.DOUBLE) double amount,
            @SqlType(StandardTypes.DATE) long date)
    {
        CashFlows flows = state.getValue();
        if (flows == null) {
            flows = new CashFlows();
        }
        flows.add("xirr", amount, date);
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
        flows.addAll("xirr", others);
        state.setValue(flows);
    }

    @OutputFunction(StandardTypes.DOUBLE)
    public static void output(@AggregationState CashFlowState state, BlockBuilder out)
    {
        CashFlows flows = state.getValue();
        OptionalDouble rate = flows == null ? OptionalDouble.empty() : flows.rateOfReturn(InternalRateOfReturn.DAYS_OF_YEAR);
        if (rate.isPresent()) {
            DOUBLE.writeDouble(out, rate.getAsDouble());
        }
        else {
            out.appendNull();
        }
    }
}
