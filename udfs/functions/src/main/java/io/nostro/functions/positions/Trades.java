package io.nostro.functions.positions;

import io.airlift.slice.Slice;
import io.airlift.slice.SliceInput;
import io.airlift.slice.SliceOutput;
import io.airlift.slice.Slices;
import io.nostro.functions.aggregation.AccumulatedValue;
import io.nostro.functions.aggregation.OrderedRows;
import io.trino.spi.type.Int128;

import java.util.Arrays;

import static io.airlift.slice.SizeOf.instanceSize;
import static java.util.Objects.requireNonNull;

/**
 * Trades by time and, of one time, by sequence; of one sequence the greater quantity is first, which puts purchases before
 * sales, and of one quantity the lower price. A position is made of the trades that came since the one before it, and of
 * all of them again only after one that did not come last in order.
 */
public final class Trades
        implements AccumulatedValue<Trades>
{
    private static final int INSTANCE_SIZE = instanceSize(Trades.class);
    private static final CostMethod[] METHODS = CostMethod.values();
    private static final int WIDTH = 6;

    private final CostMethod method;
    private final OrderedRows rows;
    private PositionBook book;
    // before the first trade that the book has not taken
    private OrderedRows.Cursor taken;

    Trades(CostMethod method)
    {
        this.method = requireNonNull(method, "method is null");
        this.rows = new OrderedRows(method.function(), WIDTH);
    }

    CostMethod method()
    {
        return method;
    }

    void add(Int128 price, Int128 quantity, long time, long sequence)
    {
        // a complement is in the opposite order; the low words are without a sign
        if (!rows.add(time, sequence, ~quantity.getHigh(), ~quantity.getLow() ^ Long.MIN_VALUE, price.getHigh(), price.getLow() ^ Long.MIN_VALUE)) {
            book = null;
        }
    }

    void addAll(Trades other)
    {
        rows.addAll(other.rows);
        book = null;
    }

    Position position()
    {
        if (book == null) {
            book = method.newBook();
            taken = rows.cursor();
        }
        while (taken.advance()) {
            book.take(~taken.number(2), ~(taken.number(3) ^ Long.MIN_VALUE), taken.number(4), taken.number(5) ^ Long.MIN_VALUE);
        }
        return book.position();
    }

    @Override
    public long retainedSizeInBytes()
    {
        return INSTANCE_SIZE + rows.retainedSizeInBytes() + (book == null ? 0 : book.retainedSizeInBytes());
    }

    @Override
    public Trades copy()
    {
        Trades copy = new Trades(method);
        copy.addAll(this);
        return copy;
    }

    Slice serialize()
    {
        Slice slice = Slices.allocate(Integer.BYTES + rows.serializedSize());
        SliceOutput output = slice.getOutput();
        output.appendInt(Arrays.asList(METHODS).indexOf(method));
        rows.serialize(output);
        return slice;
    }

    static Trades deserialize(Slice serialized)
    {
        SliceInput input = serialized.getInput();
        Trades trades = new Trades(METHODS[input.readInt()]);
        trades.rows.addSerialized(input);
        return trades;
    }
}
