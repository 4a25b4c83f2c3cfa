package io.nostro.toolkit.arrow;

import io.nostro.toolkit.arrow.TestingVectors.Columns;
import io.trino.spi.block.Block;
import io.trino.spi.block.DictionaryBlock;
import io.trino.spi.type.Type;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigDecimal;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import static java.nio.channels.FileChannel.MapMode.READ_WRITE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.SPARSE;
import static java.nio.file.StandardOpenOption.WRITE;
import static java.util.Arrays.asList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class TestArrowReader
{
    private static final List<String> TYPES = List.of(
            "n", "b", "c", "C", "s", "S", "i", "I", "l", "L", "e", "f", "g",
            "u", "U", "vu", "z", "Z", "vz", "w:5", "w:16",
            "d:9,2", "d:18,18", "d:19,0", "d:38,10", "d:18,3,256", "d:38,2,256",
            "tdD", "tdm", "tts", "ttm", "ttu", "ttn",
            "tss:", "tsm:", "tsu:", "tsn:", "tss:UTC", "tsm:Europe/Zurich", "tsu:America/New_York", "tsn:UTC",
            "+l(i)", "+l(u)", "+L(g)", "+w:3(i)", "+l(+l(vu))", "+l(n)",
            "+s(\"a\":i,\"b\":u)", "+s(\"a\":+s(\"b\":d:38,2,\"c\":n),\"\":+l(b))", "+l(+s(\"a\":u,\"b\":+w:2(tsn:)))",
            "+m(\"key\":u,\"value\":i)", "+m(\"key\":l,\"value\":+l(u))", "+l(+m(\"key\":i,\"value\":+s(\"a\":g)))", "+s(\"a\":+m(\"key\":u,\"value\":vz))");

    private static final List<String> DICTIONARY_TYPES = List.of(
            "b", "l", "g", "u", "vu", "d:10,2", "tsn:", "+l(u)", "+s(\"a\":i,\"b\":u)", "+m(\"key\":u,\"value\":i)");

    private static final int ROWS = 300;

    @Test
    void testVectors()
    {
        for (String format : TYPES) {
            assertVector(format);
        }
    }

    private static void assertVector(String format)
    {
        ArrowType type = ArrowType.parse(format);
        Random random = new Random(format.hashCode());
        try (BufferAllocator allocator = new RootAllocator();
                VectorSchemaRoot root = TestingVectors.random(allocator, type, random, ROWS)) {
            List<Object> expected = values(root.getVector(0));
            Columns columns = TestingVectors.columns(type, root);
            ArrowColumn column = columns.column();
            assertThat(column.length()).isEqualTo(ROWS);
            assertRows(column, 0, ROWS, expected);
            assertRows(column, 17, 100, expected.subList(17, 117));
            assertRows(column, ROWS, 0, List.of());
            for (int i = 0; i < 20; i++) {
                int offset = random.nextInt(ROWS);
                int length = random.nextInt(ROWS - offset + 1);
                columns.offsets()[0] = offset;
                columns.lengths()[0] = length;
                ArrowColumn slice = columns.column();
                List<Object> sliced = expected.subList(offset, offset + length);
                assertRows(slice, 0, length, sliced);
                int from = random.nextInt(length + 1);
                int count = random.nextInt(length - from + 1);
                assertRows(slice, from, count, sliced.subList(from, from + count));
            }
        }
    }

    @Test
    void testDictionaries()
    {
        for (String format : DICTIONARY_TYPES) {
            assertDictionary(format);
        }
    }

    private static void assertDictionary(String values)
    {
        for (String indices : List.of("c", "C", "s", "S", "i", "I", "l", "L")) {
            ArrowType type = ArrowType.parse("dict(%s,%s)".formatted(indices, values));
            Random random = new Random(6);
            try (BufferAllocator allocator = new RootAllocator();
                    VectorSchemaRoot dictionary = TestingVectors.random(allocator, ArrowType.parse(values), random, 100);
                    VectorSchemaRoot root = TestingVectors.random(allocator, ArrowType.parse(indices), random, 50)) {
                FieldVector vector = root.getVector(0);
                List<Object> expected = new ArrayList<>();
                for (int i = 0; i < 50; i++) {
                    int index = random.nextInt(100);
                    if (vector.isNull(i)) {
                        expected.add(null);
                        continue;
                    }
                    setIndex(vector, i, index);
                    expected.add(TestingVectors.value(dictionary.getVector(0), index));
                }
                ArrowColumn column = TestingVectors.columns(type, root, dictionary).column();
                assertRows(column, 0, 50, expected);
                assertRows(column, 7, 20, expected.subList(7, 27));
                assertThat(((DictionaryBlock) ArrowReader.read(column, 0, 20)).getDictionary()).isSameAs(((DictionaryBlock) ArrowReader.read(column, 20, 20)).getDictionary());
            }
        }
    }

    private static void setIndex(FieldVector vector, int row, int index)
    {
        int width = ((BaseFixedWidthVector) vector).getTypeWidth();
        vector.getDataBuffer().setZero((long) row * width, width);
        vector.getDataBuffer().setByte((long) row * width, index);
    }

    @Test
    void testAbsentBuffers()
    {
        try (Arena arena = Arena.ofConfined()) {
            long longs = arena.allocateFrom(ValueLayout.JAVA_LONG_UNALIGNED, 1, 2, 3).address();
            Block block = ArrowReader.read(ArrowColumn.of(ArrowType.parse("l"), new long[] {3}, new long[1], new long[] {0, longs}, new long[] {0, 24}), 0, 3);
            assertThat(block.mayHaveNull()).isFalse();
            assertThat(TestingBlocks.values(ArrowType.parse("l").trinoType(), block)).containsExactly(1L, 2L, 3L);
            assertRows(ArrowColumn.of(ArrowType.parse("u"), new long[1], new long[1], new long[3], new long[3]), 0, 0, List.of());
            assertRows(ArrowColumn.of(ArrowType.parse("+l(u)"), new long[2], new long[2], new long[5], new long[5]), 0, 0, List.of());
            assertRows(ArrowColumn.of(ArrowType.parse("n"), new long[] {2}, new long[1], new int[] {1}, new long[1], new long[1]), 0, 2, asList(null, null));
            assertRows(ArrowColumn.of(ArrowType.parse("+w:0(i)"), new long[] {2, 0}, new long[2], new long[3], new long[3]), 0, 2, List.of(List.of(), List.of()));
            assertRows(ArrowColumn.of(ArrowType.parse("w:0"), new long[] {2}, new long[1], new long[2], new long[2]), 0, 2, List.of("", ""));
            // no value has a byte, so that there are no data
            long offsets = arena.allocateFrom(ValueLayout.JAVA_INT_UNALIGNED, 0, 0, 0).address();
            assertRows(ArrowColumn.of(ArrowType.parse("u"), new long[] {2}, new long[1], new long[] {0, offsets, 0}, new long[] {0, 12, 0}), 0, 2, List.of("", ""));
        }
    }

    @Test
    void testBlocksWithoutNullsHaveNoArrayOfThem()
    {
        try (Arena arena = Arena.ofConfined()) {
            long values = arena.allocate(128).address();
            long validity = arena.allocateFrom(ValueLayout.JAVA_BYTE, (byte) 0b1111_1100, (byte) 0b0000_0111).address();
            ArrowColumn column = ArrowColumn.of(ArrowType.parse("l"), new long[] {14}, new long[] {2}, new long[] {validity, values}, new long[] {2, 128});
            assertThat(ArrowReader.read(column, 0, 9).mayHaveNull()).isFalse();
            assertThat(ArrowReader.read(column, 0, 10).isNull(9)).isTrue();
        }
    }

    /**
     * Children whose own rows begin later in their buffers, as those of slices do in other libraries.
     */
    @Test
    void testOffsetsOfChildren()
    {
        try (Arena arena = Arena.ofConfined()) {
            long ints = arena.allocateFrom(ValueLayout.JAVA_INT_UNALIGNED, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9).address();
            long listOffsets = arena.allocateFrom(ValueLayout.JAVA_INT_UNALIGNED, 0, 0, 2, 2, 5).address();
            assertRows(
                    ArrowColumn.of(ArrowType.parse("+l(i)"), new long[] {3, 6}, new long[] {1, 4}, new long[] {0, listOffsets, 0, ints}, new long[] {0, 20, 0, 40}),
                    0,
                    3,
                    List.of(List.of(4L, 5L), List.of(), List.of(6L, 7L, 8L)));
            assertRows(
                    ArrowColumn.of(ArrowType.parse("+s(\"a\":i)"), new long[] {3, 6}, new long[] {2, 3}, new long[] {0, 0, ints}, new long[] {0, 0, 40}),
                    1,
                    2,
                    List.of(List.of(6L), List.of(7L)));
            assertRows(
                    ArrowColumn.of(ArrowType.parse("+w:2(i)"), new long[] {3, 9}, new long[] {1, 1}, new long[] {0, 0, ints}, new long[] {0, 0, 40}),
                    1,
                    2,
                    List.of(List.of(5L, 6L), List.of(7L, 8L)));
            assertRows(
                    ArrowColumn.of(
                            ArrowType.parse("+m(\"key\":i,\"value\":i)"),
                            new long[] {3, 6, 8, 9},
                            new long[] {1, 1, 2, 1},
                            new long[] {0, listOffsets, 0, 0, ints, 0, ints},
                            new long[] {0, 20, 0, 0, 40, 0, 40}),
                    0,
                    3,
                    List.of(List.of(List.of(3L, 2L), List.of(4L, 3L)), List.of(), List.of(List.of(5L, 4L), List.of(6L, 5L), List.of(7L, 6L))));
        }
    }

    /**
     * Arrow allows lists that are NULL to have elements, and structs that are NULL fields that are not.
     */
    @Test
    void testRowsThatAreNullHideTheirChildren()
    {
        try (Arena arena = Arena.ofConfined()) {
            long ints = arena.allocateFrom(ValueLayout.JAVA_INT_UNALIGNED, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9).address();
            long offsets = arena.allocateFrom(ValueLayout.JAVA_INT_UNALIGNED, 1, 3, 6, 8).address();
            long validity = arena.allocateFrom(ValueLayout.JAVA_BYTE, (byte) 0b101).address();
            assertRows(
                    ArrowColumn.of(ArrowType.parse("+l(i)"), new long[] {3, 10}, new long[2], new long[] {validity, offsets, 0, ints}, new long[] {1, 16, 0, 40}),
                    0,
                    3,
                    asList(List.of(1L, 2L), null, List.of(6L, 7L)));
            assertRows(
                    ArrowColumn.of(ArrowType.parse("+s(\"a\":i)"), new long[] {3, 10}, new long[2], new long[] {validity, 0, ints}, new long[] {1, 0, 40}),
                    0,
                    3,
                    asList(List.of(0L), null, List.of(2L)));
            long indices = arena.allocateFrom(ValueLayout.JAVA_BYTE, (byte) 1, (byte) 99, (byte) 0).address();
            assertRows(
                    ArrowColumn.of(ArrowType.parse("+s(\"a\":dict(c,i))"), new long[] {3, 3, 2}, new long[3], new long[] {validity, 0, indices, 0, ints}, new long[] {1, 0, 3, 0, 40}),
                    0,
                    3,
                    asList(List.of(1L), null, List.of(0L)));
        }
    }

    /**
     * The values are in a sparse file, of which only what is touched takes memory.
     */
    @Test
    void testOffsetsBeyondTwoGibibytes(@TempDir Path directory)
            throws IOException
    {
        long size = 5L << 30;
        try (Arena arena = Arena.ofConfined();
                FileChannel file = FileChannel.open(directory.resolve("values"), CREATE_NEW, SPARSE, READ, WRITE)) {
            MemorySegment data = file.map(READ_WRITE, 0, size, arena);
            data.setString(size - 6, "later");
            data.setString(size - 11, "late");
            long offsets = arena.allocateFrom(ValueLayout.JAVA_LONG_UNALIGNED, 0, size - 11, size - 7, size - 6, size - 1).address();
            ArrowColumn column = ArrowColumn.of(ArrowType.parse("U"), new long[] {4}, new long[1], new long[] {0, offsets, data.address()}, new long[] {0, 40, size});
            assertRows(column, 1, 3, List.of("late", "\0", "later"));
            assertThatThrownBy(() -> ArrowReader.read(column, 0, 4))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("column: 5368709119 bytes at a time; accepted are at most 2147483639, so take fewer rows at a time");
        }
    }

    @Test
    void testTooManyRowsAtATime()
    {
        ArrowColumn column = ArrowColumn.of(ArrowType.parse("n"), new long[] {1L << 40}, new long[1], new long[0], new long[0]);
        assertThat(ArrowReader.read(column, (1L << 40) - 5, 5).getPositionCount()).isEqualTo(5);
        assertThatThrownBy(() -> ArrowReader.read(column, 0, (1 << 28) + 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("column: 268435457 rows at a time; accepted are at most 268435456");
        ArrowColumn lists = ArrowColumn.of(ArrowType.parse("+w:1000000(n)"), new long[] {1000, 1L << 40}, new long[2], new long[1], new long[1]);
        assertThatThrownBy(() -> ArrowReader.read(lists, 0, 1000))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("column: 1000000000 entries at a time; accepted are at most 268435456");
    }

    @Test
    void testSmallDecimals()
    {
        try (Arena arena = Arena.ofConfined()) {
            long ints = arena.allocateFrom(ValueLayout.JAVA_INT_UNALIGNED, -999_999_999, 123, 0, 999_999_999).address();
            long longs = arena.allocateFrom(ValueLayout.JAVA_LONG_UNALIGNED, -999_999_999_999_999_999L, 5).address();
            assertRows(
                    ArrowColumn.of(ArrowType.parse("d:9,2,32"), new long[] {4}, new long[1], new long[] {0, ints}, new long[] {0, 16}),
                    0,
                    4,
                    List.of(new BigDecimal("-9999999.99"), new BigDecimal("1.23"), new BigDecimal("0.00"), new BigDecimal("9999999.99")));
            assertRows(
                    ArrowColumn.of(ArrowType.parse("d:18,0,64"), new long[] {2}, new long[1], new long[] {0, longs}, new long[] {0, 16}),
                    0,
                    2,
                    List.of(new BigDecimal("-999999999999999999"), new BigDecimal("5")));
        }
    }

    @Test
    void testValuesThatAreNoneOfTheType()
    {
        assertBadValue("d:5,2", 100_000, "column, values: a value of more digits than decimal(5,2) holds", 0);
        assertBadValue("d:5,2", 1, "column, values: a value of more digits than decimal(5,2) holds", 1);
        assertBadValue("d:20,0", Long.MAX_VALUE, "column, values: a value of more digits than decimal(20,0) holds", Long.MIN_VALUE);
        assertBadValue("d:20,0,256", 1, "column, values: a value of more digits than decimal(20,0) holds", 0, 1, 0);
        assertBadValue("d:4,2,64", -10_000, "column, values: a value of more digits than decimal(4,2) holds");
        assertBadValue("tdm", 86_400_001, "column, values: a date of 86400001 milliseconds; accepted are those of whole days, of 32 bits");
        assertBadValue("tdm", 86_400_000L << 32, "column, values: a date of 371085174374400000 milliseconds; accepted are those of whole days, of 32 bits");
        assertBadValue("ttu", 86_400_000_000L, "column, values: a time of 86400000000; accepted are those from 0 and below 86400000000, which is a day");
        assertBadValue("ttn", -1, "column, values: a time of -1; accepted are those from 0 and below 86400000000000, which is a day");
        assertBadValue("tss:", Long.MAX_VALUE / 1_000_000 + 1, "column, values: a timestamp of 9223372036855, which is out of the range of Trino's");
        assertBadValue("tsm:UTC", 1L << 51, "column, values: a timestamp of 2251799813685248, which is out of the range of Trino's");
        assertBadValue("tsu:UTC", Long.MIN_VALUE, "column, values: a timestamp of -9223372036854776, which is out of the range of Trino's");
        assertBadValue("dict(L,n)", -1, "column, values: an index of 18446744073709551615; accepted are those from 0 of the dictionary's 2 rows");
        assertBadValue("dict(l,n)", -1, "column, values: an index of -1; accepted are those from 0 of the dictionary's 2 rows");
        assertBadValue("dict(l,n)", 2, "column, values: an index of 2; accepted are those from 0 of the dictionary's 2 rows");
    }

    /**
     * A column of two rows, the first of which is NULL.
     */
    private static void assertBadValue(String format, long value, String message, long... further)
    {
        ArrowType type = ArrowType.parse(format);
        long[] words = new long[2 + 2 * further.length];
        words[further.length + 1] = value;
        System.arraycopy(further, 0, words, further.length + 2, further.length);
        // what a row that is NULL has in its place is not looked at
        System.arraycopy(words, further.length + 1, words, 0, further.length + 1);
        try (Arena arena = Arena.ofConfined()) {
            long values = arena.allocateFrom(ValueLayout.JAVA_LONG_UNALIGNED, words).address();
            long validity = arena.allocateFrom(ValueLayout.JAVA_BYTE, (byte) 0b10).address();
            long[] lengths = new long[1 + type.children().size()];
            Arrays.fill(lengths, 2);
            ArrowColumn column = ArrowColumn.of(type, lengths, new long[lengths.length], new long[] {validity, values}, new long[] {1, 8L * words.length});
            assertRows(column, 0, 1, asList((Object) null));
            assertThatThrownBy(() -> ArrowReader.read(column, 0, 2))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(message);
        }
    }

    @Test
    void testKeysThatAreNull()
    {
        try (Arena arena = Arena.ofConfined()) {
            long ints = arena.allocateFrom(ValueLayout.JAVA_INT_UNALIGNED, 0, 1).address();
            long offsets = arena.allocateFrom(ValueLayout.JAVA_INT_UNALIGNED, 0, 2).address();
            long validity = arena.allocateFrom(ValueLayout.JAVA_BYTE, (byte) 0b10).address();
            ArrowColumn column = ArrowColumn.of(
                    ArrowType.parse("+m(\"key\":i,\"value\":i)"),
                    new long[] {1, 2, 2, 2},
                    new long[4],
                    new long[] {0, offsets, 0, validity, ints, 0, ints},
                    new long[] {0, 8, 0, 1, 8, 0, 8});
            assertThatThrownBy(() -> ArrowReader.read(column, 0, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("column.entries.key: a key that is NULL");
        }
    }

    @Test
    void testColumnsThatContradictThemselves()
    {
        assertRefused("l", "column, values: 23 bytes, which are too few for 3 rows from row 0 on", new long[] {3}, new long[1], new long[] {0, 8}, new long[] {0, 23});
        assertRefused("l", "column, values: 24 bytes, which are too few for 3 rows from row 1 on", new long[] {3}, new long[] {1}, new long[] {0, 8}, new long[] {0, 24});
        assertRefused("l", "column, validity: 1 bytes, which are too few for 3 rows from row 6 on", new long[] {3}, new long[] {6}, new long[] {8, 8}, new long[] {1, 72});
        assertRefused("u", "column, offsets: 12 bytes, which are too few for 3 rows from row 0 on", new long[] {3}, new long[1], new long[] {0, 8, 0}, new long[] {0, 12, 0});
        assertRefused("l", "column: a length of -1 rows; accepted is 0 or more", new long[] {-1}, new long[1], new long[2], new long[2]);
        assertRefused("l", "column: an offset of -1 rows; accepted is 0 or more", new long[1], new long[] {-1}, new long[2], new long[2]);
        assertRefused("l", "column: 9223372036854775807 rows from row 9223372036854775807 on are more than memory holds", new long[] {Long.MAX_VALUE}, new long[] {Long.MAX_VALUE}, new long[2], new long[2]);
        assertRefused("l", "column, values: a size of -8 bytes; accepted is 0 or more", new long[1], new long[1], new long[] {0, 8}, new long[] {0, -8});
        assertRefused("l", "column, values: 8 bytes at address 0, which is for a buffer that is absent", new long[1], new long[1], new long[2], new long[] {0, 8});
        assertRefused("+s(\"a\":n)", "column.a: 2 rows, which are too few for 2 rows of column from row 1 on", new long[] {2, 2}, new long[] {1, 0}, new long[1], new long[1]);
        assertRefused("+w:3(n)", "column.element: 5 rows, which are too few for 2 rows of column from row 0 on", new long[] {2, 5}, new long[2], new long[1], new long[1]);
        assertRefused("l", "type l has 1 columns with those within it, not 2", new long[2], new long[2], new long[2], new long[2]);
        assertRefused("l", "1 lengths, 2 offsets and 1 counts of buffers; accepted is one of each for each column", new long[1], new long[2], new long[2], new long[2]);
        assertRefused("l", "1 addresses and 2 sizes; accepted is one of each for each buffer", new long[1], new long[1], new long[1], new long[2]);
        assertRefused("l", "column of type l: its 2 buffers are not among the 1 given", new long[1], new long[1], new long[1], new long[1]);
        assertRefused("l", "3 buffers, but the columns of type l have 2", new long[1], new long[1], new long[3], new long[3]);
        assertRefused("vu", "type vu has a number of buffers that it does not tell; accepted is to give the buffers' counts too", new long[1], new long[1], new long[2], new long[2]);
        assertThatThrownBy(() -> ArrowColumn.of(ArrowType.parse("vu"), new long[1], new long[1], new int[] {1}, new long[1], new long[1]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("column of type vu: 1 buffers; accepted are [validity, views]");
        ArrowColumn column = ArrowColumn.of(ArrowType.parse("n"), new long[] {3}, new long[1], new long[0], new long[0]);
        for (long[] rows : new long[][] {{0, 4}, {4, 0}, {-1, 1}, {0, -1}, {3, 1}, {Long.MAX_VALUE, 1}}) {
            assertThatThrownBy(() -> ArrowReader.read(column, rows[0], (int) rows[1]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("column: %s rows from row %s on are not among its 3".formatted(rows[1], rows[0]));
        }
    }

    @Test
    void testDescriptions()
    {
        ArrowType nulls = ArrowType.parse("n");
        ArrowType bigints = ArrowType.parse("l");
        assertThat(ArrowColumn.allOf(List.of(), new long[0])).isEmpty();
        assertThat(ArrowColumn.allOf(List.of(nulls, ArrowType.parse("+s(\"a\":n)"), nulls), new long[] {3, 0, 0, 2, 0, 1, 0, 0, 2, 0, 0, 5, 0, 1, 0, 0}))
                .extracting(ArrowColumn::length)
                .containsExactly(3L, 2L, 5L);
        assertDescriptionRefused(List.of(nulls), "The description ends within a column", 3, 0);
        assertDescriptionRefused(List.of(nulls), "The description ends within a column", 3, 0, 0, 1);
        assertDescriptionRefused(List.of(bigints), "A column of 2 buffers, of which the description has 1", 0, 0, 2, 0, 0, 8);
        assertDescriptionRefused(List.of(bigints), "A column of -1 buffers, of which the description has 0", 0, 0, -1);
        assertDescriptionRefused(List.of(bigints), "A column of 9223372036854775807 buffers, of which the description has 0", 0, 0, Long.MAX_VALUE);
        assertDescriptionRefused(List.of(nulls, nulls), "column of type n is not among the 1 columns given", 3, 0, 0);
        assertDescriptionRefused(List.of(), "1 columns, but type [] has 0 with those within it", 3, 0, 0);
    }

    private static void assertDescriptionRefused(List<ArrowType> types, String message, long... description)
    {
        assertThatThrownBy(() -> ArrowColumn.allOf(types, description))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    private static void assertRefused(String format, String message, long[] lengths, long[] offsets, long[] addresses, long[] sizes)
    {
        assertThatThrownBy(() -> ArrowColumn.of(ArrowType.parse(format), lengths, offsets, addresses, sizes))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    private static List<Object> values(FieldVector vector)
    {
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < vector.getValueCount(); i++) {
            values.add(TestingVectors.value(vector, i));
        }
        return values;
    }

    private static void assertRows(ArrowColumn column, long from, int count, List<?> expected)
    {
        Type type = column.type().trinoType();
        Block block = ArrowReader.read(column, from, count);
        assertThat(block.getPositionCount()).isEqualTo(count);
        assertThat(TestingBlocks.values(type, block)).isEqualTo(expected);
    }
}
