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
import io.trino.testing.AbstractTestQueryFramework;
import io.trino.testing.QueryRunner;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.TimeUnit;
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
import java.util.stream.IntStream;

import static com.fasterxml.jackson.core.json.JsonReadFeature.ALLOW_SINGLE_QUOTES;
import static com.fasterxml.jackson.core.json.JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES;
import static io.nostro.trino.flight.TestingFlightSource.ALL_CAPABILITIES;
import static org.apache.arrow.vector.types.pojo.FieldType.nullable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.TestInstance.Lifecycle.PER_CLASS;
import static org.junit.jupiter.api.parallel.ExecutionMode.SAME_THREAD;

/**
 * Which joins are pushed down, and that each gives the same rows when it isn't.
 */
@TestInstance(PER_CLASS)
@Execution(SAME_THREAD)
final class TestArrowFlightJoinPushdown
        extends AbstractTestQueryFramework
{
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(ALLOW_SINGLE_QUOTES)
            .enable(ALLOW_UNQUOTED_FIELD_NAMES)
            .build();
    private static final List<String> JOINS = List.of("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN");

    private TestingFlightSource source;

    @Override
    protected QueryRunner createQueryRunner()
            throws Exception
    {
        source = closeAfterClass(new TestingFlightSource());
        source.add(trades("trades"));
        source.add(accounts("Account"));
        source.add(odd());
        return ArrowFlightQueryRunner.create(source.location(), ImmutableMap.of());
    }

    @Override
    protected Session getSession()
    {
        // what is joined in Trino need not wait
        return Session.builder(super.getSession())
                .setCatalogSessionProperty("flight", "dynamic_filtering_wait_timeout", "0s")
                .build();
    }

    private static Table trades(String name)
    {
        Schema schema = new Schema(List.of(
                field("id", new ArrowType.Int(64, true)),
                field("account", new ArrowType.Int(64, true)),
                field("price", new ArrowType.Decimal(9, 2, 128)),
                field("side", new ArrowType.Utf8())));
        return Table.of(name, schema, IntStream.range(0, 20)
                .mapToObj(i -> Arrays.<Object>asList((long) i, i % 5 == 4 ? null : (long) (i % 5 + 1), new BigDecimal(i).setScale(2), i % 2 == 0 ? "buy" : "sell"))
                .toList()).withCapabilities(ALL_CAPABILITIES);
    }

    private static Table accounts(String name)
    {
        Schema schema = new Schema(List.of(
                field("Id", new ArrowType.Int(64, true)),
                field("city", new ArrowType.Utf8()),
                field("limit_eur", new ArrowType.Int(64, true))));
        return Table.of(name, schema, List.of(
                Arrays.asList(1L, "Berlin", 100L),
                Arrays.asList(2L, "Paris", 5L),
                Arrays.asList(2L, "Rome", null),
                Arrays.asList(7L, "sell", 7L),
                Arrays.asList(null, null, 8L))).withCapabilities(ALL_CAPABILITIES);
    }

    private static Table odd()
    {
        Schema schema = new Schema(List.of(
                field("n", new ArrowType.Int(64, true)),
                field("d", new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE)),
                field("e", new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE)),
                field("t", new ArrowType.Utf8()),
                field("u", new ArrowType.Utf8()),
                field("p", new ArrowType.Decimal(9, 2, 128)),
                field("q", new ArrowType.Decimal(12, 4, 128)),
                new Field("c", new FieldType(true, new ArrowType.Utf8(), null, ImmutableMap.of("nostro.type", "char(3)")), null),
                field("at", new ArrowType.Timestamp(TimeUnit.MICROSECOND, "UTC")),
                field("berlin", new ArrowType.Timestamp(TimeUnit.MICROSECOND, "Europe/Berlin"))));
        return Table.of("odd", schema, List.of(
                Arrays.asList(1L, Double.NaN, Double.NaN, "a", "A", new BigDecimal("0.10"), new BigDecimal("0.1000"), "a", 1_000L, 1_000L),
                Arrays.asList(2L, 0.0, -0.0, "é", "e\u0301", new BigDecimal("0.20"), new BigDecimal("0.2001"), "a ", 0L, 1_000L),
                Arrays.asList(3L, null, 1.5, null, "", new BigDecimal("-1.00"), null, null, null, 0L),
                Arrays.asList(4L, Double.POSITIVE_INFINITY, null, "", null, null, new BigDecimal("-1.0000"), "abc", -1L, -1L))).withCapabilities(ALL_CAPABILITIES);
    }

    private static Field field(String name, ArrowType type)
    {
        return new Field(name, nullable(type), null);
    }

    @BeforeEach
    void forgetRequests()
    {
        source.reads.clear();
    }

    @Test
    void testJoins()
    {
        for (String join : JOINS) {
            String select = "SELECT t.id, t.price, a.city, a.limit_eur FROM trades t %s account a ON ".formatted(join);
            for (String condition : List.of(
                    "t.account = a.id",
                    "t.account = a.id AND t.side = a.city",
                    "t.account = a.id AND t.id <> a.limit_eur",
                    "t.account = a.id AND (t.side LIKE 'b%' OR a.limit_eur > 6)")) {
                assertPushed(select + condition);
            }
            for (String condition : List.of(
                    "t.id < a.limit_eur",
                    "t.account >= a.id AND t.side > a.city",
                    "t.account IS NOT DISTINCT FROM a.id",
                    "t.account IS DISTINCT FROM a.id",
                    "t.account = a.id OR t.side = a.city")) {
                assertPushedUnlessProduct(join, select + condition);
            }
            assertPushed("SELECT count(*) FROM trades t %s account a ON t.account = a.id".formatted(join));
        }
    }

    @Test
    void testValuesAtWhichSystemsDiffer()
    {
        for (String join : List.of("JOIN", "FULL JOIN")) {
            for (List<String> columns : List.of(List.of("d", "e"), List.of("d", "d"), List.of("t", "u"), List.of("p", "p"), List.of("at", "at"), List.of("at", "berlin"))) {
                for (String comparison : List.of("x.%s = y.%s", "x.%s <> y.%s", "x.%s < y.%s", "x.%s IS NOT DISTINCT FROM y.%s")) {
                    String condition = comparison.formatted(columns.getFirst(), columns.getLast());
                    if (comparison.contains(" = ")) {
                        assertPushed("SELECT x.n, y.n FROM odd x %s odd y ON %s".formatted(join, condition));
                    }
                    else {
                        assertPushed("SELECT x.n, y.n FROM odd x %s odd y ON x.n = y.n AND %s".formatted(join, condition));
                    }
                }
            }
            // of another type after a cast, which Trino makes below the join
            assertSame("SELECT x.n, y.n FROM odd x %s odd y ON x.p = y.q".formatted(join));
            assertSame("SELECT x.n, y.n FROM odd x %s odd y ON x.p < y.q".formatted(join));
            // spaces at the end are no part of a CHAR
            assertNotPushed("SELECT x.n, y.n FROM odd x %s odd y ON x.c = y.c".formatted(join));
            assertNotPushed("SELECT x.n, y.n FROM odd x %s odd y ON x.n = y.n AND x.c < y.c".formatted(join));
        }
    }

    @Test
    void testRequest()
    {
        computeActual(eager(), "SELECT a.city, sum(t.price) FROM (SELECT * FROM trades WHERE side = 'buy') t LEFT JOIN account a ON t.account = a.id WHERE t.id > 1 GROUP BY a.city");
        JsonNode read = source.reads.getLast();
        assertThat(read).isEqualTo(json(
                """
                {
                    protocol: 1, type: 'read',
                    join: {
                        kind: 'left',
                        left: {
                            schema: 'public', table: 'trades', columns: ['account', 'price'],
                            predicate: {columns: [
                                {column: 'id', null_allowed: false, ranges: [{low: {value: '1', inclusive: false}, high: null}]},
                                {column: 'side', null_allowed: false, values: ['buy']}
                            ]},
                            limit: null
                        },
                        right: {schema: 'public', table: 'Account', columns: ['Id', 'city'], predicate: null, limit: null},
                        outputs: ['account', 'price', 'Id_1', 'city'],
                        condition: {kind: '=', arguments: [{kind: 'column', column: 'account'}, {kind: 'column', column: 'Id_1'}]}
                    },
                    columns: ['city', '_sum_0'],
                    predicate: null, limit: null, partitions: 1, dictionaries: true,
                    aggregation: {group_by: ['city'], aggregates: [{function: 'sum', column: 'price', output: '_sum_0'}]}
                }
                """));
    }

    @Test
    void testAboveJoins()
    {
        for (String join : JOINS) {
            String from = "FROM trades t %s account a ON t.account = a.id".formatted(join);
            assertPushed("SELECT a.city, count(*), sum(t.price), max(t.id) %s GROUP BY a.city".formatted(from));
            assertPushed("SELECT count(*), count(a.id), min(a.city) %s".formatted(from));
            assertPushed("SELECT DISTINCT a.city, t.side %s".formatted(from));
            assertPushedInOrder("SELECT t.id, a.city %s ORDER BY t.id DESC NULLS FIRST, a.city LIMIT 5".formatted(from));
            assertSame("SELECT a.city, sum(t.price) %s GROUP BY a.city ORDER BY 2 DESC, 1 LIMIT 2".formatted(from));
            assertPushed("SELECT t.id, a.city %s WHERE t.side = 'buy'".formatted(from));
            assertPushed("SELECT t.id, a.city %s WHERE a.city IS NULL OR t.price > 7".formatted(from));
            assertPushed("SELECT t.id, a.city %s WHERE a.city LIKE '%%i%%' AND t.id <> a.limit_eur".formatted(from));
            assertPushed("SELECT count(*) %s WHERE t.id IN (3, 4) OR t.id IS NULL".formatted(from));
            assertThat(query(eager(), "SELECT t.id, a.city %s LIMIT 100".formatted(from))).isFullyPushedDown();
            assertThat(computeActual(eager(), "SELECT t.id, a.city %s LIMIT 3".formatted(from)).getRowCount()).isEqualTo(3);
            assertSame("SELECT a.city, array_agg(t.id ORDER BY t.id) %s WHERE length(a.city) = 5 GROUP BY a.city".formatted(from));
            assertThat(query(eager(), "SELECT t.id, a.city %s WHERE length(a.city) = 5 AND a.id > 0 AND t.id > 0".formatted(from))).isNotFullyPushedDown(FilterNode.class);
            assertThat(query(eager(), "SELECT a.city, stddev(t.id) %s GROUP BY a.city".formatted(from))).isNotFullyPushedDown(AggregationNode.class);
        }
    }

    @Test
    void testBelowJoins()
    {
        for (String join : JOINS) {
            assertPushed("SELECT t.id, a.city FROM (SELECT * FROM trades WHERE price > 5 AND side LIKE 'b%%') t %s (SELECT * FROM account WHERE limit_eur < 50) a ON t.account = a.id".formatted(join));
            assertPushed("SELECT n.account, n.c, a.city FROM (SELECT account, count(*) c FROM trades WHERE id < 15 GROUP BY account) n %s account a ON n.account = a.id".formatted(join));
            assertPushed("SELECT n.account, n.c, a.city FROM (SELECT account, count(*) c FROM trades WHERE account < 3 GROUP BY account) n %s account a ON n.account = a.id".formatted(join));
            // what is compared is an aggregate
            assertPushed("SELECT n.account, n.m, a.city FROM (SELECT account, max(id) m FROM trades GROUP BY account) n %s account a ON n.m = a.limit_eur".formatted(join));
            assertPushed("SELECT n.id, a.city FROM (SELECT id, account FROM trades ORDER BY price DESC, id LIMIT 7) n %s account a ON n.account = a.id".formatted(join));
            assertPushed("SELECT n.id, a.city FROM (SELECT id, account FROM trades LIMIT 100) n %s account a ON n.account = a.id".formatted(join));
            // a limit of some rows below, and one of some above
            assertThat(computeActual(eager(), "SELECT n.id, a.city FROM (SELECT id, account FROM trades LIMIT 4) n LEFT JOIN (SELECT id, min(city) city FROM account GROUP BY id) a ON n.account = a.id").getRowCount()).isEqualTo(4);
            assertSame("SELECT t.id, a.city FROM (SELECT * FROM trades WHERE id < 0) t %s account a ON t.account = a.id".formatted(join));
            assertSame("SELECT t.id, a.city FROM (SELECT * FROM trades WHERE id > 5 AND id < 3) t %s account a ON t.account = a.id".formatted(join));
        }
    }

    @Test
    void testJoinsOfJoins()
    {
        // which Trino makes a join with distinct rows
        assertPushed("SELECT t.id FROM trades t WHERE t.account IN (SELECT id FROM account)");
        assertPushed("SELECT t.id, a.city, s.id, s.side FROM trades t, account a, trades s WHERE t.account = a.id AND a.limit_eur = s.id");
        assertPushed("SELECT count(*), sum(u.price) FROM trades t JOIN trades u ON t.id = u.id JOIN trades v ON u.id = v.id JOIN trades w ON v.id = w.id");
        assertPushed("SELECT t.id, a.city, b.city FROM trades t LEFT JOIN account a ON t.account = a.id LEFT JOIN account b ON t.id = b.limit_eur");
        assertPushed("SELECT t.id, a.city, b.city FROM (trades t FULL JOIN account a ON t.account = a.id) FULL JOIN account b ON t.id = b.limit_eur");
        assertSame("SELECT x.city, x.c, y.price FROM (SELECT a.city, count(*) c FROM trades t JOIN account a ON t.account = a.id GROUP BY a.city) x LEFT JOIN trades y ON x.c = y.id");
        StringBuilder from = new StringBuilder("trades t0");
        for (int i = 1; i <= 16; i++) {
            from.append(" JOIN trades t%s ON t%s.id = t%s.id".formatted(i, i - 1, i));
        }
        // a source is not asked for more than 16 tables
        source.reads.clear();
        assertThat(computeActual(eager(), "SELECT count(*) FROM " + from).getOnlyValue()).isEqualTo(20L);
        assertThat(source.reads).isNotEmpty().noneMatch(read -> tableCount(read) > 16);
        assertThat(source.reads).anyMatch(read -> read.has("join"));
    }

    private static int tableCount(JsonNode relation)
    {
        return relation.has("join") ? tableCount(relation.get("join").get("left")) + tableCount(relation.get("join").get("right")) : 1;
    }

    @Test
    void testDynamicFilter()
    {
        Session session = Session.builder(eager())
                .setCatalogSessionProperty("flight", "dynamic_filtering_wait_timeout", "20s")
                .build();
        // which is a row of the join's, not of its sides'
        String sql = "SELECT j.id, j.city FROM (SELECT t.id, a.city FROM trades t LEFT JOIN account a ON t.account = a.id) j JOIN (VALUES BIGINT '3', 6) v (id) ON j.id = v.id";
        source.reads.clear();
        assertThat(getQueryRunner().execute(session, sql).getMaterializedRows())
                .containsExactlyInAnyOrderElementsOf(getQueryRunner().execute(withoutPushdown(), sql).getMaterializedRows());
        assertThat(source.reads.stream().filter(read -> read.has("join")))
                .singleElement()
                .satisfies(read -> assertThat(read.get("predicate").get("columns").get(0)).isEqualTo(json("{column: 'id', null_allowed: false, values: ['3', '6']}")));
    }

    @Test
    void testJoinsThatStayInTrino()
    {
        assertNotPushed("SELECT t.id, a.city FROM trades t CROSS JOIN account a");
        assertNotPushed("SELECT t.id, a.city FROM trades t LEFT JOIN account a ON true");
        assertNotPushed("SELECT t.id, a.city FROM trades t JOIN account a ON t.account + 1 = a.id");
        assertNotPushed("SELECT t.id, a.city FROM trades t JOIN account a ON t.account = a.id AND length(t.side) < a.limit_eur");
        assertNotPushed("SELECT t.id FROM trades t WHERE t.account NOT IN (SELECT id FROM account WHERE id IS NOT NULL)");
        assertNotPushed("SELECT t.id, v.x FROM trades t JOIN (VALUES BIGINT '1') v (x) ON t.account = v.x");
    }

    @Test
    void testSnapshots()
    {
        source.add(trades("trades_of_17").withSnapshot("17"));
        source.add(accounts("account_of_17").withSnapshot("17"));
        source.add(accounts("account_of_18").withSnapshot("18"));
        String sql = "SELECT t.id, a.city FROM trades_of_17 t JOIN account_of_17 a ON t.account = a.id";
        assertPushed(sql);
        computeActual(eager(), sql);
        assertThat(source.reads.getLast().get("snapshot")).isEqualTo(json("'17'"));
        assertThat(source.reads.getLast().get("join").get("left").has("snapshot")).isFalse();
        // no read sees two states
        assertNotPushed("SELECT t.id, a.city FROM trades_of_17 t JOIN account_of_18 a ON t.account = a.id");
        assertNotPushed("SELECT t.id, a.city FROM trades_of_17 t JOIN account a ON t.account = a.id");
    }

    @Test
    void testWhatIsNotOfferedIsNotAsked()
    {
        source.add(trades("inner_only").withCapabilities("{\"projection\": false, \"predicate\": \"exact\", \"limit\": \"exact\", \"expressions\": [\"column\", \"=\"], \"joins\": [\"inner\"]}"));
        source.add(accounts("indexed").withPredicateColumns("[\"Id\"]"));
        assertPushed("SELECT t.id, a.city FROM inner_only t JOIN account a ON t.account = a.id");
        assertNotPushed("SELECT t.id, a.city FROM inner_only t LEFT JOIN account a ON t.account = a.id");
        assertNotPushed("SELECT t.id, a.city FROM account a JOIN inner_only t ON t.account < a.id");
        assertPushed("SELECT t.id, a.city FROM trades t JOIN indexed a ON t.account = a.id");
        assertNotPushed("SELECT t.id, a.limit_eur FROM trades t JOIN indexed a ON t.side = a.city");
        // nor is it of the rows of the join
        assertThat(query(eager(), "SELECT max(t.id) FROM inner_only t JOIN account a ON t.account = a.id")).isNotFullyPushedDown(AggregationNode.class);
        assertThat(query(eager(), "SELECT t.id FROM trades t LEFT JOIN indexed a ON t.account = a.id WHERE a.city IS NULL")).isNotFullyPushedDown(FilterNode.class);
    }

    @Test
    void testSwitchesAndStrategies()
    {
        String sql = "SELECT t.id, a.city FROM trades t JOIN account a ON t.account = a.id";
        assertThat(explained(eager(), sql)).contains("(public.trades columns=[id, account]) inner join (public.account columns=[id, city]) on (account = Id_1)");
        assertThat(explained(with("join_pushdown_enabled", "false"), sql)).doesNotContain("inner join");
        // how many rows an equation leaves is not known from the tables' numbers of rows
        assertThat(explained(getSession(), sql)).doesNotContain("inner join");
    }

    private void assertPushed(String sql)
    {
        // also compares with the rows that Trino itself joins
        assertThat(query(eager(), sql)).as(sql).isFullyPushedDown();
    }

    /**
     * An inner join without an equation is a product and a filter to Trino.
     */
    private void assertPushedUnlessProduct(String join, String sql)
    {
        if (join.equals("JOIN")) {
            assertNotPushed(sql);
        }
        else {
            assertPushed(sql);
        }
    }

    private void assertPushedInOrder(String sql)
    {
        assertThat(query(eager(), sql)).as(sql).ordered().isFullyPushedDown();
        source.reads.clear();
        assertThat(computeActual(eager(), sql).getMaterializedRows()).as(sql)
                .containsExactlyElementsOf(getQueryRunner().execute(withoutPushdown(), sql).getMaterializedRows());
        JsonNode read = source.reads.getFirst();
        assertThat(read.has("join") && read.has("order_by") && !read.get("limit").isNull()).as(sql).isTrue();
    }

    private void assertNotPushed(String sql)
    {
        source.reads.clear();
        assertSame(sql);
        assertThat(source.reads).as(sql).isNotEmpty().noneMatch(read -> read.has("join"));
    }

    private void assertSame(String sql)
    {
        assertThat(computeActual(eager(), sql).getMaterializedRows()).as(sql)
                .containsExactlyInAnyOrderElementsOf(getQueryRunner().execute(withoutPushdown(), sql).getMaterializedRows());
    }

    private String explained(Session session, String sql)
    {
        return (String) computeScalar(session, "EXPLAIN " + sql);
    }

    private Session eager()
    {
        return with("join_pushdown_strategy", "EAGER");
    }

    private Session with(String property, String value)
    {
        return Session.builder(getSession()).setCatalogSessionProperty("flight", property, value).build();
    }

    private Session withoutPushdown()
    {
        return Session.builder(getSession())
                .setSystemProperty("allow_pushdown_into_connectors", "false")
                .build();
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
