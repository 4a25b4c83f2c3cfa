package io.nostro.trino.flight;

import com.google.common.collect.ImmutableList;
import io.trino.spi.connector.ConnectorInsertTableHandle;
import io.trino.spi.connector.ConnectorOutputTableHandle;

import java.util.List;

import static java.util.Objects.requireNonNull;

/**
 * A write that has begun.
 *
 * @param operation its id at the source
 * @param columns of the rows to be sent, in their order
 */
public record ArrowFlightOutputTableHandle(String operation, String remoteSchema, String remoteTable, List<ArrowFlightWriteColumn> columns)
        implements ConnectorOutputTableHandle, ConnectorInsertTableHandle
{
    public ArrowFlightOutputTableHandle
    {
        requireNonNull(operation, "operation is null");
        requireNonNull(remoteSchema, "remoteSchema is null");
        requireNonNull(remoteTable, "remoteTable is null");
        columns = ImmutableList.copyOf(columns);
    }

    @Override
    public String toString()
    {
        return "%s.%s operation=%s".formatted(remoteSchema, remoteTable, operation);
    }
}
