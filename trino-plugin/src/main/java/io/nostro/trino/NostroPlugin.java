package io.nostro.trino;

import com.google.common.collect.ImmutableList;
import io.nostro.functions.NostroFunctions;
import io.nostro.trino.flight.ArrowFlightConnectorFactory;
import io.nostro.trino.vault.VaultConnectorFactory;
import io.trino.spi.Plugin;
import io.trino.spi.connector.ConnectorFactory;

import java.util.Set;

public final class NostroPlugin
        implements Plugin
{
    @Override
    public Iterable<ConnectorFactory> getConnectorFactories()
    {
        return ImmutableList.of(new ArrowFlightConnectorFactory(), new VaultConnectorFactory());
    }

    @Override
    public Set<Class<?>> getFunctions()
    {
        return NostroFunctions.FUNCTIONS;
    }
}
