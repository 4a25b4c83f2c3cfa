package io.nostro.trino.flight;

import io.trino.spi.connector.ConnectorTransactionHandle;

import java.util.UUID;

import static java.util.Objects.requireNonNull;
import static java.util.UUID.randomUUID;

public record ArrowFlightTransactionHandle(UUID id)
        implements ConnectorTransactionHandle
{
    public ArrowFlightTransactionHandle
    {
        requireNonNull(id, "id is null");
    }

    static ArrowFlightTransactionHandle create()
    {
        return new ArrowFlightTransactionHandle(randomUUID());
    }
}
