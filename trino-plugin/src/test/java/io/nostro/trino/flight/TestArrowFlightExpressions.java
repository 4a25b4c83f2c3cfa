package io.nostro.trino.flight;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.airlift.slice.Slices;
import io.nostro.trino.flight.ArrowFlightExpressions.PushedExpressions;
import io.nostro.trino.flight.ArrowFlightProtocol.Expression;
import io.trino.spi.connector.ColumnHandle;
import io.trino.spi.expression.Call;
import io.trino.spi.expression.ConnectorExpression;
import io.trino.spi.expression.Constant;
import io.trino.spi.expression.FunctionName;
import io.trino.spi.expression.Variable;
import io.trino.spi.type.ArrayType;
import io.trino.spi.type.Type;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import static com.google.common.collect.ImmutableMap.toImmutableMap;
import static io.trino.spi.type.BigintType.BIGINT;
import static io.trino.spi.type.BooleanType.BOOLEAN;
import static io.trino.spi.type.CharType.createCharType;
import static io.trino.spi.type.DecimalType.createDecimalType;
import static io.trino.spi.type.DoubleType.DOUBLE;
import static io.trino.spi.type.IntegerType.INTEGER;
import static io.trino.spi.type.RealType.REAL;
import static io.trino.spi.type.UuidType.UUID;
import static io.trino.spi.type.VarcharType.VARCHAR;
import static io.trino.spi.type.VarcharType.createVarcharType;
import static java.util.Collections.nCopies;
import static java.util.Locale.ENGLISH;
import static org.assertj.core.api.Assertions.assertThat;

final class TestArrowFlightExpressions
{
    private static final Set<String> ALL = ImmutableSet.of(
            "column", "literal", "and", "or", "not", "is_null", "=", "<>", "<", "<=", ">", ">=", "is_distinct_from", "in", "like", "cast", "+", "-", "*", "/", "%", "negate");

    private static final Map<String, Type> COLUMNS = ImmutableMap.<String, Type>builder()
            .put("n", BIGINT)
            .put("i", INTEGER)
            .put("d", DOUBLE)
            .put("r", REAL)
            .put("price", createDecimalType(18, 2))
            .put("weight", createDecimalType(20, 4))
            .put("t", VARCHAR)
            .put("short", createVarcharType(5))
            .put("c", createCharType(5))
            .put("u", UUID)
            .put("b", BOOLEAN)
            .buildOrThrow();

    private static final Map<String, ColumnHandle> ASSIGNMENTS = COLUMNS.entrySet().stream()
            .collect(toImmutableMap(Map.Entry::getKey, entry -> new ArrowFlightColumnHandle(entry.getKey().toUpperCase(ENGLISH), entry.getValue(), true, true, Optional.empty(), false)));

    @Test
    void testComparisons()
    {
        assertTranslated(call(BOOLEAN, "$equal", column("n"), number(7)), "(N = bigint '7')");
        assertTranslated(call(BOOLEAN, "$not_equal", column("n"), number(7)), "(N <> bigint '7')");
        assertTranslated(call(BOOLEAN, "$less_than", column("n"), number(7)), "(N < bigint '7')");
        assertTranslated(call(BOOLEAN, "$greater_than_or_equal", column("n"), number(7)), "(N >= bigint '7')");
        assertTranslated(call(BOOLEAN, "$identical", column("n"), number(7)), "NOT (N IS DISTINCT FROM bigint '7')");
        assertTranslated(call(BOOLEAN, "$not", call(BOOLEAN, "$identical", column("n"), number(7))), "(N IS DISTINCT FROM bigint '7')");
        assertTranslated(call(BOOLEAN, "$between", column("n"), number(1), number(7)), "((N >= bigint '1') AND (N <= bigint '7'))");
        assertTranslated(call(BOOLEAN, "$in", column("n"), call(new ArrayType(BIGINT), "$array", number(1), number(7))), "(N IN (bigint '1', bigint '7'))");
        assertTranslated(call(BOOLEAN, "$equal", column("short"), column("t")), "(SHORT = T)");
        assertTranslated(call(BOOLEAN, "$equal", column("u"), column("u")), "(U = U)");
        assertNotTranslated(call(BOOLEAN, "$less_than", column("u"), column("u")));
        assertNotTranslated(call(BOOLEAN, "$less_than", column("b"), column("b")));
        assertNotTranslated(call(BOOLEAN, "$equal", column("c"), column("c")));
        assertNotTranslated(call(BOOLEAN, "$equal", column("n"), new Constant(null, BIGINT)));
        assertNotTranslated(call(BOOLEAN, "$equal", column("n"), column("i")));
    }

    @Test
    void testLogic()
    {
        assertTranslated(
                call(BOOLEAN, "$or", call(BOOLEAN, "$not", column("b")), call(BOOLEAN, "$and", column("b"), call(BOOLEAN, "$is_null", column("n")))),
                "(NOT B OR (B AND (N IS NULL)))");
        assertNotTranslated(call(BOOLEAN, "$or", column("b"), call(BOOLEAN, "is_nan", column("d"))));
        assertNotTranslated(call(BOOLEAN, "$coalesce", column("b"), Constant.TRUE));
    }

    @Test
    void testLike()
    {
        assertTranslated(call(BOOLEAN, "$like", column("t"), text("a%")), "(T LIKE varchar 'a%')");
        assertTranslated(call(BOOLEAN, "$like", column("t"), text("a#%"), text("#")), "(T LIKE varchar 'a#%' ESCAPE varchar '#')");
        assertNotTranslated(call(BOOLEAN, "$like", column("t"), column("t")));
        assertNotTranslated(call(BOOLEAN, "$like", column("t"), text("a"), text("##")));
        assertNotTranslated(call(BOOLEAN, "$like", column("c"), text("a%")));
    }

    @Test
    void testArithmetic()
    {
        for (String operator : List.of("$add +", "$subtract -", "$multiply *", "$divide /", "$modulus %", "$modulo %")) {
            String function = operator.substring(0, operator.indexOf(' '));
            String symbol = operator.substring(operator.indexOf(' ') + 1);
            assertTranslated(call(DOUBLE, function, column("d"), column("d")), "(D %s D)".formatted(symbol));
            assertTranslated(call(REAL, function, column("r"), column("r")), "(R %s R)".formatted(symbol));
            assertNotTranslated(call(BIGINT, function, column("n"), column("n")));
        }
        assertTranslated(call(createDecimalType(21, 4), "$add", column("price"), column("weight")), "(PRICE + WEIGHT)");
        assertTranslated(call(createDecimalType(38, 6), "$multiply", column("price"), column("weight")), "(PRICE * WEIGHT)");
        assertTranslated(call(createDecimalType(37, 4), "$multiply", column("price"), column("price")), "CAST((PRICE * PRICE) AS decimal(37,4))");
        assertNotTranslated(call(createDecimalType(35, 4), "$multiply", column("price"), column("price")));
        assertNotTranslated(call(createDecimalType(21, 3), "$add", column("price"), column("weight")));
        assertNotTranslated(call(createDecimalType(38, 8), "$multiply", column("weight"), column("weight")));
        assertNotTranslated(call(createDecimalType(24, 4), "$divide", column("price"), column("weight")));
        assertTranslated(call(DOUBLE, "$negate", column("d")), "-D");
        assertNotTranslated(call(BIGINT, "$negate", column("n")));
    }

    @Test
    void testCasts()
    {
        assertTranslated(call(BIGINT, "$cast", column("i")), "CAST(I AS bigint)");
        assertTranslated(call(DOUBLE, "$cast", column("n")), "CAST(N AS double)");
        assertTranslated(call(DOUBLE, "$cast", column("r")), "CAST(R AS double)");
        assertTranslated(call(createDecimalType(19, 0), "$cast", column("n")), "CAST(N AS decimal(19,0))");
        assertTranslated(call(createDecimalType(20, 4), "$cast", column("price")), "CAST(PRICE AS decimal(20,4))");
        assertTranslated(call(VARCHAR, "$cast", column("short")), "SHORT");
        assertTranslated(call(createVarcharType(6), "$cast", column("short")), "SHORT");
        assertNotTranslated(call(createVarcharType(4), "$cast", column("short")));
        assertNotTranslated(call(createVarcharType(4), "$cast", column("t")));
        assertNotTranslated(call(INTEGER, "$cast", column("n")));
        assertNotTranslated(call(REAL, "$cast", column("d")));
        assertNotTranslated(call(createDecimalType(18, 0), "$cast", column("n")));
        assertNotTranslated(call(createDecimalType(18, 4), "$cast", column("price")));
        assertNotTranslated(call(VARCHAR, "$cast", column("n")));
        assertNotTranslated(call(VARCHAR, "$cast", column("c")));
    }

    @Test
    void testKinds()
    {
        ConnectorExpression expression = call(BOOLEAN, "$not", call(BOOLEAN, "$is_null", column("n")));
        assertThat(ArrowFlightExpressions.translate(expression, ASSIGNMENTS, ImmutableSet.of("column", "not", "is_null"))).isPresent();
        for (Set<String> kinds : List.of(ImmutableSet.<String>of(), ImmutableSet.of("not", "is_null"), ImmutableSet.of("column", "is_null"), ImmutableSet.of("column", "not"))) {
            assertThat(ArrowFlightExpressions.translate(expression, ASSIGNMENTS, kinds)).isEmpty();
        }
    }

    @Test
    void testSize()
    {
        ConnectorExpression deep = column("b");
        // with a level for the other conditions that may be sent along, as many as a source accepts
        for (int i = 1; i < 99; i++) {
            deep = call(BOOLEAN, "$not", deep);
        }
        assertThat(ArrowFlightExpressions.translate(deep, ASSIGNMENTS, ALL)).isPresent();
        assertNotTranslated(call(BOOLEAN, "$not", deep));
        assertNotTranslated(call(BOOLEAN, "$or", nCopies(1_000, column("b")).toArray(ConnectorExpression[]::new)));
    }

    @Test
    void testConjuncts()
    {
        ConnectorExpression sent = call(BOOLEAN, "$equal", column("n"), number(7));
        ConnectorExpression kept = call(BOOLEAN, "is_nan", column("d"));
        PushedExpressions pushed = ArrowFlightExpressions.push(call(BOOLEAN, "$and", kept, call(BOOLEAN, "$and", sent, column("b"))), ASSIGNMENTS, ALL);
        assertThat(pushed.pushed().stream().map(ArrowFlightExpressions::format)).containsExactly("(N = bigint '7')", "B");
        assertThat(pushed.remaining()).isEqualTo(kept);
        assertThat(ArrowFlightExpressions.push(Constant.TRUE, ASSIGNMENTS, ALL)).isEqualTo(new PushedExpressions(List.of(), Constant.TRUE));
        assertThat(ArrowFlightExpressions.push(sent, ASSIGNMENTS, ImmutableSet.of())).isEqualTo(new PushedExpressions(List.of(), sent));
    }

    private static void assertTranslated(ConnectorExpression expression, String expected)
    {
        assertThat(ArrowFlightExpressions.translate(expression, ASSIGNMENTS, ALL).map(ArrowFlightExpressions::format)).hasValue(expected);
    }

    private static void assertNotTranslated(ConnectorExpression expression)
    {
        Optional<Expression> translated = ArrowFlightExpressions.translate(expression, ASSIGNMENTS, ALL);
        assertThat(translated).isEmpty();
    }

    private static Variable column(String name)
    {
        return new Variable(name, COLUMNS.get(name));
    }

    private static Constant number(long value)
    {
        return new Constant(value, BIGINT);
    }

    private static Constant text(String value)
    {
        return new Constant(Slices.utf8Slice(value), createVarcharType(value.length()));
    }

    private static Call call(Type type, String function, ConnectorExpression... arguments)
    {
        return new Call(type, new FunctionName(function), List.of(arguments));
    }
}
