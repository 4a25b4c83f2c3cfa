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
 * Functions of Business Identifier Codes, ISO 9362:2022: four letters or digits of the business party prefix, a country
 * of ISO 3166 (or XK, Kosovo), two letters or digits of the party suffix, and optionally three of the branch.
 */
public final class BicFunctions
{
    private static final int PARTY_LENGTH = 8;
    private static final int BRANCH_LENGTH = 11;
    private static final Countries COUNTRIES = new Countries(Set.of("XK"));

    private BicFunctions() {}

    @ScalarFunction("bic_is_valid")
    @Description("Whether a text has the form of a BIC (ISO 9362): 8 or 11 upper case letters and digits with a country in the fifth and sixth")
    @LiteralParameters("x")
    @SqlType(StandardTypes.BOOLEAN)
    @Example(sql = "bic_is_valid('DEUTDEFF')", result = "true")
    @Example(sql = "bic_is_valid('DEUTDEFF500')", result = "true")
    @Example(sql = "bic_is_valid('DEUTZZFF')", result = "false")
    public static boolean bicIsValid(@SqlType("varchar(x)") Slice bic)
    {
        return isValid(bic.byteArray(), bic.byteArrayOffset(), bic.length());
    }

    static boolean isValid(byte[] text, int offset, int length)
    {
        if (length != PARTY_LENGTH && length != BRANCH_LENGTH) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            byte character = text[offset + i];
            if ((character < 'A' || character > 'Z') && (character < '0' || character > '9')) {
                return false;
            }
        }
        return COUNTRIES.contains(text[offset + 4], text[offset + 5]);
    }
}
