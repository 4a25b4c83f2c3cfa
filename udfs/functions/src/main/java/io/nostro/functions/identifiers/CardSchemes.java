package io.nostro.functions.identifiers;

import io.airlift.slice.Slice;

import java.util.List;

import static io.airlift.slice.Slices.utf8Slice;

/**
 * The schemes of payment cards by the first six digits and the length of a number. American Express, Diners Club,
 * Discover, Mastercard and Visa agree with commons-validator; the others have not been compared with the schemes' own lists.
 */
final class CardSchemes
{
    private static final Slice AMERICAN_EXPRESS = utf8Slice("american_express");
    private static final Slice DINERS_CLUB = utf8Slice("diners_club");
    private static final Slice DISCOVER = utf8Slice("discover");
    private static final Slice JCB = utf8Slice("jcb");
    private static final Slice MAESTRO = utf8Slice("maestro");
    private static final Slice MASTERCARD = utf8Slice("mastercard");
    private static final Slice MIR = utf8Slice("mir");
    private static final Slice TROY = utf8Slice("troy");
    private static final Slice UATP = utf8Slice("uatp");
    private static final Slice UNIONPAY = utf8Slice("unionpay");
    private static final Slice VISA = utf8Slice("visa");

    private static final int PREFIXES_PER_FIRST_DIGIT = 100_000;
    /**
     * By a number's first digit; no two ranges overlap and none has two first digits.
     */
    private static final Range[][] RANGES = byFirstDigit(List.of(
            new Range(100_000, 199_999, lengths(15), UATP),
            new Range(220_000, 220_499, lengths(16, 17, 18, 19), MIR),
            new Range(222_100, 272_099, lengths(16), MASTERCARD),
            new Range(300_000, 305_999, lengths(14, 15, 16, 17, 18, 19), DINERS_CLUB),
            new Range(309_500, 309_599, lengths(14, 15, 16, 17, 18, 19), DINERS_CLUB),
            new Range(340_000, 349_999, lengths(15), AMERICAN_EXPRESS),
            new Range(352_800, 358_999, lengths(16, 17, 18, 19), JCB),
            new Range(360_000, 369_999, lengths(14, 15, 16, 17, 18, 19), DINERS_CLUB),
            new Range(370_000, 379_999, lengths(15), AMERICAN_EXPRESS),
            new Range(380_000, 399_999, lengths(14, 15, 16, 17, 18, 19), DINERS_CLUB),
            new Range(400_000, 499_999, lengths(13, 16, 19), VISA),
            new Range(500_000, 509_999, lengths(12, 13, 14, 15, 16, 17, 18, 19), MAESTRO),
            new Range(510_000, 559_999, lengths(16), MASTERCARD),
            new Range(560_000, 589_999, lengths(12, 13, 14, 15, 16, 17, 18, 19), MAESTRO),
            new Range(601_100, 601_199, lengths(16, 17, 18, 19), DISCOVER),
            new Range(620_000, 629_999, lengths(16, 17, 18, 19), UNIONPAY),
            new Range(630_000, 639_999, lengths(12, 13, 14, 15, 16, 17, 18, 19), MAESTRO),
            new Range(644_000, 659_999, lengths(16, 17, 18, 19), DISCOVER),
            new Range(670_000, 679_999, lengths(12, 13, 14, 15, 16, 17, 18, 19), MAESTRO),
            new Range(810_000, 817_199, lengths(16, 17, 18, 19), UNIONPAY),
            new Range(979_200, 979_289, lengths(16), TROY)));

    private CardSchemes() {}

    /**
     * The scheme's name, or null when the number is in no range.
     *
     * @param prefix the number's first six digits
     * @param length how many digits the number has
     */
    static Slice name(int prefix, int length)
    {
        for (Range range : RANGES[prefix / PREFIXES_PER_FIRST_DIGIT]) {
            if (prefix >= range.first && prefix <= range.last) {
                return (range.lengths & (1 << length)) == 0 ? null : range.scheme;
            }
        }
        return null;
    }

    private static Range[][] byFirstDigit(List<Range> ranges)
    {
        Range[][] byFirstDigit = new Range[10][];
        for (int digit = 0; digit < byFirstDigit.length; digit++) {
            int first = digit;
            byFirstDigit[digit] = ranges.stream()
                    .filter(range -> range.first / PREFIXES_PER_FIRST_DIGIT == first)
                    .toArray(Range[]::new);
        }
        return byFirstDigit;
    }

    private static int lengths(int... lengths)
    {
        int bits = 0;
        for (int length : lengths) {
            bits |= 1 << length;
        }
        return bits;
    }

    /**
     * @param lengths a bit for each length that numbers of the range have
     */
    private record Range(int first, int last, int lengths, Slice scheme) {}
}
