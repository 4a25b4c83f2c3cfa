package io.nostro.toolkit.arrow;

import io.trino.spi.block.Block;
import io.trino.spi.block.ByteArrayBlock;
import io.trino.spi.block.Fixed12Block;
import io.trino.spi.block.Int128ArrayBlock;
import io.trino.spi.block.IntArrayBlock;
import io.trino.spi.block.LongArrayBlock;
import io.trino.spi.block.ShortArrayBlock;
import io.trino.spi.block.ValueBlock;

import java.nio.ByteBuffer;

import static io.trino.spi.type.DateTimeEncoding.unpackMillisUtc;
import static io.trino.spi.type.Decimals.longTenToNth;
import static java.lang.Math.addExact;
import static java.lang.Math.floorDiv;
import static java.lang.Math.multiplyExact;

/**
 * Writes values that take as many bytes each.
 */
sealed interface ArrowValueWriter
{
    int MILLISECOND_DIGITS = 3;
    int MICROSECOND_DIGITS = 6;
    int PICOSECOND_DIGITS = 12;

    /**
     * Bytes of a value.
     */
    int width();

    /**
     * Writes a block's values; in the place of rows that are NULL there may be any.
     *
     * @param buffer little endian
     * @param begin where the first row's value begins
     */
    void write(Block block, ByteBuffer buffer, int begin);

    /**
     * Values that Arrow and Trino keep in the same way.
     */
    record Numbers(int width)
            implements ArrowValueWriter
    {
        @Override
        public void write(Block block, ByteBuffer buffer, int begin)
        {
            switch (block) {
                // whose array the block keeps to itself
                case LongArrayBlock longs -> {
                    for (int i = 0; i < longs.getPositionCount(); i++) {
                        buffer.putLong(begin + i * Long.BYTES, longs.getLong(i));
                    }
                }
                case IntArrayBlock ints -> buffer.slice(begin, ints.getPositionCount() * Integer.BYTES)
                        .order(buffer.order())
                        .asIntBuffer()
                        .put(ints.getRawValues(), ints.getRawValuesOffset(), ints.getPositionCount());
                case ByteArrayBlock bytes -> buffer.put(begin, bytes.getRawValues(), bytes.getRawValuesOffset(), bytes.getPositionCount());
                default -> writeRows(block, width, begin, switch (block.getUnderlyingValueBlock()) {
                    case LongArrayBlock longs -> (position, index) -> buffer.putLong(index, longs.getLong(position));
                    case IntArrayBlock ints -> (position, index) -> buffer.putInt(index, ints.getInt(position));
                    case ShortArrayBlock shorts -> (position, index) -> buffer.putShort(index, shorts.getShort(position));
                    case ByteArrayBlock bytes -> (position, index) -> buffer.put(index, bytes.getByte(position));
                    case ValueBlock values -> throw unexpected(values);
                });
            }
        }
    }

    record Decimals()
            implements ArrowValueWriter
    {
        @Override
        public int width()
        {
            return 2 * Long.BYTES;
        }

        @Override
        public void write(Block block, ByteBuffer buffer, int begin)
        {
            writeRows(block, width(), begin, switch (block.getUnderlyingValueBlock()) {
                case LongArrayBlock longs -> (position, index) -> {
                    long value = longs.getLong(position);
                    buffer.putLong(index, value);
                    buffer.putLong(index + Long.BYTES, value >> 63);
                };
                case Int128ArrayBlock int128s -> (position, index) -> {
                    buffer.putLong(index, int128s.getInt128Low(position));
                    buffer.putLong(index + Long.BYTES, int128s.getInt128High(position));
                };
                case ValueBlock values -> throw unexpected(values);
            });
        }
    }

    /**
     * Times of day.
     *
     * @param digits of a second's fraction that Arrow's unit stands for, as in the following ones
     */
    record Times(int digits)
            implements ArrowValueWriter
    {
        @Override
        public int width()
        {
            return Long.BYTES;
        }

        @Override
        public void write(Block block, ByteBuffer buffer, int begin)
        {
            LongArrayBlock picoseconds = (LongArrayBlock) block.getUnderlyingValueBlock();
            long unit = longTenToNth(PICOSECOND_DIGITS - digits);
            writeRows(block, width(), begin, (position, index) -> buffer.putLong(index, picoseconds.getLong(position) / unit));
        }
    }

    record Timestamps(int digits)
            implements ArrowValueWriter
    {
        @Override
        public int width()
        {
            return Long.BYTES;
        }

        @Override
        public void write(Block block, ByteBuffer buffer, int begin)
        {
            writeRows(block, width(), begin, switch (block.getUnderlyingValueBlock()) {
                case LongArrayBlock longs -> (position, index) -> buffer.putLong(index, scale(longs.getLong(position), MICROSECOND_DIGITS, 0, digits));
                case Fixed12Block fixed12s -> (position, index) -> buffer.putLong(
                        index,
                        scale(fixed12s.getFixed12First(position), MICROSECOND_DIGITS, fixed12s.getFixed12Second(position), digits));
                case ValueBlock values -> throw unexpected(values);
            });
        }
    }

    record TimestampsWithTimeZone(int digits)
            implements ArrowValueWriter
    {
        @Override
        public int width()
        {
            return Long.BYTES;
        }

        @Override
        public void write(Block block, ByteBuffer buffer, int begin)
        {
            writeRows(block, width(), begin, switch (block.getUnderlyingValueBlock()) {
                case LongArrayBlock longs -> (position, index) -> buffer.putLong(index, scale(unpackMillisUtc(longs.getLong(position)), MILLISECOND_DIGITS, 0, digits));
                case Fixed12Block fixed12s -> (position, index) -> buffer.putLong(
                        index,
                        scale(unpackMillisUtc(fixed12s.getFixed12First(position)), MILLISECOND_DIGITS, fixed12s.getFixed12Second(position), digits));
                case ValueBlock values -> throw unexpected(values);
            });
        }
    }

    /**
     * Writes a value of the block that has the values.
     */
    interface RowWriter
    {
        void write(int position, int index);
    }

    private static void writeRows(Block block, int width, int begin, RowWriter writer)
    {
        boolean hasOwnValues = block instanceof ValueBlock;
        boolean mayHaveNull = block.mayHaveNull();
        for (int row = 0; row < block.getPositionCount(); row++) {
            if (!mayHaveNull || !block.isNull(row)) {
                writer.write(hasOwnValues ? row : block.getUnderlyingValuePosition(row), begin + row * width);
            }
        }
    }

    /**
     * A number of units of other digits.
     *
     * @param value of whole units, and picoseconds within one
     */
    private static long scale(long value, int unitDigits, int picoseconds, int digits)
    {
        if (digits <= unitDigits) {
            return floorDiv(value, longTenToNth(unitDigits - digits));
        }
        long factor = longTenToNth(digits - unitDigits);
        long fraction = picoseconds / longTenToNth(PICOSECOND_DIGITS - digits);
        try {
            // towards zero, since the units of the lowest values are beyond 64 bits
            return value < 0 ? addExact(multiplyExact(value + 1, factor), fraction - factor) : addExact(multiplyExact(value, factor), fraction);
        }
        catch (ArithmeticException _) {
            throw new IllegalArgumentException("a timestamp of %s * 10^-%s seconds since 1970, which is out of the range of 64 bits of 10^-%s seconds".formatted(value, unitDigits, digits));
        }
    }

    private static IllegalArgumentException unexpected(ValueBlock values)
    {
        return new IllegalArgumentException("a block of class %s, which the column's type does not have".formatted(values.getClass().getSimpleName()));
    }
}
