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
 * Functions of CUSIPs (ANSI X9.6) and CINS numbers: eight upper case letters or digits, or *, @ and # in the numbers of
 * private placements, and a check digit by the modulus 10 double-add-double method over the characters' values.
 */
@Source("ANSI X9.6 (CUSIP), with CUSIP Global Services' CINS numbers")
@Argument(name = "cusip", meaning = "the CUSIP or CINS number: nine characters, upper case, without spaces")
public final class CusipFunctions
{
    private static final int LENGTH = 9;
    private static final int BODY_LENGTH = 8;

    private CusipFunctions() {}

    @ScalarFunction("cusip_is_valid")
    @Description("Whether a text is a CUSIP or CINS number: its form and its check digit")
    @LiteralParameters("x")
    @SqlType(StandardTypes.BOOLEAN)
    @Example(sql = "cusip_is_valid('037833100')", result = "true")
    @Example(sql = "cusip_is_valid('68389X105')", result = "true")
    @Example(sql = "cusip_is_valid('68389X106')", result = "false")
    public static boolean cusipIsValid(@SqlType("varchar(x)") Slice cusip)
    {
        return isValid(cusip.byteArray(), cusip.byteArrayOffset(), cusip.length());
    }

    @ScalarFunction("cusip_check_digit")
    @Description("The check digit of a CUSIP's first eight characters")
    @Argument(name = "cusip", meaning = "the first eight characters of the CUSIP: upper case letters, digits, and *, @ and #")
    @Errors(invalidArgument = "the text is not eight upper case letters, digits, *, @ and #")
    @LiteralParameters("x")
    @SqlType("varchar(1)")
    @Example(sql = "cusip_check_digit('03783310')", result = "\"0\"")
    @Example(sql = "cusip_check_digit('68389X10')", result = "\"5\"")
    @Example(sql = "TRY(cusip_check_digit('037833100'))", result = "null")
    public static Slice cusipCheckDigit(@SqlType("varchar(x)") Slice cusip)
    {
        int checkDigit = cusip.length() == BODY_LENGTH ? DoubleAddDouble.checkDigitOfValues(cusip.byteArray(), cusip.byteArrayOffset(), BODY_LENGTH) : -1;
        if (checkDigit < 0) {
            throw invalidArgument("cusip_check_digit: %s; accepted are the first eight characters of a CUSIP: upper case letters, digits, *, @ and #", IdentifierProblem.ofBody(cusip, BODY_LENGTH));
        }
        return CheckDigitText.oneDigit(checkDigit);
    }

    static boolean isValid(byte[] text, int offset, int length)
    {
        return length == LENGTH && DoubleAddDouble.checkDigitOfValues(text, offset, BODY_LENGTH) == text[offset + BODY_LENGTH] - '0';
    }
}
