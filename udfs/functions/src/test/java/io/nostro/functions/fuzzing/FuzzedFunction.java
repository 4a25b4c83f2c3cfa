package io.nostro.functions.fuzzing;

import com.google.common.collect.ImmutableList;
import io.nostro.functions.DeclaredFunction;
import io.nostro.functions.NostroFunctions;
import io.trino.metadata.InternalFunctionBundle;
import io.trino.spi.function.AggregationFunction;
import io.trino.spi.function.FunctionKind;
import io.trino.spi.function.FunctionMetadata;
import io.trino.spi.function.InputFunction;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;

import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

import static com.google.common.base.Preconditions.checkState;
import static com.google.common.collect.ImmutableList.toImmutableList;
import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.joining;

/**
 * One signature of a function, as the plugin declares it.
 *
 * @param catalogMethod the method of a function that belongs to a catalog
 */
record FuzzedFunction(Class<?> declaring, FunctionMetadata metadata, List<String> argumentNames, Optional<Method> catalogMethod)
{
    FuzzedFunction
    {
        requireNonNull(declaring, "declaring is null");
        requireNonNull(metadata, "metadata is null");
        argumentNames = ImmutableList.copyOf(argumentNames);
        requireNonNull(catalogMethod, "catalogMethod is null");
    }

    /**
     * Every function that is declared.
     *
     * @param loader where the classes come from, which may be one that watches what they run
     */
    @SuppressWarnings("unchecked")
    static List<FuzzedFunction> declared(ClassLoader loader)
    {
        ImmutableList.Builder<FuzzedFunction> functions = ImmutableList.builder();
        try {
            Class<?> declarations = loader.loadClass(NostroFunctions.class.getName());
            for (Class<?> clazz : (Collection<Class<?>>) declarations.getField("FUNCTIONS").get(null)) {
                for (FunctionMetadata metadata : InternalFunctionBundle.extractFunctions(clazz).getFunctions()) {
                    functions.add(new FuzzedFunction(clazz, metadata, argumentNames(clazz, metadata), Optional.empty()));
                }
            }
            for (Class<?> clazz : (Collection<Class<?>>) declarations.getField("VAULT_FUNCTIONS").get(null)) {
                for (DeclaredFunction function : DeclaredFunction.of(clazz)) {
                    functions.add(new FuzzedFunction(clazz, function.metadata(), argumentNames(function.method()), Optional.of(function.method())));
                }
            }
        }
        catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
        return functions.build().stream()
                .sorted(Comparator.comparing(FuzzedFunction::signature))
                .collect(toImmutableList());
    }

    String name()
    {
        return metadata.getCanonicalName();
    }

    String signature()
    {
        return metadata.getSignature().getArgumentTypes().stream().map(Object::toString).collect(joining(", ", name() + "(", ")"));
    }

    boolean isAggregate()
    {
        return metadata.getKind() == FunctionKind.AGGREGATE;
    }

    private static List<String> argumentNames(Class<?> clazz, FunctionMetadata metadata)
    {
        List<String> types = metadata.getSignature().getArgumentTypes().stream()
                .map(type -> withoutSpaces(type.toString()))
                .toList();
        List<List<String>> names = Arrays.stream(clazz.getMethods())
                .filter(method -> isDeclared(clazz, method, metadata.getCanonicalName()))
                .filter(method -> argumentTypes(method).equals(types))
                .map(FuzzedFunction::argumentNames)
                .distinct()
                .toList();
        checkState(names.size() == 1, "%s%s is not declared by one method of %s", metadata.getCanonicalName(), types, clazz);
        return names.getFirst();
    }

    private static boolean isDeclared(Class<?> clazz, Method method, String name)
    {
        if (clazz.isAnnotationPresent(AggregationFunction.class)) {
            return method.isAnnotationPresent(InputFunction.class);
        }
        if (clazz.isAnnotationPresent(ScalarFunction.class)) {
            return method.isAnnotationPresent(SqlType.class);
        }
        return method.isAnnotationPresent(ScalarFunction.class) && method.getAnnotation(ScalarFunction.class).value().equals(name);
    }

    private static List<String> argumentTypes(Method method)
    {
        return Arrays.stream(method.getParameters())
                .filter(parameter -> parameter.isAnnotationPresent(SqlType.class))
                .map(parameter -> withoutSpaces(parameter.getAnnotation(SqlType.class).value()))
                .toList();
    }

    private static List<String> argumentNames(Method method)
    {
        return Arrays.stream(method.getParameters())
                .filter(parameter -> parameter.isAnnotationPresent(SqlType.class))
                .map(Parameter::getName)
                .toList();
    }

    private static String withoutSpaces(String text)
    {
        return text.replace(" ", "");
    }
}
