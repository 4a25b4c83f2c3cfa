package io.nostro.functions.identifiers;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

/**
 * Eight bytes of a text in a word, the first one lowest, so that they are checked and added up together.
 */
final class EightCharacters
{
    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, LITTLE_ENDIAN);
    private static final long EVERY_BYTE = 0x0101_0101_0101_0101L;
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;
    private static final long HIGH_HALVES = 0xF0F0_F0F0_F0F0_F0F0L;
    private static final long EVEN_BYTES = 0x00FF_00FF_00FF_00FFL;

    /**
     * The character 0, eight times.
     */
    static final long ZEROS = '0' * EVERY_BYTE;

    private EightCharacters() {}

    static long read(byte[] text, int offset)
    {
        return (long) WORD.get(text, offset);
    }

    static boolean areDigits(long characters)
    {
        return (characters & HIGH_HALVES) == ZEROS && ((characters + 0x06 * EVERY_BYTE) & HIGH_HALVES) == ZEROS;
    }

    static boolean areLowerCaseHexadecimal(long characters)
    {
        // each is at most 0x7F, so that no sum reaches the next byte
        long fromZero = (characters ^ ZEROS) & ~HIGH_BITS;
        long fromBeforeA = (characters ^ (0x60 * EVERY_BYTE)) & ~HIGH_BITS;
        long areDigits = ~(fromZero + (0x80 - 10) * EVERY_BYTE);
        long areLetters = (fromBeforeA + 0x7F * EVERY_BYTE) & ~(fromBeforeA + (0x80 - 7) * EVERY_BYTE);
        return ((areDigits | areLetters) & ~characters & HIGH_BITS) == HIGH_BITS;
    }

    /**
     * What eight digits add to Luhn's sum, when the last is at a place that is not doubled.
     */
    static int luhnSum(long digits)
    {
        long values = digits ^ ZEROS;
        long doubled = values & EVEN_BYTES;
        // of 5 and above the doubled value has two digits, whose sum is less by 9
        long carries = ((doubled + (0x80 - 5) * EVERY_BYTE) & HIGH_BITS & EVEN_BYTES) >>> 7;
        return sum(2 * doubled - 9 * carries + (values & ~EVEN_BYTES));
    }

    /**
     * The sum of eight bytes, which is below 256.
     */
    private static int sum(long bytes)
    {
        return (int) ((bytes * EVERY_BYTE) >>> (Long.SIZE - Byte.SIZE));
    }

    /**
     * The sum of eight digits, each multiplied with its weight.
     *
     * @param evenWeights those of the first, third, fifth and seventh, in 16 bits each, the first one's highest
     * @param oddWeights those of the second, fourth, sixth and eighth, likewise
     */
    static int weightedSum(long digits, long evenWeights, long oddWeights)
    {
        long values = digits ^ ZEROS;
        long even = values & EVEN_BYTES;
        long odd = (values >>> Byte.SIZE) & EVEN_BYTES;
        return (int) ((even * evenWeights + odd * oddWeights) >>> (Long.SIZE - Short.SIZE));
    }
}
