package io.nostro.functions.positions;

import io.airlift.slice.Slice;
import io.airlift.slice.SliceOutput;
import io.airlift.slice.Slices;
import io.nostro.functions.aggregation.AccumulatedValue;
import io.nostro.functions.aggregation.ExactSum;
import io.nostro.functions.aggregation.OrderedRows;
import io.trino.spi.type.Int128;

import java.math.BigInteger;

import static io.airlift.slice.SizeOf.instanceSize;
import static io.nostro.functions.money.DecimalRounding.divide;
import static java.math.RoundingMode.HALF_UP;

/**
 * Prices by time and, of one time, by sequence; of one sequence the lower price is first. The sum of prices by the time that
 * they hold goes on with every price that comes last and without the one that was first; any other change makes the next
 * average sum all prices again.
 */
public final class PriceHistory
        implements AccumulatedValue<PriceHistory>
{
    private static final int INSTANCE_SIZE = instanceSize(PriceHistory.class) + instanceSize(ExactSum.class);
    private static final int WIDTH = 4;

    private final OrderedRows rows = new OrderedRows("twap", WIDTH);
    private final ExactSum weighted = new ExactSum();
    private boolean summed = true;
    private long firstTime;
    private long lastTime;
    private long lastPriceHigh;
    private long lastPriceLow;

    boolean isEmpty()
    {
        return rows.size() == 0;
    }

    void add(Int128 price, long time, long sequence)
    {
        // the low word is without a sign
        boolean last = rows.add(time, sequence, price.getHigh(), price.getLow() ^ Long.MIN_VALUE);
        if (!last) {
            summed = false;
        }
        else if (summed) {
            if (rows.size() == 1) {
                firstTime = time;
            }
            else {
                hold(lastPriceHigh, lastPriceLow, time - lastTime);
            }
            lastTime = time;
            lastPriceHigh = price.getHigh();
            lastPriceLow = price.getLow();
        }
    }

    void remove(Int128 price, long time, long sequence)
    {
        boolean first = rows.remove(time, sequence, price.getHigh(), price.getLow() ^ Long.MIN_VALUE);
        if (!first) {
            summed = false;
        }
        if (isEmpty()) {
            summed = true;
            weighted.clear();
        }
        else if (summed) {
            OrderedRows.Cursor cursor = rows.cursor();
            cursor.advance();
            long second = cursor.number(0);
            Int128 taken = Int128.valueOf(price.toBigInteger().negate());
            hold(taken.getHigh(), taken.getLow(), second - time);
            firstTime = second;
        }
    }

    void addAll(PriceHistory other)
    {
        rows.addAll(other.rows);
        summed = false;
    }

    /**
     * The average of one price and more, unscaled; rounded once, half up.
     */
    Int128 averagePrice()
    {
        if (!summed) {
            sum();
        }
        if (lastTime == firstTime) {
            return Int128.valueOf(lastPriceHigh, lastPriceLow);
        }
        BigInteger duration = Int128.valueOf(0, lastTime - firstTime).toBigInteger();
        return Int128.valueOf(divide(weighted.total(), duration, HALF_UP));
    }

    private void sum()
    {
        weighted.clear();
        OrderedRows.Cursor cursor = rows.cursor();
        cursor.advance();
        firstTime = cursor.number(0);
        takeLast(cursor);
        while (cursor.advance()) {
            hold(lastPriceHigh, lastPriceLow, cursor.number(0) - lastTime);
            takeLast(cursor);
        }
        summed = true;
    }

    private void takeLast(OrderedRows.Cursor cursor)
    {
        lastTime = cursor.number(0);
        lastPriceHigh = cursor.number(2);
        lastPriceLow = cursor.number(3) ^ Long.MIN_VALUE;
    }

    /**
     * @param duration without a sign: times may be further apart than a long with a sign tells
     */
    private void hold(long priceHigh, long priceLow, long duration)
    {
        weighted.addProduct(0, duration, priceHigh, priceLow);
    }

    @Override
    public long retainedSizeInBytes()
    {
        return INSTANCE_SIZE + rows.retainedSizeInBytes() + weighted.retainedSizeInBytes();
    }

    @Override
    public PriceHistory copy()
    {
        PriceHistory copy = new PriceHistory();
        copy.addAll(this);
        return copy;
    }

    Slice serialize()
    {
        Slice slice = Slices.allocate(rows.serializedSize());
        SliceOutput output = slice.getOutput();
        rows.serialize(output);
        return slice;
    }

    static PriceHistory deserialize(Slice serialized)
    {
        PriceHistory history = new PriceHistory();
        history.rows.addSerialized(serialized.getInput());
        history.summed = false;
        return history;
    }
}
