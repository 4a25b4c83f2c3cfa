package io.nostro.functions.rates;

import io.trino.spi.function.AccumulatorState;
import io.trino.spi.function.AccumulatorStateMetadata;

/**
 * The worth of a group's payments at its first period and of its receipts at its last.
 */
@AccumulatorStateMetadata(stateFactoryClass = MirrStateFactory.class)
public interface MirrState
        extends AccumulatorState
{
    long getCount();

    void setCount(long count);

    double getFinanceRate();

    void setFinanceRate(double financeRate);

    double getReinvestRate();

    void setReinvestRate(double reinvestRate);

    long getFirstPeriod();

    void setFirstPeriod(long firstPeriod);

    long getLastPeriod();

    void setLastPeriod(long lastPeriod);

    /**
     * The payments' worth at the first period, by {@link PositiveWorth}'s mantissa and exponent.
     */
    double getPaid();

    void setPaid(double paid);

    long getPaidExponent();

    void setPaidExponent(long paidExponent);

    /**
     * The receipts' worth at the last period, in the same way.
     */
    double getReceived();

    void setReceived(double received);

    long getReceivedExponent();

    void setReceivedExponent(long receivedExponent);
}
