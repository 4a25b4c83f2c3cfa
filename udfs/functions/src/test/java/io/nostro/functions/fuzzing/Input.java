package io.nostro.functions.fuzzing;

import com.google.common.collect.ImmutableList;
import io.airlift.slice.Slice;
import io.trino.spi.Page;
import io.trino.spi.block.Block;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.type.Type;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

import static io.trino.spi.type.TypeUtils.readNativeValue;
import static io.trino.spi.type.TypeUtils.writeNativeValue;
import static io.trino.testing.TestingConnectorSession.SESSION;
import static java.util.stream.Collectors.joining;

/**
 * What a function is called with: values as Trino's engine hands them over, of one row for a scalar function and of any
 * number of rows for an aggregate.
 */
record Input(List<Type> types, List<Object[]> rows)
{
    private static final int LONGEST_SHOWN = 400;
    private static final int MOST_ROWS_SHOWN = 12;

    Input
    {
        types = ImmutableList.copyOf(types);
        rows = List.copyOf(rows);
    }

    /**
     * The rows at the positions, in their order.
     */
    Page page(int[] positions)
    {
        return new Page(positions.length, IntStream.range(0, types.size()).mapToObj(column -> column(column, positions)).toArray(Block[]::new));
    }

    private Block column(int column, int[] positions)
    {
        BlockBuilder builder = types.get(column).createBlockBuilder(null, positions.length);
        for (int position : positions) {
            writeNativeValue(types.get(column), builder, rows.get(position)[column]);
        }
        return builder.build();
    }

    int[] allRows()
    {
        return IntStream.range(0, rows.size()).toArray();
    }

    /**
     * Whether all texts are UTF-8, as Trino's own connectors give them.
     */
    boolean isUtf8()
    {
        return rows.stream().allMatch(row -> IntStream.range(0, row.length).allMatch(column -> isUtf8(types.get(column), row[column])));
    }

    private static boolean isUtf8(Type type, Object value)
    {
        if (value instanceof Slice text) {
            return Outcome.isUtf8(text);
        }
        if (value instanceof Block block) {
            Type element = type.getTypeParameters().getFirst();
            return IntStream.range(0, block.getPositionCount()).allMatch(position -> isUtf8(element, readNativeValue(element, block, position)));
        }
        return true;
    }

    /**
     * The types and values, long ones shortened.
     */
    @Override
    public String toString()
    {
        String shown = rows.stream()
                .limit(MOST_ROWS_SHOWN)
                .map(row -> IntStream.range(0, row.length).mapToObj(column -> shown(types.get(column), row[column])).collect(joining(", ", "(", ")")))
                .collect(joining(", "));
        return types + " " + shown + (rows.size() > MOST_ROWS_SHOWN ? " and %s more rows".formatted(rows.size() - MOST_ROWS_SHOWN) : "");
    }

    static String shown(Type type, Object value)
    {
        if (value == null) {
            return "NULL";
        }
        if (value instanceof Slice text) {
            return shown(text);
        }
        if (value instanceof Block block) {
            Type element = type.getTypeParameters().getFirst();
            String elements = IntStream.range(0, Math.min(block.getPositionCount(), MOST_ROWS_SHOWN))
                    .mapToObj(position -> shown(element, readNativeValue(element, block, position)))
                    .collect(joining(", "));
            return block.getPositionCount() > MOST_ROWS_SHOWN ? "[%s … of %s elements]".formatted(elements, block.getPositionCount()) : "[" + elements + "]";
        }
        return String.valueOf(type.getObjectValue(SESSION, writeNativeValue(type, value), 0));
    }

    private static String shown(Slice text)
    {
        StringBuilder shown = new StringBuilder("'");
        for (byte character : Arrays.copyOf(text.getBytes(), Math.min(text.length(), LONGEST_SHOWN))) {
            if (character >= ' ' && character < 0x7F) {
                shown.append((char) character);
            }
            else {
                shown.append("\\x%02X".formatted(character & 0xFF));
            }
        }
        return shown.append(text.length() > LONGEST_SHOWN ? "… of %s bytes'".formatted(text.length()) : "'").toString();
    }
}
