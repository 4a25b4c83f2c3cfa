package io.nostro.functions.kernels;

import com.google.common.collect.ImmutableMap;
import io.airlift.slice.Slice;
import io.airlift.slice.Slices;

import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * What the benchmark measures, by names of the form {@code function/implementation}. The implementation {@code nostro} is
 * the method that Trino calls; others are Java libraries, given the same inputs in the form that they take.
 */
final class Kernels
{
    static final int INPUTS = 64;
    static final String NOSTRO = "nostro";

    private final ImmutableMap.Builder<String, Kernel> kernels = ImmutableMap.builder();

    private Kernels() {}

    static Map<String, Kernel> all()
    {
        Kernels kernels = new Kernels();
        IdentifierKernels.addTo(kernels);
        DateKernels.addTo(kernels);
        MoneyKernels.addTo(kernels);
        RateKernels.addTo(kernels);
        OptionKernels.addTo(kernels);
        TextKernels.addTo(kernels);
        MessageKernels.addTo(kernels);
        return kernels.kernels.buildOrThrow();
    }

    void add(String function, Kernel kernel)
    {
        add(function, NOSTRO, kernel);
    }

    void add(String function, String implementation, Kernel kernel)
    {
        kernels.put(function + "/" + implementation, kernel);
    }

    /**
     * Texts that a function makes of random numbers, always the same ones.
     */
    static String[] texts(Function<Random, String> text)
    {
        Random random = new Random(7);
        return Stream.generate(() -> text.apply(random)).limit(INPUTS).toArray(String[]::new);
    }

    static Slice[] slices(String[] texts)
    {
        checkArgument(texts.length == INPUTS, "%s inputs", texts.length);
        return Stream.of(texts).map(Slices::utf8Slice).toArray(Slice[]::new);
    }
}
