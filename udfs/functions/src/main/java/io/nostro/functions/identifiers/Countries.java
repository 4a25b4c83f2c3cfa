package io.nostro.functions.identifiers;

import java.util.Locale;
import java.util.Set;

/**
 * The two-letter country codes of ISO 3166-1, as the JDK knows them, and the codes that a standard adds to them.
 */
final class Countries
{
    private static final int LETTERS = 26;

    private final boolean[] accepted = new boolean[LETTERS * LETTERS];

    Countries(Set<String> additional)
    {
        for (String country : Locale.getISOCountries()) {
            accepted[index((byte) country.charAt(0), (byte) country.charAt(1))] = true;
        }
        for (String country : additional) {
            accepted[index((byte) country.charAt(0), (byte) country.charAt(1))] = true;
        }
    }

    boolean contains(byte first, byte second)
    {
        int index = index(first, second);
        return index >= 0 && accepted[index];
    }

    /**
     * A place in a table of all two-letter codes, or -1 when either is not an upper case letter.
     */
    static int index(byte first, byte second)
    {
        int high = first - 'A';
        int low = second - 'A';
        if (Integer.compareUnsigned(high, LETTERS) >= 0 || Integer.compareUnsigned(low, LETTERS) >= 0) {
            return -1;
        }
        return high * LETTERS + low;
    }
}
