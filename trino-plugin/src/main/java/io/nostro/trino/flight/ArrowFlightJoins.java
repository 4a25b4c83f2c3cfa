package io.nostro.trino.flight;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.nostro.trino.flight.ArrowFlightJoin.JoinColumn;
import io.nostro.trino.flight.ArrowFlightProtocol.Expression;
import io.nostro.trino.flight.ArrowFlightProtocol.Support;
import io.trino.spi.connector.BasicRelationStatistics;
import io.trino.spi.connector.ColumnHandle;
import io.trino.spi.connector.ConnectorTableHandle;
import io.trino.spi.connector.JoinApplicationResult;
import io.trino.spi.connector.JoinStatistics;
import io.trino.spi.connector.JoinType;
import io.trino.spi.connector.SchemaTableName;
import io.trino.spi.expression.ConnectorExpression;
import io.trino.spi.expression.Constant;
import io.trino.spi.predicate.TupleDomain;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static com.google.common.collect.ImmutableMap.toImmutableMap;
import static io.nostro.trino.flight.ArrowFlightTableHandle.MAX_DEPTH;
import static io.trino.spi.connector.JoinType.FULL_OUTER;
import static io.trino.spi.connector.JoinType.LEFT_OUTER;
import static io.trino.spi.connector.JoinType.RIGHT_OUTER;
import static java.lang.Math.max;
import static java.util.Locale.ENGLISH;
import static java.util.Objects.requireNonNull;

/**
 * Trino's joins as the protocol's.
 */
final class ArrowFlightJoins
{
    // a source may refuse more
    private static final int MAX_TABLES = 16;
    // as Trino's JDBC connectors call what is no table
    private static final SchemaTableName NAME = new SchemaTableName("_generated", "_generated_query");

    private final JoinType type;
    private final ArrowFlightTableHandle left;
    private final ArrowFlightTableHandle right;
    private final Set<String> names = new HashSet<>();

    private ArrowFlightJoins(JoinType type, ArrowFlightTableHandle left, ArrowFlightTableHandle right)
    {
        this.type = requireNonNull(type, "type is null");
        this.left = requireNonNull(left, "left is null");
        this.right = requireNonNull(right, "right is null");
    }

    /**
     * {@return empty when Trino has to join}
     */
    static Optional<JoinApplicationResult<ConnectorTableHandle>> apply(
            JoinType type,
            ArrowFlightTableHandle left,
            ArrowFlightTableHandle right,
            ConnectorExpression condition,
            Map<String, ColumnHandle> leftAssignments,
            Map<String, ColumnHandle> rightAssignments)
    {
        return new ArrowFlightJoins(type, left, right).apply(condition, leftAssignments, rightAssignments);
    }

    /**
     * {@return whether the result is known to be no larger than both sides are}
     */
    static boolean isResultSmall(JoinStatistics statistics)
    {
        Optional<BasicRelationStatistics> result = statistics.getJoinStatistics();
        Optional<BasicRelationStatistics> left = statistics.getLeftStatistics();
        Optional<BasicRelationStatistics> right = statistics.getRightStatistics();
        return result.isPresent() && left.isPresent() && right.isPresent() &&
                result.get().getDataSize() <= left.get().getDataSize() + right.get().getDataSize();
    }

    private Optional<JoinApplicationResult<ConnectorTableHandle>> apply(
            ConnectorExpression condition,
            Map<String, ColumnHandle> leftAssignments,
            Map<String, ColumnHandle> rightAssignments)
    {
        // a product of all rows is larger than they are
        if (!isSupported() || condition.equals(Constant.TRUE) || hasRowId(leftAssignments) || hasRowId(rightAssignments)) {
            return Optional.empty();
        }
        List<JoinColumn> leftColumns = columns(left, type == RIGHT_OUTER || type == FULL_OUTER);
        List<JoinColumn> rightColumns = columns(right, type == LEFT_OUTER || type == FULL_OUTER);
        Map<ColumnHandle, ColumnHandle> leftOutputs = outputs(leftColumns);
        Map<ColumnHandle, ColumnHandle> rightOutputs = outputs(rightColumns);
        Map<String, ColumnHandle> assignments = ImmutableMap.<String, ColumnHandle>builder()
                .putAll(assign(leftAssignments, leftOutputs))
                .putAll(assign(rightAssignments, rightOutputs))
                .buildOrThrow();
        ArrowFlightPushdown pushdown = left.pushdown().common(right.pushdown());
        Optional<Expression> translated = ArrowFlightExpressions.translate(condition, assignments, pushdown.expressionSupport());
        return translated
                .map(expression -> new ArrowFlightJoin(kind(type), left, right, leftColumns, rightColumns, expression))
                .map(join -> new JoinApplicationResult<>(
                        toHandle(join, pushdown, assignments.values()),
                        leftOutputs,
                        rightOutputs,
                        // what Trino knows of the join is lost with it otherwise
                        true));
    }

    private boolean isSupported()
    {
        return left.pushdown().joinSupport().contains(kind(type)) &&
                right.pushdown().joinSupport().contains(kind(type)) &&
                // the source gives one state of its tables
                left.snapshot().equals(right.snapshot()) &&
                !left.constraint().isNone() &&
                !right.constraint().isNone() &&
                left.tableCount() + right.tableCount() <= MAX_TABLES &&
                max(left.depth(), right.depth()) < MAX_DEPTH;
    }

    private static String kind(JoinType type)
    {
        return switch (type) {
            case INNER -> "inner";
            case LEFT_OUTER -> "left";
            case RIGHT_OUTER -> "right";
            case FULL_OUTER -> "full";
        };
    }

    private static boolean hasRowId(Map<String, ColumnHandle> assignments)
    {
        return assignments.values().stream().anyMatch(column -> ((ArrowFlightColumnHandle) column).isRowId());
    }

    private List<JoinColumn> columns(ArrowFlightTableHandle side, boolean optional)
    {
        return side.readableColumns().stream()
                .map(column -> new JoinColumn(column, new ArrowFlightColumnHandle(
                        newName(column.name()),
                        column.type(),
                        column.nullable() || optional,
                        side.isComparable(column),
                        column.comment(),
                        column.hidden())))
                .collect(toImmutableList());
    }

    private String newName(String name)
    {
        String candidate = name;
        int suffix = 0;
        while (!names.add(candidate.toLowerCase(ENGLISH))) {
            suffix++;
            candidate = "%s_%s".formatted(name, suffix);
        }
        return candidate;
    }

    private static Map<ColumnHandle, ColumnHandle> outputs(List<JoinColumn> columns)
    {
        return columns.stream().collect(toImmutableMap(JoinColumn::column, JoinColumn::output));
    }

    private static Map<String, ColumnHandle> assign(Map<String, ColumnHandle> assignments, Map<ColumnHandle, ColumnHandle> outputs)
    {
        return assignments.entrySet().stream()
                .collect(toImmutableMap(Map.Entry::getKey, entry -> requireNonNull(outputs.get(entry.getValue()), "column is not one of its side")));
    }

    private ArrowFlightTableHandle toHandle(ArrowFlightJoin join, ArrowFlightPushdown pushdown, Collection<ColumnHandle> assigned)
    {
        List<ArrowFlightColumnHandle> columns = Stream.concat(join.leftColumns().stream(), join.rightColumns().stream())
                .map(JoinColumn::output)
                .collect(toImmutableList());
        return new ArrowFlightTableHandle(
                NAME,
                NAME.getSchemaName(),
                NAME.getTableName(),
                Optional.empty(),
                columns,
                true,
                least(left.predicateSupport(), right.predicateSupport()),
                least(left.limitSupport(), right.limitSupport()),
                OptionalLong.empty(),
                Optional.of(columns.stream().filter(assigned::contains).collect(toImmutableList())),
                TupleDomain.all(),
                OptionalLong.empty(),
                pushdown.withJoin(join),
                ImmutableList.of(),
                left.snapshot(),
                ImmutableSet.of());
    }

    private static Support least(Support left, Support right)
    {
        return left.compareTo(right) < 0 ? left : right;
    }
}
