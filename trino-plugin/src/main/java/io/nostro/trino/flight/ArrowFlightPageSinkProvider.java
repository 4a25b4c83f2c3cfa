package io.nostro.trino.flight;

import com.google.inject.Inject;
import io.airlift.units.Duration;
import io.trino.spi.connector.ConnectorInsertTableHandle;
import io.trino.spi.connector.ConnectorMergeSink;
import io.trino.spi.connector.ConnectorMergeTableHandle;
import io.trino.spi.connector.ConnectorOutputTableHandle;
import io.trino.spi.connector.ConnectorPageSink;
import io.trino.spi.connector.ConnectorPageSinkId;
import io.trino.spi.connector.ConnectorPageSinkProvider;
import io.trino.spi.connector.ConnectorSession;
import io.trino.spi.connector.ConnectorTransactionHandle;

import java.util.Optional;

import static java.util.Objects.requireNonNull;

public final class ArrowFlightPageSinkProvider
        implements ConnectorPageSinkProvider
{
    private final ArrowFlightClient client;
    private final Duration streamTimeout;

    @Inject
    public ArrowFlightPageSinkProvider(ArrowFlightClient client, ArrowFlightConfig config)
    {
        this.client = requireNonNull(client, "client is null");
        streamTimeout = config.getStreamTimeout();
    }

    @Override
    public ConnectorPageSink createPageSink(ConnectorTransactionHandle transaction, ConnectorSession session, ConnectorOutputTableHandle table, ConnectorPageSinkId pageSinkId)
    {
        return new ArrowFlightPageSink(rowStream(session, (ArrowFlightOutputTableHandle) table));
    }

    @Override
    public ConnectorPageSink createPageSink(ConnectorTransactionHandle transaction, ConnectorSession session, ConnectorInsertTableHandle table, ConnectorPageSinkId pageSinkId)
    {
        return new ArrowFlightPageSink(rowStream(session, (ArrowFlightOutputTableHandle) table));
    }

    @Override
    public ConnectorMergeSink createMergeSink(ConnectorTransactionHandle transaction, ConnectorSession session, ConnectorMergeTableHandle table, ConnectorPageSinkId pageSinkId)
    {
        ArrowFlightMergeTableHandle merge = (ArrowFlightMergeTableHandle) table;
        return new ArrowFlightMergeSink(rowStream(session, merge.output()), merge.tableHandle().visibleColumns().size());
    }

    /**
     * From Trino 480 on.
     *
     * @param credentials that the connector's metadata would have given, which gives none
     */
    public ConnectorPageSink createPageSink(ConnectorTransactionHandle transaction, ConnectorSession session, ConnectorOutputTableHandle table, Optional<?> credentials, ConnectorPageSinkId pageSinkId)
    {
        return createPageSink(transaction, session, table, pageSinkId);
    }

    /**
     * From Trino 480 on.
     */
    public ConnectorPageSink createPageSink(ConnectorTransactionHandle transaction, ConnectorSession session, ConnectorInsertTableHandle table, Optional<?> credentials, ConnectorPageSinkId pageSinkId)
    {
        return createPageSink(transaction, session, table, pageSinkId);
    }

    /**
     * From Trino 480 on.
     */
    public ConnectorMergeSink createMergeSink(ConnectorTransactionHandle transaction, ConnectorSession session, ConnectorMergeTableHandle table, Optional<?> credentials, ConnectorPageSinkId pageSinkId)
    {
        return createMergeSink(transaction, session, table, pageSinkId);
    }

    private ArrowFlightRowStream rowStream(ConnectorSession session, ArrowFlightOutputTableHandle table)
    {
        return new ArrowFlightRowStream(client, session, table, streamTimeout);
    }
}
