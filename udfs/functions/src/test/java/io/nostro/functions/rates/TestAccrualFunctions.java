package io.nostro.functions.rates;

import com.opengamma.strata.basics.date.DayCount;
import io.nostro.functions.FunctionTesting;
import io.nostro.functions.FunctionTesting.Engine;
import io.trino.spi.TrinoException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.time.LocalDate;
import java.util.Random;

import static io.airlift.slice.Slices.utf8Slice;
import static io.trino.spi.StandardErrorCode.INVALID_FUNCTION_ARGUMENT;
import static io.trino.spi.StandardErrorCode.NUMERIC_VALUE_OUT_OF_RANGE;
import static org.assertj.core.api.Assertions.assertThat;

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
        functions.assertError("day_count_fraction(DATE '2025-01-01', DATE '2025-07-01', 'bus/252 nowhere')", INVALID_FUNCTION_ARGUMENT, "not a day count convention");
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
}
