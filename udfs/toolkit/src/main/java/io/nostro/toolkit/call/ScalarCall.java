package io.nostro.toolkit.call;

import com.google.common.collect.ImmutableList;
import io.nostro.toolkit.arrow.ArrowBuilder;
import io.nostro.toolkit.arrow.ArrowColumn;
import io.nostro.toolkit.arrow.ArrowResult;
import io.nostro.toolkit.arrow.ArrowType;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.type.Type;

import java.lang.invoke.MethodHandle;
import java.util.List;

import static com.google.common.base.Throwables.throwIfUnchecked;
import static io.nostro.toolkit.call.Arguments.ROWS;
import static java.lang.invoke.MethodType.methodType;
import static java.util.Objects.requireNonNull;

/**
 * A scalar function for arguments of certain types. It may be called by many threads at once.
 */
public final class ScalarCall
{
    private final List<ArrowType> types;
    private final List<Type> argumentTypes;
    private final List<Boolean> nullable;
    private final Type returnType;
    private final MethodHandle loop;

    /**
     * @param types of the arguments as they are given
     * @param argumentTypes those that they are coerced to
     * @param nullable which arguments the function takes a NULL of; a row with another NULL gives NULL
     * @param function of type {@code (Columns, int row, BlockBuilder)void}
     */
    public ScalarCall(List<ArrowType> types, List<Type> argumentTypes, List<Boolean> nullable, Type returnType, MethodHandle function)
    {
        this.types = ImmutableList.copyOf(types);
        this.argumentTypes = ImmutableList.copyOf(argumentTypes);
        this.nullable = ImmutableList.copyOf(nullable);
        this.returnType = requireNonNull(returnType, "returnType is null");
        this.loop = RowLoops.loop(ScalarRowLoop.class, methodType(void.class, Columns.class, int.class, BlockBuilder.class, boolean.class), function);
    }

    /**
     * The type of the results as {@link ArrowResult#format} has it.
     */
    public String resultFormat()
    {
        return ArrowBuilder.of(returnType).build().format();
    }

    /**
     * The function's result for each row.
     *
     * @param columns the arguments as {@link ArrowColumn#allOf} has them, each of so many values as there are rows or, for a constant, of one
     * @param nullOnFailure whether a row whose failure SQL's TRY would catch gives NULL
     * @throws FunctionFailure when the function fails otherwise
     */
    public ArrowResult call(long[] columns, boolean[] constants, long rows, boolean nullOnFailure)
    {
        Arguments arguments = new Arguments(argumentTypes, ArrowColumn.allOf(types, columns), constants, nullable);
        ArrowBuilder results = ArrowBuilder.of(returnType);
        for (long from = 0; from < rows; from += ROWS) {
            int count = (int) Math.min(ROWS, rows - from);
            BlockBuilder block = returnType.createBlockBuilder(null, count);
            try {
                loop.invokeExact(arguments.read(from, count), count, block, nullOnFailure);
            }
            catch (FunctionFailure e) {
                throw e.after(from);
            }
            catch (Throwable e) {
                throwIfUnchecked(e);
                throw new IllegalStateException(e);
            }
            results.append(block.build());
        }
        return results.build();
    }
}
