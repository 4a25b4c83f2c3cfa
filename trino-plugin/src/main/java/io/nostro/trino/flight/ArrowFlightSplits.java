package io.nostro.trino.flight;

import com.google.common.collect.ImmutableList;
import io.nostro.trino.flight.ArrowFlightProtocol.ReadCommand;
import io.nostro.trino.flight.ArrowFlightProtocol.Support;
import io.nostro.trino.versions.PlannedSplits;
import io.trino.spi.connector.ColumnHandle;
import io.trino.spi.connector.ConnectorSession;
import io.trino.spi.connector.ConnectorSplit;
import io.trino.spi.predicate.Domain;
import io.trino.spi.predicate.TupleDomain;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

import static io.nostro.trino.flight.ArrowFlightFailures.badResponse;
import static io.nostro.trino.flight.ArrowFlightPredicates.toColumnPredicate;
import static io.nostro.trino.flight.ArrowFlightSessionProperties.getDomainCompactionThreshold;
import static io.nostro.trino.flight.ArrowFlightSessionProperties.getDynamicFilteringWaitTimeout;
import static io.nostro.trino.flight.ArrowFlightSessionProperties.getSplits;
import static io.nostro.trino.flight.ArrowFlightSessionProperties.isDynamicFilteringEnabled;
import static java.util.Objects.requireNonNull;
import static java.util.concurrent.CompletableFuture.completedFuture;

/**
 * Endpoints of the flight that reads a table. The source is asked for it once the dynamic filters of the query's joins
 * are known, or their wait is over.
 */
public final class ArrowFlightSplits
        implements PlannedSplits
{
    private final ArrowFlightClient client;
    private final Executor executor;
    private final ConnectorSession session;
    private final ArrowFlightTableHandle table;
    private final List<String> columns;
    private final boolean usesDynamicFilter;

    private volatile List<ConnectorSplit> splits;
    private volatile int position;

    ArrowFlightSplits(
            ArrowFlightClient client,
            Executor executor,
            ConnectorSession session,
            ArrowFlightTableHandle table)
    {
        this.client = requireNonNull(client, "client is null");
        this.executor = requireNonNull(executor, "executor is null");
        this.session = requireNonNull(session, "session is null");
        this.table = requireNonNull(table, "table is null");
        columns = table.flightColumns().stream().map(ArrowFlightColumnHandle::name).toList();
        // a limit was promised on the rows before the join, and groups are of these, not of those that its filter leaves
        usesDynamicFilter = isDynamicFilteringEnabled(session) && table.predicateSupport() != Support.NONE && table.limit().isEmpty() && !table.pushdown().isWhole();
    }

    @Override
    public long dynamicFilterWaitMillis()
    {
        return usesDynamicFilter ? getDynamicFilteringWaitTimeout(session).toMillis() : 0;
    }

    @Override
    public CompletableFuture<List<ConnectorSplit>> nextSplits(int maxSize, TupleDomain<ColumnHandle> dynamicFilter)
    {
        if (splits != null) {
            return completedFuture(nextSplits(maxSize));
        }
        // not through supplyAsync, which would wrap a failure
        CompletableFuture<List<ConnectorSplit>> batch = new CompletableFuture<>();
        executor.execute(() -> {
            try {
                splits = plan(dynamicFilter);
                batch.complete(nextSplits(maxSize));
            }
            catch (Throwable e) {
                batch.completeExceptionally(e);
            }
        });
        return batch;
    }

    private List<ConnectorSplit> plan(TupleDomain<ColumnHandle> dynamicFilter)
    {
        TupleDomain<ColumnHandle> constraint = usesDynamicFilter ? table.constraint().intersect(sendable(dynamicFilter)) : table.constraint();
        if (constraint.isNone()) {
            return ImmutableList.of();
        }
        boolean whole = table.pushdown().isWhole();
        ReadCommand command = new ReadCommand(table.toRelation(columns, constraint), whole ? 1 : getSplits(session), table.snapshot().orElse(null));
        List<ArrowFlightSplit> endpoints = client.plan(session, table.remoteName(), command);
        if (whole && endpoints.size() != 1) {
            throw badResponse(client.location(), "plan the reading of " + table.remoteName(), "%s endpoints for groups or an order, which have one".formatted(endpoints.size()));
        }
        return ImmutableList.copyOf(endpoints);
    }

    private TupleDomain<ColumnHandle> sendable(TupleDomain<ColumnHandle> predicate)
    {
        if (predicate.isNone()) {
            return predicate;
        }
        Map<ColumnHandle, Domain> sendable = new HashMap<>();
        predicate.getDomains().orElseThrow().forEach((handle, domain) -> {
            ArrowFlightColumnHandle column = (ArrowFlightColumnHandle) handle;
            Domain simplified = domain.simplify(getDomainCompactionThreshold(session));
            if (column.predicate() && toColumnPredicate(column, simplified).isPresent()) {
                sendable.put(column, simplified);
            }
        });
        return TupleDomain.withColumnDomains(sendable);
    }

    private List<ConnectorSplit> nextSplits(int maxSize)
    {
        int end = Math.min(splits.size(), position + maxSize);
        List<ConnectorSplit> batch = splits.subList(position, end);
        position = end;
        return batch;
    }

    @Override
    public boolean isFinished()
    {
        return splits != null && position >= splits.size();
    }
}
