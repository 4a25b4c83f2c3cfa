package io.nostro.trino.flight;

import com.google.common.collect.ImmutableList;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static java.util.Objects.requireNonNull;

/**
 * Groups of rows that a source gives in place of a table's rows.
 *
 * @param groupBy columns of the table; none for one group of all rows
 */
public record ArrowFlightAggregation(List<ArrowFlightColumnHandle> groupBy, List<Aggregate> aggregates)
{
    public ArrowFlightAggregation
    {
        groupBy = ImmutableList.copyOf(groupBy);
        aggregates = ImmutableList.copyOf(aggregates);
    }

    /**
     * {@return what may be read of the groups}
     */
    public List<ArrowFlightColumnHandle> columns()
    {
        return ImmutableList.<ArrowFlightColumnHandle>builder()
                .addAll(groupBy)
                .addAll(aggregates.stream().map(Aggregate::output).toList())
                .build();
    }

    /**
     * {@return names of the columns that it is computed of}
     */
    List<String> neededColumns()
    {
        return Stream.concat(groupBy.stream(), aggregates.stream().flatMap(aggregate -> aggregate.column().stream()))
                .map(ArrowFlightColumnHandle::name)
                .distinct()
                .collect(toImmutableList());
    }

    ArrowFlightProtocol.Aggregation toMessage()
    {
        return new ArrowFlightProtocol.Aggregation(
                groupBy.stream().map(ArrowFlightColumnHandle::name).toList(),
                aggregates.stream().map(Aggregate::toMessage).toList());
    }

    /**
     * An aggregate function of the protocol.
     *
     * @param column of the table; empty to count rows
     */
    public record Aggregate(String function, Optional<ArrowFlightColumnHandle> column, ArrowFlightColumnHandle output)
    {
        public Aggregate
        {
            requireNonNull(function, "function is null");
            requireNonNull(column, "column is null");
            requireNonNull(output, "output is null");
        }

        private ArrowFlightProtocol.Aggregate toMessage()
        {
            return new ArrowFlightProtocol.Aggregate(function, column.map(ArrowFlightColumnHandle::name).orElse(null), output.name());
        }

        /**
         * {@return what EXPLAIN shows}
         */
        @Override
        public String toString()
        {
            return "%s(%s)".formatted(function, column.map(ArrowFlightColumnHandle::trinoName).orElse("*"));
        }
    }
}
