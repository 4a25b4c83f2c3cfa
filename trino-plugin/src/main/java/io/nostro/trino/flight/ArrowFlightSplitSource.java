package io.nostro.trino.flight;

import com.google.common.collect.ImmutableList;
import io.nostro.trino.flight.ArrowFlightProtocol.ReadCommand;
import io.nostro.trino.flight.ArrowFlightProtocol.Support;
import io.trino.spi.connector.ColumnHandle;
import io.trino.spi.connector.ConnectorSession;
import io.trino.spi.connector.ConnectorSplit;
import io.trino.spi.connector.ConnectorSplitSource;
import io.trino.spi.connector.DynamicFilter;
import io.trino.spi.predicate.Domain;
import io.trino.spi.predicate.TupleDomain;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

import static io.nostro.trino.flight.ArrowFlightPredicates.toColumnPredicate;
import static io.nostro.trino.flight.ArrowFlightPredicates.toPredicate;
import static io.nostro.trino.flight.ArrowFlightSessionProperties.getDomainCompactionThreshold;
import static io.nostro.trino.flight.ArrowFlightSessionProperties.getDynamicFilteringWaitTimeout;
import static io.nostro.trino.flight.ArrowFlightSessionProperties.getSplits;
import static io.nostro.trino.flight.ArrowFlightSessionProperties.isDynamicFilteringEnabled;
import static java.util.Objects.requireNonNull;
import static java.util.concurrent.CompletableFuture.completedFuture;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

/**
 * Endpoints of the flight that reads a table. The source is asked for it once the dynamic filters of the query's joins
 * are known, or their wait is over.
 */
public final class ArrowFlightSplitSource
        implements ConnectorSplitSource
{
    private final ArrowFlightClient client;
    private final Executor executor;
    private final ConnectorSession session;
    private final ArrowFlightTableHandle table;
    private final List<String> columns;
    private final DynamicFilter dynamicFilter;
    private final long waitNanos;
    private final long start = System.nanoTime();

    private volatile List<ConnectorSplit> splits;
    private volatile int position;

    ArrowFlightSplitSource(
            ArrowFlightClient client,
            Executor executor,
            ConnectorSession session,
            ArrowFlightTableHandle table,
            DynamicFilter dynamicFilter)
    {
        this.client = requireNonNull(client, "client is null");
        this.executor = requireNonNull(executor, "executor is null");
        this.session = requireNonNull(session, "session is null");
        this.table = requireNonNull(table, "table is null");
        columns = table.flightColumns().stream().map(ArrowFlightColumnHandle::name).toList();
        this.dynamicFilter = usable(session, table) ? requireNonNull(dynamicFilter, "dynamicFilter is null") : DynamicFilter.EMPTY;
        waitNanos = getDynamicFilteringWaitTimeout(session).roundTo(NANOSECONDS);
    }

    /**
     * A limit was promised on the rows before the join, not on those that its filter leaves.
     */
    private static boolean usable(ConnectorSession session, ArrowFlightTableHandle table)
    {
        return isDynamicFilteringEnabled(session) && table.predicateSupport() != Support.NONE && table.limit().isEmpty();
    }

    @Override
    public CompletableFuture<ConnectorSplitBatch> getNextBatch(int maxSize)
    {
        if (splits != null) {
            return completedFuture(nextBatch(maxSize));
        }
        long remaining = waitNanos - (System.nanoTime() - start);
        if (remaining > 0 && dynamicFilter.isAwaitable()) {
            return dynamicFilter.isBlocked()
                    .thenApply(_ -> new ConnectorSplitBatch(ImmutableList.of(), false))
                    .completeOnTimeout(new ConnectorSplitBatch(ImmutableList.of(), false), remaining, NANOSECONDS);
        }
        // not through supplyAsync, which would wrap a failure
        CompletableFuture<ConnectorSplitBatch> batch = new CompletableFuture<>();
        executor.execute(() -> {
            try {
                splits = plan();
                batch.complete(nextBatch(maxSize));
            }
            catch (Throwable e) {
                batch.completeExceptionally(e);
            }
        });
        return batch;
    }

    private List<ConnectorSplit> plan()
    {
        TupleDomain<ColumnHandle> constraint = table.constraint().intersect(sendable(dynamicFilter.getCurrentPredicate()));
        if (constraint.isNone()) {
            return ImmutableList.of();
        }
        return ImmutableList.copyOf(client.plan(session, new ReadCommand(
                table.remoteSchema(),
                table.remoteTable(),
                columns,
                toPredicate(constraint),
                table.limit().isPresent() ? table.limit().getAsLong() : null,
                getSplits(session))));
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

    private ConnectorSplitBatch nextBatch(int maxSize)
    {
        int end = Math.min(splits.size(), position + maxSize);
        List<ConnectorSplit> batch = splits.subList(position, end);
        position = end;
        return new ConnectorSplitBatch(batch, isFinished());
    }

    @Override
    public void close() {}

    @Override
    public boolean isFinished()
    {
        return splits != null && position >= splits.size();
    }
}
