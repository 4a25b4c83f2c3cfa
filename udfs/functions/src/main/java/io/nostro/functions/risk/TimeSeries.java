package io.nostro.functions.risk;

import io.airlift.slice.Slice;
import io.airlift.slice.SliceInput;
import io.airlift.slice.SliceOutput;
import io.airlift.slice.Slices;
import io.nostro.functions.aggregation.AccumulatedValue;
import io.nostro.functions.aggregation.OrderedRows;

import java.util.Arrays;

import static io.airlift.slice.SizeOf.instanceSize;
import static io.nostro.functions.FunctionErrors.invalidArgument;
import static java.util.Objects.requireNonNull;

/**
 * Values by time and, of one time, by sequence; of one sequence the smaller value is first. A result measures the values
 * that came since the one before it, and all of them again only after one that did not come last in order.
 */
public final class TimeSeries
        implements AccumulatedValue<TimeSeries>
{
    private static final int INSTANCE_SIZE = instanceSize(TimeSeries.class);
    private static final Measure[] MEASURES = Measure.values();
    private static final int WIDTH = 3;
    private static final int VALUE = 2;

    private final Measure measure;
    private final double parameter;
    private final OrderedRows rows;
    // before the first value that is not measured; null when none is
    private OrderedRows.Cursor measured;
    private double first;
    private double second;

    TimeSeries(Measure measure, double parameter)
    {
        this.measure = requireNonNull(measure, "measure is null");
        this.parameter = parameter;
        this.rows = new OrderedRows(measure.function(), WIDTH);
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
        if (!rows.add(time, sequence, inOrder(Double.doubleToLongBits(value)))) {
            measured = null;
        }
    }

    void addAll(TimeSeries other)
    {
        checkParameter(other.parameter);
        rows.addAll(other.rows);
        measured = null;
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
        if (measured == null) {
            measured = rows.cursor();
            if (measured.advance()) {
                measure.begin(this, value());
            }
        }
        while (measured.advance()) {
            measure.next(this, value());
        }
        return measure.result(this);
    }

    @Override
    public long retainedSizeInBytes()
    {
        return INSTANCE_SIZE + rows.retainedSizeInBytes();
    }

    @Override
    public TimeSeries copy()
    {
        TimeSeries copy = new TimeSeries(measure, parameter);
        copy.addAll(this);
        return copy;
    }

    Slice serialize()
    {
        Slice slice = Slices.allocate(Integer.BYTES + Double.BYTES + rows.serializedSize());
        SliceOutput output = slice.getOutput();
        output.appendInt(Arrays.asList(MEASURES).indexOf(measure));
        output.appendDouble(parameter);
        rows.serialize(output);
        return slice;
    }

    static TimeSeries deserialize(Slice serialized)
    {
        SliceInput input = serialized.getInput();
        TimeSeries series = new TimeSeries(MEASURES[input.readInt()], input.readDouble());
        series.rows.addSerialized(input);
        return series;
    }

    private double value()
    {
        return Double.longBitsToDouble(inOrder(measured.number(VALUE)));
    }

    /**
     * The bits of a double as a number with the doubles' order, and back.
     */
    private static long inOrder(long bits)
    {
        return bits ^ (bits >> 63 & Long.MAX_VALUE);
    }
}
