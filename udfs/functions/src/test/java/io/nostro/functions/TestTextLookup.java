package io.nostro.functions;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

import static io.airlift.slice.Slices.utf8Slice;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

final class TestTextLookup
{
    private static final int CALLS = 200_000;

    @Test
    void testEachTextHasItsOwnValue()
    {
        TextLookup<String> lookup = new TextLookup<>(text -> text);
        IntStream.range(0, 4).parallel().forEach(seed -> {
            Random random = new Random(seed);
            for (int call = 0; call < CALLS; call++) {
                // few characters, so that texts come again and have beginnings and ends in common
                byte[] text = new byte[random.nextInt(random.nextInt(4) == 0 ? 150 : 24)];
                Arrays.fill(text, (byte) 'A');
                for (int change = random.nextInt(3); change > 0 && text.length > 0; change--) {
                    text[random.nextInt(text.length)] = (byte) random.nextInt(3);
                }
                byte[] longer = new byte[text.length + random.nextInt(20)];
                random.nextBytes(longer);
                int offset = random.nextInt(longer.length - text.length + 1);
                System.arraycopy(text, 0, longer, offset, text.length);
                assertThat(lookup.get(longer, offset, text.length)).isEqualTo(new String(text, UTF_8));
            }
        });
    }

    @Test
    void testANameIsResolvedOnce()
    {
        int[] resolved = {0};
        TextLookup<String> lookup = new TextLookup<>(text -> text + ++resolved[0]);
        for (String name : new String[] {"", "EUR", "Act/360", "Act/Act ISDA", "30E/360 ISDA of a long name"}) {
            String first = lookup.get(utf8Slice(name));
            assertThat(lookup.get(utf8Slice(name))).isSameAs(first);
        }
        assertThat(resolved[0]).isEqualTo(5);
    }
}
