package io.nostro.functions.identifiers;

import io.airlift.slice.Slice;

/**
 * Says what is wrong with an identifier without showing it.
 */
final class IdentifierProblem
{
    private IdentifierProblem() {}

    /**
     * What is wrong with the characters before a check digit, when they are not {@code length} upper case letters and digits.
     */
    static String ofBody(Slice body, int length)
    {
        if (body.length() != length) {
            return "the text has %s bytes and not %s".formatted(body.length(), length);
        }
        for (int i = 0; i < length; i++) {
            byte character = body.getByte(i);
            if ((character < '0' || character > '9') && (character < 'A' || character > 'Z')) {
                return "character %s is not an upper case letter or a digit".formatted(i + 1);
            }
        }
        return "a character is not in its place";
    }
}
