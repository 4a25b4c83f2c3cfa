package io.nostro.functions.aggregation;

/**
 * What an aggregate has gathered of one group.
 */
public interface AccumulatedValue<T extends AccumulatedValue<T>>
{
    /**
     * The bytes that the value holds on to now.
     */
    long retainedSizeInBytes();

    /**
     * A value of its own, equal to this one.
     */
    T copy();
}
