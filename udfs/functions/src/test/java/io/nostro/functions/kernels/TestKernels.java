package io.nostro.functions.kernels;

import org.junit.jupiter.api.Test;
import org.openjdk.jmh.infra.Blackhole;

import static org.assertj.core.api.Assertions.assertThat;

final class TestKernels
{
    private static final String BLACKHOLE_PASSWORD = "Today's password is swordfish. I understand instantiating Blackholes directly is dangerous.";

    @Test
    void testEveryInputGivesAResult()
    {
        Blackhole result = new Blackhole(BLACKHOLE_PASSWORD);
        Kernels.all().forEach((_, kernel) -> {
            for (int input = 0; input < Kernels.INPUTS; input++) {
                kernel.call(input, result);
            }
        });
    }

    @Test
    void testEveryLibraryIsBesideAFunction()
    {
        assertThat(Kernels.all().keySet()).allSatisfy(name ->
                assertThat(Kernels.all()).containsKey(name.substring(0, name.lastIndexOf('/') + 1) + Kernels.NOSTRO));
    }
}
