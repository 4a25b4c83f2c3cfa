package io.nostro.trino.flight;

import com.google.common.collect.ImmutableMap;
import io.airlift.units.DataSize;
import io.airlift.units.Duration;
import io.airlift.units.MinDataSize;
import org.junit.jupiter.api.Test;

import java.util.Map;

import static io.airlift.configuration.testing.ConfigAssertions.assertFullMapping;
import static io.airlift.configuration.testing.ConfigAssertions.assertRecordedDefaults;
import static io.airlift.configuration.testing.ConfigAssertions.recordDefaults;
import static io.airlift.units.DataSize.Unit.MEGABYTE;
import static io.nostro.trino.flight.ArrowFlightJoinPushdownStrategy.AUTOMATIC;
import static io.nostro.trino.flight.ArrowFlightJoinPushdownStrategy.EAGER;
import static io.nostro.trino.flight.ArrowFlightUnsupportedTypeHandling.FAIL;
import static io.nostro.trino.flight.ArrowFlightUnsupportedTypeHandling.HIDE;
import static io.airlift.testing.ValidationAssertions.assertFailsValidation;
import static java.util.concurrent.TimeUnit.HOURS;
import static java.util.concurrent.TimeUnit.MINUTES;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

final class TestArrowFlightConfig
{
    @Test
    void testDefaults()
    {
        assertRecordedDefaults(recordDefaults(ArrowFlightConfig.class)
                .setLocation(null)
                .setUnsupportedTypeHandling(HIDE)
                .setSplits(4)
                .setRequestTimeout(new Duration(30, SECONDS))
                .setCommitTimeout(new Duration(1, HOURS))
                .setStreamTimeout(new Duration(5, MINUTES))
                .setMaxMessageSize(DataSize.of(128, MEGABYTE))
                .setPrefetchSize(DataSize.of(16, MEGABYTE))
                .setDomainCompactionThreshold(256)
                .setExpressionPushdownEnabled(true)
                .setAggregationPushdownEnabled(true)
                .setTopNPushdownEnabled(true)
                .setJoinPushdownEnabled(true)
                .setJoinPushdownStrategy(AUTOMATIC)
                .setStatisticsEnabled(true)
                .setDynamicFilteringEnabled(true)
                .setDynamicFilteringWaitTimeout(new Duration(1, SECONDS))
                .setMergeWithoutSnapshots(false));
    }

    @Test
    void testExplicitPropertyMappings()
    {
        Map<String, String> properties = ImmutableMap.<String, String>builder()
                .put("arrow-flight.location", "grpc://ledger.example.com:8815")
                .put("arrow-flight.unsupported-type-handling", "FAIL")
                .put("arrow-flight.splits", "16")
                .put("arrow-flight.request-timeout", "5s")
                .put("arrow-flight.commit-timeout", "10m")
                .put("arrow-flight.stream-timeout", "1h")
                .put("arrow-flight.max-message-size", "32MB")
                .put("arrow-flight.prefetch-size", "4MB")
                .put("arrow-flight.domain-compaction-threshold", "1000")
                .put("arrow-flight.expression-pushdown.enabled", "false")
                .put("arrow-flight.aggregation-pushdown.enabled", "false")
                .put("arrow-flight.topn-pushdown.enabled", "false")
                .put("arrow-flight.join-pushdown.enabled", "false")
                .put("arrow-flight.join-pushdown.strategy", "EAGER")
                .put("arrow-flight.statistics.enabled", "false")
                .put("arrow-flight.dynamic-filtering.enabled", "false")
                .put("arrow-flight.dynamic-filtering.wait-timeout", "10s")
                .put("arrow-flight.merge-without-snapshots.enabled", "true")
                .buildOrThrow();

        assertFullMapping(properties, new ArrowFlightConfig()
                .setLocation("grpc://ledger.example.com:8815")
                .setUnsupportedTypeHandling(FAIL)
                .setSplits(16)
                .setRequestTimeout(new Duration(5, SECONDS))
                .setCommitTimeout(new Duration(10, MINUTES))
                .setStreamTimeout(new Duration(1, HOURS))
                .setMaxMessageSize(DataSize.of(32, MEGABYTE))
                .setPrefetchSize(DataSize.of(4, MEGABYTE))
                .setDomainCompactionThreshold(1000)
                .setExpressionPushdownEnabled(false)
                .setAggregationPushdownEnabled(false)
                .setTopNPushdownEnabled(false)
                .setJoinPushdownEnabled(false)
                .setJoinPushdownStrategy(EAGER)
                .setStatisticsEnabled(false)
                .setDynamicFilteringEnabled(false)
                .setDynamicFilteringWaitTimeout(new Duration(10, SECONDS))
                .setMergeWithoutSnapshots(true));
    }

    @Test
    void testLocation()
    {
        assertThat(isValid("grpc://localhost:8815")).isTrue();
        assertThat(isValid("grpc+tcp://127.0.0.1:1")).isTrue();
        assertThat(isValid("grpc+tls://localhost:8815")).isFalse();
        assertThat(isValid("http://localhost:8815")).isFalse();
        assertThat(isValid("grpc://localhost")).isFalse();
        assertThat(isValid("grpc://localhost:65536")).isFalse();
        assertThat(isValid("localhost:8815")).isFalse();
        assertThat(isValid("grpc://a b:1")).isFalse();
    }

    @Test
    void testPrefetchSize()
    {
        // of nothing at all no batch would ever be asked for
        assertFailsValidation(
                new ArrowFlightConfig().setLocation("grpc://localhost:8815").setPrefetchSize(DataSize.ofBytes(0)),
                "prefetchSize",
                "must be greater than or equal to 1B",
                MinDataSize.class);
    }

    private static boolean isValid(String location)
    {
        return new ArrowFlightConfig().setLocation(location).isLocationValid();
    }
}
