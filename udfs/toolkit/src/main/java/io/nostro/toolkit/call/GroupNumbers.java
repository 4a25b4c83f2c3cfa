package io.nostro.toolkit.call;

import com.google.common.collect.ImmutableList;
import io.nostro.toolkit.arrow.ArrowColumn;
import io.nostro.toolkit.arrow.ArrowReader;
import io.nostro.toolkit.arrow.ArrowType;
import io.trino.spi.block.Block;

import java.util.List;

import static com.google.common.base.Preconditions.checkArgument;
import static io.trino.spi.type.IntegerType.INTEGER;

/**
 * The numbers of the groups that rows are of, from 0 to below a count, as a column of int32 after the arguments'.
 */
public record GroupNumbers(ArrowColumn column, int count)
{
    private static final ArrowType TYPE = ArrowType.parse("i");

    /**
     * The types of the arguments and, as the last, that of the numbers.
     */
    public static List<ArrowType> appendType(List<ArrowType> arguments)
    {
        return ImmutableList.<ArrowType>builder().addAll(arguments).add(TYPE).build();
    }

    /**
     * The numbers of some rows.
     *
     * @throws IllegalArgumentException when a row has none, or one that is out of range
     */
    public int[] read(long from, int rows)
    {
        Block block = ArrowReader.read(column, from, rows);
        int[] groups = new int[rows];
        for (int row = 0; row < rows; row++) {
            checkArgument(!block.isNull(row), "A row has no group");
            groups[row] = INTEGER.getInt(block, row);
            checkArgument(groups[row] >= 0 && groups[row] < count, "A row's group is %s; accepted are 0 to %s", groups[row], count - 1);
        }
        return groups;
    }
}
