package io.nostro.trino.flight;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.Sets;
import org.apache.arrow.vector.types.DateUnit;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import static io.nostro.trino.flight.TestingFlightSource.comparable;
import static io.nostro.trino.flight.TestingFlightSource.compare;
import static io.nostro.trino.flight.TestingFlightSource.isNan;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toList;
import static org.apache.arrow.vector.types.pojo.FieldType.nullable;

/**
 * What the protocol's expressions, joins, aggregations and orders mean, as plainly as can be.
 */
record TestingRows(Schema schema, List<List<Object>> rows)
{
    TestingRows limited(int limit)
    {
        return new TestingRows(schema, rows.subList(0, Math.min(rows.size(), limit)));
    }

    TestingRows projected(JsonNode columns)
    {
        List<Integer> channels = StreamSupport.stream(columns.spliterator(), false).map(column -> channel(column.asText())).toList();
        return new TestingRows(
                new Schema(channels.stream().map(channel -> schema.getFields().get(channel)).toList()),
                rows.stream().map(row -> {
                    List<Object> projected = new ArrayList<>();
                    channels.forEach(channel -> projected.add(row.get(channel)));
                    return projected;
                }).toList());
    }

    private int channel(String column)
    {
        return schema.getFields().indexOf(schema.findField(column));
    }

    TestingRows joined(TestingRows right, JsonNode join)
    {
        List<Field> fields = new ArrayList<>();
        for (Field field : ImmutableList.<Field>builder().addAll(schema.getFields()).addAll(right.schema.getFields()).build()) {
            FieldType type = field.getFieldType();
            fields.add(new Field(join.get("outputs").get(fields.size()).asText(), new FieldType(true, type.getType(), type.getDictionary(), type.getMetadata()), field.getChildren()));
        }
        Schema both = new Schema(fields);
        List<List<Object>> result = new ArrayList<>();
        Set<List<Object>> matched = Sets.newIdentityHashSet();
        for (List<Object> row : rows) {
            for (List<Object> other : right.rows) {
                List<Object> pair = Stream.concat(row.stream(), other.stream()).collect(toList());
                if (Boolean.TRUE.equals(evaluate(both, pair, join.get("condition")))) {
                    result.add(pair);
                    matched.add(row);
                    matched.add(other);
                }
            }
        }
        String kind = join.get("kind").asText();
        if (kind.equals("left") || kind.equals("full")) {
            rows.stream().filter(row -> !matched.contains(row)).forEach(row -> result.add(Stream.concat(row.stream(), nothing(right)).collect(toList())));
        }
        if (kind.equals("right") || kind.equals("full")) {
            right.rows.stream().filter(row -> !matched.contains(row)).forEach(row -> result.add(Stream.concat(nothing(this), row.stream()).collect(toList())));
        }
        return new TestingRows(both, result);
    }

    private static Stream<Object> nothing(TestingRows rows)
    {
        return rows.schema.getFields().stream().map(_ -> null);
    }

    TestingRows ordered(JsonNode orderBy)
    {
        Comparator<List<Object>> order = (_, _) -> 0;
        for (JsonNode item : orderBy) {
            int channel = channel(item.get("column").asText());
            boolean nullsFirst = item.get("nulls_first").asBoolean();
            int sign = item.get("descending").asBoolean() ? -1 : 1;
            order = order.thenComparing(row -> row.get(channel), (left, right) -> {
                if (left == null || right == null) {
                    return Boolean.compare(left == null, right == null) * (nullsFirst ? -1 : 1);
                }
                Object first = comparable(left);
                Object second = comparable(right);
                if (isNan(first) || isNan(second)) {
                    return sign * Boolean.compare(isNan(first), isNan(second)) * (nullsFirst ? -1 : 1);
                }
                return sign * compare(first, second);
            });
        }
        return new TestingRows(schema, rows.stream().sorted(order).toList());
    }

    TestingRows aggregated(JsonNode aggregation)
    {
        List<Integer> groupBy = StreamSupport.stream(aggregation.get("group_by").spliterator(), false).map(column -> channel(column.asText())).toList();
        Map<List<Object>, List<List<Object>>> groups = new LinkedHashMap<>();
        if (groupBy.isEmpty()) {
            groups.put(ImmutableList.of(), rows);
        }
        else {
            for (List<Object> row : rows) {
                groups.computeIfAbsent(groupBy.stream().map(channel -> key(row.get(channel))).toList(), _ -> new ArrayList<>()).add(row);
            }
        }
        List<Field> fields = new ArrayList<>();
        groupBy.forEach(channel -> fields.add(schema.getFields().get(channel)));
        List<List<Object>> result = new ArrayList<>();
        groups.values().forEach(group -> {
            List<Object> row = new ArrayList<>();
            groupBy.forEach(channel -> row.add(group.getFirst().get(channel)));
            result.add(row);
        });
        for (JsonNode aggregate : aggregation.get("aggregates")) {
            String function = aggregate.get("function").asText();
            Optional<Integer> channel = aggregate.get("column").isNull() ? Optional.empty() : Optional.of(channel(aggregate.get("column").asText()));
            Optional<Field> column = channel.map(schema.getFields()::get);
            fields.add(new Field(aggregate.get("output").asText(), outputType(function, column), null));
            int index = 0;
            for (List<List<Object>> group : groups.values()) {
                List<Object> values = channel.map(value -> group.stream().map(row -> row.get(value)).filter(Objects::nonNull).toList()).orElse(ImmutableList.copyOf(group));
                result.get(index).add(aggregate(function, values));
                index++;
            }
        }
        return new TestingRows(new Schema(fields), result);
    }

    private static Object key(Object value)
    {
        return switch (value) {
            case byte[] bytes -> ByteBuffer.wrap(bytes);
            case Double number -> number + 0.0;
            case Float number -> number + 0.0f;
            case null -> Optional.empty();
            default -> value;
        };
    }

    private static FieldType outputType(String function, Optional<Field> column)
    {
        return switch (function) {
            case "count", "count_distinct" -> nullable(new ArrowType.Int(64, true));
            case "min", "max" -> column.orElseThrow().getFieldType();
            case "sum" -> switch (column.orElseThrow().getType()) {
                case ArrowType.Int _ -> nullable(new ArrowType.Int(64, true));
                case ArrowType.Decimal decimal -> nullable(new ArrowType.Decimal(38, decimal.getScale(), 128));
                default -> column.get().getFieldType();
            };
            case "avg" -> column.orElseThrow().getType() instanceof ArrowType.FloatingPoint ? column.get().getFieldType() : nullable(new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE));
            default -> throw new IllegalArgumentException(function);
        };
    }

    private static Object aggregate(String function, List<?> values)
    {
        if (function.equals("count")) {
            return (long) values.size();
        }
        if (function.equals("count_distinct")) {
            return values.stream().map(TestingRows::key).distinct().count();
        }
        if (values.isEmpty()) {
            return null;
        }
        return switch (function) {
            case "min", "max" -> {
                Comparator<Object> order = (left, right) -> compare(comparable(left), comparable(right));
                List<?> numbers = values.stream().filter(value -> !isNan(comparable(value))).toList();
                if (numbers.isEmpty()) {
                    yield values.getFirst();
                }
                yield function.equals("min") ? numbers.stream().min(order).orElseThrow() : numbers.stream().max(order).orElseThrow();
            }
            case "sum" -> switch (values.getFirst()) {
                case Double _ -> doubles(values).sum();
                case Float _ -> (float) doubles(values).sum();
                case BigDecimal _ -> values.stream().map(BigDecimal.class::cast).reduce(BigDecimal::add).orElseThrow();
                default -> values.stream().mapToLong(value -> ((Number) value).longValue()).reduce(Math::addExact).orElseThrow();
            };
            case "avg" -> values.getFirst() instanceof Float ? (Object) (float) doubles(values).average().orElseThrow() : doubles(values).average().orElseThrow();
            default -> throw new IllegalArgumentException(function);
        };
    }

    private static DoubleStream doubles(List<?> values)
    {
        return values.stream().mapToDouble(value -> ((Number) value).doubleValue());
    }

    /**
     * {@return null for SQL's NULL}
     */
    static Object evaluate(Schema schema, List<Object> row, JsonNode expression)
    {
        String kind = expression.get("kind").asText();
        if (kind.equals("column")) {
            Object value = row.get(schema.getFields().indexOf(schema.findField(expression.get("column").asText())));
            return value == null ? null : comparable(value);
        }
        if (kind.equals("literal")) {
            return TestingFlightSource.parse(literalType(expression.get("type").asText()), expression.get("value").asText());
        }
        List<Object> arguments = new ArrayList<>();
        expression.get("arguments").forEach(argument -> arguments.add(evaluate(schema, row, argument)));
        switch (kind) {
            case "and" -> {
                return arguments.contains(false) ? (Object) false : unlessNull(arguments, true);
            }
            case "or" -> {
                return arguments.contains(true) ? (Object) true : unlessNull(arguments, false);
            }
            case "is_null" -> {
                return arguments.getFirst() == null;
            }
            case "is_distinct_from" -> {
                Object left = arguments.get(0);
                Object right = arguments.get(1);
                if (left == null || right == null) {
                    return left != right;
                }
                return !(isNan(left) ? isNan(right) : holds("=", left, right));
            }
            case "in" -> {
                if (arguments.getFirst() == null) {
                    return null;
                }
                boolean found = arguments.stream().skip(1).anyMatch(candidate -> candidate != null && holds("=", arguments.getFirst(), candidate));
                return found ? (Object) true : unlessNull(arguments, false);
            }
            default -> {
                return arguments.contains(null) ? null : evaluate(kind, arguments, expression);
            }
        }
    }

    private static Object unlessNull(List<Object> arguments, boolean value)
    {
        return arguments.contains(null) ? null : value;
    }

    private static Object evaluate(String kind, List<Object> arguments, JsonNode expression)
    {
        Object first = arguments.getFirst();
        return switch (kind) {
            case "not" -> !((Boolean) first);
            case "cast" -> expression.get("type").asText().equals("double") ? ((Number) first).doubleValue() : first;
            case "negate" -> first instanceof Double number ? -number : ((BigDecimal) first).negate();
            case "like" -> like(arguments);
            case "+", "-", "*", "/", "%" -> first instanceof Double left ? (Object) computed(kind, left, (Double) arguments.get(1)) : computed(kind, (BigDecimal) first, (BigDecimal) arguments.get(1));
            default -> holds(kind, first, arguments.get(1));
        };
    }

    private static boolean holds(String kind, Object left, Object right)
    {
        if (isNan(left) || isNan(right)) {
            return kind.equals("<>");
        }
        int comparison = compare(left, right);
        return switch (kind) {
            case "=" -> comparison == 0;
            case "<>" -> comparison != 0;
            case "<" -> comparison < 0;
            case "<=" -> comparison <= 0;
            case ">" -> comparison > 0;
            case ">=" -> comparison >= 0;
            default -> throw new IllegalArgumentException(kind);
        };
    }

    private static double computed(String kind, double left, double right)
    {
        return switch (kind) {
            case "+" -> left + right;
            case "-" -> left - right;
            case "*" -> left * right;
            case "/" -> left / right;
            default -> left % right;
        };
    }

    private static BigDecimal computed(String kind, BigDecimal left, BigDecimal right)
    {
        return switch (kind) {
            case "+" -> left.add(right);
            case "-" -> left.subtract(right);
            case "*" -> left.multiply(right);
            default -> throw new IllegalArgumentException(kind);
        };
    }

    private static boolean like(List<Object> arguments)
    {
        int[] text = new String((byte[]) arguments.get(0), UTF_8).codePoints().toArray();
        int[] pattern = new String((byte[]) arguments.get(1), UTF_8).codePoints().toArray();
        int escape = arguments.size() == 3 ? new String((byte[]) arguments.get(2), UTF_8).codePointAt(0) : -1;
        return like(text, 0, pattern, 0, escape);
    }

    private static boolean like(int[] text, int start, int[] pattern, int next, int escape)
    {
        if (next == pattern.length) {
            return start == text.length;
        }
        if (pattern[next] == escape) {
            return start < text.length && text[start] == pattern[next + 1] && like(text, start + 1, pattern, next + 2, escape);
        }
        if (pattern[next] == '%') {
            return IntStream.rangeClosed(start, text.length).anyMatch(end -> like(text, end, pattern, next + 1, escape));
        }
        return start < text.length && (pattern[next] == '_' || pattern[next] == text[start]) && like(text, start + 1, pattern, next + 1, escape);
    }

    private static ArrowType literalType(String name)
    {
        return switch (name.replaceAll("\\(.*?\\)", "")) {
            case "boolean" -> new ArrowType.Bool();
            case "varchar" -> new ArrowType.Utf8();
            case "varbinary" -> new ArrowType.Binary();
            case "real" -> new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE);
            case "double" -> new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE);
            case "date" -> new ArrowType.Date(DateUnit.DAY);
            case "time" -> new ArrowType.Time(TimeUnit.MICROSECOND, 64);
            case "timestamp" -> new ArrowType.Timestamp(TimeUnit.MICROSECOND, null);
            case "timestamp with time zone" -> new ArrowType.Timestamp(TimeUnit.MICROSECOND, "UTC");
            case "uuid" -> new ArrowType.FixedSizeBinary(16);
            default -> new ArrowType.Int(64, true);
        };
    }
}
