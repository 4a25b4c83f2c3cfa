package io.nostro.trino.flight;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.airlift.slice.Slice;
import io.nostro.trino.flight.ArrowFlightProtocol.Expression;
import io.trino.spi.connector.ColumnHandle;
import io.trino.spi.expression.Call;
import io.trino.spi.expression.ConnectorExpression;
import io.trino.spi.expression.Constant;
import io.trino.spi.expression.Variable;
import io.trino.spi.type.BigintType;
import io.trino.spi.type.DecimalType;
import io.trino.spi.type.DoubleType;
import io.trino.spi.type.IntegerType;
import io.trino.spi.type.RealType;
import io.trino.spi.type.SmallintType;
import io.trino.spi.type.TinyintType;
import io.trino.spi.type.Type;
import io.trino.spi.type.VarcharType;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static com.google.common.collect.ImmutableSet.toImmutableSet;
import static com.google.common.collect.Iterables.getOnlyElement;
import static io.airlift.slice.SliceUtf8.countCodePoints;
import static io.nostro.trino.flight.ArrowFlightPredicates.hasLiterals;
import static io.nostro.trino.flight.ArrowFlightPredicates.hasSameOrderEverywhere;
import static io.nostro.trino.flight.ArrowFlightPredicates.toLiteral;
import static io.trino.spi.expression.StandardFunctions.AND_FUNCTION_NAME;
import static io.trino.spi.type.BooleanType.BOOLEAN;
import static io.trino.spi.type.DecimalType.createDecimalType;
import static io.trino.spi.type.Decimals.MAX_PRECISION;
import static java.util.Objects.requireNonNull;

/**
 * Trino's expressions as the protocol's. An expression that is sent can't fail on any row: a source may look at rows that
 * Trino would have left out before.
 */
final class ArrowFlightExpressions
{
    // a source may refuse more than 100 levels, of which one is that of several conditions in one
    private static final int MAX_DEPTH = 99;
    private static final int MAX_NODES = 1_000;

    private final Map<String, ColumnHandle> assignments;
    private final Set<String> kinds;
    private int nodes;

    private ArrowFlightExpressions(Map<String, ColumnHandle> assignments, Set<String> kinds)
    {
        this.assignments = requireNonNull(assignments, "assignments is null");
        this.kinds = requireNonNull(kinds, "kinds is null");
    }

    /**
     * @param remaining what the source can't be asked
     */
    record PushedExpressions(List<Expression> pushed, ConnectorExpression remaining) {}

    /**
     * Divides a condition into what its source evaluates and what Trino has to.
     *
     * @param kinds of expression that the source evaluates
     */
    static PushedExpressions push(ConnectorExpression condition, Map<String, ColumnHandle> assignments, Set<String> kinds)
    {
        if (kinds.isEmpty()) {
            return new PushedExpressions(ImmutableList.of(), condition);
        }
        ImmutableList.Builder<Expression> pushed = ImmutableList.builder();
        List<ConnectorExpression> remaining = new ArrayList<>();
        for (ConnectorExpression conjunct : conjuncts(condition)) {
            translate(conjunct, assignments, kinds).ifPresentOrElse(pushed::add, () -> remaining.add(conjunct));
        }
        return new PushedExpressions(pushed.build(), conjunction(remaining));
    }

    /**
     * {@return empty when the source does not evaluate the expression, or may do so otherwise than Trino}
     */
    static Optional<Expression> translate(ConnectorExpression expression, Map<String, ColumnHandle> assignments, Set<String> kinds)
    {
        return new ArrowFlightExpressions(assignments, kinds).translate(expression, 1);
    }

    /**
     * {@return null when there are none}
     */
    static Expression and(List<Expression> expressions)
    {
        return switch (expressions.size()) {
            case 0 -> null;
            case 1 -> getOnlyElement(expressions);
            default -> Expression.of("and", expressions);
        };
    }

    /**
     * {@return names of the columns that the expression is of}
     */
    static Set<String> columnNames(Expression expression)
    {
        if (expression.column() != null) {
            return ImmutableSet.of(expression.column());
        }
        if (expression.arguments() == null) {
            return ImmutableSet.of();
        }
        return expression.arguments().stream()
                .flatMap(argument -> columnNames(argument).stream())
                .collect(toImmutableSet());
    }

    private static List<ConnectorExpression> conjuncts(ConnectorExpression expression)
    {
        if (expression.equals(Constant.TRUE)) {
            return ImmutableList.of();
        }
        if (expression instanceof Call call && call.getFunctionName().equals(AND_FUNCTION_NAME)) {
            return call.getArguments().stream()
                    .flatMap(argument -> conjuncts(argument).stream())
                    .collect(toImmutableList());
        }
        return ImmutableList.of(expression);
    }

    private static ConnectorExpression conjunction(List<ConnectorExpression> conjuncts)
    {
        return switch (conjuncts.size()) {
            case 0 -> Constant.TRUE;
            case 1 -> conjuncts.getFirst();
            default -> new Call(BOOLEAN, AND_FUNCTION_NAME, conjuncts);
        };
    }

    private Optional<Expression> translate(ConnectorExpression expression, int depth)
    {
        nodes++;
        if (depth > MAX_DEPTH || nodes > MAX_NODES) {
            return Optional.empty();
        }
        return switch (expression) {
            case Variable variable -> column(variable);
            case Constant constant -> literal(constant);
            case Call call -> call(call, depth);
            default -> Optional.empty();
        };
    }

    private Optional<Expression> column(Variable variable)
    {
        if (!(assignments.get(variable.getName()) instanceof ArrowFlightColumnHandle column) || !column.predicate() || !hasLiterals(column.type()) || !kinds.contains("column")) {
            return Optional.empty();
        }
        return Optional.of(Expression.column(column.name()));
    }

    private Optional<Expression> literal(Constant constant)
    {
        if (constant.getValue() == null || !kinds.contains("literal")) {
            return Optional.empty();
        }
        return toLiteral(constant.getType(), constant.getValue())
                .map(value -> Expression.literal(typeName(constant.getType()), value));
    }

    private static String typeName(Type type)
    {
        return type instanceof VarcharType ? "varchar" : type.getDisplayName();
    }

    /**
     * Functions are told by their names: from one version of Trino to another their constants come and go.
     */
    private Optional<Expression> call(Call call, int depth)
    {
        if (call.getFunctionName().getCatalogSchema().isPresent()) {
            return Optional.empty();
        }
        List<ConnectorExpression> arguments = call.getArguments();
        return switch (call.getFunctionName().getName()) {
            case "$and" -> node("and", arguments, depth);
            case "$or" -> node("or", arguments, depth);
            case "$not" -> getOnlyElement(arguments) instanceof Call identical && identical.getFunctionName().getName().equals("$identical")
                    ? comparison("is_distinct_from", identical.getArguments(), depth)
                    : node("not", arguments, depth);
            case "$is_null" -> node("is_null", arguments, depth);
            case "$equal" -> comparison("=", arguments, depth);
            case "$not_equal" -> comparison("<>", arguments, depth);
            case "$less_than" -> ordering("<", arguments, depth);
            case "$less_than_or_equal" -> ordering("<=", arguments, depth);
            case "$greater_than" -> ordering(">", arguments, depth);
            case "$greater_than_or_equal" -> ordering(">=", arguments, depth);
            case "$identical" -> comparison("is_distinct_from", arguments, depth + 1).flatMap(distinct -> node("not", distinct));
            case "$between" -> between(arguments, depth);
            case "$in" -> in(arguments, depth);
            case "$like" -> like(arguments, depth);
            case "$cast" -> cast(getOnlyElement(arguments), call.getType(), depth);
            case "$add" -> arithmetic("+", call, depth);
            case "$subtract" -> arithmetic("-", call, depth);
            case "$multiply" -> arithmetic("*", call, depth);
            case "$divide" -> arithmetic("/", call, depth);
            case "$modulus", "$modulo" -> arithmetic("%", call, depth);
            case "$negate" -> isFloating(call.getType()) || call.getType() instanceof DecimalType ? node("negate", arguments, depth) : Optional.empty();
            default -> Optional.empty();
        };
    }

    private Optional<Expression> node(String kind, List<ConnectorExpression> arguments, int depth)
    {
        if (!kinds.contains(kind)) {
            return Optional.empty();
        }
        ImmutableList.Builder<Expression> translated = ImmutableList.builder();
        for (ConnectorExpression argument : arguments) {
            Optional<Expression> expression = translate(argument, depth + 1);
            if (expression.isEmpty()) {
                return Optional.empty();
            }
            translated.add(expression.get());
        }
        return Optional.of(Expression.of(kind, translated.build()));
    }

    private Optional<Expression> node(String kind, Expression argument)
    {
        return kinds.contains(kind) ? Optional.of(Expression.of(kind, ImmutableList.of(argument))) : Optional.empty();
    }

    private Optional<Expression> comparison(String kind, List<ConnectorExpression> arguments, int depth)
    {
        return areOfOneType(arguments) ? node(kind, arguments, depth) : Optional.empty();
    }

    private Optional<Expression> ordering(String kind, List<ConnectorExpression> arguments, int depth)
    {
        return hasSameOrderEverywhere(arguments.getFirst().getType()) ? comparison(kind, arguments, depth) : Optional.empty();
    }

    private static boolean areOfOneType(List<ConnectorExpression> expressions)
    {
        Type type = expressions.getFirst().getType();
        return expressions.stream().allMatch(expression -> expression.getType().equals(type) || (type instanceof VarcharType && expression.getType() instanceof VarcharType));
    }

    private Optional<Expression> between(List<ConnectorExpression> arguments, int depth)
    {
        if (arguments.size() != 3 || !kinds.contains("and")) {
            return Optional.empty();
        }
        return ordering(">=", ImmutableList.of(arguments.get(0), arguments.get(1)), depth + 1)
                .flatMap(low -> ordering("<=", ImmutableList.of(arguments.get(0), arguments.get(2)), depth + 1)
                        .map(high -> Expression.of("and", ImmutableList.of(low, high))));
    }

    private Optional<Expression> in(List<ConnectorExpression> arguments, int depth)
    {
        if (arguments.size() != 2 || !(arguments.get(1) instanceof Call values) || !values.getFunctionName().getName().equals("$array") || values.getArguments().isEmpty()) {
            return Optional.empty();
        }
        return comparison("in", ImmutableList.<ConnectorExpression>builder().add(arguments.getFirst()).addAll(values.getArguments()).build(), depth);
    }

    private Optional<Expression> like(List<ConnectorExpression> arguments, int depth)
    {
        if (arguments.size() < 2 || arguments.size() > 3 || !arguments.stream().allMatch(argument -> argument.getType() instanceof VarcharType)) {
            return Optional.empty();
        }
        if (!arguments.stream().skip(1).allMatch(argument -> argument instanceof Constant constant && constant.getValue() != null)) {
            return Optional.empty();
        }
        if (arguments.size() == 3 && countCodePoints((Slice) ((Constant) arguments.get(2)).getValue()) != 1) {
            return Optional.empty();
        }
        return node("like", arguments, depth);
    }

    private Optional<Expression> cast(ConnectorExpression value, Type target, int depth)
    {
        Type type = value.getType();
        if (type instanceof VarcharType source && target instanceof VarcharType varchar) {
            // the text stays as it is, and the protocol's text has no length
            boolean fits = varchar.isUnbounded() || (!source.isUnbounded() && source.getBoundedLength() <= varchar.getBoundedLength());
            return fits ? translate(value, depth) : Optional.empty();
        }
        if (!losesNothing(type, target) || !kinds.contains("cast")) {
            return Optional.empty();
        }
        return translate(value, depth + 1).map(argument -> Expression.cast(typeName(target), argument));
    }

    /**
     * Floating point takes the nearest number for a whole one, which is the same number everywhere.
     */
    private static boolean losesNothing(Type source, Type target)
    {
        OptionalInt digits = integerDigits(source);
        if (digits.isPresent()) {
            if (target instanceof DecimalType decimal) {
                return digits.getAsInt() <= decimal.getPrecision() - decimal.getScale();
            }
            OptionalInt targetDigits = integerDigits(target);
            return isFloating(target) || (targetDigits.isPresent() && digits.getAsInt() <= targetDigits.getAsInt());
        }
        if (source instanceof DecimalType from && target instanceof DecimalType to) {
            return from.getScale() <= to.getScale() && from.getPrecision() - from.getScale() <= to.getPrecision() - to.getScale();
        }
        return source instanceof RealType && target instanceof DoubleType;
    }

    private static OptionalInt integerDigits(Type type)
    {
        return switch (type) {
            case TinyintType _ -> OptionalInt.of(3);
            case SmallintType _ -> OptionalInt.of(5);
            case IntegerType _ -> OptionalInt.of(10);
            case BigintType _ -> OptionalInt.of(19);
            default -> OptionalInt.empty();
        };
    }

    private static boolean isFloating(Type type)
    {
        return type instanceof DoubleType || type instanceof RealType;
    }

    /**
     * Whole numbers overflow, and division fails at zero or rounds: that is left to Trino.
     */
    private Optional<Expression> arithmetic(String kind, Call call, int depth)
    {
        List<ConnectorExpression> arguments = call.getArguments();
        if (arguments.size() != 2) {
            return Optional.empty();
        }
        Type left = arguments.get(0).getType();
        Type right = arguments.get(1).getType();
        if (isFloating(left)) {
            return left.equals(right) && left.equals(call.getType()) ? node(kind, arguments, depth) : Optional.empty();
        }
        if (!(left instanceof DecimalType leftDecimal) || !(right instanceof DecimalType rightDecimal) || !(call.getType() instanceof DecimalType result)) {
            return Optional.empty();
        }
        Optional<DecimalType> exact = exactResult(kind, leftDecimal, rightDecimal);
        if (exact.isEmpty() || exact.get().getScale() != result.getScale() || exact.get().getPrecision() > result.getPrecision()) {
            return Optional.empty();
        }
        if (exact.get().equals(result)) {
            return node(kind, arguments, depth);
        }
        // from 478 on Trino has a digit more for a product
        return kinds.contains("cast") ? node(kind, arguments, depth + 1).map(value -> Expression.cast(typeName(result), value)) : Optional.empty();
    }

    /**
     * {@return the protocol's type of the result; empty when there is none that holds every result}
     */
    private static Optional<DecimalType> exactResult(String kind, DecimalType left, DecimalType right)
    {
        int scale = Math.max(left.getScale(), right.getScale());
        int precision = Math.max(left.getPrecision() - left.getScale(), right.getPrecision() - right.getScale()) + scale + 1;
        if (kind.equals("*")) {
            scale = left.getScale() + right.getScale();
            precision = left.getPrecision() + right.getPrecision();
        }
        boolean isExact = ImmutableSet.of("+", "-", "*").contains(kind) && precision <= MAX_PRECISION;
        return isExact ? Optional.of(createDecimalType(precision, scale)) : Optional.empty();
    }

    /**
     * {@return the expression as EXPLAIN shows it}
     */
    static String format(Expression expression)
    {
        List<String> arguments = expression.arguments() == null ? ImmutableList.of() : expression.arguments().stream().map(ArrowFlightExpressions::format).toList();
        return switch (expression.kind()) {
            case "column" -> expression.column();
            case "literal" -> "%s '%s'".formatted(expression.type(), expression.value());
            case "not" -> "NOT " + arguments.getFirst();
            case "is_null" -> "(%s IS NULL)".formatted(arguments.getFirst());
            case "negate" -> "-" + arguments.getFirst();
            case "cast" -> "CAST(%s AS %s)".formatted(arguments.getFirst(), expression.type());
            case "in" -> "(%s IN (%s))".formatted(arguments.getFirst(), String.join(", ", arguments.subList(1, arguments.size())));
            case "like" -> "(%s LIKE %s)".formatted(arguments.getFirst(), String.join(" ESCAPE ", arguments.subList(1, arguments.size())));
            case "and" -> "(%s)".formatted(String.join(" AND ", arguments));
            case "or" -> "(%s)".formatted(String.join(" OR ", arguments));
            case "is_distinct_from" -> "(%s)".formatted(String.join(" IS DISTINCT FROM ", arguments));
            default -> "(%s)".formatted(String.join(" %s ".formatted(expression.kind()), arguments));
        };
    }
}
