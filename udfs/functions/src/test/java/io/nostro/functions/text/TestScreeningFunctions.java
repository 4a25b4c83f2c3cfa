package io.nostro.functions.text;

import io.nostro.functions.FunctionFuzzing;
import io.nostro.functions.FunctionTesting;
import io.nostro.functions.FunctionTesting.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

import static io.airlift.slice.Slices.utf8Slice;
import static io.trino.spi.StandardErrorCode.INVALID_FUNCTION_ARGUMENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

@ExtendWith(Engine.class)
final class TestScreeningFunctions
{
    private final FunctionTesting functions;

    TestScreeningFunctions(FunctionTesting functions)
    {
        this.functions = functions;
    }

    @Test
    void testNulls()
    {
        functions.assertNullForEachNullArgument("transliterate", "'Ä'");
        functions.assertNullForEachNullArgument("name_similarity", "'Ann'", "'Bob'");
        functions.assertValue("double_metaphone(nullif('A', 'A')).\"primary\"", null);
        functions.assertValue("screen_name(nullif('A', 'A'), ARRAY['A']).score", null);
        functions.assertValue("screen_name('A', nullif(ARRAY['A'], ARRAY['A'])).score", null);
        functions.assertValue("screen_name('A', ARRAY[CAST(NULL AS varchar)]).score", null);
    }

    @Test
    void testPublishedCodes()
    {
        // Philips, The Double Metaphone Search Algorithm, C/C++ Users Journal 18(6), 2000
        functions.assertValue("double_metaphone('Thompson').\"primary\"", "TMPS");
        functions.assertValue("double_metaphone('Smith').\"primary\"", "SM0");
        functions.assertValue("double_metaphone('Smith').alternate", "XMT");
        functions.assertValue("double_metaphone('Kuczewski').alternate", "KXFS");
        // his examples of rules that Python's metaphone leaves
        functions.assertValue("double_metaphone('dumb').\"primary\"", "TM");
        functions.assertValue("double_metaphone('rogier').\"primary\"", "RJ");
        functions.assertValue("double_metaphone('rogier').alternate", "RJR");
        functions.assertValue("double_metaphone('laugh').\"primary\"", "LF");
        functions.assertValue("double_metaphone('Hoch').\"primary\"", "HK");
    }

    /**
     * Against every way to pair the words.
     */
    @Test
    void testPairsAreTheBest()
    {
        Random random = new Random(1955);
        for (int i = 0; i < 10_000; i++) {
            String left = randomName(random);
            String right = randomName(random);
            PersonName leftName = PersonName.of(utf8Slice(left));
            PersonName rightName = PersonName.of(utf8Slice(right));
            double best = best(leftName.words(), rightName.words(), 0, new boolean[rightName.words().size()]);
            assertThat(NameComparison.compare(leftName, rightName).score())
                    .as("%s | %s", left, right)
                    .isCloseTo(best / (leftName.length() + rightName.length()), within(1e-12));
        }
    }

    @Test
    void testOrderDoesNotMatter()
    {
        Random random = new Random(7);
        for (int i = 0; i < 10_000; i++) {
            List<String> words = new ArrayList<>(List.of(randomName(random).split(" ")));
            String name = String.join(" ", words);
            Collections.shuffle(words, random);
            String shuffled = String.join(", ", words);
            assertThat(ScreeningFunctions.nameSimilarity(utf8Slice(name), utf8Slice(shuffled))).as("%s | %s", name, shuffled).isCloseTo(1, within(1e-12));
        }
    }

    @Test
    void testAnyText()
    {
        FunctionFuzzing.assertTotal(ScreeningFunctions.class, 20_000, "Łukasz Gößmann", "Дмитрий Шостакович", "O'Brien-Smith, J. P.", "深圳 有限公司");
        FunctionFuzzing.assertTotal(SimilarityFunctions.class, 20_000, "Łukasz Gößmann", "O'Brien-Smith");
        functions.assertError("name_similarity(array_join(repeat('A', 65), ' '), 'A')", INVALID_FUNCTION_ARGUMENT, "more than 64 words");
        functions.assertError("screen_name('A', ARRAY['B', array_join(repeat('A', 65), ' ')]).score", INVALID_FUNCTION_ARGUMENT, "more than 64 words");
        functions.assertValue("name_similarity('', '...') = 1", "true");
        functions.assertValue("name_similarity('', 'A') = 0", "true");
    }

    private static double best(List<byte[]> left, List<byte[]> right, int next, boolean[] taken)
    {
        if (next == left.size()) {
            return 0;
        }
        double best = best(left, right, next + 1, taken);
        byte[] leftWord = left.get(next);
        for (int i = 0; i < right.size(); i++) {
            if (!taken[i]) {
                taken[i] = true;
                byte[] rightWord = right.get(i);
                double weight = JaroWinkler.similarity(leftWord, 0, leftWord.length, rightWord, 0, rightWord.length) * (leftWord.length + rightWord.length);
                best = Math.max(best, weight + best(left, right, next + 1, taken));
                taken[i] = false;
            }
        }
        return best;
    }

    private static String randomName(Random random)
    {
        StringBuilder name = new StringBuilder();
        for (int word = 1 + random.nextInt(4); word > 0; word--) {
            for (int letter = 1 + random.nextInt(7); letter > 0; letter--) {
                name.append((char) ('a' + random.nextInt(4)));
            }
            name.append(word > 1 ? " " : "");
        }
        return name.toString();
    }
}
