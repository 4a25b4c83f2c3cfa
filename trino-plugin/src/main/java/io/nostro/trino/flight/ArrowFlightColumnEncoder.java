package io.nostro.trino.flight;

import com.google.common.collect.ImmutableList;
import io.airlift.slice.Slice;
import io.trino.spi.TrinoException;
import io.trino.spi.block.Block;
import io.trino.spi.block.ByteArrayBlock;
import io.trino.spi.block.ColumnarArray;
import io.trino.spi.block.ColumnarMap;
import io.trino.spi.block.Fixed12Block;
import io.trino.spi.block.Int128ArrayBlock;
import io.trino.spi.block.IntArrayBlock;
import io.trino.spi.block.LongArrayBlock;
import io.trino.spi.block.RowBlock;
import io.trino.spi.block.ShortArrayBlock;
import io.trino.spi.block.ValueBlock;
import io.trino.spi.block.VariableWidthBlock;
import io.trino.spi.type.ArrayType;
import io.trino.spi.type.BigintType;
import io.trino.spi.type.BooleanType;
import io.trino.spi.type.CharType;
import io.trino.spi.type.DateType;
import io.trino.spi.type.DecimalType;
import io.trino.spi.type.DoubleType;
import io.trino.spi.type.IntegerType;
import io.trino.spi.type.LongTimestamp;
import io.trino.spi.type.LongTimestampWithTimeZone;
import io.trino.spi.type.MapType;
import io.trino.spi.type.RealType;
import io.trino.spi.type.RowType;
import io.trino.spi.type.SmallintType;
import io.trino.spi.type.TimeType;
import io.trino.spi.type.TimestampType;
import io.trino.spi.type.TimestampWithTimeZoneType;
import io.trino.spi.type.TinyintType;
import io.trino.spi.type.Type;
import io.trino.spi.type.UuidType;
import io.trino.spi.type.VarbinaryType;
import io.trino.spi.type.VarcharType;
import org.apache.arrow.flatbuf.TimeUnit;

import java.util.List;
import java.util.function.Consumer;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static io.trino.spi.StandardErrorCode.NUMERIC_VALUE_OUT_OF_RANGE;
import static io.trino.spi.type.DateTimeEncoding.unpackMillisUtc;
import static java.lang.Math.floorDiv;
import static java.lang.Math.multiplyExact;

/**
 * Turns the blocks of one column into the buffers of an Arrow column, several blocks into one batch.
 */
abstract class ArrowFlightColumnEncoder
{
    private static final long PICOSECONDS_PER_NANOSECOND = 1_000;
    private static final long PICOSECONDS_PER_MICROSECOND = 1_000_000;
    private static final long PICOSECONDS_PER_MILLISECOND = 1_000_000_000;
    private static final long PICOSECONDS_PER_SECOND = 1_000_000_000_000L;

    private static final ArrowFlightWriteBuffer EMPTY = new ArrowFlightWriteBuffer();

    private final ArrowFlightWriteBuffer validity = new ArrowFlightWriteBuffer();
    private int rows;
    private int nulls;

    static ArrowFlightColumnEncoder create(Type type)
    {
        return switch (type) {
            case BooleanType _ -> new Booleans();
            case TinyintType _ -> new FixedWidth(Byte.BYTES, (buffer, offset, values, position) -> buffer.putByte(offset, ((ByteArrayBlock) values).getByte(position)));
            case SmallintType _ -> new FixedWidth(Short.BYTES, (buffer, offset, values, position) -> buffer.putShort(offset, ((ShortArrayBlock) values).getShort(position)));
            case IntegerType _, DateType _, RealType _ -> new Integers();
            case BigintType _, DoubleType _ -> new Longs();
            case DecimalType decimalType -> decimalType.isShort()
                    ? new ShortDecimals()
                    : new FixedWidth(2 * Long.BYTES, (buffer, offset, values, position) -> {
                        buffer.putLong(offset, ((Int128ArrayBlock) values).getInt128Low(position));
                        buffer.putLong(offset + Long.BYTES, ((Int128ArrayBlock) values).getInt128High(position));
                    });
            case UuidType _ -> new FixedWidth(2 * Long.BYTES, (buffer, offset, values, position) -> {
                buffer.putLong(offset, ((Int128ArrayBlock) values).getInt128High(position));
                buffer.putLong(offset + Long.BYTES, ((Int128ArrayBlock) values).getInt128Low(position));
            });
            case VarcharType _, CharType _, VarbinaryType _ -> new VariableWidth();
            case TimeType timeType -> time(ArrowFlightSchemaEncoder.unit(timeType.getPrecision()));
            case TimestampType timestampType -> timestamp(timestampType);
            case TimestampWithTimeZoneType timestampType -> instant(timestampType);
            case ArrayType arrayType -> new Arrays(create(arrayType.getElementType()));
            case MapType mapType -> new Maps(create(mapType.getKeyType()), create(mapType.getValueType()));
            case RowType rowType -> new Rows(rowType.getFields().stream().map(field -> create(field.getType())).collect(toImmutableList()));
            default -> {
                if (ArrowFlightSchemaEncoder.isJson(type)) {
                    yield new VariableWidth();
                }
                throw new IllegalArgumentException("No Arrow type for " + type);
            }
        };
    }

    private static ArrowFlightColumnEncoder time(short unit)
    {
        return switch (unit) {
            case TimeUnit.SECOND -> new FixedWidth(Integer.BYTES, (buffer, offset, values, position) -> buffer.putInt(offset, (int) (((LongArrayBlock) values).getLong(position) / PICOSECONDS_PER_SECOND)));
            case TimeUnit.MILLISECOND -> new FixedWidth(Integer.BYTES, (buffer, offset, values, position) -> buffer.putInt(offset, (int) (((LongArrayBlock) values).getLong(position) / PICOSECONDS_PER_MILLISECOND)));
            case TimeUnit.MICROSECOND -> new FixedWidth(Long.BYTES, (buffer, offset, values, position) -> buffer.putLong(offset, ((LongArrayBlock) values).getLong(position) / PICOSECONDS_PER_MICROSECOND));
            default -> new FixedWidth(Long.BYTES, (buffer, offset, values, position) -> buffer.putLong(offset, ((LongArrayBlock) values).getLong(position) / PICOSECONDS_PER_NANOSECOND));
        };
    }

    private static ArrowFlightColumnEncoder timestamp(TimestampType type)
    {
        return switch (ArrowFlightSchemaEncoder.unit(type.getPrecision())) {
            case TimeUnit.SECOND -> new FixedWidth(Long.BYTES, (buffer, offset, values, position) -> buffer.putLong(offset, floorDiv(((LongArrayBlock) values).getLong(position), 1_000_000)));
            case TimeUnit.MILLISECOND -> new FixedWidth(Long.BYTES, (buffer, offset, values, position) -> buffer.putLong(offset, floorDiv(((LongArrayBlock) values).getLong(position), 1_000)));
            case TimeUnit.MICROSECOND -> new Longs();
            default -> new FixedWidth(Long.BYTES, (buffer, offset, values, position) -> {
                LongTimestamp timestamp = (LongTimestamp) type.getObject(values, position);
                buffer.putLong(offset, nanoseconds(timestamp.getEpochMicros(), 1_000, timestamp.getPicosOfMicro()));
            });
        };
    }

    private static ArrowFlightColumnEncoder instant(TimestampWithTimeZoneType type)
    {
        if (type.isShort()) {
            return ArrowFlightSchemaEncoder.unit(type.getPrecision()) == TimeUnit.SECOND
                    ? new FixedWidth(Long.BYTES, (buffer, offset, values, position) -> buffer.putLong(offset, floorDiv(unpackMillisUtc(((LongArrayBlock) values).getLong(position)), 1_000)))
                    : new FixedWidth(Long.BYTES, (buffer, offset, values, position) -> buffer.putLong(offset, unpackMillisUtc(((LongArrayBlock) values).getLong(position))));
        }
        boolean microseconds = ArrowFlightSchemaEncoder.unit(type.getPrecision()) == TimeUnit.MICROSECOND;
        return new FixedWidth(Long.BYTES, (buffer, offset, values, position) -> {
            LongTimestampWithTimeZone timestamp = (LongTimestampWithTimeZone) type.getObject((Fixed12Block) values, position);
            buffer.putLong(offset, microseconds
                    ? multiplyExact(timestamp.getEpochMillis(), 1_000) + timestamp.getPicosOfMilli() / PICOSECONDS_PER_MICROSECOND
                    : nanoseconds(timestamp.getEpochMillis(), 1_000_000, timestamp.getPicosOfMilli()));
        });
    }

    private static long nanoseconds(long units, long nanosecondsPerUnit, int picoseconds)
    {
        try {
            return Math.addExact(multiplyExact(units, nanosecondsPerUnit), picoseconds / PICOSECONDS_PER_NANOSECOND);
        }
        catch (ArithmeticException _) {
            throw new TrinoException(NUMERIC_VALUE_OUT_OF_RANGE, "A timestamp with nanoseconds is out of the range that a source can be sent, 1677-09-21 to 2262-04-11");
        }
    }

    final int rows()
    {
        return rows;
    }

    final int nulls()
    {
        return nulls;
    }

    /**
     * Adds the rows of a block.
     */
    final void append(Block block)
    {
        append(block, 0, block.getPositionCount());
    }

    final void append(Block block, int start, int count)
    {
        int first = rows;
        validity.reserve((first + count + 7) / 8 - validity.size());
        rows += count;
        if (!block.mayHaveNull()) {
            setBits(first, count);
        }
        else {
            for (int i = 0; i < count; i++) {
                if (block.isNull(start + i)) {
                    nulls++;
                }
                else {
                    validity.setBit(first + i);
                }
            }
        }
        appendValues(block, start, count);
    }

    /**
     * Adds rows that are not NULL and have no values of their own.
     */
    final void addRows(int count)
    {
        rows += count;
    }

    private void setBits(int first, int count)
    {
        int end = first + count;
        int index = first;
        while (index < end) {
            if ((index & 7) == 0 && end - index >= 8) {
                validity.putByte(index >> 3, (byte) 0xFF);
                index += 8;
            }
            else {
                validity.setBit(index);
                index++;
            }
        }
    }

    /**
     * Adds the values of rows, and something in the place of each NULL.
     */
    abstract void appendValues(Block block, int start, int count);

    /**
     * Visits this column, then the columns within it, as the nodes of a record batch stand.
     */
    void forEachNode(Consumer<ArrowFlightColumnEncoder> consumer)
    {
        consumer.accept(this);
    }

    /**
     * Visits the buffers in the order of a record batch.
     */
    void forEachBuffer(Consumer<ArrowFlightWriteBuffer> consumer)
    {
        consumer.accept(nulls == 0 ? EMPTY : validity);
    }

    void clear()
    {
        validity.clear();
        rows = 0;
        nulls = 0;
    }

    /**
     * {@return the size of the buffers, those of the columns within included}
     */
    final long sizeInBytes()
    {
        long[] bytes = new long[1];
        forEachBuffer(buffer -> bytes[0] += buffer.size());
        return bytes[0];
    }

    long retainedBytes()
    {
        return validity.retainedBytes();
    }

    @FunctionalInterface
    private interface ValueWriter
    {
        void write(ArrowFlightWriteBuffer buffer, int offset, ValueBlock values, int position);
    }

    /**
     * A column whose last buffer has its values.
     */
    private abstract static class Values
            extends ArrowFlightColumnEncoder
    {
        final ArrowFlightWriteBuffer values = new ArrowFlightWriteBuffer();

        @Override
        void forEachBuffer(Consumer<ArrowFlightWriteBuffer> consumer)
        {
            super.forEachBuffer(consumer);
            consumer.accept(values);
        }

        @Override
        void clear()
        {
            super.clear();
            values.clear();
        }

        @Override
        long retainedBytes()
        {
            return super.retainedBytes() + values.retainedBytes();
        }
    }

    /**
     * Values of one width. The types that most columns have are classes of their own, so that the loop over their values
     * is compiled with the one write that it does.
     */
    private abstract static class Fixed
            extends Values
    {
        private final int width;

        private Fixed(int width)
        {
            this.width = width;
        }

        @Override
        final void appendValues(Block block, int start, int count)
        {
            int offset = values.reserve((long) width * count);
            ValueBlock underlying = block.getUnderlyingValueBlock();
            if (block == underlying && !block.mayHaveNull()) {
                write(underlying, start, count, offset);
                return;
            }
            for (int i = start; i < start + count; i++) {
                if (!block.isNull(i)) {
                    write(underlying, block.getUnderlyingValuePosition(i), 1, offset);
                }
                offset += width;
            }
        }

        /**
         * Puts values, none of which is NULL, from the offset on.
         */
        abstract void write(ValueBlock block, int start, int count, int offset);
    }

    private static final class Integers
            extends Fixed
    {
        private Integers()
        {
            super(Integer.BYTES);
        }

        @Override
        void write(ValueBlock block, int start, int count, int offset)
        {
            IntArrayBlock integers = (IntArrayBlock) block;
            for (int i = 0; i < count; i++) {
                values.putInt(offset + i * Integer.BYTES, integers.getInt(start + i));
            }
        }
    }

    private static final class Longs
            extends Fixed
    {
        private Longs()
        {
            super(Long.BYTES);
        }

        @Override
        void write(ValueBlock block, int start, int count, int offset)
        {
            LongArrayBlock longs = (LongArrayBlock) block;
            for (int i = 0; i < count; i++) {
                values.putLong(offset + i * Long.BYTES, longs.getLong(start + i));
            }
        }
    }

    private static final class ShortDecimals
            extends Fixed
    {
        private ShortDecimals()
        {
            super(2 * Long.BYTES);
        }

        @Override
        void write(ValueBlock block, int start, int count, int offset)
        {
            LongArrayBlock decimals = (LongArrayBlock) block;
            for (int i = 0; i < count; i++) {
                long value = decimals.getLong(start + i);
                values.putLong(offset + i * 2 * Long.BYTES, value);
                values.putLong(offset + (i * 2 + 1) * Long.BYTES, value >> (Long.SIZE - 1));
            }
        }
    }

    private static final class FixedWidth
            extends Fixed
    {
        private final int width;
        private final ValueWriter writer;

        private FixedWidth(int width, ValueWriter writer)
        {
            super(width);
            this.width = width;
            this.writer = writer;
        }

        @Override
        void write(ValueBlock block, int start, int count, int offset)
        {
            for (int i = 0; i < count; i++) {
                writer.write(values, offset + i * width, block, start + i);
            }
        }
    }

    private static final class Booleans
            extends Values
    {
        @Override
        void appendValues(Block block, int start, int count)
        {
            values.reserve((rows() + 7) / 8 - values.size());
            ByteArrayBlock underlying = (ByteArrayBlock) block.getUnderlyingValueBlock();
            int first = rows() - count - start;
            for (int i = start; i < start + count; i++) {
                if (!block.isNull(i) && underlying.getByte(block.getUnderlyingValuePosition(i)) != 0) {
                    values.setBit(first + i);
                }
            }
        }
    }

    private static final class VariableWidth
            extends ArrowFlightColumnEncoder
    {
        private final Offsets offsets = new Offsets();
        private final ArrowFlightWriteBuffer values = new ArrowFlightWriteBuffer();

        @Override
        void appendValues(Block block, int start, int count)
        {
            VariableWidthBlock underlying = (VariableWidthBlock) block.getUnderlyingValueBlock();
            Slice slice = underlying.getRawSlice();
            byte[] source = slice.byteArray();
            int base = slice.byteArrayOffset();
            if (block == underlying && count > 0) {
                // values lie one after another, also around those that are NULL
                int first = underlying.getRawSliceOffset(start);
                int length = end(underlying, start + count - 1) - first;
                int shift = values.reserve(length) - first;
                System.arraycopy(source, base + first, values.bytes(), first + shift, length);
                offsets.addAll(underlying, start, count, shift);
                return;
            }
            for (int i = start; i < start + count; i++) {
                if (!block.isNull(i)) {
                    int position = block.getUnderlyingValuePosition(i);
                    int length = underlying.getSliceLength(position);
                    int offset = values.reserve(length);
                    System.arraycopy(source, base + underlying.getRawSliceOffset(position), values.bytes(), offset, length);
                }
                offsets.add(values.size());
            }
        }

        private static int end(VariableWidthBlock block, int position)
        {
            return block.getRawSliceOffset(position) + block.getSliceLength(position);
        }

        @Override
        void forEachBuffer(Consumer<ArrowFlightWriteBuffer> consumer)
        {
            super.forEachBuffer(consumer);
            consumer.accept(offsets.buffer());
            consumer.accept(values);
        }

        @Override
        void clear()
        {
            super.clear();
            offsets.clear();
            values.clear();
        }

        @Override
        long retainedBytes()
        {
            return super.retainedBytes() + offsets.buffer().retainedBytes() + values.retainedBytes();
        }
    }

    private static final class Arrays
            extends ArrowFlightColumnEncoder
    {
        private final Offsets offsets = new Offsets();
        private final ArrowFlightColumnEncoder elements;

        private Arrays(ArrowFlightColumnEncoder elements)
        {
            this.elements = elements;
        }

        @Override
        void appendValues(Block block, int start, int count)
        {
            ColumnarArray array = ColumnarArray.toColumnarArray(block);
            Block elementsBlock = array.getElementsBlock();
            for (int i = start; i < start + count; i++) {
                if (!array.isNull(i)) {
                    elements.append(elementsBlock, array.getOffset(i), array.getOffset(i + 1) - array.getOffset(i));
                }
                offsets.add(elements.rows());
            }
        }

        @Override
        void forEachNode(Consumer<ArrowFlightColumnEncoder> consumer)
        {
            super.forEachNode(consumer);
            elements.forEachNode(consumer);
        }

        @Override
        void forEachBuffer(Consumer<ArrowFlightWriteBuffer> consumer)
        {
            super.forEachBuffer(consumer);
            consumer.accept(offsets.buffer());
            elements.forEachBuffer(consumer);
        }

        @Override
        void clear()
        {
            super.clear();
            offsets.clear();
            elements.clear();
        }

        @Override
        long retainedBytes()
        {
            return super.retainedBytes() + offsets.buffer().retainedBytes() + elements.retainedBytes();
        }
    }

    private static final class Maps
            extends ArrowFlightColumnEncoder
    {
        private final Offsets offsets = new Offsets();
        private final ArrowFlightColumnEncoder keys;
        private final ArrowFlightColumnEncoder values;
        private final Entries entries;

        private Maps(ArrowFlightColumnEncoder keys, ArrowFlightColumnEncoder values)
        {
            this.keys = keys;
            this.values = values;
            entries = new Entries();
        }

        @Override
        void appendValues(Block block, int start, int count)
        {
            ColumnarMap map = ColumnarMap.toColumnarMap(block);
            Block keysBlock = map.getKeysBlock();
            Block valuesBlock = map.getValuesBlock();
            for (int i = start; i < start + count; i++) {
                if (!map.isNull(i)) {
                    int entryStart = map.getOffset(i);
                    int entryCount = map.getOffset(i + 1) - entryStart;
                    keys.append(keysBlock, entryStart, entryCount);
                    values.append(valuesBlock, entryStart, entryCount);
                    entries.addRows(entryCount);
                }
                offsets.add(keys.rows());
            }
        }

        @Override
        void forEachNode(Consumer<ArrowFlightColumnEncoder> consumer)
        {
            super.forEachNode(consumer);
            consumer.accept(entries);
            keys.forEachNode(consumer);
            values.forEachNode(consumer);
        }

        @Override
        void forEachBuffer(Consumer<ArrowFlightWriteBuffer> consumer)
        {
            super.forEachBuffer(consumer);
            consumer.accept(offsets.buffer());
            entries.forEachBuffer(consumer);
            keys.forEachBuffer(consumer);
            values.forEachBuffer(consumer);
        }

        @Override
        void clear()
        {
            super.clear();
            offsets.clear();
            keys.clear();
            values.clear();
            entries.clear();
        }

        @Override
        long retainedBytes()
        {
            return super.retainedBytes() + offsets.buffer().retainedBytes() + keys.retainedBytes() + values.retainedBytes();
        }
    }

    /**
     * The structs between a map and its keys and values, none of which is NULL.
     */
    private static final class Entries
            extends ArrowFlightColumnEncoder
    {
        @Override
        void appendValues(Block block, int start, int count)
        {
            throw new UnsupportedOperationException();
        }
    }

    private static final class Rows
            extends ArrowFlightColumnEncoder
    {
        private final List<ArrowFlightColumnEncoder> fields;

        private Rows(List<ArrowFlightColumnEncoder> fields)
        {
            this.fields = ImmutableList.copyOf(fields);
        }

        @Override
        void appendValues(Block block, int start, int count)
        {
            List<Block> blocks = RowBlock.getRowFieldsFromBlock(block);
            for (int i = 0; i < fields.size(); i++) {
                fields.get(i).append(blocks.get(i), start, count);
            }
        }

        @Override
        void forEachNode(Consumer<ArrowFlightColumnEncoder> consumer)
        {
            super.forEachNode(consumer);
            fields.forEach(field -> field.forEachNode(consumer));
        }

        @Override
        void forEachBuffer(Consumer<ArrowFlightWriteBuffer> consumer)
        {
            super.forEachBuffer(consumer);
            fields.forEach(field -> field.forEachBuffer(consumer));
        }

        @Override
        void clear()
        {
            super.clear();
            fields.forEach(ArrowFlightColumnEncoder::clear);
        }

        @Override
        long retainedBytes()
        {
            return super.retainedBytes() + fields.stream().mapToLong(ArrowFlightColumnEncoder::retainedBytes).sum();
        }
    }

    /**
     * Where each value ends, after a zero.
     */
    private static final class Offsets
    {
        private final ArrowFlightWriteBuffer buffer = new ArrowFlightWriteBuffer();

        private Offsets()
        {
            buffer.reserve(Integer.BYTES);
        }

        private void add(int end)
        {
            int offset = buffer.reserve(Integer.BYTES);
            buffer.putInt(offset, end);
        }

        /**
         * Adds the ends of a block's values, each greater by the shift.
         */
        private void addAll(VariableWidthBlock block, int start, int count, int shift)
        {
            int offset = buffer.reserve((long) Integer.BYTES * count);
            for (int i = 0; i < count; i++) {
                buffer.putInt(offset + i * Integer.BYTES, VariableWidth.end(block, start + i) + shift);
            }
        }

        private void clear()
        {
            buffer.clear();
            buffer.reserve(Integer.BYTES);
        }

        private ArrowFlightWriteBuffer buffer()
        {
            return buffer;
        }
    }
}
