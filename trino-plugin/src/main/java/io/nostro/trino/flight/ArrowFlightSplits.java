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
    private final boolean sendsDynamicFilter;

    private volatile List<ArrowFlightSplit> splits;
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
        usesDynamicFilter = isDynamicFilteringEnabled(session);
        // a limit was promised on the rows before the join, not on those that its filter leaves
        sendsDynamicFilter = usesDynamicFilter
                && table.predicateSupport() != Support.NONE
                && table.limit().isEmpty()
                && table.pushdown().aggregation().map(aggregation -> !aggregation.groupBy().isEmpty()).orElse(true);
    }

    @Override
    public long dynamicFilterWaitMillis()
    {
        return sendsDynamicFilter ? getDynamicFilteringWaitTimeout(session).toMillis() : 0;
    }

    @Override
    public CompletableFuture<List<ConnectorSplit>> nextSplits(int maxSize, TupleDomain<ColumnHandle> dynamicFilter)
    {
        if (splits != null) {
            return completedFuture(nextBatch(maxSize, dynamicFilter));
        }
        // not through supplyAsync, which would wrap a failure
        CompletableFuture<List<ConnectorSplit>> batch = new CompletableFuture<>();
        executor.execute(() -> {
            try {
                splits = plan(dynamicFilter);
                batch.complete(nextBatch(maxSize, dynamicFilter));
            }
            catch (Throwable e) {
                batch.completeExceptionally(e);
            }
        });
        return batch;
    }

    private List<ArrowFlightSplit> plan(TupleDomain<ColumnHandle> dynamicFilter)
    {
        TupleDomain<ColumnHandle> constraint = sendsDynamicFilter ? table.constraint().intersect(sendable(dynamicFilter)) : table.constraint();
        if (constraint.isNone()) {
            return ImmutableList.of();
        }
        boolean whole = table.pushdown().isWhole();
        ReadCommand command = new ReadCommand(table.toRelation(columns, constraint), whole ? 1 : getSplits(session), table.snapshot().orElse(null));
        List<ArrowFlightSplit> endpoints = client.plan(session, table.remoteName(), command, table.readableColumns());
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
            if (isOfRows(column) && table.isComparable(column) && toColumnPredicate(column, simplified).isPresent()) {
                sendable.put(column, simplified);
            }
        });
        return TupleDomain.withColumnDomains(sendable);
    }

    /**
     * Groups whose key a filter leaves out are those of the rows that it leaves out; of a function's results rows know nothing.
     */
    private boolean isOfRows(ArrowFlightColumnHandle column)
    {
        return table.pushdown().aggregation()
                .map(aggregation -> aggregation.groupBy().contains(column))
                .orElse(true);
    }

    /**
     * {@return the next splits that may have rows of the query, which knows more with each batch}
     */
    private List<ConnectorSplit> nextBatch(int maxSize, TupleDomain<ColumnHandle> dynamicFilter)
    {
        TupleDomain<ColumnHandle> wanted = usesDynamicFilter ? dynamicFilter : TupleDomain.all();
        ImmutableList.Builder<ConnectorSplit> batch = ImmutableList.builder();
        int count = 0;
        int next = position;
        for (; next < splits.size() && count < maxSize; next++) {
            ArrowFlightSplit split = splits.get(next);
            if (split.mayHave(table.constraint()) && split.mayHave(wanted)) {
                batch.add(split);
                count++;
            }
        }
        position = next;
        return batch.build();
    }

    @Override
    public boolean isFinished()
    {
        return splits != null && position >= splits.size();
    }
}
