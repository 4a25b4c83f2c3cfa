package io.nostro.trino.flight;

import com.google.inject.Binder;
import com.google.inject.Module;
import com.google.inject.Scopes;

import static io.airlift.configuration.ConfigBinder.configBinder;

public final class ArrowFlightModule
        implements Module
{
    @Override
    public void configure(Binder binder)
    {
        configBinder(binder).bindConfig(ArrowFlightConfig.class);
        binder.bind(ArrowFlightChannels.class).in(Scopes.SINGLETON);
        binder.bind(ArrowFlightClient.class).in(Scopes.SINGLETON);
        binder.bind(ArrowFlightConnector.class).in(Scopes.SINGLETON);
        binder.bind(ArrowFlightPageSinkProvider.class).in(Scopes.SINGLETON);
        binder.bind(ArrowFlightPageSourceProvider.class).in(Scopes.SINGLETON);
        binder.bind(ArrowFlightSessionProperties.class).in(Scopes.SINGLETON);
        binder.bind(ArrowFlightSplitManager.class).in(Scopes.SINGLETON);
        binder.bind(ArrowFlightTransactions.class).in(Scopes.SINGLETON);
        binder.bind(ArrowFlightTypes.class).in(Scopes.SINGLETON);
    }
}
