package io.nostro.functions.money;

import io.airlift.slice.Slice;
import io.trino.spi.TrinoException;

import java.util.Arrays;
import java.util.Currency;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

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

    /**
     * The codes in force that the JDK names for no country: funds, metals, units of account, the code for tests, and the
     * second of Venezuela's two. The JDK doesn't tell them apart from those that were withdrawn.
     */
    private static final Set<String> ALSO_IN_FORCE = Set.of(
            "BOV", "CHE", "CHW", "CLF", "COU", "MXV", "USN", "UYI", "UYW", "VED",
            "XAD", "XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XPD", "XPT", "XSU", "XTS", "XUA", "XXX");

    private static final boolean[] IN_FORCE = new boolean[LETTERS * LETTERS * LETTERS];
    private static final byte[] MINOR_UNITS = new byte[LETTERS * LETTERS * LETTERS];

    static {
        Arrays.fill(MINOR_UNITS, UNKNOWN);
        ADDITIONAL.forEach(Currencies::put);
        Currency.getAvailableCurrencies().forEach(currency -> put(currency.getCurrencyCode(), currency.getDefaultFractionDigits()));
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
        if (currency.length() != 3) {
            return false;
        }
        int index = index(currency.getByte(0), currency.getByte(1), currency.getByte(2));
        return index >= 0 && IN_FORCE[index];
    }

    /**
     * @param function the SQL function on whose behalf, for the error's message
     * @throws TrinoException when the code is not a currency's, or the currency has no minor units (gold, the SDR)
     */
    static int minorUnits(String function, Slice currency)
    {
        int minorUnits = UNKNOWN;
        if (currency.length() == 3) {
            int index = index(currency.getByte(0), currency.getByte(1), currency.getByte(2));
            if (index >= 0) {
                minorUnits = MINOR_UNITS[index];
            }
        }
        if (minorUnits < 0) {
            throw unusable(function, currency, minorUnits);
        }
        return minorUnits;
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
