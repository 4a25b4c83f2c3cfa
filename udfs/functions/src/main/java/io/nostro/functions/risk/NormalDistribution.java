package io.nostro.functions.risk;

import org.apache.commons.numbers.gamma.Erfc;
import org.apache.commons.numbers.gamma.InverseErfc;

/**
 * The standard normal distribution.
 */
public final class NormalDistribution
{
    private static final double SQUARE_ROOT_OF_TWO = Math.sqrt(2);

    private NormalDistribution() {}

    /**
     * The probability of a value of no more than x; exact to the last digits in both tails.
     */
    public static double cumulative(double x)
    {
        return Erfc.value(-x / SQUARE_ROOT_OF_TWO) / 2;
    }

    /**
     * The value that is not exceeded with a probability between 0 and 1.
     */
    public static double quantile(double probability)
    {
        return -SQUARE_ROOT_OF_TWO * InverseErfc.value(2 * probability);
    }
}
