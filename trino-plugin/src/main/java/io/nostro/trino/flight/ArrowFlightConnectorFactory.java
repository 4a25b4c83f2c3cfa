package io.nostro.trino.flight;

import com.google.inject.Injector;
import io.airlift.bootstrap.Bootstrap;
import io.trino.spi.catalog.CatalogName;
import io.trino.spi.connector.Connector;
import io.trino.spi.connector.ConnectorContext;
import io.trino.spi.connector.ConnectorFactory;
import io.trino.spi.type.TypeManager;

import java.util.Map;

import static java.util.Objects.requireNonNull;

public final class ArrowFlightConnectorFactory
        implements ConnectorFactory
{
    @Override
    public String getName()
    {
        return "arrow_flight";
    }

    @Override
    public Connector create(String catalogName, Map<String, String> config, ConnectorContext context)
    {
        requireNonNull(catalogName, "catalogName is null");
        requireNonNull(config, "config is null");
        requireNonNull(context, "context is null");

        Bootstrap bootstrap = new Bootstrap(
                binder -> {
                    binder.bind(CatalogName.class).toInstance(new CatalogName(catalogName));
                    binder.bind(TypeManager.class).toInstance(context.getTypeManager());
                },
                new ArrowFlightModule());

        Injector injector = bootstrap
                .doNotInitializeLogging()
                .setRequiredConfigurationProperties(config)
                .initialize();
        return injector.getInstance(ArrowFlightConnector.class);
    }
}
