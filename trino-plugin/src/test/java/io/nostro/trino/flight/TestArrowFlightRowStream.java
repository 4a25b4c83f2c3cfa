package io.nostro.trino.flight;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableList;
import com.google.protobuf.ByteString;
import io.airlift.slice.Slice;
import io.airlift.slice.Slices;
import io.airlift.units.Duration;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.trino.spi.Page;
import io.trino.spi.block.Block;
import io.trino.spi.block.DictionaryBlock;
import io.trino.spi.block.RunLengthEncodedBlock;
import io.trino.spi.block.VariableWidthBlock;
import io.trino.spi.catalog.CatalogName;
import io.trino.spi.connector.ConnectorSession;
import io.trino.testing.TestingConnectorSession;
import org.apache.arrow.flight.impl.Flight;
import org.apache.arrow.flight.impl.FlightServiceGrpc;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

import static com.google.common.collect.Iterables.getOnlyElement;
import static io.airlift.concurrent.MoreFutures.getFutureValue;
import static io.nostro.trino.flight.ArrowFlightErrorCode.ARROW_FLIGHT_TIMEOUT;
import static io.nostro.trino.flight.ArrowFlightErrorCode.ARROW_FLIGHT_UNREACHABLE;
import static io.trino.spi.type.VarcharType.VARCHAR;
import static io.trino.testing.assertions.TrinoExceptionAssert.assertTrinoExceptionThrownBy;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Streams of rows to a server that takes them, leaves them lying, or is not there.
 */
final class TestArrowFlightRowStream
{
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LARGEST_MESSAGE = 1 << 26;
    private static final ConnectorSession SESSION = TestingConnectorSession.builder().build();
    private static final ArrowFlightOutputTableHandle OUTPUT = new ArrowFlightOutputTableHandle(
            "operation",
            "public",
            "t",
            ImmutableList.of(new ArrowFlightWriteColumn("text", VARCHAR, true)));

    private TakingServer server = new TakingServer(0, true);
    private final ArrowFlightConfig config = new ArrowFlightConfig().setLocation("grpc://127.0.0.1:" + server.port());
    private final ArrowFlightChannels channels = new ArrowFlightChannels(new CatalogName("test"), config);
    private final ArrowFlightClient client = new ArrowFlightClient(channels, config);

    @AfterEach
    void close()
    {
        channels.close();
        server.close();
    }

    /**
     * However small a page is in memory, a message has a few MiB.
     */
    @Test
    void testValuesThatABlockHasOnce()
    {
        Block text = texts("x".repeat(1 << 14), "y");
        Block repeated = RunLengthEncodedBlock.create(text.getRegion(0, 1), 8192);
        int[] ids = new int[8192];
        Block dictionary = DictionaryBlock.create(ids.length, text, ids);
        for (Block block : List.of(repeated, dictionary)) {
            server.messages.clear();
            ArrowFlightRowStream stream = stream(new Duration(60, SECONDS));
            getFutureValue(stream.append(new Page(block)));
            getFutureValue(stream.append(new Page(texts("z"))));
            Slice fragment = getOnlyElement(getFutureValue(stream.finish()));
            assertThat(json(fragment).get("rows").asLong()).isEqualTo(8193);
            assertThat(server.messages.stream().mapToLong(Flight.FlightData::getSerializedSize).sum()).isGreaterThan(8192L << 14);
            assertThat(server.messages).allSatisfy(message -> assertThat(message.getSerializedSize()).isLessThan(9 << 20));
        }
    }

    /**
     * Trino waits for the future, and goes on whatever has come of it.
     */
    @Test
    void testServerThatTakesNothing()
    {
        int port = server.port();
        server.close();
        server = new TakingServer(port, false);
        ArrowFlightRowStream stream = stream(new Duration(1, SECONDS));
        Page page = new Page(texts("x".repeat(1 << 22)));
        assertTrinoExceptionThrownBy(() -> {
            while (true) {
                stream.append(page).handle((_, _) -> null).join();
            }
        })
                .hasErrorCode(ARROW_FLIGHT_TIMEOUT)
                .hasMessageContaining("take the rows of public.t");
        assertTrinoExceptionThrownBy(stream::finish).hasErrorCode(ARROW_FLIGHT_TIMEOUT);
        stream.abort();
    }

    /**
     * A server that is back is reached at once, not after gRPC's back-off, which grows with each failure.
     */
    @Test
    void testServerThatComesBack()
    {
        int port = server.port();
        server.close();
        for (int i = 0; i < 8; i++) {
            ArrowFlightRowStream stream = stream(new Duration(60, SECONDS));
            assertTrinoExceptionThrownBy(() -> {
                getFutureValue(stream.append(new Page(texts("x"))));
                getFutureValue(stream.finish());
            }).hasErrorCode(ARROW_FLIGHT_UNREACHABLE);
        }
        server = new TakingServer(port, true);
        ArrowFlightRowStream stream = stream(new Duration(60, SECONDS));
        getFutureValue(stream.append(new Page(texts("x"))));
        assertThat(getFutureValue(stream.finish())).hasSize(1);
    }

    private ArrowFlightRowStream stream(Duration timeout)
    {
        return new ArrowFlightRowStream(client, SESSION, OUTPUT, timeout);
    }

    private static Block texts(String... texts)
    {
        int[] offsets = new int[texts.length + 1];
        for (int i = 0; i < texts.length; i++) {
            offsets[i + 1] = offsets[i] + texts[i].length();
        }
        return new VariableWidthBlock(texts.length, Slices.utf8Slice(String.join("", texts)), offsets, Optional.empty());
    }

    private static JsonNode json(Slice fragment)
    {
        try {
            return JSON.readTree(fragment.getBytes());
        }
        catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class TakingServer
            implements AutoCloseable
    {
        private final List<Flight.FlightData> messages = new CopyOnWriteArrayList<>();
        private final boolean takes;
        private final Server server;

        private TakingServer(int port, boolean takes)
        {
            this.takes = takes;
            try {
                server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                        .addService(new Service())
                        .maxInboundMessageSize(LARGEST_MESSAGE)
                        .build()
                        .start();
            }
            catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private int port()
        {
            return server.getPort();
        }

        @Override
        public void close()
        {
            try {
                server.shutdownNow().awaitTermination();
            }
            catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }

        private final class Service
                extends FlightServiceGrpc.FlightServiceImplBase
        {
            @Override
            public StreamObserver<Flight.FlightData> doPut(StreamObserver<Flight.PutResult> observer)
            {
                if (!takes) {
                    ((ServerCallStreamObserver<Flight.PutResult>) observer).disableAutoRequest();
                }
                return new StreamObserver<>()
                {
                    private String stream;

                    @Override
                    public void onNext(Flight.FlightData message)
                    {
                        messages.add(message);
                        if (message.hasFlightDescriptor()) {
                            stream = json(Slices.wrappedBuffer(message.getFlightDescriptor().getCmd().toByteArray())).get("stream").asText();
                        }
                        if (!message.getAppMetadata().isEmpty()) {
                            JsonNode end = json(Slices.wrappedBuffer(message.getAppMetadata().toByteArray()));
                            observer.onNext(Flight.PutResult.newBuilder()
                                    .setAppMetadata(ByteString.copyFromUtf8("{\"stream\": \"%s\", \"rows\": %s, \"crc32\": %s}".formatted(stream, end.get("rows"), end.get("crc32"))))
                                    .build());
                        }
                    }

                    @Override
                    public void onError(Throwable throwable) {}

                    @Override
                    public void onCompleted()
                    {
                        observer.onCompleted();
                    }
                };
            }
        }
    }
}
