package io.nostro.trino.flight;

import com.google.common.collect.ImmutableMap;
import com.google.inject.Module;
import io.nostro.trino.TestedPlugin;
import io.trino.operator.RetryPolicy;
import io.trino.testing.BaseFailureRecoveryTest;
import io.trino.testing.DistributedQueryRunner;
import io.trino.testing.QueryRunner;
import io.trino.tpch.TpchTable;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import static com.google.common.io.MoreFiles.deleteRecursively;
import static com.google.common.io.RecursiveDeleteOption.ALLOW_INSECURE;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Trino's own suite of failures, which makes tasks and requests fail at chosen stages and compares the rows that are
 * read and written with those of a run without failures.
 */
abstract class BaseArrowFlightFailureRecoveryTest
        extends BaseFailureRecoveryTest
{
    /**
     * The exchange is not published as a library of every version, so it is that of the server's distribution.
     */
    private static final Path EXCHANGE_PLUGIN = Path.of(System.getenv("NOSTRO_SUITE"), "plugin", "exchange-filesystem");

    BaseArrowFlightFailureRecoveryTest(RetryPolicy retryPolicy)
    {
        super(retryPolicy);
    }

    @Override
    protected QueryRunner createQueryRunner(
            List<TpchTable<?>> requiredTpchTables,
            Map<String, String> configProperties,
            Map<String, String> coordinatorProperties,
            Module failureInjectionModule)
            throws Exception
    {
        // a source for each server: the suite starts one with retries and one without
        TestingDuckDBSource source = closeAfterClass(new TestingDuckDBSource());
        Path exchange = Files.createTempDirectory("nostro-exchange");
        closeAfterClass(() -> deleteExchange(exchange));
        return ArrowFlightQueryRunner.createWithTpch(source, requiredTpchTables, builder -> builder
                .setExtraProperties(configProperties)
                .setCoordinatorProperties(coordinatorProperties)
                .setAdditionalModule(failureInjectionModule)
                .setAdditionalSetup(runner -> {
                    TestedPlugin.install((DistributedQueryRunner) runner, EXCHANGE_PLUGIN);
                    runner.loadExchangeManager("filesystem", ImmutableMap.of("exchange.base-directories", exchange.toUri().toString()));
                }));
    }

    private static void deleteExchange(Path directory)
            throws IOException
    {
        deleteRecursively(directory, ALLOW_INSECURE);
    }

    @Override
    protected boolean areWriteRetriesSupported()
    {
        return true;
    }

    @Test
    @Override
    protected void testAnalyzeTable()
    {
        // a source's statistics are its own
        assertThatThrownBy(super::testAnalyzeTable).hasMessageMatching("This connector does not support analyze");
    }

    @Test
    @Override
    protected void testDelete()
    {
        // one request, which the coordinator makes: there is no task to be run again
        assertThatQuery("DELETE FROM <table> WHERE orderkey = 1")
                .withSetupQuery(Optional.of("CREATE TABLE <table> AS SELECT * FROM orders"))
                .withCleanupQuery(Optional.of("DROP TABLE <table>"))
                .isCoordinatorOnly();
    }

    @Test
    @Override
    protected void testRefreshMaterializedView()
    {
        assertThatThrownBy(super::testRefreshMaterializedView).hasMessageContaining("This connector does not support creating materialized views");
    }
}
