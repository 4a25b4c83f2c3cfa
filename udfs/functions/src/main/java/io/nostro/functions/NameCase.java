package io.nostro.functions;

import java.util.Locale;

/**
 * Names that users may write in any case, in one. Java takes quadratic time to change the case of a text with characters
 * whose other case is longer, so of one that is longer than any name only the beginning is looked at, which is no name.
 */
public final class NameCase
{
    private static final int LONGER_THAN_ANY_NAME = 200;

    private NameCase() {}

    /**
     * The name in lower case, or the beginning of what is too long to be one.
     */
    public static String lowerCase(String name)
    {
        return beginning(name).toLowerCase(Locale.ENGLISH);
    }

    /**
     * The name in upper case, or the beginning of what is too long to be one.
     */
    public static String upperCase(String name)
    {
        return beginning(name).toUpperCase(Locale.ENGLISH);
    }

    private static String beginning(String name)
    {
        return name.length() <= LONGER_THAN_ANY_NAME ? name : name.substring(0, LONGER_THAN_ANY_NAME);
    }
}
