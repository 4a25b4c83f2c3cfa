package io.nostro.trino.flight;

import io.trino.testing.BaseConnectorTest;
import io.trino.testing.QueryRunner;
import io.trino.testing.TestingConnectorBehavior;
import io.trino.testing.sql.TestTable;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Trino's own suite, on a DuckDB database behind the SDK for sources. It takes minutes: {@code ./build.sh suite} runs it,
 * and other builds run {@link TestArrowFlightConnectorSmokeTest} alone.
 */
@EnabledIfEnvironmentVariable(named = "NOSTRO_SUITE", matches = ".+")
final class TestArrowFlightConnectorTest
        extends BaseConnectorTest
{
    private TestingDuckDBSource source;

    @Override
    protected QueryRunner createQueryRunner()
            throws Exception
    {
        source = closeAfterClass(new TestingDuckDBSource());
        return ArrowFlightQueryRunner.createWithTpch(source, REQUIRED_TPCH_TABLES);
    }

    @Override
    protected boolean hasBehavior(TestingConnectorBehavior connectorBehavior)
    {
        return switch (connectorBehavior) {
            case SUPPORTS_CREATE_OR_REPLACE_TABLE, SUPPORTS_REPORTING_WRITTEN_BYTES -> true;
            // DuckDB has no statement that renames a schema, and moves no table from one schema to another
            case SUPPORTS_RENAME_SCHEMA, SUPPORTS_RENAME_TABLE_ACROSS_SCHEMAS -> false;
            // Trino's views would need a place where their text is kept; a source's own views are tables to Trino
            case SUPPORTS_CREATE_VIEW,
                 SUPPORTS_COMMENT_ON_VIEW,
                 SUPPORTS_COMMENT_ON_VIEW_COLUMN,
                 SUPPORTS_CREATE_MATERIALIZED_VIEW,
                 SUPPORTS_CREATE_MATERIALIZED_VIEW_GRACE_PERIOD,
                 SUPPORTS_CREATE_FEDERATED_MATERIALIZED_VIEW,
                 SUPPORTS_MATERIALIZED_VIEW_FRESHNESS_FROM_BASE_TABLES,
                 SUPPORTS_RENAME_MATERIALIZED_VIEW,
                 SUPPORTS_RENAME_MATERIALIZED_VIEW_ACROSS_SCHEMAS,
                 SUPPORTS_COMMENT_ON_MATERIALIZED_VIEW_COLUMN -> false;
            // the protocol adds columns at the end, as DuckDB and most databases do
            case SUPPORTS_ADD_COLUMN_WITH_POSITION -> false;
            // the protocol has no change of a column's type
            case SUPPORTS_SET_COLUMN_TYPE,
                 SUPPORTS_SET_FIELD_TYPE,
                 SUPPORTS_SET_FIELD_TYPE_IN_ARRAY,
                 SUPPORTS_SET_FIELD_TYPE_IN_MAP,
                 SUPPORTS_ADD_FIELD,
                 SUPPORTS_ADD_FIELD_IN_ARRAY,
                 SUPPORTS_DROP_FIELD,
                 SUPPORTS_DROP_FIELD_IN_ARRAY,
                 SUPPORTS_RENAME_FIELD,
                 SUPPORTS_DROP_NOT_NULL_CONSTRAINT -> false;
            // columns are read whole
            case SUPPORTS_DEREFERENCE_PUSHDOWN -> false;
            // each statement that writes is committed by itself
            case SUPPORTS_MULTI_STATEMENT_WRITES -> false;
            // not there in 476, with which this is compiled: the protocol has no default values
            default -> !connectorBehavior.name().endsWith("DEFAULT_COLUMN_VALUE") && super.hasBehavior(connectorBehavior);
        };
    }

    @Override
    protected String errorMessageForInsertIntoNotNullColumn(String columnName)
    {
        return ".*NULL (value )?not allowed for (NOT NULL )?column: " + columnName;
    }

    @Override
    protected void verifyAddNotNullColumnToNonEmptyTableFailurePermissible(Throwable e)
    {
        assertThat(e).hasMessageContaining("NULL not allowed for column: b_varchar");
    }

    @Override
    protected void verifyConcurrentUpdateFailurePermissible(Exception e)
    {
        assertThat(e).hasMessageContaining("rows were changed since they were read; run it again");
    }

    @Override
    protected TestTable createTableWithDefaultColumns()
    {
        // Trino has no DEFAULT
        return new TestTable(source::execute, "tpch.with_defaults", """
                (col_required BIGINT NOT NULL,
                col_nullable BIGINT,
                col_default BIGINT DEFAULT 43,
                col_nonnull_default BIGINT NOT NULL DEFAULT 42,
                col_required2 BIGINT NOT NULL)""");
    }
}
