package io.nostro.functions.rates;

import io.nostro.functions.NameCase;
import io.nostro.functions.TextLookup;

import static io.nostro.functions.FunctionErrors.invalidArgument;

/**
 * How often a year interest is added to what bears it.
 *
 * @param periodsPerYear above zero; infinite for continuous compounding, 0 for simple interest
 */
record Compounding(double periodsPerYear)
{
    static final TextLookup<Compounding> BY_NAME = new TextLookup<>(Compounding::resolve);

    private static final Compounding SIMPLE = new Compounding(0);
    private static final Compounding CONTINUOUS = new Compounding(Double.POSITIVE_INFINITY);

    boolean isSimple()
    {
        return periodsPerYear == 0;
    }

    /**
     * The logarithm of what a unit grows to in a year. Not a number, or infinite, when a period takes all of it or more.
     */
    double logarithmOfGrowth(double rate)
    {
        return Double.isInfinite(periodsPerYear) ? rate : periodsPerYear * Math.log1p(rate / periodsPerYear);
    }

    double rate(double logarithmOfGrowth)
    {
        return Double.isInfinite(periodsPerYear) ? logarithmOfGrowth : periodsPerYear * Math.expm1(logarithmOfGrowth / periodsPerYear);
    }

    private static Compounding resolve(String name)
    {
        return switch (NameCase.lowerCase(name.trim())) {
            case "simple" -> SIMPLE;
            case "annual" -> new Compounding(1);
            case "semiannual" -> new Compounding(2);
            case "quarterly" -> new Compounding(4);
            case "monthly" -> new Compounding(12);
            case "weekly" -> new Compounding(52);
            case "daily" -> new Compounding(365);
            case "continuous" -> CONTINUOUS;
            default -> throw invalidArgument(
                    "not a compounding: '%s'; accepted are simple, annual, semiannual, quarterly, monthly, weekly (52), daily (365) and continuous",
                    name.length() > 60 ? name.substring(0, 60) + "…" : name);
        };
    }
}
