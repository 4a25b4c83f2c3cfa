package io.nostro.functions;

import java.util.Set;

/**
 * The classes whose annotated methods are Nostro's functions: what the Trino plugin registers and the toolkit reads.
 */
public final class NostroFunctions
{
    public static final Set<Class<?>> FUNCTIONS = Set.of();

    private NostroFunctions() {}
}
