package io.nostro.trino.flight;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.collect.ImmutableMap;
import io.airlift.units.Duration;
import io.nostro.trino.flight.ArrowFlightProtocol.EndpointMetadata;
import io.trino.spi.catalog.CatalogName;
import io.trino.spi.connector.ColumnHandle;
import io.trino.spi.connector.ConnectorPageSource;
import io.trino.spi.connector.ConnectorSession;
import io.trino.spi.connector.ConnectorSplit;
import io.trino.spi.connector.DynamicFilter;
import io.trino.spi.connector.EmptyPageSource;
import io.trino.spi.connector.SchemaTableName;
import io.trino.spi.predicate.Domain;
import io.trino.spi.predicate.Range;
import io.trino.spi.predicate.TupleDomain;
import io.trino.spi.predicate.ValueSet;
import io.trino.spi.type.Type;
import io.trino.testing.TestingConnectorSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

import static com.fasterxml.jackson.core.json.JsonReadFeature.ALLOW_SINGLE_QUOTES;
import static com.fasterxml.jackson.core.json.JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES;
import static com.google.common.util.concurrent.MoreExecutors.directExecutor;
import static io.airlift.slice.Slices.utf8Slice;
import static io.trino.spi.type.BigintType.BIGINT;
import static io.trino.spi.type.DoubleType.DOUBLE;
import static io.trino.spi.type.IntegerType.INTEGER;
import static io.trino.spi.type.UuidType.UUID;
import static io.trino.spi.type.VarcharType.VARCHAR;
import static io.trino.type.InternalTypeManager.TESTING_TYPE_MANAGER;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Splits whose source says which rows they have.
 */
final class TestArrowFlightSplits
{
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(ALLOW_SINGLE_QUOTES)
            .enable(ALLOW_UNQUOTED_FIELD_NAMES)
            .build();

    @Test
    void testFilterThatNarrowsWhileTheTableIsRead(@TempDir Path directory)
    {
        try (TestingPythonSource source = new TestingPythonSource("ranged_source.py", directory.resolve("requests.jsonl").toString())) {
            ArrowFlightConfig config = new ArrowFlightConfig().setLocation(source.location());
            ArrowFlightChannels channels = new ArrowFlightChannels(new CatalogName("test"), config);
            try {
                testFilterThatNarrows(config, channels);
            }
            finally {
                channels.close();
            }
        }
    }

    private static void testFilterThatNarrows(ArrowFlightConfig config, ArrowFlightChannels channels)
    {
        ArrowFlightClient client = new ArrowFlightClient(channels, config);
        ArrowFlightTypes types = new ArrowFlightTypes(TESTING_TYPE_MANAGER);
        ConnectorSession session = TestingConnectorSession.builder()
                .setPropertyMetadata(new ArrowFlightSessionProperties(config).getSessionProperties())
                .setPropertyValues(ImmutableMap.of())
                .build();
        ArrowFlightTableHandle table = (ArrowFlightTableHandle) new ArrowFlightMetadata(client, types, config)
                .getTableHandle(session, new SchemaTableName("public", "events"), Optional.empty(), Optional.empty());
        ArrowFlightColumnHandle day = table.columns().stream().filter(column -> column.name().equals("day")).findFirst().orElseThrow();

        ArrowFlightSplits splits = new ArrowFlightSplits(client, directExecutor(), session, table);
        List<ConnectorSplit> first = splits.nextSplits(3, TupleDomain.all()).join();
        assertThat(first).hasSize(3);
        TupleDomain<ColumnHandle> narrow = TupleDomain.withColumnDomains(ImmutableMap.of(day, Domain.multipleValues(INTEGER, List.of(1L, 5L, 8L))));
        assertThat(splits.nextSplits(1, narrow).join()).hasSize(1);
        assertThat(splits.isFinished()).isFalse();
        assertThat(splits.nextSplits(100, narrow).join()).hasSize(1);
        assertThat(splits.isFinished()).isTrue();

        ArrowFlightPageSourceProvider provider = new ArrowFlightPageSourceProvider(client, types, config.setStreamTimeout(new Duration(10, SECONDS)));
        assertThat(first.stream().map(split -> isRead(provider, session, split, table, narrow))).containsExactly(false, true, false);
        assertThat(isRead(provider, session, first.getFirst(), table, TupleDomain.all())).isTrue();
        assertThat(isRead(provider, session, first.getFirst(), table, TupleDomain.none())).isFalse();
    }

    private static boolean isRead(ArrowFlightPageSourceProvider provider, ConnectorSession session, ConnectorSplit split, ArrowFlightTableHandle table, TupleDomain<ColumnHandle> predicate)
    {
        try (ConnectorPageSource pageSource = provider.createPageSource(ArrowFlightTransactionHandle.create(), session, split, table, List.copyOf(table.columns()), new KnownFilter(predicate))) {
            return !(pageSource instanceof EmptyPageSource);
        }
        catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void testWhatIsSaidOfRows()
            throws IOException
    {
        assertSaid("id", BIGINT, "null_allowed: false, ranges: [{low: {value: '-1', inclusive: true}, high: {value: '7', inclusive: false}}]",
                Domain.create(ValueSet.ofRanges(Range.range(BIGINT, -1L, true, 7L, false)), false));
        assertSaid("id", BIGINT, "null_allowed: true, ranges: [{high: {value: '7', inclusive: true}}, {low: {value: '9', inclusive: false}}]",
                Domain.create(ValueSet.ofRanges(Range.lessThanOrEqual(BIGINT, 7L), Range.greaterThan(BIGINT, 9L)), true));
        assertSaid("id", BIGINT, "ranges: [{low: null, high: null}]", Domain.notNull(BIGINT));
        assertSaid("id", BIGINT, "null_allowed: true", Domain.onlyNull(BIGINT));
        assertSaid("id", VARCHAR, "ranges: [{low: {value: 'Zürich', inclusive: true}}]",
                Domain.create(ValueSet.ofRanges(Range.greaterThanOrEqual(VARCHAR, utf8Slice("Zürich"))), false));

        // nothing is known of these
        assertSaid("id", INTEGER, "ranges: [{low: {value: '3000000000', inclusive: true}}]", Domain.all(INTEGER));
        assertSaid("id", DOUBLE, "ranges: [{low: {value: '0.0', inclusive: true}}]", Domain.all(DOUBLE));
        assertSaid("id", UUID, "ranges: [{low: null, high: null}]", Domain.all(UUID));
        assertSaid("other", BIGINT, "ranges: []", Domain.all(BIGINT));
    }

    private static void assertSaid(String column, Type type, String part, Domain expected)
            throws IOException
    {
        ArrowFlightColumnHandle handle = new ArrowFlightColumnHandle("id", type, true, true, Optional.empty(), false);
        String json = "{predicate: {columns: [{column: '%s', %s}]}}".formatted(column, part);
        EndpointMetadata metadata = JSON.readValue(json, EndpointMetadata.class);
        TupleDomain<ColumnHandle> said = ArrowFlightPredicates.toTupleDomain(metadata.predicate(), List.of(handle));
        assertThat(said.getDomain(handle, type)).as(json).isEqualTo(expected);
    }

    private record KnownFilter(TupleDomain<ColumnHandle> predicate)
            implements DynamicFilter
    {
        @Override
        public Set<ColumnHandle> getColumnsCovered()
        {
            return predicate.getDomains().orElse(ImmutableMap.of()).keySet();
        }

        @Override
        public CompletableFuture<?> isBlocked()
        {
            return NOT_BLOCKED;
        }

        @Override
        public boolean isComplete()
        {
            return true;
        }

        @Override
        public boolean isAwaitable()
        {
            return false;
        }

        @Override
        public TupleDomain<ColumnHandle> getCurrentPredicate()
        {
            return predicate;
        }
    }
}
