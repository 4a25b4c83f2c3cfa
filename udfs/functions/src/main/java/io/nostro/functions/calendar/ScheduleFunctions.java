package io.nostro.functions.calendar;

import com.opengamma.strata.basics.date.BusinessDayAdjustment;
import com.opengamma.strata.basics.date.BusinessDayConvention;
import com.opengamma.strata.basics.schedule.Frequency;
import com.opengamma.strata.basics.schedule.PeriodicSchedule;
import com.opengamma.strata.basics.schedule.RollConvention;
import com.opengamma.strata.basics.schedule.StubConvention;
import io.airlift.slice.Slice;
import io.nostro.functions.Argument;
import io.nostro.functions.Errors;
import io.nostro.functions.Example;
import io.nostro.functions.NameCase;
import io.nostro.functions.Source;
import io.nostro.functions.TextLookup;
import io.trino.spi.block.Block;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.function.Description;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.StandardTypes;

import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

import static io.airlift.slice.Slices.utf8Slice;
import static io.nostro.functions.FunctionErrors.invalidArgument;
import static io.nostro.functions.StrataConfiguration.readingConfiguration;
import static io.trino.spi.type.DateType.DATE;

/**
 * The dates of periodic schedules, as Strata makes them from FpML's parameters: the start, the regular dates, the end.
 */
public final class ScheduleFunctions
{
    private static final String NAME = "schedule_dates";
    private static final int LONGEST_NAME = 60;
    private static final int MOST_DATES = 10_000;
    private static final double DAYS_OF_YEAR = 365.25;

    private static final Map<String, Frequency> NAMED_FREQUENCIES = readingConfiguration(() -> Map.ofEntries(
            Map.entry("DAILY", Frequency.P1D),
            Map.entry("WEEKLY", Frequency.P1W),
            Map.entry("MONTHLY", Frequency.P1M),
            Map.entry("BIMONTHLY", Frequency.P2M),
            Map.entry("QUARTERLY", Frequency.P3M),
            Map.entry("SEMIANNUAL", Frequency.P6M),
            Map.entry("ANNUAL", Frequency.P12M),
            Map.entry("TERM", Frequency.TERM)));
    private static final TextLookup<Frequency> FREQUENCIES = new TextLookup<>(ScheduleFunctions::frequency);
    private static final TextLookup<StubConvention> STUBS = new TextLookup<>(ScheduleFunctions::stub);
    private static final TextLookup<Optional<RollConvention>> ROLLS = new TextLookup<>(ScheduleFunctions::roll);

    private static final Slice NO_CALENDAR = utf8Slice("NoHolidays");
    private static final Slice NO_CONVENTION = utf8Slice("NoAdjust");
    private static final Slice DEFAULT_STUB = utf8Slice("ShortInitial");
    private static final Slice DEFAULT_ROLL = utf8Slice("none");

    private ScheduleFunctions() {}

    @ScalarFunction(NAME)
    @Description("The dates from a start to an end by a frequency (3M, 1Y, 2W, quarterly, semiannual and others), counted back from the end with a short first period where one is left; not adjusted to business days")
    @Source("FpML's calculation periods (frequency, stubs, roll convention), as OpenGamma Strata makes their dates")
    @Argument(name = "start", meaning = "the first date of the schedule")
    @Argument(name = "end", meaning = "the last date of the schedule, after the first")
    @Argument(name = "frequency", meaning = "the length of a period: a number of D, W, M or Y such as 3M, or daily, weekly, monthly, bimonthly, quarterly, semiannual, annual or term")
    @Argument(name = "convention", meaning = "how dates move to business days, as in adjust_business_day; none when left out")
    @Argument(name = "stub", meaning = "where a period of another length goes: none, short initial, long initial, smart initial, short final, long final or smart final; short initial when left out")
    @Argument(name = "roll", meaning = "the day that dates fall on: none, EOM, IMM, IMMAUD, IMMNZD, SFE, 1 to 31 or MON to SUN; none when left out")
    @Errors(
            invalidArgument = "the end is not after the start, an argument is not known, there would be more than 10,000 dates, or no schedule has these dates, frequency, stub and roll",
            outOfRange = "a date that is adjusted is outside the years that the calendar covers")
    @LiteralParameters("x")
    @SqlType("array(date)")
    @Example(sql = "schedule_dates(DATE '2025-01-31', DATE '2025-10-31', '3M')", result = "[\"2025-01-31\",\"2025-04-30\",\"2025-07-31\",\"2025-10-31\"]")
    @Example(sql = "schedule_dates(DATE '2025-02-10', DATE '2025-12-15', 'semiannual')", result = "[\"2025-02-10\",\"2025-06-15\",\"2025-12-15\"]")
    @Example(sql = "TRY(schedule_dates(DATE '2025-02-10', DATE '2025-02-10', '6M'))", result = "null")
    public static Block scheduleDates(
            @SqlType(StandardTypes.DATE) long start,
            @SqlType(StandardTypes.DATE) long end,
            @SqlType("varchar(x)") Slice frequency)
    {
        return scheduleDates(start, end, frequency, NO_CONVENTION, NO_CALENDAR, DEFAULT_STUB, DEFAULT_ROLL);
    }

    @ScalarFunction(NAME)
    @Description("The dates from a start to an end by a frequency, counted back from the end with a short first period where one is left; adjusted by a business day convention to a calendar (as in adjust_business_day); dates that fall together count once")
    @LiteralParameters({"x", "y", "z"})
    @SqlType("array(date)")
    @Example(sql = "schedule_dates(DATE '2025-02-10', DATE '2025-12-15', '6M', 'modified following', 'EUTA')", result = "[\"2025-02-10\",\"2025-06-16\",\"2025-12-15\"]")
    @Example(sql = "schedule_dates(DATE '2025-05-01', DATE '2025-05-05', '1D', 'following', 'EUTA')", result = "[\"2025-05-02\",\"2025-05-05\"]")
    public static Block scheduleDates(
            @SqlType(StandardTypes.DATE) long start,
            @SqlType(StandardTypes.DATE) long end,
            @SqlType("varchar(x)") Slice frequency,
            @SqlType("varchar(y)") Slice convention,
            @SqlType("varchar(z)") Slice calendar)
    {
        return scheduleDates(start, end, frequency, convention, calendar, DEFAULT_STUB, DEFAULT_ROLL);
    }

    @ScalarFunction(NAME)
    @Description("The dates from a start to an end by a frequency, a business day convention and a calendar, a stub (none, short initial, long initial, smart initial, short final, long final, smart final) and a roll (none, EOM, IMM, SFE, 1 to 31, MON and others)")
    @LiteralParameters({"x", "y", "z", "v", "w"})
    @SqlType("array(date)")
    @Example(sql = "schedule_dates(DATE '2025-02-10', DATE '2025-12-15', '6M', 'none', 'EUTA', 'short final', 'none')", result = "[\"2025-02-10\",\"2025-08-10\",\"2025-12-15\"]")
    @Example(sql = "schedule_dates(DATE '2025-02-28', DATE '2025-08-31', '3M', 'none', 'EUTA', 'none', 'EOM')", result = "[\"2025-02-28\",\"2025-05-31\",\"2025-08-31\"]")
    @Example(sql = "schedule_dates(DATE '2025-03-19', DATE '2025-12-17', '3M', 'following', 'EUTA+USNY', 'none', 'IMM')", result = "[\"2025-03-19\",\"2025-06-18\",\"2025-09-17\",\"2025-12-17\"]")
    @Example(sql = "TRY(schedule_dates(DATE '2025-02-10', DATE '2025-12-15', '6M', 'none', 'EUTA', 'none', 'none'))", result = "null")
    public static Block scheduleDates(
            @SqlType(StandardTypes.DATE) long start,
            @SqlType(StandardTypes.DATE) long end,
            @SqlType("varchar(x)") Slice frequency,
            @SqlType("varchar(y)") Slice convention,
            @SqlType("varchar(z)") Slice calendar,
            @SqlType("varchar(v)") Slice stub,
            @SqlType("varchar(w)") Slice roll)
    {
        if (end <= start) {
            throw invalidArgument("%s: the end is not after the start", NAME);
        }
        Frequency period = FREQUENCIES.get(frequency);
        BusinessDayConvention adjustment = BusinessDayConventions.BY_NAME.get(convention);
        BusinessCalendar businessCalendar = BusinessCalendars.BY_NAME.get(calendar);
        StubConvention stubConvention = STUBS.get(stub);
        Optional<RollConvention> rollConvention = ROLLS.get(roll);
        if ((end - start) / DAYS_OF_YEAR * period.eventsPerYearEstimate() > MOST_DATES) {
            throw invalidArgument("%s: more than %s dates; accepted are schedules of fewer", NAME, MOST_DATES);
        }

        BlockBuilder dates = DATE.createBlockBuilder(null, 16);
        long previous = Long.MIN_VALUE;
        for (LocalDate date : unadjustedDates(LocalDate.ofEpochDay(start), LocalDate.ofEpochDay(end), period, stubConvention, rollConvention)) {
            long adjusted = adjustment.getName().equals("NoAdjust") ? date.toEpochDay() : businessCalendar.adjust(NAME, date.toEpochDay(), adjustment);
            if (adjusted > previous) {
                DATE.writeLong(dates, adjusted);
                previous = adjusted;
            }
        }
        return dates.build();
    }

    private static List<LocalDate> unadjustedDates(LocalDate start, LocalDate end, Frequency frequency, StubConvention stub, Optional<RollConvention> roll)
    {
        try {
            PeriodicSchedule.Builder schedule = PeriodicSchedule.builder()
                    .startDate(start)
                    .endDate(end)
                    .frequency(frequency)
                    .businessDayAdjustment(BusinessDayAdjustment.NONE)
                    .stubConvention(stub);
            roll.ifPresent(schedule::rollConvention);
            // the roll conventions are read when the first schedule is made
            return readingConfiguration(() -> schedule.build().createUnadjustedDates());
        }
        catch (RuntimeException e) {
            throw invalidArgument("%s: there is no such schedule: %s", NAME, e.getMessage());
        }
    }

    private static Frequency frequency(String name)
    {
        Frequency named = NAMED_FREQUENCIES.get(NameCase.upperCase(name.trim()));
        if (named != null) {
            return named;
        }
        try {
            return Frequency.parse(shortened(name).trim());
        }
        catch (RuntimeException _) {
            throw invalidArgument(
                    "%s: not a frequency: '%s'; accepted are a number of D, W, M or Y such as 3M, %s",
                    NAME,
                    shortened(name),
                    NAMED_FREQUENCIES.keySet().stream().map(text -> text.toLowerCase(Locale.ENGLISH)).sorted().collect(Collectors.joining(", ")));
        }
    }

    private static StubConvention stub(String name)
    {
        String wanted = shortened(name).replaceAll("[\\s_]", "");
        return Arrays.stream(StubConvention.values())
                .filter(stub -> stub != StubConvention.BOTH && stub.toString().equalsIgnoreCase(wanted))
                .findFirst()
                .orElseThrow(() -> invalidArgument(
                        "%s: not a stub: '%s'; accepted are none, short initial, long initial, smart initial, short final, long final and smart final",
                        NAME,
                        shortened(name)));
    }

    private static Optional<RollConvention> roll(String name)
    {
        if (name.trim().equalsIgnoreCase("none")) {
            return Optional.empty();
        }
        Optional<RollConvention> roll = name.length() > LONGEST_NAME ? Optional.empty() : readingConfiguration(() -> {
            try {
                return RollConvention.extendedEnum().findLenient(name.trim());
            }
            catch (RuntimeException _) {
                return Optional.empty();
            }
        });
        return Optional.of(roll.orElseThrow(() -> invalidArgument(
                "%s: not a roll convention: '%s'; accepted are none, EOM, IMM, IMMAUD, IMMNZD, SFE, 1 to 31 and MON to SUN",
                NAME,
                shortened(name))));
    }

    private static String shortened(String name)
    {
        return name.length() > LONGEST_NAME ? name.substring(0, LONGEST_NAME) + "…" : name;
    }
}
