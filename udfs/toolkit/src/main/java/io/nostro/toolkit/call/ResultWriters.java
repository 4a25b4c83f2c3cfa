package io.nostro.toolkit.call;

import io.airlift.slice.Slice;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.type.Type;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.Objects;

import static java.lang.invoke.MethodHandles.dropArguments;
import static java.lang.invoke.MethodHandles.guardWithTest;
import static java.lang.invoke.MethodHandles.permuteArguments;
import static java.lang.invoke.MethodType.methodType;

/**
 * Writes what a function gives for a row.
 */
final class ResultWriters
{
    private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

    private ResultWriters() {}

    /**
     * A handle of type {@code (result, BlockBuilder)void}.
     *
     * @param javaType what the function's method gives: the type's Java type, or its box, whose null is NULL
     */
    static MethodHandle writer(Type type, Class<?> javaType, boolean nullable)
    {
        MethodHandle writer = writer(type).asType(methodType(void.class, javaType, BlockBuilder.class));
        if (!nullable) {
            return writer;
        }
        try {
            MethodHandle isNull = LOOKUP.findStatic(Objects.class, "isNull", methodType(boolean.class, Object.class))
                    .asType(methodType(boolean.class, javaType));
            MethodHandle appendNull = LOOKUP.findVirtual(BlockBuilder.class, "appendNull", methodType(BlockBuilder.class))
                    .asType(methodType(void.class, BlockBuilder.class));
            return guardWithTest(isNull, dropArguments(appendNull, 0, javaType), writer);
        }
        catch (ReflectiveOperationException e) {
            throw new LinkageError("No writer of NULL", e);
        }
    }

    private static MethodHandle writer(Type type)
    {
        Class<?> javaType = type.getJavaType();
        String method;
        if (javaType == boolean.class) {
            method = "writeBoolean";
        }
        else if (javaType == long.class) {
            method = "writeLong";
        }
        else if (javaType == double.class) {
            method = "writeDouble";
        }
        else if (javaType == Slice.class) {
            method = "writeSlice";
        }
        else {
            method = "writeObject";
        }
        Class<?> parameter = method.equals("writeObject") ? Object.class : javaType;
        try {
            MethodHandle writer = LOOKUP.findVirtual(Type.class, method, methodType(void.class, BlockBuilder.class, parameter)).bindTo(type);
            return permuteArguments(writer, methodType(void.class, parameter, BlockBuilder.class), 1, 0);
        }
        catch (ReflectiveOperationException e) {
            throw new LinkageError("No writer of the type " + type, e);
        }
    }
}
