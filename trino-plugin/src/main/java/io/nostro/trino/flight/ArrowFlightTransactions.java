package io.nostro.trino.flight;

import com.google.inject.Inject;
import io.trino.spi.connector.ConnectorTransactionHandle;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

/**
 * The metadata of each transaction that is open, which knows the writes that the transaction has begun.
 */
public final class ArrowFlightTransactions
{
    private final ArrowFlightClient client;
    private final ArrowFlightTypes types;
    private final ArrowFlightConfig config;
    private final Map<ConnectorTransactionHandle, ArrowFlightMetadata> transactions = new ConcurrentHashMap<>();

    @Inject
    public ArrowFlightTransactions(ArrowFlightClient client, ArrowFlightTypes types, ArrowFlightConfig config)
    {
        this.client = requireNonNull(client, "client is null");
        this.types = requireNonNull(types, "types is null");
        this.config = requireNonNull(config, "config is null");
    }

    public ConnectorTransactionHandle begin()
    {
        ConnectorTransactionHandle transaction = ArrowFlightTransactionHandle.create();
        transactions.put(transaction, new ArrowFlightMetadata(client, types, config));
        return transaction;
    }

    public ArrowFlightMetadata metadata(ConnectorTransactionHandle transaction)
    {
        ArrowFlightMetadata metadata = transactions.get(transaction);
        checkArgument(metadata != null, "No such transaction: %s", transaction);
        return metadata;
    }

    public void commit(ConnectorTransactionHandle transaction)
    {
        transactions.remove(transaction);
    }

    public void rollback(ConnectorTransactionHandle transaction)
    {
        ArrowFlightMetadata metadata = transactions.remove(transaction);
        if (metadata != null) {
            metadata.rollback();
        }
    }
}
