package io.nostro.functions.identifiers;

import io.airlift.slice.Slice;
import io.airlift.slice.Slices;
import io.nostro.functions.Example;
import io.trino.spi.TrinoException;
import io.trino.spi.function.Description;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.StandardTypes;

import static io.nostro.functions.FunctionErrors.invalidArgument;

/**
 * Functions of International Bank Account Numbers (ISO 13616). National check digits inside the BBAN are not checked.
 */
public final class IbanFunctions
{
    private IbanFunctions() {}

    @ScalarFunction("iban_is_valid")
    @Description("Whether a text is an IBAN (ISO 13616) in the electronic or the print format: its country's structure and its check digits")
    @LiteralParameters("x")
    @SqlType(StandardTypes.BOOLEAN)
    @Example(sql = "iban_is_valid('DE89370400440532013000')", result = "true")
    @Example(sql = "iban_is_valid('DE89 3704 0044 0532 0130 00')", result = "true")
    @Example(sql = "iban_is_valid('DE88370400440532013000')", result = "false")
    @Example(sql = "iban_is_valid('de89370400440532013000')", result = "false")
    public static boolean ibanIsValid(@SqlType("varchar(x)") Slice iban)
    {
        return Iban.isValid(iban.byteArray(), iban.byteArrayOffset(), iban.length());
    }

    @ScalarFunction("iban_country")
    @Description("The ISO 3166 code of the country of an IBAN; an error when the IBAN is not valid")
    @LiteralParameters("x")
    @SqlType("varchar(2)")
    @Example(sql = "iban_country('NL91ABNA0417164300')", result = "\"NL\"")
    @Example(sql = "TRY(iban_country('NL00ABNA0417164300'))", result = "null")
    public static Slice ibanCountry(@SqlType("varchar(x)") Slice iban)
    {
        checkValid("iban_country", iban);
        return iban.slice(0, 2);
    }

    @ScalarFunction("iban_bank_code")
    @Description("The bank identifier in an IBAN, where its country's structure has it; an error when the IBAN is not valid")
    @LiteralParameters("x")
    @SqlType("varchar(x)")
    @Example(sql = "iban_bank_code('DE89370400440532013000')", result = "\"37040044\"")
    @Example(sql = "iban_bank_code('IT60 X054 2811 1010 0000 0123 456')", result = "\"05428\"")
    @Example(sql = "TRY(iban_bank_code('XX89370400440532013000'))", result = "null")
    public static Slice ibanBankCode(@SqlType("varchar(x)") Slice iban)
    {
        checkValid("iban_bank_code", iban);
        return Slices.wrappedBuffer(Iban.bankCode(iban.byteArray(), iban.byteArrayOffset()));
    }

    private static void checkValid(String function, Slice iban)
    {
        if (!Iban.isValid(iban.byteArray(), iban.byteArrayOffset(), iban.length())) {
            throw invalid(function, iban);
        }
    }

    private static TrinoException invalid(String function, Slice iban)
    {
        return invalidArgument(
                "%s: not a valid IBAN: %s; accepted is the electronic format, or the print format with a space after every fourth character, in upper case",
                function,
                Iban.problem(iban.byteArray(), iban.byteArrayOffset(), iban.length()));
    }
}
