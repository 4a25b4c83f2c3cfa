package io.nostro.toolkit.call;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.Booleans;
import io.nostro.toolkit.arrow.ArrowColumn;
import io.nostro.toolkit.arrow.ArrowReader;
import io.nostro.toolkit.binding.BlockCoercion;
import io.trino.spi.block.ArrayBlockBuilder;
import io.trino.spi.block.Block;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.block.ValueBlock;
import io.trino.spi.type.ArrayType;
import io.trino.spi.type.Type;

import java.util.List;

import static com.google.common.base.Preconditions.checkArgument;
import static io.trino.spi.type.BooleanType.BOOLEAN;

/**
 * The arguments of a call as columns of Arrow, which are read a few rows at a time and converted to the types that the
 * function takes.
 */
public final class Arguments
{
    /** Rows that are read, computed and written at a time: few enough to stay in a processor's cache. */
    public static final int ROWS = 8192;

    /** As which the SPI, which has no type of NULL, reads a list of nothing but NULL. */
    private static final ArrayType BOOLEANS = new ArrayType(BOOLEAN);

    private final List<Type> types;
    private final List<ArrowColumn> columns;
    private final List<Boolean> constants;
    private final List<Boolean> nullable;
    private final ValueBlock[] constantBlocks;

    /**
     * @param types that the function takes
     * @param columns each of so many values as there are rows or, for a constant, of one
     * @param nullable which arguments the function takes a NULL of, as it does a value
     */
    public Arguments(List<Type> types, List<ArrowColumn> columns, boolean[] constants, List<Boolean> nullable)
    {
        this.types = ImmutableList.copyOf(types);
        this.columns = ImmutableList.copyOf(columns);
        this.constants = ImmutableList.copyOf(Booleans.asList(constants));
        this.nullable = ImmutableList.copyOf(nullable);
        checkArgument(types.size() == columns.size() && types.size() == constants.length && types.size() == nullable.size(), "%s columns and %s constants are given for %s arguments", columns.size(), constants.length, types.size());
        this.constantBlocks = new ValueBlock[constants.length];
        for (int column = 0; column < constants.length; column++) {
            if (constants[column]) {
                constantBlocks[column] = read(column, 0, 1);
            }
        }
    }

    /**
     * The arguments of some rows, at most {@link #ROWS}.
     */
    public Columns read(long from, int count)
    {
        ImmutableList.Builder<ValueBlock> blocks = ImmutableList.builder();
        for (int column = 0; column < constantBlocks.length; column++) {
            blocks.add(constantBlocks[column] == null ? read(column, from, count) : constantBlocks[column]);
        }
        return Columns.of(blocks.build(), constants, nullable, count);
    }

    private ValueBlock read(int column, long from, int count)
    {
        ArrowColumn values = columns.get(column);
        if (values.type().isNull()) {
            return nulls(types.get(column), count);
        }
        if (values.type().isListOfNull()) {
            return listsOfNull(ArrowReader.read(values, from, count), (ArrayType) types.get(column));
        }
        Block block = BlockCoercion.coerce(ArrowReader.read(values, from, count), values.type().trinoType(), types.get(column));
        return flat(block);
    }

    private static ValueBlock flat(Block block)
    {
        if (block instanceof ValueBlock valueBlock) {
            return valueBlock;
        }
        int[] positions = new int[block.getPositionCount()];
        for (int position = 0; position < positions.length; position++) {
            positions[position] = block.getUnderlyingValuePosition(position);
        }
        return block.getUnderlyingValueBlock().copyPositions(positions, 0, positions.length);
    }

    private static ValueBlock listsOfNull(Block block, ArrayType type)
    {
        ArrayBlockBuilder lists = type.createBlockBuilder(null, block.getPositionCount());
        for (int row = 0; row < block.getPositionCount(); row++) {
            if (block.isNull(row)) {
                lists.appendNull();
            }
            else {
                int length = BOOLEANS.getObject(block, row).getPositionCount();
                lists.buildEntry(elements -> appendNulls(elements, length));
            }
        }
        return lists.buildValueBlock();
    }

    private static ValueBlock nulls(Type type, int count)
    {
        BlockBuilder nulls = type.createBlockBuilder(null, count);
        appendNulls(nulls, count);
        return nulls.buildValueBlock();
    }

    private static void appendNulls(BlockBuilder builder, int count)
    {
        for (int index = 0; index < count; index++) {
            builder.appendNull();
        }
    }
}
