package io.nostro.functions.rates;

import org.junit.jupiter.api.Test;

import java.util.Random;
import java.util.stream.IntStream;

import static io.nostro.functions.rates.DiscountFactors.discountFactor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

final class TestDiscountFactors
{
    private static final int CALLS = 200_000;

    @Test
    void testFactorsThatAreAskedForAgain()
    {
        // more rates than are kept, so that they take one another's place
        IntStream.range(0, 8).parallel().forEach(seed -> {
            Random random = new Random(seed);
            for (int call = 0; call < CALLS; call++) {
                double rate = (random.nextInt(150) - 50) / 100.0;
                double periods = random.nextInt(200) - 100;
                assertThat(discountFactor(rate, periods)).isEqualTo(Math.exp(-periods * Math.log1p(rate)));
            }
        });
    }

    @Test
    void testKnownFactors()
    {
        assertThat(discountFactor(0.25, 0)).isEqualTo(1);
        assertThat(discountFactor(0.25, 1)).isCloseTo(0.8, within(1e-15));
        assertThat(discountFactor(0.25, -1)).isCloseTo(1.25, within(1e-15));
        assertThat(discountFactor(0, 1_000)).isEqualTo(1);
        assertThat(discountFactor(-0.5, 10)).isCloseTo(1024, within(1e-9));
        assertThat(discountFactor(1, 1e6)).isZero();
    }
}
