package io.nostro.trino.flight;

import com.google.common.collect.ImmutableMap;
import io.nostro.trino.TestedPlugin;
import io.trino.plugin.tpch.TpchPlugin;
import io.trino.testing.BaseConnectorTest;
import io.trino.testing.DistributedQueryRunner;
import io.trino.testing.QueryRunner;
import io.trino.testing.TestingConnectorBehavior;

import static io.trino.plugin.tpch.TpchMetadata.TINY_SCHEMA_NAME;
import static io.trino.testing.QueryAssertions.copyTpchTables;
import static io.trino.testing.TestingSession.testSessionBuilder;

/**
 * Trino's own suite, on a DuckDB database behind the SDK for sources.
 */
final class TestArrowFlightConnectorTest
        extends BaseConnectorTest
{
    @Override
    protected QueryRunner createQueryRunner()
            throws Exception
    {
        TestingDuckDBSource source = closeAfterClass(new TestingDuckDBSource());
        QueryRunner queryRunner = DistributedQueryRunner.builder(testSessionBuilder().setCatalog("flight").setSchema("tpch").build()).build();
        try {
            queryRunner.installPlugin(new TpchPlugin());
            queryRunner.createCatalog("tpch", "tpch");
            TestedPlugin.install((DistributedQueryRunner) queryRunner);
            queryRunner.createCatalog("flight", "arrow_flight", ImmutableMap.of("arrow-flight.location", source.location()));
            queryRunner.execute("CREATE SCHEMA flight.tpch");
            copyTpchTables(queryRunner, "tpch", TINY_SCHEMA_NAME, REQUIRED_TPCH_TABLES);
            return queryRunner;
        }
        catch (RuntimeException e) {
            queryRunner.close();
            throw e;
        }
    }

    @Override
    protected boolean hasBehavior(TestingConnectorBehavior connectorBehavior)
    {
        return switch (connectorBehavior) {
            // DuckDB has no statement that renames a schema, and moves no table from one schema to another
            case SUPPORTS_RENAME_SCHEMA, SUPPORTS_RENAME_TABLE_ACROSS_SCHEMAS -> false;
            default -> super.hasBehavior(connectorBehavior);
        };
    }
}
