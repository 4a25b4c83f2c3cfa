package io.nostro.functions.identifiers;

import java.util.Arrays;

/**
 * The modulus 10 double-add-double check digit of ISO/IEC 7812-1, annex B (Luhn's method), and the variant that CUSIPs
 * and FIGIs have.
 */
final class DoubleAddDouble
{
    private static final int INVALID = -1;
    /**
     * What a digit adds at a place that is doubled.
     */
    private static final int[] DOUBLED = {0, 2, 4, 6, 8, 1, 3, 5, 7, 9};

    /**
     * The characters of the variant, in the order of their values.
     */
    private static final String CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*@#";
    private static final byte[] VALUES = values();

    private DoubleAddDouble() {}

    /**
     * The check digit of the characters before it, a letter being two digits and A being 10; -1 when a character is
     * neither a digit nor an upper case letter.
     */
    static int checkDigit(byte[] text, int offset, int length)
    {
        long sum = 0;
        boolean doubled = true;
        for (int i = offset + length - 1; i >= offset; i--) {
            byte character = text[i];
            if (character >= '0' && character <= '9') {
                int digit = character - '0';
                sum += doubled ? DOUBLED[digit] : digit;
                doubled = !doubled;
            }
            else if (character >= 'A' && character <= 'Z') {
                int number = character - 'A' + 10;
                int tens = number / 10;
                int ones = number % 10;
                sum += doubled ? DOUBLED[ones] + tens : ones + DOUBLED[tens];
            }
            else {
                return INVALID;
            }
        }
        return complement(sum);
    }

    /**
     * The check digit of the variant: every second character's value, from the second on, is doubled, and the digits of
     * the results are added. The values are those of ISO/IEC 7064's characters, and 36 to 38 for *, @ and #; -1 when a
     * character is none of these.
     */
    static int checkDigitOfValues(byte[] text, int offset, int length)
    {
        int sum = 0;
        int seen = 0;
        for (int i = 0; i < length; i++) {
            int digits = VALUES[((i & 1) << 8) | (text[offset + i] & 0xFF)];
            sum += digits;
            seen |= digits;
        }
        return seen < 0 ? INVALID : complement(sum);
    }

    /**
     * What each byte adds to the variant's sum, at a place that is not doubled and, 256 further, at one that is; below
     * zero for a byte that is none of the characters.
     */
    private static byte[] values()
    {
        byte[] values = new byte[2 * 256];
        Arrays.fill(values, (byte) INVALID);
        for (int value = 0; value < CHARACTERS.length(); value++) {
            int character = CHARACTERS.charAt(value);
            values[character] = (byte) (value / 10 + value % 10);
            values[256 + character] = (byte) (2 * value / 10 + 2 * value % 10);
        }
        return values;
    }

    private static int complement(long sum)
    {
        int ones = (int) (sum % 10);
        return ones == 0 ? 0 : 10 - ones;
    }
}
