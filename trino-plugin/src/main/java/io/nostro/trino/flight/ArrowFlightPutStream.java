package io.nostro.trino.flight;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.apache.arrow.flight.impl.Flight;
import org.apache.arrow.flight.impl.FlightServiceGrpc;

import java.io.Closeable;
import java.util.concurrent.CompletableFuture;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.CompletableFuture.completedFuture;

/**
 * The messages of one {@code DoPut}, and its one answer.
 */
final class ArrowFlightPutStream
        implements Closeable
{
    private static final MethodDescriptor<ArrowFlightMessage, Flight.PutResult> DO_PUT = FlightServiceGrpc.getDoPutMethod()
            .toBuilder(ArrowFlightMessage.MARSHALLER, FlightServiceGrpc.getDoPutMethod().getResponseMarshaller())
            .build();

    private final ManagedChannel channel;
    private final ClientCall<ArrowFlightMessage, Flight.PutResult> call;
    private final CompletableFuture<ByteString> answer = new CompletableFuture<>();

    @GuardedBy("this")
    private CompletableFuture<Void> ready = new CompletableFuture<>();
    @GuardedBy("this")
    private Status ended;

    private ArrowFlightPutStream(ManagedChannel channel, ClientCall<ArrowFlightMessage, Flight.PutResult> call)
    {
        this.channel = requireNonNull(channel, "channel is null");
        this.call = requireNonNull(call, "call is null");
    }

    /**
     * @param schema the message of the rows' schema
     */
    static ArrowFlightPutStream open(ManagedChannel channel, Flight.FlightDescriptor descriptor, byte[] schema, Metadata headers)
    {
        ArrowFlightPutStream stream = new ArrowFlightPutStream(channel, channel.newCall(DO_PUT, CallOptions.DEFAULT));
        stream.call.start(stream.new Listener(), headers);
        stream.call.request(1);
        stream.call.sendMessage(ArrowFlightMessage.of(Flight.FlightData.newBuilder()
                .setFlightDescriptor(descriptor)
                .setDataHeader(ByteString.copyFrom(schema))
                .build()));
        return stream;
    }

    ManagedChannel channel()
    {
        return channel;
    }

    void send(ArrowFlightMessage message)
    {
        synchronized (this) {
            if (ended != null) {
                throw new StatusRuntimeException(ended);
            }
        }
        call.sendMessage(message);
    }

    /**
     * {@return done when the source can take another message without a buffer that grows, or when the call has ended}
     */
    CompletableFuture<Void> isBlocked()
    {
        synchronized (this) {
            if (ended != null || call.isReady()) {
                return completedFuture(null);
            }
            if (ready.isDone()) {
                ready = new CompletableFuture<>();
            }
            // it may have become ready before the future was there to be completed
            return call.isReady() ? completedFuture(null) : ready;
        }
    }

    /**
     * Sends the last message.
     *
     * @return what the source answers once it has all rows; fails with a {@link StatusRuntimeException}
     */
    CompletableFuture<ByteString> finish(byte[] metadata)
    {
        call.sendMessage(ArrowFlightMessage.of(Flight.FlightData.newBuilder()
                .setAppMetadata(ByteString.copyFrom(metadata))
                .build()));
        call.halfClose();
        return answer;
    }

    /**
     * Tells the source that the rows are not wanted, unless the call has ended.
     */
    @Override
    public void close()
    {
        call.cancel("the rows are not wanted", null);
    }

    private final class Listener
            extends ClientCall.Listener<Flight.PutResult>
    {
        private ByteString result;

        @Override
        public void onReady()
        {
            complete();
        }

        @Override
        public void onMessage(Flight.PutResult message)
        {
            result = message.getAppMetadata();
            call.request(1);
        }

        @Override
        public void onClose(Status status, Metadata trailers)
        {
            synchronized (ArrowFlightPutStream.this) {
                ended = status;
            }
            if (!status.isOk()) {
                answer.completeExceptionally(new StatusRuntimeException(status));
            }
            else if (result == null) {
                answer.completeExceptionally(new StatusRuntimeException(Status.DATA_LOSS.withDescription("the stream ended without an answer")));
            }
            else {
                answer.complete(result);
            }
            complete();
        }

        private void complete()
        {
            CompletableFuture<Void> unblocked;
            synchronized (ArrowFlightPutStream.this) {
                unblocked = ready;
            }
            unblocked.complete(null);
        }
    }
}
