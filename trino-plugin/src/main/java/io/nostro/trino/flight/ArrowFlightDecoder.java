package io.nostro.trino.flight;

import io.trino.spi.block.Block;

import java.util.Optional;

/**
 * Makes blocks of one Arrow field's values.
 */
interface ArrowFlightDecoder
{
    /**
     * Takes the field's nodes and buffers from a batch.
     *
     * @param length number of values that there must be, when that is known
     * @param parentNulls positions that are NULL whatever the field itself says, because they are in a NULL struct
     */
    Block decode(ArrowFlightRecordBatch batch, Length length, Optional<boolean[]> parentNulls);

    /**
     * How many values a field must have.
     *
     * @param value negative when any number of values is right
     */
    record Length(int value)
    {
        static final Length ANY = new Length(-1);

        ArrowFlightRecordBatch.Node next(ArrowFlightRecordBatch batch)
        {
            return value < 0 ? batch.nextNode() : batch.nextNode(value);
        }
    }
}
