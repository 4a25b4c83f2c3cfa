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

import static io.airlift.slice.Slices.utf8Slice;
import static io.nostro.functions.FunctionErrors.invalidArgument;

/**
 * Functions of International Securities Identification Numbers, ISO 6166: a prefix (a country of ISO 3166, or one of
 * those that the Association of National Numbering Agencies allocates besides, or AN, which securities of the Netherlands
 * Antilles keep), nine letters or digits, and a check digit by the modulus 10 double-add-double method (ISO/IEC 7812-1,
 * annex B) over the digits, A being 10.
 */
@Source("ISO 6166:2021, International securities identification number (ISIN); check digit by its annex C")
@Argument(name = "isin", meaning = "the ISIN: twelve characters, upper case, without spaces")
@Argument(name = "country", meaning = "the ISIN's prefix: an upper case ISO 3166 code of a country, or one that stands for none, such as XS")
@Errors(invalidArgument = "the text is not a valid ISIN")
public final class IsinFunctions
{
    private static final int LENGTH = 12;
    private static final int BODY_LENGTH = 11;
    private static final Slice UNITED_STATES = utf8Slice("US");
    private static final Slice UNITED_KINGDOM = utf8Slice("GB");
    private static final Countries PREFIXES = new Countries(Set.of("AN", "EU", "EZ", "QS", "QT", "QW", "XA", "XB", "XC", "XD", "XF", "XK", "XS", "XT"));
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
        return checkDigit == DoubleAddDouble.checkDigit(text, offset, BODY_LENGTH);
    }

    @ScalarFunction("isin_check_digit")
    @Description("The check digit of an ISIN's first eleven characters (ISO/IEC 7812-1 double-add-double)")
    @Argument(name = "isin", meaning = "the first eleven characters of the ISIN, upper case")
    @Errors(invalidArgument = "the text is not the prefix of an ISIN and nine upper case letters or digits")
    @LiteralParameters("x")
    @SqlType("varchar(1)")
    @Example(sql = "isin_check_digit('US037833100')", result = "\"5\"")
    @Example(sql = "isin_check_digit('AU0000XVGZA')", result = "\"3\"")
    @Example(sql = "TRY(isin_check_digit('ZZ037833100'))", result = "null")
    public static Slice isinCheckDigit(@SqlType("varchar(x)") Slice isin)
    {
        int checkDigit = isin.length() == BODY_LENGTH ? DoubleAddDouble.checkDigit(isin.byteArray(), isin.byteArrayOffset(), BODY_LENGTH) : -1;
        if (checkDigit < 0) {
            throw invalidArgument("isin_check_digit: %s; accepted are the first eleven characters of an ISIN: a prefix and nine upper case letters or digits", IdentifierProblem.ofBody(isin, BODY_LENGTH));
        }
        checkPrefix("isin_check_digit", isin);
        return CheckDigitText.oneDigit(checkDigit);
    }

    @ScalarFunction("isin_country")
    @Description("The prefix of an ISIN: the ISO 3166 code of the issuer's country, or one that stands for none, such as XS; an error when the ISIN is not valid")
    @LiteralParameters("x")
    @SqlType("varchar(2)")
    @Example(sql = "isin_country('US0378331005')", result = "\"US\"")
    @Example(sql = "isin_country('XS0971721963')", result = "\"XS\"")
    @Example(sql = "TRY(isin_country('US0378331006'))", result = "null")
    public static Slice isinCountry(@SqlType("varchar(x)") Slice isin)
    {
        if (!isValid(isin.byteArray(), isin.byteArrayOffset(), isin.length())) {
            throw invalidArgument("isin_country: not a valid ISIN; accepted are a prefix, nine upper case letters or digits and their check digit");
        }
        return isin.slice(0, 2);
    }

    @ScalarFunction("isin_from_cusip")
    @Description("The ISIN of a security of the United States by its CUSIP; an error when the CUSIP is not valid")
    @Argument(name = "cusip", meaning = "the CUSIP or CINS number: nine characters, upper case")
    @Argument(name = "country", meaning = "the ISO 3166 code of the issuer's country, upper case; US when left out")
    @Errors(invalidArgument = "the CUSIP is not valid or that of a private placement (with *, @ or #), or the country is not the prefix of an ISIN")
    @LiteralParameters("x")
    @SqlType("varchar(12)")
    @Example(sql = "isin_from_cusip('037833100')", result = "\"US0378331005\"")
    @Example(sql = "isin_from_cusip('91324PAE2')", result = "\"US91324PAE25\"")
    @Example(sql = "TRY(isin_from_cusip('037833101'))", result = "null")
    public static Slice isinFromCusip(@SqlType("varchar(x)") Slice cusip)
    {
        return isinFromCusip(cusip, UNITED_STATES);
    }

    @ScalarFunction("isin_from_cusip")
    @Description("The ISIN of a security by its CUSIP or CINS and the country of its issuer; an error when the CUSIP is not valid")
    @LiteralParameters({"x", "y"})
    @SqlType("varchar(12)")
    @Example(sql = "isin_from_cusip('008911802', 'CA')", result = "\"CA0089118024\"")
    @Example(sql = "TRY(isin_from_cusip('037833100', 'ZZ'))", result = "null")
    public static Slice isinFromCusip(@SqlType("varchar(x)") Slice cusip, @SqlType("varchar(y)") Slice country)
    {
        if (!CusipFunctions.isValid(cusip.byteArray(), cusip.byteArrayOffset(), cusip.length())) {
            throw invalidArgument("isin_from_cusip: not a valid CUSIP; accepted are eight upper case letters or digits and their check digit");
        }
        return compose("isin_from_cusip", country, 2, cusip);
    }

    @ScalarFunction("isin_from_sedol")
    @Description("The ISIN of a security of the United Kingdom by its SEDOL; an error when the SEDOL is not valid")
    @Argument(name = "sedol", meaning = "the SEDOL: seven characters, upper case")
    @Argument(name = "country", meaning = "the ISO 3166 code of the country that allots the ISIN, upper case, such as GB, IE or GG; GB when left out")
    @Errors(invalidArgument = "the SEDOL is not valid, or the country is not the prefix of an ISIN")
    @LiteralParameters("x")
    @SqlType("varchar(12)")
    @Example(sql = "isin_from_sedol('B15KXQ8')", result = "\"GB00B15KXQ89\"")
    @Example(sql = "isin_from_sedol('0263494')", result = "\"GB0002634946\"")
    @Example(sql = "TRY(isin_from_sedol('B15KXQ7'))", result = "null")
    public static Slice isinFromSedol(@SqlType("varchar(x)") Slice sedol)
    {
        return isinFromSedol(sedol, UNITED_KINGDOM);
    }

    @ScalarFunction("isin_from_sedol")
    @Description("The ISIN of a security by its SEDOL and the country that allots it, such as GB, IE or GG; an error when the SEDOL is not valid")
    @LiteralParameters({"x", "y"})
    @SqlType("varchar(12)")
    @Example(sql = "isin_from_sedol('B1RR840', 'IE')", result = "\"IE00B1RR8406\"")
    @Example(sql = "TRY(isin_from_sedol('B1RR840', 'Ireland'))", result = "null")
    public static Slice isinFromSedol(@SqlType("varchar(x)") Slice sedol, @SqlType("varchar(y)") Slice country)
    {
        if (!SedolFunctions.isValid(sedol.byteArray(), sedol.byteArrayOffset(), sedol.length())) {
            throw invalidArgument("isin_from_sedol: not a valid SEDOL; accepted are six digits, or a consonant and five digits or consonants, and their check digit");
        }
        return compose("isin_from_sedol", country, 4, sedol);
    }

    /**
     * The prefix, zeros up to where the national number starts, the number and the check digit.
     */
    private static Slice compose(String function, Slice country, int nationalNumberStart, Slice nationalNumber)
    {
        if (country.length() != 2) {
            throw invalidPrefix(function);
        }
        checkPrefix(function, country);
        byte[] isin = new byte[LENGTH];
        Arrays.fill(isin, (byte) '0');
        country.getBytes(0, isin, 0, 2);
        nationalNumber.getBytes(0, isin, nationalNumberStart, nationalNumber.length());
        int checkDigit = DoubleAddDouble.checkDigit(isin, 0, BODY_LENGTH);
        if (checkDigit < 0) {
            throw invalidArgument("%s: the number of a private placement with *, @ or # has no ISIN; accepted are letters and digits", function);
        }
        isin[BODY_LENGTH] = (byte) ('0' + checkDigit);
        return Slices.wrappedBuffer(isin);
    }

    private static void checkPrefix(String function, Slice isin)
    {
        if (!PREFIXES.contains(isin.getByte(0), isin.getByte(1))) {
            throw invalidPrefix(function);
        }
    }

    private static TrinoException invalidPrefix(String function)
    {
        return invalidArgument("%s: not an ISIN's prefix; accepted are a country's code of ISO 3166 in upper case and those that stand for no country, such as XS and EU", function);
    }
}
