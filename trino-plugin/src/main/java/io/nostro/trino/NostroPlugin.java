package io.nostro.trino;

import io.nostro.functions.NostroFunctions;
import io.trino.spi.Plugin;

import java.util.Set;

public final class NostroPlugin
        implements Plugin
{
    @Override
    public Set<Class<?>> getFunctions()
    {
        return NostroFunctions.FUNCTIONS;
    }
}
