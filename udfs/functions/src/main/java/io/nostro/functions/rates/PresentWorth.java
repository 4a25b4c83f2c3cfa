package io.nostro.functions.rates;

import io.trino.spi.block.BlockBuilder;

import static io.nostro.functions.FunctionErrors.invalidArgument;
import static io.nostro.functions.rates.DiscountFactors.discountFactor;
import static io.trino.spi.type.DoubleType.DOUBLE;

/**
 * The steps of the aggregates that add up discounted cash flows, by Neumaier's compensated summation.
 */
final class PresentWorth
{
    // from here on worths are summed apart, so that neither 2^63 of them nor a step of the discounting overflows
    private static final double LARGE = 0x1p900;
    private static final double SCALE = 0x1p-1021;
    private static final double LARGE_SCALED = LARGE * SCALE;

    private PresentWorth() {}

    /**
     * The amount, which is checked to be finite. One nearer to zero than 2.3e-308, of which a double has not all digits,
     * counts as zero: a rate below zero would make an amount of the digits that are left.
     */
    static double amount(String function, double amount)
    {
        if (!Double.isFinite(amount)) {
            throw invalidArgument("%s: an amount is %s; accepted are finite numbers", function, amount);
        }
        return Math.abs(amount) < Double.MIN_NORMAL ? 0 : amount;
    }

    static void checkRate(String function, String name, double rate)
    {
        if (!(rate > -1 && Double.isFinite(rate))) {
            throw invalidArgument("%s: %s is %s; accepted is a finite number above -1", function, name, rate);
        }
    }

    static void checkSameRate(String function, String name, double rate, double other)
    {
        if (rate != other) {
            throw invalidArgument("%s: %s is %s in one row and %s in another; accepted is one number for all rows of a group", function, name, Math.min(rate, other), Math.max(rate, other));
        }
    }

    /**
     * Says with which rate the group is discounted, or checks that it is the same as before.
     */
    static void setRate(String function, NpvState state, double rate)
    {
        if (state.getCount() == 0) {
            checkRate(function, "rate", rate);
            state.setRate(rate);
        }
        else {
            checkSameRate(function, "rate", state.getRate(), rate);
        }
    }

    /**
     * Adds an amount that is due after so many periods, which may be negative.
     */
    static void add(NpvState state, double amount, double rate, double periods)
    {
        double factor = discountFactor(rate, periods);
        if (isOutOfRange(factor)) {
            double half = discountFactor(rate, periods / 2);
            add(state, times(amount, half), half);
        }
        else {
            add(state, amount, factor);
        }
    }

    /**
     * Adds the sums of another state of the same rate, which are worth what they are after so many periods.
     */
    static void addSums(NpvState state, NpvState other, double periods)
    {
        double factor = discountFactor(state.getRate(), periods);
        if (isOutOfRange(factor)) {
            double half = discountFactor(state.getRate(), periods / 2);
            add(state, times(other.getSum(), half), times(other.getLost(), half), times(other.getLargeSum(), half), times(other.getLargeLost(), half), half);
        }
        else {
            add(state, other.getSum(), other.getLost(), other.getLargeSum(), other.getLargeLost(), factor);
        }
    }

    /**
     * Moves what the state's sums are worth by so many periods into the past.
     */
    static void discount(NpvState state, double periods)
    {
        double factor = discountFactor(state.getRate(), periods);
        if (isOutOfRange(factor)) {
            double half = discountFactor(state.getRate(), periods / 2);
            multiply(state, half);
            multiply(state, half);
        }
        else {
            multiply(state, factor);
        }
    }

    /**
     * Whether a double has no room for a factor that may be of use, as it may have for the product with an amount.
     */
    private static boolean isOutOfRange(double factor)
    {
        return factor < Double.MIN_NORMAL || factor == Double.POSITIVE_INFINITY;
    }

    private static double times(double amount, double factor)
    {
        return amount == 0 ? 0 : amount * factor;
    }

    private static void multiply(NpvState state, double factor)
    {
        double sum = state.getSum();
        double lost = state.getLost();
        double largeSum = state.getLargeSum();
        double largeLost = state.getLargeLost();
        state.setSum(0);
        state.setLost(0);
        state.setLargeSum(0);
        state.setLargeLost(0);
        add(state, sum, lost, largeSum, largeLost, factor);
    }

    private static void add(NpvState state, double sum, double lost, double largeSum, double largeLost, double factor)
    {
        add(state, sum, factor);
        add(state, lost, factor);
        addScaled(state, largeSum, factor);
        addScaled(state, largeLost, factor);
    }

    private static void add(NpvState state, double amount, double factor)
    {
        double worth = times(amount, factor);
        if (Math.abs(worth) < LARGE) {
            addSmall(state, worth);
        }
        else {
            // of the two the greater is scaled, as the other might lose digits
            addLarge(state, Math.abs(amount) > factor ? amount * SCALE * factor : amount * (factor * SCALE));
        }
    }

    private static void addScaled(NpvState state, double scaled, double factor)
    {
        if (scaled == 0) {
            return;
        }
        double worth = scaled * factor;
        if (!(Math.abs(worth) < LARGE_SCALED)) {
            addLarge(state, worth);
        }
        else if (Math.abs(scaled) <= 1) {
            addSmall(state, unscaled(scaled) * factor);
        }
        else {
            // a double has room for this product, as it has for the factor, and none for the other's first one
            addSmall(state, unscaled(worth));
        }
    }

    private static void addSmall(NpvState state, double worth)
    {
        double sum = state.getSum();
        double newSum = sum + worth;
        state.setSum(newSum);
        state.setLost(state.getLost() + lost(sum, worth, newSum));
    }

    private static void addLarge(NpvState state, double scaled)
    {
        double sum = state.getLargeSum();
        double newSum = sum + scaled;
        state.setLargeSum(newSum);
        state.setLargeLost(state.getLargeLost() + lost(sum, scaled, newSum));
    }

    private static double lost(double sum, double value, double newSum)
    {
        return Math.abs(sum) >= Math.abs(value) ? sum - newSum + value : value - newSum + sum;
    }

    private static double unscaled(double scaled)
    {
        return scaled * 0x1p500 * 0x1p521;
    }

    static void output(NpvState state, BlockBuilder out)
    {
        double large = unscaled(state.getLargeSum() + state.getLargeLost());
        double worth = large + state.getSum();
        worth += state.getLost() + lost(large, state.getSum(), worth);
        // what was lost of an infinite sum is not a number
        if (state.getCount() == 0 || !Double.isFinite(worth)) {
            out.appendNull();
        }
        else {
            DOUBLE.writeDouble(out, worth);
        }
    }
}
