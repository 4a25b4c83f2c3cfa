package io.nostro.functions;

import com.google.errorprone.annotations.FormatMethod;
import io.trino.spi.StandardErrorCode;
import io.trino.spi.TrinoException;

import java.util.Arrays;
import java.util.regex.Pattern;

import static io.trino.spi.StandardErrorCode.DIVISION_BY_ZERO;
import static io.trino.spi.StandardErrorCode.INVALID_FUNCTION_ARGUMENT;
import static io.trino.spi.StandardErrorCode.NUMERIC_VALUE_OUT_OF_RANGE;
import static java.lang.String.format;

/**
 * The only exceptions that a function throws: the errors that {@code TRY} turns into NULL.
 * <p>
 * Of a text that a message quotes, only the beginning is shown, and of a number of nine digits or more its last four: a
 * column of accounts that was passed by mistake must not come to be read in logs.
 */
public final class FunctionErrors
{
    private static final int LONGEST_QUOTATION = 200;
    private static final Pattern ACCOUNT_NUMBER = Pattern.compile("\\d(?:[ .-]?\\d){4,}(?=(?:[ .-]?\\d){4})");

    private FunctionErrors() {}

    @FormatMethod
    public static TrinoException invalidArgument(String message, Object... arguments)
    {
        return error(INVALID_FUNCTION_ARGUMENT, message, arguments);
    }

    @FormatMethod
    public static TrinoException outOfRange(String message, Object... arguments)
    {
        return error(NUMERIC_VALUE_OUT_OF_RANGE, message, arguments);
    }

    @FormatMethod
    public static TrinoException divisionByZero(String message, Object... arguments)
    {
        return error(DIVISION_BY_ZERO, message, arguments);
    }

    @FormatMethod
    private static TrinoException error(StandardErrorCode code, String message, Object... arguments)
    {
        return new TrinoException(code, format(message, Arrays.stream(arguments).map(FunctionErrors::quotable).toArray()));
    }

    private static Object quotable(Object argument)
    {
        if (!(argument instanceof String text)) {
            return argument;
        }
        String beginning = text.length() <= LONGEST_QUOTATION ? text : text.substring(0, text.offsetByCodePoints(0, text.codePointCount(0, LONGEST_QUOTATION))) + "…";
        return ACCOUNT_NUMBER.matcher(beginning).replaceAll("*****");
    }
}
