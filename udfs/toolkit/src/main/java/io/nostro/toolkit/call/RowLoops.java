package io.nostro.toolkit.call;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;

import static java.lang.constant.ConstantDescs.DEFAULT_NAME;

/**
 * Makes loops over rows: hidden classes of {@link ScalarRowLoop} and {@link AggregateRowLoop}, one for each function.
 */
final class RowLoops
{
    private static final Lookup LOOKUP = MethodHandles.lookup();

    private RowLoops() {}

    /**
     * A handle of the template's method {@code run}, which calls the function.
     */
    static MethodHandle loop(Class<?> template, MethodType runType, MethodHandle function)
    {
        String file = template.getSimpleName() + ".class";
        try (InputStream classFile = template.getResourceAsStream(file)) {
            Lookup loop = LOOKUP.defineHiddenClassWithClassData(classFile.readAllBytes(), function, true);
            return loop.findStatic(loop.lookupClass(), "run", runType);
        }
        catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        catch (ReflectiveOperationException e) {
            throw new LinkageError("No loop can be made of " + template, e);
        }
    }

    /**
     * The function that a hidden class was made for.
     */
    static MethodHandle function(Lookup loop)
    {
        try {
            return MethodHandles.classData(loop, DEFAULT_NAME, MethodHandle.class);
        }
        catch (IllegalAccessException e) {
            throw new LinkageError("No function of " + loop.lookupClass(), e);
        }
    }
}
