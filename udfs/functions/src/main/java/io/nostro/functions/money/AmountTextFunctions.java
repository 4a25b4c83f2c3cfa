package io.nostro.functions.money;

import io.airlift.slice.Slice;
import io.nostro.functions.Argument;
import io.nostro.functions.Errors;
import io.nostro.functions.Example;
import io.nostro.functions.Source;
import io.nostro.functions.money.AmountText.Amount;
import io.trino.spi.function.Description;
import io.trino.spi.function.LiteralParameter;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.Int128;

import java.math.BigDecimal;

import static io.airlift.slice.Slices.utf8Slice;
import static io.nostro.functions.FunctionErrors.invalidArgument;
import static io.nostro.functions.FunctionErrors.outOfRange;
import static io.nostro.functions.money.AmountNotation.LAST_GROUP_SIZE;
import static io.nostro.functions.money.AmountNotation.NO_BREAK_SPACE;
import static io.nostro.functions.money.Currencies.minorUnits;
import static io.nostro.functions.money.DecimalRounding.toDecimal;
import static io.trino.spi.type.Decimals.MAX_PRECISION;

/**
 * Amounts as people write them. Nothing is rounded in either direction.
 */
@Source("Unicode Common Locale Data Repository (CLDR), decimal formats; ISO 4217:2015")
@Argument(name = "locale", meaning = "the language of the notation, or language and country: en, en-IN, de, de-CH, fr, …")
public final class AmountTextFunctions
{
    private static final String FORMAT = "money_format";
    private static final String PARSE = "money_parse";
    private static final int PARSED_SCALE = 10;
    private static final String PARSED_TYPE = "decimal(38, 10)";

    private AmountTextFunctions() {}

    @ScalarFunction(FORMAT)
    @Description("An amount and its currency's code as a locale writes them (en, en-IN, de, de-CH, fr, it, es, nl, pl and others, with CLDR's separators): the minor units always, and further decimal places where they are not zero; never rounded")
    @Errors(invalidArgument = "the locale is not known, or the currency is not a code of ISO 4217, or has no minor units there, as XAU")
    @LiteralParameters({"s", "x", "y"})
    @SqlType("varchar")
    @Example(sql = "money_format(DECIMAL '-1234567.5', 'EUR', 'en')", result = "\"EUR\u00a0-1,234,567.50\"")
    @Example(sql = "money_format(DECIMAL '1234567.50', 'EUR', 'de')", result = "\"1.234.567,50\u00a0EUR\"")
    @Example(sql = "money_format(DECIMAL '1234567.00', 'JPY', 'ja')", result = "\"JPY\u00a01,234,567\"")
    @Example(sql = "money_format(DECIMAL '1234567.5', 'INR', 'en-IN')", result = "\"INR\u00a012,34,567.50\"")
    @Example(sql = "TRY(money_format(DECIMAL '1.00', 'EUR', 'tlh'))", result = "null")
    public static Slice moneyFormat(
            @LiteralParameter("s") long scale,
            @SqlType("decimal(38, s)") Int128 amount,
            @SqlType("varchar(x)") Slice currency,
            @SqlType("varchar(y)") Slice locale)
    {
        int minorUnits = minorUnits(FORMAT, currency);
        AmountNotation notation = AmountNotation.BY_NAME.get(locale);
        BigDecimal value = new BigDecimal(amount.toBigInteger(), (int) scale);
        int places = Math.max(minorUnits, value.signum() == 0 ? 0 : value.stripTrailingZeros().scale());
        String number = format(value.setScale(places), notation);
        String code = currency.toStringUtf8();
        return utf8Slice(notation.codeFirst() ? code + NO_BREAK_SPACE + number : number + NO_BREAK_SPACE + code);
    }

    @ScalarFunction(PARSE)
    @Description("The amount that a text holds, in a locale's notation (as in money_format): a number with full groups of digits or none, a sign before or after it or parentheses for minus, and perhaps a currency's code; exact, up to 10 decimal places")
    @Argument(name = "text", meaning = "the text that holds the amount, of up to 200 characters")
    @Argument(name = "currency", meaning = "the ISO 4217 code of the currency that is expected, three upper case letters; any when left out")
    @Errors(
            invalidArgument = "the text is not an amount in the locale's notation, or of another currency than the one expected; the locale is not known, or the currency is not a code of ISO 4217 with minor units",
            outOfRange = "there are more than 10 decimal places, or more than the currency's minor units, or more than 28 digits before the point")
    @LiteralParameters({"x", "y"})
    @SqlType(PARSED_TYPE)
    @Example(sql = "money_parse('EUR 1,234.50', 'en')", result = "1234.5000000000")
    @Example(sql = "money_parse('-1.234,50 EUR', 'de')", result = "-1234.5000000000")
    @Example(sql = "money_parse('(12''345.05)', 'de-CH')", result = "-12345.0500000000")
    @Example(sql = "TRY(money_parse('1.23', 'de'))", result = "null")
    public static Int128 moneyParse(
            @SqlType("varchar(x)") Slice text,
            @SqlType("varchar(y)") Slice locale)
    {
        Amount amount = AmountText.parse(PARSE, text.toStringUtf8(), AmountNotation.BY_NAME.get(locale));
        amount.currency().ifPresent(code -> {
            if (!Currencies.isInForce(utf8Slice(code))) {
                throw invalidArgument("%s: not a currency in force: '%s'; accepted are the codes of ISO 4217", PARSE, code);
            }
        });
        return parsed(amount.value(), PARSED_SCALE);
    }

    @ScalarFunction(PARSE)
    @Description("The amount of a currency that a text holds, in a locale's notation (as in money_format): a code in the text must be the currency's, and there are no more decimal places than its minor units")
    @LiteralParameters({"x", "y", "z"})
    @SqlType(PARSED_TYPE)
    @Example(sql = "money_parse('1 234,50', 'fr', 'EUR')", result = "1234.5000000000")
    @Example(sql = "TRY(money_parse('USD 1,234.50', 'en', 'EUR'))", result = "null")
    @Example(sql = "TRY(money_parse('1,234.505', 'en', 'EUR'))", result = "null")
    public static Int128 moneyParse(
            @SqlType("varchar(x)") Slice text,
            @SqlType("varchar(y)") Slice locale,
            @SqlType("varchar(z)") Slice currency)
    {
        int minorUnits = minorUnits(PARSE, currency);
        Amount amount = AmountText.parse(PARSE, text.toStringUtf8(), AmountNotation.BY_NAME.get(locale));
        amount.currency().ifPresent(code -> {
            if (!code.equals(currency.toStringUtf8())) {
                throw invalidArgument("%s: the text is in %s; accepted is %s", PARSE, code, currency.toStringUtf8());
            }
        });
        return parsed(amount.value(), minorUnits);
    }

    private static Int128 parsed(BigDecimal value, int mostPlaces)
    {
        if (value.signum() != 0 && value.stripTrailingZeros().scale() > mostPlaces) {
            throw outOfRange("%s: the amount has more than %s decimal places", PARSE, mostPlaces);
        }
        return toDecimal(PARSE, value.setScale(PARSED_SCALE).unscaledValue(), MAX_PRECISION);
    }

    static String format(BigDecimal value, AmountNotation notation)
    {
        String plain = value.abs().toPlainString();
        int point = plain.indexOf('.');
        int whole = point < 0 ? plain.length() : point;
        StringBuilder text = new StringBuilder(plain.length() * 2);
        if (value.signum() < 0) {
            text.append('-');
        }
        for (int i = 0; i < whole; i++) {
            text.append(plain.charAt(i));
            int left = whole - 1 - i;
            if (left >= LAST_GROUP_SIZE && (left - LAST_GROUP_SIZE) % notation.groupSize() == 0) {
                text.append(notation.groupSeparator());
            }
        }
        if (point >= 0) {
            text.append(notation.decimalSeparator()).append(plain, point + 1, plain.length());
        }
        return text.toString();
    }
}
