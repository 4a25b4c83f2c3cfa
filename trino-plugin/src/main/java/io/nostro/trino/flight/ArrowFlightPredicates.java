package io.nostro.trino.flight;

import com.google.common.collect.ImmutableList;
import com.google.common.io.BaseEncoding;
import io.airlift.slice.Slice;
import io.airlift.slice.Slices;
import io.nostro.trino.flight.ArrowFlightProtocol.Bound;
import io.nostro.trino.flight.ArrowFlightProtocol.ColumnPredicate;
import io.nostro.trino.flight.ArrowFlightProtocol.Expression;
import io.nostro.trino.flight.ArrowFlightProtocol.Predicate;
import io.nostro.trino.flight.ArrowFlightProtocol.ValueRange;
import io.trino.spi.connector.ColumnHandle;
import io.trino.spi.predicate.Domain;
import io.trino.spi.predicate.Range;
import io.trino.spi.predicate.TupleDomain;
import io.trino.spi.predicate.ValueSet;
import io.trino.spi.type.BigintType;
import io.trino.spi.type.BooleanType;
import io.trino.spi.type.DateType;
import io.trino.spi.type.DecimalType;
import io.trino.spi.type.Decimals;
import io.trino.spi.type.DoubleType;
import io.trino.spi.type.Int128;
import io.trino.spi.type.IntegerType;
import io.trino.spi.type.LongTimestamp;
import io.trino.spi.type.LongTimestampWithTimeZone;
import io.trino.spi.type.RealType;
import io.trino.spi.type.SmallintType;
import io.trino.spi.type.TimeType;
import io.trino.spi.type.TimestampType;
import io.trino.spi.type.TimestampWithTimeZoneType;
import io.trino.spi.type.TinyintType;
import io.trino.spi.type.Type;
import io.trino.spi.type.UuidType;
import io.trino.spi.type.VarbinaryType;
import io.trino.spi.type.VarcharType;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static io.trino.spi.type.DateTimeEncoding.unpackMillisUtc;
import static io.trino.spi.type.UuidType.trinoUuidToJavaUuid;
import static java.lang.Float.intBitsToFloat;
import static java.lang.Math.floorDiv;
import static java.lang.Math.floorMod;
import static java.lang.Math.toIntExact;
import static java.util.Comparator.comparing;
import static java.util.Locale.ENGLISH;

/**
 * Trino's domains as the protocol's predicates.
 */
final class ArrowFlightPredicates
{
    private static final int MICROSECONDS_PER_SECOND = 1_000_000;
    private static final int MILLISECONDS_PER_SECOND = 1_000;
    private static final int PICOSECONDS_PER_NANOSECOND = 1_000;

    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("uuuu-MM-dd", ENGLISH);
    private static final DateTimeFormatter SECONDS = DateTimeFormatter.ofPattern("HH:mm:ss", ENGLISH);
    private static final DateTimeFormatter MILLISECONDS = DateTimeFormatter.ofPattern("HH:mm:ss.SSS", ENGLISH);
    private static final DateTimeFormatter MICROSECONDS = DateTimeFormatter.ofPattern("HH:mm:ss.SSSSSS", ENGLISH);
    private static final DateTimeFormatter NANOSECONDS = DateTimeFormatter.ofPattern("HH:mm:ss.SSSSSSSSS", ENGLISH);

    private ArrowFlightPredicates() {}

    /**
     * Writes what all columns must be.
     *
     * @param constraint that is not none
     * @param expression null when there is none
     * @return null when every row is wanted
     */
    static Predicate toPredicate(TupleDomain<ColumnHandle> constraint, Expression expression)
    {
        Map<ColumnHandle, Domain> domains = constraint.getDomains().orElseThrow();
        if (domains.isEmpty() && expression == null) {
            return null;
        }
        return new Predicate(domains.entrySet().stream()
                .map(entry -> toColumnPredicate((ArrowFlightColumnHandle) entry.getKey(), entry.getValue())
                        .orElseThrow(() -> new IllegalArgumentException("Domain cannot be sent: " + entry)))
                .sorted(comparing(ColumnPredicate::column))
                .collect(toImmutableList()), expression);
    }

    /**
     * {@return empty when the protocol has no form for the domain, or a source's order of the values may differ from Trino's}
     */
    static Optional<ColumnPredicate> toColumnPredicate(ArrowFlightColumnHandle column, Domain domain)
    {
        Type type = column.type();
        ValueSet values = domain.getValues();
        if (values.isNone()) {
            return Optional.of(new ColumnPredicate(column.name(), domain.isNullAllowed(), null, null));
        }
        if (values.isAll()) {
            return Optional.of(new ColumnPredicate(column.name(), domain.isNullAllowed(), null, ImmutableList.of(new ValueRange(null, null))));
        }
        if (type instanceof BooleanType) {
            // Trino has ranges of them too
            return Optional.of(new ColumnPredicate(
                    column.name(),
                    domain.isNullAllowed(),
                    Stream.of(false, true).filter(values::containsValue).map(String::valueOf).toList(),
                    null));
        }
        if (values.isDiscreteSet()) {
            ImmutableList.Builder<String> literals = ImmutableList.builder();
            for (Object value : values.getDiscreteSet()) {
                Optional<String> literal = toLiteral(type, value);
                if (literal.isEmpty()) {
                    return Optional.empty();
                }
                literals.add(literal.get());
            }
            return Optional.of(new ColumnPredicate(column.name(), domain.isNullAllowed(), literals.build(), null));
        }
        if (!hasSameOrderEverywhere(type)) {
            return Optional.empty();
        }
        ImmutableList.Builder<ValueRange> ranges = ImmutableList.builder();
        List<Range> orderedRanges = values.getRanges().getOrderedRanges();
        for (Range range : orderedRanges) {
            Optional<String> low = range.getLowValue().flatMap(value -> toLiteral(type, value));
            Optional<String> high = range.getHighValue().flatMap(value -> toLiteral(type, value));
            if (low.isPresent() == range.isLowUnbounded() || high.isPresent() == range.isHighUnbounded()) {
                return Optional.empty();
            }
            ranges.add(new ValueRange(
                    low.map(value -> new Bound(value, range.isLowInclusive())).orElse(null),
                    high.map(value -> new Bound(value, range.isHighInclusive())).orElse(null)));
        }
        return Optional.of(new ColumnPredicate(column.name(), domain.isNullAllowed(), null, ranges.build()));
    }

    /**
     * Reads what a source says of rows. What it says of columns that are not among these, or in literals that their
     * types don't hold, is left out, as if nothing were known.
     */
    static TupleDomain<ColumnHandle> toTupleDomain(Predicate predicate, List<ArrowFlightColumnHandle> columns)
    {
        Map<ColumnHandle, Domain> domains = new HashMap<>();
        for (ColumnPredicate part : Optional.ofNullable(predicate.columns()).orElse(ImmutableList.of())) {
            columns.stream()
                    .filter(column -> part != null && column.name().equals(part.column()))
                    .findFirst()
                    .ifPresent(column -> toDomain(column.type(), part).ifPresent(domain -> domains.put(column, domain)));
        }
        return TupleDomain.withColumnDomains(domains);
    }

    private static Optional<Domain> toDomain(Type type, ColumnPredicate part)
    {
        // zeros of floating point differ in Trino's ranges, and are equal in joins
        if (!hasLiterals(type) || !hasSameOrderEverywhere(type) || type instanceof DoubleType || type instanceof RealType || part.values() != null) {
            return Optional.empty();
        }
        ImmutableList.Builder<Range> ranges = ImmutableList.builder();
        for (ValueRange valueRange : Optional.ofNullable(part.ranges()).orElse(ImmutableList.of())) {
            Optional<Range> range = toRange(type, valueRange);
            if (range.isEmpty()) {
                return Optional.empty();
            }
            ranges.add(range.get());
        }
        return Optional.of(Domain.create(ValueSet.copyOfRanges(type, ranges.build()), part.nullAllowed()));
    }

    private static Optional<Range> toRange(Type type, ValueRange range)
    {
        Optional<Object> low = Optional.ofNullable(range.low()).flatMap(bound -> ArrowFlightLiterals.parse(type, bound.value()));
        Optional<Object> high = Optional.ofNullable(range.high()).flatMap(bound -> ArrowFlightLiterals.parse(type, bound.value()));
        if (low.isPresent() != (range.low() != null) || high.isPresent() != (range.high() != null)) {
            return Optional.empty();
        }
        if (low.isPresent() && high.isPresent()) {
            return Optional.of(Range.range(type, low.get(), range.low().inclusive(), high.get(), range.high().inclusive()));
        }
        if (low.isPresent()) {
            return Optional.of(range.low().inclusive() ? Range.greaterThanOrEqual(type, low.get()) : Range.greaterThan(type, low.get()));
        }
        if (high.isPresent()) {
            return Optional.of(range.high().inclusive() ? Range.lessThanOrEqual(type, high.get()) : Range.lessThan(type, high.get()));
        }
        return Optional.of(Range.all(type));
    }

    static boolean hasSameOrderEverywhere(Type type)
    {
        return !(type instanceof UuidType) && !(type instanceof BooleanType);
    }

    /**
     * {@return whether the protocol compares values of the type}
     */
    static boolean hasLiterals(Type type)
    {
        return switch (type) {
            case BooleanType _, TinyintType _, SmallintType _, IntegerType _, BigintType _, DoubleType _, RealType _, DecimalType _,
                    VarcharType _, VarbinaryType _, UuidType _, DateType _, TimeType _, TimestampType _, TimestampWithTimeZoneType _ -> true;
            default -> false;
        };
    }

    /**
     * {@return empty when the protocol has no literal for the value}
     */
    static Optional<String> toLiteral(Type type, Object value)
    {
        return switch (type) {
            case BooleanType _, TinyintType _, SmallintType _, IntegerType _, BigintType _ -> Optional.of(value.toString());
            case DoubleType _ -> Optional.of(Double.toString((double) value));
            case RealType _ -> Optional.of(Float.toString(intBitsToFloat(toIntExact((long) value))));
            case DecimalType decimalType -> Optional.of(decimalType.isShort()
                    ? Decimals.toString((long) value, decimalType.getScale())
                    : Decimals.toString((Int128) value, decimalType.getScale()));
            case VarcharType _ -> toText((Slice) value);
            case VarbinaryType _ -> Optional.of(BaseEncoding.base64().encode(((Slice) value).getBytes()));
            case UuidType _ -> Optional.of(trinoUuidToJavaUuid((Slice) value).toString());
            case DateType _ -> toDate(LocalDate.ofEpochDay((long) value));
            case TimeType _ -> toTime((long) value);
            case TimestampType timestampType -> timestampType.isShort()
                    ? toTimestamp((long) value, 0)
                    : toTimestamp(((LongTimestamp) value).getEpochMicros(), ((LongTimestamp) value).getPicosOfMicro());
            case TimestampWithTimeZoneType timestampType -> timestampType.isShort()
                    ? toInstant(unpackMillisUtc((long) value), 0)
                    : toInstant(((LongTimestampWithTimeZone) value).getEpochMillis(), ((LongTimestampWithTimeZone) value).getPicosOfMilli());
            default -> Optional.empty();
        };
    }

    private static Optional<String> toText(Slice value)
    {
        String text = value.toStringUtf8();
        // bytes that are not UTF-8 would change on their way
        return Slices.utf8Slice(text).equals(value) ? Optional.of(text) : Optional.empty();
    }

    private static Optional<String> toDate(LocalDate date)
    {
        // further years have more than one textual form
        return date.getYear() < 1 || date.getYear() > 9999 ? Optional.empty() : Optional.of(DATE.format(date));
    }

    private static Optional<String> toTime(long picoseconds)
    {
        if (picoseconds % PICOSECONDS_PER_NANOSECOND != 0) {
            return Optional.empty();
        }
        return Optional.of(formatTime(LocalTime.ofNanoOfDay(picoseconds / PICOSECONDS_PER_NANOSECOND)));
    }

    private static Optional<String> toTimestamp(long epochMicros, int picosOfMicro)
    {
        if (picosOfMicro % PICOSECONDS_PER_NANOSECOND != 0) {
            return Optional.empty();
        }
        int nanos = floorMod(epochMicros, MICROSECONDS_PER_SECOND) * 1_000 + picosOfMicro / PICOSECONDS_PER_NANOSECOND;
        return toDateTime(LocalDateTime.ofEpochSecond(floorDiv(epochMicros, MICROSECONDS_PER_SECOND), nanos, ZoneOffset.UTC));
    }

    private static Optional<String> toInstant(long epochMillis, int picosOfMilli)
    {
        if (picosOfMilli % PICOSECONDS_PER_NANOSECOND != 0) {
            return Optional.empty();
        }
        int nanos = floorMod(epochMillis, MILLISECONDS_PER_SECOND) * 1_000_000 + picosOfMilli / PICOSECONDS_PER_NANOSECOND;
        Instant instant = Instant.ofEpochSecond(floorDiv(epochMillis, MILLISECONDS_PER_SECOND), nanos);
        return toDateTime(LocalDateTime.ofInstant(instant, ZoneOffset.UTC)).map(text -> text + "Z");
    }

    private static Optional<String> toDateTime(LocalDateTime value)
    {
        return toDate(value.toLocalDate()).map(date -> date + "T" + formatTime(value.toLocalTime()));
    }

    private static String formatTime(LocalTime time)
    {
        long nanos = time.toNanoOfDay();
        if (nanos % 1_000_000_000 == 0) {
            return SECONDS.format(time);
        }
        if (nanos % 1_000_000 == 0) {
            return MILLISECONDS.format(time);
        }
        return nanos % 1_000 == 0 ? MICROSECONDS.format(time) : NANOSECONDS.format(time);
    }
}
