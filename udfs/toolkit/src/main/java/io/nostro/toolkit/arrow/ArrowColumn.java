package io.nostro.toolkit.arrow;

import com.google.common.collect.ImmutableList;
import io.nostro.toolkit.arrow.ArrowLayout.Booleans;
import io.nostro.toolkit.arrow.ArrowLayout.FixedSizeLists;
import io.nostro.toolkit.arrow.ArrowLayout.FixedWidth;
import io.nostro.toolkit.arrow.ArrowLayout.Lists;
import io.nostro.toolkit.arrow.ArrowLayout.Maps;
import io.nostro.toolkit.arrow.ArrowLayout.Nulls;
import io.nostro.toolkit.arrow.ArrowLayout.Structs;
import io.nostro.toolkit.arrow.ArrowLayout.Texts;
import io.nostro.toolkit.arrow.ArrowLayout.Views;
import io.trino.spi.block.Block;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Suppliers.memoize;
import static java.util.Objects.requireNonNull;

/**
 * A column of Arrow's whose values are in the memory of another language, which must leave them there and not change them
 * for as long as the column is in use. What the column says of itself is checked here, what its values say of others (such
 * as offsets and indices) when they are read, so that memory outside of the buffers is never touched.
 */
public final class ArrowColumn
{
    private final ArrowType type;
    private final String place;
    private final long length;
    private final long offset;
    private final List<ArrowBuffer> buffers;
    private final List<ArrowColumn> children;
    private final Supplier<Block> dictionary = memoize(this::readDictionary);
    private final Supplier<Block> dictionaryWithNull = memoize(() -> dictionary().copyWithAppendedNull());

    private ArrowColumn(ArrowType type, String place, long length, long offset, List<ArrowBuffer> buffers, List<ArrowColumn> children)
    {
        this.type = requireNonNull(type, "type is null");
        this.place = requireNonNull(place, "place is null");
        this.length = length;
        this.offset = offset;
        this.buffers = ImmutableList.copyOf(buffers);
        this.children = ImmutableList.copyOf(children);
        checkArgument(length >= 0, "%s: a length of %s rows; accepted is 0 or more", place, length);
        checkArgument(offset >= 0, "%s: an offset of %s rows; accepted is 0 or more", place, offset);
        checkArgument(offset <= Long.MAX_VALUE / Byte.SIZE - length, "%s: %s rows from row %s on are more than memory holds", place, length, offset);
        checkSizes();
    }

    /**
     * A column without views of text or bytes, the number of whose buffers depends on its type only.
     *
     * @see #of(ArrowType, long[], long[], int[], long[], long[])
     */
    public static ArrowColumn of(ArrowType type, long[] lengths, long[] offsets, long[] addresses, long[] sizes)
    {
        int[] bufferCounts = new int[lengths.length];
        int columns = countBuffers(type, bufferCounts, 0);
        checkArgument(columns == lengths.length, "type %s has %s columns with those within it, not %s", type, columns, lengths.length);
        return of(type, lengths, offsets, bufferCounts, addresses, sizes);
    }

    /**
     * A column and those within it: each column is followed by its children, and all of a child's come before the next
     * child. A map's only child is the struct of its entries, whose children are the keys and the values; that of a
     * dictionary-encoded column is the dictionary.
     *
     * @param lengths the rows of each column, without those before its offset
     * @param offsets the rows of each column's buffers that come before its first
     * @param bufferCounts the buffers of each column itself
     * @param addresses where the buffers are: those of the first column in Arrow's order, then those of the next; 0 for a buffer that is absent, as that of validity is when nothing is NULL
     * @param sizes of the buffers in bytes, 0 for one that is absent
     * @throws IllegalArgumentException when there are not as many columns or buffers as the type has, a length, offset or size is negative, or a buffer is too small for its column's rows
     */
    public static ArrowColumn of(ArrowType type, long[] lengths, long[] offsets, int[] bufferCounts, long[] addresses, long[] sizes)
    {
        checkArgument(
                offsets.length == lengths.length && bufferCounts.length == lengths.length,
                "%s lengths, %s offsets and %s counts of buffers; accepted is one of each for each column",
                lengths.length,
                offsets.length,
                bufferCounts.length);
        checkArgument(addresses.length == sizes.length, "%s addresses and %s sizes; accepted is one of each for each buffer", addresses.length, sizes.length);
        Assembly assembly = new Assembly(lengths, offsets, bufferCounts, addresses, sizes);
        ArrowColumn column = assembly.next(type, "column");
        assembly.checkEnd(type);
        return column;
    }

    /**
     * Columns that one array describes. Each column and each within it, in the order of {@link #of}, is its length, its
     * offset, the count of its buffers, and of each buffer the address and the size.
     *
     * @throws IllegalArgumentException as {@link #of}, and when the array ends within a column
     */
    public static List<ArrowColumn> allOf(List<ArrowType> types, long[] description)
    {
        Assembly assembly = Assembly.of(description);
        ImmutableList.Builder<ArrowColumn> columns = ImmutableList.builderWithExpectedSize(types.size());
        for (ArrowType type : types) {
            columns.add(assembly.next(type, "column"));
        }
        assembly.checkEnd(types);
        return columns.build();
    }

    /**
     * Sets the counts from the index on, and returns that after the last.
     */
    private static int countBuffers(ArrowType type, int[] bufferCounts, int index)
    {
        checkArgument(!(type.layout() instanceof Views), "type %s has a number of buffers that it does not tell; accepted is to give the buffers' counts too", type);
        if (index < bufferCounts.length) {
            bufferCounts[index] = type.layout().buffers().size();
        }
        int next = index + 1;
        for (ArrowType child : type.children()) {
            next = countBuffers(child, bufferCounts, next);
        }
        return next;
    }

    public ArrowType type()
    {
        return type;
    }

    /**
     * How many rows there are to read.
     */
    public long length()
    {
        return length;
    }

    /**
     * Which column this is, for errors.
     */
    String place()
    {
        return place;
    }

    /**
     * The rows of the buffers that come before the first.
     */
    long offset()
    {
        return offset;
    }

    /**
     * @param index in the order of {@link ArrowLayout#buffers}, and beyond these the data that views refer to
     */
    ArrowBuffer buffer(int index)
    {
        return buffers.get(index);
    }

    int bufferCount()
    {
        return buffers.size();
    }

    ArrowColumn child(int index)
    {
        return children.get(index);
    }

    List<ArrowColumn> children()
    {
        return children;
    }

    /**
     * The rows that a dictionary-encoded column's indices refer to.
     */
    Block dictionary()
    {
        return dictionary.get();
    }

    /**
     * The dictionary with one more row, which is NULL.
     */
    Block dictionaryWithNull()
    {
        return dictionaryWithNull.get();
    }

    private Block readDictionary()
    {
        ArrowColumn values = children.getFirst();
        checkArgument(values.length() <= ArrowReader.MOST_ROWS, "%s: %s rows; accepted are at most %s", values.place(), values.length(), ArrowReader.MOST_ROWS);
        return ArrowReader.read(values, 0, (int) values.length());
    }

    private void checkSizes()
    {
        long rows = offset + length;
        if (!(type.layout() instanceof Nulls) && !buffers.getFirst().isAbsent()) {
            checkSize(0, rows / Byte.SIZE + (rows % Byte.SIZE == 0 ? 0 : 1), 1);
        }
        switch (type.layout()) {
            case Booleans _ -> checkSize(1, rows / Byte.SIZE + (rows % Byte.SIZE == 0 ? 0 : 1), 1);
            case FixedWidth layout -> checkSize(1, rows, layout.width());
            case Views _ -> checkSize(1, rows, Views.WIDTH);
            // a column without rows may leave out its only offset
            case Texts layout -> checkSize(1, length == 0 ? 0 : rows + 1, layout.offsetWidth());
            case Lists layout -> checkSize(1, length == 0 ? 0 : rows + 1, layout.offsetWidth());
            case Maps _ -> checkSize(1, length == 0 ? 0 : rows + 1, Integer.BYTES);
            case FixedSizeLists layout -> checkChildren(rows, layout.size());
            case Structs _ -> checkChildren(rows, 1);
            case Nulls _ -> {}
        }
    }

    private void checkSize(int index, long values, int width)
    {
        ArrowBuffer buffer = buffers.get(index);
        checkArgument(
                width == 0 || values <= buffer.size() / width,
                "%s: %s bytes, which are too few for %s rows from row %s on",
                buffer.name(),
                buffer.size(),
                length,
                offset);
    }

    private void checkChildren(long rows, int childRows)
    {
        for (ArrowColumn child : children) {
            checkArgument(
                    childRows == 0 || rows <= child.length / childRows,
                    "%s: %s rows, which are too few for %s rows of %s from row %s on",
                    child.place,
                    child.length,
                    length,
                    place,
                    offset);
        }
    }

    /**
     * Takes columns one after the other.
     */
    private static final class Assembly
    {
        /** Length, offset and count of buffers. */
        private static final int COLUMN_WORDS = 3;
        /** Address and size. */
        private static final int BUFFER_WORDS = 2;

        private final long[] lengths;
        private final long[] offsets;
        private final int[] bufferCounts;
        private final long[] addresses;
        private final long[] sizes;
        private int column;
        private int buffer;

        private Assembly(long[] lengths, long[] offsets, int[] bufferCounts, long[] addresses, long[] sizes)
        {
            this.lengths = lengths;
            this.offsets = offsets;
            this.bufferCounts = bufferCounts;
            this.addresses = addresses;
            this.sizes = sizes;
        }

        private static Assembly of(long[] description)
        {
            LongStream.Builder lengths = LongStream.builder();
            LongStream.Builder offsets = LongStream.builder();
            IntStream.Builder bufferCounts = IntStream.builder();
            LongStream.Builder addresses = LongStream.builder();
            LongStream.Builder sizes = LongStream.builder();
            int index = 0;
            while (index < description.length) {
                checkArgument(description.length - index >= COLUMN_WORDS, "The description ends within a column");
                lengths.add(description[index]);
                offsets.add(description[index + 1]);
                long buffers = description[index + 2];
                index += COLUMN_WORDS;
                checkArgument(buffers >= 0 && buffers <= (description.length - index) / BUFFER_WORDS, "A column of %s buffers, of which the description has %s", buffers, (description.length - index) / BUFFER_WORDS);
                bufferCounts.add((int) buffers);
                for (int buffer = 0; buffer < buffers; buffer++) {
                    addresses.add(description[index]);
                    sizes.add(description[index + 1]);
                    index += BUFFER_WORDS;
                }
            }
            return new Assembly(lengths.build().toArray(), offsets.build().toArray(), bufferCounts.build().toArray(), addresses.build().toArray(), sizes.build().toArray());
        }

        private ArrowColumn next(ArrowType type, String place)
        {
            checkArgument(column < lengths.length, "%s of type %s is not among the %s columns given", place, type, lengths.length);
            int index = column;
            column++;
            List<ArrowBuffer> buffers = nextBuffers(type, place, bufferCounts[index]);
            ImmutableList.Builder<ArrowColumn> children = ImmutableList.builder();
            for (int i = 0; i < type.children().size(); i++) {
                children.add(next(type.children().get(i), place + "." + type.names().get(i)));
            }
            return new ArrowColumn(type, place, lengths[index], offsets[index], buffers, children.build());
        }

        private List<ArrowBuffer> nextBuffers(ArrowType type, String place, int count)
        {
            List<String> names = type.layout().buffers();
            boolean accepted = switch (type.layout()) {
                case Views _ -> count >= names.size();
                // some have a buffer of validity that is always absent
                case Nulls _ -> count == 0 || count == 1;
                default -> count == names.size();
            };
            checkArgument(accepted, "%s of type %s: %s buffers; accepted are %s", place, type, count, names);
            checkArgument(count <= addresses.length - buffer, "%s of type %s: its %s buffers are not among the %s given", place, type, count, addresses.length);
            ImmutableList.Builder<ArrowBuffer> buffers = ImmutableList.builder();
            for (int i = 0; i < count; i++) {
                String name = i < names.size() ? names.get(i) : "data " + (i - names.size());
                buffers.add(new ArrowBuffer(place + ", " + name, addresses[buffer], sizes[buffer]));
                buffer++;
            }
            return buffers.build();
        }

        private void checkEnd(Object type)
        {
            checkArgument(column == lengths.length, "%s columns, but type %s has %s with those within it", lengths.length, type, column);
            checkArgument(buffer == addresses.length, "%s buffers, but the columns of type %s have %s", addresses.length, type, buffer);
        }
    }
}
