package io.nostro.trino.flight;

import io.airlift.slice.Slice;
import io.trino.spi.Page;
import io.trino.spi.connector.ConnectorPageSink;

import java.util.Collection;
import java.util.concurrent.CompletableFuture;

import static java.util.Objects.requireNonNull;

/**
 * Sends rows to the source, where they wait for the commit.
 */
public final class ArrowFlightPageSink
        implements ConnectorPageSink
{
    private final ArrowFlightRowStream stream;

    ArrowFlightPageSink(ArrowFlightRowStream stream)
    {
        this.stream = requireNonNull(stream, "stream is null");
    }

    @Override
    public long getCompletedBytes()
    {
        return stream.completedBytes();
    }

    @Override
    public long getMemoryUsage()
    {
        return stream.retainedBytes();
    }

    @Override
    public CompletableFuture<?> appendPage(Page page)
    {
        return stream.append(page);
    }

    @Override
    public CompletableFuture<Collection<Slice>> finish()
    {
        return stream.finish();
    }

    @Override
    public void abort()
    {
        stream.abort();
    }
}
