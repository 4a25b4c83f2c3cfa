package io.nostro.trino.flight;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.collect.ImmutableMap;
import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.nostro.trino.flight.TestingFlightSource.StreamBehavior;
import io.nostro.trino.flight.TestingFlightSource.Table;
import io.trino.Session;
import io.trino.sql.planner.plan.FilterNode;
import io.trino.testing.AbstractTestQueryFramework;
import io.trino.testing.MaterializedResult;
import io.trino.testing.QueryRunner;
import org.apache.arrow.flight.impl.Flight;
import org.apache.arrow.vector.types.DateUnit;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.IntervalUnit;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.parallel.Execution;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

import static com.fasterxml.jackson.core.json.JsonReadFeature.ALLOW_SINGLE_QUOTES;
import static com.fasterxml.jackson.core.json.JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES;
import static io.trino.testing.TestingNames.randomNameSuffix;
import static java.util.concurrent.Executors.newSingleThreadExecutor;
import static org.apache.arrow.vector.types.pojo.FieldType.nullable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.TestInstance.Lifecycle.PER_CLASS;
import static org.junit.jupiter.api.parallel.ExecutionMode.SAME_THREAD;

@TestInstance(PER_CLASS)
@Execution(SAME_THREAD)
final class TestArrowFlightConnector
        extends AbstractTestQueryFramework
{
    // single quotes and bare names keep the expected predicates legible
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
        source.add(typesTable());
        source.add(numbersTable());
        source.add(Table.of("Mixed", new Schema(List.of(field("Id", new ArrowType.Int(64, true)), field("NAME", new ArrowType.Utf8()))), List.of(List.of(1L, "one"))).inSchema("Upper").withComment("In mixed case"));
        source.add(Table.of("empty", new Schema(List.of(field("id", new ArrowType.Int(64, true)))), List.of()));
        return ArrowFlightQueryRunner.create(source.location(), ImmutableMap.of());
    }

    @BeforeEach
    void forgetRequests()
    {
        source.reads.clear();
        source.users.clear();
        source.describedTables.clear();
    }

    private static Field field(String name, ArrowType type)
    {
        return new Field(name, nullable(type), null);
    }

    private static Field declared(String name, ArrowType type, String declaration)
    {
        return new Field(name, new FieldType(true, type, null, ImmutableMap.of("nostro.type", declaration)), null);
    }

    private static Table typesTable()
    {
        Field element = field("item", new ArrowType.Utf8());
        Field entries = new Field("entries", FieldType.notNullable(new ArrowType.Struct()), List.of(
                new Field("key", FieldType.notNullable(new ArrowType.Utf8()), null),
                field("value", new ArrowType.Int(32, true))));
        List<Field> fields = List.of(
                field("c_boolean", new ArrowType.Bool()),
                field("c_tinyint", new ArrowType.Int(8, true)),
                field("c_smallint", new ArrowType.Int(16, true)),
                field("c_integer", new ArrowType.Int(32, true)),
                field("c_bigint", new ArrowType.Int(64, true)),
                field("c_real", new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE)),
                field("c_double", new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE)),
                field("c_short_decimal", new ArrowType.Decimal(10, 2, 128)),
                field("c_long_decimal", new ArrowType.Decimal(38, 5, 128)),
                declared("c_varchar", new ArrowType.Utf8(), "varchar(20)"),
                declared("c_char", new ArrowType.Utf8(), "char(5)"),
                field("c_varbinary", new ArrowType.Binary()),
                field("c_date", new ArrowType.Date(DateUnit.DAY)),
                field("c_time", new ArrowType.Time(TimeUnit.MICROSECOND, 64)),
                field("c_timestamp", new ArrowType.Timestamp(TimeUnit.MICROSECOND, null)),
                field("c_timestamp_tz", new ArrowType.Timestamp(TimeUnit.MICROSECOND, "Europe/Berlin")),
                declared("c_uuid", new ArrowType.FixedSizeBinary(16), "uuid"),
                declared("c_json", new ArrowType.Utf8(), "json"),
                new Field("c_array", nullable(new ArrowType.List()), List.of(element)),
                new Field("c_map", nullable(new ArrowType.Map(false)), List.of(entries)),
                new Field("c_row", nullable(new ArrowType.Struct()), List.of(field("x", new ArrowType.Int(64, true)), field("y", new ArrowType.Utf8()))));
        ByteBuffer uuid = ByteBuffer.allocate(16).putLong(0x12151fd2758611e9L).putLong(0x8f9e2a86e4085a59L);
        List<Object> values = List.of(
                true,
                (byte) -128,
                (short) 32767,
                -2147483648,
                9223372036854775807L,
                1.5f,
                -0.25,
                new BigDecimal("12345678.90"),
                new BigDecimal("-123456789012345678901234567890123.45678"),
                "Zürich €",
                "ab ",
                new byte[] {0, (byte) 0xFF},
                (int) LocalDate.of(2025, 5, 2).toEpochDay(),
                64_800_123_456L,
                1_746_208_800_123_456L,
                1_746_208_800_123_456L,
                uuid.array(),
                "{\"b\": 1, \"a\": [true]}",
                Arrays.asList("x", null),
                Collections.singletonMap("k", null),
                Arrays.asList(7L, null));
        return Table.of("types", new Schema(fields), List.of(values, Collections.nCopies(fields.size(), null)));
    }

    static Table numbersTable()
    {
        Schema schema = new Schema(List.of(
                field("id", new ArrowType.Int(64, true)),
                field("name", new ArrowType.Utf8()),
                field("amount", new ArrowType.Decimal(18, 2, 128)),
                field("ratio", new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE)),
                field("fraction", new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE)),
                field("flag", new ArrowType.Bool()),
                field("day", new ArrowType.Date(DateUnit.DAY)),
                field("instant", new ArrowType.Timestamp(TimeUnit.MICROSECOND, "Europe/Berlin")),
                field("local", new ArrowType.Timestamp(TimeUnit.MICROSECOND, null)),
                field("moment", new ArrowType.Time(TimeUnit.MICROSECOND, 64)),
                field("bytes", new ArrowType.Binary()),
                declared("code", new ArrowType.Utf8(), "char(3)"),
                declared("key", new ArrowType.FixedSizeBinary(16), "uuid")));
        Random random = new Random(3);
        List<List<Object>> rows = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            List<Object> row = new ArrayList<>(List.of(
                    (long) i,
                    List.of("", "a", "A", "b", "é", "ab", "z%", "\uFFFD", new String(Character.toChars(0x1F4B6))).get(random.nextInt(9)) + (i % 3 == 0 ? "" : i % 7),
                    new BigDecimal(random.nextInt(-500, 500)).movePointLeft(2).setScale(2),
                    List.of(Double.NaN, -0.0, 0.0, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 0.1, -2.5).get(random.nextInt(7)),
                    List.of(Float.NaN, -0.0f, 0.0f, Float.POSITIVE_INFINITY, 0.1f, -2.5f).get(random.nextInt(6)),
                    random.nextBoolean(),
                    20_000 + random.nextInt(-30, 30),
                    1_746_208_800_000_000L + random.nextInt(-5, 5) * 1_800_000_000L,
                    1_746_208_800_000_000L + random.nextInt(-5, 5) * 123_456L,
                    random.nextLong(86_400) * 1_000_000L,
                    new byte[] {(byte) random.nextInt(-3, 3)},
                    List.of("a", "a ", "abc", "").get(random.nextInt(4)),
                    ByteBuffer.allocate(16).putLong(i % 5).array()));
            if (i % 11 == 0) {
                row.set(1 + random.nextInt(12), null);
            }
            rows.add(row);
        }
        return Table.of("numbers", schema, rows);
    }

    @Test
    void testTypeMapping()
    {
        assertThat(query("SELECT * FROM types WHERE c_bigint IS NOT NULL")).matches(
                """
                VALUES (
                    true, TINYINT '-128', SMALLINT '32767', INTEGER '-2147483648', BIGINT '9223372036854775807', REAL '1.5', DOUBLE '-0.25',
                    CAST(12345678.90 AS decimal(10, 2)), CAST('-123456789012345678901234567890123.45678' AS decimal(38, 5)),
                    CAST('Zürich €' AS varchar(20)), CAST('ab' AS char(5)), X'00FF',
                    DATE '2025-05-02', TIME '18:00:00.123456', TIMESTAMP '2025-05-02 18:00:00.123456', TIMESTAMP '2025-05-02 20:00:00.123456 Europe/Berlin',
                    UUID '12151fd2-7586-11e9-8f9e-2a86e4085a59', JSON '{"a":[true],"b":1}',
                    ARRAY[VARCHAR 'x', NULL], MAP(ARRAY[VARCHAR 'k'], ARRAY[CAST(NULL AS integer)]), CAST(ROW(7, NULL) AS ROW(x bigint, y varchar)))
                """);
        assertThat((String) computeScalar("SELECT array_join(ARRAY[%s], ',') FROM types WHERE c_bigint IS NULL".formatted(
                String.join(", ", typesTable().schema().getFields().stream().map(field -> "CAST(" + field.getName() + " IS NULL AS varchar)").toList()))))
                .isEqualTo(String.join(",", Collections.nCopies(21, "true")));
    }

    @Test
    void testMetadata()
    {
        assertThat(computeActual("SHOW SCHEMAS").getOnlyColumnAsSet()).contains("information_schema", "public", "upper");
        assertThat(query("SHOW TABLES FROM upper")).skippingTypesCheck().matches("VALUES 'mixed'");
        assertThat(query("SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'upper'")).skippingTypesCheck()
                .matches("VALUES ('id', 'bigint'), ('name', 'varchar')");
        assertThat(source.describedTables).containsExactly("Mixed");
        assertThat(computeScalar("SELECT comment FROM system.metadata.table_comments WHERE catalog_name = 'flight' AND table_name = 'mixed'")).isEqualTo("In mixed case");
        assertThat(query("SHOW STATS FOR numbers")).result().rows().last().satisfies(row -> assertThat(row.getField(4)).isEqualTo(500.0));
        assertQueryFails("SELECT * FROM missing", ".*Table 'flight.public.missing' does not exist");
        assertQueryReturnsEmptyResult("SELECT * FROM empty");
    }

    @Test
    void testMixedCase()
    {
        assertThat(query("SELECT id, name FROM upper.mixed WHERE name = 'one'")).matches("VALUES (BIGINT '1', VARCHAR 'one')").isFullyPushedDown();
        assertThat(source.reads.getFirst().get("table").asText()).isEqualTo("Mixed");
        assertThat(source.reads.getFirst().get("columns")).isEqualTo(json("[\"Id\", \"NAME\"]"));
    }

    @Test
    void testUser()
    {
        computeActual("SELECT count(*) FROM numbers");
        assertThat(source.users).containsExactly(getSession().getUser());
    }

    @Test
    void testProjection()
    {
        assertThat(computeScalar("SELECT count(*) FROM numbers")).isEqualTo(500L);
        assertThat(lastRead().get("columns")).isEqualTo(json("[]"));
        computeActual("SELECT sum(amount), max(id) FROM numbers");
        assertThat(lastRead().get("columns")).isEqualTo(json("[\"id\", \"amount\"]"));
        computeActual("SELECT name FROM numbers WHERE id < 10");
        assertThat(lastRead().get("columns")).isEqualTo(json("[\"name\"]"));
        assertThat(lastRead().get("partitions").asInt()).isEqualTo(4);
        assertThat(query("SELECT amount, id FROM numbers WHERE id = 3")).isFullyPushedDown();

        source.add(withName(numbersTable(), "unprojected").withCapabilities("{\"projection\": false, \"predicate\": \"none\", \"limit\": \"none\"}"));
        assertThat(query("SELECT id FROM unprojected WHERE day IS NULL LIMIT 1000")).matches("SELECT id FROM numbers WHERE day IS NULL");
        JsonNode read = lastRead("unprojected");
        assertThat(read.get("columns")).hasSize(13);
        assertThat(read.get("predicate").isNull()).isTrue();
        assertThat(read.get("limit").isNull()).isTrue();
    }

    @Test
    void testPredicates()
    {
        assertPredicate("id = 7", "[{column: 'id', null_allowed: false, values: ['7']}]");
        assertPredicate("id IN (7, 9) OR id IS NULL", "[{column: 'id', null_allowed: true, values: ['7', '9']}]");
        assertPredicate("id BETWEEN 7 AND 9 OR id > 490", "[{column: 'id', null_allowed: false, ranges: [{low: {value: '7', inclusive: true}, high: {value: '9', inclusive: true}}, {low: {value: '490', inclusive: false}, high: null}]}]");
        assertPredicate("id <> 7", "[{column: 'id', null_allowed: false, ranges: [{low: null, high: {value: '7', inclusive: false}}, {low: {value: '7', inclusive: false}, high: null}]}]");
        assertPredicate("name IS NULL", "[{column: 'name', null_allowed: true}]");
        assertPredicate("name IS NOT NULL", "[{column: 'name', null_allowed: false, ranges: [{low: null, high: null}]}]");
        assertPredicate("name = 'é' AND id > 3", "[{column: 'id', null_allowed: false, ranges: [{low: {value: '3', inclusive: false}, high: null}]}, {column: 'name', null_allowed: false, values: ['é']}]");
        assertPredicate("name > '\uFFFD'", "[{column: 'name', null_allowed: false, ranges: [{low: {value: '\uFFFD', inclusive: false}, high: null}]}]");
        assertPredicate("amount >= -1.5", "[{column: 'amount', null_allowed: false, ranges: [{low: {value: '-1.50', inclusive: true}, high: null}]}]");
        assertPredicate("ratio > 0", "[{column: 'ratio', null_allowed: false, ranges: [{low: {value: '0.0', inclusive: false}, high: null}]}]");
        assertPredicate("ratio IS NOT NULL", "[{column: 'ratio', null_allowed: false, ranges: [{low: null, high: null}]}]");
        assertPredicate("ratio = infinity()", "[{column: 'ratio', null_allowed: false, values: ['Infinity']}]");
        assertPredicate("fraction <= REAL '0.1'", "[{column: 'fraction', null_allowed: false, ranges: [{low: null, high: {value: '0.1', inclusive: true}}]}]");
        assertPredicate("flag", "[{column: 'flag', null_allowed: false, values: ['true']}]");
        assertPredicate("NOT flag", "[{column: 'flag', null_allowed: false, values: ['false']}]");
        assertPredicate("day = DATE '2024-10-04'", "[{column: 'day', null_allowed: false, values: ['2024-10-04']}]");
        assertPredicate("instant >= TIMESTAMP '2025-05-02 20:00:00 Europe/Berlin'", "[{column: 'instant', null_allowed: false, ranges: [{low: {value: '2025-05-02T18:00:00Z', inclusive: true}, high: null}]}]");
        assertPredicate("local < TIMESTAMP '2025-05-02 18:00:00.123456'", "[{column: 'local', null_allowed: false, ranges: [{low: null, high: {value: '2025-05-02T18:00:00.123456', inclusive: false}}]}]");
        assertPredicate("moment < TIME '18:00:00.5'", "[{column: 'moment', null_allowed: false, ranges: [{low: null, high: {value: '18:00:00.500', inclusive: false}}]}]");
        assertPredicate("bytes > X'01'", "[{column: 'bytes', null_allowed: false, ranges: [{low: {value: 'AQ==', inclusive: false}, high: null}]}]");
        assertPredicate("key = UUID '00000000-0000-0003-0000-000000000000'", "[{column: 'key', null_allowed: false, values: ['00000000-0000-0003-0000-000000000000']}]");
    }

    /**
     * Checks that the source is asked for just this, and that Trino gets the same rows as from its own filter.
     */
    private void assertPredicate(String condition, String expectedColumns)
    {
        source.reads.clear();
        assertThat(query("SELECT * FROM numbers WHERE " + condition)).isFullyPushedDown();
        assertThat(source.reads.stream().map(read -> read.get("predicate")).filter(predicate -> !predicate.isNull()).map(predicate -> predicate.get("columns")))
                .as(condition)
                .isNotEmpty()
                .containsOnly(json(expectedColumns));
        assertThat(source.reads).as(condition).anyMatch(read -> read.get("predicate").isNull());
    }

    @Test
    void testPredicatesThatStayInTrino()
    {
        for (String condition : List.of(
                "code = 'a'",
                "code > 'a' AND code < 'b'",
                "length(name) = 2",
                "ratio <> 0.1",
                "NOT (ratio > 0.1)",
                "ratio = nan()",
                "is_nan(ratio)",
                "ratio NOT IN (0.0, 0.1)",
                "fraction <> REAL '0.1'",
                "fraction IN (REAL '0.1', REAL '-2.5') OR fraction IS NULL",
                "ratio BETWEEN -0.0 AND 0.0",
                "key > UUID '00000000-0000-0003-0000-000000000000'",
                "name LIKE 'a%'",
                "name LIKE '%1' AND id < 100",
                "id + 1 = 8",
                "name = 'a1' OR id = 8",
                "name IN ('a', 'A', 'zzz') AND ratio < 0.2",
                "NOT flag",
                "flag IS DISTINCT FROM true",
                "day BETWEEN DATE '2024-10-01' AND DATE '2024-10-10' AND instant <> TIMESTAMP '2025-05-02 18:00:00 UTC'",
                "id > 5 AND id < 3",
                "amount = 0.001",
                "CAST(id AS varchar) = '12'",
                "day > DATE '9999-12-31' OR day < DATE '0001-01-01'",
                "day < DATE '12000-01-01'")) {
            String sql = "SELECT * FROM numbers WHERE " + condition;
            Session withoutPushdown = Session.builder(getSession())
                    .setCatalogSessionProperty("flight", "predicate_pushdown_enabled", "false")
                    .build();
            assertThat(computeActual(sql).getMaterializedRows()).as(condition)
                    .containsExactlyInAnyOrderElementsOf(getQueryRunner().execute(withoutPushdown, sql).getMaterializedRows());
        }
        assertThat(query("SELECT id FROM numbers WHERE code = 'a'")).isNotFullyPushedDown(FilterNode.class);
    }

    @Test
    void testRandomPredicates()
    {
        Random random = new Random(11);
        List<String> atoms = List.of(
                "id < %s", "id = %s", "amount > CAST(%s AS decimal(18, 2)) / 100", "ratio > %s", "ratio <= 0.1", "ratio = 0", "ratio <> 0", "fraction >= 0", "name >= 'b'", "name < 'ab1'",
                "name IS NULL", "flag", "NOT flag", "day > DATE '2024-10-01' + INTERVAL '%s' DAY", "moment > TIME '12:00'", "amount IS NOT NULL", "ratio IS NULL", "bytes <> X'FF'");
        for (int i = 0; i < 25; i++) {
            List<String> conjuncts = new ArrayList<>();
            for (int conjunct = random.nextInt(1, 4); conjunct > 0; conjunct--) {
                List<String> disjuncts = new ArrayList<>();
                for (int disjunct = random.nextInt(1, 3); disjunct > 0; disjunct--) {
                    String atom = atoms.get(random.nextInt(atoms.size())).formatted(random.nextInt(500));
                    disjuncts.add(random.nextInt(4) == 0 ? "NOT (" + atom + ")" : atom);
                }
                conjuncts.add("(" + String.join(" OR ", disjuncts) + ")");
            }
            String condition = String.join(" AND ", conjuncts);
            String sql = "SELECT count(*), sum(id), count(name), count(ratio) FROM numbers WHERE " + condition;
            Session withoutPushdown = Session.builder(getSession())
                    .setCatalogSessionProperty("flight", "predicate_pushdown_enabled", "false")
                    .build();
            assertThat(computeActual(sql).getMaterializedRows()).as(condition)
                    .isEqualTo(getQueryRunner().execute(withoutPushdown, sql).getMaterializedRows());
        }
    }

    @Test
    void testCompaction()
    {
        Session session = Session.builder(getSession())
                .setCatalogSessionProperty("flight", "domain_compaction_threshold", "2")
                .build();
        assertThat(query(session, "SELECT id FROM numbers WHERE id IN (3, 5, 8)"))
                .matches("VALUES BIGINT '3', 5, 8");
        assertThat(lastRead().get("predicate").get("columns")).isEqualTo(json("[{column: 'id', null_allowed: false, ranges: [{low: {value: '3', inclusive: true}, high: {value: '8', inclusive: true}}]}]"));
    }

    @Test
    void testPredicateColumns()
    {
        source.add(withName(numbersTable(), "indexed").withPredicateColumns("[\"id\"]"));
        assertThat(query("SELECT id FROM indexed WHERE id < 100 AND day = DATE '2024-10-04'"))
                .matches("SELECT id FROM numbers WHERE id < 100 AND day = DATE '2024-10-04'");
        JsonNode read = lastRead("indexed");
        assertThat(read.get("predicate").get("columns")).isEqualTo(json("[{column: 'id', null_allowed: false, ranges: [{low: null, high: {value: '100', inclusive: false}}]}]"));
    }

    @Test
    void testPartialSource()
    {
        // as a source would that only looks at whole blocks of rows: what it is asked is not quite what it gives
        source.add(withName(numbersTable(), "partial").withCapabilities("{\"projection\": true, \"predicate\": \"partial\", \"limit\": \"partial\"}"));
        assertThat(query("SELECT id FROM partial WHERE id = 3")).matches("VALUES BIGINT '3'").isNotFullyPushedDown(FilterNode.class);
        computeActual("SELECT id FROM partial WHERE id = 3");
        assertThat(lastRead().get("predicate").get("columns")).isEqualTo(json("[{column: 'id', null_allowed: false, values: ['3']}]"));
        assertThat(computeActual("SELECT id FROM partial LIMIT 3").getRowCount()).isEqualTo(3);
        assertThat(lastRead().get("limit").asInt()).isEqualTo(3);
    }

    /**
     * A source that leaves some of the filtering to Trino may count the rows that are yet to be left out.
     */
    @Test
    void testLimitOfRowsThatArePartlyFiltered()
    {
        source.add(withName(numbersTable(), "partly").withCapabilities(
                "{\"projection\": true, \"predicate\": \"partial\", \"limit\": \"exact\", \"expressions\": [\"column\", \"literal\", \"like\"]}"));
        assertThat(computeActual("SELECT id FROM partly WHERE name LIKE '%1' LIMIT 3").getRowCount()).isEqualTo(3);
        assertThat(lastRead().get("predicate").hasNonNull("expression")).isTrue();
        assertThat(lastRead().get("limit").isNull()).isTrue();
    }

    @Test
    void testReplacedTableKeepsItsSpelling()
    {
        try (TestingFlightSource changed = new TestingFlightSource()) {
            changed.handshake = "{\"protocol\": 1, \"source\": \"changed\", \"version\": \"1\", \"capabilities\": {\"changes\": [\"create_table\"]}}";
            changed.add(withName(numbersTable(), "Mixed"));
            getQueryRunner().createCatalog("changed", "arrow_flight", ImmutableMap.of("arrow-flight.location", changed.location()));
            assertUpdate("CREATE OR REPLACE TABLE changed.public.mixed (a bigint)");
            assertThat(changed.changes.getLast().get("table").asText()).isEqualTo("Mixed");
            assertUpdate("CREATE OR REPLACE TABLE changed.public.other (a bigint)");
            assertThat(changed.changes.getLast().get("table").asText()).isEqualTo("other");
        }
    }

    @Test
    void testLimit()
    {
        assertThat(computeActual("SELECT id FROM numbers LIMIT 3").getRowCount()).isEqualTo(3);
        assertThat(lastRead().get("limit").asInt()).isEqualTo(3);
        assertThat(query("SELECT id FROM numbers LIMIT 500")).isFullyPushedDown();
        assertThat(computeActual("SELECT id FROM numbers WHERE id > 490 LIMIT 20").getRowCount()).isEqualTo(9);
        assertThat(lastRead().get("limit").asInt()).isEqualTo(20);
        assertThat(computeScalar("SELECT count(*) FROM (SELECT id FROM numbers LIMIT 10) WHERE id < 0")).isEqualTo(0L);
        assertThat(lastRead().get("predicate").isNull()).isTrue();
        assertThat(computeActual("SELECT id FROM numbers WHERE length(name) = 2 LIMIT 5").getRowCount()).isEqualTo(5);
        assertThat(lastRead().get("limit").isNull()).isTrue();
        Session withoutPushdown = Session.builder(getSession())
                .setCatalogSessionProperty("flight", "limit_pushdown_enabled", "false")
                .build();
        assertThat(getQueryRunner().execute(withoutPushdown, "SELECT id FROM numbers LIMIT 3").getRowCount()).isEqualTo(3);
        assertThat(lastRead().get("limit").isNull()).isTrue();
    }

    @Test
    void testDynamicFilter()
    {
        Session session = Session.builder(getSession())
                .setCatalogSessionProperty("flight", "dynamic_filtering_wait_timeout", "60s")
                .build();
        Schema schema = new Schema(List.of(field("id", new ArrowType.Int(64, true))));
        source.add(Table.of("wanted", schema, List.of(List.of(3L), List.of(5L))));
        String sql = "SELECT count(*) FROM numbers n JOIN wanted w ON n.id = w.id";
        assertThat(getQueryRunner().execute(session, sql).getOnlyValue()).isEqualTo(2L);
        assertThat(lastRead("numbers").get("predicate").get("columns")).isEqualTo(json("[{column: 'id', null_allowed: false, values: ['3', '5']}]"));

        Session without = Session.builder(getSession())
                .setCatalogSessionProperty("flight", "dynamic_filtering_enabled", "false")
                .build();
        assertThat(getQueryRunner().execute(without, sql).getOnlyValue()).isEqualTo(2L);
        assertThat(lastRead("numbers").get("predicate").isNull()).isTrue();
    }

    @Test
    void testUnsupportedType()
    {
        Schema schema = new Schema(List.of(field("id", new ArrowType.Int(64, true)), field("tenor", new ArrowType.Interval(IntervalUnit.MONTH_DAY_NANO))));
        source.add(Table.of("unsupported", schema, List.of(List.of(1L, 5L))));
        assertThat(query("SELECT * FROM unsupported")).matches("VALUES BIGINT '1'");
        Session session = Session.builder(getSession())
                .setCatalogSessionProperty("flight", "unsupported_type_handling", "FAIL")
                .build();
        assertQueryFails(session, "SELECT id FROM unsupported", "Column 'tenor' of public.unsupported at the Flight source grpc://127.0.0.1:\\d+: Arrow type Interval has no Trino type");
    }

    @Test
    void testAmbiguousNames()
    {
        Schema schema = new Schema(List.of(field("id", new ArrowType.Int(64, true))));
        source.add(Table.of("Twin", schema, List.of()).inSchema("twins"));
        source.add(Table.of("TWIN", schema, List.of()).inSchema("twins"));
        assertQueryFails("SELECT * FROM twins.twin", ".*several tables whose names differ from twins.twin only in case: \\[twins.TWIN, twins.Twin\\]");
        source.add(Table.of("columns", new Schema(List.of(field("id", new ArrowType.Int(64, true)), field("ID", new ArrowType.Int(64, true)))), List.of()).inSchema("twins"));
        assertQueryFails("SELECT * FROM twins.columns", ".*columns whose names differ only in case: 'id' and 'ID'");
    }

    @Test
    void testStreamsThatFail()
            throws Exception
    {
        assertStreamFails(
                (observer, messages) -> {
                    messages.subList(0, 2).forEach(observer::onNext);
                    observer.onError(Status.INTERNAL.withDescription("disk is gone\n  at secret.py").asException());
                },
                "The Flight source at grpc://127.0.0.1:\\d+ failed while public.\\w+ was read, after \\d+ rows: disk is gone");
        assertStreamFails(
                (observer, _) -> observer.onError(Status.PERMISSION_DENIED.withDescription("not yours. Detail: Python exception: X").asException()),
                "The Flight source at grpc://127.0.0.1:\\d+ failed to read public.\\w+: not yours");
        assertStreamFails(
                (observer, _) -> observer.onCompleted(),
                "The Flight source at grpc://127.0.0.1:\\d+ ended its stream of public.\\w+ before the schema");
        assertStreamFails(
                (observer, messages) -> {
                    observer.onNext(messages.getFirst());
                    observer.onNext(Flight.FlightData.newBuilder().setDataHeader(ByteString.copyFromUtf8("nonsense, and long enough")).build());
                    observer.onCompleted();
                },
                "The Flight source at grpc://127.0.0.1:\\d+ sent malformed data of public.\\w+: .*");
        assertStreamFails(
                (observer, messages) -> observer.onNext(messages.getFirst()),
                "The Flight source at grpc://127.0.0.1:\\d+ sent nothing of public.\\w+ for 3.00s");
    }

    private void assertStreamFails(StreamBehavior behavior, String message)
            throws Exception
    {
        String name = "failing_" + randomNameSuffix();
        source.add(withName(numbersTable(), name).withBehavior(behavior));
        assertQueryFails("SELECT sum(id) FROM " + name, message);
        awaitNoStreams();
    }

    @Test
    void testFailover()
            throws Exception
    {
        int closedPort;
        try (TestingFlightSource other = new TestingFlightSource()) {
            closedPort = other.port();
        }
        source.add(withName(numbersTable(), "replicated").withLocations(List.of("grpc://127.0.0.1:" + closedPort, "arrow-flight-reuse-connection://?")));
        assertThat(query("SELECT * FROM replicated")).matches("SELECT * FROM numbers");
        source.add(withName(numbersTable(), "unreachable").withLocations(List.of("grpc://127.0.0.1:" + closedPort)));
        assertQueryFails("SELECT * FROM unreachable", "Cannot reach the Flight source at grpc://127.0.0.1:%s to read public.unreachable: .*Connection refused.*".formatted(closedPort));
        source.add(withName(numbersTable(), "encrypted").withLocations(List.of("grpc+tls://127.0.0.1:1")));
        assertQueryFails("SELECT * FROM encrypted", "The Flight source at .* gave a malformed answer to plan the reading of public.encrypted: .*TLS, which is not supported.*");
    }

    @Test
    void testLimitCancelsStream()
            throws Exception
    {
        int cancelled = source.cancelledStreams.get();
        source.add(withName(numbersTable(), "endless_limited")
                .withCapabilities("{\"projection\": true, \"predicate\": \"none\", \"limit\": \"none\"}")
                .withBehavior(TestArrowFlightConnector::sendEndlessly));
        assertThat(computeActual("SELECT id FROM endless_limited LIMIT 10000").getRowCount()).isEqualTo(10_000);
        awaitNoStreams();
        assertThat(source.cancelledStreams.get()).isGreaterThan(cancelled);
    }

    @Test
    void testCancelledQueryStopsStream()
            throws Exception
    {
        source.add(withName(numbersTable(), "endless").withBehavior(TestArrowFlightConnector::sendEndlessly));
        ExecutorService executor = newSingleThreadExecutor();
        try {
            Future<?> query = executor.submit(() -> computeActual("SELECT /* endless */ sum(id) FROM endless"));
            while (source.openStreams.get() == 0) {
                Thread.sleep(10);
            }
            String queryId = (String) computeScalar("SELECT query_id FROM system.runtime.queries WHERE query LIKE 'SELECT /* endless */%' AND state = 'RUNNING'");
            getQueryRunner().execute("CALL system.runtime.kill_query('%s')".formatted(queryId));
            assertThatThrownBy(query::get).hasMessageContaining("killed");
            awaitNoStreams();
        }
        finally {
            executor.shutdownNow();
        }
    }

    private static void sendEndlessly(ServerCallStreamObserver<Flight.FlightData> observer, List<Flight.FlightData> messages)
            throws InterruptedException
    {
        observer.onNext(messages.getFirst());
        while (!observer.isCancelled()) {
            if (observer.isReady()) {
                observer.onNext(messages.getLast());
            }
            else {
                Thread.sleep(1);
            }
        }
    }

    private void awaitNoStreams()
            throws InterruptedException
    {
        // bounded by the test's own time limit
        while (source.openStreams.get() > 0) {
            Thread.sleep(10);
        }
    }

    @Test
    void testSourceDown()
            throws Exception
    {
        int port = source.port();
        String address = "grpc://127.0.0.1:" + port;
        assertThat(computeScalar("SELECT count(*) FROM numbers")).isEqualTo(500L);
        source.stop();
        try {
            assertQueryFails("SELECT count(*) FROM numbers", "Cannot reach the Flight source at %s to (describe public.numbers|agree on a protocol version): .*Connection refused.*".formatted(address));
            assertQueryFails("SHOW SCHEMAS", ".*Cannot reach the Flight source at %s to .*".formatted(address));
        }
        finally {
            source.start(port);
        }
        assertThat(computeScalar("SELECT count(*) FROM numbers")).isEqualTo(500L);

        // restarted between two queries
        source.stop();
        source.start(port);
        assertThat(computeScalar("SELECT count(*) FROM numbers")).isEqualTo(500L);
    }

    @Test
    void testSourceHangs()
    {
        source.hang = true;
        try {
            assertQueryFails("SELECT count(*) FROM numbers", "The Flight source at .* did not answer in time to describe public.numbers");
        }
        finally {
            source.hang = false;
        }
        assertThat(computeScalar("SELECT count(*) FROM numbers")).isEqualTo(500L);
    }

    @Test
    void testHandshake()
            throws Exception
    {
        try (TestingFlightSource other = new TestingFlightSource()) {
            for (var answer : ImmutableMap.of(
                    "{\"protocol\": 2}", ".*The Flight source at .* speaks version 2 of the protocol, this connector version 1",
                    "{}", ".*The Flight source at .* speaks version null of the protocol, this connector version 1",
                    "nonsense", ".*The Flight source at .* gave a malformed answer to agree on a protocol version: not the expected JSON").entrySet()) {
                other.handshake = answer.getKey();
                String catalog = "other_" + randomNameSuffix();
                getQueryRunner().createCatalog(catalog, "arrow_flight", ImmutableMap.of("arrow-flight.location", other.location()));
                assertQueryFails("SHOW SCHEMAS FROM " + catalog, answer.getValue());
                getQueryRunner().execute("DROP CATALOG " + catalog);
            }
        }
    }

    private JsonNode lastRead()
    {
        return source.reads.getLast();
    }

    private JsonNode lastRead(String table)
    {
        return source.reads.stream().filter(read -> read.get("table").asText().equals(table)).reduce((_, second) -> second).orElseThrow();
    }

    private static Table withName(Table table, String name)
    {
        return Table.of(name, table.schema(), table.rows());
    }

    private static JsonNode json(String text)
    {
        try {
            return JSON.readTree(text);
        }
        catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
