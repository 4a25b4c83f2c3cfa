package io.nostro.functions.money;

import io.nostro.functions.FunctionTesting;
import io.nostro.functions.FunctionTesting.Engine;
import io.trino.spi.type.Int128;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.List;
import java.util.Locale;
import java.util.Random;

import static io.airlift.slice.Slices.utf8Slice;
import static io.trino.spi.StandardErrorCode.INVALID_FUNCTION_ARGUMENT;
import static io.trino.spi.StandardErrorCode.NUMERIC_VALUE_OUT_OF_RANGE;
import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(Engine.class)
final class TestMoneyText
{
    private static final List<String> LOCALES = List.of("en", "en-IN", "de", "de-CH", "fr", "it", "nl", "pl", "sv", "ja");

    private final FunctionTesting functions;

    TestMoneyText(FunctionTesting functions)
    {
        this.functions = functions;
    }

    @Test
    void testNulls()
    {
        functions.assertNullForEachNullArgument("money_format", "DECIMAL '1.005'", "'EUR'", "'en'");
        functions.assertNullForEachNullArgument("money_parse", "'1.00'", "'en'");
        functions.assertNullForEachNullArgument("money_parse", "'1.00'", "'en'", "'EUR'");
    }

    @Test
    void testEveryLocale()
    {
        String amount = "DECIMAL '-1234567.5'";
        assertFormat(amount, "EUR", List.of("en", "en_US", "EN-gb", "ja", "zh", "ko", "en-au", "en-ca", "en-ie"), "EUR -1,234,567.50");
        assertFormat(amount, "EUR", List.of("en-IN", "hi"), "EUR -12,34,567.50");
        assertFormat(amount, "EUR", List.of("de", "it", "es", "da", "el"), "-1.234.567,50 EUR");
        assertFormat(amount, "EUR", List.of("nl", "pt", "tr", "id"), "EUR -1.234.567,50");
        assertFormat(amount, "EUR", List.of("de-CH", "it-ch"), "EUR -1\u2019234\u2019567.50");
        assertFormat(amount, "EUR", List.of("fr", "fr-CH"), "-1\u202f234\u202f567,50 EUR");
        assertFormat(amount, "EUR", List.of("pl", "cs", "sk", "hu", "fi", "nb", "sv", "uk", "pt-PT"), "-1\u00a0234\u00a0567,50 EUR");
    }

    private void assertFormat(String amount, String currency, List<String> locales, String expected)
    {
        for (String locale : locales) {
            functions.assertValue("money_format(%s, '%s', '%s')".formatted(amount, currency, locale), expected.replace(" EUR", "\u00a0EUR").replace("EUR ", "EUR\u00a0"));
        }
    }

    @Test
    void testPlaces()
    {
        functions.assertValue("money_format(DECIMAL '0', 'EUR', 'en')", "EUR\u00a00.00");
        functions.assertValue("money_format(DECIMAL '0.000000', 'JPY', 'en')", "JPY\u00a00");
        functions.assertValue("money_format(DECIMAL '999.1200', 'EUR', 'en')", "EUR\u00a0999.12");
        functions.assertValue("money_format(DECIMAL '999.1250', 'EUR', 'en')", "EUR\u00a0999.125");
        functions.assertValue("money_format(DECIMAL '1000', 'KWD', 'en')", "KWD\u00a01,000.000");
        functions.assertValue("money_format(DECIMAL '-0.01', 'EUR', 'de')", "-0,01\u00a0EUR");
        functions.assertValue("money_format(DECIMAL '%s', 'EUR', 'de')".formatted("9".repeat(38)), "99" + ".999".repeat(12) + ",00\u00a0EUR");
    }

    @Test
    void testReadsWhatItWrites()
    {
        Random random = new Random(4217);
        int read = 0;
        for (int i = 0; i < 50_000; i++) {
            int scale = random.nextInt(11);
            BigInteger unscaled = new BigInteger(random.nextInt(90), random);
            BigDecimal amount = new BigDecimal(random.nextBoolean() ? unscaled : unscaled.negate(), scale);
            String locale = LOCALES.get(random.nextInt(LOCALES.size()));
            String currency = List.of("EUR", "JPY", "KWD").get(random.nextInt(3));
            String text = AmountTextFunctions.moneyFormat(scale, Int128.valueOf(amount.unscaledValue()), utf8Slice(currency), utf8Slice(locale)).toStringUtf8();
            BigDecimal parsed = new BigDecimal(AmountTextFunctions.moneyParse(utf8Slice(text), utf8Slice(locale)).toBigInteger(), 10);
            assertThat(parsed).as(text).isEqualByComparingTo(amount);
            read++;
        }
        assertThat(read).isEqualTo(50_000);
    }

    @Test
    void testGroupsAgainstTheJdk()
    {
        Random random = new Random(4218);
        for (int i = 0; i < 10_000; i++) {
            BigDecimal amount = new BigDecimal(new BigInteger(random.nextInt(100), random), 2);
            String expected = new DecimalFormat("#,##0.00", DecimalFormatSymbols.getInstance(Locale.ROOT)).format(amount);
            assertThat(AmountTextFunctions.moneyFormat(2, Int128.valueOf(amount.unscaledValue()), utf8Slice("EUR"), utf8Slice("en")).toStringUtf8()).isEqualTo("EUR\u00a0" + expected);
        }
    }

    @Test
    void testParse()
    {
        for (String text : new String[] {"1234.5", "1,234.5", "+1,234.50", " 1234.50 ", "EUR 1,234.50", "1,234.50EUR", "1,234.50 EUR", "001234.5", "+EUR 1234.5", "1234.5+"}) {
            functions.assertValue("money_parse('%s', 'en')".formatted(text), "1234.5000000000");
            functions.assertValue("money_parse('%s', 'en', 'EUR')".formatted(text), "1234.5000000000");
        }
        for (String text : new String[] {"-1234.5", "(1,234.50)", "\u22121,234.50", "1,234.50-", "EUR -1,234.50", "-EUR 1,234.50", "(EUR 1,234.50)", "1,234.50 EUR-"}) {
            functions.assertValue("money_parse('%s', 'en')".formatted(text), "-1234.5000000000");
        }
        functions.assertValue("money_parse('12,34,567.5', 'en-IN')", "1234567.5000000000");
        functions.assertValue("money_parse('1 234 567,5', 'fr')", "1234567.5000000000");
        functions.assertValue("money_parse('1''234.5', 'de-CH')", "1234.5000000000");
        functions.assertValue("money_parse('.5', 'en')", "0.5000000000");
        functions.assertValue("money_parse('0', 'en')", "0.0000000000");
        functions.assertValue("money_parse('%s.0000000001', 'en')".formatted("9".repeat(28)), "9".repeat(28) + ".0000000001");
        assertThat(functions.type("money_parse('1', 'en')")).isEqualTo("decimal(38,10)");
    }

    @Test
    void testWhatIsNoAmount()
    {
        for (String text : new String[] {"", " ", "-", "EUR", "()", "1,23", "1,2345", "12,34,567", ",123", "0,123", "1,,234", "1234,567", "1.", "1.5.5", "1,234.5,0", "--1", "-1-", "(-1)", "EUR 1 EUR", "EUR USD 1", "eur 1", "$1", "1 234", "1e5", "\u0663", "NaN", "1,234.", "E UR1"}) {
            functions.assertError("money_parse('%s', 'en')".formatted(text), INVALID_FUNCTION_ARGUMENT, "money_parse: not an amount, from character ");
        }
        functions.assertError("money_parse('1.234', 'en', 'EUR')", NUMERIC_VALUE_OUT_OF_RANGE, "the amount has more than 2 decimal places");
        functions.assertError("money_parse('0.00000000001', 'en')", NUMERIC_VALUE_OUT_OF_RANGE, "the amount has more than 10 decimal places");
        functions.assertError("money_parse('%s', 'en')".formatted("9".repeat(29)), NUMERIC_VALUE_OUT_OF_RANGE, "does not fit in 38 digits");
        functions.assertError("money_parse('%s', 'en')".formatted("9".repeat(201)), INVALID_FUNCTION_ARGUMENT, "a text of 201 characters; accepted are up to 200");
        functions.assertError("money_parse('USD 1', 'en', 'EUR')", INVALID_FUNCTION_ARGUMENT, "the text is in USD; accepted is EUR");
        functions.assertError("money_parse('DEM 1', 'en')", INVALID_FUNCTION_ARGUMENT, "not a currency in force: 'DEM'");
        functions.assertError("money_parse('1', 'xx')", INVALID_FUNCTION_ARGUMENT, "not a locale whose amounts are known: 'xx'; accepted are cs, da, de, de-ch");
        functions.assertError("money_format(DECIMAL '1', 'XAU', 'en')", INVALID_FUNCTION_ARGUMENT, "XAU has no minor units");
    }
}
