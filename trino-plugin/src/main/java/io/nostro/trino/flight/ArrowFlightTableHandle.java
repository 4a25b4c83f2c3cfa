package io.nostro.trino.flight;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.nostro.trino.flight.ArrowFlightProtocol.Expression;
import io.nostro.trino.flight.ArrowFlightProtocol.Relation;
import io.nostro.trino.flight.ArrowFlightProtocol.SortItem;
import io.nostro.trino.flight.ArrowFlightProtocol.Support;
import io.trino.spi.connector.ColumnHandle;
import io.trino.spi.connector.ConnectorTableHandle;
import io.trino.spi.connector.SchemaTableName;
import io.trino.spi.predicate.TupleDomain;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static io.nostro.trino.flight.ArrowFlightExpressions.and;
import static io.nostro.trino.flight.ArrowFlightExpressions.columnNames;
import static io.nostro.trino.flight.ArrowFlightPredicates.hasLiterals;
import static io.nostro.trino.flight.ArrowFlightPredicates.toPredicate;
import static java.util.Objects.requireNonNull;

/**
 * A table as it was described when the query was planned, with what of the query its source is asked to do; or a join of
 * two such, or the rows of one, which the pushdown has. A join's names are made up.
 *
 * @param remoteSchema as the source spells it
 * @param remoteTable as the source spells it
 * @param columns all of the table's or the join's
 * @param projection the columns that the source is asked for, in this order; all of them when empty
 * @param rowId names of the columns that tell a row from all others; empty when the source can't change rows
 * @param snapshot the state of the table that is read
 * @param changes the kinds of change that the source makes
 * @param constraint what the source filters by; columns are {@link ArrowFlightColumnHandle}
 * @param limit of what the pushdown leaves
 */
public record ArrowFlightTableHandle(
        SchemaTableName name,
        String remoteSchema,
        String remoteTable,
        Optional<String> comment,
        List<ArrowFlightColumnHandle> columns,
        boolean projectionSupport,
        Support predicateSupport,
        Support limitSupport,
        OptionalLong rowCount,
        Optional<List<ArrowFlightColumnHandle>> projection,
        TupleDomain<ColumnHandle> constraint,
        OptionalLong limit,
        ArrowFlightPushdown pushdown,
        List<String> rowId,
        Optional<String> snapshot,
        Set<String> changes)
        implements ConnectorTableHandle
{
    // of relations within one another: a source may refuse more
    static final int MAX_DEPTH = 32;

    public ArrowFlightTableHandle
    {
        requireNonNull(name, "name is null");
        requireNonNull(remoteSchema, "remoteSchema is null");
        requireNonNull(remoteTable, "remoteTable is null");
        requireNonNull(comment, "comment is null");
        columns = ImmutableList.copyOf(columns);
        requireNonNull(predicateSupport, "predicateSupport is null");
        requireNonNull(limitSupport, "limitSupport is null");
        requireNonNull(rowCount, "rowCount is null");
        projection = projection.map(ImmutableList::copyOf);
        requireNonNull(constraint, "constraint is null");
        requireNonNull(limit, "limit is null");
        requireNonNull(pushdown, "pushdown is null");
        rowId = ImmutableList.copyOf(rowId);
        requireNonNull(snapshot, "snapshot is null");
        changes = ImmutableSet.copyOf(changes);
    }

    /**
     * {@return the columns that may be read: the table's, or those of its groups}
     */
    public List<ArrowFlightColumnHandle> readableColumns()
    {
        return pushdown.aggregation().map(ArrowFlightAggregation::columns).orElse(columns);
    }

    /**
     * {@return the columns of the flight, in its order}
     */
    public List<ArrowFlightColumnHandle> flightColumns()
    {
        return projection.orElseGet(this::readableColumns);
    }

    /**
     * {@return the columns that rows are written with}
     */
    public List<ArrowFlightColumnHandle> visibleColumns()
    {
        return columns.stream().filter(column -> !column.hidden()).collect(toImmutableList());
    }

    public List<ArrowFlightColumnHandle> rowIdColumns()
    {
        return columns.stream().filter(column -> rowId.contains(column.name())).collect(toImmutableList());
    }

    public ArrowFlightTableHandle withProjection(List<ArrowFlightColumnHandle> projection)
    {
        return new ArrowFlightTableHandle(name, remoteSchema, remoteTable, comment, columns, projectionSupport, predicateSupport, limitSupport, rowCount, Optional.of(projection), constraint, limit, pushdown, rowId, snapshot, changes);
    }

    public ArrowFlightTableHandle withConstraint(TupleDomain<ColumnHandle> constraint)
    {
        return new ArrowFlightTableHandle(name, remoteSchema, remoteTable, comment, columns, projectionSupport, predicateSupport, limitSupport, rowCount, projection, constraint, limit, pushdown, rowId, snapshot, changes);
    }

    public ArrowFlightTableHandle withLimit(long limit)
    {
        return new ArrowFlightTableHandle(name, remoteSchema, remoteTable, comment, columns, projectionSupport, predicateSupport, limitSupport, rowCount, projection, constraint, OptionalLong.of(limit), pushdown, rowId, snapshot, changes);
    }

    private ArrowFlightTableHandle with(ArrowFlightPushdown pushdown, Optional<List<ArrowFlightColumnHandle>> projection, OptionalLong limit)
    {
        return new ArrowFlightTableHandle(name, remoteSchema, remoteTable, comment, columns, projectionSupport, predicateSupport, limitSupport, rowCount, projection, constraint, limit, pushdown, rowId, snapshot, changes);
    }

    ArrowFlightTableHandle withExpressions(List<Expression> expressions)
    {
        return with(pushdown.withExpressions(expressions), projection, limit);
    }

    ArrowFlightTableHandle withAggregation(ArrowFlightAggregation aggregation)
    {
        return with(pushdown.withAggregation(aggregation), Optional.empty(), limit);
    }

    ArrowFlightTableHandle withTopN(List<SortItem> orderBy, long limit)
    {
        return with(pushdown.withOrderBy(orderBy), projection, OptionalLong.of(limit));
    }

    /**
     * {@return whether the source leaves out some of the rows by what is in them}
     */
    boolean isFiltered()
    {
        return !constraint.isAll() || !pushdown.expressions().isEmpty();
    }

    /**
     * {@return whether the rows are those of a table, and not of a join or of another relation's rows}
     */
    boolean isTable()
    {
        return pushdown.join().isEmpty() && pushdown.nested().isEmpty();
    }

    /**
     * {@return a handle of the rows that this one's source gives, of which nothing is asked yet; empty when it can't be asked}
     */
    Optional<ArrowFlightTableHandle> nest()
    {
        if (!pushdown.nestedSupport() || constraint.isNone() || depth() >= MAX_DEPTH) {
            return Optional.empty();
        }
        return Optional.of(new ArrowFlightTableHandle(
                name,
                remoteSchema,
                remoteTable,
                comment,
                readableColumns(),
                true,
                predicateSupport,
                limitSupport,
                OptionalLong.empty(),
                projection,
                TupleDomain.all(),
                OptionalLong.empty(),
                ArrowFlightPushdown.of(this),
                rowId,
                snapshot,
                ImmutableSet.of()));
    }

    /**
     * {@return whether rows can be told apart and ordered by the column}
     */
    boolean isComparable(ArrowFlightColumnHandle column)
    {
        return hasLiterals(column.type()) && (column.predicate() || isComputed(column));
    }

    /**
     * What an aggregation gives, its source can compare.
     */
    private boolean isComputed(ArrowFlightColumnHandle column)
    {
        return pushdown.aggregation().map(aggregation -> aggregation.columns().contains(column)).orElse(false) ||
                pushdown.nested().map(relation -> relation.isComputed(column)).orElse(false);
    }

    /**
     * {@return how many relations lie within one another}
     */
    int depth()
    {
        if (pushdown.nested().isPresent()) {
            return pushdown.nested().get().depth() + 1;
        }
        return pushdown.join().map(ArrowFlightJoin::depth).orElse(0);
    }

    /**
     * {@return how many tables the source reads}
     */
    int tableCount()
    {
        if (pushdown.nested().isPresent()) {
            return pushdown.nested().get().tableCount();
        }
        return pushdown.join().map(ArrowFlightJoin::tableCount).orElse(1);
    }

    /**
     * {@return what the rows are of, as errors have it}
     */
    String remoteName()
    {
        if (pushdown.nested().isPresent()) {
            return pushdown.nested().get().remoteName();
        }
        return pushdown.join().map(ArrowFlightJoin::remoteName).orElseGet(() -> remoteSchema + "." + remoteTable);
    }

    /**
     * {@return what the source is asked for}
     */
    Relation toRelation(List<String> columns)
    {
        return toRelation(columns, constraint);
    }

    /**
     * @param constraint in place of the handle's own
     */
    Relation toRelation(List<String> columns, TupleDomain<ColumnHandle> constraint)
    {
        return new Relation(
                isTable() ? remoteSchema : null,
                isTable() ? remoteTable : null,
                pushdown.join().map(join -> join.toMessage(neededColumns(columns, constraint))).orElse(null),
                pushdown.nested().map(relation -> relation.toRelation(relation.readableNames(neededColumns(columns, constraint)))).orElse(null),
                columns,
                toPredicate(constraint, and(pushdown.expressions())),
                limit.isPresent() ? limit.getAsLong() : null,
                pushdown.aggregation().map(ArrowFlightAggregation::toMessage).orElse(null),
                pushdown.orderBy());
    }

    /**
     * {@return names of those of the columns that are needed, in their order}
     */
    private List<String> readableNames(Set<String> needed)
    {
        return readableColumns().stream()
                .map(ArrowFlightColumnHandle::name)
                .filter(needed::contains)
                .collect(toImmutableList());
    }

    /**
     * {@return names of the columns that are read, or that the rows are filtered, ordered or grouped by}
     */
    private Set<String> neededColumns(List<String> columns, TupleDomain<ColumnHandle> constraint)
    {
        ImmutableSet.Builder<String> needed = ImmutableSet.builder();
        constraint.getDomains().orElseThrow().keySet().forEach(column -> needed.add(((ArrowFlightColumnHandle) column).name()));
        pushdown.expressions().forEach(expression -> needed.addAll(columnNames(expression)));
        if (pushdown.aggregation().isPresent()) {
            // columns and order are of what it gives
            return needed.addAll(pushdown.aggregation().get().neededColumns()).build();
        }
        needed.addAll(columns);
        pushdown.orderBy().forEach(item -> needed.add(item.column()));
        return needed.build();
    }

    /**
     * What EXPLAIN shows.
     */
    @Override
    public String toString()
    {
        StringBuilder builder = new StringBuilder(pushdown.nested().map("(%s)"::formatted)
                .or(() -> pushdown.join().map(ArrowFlightJoin::toString))
                .orElseGet(name::toString));
        if (constraint.isNone()) {
            builder.append(" constraint=NONE");
        }
        else if (!constraint.isAll()) {
            builder.append(" constraint on [");
            builder.append(String.join(", ", constraint.getDomains().orElseThrow().keySet().stream()
                    .map(column -> ((ArrowFlightColumnHandle) column).trinoName())
                    .sorted()
                    .toList()));
            builder.append("]");
        }
        builder.append(pushdown);
        projection.ifPresent(value -> builder.append(" columns=").append(value.stream().map(ArrowFlightColumnHandle::trinoName).toList()));
        if (!pushdown.orderBy().isEmpty()) {
            // in the words of Trino's JDBC connectors, which its tests look for
            builder.append(" sortOrder=").append(pushdown.orderBy().stream().map(this::describe).toList());
        }
        limit.ifPresent(value -> builder.append(" limit=").append(value));
        return builder.toString();
    }

    private String describe(SortItem item)
    {
        String column = readableColumns().stream()
                .filter(candidate -> candidate.name().equals(item.column()))
                .map(ArrowFlightColumnHandle::toString)
                .findFirst()
                .orElse(item.column());
        return "%s %s NULLS %s".formatted(column, item.descending() ? "DESC" : "ASC", item.nullsFirst() ? "FIRST" : "LAST");
    }
}
