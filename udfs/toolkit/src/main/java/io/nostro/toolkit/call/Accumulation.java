package io.nostro.toolkit.call;

import com.google.common.collect.ImmutableList;
import io.nostro.toolkit.arrow.ArrowBuilder;
import io.nostro.toolkit.arrow.ArrowColumn;
import io.nostro.toolkit.arrow.ArrowResult;
import io.nostro.toolkit.arrow.ArrowType;
import io.nostro.toolkit.binding.BoundSignature;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.function.AccumulatorState;
import io.trino.spi.function.GroupedAccumulatorState;

import java.lang.invoke.MethodHandle;
import java.util.List;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Throwables.throwIfUnchecked;
import static io.nostro.toolkit.call.Arguments.ROWS;
import static java.util.Collections.nCopies;
import static java.util.Objects.requireNonNull;

/**
 * What an aggregate has gathered of the rows added so far. For one thread at a time.
 */
public final class Accumulation
{
    private final List<ArrowType> types;
    private final BoundSignature signature;
    private final AccumulatorState state;
    private final MethodHandle loop;
    private final MethodHandle output;
    private long rows;

    Accumulation(List<ArrowType> types, BoundSignature signature, AccumulatorState state, MethodHandle loop, MethodHandle output)
    {
        this.types = ImmutableList.copyOf(types);
        this.signature = requireNonNull(signature, "signature is null");
        this.state = requireNonNull(state, "state is null");
        this.loop = requireNonNull(loop, "loop is null");
        this.output = requireNonNull(output, "output is null");
    }

    /**
     * Adds rows to all.
     *
     * @param columns the arguments as {@link ArrowColumn#allOf} has them, each of so many values as there are rows or, for a constant, of one
     * @throws FunctionFailure when the aggregate fails; the row is counted from the first that was ever added
     */
    public void add(long[] columns, boolean[] constants, long count)
    {
        checkArgument(!(state instanceof GroupedAccumulatorState), "The rows' groups are not given");
        add(ArrowColumn.allOf(types, columns), constants, count, null);
    }

    /**
     * Adds rows to their groups.
     *
     * @param columns as above, and the number of each row's group as the last: an int32 from 0 to below the count of groups
     * @throws FunctionFailure when the aggregate fails; the row is counted from the first that was ever added
     */
    public void add(long[] columns, boolean[] constants, long count, int groupCount)
    {
        checkArgument(state instanceof GroupedAccumulatorState, "The rows are of no groups");
        ((GroupedAccumulatorState) state).ensureCapacity(groupCount);
        List<ArrowColumn> given = ArrowColumn.allOf(GroupNumbers.appendType(types), columns);
        add(given.subList(0, types.size()), constants, count, new GroupNumbers(given.getLast(), groupCount));
    }

    private void add(List<ArrowColumn> columns, boolean[] constants, long count, GroupNumbers groups)
    {
        Arguments arguments = new Arguments(signature.argumentTypes(), columns, constants, nCopies(types.size(), false));
        for (long from = 0; from < count; from += ROWS) {
            int read = (int) Math.min(ROWS, count - from);
            int[] numbers = groups == null ? null : groups.read(from, read);
            try {
                loop.invokeExact(arguments.read(from, read), read, state, numbers);
            }
            catch (FunctionFailure e) {
                throw e.after(rows);
            }
            catch (Throwable e) {
                throwIfUnchecked(e);
                throw new IllegalStateException(e);
            }
            rows += read;
        }
    }

    /**
     * The aggregate's result for each group, or for all rows as one value. It can be asked for once.
     */
    public ArrowResult results(int groupCount)
    {
        checkArgument(state instanceof GroupedAccumulatorState || groupCount == 1, "All rows have one result, not %s", groupCount);
        ArrowBuilder results = ArrowBuilder.of(signature.returnType());
        if (state instanceof GroupedAccumulatorState grouped) {
            grouped.ensureCapacity(groupCount);
        }
        for (int from = 0; from < groupCount; from += ROWS) {
            int written = Math.min(ROWS, groupCount - from);
            BlockBuilder block = signature.returnType().createBlockBuilder(null, written);
            for (int group = from; group < from + written; group++) {
                if (state instanceof GroupedAccumulatorState grouped) {
                    grouped.setGroupId(group);
                }
                write(group, block);
            }
            results.append(block.build());
        }
        return results.build();
    }

    private void write(int group, BlockBuilder block)
    {
        try {
            output.invokeExact(state, block);
        }
        catch (RuntimeException e) {
            throw FunctionFailure.ofGroup(group, e);
        }
        catch (Throwable e) {
            throwIfUnchecked(e);
            throw new IllegalStateException(e);
        }
    }
}
