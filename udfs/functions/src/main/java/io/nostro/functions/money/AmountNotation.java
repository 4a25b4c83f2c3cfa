package io.nostro.functions.money;

import com.google.common.collect.ImmutableSortedMap;
import io.nostro.functions.NameCase;
import io.nostro.functions.TextLookup;

import java.util.List;
import java.util.SortedMap;

import static io.nostro.functions.FunctionErrors.invalidArgument;

/**
 * How a locale writes amounts: the separators and groups of Unicode's CLDR. The table is Nostro's own, since the JDK's changes
 * between versions and a stored text must not.
 *
 * @param groupSeparator what is written between groups of digits; when read, also its look-alikes
 * @param groupSize the digits of each group but the last, which has three
 * @param codeFirst whether the currency's code stands before the number
 */
record AmountNotation(char groupSeparator, char decimalSeparator, int groupSize, boolean codeFirst)
{
    static final int LAST_GROUP_SIZE = 3;
    static final char NO_BREAK_SPACE = '\u00A0';

    private static final char NARROW_NO_BREAK_SPACE = '\u202F';
    private static final char THIN_SPACE = '\u2009';
    private static final char APOSTROPHE = '\u2019';

    private static final SortedMap<String, AmountNotation> BY_LOCALE = byLocale();

    static final TextLookup<AmountNotation> BY_NAME = new TextLookup<>(AmountNotation::resolve);

    /**
     * Whether a character is read as a separator of groups.
     */
    boolean isGroupSeparator(char character)
    {
        if (isSpace(groupSeparator)) {
            return isSpace(character);
        }
        return character == groupSeparator || (groupSeparator == APOSTROPHE && character == '\'');
    }

    static boolean isSpace(char character)
    {
        return character == ' ' || character == NO_BREAK_SPACE || character == NARROW_NO_BREAK_SPACE || character == THIN_SPACE;
    }

    private static SortedMap<String, AmountNotation> byLocale()
    {
        ImmutableSortedMap.Builder<String, AmountNotation> notations = ImmutableSortedMap.naturalOrder();
        put(notations, List.of("en", "en-au", "en-ca", "en-gb", "en-ie", "en-us", "ja", "ko", "zh"), new AmountNotation(',', '.', 3, true));
        put(notations, List.of("en-in", "hi"), new AmountNotation(',', '.', 2, true));
        put(notations, List.of("da", "de", "el", "es", "it"), new AmountNotation('.', ',', 3, false));
        put(notations, List.of("id", "nl", "pt", "tr"), new AmountNotation('.', ',', 3, true));
        put(notations, List.of("de-ch", "it-ch"), new AmountNotation(APOSTROPHE, '.', 3, true));
        put(notations, List.of("fr", "fr-ch"), new AmountNotation(NARROW_NO_BREAK_SPACE, ',', 3, false));
        put(notations, List.of("cs", "fi", "hu", "nb", "pl", "pt-pt", "sk", "sv", "uk"), new AmountNotation(NO_BREAK_SPACE, ',', 3, false));
        return notations.buildOrThrow();
    }

    private static void put(ImmutableSortedMap.Builder<String, AmountNotation> notations, List<String> locales, AmountNotation notation)
    {
        locales.forEach(locale -> notations.put(locale, notation));
    }

    private static AmountNotation resolve(String name)
    {
        AmountNotation notation = BY_LOCALE.get(NameCase.lowerCase(name.trim()).replace('_', '-'));
        if (notation == null) {
            throw invalidArgument(
                    "not a locale whose amounts are known: '%s'; accepted are %s",
                    name.length() > 60 ? name.substring(0, 60) + "…" : name,
                    String.join(", ", BY_LOCALE.keySet()));
        }
        return notation;
    }
}
