package io.nostro.functions.calendar;

import com.opengamma.strata.basics.ReferenceData;
import com.opengamma.strata.basics.date.BusinessDayAdjustment;
import com.opengamma.strata.basics.date.BusinessDayConvention;
import com.opengamma.strata.basics.date.DateSequences;
import com.opengamma.strata.basics.date.DaysAdjustment;
import com.opengamma.strata.basics.date.HolidayCalendar;
import com.opengamma.strata.basics.date.HolidayCalendarId;
import com.opengamma.strata.basics.schedule.Frequency;
import com.opengamma.strata.basics.schedule.PeriodicSchedule;
import com.opengamma.strata.basics.schedule.RollConventions;
import com.opengamma.strata.basics.schedule.StubConvention;
import io.nostro.functions.FunctionTesting;
import io.nostro.functions.FunctionTesting.Engine;
import io.trino.spi.TrinoException;
import io.trino.spi.block.Block;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.time.DayOfWeek;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import static io.airlift.slice.Slices.utf8Slice;
import static io.trino.spi.StandardErrorCode.INVALID_FUNCTION_ARGUMENT;
import static io.trino.spi.StandardErrorCode.NUMERIC_VALUE_OUT_OF_RANGE;
import static io.trino.spi.type.DateType.DATE;
import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(Engine.class)
final class TestCalendarDates
{
    private static final List<String> CALENDARS = List.of("EUTA", "USNY", "GBLO", "JPTO", "BRBD", "HUBU", "Sat/Sun", "Fri/Sat", "EUTA+USNY", "GBLO+EUTA+JPTO");

    private final FunctionTesting functions;

    TestCalendarDates(FunctionTesting functions)
    {
        this.functions = functions;
    }

    @Test
    void testNulls()
    {
        functions.assertNullForEachNullArgument("business_days_between", "DATE '2025-05-02'", "DATE '2025-06-02'", "'EUTA'");
        functions.assertNullForEachNullArgument("adjust_business_day", "DATE '2025-05-02'", "'F'", "'EUTA'");
        functions.assertNullForEachNullArgument("settlement_date", "DATE '2025-05-02'", "2", "'EUTA'");
        functions.assertNullForEachNullArgument("next_imm_date", "DATE '2025-05-02'");
        functions.assertNullForEachNullArgument("is_imm_date", "DATE '2025-05-02'");
    }

    @Test
    void testBusinessDaysAgainstStrata()
    {
        Random random = new Random(17);
        for (String name : CALENDARS) {
            HolidayCalendar expected = HolidayCalendarId.of(name).resolve(ReferenceData.standard());
            for (int i = 0; i < 1_500; i++) {
                LocalDate start = randomDate(random);
                LocalDate end = start.plusDays(random.nextInt(random.nextBoolean() ? 10 : 3_000));
                String described = "%s %s %s".formatted(name, start, end);
                assertThat(CalendarFunctions.businessDaysBetween(start.toEpochDay(), end.toEpochDay(), utf8Slice(name))).as(described).isEqualTo(expected.daysBetween(start, end));
                assertThat(CalendarFunctions.businessDaysBetween(end.toEpochDay(), start.toEpochDay(), utf8Slice(name))).as(described).isEqualTo(-expected.daysBetween(start, end));
                int days = random.nextInt(10);
                LocalDate settlement = DaysAdjustment.ofBusinessDays(days, HolidayCalendarId.of(name)).adjust(expected.nextOrSame(start), ReferenceData.standard());
                assertThat(LocalDate.ofEpochDay(CalendarFunctions.settlementDate(start.toEpochDay(), days, utf8Slice(name)))).as(described).isEqualTo(settlement);
                for (BusinessDayConvention convention : BusinessDayConvention.extendedEnum().lookupAllNormalized().values()) {
                    assertThat(LocalDate.ofEpochDay(CalendarFunctions.adjustBusinessDay(start.toEpochDay(), utf8Slice(convention.getName()), utf8Slice(name))))
                            .as("%s %s", described, convention)
                            .isEqualTo(convention.adjust(start, expected));
                }
            }
        }
    }

    @Test
    void testHolidaysAgainstStrata()
    {
        for (String name : List.of("EUTA", "USNY", "GBLO", "JPTO", "BRBD", "EUTA+USNY")) {
            HolidayCalendar calendar = HolidayCalendarId.of(name).resolve(ReferenceData.standard());
            for (int year = 1999; year < 2099; year++) {
                List<LocalDate> expected = LocalDate.of(year, 1, 1).datesUntil(LocalDate.of(year + 1, 1, 1))
                        .filter(date -> calendar.isHoliday(date) && date.getDayOfWeek().compareTo(DayOfWeek.SATURDAY) < 0)
                        .toList();
                assertThat(dates(CalendarFunctions.holidays(utf8Slice(name), year))).as("%s %s", name, year).isEqualTo(expected);
            }
        }
    }

    @Test
    void testImmDatesAgainstStrata()
    {
        for (LocalDate date = LocalDate.of(1899, 1, 1); date.getYear() < 2130; date = date.plusDays(1)) {
            LocalDate next = DateSequences.QUARTERLY_IMM.next(date);
            assertThat(LocalDate.ofEpochDay(ImmDateFunctions.nextImmDate(date.toEpochDay()))).as("%s", date).isEqualTo(next);
            assertThat(ImmDateFunctions.isImmDate(date.toEpochDay())).as("%s", date).isEqualTo(DateSequences.QUARTERLY_IMM.nextOrSame(date).equals(date));
        }
        functions.assertError("next_imm_date(date_add('day', 2147483647, DATE '1970-01-01'))", NUMERIC_VALUE_OUT_OF_RANGE, "after the last date");
        functions.assertValue("is_imm_date(date_add('day', -2147483647, DATE '1970-01-01'))", "false");
    }

    @Test
    void testSchedulesAgainstStrata()
    {
        Random random = new Random(91);
        List<String> calendars = List.of("EUTA", "USNY", "EUTA+USNY");
        List<String> frequencies = List.of("1M", "3M", "6M", "1Y", "2W", "P4M", "Term");
        List<StubConvention> stubs = List.of(StubConvention.values());
        int compared = 0;
        for (int i = 0; i < 10_000; i++) {
            LocalDate start = randomDate(random);
            LocalDate end = start.plusDays(1 + random.nextInt(2_500));
            String frequency = frequencies.get(random.nextInt(frequencies.size()));
            StubConvention stub = stubs.get(random.nextInt(stubs.size()));
            HolidayCalendarId calendar = HolidayCalendarId.of(calendars.get(random.nextInt(calendars.size())));
            BusinessDayConvention convention = BusinessDayConvention.of(random.nextBoolean() ? "ModifiedFollowing" : "Preceding");
            boolean endOfMonth = random.nextInt(5) == 0;
            List<LocalDate> expected = null;
            try {
                PeriodicSchedule.Builder schedule = PeriodicSchedule.builder()
                        .startDate(start)
                        .endDate(end)
                        .frequency(Frequency.parse(frequency))
                        .businessDayAdjustment(BusinessDayAdjustment.NONE)
                        .stubConvention(stub);
                if (endOfMonth) {
                    schedule.rollConvention(RollConventions.EOM);
                }
                expected = schedule.build().createUnadjustedDates().stream()
                        .map(date -> convention.adjust(date, calendar.resolve(ReferenceData.standard())))
                        .distinct()
                        .toList();
            }
            catch (RuntimeException e) {
                // the function is to refuse these too
            }
            List<LocalDate> actual = null;
            try {
                actual = dates(ScheduleFunctions.scheduleDates(
                        start.toEpochDay(),
                        end.toEpochDay(),
                        utf8Slice(frequency),
                        utf8Slice(convention.getName()),
                        utf8Slice(calendar.getName()),
                        utf8Slice(stub.toString()),
                        utf8Slice(endOfMonth ? "eom" : "none")));
                compared++;
            }
            catch (TrinoException e) {
                assertThat(e.getErrorCode()).isEqualTo(INVALID_FUNCTION_ARGUMENT.toErrorCode());
            }
            if (stub != StubConvention.BOTH) {
                assertThat(actual).as("%s %s %s %s %s", start, end, frequency, stub, endOfMonth).isEqualTo(expected);
            }
        }
        assertThat(compared).isGreaterThan(5_000);
    }

    @Test
    void testErrors()
    {
        functions.assertError("adjust_business_day(DATE '2025-05-01', '', 'EUTA')", INVALID_FUNCTION_ARGUMENT, "not a business day convention: ''; accepted are Following,");
        functions.assertError("adjust_business_day(DATE '2099-12-31', 'following', 'JPTO')", NUMERIC_VALUE_OUT_OF_RANGE, "outside the years");
        functions.assertError("business_days_between(DATE '2025-05-01', DATE '2100-01-02', 'EUTA')", NUMERIC_VALUE_OUT_OF_RANGE, "2100-01-02 is outside the years 1997 to 2099");
        functions.assertValue("business_days_between(DATE '2099-12-31', DATE '2100-01-01', 'Sat/Sun')", "1");
        functions.assertError("settlement_date(DATE '2025-05-01', -1, 'EUTA')", INVALID_FUNCTION_ARGUMENT, "days is -1");
        functions.assertError("settlement_date(DATE '2025-05-01', 9223372036854775807, 'EUTA')", NUMERIC_VALUE_OUT_OF_RANGE, "the result is outside");
        functions.assertError("cardinality(holidays('EUTA', -9223372036854775807))", NUMERIC_VALUE_OUT_OF_RANGE, "the year is outside the years 1997 to 2099");
        functions.assertError("cardinality(schedule_dates(DATE '2025-05-01', DATE '2025-04-01', '3M'))", INVALID_FUNCTION_ARGUMENT, "the end is not after the start");
        functions.assertError("cardinality(schedule_dates(DATE '0001-05-01', DATE '9999-04-01', '1D'))", INVALID_FUNCTION_ARGUMENT, "more than 10000 dates");
        for (String frequency : List.of("", "0M", "-3M", "P3", "P99999999999D", "3M3M", "ﬁ")) {
            functions.assertError("cardinality(schedule_dates(DATE '2025-01-01', DATE '2026-01-01', '%s'))".formatted(frequency), INVALID_FUNCTION_ARGUMENT, "schedule_dates: ");
        }
        functions.assertError("cardinality(schedule_dates(DATE '2025-01-01', DATE '2026-01-01', '3M', 'F', 'EUTA', 'both', 'none'))", INVALID_FUNCTION_ARGUMENT, "not a stub: 'both'");
        functions.assertError("cardinality(schedule_dates(DATE '2025-01-01', DATE '2026-01-01', '3M', 'F', 'EUTA', 'none', '32'))", INVALID_FUNCTION_ARGUMENT, "not a roll convention: '32'");
    }

    private static LocalDate randomDate(Random random)
    {
        return LocalDate.of(2000, 1, 1).plusDays(random.nextInt(20_000));
    }

    private static List<LocalDate> dates(Block block)
    {
        List<LocalDate> dates = new ArrayList<>();
        for (int i = 0; i < block.getPositionCount(); i++) {
            dates.add(LocalDate.ofEpochDay(DATE.getInt(block, i)));
        }
        return dates;
    }
}
