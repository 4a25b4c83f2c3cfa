package io.nostro.functions.identifiers;

import io.airlift.slice.Slice;
import io.nostro.functions.Argument;
import io.nostro.functions.Errors;
import io.nostro.functions.Example;
import io.nostro.functions.Source;
import io.trino.spi.function.Description;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.StandardTypes;

import static io.nostro.functions.FunctionErrors.invalidArgument;

/**
 * Functions of SEDOLs, the London Stock Exchange's numbers: six digits, or since 2004 a consonant and five digits or
 * consonants, and a check digit that completes the sum weighted by 1, 3, 1, 7, 3, 9 to a multiple of ten, B being 11.
 */
@Source("London Stock Exchange, SEDOL Masterfile")
@Argument(name = "sedol", meaning = "the SEDOL: seven characters, upper case, without spaces")
public final class SedolFunctions
{
    private static final int LENGTH = 7;
    private static final int BODY_LENGTH = 6;
    private static final int[] WEIGHTS = {1, 3, 1, 7, 3, 9};

    private SedolFunctions() {}

    @ScalarFunction("sedol_is_valid")
    @Description("Whether a text is a SEDOL: its form, without vowels, and its check digit")
    @LiteralParameters("x")
    @SqlType(StandardTypes.BOOLEAN)
    @Example(sql = "sedol_is_valid('0263494')", result = "true")
    @Example(sql = "sedol_is_valid('B15KXQ8')", result = "true")
    @Example(sql = "sedol_is_valid('B15KXQ7')", result = "false")
    public static boolean sedolIsValid(@SqlType("varchar(x)") Slice sedol)
    {
        return isValid(sedol.byteArray(), sedol.byteArrayOffset(), sedol.length());
    }

    @ScalarFunction("sedol_check_digit")
    @Description("The check digit of a SEDOL's first six characters")
    @Argument(name = "sedol", meaning = "the first six characters of the SEDOL: six digits, or a consonant and five digits or consonants, upper case")
    @Errors(invalidArgument = "the text is not six digits, or an upper case consonant and five digits or consonants")
    @LiteralParameters("x")
    @SqlType("varchar(1)")
    @Example(sql = "sedol_check_digit('026349')", result = "\"4\"")
    @Example(sql = "sedol_check_digit('B15KXQ')", result = "\"8\"")
    @Example(sql = "TRY(sedol_check_digit('A15KXQ'))", result = "null")
    public static Slice sedolCheckDigit(@SqlType("varchar(x)") Slice sedol)
    {
        int checkDigit = sedol.length() == BODY_LENGTH ? checkDigit(sedol.byteArray(), sedol.byteArrayOffset()) : -1;
        if (checkDigit < 0) {
            throw invalidArgument("sedol_check_digit: %s; accepted are six digits, or an upper case consonant and five digits or consonants", IdentifierProblem.ofBody(sedol, BODY_LENGTH));
        }
        return CheckDigitText.oneDigit(checkDigit);
    }

    static boolean isValid(byte[] text, int offset, int length)
    {
        return length == LENGTH && checkDigit(text, offset) == text[offset + BODY_LENGTH] - '0';
    }

    /**
     * The check digit of six characters, or -1 when they have not a SEDOL's form.
     */
    private static int checkDigit(byte[] text, int offset)
    {
        boolean onlyDigits = text[offset] <= '9';
        int sum = 0;
        for (int i = 0; i < BODY_LENGTH; i++) {
            byte character = text[offset + i];
            if (character >= '0' && character <= '9') {
                sum += WEIGHTS[i] * (character - '0');
            }
            else if (!onlyDigits && Consonants.contains(character)) {
                sum += WEIGHTS[i] * (character - 'A' + 10);
            }
            else {
                return -1;
            }
        }
        return (10 - sum % 10) % 10;
    }
}
