package io.nostro.functions.fuzzing;

import com.google.common.collect.ImmutableList;
import io.airlift.slice.Slices;
import io.nostro.functions.Example;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.type.ArrayType;
import io.trino.spi.type.BigintType;
import io.trino.spi.type.DateType;
import io.trino.spi.type.DecimalType;
import io.trino.spi.type.DoubleType;
import io.trino.spi.type.Type;
import io.trino.spi.type.VarcharType;
import io.trino.sql.parser.SqlParser;
import io.trino.sql.tree.ArithmeticUnaryExpression;
import io.trino.sql.tree.Array;
import io.trino.sql.tree.DecimalLiteral;
import io.trino.sql.tree.DoubleLiteral;
import io.trino.sql.tree.Expression;
import io.trino.sql.tree.FunctionCall;
import io.trino.sql.tree.GenericLiteral;
import io.trino.sql.tree.LongLiteral;
import io.trino.sql.tree.Node;
import io.trino.sql.tree.StringLiteral;

import java.lang.reflect.AnnotatedElement;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import static io.trino.spi.type.TypeUtils.writeNativeValue;
import static io.trino.sql.util.AstUtils.preOrder;
import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.joining;

/**
 * The calls in a function's examples: arguments that belong together, and so reach what a function does with good ones.
 */
final class ExampleCalls
{
    private static final SqlParser PARSER = new SqlParser();

    private final List<List<Optional<Object>>> calls;

    private ExampleCalls(List<List<Optional<Object>>> calls)
    {
        this.calls = requireNonNull(calls, "calls is null");
    }

    static ExampleCalls of(FuzzedFunction function)
    {
        return new ExampleCalls(examples(function)
                .flatMap(example -> preOrder(parsed(example.sql())))
                .filter(FunctionCall.class::isInstance)
                .map(FunctionCall.class::cast)
                .filter(call -> call.getName().getSuffix().equals(function.name()))
                .map(call -> call.getArguments().stream().map(ExampleCalls::constant).collect(ImmutableList.toImmutableList()))
                .collect(ImmutableList.<List<Optional<Object>>>toImmutableList()));
    }

    static Stream<Example> examples(FuzzedFunction function)
    {
        return Stream.concat(Stream.of((AnnotatedElement) function.declaring()), Arrays.stream(function.declaring().getMethods()))
                .flatMap(element -> Arrays.stream(element.getAnnotationsByType(Example.class)))
                .filter(example -> example.sql().contains(function.name() + "("));
    }

    /**
     * The arguments of each call that has as many, as Trino's engine hands them over; empty where an argument is no
     * constant or none of its type.
     */
    List<List<Optional<Object>>> arguments(List<Type> types)
    {
        return calls.stream()
                .filter(call -> call.size() == types.size())
                .map(call -> {
                    ImmutableList.Builder<Optional<Object>> arguments = ImmutableList.builder();
                    for (int i = 0; i < types.size(); i++) {
                        Type type = types.get(i);
                        arguments.add(call.get(i).flatMap(constant -> converted(type, constant)));
                    }
                    return (List<Optional<Object>>) arguments.build();
                })
                .filter(arguments -> arguments.stream().anyMatch(Optional::isPresent))
                .toList();
    }

    private static Node parsed(String sql)
    {
        return sql.startsWith("SELECT") || sql.startsWith("WITH") ? PARSER.createStatement(sql) : PARSER.createExpression(sql);
    }

    private static Optional<Object> constant(Expression expression)
    {
        return switch (expression) {
            case StringLiteral literal -> Optional.of(literal.getValue());
            case LongLiteral literal -> Optional.of(BigDecimal.valueOf(literal.getParsedValue()));
            case DoubleLiteral literal -> Optional.of(BigDecimal.valueOf(literal.getValue()));
            case DecimalLiteral literal -> Optional.of(new BigDecimal(literal.getValue()));
            case GenericLiteral literal when literal.getType().equalsIgnoreCase("date") -> Optional.of(LocalDate.parse(literal.getValue()));
            case GenericLiteral literal when literal.getType().equalsIgnoreCase("decimal") || literal.getType().equalsIgnoreCase("double") -> Optional.of(new BigDecimal(literal.getValue()));
            case ArithmeticUnaryExpression negated when negated.getSign() == ArithmeticUnaryExpression.Sign.MINUS ->
                    constant(negated.getValue()).filter(BigDecimal.class::isInstance).map(number -> ((BigDecimal) number).negate());
            case Array array -> allOf(array.getValues()).map(List.class::cast);
            case FunctionCall call when call.getName().toString().equals("concat") -> allOf(call.getArguments()).map(texts -> texts.stream().map(Object::toString).collect(joining()));
            case FunctionCall call when call.getName().toString().equals("chr") ->
                    constant(call.getArguments().getFirst()).map(code -> Character.toString(((BigDecimal) code).intValueExact()));
            case FunctionCall call when call.getName().toString().equals("rpad") ->
                    allOf(call.getArguments()).map(arguments -> padded((String) arguments.get(0), ((BigDecimal) arguments.get(1)).intValueExact(), (String) arguments.get(2)));
            default -> Optional.empty();
        };
    }

    private static String padded(String text, int length, String padding)
    {
        return (text + padding.repeat(length)).substring(0, length);
    }

    private static Optional<List<Object>> allOf(List<? extends Expression> expressions)
    {
        List<Optional<Object>> constants = expressions.stream().map(ExampleCalls::constant).toList();
        return constants.stream().allMatch(Optional::isPresent) ? Optional.of(constants.stream().map(Optional::orElseThrow).toList()) : Optional.empty();
    }

    private static Optional<Object> converted(Type type, Object constant)
    {
        return switch (type) {
            case VarcharType varchar when constant instanceof String text -> Optional.of(ValueGenerator.converted(VarcharType.VARCHAR, varchar, Slices.utf8Slice(text)));
            case DateType _ when constant instanceof LocalDate date -> Optional.of(date.toEpochDay());
            case BigintType _ when constant instanceof BigDecimal number -> Optional.of(number.longValue());
            case DoubleType _ when constant instanceof BigDecimal number -> Optional.of(number.doubleValue());
            case DecimalType decimal when constant instanceof BigDecimal number -> Optional.of(ValueGenerator.decimal(decimal, number.setScale(decimal.getScale(), RoundingMode.HALF_UP).unscaledValue()));
            case ArrayType array when constant instanceof List<?> elements -> {
                List<Optional<Object>> values = elements.stream().map(element -> converted(array.getElementType(), element)).toList();
                if (!values.stream().allMatch(Optional::isPresent)) {
                    yield Optional.empty();
                }
                BlockBuilder builder = array.getElementType().createBlockBuilder(null, values.size());
                values.forEach(value -> writeNativeValue(array.getElementType(), builder, value.orElseThrow()));
                yield Optional.of(builder.build());
            }
            default -> Optional.empty();
        };
    }
}
