package io.nostro.trino.flight;

import io.trino.testing.BaseConnectorSmokeTest;
import io.trino.testing.QueryRunner;
import io.trino.testing.TestingConnectorBehavior;

/**
 * Trino's short suite, which runs on each version of Trino that the plugin is for.
 */
final class TestArrowFlightConnectorSmokeTest
        extends BaseConnectorSmokeTest
{
    @Override
    protected QueryRunner createQueryRunner()
            throws Exception
    {
        return ArrowFlightQueryRunner.createWithTpch(closeAfterClass(new TestingDuckDBSource()), REQUIRED_TPCH_TABLES);
    }

    @Override
    protected boolean hasBehavior(TestingConnectorBehavior connectorBehavior)
    {
        return switch (connectorBehavior) {
            case SUPPORTS_CREATE_OR_REPLACE_TABLE -> true;
            // see TestArrowFlightConnectorTest
            case SUPPORTS_RENAME_SCHEMA, SUPPORTS_RENAME_TABLE_ACROSS_SCHEMAS, SUPPORTS_CREATE_VIEW, SUPPORTS_CREATE_MATERIALIZED_VIEW -> false;
            default -> super.hasBehavior(connectorBehavior);
        };
    }
}
