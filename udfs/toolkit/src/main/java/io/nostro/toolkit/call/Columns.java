package io.nostro.toolkit.call;

import com.google.common.collect.ImmutableList;
import io.airlift.slice.Slice;
import io.trino.spi.Page;
import io.trino.spi.block.Block;
import io.trino.spi.block.RunLengthEncodedBlock;
import io.trino.spi.block.ValueBlock;
import io.trino.spi.block.VariableWidthBlock;

import java.util.List;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

/**
 * The arguments of some rows. A column of one value for all rows is a block of one position, which is read with a step of
 * zero.
 */
public final class Columns
{
    private final ValueBlock[] blocks;
    private final int[] steps;
    private final boolean[] withNull;
    private final int rows;
    private final Slice[] constantTexts;

    private Columns(ValueBlock[] blocks, int[] steps, boolean[] withNull, int rows)
    {
        this.rows = rows;
        this.constantTexts = new Slice[blocks.length];
        for (int column = 0; column < blocks.length; column++) {
            if (steps[column] == 0 && blocks[column] instanceof VariableWidthBlock texts && !texts.isNull(0)) {
                constantTexts[column] = texts.getSlice(0);
            }
        }
        this.blocks = blocks;
        this.steps = steps;
        this.withNull = withNull;
    }

    /**
     * @param constants which columns are one value for all rows
     * @param nullable which columns the function takes a NULL of, as it does a value
     */
    static Columns of(List<ValueBlock> blocks, List<Boolean> constants, List<Boolean> nullable, int rows)
    {
        requireNonNull(blocks, "blocks is null");
        checkArgument(blocks.size() == constants.size(), "%s blocks, and %s are said to be constants or not", blocks.size(), constants.size());
        int[] steps = new int[blocks.size()];
        boolean[] withNull = null;
        for (int column = 0; column < steps.length; column++) {
            ValueBlock block = blocks.get(column);
            steps[column] = constants.get(column) ? 0 : 1;
            checkArgument(block.getPositionCount() == (constants.get(column) ? 1 : rows), "Column %s has %s values; %s rows are wanted", column, block.getPositionCount(), rows);
            if (!nullable.get(column) && block.mayHaveNull()) {
                withNull = withNull == null ? new boolean[rows] : withNull;
                for (int row = 0; row < rows; row++) {
                    withNull[row] |= block.isNull(row * steps[column]);
                }
            }
        }
        return new Columns(ImmutableList.copyOf(blocks).toArray(ValueBlock[]::new), steps, withNull, rows);
    }

    /**
     * The rows as Trino's operators have them.
     */
    public Page page()
    {
        Block[] columns = new Block[blocks.length];
        for (int column = 0; column < blocks.length; column++) {
            columns[column] = steps[column] == 0 ? RunLengthEncodedBlock.create(blocks[column], rows) : blocks[column];
        }
        return new Page(rows, columns);
    }

    /**
     * The column's values; the one of a row is at {@link #position}.
     */
    public ValueBlock block(int column)
    {
        return blocks[column];
    }

    public int position(int column, int row)
    {
        return row * steps[column];
    }

    /**
     * The text that the column has for all rows, so that none is made for each; null where it is a column of texts.
     */
    Slice constantText(int column)
    {
        return constantTexts[column];
    }

    /**
     * Whether an argument of the row is NULL that the function takes no NULL of.
     */
    boolean hasNull(int row)
    {
        return withNull != null && withNull[row];
    }
}
