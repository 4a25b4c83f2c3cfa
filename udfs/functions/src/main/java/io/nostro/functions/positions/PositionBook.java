package io.nostro.functions.positions;

import io.nostro.functions.aggregation.ExactSum;

import java.math.BigInteger;

/**
 * The position that trades leave, taken one by one in their order. A trade against the position closes it, at the cost
 * that the book's method gives to what is closed; what a trade has left over opens a position of the other sign.
 *
 * <p>Cost has the sign of the quantity: what was paid for a long position, and below zero what was received for a short one.
 * Every amount that is not cost of the open position any more is profit, so profit is cost less all that was paid.
 */
abstract class PositionBook
{
    private final ExactSum quantity = new ExactSum();
    private final ExactSum paid = new ExactSum();

    final void take(long quantityHigh, long quantityLow, long priceHigh, long priceLow)
    {
        quantity.add(quantityHigh, quantityLow);
        paid.addProduct(quantityHigh, quantityLow, priceHigh, priceLow);
        match(quantityHigh, quantityLow, priceHigh, priceLow);
    }

    final Position position()
    {
        BigInteger cost = cost();
        return new Position(quantity.total(), cost, cost.subtract(paid.total()));
    }

    abstract void match(long quantityHigh, long quantityLow, long priceHigh, long priceLow);

    abstract BigInteger cost();

    abstract long retainedSizeInBytes();
}
