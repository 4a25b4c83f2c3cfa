package io.nostro.functions.rates;

import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;

/**
 * The root of a function that is nearest to a guess: steps outward from the guess, growing, until the sign changes, then
 * Chandrupatla's method (Advances in Engineering Software 28, 1997), which never leaves the bracket.
 */
public final class NearestRoot
{
    private static final int MOST_ITERATIONS = 300;
    private static final double STEP_GROWTH = 1.2;
    private static final double RELATIVE_TOLERANCE = Math.ulp(1.0);

    private NearestRoot() {}

    /**
     * The root, if the sign changes between the bounds.
     *
     * @param function finite between the bounds
     * @param guess between the bounds
     * @param firstStep above zero
     * @return empty when the function has the same sign at every step, or is not a number at one
     */
    public static OptionalDouble find(DoubleUnaryOperator function, double guess, double firstStep, double lowest, double highest)
    {
        double low = guess;
        double high = guess;
        double lowValue = function.applyAsDouble(guess);
        double highValue = lowValue;
        if (lowValue == 0) {
            return OptionalDouble.of(guess);
        }
        for (double step = firstStep; low > lowest || high < highest; step *= STEP_GROWTH) {
            if (high < highest) {
                double higher = Math.min(highest, high + step);
                double higherValue = function.applyAsDouble(higher);
                if (highValue * Math.signum(higherValue) <= 0) {
                    return OptionalDouble.of(between(function, high, highValue, higher, higherValue));
                }
                high = higher;
                highValue = higherValue;
            }
            if (low > lowest) {
                double lower = Math.max(lowest, low - step);
                double lowerValue = function.applyAsDouble(lower);
                if (lowValue * Math.signum(lowerValue) <= 0) {
                    return OptionalDouble.of(between(function, lower, lowerValue, low, lowValue));
                }
                low = lower;
                lowValue = lowerValue;
            }
            if (Double.isNaN(lowValue) || Double.isNaN(highValue)) {
                return OptionalDouble.empty();
            }
        }
        return OptionalDouble.empty();
    }

    /**
     * A root between two places at which the function has different signs or is zero.
     */
    public static double between(DoubleUnaryOperator function, double from, double fromValue, double to, double toValue)
    {
        if (fromValue == 0) {
            return from;
        }
        if (toValue == 0) {
            return to;
        }
        double newest = from;
        double newestValue = fromValue;
        double opposite = to;
        double oppositeValue = toValue;
        double share = 0.5;
        for (int iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
            double x = newest + share * (opposite - newest);
            double value = function.applyAsDouble(x);
            double oldest;
            double oldestValue;
            if (Math.signum(value) == Math.signum(newestValue)) {
                oldest = newest;
                oldestValue = newestValue;
            }
            else {
                oldest = opposite;
                oldestValue = oppositeValue;
                opposite = newest;
                oppositeValue = newestValue;
            }
            newest = x;
            newestValue = value;

            double best = Math.abs(newestValue) < Math.abs(oppositeValue) ? newest : opposite;
            double bestValue = Math.abs(newestValue) < Math.abs(oppositeValue) ? newestValue : oppositeValue;
            double smallestShare = (2 * RELATIVE_TOLERANCE * Math.abs(best) + Double.MIN_NORMAL) / Math.abs(opposite - newest);
            if (bestValue == 0 || smallestShare > 0.5 || opposite == newest) {
                return best;
            }
            double position = (newest - opposite) / (oldest - opposite);
            double height = (newestValue - oppositeValue) / (oldestValue - oppositeValue);
            share = 0.5;
            if (height * height < position && (1 - height) * (1 - height) < 1 - position) {
                share = newestValue / (oppositeValue - newestValue) * oldestValue / (oppositeValue - oldestValue)
                        + (oldest - newest) / (opposite - newest) * newestValue / (oldestValue - newestValue) * oppositeValue / (oldestValue - oppositeValue);
            }
            share = Math.min(1 - smallestShare, Math.max(smallestShare, share));
        }
        return newest;
    }
}
