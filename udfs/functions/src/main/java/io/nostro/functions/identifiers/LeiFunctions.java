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
 * Functions of Legal Entity Identifiers, ISO 17442: eighteen upper case letters or digits and two check digits by
 * ISO/IEC 7064 MOD 97-10, which are never 00, 01 or 99.
 */
@Source("ISO 17442-1:2020, Legal entity identifier (LEI); check digits by ISO/IEC 7064 MOD 97-10")
@Argument(name = "lei", meaning = "the LEI: twenty characters, upper case, without spaces")
public final class LeiFunctions
{
    private static final int LENGTH = 20;
    private static final int BODY_LENGTH = 18;

    private LeiFunctions() {}

    @ScalarFunction("lei_is_valid")
    @Description("Whether a text is an LEI (ISO 17442): its form and its check digits")
    @LiteralParameters("x")
    @SqlType(StandardTypes.BOOLEAN)
    @Example(sql = "lei_is_valid('7LTWFZYICNSX8D621K86')", result = "true")
    @Example(sql = "lei_is_valid('7LTWFZYICNSX8D621K87')", result = "false")
    @Example(sql = "lei_is_valid('')", result = "false")
    public static boolean leiIsValid(@SqlType("varchar(x)") Slice lei)
    {
        return isValid(lei.byteArray(), lei.byteArrayOffset(), lei.length());
    }

    static boolean isValid(byte[] text, int offset, int length)
    {
        if (length != LENGTH) {
            return false;
        }
        int remainder = Iso7064.remainderBy97(text, offset, BODY_LENGTH);
        int checkDigits = Iso7064.twoDigits(text[offset + LENGTH - 2], text[offset + LENGTH - 1]);
        return remainder >= 0 && checkDigits == Iso7064.checkDigits97(remainder);
    }

    @ScalarFunction("lei_check_digits")
    @Description("The two check digits of an LEI's first eighteen characters (ISO/IEC 7064 MOD 97-10)")
    @Argument(name = "lei", meaning = "the first eighteen characters of the LEI: upper case letters and digits")
    @Errors(invalidArgument = "the text is not eighteen upper case letters and digits")
    @LiteralParameters("x")
    @SqlType("varchar(2)")
    @Example(sql = "lei_check_digits('7LTWFZYICNSX8D621K')", result = "\"86\"")
    @Example(sql = "lei_check_digits('254900OPPU84GM83MG')", result = "\"36\"")
    @Example(sql = "TRY(lei_check_digits('7LTWFZYICNSX8D621'))", result = "null")
    public static Slice leiCheckDigits(@SqlType("varchar(x)") Slice lei)
    {
        int remainder = lei.length() == BODY_LENGTH ? Iso7064.remainderBy97(lei.byteArray(), lei.byteArrayOffset(), BODY_LENGTH) : -1;
        if (remainder < 0) {
            throw invalidArgument("lei_check_digits: %s; accepted are the first eighteen characters of an LEI: upper case letters and digits", IdentifierProblem.ofBody(lei, BODY_LENGTH));
        }
        return CheckDigitText.twoDigits(Iso7064.checkDigits97(remainder));
    }
}
