package io.nostro.functions.rates;

import io.trino.spi.function.AccumulatorState;
import io.trino.spi.function.AccumulatorStateMetadata;

/**
 * The worth of a group's cash flows so far, as a sum and the part of it that a double has lost.
 */
@AccumulatorStateMetadata(stateFactoryClass = NpvStateFactory.class)
public interface NpvState
        extends AccumulatorState
{
    long getCount();

    void setCount(long count);

    double getRate();

    void setRate(double rate);

    /**
     * The date, as days since 1970-01-01, at which the sum is worth what it is: 0 where cash flows have periods.
     */
    long getFirstDate();

    void setFirstDate(long firstDate);

    double getSum();

    void setSum(double sum);

    double getLost();

    void setLost(double lost);

    /**
     * The sum of the worths from 2^900 up, divided by 2^1021: it can't overflow on its way to a sum that a double has room for.
     */
    double getLargeSum();

    void setLargeSum(double largeSum);

    double getLargeLost();

    void setLargeLost(double largeLost);
}
