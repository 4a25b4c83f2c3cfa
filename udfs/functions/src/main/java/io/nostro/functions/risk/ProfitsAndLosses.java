package io.nostro.functions.risk;

import io.airlift.slice.Slice;
import io.airlift.slice.SliceInput;
import io.airlift.slice.SliceOutput;
import io.airlift.slice.Slices;
import io.nostro.functions.aggregation.AccumulatedValue;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;

import static io.airlift.slice.SizeOf.instanceSize;
import static io.airlift.slice.SizeOf.sizeOf;
import static io.nostro.functions.FunctionErrors.invalidArgument;

/**
 * Profits and losses of one position under scenarios, and the confidence that is asked of them.
 */
public final class ProfitsAndLosses
        implements AccumulatedValue<ProfitsAndLosses>
{
    static final int MOST_SCENARIOS = 10_000_000;

    private static final int INSTANCE_SIZE = instanceSize(ProfitsAndLosses.class);
    private static final int SMALLEST_CAPACITY = 16;

    private final double confidence;
    private double[] values;
    private int size;
    private int sorted;

    ProfitsAndLosses(String function, double confidence)
    {
        this(confidence, new double[SMALLEST_CAPACITY], 0);
        if (!(confidence > 0 && confidence < 1)) {
            throw invalidArgument("%s: confidence is %s; accepted is a number between 0 and 1, such as 0.99", function, confidence);
        }
    }

    private ProfitsAndLosses(double confidence, double[] values, int size)
    {
        this.confidence = confidence;
        this.values = values;
        this.size = size;
    }

    void add(String function, double profitOrLoss, double confidence)
    {
        if (!Double.isFinite(profitOrLoss)) {
            throw invalidArgument("%s: a profit or loss is %s; accepted are finite numbers", function, profitOrLoss);
        }
        checkConfidence(function, confidence);
        ensureCapacity(function, size + 1L);
        values[size] = profitOrLoss;
        size++;
    }

    void addAll(String function, ProfitsAndLosses other)
    {
        checkConfidence(function, other.confidence);
        ensureCapacity(function, (long) size + other.size);
        System.arraycopy(other.values, 0, values, size, other.size);
        size += other.size;
    }

    /**
     * The loss that is not exceeded in at least the share of the scenarios that the confidence is: the negative of the
     * k-th smallest profit or loss, k being the smallest whole number that is no less than n (1 - confidence).
     */
    double valueAtRisk()
    {
        sort();
        return 0.0 - values[tailRank(tail()) - 1];
    }

    /**
     * The average loss in the share of the scenarios that the confidence leaves, the worst ones: the k-th smallest counts
     * with the part of it that is in the share.
     */
    double expectedShortfall()
    {
        sort();
        BigDecimal tail = tail();
        int rank = tailRank(tail);
        double sum = 0;
        for (int i = 0; i < rank - 1; i++) {
            sum += values[i] / tail.doubleValue();
        }
        double part = tail.subtract(BigDecimal.valueOf(rank - 1L)).doubleValue() / tail.doubleValue();
        double average = sum + part * values[rank - 1];
        // no average is outside of what is averaged, but rounding may bring it there: above the largest double even
        return 0.0 - Math.clamp(average, values[0], values[rank - 1]);
    }

    /**
     * How many scenarios the confidence leaves, which is seldom a whole number. In decimal: 100 * (1 - 0.95) is more than 5 in binary.
     */
    private BigDecimal tail()
    {
        return BigDecimal.ONE.subtract(BigDecimal.valueOf(confidence)).multiply(BigDecimal.valueOf(size));
    }

    private static int tailRank(BigDecimal tail)
    {
        return tail.setScale(0, RoundingMode.CEILING).intValueExact();
    }

    /**
     * The order means nothing, so the sorted values stay: under OVER the result is asked for at every row.
     */
    private void sort()
    {
        if (sorted != size) {
            Arrays.sort(values, 0, size);
            sorted = size;
        }
    }

    @Override
    public long retainedSizeInBytes()
    {
        return INSTANCE_SIZE + sizeOf(values);
    }

    @Override
    public ProfitsAndLosses copy()
    {
        return new ProfitsAndLosses(confidence, values.clone(), size);
    }

    Slice serialize()
    {
        Slice slice = Slices.allocate((size + 1) * Double.BYTES);
        SliceOutput output = slice.getOutput();
        output.appendDouble(confidence);
        for (int i = 0; i < size; i++) {
            output.appendDouble(values[i]);
        }
        return slice;
    }

    static ProfitsAndLosses deserialize(Slice serialized)
    {
        SliceInput input = serialized.getInput();
        double confidence = input.readDouble();
        double[] values = new double[serialized.length() / Double.BYTES - 1];
        for (int i = 0; i < values.length; i++) {
            values[i] = input.readDouble();
        }
        return new ProfitsAndLosses(confidence, values, values.length);
    }

    private void checkConfidence(String function, double other)
    {
        if (other != confidence) {
            throw invalidArgument("%s: confidence is %s in one row and %s in another; accepted is one number for all rows of a group", function, Math.min(confidence, other), Math.max(confidence, other));
        }
    }

    private void ensureCapacity(String function, long capacity)
    {
        if (capacity > MOST_SCENARIOS) {
            throw invalidArgument("%s: more than %s rows in one group", function, MOST_SCENARIOS);
        }
        if (capacity > values.length) {
            values = Arrays.copyOf(values, (int) Math.min(MOST_SCENARIOS, Math.max(capacity, values.length * 2L)));
        }
    }
}
