package io.nostro.functions;

import org.junit.jupiter.api.Test;

import java.util.Locale;
import java.util.Random;

import static org.assertj.core.api.Assertions.assertThat;

final class TestNameCase
{
    @Test
    void testNames()
    {
        assertThat(NameCase.lowerCase("Act/360")).isEqualTo("act/360");
        assertThat(NameCase.upperCase("monthly")).isEqualTo("MONTHLY");
        assertThat(NameCase.lowerCase("")).isEmpty();
    }

    @Test
    void testTexts()
    {
        Random random = new Random(20261128);
        for (int i = 0; i < 10_000; i++) {
            String text = random.ints(random.nextInt(12), 0, random.nextBoolean() ? 0x80 : 0x2100).collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
            assertThat(NameCase.upperCaseOfText(text)).as(text).isEqualTo(text.toUpperCase(Locale.ENGLISH));
        }
        assertThat(NameCase.upperCaseOfText("ß".repeat(10_000_000))).hasSize(20_000_000);
    }

    /**
     * The fuzz found it: each such character makes Java copy the whole text, which takes hours here.
     */
    @Test
    void testTextsThatGrowInTheOtherCase()
    {
        assertThat(NameCase.lowerCase("put" + "İ".repeat(10_000_000))).startsWith("puti̇").hasSizeLessThan(1000);
        assertThat(NameCase.upperCase("ß".repeat(10_000_000))).startsWith("SSSS").hasSizeLessThan(1000);
    }
}
