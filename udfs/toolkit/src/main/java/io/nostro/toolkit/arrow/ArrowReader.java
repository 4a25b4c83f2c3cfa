package io.nostro.toolkit.arrow;

import io.nostro.toolkit.arrow.ArrowLayout.Booleans;
import io.nostro.toolkit.arrow.ArrowLayout.Dictionaries;
import io.nostro.toolkit.arrow.ArrowLayout.FixedSizeLists;
import io.nostro.toolkit.arrow.ArrowLayout.FixedWidth;
import io.nostro.toolkit.arrow.ArrowLayout.Lists;
import io.nostro.toolkit.arrow.ArrowLayout.Maps;
import io.nostro.toolkit.arrow.ArrowLayout.Nulls;
import io.nostro.toolkit.arrow.ArrowLayout.Structs;
import io.nostro.toolkit.arrow.ArrowLayout.Texts;
import io.nostro.toolkit.arrow.ArrowLayout.Views;
import io.trino.spi.block.ArrayBlock;
import io.trino.spi.block.Block;
import io.trino.spi.block.ByteArrayBlock;
import io.trino.spi.block.DictionaryBlock;
import io.trino.spi.block.MapBlock;
import io.trino.spi.block.RowBlock;
import io.trino.spi.block.RunLengthEncodedBlock;
import io.trino.spi.type.MapType;
import io.trino.spi.type.Type;

import java.util.Arrays;
import java.util.Optional;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * Copies rows of Arrow columns into blocks.
 */
public final class ArrowReader
{
    // the widest value takes four times as many elements of a Java array
    static final int MOST_ROWS = 1 << 28;

    private ArrowReader() {}

    /**
     * The rows from the given one on, as a block of the column's Trino type. A dictionary-encoded column becomes
     * dictionary blocks; all of those with a NULL share a dictionary, and so do all without.
     * <p>
     * Text is taken to be valid UTF-8, as Arrow promises and Trino expects, and the keys of a map to be distinct; neither
     * is checked.
     *
     * @throws IllegalArgumentException when the column has no such rows or more than fit in a block; a value refers to what is not there, as an offset beyond the values does; or a value is none of the Trino type: a decimal of too many digits, a time that is not of a day, a timestamp out of range, milliseconds that are no whole day, or a map's key that is NULL
     */
    public static Block read(ArrowColumn column, long from, int count)
    {
        checkArgument(
                from >= 0 && count >= 0 && from <= column.length() && count <= column.length() - from,
                "%s: %s rows from row %s on are not among its %s",
                column.place(),
                count,
                from,
                column.length());
        return read(column, from, count, null);
    }

    /**
     * @param parentNulls which rows are NULL whatever the column says, or null for none
     */
    private static Block read(ArrowColumn column, long from, long count, boolean[] parentNulls)
    {
        checkArgument(count <= MOST_ROWS, "%s: %s rows at a time; accepted are at most %s", column.place(), count, MOST_ROWS);
        int rows = (int) count;
        Type type = column.type().trinoType();
        if (rows == 0) {
            return type.createBlockBuilder(null, 0).build();
        }
        if (column.type().layout() instanceof Nulls) {
            return RunLengthEncodedBlock.create(type.createNullBlock(), rows);
        }
        long first = column.offset() + from;
        boolean[] nulls = readNulls(column, first, rows, parentNulls);
        return switch (column.type().layout()) {
            case Nulls _ -> throw new IllegalStateException("read above");
            case Booleans _ -> new ByteArrayBlock(rows, Optional.ofNullable(nulls), column.buffer(1).bits(first, rows));
            case Dictionaries layout -> readDictionaryRows(column, layout, first, rows, nulls);
            case FixedWidth _ -> ArrowFixedWidthReader.read(column, first, rows, nulls);
            case Texts layout -> ArrowTextReader.read(column, layout, first, rows, nulls);
            case Views _ -> ArrowTextReader.readViews(column, first, rows, nulls);
            case Lists layout -> {
                Entries entries = Entries.of(column, readOffsets(column, layout.offsetWidth(), first, rows), nulls);
                yield entries.arrays(column, nulls);
            }
            case FixedSizeLists layout -> {
                long[] offsets = new long[rows + 1];
                Arrays.setAll(offsets, i -> (first + i) * layout.size());
                yield Entries.of(column, offsets, nulls).arrays(column, nulls);
            }
            case Maps _ -> Entries.of(column, readOffsets(column, Integer.BYTES, first, rows), nulls).maps(column, nulls);
            case Structs _ -> {
                Block[] fields = new Block[column.children().size()];
                for (int i = 0; i < fields.length; i++) {
                    fields[i] = read(column.child(i), first, rows, nulls);
                }
                yield RowBlock.fromNotNullSuppressedFieldBlocks(rows, Optional.ofNullable(nulls), fields);
            }
        };
    }

    private static boolean[] readNulls(ArrowColumn column, long first, int count, boolean[] parentNulls)
    {
        if (column.buffer(0).isAbsent()) {
            return parentNulls;
        }
        boolean[] nulls = column.buffer(0).unsetBits(first, count);
        if (nulls == null || parentNulls == null) {
            return nulls == null ? parentNulls : nulls;
        }
        for (int i = 0; i < count; i++) {
            nulls[i] |= parentNulls[i];
        }
        return nulls;
    }

    static boolean isNull(boolean[] nulls, int position)
    {
        return nulls != null && nulls[position];
    }

    /**
     * One offset more than there are rows, none of which is below that before it or out of the range up to the limit.
     */
    static void checkOffsets(ArrowColumn column, long[] offsets, long limit)
    {
        long previous = 0;
        for (long offset : offsets) {
            if (offset < previous) {
                throw new IllegalArgumentException("%s: an offset of %s after one of %s; accepted is no lower one".formatted(column.buffer(1).name(), offset, previous));
            }
            previous = offset;
        }
        checkArgument(previous <= limit, "%s: an offset of %s; accepted are offsets up to %s, where the values end", column.buffer(1).name(), previous, limit);
    }

    private static long[] readOffsets(ArrowColumn column, int offsetWidth, long first, int count)
    {
        long[] offsets = offsetWidth == Long.BYTES
                ? column.buffer(1).longs(first, count + 1)
                : Arrays.stream(column.buffer(1).ints(first, count + 1)).asLongStream().toArray();
        checkOffsets(column, offsets, column.child(0).length());
        return offsets;
    }

    private static Block readDictionaryRows(ArrowColumn column, Dictionaries layout, long first, int count, boolean[] nulls)
    {
        Block dictionary = nulls == null ? column.dictionary() : column.dictionaryWithNull();
        long limit = column.child(0).length();
        int[] ids = new int[count];
        long[] indices = ArrowFixedWidthReader.readIntegers(column.buffer(1), layout.width(), layout.signed(), first, count);
        for (int i = 0; i < count; i++) {
            if (isNull(nulls, i)) {
                ids[i] = (int) limit;
            }
            else if (indices[i] < 0 || indices[i] >= limit) {
                throw new IllegalArgumentException("%s: an index of %s; accepted are those from 0 of the dictionary's %s rows".formatted(column.buffer(1).name(), layout.signed() ? Long.toString(indices[i]) : Long.toUnsignedString(indices[i]), limit));
            }
            else {
                ids[i] = (int) indices[i];
            }
        }
        return DictionaryBlock.create(count, dictionary, ids);
    }

    /**
     * Which rows of the only child the rows of a column have. Arrow allows rows that are NULL to have some, Trino does not.
     *
     * @param offsets of the entries among those kept
     * @param positions of those kept among the length ones from the first on, or null when all are
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Entries(int[] offsets, long first, long length, int[] positions)
    {
        private static Entries of(ArrowColumn column, long[] offsets, boolean[] nulls)
        {
            int count = offsets.length - 1;
            long first = offsets[0];
            long length = offsets[count] - first;
            checkArgument(length <= MOST_ROWS, "%s: %s entries at a time; accepted are at most %s", column.place(), length, MOST_ROWS);
            int[] kept = new int[count + 1];
            for (int i = 0; i < count; i++) {
                kept[i + 1] = kept[i] + (isNull(nulls, i) ? 0 : (int) (offsets[i + 1] - offsets[i]));
            }
            if (kept[count] == length) {
                return new Entries(kept, first, length, null);
            }
            int[] positions = new int[kept[count]];
            for (int i = 0; i < count; i++) {
                for (int entry = 0; entry < kept[i + 1] - kept[i]; entry++) {
                    positions[kept[i] + entry] = (int) (offsets[i] - first) + entry;
                }
            }
            return new Entries(kept, first, length, positions);
        }

        private Block arrays(ArrowColumn column, boolean[] nulls)
        {
            Block elements = read(column.child(0), first, length, null);
            return ArrayBlock.fromElementBlock(offsets.length - 1, Optional.ofNullable(nulls), offsets, select(elements));
        }

        private Block maps(ArrowColumn column, boolean[] nulls)
        {
            ArrowColumn entries = column.child(0);
            long firstEntry = entries.offset() + first;
            boolean[] entryNulls = length == 0 ? null : readNulls(entries, firstEntry, (int) length, null);
            Block keys = select(read(entries.child(0), firstEntry, length, entryNulls));
            Block values = select(read(entries.child(1), firstEntry, length, entryNulls));
            checkArgument(!keys.hasNull(), "%s: a key that is NULL", entries.child(0).place());
            return MapBlock.fromKeyValueBlock(Optional.ofNullable(nulls), offsets, keys, values, (MapType) column.type().trinoType());
        }

        private Block select(Block entries)
        {
            return positions == null ? entries : entries.copyPositions(positions, 0, positions.length);
        }
    }
}
