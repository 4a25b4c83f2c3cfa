package io.nostro.functions.messages;

import io.airlift.slice.Slice;
import io.trino.spi.TrinoException;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;

import static io.nostro.functions.FunctionErrors.invalidArgument;
import static java.util.Objects.requireNonNull;

/**
 * A message's text on behalf of a function: reads values out of it, and says where one is malformed without showing it.
 */
record MessageSource(String function, String text)
{
    /**
     * ISO 20022 has at most 18 digits, of which 5 after the point; SWIFT, NACHA and BAI have fewer.
     */
    static final int AMOUNT_PRECISION = 23;
    static final int AMOUNT_SCALE = 5;

    // two digits of a year above it are of the last century (SWIFT's general field formatting rules)
    private static final int LAST_YEAR_OF_THIS_CENTURY = 79;

    MessageSource
    {
        requireNonNull(function, "function is null");
        requireNonNull(text, "text is null");
    }

    static MessageSource of(String function, Slice message)
    {
        String text = message.toStringUtf8();
        return new MessageSource(function, text.startsWith("\uFEFF") ? text.substring(1) : text);
    }

    /**
     * The error of a field that is not as its standard has it.
     *
     * @param offset where in the text
     */
    TrinoException malformed(String field, int offset, String problem)
    {
        int lineStart = text.lastIndexOf('\n', offset - 1) + 1;
        return malformed(field, lineStart, offset - lineStart, problem);
    }

    /**
     * The error of a field in a line, whose blanks at the end may be lost.
     *
     * @param lineStart where in the text
     * @param offset where in the line
     */
    TrinoException malformed(String field, int lineStart, int offset, String problem)
    {
        long line = 1 + text.substring(0, lineStart).chars().filter(character -> character == '\n').count();
        return invalidArgument("%s: %s at line %s, column %s: %s", function, field, line, offset + 1, problem);
    }

    /**
     * Six digits as a date of this century, or of the last when the year is above 79.
     */
    LocalDate date(String field, int offset, String digits)
    {
        if (!isDigits(digits) || digits.length() != 6) {
            throw malformed(field, offset, "not a date; accepted are the six digits of YYMMDD");
        }
        int year = Integer.parseInt(digits, 0, 2, 10);
        try {
            return LocalDate.of(
                    year > LAST_YEAR_OF_THIS_CENTURY ? 1900 + year : 2000 + year,
                    Integer.parseInt(digits, 2, 4, 10),
                    Integer.parseInt(digits, 4, 6, 10));
        }
        catch (DateTimeException _) {
            throw malformed(field, offset, "no such day in the calendar; accepted are the six digits of YYMMDD");
        }
    }

    /**
     * Digits, with a separator and more of them or without, as an exact number.
     */
    BigDecimal decimal(String field, int offset, String digits, char separator, int precision, int scale)
    {
        int point = digits.indexOf(separator);
        String whole = point < 0 ? digits : digits.substring(0, point);
        String fraction = point < 0 ? "" : digits.substring(point + 1);
        if (whole.length() + fraction.length() > 100 || (whole + fraction).isEmpty() || !isDigits(whole + fraction)) {
            throw malformed(field, offset, "not a number; accepted are digits with at most one '%s' among them".formatted(separator));
        }
        BigDecimal value = new BigDecimal((whole.isEmpty() ? "0" : whole) + (fraction.isEmpty() ? "" : "." + fraction)).stripTrailingZeros();
        if (value.scale() > scale || value.precision() - value.scale() > precision - scale) {
            throw malformed(field, offset, "too many digits; accepted are %s before the decimal separator and %s after it".formatted(precision - scale, scale));
        }
        return value.setScale(scale);
    }

    BigDecimal amount(String field, int offset, String digits, char separator)
    {
        return decimal(field, offset, digits, separator, AMOUNT_PRECISION, AMOUNT_SCALE);
    }

    /**
     * The text, when it is three upper case letters.
     */
    String currency(String field, int offset, String code)
    {
        if (code.length() != 3 || !code.chars().allMatch(MessageSource::isUpperCaseLetter)) {
            throw malformed(field, offset, "not a currency; accepted are the three upper case letters of ISO 4217");
        }
        return code;
    }

    /**
     * A count of at most nine digits.
     */
    int count(String field, int offset, String digits)
    {
        if (digits.isEmpty() || digits.length() > 9 || !isDigits(digits)) {
            throw malformed(field, offset, "not a count; accepted are 1 to 9 digits");
        }
        return Integer.parseInt(digits);
    }

    static boolean isDigits(String text)
    {
        return text.chars().allMatch(MessageSource::isDigit);
    }

    static boolean isDigit(int character)
    {
        return character >= '0' && character <= '9';
    }

    static boolean isUpperCaseLetter(int character)
    {
        return character >= 'A' && character <= 'Z';
    }
}
