package io.nostro.trino.flight;

import com.google.inject.Inject;
import io.airlift.units.Duration;
import io.trino.spi.connector.ColumnHandle;
import io.trino.spi.connector.ConnectorPageSource;
import io.trino.spi.connector.ConnectorPageSourceProvider;
import io.trino.spi.connector.ConnectorSession;
import io.trino.spi.connector.ConnectorSplit;
import io.trino.spi.connector.ConnectorTableHandle;
import io.trino.spi.connector.ConnectorTransactionHandle;
import io.trino.spi.connector.DynamicFilter;
import io.trino.spi.connector.EmptyPageSource;
import io.trino.spi.predicate.TupleDomain;

import java.util.List;
import java.util.Optional;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static io.nostro.trino.flight.ArrowFlightSessionProperties.isDynamicFilteringEnabled;
import static java.util.Objects.requireNonNull;

public final class ArrowFlightPageSourceProvider
        implements ConnectorPageSourceProvider
{
    private final ArrowFlightClient client;
    private final ArrowFlightTypes types;
    private final Duration streamTimeout;

    @Inject
    public ArrowFlightPageSourceProvider(ArrowFlightClient client, ArrowFlightTypes types, ArrowFlightConfig config)
    {
        this.client = requireNonNull(client, "client is null");
        this.types = requireNonNull(types, "types is null");
        streamTimeout = config.getStreamTimeout();
    }

    @Override
    public ConnectorPageSource createPageSource(
            ConnectorTransactionHandle transaction,
            ConnectorSession session,
            ConnectorSplit split,
            ConnectorTableHandle table,
            List<ColumnHandle> columns,
            DynamicFilter dynamicFilter)
    {
        ArrowFlightSplit flightSplit = (ArrowFlightSplit) split;
        TupleDomain<ColumnHandle> wanted = dynamicFilter.getCurrentPredicate();
        // more may be known of the filter than when the split was handed out
        if (wanted.isNone() || (isDynamicFilteringEnabled(session) && !flightSplit.mayHave(wanted))) {
            return new EmptyPageSource();
        }
        return new ArrowFlightPageSource(
                client,
                types,
                session,
                (ArrowFlightTableHandle) table,
                columns.stream().map(ArrowFlightColumnHandle.class::cast).collect(toImmutableList()),
                flightSplit,
                streamTimeout);
    }

    /**
     * From Trino 480 on.
     *
     * @param credentials that the connector's metadata would have given, which gives none
     */
    public ConnectorPageSource createPageSource(
            ConnectorTransactionHandle transaction,
            ConnectorSession session,
            ConnectorSplit split,
            ConnectorTableHandle table,
            Optional<?> credentials,
            List<ColumnHandle> columns,
            DynamicFilter dynamicFilter)
    {
        return createPageSource(transaction, session, split, table, columns, dynamicFilter);
    }
}
