package io.nostro.functions.identifiers;

import io.airlift.slice.Slice;
import io.airlift.slice.Slices;

import java.util.stream.IntStream;

import static io.airlift.slice.Slices.utf8Slice;

/**
 * Check digits as texts, made once.
 */
final class CheckDigitText
{
    private static final Slice[] ONE_DIGIT = IntStream.range(0, 10).mapToObj(digit -> utf8Slice(Integer.toString(digit))).toArray(Slice[]::new);
    private static final Slice[] TWO_DIGITS = IntStream.range(0, 100).mapToObj("%02d"::formatted).map(Slices::utf8Slice).toArray(Slice[]::new);

    private CheckDigitText() {}

    static Slice oneDigit(int number)
    {
        return ONE_DIGIT[number];
    }

    static Slice twoDigits(int number)
    {
        return TWO_DIGITS[number];
    }
}
