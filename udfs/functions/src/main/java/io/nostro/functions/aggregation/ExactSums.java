package io.nostro.functions.aggregation;

import io.airlift.slice.SizeOf;

import java.math.BigInteger;
import java.util.Arrays;

import static io.airlift.slice.SizeOf.instanceSize;
import static io.nostro.functions.aggregation.ExactSum.toBigInteger;

/**
 * Many sums of whole numbers of any size, each like an {@link ExactSum}, without an object for each.
 */
public final class ExactSums
{
    private static final int INSTANCE_SIZE = instanceSize(ExactSums.class);

    private long[] words;
    // what did not fit in 128 bits, by sum; null is zero, and so is what lies behind the end
    private BigInteger[] spilled = {};
    private long spilledSize;

    public ExactSums(int capacity)
    {
        words = new long[2 * capacity];
    }

    public void ensureCapacity(int capacity)
    {
        if (2 * capacity > words.length) {
            words = Arrays.copyOf(words, 2 * capacity);
        }
    }

    public void clear(int index)
    {
        words[2 * index] = 0;
        words[2 * index + 1] = 0;
        if (index < spilled.length && spilled[index] != null) {
            spilledSize -= sizeOf(spilled[index]);
            spilled[index] = null;
        }
    }

    /**
     * Adds a number of 128 bits in two's complement.
     */
    public void add(int index, long otherHigh, long otherLow)
    {
        int place = 2 * index;
        long high = words[place];
        long low = words[place + 1];
        long newLow = low + otherLow;
        long carry = Long.compareUnsigned(newLow, low) < 0 ? 1 : 0;
        long newHigh = high + otherHigh + carry;
        boolean overflows = ((high ^ newHigh) & (otherHigh ^ newHigh)) < 0;
        if (overflows) {
            spill(index, toBigInteger(high, low).add(toBigInteger(otherHigh, otherLow)));
            words[place] = 0;
            words[place + 1] = 0;
        }
        else {
            words[place] = newHigh;
            words[place + 1] = newLow;
        }
    }

    public void add(int index, BigInteger other)
    {
        if (other.bitLength() < 2 * Long.SIZE) {
            add(index, other.shiftRight(Long.SIZE).longValue(), other.longValue());
        }
        else {
            spill(index, other);
        }
    }

    /**
     * Adds the product of two numbers of 128 bits in two's complement.
     */
    public void addProduct(int index, long leftHigh, long leftLow, long rightHigh, long rightLow)
    {
        if (leftHigh == leftLow >> 63 && rightHigh == rightLow >> 63) {
            add(index, Math.multiplyHigh(leftLow, rightLow), leftLow * rightLow);
        }
        else {
            add(index, toBigInteger(leftHigh, leftLow).multiply(toBigInteger(rightHigh, rightLow)));
        }
    }

    public BigInteger total(int index)
    {
        BigInteger total = toBigInteger(words[2 * index], words[2 * index + 1]);
        return index < spilled.length && spilled[index] != null ? total.add(spilled[index]) : total;
    }

    public long retainedSizeInBytes()
    {
        return INSTANCE_SIZE + SizeOf.sizeOf(words) + SizeOf.sizeOf(spilled) + spilledSize;
    }

    private void spill(int index, BigInteger part)
    {
        if (index >= spilled.length) {
            spilled = Arrays.copyOf(spilled, words.length / 2);
        }
        BigInteger before = spilled[index];
        spilled[index] = before == null ? part : before.add(part);
        spilledSize += sizeOf(spilled[index]) - (before == null ? 0 : sizeOf(before));
    }

    private static long sizeOf(BigInteger number)
    {
        return 64L + number.bitLength() / Byte.SIZE;
    }
}
