package io.nostro.functions.rates;

/**
 * What one unit after some periods is worth now: (1 + rate)^-periods.
 *
 * <p>Rows of an aggregate have few rates and few periods, and a logarithm and an exponential cost more than all else that
 * is done with a row. So the last factors are kept, by rate and periods, for all threads: a thread that does not see what
 * another one has kept computes the same factor again.
 */
final class DiscountFactors
{
    private static final int KEPT_BITS = 12;
    private static final long GOLDEN_RATIO = 0x9E37_79B9_7F4A_7C15L;
    private static final Kept[] FACTORS = new Kept[1 << KEPT_BITS];

    private record Kept(double rate, double periods, double factor) {}

    private DiscountFactors() {}

    /**
     * @param rate finite and above -1
     */
    static double discountFactor(double rate, double periods)
    {
        if (periods == 0) {
            return 1;
        }
        long mixed = (Double.doubleToRawLongBits(rate) * GOLDEN_RATIO + Double.doubleToRawLongBits(periods)) * GOLDEN_RATIO;
        int place = (int) (mixed >>> (Long.SIZE - KEPT_BITS));
        Kept kept = FACTORS[place];
        if (kept == null || kept.rate != rate || kept.periods != periods) {
            kept = new Kept(rate, periods, Math.exp(-periods * Math.log1p(rate)));
            FACTORS[place] = kept;
        }
        return kept.factor;
    }
}
