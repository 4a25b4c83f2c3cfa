package io.nostro.functions.identifiers;

import com.google.common.collect.ImmutableSet;
import io.nostro.functions.FunctionTesting;
import io.nostro.functions.FunctionTesting.Engine;
import org.apache.commons.validator.routines.ISINValidator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.math.BigInteger;
import java.util.Locale;
import java.util.Random;
import java.util.Set;

import static io.trino.spi.StandardErrorCode.INVALID_FUNCTION_ARGUMENT;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@ExtendWith(Engine.class)
final class TestIdentifierFunctions
{
    private static final String ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    private final FunctionTesting functions;

    TestIdentifierFunctions(FunctionTesting functions)
    {
        this.functions = functions;
    }

    @Test
    void testNulls()
    {
        functions.assertNullForEachNullArgument("iban_is_valid", "'DE89370400440532013000'");
        functions.assertNullForEachNullArgument("iban_country", "'DE89370400440532013000'");
        functions.assertNullForEachNullArgument("iban_bank_code", "'DE89370400440532013000'");
        functions.assertNullForEachNullArgument("bic_is_valid", "'DEUTDEFF'");
        functions.assertNullForEachNullArgument("isin_is_valid", "'US0378331005'");
        functions.assertNullForEachNullArgument("lei_is_valid", "'7LTWFZYICNSX8D621K86'");
        for (String function : new String[] {"iban_check_national", "iban_normalize", "iban_format", "iban_branch_code", "iban_account_number", "iban_check_digits"}) {
            functions.assertNullForEachNullArgument(function, "'GB29NWBK60161331926819'");
        }
        functions.assertNullForEachNullArgument("iban_check_digits", "'NO'", "'86011117947'");
        functions.assertNullForEachNullArgument("bic_normalize", "'DEUTDEFF'");
        functions.assertNullForEachNullArgument("bic_country", "'DEUTDEFF'");
        functions.assertNullForEachNullArgument("bic_is_test", "'DEUTDEFF'");
        functions.assertNullForEachNullArgument("lei_check_digits", "'7LTWFZYICNSX8D621K'");
        functions.assertNullForEachNullArgument("isin_check_digit", "'US037833100'");
        functions.assertNullForEachNullArgument("isin_country", "'US0378331005'");
        functions.assertNullForEachNullArgument("isin_from_cusip", "'037833100'");
        functions.assertNullForEachNullArgument("isin_from_cusip", "'037833100'", "'US'");
        functions.assertNullForEachNullArgument("isin_from_sedol", "'B15KXQ8'");
        functions.assertNullForEachNullArgument("isin_from_sedol", "'B15KXQ8'", "'GB'");
        functions.assertNullForEachNullArgument("cusip_is_valid", "'037833100'");
        functions.assertNullForEachNullArgument("cusip_check_digit", "'03783310'");
        functions.assertNullForEachNullArgument("sedol_is_valid", "'B15KXQ8'");
        functions.assertNullForEachNullArgument("sedol_check_digit", "'B15KXQ'");
        functions.assertNullForEachNullArgument("figi_is_valid", "'BBG000BLNQ16'");
        functions.assertNullForEachNullArgument("figi_check_digit", "'BBG000BLNQ1'");
        functions.assertNullForEachNullArgument("aba_is_valid", "'021000021'");
        functions.assertNullForEachNullArgument("sort_code_is_valid", "'601613'");
        functions.assertNullForEachNullArgument("luhn_is_valid", "'79927398713'");
        functions.assertNullForEachNullArgument("luhn_check_digit", "'7992739871'");
        functions.assertNullForEachNullArgument("card_is_valid", "'4111111111111111'");
        functions.assertNullForEachNullArgument("card_scheme", "'4111111111111111'");
        functions.assertNullForEachNullArgument("rf_reference_is_valid", "'RF18539007547034'");
        functions.assertNullForEachNullArgument("rf_reference_create", "'539007547034'");
        functions.assertNullForEachNullArgument("uetr_is_valid", "'97ed4827-7b6f-4491-a06f-b548d5a7512d'");
        functions.assertNullForEachNullArgument("country_is_valid", "'DE'");
        functions.assertNullForEachNullArgument("currency_is_valid", "'EUR'");
    }

    @Test
    void testInvalidIbansAreErrorsThatDoNotEchoThem()
    {
        functions.assertError("iban_country('DE88370400440532013000')", INVALID_FUNCTION_ARGUMENT, "iban_country: not a valid IBAN: its check digits are wrong; accepted is");
        functions.assertError("iban_bank_code('DE8937040044053201300')", INVALID_FUNCTION_ARGUMENT, "an IBAN of DE has 22 characters and not 21");
        functions.assertError("iban_bank_code('ZZ89370400440532013000')", INVALID_FUNCTION_ARGUMENT, "its first two characters are not the upper case code of a country");
        functions.assertError("iban_bank_code('DE893704004405320130A0')", INVALID_FUNCTION_ARGUMENT, "character 21 is not a digit, as an IBAN of DE has there");
        functions.assertError("iban_bank_code('DE89 3704 0044 0532 01300 0')", INVALID_FUNCTION_ARGUMENT, "its spaces are not after every fourth character");
        functions.assertError("iban_bank_code('DE00370400440532013000')", INVALID_FUNCTION_ARGUMENT, "not check digits from 02 to 98");
        functions.assertError("iban_bank_code('DE')", INVALID_FUNCTION_ARGUMENT, "it is too short");
        functions.assertError("iban_bank_code(rpad('DE89', 99, '0'))", INVALID_FUNCTION_ARGUMENT, "it is too long");
        assertThatThrownBy(() -> functions.value("iban_country('DE88370400440532013000')"))
                .hasMessageNotContaining("0044053");
    }

    @Test
    void testIsValidNeverThrows()
    {
        for (String function : new String[] {"iban_is_valid", "iban_check_national", "bic_is_valid", "isin_is_valid", "lei_is_valid", "cusip_is_valid", "sedol_is_valid", "figi_is_valid", "aba_is_valid", "sort_code_is_valid", "luhn_is_valid", "card_is_valid", "rf_reference_is_valid", "uetr_is_valid", "country_is_valid", "currency_is_valid"}) {
            for (String text : new String[] {"''", "' '", "U&'\\+01F600'", "rpad('A', 1000, 'A')", "rpad('', 22, U&'\\00E9')", "chr(0)", "from_utf8(X'FFFE8081FFFE8081FFFE8081')"}) {
                functions.assertValue("%s(%s)".formatted(function, text), "false");
            }
        }
    }

    @Test
    void testErrorsSayWhatIsAccepted()
    {
        functions.assertError("iban_normalize('DE88 3704 0044 0532 0130 00')", INVALID_FUNCTION_ARGUMENT, "iban_normalize: not a valid IBAN once spaces");
        functions.assertError("iban_check_digits('DE', '37040044053201300')", INVALID_FUNCTION_ARGUMENT, "the BBAN has not the structure");
        functions.assertError("bic_normalize('DEUTDEFF5')", INVALID_FUNCTION_ARGUMENT, "accepted are 8 or 11 upper case letters and digits");
        functions.assertError("lei_check_digits('7LTWFZYICNSX8D621k')", INVALID_FUNCTION_ARGUMENT, "character 18 is not an upper case letter or a digit");
        functions.assertError("isin_check_digit('US0378331005')", INVALID_FUNCTION_ARGUMENT, "the text has 12 bytes and not 11");
        functions.assertError("isin_from_cusip('037833100', 'usa')", INVALID_FUNCTION_ARGUMENT, "not an ISIN's prefix");
        functions.assertError("sedol_check_digit('A15KXQ')", INVALID_FUNCTION_ARGUMENT, "accepted are six digits, or an upper case consonant");
        functions.assertError("luhn_check_digit('')", INVALID_FUNCTION_ARGUMENT, "accepted are one or more digits");
        functions.assertError("card_scheme('4111111111111112')", INVALID_FUNCTION_ARGUMENT, "not a payment card's number; accepted are 12 to 19 digits");
        functions.assertError("rf_reference_create(rpad('', 22, '1'))", INVALID_FUNCTION_ARGUMENT, "the reference has 22 bytes; accepted are 1 to 21");
        assertThatThrownBy(() -> functions.value("card_scheme('4111111111111112')"))
                .hasMessageNotContaining("41111");
    }

    @Test
    void testCharacterTypeNeedsCast()
    {
        functions.assertValue("iban_is_valid(CAST(CAST('DE89370400440532013000' AS char(22)) AS varchar))", "true");
    }

    @Test
    void testIsinAgainstLibrary()
    {
        Random random = new Random(6166);
        int valid = 0;
        Set<String> comparable = ImmutableSet.<String>builder().add(Locale.getISOCountries()).add("XS", "EZ").build();
        String[] prefixes = {"US", "DE", "GB", "FR", "XS", "JP", "CH", "EZ", "ZZ", "A1", "us"};
        for (int i = 0; i < 200_000; i++) {
            String isin = prefixes[random.nextInt(prefixes.length)] + randomText(random, 9) + random.nextInt(10);
            if (random.nextInt(10) == 0) {
                isin = randomText(random, random.nextInt(14));
            }
            byte[] text = isin.getBytes(UTF_8);
            boolean actual = IsinFunctions.isValid(text, 0, text.length);
            // the library takes every prefix that a user may assign too
            if (comparable.contains(isin.substring(0, Math.min(2, isin.length()))) || !isin.matches("[A-Z]{2}.*")) {
                assertThat(actual).as(isin).isEqualTo(ISINValidator.getInstance(true).isValid(isin));
            }
            valid += actual ? 1 : 0;
        }
        assertThat(valid).isGreaterThan(5_000);
    }

    @Test
    void testLeiCheckDigits()
    {
        Random random = new Random(17442);
        for (int i = 0; i < 20_000; i++) {
            String body = randomText(random, 18);
            StringBuilder digits = new StringBuilder();
            (body + "00").chars().forEach(character -> digits.append(Character.digit(character, 36)));
            int checkDigits = 98 - new BigInteger(digits.toString()).mod(BigInteger.valueOf(97)).intValue();
            for (int candidate : new int[] {checkDigits, random.nextInt(100)}) {
                byte[] text = "%s%02d".formatted(body, candidate).getBytes(UTF_8);
                assertThat(LeiFunctions.isValid(text, 0, text.length)).as(new String(text, UTF_8)).isEqualTo(candidate == checkDigits);
            }
        }
    }

    @Test
    void testBicForm()
    {
        assertThat(isBic("DEUTDEFF")).isTrue();
        assertThat(isBic("NEDSZAJJXXX")).isTrue();
        assertThat(isBic("PCBKXKPR")).isTrue();
        assertThat(isBic("1A2BDEFF")).isTrue();
        assertThat(isBic("DEUTDEFF5")).isFalse();
        assertThat(isBic("deutdeff")).isFalse();
        assertThat(isBic("DEUTDEF ")).isFalse();
        assertThat(isBic("DEUT1EFF")).isFalse();
        assertThat(isBic("DEUTXXFF")).isFalse();
    }

    private static boolean isBic(String bic)
    {
        byte[] text = bic.getBytes(UTF_8);
        return BicFunctions.isValid(text, 0, text.length);
    }

    private static String randomText(Random random, int length)
    {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(ALPHANUMERIC.charAt(random.nextInt(ALPHANUMERIC.length())));
        }
        return text.toString();
    }
}
