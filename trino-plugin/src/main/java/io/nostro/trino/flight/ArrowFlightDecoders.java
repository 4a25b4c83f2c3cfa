package io.nostro.trino.flight;

import io.airlift.slice.DynamicSliceOutput;
import io.airlift.slice.Slice;
import io.airlift.slice.Slices;
import io.nostro.trino.flight.ArrowFlightDecoder.Length;
import io.nostro.trino.flight.ArrowFlightRecordBatch.Data;
import io.nostro.trino.flight.ArrowFlightRecordBatch.MalformedDataException;
import io.nostro.trino.flight.ArrowFlightRecordBatch.Node;
import io.nostro.trino.flight.ArrowFlightTypes.UnsupportedTypeException;
import io.nostro.trino.versions.VersionedBlocks;
import io.trino.spi.block.Block;
import io.trino.spi.block.RunLengthEncodedBlock;
import io.trino.spi.block.VariableWidthBlock;
import io.trino.spi.type.ArrayType;
import io.trino.spi.type.CharType;
import io.trino.spi.type.DecimalType;
import io.trino.spi.type.Int128;
import io.trino.spi.type.MapType;
import io.trino.spi.type.RowType;
import io.trino.spi.type.StandardTypes;
import io.trino.spi.type.TimeType;
import io.trino.spi.type.TimeZoneKey;
import io.trino.spi.type.TimestampType;
import io.trino.spi.type.TimestampWithTimeZoneType;
import io.trino.spi.type.Type;
import io.trino.spi.type.UuidType;
import io.trino.spi.type.VarcharType;
import org.apache.arrow.flatbuf.Date;
import org.apache.arrow.flatbuf.DateUnit;
import org.apache.arrow.flatbuf.Decimal;
import org.apache.arrow.flatbuf.DictionaryEncoding;
import org.apache.arrow.flatbuf.Field;
import org.apache.arrow.flatbuf.FixedSizeBinary;
import org.apache.arrow.flatbuf.FixedSizeList;
import org.apache.arrow.flatbuf.FloatingPoint;
import org.apache.arrow.flatbuf.Int;
import org.apache.arrow.flatbuf.Precision;
import org.apache.arrow.flatbuf.Time;
import org.apache.arrow.flatbuf.Timestamp;

import java.math.BigInteger;
import java.util.List;
import java.util.Optional;

import static io.airlift.slice.SliceUtf8.countCodePoints;
import static io.nostro.trino.flight.ArrowFlightTypes.precision;
import static io.trino.spi.block.Fixed12Block.encodeFixed12;
import static io.trino.spi.type.DateTimeEncoding.packDateTimeWithZone;
import static io.trino.spi.type.Decimals.longTenToNth;
import static java.lang.Math.floorDiv;
import static java.lang.Math.floorMod;
import static java.util.Objects.requireNonNull;

/**
 * Makes the decoder of a field. Values are copied per column, from the message's bytes into a block's array; text that
 * makes up a good part of its message is not copied at all.
 */
final class ArrowFlightDecoders
{
    private static final long MILLISECONDS_PER_DAY = 86_400_000;
    private static final long PICOSECONDS_PER_DAY = 86_400_000_000_000_000L;
    private static final int MICROSECOND_PRECISION = 6;
    private static final int MILLISECOND_PRECISION = 3;
    private static final int PICOSECOND_PRECISION = 12;
    // the packed form of a timestamp with time zone keeps 52 bits of milliseconds
    private static final long MAX_PACKED_MILLISECONDS = (1L << 51) - 1;

    private ArrowFlightDecoders() {}

    /**
     * Makes the decoder of a field.
     *
     * @param type as {@link ArrowFlightTypes} has it for this field
     */
    static ArrowFlightDecoder create(Field field, Type type, ArrowFlightDictionaries dictionaries)
            throws UnsupportedTypeException
    {
        DictionaryEncoding encoding = field.dictionary();
        if (encoding == null) {
            return createValues(field, type, dictionaries);
        }
        return dictionaries.indexDecoder(encoding, type, createValues(field, type, dictionaries));
    }

    private static ArrowFlightDecoder createValues(Field field, Type type, ArrowFlightDictionaries dictionaries)
            throws UnsupportedTypeException
    {
        return switch (field.typeType()) {
            case org.apache.arrow.flatbuf.Type.Null -> (batch, length, _) -> RunLengthEncodedBlock.create(type, null, length.next(batch).length());
            case org.apache.arrow.flatbuf.Type.Bool -> fixedWidth(ArrowFlightDecoders::decodeBooleans);
            case org.apache.arrow.flatbuf.Type.Int -> integers((Int) field.type(new Int()));
            case org.apache.arrow.flatbuf.Type.FloatingPoint -> floats((FloatingPoint) field.type(new FloatingPoint()));
            case org.apache.arrow.flatbuf.Type.Decimal -> decimals((Decimal) field.type(new Decimal()), (DecimalType) type);
            case org.apache.arrow.flatbuf.Type.Utf8, org.apache.arrow.flatbuf.Type.Binary -> variableWidth(type, (data, count) -> data.readInts(count));
            case org.apache.arrow.flatbuf.Type.LargeUtf8, org.apache.arrow.flatbuf.Type.LargeBinary -> variableWidth(type, (data, count) -> data.readLongsAsInts(count));
            case org.apache.arrow.flatbuf.Type.Utf8View, org.apache.arrow.flatbuf.Type.BinaryView -> views(type);
            case org.apache.arrow.flatbuf.Type.FixedSizeBinary -> fixedSizeBinary(((FixedSizeBinary) field.type(new FixedSizeBinary())).byteWidth(), type);
            case org.apache.arrow.flatbuf.Type.Date -> ((Date) field.type(new Date())).unit() == DateUnit.DAY
                    ? fixedWidth((data, count, nulls) -> VersionedBlocks.ints(count, nulls, data.readInts(count)))
                    : fixedWidth(ArrowFlightDecoders::decodeMillisecondDates);
            case org.apache.arrow.flatbuf.Type.Time -> times(((Time) field.type(new Time())).unit(), (TimeType) type);
            case org.apache.arrow.flatbuf.Type.Timestamp -> timestamps((Timestamp) field.type(new Timestamp()), type);
            case org.apache.arrow.flatbuf.Type.List -> list(element(field, type, dictionaries), (data, count) -> data.readInts(count));
            case org.apache.arrow.flatbuf.Type.LargeList -> list(element(field, type, dictionaries), (data, count) -> data.readLongsAsInts(count));
            case org.apache.arrow.flatbuf.Type.FixedSizeList -> fixedSizeList(element(field, type, dictionaries), ((FixedSizeList) field.type(new FixedSizeList())).listSize());
            case org.apache.arrow.flatbuf.Type.Map -> {
                Field entries = field.children(0);
                MapType mapType = (MapType) type;
                yield map(
                        mapType,
                        create(entries.children(0), mapType.getKeyType(), dictionaries),
                        create(entries.children(1), mapType.getValueType(), dictionaries));
            }
            case org.apache.arrow.flatbuf.Type.Struct_ -> {
                List<Type> fieldTypes = ((RowType) type).getTypeParameters();
                ArrowFlightDecoder[] fields = new ArrowFlightDecoder[fieldTypes.size()];
                for (int i = 0; i < fields.length; i++) {
                    fields[i] = create(field.children(i), fieldTypes.get(i), dictionaries);
                }
                yield row(fields);
            }
            default -> throw new UnsupportedTypeException("Arrow type number %s has no Trino type".formatted(field.typeType()));
        };
    }

    private static ArrowFlightDecoder element(Field field, Type type, ArrowFlightDictionaries dictionaries)
            throws UnsupportedTypeException
    {
        return create(field.children(0), ((ArrayType) type).getElementType(), dictionaries);
    }

    private interface ValuesDecoder
    {
        Block decode(Data data, int count, Optional<boolean[]> nulls);
    }

    private interface OffsetsReader
    {
        int[] read(Data data, int count);
    }

    private static ArrowFlightDecoder fixedWidth(ValuesDecoder decoder)
    {
        return (batch, length, parentNulls) -> {
            Node node = length.next(batch);
            Optional<boolean[]> nulls = readNulls(batch, node, parentNulls);
            return decoder.decode(batch.nextBuffer(), node.length(), nulls);
        };
    }

    static Optional<boolean[]> readNulls(ArrowFlightRecordBatch batch, Node node, Optional<boolean[]> parentNulls)
    {
        Data validity = batch.nextBuffer();
        if (node.nullCount() == 0) {
            return parentNulls;
        }
        int count = node.length();
        validity.checkLength((count + 7L) / 8);
        byte[] bytes = validity.bytes();
        int offset = validity.offset();
        boolean[] nulls = new boolean[count];
        int position = 0;
        for (int i = 0; position + 8 <= count; i++, position += 8) {
            int bits = bytes[offset + i];
            if (bits != -1) {
                nulls[position] = (bits & 1) == 0;
                nulls[position + 1] = (bits & 2) == 0;
                nulls[position + 2] = (bits & 4) == 0;
                nulls[position + 3] = (bits & 8) == 0;
                nulls[position + 4] = (bits & 16) == 0;
                nulls[position + 5] = (bits & 32) == 0;
                nulls[position + 6] = (bits & 64) == 0;
                nulls[position + 7] = (bits & 128) == 0;
            }
        }
        for (; position < count; position++) {
            nulls[position] = !isSet(bytes, offset, position);
        }
        if (parentNulls.isPresent()) {
            boolean[] parent = parentNulls.get();
            for (int i = 0; i < count; i++) {
                nulls[i] |= parent[i];
            }
        }
        return Optional.of(nulls);
    }

    private static boolean isSet(byte[] bytes, int offset, int position)
    {
        return (bytes[offset + (position >> 3)] & (1 << (position & 7))) != 0;
    }

    private static boolean isNull(Optional<boolean[]> nulls, int position)
    {
        return nulls.isPresent() && nulls.get()[position];
    }

    private static Block decodeBooleans(Data data, int count, Optional<boolean[]> nulls)
    {
        data.checkLength((count + 7L) / 8);
        byte[] bytes = data.bytes();
        int offset = data.offset();
        byte[] values = new byte[count];
        for (int i = 0; i < count; i++) {
            values[i] = (byte) ((bytes[offset + (i >> 3)] >> (i & 7)) & 1);
        }
        return VersionedBlocks.bytes(count, nulls, values);
    }

    private static ArrowFlightDecoder integers(Int type)
    {
        if (type.isSigned()) {
            return switch (type.bitWidth()) {
                case 8 -> fixedWidth((data, count, nulls) -> VersionedBlocks.bytes(count, nulls, data.readBytes(count)));
                case 16 -> fixedWidth((data, count, nulls) -> VersionedBlocks.shorts(count, nulls, data.readShorts(count)));
                case 32 -> fixedWidth((data, count, nulls) -> VersionedBlocks.ints(count, nulls, data.readInts(count)));
                default -> fixedWidth((data, count, nulls) -> VersionedBlocks.longs(count, nulls, data.readLongs(count)));
            };
        }
        return switch (type.bitWidth()) {
            case 8 -> fixedWidth((data, count, nulls) -> {
                byte[] bytes = data.readBytes(count);
                short[] values = new short[count];
                for (int i = 0; i < count; i++) {
                    values[i] = (short) Byte.toUnsignedInt(bytes[i]);
                }
                return VersionedBlocks.shorts(count, nulls, values);
            });
            case 16 -> fixedWidth((data, count, nulls) -> {
                short[] shorts = data.readShorts(count);
                int[] values = new int[count];
                for (int i = 0; i < count; i++) {
                    values[i] = Short.toUnsignedInt(shorts[i]);
                }
                return VersionedBlocks.ints(count, nulls, values);
            });
            case 32 -> fixedWidth((data, count, nulls) -> {
                int[] ints = data.readInts(count);
                long[] values = new long[count];
                for (int i = 0; i < count; i++) {
                    values[i] = Integer.toUnsignedLong(ints[i]);
                }
                return VersionedBlocks.longs(count, nulls, values);
            });
            default -> fixedWidth((data, count, nulls) -> {
                long[] lows = data.readLongs(count);
                long[] values = new long[2 * count];
                for (int i = 0; i < count; i++) {
                    values[2 * i + 1] = lows[i];
                }
                return VersionedBlocks.int128s(count, nulls, values);
            });
        };
    }

    private static ArrowFlightDecoder floats(FloatingPoint type)
    {
        return switch (type.precision()) {
            case Precision.HALF -> fixedWidth((data, count, nulls) -> {
                short[] halves = data.readShorts(count);
                int[] values = new int[count];
                for (int i = 0; i < count; i++) {
                    values[i] = Float.floatToIntBits(Float.float16ToFloat(halves[i]));
                }
                return VersionedBlocks.ints(count, nulls, values);
            });
            case Precision.SINGLE -> fixedWidth((data, count, nulls) -> VersionedBlocks.ints(count, nulls, data.readInts(count)));
            default -> fixedWidth((data, count, nulls) -> VersionedBlocks.longs(count, nulls, data.readLongs(count)));
        };
    }

    private static ArrowFlightDecoder decimals(Decimal arrowType, DecimalType type)
    {
        int words = arrowType.bitWidth() / Long.SIZE;
        if (arrowType.bitWidth() == Integer.SIZE) {
            return fixedWidth((data, count, nulls) -> {
                int[] ints = data.readInts(count);
                long[] values = new long[count];
                for (int i = 0; i < count; i++) {
                    values[i] = ints[i];
                }
                return shortDecimals(type, values, count, nulls);
            });
        }
        if (words == 1) {
            return fixedWidth((data, count, nulls) -> shortDecimals(type, data.readLongs(count), count, nulls));
        }
        if (type.isShort()) {
            return fixedWidth((data, count, nulls) -> {
                long[] raw = data.readLongs(words * count);
                long[] values = new long[count];
                boolean fits = true;
                for (int i = 0; i < count; i++) {
                    long value = raw[words * i];
                    values[i] = value;
                    fits &= raw[words * i + 1] == value >> 63;
                }
                if (!fits || words > 2) {
                    checkHighWords(type, raw, words, 1, count, nulls);
                }
                return shortDecimals(type, values, count, nulls);
            });
        }
        return fixedWidth((data, count, nulls) -> {
            long[] raw = data.readLongs(words * count);
            if (words > 2) {
                checkHighWords(type, raw, words, 2, count, nulls);
            }
            long[] values = words == 2 ? raw : new long[2 * count];
            for (int i = 0; i < count; i++) {
                long low = raw[words * i];
                values[2 * i] = raw[words * i + 1];
                values[2 * i + 1] = low;
            }
            checkLongDecimals(type, values, count, nulls);
            return VersionedBlocks.int128s(count, nulls, values);
        });
    }

    /**
     * Checks that what the words from {@code kept} on hold is but the sign.
     */
    private static void checkHighWords(DecimalType type, long[] raw, int words, int kept, int count, Optional<boolean[]> nulls)
    {
        for (int i = 0; i < count; i++) {
            long sign = raw[words * i + kept - 1] >> 63;
            for (int word = kept; word < words; word++) {
                if (raw[words * i + word] != sign && !isNull(nulls, i)) {
                    throw outOfRange(type);
                }
            }
        }
    }

    private static Block shortDecimals(DecimalType type, long[] values, int count, Optional<boolean[]> nulls)
    {
        long limit = longTenToNth(type.getPrecision());
        boolean fits = true;
        for (int i = 0; i < count; i++) {
            fits &= Math.abs(values[i]) < limit && values[i] != Long.MIN_VALUE;
        }
        if (!fits) {
            for (int i = 0; i < count; i++) {
                if ((values[i] >= limit || values[i] <= -limit) && !isNull(nulls, i)) {
                    throw outOfRange(type);
                }
            }
        }
        return VersionedBlocks.longs(count, nulls, values);
    }

    private static void checkLongDecimals(DecimalType type, long[] values, int count, Optional<boolean[]> nulls)
    {
        long[] limit = Int128.valueOf(BigInteger.TEN.pow(type.getPrecision())).toLongArray();
        for (int i = 0; i < count; i++) {
            long high = values[2 * i];
            long low = values[2 * i + 1];
            if (high < 0) {
                // the two's complement of the lowest value stays negative, and is caught below as too large
                low = -low;
                high = ~high + (low == 0 ? 1 : 0);
            }
            if ((high < 0 || high > limit[0] || (high == limit[0] && Long.compareUnsigned(low, limit[1]) >= 0)) && !isNull(nulls, i)) {
                throw outOfRange(type);
            }
        }
    }

    private static MalformedDataException outOfRange(Type type)
    {
        return new MalformedDataException("a value out of the range of " + type.getDisplayName());
    }

    private static ArrowFlightDecoder variableWidth(Type type, OffsetsReader offsetsReader)
    {
        TextCheck check = TextCheck.of(type);
        return (batch, length, parentNulls) -> {
            Node node = length.next(batch);
            int count = node.length();
            Optional<boolean[]> nulls = readNulls(batch, node, parentNulls);
            Data offsetsData = batch.nextBuffer();
            Data values = batch.nextBuffer();
            // a column without rows may leave out its only offset
            int[] offsets = count == 0 ? new int[1] : offsetsReader.read(offsetsData, count + 1);
            int longest = checkOffsets(offsets, count, values.length());

            Slice slice;
            if (2L * (offsets[count] - offsets[0]) >= values.bytes().length) {
                slice = Slices.wrappedBuffer(values.bytes(), values.offset(), values.length());
            }
            else {
                // a view of a small part would keep the whole message, with all its other columns, in memory
                int first = offsets[0];
                slice = Slices.allocate(offsets[count] - first);
                slice.setBytes(0, values.bytes(), values.offset() + first, slice.length());
                for (int i = 0; first != 0 && i <= count; i++) {
                    offsets[i] -= first;
                }
            }
            return check.apply(VersionedBlocks.variableWidth(count, slice, offsets, nulls), longest);
        };
    }

    /**
     * {@return length of the longest value}
     */
    private static int checkOffsets(int[] offsets, int count, int limit)
    {
        int longest = 0;
        int signs = offsets[0];
        for (int i = 0; i < count; i++) {
            int length = offsets[i + 1] - offsets[i];
            // the offset too, since a difference of far apart ones overflows
            signs |= length | offsets[i + 1];
            longest = Math.max(longest, length);
        }
        if (signs < 0 || offsets[count] > limit) {
            throw new MalformedDataException("offsets that decrease or exceed the %s values they refer to".formatted(limit));
        }
        return longest;
    }

    private static ArrowFlightDecoder views(Type type)
    {
        TextCheck check = TextCheck.of(type);
        return (batch, length, parentNulls) -> {
            Node node = length.next(batch);
            int count = node.length();
            Optional<boolean[]> nulls = readNulls(batch, node, parentNulls);
            Data views = batch.nextBuffer();
            Data[] buffers = batch.nextVariadicBuffers();
            return check.apply(decodeViews(views, buffers, count, nulls), Integer.MAX_VALUE);
        };
    }

    private static VariableWidthBlock decodeViews(Data views, Data[] buffers, int count, Optional<boolean[]> nulls)
    {
        int viewSize = 16;
        int maxInlined = 12;
        int[] fields = views.readInts(4 * count);
        int[] offsets = new int[count + 1];
        long size = 0;
        for (int i = 0; i < count; i++) {
            int length = isNull(nulls, i) ? 0 : fields[4 * i];
            if (length < 0) {
                throw new MalformedDataException("a value of %s bytes".formatted(length));
            }
            size += length;
            // values may overlap, so their sum is not bounded by the message's size
            if (size > Integer.MAX_VALUE - 8) {
                throw new MalformedDataException("more than 2 GB of values");
            }
            if (length > maxInlined) {
                int buffer = fields[4 * i + 2];
                int offset = fields[4 * i + 3];
                if (buffer < 0 || buffer >= buffers.length || offset < 0 || length > buffers[buffer].length() - offset) {
                    throw new MalformedDataException("a view outside of its buffers");
                }
            }
            offsets[i + 1] = (int) size;
        }
        byte[] values = new byte[(int) size];
        for (int i = 0; i < count; i++) {
            int length = offsets[i + 1] - offsets[i];
            if (length > maxInlined) {
                Data buffer = buffers[fields[4 * i + 2]];
                System.arraycopy(buffer.bytes(), buffer.offset() + fields[4 * i + 3], values, offsets[i], length);
            }
            else {
                System.arraycopy(views.bytes(), views.offset() + viewSize * i + Integer.BYTES, values, offsets[i], length);
            }
        }
        return VersionedBlocks.variableWidth(count, Slices.wrappedBuffer(values), offsets, nulls);
    }

    /**
     * Makes text hold to what its type promises.
     */
    private interface TextCheck
    {
        /**
         * Checks or changes the values.
         *
         * @param longest at least the number of bytes of the longest value
         */
        Block apply(VariableWidthBlock block, int longest);

        static TextCheck of(Type type)
        {
            if (type instanceof CharType charType) {
                return (block, longest) -> {
                    if (longest > charType.getLength()) {
                        checkLength(block, charType.getLength(), true);
                    }
                    return trimPadding(block);
                };
            }
            if (type instanceof VarcharType varcharType && !varcharType.isUnbounded()) {
                return (block, longest) -> {
                    if (longest > varcharType.getBoundedLength()) {
                        checkLength(block, varcharType.getBoundedLength(), false);
                    }
                    return block;
                };
            }
            if (type.getBaseName().equals(StandardTypes.JSON)) {
                return (block, _) -> normalizeJson(block);
            }
            return (block, _) -> block;
        }
    }

    private static void checkLength(VariableWidthBlock block, int limit, boolean padded)
    {
        for (int i = 0; i < block.getPositionCount(); i++) {
            if (!block.isNull(i) && block.getSliceLength(i) > limit) {
                Slice value = block.getSlice(i);
                if (padded) {
                    value = value.slice(0, trimmedLength(value));
                }
                int length = countCodePoints(value);
                if (length > limit) {
                    throw new MalformedDataException("text of %s characters in a column of at most %s".formatted(length, limit));
                }
            }
        }
    }

    private static int trimmedLength(Slice value)
    {
        int end = value.length();
        while (end > 0 && value.getByte(end - 1) == ' ') {
            end--;
        }
        return end;
    }

    /**
     * Trino keeps CHAR values without their padding.
     */
    private static Block trimPadding(VariableWidthBlock block)
    {
        return mapValues(block, (value, output) -> output.writeBytes(value, 0, trimmedLength(value)));
    }

    private static Block normalizeJson(VariableWidthBlock block)
    {
        return mapValues(block, (value, output) -> output.writeBytes(ArrowFlightJsonValues.normalize(value)));
    }

    private interface ValueWriter
    {
        void write(Slice value, DynamicSliceOutput output);
    }

    private static Block mapValues(VariableWidthBlock block, ValueWriter writer)
    {
        int count = block.getPositionCount();
        int[] offsets = new int[count + 1];
        boolean[] nulls = new boolean[count];
        boolean hasNulls = false;
        DynamicSliceOutput output = new DynamicSliceOutput((int) Math.min(block.getSizeInBytes(), 1 << 20));
        for (int i = 0; i < count; i++) {
            if (block.isNull(i)) {
                nulls[i] = true;
                hasNulls = true;
            }
            else {
                writer.write(block.getSlice(i), output);
            }
            offsets[i + 1] = output.size();
        }
        return VersionedBlocks.variableWidth(count, output.slice(), offsets, hasNulls ? Optional.of(nulls) : Optional.empty());
    }

    private static ArrowFlightDecoder fixedSizeBinary(int width, Type type)
    {
        if (type instanceof UuidType) {
            return fixedWidth((data, count, nulls) -> VersionedBlocks.int128s(count, nulls, data.readLongs(2 * count)));
        }
        return fixedWidth((data, count, nulls) -> {
            long size = (long) width * count;
            data.checkLength(size);
            int[] offsets = new int[count + 1];
            for (int i = 0; i <= count; i++) {
                offsets[i] = width * i;
            }
            return VersionedBlocks.variableWidth(count, Slices.wrappedBuffer(data.readBytes((int) size)), offsets, nulls);
        });
    }

    private static Block decodeMillisecondDates(Data data, int count, Optional<boolean[]> nulls)
    {
        long[] milliseconds = data.readLongs(count);
        int[] values = new int[count];
        for (int i = 0; i < count; i++) {
            long days = floorDiv(milliseconds[i], MILLISECONDS_PER_DAY);
            if (days != (int) days && !isNull(nulls, i)) {
                throw new MalformedDataException("a date out of range");
            }
            values[i] = (int) days;
        }
        return VersionedBlocks.ints(count, nulls, values);
    }

    private static ArrowFlightDecoder times(int unit, TimeType type)
    {
        int unitPrecision = precision(unit);
        long picoseconds = longTenToNth(PICOSECOND_PRECISION - unitPrecision);
        long unitsPerDay = PICOSECONDS_PER_DAY / picoseconds;
        long step = longTenToNth(Math.max(0, unitPrecision - type.getPrecision()));
        return fixedWidth((data, count, nulls) -> {
            long[] values;
            if (unitPrecision <= MILLISECOND_PRECISION) {
                int[] ints = data.readInts(count);
                values = new long[count];
                for (int i = 0; i < count; i++) {
                    values[i] = ints[i];
                }
            }
            else {
                values = data.readLongs(count);
            }
            for (int i = 0; i < count; i++) {
                long value = values[i];
                if ((value < 0 || value >= unitsPerDay) && !isNull(nulls, i)) {
                    throw new MalformedDataException("a time of day out of range");
                }
                values[i] = value * picoseconds;
            }
            if (step > 1) {
                checkStep(values, step * picoseconds, type, nulls);
            }
            return VersionedBlocks.longs(count, nulls, values);
        });
    }

    /**
     * Checks that no value has more digits than its type's precision.
     */
    private static void checkStep(long[] values, long step, Type type, Optional<boolean[]> nulls)
    {
        if (step == 1) {
            return;
        }
        for (int i = 0; i < values.length; i++) {
            if (values[i] % step != 0 && !isNull(nulls, i)) {
                throw new MalformedDataException("a value with more digits than " + type.getDisplayName());
            }
        }
    }

    private static ArrowFlightDecoder timestamps(Timestamp arrowType, Type type)
            throws UnsupportedTypeException
    {
        int unitPrecision = precision(arrowType.unit());
        if (type instanceof TimestampType timestampType) {
            long step = longTenToNth(Math.max(0, unitPrecision - timestampType.getPrecision()));
            if (timestampType.isShort()) {
                return fixedWidth((data, count, nulls) -> {
                    long[] values = data.readLongs(count);
                    checkStep(values, step, type, nulls);
                    rescale(values, unitPrecision, MICROSECOND_PRECISION, nulls);
                    return VersionedBlocks.longs(count, nulls, values);
                });
            }
            return fixedWidth((data, count, nulls) -> {
                long[] values = data.readLongs(count);
                checkStep(values, step, type, nulls);
                return split(values, unitPrecision, MICROSECOND_PRECISION, value -> value, count, nulls);
            });
        }
        TimestampWithTimeZoneType timestampType = (TimestampWithTimeZoneType) type;
        TimeZoneKey zone = ArrowFlightTypes.timeZone(arrowType);
        long step = longTenToNth(Math.max(0, unitPrecision - timestampType.getPrecision()));
        if (timestampType.isShort()) {
            return fixedWidth((data, count, nulls) -> {
                long[] values = data.readLongs(count);
                checkStep(values, step, type, nulls);
                rescale(values, unitPrecision, MILLISECOND_PRECISION, nulls);
                for (int i = 0; i < count; i++) {
                    values[i] = isNull(nulls, i) ? 0 : pack(values[i], zone);
                }
                return VersionedBlocks.longs(count, nulls, values);
            });
        }
        return fixedWidth((data, count, nulls) -> {
            long[] values = data.readLongs(count);
            checkStep(values, step, type, nulls);
            return split(values, unitPrecision, MILLISECOND_PRECISION, value -> pack(value, zone), count, nulls);
        });
    }

    private static long pack(long milliseconds, TimeZoneKey zone)
    {
        if (milliseconds > MAX_PACKED_MILLISECONDS || milliseconds < -MAX_PACKED_MILLISECONDS) {
            throw new MalformedDataException("a timestamp out of range");
        }
        return packDateTimeWithZone(milliseconds, zone);
    }

    private static void rescale(long[] values, int fromPrecision, int toPrecision, Optional<boolean[]> nulls)
    {
        if (fromPrecision > toPrecision) {
            long divisor = longTenToNth(fromPrecision - toPrecision);
            for (int i = 0; i < values.length; i++) {
                values[i] = floorDiv(values[i], divisor);
            }
        }
        else if (fromPrecision < toPrecision) {
            long factor = longTenToNth(toPrecision - fromPrecision);
            long limit = Long.MAX_VALUE / factor;
            for (int i = 0; i < values.length; i++) {
                if ((values[i] > limit || values[i] < -limit) && !isNull(nulls, i)) {
                    throw new MalformedDataException("a timestamp out of range");
                }
                values[i] *= factor;
            }
        }
    }

    private interface HighPart
    {
        long encode(long value);
    }

    /**
     * Makes the two-part form of timestamps: whole units of {@code highPrecision}, and picoseconds within one.
     */
    private static Block split(long[] values, int unitPrecision, int highPrecision, HighPart highPart, int count, Optional<boolean[]> nulls)
    {
        int[] encoded = new int[3 * count];
        if (unitPrecision <= highPrecision) {
            rescale(values, unitPrecision, highPrecision, nulls);
            for (int i = 0; i < count; i++) {
                encodeFixed12(isNull(nulls, i) ? 0 : highPart.encode(values[i]), 0, encoded, i);
            }
        }
        else {
            long divisor = longTenToNth(unitPrecision - highPrecision);
            int picoseconds = (int) longTenToNth(PICOSECOND_PRECISION - unitPrecision);
            for (int i = 0; i < count; i++) {
                long value = isNull(nulls, i) ? 0 : values[i];
                encodeFixed12(highPart.encode(floorDiv(value, divisor)), (int) floorMod(value, divisor) * picoseconds, encoded, i);
            }
        }
        return VersionedBlocks.fixed12(count, nulls, encoded);
    }

    private static ArrowFlightDecoder list(ArrowFlightDecoder element, OffsetsReader offsetsReader)
    {
        return (batch, length, parentNulls) -> {
            Node node = length.next(batch);
            int count = node.length();
            Optional<boolean[]> nulls = readNulls(batch, node, parentNulls);
            Data offsetsData = batch.nextBuffer();
            int[] offsets = count == 0 ? new int[1] : offsetsReader.read(offsetsData, count + 1);
            Block elements = element.decode(batch, Length.ANY, Optional.empty());
            checkOffsets(offsets, count, elements.getPositionCount());
            Entries entries = Entries.of(offsets, count, nulls);
            return VersionedBlocks.array(count, nulls, entries.offsets(), entries.select(elements));
        };
    }

    private static ArrowFlightDecoder fixedSizeList(ArrowFlightDecoder element, int size)
    {
        return (batch, length, parentNulls) -> {
            Node node = length.next(batch);
            int count = node.length();
            Optional<boolean[]> nulls = readNulls(batch, node, parentNulls);
            Block elements = element.decode(batch, Length.ANY, Optional.empty());
            if (elements.getPositionCount() < (long) size * count) {
                throw new MalformedDataException("%s elements in %s lists of %s".formatted(elements.getPositionCount(), count, size));
            }
            int[] offsets = new int[count + 1];
            for (int i = 0; i <= count; i++) {
                offsets[i] = size * i;
            }
            Entries entries = Entries.of(offsets, count, nulls);
            return VersionedBlocks.array(count, nulls, entries.offsets(), entries.select(elements));
        };
    }

    private static ArrowFlightDecoder map(MapType type, ArrowFlightDecoder key, ArrowFlightDecoder value)
    {
        return (batch, length, parentNulls) -> {
            Node node = length.next(batch);
            int count = node.length();
            Optional<boolean[]> nulls = readNulls(batch, node, parentNulls);
            Data offsetsData = batch.nextBuffer();
            int[] offsets = count == 0 ? new int[1] : offsetsData.readInts(count + 1);
            Node entriesNode = batch.nextNode();
            readNulls(batch, entriesNode, Optional.empty());
            Length entryCount = new Length(entriesNode.length());
            Block keys = key.decode(batch, entryCount, Optional.empty());
            Block values = value.decode(batch, entryCount, Optional.empty());
            checkOffsets(offsets, count, entriesNode.length());
            Entries entries = Entries.of(offsets, count, nulls);
            Block selectedKeys = entries.select(keys);
            if (selectedKeys.hasNull()) {
                throw new MalformedDataException("a map key that is NULL");
            }
            return VersionedBlocks.map(type, nulls, entries.offsets(), selectedKeys, entries.select(values));
        };
    }

    /**
     * Which entries of a nested block its parent's rows have. Arrow allows entries that belong to no row, or to a row
     * that is NULL; Trino allows neither.
     *
     * @param positions of the entries to keep, when they are not the {@code length} ones from {@code first}
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Entries(int[] offsets, int first, int length, Optional<int[]> positions)
    {
        static Entries of(int[] offsets, int count, Optional<boolean[]> nulls)
        {
            int first = offsets[0];
            int length = offsets[count] - first;
            boolean hidden = false;
            for (int i = 0; nulls.isPresent() && i < count; i++) {
                hidden |= nulls.get()[i] && offsets[i + 1] != offsets[i];
            }
            int[] rebased = new int[count + 1];
            if (!hidden) {
                for (int i = 0; i <= count; i++) {
                    rebased[i] = offsets[i] - first;
                }
                return new Entries(rebased, first, length, Optional.empty());
            }
            int[] positions = new int[length];
            int kept = 0;
            for (int i = 0; i < count; i++) {
                if (!isNull(nulls, i)) {
                    for (int position = offsets[i]; position < offsets[i + 1]; position++) {
                        positions[kept++] = position;
                    }
                }
                rebased[i + 1] = kept;
            }
            return new Entries(rebased, 0, kept, Optional.of(positions));
        }

        Block select(Block entries)
        {
            if (positions.isPresent()) {
                return entries.copyPositions(positions.get(), 0, length);
            }
            if (first == 0 && length == entries.getPositionCount()) {
                return entries;
            }
            return entries.getRegion(first, length);
        }
    }

    private static ArrowFlightDecoder row(ArrowFlightDecoder[] fields)
    {
        requireNonNull(fields, "fields is null");
        return (batch, length, parentNulls) -> {
            Node node = length.next(batch);
            Optional<boolean[]> nulls = readNulls(batch, node, parentNulls);
            Length fieldLength = new Length(node.length());
            Block[] blocks = new Block[fields.length];
            for (int i = 0; i < fields.length; i++) {
                blocks[i] = fields[i].decode(batch, fieldLength, nulls);
            }
            return VersionedBlocks.row(node.length(), nulls, blocks);
        };
    }
}
