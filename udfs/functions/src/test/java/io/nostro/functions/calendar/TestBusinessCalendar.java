package io.nostro.functions.calendar;

import com.opengamma.strata.basics.ReferenceData;
import com.opengamma.strata.basics.date.HolidayCalendar;
import com.opengamma.strata.basics.date.HolidayCalendarId;
import io.airlift.slice.Slices;
import io.nostro.functions.FunctionTesting;
import io.nostro.functions.FunctionTesting.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.time.LocalDate;
import java.util.Random;

import static io.trino.spi.StandardErrorCode.INVALID_FUNCTION_ARGUMENT;
import static io.trino.spi.StandardErrorCode.NUMERIC_VALUE_OUT_OF_RANGE;
import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(Engine.class)
final class TestBusinessCalendar
{
    private final FunctionTesting functions;

    TestBusinessCalendar(FunctionTesting functions)
    {
        this.functions = functions;
    }

    @Test
    void testNulls()
    {
        functions.assertNullForEachNullArgument("is_business_day", "DATE '2025-05-02'", "'EUTA'");
        functions.assertNullForEachNullArgument("add_business_days", "DATE '2025-05-02'", "1", "'EUTA'");
    }

    @Test
    void testAgainstStrata()
    {
        Random random = new Random(2);
        for (String name : new String[] {"EUTA", "USNY", "GBLO", "CHZU", "JPTO", "Sat/Sun", "NoHolidays", "Fri/Sat", "EUTA+USNY", "GBLO+EUTA+JPTO"}) {
            HolidayCalendar expected = HolidayCalendarId.of(name).resolve(ReferenceData.standard());
            BusinessCalendar actual = BusinessCalendars.BY_NAME.get(Slices.utf8Slice(name));
            for (LocalDate date = LocalDate.of(1997, 1, 1); date.getYear() < 2100; date = date.plusDays(1)) {
                assertThat(actual.isBusinessDay("test", date.toEpochDay())).isEqualTo(expected.isBusinessDay(date));
            }
            for (int i = 0; i < 2_000; i++) {
                LocalDate date = LocalDate.of(2020, 1, 1).plusDays(random.nextInt(4_000));
                int days = random.nextInt(10) == 0 ? random.nextInt(4_000) - 2_000 : random.nextInt(21) - 10;
                assertThat(LocalDate.ofEpochDay(actual.addBusinessDays("test", date.toEpochDay(), days)))
                        .as("%s %s %s", name, date, days)
                        .isEqualTo(expected.shift(date, days));
            }
        }
    }

    @Test
    void testNamesInAnyCaseAndOrder()
    {
        functions.assertValue("is_business_day(DATE '2025-07-04', 'usny + euta')", "false");
        functions.assertValue("is_business_day(DATE '2025-05-01', 'USNY')", "true");
        functions.assertValue("is_business_day(DATE '2025-05-03', 'NOHOLIDAYS')", "true");
    }

    @Test
    void testUnknownCalendars()
    {
        functions.assertError("is_business_day(DATE '2025-05-01', 'TARGET')", INVALID_FUNCTION_ARGUMENT, "not a business calendar: 'TARGET'; accepted are AUSY,");
        functions.assertError("is_business_day(DATE '2025-05-01', '')", INVALID_FUNCTION_ARGUMENT, "not a business calendar: ''");
        functions.assertError("is_business_day(DATE '2025-05-01', 'EUTA+')", INVALID_FUNCTION_ARGUMENT, "not a business calendar: 'EUTA+'");
        functions.assertError("add_business_days(DATE '2025-05-01', 1, rpad('EUTA', 60, '+EUTA'))", INVALID_FUNCTION_ARGUMENT, "up to 8 of them");
    }

    @Test
    void testDatesOutsideTheCalendar()
    {
        functions.assertError("is_business_day(DATE '2100-01-01', 'USNY')", NUMERIC_VALUE_OUT_OF_RANGE, "2100-01-01 is outside the years 1950 to 2099 that calendar USNY covers");
        functions.assertError("is_business_day(DATE '1996-12-31', 'EUTA')", NUMERIC_VALUE_OUT_OF_RANGE, "1996-12-31 is outside the years 1997 to 2099");
        functions.assertError("add_business_days(DATE '2099-12-31', 1, 'USNY')", NUMERIC_VALUE_OUT_OF_RANGE, "the result is outside");
        functions.assertError("add_business_days(DATE '1950-01-01', -1, 'USNY')", NUMERIC_VALUE_OUT_OF_RANGE, "the result is outside");
        functions.assertError("add_business_days(DATE '2025-01-01', 9223372036854775807, 'USNY')", NUMERIC_VALUE_OUT_OF_RANGE, "the result is outside");
        functions.assertError("add_business_days(DATE '2025-01-01', -9223372036854775807 - 1, 'USNY')", NUMERIC_VALUE_OUT_OF_RANGE, "the result is outside");
    }
}
