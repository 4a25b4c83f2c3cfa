package io.nostro.toolkit.plugin;

import com.google.common.collect.ImmutableList;
import io.nostro.toolkit.call.ColumnReaders;
import io.nostro.toolkit.call.Columns;
import io.trino.metadata.FunctionManager;
import io.trino.metadata.ResolvedFunction;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.connector.ConnectorSession;
import io.trino.spi.function.InvocationConvention;
import io.trino.spi.function.InvocationConvention.InvocationArgumentConvention;
import io.trino.spi.function.ScalarFunctionImplementation;
import io.trino.spi.type.Type;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.time.Instant;
import java.util.List;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static io.trino.spi.function.InvocationConvention.InvocationArgumentConvention.BLOCK_POSITION;
import static io.trino.spi.function.InvocationConvention.InvocationArgumentConvention.BLOCK_POSITION_NOT_NULL;
import static io.trino.spi.function.InvocationConvention.InvocationArgumentConvention.NEVER_NULL;
import static io.trino.spi.function.InvocationConvention.InvocationArgumentConvention.VALUE_BLOCK_POSITION;
import static io.trino.spi.function.InvocationConvention.InvocationArgumentConvention.VALUE_BLOCK_POSITION_NOT_NULL;
import static io.trino.spi.function.InvocationConvention.InvocationReturnConvention.BLOCK_BUILDER;
import static java.lang.invoke.MethodHandles.collectArguments;
import static java.lang.invoke.MethodHandles.insertArguments;
import static java.lang.invoke.MethodHandles.permuteArguments;
import static java.lang.invoke.MethodType.methodType;

/**
 * Makes handles of type {@code (Columns, int row, BlockBuilder)void} of Trino's implementations of scalar functions. No value
 * is boxed for them, but an argument that the function itself takes as a box.
 */
final class ScalarHandles
{
    private ScalarHandles() {}

    static MethodHandle handle(FunctionManager functionManager, ResolvedFunction function)
    {
        List<Type> types = function.signature().getArgumentTypes();
        List<Boolean> nullable = function.functionNullability().getArgumentNullable();
        IllegalArgumentException failure = new IllegalArgumentException("The function %s cannot be called with columns".formatted(function));
        // what a function implements, not all of the others can be made of
        for (boolean ofBlocks : new boolean[] {false, true}) {
            for (boolean ofValueBlocks : new boolean[] {true, false}) {
                ImmutableList.Builder<InvocationArgumentConvention> arguments = ImmutableList.builder();
                for (int argument = 0; argument < types.size(); argument++) {
                    if (nullable.get(argument)) {
                        arguments.add(ofValueBlocks ? VALUE_BLOCK_POSITION : BLOCK_POSITION);
                    }
                    else if (!ofBlocks && ColumnReaders.hasReader(types.get(argument))) {
                        arguments.add(NEVER_NULL);
                    }
                    else {
                        arguments.add(ofValueBlocks ? VALUE_BLOCK_POSITION_NOT_NULL : BLOCK_POSITION_NOT_NULL);
                    }
                }
                InvocationConvention convention = new InvocationConvention(arguments.build(), BLOCK_BUILDER, true, true);
                ScalarFunctionImplementation implementation;
                try {
                    implementation = functionManager.getScalarFunctionImplementation(function, convention);
                }
                catch (RuntimeException e) {
                    failure.addSuppressed(e);
                    continue;
                }
                return ofColumns(implementation, convention, types);
            }
        }
        throw failure;
    }

    private static MethodHandle ofColumns(ScalarFunctionImplementation implementation, InvocationConvention convention, List<Type> types)
    {
        MethodHandle handle = implementation.getMethodHandle();
        if (implementation.getInstanceFactory().isPresent()) {
            handle = collectArguments(handle, 0, instanceOfThread(implementation.getInstanceFactory().get(), handle.type().parameterType(0)));
        }
        if (handle.type().parameterType(0) == ConnectorSession.class) {
            handle = insertArguments(handle, 0, new PluginSession(Instant.now()));
        }
        int parameter = convention.getArgumentConventions().stream().mapToInt(InvocationArgumentConvention::getParameterCount).sum();
        for (int argument = types.size() - 1; argument >= 0; argument--) {
            if (convention.getArgumentConvention(argument) == NEVER_NULL) {
                parameter--;
                handle = read(handle, parameter, ColumnReaders.reader(argument, types.get(argument)));
            }
            else {
                parameter -= 2;
                handle = read(handle, parameter + 1, ColumnReaders.positionReader(argument));
                handle = read(handle, parameter, ColumnReaders.blockReader(argument));
            }
        }
        int readers = (handle.type().parameterCount() - 1) / 2;
        int[] order = new int[2 * readers + 1];
        for (int index = 0; index < order.length - 1; index++) {
            order[index] = index % 2;
        }
        order[order.length - 1] = 2;
        return permuteArguments(handle, methodType(void.class, Columns.class, int.class, BlockBuilder.class), order);
    }

    private static MethodHandle read(MethodHandle handle, int parameter, MethodHandle reader)
    {
        return collectArguments(handle, parameter, reader.asType(reader.type().changeReturnType(handle.type().parameterType(parameter))));
    }

    /**
     * A handle that gives an instance of a function that keeps something between its calls: each thread has one.
     */
    private static MethodHandle instanceOfThread(MethodHandle factory, Class<?> type)
    {
        MethodHandle anyFactory = factory.asType(methodType(Object.class));
        ThreadLocal<Object> instances = ThreadLocal.withInitial(() -> {
            try {
                return anyFactory.invokeExact();
            }
            catch (Throwable e) {
                throw new LinkageError("No instance of the function's class can be made", e);
            }
        });
        try {
            return MethodHandles.publicLookup().findVirtual(ThreadLocal.class, "get", methodType(Object.class)).bindTo(instances).asType(methodType(type));
        }
        catch (ReflectiveOperationException e) {
            throw new LinkageError("ThreadLocal has no get", e);
        }
    }
}
