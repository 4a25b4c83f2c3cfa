package io.nostro.toolkit.binding;

import com.google.common.collect.ImmutableList;
import io.trino.spi.TrinoException;
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
import io.trino.spi.type.TimeWithTimeZoneType;
import io.trino.spi.type.TimestampType;
import io.trino.spi.type.TimestampWithTimeZoneType;
import io.trino.spi.type.TinyintType;
import io.trino.spi.type.Type;
import io.trino.spi.type.TypeOperators;
import io.trino.spi.type.TypeSignature;
import io.trino.spi.type.TypeSignatureParameter;
import io.trino.spi.type.UuidType;
import io.trino.spi.type.VarbinaryType;
import io.trino.spi.type.VarcharType;

import java.util.List;
import java.util.Locale;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.collect.ImmutableList.toImmutableList;
import static io.trino.spi.type.TimeWithTimeZoneType.createTimeWithTimeZoneType;
import static io.trino.spi.type.TimestampType.createTimestampType;
import static io.trino.spi.type.TimestampWithTimeZoneType.createTimestampWithTimeZoneType;
import static java.lang.Math.toIntExact;

/**
 * The types that Trino's SPI has: boolean, tinyint, smallint, integer, bigint, real, double, decimal, char, varchar,
 * varbinary, date, time and timestamp of any precision with or without time zone, uuid, and arrays, maps and rows of
 * these. Trino's server has others, among them {@code unknown}, the type of a bare NULL.
 */
public final class Types
{
    private static final String ACCEPTED = "boolean, tinyint, smallint, integer, bigint, real, double, decimal(p, s), char(n), varchar(n), varbinary, date, " +
            "time(p), time(p) with time zone, timestamp(p), timestamp(p) with time zone, uuid, array(t), map(k, v) and row(name t, …)";
    private static final int DEFAULT_TIME_PRECISION = 3;
    private static final TypeOperators TYPE_OPERATORS = new TypeOperators();

    private Types() {}

    /**
     * The type of that text.
     *
     * @throws IllegalArgumentException when the text is no type, or the type is none of these
     */
    public static Type parse(String text)
    {
        return of(TypeParser.parse(text));
    }

    /**
     * The type of that signature, with Trino's defaults of absent parameters.
     *
     * @throws IllegalArgumentException when there is no such type, or the signature has a variable
     */
    public static Type of(TypeSignature signature)
    {
        try {
            return type(signature);
        }
        catch (TrinoException | ArithmeticException e) {
            throw new IllegalArgumentException("type %s: %s".formatted(signature, e.getMessage()), e);
        }
    }

    private static Type type(TypeSignature signature)
    {
        return switch (signature.getBase().toLowerCase(Locale.ENGLISH)) {
            case StandardTypes.BOOLEAN -> withoutParameters(signature, BooleanType.BOOLEAN);
            case StandardTypes.TINYINT -> withoutParameters(signature, TinyintType.TINYINT);
            case StandardTypes.SMALLINT -> withoutParameters(signature, SmallintType.SMALLINT);
            case StandardTypes.INTEGER, "int" -> withoutParameters(signature, IntegerType.INTEGER);
            case StandardTypes.BIGINT -> withoutParameters(signature, BigintType.BIGINT);
            case StandardTypes.REAL -> withoutParameters(signature, RealType.REAL);
            case StandardTypes.DOUBLE -> withoutParameters(signature, DoubleType.DOUBLE);
            case StandardTypes.VARBINARY -> withoutParameters(signature, VarbinaryType.VARBINARY);
            case StandardTypes.DATE -> withoutParameters(signature, DateType.DATE);
            case StandardTypes.UUID -> withoutParameters(signature, UuidType.UUID);
            case StandardTypes.DECIMAL -> decimal(signature);
            case StandardTypes.CHAR -> CharType.createCharType(number(signature, 1));
            case StandardTypes.VARCHAR -> {
                int length = number(signature, VarcharType.UNBOUNDED_LENGTH);
                yield length == VarcharType.UNBOUNDED_LENGTH ? VarcharType.VARCHAR : VarcharType.createVarcharType(length);
            }
            case StandardTypes.TIME -> TimeType.createTimeType(number(signature, DEFAULT_TIME_PRECISION));
            case StandardTypes.TIME_WITH_TIME_ZONE -> createTimeWithTimeZoneType(number(signature, DEFAULT_TIME_PRECISION));
            case StandardTypes.TIMESTAMP -> createTimestampType(number(signature, DEFAULT_TIME_PRECISION));
            case StandardTypes.TIMESTAMP_WITH_TIME_ZONE -> createTimestampWithTimeZoneType(number(signature, DEFAULT_TIME_PRECISION));
            case StandardTypes.ARRAY -> new ArrayType(typeParameters(signature, 1).getFirst());
            case StandardTypes.MAP -> {
                List<Type> parameters = typeParameters(signature, 2);
                yield map(parameters.getFirst(), parameters.getLast());
            }
            case StandardTypes.ROW -> row(signature);
            default -> throw new IllegalArgumentException("type %s is not known here; accepted are %s".formatted(signature, ACCEPTED));
        };
    }

    static MapType map(Type key, Type value)
    {
        return new MapType(key, value, TYPE_OPERATORS);
    }

    private static Type withoutParameters(TypeSignature signature, Type type)
    {
        checkArgument(signature.getParameters().isEmpty(), "type %s: the type %s has no parameters", signature, type);
        return type;
    }

    private static Type decimal(TypeSignature signature)
    {
        List<Integer> parameters = numbers(signature);
        return switch (parameters.size()) {
            case 0 -> DecimalType.createDecimalType();
            case 1 -> DecimalType.createDecimalType(parameters.getFirst());
            case 2 -> DecimalType.createDecimalType(parameters.getFirst(), parameters.getLast());
            default -> throw new IllegalArgumentException("type %s: accepted are a precision and a scale".formatted(signature));
        };
    }

    private static int number(TypeSignature signature, int absent)
    {
        List<Integer> parameters = numbers(signature);
        checkArgument(parameters.size() <= 1, "type %s: accepted is one parameter", signature);
        return parameters.isEmpty() ? absent : parameters.getFirst();
    }

    private static List<Integer> numbers(TypeSignature signature)
    {
        ImmutableList.Builder<Integer> numbers = ImmutableList.builder();
        for (TypeSignatureParameter parameter : signature.getParameters()) {
            checkArgument(parameter.isLongLiteral(), "type %s: the parameter %s is no number", signature, parameter);
            numbers.add(toIntExact(parameter.getLongLiteral()));
        }
        return numbers.build();
    }

    private static List<Type> typeParameters(TypeSignature signature, int count)
    {
        List<TypeSignatureParameter> parameters = signature.getParameters();
        checkArgument(
                parameters.size() == count && parameters.stream().allMatch(TypeSignatureParameter::isTypeSignature),
                "type %s: accepted are %s types as parameters",
                signature,
                count);
        return parameters.stream()
                .map(parameter -> of(parameter.getTypeSignature()))
                .collect(toImmutableList());
    }

    private static Type row(TypeSignature signature)
    {
        List<TypeSignatureParameter> parameters = signature.getParameters();
        checkArgument(
                !parameters.isEmpty() && parameters.stream().allMatch(TypeSignatureParameter::isNamedTypeSignature),
                "type %s: accepted is at least one field",
                signature);
        return RowType.from(parameters.stream()
                .map(TypeSignatureParameter::getNamedTypeSignature)
                .map(field -> new RowType.Field(field.getName(), of(field.getTypeSignature())))
                .collect(toImmutableList()));
    }
}
