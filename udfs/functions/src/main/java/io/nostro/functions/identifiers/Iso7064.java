package io.nostro.functions.identifiers;

/**
 * The check character systems of ISO/IEC 7064 that identifiers use.
 */
final class Iso7064
{
    private static final int MODULUS_97 = 97;
    /**
     * After so many characters the remainder is taken: a remainder followed by six letters fits in a long.
     */
    private static final int CHARACTERS_PER_DIVISION = 6;

    private Iso7064() {}

    /**
     * The remainder by 97 of the number that the characters are, a letter being two digits and A being 10; -1 when a
     * character is neither a digit nor an upper case letter.
     */
    static int remainderBy97(byte[] text, int offset, int length)
    {
        long remainder = 0;
        int undivided = 0;
        for (int i = offset; i < offset + length; i++) {
            byte character = text[i];
            if (character >= '0' && character <= '9') {
                remainder = remainder * 10 + character - '0';
            }
            else if (character >= 'A' && character <= 'Z') {
                remainder = remainder * 100 + character - 'A' + 10;
            }
            else {
                return -1;
            }
            undivided++;
            if (undivided == CHARACTERS_PER_DIVISION) {
                remainder %= MODULUS_97;
                undivided = 0;
            }
        }
        return (int) (remainder % MODULUS_97);
    }

    /**
     * The two check digits of MOD 97-10 as a number from 2 to 98, for a number with that remainder by 97.
     */
    static int checkDigits97(int remainder)
    {
        return MODULUS_97 + 1 - remainder * 100 % MODULUS_97;
    }

    /**
     * The number that two digits are, or -1 when the characters are not digits.
     */
    static int twoDigits(byte tens, byte ones)
    {
        int high = tens - '0';
        int low = ones - '0';
        return (high | low) < 0 || high > 9 || low > 9 ? -1 : high * 10 + low;
    }

    /**
     * Whether the last digit is the check digit of MOD 11,10 of those before it.
     *
     * @param text holds digits at the positions looked at
     */
    static boolean isValidMod11And10(byte[] text, int offset, int length)
    {
        int product = 10;
        for (int i = offset; i < offset + length - 1; i++) {
            int sum = (product + text[i] - '0') % 10;
            product = (sum == 0 ? 10 : sum) * 2 % 11;
        }
        return (product + text[offset + length - 1] - '0') % 10 == 1;
    }
}
