package io.nostro.functions.aggregation;

import io.airlift.slice.SliceInput;
import io.airlift.slice.SliceOutput;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import static com.google.common.base.Preconditions.checkArgument;
import static io.airlift.slice.SizeOf.instanceSize;
import static io.airlift.slice.SizeOf.sizeOf;
import static io.nostro.functions.FunctionErrors.invalidArgument;
import static java.util.Objects.requireNonNull;

/**
 * Rows of whole numbers in the order of the first number, of equal ones in the order of the second, and so on: the same
 * rows in the same order, in whatever order they were added. A row that comes last is added at once, any other among the
 * few hundred rows of its block.
 */
public final class OrderedRows
{
    public static final int MOST_ROWS = 10_000_000;

    static final int BLOCK_ROWS = 512;

    private static final int INSTANCE_SIZE = instanceSize(OrderedRows.class);
    private static final int BLOCK_SIZE = instanceSize(Block.class);
    private static final int SMALLEST_BLOCK = 4;

    private final String function;
    private final int width;
    private final List<Block> blocks = new ArrayList<>();
    private int size;
    private long blockBytes;

    /**
     * @param function the SQL function's name, for errors
     * @param width how many numbers a row has
     */
    public OrderedRows(String function, int width)
    {
        this.function = requireNonNull(function, "function is null");
        this.width = width;
    }

    public int size()
    {
        return size;
    }

    /**
     * Adds a row; whether it is the last in order, so that the rows before it are those that were there.
     */
    public boolean add(long... row)
    {
        checkArgument(row.length == width, "a row of %s numbers, not of %s", row.length, width);
        if (size == MOST_ROWS) {
            throw invalidArgument("%s: more than %s rows in one group", function, MOST_ROWS);
        }
        size++;
        if (blocks.isEmpty()) {
            insert(newBlock(SMALLEST_BLOCK, 0), 0, row);
            return true;
        }
        Block last = blocks.getLast();
        if (last.compare(last.rows - 1, row) <= 0) {
            if (last.rows == BLOCK_ROWS) {
                last = newBlock(SMALLEST_BLOCK, blocks.size());
            }
            insert(last, last.rows, row);
            return true;
        }
        int index = blockOf(row);
        Block block = blocks.get(index);
        if (block.rows == BLOCK_ROWS) {
            Block second = newBlock(BLOCK_ROWS, index + 1);
            block.moveHalfTo(second);
            if (second.compare(0, row) <= 0) {
                block = second;
            }
        }
        insert(block, block.rowsUpTo(row), row);
        return false;
    }

    /**
     * Takes away one row that is equal; whether no row was before it.
     */
    public boolean remove(long... row)
    {
        int index = blockOf(row);
        Block block = blocks.get(index);
        int found = block.rowsUpTo(row) - 1;
        checkArgument(found >= 0 && block.compare(found, row) == 0, "%s: no such row", function);
        block.remove(found);
        size--;
        if (block.rows == 0) {
            blocks.remove(index);
            blockBytes -= BLOCK_SIZE + sizeOf(block.numbers);
        }
        return index == 0 && found == 0;
    }

    public void addAll(OrderedRows other)
    {
        Cursor cursor = other.cursor();
        long[] row = new long[width];
        while (cursor.advance()) {
            for (int column = 0; column < width; column++) {
                row[column] = cursor.number(column);
            }
            add(row);
        }
    }

    /**
     * A cursor before the first row. It stays in its place when a row is added as the last; any other change ends its use.
     */
    public Cursor cursor()
    {
        return new Cursor();
    }

    public long retainedSizeInBytes()
    {
        return INSTANCE_SIZE + 8L * blocks.size() + blockBytes;
    }

    public int serializedSize()
    {
        return size * width * Long.BYTES;
    }

    public void serialize(SliceOutput output)
    {
        for (Block block : blocks) {
            for (int i = 0; i < block.rows * width; i++) {
                output.appendLong(block.numbers[i]);
            }
        }
    }

    /**
     * Adds all rows that the input still has.
     */
    public void addSerialized(SliceInput input)
    {
        long[] row = new long[width];
        while (input.available() > 0) {
            for (int column = 0; column < width; column++) {
                row[column] = input.readLong();
            }
            add(row);
        }
    }

    private Block newBlock(int capacity, int index)
    {
        Block block = new Block(width, capacity);
        blocks.add(index, block);
        blockBytes += BLOCK_SIZE + sizeOf(block.numbers);
        return block;
    }

    private void insert(Block block, int position, long[] row)
    {
        blockBytes -= sizeOf(block.numbers);
        block.insert(position, row);
        blockBytes += sizeOf(block.numbers);
    }

    /**
     * The last block that begins with no later row, or the first.
     */
    private int blockOf(long[] row)
    {
        int low = 0;
        int high = blocks.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (blocks.get(middle).compare(0, row) <= 0) {
                low = middle;
            }
            else {
                high = middle - 1;
            }
        }
        return low;
    }

    /**
     * A place among the rows.
     */
    public final class Cursor
    {
        private int index;
        private int position = -1;

        private Cursor() {}

        /**
         * Goes to the next row, when there is one.
         */
        public boolean advance()
        {
            if (index < blocks.size() && position + 1 < blocks.get(index).rows) {
                position++;
                return true;
            }
            if (index + 1 < blocks.size()) {
                index++;
                position = 0;
                return true;
            }
            return false;
        }

        public long number(int column)
        {
            return blocks.get(index).numbers[position * width + column];
        }
    }

    private static final class Block
    {
        private final int width;
        private long[] numbers;
        private int rows;

        private Block(int width, int capacity)
        {
            this.width = width;
            this.numbers = new long[capacity * width];
        }

        private int compare(int position, long[] row)
        {
            int start = position * width;
            for (int column = 0; column < width; column++) {
                int result = Long.compare(numbers[start + column], row[column]);
                if (result != 0) {
                    return result;
                }
            }
            return 0;
        }

        private int rowsUpTo(long[] row)
        {
            int low = 0;
            int high = rows;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (compare(middle, row) <= 0) {
                    low = middle + 1;
                }
                else {
                    high = middle;
                }
            }
            return low;
        }

        private void insert(int position, long[] row)
        {
            if (rows * width == numbers.length) {
                numbers = Arrays.copyOf(numbers, Math.min(BLOCK_ROWS, rows * 2) * width);
            }
            int start = position * width;
            System.arraycopy(numbers, start, numbers, start + width, (rows - position) * width);
            System.arraycopy(row, 0, numbers, start, width);
            rows++;
        }

        private void remove(int position)
        {
            rows--;
            System.arraycopy(numbers, (position + 1) * width, numbers, position * width, (rows - position) * width);
        }

        private void moveHalfTo(Block second)
        {
            int kept = rows / 2;
            second.rows = rows - kept;
            System.arraycopy(numbers, kept * width, second.numbers, 0, second.rows * width);
            rows = kept;
        }
    }
}
