package io.nostro.trino.vault;

import io.trino.spi.connector.ConnectorTransactionHandle;

public enum VaultTransactionHandle
        implements ConnectorTransactionHandle
{
    INSTANCE
}
