package io.nostro.trino.flight;

import io.airlift.configuration.Config;
import io.airlift.configuration.ConfigDescription;
import io.airlift.units.DataSize;
import io.airlift.units.Duration;
import io.airlift.units.MaxDataSize;
import io.airlift.units.MinDataSize;
import io.airlift.units.MinDuration;
import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;

import static io.airlift.units.DataSize.Unit.MEGABYTE;
import static io.nostro.trino.flight.ArrowFlightJoinPushdownStrategy.AUTOMATIC;
import static io.nostro.trino.flight.ArrowFlightUnsupportedTypeHandling.HIDE;
import static java.util.concurrent.TimeUnit.HOURS;
import static java.util.concurrent.TimeUnit.MINUTES;
import static java.util.concurrent.TimeUnit.SECONDS;

@SuppressWarnings("UnnecessaryQualifier") // airlift's @Config is taken for one of dependency injection
public class ArrowFlightConfig
{
    private String location;
    private ArrowFlightUnsupportedTypeHandling unsupportedTypeHandling = HIDE;
    private int splits = 4;
    private Duration requestTimeout = new Duration(30, SECONDS);
    private Duration commitTimeout = new Duration(1, HOURS);
    private Duration streamTimeout = new Duration(5, MINUTES);
    private DataSize maxMessageSize = DataSize.of(128, MEGABYTE);
    private DataSize prefetchSize = DataSize.of(16, MEGABYTE);
    private int domainCompactionThreshold = 256;
    private boolean expressionPushdownEnabled = true;
    private boolean aggregationPushdownEnabled = true;
    private boolean topNPushdownEnabled = true;
    private boolean joinPushdownEnabled = true;
    private ArrowFlightJoinPushdownStrategy joinPushdownStrategy = AUTOMATIC;
    private boolean statisticsEnabled = true;
    private boolean dynamicFilteringEnabled = true;
    private Duration dynamicFilteringWaitTimeout = new Duration(1, SECONDS);
    private boolean mergeWithoutSnapshots;

    @NotNull
    public String getLocation()
    {
        return location;
    }

    @Config("arrow-flight.location")
    @ConfigDescription("Where the source listens: grpc://host:port")
    public ArrowFlightConfig setLocation(String location)
    {
        this.location = location;
        return this;
    }

    @AssertTrue(message = "arrow-flight.location must have the form grpc://host:port or grpc+tcp://host:port; TLS is not supported")
    public boolean isLocationValid()
    {
        if (location == null) {
            return true;
        }
        try {
            ArrowFlightLocation.parse(location);
            return true;
        }
        catch (IllegalArgumentException e) {
            return false;
        }
    }

    @NotNull
    public ArrowFlightUnsupportedTypeHandling getUnsupportedTypeHandling()
    {
        return unsupportedTypeHandling;
    }

    @Config("arrow-flight.unsupported-type-handling")
    @ConfigDescription("HIDE leaves out a column whose Arrow type has no Trino type, FAIL refuses its table")
    public ArrowFlightConfig setUnsupportedTypeHandling(ArrowFlightUnsupportedTypeHandling unsupportedTypeHandling)
    {
        this.unsupportedTypeHandling = unsupportedTypeHandling;
        return this;
    }

    @Min(1)
    @Max(10_000)
    public int getSplits()
    {
        return splits;
    }

    @Config("arrow-flight.splits")
    @ConfigDescription("Number of partitions that a source is asked to divide a table into")
    public ArrowFlightConfig setSplits(int splits)
    {
        this.splits = splits;
        return this;
    }

    @NotNull
    @MinDuration("1ms")
    public Duration getRequestTimeout()
    {
        return requestTimeout;
    }

    @Config("arrow-flight.request-timeout")
    @ConfigDescription("Longest wait for a source's answer to a metadata or planning request")
    public ArrowFlightConfig setRequestTimeout(Duration requestTimeout)
    {
        this.requestTimeout = requestTimeout;
        return this;
    }

    @NotNull
    @MinDuration("1ms")
    public Duration getCommitTimeout()
    {
        return commitTimeout;
    }

    @Config("arrow-flight.commit-timeout")
    @ConfigDescription("Longest wait for a source to begin a write, commit it, or change a table")
    public ArrowFlightConfig setCommitTimeout(Duration commitTimeout)
    {
        this.commitTimeout = commitTimeout;
        return this;
    }

    @NotNull
    @MinDuration("1ms")
    public Duration getStreamTimeout()
    {
        return streamTimeout;
    }

    @Config("arrow-flight.stream-timeout")
    @ConfigDescription("Longest wait for the next batch of a stream")
    public ArrowFlightConfig setStreamTimeout(Duration streamTimeout)
    {
        this.streamTimeout = streamTimeout;
        return this;
    }

    @NotNull
    @MinDataSize("64kB")
    @MaxDataSize("1GB")
    public DataSize getMaxMessageSize()
    {
        return maxMessageSize;
    }

    @Config("arrow-flight.max-message-size")
    @ConfigDescription("Largest record batch accepted from a source")
    public ArrowFlightConfig setMaxMessageSize(DataSize maxMessageSize)
    {
        this.maxMessageSize = maxMessageSize;
        return this;
    }

    @NotNull
    @MinDataSize("1B")
    public DataSize getPrefetchSize()
    {
        return prefetchSize;
    }

    @Config("arrow-flight.prefetch-size")
    @ConfigDescription("Size of the batches that a split reads ahead of their use")
    public ArrowFlightConfig setPrefetchSize(DataSize prefetchSize)
    {
        this.prefetchSize = prefetchSize;
        return this;
    }

    @Min(1)
    public int getDomainCompactionThreshold()
    {
        return domainCompactionThreshold;
    }

    @Config("arrow-flight.domain-compaction-threshold")
    @ConfigDescription("Number of values or ranges of one column above which a predicate is sent as their span")
    public ArrowFlightConfig setDomainCompactionThreshold(int domainCompactionThreshold)
    {
        this.domainCompactionThreshold = domainCompactionThreshold;
        return this;
    }

    public boolean isExpressionPushdownEnabled()
    {
        return expressionPushdownEnabled;
    }

    @Config("arrow-flight.expression-pushdown.enabled")
    @ConfigDescription("Let the source filter by expressions of several columns")
    public ArrowFlightConfig setExpressionPushdownEnabled(boolean expressionPushdownEnabled)
    {
        this.expressionPushdownEnabled = expressionPushdownEnabled;
        return this;
    }

    public boolean isAggregationPushdownEnabled()
    {
        return aggregationPushdownEnabled;
    }

    @Config("arrow-flight.aggregation-pushdown.enabled")
    @ConfigDescription("Let the source aggregate")
    public ArrowFlightConfig setAggregationPushdownEnabled(boolean aggregationPushdownEnabled)
    {
        this.aggregationPushdownEnabled = aggregationPushdownEnabled;
        return this;
    }

    public boolean isTopNPushdownEnabled()
    {
        return topNPushdownEnabled;
    }

    @Config("arrow-flight.topn-pushdown.enabled")
    @ConfigDescription("Let the source find the first rows of an order")
    public ArrowFlightConfig setTopNPushdownEnabled(boolean topNPushdownEnabled)
    {
        this.topNPushdownEnabled = topNPushdownEnabled;
        return this;
    }

    public boolean isJoinPushdownEnabled()
    {
        return joinPushdownEnabled;
    }

    @Config("arrow-flight.join-pushdown.enabled")
    @ConfigDescription("Let the source join tables of its own")
    public ArrowFlightConfig setJoinPushdownEnabled(boolean joinPushdownEnabled)
    {
        this.joinPushdownEnabled = joinPushdownEnabled;
        return this;
    }

    @NotNull
    public ArrowFlightJoinPushdownStrategy getJoinPushdownStrategy()
    {
        return joinPushdownStrategy;
    }

    @Config("arrow-flight.join-pushdown.strategy")
    @ConfigDescription("AUTOMATIC lets the source join when the result is known to be no larger than both tables, EAGER whenever it can")
    public ArrowFlightConfig setJoinPushdownStrategy(ArrowFlightJoinPushdownStrategy joinPushdownStrategy)
    {
        this.joinPushdownStrategy = joinPushdownStrategy;
        return this;
    }

    public boolean isStatisticsEnabled()
    {
        return statisticsEnabled;
    }

    @Config("arrow-flight.statistics.enabled")
    @ConfigDescription("Let the optimizer use what the source knows of its tables")
    public ArrowFlightConfig setStatisticsEnabled(boolean statisticsEnabled)
    {
        this.statisticsEnabled = statisticsEnabled;
        return this;
    }

    public boolean isDynamicFilteringEnabled()
    {
        return dynamicFilteringEnabled;
    }

    @Config("arrow-flight.dynamic-filtering.enabled")
    @ConfigDescription("Send the filters that joins find while they run to the source")
    public ArrowFlightConfig setDynamicFilteringEnabled(boolean dynamicFilteringEnabled)
    {
        this.dynamicFilteringEnabled = dynamicFilteringEnabled;
        return this;
    }

    @NotNull
    public Duration getDynamicFilteringWaitTimeout()
    {
        return dynamicFilteringWaitTimeout;
    }

    @Config("arrow-flight.dynamic-filtering.wait-timeout")
    @ConfigDescription("Longest wait for the dynamic filters of a join before a table is asked for")
    public ArrowFlightConfig setDynamicFilteringWaitTimeout(Duration dynamicFilteringWaitTimeout)
    {
        this.dynamicFilteringWaitTimeout = dynamicFilteringWaitTimeout;
        return this;
    }

    public boolean isMergeWithoutSnapshots()
    {
        return mergeWithoutSnapshots;
    }

    @Config("arrow-flight.merge-without-snapshots.enabled")
    @ConfigDescription("Allow DELETE, UPDATE and MERGE of tables whose source can't tell whether rows were changed since they were read")
    public ArrowFlightConfig setMergeWithoutSnapshots(boolean mergeWithoutSnapshots)
    {
        this.mergeWithoutSnapshots = mergeWithoutSnapshots;
        return this;
    }
}
