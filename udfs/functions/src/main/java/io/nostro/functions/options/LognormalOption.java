package io.nostro.functions.options;

import static io.nostro.functions.FunctionErrors.invalidArgument;
import static io.nostro.functions.FunctionErrors.outOfRange;
import static io.nostro.functions.risk.NormalDistribution.cumulative;

/**
 * A European option on what is lognormally distributed at expiry. Without any volatility left it is worth what exercising is.
 *
 * @param sign 1 for a call, -1 for a put
 * @param deviation the standard deviation of the logarithm at expiry: volatility times the square root of the years
 * @param discountFactor of a payment at expiry
 */
record LognormalOption(int sign, double forward, double strike, double deviation, double discountFactor)
{
    private static final double SQUARE_ROOT_OF_TWO_PI = Math.sqrt(2 * Math.PI);

    double price()
    {
        return discountFactor * Math.max(0, sign * (forward * cumulative(sign * upper()) - strike * cumulative(sign * lower())));
    }

    /**
     * The distance of the forward from the strike in standard deviations, d1.
     */
    double upper()
    {
        double distance = Math.log(forward / strike);
        if (deviation == 0) {
            return distance == 0 ? 0 : Math.signum(distance) * Double.POSITIVE_INFINITY;
        }
        return distance / deviation + deviation / 2;
    }

    /**
     * The same less a standard deviation, d2.
     */
    double lower()
    {
        return deviation == 0 ? upper() : upper() - deviation;
    }

    static double density(double x)
    {
        return Math.exp(-x * x / 2) / SQUARE_ROOT_OF_TWO_PI;
    }

    static double positive(String function, String name, double value)
    {
        if (!(value > 0 && Double.isFinite(value))) {
            throw invalidArgument("%s: %s is %s; accepted is a finite number above zero", function, name, value);
        }
        return value;
    }

    static double notNegative(String function, String name, double value)
    {
        if (!(value >= 0 && Double.isFinite(value))) {
            throw invalidArgument("%s: %s is %s; accepted is a finite number of zero and above", function, name, value);
        }
        return value;
    }

    static double finite(String function, String name, double value)
    {
        if (!Double.isFinite(value)) {
            throw invalidArgument("%s: %s is %s; accepted is a finite number", function, name, value);
        }
        return value;
    }

    static double result(String function, double value)
    {
        if (!Double.isFinite(value)) {
            throw outOfRange("%s: the result is not finite", function);
        }
        return value + 0.0;
    }
}
