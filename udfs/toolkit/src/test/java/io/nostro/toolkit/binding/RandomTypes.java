package io.nostro.toolkit.binding;

import com.google.common.collect.ImmutableList;
import io.trino.spi.type.ArrayType;
import io.trino.spi.type.CharType;
import io.trino.spi.type.DecimalType;
import io.trino.spi.type.RowType;
import io.trino.spi.type.StandardTypes;
import io.trino.spi.type.Type;
import io.trino.spi.type.TypeSignature;
import io.trino.spi.type.TypeSignatureParameter;

import java.util.List;
import java.util.Optional;
import java.util.Random;

import static io.trino.spi.type.BigintType.BIGINT;
import static io.trino.spi.type.BooleanType.BOOLEAN;
import static io.trino.spi.type.DateType.DATE;
import static io.trino.spi.type.DoubleType.DOUBLE;
import static io.trino.spi.type.IntegerType.INTEGER;
import static io.trino.spi.type.RealType.REAL;
import static io.trino.spi.type.SmallintType.SMALLINT;
import static io.trino.spi.type.TimeType.createTimeType;
import static io.trino.spi.type.TimeWithTimeZoneType.createTimeWithTimeZoneType;
import static io.trino.spi.type.TimestampType.createTimestampType;
import static io.trino.spi.type.TimestampWithTimeZoneType.createTimestampWithTimeZoneType;
import static io.trino.spi.type.TinyintType.TINYINT;
import static io.trino.spi.type.UuidType.UUID;
import static io.trino.spi.type.VarbinaryType.VARBINARY;
import static io.trino.spi.type.VarcharType.VARCHAR;
import static io.trino.spi.type.VarcharType.createVarcharType;

/**
 * Random types, all those that {@link Types} knows.
 */
final class RandomTypes
{
    private static final List<Type> SIMPLE_TYPES = ImmutableList.of(BOOLEAN, TINYINT, SMALLINT, INTEGER, BIGINT, REAL, DOUBLE, VARBINARY, DATE, UUID, VARCHAR);

    private final Random random;

    RandomTypes(Random random)
    {
        this.random = random;
    }

    Type next()
    {
        return next(2);
    }

    /**
     * @param nested how deep the type may be in arrays, maps and rows
     */
    Type next(int nested)
    {
        int kind = random.nextInt(nested > 0 ? 26 : 22);
        return switch (kind) {
            case 11, 12, 13, 14, 15 -> decimal();
            case 16 -> CharType.createCharType(length());
            case 17 -> createVarcharType(length());
            case 18 -> createTimestampType(random.nextInt(13));
            case 19 -> createTimestampWithTimeZoneType(random.nextInt(13));
            case 20 -> createTimeType(random.nextInt(13));
            case 21 -> createTimeWithTimeZoneType(random.nextInt(13));
            case 22, 23 -> new ArrayType(next(nested - 1));
            case 24 -> row(nested);
            case 25 -> Types.map(next(0), next(nested - 1));
            default -> SIMPLE_TYPES.get(kind);
        };
    }

    DecimalType decimal()
    {
        int precision = 1 + random.nextInt(38);
        return DecimalType.createDecimalType(precision, random.nextInt(precision + 1));
    }

    int length()
    {
        return switch (random.nextInt(8)) {
            case 0 -> 0;
            case 1 -> CharType.MAX_LENGTH;
            default -> 1 + random.nextInt(20);
        };
    }

    private RowType row(int nested)
    {
        ImmutableList.Builder<RowType.Field> fields = ImmutableList.builder();
        for (int i = 0; i <= random.nextInt(3); i++) {
            fields.add(new RowType.Field(random.nextBoolean() ? Optional.of("f" + random.nextInt(2)) : Optional.empty(), next(nested - 1)));
        }
        return RowType.from(fields.build());
    }

    /**
     * A type that a declared type takes, that it takes almost, or any other.
     */
    Type like(TypeSignature declared)
    {
        if (random.nextInt(12) == 0) {
            return next();
        }
        return switch (declared.getBase()) {
            case StandardTypes.DECIMAL -> random.nextInt(3) == 0 ? oneOf(TINYINT, SMALLINT, INTEGER, BIGINT) : decimal();
            case StandardTypes.SMALLINT, StandardTypes.INTEGER, StandardTypes.BIGINT -> oneOf(TINYINT, SMALLINT, INTEGER, BIGINT, BIGINT, BIGINT);
            case StandardTypes.REAL, StandardTypes.DOUBLE -> oneOf(TINYINT, INTEGER, BIGINT, REAL, DOUBLE, DOUBLE, decimal());
            case StandardTypes.VARCHAR, StandardTypes.CHAR -> random.nextInt(6) == 0 ? oneOf(VARCHAR, CharType.createCharType(length())) : createVarcharType(length());
            case StandardTypes.TIMESTAMP, StandardTypes.TIMESTAMP_WITH_TIME_ZONE -> oneOf(
                    DATE,
                    createTimestampType(random.nextInt(13)),
                    createTimestampType(random.nextInt(7)),
                    createTimestampWithTimeZoneType(random.nextInt(13)));
            case StandardTypes.ARRAY -> new ArrayType(like(declared.getParameters().getFirst().getTypeSignature()));
            case StandardTypes.ROW -> RowType.from(declared.getParameters().stream()
                    .map(TypeSignatureParameter::getNamedTypeSignature)
                    .map(field -> new RowType.Field(field.getName(), like(field.getTypeSignature())))
                    .toList());
            case StandardTypes.TIME, StandardTypes.TIME_WITH_TIME_ZONE -> oneOf(createTimeType(random.nextInt(13)), createTimeWithTimeZoneType(random.nextInt(13)));
            case StandardTypes.MAP -> Types.map(
                    like(declared.getParameters().getFirst().getTypeSignature()),
                    like(declared.getParameters().getLast().getTypeSignature()));
            default -> Types.of(declared);
        };
    }

    private Type oneOf(Type... types)
    {
        return types[random.nextInt(types.length)];
    }
}
