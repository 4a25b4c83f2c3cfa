package io.nostro.functions.identifiers;

import io.airlift.slice.Slice;
import io.nostro.functions.Example;
import io.trino.spi.function.Description;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.StandardTypes;

/**
 * Functions of Legal Entity Identifiers, ISO 17442: eighteen upper case letters or digits and two check digits by
 * ISO/IEC 7064 MOD 97-10, which are never 00, 01 or 99.
 */
public final class LeiFunctions
{
    private static final int LENGTH = 20;
    private static final int MODULUS = 97;

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
        long remainder = 0;
        for (int i = 0; i < LENGTH - 2; i++) {
            byte character = text[offset + i];
            if (character >= '0' && character <= '9') {
                remainder = remainder * 10 + character - '0';
            }
            else if (character >= 'A' && character <= 'Z') {
                remainder = remainder * 100 + character - 'A' + 10;
            }
            else {
                return false;
            }
            if (i % 6 == 5) {
                remainder %= MODULUS;
            }
        }
        int tens = text[offset + LENGTH - 2] - '0';
        int ones = text[offset + LENGTH - 1] - '0';
        if ((tens | ones) < 0 || tens > 9 || ones > 9) {
            return false;
        }
        int checkDigits = tens * 10 + ones;
        return checkDigits >= 2 && checkDigits <= 98 && (remainder * 100 + checkDigits) % MODULUS == 1;
    }
}
