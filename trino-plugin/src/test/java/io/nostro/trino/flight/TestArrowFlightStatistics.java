package io.nostro.trino.flight;

import com.google.common.collect.ImmutableMap;
import io.trino.Session;
import io.trino.testing.AbstractTestQueryFramework;
import io.trino.testing.MaterializedRow;
import io.trino.testing.QueryRunner;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Optional;

import static com.google.common.collect.MoreCollectors.onlyElement;
import static io.trino.spi.type.DateType.DATE;
import static io.trino.spi.type.IntegerType.INTEGER;
import static org.assertj.core.api.Assertions.assertThat;

final class TestArrowFlightStatistics
        extends AbstractTestQueryFramework
{
    private static final int DATA_SIZE = 1;
    private static final int DISTINCT_VALUES = 2;
    private static final int NULLS_FRACTION = 3;
    private static final int ROW_COUNT = 4;
    private static final int LOW = 5;
    private static final int HIGH = 6;

    private TestingDuckDBSource source;

    @Override
    protected QueryRunner createQueryRunner()
            throws Exception
    {
        source = closeAfterClass(new TestingDuckDBSource());
        source.execute("CREATE SCHEMA public");
        source.execute(
                """
                CREATE TABLE public.trades AS
                SELECT i AS trade_id, i % 1000 AS account, CASE WHEN i % 4 = 0 THEN CAST(i / 100 AS DECIMAL(9, 2)) END AS price, i / 4e0 AS ratio,
                DATE '2025-01-01' + CAST(i % 100 AS INTEGER) AS day, TIMESTAMPTZ '2025-01-01 00:00:00+00' + i * INTERVAL 1 SECOND AS posted_at,
                'A' || i % 10 AS name, i % 2 = 0 AS flag, [i] AS lists
                FROM range(10000) AS r(i)
                """);
        source.execute("CREATE TABLE public.none (a INTEGER)");
        source.execute("CREATE VIEW public.some AS SELECT trade_id FROM public.trades");
        return ArrowFlightQueryRunner.create(source.location(), ImmutableMap.of());
    }

    @Test
    void testTable()
    {
        List<MaterializedRow> statistics = statistics("trades");
        assertThat(rowCount(statistics)).isEqualTo(10_000.0);
        MaterializedRow id = column(statistics, "trade_id");
        assertThat((double) id.getField(DISTINCT_VALUES)).isBetween(8_000.0, 10_000.0);
        assertThat(id.getField(NULLS_FRACTION)).isEqualTo(0.0);
        assertThat(id.getField(LOW)).isEqualTo("0");
        assertThat(id.getField(HIGH)).isEqualTo("9999");
        MaterializedRow price = column(statistics, "price");
        assertThat(price.getField(NULLS_FRACTION)).isEqualTo(0.75);
        assertThat(price.getField(LOW)).isEqualTo("0.0");
        assertThat(price.getField(HIGH)).isEqualTo("99.96");
        assertThat(column(statistics, "ratio").getField(HIGH)).isEqualTo("2499.75");
        assertThat(column(statistics, "day").getField(LOW)).isEqualTo("2025-01-01");
        assertThat(column(statistics, "day").getField(HIGH)).isEqualTo("2025-04-10");
        assertThat(column(statistics, "posted_at").getField(HIGH)).isEqualTo("2025-01-01 02:46:39.000 UTC");
        assertThat(column(statistics, "name").getField(DATA_SIZE)).isEqualTo(20_000.0);
        assertThat(column(statistics, "name").getField(LOW)).isNull();
        assertThat(column(statistics, "lists").getField(NULLS_FRACTION)).isEqualTo(0.0);
        assertThat(rowCount(statistics("none"))).isEqualTo(0.0);
        assertThat(rowCount(statistics("some"))).isNull();
    }

    @Test
    void testWhatIsLeftByPushdown()
    {
        double accounts = (double) column(statistics("trades"), "account").getField(DISTINCT_VALUES);
        assertThat(query("SELECT * FROM trades WHERE account = 7")).isFullyPushedDown();
        List<MaterializedRow> one = statistics("(SELECT * FROM trades WHERE account = 7)");
        assertThat((double) rowCount(one)).isBetween(10_000 / accounts - 1, 10_000 / accounts + 1);
        assertThat(column(one, "account").getField(DISTINCT_VALUES)).isEqualTo(1.0);

        List<MaterializedRow> first = statistics("(SELECT trade_id, price FROM trades WHERE trade_id < 2500)");
        assertThat((double) rowCount(first)).isBetween(2_400.0, 2_600.0);
        assertThat(column(first, "trade_id").getField(HIGH)).isEqualTo("2500");

        Session withoutPushdown = Session.builder(getSession())
                .setCatalogSessionProperty("flight", "predicate_pushdown_enabled", "false")
                .build();
        for (String condition : List.of(
                "price IS NOT NULL",
                "price < 7 AND account = 3",
                "day BETWEEN DATE '2025-02-01' AND DATE '2025-02-28' AND flag",
                "trade_id < 2500 OR name = 'A1' AND trade_id > 9000",
                "name LIKE 'A%' AND ratio < 100",
                "trade_id < 0")) {
            String statement = "SHOW STATS FOR (SELECT * FROM trades WHERE %s)".formatted(condition);
            assertThat(query("SELECT * FROM trades WHERE " + condition)).as(condition).isFullyPushedDown();
            assertThat(computeActual(statement).getMaterializedRows()).as(condition).isEqualTo(getQueryRunner().execute(withoutPushdown, statement).getMaterializedRows());
        }

        assertThat(query("SELECT account, count(*) FROM trades GROUP BY account")).isFullyPushedDown();
        assertThat(rowCount(statistics("(SELECT account, count(*) AS n FROM trades GROUP BY account)"))).isEqualTo(accounts);
        assertThat(rowCount(statistics("(SELECT count(*) AS n FROM trades WHERE trade_id < 5)"))).isEqualTo(1.0);
        assertThat(rowCount(statistics("(SELECT * FROM trades LIMIT 7)"))).isEqualTo(7.0);
        assertThat(rowCount(statistics("(SELECT * FROM trades WHERE account < 500 ORDER BY trade_id LIMIT 7)"))).isEqualTo(7.0);
    }

    /**
     * Without statistics of columns the filtered table would be taken for the greater one.
     */
    @Test
    void testJoinOrder()
    {
        String plan = (String) computeScalar("EXPLAIN SELECT count(*) FROM (SELECT * FROM trades WHERE trade_id = 7) a JOIN trades b ON a.account = b.account");
        assertThat(plan.indexOf("constraint on [trade_id]")).isGreaterThan(plan.indexOf("flight:public.trades columns"));
    }

    @Test
    void testSwitch()
    {
        Session session = Session.builder(getSession())
                .setCatalogSessionProperty("flight", "statistics_enabled", "false")
                .build();
        assertThat(getQueryRunner().execute(session, "SHOW STATS FOR trades").getMaterializedRows())
                .allSatisfy(row -> assertThat(row.getFields().subList(1, 7)).containsOnlyNulls());
    }

    @Test
    void testSourceWhoseStatisticsFail()
    {
        try (TestingFlightSource failing = new TestingFlightSource()) {
            // which it can't tell
            failing.handshake = "{\"protocol\": 1, \"source\": \"failing\", \"version\": \"1\", \"capabilities\": {\"projection\": true, \"statistics\": true}}";
            failing.add(TestArrowFlightConnector.numbersTable());
            getQueryRunner().createCatalog("failing", "arrow_flight", ImmutableMap.of("arrow-flight.location", failing.location()));
            assertThat(rowCount(statistics("failing.public.numbers"))).isEqualTo(500.0);
            assertThat(column(statistics("failing.public.numbers"), "id").getFields().subList(1, 7)).containsOnlyNulls();
            assertThat(computeScalar("SELECT count(*) FROM failing.public.numbers WHERE id < 7")).isEqualTo(7L);
        }
    }

    @Test
    void testStatisticsFollowTheTable()
    {
        source.execute("CREATE OR REPLACE TABLE public.growing AS SELECT 1 AS a");
        assertUpdate("INSERT INTO growing VALUES 7", 1);
        assertThat(column(statistics("growing"), "a").getField(HIGH)).isEqualTo("7");
        assertUpdate("INSERT INTO growing VALUES 9", 1);
        assertThat(column(statistics("growing"), "a").getField(HIGH)).isEqualTo("9");
        assertThat(rowCount(statistics("growing"))).isEqualTo(3.0);
    }

    private List<MaterializedRow> statistics(String relation)
    {
        return computeActual("SHOW STATS FOR " + relation).getMaterializedRows();
    }

    private static Object rowCount(List<MaterializedRow> statistics)
    {
        return statistics.getLast().getField(ROW_COUNT);
    }

    private static MaterializedRow column(List<MaterializedRow> statistics, String name)
    {
        return statistics.stream()
                .filter(row -> Optional.of(name).equals(Optional.ofNullable(row.getField(0))))
                .collect(onlyElement());
    }
}
