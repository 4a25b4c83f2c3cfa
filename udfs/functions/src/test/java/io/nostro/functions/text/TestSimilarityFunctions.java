package io.nostro.functions.text;

import io.nostro.functions.FunctionTesting;
import io.nostro.functions.FunctionTesting.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.util.Random;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

@ExtendWith(Engine.class)
final class TestSimilarityFunctions
{
    private final FunctionTesting functions;

    TestSimilarityFunctions(FunctionTesting functions)
    {
        this.functions = functions;
    }

    @Test
    void testNulls()
    {
        functions.assertNullForEachNullArgument("jaro_winkler", "'MARTHA'", "'MARHTA'");
    }

    @Test
    void testPublishedValues()
    {
        // Winkler (1990), table 2.1
        assertThat(similarity("SHACKLEFORD", "SHACKELFORD")).isCloseTo(0.982, within(0.0005));
        assertThat(similarity("DUNNINGHAM", "CUNNIGHAM")).isCloseTo(0.896, within(0.0005));
        assertThat(similarity("NICHLESON", "NICHULSON")).isCloseTo(0.956, within(0.0005));
        assertThat(similarity("ABROMS", "ABRAMS")).isCloseTo(0.922, within(0.0005));
        assertThat(similarity("JON", "JAN")).isCloseTo(0.800, within(0.0005));
        assertThat(similarity("", "")).isEqualTo(1);
        assertThat(similarity("A", "")).isEqualTo(0);
    }

    @Test
    void testBothKernelsAgree()
    {
        Random random = new Random(1990);
        for (int i = 0; i < 50_000; i++) {
            String left = randomText(random);
            String right = randomText(random);
            // the same texts in letters outside ASCII
            double expected = similarity(left.replace('A', 'Ä').replace('B', 'ß').replace('C', 'Ç'), right.replace('A', 'Ä').replace('B', 'ß').replace('C', 'Ç'));
            assertThat(similarity(left, right)).as("%s %s", left, right).isEqualTo(expected);
            assertThat(similarityWithin(left, right, random)).as("%s %s", left, right).isEqualTo(expected);
        }
    }

    @Test
    void testLongTexts()
    {
        String text = "ABC".repeat(1_000);
        assertThat(similarity(text, text)).isEqualTo(1);
        assertThat(similarity(text, "X".repeat(3_000))).isEqualTo(0);
    }

    private static double similarity(String left, String right)
    {
        byte[] leftBytes = left.getBytes(UTF_8);
        byte[] rightBytes = right.getBytes(UTF_8);
        return JaroWinkler.similarity(leftBytes, 0, leftBytes.length, rightBytes, 0, rightBytes.length);
    }

    /**
     * Of texts that are parts of longer ones, as in Trino's blocks.
     */
    private static double similarityWithin(String left, String right, Random random)
    {
        byte[] leftBytes = new byte[left.length() + 30];
        byte[] rightBytes = new byte[right.length() + 30];
        random.nextBytes(leftBytes);
        random.nextBytes(rightBytes);
        int leftOffset = random.nextInt(30);
        int rightOffset = random.nextInt(30);
        System.arraycopy(left.getBytes(UTF_8), 0, leftBytes, leftOffset, left.length());
        System.arraycopy(right.getBytes(UTF_8), 0, rightBytes, rightOffset, right.length());
        return JaroWinkler.similarity(leftBytes, leftOffset, left.length(), rightBytes, rightOffset, right.length());
    }

    private static String randomText(Random random)
    {
        StringBuilder text = new StringBuilder();
        int length = random.nextInt(random.nextBoolean() ? 12 : 70);
        for (int i = 0; i < length; i++) {
            text.append((char) ('A' + random.nextInt(3)));
        }
        return text.toString();
    }
}
