package io.nostro.functions.calendar;

import io.nostro.functions.Argument;
import io.nostro.functions.Errors;
import io.nostro.functions.Example;
import io.nostro.functions.Source;
import io.trino.spi.function.Description;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.StandardTypes;

import java.time.LocalDate;

import static io.nostro.functions.FunctionErrors.outOfRange;

/**
 * The days on which the quarterly futures of the International Monetary Market settle: the third Wednesday of March, June,
 * September and December.
 */
@Source("The quarterly dates of the International Monetary Market (CME)")
public final class ImmDateFunctions
{
    private static final int MONTHS_OF_QUARTER = 3;
    private static final int FIRST_DAY_OF_THIRD_WEEK = 15;
    private static final int DAYS_OF_WEEK = 7;
    // 1970-01-01 was a Thursday
    private static final int THURSDAY_TO_WEDNESDAY = 6;

    private ImmDateFunctions() {}

    @ScalarFunction("next_imm_date")
    @Description("The first IMM date after a date: the third Wednesday of March, June, September or December")
    @Argument(name = "date", meaning = "the day after which the IMM date is")
    @Errors(outOfRange = "the result is after the last date that there is")
    @SqlType(StandardTypes.DATE)
    @Example(sql = "next_imm_date(DATE '2025-05-02')", result = "\"2025-06-18\"")
    @Example(sql = "next_imm_date(DATE '2025-06-18')", result = "\"2025-09-17\"")
    @Example(sql = "next_imm_date(DATE '2025-12-31')", result = "\"2026-03-18\"")
    public static long nextImmDate(@SqlType(StandardTypes.DATE) long date)
    {
        LocalDate day = LocalDate.ofEpochDay(date);
        LocalDate quarterEnd = day.withDayOfMonth(1).plusMonths((MONTHS_OF_QUARTER - day.getMonthValue() % MONTHS_OF_QUARTER) % MONTHS_OF_QUARTER);
        long result = thirdWednesday(quarterEnd);
        if (result <= date) {
            result = thirdWednesday(quarterEnd.plusMonths(MONTHS_OF_QUARTER));
        }
        if (result > Integer.MAX_VALUE) {
            throw outOfRange("next_imm_date: the result is after the last date that there is");
        }
        return result;
    }

    @ScalarFunction("is_imm_date")
    @Description("Whether a date is an IMM date: the third Wednesday of March, June, September or December")
    @Argument(name = "date", meaning = "the day to check")
    @Errors
    @SqlType(StandardTypes.BOOLEAN)
    @Example(sql = "is_imm_date(DATE '2025-06-18')", result = "true")
    @Example(sql = "is_imm_date(DATE '2025-05-21')", result = "false")
    public static boolean isImmDate(@SqlType(StandardTypes.DATE) long date)
    {
        if (Math.floorMod(date, DAYS_OF_WEEK) != THURSDAY_TO_WEDNESDAY) {
            return false;
        }
        LocalDate day = LocalDate.ofEpochDay(date);
        return day.getMonthValue() % MONTHS_OF_QUARTER == 0
                && day.getDayOfMonth() >= FIRST_DAY_OF_THIRD_WEEK
                && day.getDayOfMonth() < FIRST_DAY_OF_THIRD_WEEK + DAYS_OF_WEEK;
    }

    private static long thirdWednesday(LocalDate firstOfMonth)
    {
        long earliest = firstOfMonth.toEpochDay() + FIRST_DAY_OF_THIRD_WEEK - 1;
        return earliest + Math.floorMod(THURSDAY_TO_WEDNESDAY - earliest, DAYS_OF_WEEK);
    }
}
