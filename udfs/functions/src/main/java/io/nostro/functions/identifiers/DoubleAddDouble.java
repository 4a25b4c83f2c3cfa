package io.nostro.functions.identifiers;

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
        for (int i = 0; i < length; i++) {
            byte character = text[offset + i];
            int value;
            if (character >= '0' && character <= '9') {
                value = character - '0';
            }
            else if (character >= 'A' && character <= 'Z') {
                value = character - 'A' + 10;
            }
            else if (character == '*') {
                value = 36;
            }
            else if (character == '@') {
                value = 37;
            }
            else if (character == '#') {
                value = 38;
            }
            else {
                return INVALID;
            }
            value <<= i & 1;
            sum += value / 10 + value % 10;
        }
        return complement(sum);
    }

    private static int complement(long sum)
    {
        int ones = (int) (sum % 10);
        return ones == 0 ? 0 : 10 - ones;
    }
}
