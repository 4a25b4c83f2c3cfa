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

    @Test
    void testManySumsAreLikeSingleOnes()
    {
        Random random = new Random(129);
        int count = 50;
        ExactSums sums = new ExactSums(1);
        ExactSum[] expected = new ExactSum[count];
        for (int index = 0; index < count; index++) {
            sums.ensureCapacity(index + 1);
            expected[index] = new ExactSum();
            for (int i = 0; i < 200; i++) {
                int any = random.nextInt(index + 1);
                long leftHigh = random.nextInt(3) == 0 ? random.nextLong() : 0;
                long leftLow = leftHigh == 0 ? random.nextLong() >>> 1 : random.nextLong();
                long rightLow = random.nextLong();
                sums.addProduct(any, leftHigh, leftLow, rightLow >> 63, rightLow);
                expected[any].addProduct(leftHigh, leftLow, rightLow >> 63, rightLow);
                sums.add(any, Long.MAX_VALUE, leftLow);
                expected[any].add(Long.MAX_VALUE, leftLow);
                sums.add(any, BigInteger.ONE.shiftLeft(130));
                expected[any].add(BigInteger.ONE.shiftLeft(130));
            }
            for (int any = 0; any <= index; any++) {
                assertThat(sums.total(any)).isEqualTo(expected[any].total());
            }
        }
        long size = sums.retainedSizeInBytes();
        sums.clear(7);
        assertThat(sums.total(7)).isEqualTo(BigInteger.ZERO);
        assertThat(sums.total(8)).isEqualTo(expected[8].total());
        assertThat(sums.retainedSizeInBytes()).isLessThan(size);
    }
}
