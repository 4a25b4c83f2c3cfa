package io.nostro.functions.identifiers;

/**
 * The letters of identifiers that leave out vowels, so that no words come about.
 */
final class Consonants
{
    private static final int VOWELS = bit('A') | bit('E') | bit('I') | bit('O') | bit('U');

    private Consonants() {}

    static boolean contains(byte character)
    {
        return character >= 'A' && character <= 'Z' && (VOWELS & bit(character)) == 0;
    }

    private static int bit(int letter)
    {
        return 1 << (letter - 'A');
    }
}
