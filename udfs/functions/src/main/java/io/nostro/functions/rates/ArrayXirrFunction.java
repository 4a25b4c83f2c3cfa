package io.nostro.functions.rates;

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
import static io.trino.spi.type.DateType.DATE;
import static io.trino.spi.type.DoubleType.DOUBLE;

/**
 * The aggregate {@code xirr} over arrays: what the aggregate gives of the arrays' elements taken as rows.
 */
public final class ArrayXirrFunction
{
    private ArrayXirrFunction() {}

    @ScalarFunction("array_xirr")
    @Description("The annual internal rate of return of dated cash flows in arrays, as a fraction (0.05 is 5 %): the rate at which they are worth nothing together (Excel's XIRR, 365 days a year); money paid out is negative, money received positive")
    @Source("Microsoft Excel, function XIRR")
    @Errors(invalidArgument = "an amount is not finite, the arrays have different lengths, or there is no rate at which the cash flows are worth nothing")
    @SqlNullable
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(array_xirr(ARRAY[-100, 110], ARRAY[DATE '2024-01-01', DATE '2024-12-31']), 9)", result = "0.1")
    @Example(sql = "TRY(array_xirr(ARRAY[100, 110], ARRAY[DATE '2024-01-01', DATE '2024-12-31']))", result = "null")
    @Example(sql = "TRY(array_xirr(ARRAY[-100, 110], ARRAY[DATE '2024-01-01']))", result = "null")
    public static Double arrayXirr(@SqlType("array(double)") Block amounts, @SqlType("array(date)") Block dates)
    {
        int count = amounts.getPositionCount();
        if (count != dates.getPositionCount()) {
            throw invalidArgument("array_xirr: %s amounts and %s dates; accepted are arrays of one length", count, dates.getPositionCount());
        }
        CashFlows flows = new CashFlows();
        for (int i = 0; i < count; i++) {
            if (!amounts.isNull(i) && !dates.isNull(i)) {
                flows.add("array_xirr", DOUBLE.getDouble(amounts, i), DATE.getInt(dates, i));
            }
        }
        return flows.size() == 0 ? null : InternalRateOfReturn.solve("array_xirr", flows, InternalRateOfReturn.DAYS_OF_YEAR);
    }
}
