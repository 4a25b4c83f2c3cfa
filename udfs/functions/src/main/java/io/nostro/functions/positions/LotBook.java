package io.nostro.functions.positions;

import io.nostro.functions.aggregation.ExactSum;

import java.math.BigInteger;
import java.util.Arrays;

import static io.airlift.slice.SizeOf.instanceSize;
import static io.airlift.slice.SizeOf.sizeOf;

/**
 * Every trade that opens is a lot with its own price; a trade that closes takes the oldest lots, or the newest.
 */
final class LotBook
        extends PositionBook
{
    private static final int INSTANCE_SIZE = instanceSize(LotBook.class) + 3 * instanceSize(ExactSum.class);
    // quantity and price, of two words each
    private static final int LOT = 4;
    private static final int SMALLEST_CAPACITY = 4;

    private final boolean oldestFirst;
    private final ExactSum cost = new ExactSum();
    private long[] lots = new long[SMALLEST_CAPACITY * LOT];
    private int begin;
    private int end;

    LotBook(boolean oldestFirst)
    {
        this.oldestFirst = oldestFirst;
    }

    @Override
    void match(long quantityHigh, long quantityLow, long priceHigh, long priceLow)
    {
        long high = quantityHigh;
        long low = quantityLow;
        // open lots are all of one sign, and no lot is zero
        while (begin < end && (high | low) != 0) {
            int lot = oldestFirst ? begin : end - LOT;
            long lotHigh = lots[lot];
            long lotLow = lots[lot + 1];
            if ((lotHigh ^ high) >= 0) {
                break;
            }
            long leftLow = lotLow + low;
            long leftHigh = lotHigh + high + (Long.compareUnsigned(leftLow, lotLow) < 0 ? 1 : 0);
            if ((leftHigh | leftLow) != 0 && (leftHigh ^ lotHigh) >= 0) {
                cost.addProduct(high, low, lots[lot + 2], lots[lot + 3]);
                lots[lot] = leftHigh;
                lots[lot + 1] = leftLow;
                return;
            }
            cost.addProduct(lotLow == 0 ? -lotHigh : ~lotHigh, -lotLow, lots[lot + 2], lots[lot + 3]);
            if (oldestFirst) {
                begin += LOT;
            }
            else {
                end -= LOT;
            }
            high = leftHigh;
            low = leftLow;
        }
        if ((high | low) != 0) {
            cost.addProduct(high, low, priceHigh, priceLow);
            open(high, low, priceHigh, priceLow);
        }
    }

    @Override
    BigInteger cost()
    {
        return cost.total();
    }

    @Override
    long retainedSizeInBytes()
    {
        return INSTANCE_SIZE + cost.retainedSizeInBytes() + sizeOf(lots);
    }

    private void open(long quantityHigh, long quantityLow, long priceHigh, long priceLow)
    {
        if (begin == end) {
            begin = 0;
            end = 0;
        }
        if (end == lots.length) {
            if (begin >= lots.length / 2) {
                System.arraycopy(lots, begin, lots, 0, end - begin);
                end -= begin;
                begin = 0;
            }
            else {
                lots = Arrays.copyOf(lots, 2 * lots.length);
            }
        }
        lots[end] = quantityHigh;
        lots[end + 1] = quantityLow;
        lots[end + 2] = priceHigh;
        lots[end + 3] = priceLow;
        end += LOT;
    }
}
