package io.nostro.functions.aggregation;

import io.airlift.slice.Slice;
import io.airlift.slice.Slices;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class TestOrderedRows
{
    @Test
    void testAgainstSortedList()
    {
        Random random = new Random(512);
        for (int round = 0; round < 30; round++) {
            // few times and many rows, so that ties and whole blocks occur
            int times = 1 + random.nextInt(3_000);
            OrderedRows rows = new OrderedRows("test", 2);
            List<long[]> expected = new ArrayList<>();
            for (int step = 0; step < 2_500; step++) {
                if (!expected.isEmpty() && random.nextInt(4) == 0) {
                    long[] row = expected.remove(random.nextInt(expected.size()));
                    rows.remove(row);
                }
                else {
                    long[] row = {random.nextInt(4) == 0 ? random.nextInt(times) : step, random.nextLong()};
                    boolean last = true;
                    for (long[] other : expected) {
                        last &= Arrays.compare(other, row) <= 0;
                    }
                    expected.add(row);
                    assertThat(rows.add(row)).isEqualTo(last);
                }
            }
            assertRows(rows, expected);

            Slice serialized = Slices.allocate(rows.serializedSize());
            rows.serialize(serialized.getOutput());
            OrderedRows copy = new OrderedRows("test", 2);
            copy.addSerialized(serialized.getInput());
            assertRows(copy, expected);
            copy.addAll(rows);
            assertThat(copy.size()).isEqualTo(2 * expected.size());

            Collections.shuffle(expected, random);
            expected.forEach(rows::remove);
            assertThat(rows.size()).isZero();
            assertThat(rows.cursor().advance()).isFalse();
            assertThat(rows.retainedSizeInBytes()).isEqualTo(new OrderedRows("test", 2).retainedSizeInBytes());
        }
    }

    @Test
    void testCursorGoesOnAfterRowsThatComeLast()
    {
        OrderedRows rows = new OrderedRows("test", 1);
        OrderedRows.Cursor cursor = rows.cursor();
        for (int i = 0; i < 5 * OrderedRows.BLOCK_ROWS; i++) {
            assertThat(cursor.advance()).isFalse();
            assertThat(rows.add(i)).isTrue();
            if (i % 3 == 0) {
                assertThat(rows.add(i)).isTrue();
                assertThat(cursor.advance()).isTrue();
                assertThat(cursor.number(0)).isEqualTo(i);
            }
            assertThat(cursor.advance()).isTrue();
            assertThat(cursor.number(0)).isEqualTo(i);
        }
        assertThat(rows.retainedSizeInBytes()).isBetween(8L * rows.size(), 16L * rows.size());
    }

    @Test
    void testRowThatIsNotThere()
    {
        OrderedRows rows = new OrderedRows("test", 1);
        rows.add(1);
        assertThatThrownBy(() -> rows.remove(2)).isInstanceOf(IllegalArgumentException.class).hasMessage("test: no such row");
        assertThatThrownBy(() -> rows.remove(0)).isInstanceOf(IllegalArgumentException.class);
    }

    private static void assertRows(OrderedRows rows, List<long[]> expected)
    {
        assertThat(rows.size()).isEqualTo(expected.size());
        List<long[]> sorted = new ArrayList<>(expected);
        sorted.sort(Arrays::compare);
        OrderedRows.Cursor cursor = rows.cursor();
        for (long[] row : sorted) {
            assertThat(cursor.advance()).isTrue();
            assertThat(cursor.number(0)).isEqualTo(row[0]);
            assertThat(cursor.number(1)).isEqualTo(row[1]);
        }
        assertThat(cursor.advance()).isFalse();
    }
}
