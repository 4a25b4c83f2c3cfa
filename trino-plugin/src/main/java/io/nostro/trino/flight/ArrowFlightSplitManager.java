package io.nostro.trino.flight;

import com.google.common.collect.ImmutableList;
import com.google.inject.Inject;
import io.nostro.trino.versions.VersionedSplitSources;
import io.trino.spi.catalog.CatalogName;
import io.trino.spi.connector.ColumnHandle;
import io.trino.spi.connector.ConnectorSession;
import io.trino.spi.connector.ConnectorSplitManager;
import io.trino.spi.connector.ConnectorSplitSource;
import io.trino.spi.connector.ConnectorTableHandle;
import io.trino.spi.connector.ConnectorTransactionHandle;
import io.trino.spi.connector.Constraint;
import io.trino.spi.connector.DynamicFilter;
import io.trino.spi.connector.FixedSplitSource;
import jakarta.annotation.PreDestroy;

import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.function.Function;

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
        return splits(session, table, splits -> VersionedSplitSources.withDynamicFilter(splits, dynamicFilter));
    }

    /**
     * From Trino 482 on.
     *
     * @param dynamicFilterColumns that the snapshots given to the split source may cover
     */
    public ConnectorSplitSource getSplits(
            ConnectorTransactionHandle transaction,
            ConnectorSession session,
            ConnectorTableHandle table,
            Set<ColumnHandle> dynamicFilterColumns,
            Constraint constraint)
    {
        return splits(session, table, VersionedSplitSources::withSnapshots);
    }

    private ConnectorSplitSource splits(ConnectorSession session, ConnectorTableHandle table, Function<ArrowFlightSplits, ConnectorSplitSource> source)
    {
        ArrowFlightTableHandle handle = (ArrowFlightTableHandle) table;
        if (handle.constraint().isNone()) {
            return new FixedSplitSource(ImmutableList.of());
        }
        return source.apply(new ArrowFlightSplits(client, executor, session, handle));
    }
}
