package io.nostro.functions;

import io.trino.spi.function.Description;
import io.trino.spi.function.FunctionMetadata;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.Signature;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.StandardTypes;
import io.trino.spi.type.Type;

import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.collect.ImmutableList.toImmutableList;
import static io.trino.spi.type.BigintType.BIGINT;
import static io.trino.spi.type.VarcharType.VARCHAR;
import static java.util.Objects.requireNonNull;

/**
 * A scalar function of a catalog, as a method's annotations declare it. Trino reads the annotations of functions for all
 * catalogs only; a connector has to give metadata.
 */
public record DeclaredFunction(FunctionMetadata metadata, Method method)
{
    public DeclaredFunction
    {
        requireNonNull(metadata, "metadata is null");
        requireNonNull(method, "method is null");
    }

    /**
     * The functions that a class's methods declare: of bigint and varchar, of which no argument and no result is NULL.
     */
    public static List<DeclaredFunction> of(Class<?> clazz)
    {
        return Arrays.stream(clazz.getMethods())
                .filter(method -> method.isAnnotationPresent(ScalarFunction.class))
                .map(method -> new DeclaredFunction(metadata(method), method))
                .sorted(Comparator.comparing(function -> function.metadata().getFunctionId().toString()))
                .collect(toImmutableList());
    }

    private static FunctionMetadata metadata(Method method)
    {
        ScalarFunction declaration = method.getAnnotation(ScalarFunction.class);
        Signature.Builder signature = Signature.builder()
                .returnType(type(method.getAnnotation(SqlType.class), method));
        for (Parameter parameter : method.getParameters()) {
            signature.argumentType(type(parameter.getAnnotation(SqlType.class), method));
        }
        Description description = method.getAnnotation(Description.class);
        checkArgument(description != null, "%s has no description", method);
        FunctionMetadata.Builder metadata = FunctionMetadata.scalarBuilder(declaration.value())
                .signature(signature.build())
                .description(description.value());
        if (!declaration.deterministic()) {
            metadata.nondeterministic();
        }
        return metadata.build();
    }

    private static Type type(SqlType type, Method method)
    {
        checkArgument(type != null, "%s has an argument or a result without a type", method);
        return switch (type.value()) {
            case StandardTypes.BIGINT -> BIGINT;
            case StandardTypes.VARCHAR -> VARCHAR;
            default -> throw new IllegalArgumentException("%s has the type %s; a connector's functions have bigint and varchar".formatted(method, type.value()));
        };
    }
}
