package io.nostro.functions.identifiers;

import org.junit.jupiter.api.Test;

import java.util.Random;
import java.util.function.Predicate;
import java.util.regex.Pattern;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Checks that look at eight characters together, with each byte there is at each place of valid identifiers, against a plain
 * definition; the identifiers are parts of longer texts.
 */
final class TestEveryByte
{
    private static final Pattern UETR = Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
    private static final Pattern DIGITS = Pattern.compile("[0-9]+");

    private final Random random = new Random(7064);

    @Test
    void testUetr()
    {
        for (String uetr : new String[] {"97ed4827-7b6f-4491-a06f-b548d5a7512d", "00000000-0000-4000-8000-000000000000", "ffffffff-ffff-4fff-bfff-ffffffffffff"}) {
            assertEveryByte(uetr, UetrFunctions::isValid, UETR.asMatchPredicate());
        }
    }

    @Test
    void testLuhn()
    {
        for (int length = 1; length <= 40; length++) {
            String number = digits(length);
            assertEveryByte(number, LuhnFunctions::isValid, TestEveryByte::isLuhn);
        }
    }

    @Test
    void testAba()
    {
        for (String number : new String[] {"021000021", "322271627", "800000000", "000000000", digits(9), digits(9)}) {
            assertEveryByte(number, RoutingNumberFunctions::isAba, TestEveryByte::isAba);
        }
    }

    private interface Check
    {
        boolean isValid(byte[] text, int offset, int length);
    }

    private void assertEveryByte(String valid, Check check, Predicate<String> definition)
    {
        for (int place = 0; place < valid.length(); place++) {
            for (int character = 0; character < 256; character++) {
                String text = valid.substring(0, place) + (char) character + valid.substring(place + 1);
                byte[] longer = new byte[text.length() + random.nextInt(20)];
                random.nextBytes(longer);
                int offset = random.nextInt(longer.length - text.length() + 1);
                System.arraycopy(text.getBytes(ISO_8859_1), 0, longer, offset, text.length());
                assertThat(check.isValid(longer, offset, text.length())).as("%s, byte %s at %s", text, character, place).isEqualTo(definition.test(text));
            }
        }
    }

    private static boolean isLuhn(String text)
    {
        if (text.length() < 2 || !DIGITS.matcher(text).matches()) {
            return false;
        }
        int sum = 0;
        for (int fromEnd = 0; fromEnd < text.length(); fromEnd++) {
            int digit = text.charAt(text.length() - 1 - fromEnd) - '0';
            int value = fromEnd % 2 == 0 ? digit : 2 * digit;
            sum += value / 10 + value % 10;
        }
        return sum % 10 == 0;
    }

    private static boolean isAba(String text)
    {
        if (!DIGITS.matcher(text).matches()) {
            return false;
        }
        int[] weights = {3, 7, 1};
        int sum = 0;
        for (int i = 0; i < 9; i++) {
            sum += weights[i % 3] * (text.charAt(i) - '0');
        }
        int prefix = Integer.parseInt(text.substring(0, 2));
        return sum % 10 == 0
                && Integer.parseInt(text) != 0
                && (prefix <= 12 || (prefix >= 21 && prefix <= 32) || (prefix >= 61 && prefix <= 72) || prefix == 80);
    }

    private String digits(int length)
    {
        StringBuilder digits = new StringBuilder();
        for (int i = 0; i < length; i++) {
            digits.append(random.nextInt(10));
        }
        return digits.toString();
    }
}
