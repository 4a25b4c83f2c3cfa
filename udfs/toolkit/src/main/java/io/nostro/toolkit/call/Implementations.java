package io.nostro.toolkit.call;

import com.google.common.primitives.Primitives;
import io.nostro.toolkit.binding.BoundSignature;
import io.nostro.toolkit.binding.SignatureDeclaration;
import io.nostro.toolkit.binding.TypeParser;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.function.AccumulatorState;
import io.trino.spi.function.AccumulatorStateFactory;
import io.trino.spi.function.AccumulatorStateMetadata;
import io.trino.spi.function.AggregationFunction;
import io.trino.spi.function.InputFunction;
import io.trino.spi.function.LiteralParameter;
import io.trino.spi.function.OutputFunction;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlNullable;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.Type;
import io.trino.spi.type.TypeSignature;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.collect.ImmutableList.toImmutableList;
import static java.lang.invoke.MethodHandles.collectArguments;
import static java.lang.invoke.MethodHandles.insertArguments;
import static java.lang.invoke.MethodHandles.permuteArguments;
import static java.lang.invoke.MethodType.methodType;
import static java.lang.reflect.Modifier.isStatic;

/**
 * Finds the methods that a function is made of, by their annotations: of those of one signature the ones that take and give
 * the Java types of the bound types, as one takes short decimals and another long ones.
 */
final class Implementations
{
    private static final MethodHandles.Lookup LOOKUP = MethodHandles.publicLookup();

    private Implementations() {}

    /**
     * The function as a handle of type {@code (Columns, int row, BlockBuilder)void}, for rows without a NULL.
     *
     * @param instance of the declaring class, if the method needs one
     */
    static MethodHandle scalar(Class<?> declaring, Optional<Object> instance, String name, SignatureDeclaration declaration, BoundSignature signature)
    {
        Stream<Method> methods = declaring.isAnnotationPresent(ScalarFunction.class)
                ? Arrays.stream(declaring.getMethods()).filter(method -> method.isAnnotationPresent(SqlType.class))
                : Arrays.stream(declaring.getMethods()).filter(method -> method.isAnnotationPresent(ScalarFunction.class)
                        && method.getAnnotation(ScalarFunction.class).value().equals(name));
        Class<?> resultType = signature.returnType().getJavaType();
        Method method = only(
                methods.filter(candidate -> takes(candidate, declaration, signature) && Primitives.unwrap(candidate.getReturnType()) == resultType),
                declaring,
                signature);
        MethodHandle function = handle(method);
        if (!isStatic(method.getModifiers())) {
            function = function.bindTo(instance.orElseThrow(() -> new IllegalArgumentException("%s needs an instance of its class".formatted(name))));
        }
        MethodHandle ofRow = readArguments(function, 0, method, signature);
        MethodHandle writer = ResultWriters.writer(signature.returnType(), method.getReturnType(), method.isAnnotationPresent(SqlNullable.class));
        return collectArguments(writer, 0, ofRow);
    }

    /**
     * The aggregate's input as a handle of type {@code (Columns, int row, AccumulatorState)void}, for rows without a NULL.
     */
    static MethodHandle input(Class<?> declaring, SignatureDeclaration declaration, BoundSignature signature)
    {
        Method method = inputMethod(declaring, declaration, signature);
        MethodHandle input = handle(method);
        MethodHandle ofAnyState = input.asType(input.type().changeParameterType(0, AccumulatorState.class));
        MethodHandle ofRow = readArguments(ofAnyState, 1, method, signature);
        return permuteArguments(ofRow, methodType(void.class, Columns.class, int.class, AccumulatorState.class), 2, 0, 1);
    }

    /**
     * The aggregate's output as a handle of type {@code (AccumulatorState, BlockBuilder)void}.
     */
    static MethodHandle output(Class<?> declaring)
    {
        Method method = Arrays.stream(declaring.getMethods())
                .filter(candidate -> candidate.isAnnotationPresent(OutputFunction.class))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(declaring + " has no output function"));
        return handle(method).asType(methodType(void.class, AccumulatorState.class, BlockBuilder.class));
    }

    /**
     * Makes the aggregate's states.
     */
    static AccumulatorStateFactory<?> stateFactory(Class<?> declaring, SignatureDeclaration declaration, BoundSignature signature)
    {
        Class<?> state = inputMethod(declaring, declaration, signature).getParameterTypes()[0];
        AccumulatorStateMetadata metadata = state.getAnnotation(AccumulatorStateMetadata.class);
        checkArgument(metadata != null && metadata.stateFactoryClass() != AccumulatorStateFactory.class, "%s does not name the factory of its states", state);
        try {
            return (AccumulatorStateFactory<?>) metadata.stateFactoryClass().getConstructor().newInstance();
        }
        catch (ReflectiveOperationException e) {
            throw new LinkageError("States of %s can not be made".formatted(state), e);
        }
    }

    private static Method inputMethod(Class<?> declaring, SignatureDeclaration declaration, BoundSignature signature)
    {
        checkArgument(declaring.isAnnotationPresent(AggregationFunction.class), "%s is no aggregate", declaring);
        return only(
                Arrays.stream(declaring.getMethods()).filter(method -> method.isAnnotationPresent(InputFunction.class) && takes(method, declaration, signature)),
                declaring,
                signature);
    }

    private static Method only(Stream<Method> methods, Class<?> declaring, BoundSignature signature)
    {
        List<Method> found = methods.toList();
        checkArgument(found.size() == 1, "%s has %s methods for %s → %s", declaring, found.size(), signature.argumentTypes(), signature.returnType());
        return found.getFirst();
    }

    private static boolean takes(Method method, SignatureDeclaration declaration, BoundSignature signature)
    {
        List<Parameter> arguments = arguments(method);
        List<TypeSignature> types = arguments.stream()
                .map(argument -> TypeParser.parse(argument.getAnnotation(SqlType.class).value()))
                .collect(toImmutableList());
        List<Class<?>> javaTypes = arguments.stream().<Class<?>>map(Parameter::getType).toList();
        return types.equals(declaration.argumentTypes())
                && javaTypes.equals(signature.argumentTypes().stream().<Class<?>>map(Type::getJavaType).toList());
    }

    private static List<Parameter> arguments(Method method)
    {
        return Arrays.stream(method.getParameters())
                .filter(parameter -> parameter.isAnnotationPresent(SqlType.class))
                .toList();
    }

    private static MethodHandle handle(Method method)
    {
        try {
            return LOOKUP.unreflect(method);
        }
        catch (IllegalAccessException e) {
            throw new IllegalArgumentException(method + " is not public", e);
        }
    }

    /**
     * A handle that takes columns and a row in place of the SQL arguments, which are the last ones, and has the values of the
     * signature's variables.
     */
    private static MethodHandle readArguments(MethodHandle function, int first, Method method, BoundSignature signature)
    {
        Parameter[] parameters = method.getParameters();
        MethodHandle withVariables = function;
        for (int index = parameters.length - 1; index >= first; index--) {
            LiteralParameter variable = parameters[index].getAnnotation(LiteralParameter.class);
            if (variable != null) {
                withVariables = insertArguments(withVariables, index, signature.longVariables().get(variable.value()));
            }
            else {
                checkArgument(parameters[index].isAnnotationPresent(SqlType.class) && !parameters[index].isAnnotationPresent(SqlNullable.class), "%s takes something else than values that are not NULL", method);
            }
        }
        MethodHandle read = withVariables;
        int arguments = signature.argumentTypes().size();
        for (int argument = arguments - 1; argument >= 0; argument--) {
            read = collectArguments(read, first + argument, ColumnReaders.reader(argument, signature.argumentTypes().get(argument)));
        }
        int[] order = new int[first + 2 * arguments];
        for (int index = 0; index < order.length; index++) {
            order[index] = index < first ? index : first + (index - first) % 2;
        }
        Class<?>[] types = new Class<?>[first + 2];
        for (int index = 0; index < first; index++) {
            types[index] = function.type().parameterType(index);
        }
        types[first] = Columns.class;
        types[first + 1] = int.class;
        return permuteArguments(read, methodType(read.type().returnType(), types), order);
    }
}
