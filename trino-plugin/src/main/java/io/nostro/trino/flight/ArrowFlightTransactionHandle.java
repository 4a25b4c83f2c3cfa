package io.nostro.trino.flight;

import io.trino.spi.connector.ConnectorTransactionHandle;

public enum ArrowFlightTransactionHandle
        implements ConnectorTransactionHandle
{
    INSTANCE
}
