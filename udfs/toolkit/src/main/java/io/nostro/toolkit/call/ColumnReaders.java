package io.nostro.toolkit.call;

import io.airlift.slice.Slice;
import io.trino.spi.block.ByteArrayBlock;
import io.trino.spi.block.Int128ArrayBlock;
import io.trino.spi.block.IntArrayBlock;
import io.trino.spi.block.LongArrayBlock;
import io.trino.spi.block.ShortArrayBlock;
import io.trino.spi.block.ValueBlock;
import io.trino.spi.block.VariableWidthBlock;
import io.trino.spi.type.Int128;
import io.trino.spi.type.Type;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Optional;

import static com.google.common.base.Preconditions.checkArgument;
import static java.lang.invoke.MethodHandles.insertArguments;
import static java.lang.invoke.MethodType.methodType;

/**
 * Reads a value of a column as the Java type that functions take it as. The blocks' classes are named, so that the compiler
 * sees which code it is in a loop over the rows.
 */
public final class ColumnReaders
{
    private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

    private ColumnReaders() {}

    /**
     * Whether {@link #reader} knows the type.
     */
    public static boolean hasReader(Type type)
    {
        return find(type).isPresent() || !(type.getJavaType().isPrimitive() || type.getJavaType() == Slice.class);
    }

    /**
     * A handle of type {@code (Columns, int row)}, which gives the type's Java type. No value may be NULL.
     */
    public static MethodHandle reader(int column, Type type)
    {
        Class<?> javaType = type.getJavaType();
        checkArgument(hasReader(type), "There is no reader of the type %s", type);
        return find(type)
                .map(method -> insertArguments(find(method, methodType(javaType, int.class, Columns.class, int.class)), 0, column))
                .orElseGet(() -> insertArguments(find("objectAt", methodType(Object.class, Type.class, int.class, Columns.class, int.class)), 0, type, column)
                        .asType(methodType(javaType, Columns.class, int.class)));
    }

    /**
     * A handle of type {@code (Columns, int row)ValueBlock}.
     */
    public static MethodHandle blockReader(int column)
    {
        return insertArguments(find("blockOf", methodType(ValueBlock.class, int.class, Columns.class, int.class)), 0, column);
    }

    /**
     * A handle of type {@code (Columns, int row)int}, which gives the row's position in the block.
     */
    public static MethodHandle positionReader(int column)
    {
        return insertArguments(find("positionIn", methodType(int.class, int.class, Columns.class, int.class)), 0, column);
    }

    private static Optional<String> find(Type type)
    {
        Class<?> javaType = type.getJavaType();
        Class<? extends ValueBlock> blockType = type.getValueBlockType();
        if (javaType == boolean.class) {
            return Optional.of("booleanAt");
        }
        if (javaType == double.class) {
            return Optional.of("doubleAt");
        }
        if (javaType == Slice.class && blockType == VariableWidthBlock.class) {
            return Optional.of("sliceAt");
        }
        if (javaType == Int128.class) {
            return Optional.of("int128At");
        }
        if (javaType == long.class && blockType == LongArrayBlock.class) {
            return Optional.of("longAt");
        }
        if (javaType == long.class && blockType == IntArrayBlock.class) {
            return Optional.of("intAt");
        }
        if (javaType == long.class && blockType == ShortArrayBlock.class) {
            return Optional.of("shortAt");
        }
        if (javaType == long.class && blockType == ByteArrayBlock.class) {
            return Optional.of("byteAt");
        }
        return Optional.empty();
    }

    private static MethodHandle find(String method, MethodType type)
    {
        try {
            return LOOKUP.findStatic(ColumnReaders.class, method, type);
        }
        catch (ReflectiveOperationException e) {
            throw new LinkageError("No reader " + method, e);
        }
    }

    static boolean booleanAt(int column, Columns columns, int row)
    {
        return ((ByteArrayBlock) columns.block(column)).getByte(columns.position(column, row)) != 0;
    }

    static double doubleAt(int column, Columns columns, int row)
    {
        return Double.longBitsToDouble(((LongArrayBlock) columns.block(column)).getLong(columns.position(column, row)));
    }

    static Slice sliceAt(int column, Columns columns, int row)
    {
        Slice constant = columns.constantText(column);
        return constant == null ? ((VariableWidthBlock) columns.block(column)).getSlice(columns.position(column, row)) : constant;
    }

    static Int128 int128At(int column, Columns columns, int row)
    {
        return ((Int128ArrayBlock) columns.block(column)).getInt128(columns.position(column, row));
    }

    static long longAt(int column, Columns columns, int row)
    {
        return ((LongArrayBlock) columns.block(column)).getLong(columns.position(column, row));
    }

    static long intAt(int column, Columns columns, int row)
    {
        return ((IntArrayBlock) columns.block(column)).getInt(columns.position(column, row));
    }

    static long shortAt(int column, Columns columns, int row)
    {
        return ((ShortArrayBlock) columns.block(column)).getShort(columns.position(column, row));
    }

    static long byteAt(int column, Columns columns, int row)
    {
        return ((ByteArrayBlock) columns.block(column)).getByte(columns.position(column, row));
    }

    static ValueBlock blockOf(int column, Columns columns, int row)
    {
        return columns.block(column);
    }

    static int positionIn(int column, Columns columns, int row)
    {
        return columns.position(column, row);
    }

    static Object objectAt(Type type, int column, Columns columns, int row)
    {
        return type.getObject(columns.block(column), columns.position(column, row));
    }
}
