package io.nostro.functions.rates;

/**
 * What one unit after some periods is worth now: (1 + rate)^-periods.
 *
 * <p>Rows of an aggregate have few rates, and the logarithm of 1 + rate costs more than all else that is done with a row:
 * the JVM has code of its own for an exponential, but not for this. So the logarithms of the last rates are kept, for all
 * threads: a thread that does not see what another one has kept computes the same one again.
 */
final class DiscountFactors
{
    private static final int KEPT_BITS = 6;
    private static final long GOLDEN_RATIO = 0x9E37_79B9_7F4A_7C15L;
    private static final Kept[] LOGARITHMS = new Kept[1 << KEPT_BITS];

    private record Kept(double rate, double logarithm) {}

    private DiscountFactors() {}

    /**
     * @param rate finite and above -1
     */
    static double discountFactor(double rate, double periods)
    {
        if (periods == 0) {
            return 1;
        }
        int place = (int) ((Double.doubleToRawLongBits(rate) * GOLDEN_RATIO) >>> (Long.SIZE - KEPT_BITS));
        Kept kept = LOGARITHMS[place];
        if (kept == null || kept.rate != rate) {
            kept = new Kept(rate, Math.log1p(rate));
            LOGARITHMS[place] = kept;
        }
        return Math.exp(-periods * kept.logarithm);
    }
}
