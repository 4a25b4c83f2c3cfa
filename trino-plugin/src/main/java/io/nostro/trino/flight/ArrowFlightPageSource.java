package io.nostro.trino.flight;

import com.google.protobuf.ByteString;
import io.airlift.log.Logger;
import io.airlift.units.Duration;
import io.grpc.Status;
import io.nostro.trino.flight.ArrowFlightRecordBatch.MalformedDataException;
import io.nostro.trino.versions.VersionedBlocks;
import io.trino.spi.Page;
import io.trino.spi.TrinoException;
import io.trino.spi.block.Block;
import io.trino.spi.connector.ConnectorPageSource;
import io.trino.spi.connector.ConnectorSession;
import io.trino.spi.connector.SourcePage;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import static com.google.common.base.Preconditions.checkArgument;
import static io.grpc.Status.Code.RESOURCE_EXHAUSTED;
import static io.grpc.Status.Code.UNAVAILABLE;
import static io.nostro.trino.flight.ArrowFlightErrorCode.ARROW_FLIGHT_BAD_RESPONSE;
import static io.nostro.trino.flight.ArrowFlightErrorCode.ARROW_FLIGHT_STREAM_FAILED;
import static io.nostro.trino.flight.ArrowFlightErrorCode.ARROW_FLIGHT_TIMEOUT;
import static io.nostro.trino.flight.ArrowFlightFailures.reason;
import static io.nostro.trino.flight.ArrowFlightFailures.requestFailed;
import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

/**
 * Rows of one endpoint.
 */
public final class ArrowFlightPageSource
        implements ConnectorPageSource
{
    private static final Logger log = Logger.get(ArrowFlightPageSource.class);

    private static final int ROW_ID = -2;

    private final ArrowFlightClient client;
    private final ArrowFlightTypes types;
    private final ConnectorSession session;
    private final ArrowFlightTableHandle table;
    private final int[] channels;
    private final int[] rowIdChannels;
    private final ByteString ticket;
    private final List<ArrowFlightLocation> locations;
    private final Duration streamTimeout;

    private int locationIndex;
    private ArrowFlightStream stream;
    private ArrowFlightBatchReader reader;
    private boolean received;
    private boolean finished;
    private long waitingSince;

    private long completedBytes;
    private long completedPositions;
    private long readTimeNanos;

    ArrowFlightPageSource(
            ArrowFlightClient client,
            ArrowFlightTypes types,
            ConnectorSession session,
            ArrowFlightTableHandle table,
            List<ArrowFlightColumnHandle> columns,
            ArrowFlightSplit split,
            Duration streamTimeout)
    {
        this.client = requireNonNull(client, "client is null");
        this.types = requireNonNull(types, "types is null");
        this.session = requireNonNull(session, "session is null");
        this.table = requireNonNull(table, "table is null");
        List<ArrowFlightColumnHandle> flightColumns = table.flightColumns();
        channels = columns.stream().mapToInt(column -> column.isRowId() ? ROW_ID : flightColumns.indexOf(column)).toArray();
        checkArgument(IntStream.of(channels).allMatch(channel -> channel >= 0 || channel == ROW_ID), "%s lacks some of %s", flightColumns, columns);
        rowIdChannels = table.rowIdColumns().stream().mapToInt(flightColumns::indexOf).toArray();
        ticket = ByteString.copyFrom(split.ticket().toByteBuffer());
        locations = split.locations();
        this.streamTimeout = requireNonNull(streamTimeout, "streamTimeout is null");
        open();
    }

    private void open()
    {
        received = false;
        reader = new ArrowFlightBatchReader(types, table.flightColumns());
        stream = client.openStream(session, location(), ticket);
        waitingSince = System.nanoTime();
    }

    private ArrowFlightLocation location()
    {
        return locations.get(locationIndex);
    }

    @Override
    public long getCompletedBytes()
    {
        return completedBytes;
    }

    @Override
    public OptionalLong getCompletedPositions()
    {
        return OptionalLong.of(completedPositions);
    }

    @Override
    public long getReadTimeNanos()
    {
        return readTimeNanos;
    }

    @Override
    public boolean isFinished()
    {
        return finished;
    }

    @Override
    public long getMemoryUsage()
    {
        return finished ? 0 : stream.bufferedBytes() + reader.retainedBytes();
    }

    @Override
    public CompletableFuture<?> isBlocked()
    {
        if (finished) {
            return NOT_BLOCKED;
        }
        CompletableFuture<Void> arrival = stream.isBlocked();
        if (arrival.isDone()) {
            return NOT_BLOCKED;
        }
        long remaining = Math.max(0, streamTimeout.roundTo(NANOSECONDS) - (System.nanoTime() - waitingSince));
        return arrival.copy().completeOnTimeout(null, remaining, NANOSECONDS);
    }

    @Override
    public SourcePage getNextSourcePage()
    {
        if (finished) {
            return null;
        }
        long start = System.nanoTime();
        try {
            while (true) {
                Optional<ArrowFlightMessage> message = stream.poll();
                if (message.isEmpty()) {
                    handleNoMessage();
                    return null;
                }
                received = true;
                waitingSince = System.nanoTime();
                completedBytes += message.get().bytes().length;
                Optional<Page> page = reader.read(message.get());
                if (page.isPresent() && page.get().getPositionCount() > 0) {
                    return deliver(page.get());
                }
            }
        }
        catch (MalformedDataException e) {
            throw new TrinoException(ARROW_FLIGHT_BAD_RESPONSE, "The Flight source at %s sent malformed data of %s: %s".formatted(location(), tableName(), e.getMessage()));
        }
        finally {
            readTimeNanos += System.nanoTime() - start;
        }
    }

    private SourcePage deliver(Page page)
    {
        completedPositions += page.getPositionCount();
        if (table.limit().isPresent() && completedPositions >= table.limit().getAsLong()) {
            int excess = (int) (completedPositions - table.limit().getAsLong());
            page = page.getRegion(0, page.getPositionCount() - excess);
            completedPositions -= excess;
            close();
        }
        Block[] blocks = new Block[channels.length];
        for (int i = 0; i < blocks.length; i++) {
            blocks[i] = channels[i] == ROW_ID ? rowIds(page) : page.getBlock(channels[i]);
        }
        return SourcePage.create(new Page(page.getPositionCount(), blocks));
    }

    private Block rowIds(Page page)
    {
        Block[] fields = new Block[rowIdChannels.length];
        for (int i = 0; i < fields.length; i++) {
            fields[i] = page.getBlock(rowIdChannels[i]);
        }
        return VersionedBlocks.row(page.getPositionCount(), Optional.empty(), fields);
    }

    private void handleNoMessage()
    {
        Optional<Status> ended = stream.ended();
        if (ended.isPresent()) {
            handleEnd(ended.get());
        }
        else if (System.nanoTime() - waitingSince >= streamTimeout.roundTo(NANOSECONDS)) {
            throw new TrinoException(ARROW_FLIGHT_TIMEOUT, "The Flight source at %s sent nothing of %s for %s".formatted(location(), tableName(), streamTimeout));
        }
    }

    private void handleEnd(Status status)
    {
        if (status.isOk()) {
            if (!reader.hasSchema()) {
                throw new TrinoException(ARROW_FLIGHT_BAD_RESPONSE, "The Flight source at %s ended its stream of %s before the schema".formatted(location(), tableName()));
            }
            finished = true;
            return;
        }
        if (status.getCode() == UNAVAILABLE) {
            client.connectionFailed(location(), stream.channel());
            // rows that were delivered would be read again, in an order that nobody promises
            if (completedPositions == 0 && locationIndex + 1 < locations.size()) {
                log.warn("Cannot reach %s to read %s, trying %s: %s", location(), tableName(), locations.get(locationIndex + 1), reason(status));
                locationIndex++;
                open();
                return;
            }
        }
        if (received) {
            throw new TrinoException(
                    status.getCode() == Status.Code.DATA_LOSS ? ARROW_FLIGHT_BAD_RESPONSE : ARROW_FLIGHT_STREAM_FAILED,
                    "The Flight source at %s failed while %s was read, after %s rows: %s".formatted(location(), tableName(), completedPositions, explain(status)));
        }
        throw requestFailed(location(), "read " + tableName(), status.withDescription(explain(status)));
    }

    private static String explain(Status status)
    {
        if (status.getCode() == RESOURCE_EXHAUSTED) {
            return reason(status) + " (batches may have up to arrow-flight.max-message-size)";
        }
        return reason(status);
    }

    private String tableName()
    {
        return table.remoteName();
    }

    @Override
    public void close()
    {
        finished = true;
        stream.close();
    }
}
