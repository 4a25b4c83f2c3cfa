package io.nostro.trino.flight;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import org.apache.arrow.flight.impl.Flight;
import org.apache.arrow.flight.impl.FlightServiceGrpc;

import java.io.Closeable;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.CompletableFuture.completedFuture;

/**
 * The messages of one {@code DoGet}. The next message is asked for only while less than a given number of bytes wait
 * to be used, so that a slow query holds the source back instead of filling memory.
 */
final class ArrowFlightStream
        implements Closeable
{
    private static final MethodDescriptor<Flight.Ticket, ArrowFlightMessage> DO_GET = FlightServiceGrpc.getDoGetMethod()
            .toBuilder(FlightServiceGrpc.getDoGetMethod().getRequestMarshaller(), ArrowFlightMessage.MARSHALLER)
            .build();

    private final ManagedChannel channel;
    private final ClientCall<Flight.Ticket, ArrowFlightMessage> call;
    private final long prefetchBytes;

    @GuardedBy("this")
    private final Queue<ArrowFlightMessage> messages = new ArrayDeque<>();
    @GuardedBy("this")
    private long bufferedBytes;
    @GuardedBy("this")
    private boolean requested = true;
    @GuardedBy("this")
    private boolean closed;
    @GuardedBy("this")
    private Status status;
    @GuardedBy("this")
    private CompletableFuture<Void> blocked = new CompletableFuture<>();

    private ArrowFlightStream(ManagedChannel channel, ClientCall<Flight.Ticket, ArrowFlightMessage> call, long prefetchBytes)
    {
        this.channel = requireNonNull(channel, "channel is null");
        this.call = requireNonNull(call, "call is null");
        this.prefetchBytes = prefetchBytes;
    }

    static ArrowFlightStream open(ManagedChannel channel, ByteString ticket, Metadata headers, long prefetchBytes)
    {
        ArrowFlightStream stream = new ArrowFlightStream(channel, channel.newCall(DO_GET, CallOptions.DEFAULT), prefetchBytes);
        stream.call.start(stream.new Listener(), headers);
        stream.call.sendMessage(Flight.Ticket.newBuilder().setTicket(ticket).build());
        stream.call.halfClose();
        stream.call.request(1);
        return stream;
    }

    ManagedChannel channel()
    {
        return channel;
    }

    /**
     * {@return the next message, or empty when none has arrived yet or the stream has ended}
     */
    Optional<ArrowFlightMessage> poll()
    {
        ArrowFlightMessage message;
        boolean request;
        synchronized (this) {
            message = messages.poll();
            if (message == null) {
                return Optional.empty();
            }
            bufferedBytes -= message.bytes().length;
            if (messages.isEmpty() && status == null) {
                blocked = new CompletableFuture<>();
            }
            request = mayRequest();
        }
        if (request) {
            call.request(1);
        }
        return Optional.of(message);
    }

    /**
     * {@return how the stream ended, once all its messages have been taken}
     */
    synchronized Optional<Status> ended()
    {
        return messages.isEmpty() ? Optional.ofNullable(status) : Optional.empty();
    }

    /**
     * {@return done when there is a message to take, or the stream has ended}
     */
    synchronized CompletableFuture<Void> isBlocked()
    {
        if (!messages.isEmpty() || status != null) {
            return completedFuture(null);
        }
        return blocked;
    }

    synchronized long bufferedBytes()
    {
        return bufferedBytes;
    }

    /**
     * Tells the source that nobody reads any more, unless it has ended the stream itself.
     */
    @Override
    public void close()
    {
        synchronized (this) {
            closed = true;
            messages.clear();
            bufferedBytes = 0;
        }
        call.cancel("the query needs no more rows", null);
    }

    @GuardedBy("this")
    private boolean mayRequest()
    {
        if (requested || status != null || bufferedBytes >= prefetchBytes) {
            return false;
        }
        requested = true;
        return true;
    }

    private final class Listener
            extends ClientCall.Listener<ArrowFlightMessage>
    {
        @Override
        public void onMessage(ArrowFlightMessage message)
        {
            boolean request;
            CompletableFuture<Void> unblocked;
            synchronized (ArrowFlightStream.this) {
                if (closed) {
                    return;
                }
                messages.add(message);
                bufferedBytes += message.bytes().length;
                requested = false;
                request = mayRequest();
                unblocked = blocked;
            }
            if (request) {
                call.request(1);
            }
            unblocked.complete(null);
        }

        @Override
        public void onClose(Status closeStatus, Metadata trailers)
        {
            CompletableFuture<Void> unblocked;
            synchronized (ArrowFlightStream.this) {
                status = closeStatus;
                unblocked = blocked;
            }
            unblocked.complete(null);
        }
    }
}
