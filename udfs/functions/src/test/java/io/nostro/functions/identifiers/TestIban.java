package io.nostro.functions.identifiers;

import com.google.common.base.Splitter;
import org.apache.commons.validator.routines.IBANValidator;
import org.iban4j.Iban4jException;
import org.iban4j.IbanUtil;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

final class TestIban
{
    private static final String ANY = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabz -_@[`{/:é\0";
    /**
     * Countries whose structure differs in the library from the current registry, and countries that joined since.
     */
    private static final Set<String> COMMONS_VALIDATOR_DIFFERS = Set.of("BR", "HN");
    private static final Set<String> IBAN4J_DIFFERS = Set.of("BR", "CR", "DJ", "FK", "FO", "GL", "HN", "IL", "LY", "MN", "MU", "NI", "OM", "PK", "RU", "SC", "SD", "SO", "ST", "YE", "SV", "TL", "VA", "BY", "IQ", "LC", "BI", "EG", "UA", "GT", "JO", "QA");

    @Test
    void testValidIbansOfEveryCountryAreAccepted()
    {
        Random random = new Random(13616);
        int countries = 0;
        for (char first = 'A'; first <= 'Z'; first++) {
            for (char second = 'A'; second <= 'Z'; second++) {
                IbanStructure structure = IbanRegistry.structure((byte) first, (byte) second);
                if (structure == null) {
                    continue;
                }
                countries++;
                for (int i = 0; i < 200; i++) {
                    String iban = RandomIban.of(structure, random);
                    assertThat(isValid(iban)).as(iban).isTrue();
                    assertThat(isValid(printFormat(iban))).as(printFormat(iban)).isTrue();
                    assertThat(Iban.problem(iban.getBytes(ISO_8859_1), 0, iban.length())).isNull();
                    if (!COMMONS_VALIDATOR_DIFFERS.contains(structure.country) && IBANValidator.getInstance().hasValidator(iban)) {
                        assertThat(IBANValidator.getInstance().isValid(iban)).as(iban).isTrue();
                    }
                    if (!IBAN4J_DIFFERS.contains(structure.country)) {
                        assertThat(iban4jAccepts(iban)).as(iban).isTrue();
                    }
                }
            }
        }
        assertThat(countries).isEqualTo(89);
    }

    @Test
    void testDamagedIbansAreJudgedAsTheLibraryJudgesThem()
    {
        Random random = new Random(7064);
        List<String> countries = Splitter.on(' ').splitToList("DE FR GB NL IT ES CH AT BE PL MT NO SE LI LC SM KW");
        int accepted = 0;
        int rejected = 0;
        for (int i = 0; i < 100_000; i++) {
            String country = countries.get(random.nextInt(countries.size()));
            IbanStructure structure = IbanRegistry.structure((byte) country.charAt(0), (byte) country.charAt(1));
            String iban = damaged(RandomIban.of(structure, random), random);
            boolean valid = isValid(iban);
            assertThat(valid).as(iban).isEqualTo(IBANValidator.getInstance().isValid(iban));
            assertThat(valid).as(iban).isEqualTo(Iban.problem(iban.getBytes(ISO_8859_1), 0, iban.length()) == null);
            accepted += valid ? 1 : 0;
            rejected += valid ? 0 : 1;
        }
        assertThat(accepted).isGreaterThan(1_000);
        assertThat(rejected).isGreaterThan(50_000);
    }

    @Test
    void testNothingOutsideTheTextIsRead()
    {
        Random random = new Random(3);
        IbanStructure structure = IbanRegistry.structure((byte) 'N', (byte) 'O');
        for (int i = 0; i < 1_000; i++) {
            byte[] iban = RandomIban.of(structure, random).getBytes(ISO_8859_1);
            byte[] surrounded = new byte[iban.length + 20];
            random.nextBytes(surrounded);
            System.arraycopy(iban, 0, surrounded, 9, iban.length);
            assertThat(Iban.isValid(surrounded, 9, iban.length)).isTrue();
            assertThat(Iban.isValid(iban, 0, iban.length)).isTrue();
            assertThat(Iban.isValid(surrounded, 9, iban.length - 1)).isFalse();
        }
    }

    @Test
    void testOnlyThePrintFormatHasSpaces()
    {
        assertThat(isValid("DE89 3704 0044 0532 0130 00")).isTrue();
        assertThat(isValid("DE89370400440532013000 ")).isFalse();
        assertThat(isValid(" DE89370400440532013000")).isFalse();
        assertThat(isValid("DE89 370400440532013000")).isFalse();
        assertThat(isValid("DE89 3704 0044 0532 013000")).isFalse();
        assertThat(isValid("DE89  3704 0044 0532 0130 00")).isFalse();
        assertThat(isValid("NO93 8601 1117 947")).isTrue();
        assertThat(isValid("AT61 1904 3002 3457 3201")).isTrue();
        assertThat(isValid("AT61 1904 3002 3457 3201 ")).isFalse();
    }

    @Test
    void testCheckDigitsOutOfRangeAreRejected()
    {
        // 00, 01 and 99 leave the same remainder as 97, 98 and 02
        Random random = new Random(97);
        IbanStructure structure = IbanRegistry.structure((byte) 'D', (byte) 'E');
        int found = 0;
        while (found < 20) {
            String iban = RandomIban.of(structure, random);
            String same = switch (iban.substring(2, 4)) {
                case "97" -> "00";
                case "98" -> "01";
                case "02" -> "99";
                default -> null;
            };
            if (same != null) {
                found++;
                assertThat(isValid("DE" + same + iban.substring(4))).isFalse();
            }
        }
    }

    private static boolean isValid(String iban)
    {
        byte[] text = iban.getBytes(ISO_8859_1);
        return Iban.isValid(text, 0, text.length);
    }

    private static boolean iban4jAccepts(String iban)
    {
        try {
            IbanUtil.validate(iban);
            return true;
        }
        catch (Iban4jException _) {
            return false;
        }
    }

    private static String damaged(String iban, Random random)
    {
        StringBuilder damaged = new StringBuilder(iban);
        switch (random.nextInt(8)) {
            case 0 -> {}
            case 1 -> damaged.deleteCharAt(random.nextInt(damaged.length()));
            case 2 -> damaged.append(ANY.charAt(random.nextInt(ANY.length())));
            case 3 -> {
                int position = random.nextInt(damaged.length() - 1);
                char swapped = damaged.charAt(position);
                damaged.setCharAt(position, damaged.charAt(position + 1));
                damaged.setCharAt(position + 1, swapped);
            }
            case 4 -> {
                return iban.toLowerCase(Locale.ENGLISH);
            }
            default -> damaged.setCharAt(random.nextInt(damaged.length()), ANY.charAt(random.nextInt(ANY.length())));
        }
        return damaged.toString();
    }

    private static String printFormat(String iban)
    {
        return iban.replaceAll("(.{4})(?=.)", "$1 ");
    }
}
