package io.nostro.trino.flight;

import com.google.common.collect.ImmutableList;
import com.google.inject.Inject;
import io.trino.spi.catalog.CatalogName;
import io.trino.spi.connector.ConnectorSession;
import io.trino.spi.connector.ConnectorSplitManager;
import io.trino.spi.connector.ConnectorSplitSource;
import io.trino.spi.connector.ConnectorTableHandle;
import io.trino.spi.connector.ConnectorTransactionHandle;
import io.trino.spi.connector.Constraint;
import io.trino.spi.connector.DynamicFilter;
import io.trino.spi.connector.FixedSplitSource;
import jakarta.annotation.PreDestroy;

import java.util.concurrent.ExecutorService;

import static io.airlift.concurrent.Threads.daemonThreadsNamed;
import static java.util.Objects.requireNonNull;
import static java.util.concurrent.Executors.newCachedThreadPool;

public final class ArrowFlightSplitManager
        implements ConnectorSplitManager
{
    private final ArrowFlightClient client;
    private final ExecutorService executor;

    @Inject
    public ArrowFlightSplitManager(CatalogName catalogName, ArrowFlightClient client)
    {
        this.client = requireNonNull(client, "client is null");
        executor = newCachedThreadPool(daemonThreadsNamed("arrow-flight-splits-" + catalogName + "-%s"));
    }

    @PreDestroy
    public void close()
    {
        executor.shutdownNow();
    }

    @Override
    public ConnectorSplitSource getSplits(
            ConnectorTransactionHandle transaction,
            ConnectorSession session,
            ConnectorTableHandle table,
            DynamicFilter dynamicFilter,
            Constraint constraint)
    {
        ArrowFlightTableHandle handle = (ArrowFlightTableHandle) table;
        if (handle.constraint().isNone()) {
            return new FixedSplitSource(ImmutableList.of());
        }
        return new ArrowFlightSplitSource(client, executor, session, handle, dynamicFilter);
    }
}
