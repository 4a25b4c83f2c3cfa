package io.nostro.functions.identifiers;

import io.airlift.slice.Slice;
import io.airlift.slice.Slices;
import io.nostro.functions.Argument;
import io.nostro.functions.Errors;
import io.nostro.functions.Example;
import io.nostro.functions.Source;
import io.trino.spi.TrinoException;
import io.trino.spi.function.Description;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.StandardTypes;

import java.util.Arrays;
import java.util.Set;

import static io.nostro.functions.FunctionErrors.invalidArgument;

/**
 * Functions of Business Identifier Codes, ISO 9362:2022: four letters or digits of the business party prefix, a country
 * of ISO 3166 (or XK, Kosovo), two letters or digits of the party suffix, and optionally three of the branch.
 */
@Source("ISO 9362:2022, Business identifier code (BIC)")
@Argument(name = "bic", meaning = "the BIC: 8 or 11 upper case letters and digits, without spaces")
@Errors(invalidArgument = "the text has not the form of a BIC")
public final class BicFunctions
{
    private static final int PARTY_LENGTH = 8;
    private static final int BRANCH_LENGTH = 11;
    private static final int COUNTRY_START = 4;
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
        return COUNTRIES.contains(text[offset + COUNTRY_START], text[offset + COUNTRY_START + 1]);
    }

    @ScalarFunction("bic_normalize")
    @Description("A BIC as eleven upper case characters: spaces are left out and XXX stands for the head office; an error when it has not a BIC's form then")
    @Argument(name = "bic", meaning = "the BIC, in any case and with spaces anywhere")
    @Errors(invalidArgument = "what is left without spaces has not the form of a BIC")
    @LiteralParameters("x")
    @SqlType("varchar(11)")
    @Example(sql = "bic_normalize('DEUTDEFF')", result = "\"DEUTDEFFXXX\"")
    @Example(sql = "bic_normalize(' deut de ff 500')", result = "\"DEUTDEFF500\"")
    @Example(sql = "TRY(bic_normalize('DEUTDEFF5'))", result = "null")
    public static Slice bicNormalize(@SqlType("varchar(x)") Slice bic)
    {
        byte[] normalized = new byte[BRANCH_LENGTH];
        int count = 0;
        for (int i = 0; i < bic.length(); i++) {
            byte character = bic.getByte(i);
            if (character == ' ') {
                continue;
            }
            if (count == BRANCH_LENGTH) {
                throw invalid("bic_normalize");
            }
            normalized[count] = character >= 'a' && character <= 'z' ? (byte) (character - 'a' + 'A') : character;
            count++;
        }
        if (!isValid(normalized, 0, count)) {
            throw invalid("bic_normalize");
        }
        Arrays.fill(normalized, count, BRANCH_LENGTH, (byte) 'X');
        return Slices.wrappedBuffer(normalized);
    }

    @ScalarFunction("bic_country")
    @Description("The ISO 3166 code of the country in a BIC (XK for Kosovo); an error when it has not a BIC's form")
    @LiteralParameters("x")
    @SqlType("varchar(2)")
    @Example(sql = "bic_country('DEUTDEFF500')", result = "\"DE\"")
    @Example(sql = "TRY(bic_country('DEUTDEF'))", result = "null")
    public static Slice bicCountry(@SqlType("varchar(x)") Slice bic)
    {
        checkValid("bic_country", bic);
        return bic.slice(COUNTRY_START, 2);
    }

    @ScalarFunction("bic_is_test")
    @Description("Whether a BIC is one for test and training: its eighth character is 0; an error when it has not a BIC's form")
    @LiteralParameters("x")
    @SqlType(StandardTypes.BOOLEAN)
    @Example(sql = "bic_is_test('DEUTDEF0')", result = "true")
    @Example(sql = "bic_is_test('DEUTDEFF')", result = "false")
    @Example(sql = "TRY(bic_is_test('DEUT'))", result = "null")
    public static boolean bicIsTest(@SqlType("varchar(x)") Slice bic)
    {
        checkValid("bic_is_test", bic);
        return bic.getByte(PARTY_LENGTH - 1) == '0';
    }

    private static void checkValid(String function, Slice bic)
    {
        if (!isValid(bic.byteArray(), bic.byteArrayOffset(), bic.length())) {
            throw invalid(function);
        }
    }

    private static TrinoException invalid(String function)
    {
        return invalidArgument("%s: not the form of a BIC; accepted are 8 or 11 upper case letters and digits with a country's code in the fifth and sixth", function);
    }
}
