package io.nostro.functions;

import com.google.errorprone.annotations.FormatMethod;
import io.trino.spi.TrinoException;

import static io.trino.spi.StandardErrorCode.DIVISION_BY_ZERO;
import static io.trino.spi.StandardErrorCode.INVALID_FUNCTION_ARGUMENT;
import static io.trino.spi.StandardErrorCode.NUMERIC_VALUE_OUT_OF_RANGE;
import static java.lang.String.format;

/**
 * The only exceptions that a function throws: the errors that {@code TRY} turns into NULL.
 */
public final class FunctionErrors
{
    private FunctionErrors() {}

    @FormatMethod
    public static TrinoException invalidArgument(String message, Object... arguments)
    {
        return new TrinoException(INVALID_FUNCTION_ARGUMENT, format(message, arguments));
    }

    @FormatMethod
    public static TrinoException outOfRange(String message, Object... arguments)
    {
        return new TrinoException(NUMERIC_VALUE_OUT_OF_RANGE, format(message, arguments));
    }

    @FormatMethod
    public static TrinoException divisionByZero(String message, Object... arguments)
    {
        return new TrinoException(DIVISION_BY_ZERO, format(message, arguments));
    }
}
