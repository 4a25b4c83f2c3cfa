package io.nostro.trino.flight;

import com.google.common.collect.ImmutableMap;
import io.trino.testing.AbstractTestQueryFramework;
import io.trino.testing.QueryRunner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;

import java.nio.file.Path;
import java.util.stream.Stream;

import static io.trino.testing.TestingNames.randomNameSuffix;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.TestInstance.Lifecycle.PER_CLASS;
import static org.junit.jupiter.api.parallel.ExecutionMode.SAME_THREAD;

/**
 * Sources that are killed, in processes of their own.
 */
@TestInstance(PER_CLASS)
@Execution(SAME_THREAD)
final class TestArrowFlightLocations
        extends AbstractTestQueryFramework
{
    private static final String ALL_ROWS = "VALUES (BIGINT '10000', BIGINT '49995000')";

    private TestingPythonSource healthy;

    @Override
    protected QueryRunner createQueryRunner()
            throws Exception
    {
        healthy = closeAfterClass(new TestingPythonSource("replica_source.py", "lives"));
        return ArrowFlightQueryRunner.create(healthy.location(), ImmutableMap.of());
    }

    @Test
    void testLocationThatRefusesConnections()
    {
        try (TestingPythonSource gone = replica("lives")) {
            gone.kill();
            assertThat(query("SELECT count(*), sum(id) FROM %s.public.t".formatted(catalog(gone, healthy)))).matches(ALL_ROWS);
            // also when it is not the first of them
            assertThat(query("SELECT count(*), sum(id) FROM %s.public.t".formatted(catalog(gone, gone, healthy)))).matches(ALL_ROWS);
            assertQueryFails("SELECT sum(id) FROM %s.public.t".formatted(catalog(gone)), "Cannot reach the Flight source at %s to read public.t: .*".formatted(gone.location()));
        }
    }

    @Test
    void testLocationThatDiesBeforeItsFirstRows()
    {
        try (TestingPythonSource dying = replica("before")) {
            assertThat(query("SELECT count(*), sum(id) FROM %s.public.t".formatted(catalog(dying, healthy)))).matches(ALL_ROWS);
            assertThat(dying.isAlive()).isFalse();
        }
        try (TestingPythonSource dying = replica("before")) {
            assertThat(computeScalar("SELECT count(*) FROM %s.public.t".formatted(catalog(dying, healthy)))).isEqualTo(10_000L);
            assertThat(dying.isAlive()).isFalse();
        }
    }

    /**
     * Another location would give rows again that were there already.
     */
    @Test
    void testLocationThatDiesAfterSomeRows()
    {
        try (TestingPythonSource dying = replica("after")) {
            String catalog = catalog(dying, healthy);
            assertQueryFails(
                    "SELECT count(*), sum(id) FROM %s.public.t".formatted(catalog),
                    "The Flight source at %s failed while public.t was read, after 1000 rows: .*".formatted(dying.location()));
            assertThat(dying.isAlive()).isFalse();
            assertThat(query("SELECT count(*), sum(id) FROM %s.public.t".formatted(catalog))).matches(ALL_ROWS);
        }
    }

    private static TestingPythonSource replica(String fate)
    {
        return new TestingPythonSource("replica_source.py", fate);
    }

    /**
     * {@return a catalog of a source whose endpoint has these locations}
     */
    private String catalog(TestingPythonSource... replicas)
    {
        TestingPythonSource planner = closeAfterClass(new TestingPythonSource(
                "replica_source.py",
                Stream.concat(Stream.of("lives"), Stream.of(replicas).map(TestingPythonSource::location)).toArray(String[]::new)));
        return catalog(planner.location());
    }

    private String catalog(String location)
    {
        String catalog = "locations_" + randomNameSuffix();
        getQueryRunner().createCatalog(catalog, "arrow_flight", ImmutableMap.of("arrow-flight.location", location));
        return catalog;
    }

    @Test
    void testWriteWhoseSourceIsKilled(@TempDir Path directory)
    {
        assertRowsAfterKill(directory.resolve("staging.duckdb"), "staging", 0);
        assertRowsAfterKill(directory.resolve("committing.duckdb"), "committing", 0);
        assertRowsAfterKill(directory.resolve("committed.duckdb"), "committed", 10_000);
    }

    /**
     * What takes long is waited for: given up, it would be done all the same, and again when the query is run again.
     */
    @Test
    void testWritesThatTakeLongerThanRequests(@TempDir Path directory)
    {
        try (TestingPythonSource store = new TestingPythonSource("slow_store.py", directory.resolve("slow.duckdb").toString(), "3")) {
            String catalog = "slow_" + randomNameSuffix();
            getQueryRunner().createCatalog(catalog, "arrow_flight", ImmutableMap.of("arrow-flight.location", store.location(), "arrow-flight.request-timeout", "1s"));
            String table = catalog + ".main.t";
            assertUpdate("CREATE TABLE %s AS SELECT id FROM flight.public.t".formatted(table), 10_000);
            assertUpdate("INSERT INTO %s VALUES -1".formatted(table), 1);
            assertUpdate("DELETE FROM %s WHERE id >= 5000".formatted(table), 5_000);
            assertUpdate("UPDATE %s SET id = -id WHERE id < 0".formatted(table), 1);
            assertThat(query("SELECT count(*), sum(id) FROM " + table)).matches("VALUES (BIGINT '5001', BIGINT '12497501')");
        }
    }

    private void assertRowsAfterKill(Path database, String point, long rows)
    {
        String insert = "INSERT INTO %s.main.t SELECT id FROM flight.public.t";
        try (TestingPythonSource store = new TestingPythonSource("mortal_store.py", database.toString(), point)) {
            String catalog = catalog(store.location());
            assertUpdate("CREATE TABLE %s.main.t (id bigint)".formatted(catalog));
            assertQueryFails(insert.formatted(catalog), ".*Flight source at %s.*".formatted(store.location()));
            assertThat(store.isAlive()).as(point).isFalse();
        }
        try (TestingPythonSource store = new TestingPythonSource("mortal_store.py", database.toString(), "never")) {
            String catalog = catalog(store.location());
            assertThat(computeScalar("SELECT count(*) FROM %s.main.t".formatted(catalog))).as(point).isEqualTo(rows);
            assertUpdate(insert.formatted(catalog), 10_000);
            assertThat(computeScalar("SELECT count(*) FROM %s.main.t".formatted(catalog))).as(point).isEqualTo(rows + 10_000);
        }
    }
}
