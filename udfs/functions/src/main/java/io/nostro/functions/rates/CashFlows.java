package io.nostro.functions.rates;

import io.airlift.slice.Slice;
import io.airlift.slice.SliceInput;
import io.airlift.slice.SliceOutput;
import io.airlift.slice.Slices;
import io.nostro.functions.aggregation.AccumulatedValue;

import java.util.Arrays;
import java.util.OptionalDouble;

import static io.airlift.slice.SizeOf.instanceSize;
import static io.airlift.slice.SizeOf.sizeOf;
import static io.nostro.functions.FunctionErrors.invalidArgument;

/**
 * Dated amounts in the order they came.
 */
public final class CashFlows
        implements AccumulatedValue<CashFlows>
{
    static final int MOST_FLOWS = 10_000_000;

    private static final int INSTANCE_SIZE = instanceSize(CashFlows.class);
    private static final int SMALLEST_CAPACITY = 8;

    private int[] dates;
    private double[] amounts;
    private int size;
    // under OVER the result is asked for at every row, though the frame may not have changed
    private OptionalDouble rateOfReturn;

    CashFlows()
    {
        this(new int[SMALLEST_CAPACITY], new double[SMALLEST_CAPACITY], 0);
    }

    private CashFlows(int[] dates, double[] amounts, int size)
    {
        this.dates = dates;
        this.amounts = amounts;
        this.size = size;
    }

    /**
     * @param amount received when positive, paid when negative
     * @param date days since 1970-01-01
     */
    void add(String function, double amount, long date)
    {
        if (!Double.isFinite(amount)) {
            throw invalidArgument("%s: an amount is %s; accepted are finite numbers", function, amount);
        }
        ensureCapacity(function, size + 1L);
        rateOfReturn = null;
        dates[size] = (int) date;
        amounts[size] = amount;
        size++;
    }

    void addAll(String function, CashFlows other)
    {
        ensureCapacity(function, (long) size + other.size);
        rateOfReturn = null;
        System.arraycopy(other.dates, 0, dates, size, other.size);
        System.arraycopy(other.amounts, 0, amounts, size, other.size);
        size += other.size;
    }

    /**
     * The internal rate of return, if there is one.
     *
     * @param datesPerPeriod the same at every call: the unit of the dates, in periods of the rate
     */
    OptionalDouble rateOfReturn(double datesPerPeriod)
    {
        if (rateOfReturn == null) {
            rateOfReturn = InternalRateOfReturn.find(this, datesPerPeriod);
        }
        return rateOfReturn;
    }

    int size()
    {
        return size;
    }

    int date(int index)
    {
        return dates[index];
    }

    double amount(int index)
    {
        return amounts[index];
    }

    @Override
    public long retainedSizeInBytes()
    {
        return INSTANCE_SIZE + sizeOf(dates) + sizeOf(amounts);
    }

    @Override
    public CashFlows copy()
    {
        return new CashFlows(dates.clone(), amounts.clone(), size);
    }

    Slice serialize()
    {
        Slice slice = Slices.allocate(size * (Integer.BYTES + Double.BYTES));
        SliceOutput output = slice.getOutput();
        for (int i = 0; i < size; i++) {
            output.appendInt(dates[i]);
            output.appendDouble(amounts[i]);
        }
        return slice;
    }

    static CashFlows deserialize(Slice serialized)
    {
        int size = serialized.length() / (Integer.BYTES + Double.BYTES);
        int[] dates = new int[size];
        double[] amounts = new double[size];
        SliceInput input = serialized.getInput();
        for (int i = 0; i < size; i++) {
            dates[i] = input.readInt();
            amounts[i] = input.readDouble();
        }
        return new CashFlows(dates, amounts, size);
    }

    private void ensureCapacity(String function, long capacity)
    {
        if (capacity > MOST_FLOWS) {
            throw invalidArgument("%s: more than %s cash flows in one group", function, MOST_FLOWS);
        }
        if (capacity > dates.length) {
            int larger = (int) Math.min(MOST_FLOWS, Math.max(capacity, dates.length * 2L));
            dates = Arrays.copyOf(dates, larger);
            amounts = Arrays.copyOf(amounts, larger);
        }
    }
}
