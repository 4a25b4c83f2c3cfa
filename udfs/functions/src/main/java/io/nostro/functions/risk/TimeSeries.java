package io.nostro.functions.risk;

import io.airlift.slice.Slice;
import io.airlift.slice.SliceInput;
import io.airlift.slice.SliceOutput;
import io.airlift.slice.Slices;
import io.nostro.functions.aggregation.AccumulatedValue;

import java.util.Arrays;
import java.util.Comparator;

import static io.airlift.slice.SizeOf.instanceSize;
import static io.airlift.slice.SizeOf.sizeOf;
import static io.nostro.functions.FunctionErrors.invalidArgument;
import static java.util.Objects.requireNonNull;

/**
 * Values by time and, of one time, by sequence; of one sequence the smaller value is first. Values that come in this order
 * are measured as they come; others are put in order when the result is asked for. What is measured is the same either way.
 */
public final class TimeSeries
        implements AccumulatedValue<TimeSeries>
{
    static final int MOST_VALUES = 10_000_000;

    private static final int INSTANCE_SIZE = instanceSize(TimeSeries.class);
    private static final int SMALLEST_CAPACITY = 8;
    private static final Measure[] MEASURES = Measure.values();

    private final Measure measure;
    private final double parameter;
    private long[] times;
    private long[] sequences;
    private double[] values;
    private int size;
    // how many are in order from the start and measured
    private int measured;
    private double first;
    private double second;

    TimeSeries(Measure measure, double parameter)
    {
        this(measure, parameter, SMALLEST_CAPACITY);
    }

    private TimeSeries(Measure measure, double parameter, int capacity)
    {
        this.measure = requireNonNull(measure, "measure is null");
        this.parameter = parameter;
        this.times = new long[capacity];
        this.sequences = new long[capacity];
        this.values = new double[capacity];
    }

    double parameter()
    {
        return parameter;
    }

    double first()
    {
        return first;
    }

    double second()
    {
        return second;
    }

    void remember(double newFirst, double newSecond)
    {
        first = newFirst;
        second = newSecond;
    }

    void add(long time, long sequence, double value)
    {
        if (size == values.length) {
            ensureCapacity(size + 1L);
        }
        times[size] = time;
        sequences[size] = sequence;
        values[size] = value;
        size++;
        if (measured == size - 1 && (measured == 0 || compare(measured - 1, measured) <= 0)) {
            measureNext();
        }
    }

    void addAll(TimeSeries other)
    {
        checkParameter(other.parameter);
        ensureCapacity((long) size + other.size);
        for (int i = 0; i < other.size; i++) {
            add(other.times[i], other.sequences[i], other.values[i]);
        }
    }

    void checkParameter(double other)
    {
        if (parameter != other) {
            throw invalidArgument(
                    "%s: lambda is %s in one row and %s in another; accepted is one number for all rows of a group",
                    measure.function(),
                    Math.min(parameter, other),
                    Math.max(parameter, other));
        }
    }

    double result()
    {
        if (measured < size) {
            sort();
            measured = 0;
            while (measured < size) {
                measureNext();
            }
        }
        return measure.result(this);
    }

    @Override
    public long retainedSizeInBytes()
    {
        return INSTANCE_SIZE + sizeOf(times) + sizeOf(sequences) + sizeOf(values);
    }

    @Override
    public TimeSeries copy()
    {
        TimeSeries copy = new TimeSeries(measure, parameter, values.length);
        copy.addAll(this);
        return copy;
    }

    Slice serialize()
    {
        Slice slice = Slices.allocate(Integer.BYTES + Double.BYTES + size * (2 * Long.BYTES + Double.BYTES));
        SliceOutput output = slice.getOutput();
        output.appendInt(Arrays.asList(MEASURES).indexOf(measure));
        output.appendDouble(parameter);
        for (int i = 0; i < size; i++) {
            output.appendLong(times[i]);
            output.appendLong(sequences[i]);
            output.appendDouble(values[i]);
        }
        return slice;
    }

    static TimeSeries deserialize(Slice serialized)
    {
        SliceInput input = serialized.getInput();
        Measure measure = MEASURES[input.readInt()];
        double parameter = input.readDouble();
        int size = input.available() / (2 * Long.BYTES + Double.BYTES);
        TimeSeries series = new TimeSeries(measure, parameter, Math.max(size, SMALLEST_CAPACITY));
        for (int i = 0; i < size; i++) {
            series.add(input.readLong(), input.readLong(), input.readDouble());
        }
        return series;
    }

    private void measureNext()
    {
        if (measured == 0) {
            measure.begin(this, values[0]);
        }
        else {
            measure.next(this, values[measured]);
        }
        measured++;
    }

    private int compare(int left, int right)
    {
        int result = Long.compare(times[left], times[right]);
        if (result == 0) {
            result = Long.compare(sequences[left], sequences[right]);
        }
        return result == 0 ? Double.compare(values[left], values[right]) : result;
    }

    private void sort()
    {
        Integer[] order = new Integer[size];
        Arrays.setAll(order, index -> index);
        Comparator<Integer> comparator = this::compare;
        Arrays.sort(order, comparator);
        long[] sortedTimes = new long[values.length];
        long[] sortedSequences = new long[values.length];
        double[] sortedValues = new double[values.length];
        for (int i = 0; i < size; i++) {
            sortedTimes[i] = times[order[i]];
            sortedSequences[i] = sequences[order[i]];
            sortedValues[i] = values[order[i]];
        }
        times = sortedTimes;
        sequences = sortedSequences;
        values = sortedValues;
    }

    private void ensureCapacity(long capacity)
    {
        if (capacity > MOST_VALUES) {
            throw invalidArgument("%s: more than %s rows in one group", measure.function(), MOST_VALUES);
        }
        if (capacity > values.length) {
            int larger = (int) Math.min(MOST_VALUES, Math.max(capacity, values.length * 2L));
            times = Arrays.copyOf(times, larger);
            sequences = Arrays.copyOf(sequences, larger);
            values = Arrays.copyOf(values, larger);
        }
    }
}
