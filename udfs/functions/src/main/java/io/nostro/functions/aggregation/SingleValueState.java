package io.nostro.functions.aggregation;

import io.trino.spi.function.AccumulatorState;

import static io.airlift.slice.SizeOf.instanceSize;

/**
 * The state of an aggregate without groups.
 */
public abstract class SingleValueState<T extends AccumulatedValue<T>>
        implements ValueState<T>
{
    private static final int INSTANCE_SIZE = instanceSize(SingleValueState.class);

    private T value;

    @Override
    public final T getValue()
    {
        return value;
    }

    @Override
    public final void setValue(T value)
    {
        this.value = value;
    }

    @Override
    public final long getEstimatedSize()
    {
        return INSTANCE_SIZE + (value == null ? 0 : value.retainedSizeInBytes());
    }

    @Override
    public final AccumulatorState copy()
    {
        SingleValueState<T> copy = newState();
        copy.value = value == null ? null : value.copy();
        return copy;
    }

    protected abstract SingleValueState<T> newState();
}
