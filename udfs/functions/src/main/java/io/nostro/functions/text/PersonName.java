package io.nostro.functions.text;

import com.anyascii.AnyAscii;
import io.airlift.slice.Slice;
import io.nostro.functions.TextLookup;

import java.util.ArrayList;
import java.util.List;

import static io.nostro.functions.FunctionErrors.invalidArgument;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;

/**
 * A name's words in lower case ASCII: what remains of it when script, case, order and punctuation are not looked at.
 *
 * @param length the letters and digits of all words
 */
record PersonName(List<byte[]> words, int length)
{
    private static final int MOST_WORDS = 64;
    private static final TextLookup<PersonName> NAMES = new TextLookup<>(PersonName::parse);

    PersonName
    {
        requireNonNull(words, "words is null");
    }

    static PersonName of(Slice name)
    {
        return NAMES.get(name);
    }

    private static PersonName parse(String name)
    {
        String ascii = AnyAscii.isAscii(name) ? name : AnyAscii.transliterate(name);
        List<byte[]> words = new ArrayList<>();
        byte[] word = new byte[ascii.length()];
        int wordLength = 0;
        int length = 0;
        for (int i = 0; i <= ascii.length(); i++) {
            int character = i < ascii.length() ? ascii.charAt(i) : ' ';
            if (character >= 'A' && character <= 'Z') {
                character += 'a' - 'A';
            }
            if ((character >= 'a' && character <= 'z') || (character >= '0' && character <= '9')) {
                word[wordLength] = (byte) character;
                wordLength++;
            }
            // an apostrophe stands within a word: O'Brien, d'Angelo
            else if (character != '\'' && character != '`' && wordLength > 0) {
                if (words.size() == MOST_WORDS) {
                    throw invalidArgument("a name has more than %s words; accepted are names of people and organizations", MOST_WORDS);
                }
                byte[] added = new byte[wordLength];
                System.arraycopy(word, 0, added, 0, wordLength);
                words.add(added);
                length += wordLength;
                wordLength = 0;
            }
        }
        return new PersonName(words, length);
    }

    String word(int index)
    {
        return new String(words.get(index), US_ASCII);
    }
}
