package io.nostro.functions.positions;

import io.trino.spi.type.Int128;

import java.math.BigInteger;

import static io.airlift.slice.SizeOf.instanceSize;
import static io.nostro.functions.money.DecimalRounding.divide;
import static java.math.RoundingMode.HALF_UP;

/**
 * The whole position has one cost; a trade that closes a part takes that part of the cost, rounded half up, and what
 * rounding has left stays in the cost of the rest.
 */
final class AverageCostBook
        extends PositionBook
{
    private static final int INSTANCE_SIZE = instanceSize(AverageCostBook.class) + 256;

    private BigInteger open = BigInteger.ZERO;
    private BigInteger cost = BigInteger.ZERO;

    @Override
    void match(long quantityHigh, long quantityLow, long priceHigh, long priceLow)
    {
        BigInteger quantity = Int128.valueOf(quantityHigh, quantityLow).toBigInteger();
        BigInteger price = Int128.valueOf(priceHigh, priceLow).toBigInteger();
        BigInteger left = open.add(quantity);
        if (open.signum() * quantity.signum() >= 0) {
            cost = cost.add(quantity.multiply(price));
        }
        else if (left.signum() == open.signum()) {
            cost = cost.subtract(divide(cost.multiply(quantity.negate()), open, HALF_UP));
        }
        else {
            cost = left.multiply(price);
        }
        open = left;
    }

    @Override
    BigInteger cost()
    {
        return cost;
    }

    @Override
    long retainedSizeInBytes()
    {
        return INSTANCE_SIZE;
    }
}
