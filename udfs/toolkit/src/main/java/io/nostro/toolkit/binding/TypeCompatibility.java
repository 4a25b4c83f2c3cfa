package io.nostro.toolkit.binding;

import com.google.common.collect.ImmutableList;
import io.trino.spi.type.ArrayType;
import io.trino.spi.type.BigintType;
import io.trino.spi.type.CharType;
import io.trino.spi.type.DateType;
import io.trino.spi.type.DecimalType;
import io.trino.spi.type.DoubleType;
import io.trino.spi.type.IntegerType;
import io.trino.spi.type.MapType;
import io.trino.spi.type.RealType;
import io.trino.spi.type.RowType;
import io.trino.spi.type.SmallintType;
import io.trino.spi.type.StandardTypes;
import io.trino.spi.type.TimeType;
import io.trino.spi.type.TimeWithTimeZoneType;
import io.trino.spi.type.TimestampType;
import io.trino.spi.type.TimestampWithTimeZoneType;
import io.trino.spi.type.TinyintType;
import io.trino.spi.type.Type;
import io.trino.spi.type.VarcharType;

import java.util.List;
import java.util.Optional;

import static io.trino.spi.type.CharType.createCharType;
import static io.trino.spi.type.DecimalType.createDecimalType;
import static io.trino.spi.type.TimeType.createTimeType;
import static io.trino.spi.type.TimeWithTimeZoneType.createTimeWithTimeZoneType;
import static io.trino.spi.type.TimestampType.createTimestampType;
import static io.trino.spi.type.TimestampWithTimeZoneType.createTimestampWithTimeZoneType;
import static io.trino.spi.type.VarcharType.createUnboundedVarcharType;
import static io.trino.spi.type.VarcharType.createVarcharType;
import static java.util.Objects.requireNonNull;

/**
 * How the values of two types go together without an explicit cast, by the rules of Trino 476's {@code TypeCoercion}.
 *
 * @param commonSuperType the type to which values of both can be coerced
 * @param coercible whether the second type is that one, so that the first coerces to it
 */
record TypeCompatibility(Type commonSuperType, boolean coercible)
{
    TypeCompatibility
    {
        requireNonNull(commonSuperType, "commonSuperType is null");
    }

    static boolean canCoerce(Type from, Type to)
    {
        return between(from, to).map(TypeCompatibility::coercible).orElse(false);
    }

    static Optional<Type> commonSuperType(Type first, Type second)
    {
        return between(first, second).map(TypeCompatibility::commonSuperType);
    }

    /**
     * The narrowest type of another base to which all values of a type can be coerced.
     */
    static Optional<Type> coerceToBase(Type from, String base)
    {
        if (from.getBaseName().equals(base)) {
            return Optional.of(from);
        }
        return Optional.ofNullable(switch (from) {
            case TinyintType _ -> fromInteger(base, 0);
            case SmallintType _ -> fromInteger(base, 1);
            case IntegerType _ -> fromInteger(base, 2);
            case BigintType _ -> fromInteger(base, 3);
            case DecimalType _ -> switch (base) {
                case StandardTypes.REAL -> RealType.REAL;
                case StandardTypes.DOUBLE -> DoubleType.DOUBLE;
                default -> null;
            };
            case RealType _ -> base.equals(StandardTypes.DOUBLE) ? DoubleType.DOUBLE : null;
            case DateType _ -> switch (base) {
                case StandardTypes.TIMESTAMP -> createTimestampType(0);
                case StandardTypes.TIMESTAMP_WITH_TIME_ZONE -> createTimestampWithTimeZoneType(0);
                default -> null;
            };
            case TimeType time -> base.equals(StandardTypes.TIME_WITH_TIME_ZONE) ? createTimeWithTimeZoneType(time.getPrecision()) : null;
            case TimestampType timestamp -> base.equals(StandardTypes.TIMESTAMP_WITH_TIME_ZONE) ? createTimestampWithTimeZoneType(timestamp.getPrecision()) : null;
            case VarcharType varchar -> base.equals(StandardTypes.CHAR) ? createCharType(Math.min(CharType.MAX_LENGTH, varchar.getLength().orElse(CharType.MAX_LENGTH))) : null;
            default -> null;
        });
    }

    /**
     * @param width 0 for tinyint to 3 for bigint
     */
    private static Type fromInteger(String base, int width)
    {
        return switch (base) {
            case StandardTypes.SMALLINT -> width < 1 ? SmallintType.SMALLINT : null;
            case StandardTypes.INTEGER -> width < 2 ? IntegerType.INTEGER : null;
            case StandardTypes.BIGINT -> width < 3 ? BigintType.BIGINT : null;
            case StandardTypes.REAL -> RealType.REAL;
            case StandardTypes.DOUBLE -> DoubleType.DOUBLE;
            case StandardTypes.DECIMAL -> createDecimalType(
                    switch (width) {
                        case 0 -> 3;
                        case 1 -> 5;
                        case 2 -> 10;
                        default -> 19;
                    },
                    0);
            default -> null;
        };
    }

    private static Optional<TypeCompatibility> between(Type from, Type to)
    {
        if (from.equals(to)) {
            return Optional.of(new TypeCompatibility(to, true));
        }
        if (from.getBaseName().equals(to.getBaseName())) {
            return betweenOfSameBase(from, to);
        }
        Optional<Type> coerced = coerceToBase(from, to.getBaseName());
        if (coerced.isPresent()) {
            return between(coerced.get(), to);
        }
        return coerceToBase(to, from.getBaseName())
                .flatMap(coercedTo -> between(from, coercedTo))
                .map(compatibility -> new TypeCompatibility(compatibility.commonSuperType(), false));
    }

    private static Optional<TypeCompatibility> betweenOfSameBase(Type from, Type to)
    {
        return switch (from) {
            case DecimalType decimal -> withSuperType(superType(decimal, (DecimalType) to), to);
            case VarcharType varchar -> withSuperType(superType(varchar, (VarcharType) to), to);
            case CharType character -> withSuperType(createCharType(Math.max(character.getLength(), ((CharType) to).getLength())), to);
            case TimeType time -> withSuperType(createTimeType(Math.max(time.getPrecision(), ((TimeType) to).getPrecision())), to);
            case TimeWithTimeZoneType time -> withSuperType(createTimeWithTimeZoneType(Math.max(time.getPrecision(), ((TimeWithTimeZoneType) to).getPrecision())), to);
            case TimestampType timestamp -> withSuperType(createTimestampType(Math.max(timestamp.getPrecision(), ((TimestampType) to).getPrecision())), to);
            case TimestampWithTimeZoneType timestamp -> withSuperType(
                    createTimestampWithTimeZoneType(Math.max(timestamp.getPrecision(), ((TimestampWithTimeZoneType) to).getPrecision())),
                    to);
            case ArrayType array -> between(array.getElementType(), ((ArrayType) to).getElementType())
                    .map(element -> new TypeCompatibility(new ArrayType(element.commonSuperType()), element.coercible()));
            case MapType map -> between(map.getKeyType(), ((MapType) to).getKeyType())
                    .flatMap(key -> between(map.getValueType(), ((MapType) to).getValueType())
                            .map(value -> new TypeCompatibility(
                                    Types.map(key.commonSuperType(), value.commonSuperType()),
                                    key.coercible() && value.coercible())));
            case RowType row -> betweenRows(row, (RowType) to);
            default -> Optional.empty();
        };
    }

    private static Optional<TypeCompatibility> withSuperType(Type superType, Type to)
    {
        return Optional.of(new TypeCompatibility(superType, superType.equals(to)));
    }

    private static Type superType(DecimalType first, DecimalType second)
    {
        int scale = Math.max(first.getScale(), second.getScale());
        int wholeDigits = Math.max(first.getPrecision() - first.getScale(), second.getPrecision() - second.getScale());
        return createDecimalType(Math.min(DecimalType.DEFAULT_PRECISION, wholeDigits + scale), scale);
    }

    private static Type superType(VarcharType first, VarcharType second)
    {
        if (first.isUnbounded() || second.isUnbounded()) {
            return createUnboundedVarcharType();
        }
        return createVarcharType(Math.max(first.getBoundedLength(), second.getBoundedLength()));
    }

    private static Optional<TypeCompatibility> betweenRows(RowType from, RowType to)
    {
        List<RowType.Field> fromFields = from.getFields();
        List<RowType.Field> toFields = to.getFields();
        if (fromFields.size() != toFields.size()) {
            return Optional.empty();
        }
        ImmutableList.Builder<RowType.Field> fields = ImmutableList.builder();
        boolean coercible = true;
        for (int i = 0; i < fromFields.size(); i++) {
            RowType.Field fromField = fromFields.get(i);
            RowType.Field toField = toFields.get(i);
            Optional<TypeCompatibility> field = between(fromField.getType(), toField.getType());
            if (field.isEmpty()) {
                return Optional.empty();
            }
            coercible &= field.get().coercible();
            Optional<String> name = fromField.getName().equals(toField.getName()) ? fromField.getName() : Optional.empty();
            fields.add(new RowType.Field(name, field.get().commonSuperType()));
        }
        return Optional.of(new TypeCompatibility(RowType.from(fields.build()), coercible));
    }
}
