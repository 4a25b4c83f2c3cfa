package io.nostro.functions.identifiers;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

import static io.nostro.functions.identifiers.IbanStructure.ALPHANUMERIC;
import static io.nostro.functions.identifiers.IbanStructure.DIGITS;
import static io.nostro.functions.identifiers.IbanStructure.MODULUS;
import static io.nostro.functions.identifiers.IbanStructure.UPPER_CASE_LETTERS;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

/**
 * International Bank Account Numbers, ISO 13616-1: the country's structure in the IBAN Registry, and check digits by
 * ISO/IEC 7064 MOD 97-10 in the range 02 to 98. Taken in the electronic format and in the print format, which puts one
 * space after every fourth character; letters are upper case in both.
 */
public final class Iban
{
    private static final int SHORTEST = 15;
    private static final int LONGEST = 34;
    private static final int BBAN_START = 4;
    private static final int GROUP = 4;
    private static final byte[] WORD_BEFORE = {'I', 'B', 'A', 'N'};
    private static final byte[] NO_BREAK_SPACE = {(byte) 0xC2, (byte) 0xA0};

    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, LITTLE_ENDIAN);
    private static final long ZEROS = 0x3030303030303030L;
    private static final long HIGH_HALVES = 0xF0F0F0F0F0F0F0F0L;
    private static final long CARRY_ABOVE_NINE = 0x0606060606060606L;
    private static final long HIGHEST_BITS = 0x8080808080808080L;
    private static final long CARRY_FROM_A = 0x3F3F3F3F3F3F3F3FL;
    private static final long CARRY_ABOVE_Z = 0x2525252525252525L;
    private static final long TEN_BEFORE_A = 0x3737373737373737L;
    private static final long EVEN_BYTES = 0x00FF00FF00FF00FFL;
    /**
     * The value of each character in the check digits' calculation, negative where it is neither a digit nor a letter.
     */
    private static final byte[] ALPHANUMERIC_VALUES = alphanumericValues();

    private Iban() {}

    public static boolean isValid(byte[] text, int offset, int length)
    {
        if (length < SHORTEST) {
            return false;
        }
        if (text[offset + GROUP] == ' ') {
            return problem(text, offset, length) == null;
        }
        IbanStructure structure = IbanRegistry.structure(text[offset], text[offset + 1]);
        if (structure == null || structure.length != length) {
            return false;
        }
        int checkDigits = checkDigits(text[offset + 2], text[offset + 3]);
        if (checkDigits < 0) {
            return false;
        }

        long sum = structure.countryDigits * 100L + checkDigits;
        long wrong = 0;
        int wrongValues = 0;
        // a letter where a digit may stand is two digits, which makes all before it weigh ten times as much
        long letterWeight = 1;
        for (BbanWord part : structure.words) {
            long word = part.of((long) WORDS.get(text, offset + part.readAt));
            long weight = part.weight * letterWeight;
            if (part.kind == UPPER_CASE_LETTERS) {
                wrong |= notLetters(word) & ~part.padded;
                sum += lettersNumber(word) % MODULUS * weight;
                continue;
            }
            long notDigits = notDigits(word);
            if (notDigits == 0 || part.kind == DIGITS) {
                wrong |= notDigits;
                sum += parse(word) * weight;
                continue;
            }
            long number = 0;
            for (int i = 0; i < BbanWord.CHARACTERS; i++) {
                byte value = ALPHANUMERIC_VALUES[(int) (word >>> (i * Byte.SIZE)) & 0xFF];
                wrongValues |= value;
                boolean letter = value > 9;
                number = number * (letter ? 100 : 10) + value;
                letterWeight *= letter ? 10 : 1;
            }
            letterWeight %= MODULUS;
            sum += number % MODULUS * weight;
        }
        return wrong == 0 && wrongValues >= 0 && sum % MODULUS == 1;
    }

    /**
     * What is wrong with the text as an IBAN, or null when it is one. Says nothing that identifies the account.
     */
    static String problem(byte[] text, int offset, int length)
    {
        if (length < SHORTEST) {
            return "it is too short";
        }
        boolean printFormat = text[offset + GROUP] == ' ';
        int characters = printFormat ? length - length / (GROUP + 1) : length;
        if (characters > LONGEST) {
            return "it is too long";
        }
        if (printFormat) {
            for (int i = 0; i < length; i++) {
                if ((i % (GROUP + 1) == GROUP) != (text[offset + i] == ' ')) {
                    return "its spaces are not after every fourth character";
                }
            }
            if (text[offset + length - 1] == ' ') {
                return "its spaces are not after every fourth character";
            }
        }
        IbanStructure structure = IbanRegistry.structure(text[offset], text[offset + 1]);
        if (structure == null) {
            return "its first two characters are not the upper case code of a country in the IBAN registry";
        }
        if (structure.length != characters) {
            return "an IBAN of %s has %s characters and not %s".formatted(structure.country, structure.length, characters);
        }
        int checkDigits = checkDigits(at(text, offset, 2, printFormat), at(text, offset, 3, printFormat));
        if (checkDigits < 0) {
            return "its third and fourth characters are not check digits from 02 to 98";
        }
        long remainder = 0;
        int index = BBAN_START;
        for (int run = 0; run < structure.runKinds.length; run++) {
            for (int i = 0; i < structure.runLengths[run]; i++) {
                int digits = digits(at(text, offset, index, printFormat), structure.runKinds[run]);
                if (digits < 0) {
                    return "character %s is not a%s, as an IBAN of %s has there".formatted(
                            index + 1,
                            switch (structure.runKinds[run]) {
                                case DIGITS -> " digit";
                                case ALPHANUMERIC -> "n upper case letter or a digit";
                                default -> "n upper case letter";
                            },
                            structure.country);
                }
                remainder = (remainder * (digits < 10 ? 10 : 100) + digits) % MODULUS;
                index++;
            }
        }
        if (((remainder * 10_000 + structure.countryDigits) * 100 + checkDigits) % MODULUS != 1) {
            return "its check digits are wrong";
        }
        return null;
    }

    /**
     * Whether a valid IBAN's national check digits are right; true where its country has none that can be checked.
     *
     * @param text holds a valid IBAN
     */
    static boolean isNationallyValid(byte[] text, int offset)
    {
        IbanStructure structure = structure(text, offset);
        NationalCheckDigits method = structure.nationalCheckDigits;
        if (method == null) {
            return true;
        }
        int bbanLength = structure.length - BBAN_START;
        if (text[offset + GROUP] == ' ') {
            return method.areValid(part(text, offset, new BbanRange(0, bbanLength)), 0, bbanLength);
        }
        return method.areValid(text, offset + BBAN_START, bbanLength);
    }

    /**
     * The structure of a valid IBAN.
     */
    static IbanStructure structure(byte[] text, int offset)
    {
        return IbanRegistry.structure(text[offset], text[offset + 1]);
    }

    /**
     * A part of the BBAN, without spaces.
     *
     * @param text holds a valid IBAN
     */
    static byte[] part(byte[] text, int offset, BbanRange range)
    {
        boolean printFormat = text[offset + GROUP] == ' ';
        byte[] part = new byte[range.length()];
        for (int i = 0; i < part.length; i++) {
            part[i] = at(text, offset, BBAN_START + range.start() + i, printFormat);
        }
        return part;
    }

    /**
     * The print format: a space after every fourth character.
     *
     * @param text holds a valid IBAN
     */
    static byte[] printFormat(byte[] text, int offset)
    {
        boolean printFormat = text[offset + GROUP] == ' ';
        int length = structure(text, offset).length;
        byte[] formatted = new byte[length + (length - 1) / GROUP];
        int position = 0;
        for (int i = 0; i < length; i++) {
            if (i > 0 && i % GROUP == 0) {
                formatted[position] = ' ';
                position++;
            }
            formatted[position] = at(text, offset, i, printFormat);
            position++;
        }
        return formatted;
    }

    /**
     * The electronic format of a text in any grouping and case, or null when the text is not an IBAN then: spaces, hyphens
     * and the word IBAN before it are left out, and letters are made upper case.
     */
    static byte[] normalize(byte[] text, int offset, int length)
    {
        byte[] characters = new byte[LONGEST + WORD_BEFORE.length];
        int count = 0;
        for (int i = offset; i < offset + length; i++) {
            byte character = text[i];
            if (character == ' ' || character == '-' || character == '\t') {
                continue;
            }
            if (character == NO_BREAK_SPACE[0] && i + 1 < offset + length && text[i + 1] == NO_BREAK_SPACE[1]) {
                i++;
                continue;
            }
            if (count == characters.length) {
                return null;
            }
            characters[count] = character >= 'a' && character <= 'z' ? (byte) (character - 'a' + 'A') : character;
            count++;
        }
        int start = count > WORD_BEFORE.length && Arrays.equals(characters, 0, WORD_BEFORE.length, WORD_BEFORE, 0, WORD_BEFORE.length) ? WORD_BEFORE.length : 0;
        return isValid(characters, start, count - start) ? Arrays.copyOfRange(characters, start, count) : null;
    }

    /**
     * The check digits of a BBAN, or -1 when the country is not in the registry or the BBAN has not its structure.
     */
    static int checkDigits(byte firstLetter, byte secondLetter, byte[] bban, int offset, int length)
    {
        IbanStructure structure = IbanRegistry.structure(firstLetter, secondLetter);
        if (structure == null || structure.length != length + BBAN_START) {
            return -1;
        }
        int index = offset;
        for (int run = 0; run < structure.runKinds.length; run++) {
            for (int i = 0; i < structure.runLengths[run]; i++) {
                if (digits(bban[index], structure.runKinds[run]) < 0) {
                    return -1;
                }
                index++;
            }
        }
        return Iso7064.checkDigits97((Iso7064.remainderBy97(bban, offset, length) * 10_000 + structure.countryDigits) % MODULUS);
    }

    private static byte at(byte[] text, int offset, int index, boolean printFormat)
    {
        return text[offset + (printFormat ? index + index / GROUP : index)];
    }

    /**
     * The number that the check digits are, or -1 when they are not two digits from 02 to 98.
     */
    private static int checkDigits(byte tens, byte ones)
    {
        int number = Iso7064.twoDigits(tens, ones);
        return number < 2 || number > 98 ? -1 : number;
    }

    /**
     * A character's value in the check digits' calculation, or -1 when the kind does not allow it.
     */
    private static int digits(byte character, byte kind)
    {
        if (character >= '0' && character <= '9') {
            return kind == UPPER_CASE_LETTERS ? -1 : character - '0';
        }
        if (character >= 'A' && character <= 'Z') {
            return kind == DIGITS ? -1 : character - 'A' + 10;
        }
        return -1;
    }

    /**
     * Zero where each byte is a digit.
     */
    private static long notDigits(long word)
    {
        return ((word & HIGH_HALVES) ^ ZEROS) | (((word + CARRY_ABOVE_NINE) & HIGH_HALVES) ^ ZEROS);
    }

    /**
     * A bit in each byte that is no upper case letter, and, where there is one, perhaps in others.
     */
    private static long notLetters(long word)
    {
        return (word | ~(word + CARRY_FROM_A) | (word + CARRY_ABOVE_Z)) & HIGHEST_BITS;
    }

    /**
     * The number that eight digits are: pairs first, then fours, then all, each in one multiplication.
     */
    private static long parse(long word)
    {
        long pairs = word - ZEROS;
        pairs = pairs * 10 + (pairs >>> 8);
        long even = (pairs & 0x000000FF000000FFL) * (100L + (1_000_000L << 32));
        long odd = ((pairs >>> 16) & 0x000000FF000000FFL) * (1L + (10_000L << 32));
        return (even + odd) >>> 32;
    }

    /**
     * The number that eight letters are, of two digits each.
     */
    private static long lettersNumber(long word)
    {
        long values = word - TEN_BEFORE_A;
        long pairs = (values & EVEN_BYTES) * 100 + ((values >>> 8) & EVEN_BYTES);
        long first = (pairs & 0xFFFF) * 10_000 + ((pairs >>> 16) & 0xFFFF);
        long second = ((pairs >>> 32) & 0xFFFF) * 10_000 + (pairs >>> 48);
        return first * 100_000_000 + second;
    }

    private static byte[] alphanumericValues()
    {
        byte[] values = new byte[256];
        for (int character = 0; character < values.length; character++) {
            values[character] = (byte) digits((byte) character, ALPHANUMERIC);
        }
        return values;
    }
}
