package io.nostro.functions;

import org.junit.jupiter.api.Test;

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
