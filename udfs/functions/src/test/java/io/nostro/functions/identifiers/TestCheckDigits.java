package io.nostro.functions.identifiers;

import io.airlift.slice.Slice;
import org.apache.commons.validator.routines.CreditCardValidator;
import org.apache.commons.validator.routines.checkdigit.ABANumberCheckDigit;
import org.apache.commons.validator.routines.checkdigit.CUSIPCheckDigit;
import org.apache.commons.validator.routines.checkdigit.CheckDigit;
import org.apache.commons.validator.routines.checkdigit.CheckDigitException;
import org.apache.commons.validator.routines.checkdigit.ISINCheckDigit;
import org.apache.commons.validator.routines.checkdigit.LuhnCheckDigit;
import org.apache.commons.validator.routines.checkdigit.SedolCheckDigit;
import org.junit.jupiter.api.Test;

import java.math.BigInteger;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;

import static io.airlift.slice.Slices.utf8Slice;
import static org.assertj.core.api.Assertions.assertThat;

final class TestCheckDigits
{
    private static final String DIGITS = "0123456789";
    private static final String ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private static final String CONSONANTS = "0123456789BCDFGHJKLMNPQRSTVWXYZ";
    private static final int RUNS = 50_000;

    @Test
    void testCusip()
            throws CheckDigitException
    {
        Random random = new Random(9);
        // of Apple, Cisco, Google, Microsoft and Oracle, and two of the library's own tests
        for (String cusip : new String[] {"037833100", "17275R102", "38259P508", "594918104", "68389X105", "837649128", "392690QT3"}) {
            assertThat(CusipFunctions.cusipIsValid(utf8Slice(cusip))).as(cusip).isTrue();
        }
        for (int i = 0; i < RUNS; i++) {
            String body = random(random, ALPHANUMERIC, 8);
            String checkDigit = CUSIPCheckDigit.CUSIP_CHECK_DIGIT.calculate(body);
            assertThat(CusipFunctions.cusipCheckDigit(utf8Slice(body)).toStringUtf8()).as(body).isEqualTo(checkDigit);
            assertOnlyTheCheckDigitIsAccepted(body, checkDigit, CusipFunctions::cusipIsValid);
        }
    }

    @Test
    void testSedol()
            throws CheckDigitException
    {
        Random random = new Random(7);
        for (int i = 0; i < RUNS; i++) {
            String body = random.nextBoolean() ? random(random, DIGITS, 6) : random(random, CONSONANTS.substring(10), 1) + random(random, CONSONANTS, 5);
            String checkDigit = SedolCheckDigit.SEDOL_CHECK_DIGIT.calculate(body);
            assertThat(SedolFunctions.sedolCheckDigit(utf8Slice(body)).toStringUtf8()).as(body).isEqualTo(checkDigit);
            assertOnlyTheCheckDigitIsAccepted(body, checkDigit, SedolFunctions::sedolIsValid);
        }
        for (String sedol : new String[] {"A15KXQ8", "0B53494", "b15kxq8", "B15KXQ", "B15KXQ88", "B15KXQ "}) {
            assertThat(SedolFunctions.sedolIsValid(utf8Slice(sedol))).as(sedol).isFalse();
        }
    }

    @Test
    void testIsin()
            throws CheckDigitException
    {
        Random random = new Random(12);
        String[] countries = Locale.getISOCountries();
        for (int i = 0; i < RUNS; i++) {
            String body = countries[random.nextInt(countries.length)] + random(random, ALPHANUMERIC, 9);
            String checkDigit = ISINCheckDigit.ISIN_CHECK_DIGIT.calculate(body);
            assertThat(IsinFunctions.isinCheckDigit(utf8Slice(body)).toStringUtf8()).as(body).isEqualTo(checkDigit);
            assertOnlyTheCheckDigitIsAccepted(body, checkDigit, IsinFunctions::isinIsValid);
        }
    }

    @Test
    void testIsinOfNationalNumbers()
            throws CheckDigitException
    {
        Random random = new Random(21);
        for (int i = 0; i < RUNS; i++) {
            String cusipBody = random(random, ALPHANUMERIC, 8);
            String cusip = cusipBody + CUSIPCheckDigit.CUSIP_CHECK_DIGIT.calculate(cusipBody);
            assertThat(IsinFunctions.isinFromCusip(utf8Slice(cusip), utf8Slice("CA")).toStringUtf8())
                    .isEqualTo("CA" + cusip + ISINCheckDigit.ISIN_CHECK_DIGIT.calculate("CA" + cusip));
            String sedolBody = random(random, CONSONANTS.substring(10), 1) + random(random, CONSONANTS, 5);
            String sedol = sedolBody + SedolCheckDigit.SEDOL_CHECK_DIGIT.calculate(sedolBody);
            assertThat(IsinFunctions.isinFromSedol(utf8Slice(sedol)).toStringUtf8())
                    .isEqualTo("GB00" + sedol + ISINCheckDigit.ISIN_CHECK_DIGIT.calculate("GB00" + sedol));
        }
    }

    @Test
    void testFigi()
    {
        // FIGIs in circulation; no Java library computes their check digit, python-stdnum does beside the server
        for (String figi : new String[] {"BBG000BLNQ16", "BBG000BLNNH6", "BBG000B9XRY4", "BBG000BPH459", "BBG009S39JX6", "NRG92C84SB39"}) {
            assertThat(FigiFunctions.figiIsValid(utf8Slice(figi))).as(figi).isTrue();
            assertOnlyTheCheckDigitIsAccepted(figi.substring(0, 11), figi.substring(11), FigiFunctions::figiIsValid);
        }
        for (String prefix : Set.of("BS", "BM", "GG", "GB", "GH", "KY", "VG")) {
            for (char digit = '0'; digit <= '9'; digit++) {
                assertThat(FigiFunctions.figiIsValid(utf8Slice(prefix + "G000BLNQ1" + digit))).isFalse();
            }
        }
        for (String figi : new String[] {"BBX000BLNQ16", "BBG00AAAAAA0", "B1G000BLNQ16", "bbg000blnq16"}) {
            assertThat(FigiFunctions.figiIsValid(utf8Slice(figi))).as(figi).isFalse();
        }
    }

    @Test
    void testAba()
    {
        Random random = new Random(3);
        CheckDigit library = ABANumberCheckDigit.ABAN_CHECK_DIGIT;
        int valid = 0;
        for (int i = 0; i < 500_000; i++) {
            String number = random(random, DIGITS, 9);
            int prefix = Integer.parseInt(number.substring(0, 2));
            boolean inUse = prefix <= 12 || (prefix >= 21 && prefix <= 32) || (prefix >= 61 && prefix <= 72) || prefix == 80;
            boolean actual = RoutingNumberFunctions.abaIsValid(utf8Slice(number));
            assertThat(actual).as(number).isEqualTo(inUse && library.isValid(number));
            valid += actual ? 1 : 0;
        }
        assertThat(valid).isGreaterThan(10_000);
        // numbers in use
        for (String number : new String[] {"011000015", "021000021", "026009593", "111000025"}) {
            assertThat(RoutingNumberFunctions.abaIsValid(utf8Slice(number))).as(number).isTrue();
        }
        assertThat(RoutingNumberFunctions.abaIsValid(utf8Slice("000000000"))).isFalse();
    }

    @Test
    void testLuhn()
            throws CheckDigitException
    {
        Random random = new Random(1);
        for (int i = 0; i < RUNS; i++) {
            String body = random(random, DIGITS, 1 + random.nextInt(40));
            String checkDigit = body.matches("0+") ? "0" : LuhnCheckDigit.LUHN_CHECK_DIGIT.calculate(body);
            assertThat(LuhnFunctions.luhnCheckDigit(utf8Slice(body)).toStringUtf8()).as(body).isEqualTo(checkDigit);
            assertOnlyTheCheckDigitIsAccepted(body, checkDigit, LuhnFunctions::luhnIsValid);
        }
    }

    @Test
    void testCardSchemesAgainstLibrary()
            throws CheckDigitException
    {
        Random random = new Random(7812);
        CreditCardValidator amex = new CreditCardValidator(CreditCardValidator.AMEX);
        CreditCardValidator diners = new CreditCardValidator(CreditCardValidator.DINERS);
        CreditCardValidator discover = new CreditCardValidator(CreditCardValidator.DISCOVER);
        CreditCardValidator mastercard = new CreditCardValidator(CreditCardValidator.MASTERCARD);
        CreditCardValidator visa = new CreditCardValidator(CreditCardValidator.VISA);
        int named = 0;
        for (int i = 0; i < 300_000; i++) {
            String body = (1 + random.nextInt(9)) + random(random, DIGITS, 11 + random.nextInt(7));
            String pan = body + LuhnCheckDigit.LUHN_CHECK_DIGIT.calculate(body);
            assertThat(CardFunctions.cardIsValid(utf8Slice(pan))).as(pan).isTrue();
            Slice scheme = CardFunctions.cardScheme(utf8Slice(pan));
            String name = scheme == null ? "" : scheme.toStringUtf8();
            named += name.isEmpty() ? 0 : 1;
            assertThat(name.equals("american_express")).as(pan).isEqualTo(amex.isValid(pan));
            assertThat(name.equals("mastercard")).as(pan).isEqualTo(mastercard.isValid(pan));
            // the library knows the schemes' shorter lengths only: Visa's of 13 and 16, Diners Club's of 14, Discover's of 16
            if (pan.length() == 13 || pan.length() == 16) {
                assertThat(name.equals("visa")).as(pan).isEqualTo(visa.isValid(pan));
            }
            if (pan.length() == 14) {
                assertThat(name.equals("diners_club")).as(pan).isEqualTo(diners.isValid(pan));
            }
            // UnionPay's numbers that Discover takes besides are UnionPay's here
            if (pan.length() == 16 && !pan.startsWith("62")) {
                assertThat(name.equals("discover")).as(pan).isEqualTo(discover.isValid(pan));
            }
        }
        assertThat(named).isGreaterThan(50_000);
    }

    @Test
    void testCardsOfEveryScheme()
            throws CheckDigitException
    {
        // numbers that payment processors publish for tests
        assertScheme("american_express", "378282246310005", "371449635398431");
        assertScheme("diners_club", "30569309025904", "38520000023237", "36227206271667", "3056930009020004");
        assertScheme("discover", "6011111111111117", "6011000990139424");
        assertScheme("jcb", "3530111333300000", "3566002020360505");
        assertScheme("maestro", "6759649826438453");
        assertScheme("mastercard", "5555555555554444", "2223003122003222");
        assertScheme("unionpay", "6200000000000005", "6205500000000000004");
        assertScheme("visa", "4111111111111111", "4012888888881881", "4222222222222", "4111 1111 1111 1111");
        // both ends of ranges, with a check digit by the library
        for (String range : new String[] {"mir 220000", "mir 220499", "troy 979200", "troy 979289", "mastercard 222100", "mastercard 272099", "jcb 352800", "jcb 358999", "discover 644000", "discover 659999", "unionpay 810000", "unionpay 817199", "maestro 500000", "maestro 679999"}) {
            String body = range.substring(range.indexOf(' ') + 1) + "000000000";
            assertScheme(range.substring(0, range.indexOf(' ')), body + LuhnCheckDigit.LUHN_CHECK_DIGIT.calculate(body));
        }
        for (String prefix : new String[] {"219999", "220500", "222099", "272100", "352799", "359000", "643999", "817200", "979199", "979290"}) {
            String pan = prefix + "000000000" + LuhnCheckDigit.LUHN_CHECK_DIGIT.calculate(prefix + "000000000");
            assertThat(CardFunctions.cardScheme(utf8Slice(pan))).as(pan).isNull();
        }
        String uatp = "13500000000000";
        assertScheme("uatp", uatp + LuhnCheckDigit.LUHN_CHECK_DIGIT.calculate(uatp));
    }

    @Test
    void testCardGroups()
    {
        for (String pan : new String[] {"4111 1111 1111 1111", "4111-1111-1111-1111", "4111-1111 11111111"}) {
            assertThat(CardFunctions.cardIsValid(utf8Slice(pan))).as(pan).isTrue();
        }
        for (String pan : new String[] {"4111  1111 1111 1111", " 4111111111111111", "4111111111111111 ", "4111.1111.1111.1111", "-"}) {
            assertThat(CardFunctions.cardIsValid(utf8Slice(pan))).as(pan).isFalse();
        }
        for (int length = 1; length <= 25; length++) {
            // zeros pass the check at every length
            assertThat(CardFunctions.cardIsValid(utf8Slice("0".repeat(length)))).isEqualTo(length >= 12 && length <= 19);
        }
    }

    @Test
    void testCreditorReferences()
    {
        Random random = new Random(11649);
        // the examples of python-stdnum's documentation
        assertThat(CreditorReferenceFunctions.rfReferenceIsValid(utf8Slice("RF18 5390 0754 7034"))).isTrue();
        assertThat(CreditorReferenceFunctions.rfReferenceIsValid(utf8Slice("RF17 5390 0754 7034"))).isFalse();
        for (int i = 0; i < RUNS; i++) {
            String reference = random(random, ALPHANUMERIC, 1 + random.nextInt(21));
            String created = CreditorReferenceFunctions.rfReferenceCreate(utf8Slice(reference.toLowerCase(Locale.ENGLISH))).toStringUtf8();
            assertThat(created).endsWith(reference).startsWith("RF").hasSize(reference.length() + 4);
            assertThat(new BigInteger(digits(reference + created.substring(0, 4))).mod(BigInteger.valueOf(97)).intValue()).isOne();
            assertThat(CreditorReferenceFunctions.rfReferenceIsValid(utf8Slice(created))).isTrue();
            String printed = created.replaceAll("(.{4})(?=.)", "$1 ");
            assertThat(CreditorReferenceFunctions.rfReferenceIsValid(utf8Slice(printed))).as(printed).isTrue();
            assertThat(CreditorReferenceFunctions.rfReferenceIsValid(utf8Slice(printed + " "))).isFalse();
            assertThat(CreditorReferenceFunctions.rfReferenceIsValid(utf8Slice(created.substring(0, 3) + (char) ('0' + (created.charAt(3) - '0' + 1) % 10) + created.substring(4)))).isFalse();
        }
    }

    @Test
    void testUetr()
    {
        Random random = new Random(4122);
        for (int i = 0; i < RUNS; i++) {
            UUID uuid = new UUID(random.nextLong(), random.nextLong());
            assertThat(UetrFunctions.uetrIsValid(utf8Slice(uuid.toString()))).as(uuid.toString()).isEqualTo(uuid.version() == 4 && uuid.variant() == 2);
            UUID fourth = UUID.randomUUID();
            assertThat(UetrFunctions.uetrIsValid(utf8Slice(fourth.toString()))).as(fourth.toString()).isTrue();
        }
    }

    private static void assertScheme(String scheme, String... pans)
    {
        for (String pan : pans) {
            assertThat(CardFunctions.cardIsValid(utf8Slice(pan))).as(pan).isTrue();
            assertThat(CardFunctions.cardScheme(utf8Slice(pan))).as(pan).isEqualTo(utf8Slice(scheme));
        }
    }

    private static void assertOnlyTheCheckDigitIsAccepted(String body, String checkDigit, Predicate<Slice> isValid)
    {
        for (char digit = '0'; digit <= '9'; digit++) {
            assertThat(isValid.test(utf8Slice(body + digit))).as(body + digit).isEqualTo(checkDigit.charAt(0) == digit);
        }
    }

    private static String digits(String text)
    {
        StringBuilder digits = new StringBuilder();
        text.chars().forEach(character -> digits.append(Character.digit(character, 36)));
        return digits.toString();
    }

    private static String random(Random random, String characters, int length)
    {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(characters.charAt(random.nextInt(characters.length())));
        }
        return text.toString();
    }
}
