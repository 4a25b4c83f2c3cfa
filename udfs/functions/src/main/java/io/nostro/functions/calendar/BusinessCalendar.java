package io.nostro.functions.calendar;

import com.opengamma.strata.basics.date.HolidayCalendar;

import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.Year;

import static io.nostro.functions.FunctionErrors.outOfRange;
import static java.lang.Math.toIntExact;

/**
 * The business days of a holiday calendar, one bit a day, over the years that the calendar's rules are known for.
 */
final class BusinessCalendar
{
    private static final int FIRST_YEAR = 1950;
    private static final int LAST_YEAR = 2099;
    private static final int WORD = Long.SIZE;

    private final String name;
    private final int firstYear;
    private final int lastYear;
    private final long firstDay;
    private final int days;
    private final long[] businessDays;

    BusinessCalendar(HolidayCalendar calendar)
    {
        this(calendar.getName(), calendar, firstYear(calendar), lastYear(calendar));
    }

    private BusinessCalendar(String name, HolidayCalendar calendar, int firstYear, int lastYear)
    {
        this.name = name;
        this.firstYear = firstYear;
        this.lastYear = lastYear;
        this.firstDay = Year.of(firstYear).atDay(1).toEpochDay();
        this.days = toIntExact(Year.of(lastYear + 1).atDay(1).toEpochDay() - firstDay);
        this.businessDays = new long[(days + WORD - 1) / WORD];
        for (int day = 0; day < days; day++) {
            if (calendar.isBusinessDay(LocalDate.ofEpochDay(firstDay + day))) {
                businessDays[day / WORD] |= 1L << (day % WORD);
            }
        }
    }

    private BusinessCalendar(BusinessCalendar left, BusinessCalendar right)
    {
        this.name = left.name + "+" + right.name;
        this.firstYear = Math.max(left.firstYear, right.firstYear);
        this.lastYear = Math.min(left.lastYear, right.lastYear);
        this.firstDay = Year.of(firstYear).atDay(1).toEpochDay();
        this.days = toIntExact(Year.of(lastYear + 1).atDay(1).toEpochDay() - firstDay);
        this.businessDays = new long[(days + WORD - 1) / WORD];
        for (int day = 0; day < days; day++) {
            if (left.isBusinessDay(toIntExact(firstDay - left.firstDay) + day) && right.isBusinessDay(toIntExact(firstDay - right.firstDay) + day)) {
                businessDays[day / WORD] |= 1L << (day % WORD);
            }
        }
    }

    /**
     * The calendar whose business days are business days of both.
     */
    BusinessCalendar combinedWith(BusinessCalendar other)
    {
        return new BusinessCalendar(this, other);
    }

    /**
     * @param epochDay days since 1970-01-01
     * @throws io.trino.spi.TrinoException when the calendar does not know the date's year
     */
    boolean isBusinessDay(String function, long epochDay)
    {
        return isBusinessDay(day(function, epochDay));
    }

    /**
     * The date that many business days later, or earlier when negative; the date itself for none, whatever day it is.
     *
     * @param epochDay days since 1970-01-01
     * @throws io.trino.spi.TrinoException when the calendar does not know the year of the date or of the result
     */
    long addBusinessDays(String function, long epochDay, long count)
    {
        int day = day(function, epochDay);
        if (count == 0) {
            return epochDay;
        }
        int result = count > 0 ? after(day, count) : before(day, count);
        if (result < 0) {
            throw outOfRange("%s: the result is outside the years %s to %s that calendar %s covers", function, firstYear, lastYear, name);
        }
        return firstDay + result;
    }

    private boolean isBusinessDay(int day)
    {
        return (businessDays[day / WORD] & (1L << (day % WORD))) != 0;
    }

    private int day(String function, long epochDay)
    {
        long day = epochDay - firstDay;
        if (day < 0 || day >= days) {
            throw outOfRange("%s: %s is outside the years %s to %s that calendar %s covers", function, dateText(epochDay), firstYear, lastYear, name);
        }
        return (int) day;
    }

    private int after(int day, long count)
    {
        int index = day / WORD;
        int bit = day % WORD;
        long word = bit == WORD - 1 ? 0 : businessDays[index] & (-1L << (bit + 1));
        long left = count;
        while (true) {
            int present = Long.bitCount(word);
            if (left <= present) {
                break;
            }
            left -= present;
            index++;
            if (index == businessDays.length) {
                return -1;
            }
            word = businessDays[index];
        }
        for (long skipped = 1; skipped < left; skipped++) {
            word &= word - 1;
        }
        return index * WORD + Long.numberOfTrailingZeros(word);
    }

    private int before(int day, long count)
    {
        int index = day / WORD;
        long word = businessDays[index] & ((1L << (day % WORD)) - 1);
        long left = count;
        while (true) {
            int present = Long.bitCount(word);
            if (-left <= present && left != Long.MIN_VALUE) {
                break;
            }
            left += present;
            index--;
            if (index < 0) {
                return -1;
            }
            word = businessDays[index];
        }
        for (long skipped = -1; skipped > left; skipped--) {
            word &= ~Long.highestOneBit(word);
        }
        return index * WORD + WORD - 1 - Long.numberOfLeadingZeros(word);
    }

    private static String dateText(long epochDay)
    {
        return epochDay < LocalDate.MIN.toEpochDay() || epochDay > LocalDate.MAX.toEpochDay() ? "the date" : LocalDate.ofEpochDay(epochDay).toString();
    }

    private static int firstYear(HolidayCalendar calendar)
    {
        for (int year = FIRST_YEAR; year <= LAST_YEAR; year++) {
            if (hasHolidayOnWeekday(calendar, year)) {
                return year;
            }
        }
        return FIRST_YEAR;
    }

    private static int lastYear(HolidayCalendar calendar)
    {
        for (int year = LAST_YEAR; year >= FIRST_YEAR; year--) {
            if (hasHolidayOnWeekday(calendar, year)) {
                return year;
            }
        }
        return LAST_YEAR;
    }

    private static boolean hasHolidayOnWeekday(HolidayCalendar calendar, int year)
    {
        return Year.of(year).atDay(1).datesUntil(Year.of(year + 1).atDay(1))
                .anyMatch(date -> date.getDayOfWeek().compareTo(DayOfWeek.SATURDAY) < 0 && calendar.isHoliday(date));
    }
}
