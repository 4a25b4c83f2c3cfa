package io.nostro.functions.rates;

import io.nostro.functions.Argument;
import io.nostro.functions.Errors;
import io.nostro.functions.Example;
import io.nostro.functions.Source;
import io.trino.spi.block.Block;
import io.trino.spi.function.Description;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlNullable;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.StandardTypes;

import static io.nostro.functions.FunctionErrors.invalidArgument;
import static io.nostro.functions.FunctionErrors.outOfRange;
import static io.nostro.functions.rates.ModifiedRateOfReturn.discounted;
import static io.nostro.functions.rates.PresentWorth.checkRate;
import static io.trino.spi.type.DateType.DATE;
import static io.trino.spi.type.DoubleType.DOUBLE;

/**
 * The aggregates of cash flows over arrays, as Excel's functions are. A NULL among the amounts is a period without a cash
 * flow; the result of an array without amounts is NULL.
 */
public final class ArrayCashFlowFunctions
{
    private static final double DAYS_OF_YEAR = 365;

    private ArrayCashFlowFunctions() {}

    @ScalarFunction("array_npv")
    @Description("The net present value of an array of amounts, the first of them due in one period (Excel's NPV)")
    @Source("Microsoft Excel, function NPV")
    @Errors(
            invalidArgument = "an amount is not finite, or the rate is not finite and above -1",
            outOfRange = "the result is too large for a double")
    @SqlNullable
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(array_npv(0.1, ARRAY[-10000, 3000, 4200, 6800]), 2)", result = "1188.44")
    @Example(sql = "array_npv(0.1, ARRAY[])", result = "null")
    @Example(sql = "TRY(array_npv(-1, ARRAY[100]))", result = "null")
    public static Double arrayNpv(@SqlType(StandardTypes.DOUBLE) double rate, @SqlType("array(double)") Block amounts)
    {
        checkRate("array_npv", "rate", rate);
        double worth = 0;
        boolean empty = true;
        for (int i = 0; i < amounts.getPositionCount(); i++) {
            if (!amounts.isNull(i)) {
                empty = false;
                worth += discounted(amount("array_npv", amounts, i), rate, i + 1);
            }
        }
        return empty ? null : finite("array_npv", worth);
    }

    @ScalarFunction("array_xnpv")
    @Description("The net present value of dated cash flows in arrays at the earliest of their dates (Excel's XNPV, 365 days a year)")
    @Source("Microsoft Excel, function XNPV")
    @Argument(name = "rate", meaning = "the annual rate as a fraction, above -1: 0.05 is 5 %")
    @Errors(
            invalidArgument = "an amount is not finite, the rate is not finite and above -1, or the arrays have different lengths",
            outOfRange = "the result is too large for a double")
    @SqlNullable
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(array_xnpv(0.09, ARRAY[-10000, 2750, 4250, 3250, 2750], ARRAY[DATE '2008-01-01', DATE '2008-03-01', DATE '2008-10-30', DATE '2009-02-15', DATE '2009-04-01']), 2)", result = "2086.65")
    @Example(sql = "TRY(array_xnpv(0.09, ARRAY[-100, 110], ARRAY[DATE '2024-01-01']))", result = "null")
    public static Double arrayXnpv(
            @SqlType(StandardTypes.DOUBLE) double rate,
            @SqlType("array(double)") Block amounts,
            @SqlType("array(date)") Block dates)
    {
        checkRate("array_xnpv", "rate", rate);
        int count = amounts.getPositionCount();
        if (count != dates.getPositionCount()) {
            throw invalidArgument("array_xnpv: %s amounts and %s dates; accepted are arrays of one length", count, dates.getPositionCount());
        }
        long first = Long.MAX_VALUE;
        for (int i = 0; i < count; i++) {
            if (!amounts.isNull(i) && !dates.isNull(i)) {
                first = Math.min(first, DATE.getInt(dates, i));
            }
        }
        double worth = 0;
        for (int i = 0; i < count; i++) {
            if (!amounts.isNull(i) && !dates.isNull(i)) {
                worth += discounted(amount("array_xnpv", amounts, i), rate, (DATE.getInt(dates, i) - first) / DAYS_OF_YEAR);
            }
        }
        return first == Long.MAX_VALUE ? null : finite("array_xnpv", worth);
    }

    @ScalarFunction("array_irr")
    @Description("The internal rate of return per period, as a fraction, of an array of amounts, one for each period: the rate at which they are worth nothing together (Excel's IRR)")
    @Source("Microsoft Excel, function IRR")
    @Errors(invalidArgument = "an amount is not finite, or there is no rate at which the amounts are worth nothing")
    @SqlNullable
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(array_irr(ARRAY[-70000, 12000, 15000, 18000, 21000, 26000]), 9)", result = "0.086630948")
    @Example(sql = "round(array_irr(ARRAY[-70000, 12000, 15000, 18000, 21000]), 9)", result = "-0.021244848")
    @Example(sql = "TRY(array_irr(ARRAY[100, 200]))", result = "null")
    public static Double arrayIrr(@SqlType("array(double)") Block amounts)
    {
        CashFlows flows = new CashFlows();
        for (int i = 0; i < amounts.getPositionCount(); i++) {
            if (!amounts.isNull(i)) {
                flows.add("array_irr", DOUBLE.getDouble(amounts, i), i);
            }
        }
        return flows.size() == 0 ? null : InternalRateOfReturn.solve("array_irr", flows, InternalRateOfReturn.PERIODS);
    }

    @ScalarFunction("array_mirr")
    @Description("The modified internal rate of return per period of an array of amounts, by a rate that payments are financed at and one that receipts are reinvested at (Excel's MIRR)")
    @Source("Microsoft Excel, function MIRR")
    @Errors(invalidArgument = "an amount is not finite, a rate is not finite and above -1, or no amount is negative or none positive")
    @SqlNullable
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(array_mirr(ARRAY[-120000, 39000, 30000, 21000, 37000, 46000], 0.10, 0.12), 4)", result = "0.1261")
    @Example(sql = "TRY(array_mirr(ARRAY[100, 200], 0.10, 0.12))", result = "null")
    public static Double arrayMirr(
            @SqlType("array(double)") Block amounts,
            @SqlType(StandardTypes.DOUBLE) double financeRate,
            @SqlType(StandardTypes.DOUBLE) double reinvestRate)
    {
        checkRate("array_mirr", "finance_rate", financeRate);
        checkRate("array_mirr", "reinvest_rate", reinvestRate);
        int last = amounts.getPositionCount() - 1;
        boolean empty = true;
        PositiveWorth paid = new PositiveWorth(0, 0);
        PositiveWorth received = new PositiveWorth(0, 0);
        for (int i = 0; i <= last; i++) {
            if (!amounts.isNull(i)) {
                empty = false;
                double amount = amount("array_mirr", amounts, i);
                paid = paid.plus(new PositiveWorth(Math.max(0, -amount), 0), financeRate, i);
                received = received.plus(new PositiveWorth(Math.max(0, amount), 0), reinvestRate, i - last);
            }
        }
        if (empty) {
            return null;
        }
        return ModifiedRateOfReturn.find(paid, received, last)
                .orElseThrow(() -> invalidArgument("array_mirr: there is no modified rate of return; accepted are amounts of which at least one is negative and one positive"));
    }

    private static double amount(String function, Block amounts, int index)
    {
        return PresentWorth.amount(function, DOUBLE.getDouble(amounts, index));
    }

    private static double finite(String function, double worth)
    {
        if (!Double.isFinite(worth)) {
            throw outOfRange("%s: the result is too large", function);
        }
        return worth;
    }
}
