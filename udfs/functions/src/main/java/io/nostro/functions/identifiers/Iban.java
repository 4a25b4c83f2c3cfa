package io.nostro.functions.identifiers;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

import static io.nostro.functions.identifiers.IbanStructure.ALPHANUMERIC;
import static io.nostro.functions.identifiers.IbanStructure.DIGITS;
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
    private static final int MODULUS = 97;
    private static final int WORD = 8;

    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, LITTLE_ENDIAN);
    private static final long ZEROS = 0x3030303030303030L;
    private static final long HIGH_HALVES = 0xF0F0F0F0F0F0F0F0L;
    private static final long CARRY_ABOVE_NINE = 0x0606060606060606L;
    private static final int[] POWERS_OF_TEN = {1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000};

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

        int end = offset + length;
        int position = offset + BBAN_START;
        long remainder = 0;
        byte[] kinds = structure.runKinds;
        int[] lengths = structure.runLengths;
        for (int run = 0; run < kinds.length; run++) {
            byte kind = kinds[run];
            int left = lengths[run];
            while (left > 0) {
                int count = Math.min(left, WORD);
                if (kind != IbanStructure.UPPER_CASE_LETTERS) {
                    long word = digitsAt(text, position, count, end);
                    if (areDigits(word)) {
                        remainder = (remainder * POWERS_OF_TEN[count] + parse(word)) % MODULUS;
                        position += count;
                        left -= count;
                        continue;
                    }
                    if (kind == DIGITS) {
                        return false;
                    }
                }
                for (int i = 0; i < count; i++) {
                    byte character = text[position + i];
                    int digits = digits(character, kind);
                    if (digits < 0) {
                        return false;
                    }
                    remainder = (remainder * (digits < 10 ? 10 : 100) + digits) % MODULUS;
                }
                position += count;
                left -= count;
            }
        }
        return ((remainder * 10_000 + structure.countryDigits) * 100 + checkDigits) % MODULUS == 1;
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
     * The BBAN's bank identifier, as the registry places it in the country's structure.
     *
     * @param text holds a valid IBAN
     */
    static byte[] bankCode(byte[] text, int offset)
    {
        boolean printFormat = text[offset + GROUP] == ' ';
        IbanStructure structure = IbanRegistry.structure(text[offset], text[offset + 1]);
        byte[] bankCode = new byte[structure.bankCodeEnd - structure.bankCodeStart];
        for (int i = 0; i < bankCode.length; i++) {
            bankCode[i] = at(text, offset, structure.bankCodeStart + i, printFormat);
        }
        return bankCode;
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
        int high = tens - '0';
        int low = ones - '0';
        int number = high * 10 + low;
        return (high | low) < 0 || high > 9 || low > 9 || number < 2 || number > 98 ? -1 : number;
    }

    /**
     * A character's value in the check digits' calculation, or -1 when the kind does not allow it.
     */
    private static int digits(byte character, byte kind)
    {
        if (character >= '0' && character <= '9') {
            return kind == IbanStructure.UPPER_CASE_LETTERS ? -1 : character - '0';
        }
        if (character >= 'A' && character <= 'Z') {
            return kind == DIGITS ? -1 : character - 'A' + 10;
        }
        return -1;
    }

    /**
     * Up to eight characters in one word, the first in the lowest byte, with zeros put before them. Reads no byte
     * outside the IBAN, which is longer than a word.
     */
    private static long digitsAt(byte[] text, int position, int count, int end)
    {
        int missing = (WORD - count) * Byte.SIZE;
        if (missing == 0) {
            return (long) WORDS.get(text, position);
        }
        long padding = (1L << missing) - 1;
        if (position + WORD <= end) {
            return ((long) WORDS.get(text, position) << missing) | (ZEROS & padding);
        }
        return ((long) WORDS.get(text, position + count - WORD) & ~padding) | (ZEROS & padding);
    }

    private static boolean areDigits(long word)
    {
        return (word & HIGH_HALVES) == ZEROS && ((word + CARRY_ABOVE_NINE) & HIGH_HALVES) == ZEROS;
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
}
