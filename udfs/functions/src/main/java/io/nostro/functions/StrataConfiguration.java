package io.nostro.functions;

import io.trino.spi.classloader.ThreadContextClassLoader;

import java.util.function.Supplier;

/**
 * Strata finds its configuration through the thread's class loader, and the threads of a Trino server have the server's,
 * which does not see the plugin's libraries.
 */
public final class StrataConfiguration
{
    private StrataConfiguration() {}

    /**
     * What the supplier gives when Strata can read its configuration, which it does when a class of it is first used.
     */
    public static <T> T readingConfiguration(Supplier<T> supplier)
    {
        try (ThreadContextClassLoader _ = new ThreadContextClassLoader(StrataConfiguration.class.getClassLoader())) {
            return supplier.get();
        }
    }
}
