package io.nostro.functions.identifiers;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * What the IBAN Registry says of one country's IBANs.
 */
final class IbanStructure
{
    static final byte DIGITS = 'n';
    static final byte UPPER_CASE_LETTERS = 'a';
    static final byte ALPHANUMERIC = 'c';
    static final int MODULUS = 97;

    /**
     * Four digits of the country and two check digits come after the BBAN in the check digits' calculation.
     */
    private static final long WEIGHT_OF_BBAN = 1_000_000 % MODULUS;
    private static final Pattern ELEMENT = Pattern.compile("(\\d+)!([nac])");
    private static final int PREFIX_LENGTH = 4;

    final String country;
    final int length;
    final BbanRange bankCode;
    /**
     * Null where the country's IBANs have no branch identifier.
     */
    final BbanRange branchCode;
    final BbanRange accountNumber;
    /**
     * Null where the country's IBANs have no national check digits, or none that can be checked without knowing the bank.
     */
    final NationalCheckDigits nationalCheckDigits;
    /**
     * The BBAN's runs of one kind of character, in order.
     */
    final byte[] runKinds;
    final int[] runLengths;
    /**
     * The BBAN in words, from the last to the first.
     */
    final BbanWord[] words;
    /**
     * The country code as the check digits' calculation takes it: two digits for a letter, A being 10.
     */
    final int countryDigits;

    /**
     * @param bbanStructure in the registry's notation, such as {@code 4!a10!n}
     * @param branchCode null where there is none
     * @param nationalCheckDigits null where there is no method
     */
    IbanStructure(String country, String bbanStructure, BbanRange bankCode, BbanRange branchCode, BbanRange accountNumber, NationalCheckDigits nationalCheckDigits)
    {
        List<Byte> kinds = new ArrayList<>();
        List<Integer> lengths = new ArrayList<>();
        Matcher matcher = ELEMENT.matcher(bbanStructure);
        int matched = 0;
        int total = PREFIX_LENGTH;
        while (matcher.find()) {
            checkArgument(matcher.start() == matched, "Not a BBAN structure: %s", bbanStructure);
            matched = matcher.end();
            int count = Integer.parseInt(matcher.group(1));
            byte kind = (byte) matcher.group(2).charAt(0);
            total += count;
            int last = kinds.size() - 1;
            if (last >= 0 && kinds.get(last) == kind) {
                lengths.set(last, lengths.get(last) + count);
            }
            else {
                kinds.add(kind);
                lengths.add(count);
            }
        }
        checkArgument(matched == bbanStructure.length(), "Not a BBAN structure: %s", bbanStructure);

        this.country = country;
        this.length = total;
        this.bankCode = bankCode;
        this.branchCode = branchCode;
        this.accountNumber = accountNumber;
        this.nationalCheckDigits = nationalCheckDigits;
        this.runKinds = new byte[kinds.size()];
        this.runLengths = new int[kinds.size()];
        for (int i = 0; i < runKinds.length; i++) {
            runKinds[i] = kinds.get(i);
            runLengths[i] = lengths.get(i);
        }
        this.words = words();
        this.countryDigits = (country.charAt(0) - 'A' + 10) * 100 + country.charAt(1) - 'A' + 10;
    }

    private BbanWord[] words()
    {
        List<BbanWord> words = new ArrayList<>();
        int end = length;
        long weight = WEIGHT_OF_BBAN;
        for (int run = runKinds.length - 1; run >= 0; run--) {
            int left = runLengths[run];
            while (left > 0) {
                int count = Math.min(left, BbanWord.CHARACTERS);
                words.add(new BbanWord(runKinds[run], end - count, count, length, weight));
                for (int i = 0; i < count; i++) {
                    weight = weight * (runKinds[run] == UPPER_CASE_LETTERS ? 100 : 10) % MODULUS;
                }
                end -= count;
                left -= count;
            }
        }
        return words.toArray(BbanWord[]::new);
    }
}
