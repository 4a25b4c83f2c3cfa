package io.nostro.trino.flight;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.nostro.trino.flight.ArrowFlightAggregation.Aggregate;
import io.trino.spi.connector.AggregateFunction;
import io.trino.spi.connector.AggregationApplicationResult;
import io.trino.spi.connector.Assignment;
import io.trino.spi.connector.ColumnHandle;
import io.trino.spi.connector.ConnectorTableHandle;
import io.trino.spi.expression.Call;
import io.trino.spi.expression.ConnectorExpression;
import io.trino.spi.expression.Variable;
import io.trino.spi.type.BigintType;
import io.trino.spi.type.DecimalType;
import io.trino.spi.type.DoubleType;
import io.trino.spi.type.RealType;
import io.trino.spi.type.Type;
import io.trino.spi.type.VarcharType;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static com.google.common.collect.Iterables.getOnlyElement;
import static io.nostro.trino.flight.ArrowFlightPredicates.hasSameOrderEverywhere;
import static io.trino.spi.expression.StandardFunctions.CAST_FUNCTION_NAME;
import static io.trino.spi.expression.StandardFunctions.DIVIDE_FUNCTION_NAME;
import static io.trino.spi.type.BigintType.BIGINT;
import static io.trino.spi.type.DecimalType.createDecimalType;
import static io.trino.spi.type.Decimals.MAX_PRECISION;
import static java.util.Objects.requireNonNull;

/**
 * Trino's aggregations as the protocol's.
 */
final class ArrowFlightAggregates
{
    // of more digits, sums could leave 128 bits on the way to a result that Trino gives
    private static final int MAX_SUMMED_PRECISION = 28;
    private static final int BIGINT_DIGITS = 19;

    private final ArrowFlightTableHandle table;
    private final Map<String, ColumnHandle> assignments;
    private final boolean precalculateStatistics;
    private final Set<String> names = new HashSet<>();
    private final List<Aggregate> aggregates = new ArrayList<>();

    private ArrowFlightAggregates(ArrowFlightTableHandle table, Map<String, ColumnHandle> assignments, boolean precalculateStatistics)
    {
        this.table = requireNonNull(table, "table is null");
        this.assignments = requireNonNull(assignments, "assignments is null");
        this.precalculateStatistics = precalculateStatistics;
        table.columns().forEach(column -> names.add(column.trinoName()));
    }

    /**
     * Has the source aggregate.
     *
     * @param precalculateStatistics whether the engine computes how many groups there are before it knows the table no more
     * @return empty when Trino has to aggregate
     */
    static Optional<AggregationApplicationResult<ConnectorTableHandle>> apply(
            ArrowFlightTableHandle table,
            List<AggregateFunction> functions,
            Map<String, ColumnHandle> assignments,
            List<List<ColumnHandle>> groupingSets,
            boolean precalculateStatistics)
    {
        // of nothing the source would not be asked, and could not give the one row of an aggregation without groups
        if (groupingSets.size() != 1 || table.pushdown().aggregateSupport().isEmpty() || table.constraint().isNone()) {
            return Optional.empty();
        }
        if (table.pushdown().isWhole() || table.limit().isPresent()) {
            return table.nest().flatMap(relation -> apply(relation, functions, assignments, groupingSets, precalculateStatistics));
        }
        return new ArrowFlightAggregates(table, assignments, precalculateStatistics).apply(functions, getOnlyElement(groupingSets));
    }

    private Optional<AggregationApplicationResult<ConnectorTableHandle>> apply(List<AggregateFunction> functions, List<ColumnHandle> groupingSet)
    {
        List<ArrowFlightColumnHandle> groupBy = groupingSet.stream()
                .map(ArrowFlightColumnHandle.class::cast)
                .collect(toImmutableList());
        if (!groupBy.stream().allMatch(table::isComparable) || (groupBy.isEmpty() && functions.isEmpty())) {
            return Optional.empty();
        }
        ImmutableList.Builder<ConnectorExpression> projections = ImmutableList.builder();
        for (AggregateFunction function : functions) {
            Optional<ConnectorExpression> projection = translate(function);
            if (projection.isEmpty()) {
                return Optional.empty();
            }
            projections.add(projection.get());
        }
        ArrowFlightAggregation aggregation = new ArrowFlightAggregation(groupBy, aggregates);
        return Optional.of(new AggregationApplicationResult<>(
                table.withAggregation(aggregation),
                projections.build(),
                aggregates.stream()
                        .map(Aggregate::output)
                        .map(output -> new Assignment(output.name(), output, output.type()))
                        .collect(toImmutableList()),
                ImmutableMap.of(),
                precalculateStatistics));
    }

    /**
     * {@return the function's result, made of what the source gives}
     */
    private Optional<ConnectorExpression> translate(AggregateFunction function)
    {
        if (!function.getSortItems().isEmpty() || function.getFilter().isPresent()) {
            return Optional.empty();
        }
        if (function.getArguments().isEmpty()) {
            return function.getFunctionName().equals("count") ? ask("count", Optional.empty(), BIGINT) : Optional.empty();
        }
        if (function.getArguments().size() != 1 || !(getOnlyElement(function.getArguments()) instanceof Variable variable)) {
            return Optional.empty();
        }
        if (!(assignments.get(variable.getName()) instanceof ArrowFlightColumnHandle column) || !isOfType(column, variable.getType())) {
            return Optional.empty();
        }
        if (function.getFunctionName().equals("count") && !function.isDistinct()) {
            return ask("count", Optional.of(column), BIGINT);
        }
        if (!table.isComparable(column)) {
            return Optional.empty();
        }
        return switch (function.getFunctionName()) {
            case "count" -> ask("count_distinct", Optional.of(column), BIGINT);
            case "min", "max" -> hasSameOrderEverywhere(column.type()) ? ask(function.getFunctionName(), Optional.of(column), column.type()) : Optional.empty();
            case "sum" -> function.isDistinct() ? Optional.empty() : sum(column);
            case "avg" -> function.isDistinct() ? Optional.empty() : average(column);
            default -> Optional.empty();
        };
    }

    private static boolean isOfType(ArrowFlightColumnHandle column, Type type)
    {
        return column.type().equals(type) || (column.type() instanceof VarcharType && type instanceof VarcharType);
    }

    private Optional<ConnectorExpression> sum(ArrowFlightColumnHandle column)
    {
        return switch (column.type()) {
            case BigintType _, DoubleType _, RealType _ -> ask("sum", Optional.of(column), column.type());
            case DecimalType decimal when decimal.getPrecision() <= MAX_SUMMED_PRECISION -> ask("sum", Optional.of(column), createDecimalType(MAX_PRECISION, decimal.getScale()));
            default -> Optional.empty();
        };
    }

    private Optional<ConnectorExpression> average(ArrowFlightColumnHandle column)
    {
        return switch (column.type()) {
            case BigintType _, DoubleType _ -> ask("avg", Optional.of(column), DoubleType.DOUBLE);
            case RealType _ -> ask("avg", Optional.of(column), column.type());
            // Trino divides, which rounds as its own average does
            case DecimalType decimal -> sum(column).flatMap(sum -> ask("count", Optional.of(column), BIGINT)
                    .map(count -> cast(
                            new Call(sum.getType(), DIVIDE_FUNCTION_NAME, ImmutableList.of(sum, cast(count, createDecimalType(BIGINT_DIGITS, 0)))),
                            decimal)));
            default -> Optional.empty();
        };
    }

    private static ConnectorExpression cast(ConnectorExpression value, Type type)
    {
        return value.getType().equals(type) ? value : new Call(type, CAST_FUNCTION_NAME, ImmutableList.of(value));
    }

    /**
     * {@return what the source gives for the function; the same if it was asked before}
     */
    private Optional<ConnectorExpression> ask(String function, Optional<ArrowFlightColumnHandle> column, Type type)
    {
        if (!table.pushdown().aggregateSupport().contains(function)) {
            return Optional.empty();
        }
        Aggregate aggregate = aggregates.stream()
                .filter(known -> known.function().equals(function) && known.column().equals(column))
                .findFirst()
                .orElseGet(() -> {
                    Aggregate added = new Aggregate(function, column, new ArrowFlightColumnHandle(newName(function), type, true, false, Optional.empty(), false));
                    aggregates.add(added);
                    return added;
                });
        return Optional.of(new Variable(aggregate.output().name(), aggregate.output().type()));
    }

    private String newName(String function)
    {
        int suffix = aggregates.size();
        while (!names.add("_%s_%s".formatted(function, suffix))) {
            suffix++;
        }
        return "_%s_%s".formatted(function, suffix);
    }
}
