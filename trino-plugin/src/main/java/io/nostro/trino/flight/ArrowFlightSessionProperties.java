package io.nostro.trino.flight;

import com.google.common.collect.ImmutableList;
import com.google.inject.Inject;
import io.airlift.units.Duration;
import io.trino.spi.TrinoException;
import io.trino.spi.connector.ConnectorSession;
import io.trino.spi.session.PropertyMetadata;

import java.util.List;

import static io.trino.spi.StandardErrorCode.INVALID_SESSION_PROPERTY;
import static io.trino.spi.session.PropertyMetadata.booleanProperty;
import static io.trino.spi.session.PropertyMetadata.enumProperty;
import static io.trino.spi.session.PropertyMetadata.integerProperty;
import static io.trino.spi.type.VarcharType.VARCHAR;

public final class ArrowFlightSessionProperties
{
    private static final String PREDICATE_PUSHDOWN_ENABLED = "predicate_pushdown_enabled";
    private static final String LIMIT_PUSHDOWN_ENABLED = "limit_pushdown_enabled";
    private static final String EXPRESSION_PUSHDOWN_ENABLED = "expression_pushdown_enabled";
    private static final String AGGREGATION_PUSHDOWN_ENABLED = "aggregation_pushdown_enabled";
    private static final String TOPN_PUSHDOWN_ENABLED = "topn_pushdown_enabled";
    private static final String JOIN_PUSHDOWN_ENABLED = "join_pushdown_enabled";
    private static final String JOIN_PUSHDOWN_STRATEGY = "join_pushdown_strategy";
    private static final String STATISTICS_ENABLED = "statistics_enabled";
    private static final String DOMAIN_COMPACTION_THRESHOLD = "domain_compaction_threshold";
    private static final String DYNAMIC_FILTERING_ENABLED = "dynamic_filtering_enabled";
    private static final String DYNAMIC_FILTERING_WAIT_TIMEOUT = "dynamic_filtering_wait_timeout";
    private static final String SPLITS = "splits";
    private static final String UNSUPPORTED_TYPE_HANDLING = "unsupported_type_handling";

    private final List<PropertyMetadata<?>> sessionProperties;

    @Inject
    public ArrowFlightSessionProperties(ArrowFlightConfig config)
    {
        sessionProperties = ImmutableList.of(
                booleanProperty(PREDICATE_PUSHDOWN_ENABLED, "Let the source filter by WHERE's ranges and values", true, false),
                booleanProperty(LIMIT_PUSHDOWN_ENABLED, "Let the source stop at LIMIT", true, false),
                booleanProperty(EXPRESSION_PUSHDOWN_ENABLED, "Let the source filter by expressions of several columns", config.isExpressionPushdownEnabled(), false),
                booleanProperty(AGGREGATION_PUSHDOWN_ENABLED, "Let the source aggregate", config.isAggregationPushdownEnabled(), false),
                booleanProperty(TOPN_PUSHDOWN_ENABLED, "Let the source find the first rows of an order", config.isTopNPushdownEnabled(), false),
                booleanProperty(JOIN_PUSHDOWN_ENABLED, "Let the source join tables of its own", config.isJoinPushdownEnabled(), false),
                enumProperty(
                        JOIN_PUSHDOWN_STRATEGY,
                        "AUTOMATIC lets the source join when the result is known to be no larger than both tables, EAGER whenever it can",
                        ArrowFlightJoinPushdownStrategy.class,
                        config.getJoinPushdownStrategy(),
                        false),
                booleanProperty(STATISTICS_ENABLED, "Let the optimizer use what the source knows of its tables", config.isStatisticsEnabled(), false),
                integerProperty(
                        DOMAIN_COMPACTION_THRESHOLD,
                        "Number of values or ranges of one column above which a predicate is sent as their span",
                        config.getDomainCompactionThreshold(),
                        value -> checkPositive(DOMAIN_COMPACTION_THRESHOLD, value),
                        false),
                booleanProperty(DYNAMIC_FILTERING_ENABLED, "Send the filters that joins find while they run to the source", config.isDynamicFilteringEnabled(), false),
                durationProperty(DYNAMIC_FILTERING_WAIT_TIMEOUT, "Longest wait for the dynamic filters of a join before a table is asked for", config.getDynamicFilteringWaitTimeout()),
                integerProperty(
                        SPLITS,
                        "Number of partitions that a source is asked to divide a table into",
                        config.getSplits(),
                        value -> checkPositive(SPLITS, value),
                        false),
                enumProperty(
                        UNSUPPORTED_TYPE_HANDLING,
                        "HIDE leaves out a column whose Arrow type has no Trino type, FAIL refuses its table",
                        ArrowFlightUnsupportedTypeHandling.class,
                        config.getUnsupportedTypeHandling(),
                        false));
    }

    public List<PropertyMetadata<?>> getSessionProperties()
    {
        return sessionProperties;
    }

    public static boolean isPredicatePushdownEnabled(ConnectorSession session)
    {
        return session.getProperty(PREDICATE_PUSHDOWN_ENABLED, Boolean.class);
    }

    public static boolean isLimitPushdownEnabled(ConnectorSession session)
    {
        return session.getProperty(LIMIT_PUSHDOWN_ENABLED, Boolean.class);
    }

    public static boolean isExpressionPushdownEnabled(ConnectorSession session)
    {
        return session.getProperty(EXPRESSION_PUSHDOWN_ENABLED, Boolean.class);
    }

    public static boolean isAggregationPushdownEnabled(ConnectorSession session)
    {
        return session.getProperty(AGGREGATION_PUSHDOWN_ENABLED, Boolean.class);
    }

    public static boolean isTopNPushdownEnabled(ConnectorSession session)
    {
        return session.getProperty(TOPN_PUSHDOWN_ENABLED, Boolean.class);
    }

    public static boolean isJoinPushdownEnabled(ConnectorSession session)
    {
        return session.getProperty(JOIN_PUSHDOWN_ENABLED, Boolean.class);
    }

    public static ArrowFlightJoinPushdownStrategy getJoinPushdownStrategy(ConnectorSession session)
    {
        return session.getProperty(JOIN_PUSHDOWN_STRATEGY, ArrowFlightJoinPushdownStrategy.class);
    }

    public static boolean isStatisticsEnabled(ConnectorSession session)
    {
        return session.getProperty(STATISTICS_ENABLED, Boolean.class);
    }

    public static int getDomainCompactionThreshold(ConnectorSession session)
    {
        return session.getProperty(DOMAIN_COMPACTION_THRESHOLD, Integer.class);
    }

    public static boolean isDynamicFilteringEnabled(ConnectorSession session)
    {
        return session.getProperty(DYNAMIC_FILTERING_ENABLED, Boolean.class);
    }

    public static Duration getDynamicFilteringWaitTimeout(ConnectorSession session)
    {
        return session.getProperty(DYNAMIC_FILTERING_WAIT_TIMEOUT, Duration.class);
    }

    public static int getSplits(ConnectorSession session)
    {
        return session.getProperty(SPLITS, Integer.class);
    }

    public static ArrowFlightUnsupportedTypeHandling getUnsupportedTypeHandling(ConnectorSession session)
    {
        return session.getProperty(UNSUPPORTED_TYPE_HANDLING, ArrowFlightUnsupportedTypeHandling.class);
    }

    private static PropertyMetadata<Duration> durationProperty(String name, String description, Duration defaultValue)
    {
        return new PropertyMetadata<>(
                name,
                description,
                VARCHAR,
                Duration.class,
                defaultValue,
                false,
                value -> parseDuration(name, (String) value),
                Duration::toString);
    }

    private static Duration parseDuration(String name, String value)
    {
        try {
            return Duration.valueOf(value);
        }
        catch (IllegalArgumentException e) {
            throw new TrinoException(INVALID_SESSION_PROPERTY, "%s must be a duration such as 5s, not '%s'".formatted(name, value), e);
        }
    }

    private static void checkPositive(String name, int value)
    {
        if (value < 1) {
            throw new TrinoException(INVALID_SESSION_PROPERTY, "%s must be at least 1, not %s".formatted(name, value));
        }
    }
}
