package io.nostro.functions.identifiers;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * Up to eight characters of a BBAN of one kind, as a word: the first in the lowest byte that is not padding. Where there
 * are fewer than eight, padding stands before them.
 */
final class BbanWord
{
    static final int CHARACTERS = 8;
    private static final long DIGIT_PADDING = 0x3030303030303030L;
    /**
     * What is ten less than the letter A, whose value in the check digits' calculation is ten.
     */
    private static final long LETTER_PADDING = 0x3737373737373737L;
    private static final int POSITION_OF_BBAN = 4;

    final byte kind;
    /**
     * Where in the IBAN the eight bytes are read that hold the characters.
     */
    final int readAt;
    private final int shift;
    /**
     * The bytes that are padding.
     */
    final long padded;
    private final long padding;
    /**
     * What the word's number is multiplied with in the check digits' calculation, modulo 97, where each character
     * after it that may be a digit is one.
     */
    final long weight;

    /**
     * @param position of the first character in the IBAN
     * @param ibanLength at least eight
     */
    BbanWord(byte kind, int position, int count, int ibanLength, long weight)
    {
        checkArgument(position >= POSITION_OF_BBAN && count > 0 && count <= CHARACTERS && position + count <= ibanLength, "Not in an IBAN of %s: %s characters from %s", ibanLength, count, position);
        int missing = (CHARACTERS - count) * Byte.SIZE;
        boolean fits = position + CHARACTERS <= ibanLength;
        this.kind = kind;
        this.readAt = fits ? position : position + count - CHARACTERS;
        this.shift = fits ? missing : 0;
        this.padded = (1L << missing) - 1;
        this.padding = (kind == IbanStructure.UPPER_CASE_LETTERS ? LETTER_PADDING : DIGIT_PADDING) & padded;
        this.weight = weight;
    }

    /**
     * @param bytes the eight bytes at {@link #readAt}, the first in the lowest byte
     */
    long of(long bytes)
    {
        return ((bytes << shift) & ~padded) | padding;
    }
}
