package io.nostro.trino.flight;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import io.nostro.trino.flight.ArrowFlightProtocol.Capabilities;
import io.nostro.trino.flight.ArrowFlightProtocol.Expression;
import io.nostro.trino.flight.ArrowFlightProtocol.SortItem;
import io.nostro.trino.flight.ArrowFlightProtocol.Support;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import static java.util.Objects.requireNonNull;

/**
 * Which joins, expressions, aggregations and orders a source can be asked for, and which of them it is asked.
 *
 * @param aggregateSupport names of the source's aggregate functions
 * @param expressionSupport kinds of expression that the source evaluates
 * @param joinSupport kinds of join that the source does
 * @param nestedSupport whether the source can be asked for the rows of what it is asked already
 * @param join whose rows are read in place of a table's
 * @param nested whose rows are read in place of a table's
 * @param expressions all of which a row must satisfy
 * @param orderBy of the rows that the table's limit takes, which is there if this isn't empty
 */
public record ArrowFlightPushdown(
        boolean topNSupport,
        Set<String> aggregateSupport,
        Set<String> expressionSupport,
        Set<String> joinSupport,
        boolean nestedSupport,
        Optional<ArrowFlightJoin> join,
        Optional<ArrowFlightTableHandle> nested,
        List<Expression> expressions,
        Optional<ArrowFlightAggregation> aggregation,
        List<SortItem> orderBy)
{
    public ArrowFlightPushdown
    {
        aggregateSupport = ImmutableSet.copyOf(aggregateSupport);
        expressionSupport = ImmutableSet.copyOf(expressionSupport);
        joinSupport = ImmutableSet.copyOf(joinSupport);
        requireNonNull(join, "join is null");
        requireNonNull(nested, "nested is null");
        expressions = ImmutableList.copyOf(expressions);
        requireNonNull(aggregation, "aggregation is null");
        orderBy = ImmutableList.copyOf(orderBy);
    }

    static ArrowFlightPushdown of(Capabilities capabilities)
    {
        return new ArrowFlightPushdown(
                capabilities.topNSupport() == Support.EXACT,
                ImmutableSet.copyOf(capabilities.aggregates()),
                ImmutableSet.copyOf(capabilities.expressions()),
                ImmutableSet.copyOf(capabilities.joins()),
                capabilities.nestedSupport(),
                Optional.empty(),
                Optional.empty(),
                ImmutableList.of(),
                Optional.empty(),
                ImmutableList.of());
    }

    /**
     * {@return whether there are rows of the table no more, but groups of them or the first in an order}
     */
    boolean isWhole()
    {
        return aggregation.isPresent() || !orderBy.isEmpty();
    }

    /**
     * {@return what can be asked of rows of both, of which nothing is asked yet}
     */
    ArrowFlightPushdown common(ArrowFlightPushdown other)
    {
        return new ArrowFlightPushdown(
                topNSupport && other.topNSupport,
                Sets.intersection(aggregateSupport, other.aggregateSupport),
                Sets.intersection(expressionSupport, other.expressionSupport),
                Sets.intersection(joinSupport, other.joinSupport),
                nestedSupport && other.nestedSupport,
                Optional.empty(),
                Optional.empty(),
                ImmutableList.of(),
                Optional.empty(),
                ImmutableList.of());
    }

    ArrowFlightPushdown withJoin(ArrowFlightJoin join)
    {
        return new ArrowFlightPushdown(topNSupport, aggregateSupport, expressionSupport, joinSupport, nestedSupport, Optional.of(join), nested, expressions, aggregation, orderBy);
    }

    /**
     * {@return what can be asked of rows of the relation, of which nothing is asked yet}
     */
    static ArrowFlightPushdown of(ArrowFlightTableHandle relation)
    {
        ArrowFlightPushdown asked = relation.pushdown();
        return new ArrowFlightPushdown(asked.topNSupport, asked.aggregateSupport, asked.expressionSupport, asked.joinSupport, asked.nestedSupport, Optional.empty(), Optional.of(relation), ImmutableList.of(), Optional.empty(), ImmutableList.of());
    }

    ArrowFlightPushdown withExpressions(List<Expression> more)
    {
        Set<Expression> all = new LinkedHashSet<>(expressions);
        all.addAll(more);
        return new ArrowFlightPushdown(topNSupport, aggregateSupport, expressionSupport, joinSupport, nestedSupport, join, nested, ImmutableList.copyOf(all), aggregation, orderBy);
    }

    ArrowFlightPushdown withAggregation(ArrowFlightAggregation aggregation)
    {
        return new ArrowFlightPushdown(topNSupport, aggregateSupport, expressionSupport, joinSupport, nestedSupport, join, nested, expressions, Optional.of(aggregation), orderBy);
    }

    ArrowFlightPushdown withOrderBy(List<SortItem> orderBy)
    {
        return new ArrowFlightPushdown(topNSupport, aggregateSupport, expressionSupport, joinSupport, nestedSupport, join, nested, expressions, aggregation, orderBy);
    }

    /**
     * {@return what EXPLAIN shows}
     */
    @Override
    public String toString()
    {
        StringBuilder builder = new StringBuilder();
        if (!expressions.isEmpty()) {
            builder.append(" where=").append(expressions.stream().map(ArrowFlightExpressions::format).toList());
        }
        aggregation.ifPresent(value -> {
            builder.append(" aggregates=").append(value.aggregates());
            builder.append(" grouped by=").append(value.groupBy().stream().map(ArrowFlightColumnHandle::trinoName).toList());
        });
        return builder.toString();
    }
}
