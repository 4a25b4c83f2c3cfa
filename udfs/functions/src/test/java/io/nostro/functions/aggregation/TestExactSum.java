package io.nostro.functions.aggregation;

import org.junit.jupiter.api.Test;

import java.math.BigInteger;
import java.util.Random;

import static org.assertj.core.api.Assertions.assertThat;

final class TestExactSum
{
    @Test
    void testAgainstBigInteger()
    {
        Random random = new Random(128);
        for (int round = 0; round < 500; round++) {
            ExactSum sum = new ExactSum();
            BigInteger expected = BigInteger.ZERO;
            for (int i = 0; i < 100; i++) {
                BigInteger value = switch (random.nextInt(4)) {
                    case 0 -> BigInteger.valueOf(random.nextLong());
                    case 1 -> BigInteger.ONE.shiftLeft(127).subtract(BigInteger.ONE);
                    case 2 -> BigInteger.ONE.shiftLeft(127).negate();
                    default -> new BigInteger(250, random).subtract(BigInteger.ONE.shiftLeft(249));
                };
                sum.add(value);
                expected = expected.add(value);
                assertThat(sum.total()).isEqualTo(expected);
            }
            ExactSum copy = new ExactSum(sum);
            copy.add(BigInteger.ONE);
            assertThat(sum.total()).isEqualTo(expected);
        }
    }
}
