package io.nostro.functions.calendar;

import io.airlift.slice.Slice;
import io.nostro.functions.Argument;
import io.nostro.functions.Errors;
import io.nostro.functions.Example;
import io.nostro.functions.Source;
import io.trino.spi.block.Block;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.function.Description;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.StandardTypes;

import static io.nostro.functions.FunctionErrors.invalidArgument;
import static io.trino.spi.type.DateType.DATE;

/**
 * Functions of business days. Calendars have the names that OpenGamma Strata gives them, which are ISDA's where ISDA has
 * one: EUTA (TARGET), USNY, GBLO, CHZU, JPTO and others; {@code EUTA+USNY} is open when both are.
 */
public final class CalendarFunctions
{
    private CalendarFunctions() {}

    @ScalarFunction("is_business_day")
    @Description("Whether a date is a business day of a calendar (EUTA, which is TARGET, USNY, GBLO, CHZU, JPTO and others), or of all of several joined with +")
    @Argument(name = "date", meaning = "the day to check")
    @LiteralParameters("x")
    @SqlType(StandardTypes.BOOLEAN)
    @Example(sql = "is_business_day(DATE '2025-05-02', 'EUTA')", result = "true")
    @Example(sql = "is_business_day(DATE '2025-05-01', 'EUTA')", result = "false")
    @Example(sql = "is_business_day(DATE '2025-07-04', 'EUTA+USNY')", result = "false")
    @Example(sql = "TRY(is_business_day(DATE '2025-05-01', 'TARGET'))", result = "null")
    public static boolean isBusinessDay(@SqlType(StandardTypes.DATE) long date, @SqlType("varchar(x)") Slice calendar)
    {
        return BusinessCalendars.BY_NAME.get(calendar).isBusinessDay("is_business_day", date);
    }

    @ScalarFunction("add_business_days")
    @Description("The date a number of business days of a calendar (as in is_business_day) after a date, or before it when negative; 0 gives the date itself")
    @Argument(name = "date", meaning = "the day to count from, which need not be a business day")
    @Argument(name = "days", meaning = "business days to go on, or back when negative")
    @LiteralParameters("x")
    @SqlType(StandardTypes.DATE)
    @Example(sql = "add_business_days(DATE '2025-04-17', 1, 'EUTA')", result = "\"2025-04-22\"")
    @Example(sql = "add_business_days(DATE '2025-05-02', -1, 'EUTA')", result = "\"2025-04-30\"")
    @Example(sql = "add_business_days(DATE '2025-05-03', 0, 'EUTA')", result = "\"2025-05-03\"")
    public static long addBusinessDays(
            @SqlType(StandardTypes.DATE) long date,
            @SqlType(StandardTypes.BIGINT) long days,
            @SqlType("varchar(x)") Slice calendar)
    {
        return BusinessCalendars.BY_NAME.get(calendar).addBusinessDays("add_business_days", date, days);
    }

    @ScalarFunction("business_days_between")
    @Description("The number of business days of a calendar (as in is_business_day) from a start, which counts, to an end, which does not; negative when the end is before the start")
    @Argument(name = "start", meaning = "the first date, which counts")
    @Argument(name = "end", meaning = "the last date, which does not count")
    @LiteralParameters("x")
    @SqlType(StandardTypes.BIGINT)
    @Example(sql = "business_days_between(DATE '2025-04-17', DATE '2025-04-24', 'EUTA')", result = "3")
    @Example(sql = "business_days_between(DATE '2025-04-24', DATE '2025-04-17', 'EUTA')", result = "-3")
    @Example(sql = "business_days_between(DATE '2025-04-18', DATE '2025-04-18', 'EUTA')", result = "0")
    public static long businessDaysBetween(
            @SqlType(StandardTypes.DATE) long start,
            @SqlType(StandardTypes.DATE) long end,
            @SqlType("varchar(x)") Slice calendar)
    {
        return BusinessCalendars.BY_NAME.get(calendar).businessDaysBetween("business_days_between", start, end);
    }

    @ScalarFunction("adjust_business_day")
    @Description("The date moved to a business day of a calendar (as in is_business_day) by a convention (following, modified following, preceding, modified preceding, nearest, none and others) in any of the market's spellings")
    @Argument(name = "date", meaning = "the day to move")
    @Source("2006 ISDA Definitions, business day conventions; OpenGamma Strata's holiday calendars")
    @Argument(name = "convention", meaning = "following, modified following, preceding, modified preceding, nearest, none or another of Strata's, in any of the market's spellings")
    @Errors(
            invalidArgument = "the convention or the calendar is not known",
            outOfRange = "a date, or the result, is outside the years that the calendar covers")
    @LiteralParameters({"x", "y"})
    @SqlType(StandardTypes.DATE)
    @Example(sql = "adjust_business_day(DATE '2025-05-31', 'following', 'EUTA')", result = "\"2025-06-02\"")
    @Example(sql = "adjust_business_day(DATE '2025-05-31', 'modified following', 'EUTA')", result = "\"2025-05-30\"")
    @Example(sql = "adjust_business_day(DATE '2025-05-30', 'MF', 'EUTA')", result = "\"2025-05-30\"")
    @Example(sql = "TRY(adjust_business_day(DATE '2025-05-30', 'sideways', 'EUTA'))", result = "null")
    public static long adjustBusinessDay(
            @SqlType(StandardTypes.DATE) long date,
            @SqlType("varchar(x)") Slice convention,
            @SqlType("varchar(y)") Slice calendar)
    {
        return BusinessCalendars.BY_NAME.get(calendar).adjust("adjust_business_day", date, BusinessDayConventions.BY_NAME.get(convention));
    }

    @ScalarFunction("settlement_date")
    @Description("The date a number of business days of a calendar (as in is_business_day) after a trade; a trade on another day counts as made on the next business day")
    @Argument(name = "trade_date", meaning = "the date of the trade")
    @Argument(name = "days", meaning = "business days from trade to settlement, of zero and above: 1 is T+1")
    @Errors(
            invalidArgument = "the calendar is not known, more than 8 are joined, or days is negative",
            outOfRange = "a date, or the result, is outside the years that the calendar covers")
    @LiteralParameters("x")
    @SqlType(StandardTypes.DATE)
    @Example(sql = "settlement_date(DATE '2025-05-02', 1, 'USNY')", result = "\"2025-05-05\"")
    @Example(sql = "settlement_date(DATE '2025-05-03', 1, 'USNY')", result = "\"2025-05-06\"")
    @Example(sql = "settlement_date(DATE '2025-07-02', 2, 'EUTA+USNY')", result = "\"2025-07-07\"")
    @Example(sql = "TRY(settlement_date(DATE '2025-07-02', -1, 'EUTA'))", result = "null")
    public static long settlementDate(
            @SqlType(StandardTypes.DATE) long tradeDate,
            @SqlType(StandardTypes.BIGINT) long days,
            @SqlType("varchar(x)") Slice calendar)
    {
        if (days < 0) {
            throw invalidArgument("settlement_date: days is %s; accepted is zero and above", days);
        }
        BusinessCalendar businessCalendar = BusinessCalendars.BY_NAME.get(calendar);
        long from = businessCalendar.isBusinessDay("settlement_date", tradeDate) ? tradeDate : businessCalendar.addBusinessDays("settlement_date", tradeDate, 1);
        return businessCalendar.addBusinessDays("settlement_date", from, days);
    }

    @ScalarFunction("holidays")
    @Description("The holidays of a calendar (as in is_business_day) in a year, without the days of its weekends")
    @Argument(name = "year", meaning = "the year, such as 2025")
    @Errors(
            invalidArgument = "the calendar is not known, or more than 8 are joined",
            outOfRange = "the year is outside those that the calendar covers")
    @LiteralParameters("x")
    @SqlType("array(date)")
    @Example(sql = "holidays('EUTA', 2025)", result = "[\"2025-01-01\",\"2025-04-18\",\"2025-04-21\",\"2025-05-01\",\"2025-12-25\",\"2025-12-26\"]")
    @Example(sql = "holidays('Sat/Sun', 2025)", result = "[]")
    @Example(sql = "cardinality(holidays('EUTA+USNY', 2025))", result = "15")
    @Example(sql = "TRY(holidays('EUTA', 1900))", result = "null")
    public static Block holidays(@SqlType("varchar(x)") Slice calendar, @SqlType(StandardTypes.BIGINT) long year)
    {
        long[] holidays = BusinessCalendars.BY_NAME.get(calendar).holidays("holidays", year);
        BlockBuilder dates = DATE.createBlockBuilder(null, holidays.length);
        for (long holiday : holidays) {
            DATE.writeLong(dates, holiday);
        }
        return dates.build();
    }
}
