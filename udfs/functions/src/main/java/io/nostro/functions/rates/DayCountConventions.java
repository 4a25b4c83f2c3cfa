package io.nostro.functions.rates;

import com.google.common.collect.ImmutableSortedSet;
import com.opengamma.strata.basics.date.DayCount;
import io.nostro.functions.TextLookup;

import java.time.LocalDate;
import java.util.Optional;
import java.util.Set;

import static io.nostro.functions.FunctionErrors.invalidArgument;
import static io.nostro.functions.StrataConfiguration.readingConfiguration;

/**
 * Strata's day count conventions by the market's spellings, in any case: those that two dates suffice for.
 */
final class DayCountConventions
{
    private static final LocalDate ANY_DATE = LocalDate.of(2024, 1, 31);
    private static final LocalDate LATER_DATE = LocalDate.of(2025, 3, 31);

    static final TextLookup<DayCount> BY_NAME = new TextLookup<>(DayCountConventions::resolve);
    private static final Set<String> ACCEPTED = readingConfiguration(DayCountConventions::accepted);

    private DayCountConventions() {}

    /**
     * @param start days since 1970-01-01
     * @param end days since 1970-01-01, not before the start
     */
    static double yearFraction(String function, DayCount convention, long start, long end)
    {
        if (end < start) {
            throw invalidArgument("%s: the end is before the start; accepted is an end on the day of the start or after", function);
        }
        if (start < LocalDate.MIN.toEpochDay() || end > LocalDate.MAX.toEpochDay()) {
            throw invalidArgument("%s: a date is outside the years %s to %s", function, LocalDate.MIN.getYear(), LocalDate.MAX.getYear());
        }
        try {
            return convention.yearFraction(LocalDate.ofEpochDay(start), LocalDate.ofEpochDay(end));
        }
        catch (RuntimeException e) {
            throw invalidArgument("%s: %s can not count these dates: %s", function, convention.getName(), e.getMessage());
        }
    }

    private static DayCount resolve(String name)
    {
        return readingConfiguration(() -> find(name).filter(DayCountConventions::sufficeTwoDates))
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
            convention.yearFraction(ANY_DATE, LATER_DATE);
            return true;
        }
        catch (RuntimeException _) {
            return false;
        }
    }
}
