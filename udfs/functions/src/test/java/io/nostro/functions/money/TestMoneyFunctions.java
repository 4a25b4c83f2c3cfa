package io.nostro.functions.money;

import io.airlift.slice.Slices;
import io.nostro.functions.FunctionTesting;
import io.nostro.functions.FunctionTesting.Engine;
import io.trino.spi.TrinoException;
import io.trino.spi.type.Int128;
import org.joda.money.CurrencyUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

import static io.trino.spi.StandardErrorCode.DIVISION_BY_ZERO;
import static io.trino.spi.StandardErrorCode.INVALID_FUNCTION_ARGUMENT;
import static io.trino.spi.StandardErrorCode.NUMERIC_VALUE_OUT_OF_RANGE;
import static java.math.RoundingMode.HALF_EVEN;
import static java.math.RoundingMode.HALF_UP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@ExtendWith(Engine.class)
final class TestMoneyFunctions
{
    private static final BigInteger LIMIT = BigInteger.TEN.pow(38);

    private final FunctionTesting functions;

    TestMoneyFunctions(FunctionTesting functions)
    {
        this.functions = functions;
    }

    @Test
    void testNulls()
    {
        functions.assertNullForEachNullArgument("currency_minor_units", "'EUR'");
        functions.assertNullForEachNullArgument("round_money", "DECIMAL '1.005'", "'EUR'");
        functions.assertNullForEachNullArgument("round_money", "DECIMAL '12345678901234567890.005'", "'EUR'", "'half_up'");
        functions.assertNullForEachNullArgument("fx_convert", "DECIMAL '1.00'", "DECIMAL '1.1'", "'EUR'");
        functions.assertNullForEachNullArgument("fx_convert", "DECIMAL '1.00'", "DECIMAL '1.1'", "DECIMAL '2'", "'EUR'");
    }

    @Test
    void testMinorUnitsAgainstJodaMoney()
    {
        int compared = 0;
        for (CurrencyUnit unit : CurrencyUnit.registeredCurrencies()) {
            if (unit.isPseudoCurrency()) {
                continue;
            }
            compared++;
            assertThat(Currencies.minorUnits("test", Slices.utf8Slice(unit.getCode()))).as(unit.getCode()).isEqualTo(unit.getDecimalPlaces());
        }
        assertThat(compared).isGreaterThan(150);
    }

    @Test
    void testUnknownCurrencies()
    {
        functions.assertError("currency_minor_units('XAU')", INVALID_FUNCTION_ARGUMENT, "XAU has no minor units in ISO 4217");
        functions.assertError("currency_minor_units('ZZZ')", INVALID_FUNCTION_ARGUMENT, "not a currency: 'ZZZ'; accepted are the three upper case letters of ISO 4217");
        functions.assertError("currency_minor_units('eur')", INVALID_FUNCTION_ARGUMENT, "not a currency: 'eur'");
        functions.assertError("currency_minor_units('DE89370400440532013000')", INVALID_FUNCTION_ARGUMENT, "a text of 22 bytes");
        functions.assertError("round_money(DECIMAL '1.00', '')", INVALID_FUNCTION_ARGUMENT, "round_money: not a currency: ''");
    }

    @Test
    void testRoundMoneyOfEveryPrecision()
    {
        Map<String, String> expected = new LinkedHashMap<>();
        for (int precision = 1; precision <= 38; precision++) {
            for (int scale : new int[] {0, Math.min(1, precision), Math.min(5, precision), precision}) {
                BigDecimal amount = new BigDecimal(new BigInteger("5".repeat(precision)), scale);
                BigDecimal rounded = scale <= 2 ? amount : amount.setScale(2, HALF_EVEN).setScale(scale);
                String call = "round_money(CAST('%s' AS decimal(%s, %s)), 'EUR')".formatted(amount.toPlainString(), precision, scale);
                expected.put(call, text(rounded));
                expected.put("typeof(%s)".formatted(call), "decimal(%s,%s)".formatted(Math.min(38, precision + 1), scale));
            }
        }
        functions.assertValues(expected);
    }

    @Test
    void testRoundMoneyOverflow()
    {
        functions.assertError("round_money(DECIMAL '%s.999', 'EUR')".formatted("9".repeat(35)), NUMERIC_VALUE_OUT_OF_RANGE, "round_money: the result does not fit in 38 digits");
        functions.assertValue("round_money(DECIMAL '999999999999999.999', 'EUR')", "1000000000000000.000");
        functions.assertValue("round_money(DECIMAL '%s.999', 'EUR', 'down')".formatted("9".repeat(35)), "9".repeat(35) + ".990");
    }

    @Test
    void testRoundingModes()
    {
        Map<String, String> expected = new LinkedHashMap<>();
        for (RoundingMode mode : RoundingMode.values()) {
            if (mode == RoundingMode.UNNECESSARY) {
                continue;
            }
            for (String amount : new String[] {"0.005", "0.015", "-0.005", "-0.015", "0.0149", "0.0151", "-0.0149", "0.010", "12345678901234567890.1250", "-12345678901234567890.1251"}) {
                BigDecimal decimal = new BigDecimal(amount);
                String name = mode.name().startsWith("HALF") ? mode.name() : mode.name().toLowerCase(Locale.ENGLISH);
                expected.put("round_money(DECIMAL '%s', 'EUR', '%s')".formatted(amount, name), text(decimal.setScale(2, mode).setScale(decimal.scale())));
            }
        }
        functions.assertValues(expected);
        functions.assertError("round_money(DECIMAL '1.00', 'EUR', 'unnecessary')", INVALID_FUNCTION_ARGUMENT, "not a rounding mode: 'unnecessary'; accepted are half_even, half_up");
    }

    @Test
    void testRoundingAgainstBigDecimal()
    {
        Random random = new Random(4217);
        for (int i = 0; i < 100_000; i++) {
            BigInteger unscaled = randomUnscaled(random, 38);
            int digits = 1 + random.nextInt(37);
            BigInteger unit = BigInteger.TEN.pow(digits);
            BigInteger expected = new BigDecimal(unscaled).divide(new BigDecimal(unit), 0, HALF_EVEN).toBigInteger().multiply(unit);
            if (expected.abs().compareTo(LIMIT) < 0) {
                assertThat(DecimalRounding.roundLastDigits("test", Int128.valueOf(unscaled), digits, HALF_EVEN, 38).toBigInteger()).isEqualTo(expected);
            }
            else {
                assertThatThrownBy(() -> DecimalRounding.roundLastDigits("test", Int128.valueOf(unscaled), digits, HALF_EVEN, 38)).isInstanceOf(TrinoException.class);
            }
            if (unscaled.bitLength() < 59 && digits <= 17) {
                assertThat(DecimalRounding.roundLastDigits(unscaled.longValueExact(), digits, HALF_EVEN)).isEqualTo(expected.longValueExact());
            }
        }
    }

    @Test
    void testRoundingOfShortDecimals()
    {
        Random random = new Random(5);
        for (int digits = 1; digits <= 18; digits++) {
            long unit = BigInteger.TEN.pow(digits).longValueExact();
            long wholes = 999_999_999_999_999_999L / unit;
            for (int i = 0; i < 5_000; i++) {
                long whole = wholes == 0 ? 0 : random.nextLong(-wholes, wholes + 1);
                long rest = switch (random.nextInt(4)) {
                    case 0 -> unit / 2;
                    case 1 -> unit / 2 + random.nextLong(-1, 2);
                    case 2 -> 0;
                    default -> random.nextLong(unit);
                };
                long unscaled = whole * unit + (random.nextBoolean() ? rest : -rest);
                for (RoundingMode mode : new RoundingMode[] {HALF_EVEN, HALF_UP}) {
                    BigDecimal expected = BigDecimal.valueOf(unscaled).divide(BigDecimal.valueOf(unit), 0, mode).multiply(BigDecimal.valueOf(unit));
                    assertThat(DecimalRounding.roundLastDigits(unscaled, digits, mode)).isEqualTo(expected.longValueExact());
                }
            }
        }
    }

    @Test
    void testFxConvertAgainstBigDecimal()
    {
        Random random = new Random(1103);
        String[] currencies = {"EUR", "JPY", "KWD", "CLF"};
        int overflows = 0;
        for (int i = 0; i < 100_000; i++) {
            int scale = 4 + random.nextInt(8);
            int fromScale = random.nextInt(12);
            int toScale = random.nextInt(12);
            BigInteger amount = randomUnscaled(random, 1 + random.nextInt(38));
            BigInteger from = randomUnscaled(random, 1 + random.nextInt(20)).abs().add(BigInteger.ONE);
            BigInteger to = randomUnscaled(random, 1 + random.nextInt(20)).abs().add(BigInteger.ONE);
            String currency = currencies[random.nextInt(currencies.length)];
            int minorUnits = Currencies.minorUnits("test", Slices.utf8Slice(currency));
            BigInteger expected = new BigDecimal(amount, scale).multiply(new BigDecimal(to, toScale))
                    .divide(new BigDecimal(from, fromScale), minorUnits, HALF_UP)
                    .setScale(scale)
                    .unscaledValue();
            if (expected.abs().compareTo(LIMIT) >= 0) {
                overflows++;
                assertThatThrownBy(() -> FxFunctions.convertThroughBase(scale, fromScale, toScale, Int128.valueOf(amount), Int128.valueOf(from), Int128.valueOf(to), Slices.utf8Slice(currency)))
                        .isInstanceOf(TrinoException.class)
                        .hasMessage("fx_convert: the result does not fit in 38 digits");
            }
            else {
                assertThat(FxFunctions.convertThroughBase(scale, fromScale, toScale, Int128.valueOf(amount), Int128.valueOf(from), Int128.valueOf(to), Slices.utf8Slice(currency)).toBigInteger())
                        .isEqualTo(expected);
            }
        }
        assertThat(overflows).isBetween(1_000, 90_000);
    }

    @Test
    void testFxConvertOfShortAndLongDecimals()
    {
        for (String amount : new String[] {"100.00", "CAST(100 AS decimal(38, 2))"}) {
            for (String from : new String[] {"DECIMAL '1.1343'", "CAST(1.1343 AS decimal(38, 10))"}) {
                for (String to : new String[] {"DECIMAL '0.85170'", "CAST(0.8517 AS decimal(30, 20))"}) {
                    String call = "fx_convert(%s, %s, %s, 'GBP')".formatted(amount, from, to);
                    functions.assertValue(call, "75.09");
                    assertThat(functions.type(call)).isEqualTo("decimal(38,2)");
                }
                functions.assertValue("fx_convert(%s, %s, 'USD')".formatted(amount, from), "113.43");
            }
        }
        functions.assertValue("fx_convert(DECIMAL '100.00', 2, 'USD')", "200.00");
        functions.assertValue("fx_convert(DECIMAL '0.50', DECIMAL '0.01', 'EUR')", "0.01");
        functions.assertValue("fx_convert(DECIMAL '-0.50', DECIMAL '0.01', 'EUR')", "-0.01");
    }

    @Test
    void testFxConvertErrors()
    {
        functions.assertError("fx_convert(DECIMAL '1.00', DECIMAL '0.0', DECIMAL '1', 'EUR')", DIVISION_BY_ZERO, "from_rate is zero");
        functions.assertError("fx_convert(DECIMAL '1.00', DECIMAL '1', DECIMAL '-1', 'EUR')", INVALID_FUNCTION_ARGUMENT, "to_rate is negative; accepted is a rate above zero");
        functions.assertError("fx_convert(DECIMAL '1.0', DECIMAL '1', 'EUR')", INVALID_FUNCTION_ARGUMENT, "the amount's scale is 1 and EUR has 2 decimal places; cast the amount to a scale of at least 2");
        functions.assertError("fx_convert(CAST('%s' AS decimal(38, 2)), DECIMAL '2', 'EUR')".formatted("9".repeat(36) + ".00"), NUMERIC_VALUE_OUT_OF_RANGE, "does not fit in 38 digits");
    }

    @Test
    void testNumericCodes()
    {
        int compared = 0;
        for (CurrencyUnit unit : CurrencyUnit.registeredCurrencies()) {
            if (!Currencies.isInForce(Slices.utf8Slice(unit.getCode()))) {
                continue;
            }
            compared++;
            assertThat(Currencies.numericCode("test", Slices.utf8Slice(unit.getCode())).toStringUtf8()).as(unit.getCode()).isEqualTo(unit.getNumeric3Code());
        }
        assertThat(compared).isGreaterThan(150);
        functions.assertNullForEachNullArgument("currency_numeric_code", "'EUR'");
        functions.assertValue("currency_numeric_code('ALL')", "008");
        functions.assertValue("currency_numeric_code('XAU')", "959");
        functions.assertError("currency_numeric_code('ZZZ')", INVALID_FUNCTION_ARGUMENT, "currency_numeric_code: not a currency: 'ZZZ'");
    }

    @Test
    void testRoundHalfEvenOfEveryPrecision()
    {
        Map<String, String> expected = new LinkedHashMap<>();
        for (int precision = 1; precision <= 38; precision++) {
            for (int scale : new int[] {0, Math.min(1, precision), Math.min(5, precision), precision}) {
                BigDecimal value = new BigDecimal(new BigInteger("5".repeat(precision)), scale);
                for (int places : new int[] {2, 0, -1}) {
                    BigDecimal rounded = places >= scale ? value : value.setScale(places, HALF_EVEN).setScale(scale);
                    if (rounded.unscaledValue().abs().compareTo(LIMIT) < 0) {
                        String call = "round_half_even(CAST('%s' AS decimal(%s, %s)), %s)".formatted(value.toPlainString(), precision, scale, places);
                        expected.put(call, text(rounded));
                        expected.put("typeof(%s)".formatted(call), "decimal(%s,%s)".formatted(Math.min(38, precision + 1), scale));
                        if (places == 0) {
                            expected.put(call.substring(0, call.length() - ", 0)".length()) + ")", text(rounded));
                        }
                    }
                }
            }
        }
        functions.assertValues(expected);
        functions.assertNullForEachNullArgument("round_half_even", "DECIMAL '1.005'");
        functions.assertNullForEachNullArgument("round_half_even", "DECIMAL '12345678901234567890.005'", "2");
        functions.assertValue("round_half_even(DECIMAL '99999999999999999.9', -17)", "100000000000000000.0");
        functions.assertValue("round_half_even(DECIMAL '99999999999999999.9', -18)", "0.0");
        functions.assertValue("round_half_even(DECIMAL '1.5', -9223372036854775807 - 1)", "0.0");
        functions.assertValue("round_half_even(DECIMAL '1.5', 9223372036854775807)", "1.5");
        functions.assertValue("round_half_even(DECIMAL '%s', -9223372036854775807 - 1)".formatted("9".repeat(38)), "0");
        functions.assertError("round_half_even(DECIMAL '%s', -38)".formatted("9".repeat(38)), NUMERIC_VALUE_OUT_OF_RANGE, "round_half_even: the result does not fit in 38 digits");
    }

    @Test
    void testFxCross()
    {
        for (String from : new String[] {"DECIMAL '1.1343'", "CAST(1.1343 AS decimal(38, 10))"}) {
            for (String to : new String[] {"DECIMAL '0.85170'", "CAST(0.8517 AS decimal(30, 10))"}) {
                functions.assertValue("fx_cross(%s, %s)".formatted(from, to), "0.750859560963");
            }
        }
        assertThat(functions.type("fx_cross(DECIMAL '1.1343', CAST(1 AS decimal(38, 20)))")).isEqualTo("decimal(38,20)");
        functions.assertNullForEachNullArgument("fx_cross", "DECIMAL '1.1343'", "2");
        functions.assertValue("fx_cross(3, 2)", "0.666666666667");
        functions.assertError("fx_cross(0, 2)", DIVISION_BY_ZERO, "fx_cross: from_rate is zero");
        functions.assertError("fx_cross(1, -2)", INVALID_FUNCTION_ARGUMENT, "fx_cross: to_rate is negative");
        functions.assertError("fx_cross(DECIMAL '99999999999999999999', 1)", NUMERIC_VALUE_OUT_OF_RANGE, "the result is less than its 12 decimal places can hold");
        functions.assertError("fx_cross(DECIMAL '0.0000000000000001', DECIMAL '99999999999999999999')", NUMERIC_VALUE_OUT_OF_RANGE, "does not fit in 38 digits");
    }

    @Test
    void testBasisPoints()
    {
        Map<String, String> expected = new LinkedHashMap<>();
        for (int precision = 1; precision <= 38; precision++) {
            for (int scale : new int[] {0, Math.min(3, precision), Math.min(4, precision), Math.min(7, precision), precision}) {
                BigDecimal value = new BigDecimal(new BigInteger("-" + "7".repeat(precision)), scale);
                String cast = "CAST('%s' AS decimal(%s, %s))".formatted(value.toPlainString(), precision, scale);
                BigDecimal points = value.movePointRight(4).setScale(Math.max(0, scale - 4));
                if (points.unscaledValue().abs().compareTo(LIMIT) < 0) {
                    expected.put("to_basis_points(%s)".formatted(cast), text(points));
                    expected.put("typeof(to_basis_points(%s))".formatted(cast), "decimal(38,%s)".formatted(Math.max(0, scale - 4)));
                }
                if (scale <= 34) {
                    expected.put("from_basis_points(%s)".formatted(cast), text(value.movePointLeft(4).setScale(scale + 4)));
                    expected.put("typeof(from_basis_points(%s))".formatted(cast), "decimal(38,%s)".formatted(scale + 4));
                }
            }
        }
        functions.assertValues(expected);
        functions.assertNullForEachNullArgument("to_basis_points", "DECIMAL '0.01'");
        functions.assertNullForEachNullArgument("from_basis_points", "DECIMAL '125'");
        functions.assertNullForEachNullArgument("to_basis_points", "0.01e0");
        functions.assertNullForEachNullArgument("from_basis_points", "125e0");
        functions.assertValue("to_basis_points(0.0007e0) = 7e0", "true");
        functions.assertValue("from_basis_points(CAST('0.1000000000000000000000000000000000000' AS decimal(38, 37)))", "0.00001000000000000000000000000000000000");
        functions.assertError("from_basis_points(CAST('0.1000000000000000000000000000000000001' AS decimal(38, 37)))", NUMERIC_VALUE_OUT_OF_RANGE, "the result has more than 38 decimal places");
        functions.assertError("to_basis_points(DECIMAL '%s')".formatted("9".repeat(38)), NUMERIC_VALUE_OUT_OF_RANGE, "to_basis_points: the result does not fit in 38 digits");
        functions.assertError("to_basis_points(1e306)", NUMERIC_VALUE_OUT_OF_RANGE, "to_basis_points: the result is too large");
        functions.assertError("to_basis_points(nan())", INVALID_FUNCTION_ARGUMENT, "rate is NaN; accepted is a finite number");
    }

    @Test
    void testAllocate()
    {
        for (String amount : new String[] {"DECIMAL '100.00'", "CAST(100 AS decimal(38, 2))"}) {
            for (String weights : new String[] {"ARRAY[1, 1, 1]", "ARRAY[BIGINT '1', 1, 1]", "ARRAY[DECIMAL '0.5', DECIMAL '0.5', DECIMAL '0.5']", "ARRAY[CAST(1 AS decimal(38, 20)), 1, 1]"}) {
                functions.assertValue("json_format(CAST(allocate(%s, %s) AS json))".formatted(amount, weights), "[33.34,33.33,33.33]");
                assertThat(functions.type("allocate(%s, %s)".formatted(amount, weights))).isEqualTo("array(decimal(38,2))");
            }
        }
        // the least remainder gets nothing, equal ones are served in order, and signs are alike
        functions.assertValue("json_format(CAST(allocate(DECIMAL '-0.05', ARRAY[1, 1, 1]) AS json))", "[-0.02,-0.02,-0.01]");
        functions.assertValue("json_format(CAST(allocate(DECIMAL '0.01', ARRAY[0, 1, 1, 0]) AS json))", "[0.00,0.01,0.00,0.00]");
        functions.assertValue("json_format(CAST(allocate(DECIMAL '10', ARRAY[416, 338, 246]) AS json))", "[4,3,3]");
        functions.assertValue("json_format(CAST(allocate(DECIMAL '%1$s', ARRAY[9223372036854775807, 9223372036854775807]) AS json))".formatted("9".repeat(38)), "[5%1$s,4%2$s]".formatted("0".repeat(37), "9".repeat(37)));
        functions.assertValue("cardinality(allocate(nullif(DECIMAL '1', 1), ARRAY[1]))", null);
        functions.assertValue("cardinality(allocate(DECIMAL '1', CAST(NULL AS array(bigint))))", null);
        functions.assertError("cardinality(allocate(DECIMAL '1', ARRAY[1, -1]))", INVALID_FUNCTION_ARGUMENT, "allocate: weight 2 is negative; accepted are numbers of zero and above");
        functions.assertError("cardinality(allocate(DECIMAL '1', ARRAY[1, NULL]))", INVALID_FUNCTION_ARGUMENT, "allocate: weight 2 is NULL");
        functions.assertError("cardinality(allocate(DECIMAL '1', ARRAY[0, 0]))", DIVISION_BY_ZERO, "the weights add up to zero");
        functions.assertError("cardinality(allocate(DECIMAL '1', CAST(ARRAY[] AS array(bigint))))", DIVISION_BY_ZERO, "the weights add up to zero");
    }

    private static BigInteger randomUnscaled(Random random, int mostDigits)
    {
        int digits = 1 + random.nextInt(mostDigits);
        StringBuilder text = new StringBuilder(random.nextBoolean() ? "-" : "");
        boolean tie = random.nextInt(4) == 0;
        for (int i = 0; i < digits; i++) {
            text.append(tie && i > digits / 2 ? (i == digits / 2 + 1 ? '5' : '0') : (char) ('0' + random.nextInt(10)));
        }
        return new BigInteger(text.toString());
    }

    private static String text(BigDecimal decimal)
    {
        return decimal.toPlainString();
    }
}
