package io.nostro.functions.aggregation;

import io.trino.spi.function.GroupedAccumulatorState;

import java.util.Arrays;

import static io.airlift.slice.SizeOf.instanceSize;
import static io.airlift.slice.SizeOf.sizeOf;

/**
 * The state of an aggregate with groups: the objects of all groups, and the bytes that they hold together.
 */
public abstract class GroupedValueState<T extends AccumulatedValue<T>>
        implements ValueState<T>, GroupedAccumulatorState
{
    private static final int INSTANCE_SIZE = instanceSize(GroupedValueState.class);
    private static final int SMALLEST_CAPACITY = 64;

    private int groupId;
    private Object[] values = new Object[SMALLEST_CAPACITY];
    private long[] sizes = new long[SMALLEST_CAPACITY];
    private long totalSize;

    @Override
    public final void setGroupId(int groupId)
    {
        this.groupId = groupId;
    }

    @Override
    public final void ensureCapacity(int size)
    {
        if (size > values.length) {
            int capacity = (int) Math.min(Integer.MAX_VALUE - 8, Math.max(size, values.length * 2L));
            values = Arrays.copyOf(values, capacity);
            sizes = Arrays.copyOf(sizes, capacity);
        }
    }

    @Override
    @SuppressWarnings("unchecked")
    public final T getValue()
    {
        return (T) values[groupId];
    }

    @Override
    public final void setValue(T value)
    {
        long size = value.retainedSizeInBytes();
        totalSize += size - sizes[groupId];
        sizes[groupId] = size;
        values[groupId] = value;
    }

    @Override
    public final long getEstimatedSize()
    {
        return INSTANCE_SIZE + sizeOf(values) + sizeOf(sizes) + totalSize;
    }
}
