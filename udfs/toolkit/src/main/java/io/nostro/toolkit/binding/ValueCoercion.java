package io.nostro.toolkit.binding;

import io.trino.spi.block.ByteArrayBlock;
import io.trino.spi.block.IntArrayBlock;
import io.trino.spi.block.LongArrayBlock;
import io.trino.spi.block.ShortArrayBlock;
import io.trino.spi.block.ValueBlock;

import java.util.Optional;

/**
 * Converts the values of a block of one type to another type.
 */
interface ValueCoercion
{
    /**
     * That between types whose values are stored alike.
     */
    ValueCoercion IDENTITY = block -> block;

    ValueBlock coerce(ValueBlock block);

    static Optional<boolean[]> nulls(ValueBlock block)
    {
        if (!block.mayHaveNull()) {
            return Optional.empty();
        }
        boolean[] nulls = new boolean[block.getPositionCount()];
        for (int position = 0; position < nulls.length; position++) {
            nulls[position] = block.isNull(position);
        }
        return Optional.of(nulls);
    }

    /**
     * The values that are stored in up to 64 bits; any number where one is NULL.
     */
    static long[] longs(ValueBlock block)
    {
        long[] values = new long[block.getPositionCount()];
        switch (block) {
            case LongArrayBlock longs -> {
                for (int position = 0; position < values.length; position++) {
                    values[position] = longs.getLong(position);
                }
            }
            case IntArrayBlock ints -> {
                for (int position = 0; position < values.length; position++) {
                    values[position] = ints.getInt(position);
                }
            }
            case ShortArrayBlock shorts -> {
                for (int position = 0; position < values.length; position++) {
                    values[position] = shorts.getShort(position);
                }
            }
            case ByteArrayBlock bytes -> {
                for (int position = 0; position < values.length; position++) {
                    values[position] = bytes.getByte(position);
                }
            }
            default -> throw new IllegalArgumentException("accepted are blocks of values of 8, 16, 32 or 64 bits, not " + block);
        }
        return values;
    }
}
