package io.nostro.functions.money;

import io.airlift.slice.Slice;
import io.trino.spi.TrinoException;

import java.util.Arrays;
import java.util.Currency;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

import static io.airlift.slice.Slices.utf8Slice;
import static io.nostro.functions.FunctionErrors.invalidArgument;
import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * The minor units of ISO 4217's currencies, as the JDK knows them, found by the bytes of the code.
 */
public final class Currencies
{
    private static final int LETTERS = 26;
    private static final byte UNKNOWN = -2;
    private static final byte WITHOUT_MINOR_UNITS = -1;
    /**
     * In ISO 4217 and not in the JDK: Uruguay's nominal wage unit.
     */
    private static final Map<String, Integer> ADDITIONAL = Map.of("UYW", 4);
    private static final Map<String, String> ADDITIONAL_NUMERIC_CODES = Map.of("UYW", "927");

    /**
     * The codes in force that the JDK names for no country: funds, metals, units of account, the code for tests, and the
     * second of Venezuela's two. The JDK doesn't tell them apart from those that were withdrawn.
     */
    private static final Set<String> ALSO_IN_FORCE = Set.of(
            "BOV", "CHE", "CHW", "CLF", "COU", "MXV", "USN", "UYI", "UYW", "VED",
            "XAD", "XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XPD", "XPT", "XSU", "XTS", "XUA", "XXX");

    private static final boolean[] IN_FORCE = new boolean[LETTERS * LETTERS * LETTERS];
    private static final byte[] MINOR_UNITS = new byte[LETTERS * LETTERS * LETTERS];
    private static final Slice[] NUMERIC_CODES = new Slice[LETTERS * LETTERS * LETTERS];

    static {
        Arrays.fill(MINOR_UNITS, UNKNOWN);
        ADDITIONAL.forEach(Currencies::put);
        Currency.getAvailableCurrencies().forEach(currency -> put(currency.getCurrencyCode(), currency.getDefaultFractionDigits()));
        ADDITIONAL_NUMERIC_CODES.forEach(Currencies::putNumericCode);
        Currency.getAvailableCurrencies().stream()
                .filter(currency -> currency.getNumericCode() != 0)
                .forEach(currency -> putNumericCode(currency.getCurrencyCode(), currency.getNumericCodeAsString()));
        ALSO_IN_FORCE.forEach(Currencies::putInForce);
        for (String country : Locale.getISOCountries()) {
            Currency currency = Currency.getInstance(Locale.of("", country));
            if (currency != null) {
                putInForce(currency.getCurrencyCode());
            }
        }
    }

    private Currencies() {}

    /**
     * Whether the text is a code of ISO 4217 that is in force.
     */
    static boolean isInForce(Slice currency)
    {
        int index = index(currency);
        return index >= 0 && IN_FORCE[index];
    }

    /**
     * @param function the SQL function on whose behalf, for the error's message
     * @throws TrinoException when the code is not a currency's, or the currency has no minor units (gold, the SDR)
     */
    static int minorUnits(String function, Slice currency)
    {
        int minorUnits = lookup(currency);
        if (minorUnits < 0) {
            throw unusable(function, currency, minorUnits);
        }
        return minorUnits;
    }

    /**
     * The three digits of ISO 4217.
     *
     * @throws TrinoException when the code is not a currency's, or the currency has no numeric code
     */
    static Slice numericCode(String function, Slice currency)
    {
        int index = index(currency);
        if (index < 0 || MINOR_UNITS[index] == UNKNOWN) {
            throw unusable(function, currency, UNKNOWN);
        }
        if (NUMERIC_CODES[index] == null) {
            throw invalidArgument("%s: %s has no numeric code in ISO 4217", function, currency.toStringUtf8());
        }
        return NUMERIC_CODES[index];
    }

    /**
     * The minor units of a currency, none when the code is not a currency's or the currency has no minor units.
     */
    public static OptionalInt findMinorUnits(Slice currency)
    {
        int minorUnits = lookup(currency);
        return minorUnits < 0 ? OptionalInt.empty() : OptionalInt.of(minorUnits);
    }

    private static int lookup(Slice currency)
    {
        int index = index(currency);
        return index < 0 ? UNKNOWN : MINOR_UNITS[index];
    }

    private static TrinoException unusable(String function, Slice currency, int minorUnits)
    {
        if (minorUnits == WITHOUT_MINOR_UNITS) {
            return invalidArgument("%s: %s has no minor units in ISO 4217", function, currency.toStringUtf8());
        }
        if (currency.length() > 3) {
            return invalidArgument("%s: not a currency: a text of %s bytes; accepted are the three upper case letters of ISO 4217", function, currency.length());
        }
        return invalidArgument("%s: not a currency: '%s'; accepted are the three upper case letters of ISO 4217", function, currency.toStringUtf8());
    }

    private static void put(String code, int minorUnits)
    {
        byte[] letters = code.getBytes(UTF_8);
        MINOR_UNITS[index(letters[0], letters[1], letters[2])] = (byte) minorUnits;
    }

    private static void putInForce(String code)
    {
        byte[] letters = code.getBytes(UTF_8);
        IN_FORCE[index(letters[0], letters[1], letters[2])] = true;
    }

    private static void putNumericCode(String code, String digits)
    {
        NUMERIC_CODES[index(utf8Slice(code))] = utf8Slice(digits);
    }

    private static int index(Slice code)
    {
        return code.length() == 3 ? index(code.getByte(0), code.getByte(1), code.getByte(2)) : -1;
    }

    private static int index(byte first, byte second, byte third)
    {
        int high = first - 'A';
        int middle = second - 'A';
        int low = third - 'A';
        if ((high | middle | low) < 0 || high >= LETTERS || middle >= LETTERS || low >= LETTERS) {
            return -1;
        }
        return (high * LETTERS + middle) * LETTERS + low;
    }
}
