package io.nostro.functions.identifiers;

/**
 * A part of a BBAN.
 *
 * @param start its first character, counted from 0
 * @param end the character after its last
 */
record BbanRange(int start, int end)
{
    int length()
    {
        return end - start;
    }
}
