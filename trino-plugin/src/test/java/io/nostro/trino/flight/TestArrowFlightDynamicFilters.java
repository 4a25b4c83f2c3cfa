package io.nostro.trino.flight;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableMap;
import io.trino.Session;
import io.trino.testing.AbstractTestQueryFramework;
import io.trino.testing.MaterializedRow;
import io.trino.testing.QueryRunner;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.parallel.Execution;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import static com.google.common.io.MoreFiles.deleteRecursively;
import static com.google.common.io.RecursiveDeleteOption.ALLOW_INSECURE;
import static io.trino.spi.type.IntegerType.INTEGER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.TestInstance.Lifecycle.PER_CLASS;
import static org.junit.jupiter.api.parallel.ExecutionMode.SAME_THREAD;

/**
 * What joins find while they run is sent to sources, and splits that it excludes are not read.
 */
@TestInstance(PER_CLASS)
@Execution(SAME_THREAD)
final class TestArrowFlightDynamicFilters
        extends AbstractTestQueryFramework
{
    private TestingDuckDBSource source;
    private Path directory;
    private TestingPythonSource ranged;

    @Override
    protected QueryRunner createQueryRunner()
            throws Exception
    {
        source = closeAfterClass(new TestingDuckDBSource());
        source.execute("CREATE SCHEMA public");
        source.execute("CREATE TABLE public.trades AS SELECT i AS trade_id, CAST(i % 100 AS INTEGER) AS account, i % 7 AS quantity FROM range(10000) AS r(i)");
        source.execute("CREATE TABLE public.wanted AS SELECT CAST(i AS INTEGER) AS account, i + 99 AS count FROM range(3, 6) AS r(i)");
        source.execute("CREATE TABLE public.wanted_day AS SELECT 7 AS day");
        directory = Files.createTempDirectory("nostro-ranged");
        ranged = closeAfterClass(new TestingPythonSource("ranged_source.py", requestLog().toString()));
        QueryRunner queryRunner = ArrowFlightQueryRunner.create(
                source.location(),
                ImmutableMap.of(),
                // the source would join its own tables, and Trino find no filter
                ImmutableMap.of("arrow-flight.join-pushdown.enabled", "false"));
        queryRunner.createCatalog("ranged", "arrow_flight", ImmutableMap.of("arrow-flight.location", ranged.location(), "arrow-flight.dynamic-filtering.wait-timeout", "30s"));
        return queryRunner;
    }

    @AfterAll
    void deleteDirectory()
            throws IOException
    {
        deleteRecursively(directory, ALLOW_INSECURE);
    }

    private Path requestLog()
    {
        return directory.resolve("requests.jsonl");
    }

    @Test
    void testJoin()
    {
        assertFiltered("SELECT count(*), sum(t.trade_id) FROM trades t JOIN wanted w ON t.account = w.account");
        JsonNode read = source.reads("trades").getLast();
        assertThat(read.at("/predicate/columns").size()).isEqualTo(1);
        assertThat(read.at("/predicate/columns/0/column").asText()).isEqualTo("account");
        assertThat(read.at("/predicate/columns/0/values").toString()).isEqualTo("[\"3\",\"4\",\"5\"]");
    }

    @Test
    void testSemiJoin()
    {
        assertFiltered("SELECT count(*) FROM trades WHERE account IN (SELECT account FROM wanted WHERE account > 3)");
        assertThat(source.reads("trades").getLast().at("/predicate/columns/0/values").toString()).isEqualTo("[\"4\",\"5\"]");
    }

    @Test
    void testGroups()
    {
        String sql = "SELECT t.account, t.n, t.total FROM (SELECT account, count(*) n, sum(quantity) total FROM trades WHERE quantity > 1 GROUP BY account) t JOIN wanted w ON t.account = w.account";
        assertFiltered(sql);
        JsonNode read = source.reads("trades").getLast();
        assertThat(read.at("/aggregation/group_by").toString()).isEqualTo("[\"account\"]");
        assertThat(read.at("/predicate/columns").findValuesAsText("column")).containsExactly("account", "quantity");
        assertThat(read.at("/predicate/columns/0/values").toString()).isEqualTo("[\"3\",\"4\",\"5\"]");
    }

    @Test
    void testResultsOfFunctionsAreNotFilteredBelow()
    {
        // each account has a hundred trades
        assertFiltered("SELECT t.account FROM (SELECT account, count(*) c FROM trades GROUP BY account) t JOIN (SELECT count - 2 AS c FROM wanted) w ON t.c = w.c");
        assertThat(source.reads("trades").getLast().has("aggregation")).isTrue();
        assertThat(source.reads("trades").getLast().get("predicate").isNull()).isTrue();
        assertFiltered("SELECT t.c FROM (SELECT count(*) c FROM trades) t JOIN (SELECT count * 0 + 10000 AS c FROM wanted) w ON t.c = w.c");
    }

    @Test
    void testFirstRowsAreNotFilteredBelow()
    {
        assertFiltered("SELECT t.trade_id FROM (SELECT trade_id, account FROM trades ORDER BY trade_id LIMIT 5) t JOIN wanted w ON t.account = w.account");
        assertThat(source.reads("trades").getLast().get("predicate").isNull()).isTrue();
        assertFiltered("SELECT t.account, t.n FROM (SELECT account, count(*) n FROM trades GROUP BY account ORDER BY account LIMIT 5) t JOIN wanted w ON t.account = w.account");
        assertThat(source.reads("trades").getLast().get("predicate").isNull()).isTrue();
    }

    private void assertFiltered(String sql)
    {
        Session filtering = Session.builder(getSession())
                .setCatalogSessionProperty("flight", "dynamic_filtering_wait_timeout", "30s")
                .build();
        Session plain = Session.builder(getSession())
                .setSystemProperty("enable_dynamic_filtering", "false")
                .build();
        List<MaterializedRow> expected = getQueryRunner().execute(plain, sql).getMaterializedRows();
        assertThat(expected).isNotEmpty();
        assertThat(getQueryRunner().execute(filtering, sql).getMaterializedRows()).containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void testSplitsThatTheFilterExcludesAreNotRead()
    {
        int before = streams();
        assertThat(computeScalar("SELECT count(*) FROM ranged.public.events")).isEqualTo(1_000L);
        assertThat(streams() - before).isEqualTo(10);

        before = streams();
        assertThat(computeScalar("SELECT sum(e.id) FROM ranged.public.events e JOIN wanted_day w ON e.day = w.day")).isEqualTo(74_950L);
        assertThat(streams() - before).isEqualTo(1);

        before = streams();
        assertThat(computeScalar("SELECT count(*) FROM ranged.public.events WHERE day BETWEEN 3 AND 4")).isEqualTo(200L);
        assertThat(streams() - before).isEqualTo(2);
        assertThat(computeScalar("SELECT count(*) FROM ranged.public.events WHERE day > 20")).isEqualTo(0L);
        assertThat(streams() - before).isEqualTo(2);

        Session without = Session.builder(getSession())
                .setCatalogSessionProperty("ranged", "dynamic_filtering_enabled", "false")
                .build();
        before = streams();
        assertThat(getQueryRunner().execute(without, "SELECT count(*) FROM ranged.public.events e JOIN wanted_day w ON e.day = w.day").getOnlyValue()).isEqualTo(100L);
        assertThat(streams() - before).isEqualTo(10);
    }

    private int streams()
    {
        return TestingPythonSource.requests(requestLog(), "stream", "events").size();
    }
}
