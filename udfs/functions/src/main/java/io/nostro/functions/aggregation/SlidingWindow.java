package io.nostro.functions.aggregation;

import io.trino.spi.function.WindowAccumulator;
import io.trino.spi.function.WindowIndex;

import static java.util.Objects.requireNonNull;

/**
 * An aggregate over a frame that slides: rows that the frame leaves are taken away again. Rows with a NULL are left out.
 */
public abstract class SlidingWindow<T extends AccumulatedValue<T>>
        implements WindowAccumulator
{
    private final T value;
    private final int arguments;

    /**
     * @param arguments how many arguments the aggregate has
     */
    protected SlidingWindow(T value, int arguments)
    {
        this.value = requireNonNull(value, "value is null");
        this.arguments = arguments;
    }

    protected final T value()
    {
        return value;
    }

    protected abstract void add(WindowIndex rows, int position);

    protected abstract void remove(WindowIndex rows, int position);

    @Override
    public final void addInput(WindowIndex rows, int startPosition, int endPosition)
    {
        for (int position = startPosition; position <= endPosition; position++) {
            if (isComplete(rows, position)) {
                add(rows, position);
            }
        }
    }

    @Override
    public final boolean removeInput(WindowIndex rows, int startPosition, int endPosition)
    {
        for (int position = startPosition; position <= endPosition; position++) {
            if (isComplete(rows, position)) {
                remove(rows, position);
            }
        }
        return true;
    }

    @Override
    public final long getEstimatedSize()
    {
        return value.retainedSizeInBytes();
    }

    private boolean isComplete(WindowIndex rows, int position)
    {
        for (int argument = 0; argument < arguments; argument++) {
            if (rows.isNull(argument, position)) {
                return false;
            }
        }
        return true;
    }
}
