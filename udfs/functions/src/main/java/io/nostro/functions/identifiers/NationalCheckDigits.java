package io.nostro.functions.identifiers;

import static io.nostro.functions.identifiers.Iso7064.twoDigits;

/**
 * The methods by which countries check a BBAN by digits of its own. {@code iban-registry.csv} says which country has
 * which. The methods agree with schwifty and iban4j where those have them; Croatia's and Hungary's are as ibantools has them.
 * For Albania and Kosovo no maintained library was found, only examples that agree.
 */
enum NationalCheckDigits
{
    /**
     * ISO/IEC 7064 MOD 97-10 over the whole BBAN.
     */
    MOD_97_10 {
        @Override
        boolean areValid(byte[] text, int bban, int length)
        {
            int checkDigits = twoDigits(text[bban + length - 2], text[bban + length - 1]);
            return checkDigits == Iso7064.checkDigits97(Iso7064.remainderBy97(text, bban, length - 2));
        }
    },
    /**
     * The remainder by 97 of the ten digits before, 97 standing for 0.
     */
    BELGIAN {
        @Override
        boolean areValid(byte[] text, int bban, int length)
        {
            int remainder = Iso7064.remainderBy97(text, bban, length - 2);
            return twoDigits(text[bban + length - 2], text[bban + length - 1]) == (remainder == 0 ? 97 : remainder);
        }
    },
    /**
     * The key of a French relevé d'identité bancaire: 97 less the remainder of what is before, followed by two zeros. A
     * letter counts as one digit: A and J are 1, and S is 2.
     */
    RIB {
        @Override
        boolean areValid(byte[] text, int bban, int length)
        {
            int remainder = 0;
            for (int i = bban; i < bban + length - 2; i++) {
                remainder = (remainder * 10 + ribDigit(text[i])) % 97;
            }
            return twoDigits(text[bban + length - 2], text[bban + length - 1]) == 97 - remainder * 100 % 97;
        }
    },
    /**
     * The Italian control internal number: a letter in front, from the values of the characters at odd and even places.
     */
    CIN {
        @Override
        boolean areValid(byte[] text, int bban, int length)
        {
            int sum = 0;
            for (int i = 1; i < length; i++) {
                byte character = text[bban + i];
                int value = character <= '9' ? character - '0' : character - 'A';
                sum += i % 2 == 0 ? value : CIN_ODD_VALUES[value];
            }
            return text[bban] == 'A' + sum % 26;
        }
    },
    /**
     * Luhn's method over the whole BBAN.
     */
    LUHN {
        @Override
        boolean areValid(byte[] text, int bban, int length)
        {
            return DoubleAddDouble.checkDigit(text, bban, length - 1) == text[bban + length - 1] - '0';
        }
    },
    /**
     * The eighth digit completes the bank and branch identifiers' weighted sum to a multiple of ten.
     */
    ALBANIAN {
        @Override
        boolean areValid(byte[] text, int bban, int length)
        {
            return weightedSum(text, bban, 8, WEIGHTS_9731) % 10 == 0;
        }
    },
    /**
     * The weighted sums of the account's prefix and of its number are multiples of eleven.
     */
    CZECHOSLOVAK {
        @Override
        boolean areValid(byte[] text, int bban, int length)
        {
            return weightedSum(text, bban + 4, 6, PREFIX_WEIGHTS) % 11 == 0 && weightedSum(text, bban + 10, 10, ACCOUNT_WEIGHTS) % 11 == 0;
        }
    },
    /**
     * The last digit completes the weighted sum of those after the bank identifier, by 7, 3, 1 from the right, to a
     * multiple of ten.
     */
    ESTONIAN {
        @Override
        boolean areValid(byte[] text, int bban, int length)
        {
            return weightedSum(text, bban + 2, 14, ESTONIAN_WEIGHTS) % 10 == 0;
        }
    },
    /**
     * One digit for the bank and branch, one for the account number: eleven less the weighted sum's remainder by eleven,
     * 10 being 1 and 11 being 0.
     */
    SPANISH {
        @Override
        boolean areValid(byte[] text, int bban, int length)
        {
            return text[bban + 8] - '0' == spanishDigit(weightedSum(text, bban, 8, SPANISH_BRANCH_WEIGHTS))
                    && text[bban + 9] - '0' == spanishDigit(weightedSum(text, bban + 10, 10, SPANISH_ACCOUNT_WEIGHTS));
        }
    },
    /**
     * ISO/IEC 7064 MOD 11,10 over the bank identifier and over the account number.
     */
    CROATIAN {
        @Override
        boolean areValid(byte[] text, int bban, int length)
        {
            return Iso7064.isValidMod11And10(text, bban, 7) && Iso7064.isValidMod11And10(text, bban + 7, 10);
        }
    },
    /**
     * The weighted sums of bank and branch and of the account number are multiples of ten.
     */
    HUNGARIAN {
        @Override
        boolean areValid(byte[] text, int bban, int length)
        {
            return weightedSum(text, bban, 8, WEIGHTS_9731) % 10 == 0 && weightedSum(text, bban + 8, 16, WEIGHTS_9731) % 10 == 0;
        }
    },
    /**
     * The ninth digit of the holder's identity number, which is the last part: modulus eleven.
     */
    ICELANDIC {
        @Override
        boolean areValid(byte[] text, int bban, int length)
        {
            return weightedSum(text, bban + 12, 9, IDENTITY_WEIGHTS) % 11 == 0;
        }
    },
    /**
     * Modulus eleven; over the last five digits only when the account number starts with 00.
     */
    NORWEGIAN {
        @Override
        boolean areValid(byte[] text, int bban, int length)
        {
            if (text[bban + 4] == '0' && text[bban + 5] == '0') {
                return weightedSum(text, bban + 6, 5, NORWEGIAN_SHORT_WEIGHTS) % 11 == 0;
            }
            return weightedSum(text, bban, 11, NORWEGIAN_WEIGHTS) % 11 == 0;
        }
    },
    /**
     * The eighth digit completes the weighted sum of the bank identifier's other digits to a multiple of ten.
     */
    POLISH {
        @Override
        boolean areValid(byte[] text, int bban, int length)
        {
            return weightedSum(text, bban, 8, POLISH_WEIGHTS) % 10 == 0;
        }
    };

    private static final int[] CIN_ODD_VALUES = {1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23};
    private static final int[] WEIGHTS_9731 = {9, 7, 3, 1, 9, 7, 3, 1, 9, 7, 3, 1, 9, 7, 3, 1};
    private static final int[] PREFIX_WEIGHTS = {10, 5, 8, 4, 2, 1};
    private static final int[] ACCOUNT_WEIGHTS = {6, 3, 7, 9, 10, 5, 8, 4, 2, 1};
    private static final int[] ESTONIAN_WEIGHTS = {7, 1, 3, 7, 1, 3, 7, 1, 3, 7, 1, 3, 7, 1};
    private static final int[] SPANISH_BRANCH_WEIGHTS = {4, 8, 5, 10, 9, 7, 3, 6};
    private static final int[] SPANISH_ACCOUNT_WEIGHTS = {1, 2, 4, 8, 5, 10, 9, 7, 3, 6};
    private static final int[] IDENTITY_WEIGHTS = {3, 2, 7, 6, 5, 4, 3, 2, 1};
    private static final int[] NORWEGIAN_WEIGHTS = {5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1};
    private static final int[] NORWEGIAN_SHORT_WEIGHTS = {5, 4, 3, 2, 1};
    private static final int[] POLISH_WEIGHTS = {3, 9, 7, 1, 3, 9, 7, 1};

    /**
     * Whether a BBAN's own check digits are right.
     *
     * @param text holds a valid IBAN of the country in the electronic format
     * @param bban where its BBAN starts
     * @param length the BBAN's length
     */
    abstract boolean areValid(byte[] text, int bban, int length);

    private static int weightedSum(byte[] text, int offset, int length, int[] weights)
    {
        int sum = 0;
        for (int i = 0; i < length; i++) {
            sum += (text[offset + i] - '0') * weights[i];
        }
        return sum;
    }

    private static int spanishDigit(int sum)
    {
        int digit = 11 - sum % 11;
        return digit == 11 ? 0 : digit == 10 ? 1 : digit;
    }

    private static int ribDigit(byte character)
    {
        if (character <= '9') {
            return character - '0';
        }
        if (character <= 'I') {
            return character - 'A' + 1;
        }
        return character <= 'R' ? character - 'J' + 1 : character - 'S' + 2;
    }
}
