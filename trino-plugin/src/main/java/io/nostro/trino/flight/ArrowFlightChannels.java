package io.nostro.trino.flight;

import com.google.inject.Inject;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.nio.NioChannelOption;
import io.trino.spi.catalog.CatalogName;
import jakarta.annotation.PreDestroy;
import jdk.net.ExtendedSocketOptions;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutorService;

import static io.airlift.concurrent.Threads.daemonThreadsNamed;
import static java.lang.Math.toIntExact;
import static java.util.concurrent.CompletableFuture.delayedExecutor;
import static java.util.concurrent.Executors.newCachedThreadPool;
import static java.util.concurrent.TimeUnit.SECONDS;

/**
 * One connection per Flight server and catalog, shared by all its queries.
 */
public final class ArrowFlightChannels
{
    private static final int LEAST_RECEIVE_BYTES = 1 << 11;
    private static final int RECEIVE_BYTES = 1 << 18;
    private static final int PAGE_BYTES = 1 << 13;
    private static final int CHUNK_ORDER = 11;
    private static final long SECONDS_UNTIL_SHUTDOWN = 10;
    private static final int SECONDS_UNTIL_PROBE = 60;
    private static final int SECONDS_BETWEEN_PROBES = 10;
    private static final int LOST_PROBES = 3;

    /**
     * Chunks of 16 MiB, and larger reads: gRPC's own chunks are so small that under load they are freed, allocated and
     * cleared again all the time, and each read is copied once more, behind the rest of the one before.
     */
    private final ByteBufAllocator allocator = new PooledByteBufAllocator(
            true,
            0,
            1,
            PAGE_BYTES,
            CHUNK_ORDER,
            PooledByteBufAllocator.defaultSmallCacheSize(),
            PooledByteBufAllocator.defaultNormalCacheSize(),
            true);
    private final ConcurrentMap<ArrowFlightLocation, ManagedChannel> channels = new ConcurrentHashMap<>();
    private final Set<ManagedChannel> discarded = ConcurrentHashMap.newKeySet();
    private final ExecutorService executor;
    private final int maxMessageSize;

    @Inject
    public ArrowFlightChannels(CatalogName catalogName, ArrowFlightConfig config)
    {
        executor = newCachedThreadPool(daemonThreadsNamed("arrow-flight-" + catalogName + "-%s"));
        maxMessageSize = toIntExact(config.getMaxMessageSize().toBytes());
    }

    public ManagedChannel get(ArrowFlightLocation location)
    {
        return channels.computeIfAbsent(location, this::connect);
    }

    /**
     * Forgets a channel whose server could not be reached, so that the next use connects at once rather than after
     * gRPC's back-off. Calls that are still running on the channel go on, and so do those of others who have got it just
     * now, and whose server may be well.
     */
    public void discard(ArrowFlightLocation location, ManagedChannel channel)
    {
        if (!channels.remove(location, channel)) {
            return;
        }
        discarded.add(channel);
        delayedExecutor(SECONDS_UNTIL_SHUTDOWN, SECONDS).execute(() -> {
            channel.shutdown();
            discarded.remove(channel);
        });
    }

    @PreDestroy
    public void close()
    {
        channels.values().forEach(ManagedChannel::shutdownNow);
        channels.clear();
        discarded.forEach(ManagedChannel::shutdownNow);
        executor.shutdownNow();
    }

    private ManagedChannel connect(ArrowFlightLocation location)
    {
        return NettyChannelBuilder.forAddress(location.host(), location.port())
                .usePlaintext()
                .executor(executor)
                .maxInboundMessageSize(maxMessageSize)
                .withOption(ChannelOption.ALLOCATOR, allocator)
                .withOption(ChannelOption.RECVBUF_ALLOCATOR, new AdaptiveRecvByteBufAllocator(LEAST_RECEIVE_BYTES, RECEIVE_BYTES, RECEIVE_BYTES))
                // a machine that is lost without a word is noticed while an answer is waited for that may take an hour
                .withOption(ChannelOption.SO_KEEPALIVE, true)
                .withOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE), SECONDS_UNTIL_PROBE)
                .withOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL), SECONDS_BETWEEN_PROBES)
                .withOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT), LOST_PROBES)
                .disableRetry()
                .build();
    }
}
