package io.nostro.trino.flight;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.collect.ImmutableMap;
import io.nostro.trino.flight.TestingFlightSource.Table;
import io.trino.Session;
import io.trino.sql.planner.plan.AggregationNode;
import io.trino.sql.planner.plan.FilterNode;
import io.trino.sql.planner.plan.LimitNode;
import io.trino.sql.planner.plan.ProjectNode;
import io.trino.sql.planner.plan.TopNNode;
import io.trino.testing.AbstractTestQueryFramework;
import io.trino.testing.QueryRunner;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.parallel.Execution;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;

import static com.fasterxml.jackson.core.json.JsonReadFeature.ALLOW_SINGLE_QUOTES;
import static com.fasterxml.jackson.core.json.JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES;
import static io.nostro.trino.flight.TestingFlightSource.ALL_CAPABILITIES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.TestInstance.Lifecycle.PER_CLASS;
import static org.junit.jupiter.api.parallel.ExecutionMode.SAME_THREAD;

/**
 * What is pushed down, and that each query gives the same rows when it isn't.
 */
@TestInstance(PER_CLASS)
@Execution(SAME_THREAD)
final class TestArrowFlightPushdown
        extends AbstractTestQueryFramework
{
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(ALLOW_SINGLE_QUOTES)
            .enable(ALLOW_UNQUOTED_FIELD_NAMES)
            .build();

    private TestingFlightSource source;

    @Override
    protected QueryRunner createQueryRunner()
            throws Exception
    {
        source = closeAfterClass(new TestingFlightSource());
        source.add(TestArrowFlightConnector.numbersTable().withCapabilities(ALL_CAPABILITIES));
        source.add(pairsTable().withCapabilities(ALL_CAPABILITIES));
        return ArrowFlightQueryRunner.create(source.location(), ImmutableMap.of());
    }

    private static Table pairsTable()
    {
        Schema schema = new Schema(List.of(
                new Field("First", FieldType.nullable(new ArrowType.Int(64, true)), null),
                new Field("second", FieldType.nullable(new ArrowType.Int(64, true)), null),
                new Field("small", FieldType.nullable(new ArrowType.Int(32, true)), null),
                new Field("price", FieldType.nullable(new ArrowType.Decimal(9, 2, 128)), null),
                new Field("wide", FieldType.nullable(new ArrowType.Decimal(38, 2, 128)), null)));
        return Table.of("pairs", schema, List.of(
                Arrays.asList(Long.MAX_VALUE, 1L, 3, new BigDecimal("0.01"), new BigDecimal("1.00")),
                Arrays.asList(1L, 1L, 3, new BigDecimal("0.02"), null),
                Arrays.asList(null, 7L, null, new BigDecimal("-0.02"), new BigDecimal("2.00")),
                Arrays.asList(3L, null, -4, null, new BigDecimal("3.00"))));
    }

    /**
     * A source may refuse relations that lie deeper within one another.
     */
    @Test
    void testManyLimitsAboveOneAnother()
    {
        StringBuilder sql = new StringBuilder("SELECT id FROM numbers");
        for (int i = 0; i < 40; i++) {
            sql = new StringBuilder("SELECT id FROM (%s LIMIT %s) WHERE id <> %s".formatted(sql, 500 - i, i));
        }
        assertThat(query(sql.toString())).succeeds();
        int depth = 0;
        for (JsonNode relation = source.reads.getLast(); relation.hasNonNull("relation"); relation = relation.get("relation")) {
            depth++;
        }
        assertThat(depth).isBetween(20, 32);
    }

    @BeforeEach
    void forgetRequests()
    {
        source.reads.clear();
        source.divided = false;
    }

    @Test
    void testTopN()
    {
        for (String order : List.of("id", "id DESC", "name, id", "name DESC NULLS FIRST, id", "ratio, id", "ratio DESC, id", "ratio NULLS FIRST, id DESC", "ratio DESC NULLS FIRST, id", "fraction DESC, id", "amount NULLS FIRST, id", "day DESC, id", "instant, id", "local DESC, moment, id", "bytes NULLS FIRST, id")) {
            String sql = "SELECT id, name, ratio FROM numbers ORDER BY %s LIMIT 120".formatted(order);
            assertThat(query(sql)).as(order).ordered().isFullyPushedDown();
            assertSameOrder(sql);
        }
        source.reads.clear();
        computeActual("SELECT name FROM numbers WHERE id > 3 ORDER BY ratio DESC, id LIMIT 5");
        assertThat(lastRead()).isEqualTo(json(
                """
                {
                    protocol: 1, type: 'read', schema: 'public', table: 'numbers', columns: ['name'],
                    predicate: {columns: [{column: 'id', null_allowed: false, ranges: [{low: {value: '3', inclusive: false}, high: null}]}]},
                    limit: 5, partitions: 1, dictionaries: true,
                    order_by: [{column: 'ratio', descending: true, nulls_first: false}, {column: 'id', descending: false, nulls_first: false}]
                }
                """));
        assertThat(query("SELECT id FROM numbers ORDER BY code, id LIMIT 5")).isNotFullyPushedDown(TopNNode.class);
        assertThat(query("SELECT id FROM numbers ORDER BY key, id LIMIT 5")).isNotFullyPushedDown(TopNNode.class);
        assertThat(query("SELECT id FROM numbers ORDER BY length(name), id LIMIT 5")).isNotFullyPushedDown(TopNNode.class, ProjectNode.class);
        assertSameOrder("SELECT id FROM numbers ORDER BY code, id LIMIT 5");
    }

    @Test
    void testTopNComposition()
    {
        // what is outside of a limit stays there
        assertSame("SELECT count(*), sum(id) FROM (SELECT * FROM numbers ORDER BY id LIMIT 20) WHERE id > 15");
        assertSame("SELECT * FROM (SELECT id, ratio FROM numbers ORDER BY id DESC LIMIT 30) ORDER BY id LIMIT 5");
        assertSame("SELECT flag, count(*) FROM (SELECT flag, id FROM numbers ORDER BY id LIMIT 33) GROUP BY flag");
        assertSame("SELECT count(*) FROM (SELECT id FROM numbers ORDER BY id LIMIT 33)");
        assertSame("SELECT id FROM (SELECT id, amount FROM numbers ORDER BY id LIMIT 33) WHERE amount > 0");
        assertSame("SELECT max(id) FROM (SELECT id FROM (SELECT id FROM numbers ORDER BY id LIMIT 33) LIMIT 33)");
        assertThat(query("SELECT id FROM (SELECT id FROM numbers ORDER BY id LIMIT 7) LIMIT 3")).isFullyPushedDown();
        computeActual("SELECT id FROM (SELECT id FROM numbers ORDER BY id LIMIT 7) LIMIT 3");
        assertThat(lastRead().get("limit").asInt()).isEqualTo(3);
        for (String sql : List.of(
                "SELECT id, ratio FROM (SELECT id, ratio FROM numbers ORDER BY ratio, id LIMIT 30) ORDER BY id LIMIT 5",
                "SELECT id FROM (SELECT id FROM (SELECT id, name FROM numbers ORDER BY name, id LIMIT 40) ORDER BY id DESC LIMIT 20) ORDER BY id LIMIT 5",
                "SELECT id, amount FROM (SELECT id, amount FROM numbers ORDER BY id LIMIT 33) WHERE amount > 0",
                "SELECT flag, count(*) FROM (SELECT flag, id FROM numbers ORDER BY id LIMIT 33) GROUP BY flag",
                "SELECT count(*) FROM (SELECT id FROM numbers ORDER BY id LIMIT 33)",
                "SELECT name, count(*), sum(id) FROM numbers GROUP BY name HAVING count(*) > 2",
                "SELECT name, max(ratio) FROM numbers GROUP BY name HAVING max(ratio) > 1 AND name < 'k'",
                "SELECT n, count(*) FROM (SELECT name, count(*) AS n FROM numbers GROUP BY name) GROUP BY n",
                "SELECT total FROM (SELECT sum(amount) AS total, flag FROM numbers GROUP BY flag HAVING count(*) > 3) ORDER BY total DESC LIMIT 2",
                "SELECT count(*) FROM (SELECT DISTINCT day FROM numbers) WHERE day > DATE '2020-01-01'")) {
            assertThat(query(sql)).as(sql).isFullyPushedDown();
            assertSame(sql);
        }
        assertSame("SELECT n.id, m.name FROM (SELECT id FROM numbers ORDER BY id DESC LIMIT 9) n JOIN numbers m ON n.id = m.id WHERE m.id > 493");
        assertThat(computeActual("SELECT id FROM numbers WHERE id < 0 ORDER BY id LIMIT 3").getRowCount()).isEqualTo(0);
        assertThat(computeActual("SELECT id FROM numbers WHERE id > 5 AND id < 3 ORDER BY id LIMIT 3").getRowCount()).isEqualTo(0);
        // the order is that of the rows that a predicate in Trino leaves
        computeActual("SELECT id FROM numbers WHERE length(name) = 1 ORDER BY id DESC LIMIT 5");
        assertThat(lastRead().has("order_by")).isFalse();
        assertSameOrder("SELECT id FROM numbers WHERE length(name) = 1 ORDER BY id DESC LIMIT 5");
        assertSameOrder("SELECT id FROM (SELECT id FROM numbers LIMIT 500) ORDER BY id DESC LIMIT 5");
    }

    @Test
    void testAggregation()
    {
        for (String select : List.of(
                "count(*)",
                "count(*), count(name), count(ratio), count(code), count(DISTINCT name)",
                "sum(id), min(id), max(id), avg(id)",
                "count(DISTINCT ratio), count(DISTINCT key), count(DISTINCT flag)",
                "min(ratio), max(ratio)",
                "min(fraction), max(fraction)",
                "sum(amount), min(amount), max(amount)",
                "min(name), max(name), min(bytes), max(bytes)",
                "min(day), max(day), min(instant), max(instant), min(local), max(local), min(moment), max(moment)")) {
            String sql = "SELECT %s FROM numbers".formatted(select);
            assertThat(query(sql)).as(select).isFullyPushedDown();
            assertSame(sql);
            assertSame(sql + " WHERE id < 0");
            assertSame(sql + " WHERE id > 5 AND id < 3");
        }
        for (String group : List.of("flag", "name", "amount", "day, flag", "instant", "moment", "key", "bytes")) {
            String sql = "SELECT %s, count(*), count(name), count(DISTINCT ratio), sum(id), sum(amount), avg(id), max(ratio), min(fraction), min(name), max(instant) FROM numbers WHERE id < 200 GROUP BY %s".formatted(group, group);
            assertThat(query(sql)).as(group).isFullyPushedDown();
            assertSame(sql);
        }
        // 0.0 and -0.0 are one group, of which either is the name
        assertSame("SELECT ratio + 0.0, count(*) FROM (SELECT ratio, count(*) FROM numbers GROUP BY ratio) GROUP BY 1");
        assertSame("SELECT ratio + 0.0, n FROM (SELECT ratio, count(*) n FROM numbers GROUP BY ratio)");
        assertThat(query("SELECT name, count(*) FROM numbers GROUP BY name")).isFullyPushedDown();
        assertThat(query("SELECT DISTINCT flag, day FROM numbers")).isFullyPushedDown();
        assertSame("SELECT count(*) FROM (SELECT DISTINCT ratio FROM numbers)");
        source.reads.clear();
        computeActual("SELECT flag, count(*), sum(amount) FROM numbers WHERE id < 7 GROUP BY flag");
        assertThat(lastRead()).isEqualTo(json(
                """
                {
                    protocol: 1, type: 'read', schema: 'public', table: 'numbers', columns: ['flag', '_count_0', '_sum_1'],
                    predicate: {columns: [{column: 'id', null_allowed: false, ranges: [{low: null, high: {value: '7', inclusive: false}}]}]},
                    limit: null, partitions: 1, dictionaries: true,
                    aggregation: {
                        group_by: ['flag'],
                        aggregates: [{function: 'count', column: null, output: '_count_0'}, {function: 'sum', column: 'amount', output: '_sum_1'}]
                    }
                }
                """));
    }

    @Test
    void testAggregationThatStaysInTrino()
    {
        for (String sql : List.of(
                "SELECT count(*) FILTER (WHERE id > 7) FROM numbers",
                "SELECT array_agg(id ORDER BY id DESC) FROM numbers",
                "SELECT sum(DISTINCT id), avg(DISTINCT amount) FROM numbers",
                "SELECT stddev(id) FROM numbers",
                "SELECT max(id, 3) FROM numbers",
                "SELECT max_by(id, amount) FROM numbers WHERE id = 3",
                "SELECT min(key), max(flag), max(code) FROM numbers",
                "SELECT code, count(*) FROM numbers GROUP BY code",
                "SELECT flag, day, count(*) FROM numbers GROUP BY GROUPING SETS ((flag), (day))",
                "SELECT length(name), count(*) FROM numbers GROUP BY 1",
                "SELECT count(*) FROM numbers WHERE length(name) = 2",
                "SELECT sum(wide), avg(wide) FROM pairs")) {
            assertSame(sql);
            assertThat(source.reads).as(sql).noneMatch(read -> read.has("aggregation"));
            source.reads.clear();
        }
        assertThat(query("SELECT sum(wide) FROM pairs")).isNotFullyPushedDown(AggregationNode.class);
    }

    @Test
    void testAverageOfDecimals()
    {
        assertThat(query("SELECT avg(price) FROM pairs")).isNotFullyPushedDown(ProjectNode.class);
        computeActual("SELECT avg(price) FROM pairs");
        assertThat(lastRead().get("aggregation").get("aggregates").findValuesAsText("function")).containsExactly("sum", "count");
        assertThat(query("SELECT avg(price), sum(price), count(price) FROM pairs")).matches("VALUES (CAST(0.00 AS decimal(9, 2)), CAST(0.01 AS decimal(38, 2)), BIGINT '3')");
        computeActual("SELECT avg(price), sum(price), count(price) FROM pairs");
        assertThat(lastRead().get("aggregation").get("aggregates")).hasSize(2);
        // half a cent is rounded away from zero
        assertThat(query("SELECT avg(price) FROM pairs WHERE first IN (1, 9223372036854775807)")).matches("VALUES CAST(0.02 AS decimal(9, 2))");
        assertThat(query("SELECT avg(price) FROM pairs WHERE first = 3")).matches("VALUES CAST(NULL AS decimal(9, 2))");
        assertSame("SELECT name, avg(amount) FROM numbers GROUP BY name");
        assertSame("SELECT flag, avg(-amount), avg(amount) FROM numbers GROUP BY flag HAVING avg(amount) < 0");
    }

    @Test
    void testOverflowIsAnError()
    {
        assertQueryFails("SELECT sum(first) FROM pairs", ".*long overflow");
        assertThat(query("SELECT sum(first) FROM pairs WHERE first < 9")).matches("VALUES BIGINT '4'");
    }

    @Test
    void testAggregationComposition()
    {
        assertSame("SELECT name, count(*) FROM numbers GROUP BY name HAVING count(*) > 12");
        assertSame("SELECT * FROM (SELECT name, count(*) n FROM numbers GROUP BY name) WHERE name > 'b' AND n > 1");
        assertSame("SELECT n, count(*) FROM (SELECT name, count(*) n FROM numbers GROUP BY name) GROUP BY n");
        assertSame("SELECT count(*) FROM (SELECT flag, max(id) FROM numbers GROUP BY flag) WHERE flag");
        assertSame("SELECT sum(id) FROM (SELECT id FROM numbers LIMIT 500)");
        assertSame("SELECT x + 1, y FROM (SELECT max(id) x, min(day) y, count(*) FROM numbers)");
        assertSame("SELECT n.flag, n.c, m.id FROM (SELECT flag, count(*) c, min(id) i FROM numbers GROUP BY flag) n JOIN numbers m ON n.i = m.id");
        assertSame("SELECT a.flag, b.c FROM (SELECT flag, max(id) c FROM numbers GROUP BY flag) a JOIN (SELECT flag, count(*) c FROM numbers GROUP BY flag) b ON a.flag = b.flag");
        assertSame("SELECT id FROM numbers WHERE id = (SELECT max(id) FROM numbers WHERE flag)");
        assertSame("SELECT count(*) FROM numbers WHERE name IN (SELECT name FROM numbers GROUP BY name HAVING count(*) > 9)");

        String topGroups = "SELECT name, sum(amount) FROM numbers GROUP BY name ORDER BY 2 DESC, 1 LIMIT 7";
        assertThat(query(topGroups)).ordered().isFullyPushedDown();
        assertSameOrder(topGroups);
        computeActual(topGroups);
        assertThat(lastRead().get("order_by")).isEqualTo(json("[{column: '_sum_0', descending: true, nulls_first: false}, {column: 'name', descending: false, nulls_first: false}]"));
        assertSameOrder("SELECT max(ratio) FROM numbers GROUP BY name ORDER BY min(id) LIMIT 7");
        assertThat(computeActual("SELECT name, count(*) FROM numbers GROUP BY name LIMIT 4").getRowCount()).isEqualTo(4);
        assertThat(query("SELECT name, count(*) FROM numbers GROUP BY name LIMIT 1000")).isFullyPushedDown();
        assertThat(query("SELECT * FROM (SELECT name, count(*) FROM numbers GROUP BY name LIMIT 1000) WHERE name = 'a'")).isFullyPushedDown();
        assertThat(query("SELECT count(*) FROM numbers LIMIT 1")).isFullyPushedDown();

        assertThat(query("SHOW STATS FOR (SELECT count(*) AS n FROM numbers)")).result().rows().last().satisfies(row -> assertThat(row.getField(4)).isEqualTo(1.0));
        assertThat(query("SHOW STATS FOR (SELECT id FROM numbers ORDER BY id LIMIT 9)")).result().rows().last().satisfies(row -> assertThat(row.getField(4)).isEqualTo(9.0));
    }

    @Test
    void testDynamicFilterIsNotOfTheRowsOfGroups()
    {
        Session session = Session.builder(getSession())
                .setCatalogSessionProperty("flight", "dynamic_filtering_wait_timeout", "20s")
                .build();
        String sql = "SELECT n.i, n.c FROM (SELECT flag, min(id) i, count(*) c FROM numbers WHERE id > 2 GROUP BY flag) n JOIN pairs p ON n.i = p.second + 2";
        assertThat(getQueryRunner().execute(session, sql).getMaterializedRows())
                .containsExactlyInAnyOrderElementsOf(getQueryRunner().execute(withoutPushdown(), sql).getMaterializedRows());
    }

    @Test
    void testExpressions()
    {
        assertExpression("first = second", "pairs", "{kind: '=', arguments: [{kind: 'column', column: 'First'}, {kind: 'column', column: 'second'}]}");
        assertExpression("small < second", "pairs", "{kind: '<', arguments: [{kind: 'cast', type: 'bigint', arguments: [{kind: 'column', column: 'small'}]}, {kind: 'column', column: 'second'}]}");
        // which side a constant stands on is the version's choice
        assertExpression("price * 2 > 0.02", "pairs", null);
        assertExpression("first IS DISTINCT FROM second", "pairs", "{kind: 'is_distinct_from', arguments: [{kind: 'column', column: 'First'}, {kind: 'column', column: 'second'}]}");
        assertExpression("first = second OR price IS NULL", "pairs", "{kind: 'or', arguments: [{kind: '=', arguments: [{kind: 'column', column: 'First'}, {kind: 'column', column: 'second'}]}, {kind: 'is_null', arguments: [{kind: 'column', column: 'price'}]}]}");
        assertExpression("ratio <> 0.1", "numbers", "{kind: '<>', arguments: [{kind: 'column', column: 'ratio'}, {kind: 'literal', type: 'double', value: '0.1'}]}");
        assertExpression("NOT (ratio > 0.1)", "numbers", null);
        assertExpression("ratio NOT IN (0.0, 0.1)", "numbers", null);
        assertExpression("ratio * 2e0 - 1e0 >= -1e0", "numbers", null);
        assertExpression("ratio / 0e0 > 1e0 OR id = 3", "numbers", null);
        assertExpression("fraction <> REAL '0.1'", "numbers", null);
        assertExpression("name LIKE 'a%'", "numbers", null);
        assertExpression("name LIKE '_%1'", "numbers", null);
        assertExpression("name LIKE 'z#%_' ESCAPE '#'", "numbers", null);
        assertExpression("name NOT LIKE '%1' OR flag", "numbers", null);
        assertExpression("name = 'a1' OR id = 8", "numbers", null);
        assertExpression("(name IN ('a', 'b') OR day > DATE '2024-10-04') AND instant <> TIMESTAMP '2025-05-02 20:00:00 Europe/Berlin'", "numbers", null);
        assertExpression("NOT (flag OR id BETWEEN 5 AND 400)", "numbers", null);
        assertExpression("local IS NULL OR moment < TIME '12:00:00'", "numbers", null);
        assertExpression("(bytes > X'01') = flag", "numbers", null);
        assertExpression("-amount < amount + 1.5", "numbers", null);
    }

    private void assertExpression(String condition, String table, String expected)
    {
        source.reads.clear();
        String sql = "SELECT * FROM %s WHERE %s".formatted(table, condition);
        assertThat(query(sql)).as(condition).isFullyPushedDown();
        computeActual(sql);
        if (expected != null) {
            assertThat(lastRead().get("predicate").get("expression")).as(condition).isEqualTo(json(expected));
        }
        assertSame(sql);
        assertSame("SELECT count(*) FROM %s WHERE NOT (%s)".formatted(table, condition));
    }

    @Test
    void testExpressionsThatStayInTrino()
    {
        for (String condition : List.of(
                "id + 1 = 8",
                "id / 2 = 8",
                "id % 7 = 3",
                "amount / 3 > 0.5",
                "length(name) = 2",
                "lower(name) = 'a'",
                "code = 'a' OR id = 3",
                "code LIKE 'a%'",
                "CAST(id AS varchar) = '12'",
                "CAST(name AS varchar(1)) = 'a'",
                "name LIKE name",
                "key > UUID '00000000-0000-0003-0000-000000000000' OR id = 3",
                "is_nan(ratio)",
                "amount * amount * amount * amount > 1",
                "CAST(ratio AS decimal(10, 2)) = 0 OR id = 3",
                "CAST(amount AS double) = 0.5")) {
            assertThat(translated(condition)).as(condition).isFalse();
        }
        assertThat(query("SELECT id FROM numbers WHERE name LIKE 'a%' AND length(name) = 2")).isNotFullyPushedDown(FilterNode.class);
        computeActual("SELECT id FROM numbers WHERE name LIKE '%1' AND length(name) = 2 AND id < 300");
        assertThat(lastRead().get("predicate").get("expression").get("kind").asText()).isEqualTo("like");
        assertThat(lastRead().get("predicate").get("columns")).hasSize(1);
        assertSame("SELECT id FROM numbers WHERE name LIKE '%1' AND length(name) = 2 AND id < 300");
    }

    private boolean translated(String condition)
    {
        source.reads.clear();
        String sql = "SELECT count(id) FROM numbers WHERE id < 100 AND id > 0 AND ratio < 1e9 AND (%s)".formatted(condition);
        if (!condition.startsWith("CAST(ratio")) {
            assertSame(sql);
        }
        else {
            computeActual("EXPLAIN " + sql);
        }
        return source.reads.stream().anyMatch(read -> read.get("predicate").has("expression"));
    }

    @Test
    void testExpressionComposition()
    {
        assertSame("SELECT id FROM (SELECT id, name FROM numbers LIMIT 500) WHERE name LIKE '%1'");
        assertSame("SELECT id FROM (SELECT id, name FROM numbers ORDER BY id LIMIT 50) WHERE name LIKE '%1' OR id = 3");
        assertSame("SELECT count(*), sum(amount), avg(amount) FROM numbers WHERE ratio <> 0.1 AND name LIKE '%1'");
        assertSame("SELECT * FROM (SELECT name, count(*) n, max(id) m FROM numbers GROUP BY name) WHERE n = m OR name LIKE 'a%'");
        assertSameOrder("SELECT id FROM numbers WHERE ratio <> 0.1 ORDER BY id DESC LIMIT 11");
        assertThat(query("SELECT count(*) FROM numbers WHERE ratio <> 0.1")).isFullyPushedDown();
        assertThat(query("SELECT id FROM numbers WHERE ratio <> 0.1 ORDER BY id DESC LIMIT 11")).ordered().isFullyPushedDown();
        assertThat(query("SELECT id FROM numbers WHERE name LIKE '%1' LIMIT 1000")).isFullyPushedDown();
    }

    @Test
    void testExplain()
    {
        assertThat((String) computeScalar("EXPLAIN SELECT name, sum(amount) FROM numbers WHERE id < 7 AND (ratio <> 0.1 OR name LIKE 'a%') GROUP BY name ORDER BY 2 DESC LIMIT 3"))
                .contains("constraint on [id] where=[((ratio <> double '0.1') OR (name LIKE varchar 'a%'))] aggregates=[sum(amount)] grouped by=[name]")
                .contains("sortOrder=[_sum_0:")
                .contains("limit=3");
    }

    @Test
    void testSwitches()
    {
        computeActual(without("topn_pushdown_enabled"), "SELECT id FROM numbers ORDER BY id LIMIT 3");
        assertThat(lastRead().has("order_by")).isFalse();
        computeActual(without("aggregation_pushdown_enabled"), "SELECT count(*) FROM numbers");
        assertThat(lastRead().has("aggregation")).isFalse();
        computeActual(without("expression_pushdown_enabled"), "SELECT id FROM numbers WHERE name LIKE '%1'");
        assertThat(lastRead().get("predicate").isNull()).isTrue();
        computeActual(without("predicate_pushdown_enabled"), "SELECT id FROM numbers WHERE name LIKE '%1'");
        assertThat(lastRead().get("predicate").isNull()).isTrue();
    }

    @Test
    void testWhatIsNotOfferedIsNotAsked()
    {
        Table numbers = TestArrowFlightConnector.numbersTable();
        source.add(Table.of("some", numbers.schema(), numbers.rows()).withCapabilities(
                "{\"projection\": true, \"predicate\": \"exact\", \"limit\": \"exact\", \"top_n\": \"partial\", \"aggregates\": [\"count\", \"sum\"], \"expressions\": [\"column\", \"literal\", \"like\"]}"));
        assertThat(query("SELECT count(*), sum(amount), avg(amount) FROM some")).isNotFullyPushedDown(ProjectNode.class);
        assertThat(query("SELECT max(id) FROM some")).isNotFullyPushedDown(AggregationNode.class);
        assertThat(query("SELECT count(DISTINCT id) FROM some")).isNotFullyPushedDown(AggregationNode.class);
        assertThat(query("SELECT id FROM some ORDER BY id LIMIT 3")).isNotFullyPushedDown(TopNNode.class);
        assertThat(query("SELECT id FROM some WHERE name LIKE 'a%'")).isFullyPushedDown();
        assertThat(query("SELECT id FROM some WHERE name LIKE 'a%' OR id = 3")).isNotFullyPushedDown(FilterNode.class);

        source.add(Table.of("indexed", numbers.schema(), numbers.rows()).withCapabilities(ALL_CAPABILITIES).withPredicateColumns("[\"id\"]"));
        assertThat(query("SELECT count(name) FROM indexed")).isFullyPushedDown();
        assertThat(query("SELECT max(name) FROM indexed")).isNotFullyPushedDown(AggregationNode.class);
        assertThat(query("SELECT name FROM indexed GROUP BY name")).isNotFullyPushedDown(AggregationNode.class);
        assertThat(query("SELECT id FROM indexed ORDER BY name, id LIMIT 3")).isNotFullyPushedDown(TopNNode.class);
        assertThat(query("SELECT id FROM indexed WHERE name LIKE 'a%'")).isNotFullyPushedDown(FilterNode.class);
    }

    @Test
    void testNoLimitOfTheSourcesOwn()
    {
        Table numbers = TestArrowFlightConnector.numbersTable();
        source.add(Table.of("unlimited", numbers.schema(), numbers.rows()).withCapabilities("{\"projection\": false, \"predicate\": \"exact\", \"limit\": \"none\", \"top_n\": \"exact\", \"aggregates\": [\"count\"]}"));
        assertThat(query("SELECT name, count(*) FROM unlimited GROUP BY name LIMIT 1000")).isNotFullyPushedDown(LimitNode.class);
        assertThat(query("SELECT count(*) FROM unlimited")).matches("VALUES BIGINT '500'");
        computeActual("SELECT count(*) FROM unlimited");
        assertThat(lastRead().get("columns")).isEqualTo(json("['_count_0']"));
        assertThat(query("SELECT id FROM unlimited ORDER BY id LIMIT 2")).matches("VALUES BIGINT '0', 1");
    }

    @Test
    void testSourceThatDividesGroups()
    {
        source.divided = true;
        assertQueryFails("SELECT count(*) FROM numbers", ".*a malformed answer to plan the reading of public.numbers: 2 endpoints for groups or an order, which have one");
        assertQueryFails("SELECT id FROM numbers ORDER BY id LIMIT 3", ".*2 endpoints for groups or an order, which have one");
    }

    private void assertSame(String sql)
    {
        assertThat(computeActual(sql).getMaterializedRows()).as(sql)
                .containsExactlyInAnyOrderElementsOf(getQueryRunner().execute(withoutPushdown(), sql).getMaterializedRows());
    }

    private void assertSameOrder(String sql)
    {
        assertThat(computeActual(sql).getMaterializedRows()).as(sql)
                .containsExactlyElementsOf(getQueryRunner().execute(withoutPushdown(), sql).getMaterializedRows());
    }

    private Session without(String property)
    {
        return Session.builder(getSession()).setCatalogSessionProperty("flight", property, "false").build();
    }

    private Session withoutPushdown()
    {
        return Session.builder(getSession())
                .setSystemProperty("allow_pushdown_into_connectors", "false")
                .build();
    }

    private JsonNode lastRead()
    {
        return source.reads.getLast();
    }

    private static JsonNode json(String text)
    {
        try {
            return JSON.readTree(text);
        }
        catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
