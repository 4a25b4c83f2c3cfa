package io.nostro.toolkit.call;

import com.google.common.collect.ImmutableSet;
import io.trino.spi.ErrorCode;
import io.trino.spi.TrinoException;

import java.util.Set;

import static io.trino.spi.StandardErrorCode.DIVISION_BY_ZERO;
import static io.trino.spi.StandardErrorCode.GENERIC_INTERNAL_ERROR;
import static io.trino.spi.StandardErrorCode.INVALID_CAST_ARGUMENT;
import static io.trino.spi.StandardErrorCode.INVALID_FUNCTION_ARGUMENT;
import static io.trino.spi.StandardErrorCode.NUMERIC_VALUE_OUT_OF_RANGE;
import static java.util.Objects.requireNonNull;

/**
 * The error of a function, and the row of the arguments or the group that it came of.
 */
public final class FunctionFailure
        extends RuntimeException
{
    private static final long serialVersionUID = 1;
    private static final long NONE = -1;
    private static final Set<ErrorCode> CAUGHT_BY_TRY = ImmutableSet.of(
            DIVISION_BY_ZERO.toErrorCode(),
            INVALID_CAST_ARGUMENT.toErrorCode(),
            INVALID_FUNCTION_ARGUMENT.toErrorCode(),
            NUMERIC_VALUE_OUT_OF_RANGE.toErrorCode());

    private final TrinoException failure;
    private final long row;
    private final long group;

    private FunctionFailure(TrinoException failure, long row, long group)
    {
        super(failure.getMessage(), requireNonNull(failure, "failure is null"));
        this.failure = failure;
        this.row = row;
        this.group = group;
    }

    public static FunctionFailure ofRow(long row, RuntimeException failure)
    {
        return new FunctionFailure(trinoException(failure), row, NONE);
    }

    public static FunctionFailure ofGroup(long group, RuntimeException failure)
    {
        return new FunctionFailure(trinoException(failure), NONE, group);
    }

    /**
     * An error of a row that is not known.
     */
    public static FunctionFailure ofSomeRow(RuntimeException failure)
    {
        return new FunctionFailure(trinoException(failure), NONE, NONE);
    }

    /**
     * An exception as Trino reports it: one that is none of its own is an internal error.
     */
    private static TrinoException trinoException(RuntimeException failure)
    {
        return failure instanceof TrinoException trinoException ? trinoException : new TrinoException(GENERIC_INTERNAL_ERROR, failure.getMessage() == null ? "Internal error (%s)".formatted(failure.getClass().getName()) : failure.getMessage(), failure);
    }

    /**
     * The same error, of a row that is counted from further ahead.
     */
    FunctionFailure after(long rows)
    {
        return new FunctionFailure(failure, row + rows, group);
    }

    /**
     * Whether it is one of the errors that SQL's TRY makes NULL of.
     */
    boolean isCaughtByTry()
    {
        return CAUGHT_BY_TRY.contains(failure.getErrorCode());
    }

    /**
     * Trino's name of the error.
     */
    public String code()
    {
        return failure.getErrorCode().getName();
    }

    /**
     * The row, from 0, or -1 when it came of a group as a whole.
     */
    public long row()
    {
        return row;
    }

    /**
     * The group, from 0, or -1 when it came of a row.
     */
    public long group()
    {
        return group;
    }
}
