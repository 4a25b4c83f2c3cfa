package io.nostro.functions.rates;

import io.trino.spi.block.BlockBuilder;

import static io.nostro.functions.FunctionErrors.invalidArgument;
import static io.trino.spi.type.DoubleType.DOUBLE;

/**
 * The steps of the aggregates that add up discounted cash flows, by Neumaier's compensated summation.
 */
final class PresentWorth
{
    private PresentWorth() {}

    static void checkAmount(String function, double amount)
    {
        if (!Double.isFinite(amount)) {
            throw invalidArgument("%s: an amount is %s; accepted are finite numbers", function, amount);
        }
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

    static void add(NpvState state, double value)
    {
        double sum = state.getSum();
        double newSum = sum + value;
        double lost = Math.abs(sum) >= Math.abs(value) ? sum - newSum + value : value - newSum + sum;
        state.setSum(newSum);
        state.setLost(state.getLost() + lost);
    }

    static void output(NpvState state, BlockBuilder out)
    {
        // what was lost of an infinite sum is not a number
        double worth = state.getSum() + state.getLost();
        if (state.getCount() == 0 || !Double.isFinite(worth)) {
            out.appendNull();
        }
        else {
            DOUBLE.writeDouble(out, worth);
        }
    }
}
