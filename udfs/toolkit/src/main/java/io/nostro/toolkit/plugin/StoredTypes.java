package io.nostro.toolkit.plugin;

import io.trino.spi.block.ByteArrayBlock;
import io.trino.spi.block.IntArrayBlock;
import io.trino.spi.block.LongArrayBlock;
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
import io.trino.spi.type.MapType;
import io.trino.spi.type.RealType;
import io.trino.spi.type.RowType;
import io.trino.spi.type.SmallintType;
import io.trino.spi.type.StandardTypes;
import io.trino.spi.type.TimeType;
import io.trino.spi.type.TimestampType;
import io.trino.spi.type.TimestampWithTimeZoneType;
import io.trino.spi.type.TinyintType;
import io.trino.spi.type.Type;
import io.trino.spi.type.TypeOperators;
import io.trino.spi.type.VarbinaryType;
import io.trino.spi.type.VarcharType;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static io.trino.spi.type.BigintType.BIGINT;
import static io.trino.spi.type.IntegerType.INTEGER;
import static io.trino.spi.type.SmallintType.SMALLINT;
import static io.trino.spi.type.TinyintType.TINYINT;
import static io.trino.spi.type.VarbinaryType.VARBINARY;
import static io.trino.spi.type.VarcharType.VARCHAR;

/**
 * The types as which Arrow has the values of types that it has no counterpart of, such as a plugin's own: those whose
 * blocks are the same. Values of any length are bytes, in the form that the type gives them, and JSON is its text.
 */
final class StoredTypes
{
    /** The type of NULL alone, of which no value is stored. */
    private static final String UNKNOWN = "unknown";

    private static final TypeOperators TYPE_OPERATORS = new TypeOperators();

    private StoredTypes() {}

    /**
     * The type as which Arrow has the values: the same one where it has a counterpart.
     *
     * @throws IllegalArgumentException when there is none
     */
    static Type storedType(Type type)
    {
        return switch (type) {
            case BooleanType _, TinyintType _, SmallintType _, IntegerType _, BigintType _, RealType _, DoubleType _, DecimalType _, VarcharType _, CharType _, VarbinaryType _, DateType _, TimeType _, TimestampType _, TimestampWithTimeZoneType _ -> type;
            case ArrayType array -> new ArrayType(storedType(array.getElementType()));
            case MapType map -> new MapType(storedType(map.getKeyType()), storedType(map.getValueType()), TYPE_OPERATORS);
            case RowType row -> RowType.from(row.getFields().stream()
                    .map(field -> new RowType.Field(field.getName(), storedType(field.getType())))
                    .collect(toImmutableList()));
            default -> other(type);
        };
    }

    private static Type other(Type type)
    {
        Class<? extends ValueBlock> blocks = type.getValueBlockType();
        if (type.getBaseName().equals(UNKNOWN)) {
            return type;
        }
        if (type.getBaseName().equals(StandardTypes.JSON)) {
            return VARCHAR;
        }
        if (blocks == VariableWidthBlock.class) {
            return VARBINARY;
        }
        if (blocks == LongArrayBlock.class) {
            return BIGINT;
        }
        if (blocks == IntArrayBlock.class) {
            return INTEGER;
        }
        if (blocks == ShortArrayBlock.class) {
            return SMALLINT;
        }
        if (blocks == ByteArrayBlock.class && type.getJavaType() == long.class) {
            return TINYINT;
        }
        throw new IllegalArgumentException("Arrow has no counterpart of the type " + type.getDisplayName());
    }
}
