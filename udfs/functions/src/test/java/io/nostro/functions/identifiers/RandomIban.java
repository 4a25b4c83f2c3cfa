package io.nostro.functions.identifiers;

import java.math.BigInteger;
import java.util.Random;

/**
 * IBANs of a country's structure with check digits that are computed here, by whole numbers.
 */
final class RandomIban
{
    private static final String DIGITS = "0123456789";
    private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    private RandomIban() {}

    static String of(IbanStructure structure, Random random)
    {
        return withCheckDigits(structure.country, randomBban(structure, random));
    }

    static String randomBban(IbanStructure structure, Random random)
    {
        StringBuilder bban = new StringBuilder();
        for (int run = 0; run < structure.runKinds.length; run++) {
            String characters = switch (structure.runKinds[run]) {
                case IbanStructure.DIGITS -> DIGITS;
                case IbanStructure.UPPER_CASE_LETTERS -> LETTERS;
                default -> random.nextBoolean() ? DIGITS : DIGITS + LETTERS;
            };
            for (int i = 0; i < structure.runLengths[run]; i++) {
                bban.append(characters.charAt(random.nextInt(characters.length())));
            }
        }
        return bban.toString();
    }

    static String withCheckDigits(String country, String bban)
    {
        StringBuilder digits = new StringBuilder();
        (bban + country + "00").chars().forEach(character -> digits.append(Character.digit(character, 36)));
        int checkDigits = 98 - new BigInteger(digits.toString()).mod(BigInteger.valueOf(97)).intValue();
        return "%s%02d%s".formatted(country, checkDigits, bban);
    }
}
