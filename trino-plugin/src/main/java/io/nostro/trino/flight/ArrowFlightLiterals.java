package io.nostro.trino.flight;

import com.google.common.io.BaseEncoding;
import io.airlift.slice.Slices;
import io.trino.spi.type.BigintType;
import io.trino.spi.type.BooleanType;
import io.trino.spi.type.DateType;
import io.trino.spi.type.DecimalType;
import io.trino.spi.type.DoubleType;
import io.trino.spi.type.Int128;
import io.trino.spi.type.IntegerType;
import io.trino.spi.type.LongTimestamp;
import io.trino.spi.type.LongTimestampWithTimeZone;
import io.trino.spi.type.RealType;
import io.trino.spi.type.SmallintType;
import io.trino.spi.type.TimestampType;
import io.trino.spi.type.TimestampWithTimeZoneType;
import io.trino.spi.type.TinyintType;
import io.trino.spi.type.Type;
import io.trino.spi.type.VarbinaryType;
import io.trino.spi.type.VarcharType;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Optional;

import static io.trino.spi.type.DateTimeEncoding.packDateTimeWithZone;
import static io.trino.spi.type.TimeZoneKey.UTC_KEY;
import static java.lang.Float.floatToRawIntBits;
import static java.lang.Math.addExact;
import static java.lang.Math.multiplyExact;
import static java.lang.Math.toIntExact;
import static java.time.temporal.ChronoField.NANO_OF_SECOND;

/**
 * The protocol's literals that a source sends, as Trino's values. What {@link ArrowFlightPredicates#toLiteral} writes is
 * read as it was, but for times and UUIDs, of which a source says nothing.
 */
final class ArrowFlightLiterals
{
    private static final int NANOSECONDS_PER_MICROSECOND = 1_000;
    private static final int NANOSECONDS_PER_MILLISECOND = 1_000_000;
    private static final int MICROSECONDS_PER_SECOND = 1_000_000;
    private static final int PICOSECONDS_PER_NANOSECOND = 1_000;
    private static final long NANOSECONDS_PER_SECOND = 1_000_000_000;

    private ArrowFlightLiterals() {}

    /**
     * {@return empty when the type has no such value, or it is NaN}
     */
    static Optional<Object> parse(Type type, String literal)
    {
        try {
            return switch (type) {
                case BooleanType _ -> parseBoolean(literal);
                case TinyintType _ -> Optional.of((long) Byte.parseByte(literal));
                case SmallintType _ -> Optional.of((long) Short.parseShort(literal));
                case IntegerType _ -> Optional.of((long) Integer.parseInt(literal));
                case BigintType _ -> Optional.of(Long.parseLong(literal));
                case DoubleType _ -> Optional.of(Double.parseDouble(literal)).filter(value -> !value.isNaN()).map(Object.class::cast);
                case RealType _ -> Optional.of(Float.parseFloat(literal)).filter(value -> !value.isNaN()).map(value -> (long) floatToRawIntBits(value));
                case DecimalType decimalType -> parseDecimal(decimalType, literal);
                case VarcharType _ -> Optional.of(Slices.utf8Slice(literal));
                case VarbinaryType _ -> Optional.of(Slices.wrappedBuffer(BaseEncoding.base64().decode(literal)));
                case DateType _ -> Optional.of(LocalDate.parse(literal).toEpochDay());
                case TimestampType timestampType -> parseTimestamp(timestampType, LocalDateTime.parse(literal));
                case TimestampWithTimeZoneType timestampType -> parseInstant(timestampType, Instant.parse(literal));
                default -> Optional.empty();
            };
        }
        catch (IllegalArgumentException | ArithmeticException | DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Optional<Object> parseBoolean(String literal)
    {
        return switch (literal) {
            case "true" -> Optional.of(true);
            case "false" -> Optional.of(false);
            default -> Optional.empty();
        };
    }

    private static Optional<Object> parseDecimal(DecimalType type, String literal)
    {
        BigDecimal value = new BigDecimal(literal).setScale(type.getScale(), RoundingMode.UNNECESSARY);
        if (value.precision() > type.getPrecision()) {
            return Optional.empty();
        }
        return Optional.of(type.isShort() ? value.unscaledValue().longValueExact() : Int128.valueOf(value.unscaledValue()));
    }

    private static Optional<Object> parseTimestamp(TimestampType type, LocalDateTime value)
    {
        if (!hasPrecision(value.get(NANO_OF_SECOND), type.getPrecision())) {
            return Optional.empty();
        }
        long epochMicros = addExact(multiplyExact(value.toEpochSecond(ZoneOffset.UTC), MICROSECONDS_PER_SECOND), value.get(NANO_OF_SECOND) / NANOSECONDS_PER_MICROSECOND);
        if (type.isShort()) {
            return Optional.of(epochMicros);
        }
        return Optional.of(new LongTimestamp(epochMicros, value.get(NANO_OF_SECOND) % NANOSECONDS_PER_MICROSECOND * PICOSECONDS_PER_NANOSECOND));
    }

    private static Optional<Object> parseInstant(TimestampWithTimeZoneType type, Instant value)
    {
        if (!hasPrecision(value.get(NANO_OF_SECOND), type.getPrecision())) {
            return Optional.empty();
        }
        long epochMillis = value.toEpochMilli();
        if (type.isShort()) {
            return Optional.of(packDateTimeWithZone(epochMillis, UTC_KEY));
        }
        int picosOfMilli = value.get(NANO_OF_SECOND) % NANOSECONDS_PER_MILLISECOND * PICOSECONDS_PER_NANOSECOND;
        return Optional.of(LongTimestampWithTimeZone.fromEpochMillisAndFraction(epochMillis, picosOfMilli, UTC_KEY));
    }

    private static boolean hasPrecision(int nanos, int precision)
    {
        long unit = NANOSECONDS_PER_SECOND;
        for (int digit = 0; digit < precision && unit > 1; digit++) {
            unit /= 10;
        }
        return nanos % toIntExact(unit) == 0;
    }
}
