package io.nostro.functions.positions;

import io.airlift.slice.Slice;
import io.airlift.slice.SliceInput;
import io.airlift.slice.SliceOutput;
import io.airlift.slice.Slices;
import io.nostro.functions.aggregation.AccumulatedValue;
import io.nostro.functions.aggregation.ExactSum;
import io.trino.spi.type.Int128;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

import static io.airlift.slice.SizeOf.instanceSize;
import static io.nostro.functions.FunctionErrors.divisionByZero;
import static io.nostro.functions.money.DecimalRounding.toDecimal;
import static io.trino.spi.type.Decimals.MAX_PRECISION;

/**
 * The exact sums of price times quantity and of quantity, both unscaled.
 */
public final class TradedVolume
        implements AccumulatedValue<TradedVolume>
{
    private static final int INSTANCE_SIZE = instanceSize(TradedVolume.class) + 2 * instanceSize(ExactSum.class);

    private final ExactSum notional;
    private final ExactSum quantity;
    private long rows;

    TradedVolume()
    {
        this(new ExactSum(), new ExactSum(), 0);
    }

    TradedVolume(BigInteger notional, BigInteger quantity, long rows)
    {
        this(new ExactSum(), new ExactSum(), rows);
        this.notional.add(notional);
        this.quantity.add(quantity);
    }

    private TradedVolume(ExactSum notional, ExactSum quantity, long rows)
    {
        this.notional = notional;
        this.quantity = quantity;
        this.rows = rows;
    }

    boolean isEmpty()
    {
        return rows == 0;
    }

    long rows()
    {
        return rows;
    }

    /**
     * Adds one trade, of numbers of 128 bits in two's complement.
     */
    void add(long priceHigh, long priceLow, long quantityHigh, long quantityLow)
    {
        rows++;
        notional.addProduct(priceHigh, priceLow, quantityHigh, quantityLow);
        quantity.add(quantityHigh, quantityLow);
    }

    void remove(long priceHigh, long priceLow, long quantityHigh, long quantityLow)
    {
        // a decimal has one less digit than would make its negative overflow
        add(priceHigh, priceLow, ~quantityHigh + (quantityLow == 0 ? 1 : 0), -quantityLow);
        rows -= 2;
    }

    void addAll(TradedVolume other)
    {
        rows += other.rows;
        notional.add(other.notional.total());
        quantity.add(other.quantity.total());
    }

    /**
     * The sum of price times quantity, unscaled, with the sum of both scales.
     */
    BigInteger notional()
    {
        return notional.total();
    }

    /**
     * The sum of the quantities, unscaled.
     */
    BigInteger quantity()
    {
        return quantity.total();
    }

    /**
     * The average price, unscaled, with the scale of the prices; rounded once, half up.
     */
    Int128 averagePrice()
    {
        BigInteger total = quantity.total();
        if (total.signum() == 0) {
            throw divisionByZero("vwap: the quantities sum to zero");
        }
        BigInteger average = new BigDecimal(notional.total()).divide(new BigDecimal(total), 0, RoundingMode.HALF_UP).unscaledValue();
        return toDecimal("vwap", average, MAX_PRECISION);
    }

    @Override
    public long retainedSizeInBytes()
    {
        return INSTANCE_SIZE + notional.retainedSizeInBytes() + quantity.retainedSizeInBytes();
    }

    @Override
    public TradedVolume copy()
    {
        return new TradedVolume(new ExactSum(notional), new ExactSum(quantity), rows);
    }

    Slice serialize()
    {
        byte[] notionalBytes = notional.total().toByteArray();
        byte[] quantityBytes = quantity.total().toByteArray();
        Slice slice = Slices.allocate(Long.BYTES + Integer.BYTES + notionalBytes.length + quantityBytes.length);
        SliceOutput output = slice.getOutput();
        output.appendLong(rows);
        output.appendInt(notionalBytes.length);
        output.appendBytes(notionalBytes);
        output.appendBytes(quantityBytes);
        return slice;
    }

    static TradedVolume deserialize(Slice serialized)
    {
        SliceInput input = serialized.getInput();
        TradedVolume volume = new TradedVolume();
        volume.rows = input.readLong();
        int notionalLength = input.readInt();
        volume.notional.add(new BigInteger(input.readSlice(notionalLength).getBytes()));
        volume.quantity.add(new BigInteger(input.readSlice(input.available()).getBytes()));
        return volume;
    }
}
