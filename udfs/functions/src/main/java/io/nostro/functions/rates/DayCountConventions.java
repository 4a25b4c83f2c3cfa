package io.nostro.functions.rates;

import com.google.common.collect.ImmutableSortedSet;
import com.opengamma.strata.basics.date.DayCount;
import com.opengamma.strata.basics.date.DayCounts;
import io.nostro.functions.TextLookup;
import io.nostro.functions.calendar.BusinessCalendar;
import io.nostro.functions.calendar.BusinessCalendars;
import io.trino.spi.TrinoException;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import static io.airlift.slice.Slices.utf8Slice;
import static io.nostro.functions.FunctionErrors.invalidArgument;
import static io.nostro.functions.StrataConfiguration.readingConfiguration;
import static java.util.Objects.requireNonNull;

/**
 * Strata's day count conventions by the market's spellings, in any case.
 */
public final class DayCountConventions
{
    // an end of February at both ends: where a convention first asks for the schedule that the dates are of
    private static final LocalDate PROBE_START = LocalDate.of(2024, 2, 29);
    private static final LocalDate PROBE_END = LocalDate.of(2025, 2, 28);

    private static final long FIRST_DAY = LocalDate.MIN.toEpochDay();
    private static final long LAST_DAY = LocalDate.MAX.toEpochDay();
    /**
     * The conventions that are the number of days over a constant: they need no calendar dates.
     */
    private static final Map<DayCount, Double> DAYS_OF_YEAR = readingConfiguration(() -> Map.of(
            DayCounts.ACT_360, 360.0,
            DayCounts.ACT_364, 364.0,
            DayCounts.ACT_365F, 365.0,
            DayCounts.ACT_365_25, 365.25));
    // years of 360, 365 and 366 days, in which the other conventions count, have whole days of this many parts in common
    private static final long PARTS_OF_YEAR = 1_603_080;
    // a double this large still tells neighbouring parts apart
    private static final double LARGEST_EXACT_PARTS = 1e12;
    private static final double ROUNDING_OF_PARTS = 0.01;
    private static final Pattern BUSINESS_DAYS = Pattern.compile("(?:BUS|BUSINESS|BD)/?252\\s*(.*)", Pattern.CASE_INSENSITIVE);
    private static final int LONGEST_NAME = 100;
    private static final String BRAZIL = "BRBD";

    /**
     * The conventions that two dates suffice for.
     */
    static final TextLookup<Convention> BY_NAME = new TextLookup<>(DayCountConventions::resolveForDates);
    /**
     * Every convention.
     */
    public static final TextLookup<Convention> IN_A_PERIOD_BY_NAME = new TextLookup<>(DayCountConventions::resolve);
    private static final Set<String> ACCEPTED_FOR_DATES = readingConfiguration(() -> accepted(true));
    private static final Set<String> ACCEPTED = readingConfiguration(() -> accepted(false));

    private DayCountConventions() {}

    /**
     * @param start days since 1970-01-01
     * @param end days since 1970-01-01, not before the start
     */
    static double yearFraction(String function, Convention convention, long start, long end)
    {
        checkDates(function, start, end);
        return convention.yearFraction(function, start, end, Optional.empty());
    }

    /**
     * The length of a period in years, exactly.
     *
     * @param start days since 1970-01-01
     * @param end days since 1970-01-01, not before the start
     */
    static ExactYears exactYears(String function, Convention convention, long start, long end)
    {
        checkDates(function, start, end);
        return convention.exactYears(function, start, end);
    }

    /**
     * The length in years of an accrual within a coupon period.
     *
     * @param start days since 1970-01-01, not before the period's start
     * @param end days since 1970-01-01, not before the start nor after the period's end
     */
    public static double yearFraction(String function, Convention convention, long start, long end, CouponPeriod period)
    {
        checkDates(function, start, end);
        long periodStart = period.start().toEpochDay();
        if (start == periodStart || !convention.countsFromPeriodStart()) {
            return convention.yearFraction(function, start, end, Optional.of(period));
        }
        return convention.yearFraction(function, periodStart, end, Optional.of(period)) - convention.yearFraction(function, periodStart, start, Optional.of(period));
    }

    /**
     * The days between two dates as the convention counts them.
     *
     * @param start days since 1970-01-01
     * @param end days since 1970-01-01, not before the start
     */
    static long days(String function, Convention convention, long start, long end)
    {
        checkDates(function, start, end);
        return convention.days(function, start, end);
    }

    private static void checkDates(String function, long start, long end)
    {
        if (end < start) {
            throw invalidArgument("%s: the end is before the start; accepted is an end on the day of the start or after", function);
        }
        if (start < FIRST_DAY || end > LAST_DAY) {
            throw invalidArgument("%s: a date is outside the years %s to %s", function, LocalDate.MIN.getYear(), LocalDate.MAX.getYear());
        }
    }

    private static Convention resolveForDates(String name)
    {
        return find(name)
                .filter(convention -> convention instanceof BusinessDays || sufficeTwoDates(((Standard) convention).dayCount()))
                .orElseThrow(() -> unknown("that two dates suffice for", name, ACCEPTED_FOR_DATES));
    }

    private static Convention resolve(String name)
    {
        return find(name).orElseThrow(() -> unknown("in a coupon period", name, ACCEPTED));
    }

    private static TrinoException unknown(String purpose, String name, Set<String> accepted)
    {
        return invalidArgument(
                "not a day count convention %s: '%s'; accepted are %s, Bus/252 and a calendar, and the market's other spellings of them",
                purpose,
                name.length() > 60 ? name.substring(0, 60) + "…" : name,
                String.join(", ", accepted));
    }

    private static Set<String> accepted(boolean forDates)
    {
        return DayCount.extendedEnum().lookupAllNormalized().values().stream()
                .filter(convention -> !forDates || sufficeTwoDates(convention))
                .map(DayCount::getName)
                .collect(ImmutableSortedSet.toImmutableSortedSet(String.CASE_INSENSITIVE_ORDER));
    }

    private static Optional<Convention> find(String name)
    {
        if (name.length() > LONGEST_NAME) {
            return Optional.empty();
        }
        Matcher businessDays = BUSINESS_DAYS.matcher(name.trim());
        if (businessDays.matches()) {
            String calendar = businessDays.group(1).isEmpty() ? BRAZIL : businessDays.group(1);
            return Optional.of(new BusinessDays(BusinessCalendars.BY_NAME.get(utf8Slice(calendar))));
        }
        return readingConfiguration(() -> {
            try {
                return DayCount.extendedEnum().findLenient(name.trim());
            }
            catch (RuntimeException _) {
                return Optional.<DayCount>empty();
            }
        }).map(dayCount -> new Standard(dayCount, DAYS_OF_YEAR.getOrDefault(dayCount, 0.0)));
    }

    private static boolean sufficeTwoDates(DayCount convention)
    {
        try {
            convention.yearFraction(PROBE_START, PROBE_END);
            return true;
        }
        catch (RuntimeException _) {
            return false;
        }
    }

    /**
     * A way to count days and years between dates that are known to be in order.
     */
    public sealed interface Convention
    {
        double yearFraction(String function, long start, long end, Optional<CouponPeriod> period);

        ExactYears exactYears(String function, long start, long end);

        long days(String function, long start, long end);

        /**
         * Whether the convention takes the start to be a coupon date.
         */
        boolean countsFromPeriodStart();
    }

    /**
     * A length in years as a fraction: a third has no end as a decimal or a double.
     */
    record ExactYears(BigDecimal numerator, BigDecimal denominator)
    {
        ExactYears
        {
            requireNonNull(numerator, "numerator is null");
            requireNonNull(denominator, "denominator is null");
        }
    }

    /**
     * A convention of Strata's.
     *
     * @param daysOfYear the constant that it divides the number of days by, or 0
     */
    private record Standard(DayCount dayCount, double daysOfYear)
            implements Convention
    {
        private Standard
        {
            requireNonNull(dayCount, "dayCount is null");
        }

        @Override
        public double yearFraction(String function, long start, long end, Optional<CouponPeriod> period)
        {
            if (daysOfYear > 0) {
                return (end - start) / daysOfYear;
            }
            if (dayCount == DayCounts.ACT_ACT_ICMA && period.isPresent() && period.get().position() == CouponPeriod.Position.REGULAR) {
                // Strata counts coupon dates back from the end also here, and takes the end of a short month for one of months' ends
                return (end - start) / (period.get().frequency().eventsPerYear() * period.get().days());
            }
            try {
                LocalDate startDate = LocalDate.ofEpochDay(start);
                LocalDate endDate = LocalDate.ofEpochDay(end);
                return period.isPresent()
                        ? readingConfiguration(() -> dayCount.yearFraction(startDate, endDate, period.get()))
                        : dayCount.yearFraction(startDate, endDate);
            }
            catch (RuntimeException e) {
                throw uncountable(function, e);
            }
        }

        @Override
        public ExactYears exactYears(String function, long start, long end)
        {
            if (daysOfYear > 0) {
                return new ExactYears(BigDecimal.valueOf(end - start), BigDecimal.valueOf(daysOfYear));
            }
            double years = yearFraction(function, start, end, Optional.empty());
            double parts = years * PARTS_OF_YEAR;
            double whole = Math.rint(parts);
            if (whole < LARGEST_EXACT_PARTS && Math.abs(parts - whole) < ROUNDING_OF_PARTS) {
                return new ExactYears(BigDecimal.valueOf((long) whole), BigDecimal.valueOf(PARTS_OF_YEAR));
            }
            return new ExactYears(BigDecimal.valueOf(years), BigDecimal.ONE);
        }

        @Override
        public long days(String function, long start, long end)
        {
            if (daysOfYear > 0) {
                return end - start;
            }
            try {
                return dayCount.days(LocalDate.ofEpochDay(start), LocalDate.ofEpochDay(end));
            }
            catch (RuntimeException e) {
                throw uncountable(function, e);
            }
        }

        @Override
        public boolean countsFromPeriodStart()
        {
            return dayCount == DayCounts.ACT_ACT_ICMA;
        }

        private TrinoException uncountable(String function, RuntimeException cause)
        {
            return invalidArgument("%s: %s can not count these dates: %s", function, dayCount.getName(), cause.getMessage());
        }
    }

    /**
     * Business days over 252.
     */
    private record BusinessDays(BusinessCalendar calendar)
            implements Convention
    {
        private static final double DAYS_OF_YEAR = 252;

        private BusinessDays
        {
            requireNonNull(calendar, "calendar is null");
        }

        @Override
        public double yearFraction(String function, long start, long end, Optional<CouponPeriod> period)
        {
            return days(function, start, end) / DAYS_OF_YEAR;
        }

        @Override
        public ExactYears exactYears(String function, long start, long end)
        {
            return new ExactYears(BigDecimal.valueOf(days(function, start, end)), BigDecimal.valueOf(DAYS_OF_YEAR));
        }

        @Override
        public long days(String function, long start, long end)
        {
            return calendar.businessDaysBetween(function, start, end);
        }

        @Override
        public boolean countsFromPeriodStart()
        {
            return false;
        }
    }
}
