package io.nostro.trino.flight;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.airlift.log.Logger;
import io.nostro.trino.flight.ArrowFlightProtocol.ColumnStatisticsMessage;
import io.nostro.trino.flight.ArrowFlightProtocol.TableStatisticsResponse;
import io.trino.spi.TrinoException;
import io.trino.spi.connector.ConnectorSession;
import io.trino.spi.statistics.ColumnStatistics;
import io.trino.spi.statistics.DoubleRange;
import io.trino.spi.statistics.Estimate;
import io.trino.spi.statistics.StatsUtil;
import io.trino.spi.statistics.TableStatistics;
import io.trino.spi.type.Type;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

import static java.util.Objects.requireNonNull;

/**
 * What a source knows of its tables' values, as Trino's optimizer takes it. A transaction's, in which a source is asked
 * for each column once.
 */
final class ArrowFlightStatistics
{
    private static final Logger log = Logger.get(ArrowFlightStatistics.class);

    private final ArrowFlightClient client;
    @GuardedBy("this")
    private final Map<TableState, Known> known = new HashMap<>();

    ArrowFlightStatistics(ArrowFlightClient client)
    {
        this.client = requireNonNull(client, "client is null");
    }

    /**
     * {@return statistics of a table of which nothing is pushed down but its columns}
     */
    synchronized TableStatistics get(ConnectorSession session, ArrowFlightTableHandle table)
    {
        Known found = known.computeIfAbsent(new TableState(table.remoteSchema(), table.remoteTable(), table.snapshot()), _ -> new Known(table.rowCount()));
        List<ArrowFlightColumnHandle> columns = table.flightColumns();
        List<String> missing = columns.stream()
                .map(ArrowFlightColumnHandle::name)
                .filter(found.asked::add)
                .toList();
        if (!missing.isEmpty()) {
            ask(session, table, missing).ifPresent(found::add);
        }
        TableStatistics.Builder statistics = TableStatistics.builder();
        found.rowCount.ifPresent(rowCount -> statistics.setRowCount(Estimate.of((double) rowCount)));
        for (ArrowFlightColumnHandle column : columns) {
            ColumnStatisticsMessage message = found.columns.get(column.name());
            if (message != null) {
                statistics.setColumnStatistics(column, toColumnStatistics(column.type(), message));
            }
        }
        return statistics.build();
    }

    private Optional<TableStatisticsResponse> ask(ConnectorSession session, ArrowFlightTableHandle table, List<String> columns)
    {
        try {
            return client.tableStatistics(session, table.remoteSchema(), table.remoteTable(), columns, table.snapshot());
        }
        catch (TrinoException e) {
            // a query is planned without them rather than not at all
            log.warn("Statistics of %s are not used: %s", table.name(), e.getMessage());
            return Optional.empty();
        }
    }

    /**
     * {@return what can be true of the column; the rest is left out}
     */
    static ColumnStatistics toColumnStatistics(Type type, ColumnStatisticsMessage message)
    {
        return ColumnStatistics.builder()
                .setDistinctValuesCount(toEstimate(message.distinctValues(), Double.MAX_VALUE))
                .setNullsFraction(toEstimate(message.nullFraction(), 1))
                .setDataSize(toEstimate(message.dataSize(), Double.MAX_VALUE))
                .setRange(toRange(type, message))
                .build();
    }

    private static Estimate toEstimate(Number value, double greatest)
    {
        if (value == null || !(value.doubleValue() >= 0 && value.doubleValue() <= greatest)) {
            return Estimate.unknown();
        }
        return Estimate.of(value.doubleValue());
    }

    private static Optional<DoubleRange> toRange(Type type, ColumnStatisticsMessage message)
    {
        OptionalDouble low = toDouble(type, message.low());
        OptionalDouble high = toDouble(type, message.high());
        if (low.isEmpty() || high.isEmpty() || low.getAsDouble() > high.getAsDouble()) {
            return Optional.empty();
        }
        return Optional.of(new DoubleRange(low.getAsDouble(), high.getAsDouble()));
    }

    private static OptionalDouble toDouble(Type type, String literal)
    {
        return Optional.ofNullable(literal)
                .flatMap(text -> ArrowFlightLiterals.parse(type, text))
                .map(value -> StatsUtil.toStatsRepresentation(type, value))
                .orElse(OptionalDouble.empty());
    }

    private record TableState(String schema, String table, Optional<String> snapshot)
    {
        private TableState
        {
            requireNonNull(schema, "schema is null");
            requireNonNull(table, "table is null");
            requireNonNull(snapshot, "snapshot is null");
        }
    }

    private static final class Known
    {
        private OptionalLong rowCount;
        private final Set<String> asked = new HashSet<>();
        private final Map<String, ColumnStatisticsMessage> columns = new HashMap<>();

        private Known(OptionalLong rowCount)
        {
            this.rowCount = requireNonNull(rowCount, "rowCount is null");
        }

        private void add(TableStatisticsResponse response)
        {
            if (response.rowCount() != null && response.rowCount() >= 0) {
                rowCount = OptionalLong.of(response.rowCount());
            }
            for (ColumnStatisticsMessage column : Optional.ofNullable(response.columns()).orElse(ImmutableList.of())) {
                if (column != null && column.column() != null) {
                    columns.put(column.column(), column);
                }
            }
        }
    }
}
