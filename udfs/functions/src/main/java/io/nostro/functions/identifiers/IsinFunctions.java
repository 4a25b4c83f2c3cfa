package io.nostro.functions.identifiers;

import io.airlift.slice.Slice;
import io.nostro.functions.Example;
import io.trino.spi.function.Description;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.StandardTypes;

import java.util.Set;

/**
 * Functions of International Securities Identification Numbers, ISO 6166: a prefix (a country of ISO 3166, or one of
 * those that the Association of National Numbering Agencies allocates besides, or AN, which securities of the Netherlands
 * Antilles keep), nine letters or digits, and a check digit by the modulus 10 double-add-double method (ISO/IEC 7812-1,
 * annex B) over the digits, A being 10.
 */
public final class IsinFunctions
{
    private static final int LENGTH = 12;
    private static final Countries PREFIXES = new Countries(Set.of("AN", "EU", "EZ", "QS", "QT", "QW", "XA", "XB", "XC", "XD", "XF", "XK", "XS", "XT"));
    /**
     * What a digit adds at a place that is doubled.
     */
    private static final int[] DOUBLED = {0, 2, 4, 6, 8, 1, 3, 5, 7, 9};

    private IsinFunctions() {}

    @ScalarFunction("isin_is_valid")
    @Description("Whether a text is an ISIN (ISO 6166): its prefix, its form and its check digit")
    @LiteralParameters("x")
    @SqlType(StandardTypes.BOOLEAN)
    @Example(sql = "isin_is_valid('US0378331005')", result = "true")
    @Example(sql = "isin_is_valid('XS0971721963')", result = "true")
    @Example(sql = "isin_is_valid('US0378331006')", result = "false")
    public static boolean isinIsValid(@SqlType("varchar(x)") Slice isin)
    {
        return isValid(isin.byteArray(), isin.byteArrayOffset(), isin.length());
    }

    static boolean isValid(byte[] text, int offset, int length)
    {
        if (length != LENGTH || !PREFIXES.contains(text[offset], text[offset + 1])) {
            return false;
        }
        int checkDigit = text[offset + LENGTH - 1] - '0';
        if (checkDigit < 0 || checkDigit > 9) {
            return false;
        }
        int sum = checkDigit;
        boolean doubled = true;
        for (int i = LENGTH - 2; i >= 0; i--) {
            byte character = text[offset + i];
            if (character >= '0' && character <= '9') {
                int digit = character - '0';
                sum += doubled ? DOUBLED[digit] : digit;
                doubled = !doubled;
            }
            else if (character >= 'A' && character <= 'Z') {
                int number = character - 'A' + 10;
                int tens = number / 10;
                int ones = number % 10;
                sum += doubled ? DOUBLED[ones] + tens : ones + DOUBLED[tens];
            }
            else {
                return false;
            }
        }
        return sum % 10 == 0;
    }
}
