package io.nostro.functions.rates;

import com.opengamma.strata.basics.date.DayCount;
import io.nostro.functions.FunctionTesting;
import io.nostro.functions.FunctionTesting.Engine;
import io.trino.spi.TrinoException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.time.LocalDate;
import java.util.List;
import java.util.Random;

import static io.airlift.slice.Slices.utf8Slice;
import static io.trino.spi.StandardErrorCode.INVALID_FUNCTION_ARGUMENT;
import static io.trino.spi.StandardErrorCode.NUMERIC_VALUE_OUT_OF_RANGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

@ExtendWith(Engine.class)
final class TestAccrualFunctions
{
    private final FunctionTesting functions;

    TestAccrualFunctions(FunctionTesting functions)
    {
        this.functions = functions;
    }

    @Test
    void testNulls()
    {
        functions.assertNullForEachNullArgument("day_count_fraction", "DATE '2025-01-01'", "DATE '2025-07-01'", "'Act/360'");
        functions.assertNullForEachNullArgument("accrued_interest", "DECIMAL '100.00'", "0.05", "DATE '2025-01-01'", "DATE '2025-07-01'", "'Act/360'");
    }

    @Test
    void testDayCountFraction()
    {
        // ISDA's own example, EMU and Market Conventions (1998): 1 November 2003 to 1 May 2004
        assertYears("DATE '2003-11-01'", "DATE '2004-05-01'", "Act/Act ISDA", 61.0 / 365 + 121.0 / 366);
        assertYears("DATE '2007-01-15'", "DATE '2007-02-15'", "30/360", 30.0 / 360);
        assertYears("DATE '2008-02-29'", "DATE '2009-02-28'", "30E/360", 359.0 / 360);
        assertYears("DATE '2024-01-01'", "DATE '2025-01-01'", "Act/365F", 366.0 / 365);
        assertYears("DATE '2024-02-28'", "DATE '2024-03-01'", "NL/365", 1.0 / 365);
        // Good Friday, Tiradentes and Labour Day are holidays in Brazil
        assertYears("DATE '2025-04-14'", "DATE '2025-05-02'", "Bus/252 BRBD", 11.0 / 252);
    }

    @Test
    void testTheMarketsSpellings()
    {
        for (String name : new String[] {"ACT/365F", "act/365.fixed", "Actual/365 Fixed", "A/365F", " Act/365F "}) {
            assertYears("DATE '2025-01-01'", "DATE '2026-01-01'", name, 1);
        }
    }

    @Test
    void testEveryConventionIsAsStrataHasIt()
    {
        Random random = new Random(360);
        int compared = 0;
        for (DayCount dayCount : DayCount.extendedEnum().lookupAllNormalized().values()) {
            DayCountConventions.Convention convention;
            try {
                convention = DayCountConventions.BY_NAME.get(utf8Slice(dayCount.getName()));
            }
            catch (TrinoException e) {
                assertThat(dayCount.getName()).isIn("Act/Act ICMA", "Act/365L", "30E/360 ISDA");
                continue;
            }
            for (int i = 0; i < 2_000; i++) {
                LocalDate start = LocalDate.of(2000, 1, 1).plusDays(random.nextInt(20_000));
                LocalDate end = start.plusDays(random.nextInt(5_000));
                assertThat(DayCountConventions.yearFraction("test", convention, start.toEpochDay(), end.toEpochDay()))
                        .as("%s %s %s", dayCount, start, end)
                        .isEqualTo(dayCount.yearFraction(start, end));
            }
            compared++;
        }
        assertThat(compared).isGreaterThanOrEqualTo(15);
    }

    @Test
    void testDayCountErrors()
    {
        functions.assertError("day_count_fraction(DATE '2025-07-01', DATE '2025-01-01', 'Act/360')", INVALID_FUNCTION_ARGUMENT, "the end is before the start");
        functions.assertError("day_count_fraction(DATE '2025-01-01', DATE '2025-07-01', 'Act/361')", INVALID_FUNCTION_ARGUMENT, "not a day count convention that two dates suffice for: 'Act/361'; accepted are 1/1, 30/360 ISDA");
        functions.assertError("day_count_fraction(DATE '2025-01-01', DATE '2025-07-01', 'Act/Act ICMA')", INVALID_FUNCTION_ARGUMENT, "two dates suffice for: 'Act/Act ICMA'");
        functions.assertError("day_count_fraction(DATE '2025-01-01', DATE '2025-07-01', 'bus/252 nowhere')", INVALID_FUNCTION_ARGUMENT, "not a business calendar: 'nowhere'");
        functions.assertError("day_count_fraction(DATE '2025-01-01', DATE '2025-07-01', '')", INVALID_FUNCTION_ARGUMENT, "not a day count convention");
    }

    @Test
    void testAccruedInterestIsExact()
    {
        functions.assertValue("accrued_interest(DECIMAL '100.00', 0.1, DATE '2025-01-01', DATE '2026-01-01', 'Act/365F')", "10.00");
        // 0.125 is half way between two cents: to even
        functions.assertValue("accrued_interest(DECIMAL '1.25', 0.1, DATE '2025-01-01', DATE '2026-01-01', 'Act/365F')", "0.12");
        functions.assertValue("accrued_interest(DECIMAL '3.75', 0.1, DATE '2025-01-01', DATE '2026-01-01', 'Act/365F')", "0.38");
        functions.assertValue("accrued_interest(CAST('123456789012345678901234.56' AS decimal(38, 2)), 0.0375, DATE '2025-01-01', DATE '2026-01-01', 'Act/365F')", "4629629587962962958796.30");
        functions.assertValue("accrued_interest(DECIMAL '1000', -0.005, DATE '2025-01-01', DATE '2026-01-01', 'Act/365F')", "-5");
    }

    @Test
    void testAccruedInterestOfYearsWithoutEnd()
    {
        // a 90th of a year: half a cent, to even
        functions.assertValue("accrued_interest(DECIMAL '0.45', 1, DATE '2025-01-01', DATE '2025-01-05', 'Act/360')", "0.00");
        functions.assertValue("accrued_interest(DECIMAL '2.25', 1, DATE '2025-01-01', DATE '2025-01-05', '30E/360')", "0.02");
        functions.assertValue("accrued_interest(CAST('-999999999.999999999999999999999999999' AS decimal(38, 27)), 0.25, DATE '2016-01-13', DATE '2016-05-21', '30E/360')", "-88888888.888888888888888888888888889");
        functions.assertValue("accrued_interest(CAST('133590000000000000000000000000.00' AS decimal(38, 2)), 1, DATE '2003-11-01', DATE '2004-05-01', 'Act/Act ISDA')", "66491000000000000000000000000.00");
        functions.assertValue("accrued_interest(CAST('252000000000000000000000000000.01' AS decimal(38, 2)), 1, DATE '2025-04-14', DATE '2025-05-02', 'Bus/252')", "11000000000000000000000000000.00");
    }

    @Test
    void testAccruedInterestErrors()
    {
        functions.assertError("accrued_interest(DECIMAL '1.00', nan(), DATE '2025-01-01', DATE '2026-01-01', 'Act/360')", INVALID_FUNCTION_ARGUMENT, "annual_rate is NaN; accepted is a finite number");
        functions.assertError("accrued_interest(CAST('%s' AS decimal(38, 0)), 2, DATE '2025-01-01', DATE '2026-01-01', 'Act/360')".formatted("9".repeat(38)), NUMERIC_VALUE_OUT_OF_RANGE, "accrued_interest: the result does not fit");
    }

    private void assertYears(String start, String end, String convention, double years)
    {
        functions.assertValue(
                "abs(day_count_fraction(%s, %s, '%s') - %se0) < 1e-12".formatted(start, end, convention, years),
                "true");
    }

    @Test
    void testDaysAreAsStrataHasThem()
    {
        Random random = new Random(361);
        for (DayCount dayCount : DayCount.extendedEnum().lookupAllNormalized().values()) {
            if (List.of("Act/Act ICMA", "Act/365L", "30E/360 ISDA").contains(dayCount.getName())) {
                continue;
            }
            for (int i = 0; i < 1_000; i++) {
                LocalDate start = LocalDate.of(2000, 1, 1).plusDays(random.nextInt(20_000));
                LocalDate end = start.plusDays(random.nextInt(5_000));
                assertThat(AccrualFunctions.dayCountDays(start.toEpochDay(), end.toEpochDay(), utf8Slice(dayCount.getName())))
                        .as("%s %s %s", dayCount, start, end)
                        .isEqualTo(dayCount.days(start, end));
            }
        }
    }

    @Test
    void testIsdaMemorandum()
    {
        // EMU and Market Conventions: Recent Developments (ISDA, 1998), sections 4(a) to 4(d)
        assertPeriod("2003-11-01", "2004-05-01", 2, "regular", 182.0 / (182 * 2));
        assertPeriod("1999-02-01", "1999-07-01", 1, "initial", 150.0 / 365);
        assertPeriod("1999-07-01", "2000-07-01", 1, "regular", 1);
        assertPeriod("2002-08-15", "2003-07-15", 2, "initial", 181.0 / (181 * 2) + 153.0 / (184 * 2));
        assertPeriod("2003-07-15", "2004-01-15", 2, "regular", 0.5);
        assertPeriod("1999-07-30", "2000-01-30", 2, "regular", 0.5);
        assertPeriod("2000-01-30", "2000-06-30", 2, "final", 152.0 / (182 * 2));
        assertPeriod("1999-11-30", "2000-04-30", 4, "final", 91.0 / (91 * 4) + 61.0 / (92 * 4));
    }

    @Test
    void testARegularPeriodIsAFrequencyth()
    {
        // ends on the last day of February and not of November
        long start = LocalDate.of(2012, 11, 28).toEpochDay();
        long end = LocalDate.of(2013, 2, 28).toEpochDay();
        assertThat(inPeriod(start, end, start, end, 4, "regular")).isEqualTo(0.25);
        assertThat(inPeriod(start, end - 3, start, end, 4, "regular")).isEqualTo(89.0 / (4 * 92));
    }

    @Test
    void testConventionsThatNeedAPeriod()
    {
        // 2008-02-29 is the end of February: day 30 unless it is the maturity
        String dates = "DATE '2007-08-31', DATE '2008-02-29', '30E/360 ISDA', DATE '2007-08-31', DATE '2008-02-29', 2";
        functions.assertValue("day_count_fraction(%s) = 0.5".formatted(dates), "true");
        functions.assertValue("day_count_fraction(%s, 'final') = 179e0 / 360".formatted(dates), "true");
        functions.assertValue("day_count_fraction(DATE '2007-08-31', DATE '2008-02-28', 'Act/365L', DATE '2007-08-31', DATE '2008-08-31', 1) = 181e0 / 366", "true");
        functions.assertValue("day_count_fraction(DATE '2025-01-15', DATE '2025-07-15', 'Act/360', DATE '2025-01-15', DATE '2025-07-15', 2) = 181e0 / 360", "true");
        functions.assertNullForEachNullArgument("day_count_fraction", "DATE '2025-01-15'", "DATE '2025-07-15'", "'Act/Act ICMA'", "DATE '2025-01-15'", "DATE '2025-07-15'", "2");
        functions.assertNullForEachNullArgument("day_count_fraction", "DATE '2025-01-15'", "DATE '2025-07-15'", "'Act/Act ICMA'", "DATE '2025-01-15'", "DATE '2025-07-15'", "2", "'final'");
        functions.assertNullForEachNullArgument("day_count_days", "DATE '2025-01-15'", "DATE '2025-07-15'", "'Act/360'");
    }

    @Test
    void testAccrualsOfAPeriodAddUp()
    {
        Random random = new Random(251);
        long[] frequencies = {1, 2, 3, 4, 6, 12};
        for (int i = 0; i < 10_000; i++) {
            long start = LocalDate.of(2000, 1, 1).toEpochDay() + random.nextInt(10_000);
            long middle = start + random.nextInt(300);
            long end = middle + 1 + random.nextInt(300);
            long frequency = frequencies[random.nextInt(frequencies.length)];
            for (String position : new String[] {"initial", "regular", "final"}) {
                double whole = inPeriod(start, end, start, end, frequency, position);
                double first = inPeriod(start, middle, start, end, frequency, position);
                double second = inPeriod(middle, end, start, end, frequency, position);
                assertThat(first + second).isCloseTo(whole, within(1e-12));
                assertThat(second).isPositive();
            }
        }
    }

    @Test
    void testPeriodErrors()
    {
        String period = "DATE '2025-01-15', DATE '2025-07-15'";
        functions.assertError("day_count_fraction(%s, 'Act/Act ICMA', %s, 5)".formatted(period, period), INVALID_FUNCTION_ARGUMENT, "frequency is 5; accepted are 1, 2, 3, 4, 6 and 12");
        functions.assertError("day_count_fraction(%s, 'Act/Act ICMA', %s, 2, 'middle')".formatted(period, period), INVALID_FUNCTION_ARGUMENT, "accepted are initial, regular and final");
        functions.assertError("day_count_fraction(%s, 'Act/Act', DATE '2025-02-01', DATE '2025-07-15', 2)".formatted(period), INVALID_FUNCTION_ARGUMENT, "the dates are out of order");
        functions.assertError("day_count_fraction(%s, 'nothing', %s, 2)".formatted(period, period), INVALID_FUNCTION_ARGUMENT, "not a day count convention in a coupon period: 'nothing'; accepted are 1/1,");
        functions.assertError("day_count_fraction(%s, 'Act/Act ICMA', DATE '0001-01-01', DATE '9999-07-15', 2)".formatted(period), INVALID_FUNCTION_ARGUMENT, "longer than 36525 days");
    }

    @Test
    void testBusinessDaysOfJoinedCalendars()
    {
        functions.assertValue("day_count_fraction(DATE '2025-07-01', DATE '2025-07-08', 'bus/252 usny + euta') = 4e0 / 252", "true");
        functions.assertError("day_count_days(DATE '2025-07-01', DATE '2025-07-08', 'Bus/252 nowhere')", INVALID_FUNCTION_ARGUMENT, "not a business calendar: 'nowhere'");
        functions.assertError("day_count_days(DATE '1900-07-01', DATE '2025-07-08', 'Bus/252')", NUMERIC_VALUE_OUT_OF_RANGE, "outside the years");
    }

    private static double inPeriod(long start, long end, long periodStart, long periodEnd, long frequency, String position)
    {
        return AccrualFunctions.dayCountFraction(start, end, utf8Slice("Act/Act ICMA"), periodStart, periodEnd, frequency, utf8Slice(position));
    }

    private static void assertPeriod(String start, String end, long frequency, String position, double expected)
    {
        long startDay = LocalDate.parse(start).toEpochDay();
        long endDay = LocalDate.parse(end).toEpochDay();
        assertThat(inPeriod(startDay, endDay, startDay, endDay, frequency, position)).as("%s %s", start, end).isCloseTo(expected, within(1e-15));
    }
}
