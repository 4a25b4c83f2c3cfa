package io.nostro.functions.text;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * The Jaro-Winkler similarity (Winkler 1990, as the Census Bureau's strcmp95 has it): Jaro's similarity, and above 0.7 a
 * tenth of what it lacks for each of the first four characters that are the same. Characters are Unicode's code points.
 */
public final class JaroWinkler
{
    private static final double BOOST_ABOVE = 0.7;
    private static final double PREFIX_WEIGHT = 0.1;
    private static final int LONGEST_PREFIX = 4;

    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, LITTLE_ENDIAN);
    private static final long EVERY_BYTE = 0x0101_0101_0101_0101L;
    private static final long LOW_BITS = 0x7F7F_7F7F_7F7F_7F7FL;
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;
    // multiplied with it, the lowest bits of all bytes come together in the highest byte
    private static final long GATHER = 0x0102_0408_1020_4080L;

    private JaroWinkler() {}

    public static double similarity(byte[] left, int leftOffset, int leftLength, byte[] right, int rightOffset, int rightLength)
    {
        if (leftLength <= Long.SIZE && rightLength <= Long.SIZE
                && isAscii(left, leftOffset, leftLength)
                && isAscii(right, rightOffset, rightLength)) {
            return shortAsciiSimilarity(left, leftOffset, leftLength, right, rightOffset, rightLength);
        }
        return similarity(
                new String(left, leftOffset, leftLength, UTF_8).codePoints().toArray(),
                new String(right, rightOffset, rightLength, UTF_8).codePoints().toArray());
    }

    private static double shortAsciiSimilarity(byte[] left, int leftOffset, int leftLength, byte[] right, int rightOffset, int rightLength)
    {
        if (leftLength == 0 || rightLength == 0) {
            return leftLength == rightLength ? 1 : 0;
        }
        // what both begin with matches itself: whatever lies before it is taken
        int same = commonPrefix(left, leftOffset, right, rightOffset, Math.min(leftLength, rightLength));
        int range = Math.max(0, Math.max(leftLength, rightLength) / 2 - 1);
        long prefixMatched = same == 0 ? 0 : -1L >>> (Long.SIZE - same);
        long leftMatched = prefixMatched;
        long rightMatched = prefixMatched;
        long word0 = word(right, rightOffset, rightLength);
        long word1 = word(right, rightOffset + Long.BYTES, rightLength - Long.BYTES);
        long word2 = word(right, rightOffset + 2 * Long.BYTES, rightLength - 2 * Long.BYTES);
        long word3 = word(right, rightOffset + 3 * Long.BYTES, rightLength - 3 * Long.BYTES);
        for (int i = same; i < leftLength; i++) {
            int first = Math.max(same, i - range);
            int last = Math.min(rightLength - 1, i + range);
            long pattern = left[leftOffset + i] * EVERY_BYTE;
            long equal = equalBytes(word0, pattern) | equalBytes(word1, pattern) << Long.BYTES;
            if (rightLength > 2 * Long.BYTES) {
                equal |= equalBytes(word2, pattern) << (2 * Long.BYTES) | equalBytes(word3, pattern) << (3 * Long.BYTES);
                for (int start = 4 * Long.BYTES; start < rightLength; start += Long.BYTES) {
                    equal |= equalBytes(word(right, rightOffset + start, rightLength - start), pattern) << start;
                }
            }
            // of a range that is empty no bit is left
            long free = equal & (-1L << first) & (-1L >>> (Long.SIZE - 1 - last)) & ~rightMatched;
            leftMatched |= (free == 0 ? 0L : 1L) << i;
            rightMatched |= free & -free;
        }
        int matches = Long.bitCount(leftMatched);
        int outOfOrder = 0;
        long leftRest = leftMatched ^ prefixMatched;
        long rightRest = rightMatched ^ prefixMatched;
        while (leftRest != 0) {
            if (left[leftOffset + Long.numberOfTrailingZeros(leftRest)] != right[rightOffset + Long.numberOfTrailingZeros(rightRest)]) {
                outOfOrder++;
            }
            leftRest &= leftRest - 1;
            rightRest &= rightRest - 1;
        }
        return similarity(leftLength, rightLength, matches, outOfOrder, Math.min(LONGEST_PREFIX, same));
    }

    private static int commonPrefix(byte[] left, int leftOffset, byte[] right, int rightOffset, int longest)
    {
        for (int start = 0; start < longest; start += Long.BYTES) {
            long different = word(left, leftOffset + start, longest - start) ^ word(right, rightOffset + start, longest - start);
            if (different != 0) {
                return Math.min(longest, start + Long.numberOfTrailingZeros(different) / Byte.SIZE);
            }
        }
        return longest;
    }

    /**
     * The next eight bytes, the first one lowest; those behind the text's end mean nothing.
     */
    private static long word(byte[] text, int offset, int available)
    {
        if (offset + Long.BYTES <= text.length) {
            return (long) WORD.get(text, offset);
        }
        long word = 0;
        for (int i = Math.min(available, Long.BYTES) - 1; i >= 0; i--) {
            word = (word << Byte.SIZE) | text[offset + i];
        }
        return word;
    }

    /**
     * Which of eight bytes are equal, as eight bits, the first one lowest. A byte that is not ASCII makes those above it
     * mean nothing.
     */
    private static long equalBytes(long left, long right)
    {
        long different = (left ^ right) + LOW_BITS;
        return (((~different & HIGH_BITS) >>> (Byte.SIZE - 1)) * GATHER) >>> (Long.SIZE - Byte.SIZE);
    }

    private static double similarity(int[] left, int[] right)
    {
        if (left.length == 0 || right.length == 0) {
            return left.length == right.length ? 1 : 0;
        }
        int range = Math.max(0, Math.max(left.length, right.length) / 2 - 1);
        int[] leftMatches = new int[Math.min(left.length, right.length)];
        boolean[] rightMatched = new boolean[right.length];
        // the right's characters, each with its positions in order: a match is always the first that is left of its character,
        // and what lies before the range does so for all that follows, so that long texts take no more than a sort
        long[] rightPositions = new long[right.length];
        for (int j = 0; j < right.length; j++) {
            rightPositions[j] = (long) right[j] << Integer.SIZE | j;
        }
        Arrays.sort(rightPositions);
        int[] nextPositions = new int[right.length];
        Arrays.setAll(nextPositions, position -> position);
        int matches = 0;
        for (int i = 0; i < left.length; i++) {
            int first = firstOf(left[i], rightPositions);
            if (first == right.length || !isOf(left[i], rightPositions[first])) {
                continue;
            }
            int next = nextPositions[first];
            while (next < right.length && isOf(left[i], rightPositions[next]) && (int) rightPositions[next] < i - range) {
                next++;
            }
            if (next < right.length && isOf(left[i], rightPositions[next]) && (int) rightPositions[next] <= i + range) {
                rightMatched[(int) rightPositions[next]] = true;
                leftMatches[matches] = left[i];
                matches++;
                next++;
            }
            nextPositions[first] = next;
        }
        int outOfOrder = 0;
        int match = 0;
        for (int j = 0; j < right.length; j++) {
            if (rightMatched[j]) {
                if (right[j] != leftMatches[match]) {
                    outOfOrder++;
                }
                match++;
            }
        }
        int prefix = 0;
        int longestPrefix = Math.min(LONGEST_PREFIX, Math.min(left.length, right.length));
        while (prefix < longestPrefix && left[prefix] == right[prefix]) {
            prefix++;
        }
        return similarity(left.length, right.length, matches, outOfOrder, prefix);
    }

    private static int firstOf(int character, long[] positions)
    {
        int found = Arrays.binarySearch(positions, (long) character << Integer.SIZE);
        return found < 0 ? -found - 1 : found;
    }

    private static boolean isOf(int character, long position)
    {
        return (int) (position >>> Integer.SIZE) == character;
    }

    private static double similarity(int leftLength, int rightLength, int matches, int outOfOrder, int prefix)
    {
        if (matches == 0) {
            return 0;
        }
        double common = matches;
        int transpositions = outOfOrder / 2;
        double jaro = (common / leftLength + common / rightLength + (common - transpositions) / common) / 3;
        return jaro > BOOST_ABOVE ? jaro + prefix * PREFIX_WEIGHT * (1 - jaro) : jaro;
    }

    private static boolean isAscii(byte[] text, int offset, int length)
    {
        long seen = 0;
        int start = 0;
        for (; start <= length - Long.BYTES; start += Long.BYTES) {
            seen |= (long) WORD.get(text, offset + start);
        }
        if (start < length) {
            seen |= word(text, offset + start, length - start) & (-1L >>> (Long.SIZE - Byte.SIZE * (length - start)));
        }
        return (seen & HIGH_BITS) == 0;
    }
}
