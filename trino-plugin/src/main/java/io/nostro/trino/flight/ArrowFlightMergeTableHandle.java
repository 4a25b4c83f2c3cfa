package io.nostro.trino.flight;

import io.trino.spi.connector.ConnectorMergeTableHandle;

import static java.util.Objects.requireNonNull;

/**
 * A merge that has begun.
 *
 * @param output whose columns are the table's, then those of {@link ArrowFlightMergeSink}
 */
public record ArrowFlightMergeTableHandle(ArrowFlightTableHandle tableHandle, ArrowFlightOutputTableHandle output)
        implements ConnectorMergeTableHandle
{
    public ArrowFlightMergeTableHandle
    {
        requireNonNull(tableHandle, "tableHandle is null");
        requireNonNull(output, "output is null");
    }

    @Override
    public ArrowFlightTableHandle getTableHandle()
    {
        return tableHandle;
    }
}
