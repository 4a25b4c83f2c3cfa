package io.nostro.functions.rates;

import com.opengamma.strata.basics.date.DayCount;
import com.opengamma.strata.basics.schedule.Frequency;
import io.airlift.slice.Slice;
import io.nostro.functions.NameCase;
import io.nostro.functions.TextLookup;

import java.time.LocalDate;
import java.util.Map;

import static io.nostro.functions.FunctionErrors.invalidArgument;
import static io.nostro.functions.StrataConfiguration.readingConfiguration;

/**
 * The coupon period that an accrual is in: what the conventions ask for that two dates do not suffice for.
 *
 * @param position where the period is in its schedule. An initial period's quasi-coupon dates are counted back from its end,
 *         a final one's forward from its start, from the last day of a month to last days of months; the end of a final period is
 *         the maturity
 */
public record CouponPeriod(LocalDate start, LocalDate end, Frequency frequency, Position position)
        implements DayCount.ScheduleInfo
{
    public enum Position
    {
        INITIAL,
        REGULAR,
        FINAL
    }

    private static final long MOST_DAYS = 36_525;
    private static final Map<Long, Frequency> FREQUENCIES = readingConfiguration(() -> Map.of(
            1L, Frequency.P12M,
            2L, Frequency.P6M,
            3L, Frequency.P4M,
            4L, Frequency.P3M,
            6L, Frequency.P2M,
            12L, Frequency.P1M));
    private static final TextLookup<Position> POSITIONS = new TextLookup<>(CouponPeriod::position);

    static CouponPeriod of(String function, long accrualStart, long accrualEnd, long periodStart, long periodEnd, long frequency, Slice position)
    {
        if (periodStart > accrualStart || accrualStart > accrualEnd || accrualEnd > periodEnd || periodStart == periodEnd) {
            throw invalidArgument("%s: the dates are out of order; accepted are period_start <= start <= end <= period_end, of a period of at least a day", function);
        }
        if (periodEnd - periodStart > MOST_DAYS) {
            throw invalidArgument("%s: the period is longer than %s days", function, MOST_DAYS);
        }
        return new CouponPeriod(LocalDate.ofEpochDay(periodStart), LocalDate.ofEpochDay(periodEnd), couponFrequency(function, frequency), POSITIONS.get(position));
    }

    /**
     * The frequency of a number of coupons a year.
     *
     * @param couponsPerYear a number of coupons that are whole months apart
     */
    public static Frequency couponFrequency(String function, long couponsPerYear)
    {
        Frequency frequency = FREQUENCIES.get(couponsPerYear);
        if (frequency == null) {
            throw invalidArgument("%s: frequency is %s; accepted are 1, 2, 3, 4, 6 and 12 coupons a year", function, couponsPerYear);
        }
        return frequency;
    }

    double days()
    {
        return end.toEpochDay() - start.toEpochDay();
    }

    @Override
    public LocalDate getStartDate()
    {
        return position == Position.INITIAL ? start : start.minusDays(1);
    }

    @Override
    public LocalDate getEndDate()
    {
        return position == Position.FINAL ? end : end.plusDays(1);
    }

    @Override
    public LocalDate getPeriodEndDate(LocalDate date)
    {
        return end;
    }

    @Override
    public Frequency getFrequency()
    {
        return frequency;
    }

    private static Position position(String name)
    {
        return switch (NameCase.lowerCase(name.trim())) {
            case "initial" -> Position.INITIAL;
            case "regular" -> Position.REGULAR;
            case "final" -> Position.FINAL;
            default -> throw invalidArgument(
                    "not a period's position in its schedule: '%s'; accepted are initial, regular and final",
                    name.length() > 60 ? name.substring(0, 60) + "…" : name);
        };
    }
}
