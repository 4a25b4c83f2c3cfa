package io.nostro.toolkit.call;

import io.trino.spi.function.AccumulatorState;
import io.trino.spi.function.GroupedAccumulatorState;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;

/**
 * Adds rows to the states of an aggregate. Each function has a hidden class made of this one, see {@link RowLoops}, so that
 * its handle is a constant and the loop is compiled for it alone.
 */
final class AggregateRowLoop
{
    private static final MethodHandle INPUT = RowLoops.function(MethodHandles.lookup());

    private AggregateRowLoop() {}

    /**
     * Adds each row to the state of its group; one with a NULL is left out.
     *
     * @param groups the number of each row's group, or null when all rows are of one
     * @throws FunctionFailure when the function fails
     */
    static void run(Columns columns, int rows, AccumulatorState state, int[] groups)
            throws Throwable
    {
        int row = 0;
        try {
            if (groups == null) {
                for (; row < rows; row++) {
                    if (!columns.hasNull(row)) {
                        INPUT.invokeExact(columns, row, state);
                    }
                }
                return;
            }
            GroupedAccumulatorState grouped = (GroupedAccumulatorState) state;
            for (; row < rows; row++) {
                if (!columns.hasNull(row)) {
                    grouped.setGroupId(groups[row]);
                    INPUT.invokeExact(columns, row, state);
                }
            }
        }
        catch (RuntimeException e) {
            throw FunctionFailure.ofRow(row, e);
        }
    }
}
