package io.nostro.functions.vault;

import com.google.common.collect.ImmutableMap;
import io.airlift.slice.Slice;
import io.airlift.slice.SliceUtf8;
import io.airlift.slice.Slices;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

import static io.nostro.functions.FunctionErrors.invalidArgument;

/**
 * The characters of a text as the digits of a number: the first one is 0.
 */
final class Alphabet
{
    private static final int MOST_CHARACTERS = 256;

    private final int[] characters;
    private final Map<Integer, Byte> digits;

    private Alphabet(int[] characters, Map<Integer, Byte> digits)
    {
        this.characters = characters;
        this.digits = ImmutableMap.copyOf(digits);
    }

    static Alphabet of(String text)
    {
        if (text.length() > 2 * MOST_CHARACTERS) {
            throw invalidAlphabet();
        }
        int[] characters = text.codePoints().toArray();
        Map<Integer, Byte> digits = new HashMap<>();
        for (int digit = 0; digit < characters.length; digit++) {
            boolean surrogate = characters[digit] >= Character.MIN_SURROGATE && characters[digit] <= Character.MAX_SURROGATE;
            if (surrogate || digits.put(characters[digit], (byte) digit) != null) {
                throw invalidAlphabet();
            }
        }
        if (characters.length < 2 || characters.length > MOST_CHARACTERS) {
            throw invalidAlphabet();
        }
        return new Alphabet(characters, digits);
    }

    int radix()
    {
        return characters.length;
    }

    /**
     * The digits of a text that has at most so many, else null.
     */
    byte[] digits(String function, Slice text, int most)
    {
        byte[] result = new byte[Math.min(most, text.length())];
        int length = 0;
        int position = 0;
        while (position < text.length()) {
            int character = SliceUtf8.tryGetCodePointAt(text, position);
            Byte digit = character < 0 ? null : digits.get(character);
            if (digit == null) {
                throw invalidArgument("%s: character %s of the text is not in the alphabet; accepted are texts of its characters alone", function, length + 1);
            }
            if (length == most) {
                return null;
            }
            result[length] = digit;
            length++;
            position += SliceUtf8.lengthOfCodePoint(character);
        }
        return length == result.length ? result : Arrays.copyOf(result, length);
    }

    Slice text(byte[] numerals)
    {
        int[] text = new int[numerals.length];
        for (int i = 0; i < numerals.length; i++) {
            text[i] = characters[Byte.toUnsignedInt(numerals[i])];
        }
        return Slices.utf8Slice(new String(text, 0, text.length));
    }

    private static RuntimeException invalidAlphabet()
    {
        return invalidArgument("fpe_encrypt, fpe_decrypt: not an alphabet; accepted are 2 to %s characters, each of them once", MOST_CHARACTERS);
    }
}
