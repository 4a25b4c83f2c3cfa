package io.nostro.trino.flight;

import com.google.common.collect.ImmutableList;
import com.google.inject.Inject;
import io.trino.spi.type.ArrayType;
import io.trino.spi.type.CharType;
import io.trino.spi.type.MapType;
import io.trino.spi.type.RowType;
import io.trino.spi.type.TimeType;
import io.trino.spi.type.TimeZoneKey;
import io.trino.spi.type.TimeZoneNotSupportedException;
import io.trino.spi.type.TimestampType;
import io.trino.spi.type.TimestampWithTimeZoneType;
import io.trino.spi.type.Type;
import io.trino.spi.type.TypeManager;
import io.trino.spi.type.UuidType;
import io.trino.spi.type.VarcharType;
import org.apache.arrow.flatbuf.Decimal;
import org.apache.arrow.flatbuf.Field;
import org.apache.arrow.flatbuf.FixedSizeBinary;
import org.apache.arrow.flatbuf.FixedSizeList;
import org.apache.arrow.flatbuf.FloatingPoint;
import org.apache.arrow.flatbuf.Int;
import org.apache.arrow.flatbuf.Precision;
import org.apache.arrow.flatbuf.Time;
import org.apache.arrow.flatbuf.TimeUnit;
import org.apache.arrow.flatbuf.Timestamp;

import java.util.Optional;

import static com.google.common.base.Strings.isNullOrEmpty;
import static io.nostro.trino.flight.ArrowFlightProtocol.TYPE_METADATA;
import static io.trino.spi.type.BigintType.BIGINT;
import static io.trino.spi.type.BooleanType.BOOLEAN;
import static io.trino.spi.type.DateType.DATE;
import static io.trino.spi.type.DecimalType.createDecimalType;
import static io.trino.spi.type.DoubleType.DOUBLE;
import static io.trino.spi.type.IntegerType.INTEGER;
import static io.trino.spi.type.RealType.REAL;
import static io.trino.spi.type.SmallintType.SMALLINT;
import static io.trino.spi.type.StandardTypes.JSON;
import static io.trino.spi.type.TimeType.createTimeType;
import static io.trino.spi.type.TimestampType.createTimestampType;
import static io.trino.spi.type.TimestampWithTimeZoneType.createTimestampWithTimeZoneType;
import static io.trino.spi.type.TinyintType.TINYINT;
import static io.trino.spi.type.UuidType.UUID;
import static io.trino.spi.type.VarbinaryType.VARBINARY;
import static io.trino.spi.type.VarcharType.VARCHAR;
import static java.util.Objects.requireNonNull;

/**
 * Which Trino type a field of an Arrow schema has: the one its {@code nostro.type} metadata names, where its Arrow type
 * can hold that, else the one that its Arrow type implies.
 */
public final class ArrowFlightTypes
{
    static final String EXTENSION_NAME = "ARROW:extension:name";
    static final String UUID_EXTENSION = "arrow.uuid";
    static final String JSON_EXTENSION = "arrow.json";

    private static final int MAX_NESTING = 64;
    // nanoseconds are the finest Arrow unit
    private static final int MAX_TIME_PRECISION = 9;

    private final TypeManager typeManager;
    private final Type jsonType;

    @Inject
    public ArrowFlightTypes(TypeManager typeManager)
    {
        this.typeManager = requireNonNull(typeManager, "typeManager is null");
        jsonType = typeManager.fromSqlType(JSON);
    }

    /**
     * Finds the Trino type of a field.
     *
     * @throws UnsupportedTypeException when no Trino type holds the field's values; its message says why
     */
    Type toTrinoType(Field field)
            throws UnsupportedTypeException
    {
        return toTrinoType(field, Optional.empty(), 0);
    }

    private Type toTrinoType(Field field, Optional<Type> inherited, int depth)
            throws UnsupportedTypeException
    {
        if (depth > MAX_NESTING) {
            throw new UnsupportedTypeException("nested more than %s levels deep".formatted(MAX_NESTING));
        }
        Optional<Type> declared = declaredType(field).or(() -> inherited);
        Type implied = impliedType(field, declared, depth);
        if (declared.isPresent() && !declared.get().equals(implied)) {
            throw new UnsupportedTypeException("declared as %s, which Arrow type %s cannot hold".formatted(declared.get().getDisplayName(), arrowTypeName(field)));
        }
        return implied;
    }

    private Optional<Type> declaredType(Field field)
            throws UnsupportedTypeException
    {
        Optional<String> name = ArrowFlightSchemas.metadata(field, TYPE_METADATA);
        if (name.isPresent()) {
            try {
                return Optional.of(typeManager.fromSqlType(name.get()));
            }
            catch (RuntimeException e) {
                throw new UnsupportedTypeException("declared as '%s', which is not a Trino type".formatted(name.get()));
            }
        }
        if (field.typeType() == org.apache.arrow.flatbuf.Type.Utf8 || field.typeType() == org.apache.arrow.flatbuf.Type.LargeUtf8 || field.typeType() == org.apache.arrow.flatbuf.Type.Utf8View) {
            return ArrowFlightSchemas.metadata(field, EXTENSION_NAME)
                    .filter(JSON_EXTENSION::equals)
                    .map(_ -> jsonType);
        }
        if (field.typeType() == org.apache.arrow.flatbuf.Type.FixedSizeBinary) {
            return ArrowFlightSchemas.metadata(field, EXTENSION_NAME)
                    .filter(UUID_EXTENSION::equals)
                    .map(_ -> UUID);
        }
        return Optional.empty();
    }

    /**
     * Finds the Trino type that an Arrow type stands for.
     *
     * @param declared returned where it is one of several types that the Arrow type can hold
     */
    private Type impliedType(Field field, Optional<Type> declared, int depth)
            throws UnsupportedTypeException
    {
        return switch (field.typeType()) {
            case org.apache.arrow.flatbuf.Type.Null -> declared.orElseGet(() -> typeManager.fromSqlType("unknown"));
            case org.apache.arrow.flatbuf.Type.Bool -> BOOLEAN;
            case org.apache.arrow.flatbuf.Type.Int -> integerType((Int) field.type(new Int()));
            case org.apache.arrow.flatbuf.Type.FloatingPoint -> ((FloatingPoint) field.type(new FloatingPoint())).precision() == Precision.DOUBLE ? DOUBLE : REAL;
            case org.apache.arrow.flatbuf.Type.Decimal -> decimalType((Decimal) field.type(new Decimal()));
            case org.apache.arrow.flatbuf.Type.Utf8, org.apache.arrow.flatbuf.Type.LargeUtf8, org.apache.arrow.flatbuf.Type.Utf8View ->
                    declared.filter(type -> type instanceof VarcharType || type instanceof CharType || type.equals(jsonType)).orElse(VARCHAR);
            case org.apache.arrow.flatbuf.Type.Binary, org.apache.arrow.flatbuf.Type.LargeBinary, org.apache.arrow.flatbuf.Type.BinaryView -> VARBINARY;
            case org.apache.arrow.flatbuf.Type.FixedSizeBinary -> fixedSizeBinaryType((FixedSizeBinary) field.type(new FixedSizeBinary()), declared);
            case org.apache.arrow.flatbuf.Type.Date -> DATE;
            case org.apache.arrow.flatbuf.Type.Time -> {
                int unit = ((Time) field.type(new Time())).unit();
                yield declared.filter(type -> type instanceof TimeType time && time.getPrecision() <= MAX_TIME_PRECISION).orElseGet(() -> createTimeType(precision(unit)));
            }
            case org.apache.arrow.flatbuf.Type.Timestamp -> timestampType((Timestamp) field.type(new Timestamp()), declared);
            case org.apache.arrow.flatbuf.Type.List, org.apache.arrow.flatbuf.Type.LargeList -> {
                checkChildren(field, 1);
                yield new ArrayType(toTrinoType(field.children(0), declaredElement(declared), depth + 1));
            }
            case org.apache.arrow.flatbuf.Type.FixedSizeList -> {
                checkChildren(field, 1);
                if (((FixedSizeList) field.type(new FixedSizeList())).listSize() < 0) {
                    throw new UnsupportedTypeException("lists of negative size");
                }
                yield new ArrayType(toTrinoType(field.children(0), declaredElement(declared), depth + 1));
            }
            case org.apache.arrow.flatbuf.Type.Map -> mapType(field, declared, depth);
            case org.apache.arrow.flatbuf.Type.Struct_ -> rowType(field, declared, depth);
            default -> throw new UnsupportedTypeException("Arrow type %s has no Trino type".formatted(arrowTypeName(field)));
        };
    }

    private static Type integerType(Int type)
            throws UnsupportedTypeException
    {
        if (type.isSigned()) {
            return switch (type.bitWidth()) {
                case 8 -> TINYINT;
                case 16 -> SMALLINT;
                case 32 -> INTEGER;
                case 64 -> BIGINT;
                default -> throw new UnsupportedTypeException("integers of %s bits".formatted(type.bitWidth()));
            };
        }
        return switch (type.bitWidth()) {
            case 8 -> SMALLINT;
            case 16 -> INTEGER;
            case 32 -> BIGINT;
            case 64 -> createDecimalType(20, 0);
            default -> throw new UnsupportedTypeException("integers of %s bits".formatted(type.bitWidth()));
        };
    }

    private static Type decimalType(Decimal type)
            throws UnsupportedTypeException
    {
        int precision = type.precision();
        int scale = type.scale();
        int maxPrecision = switch (type.bitWidth()) {
            case 32 -> 9;
            case 64 -> 18;
            case 128, 256 -> 38;
            default -> throw new UnsupportedTypeException("decimals of %s bits".formatted(type.bitWidth()));
        };
        if (precision < 1 || precision > maxPrecision || scale < 0 || scale > precision) {
            throw new UnsupportedTypeException("decimal(%s, %s) of %s bits; Trino's decimals have a precision up to 38 and a scale from 0 to the precision".formatted(precision, scale, type.bitWidth()));
        }
        return createDecimalType(precision, scale);
    }

    private static Type fixedSizeBinaryType(FixedSizeBinary type, Optional<Type> declared)
            throws UnsupportedTypeException
    {
        if (type.byteWidth() < 0) {
            throw new UnsupportedTypeException("binary values of negative size");
        }
        if (type.byteWidth() == 16 && declared.isPresent() && declared.get() instanceof UuidType) {
            return UUID;
        }
        return VARBINARY;
    }

    private static Type timestampType(Timestamp type, Optional<Type> declared)
            throws UnsupportedTypeException
    {
        if (isNullOrEmpty(type.timezone())) {
            return declared.filter(value -> value instanceof TimestampType timestamp && timestamp.getPrecision() <= MAX_TIME_PRECISION)
                    .orElseGet(() -> createTimestampType(precision(type.unit())));
        }
        timeZone(type);
        return declared.filter(value -> value instanceof TimestampWithTimeZoneType timestamp && timestamp.getPrecision() <= MAX_TIME_PRECISION)
                .orElseGet(() -> createTimestampWithTimeZoneType(precision(type.unit())));
    }

    static TimeZoneKey timeZone(Timestamp type)
            throws UnsupportedTypeException
    {
        try {
            return TimeZoneKey.getTimeZoneKey(type.timezone());
        }
        catch (TimeZoneNotSupportedException e) {
            throw new UnsupportedTypeException("time zone '%s' is not known to Trino".formatted(type.timezone()));
        }
    }

    private Type mapType(Field field, Optional<Type> declared, int depth)
            throws UnsupportedTypeException
    {
        checkChildren(field, 1);
        Field entries = field.children(0);
        if (entries.typeType() != org.apache.arrow.flatbuf.Type.Struct_ || entries.dictionary() != null) {
            throw new UnsupportedTypeException("a map whose entries are not a struct");
        }
        checkChildren(entries, 2);
        Optional<MapType> declaredMap = declared.filter(MapType.class::isInstance).map(MapType.class::cast);
        Type keyType = toTrinoType(entries.children(0), declaredMap.map(MapType::getKeyType), depth + 1);
        Type valueType = toTrinoType(entries.children(1), declaredMap.map(MapType::getValueType), depth + 1);
        if (!keyType.isComparable()) {
            throw new UnsupportedTypeException("a map with keys of type %s, which cannot be compared".formatted(keyType.getDisplayName()));
        }
        return new MapType(keyType, valueType, typeManager.getTypeOperators());
    }

    private Type rowType(Field field, Optional<Type> declared, int depth)
            throws UnsupportedTypeException
    {
        int count = field.childrenLength();
        if (count < 1 || count > ArrowFlightSchemas.MAX_COLUMNS) {
            throw new UnsupportedTypeException("a struct without fields");
        }
        Optional<RowType> declaredRow = declared.filter(RowType.class::isInstance).map(RowType.class::cast)
                .filter(row -> row.getFields().size() == count);
        ImmutableList.Builder<RowType.Field> fields = ImmutableList.builder();
        for (int i = 0; i < count; i++) {
            Field child = field.children(i);
            int index = i;
            Type type = toTrinoType(child, declaredRow.map(row -> row.getFields().get(index).getType()), depth + 1);
            Optional<String> name = Optional.ofNullable(child.name()).filter(value -> !value.isEmpty());
            fields.add(new RowType.Field(name, type));
        }
        return RowType.from(fields.build());
    }

    private static Optional<Type> declaredElement(Optional<Type> declared)
    {
        return declared.filter(ArrayType.class::isInstance).map(type -> ((ArrayType) type).getElementType());
    }

    private static void checkChildren(Field field, int expected)
            throws UnsupportedTypeException
    {
        if (field.childrenLength() != expected) {
            throw new UnsupportedTypeException("%s with %s child fields, expected %s".formatted(arrowTypeName(field), field.childrenLength(), expected));
        }
    }

    /**
     * {@return number of decimal digits of a second in an Arrow time unit}
     */
    static int precision(int unit)
    {
        return switch (unit) {
            case TimeUnit.SECOND -> 0;
            case TimeUnit.MILLISECOND -> 3;
            case TimeUnit.MICROSECOND -> 6;
            case TimeUnit.NANOSECOND -> 9;
            default -> throw new IllegalArgumentException("unknown time unit " + unit);
        };
    }

    private static String arrowTypeName(Field field)
    {
        int type = Byte.toUnsignedInt(field.typeType());
        return type < org.apache.arrow.flatbuf.Type.names.length ? org.apache.arrow.flatbuf.Type.name(type) : "number " + type;
    }

    static final class UnsupportedTypeException
            extends Exception
    {
        private static final long serialVersionUID = 1;

        UnsupportedTypeException(String message)
        {
            super(message);
        }
    }
}
