package io.nostro.functions.rates;

import com.google.common.collect.ImmutableSortedSet;
import com.opengamma.strata.basics.date.DayCount;
import com.opengamma.strata.basics.date.DayCounts;
import io.nostro.functions.TextLookup;

import java.time.LocalDate;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import static io.nostro.functions.FunctionErrors.invalidArgument;
import static io.nostro.functions.StrataConfiguration.readingConfiguration;

/**
 * Strata's day count conventions by the market's spellings, in any case: those that two dates suffice for.
 */
final class DayCountConventions
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

    static final TextLookup<Convention> BY_NAME = new TextLookup<>(DayCountConventions::resolve);
    private static final Set<String> ACCEPTED = readingConfiguration(DayCountConventions::accepted);

    private DayCountConventions() {}

    /**
     * @param start days since 1970-01-01
     * @param end days since 1970-01-01, not before the start
     */
    static double yearFraction(String function, Convention convention, long start, long end)
    {
        if (end < start) {
            throw invalidArgument("%s: the end is before the start; accepted is an end on the day of the start or after", function);
        }
        if (start < FIRST_DAY || end > LAST_DAY) {
            throw invalidArgument("%s: a date is outside the years %s to %s", function, LocalDate.MIN.getYear(), LocalDate.MAX.getYear());
        }
        if (convention.daysOfYear() > 0) {
            return (end - start) / convention.daysOfYear();
        }
        try {
            return convention.dayCount().yearFraction(LocalDate.ofEpochDay(start), LocalDate.ofEpochDay(end));
        }
        catch (RuntimeException e) {
            throw invalidArgument("%s: %s can not count these dates: %s", function, convention.dayCount().getName(), e.getMessage());
        }
    }

    private static Convention resolve(String name)
    {
        return readingConfiguration(() -> find(name).filter(DayCountConventions::sufficeTwoDates))
                .map(dayCount -> new Convention(dayCount, DAYS_OF_YEAR.getOrDefault(dayCount, 0.0)))
                .orElseThrow(() -> invalidArgument(
                        "not a day count convention that two dates suffice for: '%s'; accepted are %s, Bus/252 and a calendar, and the market's other spellings of them",
                        name.length() > 60 ? name.substring(0, 60) + "…" : name,
                        String.join(", ", ACCEPTED)));
    }

    private static Set<String> accepted()
    {
        return DayCount.extendedEnum().lookupAllNormalized().values().stream()
                .filter(DayCountConventions::sufficeTwoDates)
                .map(DayCount::getName)
                .collect(ImmutableSortedSet.toImmutableSortedSet(String.CASE_INSENSITIVE_ORDER));
    }

    private static Optional<DayCount> find(String name)
    {
        try {
            return DayCount.extendedEnum().findLenient(name.trim());
        }
        catch (RuntimeException _) {
            return Optional.empty();
        }
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
     * A day count.
     *
     * @param daysOfYear the constant that it divides the number of days by, or 0
     */
    record Convention(DayCount dayCount, double daysOfYear) {}
}
