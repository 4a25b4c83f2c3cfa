package io.nostro.toolkit;

import com.google.common.base.CaseFormat;
import io.trino.spi.function.AggregationFunction;
import io.trino.spi.function.FunctionMetadata;
import io.trino.spi.function.InputFunction;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;

import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

import static com.google.common.collect.ImmutableList.toImmutableList;

/**
 * Finds the Java methods that declare a function, of which Trino does not tell, and the names of its arguments in them.
 */
public final class DeclaredMethods
{
    private DeclaredMethods() {}

    /**
     * The methods of a class that have the function's name, where the class has none for all, and its arguments.
     */
    public static List<Method> of(Class<?> clazz, FunctionMetadata function)
    {
        Stream<Method> methods = Arrays.stream(clazz.getMethods());
        if (clazz.isAnnotationPresent(AggregationFunction.class)) {
            methods = methods.filter(method -> method.isAnnotationPresent(InputFunction.class));
        }
        else if (clazz.isAnnotationPresent(ScalarFunction.class)) {
            methods = methods.filter(method -> method.isAnnotationPresent(SqlType.class));
        }
        else {
            methods = methods.filter(method -> method.isAnnotationPresent(ScalarFunction.class)
                    && isNamed(method.getAnnotation(ScalarFunction.class), method, function.getCanonicalName()));
        }
        List<String> types = function.getSignature().getArgumentTypes().stream()
                .map(type -> comparable(type.toString()))
                .toList();
        return methods
                .filter(method -> argumentTypes(method).equals(types))
                .collect(toImmutableList());
    }

    /**
     * The names of the SQL arguments, as SQL writes names; {@code argument1} and so on when the class was compiled without them.
     */
    public static List<String> argumentNames(Method method)
    {
        List<Parameter> arguments = Arrays.stream(method.getParameters())
                .filter(parameter -> parameter.isAnnotationPresent(SqlType.class))
                .toList();
        return arguments.stream()
                .map(argument -> argument.isNamePresent()
                        ? CaseFormat.LOWER_CAMEL.to(CaseFormat.LOWER_UNDERSCORE, argument.getName())
                        : "argument" + (arguments.indexOf(argument) + 1))
                .toList();
    }

    /**
     * A name that is not given is the method's, as Trino has it.
     */
    private static boolean isNamed(ScalarFunction declaration, Method method, String name)
    {
        String declared = declaration.value().isEmpty() ? CaseFormat.LOWER_CAMEL.to(CaseFormat.LOWER_UNDERSCORE, method.getName()) : declaration.value();
        return declared.equals(name);
    }

    private static List<String> argumentTypes(Method method)
    {
        return Arrays.stream(method.getParameters())
                .filter(parameter -> parameter.isAnnotationPresent(SqlType.class))
                .map(parameter -> comparable(parameter.getAnnotation(SqlType.class).value()))
                .toList();
    }

    private static String comparable(String type)
    {
        return type.replace(" ", "").toLowerCase(Locale.ENGLISH);
    }
}
