package io.nostro.toolkit.arrow;

import com.google.common.collect.ImmutableList;
import io.airlift.slice.Slice;
import io.trino.spi.block.Block;
import io.trino.spi.block.ByteArrayBlock;
import io.trino.spi.block.ColumnarArray;
import io.trino.spi.block.ColumnarMap;
import io.trino.spi.block.RowBlock;
import io.trino.spi.block.VariableWidthBlock;
import io.trino.spi.block.VariableWidthBlockBuilder;
import io.trino.spi.type.CharType;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

import static io.trino.spi.type.Chars.padSpaces;
import static java.lang.Math.addExact;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.util.Objects.requireNonNull;

/**
 * Keeps the blocks of a column, and writes them when all are known, as buffers of just the size.
 */
abstract sealed class ArrowColumnBuilder
{
    private final List<Block> blocks = new ArrayList<>();
    private int rows;
    private int nulls;

    final void append(Block block)
    {
        int count = block.getPositionCount();
        if (count == 0) {
            return;
        }
        checkSize((long) rows + count, bytesOfRow());
        Block kept = keep(block);
        blocks.add(kept);
        rows += count;
        if (kept.mayHaveNull()) {
            for (int i = 0; i < count; i++) {
                if (kept.isNull(i)) {
                    nulls++;
                }
            }
        }
    }

    final ArrowResult build()
    {
        List<ByteBuffer> buffers = new ArrayList<>();
        buffers.add(nulls == 0 ? null : validity());
        buffers.addAll(valueBuffers());
        return new ArrowResult(format(), rows, nulls, buffers, children().stream().map(ArrowColumnBuilder::build).toList());
    }

    abstract String format();

    /**
     * Bytes of a row in that of the buffers whose size follows from the rows and which has the most.
     */
    abstract int bytesOfRow();

    /**
     * What to keep of a block, after its parts for the children are with these.
     */
    abstract Block keep(Block block);

    /**
     * The buffers beside that of validity.
     */
    abstract List<ByteBuffer> valueBuffers();

    abstract List<ArrowColumnBuilder> children();

    final List<Block> blocks()
    {
        return blocks;
    }

    final int rows()
    {
        return rows;
    }

    private ByteBuffer validity()
    {
        byte[] bits = new byte[Math.ceilDiv(rows, Byte.SIZE)];
        int row = 0;
        for (Block block : blocks) {
            for (int i = 0; i < block.getPositionCount(); i++) {
                if (!block.isNull(i)) {
                    setBit(bits, row);
                }
                row++;
            }
        }
        return buffer(bits.length).put(0, bits);
    }

    private static void setBit(byte[] bits, int index)
    {
        bits[index >> 3] |= (byte) (1 << (index & 7));
    }

    private static ByteBuffer buffer(int size)
    {
        return ByteBuffer.allocateDirect(size).order(LITTLE_ENDIAN);
    }

    /**
     * There may be one value more than these, as of offsets.
     */
    private static void checkSize(long values, int width)
    {
        if (values >= Integer.MAX_VALUE / width) {
            throw new IllegalArgumentException("a column of %s values of %s bytes; accepted are less than %s bytes in a buffer, so give fewer rows at a time".formatted(values, width, Integer.MAX_VALUE));
        }
    }

    static final class Booleans
            extends ArrowColumnBuilder
    {
        @Override
        String format()
        {
            return "b";
        }

        @Override
        int bytesOfRow()
        {
            return 1;
        }

        @Override
        Block keep(Block block)
        {
            return block;
        }

        @Override
        List<ByteBuffer> valueBuffers()
        {
            byte[] bits = new byte[Math.ceilDiv(rows(), Byte.SIZE)];
            int row = 0;
            for (Block block : blocks()) {
                ByteArrayBlock values = (ByteArrayBlock) block.getUnderlyingValueBlock();
                for (int i = 0; i < block.getPositionCount(); i++) {
                    if (!block.isNull(i) && values.getByte(block.getUnderlyingValuePosition(i)) != 0) {
                        setBit(bits, row);
                    }
                    row++;
                }
            }
            return ImmutableList.of(buffer(bits.length).put(0, bits));
        }

        @Override
        List<ArrowColumnBuilder> children()
        {
            return ImmutableList.of();
        }
    }

    static final class FixedWidth
            extends ArrowColumnBuilder
    {
        private final String format;
        private final ArrowValueWriter writer;

        FixedWidth(String format, ArrowValueWriter writer)
        {
            this.format = requireNonNull(format, "format is null");
            this.writer = requireNonNull(writer, "writer is null");
        }

        @Override
        String format()
        {
            return format;
        }

        @Override
        int bytesOfRow()
        {
            return writer.width();
        }

        @Override
        Block keep(Block block)
        {
            return block;
        }

        @Override
        List<ByteBuffer> valueBuffers()
        {
            int width = writer.width();
            ByteBuffer buffer = buffer(rows() * width);
            int row = 0;
            for (Block block : blocks()) {
                writer.write(block, buffer, row * width);
                row += block.getPositionCount();
            }
            return ImmutableList.of(buffer);
        }

        @Override
        List<ArrowColumnBuilder> children()
        {
            return ImmutableList.of();
        }
    }

    static final class Texts
            extends ArrowColumnBuilder
    {
        private final String format;
        private final Optional<CharType> padded;
        private long bytes;

        /**
         * @param padded the type whose length values are padded to
         */
        Texts(String format, Optional<CharType> padded)
        {
            this.format = requireNonNull(format, "format is null");
            this.padded = requireNonNull(padded, "padded is null");
        }

        @Override
        String format()
        {
            return format;
        }

        @Override
        int bytesOfRow()
        {
            return Integer.BYTES;
        }

        @Override
        Block keep(Block block)
        {
            Block kept = padded.map(type -> pad(block, type)).orElse(block);
            VariableWidthBlock values = (VariableWidthBlock) kept.getUnderlyingValueBlock();
            for (int i = 0; i < kept.getPositionCount(); i++) {
                bytes += kept.isNull(i) ? 0 : values.getSliceLength(kept.getUnderlyingValuePosition(i));
            }
            checkSize(bytes, 1);
            return kept;
        }

        private static Block pad(Block block, CharType type)
        {
            VariableWidthBlock values = (VariableWidthBlock) block.getUnderlyingValueBlock();
            VariableWidthBlockBuilder builder = new VariableWidthBlockBuilder(null, block.getPositionCount(), 0);
            for (int i = 0; i < block.getPositionCount(); i++) {
                if (block.isNull(i)) {
                    builder.appendNull();
                }
                else {
                    builder.writeEntry(padSpaces(values.getSlice(block.getUnderlyingValuePosition(i)), type));
                }
            }
            return builder.build();
        }

        @Override
        List<ByteBuffer> valueBuffers()
        {
            ByteBuffer offsets = buffer((rows() + 1) * Integer.BYTES);
            offsets.putInt(0);
            ByteBuffer data = buffer((int) bytes);
            for (Block block : blocks()) {
                if (block instanceof VariableWidthBlock values && !values.mayHaveNull()) {
                    int first = values.getRawSliceOffset(0);
                    int moved = data.position() - first;
                    for (int i = 1; i < values.getPositionCount(); i++) {
                        offsets.putInt(values.getRawSliceOffset(i) + moved);
                    }
                    int last = values.getPositionCount() - 1;
                    data.put(values.getRawSlice().toByteBuffer(first, values.getRawSliceOffset(last) + values.getSliceLength(last) - first));
                    offsets.putInt(data.position());
                    continue;
                }
                VariableWidthBlock values = (VariableWidthBlock) block.getUnderlyingValueBlock();
                Slice slice = values.getRawSlice();
                for (int i = 0; i < block.getPositionCount(); i++) {
                    if (!block.isNull(i)) {
                        int position = block.getUnderlyingValuePosition(i);
                        data.put(slice.byteArray(), slice.byteArrayOffset() + values.getRawSliceOffset(position), values.getSliceLength(position));
                    }
                    offsets.putInt(data.position());
                }
            }
            return ImmutableList.of(offsets.clear(), data.clear());
        }

        @Override
        List<ArrowColumnBuilder> children()
        {
            return ImmutableList.of();
        }
    }

    /**
     * Where the values of each list end, counted from the first list's first.
     */
    private static final class Offsets
    {
        private int[] offsets = new int[64];
        private int lists;

        private void add(int length)
        {
            if (lists + 1 == offsets.length) {
                offsets = Arrays.copyOf(offsets, offsets.length * 2);
            }
            offsets[lists + 1] = addExact(offsets[lists], length);
            lists++;
        }

        private ByteBuffer toBuffer()
        {
            ByteBuffer buffer = buffer((lists + 1) * Integer.BYTES);
            buffer.asIntBuffer().put(offsets, 0, lists + 1);
            return buffer;
        }
    }

    static final class Lists
            extends ArrowColumnBuilder
    {
        private final ArrowColumnBuilder element;
        private final Offsets offsets = new Offsets();

        Lists(ArrowColumnBuilder element)
        {
            this.element = requireNonNull(element, "element is null");
        }

        @Override
        String format()
        {
            return "+l(" + element.format() + ")";
        }

        @Override
        int bytesOfRow()
        {
            return Integer.BYTES;
        }

        @Override
        Block keep(Block block)
        {
            ColumnarArray array = ColumnarArray.toColumnarArray(block);
            element.append(array.getElementsBlock());
            for (int i = 0; i < array.getPositionCount(); i++) {
                offsets.add(array.getLength(i));
            }
            return block;
        }

        @Override
        List<ByteBuffer> valueBuffers()
        {
            return ImmutableList.of(offsets.toBuffer());
        }

        @Override
        List<ArrowColumnBuilder> children()
        {
            return ImmutableList.of(element);
        }
    }

    static final class Maps
            extends ArrowColumnBuilder
    {
        private final Structs entries;
        private final Offsets offsets = new Offsets();

        /**
         * @param entries of a key and a value
         */
        Maps(Structs entries)
        {
            this.entries = requireNonNull(entries, "entries is null");
        }

        @Override
        String format()
        {
            return "+m" + entries.fieldFormats();
        }

        @Override
        int bytesOfRow()
        {
            return Integer.BYTES;
        }

        @Override
        Block keep(Block block)
        {
            ColumnarMap map = ColumnarMap.toColumnarMap(block);
            if (map.getKeysBlock().getPositionCount() > 0) {
                entries.append(RowBlock.fromFieldBlocks(map.getKeysBlock().getPositionCount(), new Block[] {map.getKeysBlock(), map.getValuesBlock()}));
            }
            for (int i = 0; i < map.getPositionCount(); i++) {
                offsets.add(map.getEntryCount(i));
            }
            return block;
        }

        @Override
        List<ByteBuffer> valueBuffers()
        {
            return ImmutableList.of(offsets.toBuffer());
        }

        @Override
        List<ArrowColumnBuilder> children()
        {
            return ImmutableList.of(entries);
        }
    }

    static final class Structs
            extends ArrowColumnBuilder
    {
        private final List<String> names;
        private final List<ArrowColumnBuilder> fields;

        Structs(List<String> names, List<ArrowColumnBuilder> fields)
        {
            this.names = ImmutableList.copyOf(names);
            this.fields = ImmutableList.copyOf(fields);
        }

        @Override
        String format()
        {
            return "+s" + fieldFormats();
        }

        private String fieldFormats()
        {
            StringBuilder formats = new StringBuilder("(");
            for (int i = 0; i < fields.size(); i++) {
                formats.append(i == 0 ? "" : ",").append(ArrowFormatParser.quote(names.get(i))).append(':').append(fields.get(i).format());
            }
            return formats.append(')').toString();
        }

        @Override
        int bytesOfRow()
        {
            return 1;
        }

        @Override
        Block keep(Block block)
        {
            List<Block> fieldBlocks = RowBlock.getRowFieldsFromBlock(block);
            for (int i = 0; i < fields.size(); i++) {
                fields.get(i).append(fieldBlocks.get(i));
            }
            return block;
        }

        @Override
        List<ByteBuffer> valueBuffers()
        {
            return ImmutableList.of();
        }

        @Override
        List<ArrowColumnBuilder> children()
        {
            return fields;
        }
    }
}
