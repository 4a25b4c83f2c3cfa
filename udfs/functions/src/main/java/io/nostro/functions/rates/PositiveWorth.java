package io.nostro.functions.rates;

import static io.nostro.functions.rates.DiscountFactors.discountFactor;

/**
 * A worth of zero or above that a double may have no room for: mantissa times two to the exponent, which is zero for a
 * worth from 2^-512 to 2^512. Of such ones aggregates do without this class.
 */
record PositiveWorth(double mantissa, long exponent)
{
    private static final int LARGEST_EXPONENT = 512;
    private static final double SMALLEST_PLAIN = Math.scalb(1.0, -LARGEST_EXPONENT);
    private static final double LARGEST_PLAIN = Math.scalb(1.0, LARGEST_EXPONENT);
    // digits of a worth that is smaller by more than this do not count
    private static final long MOST_SHIFT = 128;
    private static final double LOGARITHM_OF_TWO = Math.log(2);

    private static boolean isPlain(double worth)
    {
        return worth >= SMALLEST_PLAIN && worth <= LARGEST_PLAIN;
    }

    private PositiveWorth discounted(double rate, double periods)
    {
        PositiveWorth worth = normalized();
        double factor = discountFactor(rate, periods);
        if (isPlain(factor)) {
            return of(worth.mantissa * factor, worth.exponent);
        }
        double logarithm = -periods * (Math.log1p(rate) / LOGARITHM_OF_TWO);
        double whole = Math.rint(logarithm);
        return of(worth.mantissa * Math.exp((logarithm - whole) * LOGARITHM_OF_TWO), worth.exponent + (long) whole);
    }

    /**
     * The sum of a worth and another one that is so many periods later, both of exponent zero; NaN when its exponent is
     * not, or may not be.
     */
    static double plainSum(double worth, double later, double rate, double periods)
    {
        double factor = discountFactor(rate, periods);
        double sum = worth + later * factor;
        // a product that is zero of such a factor would not count in such a sum
        return isPlain(factor) && isPlain(sum) ? sum : Double.NaN;
    }

    /**
     * The sum with another worth that is so many periods, which may be negative, later.
     */
    PositiveWorth plus(PositiveWorth later, double rate, double periods)
    {
        if (later.mantissa == 0) {
            return this;
        }
        double sum = exponent == 0 && later.exponent == 0 ? plainSum(mantissa, later.mantissa, rate, periods) : Double.NaN;
        if (!Double.isNaN(sum)) {
            return new PositiveWorth(sum, 0);
        }
        return plus(later.discounted(rate, periods));
    }

    private PositiveWorth plus(PositiveWorth other)
    {
        if (mantissa == 0 || other.mantissa == 0) {
            return mantissa == 0 ? other : this;
        }
        PositiveWorth greater = normalized();
        PositiveWorth smaller = other.normalized();
        if (greater.exponent < smaller.exponent) {
            PositiveWorth swapped = greater;
            greater = smaller;
            smaller = swapped;
        }
        int shift = (int) Math.min(MOST_SHIFT, greater.exponent - smaller.exponent);
        return of(greater.mantissa + Math.scalb(smaller.mantissa, -shift), greater.exponent);
    }

    double logarithm()
    {
        return Math.log(mantissa) + exponent * LOGARITHM_OF_TWO;
    }

    private static PositiveWorth of(double mantissa, long exponent)
    {
        PositiveWorth worth = new PositiveWorth(mantissa, exponent).normalized();
        boolean isPlain = Math.abs(worth.exponent) < LARGEST_EXPONENT;
        return isPlain ? new PositiveWorth(Math.scalb(worth.mantissa, (int) worth.exponent), 0) : worth;
    }

    /**
     * The same worth with a mantissa from one to below two.
     */
    private PositiveWorth normalized()
    {
        if (mantissa == 0) {
            return new PositiveWorth(0, 0);
        }
        int shift = Math.getExponent(mantissa);
        return new PositiveWorth(Math.scalb(mantissa, -shift), exponent + shift);
    }
}
