package io.nostro.functions.kernels;

import com.opengamma.strata.basics.date.DayCount;
import com.opengamma.strata.basics.date.DayCounts;
import com.opengamma.strata.basics.date.HolidayCalendar;
import com.opengamma.strata.basics.date.HolidayCalendars;
import io.airlift.slice.Slice;
import io.nostro.functions.calendar.CalendarFunctions;
import io.nostro.functions.rates.AccrualFunctions;

import java.time.LocalDate;
import java.util.Random;
import java.util.stream.LongStream;

import static io.airlift.slice.Slices.utf8Slice;

/**
 * Day counts and calendars, of dates from 2000 to 2030.
 */
final class DateKernels
{
    private static final long FIRST_DAY = LocalDate.of(2000, 1, 1).toEpochDay();
    private static final long LAST_DAY = LocalDate.of(2030, 1, 1).toEpochDay();

    private DateKernels() {}

    static void addTo(Kernels kernels)
    {
        Random random = new Random(7);
        long[] starts = LongStream.range(0, Kernels.INPUTS).map(_ -> random.nextLong(FIRST_DAY, LAST_DAY)).toArray();
        long[] ends = LongStream.of(starts).map(start -> start + random.nextLong(3_650)).toArray();
        LocalDate[] startDates = LongStream.of(starts).mapToObj(LocalDate::ofEpochDay).toArray(LocalDate[]::new);
        LocalDate[] endDates = LongStream.of(ends).mapToObj(LocalDate::ofEpochDay).toArray(LocalDate[]::new);

        for (DayCount dayCount : new DayCount[] {DayCounts.ACT_360, DayCounts.ACT_ACT_ISDA, DayCounts.THIRTY_E_360}) {
            Slice name = utf8Slice(dayCount.getName());
            String function = "day_count_fraction '%s'".formatted(dayCount.getName());
            kernels.add(function, (input, result) -> result.consume(AccrualFunctions.dayCountFraction(starts[input], ends[input], name)));
            kernels.add(function, "strata", (input, result) -> result.consume(dayCount.yearFraction(startDates[input], endDates[input])));
        }

        Slice target = utf8Slice("EUTA");
        HolidayCalendar calendar = HolidayCalendars.of("EUTA");
        kernels.add("is_business_day", (input, result) -> result.consume(CalendarFunctions.isBusinessDay(starts[input], target)));
        kernels.add("is_business_day", "strata", (input, result) -> result.consume(calendar.isBusinessDay(startDates[input])));
        kernels.add("add_business_days", (input, result) -> result.consume(CalendarFunctions.addBusinessDays(starts[input], 5, target)));
        kernels.add("add_business_days", "strata", (input, result) -> result.consume(calendar.shift(startDates[input], 5)));
        kernels.add("business_days_between", (input, result) -> result.consume(CalendarFunctions.businessDaysBetween(starts[input], ends[input], target)));
        kernels.add("business_days_between", "strata", (input, result) -> result.consume(calendar.daysBetween(startDates[input], endDates[input])));
    }
}
