package io.nostro.functions.calendar;

import com.opengamma.strata.basics.date.BusinessDayConvention;
import com.opengamma.strata.basics.date.HolidayCalendar;
import com.opengamma.strata.basics.date.HolidayCalendarId;

import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.Year;
import java.util.stream.IntStream;

import static io.nostro.functions.FunctionErrors.outOfRange;
import static java.lang.Math.toIntExact;
import static java.util.Objects.requireNonNull;

/**
 * The business days of a holiday calendar, one bit a day, over the years that the calendar's rules are known for.
 */
public final class BusinessCalendar
{
    private static final int FIRST_YEAR = 1950;
    private static final int LAST_YEAR = 2099;
    private static final int WORD = Long.SIZE;
    private static final int DAYS_OF_WEEK = 7;

    private final String name;
    private final int firstYear;
    private final int lastYear;
    private final long firstDay;
    private final int days;
    private final long[] businessDays;
    // of each word, how many business days there are before it
    private final int[] businessDaysBefore;

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
        this.businessDaysBefore = businessDaysBefore(businessDays);
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
        this.businessDaysBefore = businessDaysBefore(businessDays);
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

    /**
     * The business days from the start on and before the end; negative, of the same days, when the end is before the start.
     *
     * @param start days since 1970-01-01
     * @param end days since 1970-01-01
     * @throws io.trino.spi.TrinoException when the calendar does not know the year of a date
     */
    public long businessDaysBetween(String function, long start, long end)
    {
        // the day after the last one is an end that the calendar can still count to
        int startIndex = start == firstDay + days ? days : day(function, start);
        int endIndex = end == firstDay + days ? days : day(function, end);
        return (long) businessDaysBefore(endIndex) - businessDaysBefore(startIndex);
    }

    /**
     * The date moved to a business day as the convention says; a business day stays where it is.
     *
     * @param epochDay days since 1970-01-01
     * @throws io.trino.spi.TrinoException when the calendar does not know the year of the date or of the result
     */
    long adjust(String function, long epochDay, BusinessDayConvention convention)
    {
        if (isBusinessDay(function, epochDay)) {
            return epochDay;
        }
        return convention.adjust(LocalDate.ofEpochDay(epochDay), new Holidays(function)).toEpochDay();
    }

    /**
     * The days of a year that are no business days though most days of their name are, in order, as days since 1970-01-01.
     *
     * @throws io.trino.spi.TrinoException when the calendar does not know the year
     */
    long[] holidays(String function, long year)
    {
        if (year < firstYear || year > lastYear) {
            throw outOfRange("%s: the year is outside the years %s to %s that calendar %s covers", function, firstYear, lastYear, name);
        }
        int start = toIntExact(Year.of((int) year).atDay(1).toEpochDay() - firstDay);
        int end = start + Year.of((int) year).length();
        return IntStream.range(start, end)
                .filter(day -> !isBusinessDay(day) && isWeekday(day, start, end))
                .mapToLong(day -> firstDay + day)
                .toArray();
    }

    private boolean isWeekday(int day, int start, int end)
    {
        int business = 0;
        int all = 0;
        for (int same = start + (day - start) % DAYS_OF_WEEK; same < end; same += DAYS_OF_WEEK) {
            all++;
            if (isBusinessDay(same)) {
                business++;
            }
        }
        return 2 * business > all;
    }

    private int businessDaysBefore(int day)
    {
        int index = day / WORD;
        return index == businessDays.length
                ? businessDaysBefore[index]
                : businessDaysBefore[index] + Long.bitCount(businessDays[index] & ((1L << (day % WORD)) - 1));
    }

    private static int[] businessDaysBefore(long[] businessDays)
    {
        int[] before = new int[businessDays.length + 1];
        for (int index = 0; index < businessDays.length; index++) {
            before[index + 1] = before[index] + Long.bitCount(businessDays[index]);
        }
        return before;
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

    /**
     * The calendar as Strata's conventions ask for it.
     */
    private final class Holidays
            implements HolidayCalendar
    {
        private final String function;

        private Holidays(String function)
        {
            this.function = requireNonNull(function, "function is null");
        }

        @Override
        public HolidayCalendarId getId()
        {
            return HolidayCalendarId.of(name);
        }

        @Override
        public boolean isHoliday(LocalDate date)
        {
            return !BusinessCalendar.this.isBusinessDay(function, date.toEpochDay());
        }
    }
}
