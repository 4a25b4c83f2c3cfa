package io.nostro.toolkit.binding;

import io.trino.spi.TrinoException;
import io.trino.spi.block.Fixed12Block;
import io.trino.spi.block.LongArrayBlock;
import io.trino.spi.block.ValueBlock;
import io.trino.spi.type.DateTimeEncoding;
import io.trino.spi.type.DateType;
import io.trino.spi.type.TimeType;
import io.trino.spi.type.TimeWithTimeZoneType;
import io.trino.spi.type.TimestampType;
import io.trino.spi.type.TimestampWithTimeZoneType;
import io.trino.spi.type.Type;

import java.util.concurrent.TimeUnit;
import java.util.function.LongToIntFunction;
import java.util.function.LongUnaryOperator;

import static io.nostro.toolkit.binding.ValueCoercion.IDENTITY;
import static io.nostro.toolkit.binding.ValueCoercion.longs;
import static io.nostro.toolkit.binding.ValueCoercion.nulls;
import static io.trino.spi.StandardErrorCode.INVALID_CAST_ARGUMENT;
import static io.trino.spi.block.Fixed12Block.encodeFixed12;
import static io.trino.spi.type.DateTimeEncoding.packTimeWithTimeZone;
import static io.trino.spi.type.TimeZoneKey.UTC_KEY;
import static io.trino.spi.type.Timestamps.MICROSECONDS_PER_MILLISECOND;
import static io.trino.spi.type.Timestamps.MILLISECONDS_PER_DAY;
import static io.trino.spi.type.Timestamps.PICOSECONDS_PER_DAY;
import static io.trino.spi.type.Timestamps.PICOSECONDS_PER_MICROSECOND;
import static io.trino.spi.type.Timestamps.PICOSECONDS_PER_NANOSECOND;
import static java.lang.Math.floorDiv;
import static java.lang.Math.floorMod;

/**
 * The implicit coercions of dates, times and timestamps. Those of greater precision are stored in 96 instead of 64 bits:
 * timestamps above 6 places, timestamps with time zone above 3, and times with time zone above 9.
 */
final class DateTimeCoercion
{
    private DateTimeCoercion() {}

    static boolean accepts(Type from)
    {
        return from instanceof DateType ||
                from instanceof TimeType ||
                from instanceof TimeWithTimeZoneType ||
                from instanceof TimestampType ||
                from instanceof TimestampWithTimeZoneType;
    }

    static ValueCoercion between(Type from, Type to)
    {
        return switch (to) {
            case TimestampType timestamp when from instanceof DateType -> timestamp.isShort()
                    ? toLongs(TimeUnit.DAYS::toMicros)
                    : toFixed12(TimeUnit.DAYS::toMicros, _ -> 0);
            case TimestampWithTimeZoneType timestamp when from instanceof DateType -> timestamp.isShort()
                    ? toLongs(days -> packUtc(days * MILLISECONDS_PER_DAY))
                    : toFixed12(days -> packUtc(days * MILLISECONDS_PER_DAY), _ -> 0);
            case TimestampType timestamp -> timestamp.isShort() == ((TimestampType) from).isShort() ? IDENTITY : toFixed12(micros -> micros, _ -> 0);
            case TimestampWithTimeZoneType timestamp when from instanceof TimestampType withoutTimeZone -> toTimestampWithTimeZone(withoutTimeZone, timestamp);
            case TimestampWithTimeZoneType timestamp -> timestamp.isShort() == ((TimestampWithTimeZoneType) from).isShort() ? IDENTITY : toFixed12(packed -> packed, _ -> 0);
            case TimeWithTimeZoneType time when from instanceof TimeType -> time.isShort()
                    ? toLongs(picos -> packTimeWithTimeZone(picos % PICOSECONDS_PER_DAY / PICOSECONDS_PER_NANOSECOND, 0))
                    : toFixed12(picos -> picos % PICOSECONDS_PER_DAY, _ -> 0);
            case TimeWithTimeZoneType time -> time.isShort() == ((TimeWithTimeZoneType) from).isShort()
                    ? IDENTITY
                    : toFixed12(packed -> DateTimeEncoding.unpackTimeNanos(packed) * PICOSECONDS_PER_NANOSECOND, DateTimeEncoding::unpackOffsetMinutes);
            default -> IDENTITY;
        };
    }

    private static ValueCoercion toTimestampWithTimeZone(TimestampType from, TimestampWithTimeZoneType to)
    {
        if (to.isShort()) {
            return toLongs(micros -> packUtc(floorDiv(micros, MICROSECONDS_PER_MILLISECOND)));
        }
        if (from.isShort()) {
            return toFixed12(micros -> packUtc(floorDiv(micros, MICROSECONDS_PER_MILLISECOND)), DateTimeCoercion::picosOfMilli);
        }
        return DateTimeCoercion::longTimestampsInUtc;
    }

    private static ValueBlock longTimestampsInUtc(ValueBlock block)
    {
        Fixed12Block timestamps = (Fixed12Block) block;
        int[] values = new int[timestamps.getPositionCount() * 3];
        for (int position = 0; position < timestamps.getPositionCount(); position++) {
            if (!timestamps.isNull(position)) {
                long micros = timestamps.getFixed12First(position);
                int picosOfMilli = picosOfMilli(micros) + timestamps.getFixed12Second(position);
                encodeFixed12(packUtc(floorDiv(micros, MICROSECONDS_PER_MILLISECOND)), picosOfMilli, values, position);
            }
        }
        return new Fixed12Block(timestamps.getPositionCount(), nulls(timestamps), values);
    }

    private static ValueCoercion toLongs(LongUnaryOperator conversion)
    {
        return block -> {
            long[] values = longs(block);
            for (int position = 0; position < values.length; position++) {
                if (!block.isNull(position)) {
                    values[position] = conversion.applyAsLong(values[position]);
                }
            }
            return new LongArrayBlock(values.length, nulls(block), values);
        };
    }

    private static ValueCoercion toFixed12(LongUnaryOperator first, LongToIntFunction second)
    {
        return block -> {
            long[] from = longs(block);
            int[] values = new int[from.length * 3];
            for (int position = 0; position < from.length; position++) {
                if (!block.isNull(position)) {
                    encodeFixed12(first.applyAsLong(from[position]), second.applyAsInt(from[position]), values, position);
                }
            }
            return new Fixed12Block(from.length, nulls(block), values);
        };
    }

    private static int picosOfMilli(long micros)
    {
        return floorMod(micros, MICROSECONDS_PER_MILLISECOND) * PICOSECONDS_PER_MICROSECOND;
    }

    private static long packUtc(long millis)
    {
        try {
            return DateTimeEncoding.packDateTimeWithZone(millis, UTC_KEY);
        }
        catch (IllegalArgumentException e) {
            throw new TrinoException(INVALID_CAST_ARGUMENT, "Out of range for timestamp with time zone: " + millis, e);
        }
    }
}
