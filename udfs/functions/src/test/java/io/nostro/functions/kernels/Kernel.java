package io.nostro.functions.kernels;

import org.openjdk.jmh.infra.Blackhole;

/**
 * One call of a function, or of what it is measured beside.
 */
@FunctionalInterface
public interface Kernel
{
    /**
     * Calls it once.
     *
     * @param input which of the {@link Kernels#INPUTS} inputs to take
     */
    void call(int input, Blackhole result);
}
