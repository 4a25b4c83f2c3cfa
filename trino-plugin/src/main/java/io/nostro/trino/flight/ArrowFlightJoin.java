package io.nostro.trino.flight;

import com.google.common.collect.ImmutableList;
import io.nostro.trino.flight.ArrowFlightProtocol.Expression;

import java.util.List;
import java.util.Set;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static java.lang.Math.max;
import static java.util.Objects.requireNonNull;

/**
 * Rows of two relations that go together, which a source gives in place of a table's rows.
 *
 * @param kind of the protocol
 * @param leftColumns the left's, of which the source is asked for those that are needed
 * @param condition on the outputs of both sides' columns
 */
public record ArrowFlightJoin(
        String kind,
        ArrowFlightTableHandle left,
        ArrowFlightTableHandle right,
        List<JoinColumn> leftColumns,
        List<JoinColumn> rightColumns,
        Expression condition)
{
    public ArrowFlightJoin
    {
        requireNonNull(kind, "kind is null");
        requireNonNull(left, "left is null");
        requireNonNull(right, "right is null");
        leftColumns = ImmutableList.copyOf(leftColumns);
        rightColumns = ImmutableList.copyOf(rightColumns);
        requireNonNull(condition, "condition is null");
    }

    /**
     * A column of a side, by its name in the join.
     */
    public record JoinColumn(ArrowFlightColumnHandle column, ArrowFlightColumnHandle output)
    {
        public JoinColumn
        {
            requireNonNull(column, "column is null");
            requireNonNull(output, "output is null");
        }
    }

    /**
     * {@return how many tables are joined}
     */
    int tableCount()
    {
        return left.tableCount() + right.tableCount();
    }

    /**
     * {@return how many relations lie within one another}
     */
    int depth()
    {
        return max(left.depth(), right.depth()) + 1;
    }

    /**
     * @param needed names of the outputs that are read, filtered, ordered or aggregated
     */
    ArrowFlightProtocol.Join toMessage(Set<String> needed)
    {
        Set<String> conditionColumns = ArrowFlightExpressions.columnNames(condition);
        List<JoinColumn> left = leftColumns.stream().filter(column -> isNeeded(column, needed, conditionColumns)).collect(toImmutableList());
        List<JoinColumn> right = rightColumns.stream().filter(column -> isNeeded(column, needed, conditionColumns)).collect(toImmutableList());
        return new ArrowFlightProtocol.Join(
                kind,
                this.left.toRelation(columnNames(left)),
                this.right.toRelation(columnNames(right)),
                ImmutableList.<JoinColumn>builder().addAll(left).addAll(right).build().stream()
                        .map(column -> column.output().name())
                        .collect(toImmutableList()),
                condition);
    }

    private static boolean isNeeded(JoinColumn column, Set<String> needed, Set<String> conditionColumns)
    {
        return needed.contains(column.output().name()) || conditionColumns.contains(column.output().name());
    }

    private static List<String> columnNames(List<JoinColumn> columns)
    {
        return columns.stream().map(column -> column.column().name()).collect(toImmutableList());
    }

    /**
     * {@return what the join is called in errors}
     */
    String remoteName()
    {
        return "%s %s join %s".formatted(left.remoteName(), kind, right.remoteName());
    }

    /**
     * {@return what EXPLAIN shows}
     */
    @Override
    public String toString()
    {
        return "(%s) %s join (%s) on %s".formatted(left, kind, right, ArrowFlightExpressions.format(condition));
    }
}
