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
import io.trino.spi.function.SqlNullable;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.StandardTypes;

import static io.nostro.functions.FunctionErrors.invalidArgument;

/**
 * Functions of International Bank Account Numbers (ISO 13616). National check digits inside the BBAN are checked by
 * {@code iban_check_national} only.
 */
@Source("ISO 13616-1:2020, International bank account number (IBAN); SWIFT's IBAN Registry, release 101")
@Argument(name = "iban", meaning = "the IBAN, in the electronic format, or the print format with a space after every fourth character; upper case")
@Errors(invalidArgument = "the text is not a valid IBAN in the electronic format, or the print format with a space after every fourth character")
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

    @ScalarFunction("iban_check_national")
    @Description("Whether a text is an IBAN whose national check digits are right too, in AL BA BE CZ EE ES FI FR HR HU IS IT MC ME MK MR NO PL PT RS SI SK SM TL TN XK; of other countries, whether it is an IBAN")
    @Source("ISO 13616-1:2020; the countries' own check digits, as schwifty, iban4j and ibantools have them (of AL and XK, only by examples)")
    @Errors
    @LiteralParameters("x")
    @SqlType(StandardTypes.BOOLEAN)
    @Example(sql = "iban_check_national('FR1420041010050500013M02606')", result = "true")
    @Example(sql = "iban_check_national('BE71096123456769')", result = "true")
    @Example(sql = "iban_is_valid('BE44096123456770')", result = "true")
    @Example(sql = "iban_check_national('BE44096123456770')", result = "false")
    @Example(sql = "iban_check_national('DE89370400440532013000')", result = "true")
    public static boolean ibanCheckNational(@SqlType("varchar(x)") Slice iban)
    {
        return Iban.isValid(iban.byteArray(), iban.byteArrayOffset(), iban.length())
                && Iban.isNationallyValid(iban.byteArray(), iban.byteArrayOffset());
    }

    @ScalarFunction("iban_normalize")
    @Description("The electronic format of an IBAN written in any grouping and case: without spaces, hyphens and the word IBAN before it, in upper case; an error when it is not valid then")
    @Argument(name = "iban", meaning = "the IBAN in any case and grouping, with spaces, hyphens and the word IBAN before it")
    @Errors(invalidArgument = "what is left without spaces, hyphens and the word IBAN is not a valid IBAN")
    @LiteralParameters("x")
    @SqlType("varchar(x)")
    @Example(sql = "iban_normalize('DE89 3704 0044 0532 0130 00')", result = "\"DE89370400440532013000\"")
    @Example(sql = "iban_normalize('IBAN nl91-abna-0417164300')", result = "\"NL91ABNA0417164300\"")
    @Example(sql = "TRY(iban_normalize('NL92 ABNA 0417 1643 00'))", result = "null")
    public static Slice ibanNormalize(@SqlType("varchar(x)") Slice iban)
    {
        byte[] normalized = Iban.normalize(iban.byteArray(), iban.byteArrayOffset(), iban.length());
        if (normalized == null) {
            throw invalidArgument("iban_normalize: not a valid IBAN once spaces, hyphens and the word IBAN before it are left out; accepted is any grouping, in upper or lower case");
        }
        return Slices.wrappedBuffer(normalized);
    }

    @ScalarFunction("iban_format")
    @Description("The print format of an IBAN: a space after every fourth character; an error when the IBAN is not valid")
    @LiteralParameters("x")
    @SqlType("varchar(42)")
    @Example(sql = "iban_format('DE89370400440532013000')", result = "\"DE89 3704 0044 0532 0130 00\"")
    @Example(sql = "iban_format('NO9386011117947')", result = "\"NO93 8601 1117 947\"")
    @Example(sql = "TRY(iban_format('NO9386011117948'))", result = "null")
    public static Slice ibanFormat(@SqlType("varchar(x)") Slice iban)
    {
        checkValid("iban_format", iban);
        return Slices.wrappedBuffer(Iban.printFormat(iban.byteArray(), iban.byteArrayOffset()));
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
        return part(iban, structure(iban).bankCode);
    }

    @ScalarFunction("iban_branch_code")
    @Description("The branch identifier in an IBAN, NULL where its country's structure has none; an error when the IBAN is not valid")
    @LiteralParameters("x")
    @SqlNullable
    @SqlType("varchar(x)")
    @Example(sql = "iban_branch_code('GB29NWBK60161331926819')", result = "\"601613\"")
    @Example(sql = "iban_branch_code('IT60 X054 2811 1010 0000 0123 456')", result = "\"11101\"")
    @Example(sql = "iban_branch_code('DE89370400440532013000')", result = "null")
    public static Slice ibanBranchCode(@SqlType("varchar(x)") Slice iban)
    {
        checkValid("iban_branch_code", iban);
        BbanRange branchCode = structure(iban).branchCode;
        return branchCode == null ? null : part(iban, branchCode);
    }

    @ScalarFunction("iban_account_number")
    @Description("The account number in an IBAN, without national check digits that have a place of their own; an error when the IBAN is not valid")
    @LiteralParameters("x")
    @SqlType("varchar(x)")
    @Example(sql = "iban_account_number('DE89370400440532013000')", result = "\"0532013000\"")
    @Example(sql = "iban_account_number('FR14 2004 1010 0505 0001 3M02 606')", result = "\"0500013M026\"")
    @Example(sql = "TRY(iban_account_number('FR15 2004 1010 0505 0001 3M02 606'))", result = "null")
    public static Slice ibanAccountNumber(@SqlType("varchar(x)") Slice iban)
    {
        checkValid("iban_account_number", iban);
        return part(iban, structure(iban).accountNumber);
    }

    @ScalarFunction("iban_check_digits")
    @Description("The two check digits of an IBAN; an error when the IBAN is not valid")
    @Argument(name = "country", meaning = "the two upper case letters of a country in the IBAN Registry")
    @Argument(name = "bban", meaning = "the basic bank account number: the IBAN without country and check digits, without spaces")
    @Errors(invalidArgument = "the IBAN is not valid; of a country and a BBAN, the country is not in the IBAN Registry or the BBAN has not its structure")
    @LiteralParameters("x")
    @SqlType("varchar(2)")
    @Example(sql = "iban_check_digits('DE89370400440532013000')", result = "\"89\"")
    @Example(sql = "TRY(iban_check_digits('DE88370400440532013000'))", result = "null")
    public static Slice ibanCheckDigits(@SqlType("varchar(x)") Slice iban)
    {
        checkValid("iban_check_digits", iban);
        return iban.slice(2, 2);
    }

    @ScalarFunction("iban_check_digits")
    @Description("The two check digits of the IBAN of a country's BBAN (ISO/IEC 7064 MOD 97-10); an error when the BBAN has not the country's structure")
    @LiteralParameters({"x", "y"})
    @SqlType("varchar(2)")
    @Example(sql = "iban_check_digits('DE', '370400440532013000')", result = "\"89\"")
    @Example(sql = "iban_check_digits('NO', '86011117947')", result = "\"93\"")
    @Example(sql = "TRY(iban_check_digits('NO', '8601111794'))", result = "null")
    public static Slice ibanCheckDigits(@SqlType("varchar(x)") Slice country, @SqlType("varchar(y)") Slice bban)
    {
        int checkDigits = country.length() == 2
                ? Iban.checkDigits(country.getByte(0), country.getByte(1), bban.byteArray(), bban.byteArrayOffset(), bban.length())
                : -1;
        if (checkDigits < 0) {
            throw invalidArgument("iban_check_digits: the BBAN has not the structure that the IBAN registry has for the country; accepted are the upper case code of a country in the registry and its BBAN without spaces");
        }
        return CheckDigitText.twoDigits(checkDigits);
    }

    private static IbanStructure structure(Slice iban)
    {
        return Iban.structure(iban.byteArray(), iban.byteArrayOffset());
    }

    private static Slice part(Slice iban, BbanRange range)
    {
        return Slices.wrappedBuffer(Iban.part(iban.byteArray(), iban.byteArrayOffset(), range));
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
