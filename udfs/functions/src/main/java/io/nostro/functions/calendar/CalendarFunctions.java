package io.nostro.functions.calendar;

import io.airlift.slice.Slice;
import io.nostro.functions.Example;
import io.trino.spi.function.Description;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.StandardTypes;

/**
 * Functions of business days. Calendars have the names that OpenGamma Strata gives them, which are ISDA's where ISDA has
 * one: EUTA (TARGET), USNY, GBLO, CHZU, JPTO and others; {@code EUTA+USNY} is open when both are.
 */
public final class CalendarFunctions
{
    private CalendarFunctions() {}

    @ScalarFunction("is_business_day")
    @Description("Whether a date is a business day of a calendar (EUTA, which is TARGET, USNY, GBLO, CHZU, JPTO and others), or of all of several joined with +")
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
}
