package io.nostro.functions.aggregation;

import java.math.BigInteger;

/**
 * A sum of whole numbers of any size. As long as it fits in 128 bits, adding to it allocates nothing.
 */
public final class ExactSum
{
    private static final int WORD = Long.SIZE;

    private long high;
    private long low;
    private BigInteger spilled = BigInteger.ZERO;

    public ExactSum() {}

    public ExactSum(ExactSum other)
    {
        this.high = other.high;
        this.low = other.low;
        this.spilled = other.spilled;
    }

    public void clear()
    {
        high = 0;
        low = 0;
        spilled = BigInteger.ZERO;
    }

    /**
     * Adds a number of 128 bits in two's complement.
     */
    public void add(long otherHigh, long otherLow)
    {
        long newLow = low + otherLow;
        long carry = Long.compareUnsigned(newLow, low) < 0 ? 1 : 0;
        long newHigh = high + otherHigh + carry;
        boolean overflows = ((high ^ newHigh) & (otherHigh ^ newHigh)) < 0;
        if (overflows) {
            spilled = spilled.add(toBigInteger(high, low)).add(toBigInteger(otherHigh, otherLow));
            high = 0;
            low = 0;
        }
        else {
            high = newHigh;
            low = newLow;
        }
    }

    public void add(BigInteger other)
    {
        if (other.bitLength() < 2 * WORD) {
            add(other.shiftRight(WORD).longValue(), other.longValue());
        }
        else {
            spilled = spilled.add(other);
        }
    }

    /**
     * Adds the product of two numbers of 128 bits in two's complement.
     */
    public void addProduct(long leftHigh, long leftLow, long rightHigh, long rightLow)
    {
        if (leftHigh == leftLow >> 63 && rightHigh == rightLow >> 63) {
            add(Math.multiplyHigh(leftLow, rightLow), leftLow * rightLow);
        }
        else {
            add(toBigInteger(leftHigh, leftLow).multiply(toBigInteger(rightHigh, rightLow)));
        }
    }

    public BigInteger total()
    {
        BigInteger total = toBigInteger(high, low);
        return spilled.signum() == 0 ? total : spilled.add(total);
    }

    /**
     * The bytes held besides the object itself.
     */
    public long retainedSizeInBytes()
    {
        return spilled.signum() == 0 ? 0 : 64L + spilled.bitLength() / Byte.SIZE;
    }

    static BigInteger toBigInteger(long high, long low)
    {
        BigInteger lower = BigInteger.valueOf(low);
        if (low < 0) {
            lower = lower.add(BigInteger.ONE.shiftLeft(WORD));
        }
        return BigInteger.valueOf(high).shiftLeft(WORD).add(lower);
    }
}
