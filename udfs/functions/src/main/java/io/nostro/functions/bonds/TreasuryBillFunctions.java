package io.nostro.functions.bonds;

import io.nostro.functions.Argument;
import io.nostro.functions.Errors;
import io.nostro.functions.Example;
import io.nostro.functions.Source;
import io.trino.spi.function.Description;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.StandardTypes;

import java.time.LocalDate;

import static io.nostro.functions.FunctionErrors.invalidArgument;
import static io.nostro.functions.FunctionErrors.outOfRange;

/**
 * Prices and yields of treasury bills, per 100 of face value, over the actual days and a year of 360 (31 CFR Part 356, Appendix B, VI).
 */
@Argument(name = "maturity", meaning = "the day on which the bill is repaid at 100, at most a year after settlement")
@Errors(
        invalidArgument = "settlement is not before maturity or more than a year before it, or the rate or price is not as accepted",
        outOfRange = "the result is too large for a double")
public final class TreasuryBillFunctions
{
    private static final double FACE = 100;
    private static final double DAYS_OF_YEAR = 360;

    private TreasuryBillFunctions() {}

    @ScalarFunction("tbill_price")
    @Description("The price of a treasury bill, per 100 of face value, at an annual bank discount rate over the actual days and a year of 360 (Excel's TBILLPRICE)")
    @Source("31 CFR Part 356, Appendix B (US Treasury); Microsoft Excel, function TBILLPRICE")
    @Argument(name = "discount_rate", meaning = "the annual bank discount rate as a fraction of face value, over a year of 360 days: 0.05 is 5 %; leaves a price above zero")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(tbill_price(DATE '2008-03-31', DATE '2008-06-01', 0.09), 9)", result = "98.45")
    @Example(sql = "round(tbill_price(DATE '1990-01-04', DATE '1990-04-04', 0.0761), 9)", result = "98.0975")
    @Example(sql = "TRY(tbill_price(DATE '2008-03-31', DATE '2009-04-01', 0.09))", result = "null")
    public static double tbillPrice(
            @SqlType(StandardTypes.DATE) long settlement,
            @SqlType(StandardTypes.DATE) long maturity,
            @SqlType(StandardTypes.DOUBLE) double discountRate)
    {
        double years = years("tbill_price", settlement, maturity);
        double price = FACE * (1 - discountRate * years);
        if (!(price > 0 && Double.isFinite(price))) {
            throw invalidArgument("tbill_price: discount_rate is %s; accepted is a finite rate, 0.05 being five percent, that leaves a price above zero", discountRate);
        }
        return price;
    }

    @ScalarFunction("tbill_yield")
    @Description("The annual yield of a treasury bill at a price per 100 of face value: simple interest over the actual days and a year of 360 (Excel's TBILLYIELD)")
    @Source("Microsoft Excel, function TBILLYIELD")
    @Argument(name = "price", meaning = "the price per 100 of face value, above zero")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(tbill_yield(DATE '2008-03-31', DATE '2008-06-01', 98.45), 8)", result = "0.09141696")
    @Example(sql = "tbill_yield(DATE '2008-03-31', DATE '2008-06-01', 100)", result = "0.0")
    @Example(sql = "TRY(tbill_yield(DATE '2008-03-31', DATE '2008-06-01', 0))", result = "null")
    public static double tbillYield(
            @SqlType(StandardTypes.DATE) long settlement,
            @SqlType(StandardTypes.DATE) long maturity,
            @SqlType(StandardTypes.DOUBLE) double price)
    {
        double years = years("tbill_yield", settlement, maturity);
        if (!(price > 0 && Double.isFinite(price))) {
            throw invalidArgument("tbill_yield: price is %s; accepted is a finite price above zero, per 100 of face value", price);
        }
        double yield = (FACE - price) / price / years;
        if (!Double.isFinite(yield)) {
            throw outOfRange("tbill_yield: the result is too large");
        }
        return yield;
    }

    private static double years(String function, long settlement, long maturity)
    {
        if (settlement >= maturity) {
            throw invalidArgument("%s: settlement is not before maturity", function);
        }
        if (maturity > LocalDate.ofEpochDay(settlement).plusYears(1).toEpochDay()) {
            throw invalidArgument("%s: maturity is more than a year after settlement; accepted are bills of up to a year", function);
        }
        return (maturity - settlement) / DAYS_OF_YEAR;
    }
}
