package io.nostro.trino.flight;

import com.google.common.collect.ImmutableMap;
import io.airlift.units.DataSize;
import io.airlift.units.Duration;
import io.grpc.stub.ServerCallStreamObserver;
import io.nostro.trino.flight.ArrowFlightProtocol.ReadCommand;
import io.nostro.trino.flight.ArrowFlightProtocol.Relation;
import io.nostro.trino.flight.TestingFlightSource.Table;
import io.trino.spi.catalog.CatalogName;
import io.trino.spi.connector.ConnectorSession;
import io.trino.spi.connector.SchemaTableName;
import io.trino.spi.connector.SourcePage;
import io.trino.testing.TestingConnectorSession;
import org.apache.arrow.flight.impl.Flight;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

import static io.airlift.units.DataSize.Unit.KILOBYTE;
import static io.airlift.units.DataSize.Unit.MEGABYTE;
import static io.trino.type.InternalTypeManager.TESTING_TYPE_MANAGER;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.apache.arrow.vector.types.pojo.FieldType.nullable;
import static org.assertj.core.api.Assertions.assertThat;

final class TestArrowFlightPageSource
{
    private static final int ROWS = 10_000;
    private static final DataSize PREFETCH = DataSize.of(512, KILOBYTE);

    /**
     * A source that could send for ever is held back while nobody reads, and what waits is reported.
     */
    @Test
    void testMemoryIsBounded()
            throws Exception
    {
        AtomicLong sentBytes = new AtomicLong();
        AtomicLong blockedPolls = new AtomicLong();
        List<List<Object>> rows = new ArrayList<>();
        for (long i = 0; i < ROWS; i++) {
            rows.add(List.of(i));
        }
        try (TestingFlightSource source = new TestingFlightSource()) {
            Schema schema = new Schema(List.of(new Field("id", nullable(new ArrowType.Int(64, true)), null)));
            source.add(Table.of("endless", schema, rows).withBehavior((observer, messages) -> send(observer, messages, sentBytes, blockedPolls)));
            ArrowFlightConfig config = new ArrowFlightConfig()
                    .setLocation(source.location())
                    .setSplits(1)
                    .setPrefetchSize(PREFETCH);
            ArrowFlightChannels channels = new ArrowFlightChannels(new CatalogName("test"), config);
            try {
                ArrowFlightClient client = new ArrowFlightClient(channels, config);
                ArrowFlightTypes types = new ArrowFlightTypes(TESTING_TYPE_MANAGER);
                ConnectorSession session = TestingConnectorSession.builder()
                        .setPropertyMetadata(new ArrowFlightSessionProperties(config).getSessionProperties())
                        .setPropertyValues(ImmutableMap.of())
                        .build();
                ArrowFlightMetadata metadata = new ArrowFlightMetadata(client, types, config);
                ArrowFlightTableHandle table = (ArrowFlightTableHandle) metadata.getTableHandle(session, new SchemaTableName("public", "endless"), Optional.empty(), Optional.empty());
                List<ArrowFlightSplit> splits = client.plan(session, "public.endless", new ReadCommand(new Relation("public", "endless", List.of("id")), 1, null), table.columns());
                ArrowFlightPageSource pageSource = new ArrowFlightPageSource(
                        client,
                        types,
                        session,
                        table,
                        table.columns(),
                        splits.getFirst(),
                        new Duration(60, SECONDS));
                pageSource.isBlocked().get();

                // the server has found for a long while that it may not send
                long polls = blockedPolls.get();
                while (blockedPolls.get() < polls + 300) {
                    Thread.sleep(1);
                }
                assertThat(pageSource.getMemoryUsage()).isBetween(PREFETCH.toBytes(), 2 * PREFETCH.toBytes());
                long heldBack = sentBytes.get();
                assertThat(heldBack).isLessThan(DataSize.of(8, MEGABYTE).toBytes());

                // and goes on once somebody reads
                long positions = 0;
                while (sentBytes.get() < 4 * heldBack) {
                    pageSource.isBlocked().get();
                    SourcePage page = pageSource.getNextSourcePage();
                    if (page != null) {
                        positions += page.getPositionCount();
                    }
                    assertThat(pageSource.getMemoryUsage()).isLessThanOrEqualTo(2 * PREFETCH.toBytes());
                }
                assertThat(pageSource.getCompletedPositions()).hasValue(positions);

                pageSource.close();
                assertThat(pageSource.getMemoryUsage()).isZero();
                assertThat(pageSource.isFinished()).isTrue();
                while (source.openStreams.get() > 0) {
                    Thread.sleep(1);
                }
                assertThat(source.cancelledStreams.get()).isEqualTo(1);
            }
            finally {
                channels.close();
            }
        }
    }

    private static void send(ServerCallStreamObserver<Flight.FlightData> observer, List<Flight.FlightData> messages, AtomicLong sentBytes, AtomicLong blockedPolls)
            throws InterruptedException
    {
        observer.onNext(messages.getFirst());
        while (!observer.isCancelled()) {
            if (observer.isReady()) {
                observer.onNext(messages.getLast());
                sentBytes.addAndGet(messages.getLast().getSerializedSize());
            }
            else {
                blockedPolls.incrementAndGet();
                Thread.sleep(1);
            }
        }
    }
}
