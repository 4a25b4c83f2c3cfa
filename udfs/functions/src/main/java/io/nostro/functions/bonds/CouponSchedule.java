package io.nostro.functions.bonds;

import com.opengamma.strata.basics.schedule.Frequency;
import io.nostro.functions.rates.CouponPeriod;

import java.time.LocalDate;
import java.time.temporal.ChronoUnit;

import static io.nostro.functions.FunctionErrors.invalidArgument;
import static java.time.temporal.TemporalAdjusters.lastDayOfMonth;

/**
 * The coupon dates of a bond, counted back from its maturity and not adjusted to business days.
 *
 * @param atMonthsEnd whether coupons are paid on the last days of their months
 */
record CouponSchedule(LocalDate maturity, Frequency frequency, boolean atMonthsEnd)
{
    private static final int MONTHS_OF_YEAR = 12;
    private static final double DAYS_OF_YEAR = 365.25;
    private static final int MOST_COUPONS = 10_000;

    /**
     * The schedule of a bond of regular periods. One that matures at a month's end pays at months' ends, as in Excel.
     */
    static CouponSchedule regular(String function, long settlement, long maturity, long couponsPerYear)
    {
        Frequency frequency = CouponPeriod.couponFrequency(function, couponsPerYear);
        if (settlement >= maturity) {
            throw invalidArgument("%s: settlement is not before maturity", function);
        }
        if ((maturity - settlement) / DAYS_OF_YEAR * couponsPerYear > MOST_COUPONS) {
            throw invalidArgument("%s: more than %s coupons are left; accepted are fewer", function, MOST_COUPONS);
        }
        LocalDate lastDate = LocalDate.ofEpochDay(maturity);
        return new CouponSchedule(lastDate, frequency, isMonthsEnd(lastDate));
    }

    /**
     * The schedule that also has a known first coupon, which says whether coupons are paid at months' ends.
     */
    CouponSchedule withFirstCoupon(LocalDate firstCoupon)
    {
        return new CouponSchedule(maturity, frequency, atMonthsEnd && isMonthsEnd(firstCoupon));
    }

    /**
     * A coupon date, or what would be one were there coupons before the first.
     *
     * @param periods the number of periods before maturity
     */
    LocalDate date(int periods)
    {
        LocalDate date = maturity.minusMonths((long) periods * monthsOfPeriod());
        return atMonthsEnd ? date.with(lastDayOfMonth()) : date;
    }

    /**
     * The least number of periods before maturity whose date is not after a date.
     */
    int periodsSince(LocalDate date)
    {
        int periods = Math.toIntExact(ChronoUnit.MONTHS.between(date, maturity) / monthsOfPeriod());
        while (periods > 0 && !date(periods - 1).isAfter(date)) {
            periods--;
        }
        while (date(periods).isAfter(date)) {
            periods++;
        }
        return periods;
    }

    /**
     * The period that starts a number of periods before maturity.
     */
    CouponPeriod period(int periods)
    {
        return new CouponPeriod(date(periods), date(periods - 1), frequency, CouponPeriod.Position.REGULAR);
    }

    private int monthsOfPeriod()
    {
        return MONTHS_OF_YEAR / frequency.eventsPerYear();
    }

    private static boolean isMonthsEnd(LocalDate date)
    {
        return date.getDayOfMonth() == date.lengthOfMonth();
    }
}
