package io.nostro.toolkit.arrow;

import io.airlift.slice.Slices;
import io.nostro.toolkit.arrow.ArrowLayout.Texts;
import io.nostro.toolkit.arrow.ArrowLayout.Views;
import io.trino.spi.block.Block;
import io.trino.spi.block.VariableWidthBlock;

import java.util.Optional;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * Copies text and bytes of any length, and only those of the rows asked for.
 */
final class ArrowTextReader
{
    // Java's largest array has some elements less than an int counts
    private static final int MOST_BYTES = Integer.MAX_VALUE - 8;

    private static final int INTEGERS_PER_VIEW = Views.WIDTH / Integer.BYTES;
    private static final int LONGEST_INLINE = 12;

    private ArrowTextReader() {}

    /**
     * @param first the row to begin with, counted from the buffers' begin
     */
    static Block read(ArrowColumn column, Texts layout, long first, int count, boolean[] nulls)
    {
        int[] offsets;
        long begin;
        if (layout.offsetWidth() == Integer.BYTES) {
            offsets = column.buffer(1).ints(first, count + 1);
            begin = offsets[0];
            int signs = offsets[0];
            for (int i = 0; i < count; i++) {
                // the offset too, since the difference of far apart ones overflows
                signs |= offsets[i + 1] | (offsets[i + 1] - offsets[i]);
            }
            if (signs < 0 || offsets[count] > column.buffer(2).size()) {
                throw badOffsets(column);
            }
            if (begin != 0) {
                for (int i = 0; i <= count; i++) {
                    offsets[i] -= (int) begin;
                }
            }
        }
        else {
            long[] longOffsets = column.buffer(1).longs(first, count + 1);
            begin = longOffsets[0];
            long signs = begin;
            for (int i = 0; i < count; i++) {
                signs |= longOffsets[i + 1] | (longOffsets[i + 1] - longOffsets[i]);
            }
            if (signs < 0 || longOffsets[count] > column.buffer(2).size()) {
                throw badOffsets(column);
            }
            checkBytes(column, longOffsets[count] - begin);
            offsets = new int[count + 1];
            for (int i = 0; i <= count; i++) {
                offsets[i] = (int) (longOffsets[i] - begin);
            }
        }
        checkBytes(column, offsets[count]);
        byte[] values = column.buffer(2).bytes(begin, offsets[count]);
        return new VariableWidthBlock(count, Slices.wrappedBuffer(values), offsets, Optional.ofNullable(nulls));
    }

    static Block readViews(ArrowColumn column, long first, int count, boolean[] nulls)
    {
        int dataBuffers = column.type().layout().buffers().size();
        ArrowBuffer views = column.buffer(1);
        int[] fields = views.ints(first * INTEGERS_PER_VIEW, count * INTEGERS_PER_VIEW);
        int[] offsets = new int[count + 1];
        long size = 0;
        for (int i = 0; i < count; i++) {
            int length = ArrowReader.isNull(nulls, i) ? 0 : fields[INTEGERS_PER_VIEW * i];
            checkArgument(length >= 0, "%s: a value of %s bytes; accepted is 0 or more", views.name(), length);
            if (length > LONGEST_INLINE) {
                int index = fields[INTEGERS_PER_VIEW * i + 2];
                if (index < 0 || index >= column.bufferCount() - dataBuffers) {
                    throw new IllegalArgumentException("%s: a value in data %s; accepted are those from 0 of the %s given".formatted(views.name(), index, column.bufferCount() - dataBuffers));
                }
                ArrowBuffer data = column.buffer(dataBuffers + index);
                int offset = fields[INTEGERS_PER_VIEW * i + 3];
                if (offset < 0 || length > data.size() - offset) {
                    throw new IllegalArgumentException("%s: a value of %s bytes at %s, which is not within the %s bytes of data %s".formatted(views.name(), length, offset, data.size(), index));
                }
            }
            // values may share their bytes, so that their sum is not bounded by what the buffers hold
            size += length;
            checkBytes(column, size);
            offsets[i + 1] = (int) size;
        }
        byte[] values = new byte[(int) size];
        for (int i = 0; i < count; i++) {
            int length = offsets[i + 1] - offsets[i];
            if (length > LONGEST_INLINE) {
                ArrowBuffer data = column.buffer(dataBuffers + fields[INTEGERS_PER_VIEW * i + 2]);
                data.copyTo(fields[INTEGERS_PER_VIEW * i + 3], values, offsets[i], length);
            }
            else {
                views.copyTo((first + i) * Views.WIDTH + Integer.BYTES, values, offsets[i], length);
            }
        }
        return new VariableWidthBlock(count, Slices.wrappedBuffer(values), offsets, Optional.ofNullable(nulls));
    }

    private static IllegalArgumentException badOffsets(ArrowColumn column)
    {
        return new IllegalArgumentException("%s: offsets that are negative, decrease or exceed the %s bytes of the values".formatted(column.buffer(1).name(), column.buffer(2).size()));
    }

    private static void checkBytes(ArrowColumn column, long bytes)
    {
        if (bytes > MOST_BYTES) {
            throw new IllegalArgumentException("%s: %s bytes at a time; accepted are at most %s, so take fewer rows at a time".formatted(column.place(), bytes, MOST_BYTES));
        }
    }
}
