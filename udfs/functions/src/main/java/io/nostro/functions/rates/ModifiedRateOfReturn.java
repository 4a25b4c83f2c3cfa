package io.nostro.functions.rates;

import java.util.OptionalDouble;

import static io.nostro.functions.rates.DiscountFactors.discountFactor;

/**
 * The rate at which what was paid, discounted to the first period, grows to what was received, reinvested until the last.
 */
final class ModifiedRateOfReturn
{
    private ModifiedRateOfReturn() {}

    /**
     * @param paid the payments' worth at the first period
     * @param received the receipts' worth at the last period
     * @param periods between the first and the last
     */
    static OptionalDouble find(PositiveWorth paid, PositiveWorth received, double periods)
    {
        double rate = Math.expm1((received.logarithm() - paid.logarithm()) / periods);
        return paid.mantissa() > 0 && received.mantissa() > 0 && periods > 0 && Double.isFinite(rate) ? OptionalDouble.of(rate) : OptionalDouble.empty();
    }

    static double discounted(double amount, double rate, double periods)
    {
        return amount == 0 || periods == 0 ? amount : amount * discountFactor(rate, periods);
    }
}
