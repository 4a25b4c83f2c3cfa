package io.nostro.toolkit.arrow;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

import static java.util.Collections.unmodifiableList;
import static java.util.Objects.requireNonNull;

/**
 * A column that was built, in Arrow's layout and without an offset.
 *
 * @param format as {@link ArrowType} reads it
 * @param length in rows
 * @param nullCount how many rows are NULL
 * @param buffers direct and little endian, the column's own in Arrow's order, each as large as its content; the first, of validity, is null when no row is NULL. The memory is free once they are garbage.
 * @param children as Arrow has them: a map's only child is the struct of its entries
 */
public record ArrowResult(String format, long length, long nullCount, List<ByteBuffer> buffers, List<ArrowResult> children)
{
    public ArrowResult
    {
        requireNonNull(format, "format is null");
        // an immutable copy of Guava's would not hold null
        buffers = unmodifiableList(new ArrayList<>(buffers));
        children = List.copyOf(children);
    }

    /**
     * Of this column and then of each within it: its length, how many rows are NULL and how many buffers it has.
     */
    public long[] counts()
    {
        LongStream.Builder counts = LongStream.builder();
        addCounts(counts);
        return counts.build().toArray();
    }

    /**
     * The buffers of this column and then of each within it; null for one that is absent.
     */
    public ByteBuffer[] allBuffers()
    {
        List<ByteBuffer> all = new ArrayList<>();
        addBuffers(all);
        return all.toArray(ByteBuffer[]::new);
    }

    private void addCounts(LongStream.Builder counts)
    {
        counts.add(length).add(nullCount).add(buffers.size());
        children.forEach(child -> child.addCounts(counts));
    }

    private void addBuffers(List<ByteBuffer> all)
    {
        all.addAll(buffers);
        children.forEach(child -> child.addBuffers(all));
    }
}
