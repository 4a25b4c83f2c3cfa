package io.nostro.functions.bonds;

import io.airlift.slice.Slice;
import io.nostro.functions.rates.CouponPeriod;
import io.nostro.functions.rates.DayCountConventions;
import io.nostro.functions.rates.DayCountConventions.Convention;
import io.nostro.functions.rates.NearestRoot;
import io.trino.spi.TrinoException;

import java.time.LocalDate;
import java.util.function.DoubleUnaryOperator;

import static io.nostro.functions.FunctionErrors.invalidArgument;
import static io.nostro.functions.FunctionErrors.outOfRange;
import static io.nostro.functions.rates.DayCountConventions.yearFraction;

/**
 * What a bond of fixed coupons still pays after settlement, per 100 of face value.
 *
 * @param schedule the dates of the payments
 * @param payments how many are left, the one at maturity included
 * @param firstCoupon the amount of the next coupon; those after it are {@code coupon}
 * @param part what is left at settlement of the period that it falls in, in periods
 * @param wholePeriods how many periods there are between the end of that period and the next payment: above 0 only in a long first period
 * @param accrued the interest accrued at settlement
 */
record CouponBond(
        CouponSchedule schedule,
        int payments,
        double firstCoupon,
        double coupon,
        double redemption,
        double part,
        int wholePeriods,
        double accrued)
{
    static final double PAR = 100;

    private static final double FIRST_STEP = 0.005;
    private static final double LARGEST_LOGARITHM = 50;
    private static final double LARGEST_LOGARITHM_OF_PRICE = 1_000_000;
    private static final long MOST_DAYS_OF_FIRST_PERIOD = 36_525;

    /**
     * A bond whose periods are all regular.
     */
    static CouponBond regular(
            String function,
            long settlement,
            long maturity,
            double couponRate,
            long frequency,
            Slice dayCount,
            double redemption)
    {
        CouponSchedule schedule = CouponSchedule.regular(function, settlement, maturity, frequency);
        return regular(function, schedule, settlement, checkedCouponRate(function, couponRate), DayCountConventions.IN_A_PERIOD_BY_NAME.get(dayCount), checkedRedemption(function, redemption));
    }

    /**
     * A bond whose first period may be short or long. Its coupon is the interest that the day count gives; by Act/Act ICMA, of
     * each regular period that it would have been.
     */
    static CouponBond withFirstPeriod(
            String function,
            long settlement,
            long maturity,
            double couponRate,
            long frequency,
            Slice dayCount,
            double redemption,
            long issue,
            long firstCoupon)
    {
        LocalDate firstDate = LocalDate.ofEpochDay(firstCoupon);
        CouponSchedule schedule = CouponSchedule.regular(function, settlement, maturity, frequency).withFirstCoupon(firstDate);
        Convention convention = DayCountConventions.IN_A_PERIOD_BY_NAME.get(dayCount);
        checkedCouponRate(function, couponRate);
        checkedRedemption(function, redemption);
        if (issue > settlement || issue >= firstCoupon || firstCoupon > maturity) {
            throw invalidArgument("%s: the dates are out of order; accepted are issue <= settlement < maturity and issue < first_coupon <= maturity", function);
        }
        if (firstCoupon - issue > MOST_DAYS_OF_FIRST_PERIOD) {
            throw invalidArgument("%s: the first period is longer than %s days", function, MOST_DAYS_OF_FIRST_PERIOD);
        }
        int paymentsAfterFirst = schedule.periodsSince(firstDate);
        if (!schedule.date(paymentsAfterFirst).equals(firstDate)) {
            throw invalidArgument("%s: first_coupon is not a coupon date; accepted are those of the frequency, counted back from maturity", function);
        }
        if (settlement >= firstCoupon) {
            return regular(function, schedule, settlement, couponRate, convention, redemption);
        }

        double coupon = PAR * couponRate / frequency;
        boolean regular = schedule.date(paymentsAfterFirst + 1).toEpochDay() == issue;
        FirstPeriod firstPeriod = new FirstPeriod(function, schedule, convention, issue, firstCoupon);
        int period = schedule.periodsSince(LocalDate.ofEpochDay(settlement));
        return new CouponBond(
                schedule,
                paymentsAfterFirst + 1,
                regular ? coupon : PAR * couponRate * firstPeriod.years(firstCoupon),
                coupon,
                redemption,
                partLeft(function, convention, schedule.period(period), settlement),
                period - 1 - paymentsAfterFirst,
                PAR * couponRate * firstPeriod.years(settlement));
    }

    private static CouponBond regular(String function, CouponSchedule schedule, long settlement, double couponRate, Convention convention, double redemption)
    {
        int payments = schedule.periodsSince(LocalDate.ofEpochDay(settlement));
        CouponPeriod period = schedule.period(payments);
        double coupon = PAR * couponRate / schedule.frequency().eventsPerYear();
        return new CouponBond(
                schedule,
                payments,
                coupon,
                coupon,
                redemption,
                partLeft(function, convention, period, settlement),
                0,
                PAR * couponRate * yearFraction(function, convention, period.start().toEpochDay(), settlement, period));
    }

    /**
     * What is left of a period, in regular ones: as the day count has it, so not always 1 at the start of the period.
     */
    private static double partLeft(String function, Convention convention, CouponPeriod period, long settlement)
    {
        long start = period.start().toEpochDay();
        double whole = yearFraction(function, convention, start, period.end().toEpochDay(), period);
        double elapsed = yearFraction(function, convention, start, settlement, period);
        return Math.max(0, period.frequency().eventsPerYear() * (whole - elapsed));
    }

    /**
     * What the payments are worth at settlement, the accrued interest included.
     */
    double price(String function, double yield, YieldConvention convention)
    {
        return result(function, Discounted.of(this, checkedYield(function, yield, convention), convention).price());
    }

    double cleanPrice(String function, double yield, YieldConvention convention)
    {
        return result(function, price(function, yield, convention) - accrued);
    }

    /**
     * The average time to the payments in years, weighted by what they are worth.
     */
    double duration(String function, double yield, YieldConvention convention)
    {
        return result(function, Discounted.of(this, checkedYield(function, yield, convention), convention).averagePeriods() / frequency());
    }

    /**
     * The share of the price that is lost as the yield rises, by a unit of yield.
     */
    double modifiedDuration(String function, double yield, YieldConvention convention)
    {
        return result(function, Discounted.of(this, checkedYield(function, yield, convention), convention).firstDerivative() / frequency());
    }

    /**
     * The second derivative of the price by the yield, as a share of the price.
     */
    double convexity(String function, double yield, YieldConvention convention)
    {
        double frequency = frequency();
        return result(function, Discounted.of(this, checkedYield(function, yield, convention), convention).secondDerivative() / frequency / frequency);
    }

    double yieldToMaturity(String function, double cleanPrice, YieldConvention convention)
    {
        double price = cleanPrice + accrued;
        if (!(price > 0 && Double.isFinite(price))) {
            throw invalidArgument("%s: clean_price is %s; accepted is a finite price that is above zero with accrued interest", function, cleanPrice);
        }
        if (isInFinalPeriod() && convention.isSimpleOverPart(true)) {
            return result(function, ((redemption + firstCoupon) / price - 1) / part * frequency());
        }
        double target = Math.log(price);
        DoubleUnaryOperator excess = logarithm -> {
            double value = Math.log(Discounted.of(this, Math.expm1(logarithm), convention).price());
            return Math.clamp(value, -LARGEST_LOGARITHM_OF_PRICE, LARGEST_LOGARITHM_OF_PRICE) - target;
        };
        double lowest = part > 1 ? Math.log1p(-1 / part) : -LARGEST_LOGARITHM;
        double guess = Math.clamp(Math.log1p(coupon / redemption), lowest, LARGEST_LOGARITHM);
        double logarithm = NearestRoot.find(excess, guess, FIRST_STEP, lowest, LARGEST_LOGARITHM)
                .orElseThrow(() -> invalidArgument("%s: there is no yield at which clean_price is %s", function, cleanPrice));
        return result(function, Math.expm1(logarithm) * frequency());
    }

    /**
     * Whether only the payment at maturity is left, and that is less than a period away.
     */
    boolean isInFinalPeriod()
    {
        return payments == 1 && wholePeriods == 0;
    }

    private double frequency()
    {
        return schedule.frequency().eventsPerYear();
    }

    /**
     * @return the yield of a period
     */
    private double checkedYield(String function, double yield, YieldConvention convention)
    {
        double ofPeriod = yield / frequency();
        boolean simple = convention.isSimpleOverPart(isInFinalPeriod());
        boolean compounds = !simple || !isInFinalPeriod();
        if (!Double.isFinite(yield) || (compounds && ofPeriod <= -1) || (simple && 1 + part * ofPeriod <= 0)) {
            throw invalidArgument("%s: yield is %s; accepted is a finite yield, 0.05 being five percent, that leaves more than nothing of each period", function, yield);
        }
        return ofPeriod;
    }

    private static double checkedCouponRate(String function, double couponRate)
    {
        if (!(couponRate >= 0 && Double.isFinite(couponRate))) {
            throw invalidArgument("%s: coupon_rate is %s; accepted is a finite rate of zero and above, 0.05 being five percent", function, couponRate);
        }
        return couponRate;
    }

    private static double checkedRedemption(String function, double redemption)
    {
        if (!(redemption > 0 && Double.isFinite(redemption))) {
            throw invalidArgument("%s: redemption is %s; accepted is a finite amount above zero per 100 of face value", function, redemption);
        }
        return redemption;
    }

    private static double result(String function, double value)
    {
        if (!Double.isFinite(value)) {
            throw tooLarge(function);
        }
        return value + 0.0;
    }

    private static TrinoException tooLarge(String function)
    {
        return outOfRange("%s: the result is too large", function);
    }

    /**
     * A first period that need not be regular, for the interest that accrues in it.
     */
    private record FirstPeriod(String function, CouponSchedule schedule, Convention convention, long issue, long firstCoupon)
    {
        double years(long end)
        {
            if (!convention.countsFromPeriodStart()) {
                CouponPeriod whole = new CouponPeriod(LocalDate.ofEpochDay(issue), LocalDate.ofEpochDay(firstCoupon), schedule.frequency(), CouponPeriod.Position.INITIAL);
                return yearFraction(function, convention, issue, end, whole);
            }
            double years = 0;
            int periods = schedule.periodsSince(LocalDate.ofEpochDay(issue));
            for (long start = issue; start < end; periods--) {
                CouponPeriod period = schedule.period(periods);
                long periodEnd = Math.min(end, period.end().toEpochDay());
                years += yearFraction(function, convention, start, periodEnd, period);
                start = periodEnd;
            }
            return years;
        }
    }
}
