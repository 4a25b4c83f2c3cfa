package io.nostro.functions.aggregation;

import io.trino.spi.function.AccumulatorState;

/**
 * The state of an aggregate that keeps one object for a group.
 */
public interface ValueState<T extends AccumulatedValue<T>>
        extends AccumulatorState
{
    /**
     * The group's value, or null when nothing was gathered yet.
     */
    T getValue();

    /**
     * Puts a value in the place of the group's, or says that the group's value has changed its size.
     */
    void setValue(T value);
}
