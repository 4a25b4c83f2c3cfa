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

    /**
     * A text of any length in upper case, as {@link String#toUpperCase} has it, in linear time.
     */
    public static String upperCaseOfText(String text)
    {
        if (text.chars().allMatch(character -> character < 0x80)) {
            return text.toUpperCase(Locale.ENGLISH);
        }
        StringBuilder upper = new StringBuilder(text.length());
        text.codePoints().forEach(codePoint -> {
            if (codePoint < 0x80) {
                upper.append((char) Character.toUpperCase(codePoint));
            }
            else {
                upper.append(Character.toString(codePoint).toUpperCase(Locale.ENGLISH));
            }
        });
        return upper.toString();
    }

    private static String beginning(String name)
    {
        return name.length() <= LONGER_THAN_ANY_NAME ? name : name.substring(0, LONGER_THAN_ANY_NAME);
    }
}
