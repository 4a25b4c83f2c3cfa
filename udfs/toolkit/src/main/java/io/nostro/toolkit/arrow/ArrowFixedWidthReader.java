package io.nostro.toolkit.arrow;

import io.airlift.slice.Slices;
import io.nostro.toolkit.arrow.ArrowLayout.Binaries;
import io.nostro.toolkit.arrow.ArrowLayout.Dates;
import io.nostro.toolkit.arrow.ArrowLayout.Decimals;
import io.nostro.toolkit.arrow.ArrowLayout.Dictionaries;
import io.nostro.toolkit.arrow.ArrowLayout.FixedWidth;
import io.nostro.toolkit.arrow.ArrowLayout.FloatingPoints;
import io.nostro.toolkit.arrow.ArrowLayout.Integers;
import io.nostro.toolkit.arrow.ArrowLayout.Times;
import io.nostro.toolkit.arrow.ArrowLayout.Timestamps;
import io.trino.spi.block.Block;
import io.trino.spi.block.ByteArrayBlock;
import io.trino.spi.block.Fixed12Block;
import io.trino.spi.block.Int128ArrayBlock;
import io.trino.spi.block.IntArrayBlock;
import io.trino.spi.block.LongArrayBlock;
import io.trino.spi.block.ShortArrayBlock;
import io.trino.spi.block.VariableWidthBlock;
import io.trino.spi.type.DecimalType;
import io.trino.spi.type.Int128;
import io.trino.spi.type.TimeZoneKey;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.LongUnaryOperator;

import static io.nostro.toolkit.arrow.ArrowReader.isNull;
import static io.trino.spi.block.Fixed12Block.encodeFixed12;
import static io.trino.spi.type.DateTimeEncoding.packDateTimeWithZone;
import static io.trino.spi.type.Decimals.bigIntegerTenToNth;
import static io.trino.spi.type.Decimals.longTenToNth;
import static java.lang.Math.floorDiv;
import static java.lang.Math.floorMod;

/**
 * Copies values that have as many bytes for each row. What a row that is NULL has in their place is not looked at.
 */
final class ArrowFixedWidthReader
{
    private static final long MILLISECONDS_PER_DAY = 86_400_000;
    private static final long SECONDS_PER_DAY = 86_400;
    private static final int MILLISECOND_DIGITS = 3;
    private static final int MICROSECOND_DIGITS = 6;
    private static final int PICOSECOND_DIGITS = 12;
    // a timestamp with time zone keeps 52 bits of milliseconds beside its zone
    private static final long MOST_PACKED_MILLISECONDS = (1L << 51) - 1;

    private ArrowFixedWidthReader() {}

    /**
     * @param first the row to begin with, counted from the buffers' begin
     */
    static Block read(ArrowColumn column, long first, int count, boolean[] nulls)
    {
        ArrowBuffer buffer = column.buffer(1);
        return switch ((FixedWidth) column.type().layout()) {
            case Integers layout when layout.signed() -> readIntegerBlock(buffer, layout.width(), first, count, Optional.ofNullable(nulls));
            case Integers layout -> readUnsignedBlock(buffer, layout.width(), first, count, Optional.ofNullable(nulls));
            case FloatingPoints layout -> readFloatingPoints(buffer, layout.width(), first, count, Optional.ofNullable(nulls));
            case Decimals layout -> readDecimals(column, layout.width(), first, count, nulls);
            case Binaries layout -> readBinaries(column, layout.width(), first, count, nulls);
            case Dates layout -> new IntArrayBlock(count, Optional.ofNullable(nulls), readDates(buffer, layout.width(), first, count, nulls));
            case Times layout -> new LongArrayBlock(count, Optional.ofNullable(nulls), readTimes(buffer, layout, first, count, nulls));
            case Timestamps layout -> readTimestamps(buffer, layout, first, count, nulls);
            case Dictionaries _ -> throw new IllegalArgumentException("%s: indices are no values".formatted(column.place()));
        };
    }

    /**
     * Integers in the form of long; of 64 bits without sign, large ones are negative.
     */
    static long[] readIntegers(ArrowBuffer buffer, int width, boolean signed, long first, int count)
    {
        if (width == Long.BYTES) {
            return buffer.longs(first, count);
        }
        long[] values = new long[count];
        switch (width) {
            case Byte.BYTES -> {
                byte[] bytes = buffer.bytes(first, count);
                Arrays.setAll(values, i -> signed ? bytes[i] : Byte.toUnsignedLong(bytes[i]));
            }
            case Short.BYTES -> {
                short[] shorts = buffer.shorts(first, count);
                Arrays.setAll(values, i -> signed ? shorts[i] : Short.toUnsignedLong(shorts[i]));
            }
            default -> {
                int[] ints = buffer.ints(first, count);
                Arrays.setAll(values, i -> signed ? ints[i] : Integer.toUnsignedLong(ints[i]));
            }
        }
        return values;
    }

    private static Block readIntegerBlock(ArrowBuffer buffer, int width, long first, int count, Optional<boolean[]> nulls)
    {
        return switch (width) {
            case Byte.BYTES -> new ByteArrayBlock(count, nulls, buffer.bytes(first, count));
            case Short.BYTES -> new ShortArrayBlock(count, nulls, buffer.shorts(first, count));
            case Integer.BYTES -> new IntArrayBlock(count, nulls, buffer.ints(first, count));
            default -> new LongArrayBlock(count, nulls, buffer.longs(first, count));
        };
    }

    private static Block readUnsignedBlock(ArrowBuffer buffer, int width, long first, int count, Optional<boolean[]> nulls)
    {
        long[] integers = readIntegers(buffer, width, false, first, count);
        return switch (width) {
            case Byte.BYTES -> {
                short[] values = new short[count];
                for (int i = 0; i < count; i++) {
                    values[i] = (short) integers[i];
                }
                yield new ShortArrayBlock(count, nulls, values);
            }
            case Short.BYTES -> {
                int[] values = new int[count];
                Arrays.setAll(values, i -> (int) integers[i]);
                yield new IntArrayBlock(count, nulls, values);
            }
            case Integer.BYTES -> new LongArrayBlock(count, nulls, integers);
            default -> {
                long[] values = new long[2 * count];
                for (int i = 0; i < count; i++) {
                    values[2 * i + 1] = integers[i];
                }
                yield new Int128ArrayBlock(count, nulls, values);
            }
        };
    }

    private static Block readFloatingPoints(ArrowBuffer buffer, int width, long first, int count, Optional<boolean[]> nulls)
    {
        return switch (width) {
            case Short.BYTES -> {
                short[] halves = buffer.shorts(first, count);
                int[] values = new int[count];
                Arrays.setAll(values, i -> Float.floatToIntBits(Float.float16ToFloat(halves[i])));
                yield new IntArrayBlock(count, nulls, values);
            }
            case Float.BYTES -> new IntArrayBlock(count, nulls, buffer.ints(first, count));
            default -> new LongArrayBlock(count, nulls, buffer.longs(first, count));
        };
    }

    private static Block readDecimals(ArrowColumn column, int width, long first, int count, boolean[] nulls)
    {
        ArrowBuffer buffer = column.buffer(1);
        DecimalType type = (DecimalType) column.type().trinoType();
        if (width <= Long.BYTES) {
            return shortDecimals(buffer, type, readIntegers(buffer, width, true, first, count), nulls);
        }
        int words = width / Long.BYTES;
        long[] raw = buffer.longs(first * words, count * words);
        checkSigns(buffer, type, raw, words, type.isShort() ? 1 : 2, nulls);
        if (type.isShort()) {
            long[] values = new long[count];
            for (int i = 0; i < count; i++) {
                values[i] = raw[words * i];
            }
            return shortDecimals(buffer, type, values, nulls);
        }
        long[] values = words == 2 ? raw : new long[2 * count];
        for (int i = 0; i < count; i++) {
            long low = raw[words * i];
            values[2 * i] = raw[words * i + 1];
            values[2 * i + 1] = low;
        }
        return longDecimals(buffer, type, values, nulls);
    }

    /**
     * Checks that the words beyond those kept, which are the lowest, have but the sign.
     */
    private static void checkSigns(ArrowBuffer buffer, DecimalType type, long[] raw, int words, int kept, boolean[] nulls)
    {
        for (int word = kept; word < words; word++) {
            for (int i = 0; i < raw.length / words; i++) {
                if (raw[words * i + word] != raw[words * i + kept - 1] >> 63 && !isNull(nulls, i)) {
                    throw outOfRange(buffer, type);
                }
            }
        }
    }

    private static Block shortDecimals(ArrowBuffer buffer, DecimalType type, long[] values, boolean[] nulls)
    {
        long limit = longTenToNth(type.getPrecision());
        for (int i = 0; i < values.length; i++) {
            if ((values[i] >= limit || values[i] <= -limit) && !isNull(nulls, i)) {
                throw outOfRange(buffer, type);
            }
        }
        return new LongArrayBlock(values.length, Optional.ofNullable(nulls), values);
    }

    private static Block longDecimals(ArrowBuffer buffer, DecimalType type, long[] values, boolean[] nulls)
    {
        Int128 limit = Int128.valueOf(bigIntegerTenToNth(type.getPrecision()));
        for (int i = 0; i < values.length / 2; i++) {
            long high = values[2 * i];
            long low = values[2 * i + 1];
            if (high < 0) {
                // the lowest of all values stays negative, and is thus too large as the others are
                low = -low;
                high = ~high + (low == 0 ? 1 : 0);
            }
            boolean fits = high >= 0 && (high < limit.getHigh() || (high == limit.getHigh() && Long.compareUnsigned(low, limit.getLow()) < 0));
            if (!fits && !isNull(nulls, i)) {
                throw outOfRange(buffer, type);
            }
        }
        return new Int128ArrayBlock(values.length / 2, Optional.ofNullable(nulls), values);
    }

    private static IllegalArgumentException outOfRange(ArrowBuffer buffer, DecimalType type)
    {
        return new IllegalArgumentException("%s: a value of more digits than %s holds".formatted(buffer.name(), type.getDisplayName()));
    }

    private static Block readBinaries(ArrowColumn column, int width, long first, int count, boolean[] nulls)
    {
        long size = (long) width * count;
        if (size > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("%s: %s bytes at a time, which are more than a block holds; take fewer rows at a time".formatted(column.place(), size));
        }
        int[] offsets = new int[count + 1];
        Arrays.setAll(offsets, i -> i * width);
        byte[] values = column.buffer(1).bytes(first * width, (int) size);
        return new VariableWidthBlock(count, Slices.wrappedBuffer(values), offsets, Optional.ofNullable(nulls));
    }

    private static int[] readDates(ArrowBuffer buffer, int width, long first, int count, boolean[] nulls)
    {
        if (width == Integer.BYTES) {
            return buffer.ints(first, count);
        }
        long[] milliseconds = buffer.longs(first, count);
        int[] days = new int[count];
        for (int i = 0; i < count; i++) {
            days[i] = (int) (milliseconds[i] / MILLISECONDS_PER_DAY);
            if (days[i] * MILLISECONDS_PER_DAY != milliseconds[i] && !isNull(nulls, i)) {
                throw new IllegalArgumentException("%s: a date of %s milliseconds; accepted are those of whole days, of 32 bits".formatted(buffer.name(), milliseconds[i]));
            }
        }
        return days;
    }

    private static long[] readTimes(ArrowBuffer buffer, Times layout, long first, int count, boolean[] nulls)
    {
        long[] values = readIntegers(buffer, layout.width(), true, first, count);
        long limit = SECONDS_PER_DAY * longTenToNth(layout.digits());
        long factor = longTenToNth(PICOSECOND_DIGITS - layout.digits());
        for (int i = 0; i < count; i++) {
            if ((values[i] < 0 || values[i] >= limit) && !isNull(nulls, i)) {
                throw new IllegalArgumentException("%s: a time of %s; accepted are those from 0 and below %s, which is a day".formatted(buffer.name(), values[i], limit));
            }
            values[i] *= factor;
        }
        return values;
    }

    private static Block readTimestamps(ArrowBuffer buffer, Timestamps layout, long first, int count, boolean[] nulls)
    {
        long[] values = buffer.longs(first, count);
        if (layout.zone().isEmpty()) {
            return timestamps(buffer, values, layout.digits(), MICROSECOND_DIGITS, LongUnaryOperator.identity(), nulls);
        }
        TimeZoneKey zone = layout.zone().get();
        return timestamps(buffer, values, layout.digits(), MILLISECOND_DIGITS, milliseconds -> pack(buffer, milliseconds, zone), nulls);
    }

    private static long pack(ArrowBuffer buffer, long milliseconds, TimeZoneKey zone)
    {
        if (milliseconds > MOST_PACKED_MILLISECONDS || milliseconds < -MOST_PACKED_MILLISECONDS) {
            throw timestampOutOfRange(buffer, milliseconds);
        }
        return packDateTimeWithZone(milliseconds, zone);
    }

    /**
     * Makes the form of timestamps: whole units of the kept digits, and when there are more digits, picoseconds within one.
     *
     * @param encoding how whole units are kept
     */
    private static Block timestamps(ArrowBuffer buffer, long[] values, int digits, int keptDigits, LongUnaryOperator encoding, boolean[] nulls)
    {
        int count = values.length;
        if (digits <= keptDigits) {
            long factor = longTenToNth(keptDigits - digits);
            long limit = Long.MAX_VALUE / factor;
            for (int i = 0; i < count; i++) {
                if (isNull(nulls, i)) {
                    values[i] = 0;
                }
                else if (factor > 1 && (values[i] > limit || values[i] < -limit)) {
                    throw timestampOutOfRange(buffer, values[i]);
                }
                else {
                    values[i] = encoding.applyAsLong(values[i] * factor);
                }
            }
            return new LongArrayBlock(count, Optional.ofNullable(nulls), values);
        }
        long divisor = longTenToNth(digits - keptDigits);
        int picoseconds = (int) longTenToNth(PICOSECOND_DIGITS - digits);
        int[] encoded = new int[3 * count];
        for (int i = 0; i < count; i++) {
            if (!isNull(nulls, i)) {
                encodeFixed12(encoding.applyAsLong(floorDiv(values[i], divisor)), (int) floorMod(values[i], divisor) * picoseconds, encoded, i);
            }
        }
        return new Fixed12Block(count, Optional.ofNullable(nulls), encoded);
    }

    private static IllegalArgumentException timestampOutOfRange(ArrowBuffer buffer, long value)
    {
        return new IllegalArgumentException("%s: a timestamp of %s, which is out of the range of Trino's".formatted(buffer.name(), value));
    }
}
