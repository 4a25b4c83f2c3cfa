package io.nostro.trino.flight;

import com.google.common.collect.ImmutableList;
import com.google.protobuf.ByteString;
import io.airlift.slice.Slice;
import io.airlift.slice.Slices;
import io.airlift.units.Duration;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.nostro.trino.flight.ArrowFlightProtocol.StagedStream;
import io.nostro.trino.flight.ArrowFlightProtocol.StreamEnd;
import io.trino.spi.Page;
import io.trino.spi.connector.ConnectorSession;

import java.io.IOException;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;

import static io.airlift.concurrent.MoreFutures.getFutureValue;
import static io.grpc.Status.Code.UNAVAILABLE;
import static io.nostro.trino.flight.ArrowFlightFailures.badResponse;
import static io.nostro.trino.flight.ArrowFlightFailures.requestFailed;
import static io.trino.spi.connector.ConnectorPageSink.NOT_BLOCKED;
import static java.lang.Math.max;
import static java.util.Objects.requireNonNull;
import static java.util.UUID.randomUUID;
import static java.util.concurrent.CompletableFuture.completedFuture;
import static java.util.concurrent.TimeUnit.MILLISECONDS;

/**
 * One stream of rows of a write, staged at the source under an id of its own, so that what a failed attempt has sent is
 * never taken for what its successor sends. Opened with the first rows.
 */
final class ArrowFlightRowStream
{
    private static final int BATCH_ROWS = 1 << 16;
    private static final int BATCH_BYTES = 4 << 20;

    private final ArrowFlightClient client;
    private final ConnectorSession session;
    private final ArrowFlightOutputTableHandle output;
    private final Duration timeout;
    private final String name = randomUUID().toString();
    private final ArrowFlightBatchEncoder encoder;

    private ArrowFlightPutStream stream;
    private CompletableFuture<?> blocked = NOT_BLOCKED;
    private long completedBytes;

    ArrowFlightRowStream(ArrowFlightClient client, ConnectorSession session, ArrowFlightOutputTableHandle output, Duration timeout)
    {
        this.client = requireNonNull(client, "client is null");
        this.session = requireNonNull(session, "session is null");
        this.output = requireNonNull(output, "output is null");
        this.timeout = requireNonNull(timeout, "timeout is null");
        encoder = new ArrowFlightBatchEncoder(output.columns());
    }

    long completedBytes()
    {
        return completedBytes;
    }

    long retainedBytes()
    {
        return encoder.retainedBytes();
    }

    /**
     * Takes rows.
     *
     * @return done when more can be taken
     */
    CompletableFuture<?> append(Page page)
    {
        // Trino waits until the future is done, and doesn't look at how
        checkNotFailed();
        int positions = page.getPositionCount();
        if (positions > 1 && ArrowFlightBatchEncoder.writtenBytes(page, BATCH_BYTES) > BATCH_BYTES) {
            getFutureValue(append(page.getRegion(0, positions / 2)));
            return append(page.getRegion(positions / 2, positions - positions / 2));
        }
        if (positions > 0) {
            encoder.append(page);
            if (encoder.batchRows() >= BATCH_ROWS || encoder.batchBytes() >= BATCH_BYTES) {
                blocked = send();
            }
        }
        return blocked;
    }

    private void checkNotFailed()
    {
        if (blocked.isDone()) {
            getFutureValue(blocked);
        }
    }

    private CompletableFuture<?> send()
    {
        if (stream == null) {
            stream = client.openPutStream(session, output, name);
        }
        ArrowFlightMessage message = encoder.takeBatch();
        completedBytes += message.bytes().length;
        try {
            stream.send(message);
        }
        catch (StatusRuntimeException e) {
            throw failed(e);
        }
        CompletableFuture<Void> ready = stream.isBlocked();
        if (ready.isDone()) {
            return NOT_BLOCKED;
        }
        return ready.copy()
                .orTimeout(max(1, timeout.toMillis()), MILLISECONDS)
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(failed(failure)));
    }

    /**
     * Ends the stream.
     *
     * @return what the commit must name; nothing when there were no rows
     */
    CompletableFuture<Collection<Slice>> finish()
    {
        checkNotFailed();
        if (encoder.batchRows() > 0) {
            // the end waits behind it
            var _ = send();
        }
        if (stream == null) {
            return completedFuture(ImmutableList.of());
        }
        StagedStream expected = new StagedStream(name, encoder.rows(), encoder.checksum());
        return stream.finish(ArrowFlightProtocol.write(new StreamEnd(encoder.rows(), encoder.checksum())))
                .orTimeout(max(1, timeout.toMillis()), MILLISECONDS)
                .handle((answer, failure) -> {
                    if (failure != null) {
                        throw failed(failure);
                    }
                    return fragments(expected, answer);
                });
    }

    private Collection<Slice> fragments(StagedStream expected, ByteString answer)
    {
        StagedStream staged;
        try {
            staged = ArrowFlightProtocol.read(answer.toByteArray(), StagedStream.class);
        }
        catch (IOException e) {
            throw badResponse(client.location(), action(), "not the expected JSON");
        }
        if (!staged.equals(expected)) {
            throw badResponse(client.location(), action(), "%s rows staged of %s sent".formatted(staged.rows(), expected.rows()));
        }
        return ImmutableList.of(Slices.wrappedBuffer(ArrowFlightProtocol.write(staged)));
    }

    /**
     * {@return what Trino is told; a connection that is broken is not used again}
     */
    private RuntimeException failed(Throwable failure)
    {
        return switch (failure) {
            case CompletionException completion when completion.getCause() != null -> failed(completion.getCause());
            case StatusRuntimeException status -> {
                if (status.getStatus().getCode() == UNAVAILABLE) {
                    client.connectionFailed(client.location(), stream.channel());
                }
                yield requestFailed(client.location(), action(), status.getStatus());
            }
            case TimeoutException _ -> requestFailed(client.location(), action(), Status.DEADLINE_EXCEEDED);
            case RuntimeException runtime -> runtime;
            default -> new CompletionException(failure);
        };
    }

    private String action()
    {
        return "take the rows of %s.%s".formatted(output.remoteSchema(), output.remoteTable());
    }

    void abort()
    {
        if (stream != null) {
            stream.close();
        }
    }
}
