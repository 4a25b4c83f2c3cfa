package io.nostro.trino.flight;

import com.google.common.collect.ImmutableMap;
import io.trino.Session;
import io.trino.testing.AbstractTestQueryFramework;
import io.trino.testing.QueryRunner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.parallel.Execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.TestInstance.Lifecycle.PER_CLASS;
import static org.junit.jupiter.api.parallel.ExecutionMode.SAME_THREAD;

/**
 * {@code DELETE} in one request, where the source finds the rows by itself, and row by row where it can't.
 */
@TestInstance(PER_CLASS)
@Execution(SAME_THREAD)
final class TestArrowFlightDelete
        extends AbstractTestQueryFramework
{
    private TestingDuckDBSource source;

    @Override
    protected QueryRunner createQueryRunner()
            throws Exception
    {
        source = closeAfterClass(new TestingDuckDBSource());
        source.execute("CREATE SCHEMA public");
        return ArrowFlightQueryRunner.create(source.location(), ImmutableMap.of());
    }

    @Test
    void testDeleteInOneRequest()
    {
        checkDeletes(true);
    }

    @Test
    void testDeleteRowByRow()
    {
        checkDeletes(false);
    }

    private void checkDeletes(boolean pushdown)
    {
        source.execute("CREATE OR REPLACE TABLE public.\"Payments\" AS SELECT i AS \"Id\", CAST(i / 4 AS DECIMAL(9, 2)) AS amount, CASE WHEN i % 3 < 2 THEN 'Zürich ' || i % 10 END AS note, CASE WHEN i % 2 = 0 THEN 'NaN'::DOUBLE ELSE i END AS ratio FROM range(1000) r(i)");
        assertDelete(pushdown, "id >= 900 AND note IS NULL", 33);
        assertDelete(pushdown, "note = 'Zürich 7'", 67);
        assertDelete(pushdown, "note LIKE '%rich 1' OR id = 2", 68);
        assertDelete(pushdown, "amount * 2 > 480.00 AND id IN (961, 964, 966, 3)", 2);
        assertDelete(pushdown, "ratio > 990", 2);
        assertDelete(pushdown, "note = 'nothing'", 0);
        assertDelete(pushdown, "id < 3 AND id > 5", 0);
        assertQuery("SELECT count(*), sum(id) FROM payments", rest());
        assertDelete(pushdown, "true", 828);
        assertQuery("SELECT count(*) FROM payments", "VALUES 0");
    }

    /**
     * What is left, computed by the source's own database and by Trino alike.
     */
    private String rest()
    {
        return "SELECT count(*), sum(id) FROM (SELECT id, CASE WHEN mod(id, 3) < 2 THEN 'Zürich ' || mod(id, 10) END AS note, id / 4.0 AS amount FROM (SELECT x AS id FROM system_range(0, 999))) r " +
                "WHERE NOT (id >= 900 AND note IS NULL) AND NOT (note IS NOT NULL AND (note = 'Zürich 7' OR note LIKE '%rich 1')) AND id <> 2 AND id NOT IN (964, 966) AND NOT (mod(id, 2) = 1 AND id > 990)";
    }

    private void assertDelete(boolean pushdown, String condition, long count)
    {
        Session session = Session.builder(getSession())
                .setCatalogSessionProperty("flight", "predicate_pushdown_enabled", String.valueOf(pushdown))
                .build();
        String sql = "DELETE FROM payments WHERE " + condition;
        String plan = (String) computeActual(session, "EXPLAIN " + sql).getOnlyValue();
        if (pushdown && !condition.equals("id < 3 AND id > 5")) {
            assertThat(plan).as(sql).contains("TableDelete");
        }
        assertUpdate(session, sql, count);
    }

    @Test
    void testWhatTrinoFilters()
    {
        source.execute("CREATE TABLE public.filtered AS SELECT i AS id, 'n' || i AS note FROM range(100) r(i)");
        String sql = "DELETE FROM filtered WHERE length(note) = 2 AND id > 3";
        assertThat((String) computeActual("EXPLAIN " + sql).getOnlyValue()).doesNotContain("TableDelete");
        assertUpdate(sql, 6);
        String join = "DELETE FROM filtered WHERE id IN (SELECT max(id) FROM filtered)";
        assertThat((String) computeActual("EXPLAIN " + join).getOnlyValue()).doesNotContain("TableDelete");
        assertUpdate(join, 1);
        assertQuery("SELECT count(*), max(id) FROM filtered", "VALUES (93, 98)");
    }

    @Test
    void testCompactedDomains()
    {
        source.execute("CREATE TABLE public.compacted AS SELECT i AS id FROM range(1000) r(i)");
        Session session = Session.builder(getSession())
                .setCatalogSessionProperty("flight", "domain_compaction_threshold", "2")
                .build();
        String sql = "DELETE FROM compacted WHERE id IN (1, 5, 900)";
        // the source is sent the range from 1 to 900, and Trino filters
        assertThat((String) computeActual(session, "EXPLAIN " + sql).getOnlyValue()).doesNotContain("TableDelete");
        assertUpdate(session, sql, 3);
        assertQuery("SELECT count(*) FROM compacted", "VALUES 997");
        assertThat((String) computeActual("EXPLAIN " + sql).getOnlyValue()).contains("TableDelete");
    }

    @Test
    void testRefusals()
    {
        source.execute("CREATE TABLE public.parent (id BIGINT PRIMARY KEY)");
        source.execute("CREATE TABLE public.child (id BIGINT REFERENCES public.parent (id))");
        source.execute("INSERT INTO public.parent VALUES (1), (2)");
        source.execute("INSERT INTO public.child VALUES (1)");
        assertQueryFails("DELETE FROM parent WHERE id < 3", ".*public.parent: a row violates a constraint of the table.*");
        assertUpdate("DELETE FROM parent WHERE id = 2", 1);
        assertQuery("SELECT id FROM parent", "VALUES 1");
    }
}
