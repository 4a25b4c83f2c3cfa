package io.nostro.functions.securities;

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
import static io.nostro.functions.FunctionErrors.invalidArgument;
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

    TradedVolume()
    {
        this(new ExactSum(), new ExactSum());
    }

    private TradedVolume(ExactSum notional, ExactSum quantity)
    {
        this.notional = notional;
        this.quantity = quantity;
    }

    void add(Int128 price, Int128 tradedQuantity)
    {
        if (tradedQuantity.isNegative()) {
            throw invalidArgument("vwap: a quantity is negative; accepted are quantities of zero and more, of sales too");
        }
        if (isLong(price) && isLong(tradedQuantity)) {
            notional.add(Math.multiplyHigh(price.getLow(), tradedQuantity.getLow()), price.getLow() * tradedQuantity.getLow());
        }
        else {
            notional.add(price.toBigInteger().multiply(tradedQuantity.toBigInteger()));
        }
        quantity.add(tradedQuantity.getHigh(), tradedQuantity.getLow());
    }

    void addAll(TradedVolume other)
    {
        notional.add(other.notional.total());
        quantity.add(other.quantity.total());
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
        return new TradedVolume(new ExactSum(notional), new ExactSum(quantity));
    }

    Slice serialize()
    {
        byte[] notionalBytes = notional.total().toByteArray();
        byte[] quantityBytes = quantity.total().toByteArray();
        Slice slice = Slices.allocate(Integer.BYTES + notionalBytes.length + quantityBytes.length);
        SliceOutput output = slice.getOutput();
        output.appendInt(notionalBytes.length);
        output.appendBytes(notionalBytes);
        output.appendBytes(quantityBytes);
        return slice;
    }

    static TradedVolume deserialize(Slice serialized)
    {
        SliceInput input = serialized.getInput();
        int notionalLength = input.readInt();
        TradedVolume volume = new TradedVolume();
        volume.notional.add(new BigInteger(input.readSlice(notionalLength).getBytes()));
        volume.quantity.add(new BigInteger(input.readSlice(input.available()).getBytes()));
        return volume;
    }

    private static boolean isLong(Int128 value)
    {
        return value.getHigh() == value.getLow() >> 63;
    }
}
