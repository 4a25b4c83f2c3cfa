package io.nostro.toolkit.call;

import io.trino.spi.block.BlockBuilder;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;

/**
 * Calls a scalar function for each row. Each function has a hidden class made of this one, see {@link RowLoops}, so that its
 * handle is a constant and the loop is compiled for it alone.
 */
final class ScalarRowLoop
{
    private static final MethodHandle FUNCTION = RowLoops.function(MethodHandles.lookup());

    private ScalarRowLoop() {}

    /**
     * Appends the result of each row: NULL where an argument is NULL.
     *
     * @param nullOnFailure whether a row whose failure SQL's TRY would catch gives NULL
     * @throws FunctionFailure when the function fails otherwise
     */
    static void run(Columns columns, int rows, BlockBuilder results, boolean nullOnFailure)
            throws Throwable
    {
        int row = 0;
        while (row < rows) {
            try {
                for (; row < rows; row++) {
                    if (columns.hasNull(row)) {
                        results.appendNull();
                    }
                    else {
                        FUNCTION.invokeExact(columns, row, results);
                    }
                }
            }
            catch (RuntimeException e) {
                FunctionFailure failure = FunctionFailure.ofRow(row, e);
                if (!nullOnFailure || !failure.isCaughtByTry()) {
                    throw failure;
                }
                results.appendNull();
                row++;
            }
        }
    }
}
