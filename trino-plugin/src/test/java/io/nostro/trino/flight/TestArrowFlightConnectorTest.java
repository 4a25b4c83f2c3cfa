package io.nostro.trino.flight;

import io.trino.Session;
import io.trino.testing.BaseConnectorTest;
import io.trino.testing.QueryRunner;
import io.trino.testing.TestingConnectorBehavior;
import io.trino.testing.sql.TestTable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.parallel.Execution;

import java.util.ArrayList;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.parallel.ExecutionMode.SAME_THREAD;

/**
 * Trino's own suite, on a DuckDB database behind the SDK for sources. It takes minutes: {@code ./build.sh suite} runs it,
 * and other builds run {@link TestArrowFlightConnectorSmokeTest} alone.
 */
@EnabledIfEnvironmentVariable(named = "NOSTRO_SUITE", matches = ".+")
// tables are joined by a source only in one state of it, which a test that writes may end between their descriptions
@Execution(SAME_THREAD)
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
            // text is compared by its code points, at the source too
            case SUPPORTS_JOIN_PUSHDOWN,
                 SUPPORTS_JOIN_PUSHDOWN_WITH_FULL_JOIN,
                 SUPPORTS_JOIN_PUSHDOWN_WITH_DISTINCT_FROM,
                 SUPPORTS_JOIN_PUSHDOWN_WITH_VARCHAR_EQUALITY,
                 SUPPORTS_JOIN_PUSHDOWN_WITH_VARCHAR_INEQUALITY -> true;
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

    /**
     * What Trino's suite for JDBC connectors tests of them.
     */
    @Test
    void testJoinPushdown()
    {
        Session session = Session.builder(getSession()).setCatalogSessionProperty("flight", "join_pushdown_strategy", "EAGER").build();
        try (TestTable lowercase = newTrinoTable("nation_lowercase", "AS SELECT nationkey, lower(name) name, regionkey FROM nation")) {
            for (String join : List.of("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN")) {
                List<String> pushed = new ArrayList<>(List.of(
                        "SELECT r.name, n.name FROM nation n %s region r ON n.regionkey = r.regionkey",
                        "SELECT r.name, n.name FROM nation n %s region r ON n.nationkey = r.regionkey",
                        "SELECT r.name, n.name FROM nation n %s region r USING (regionkey)",
                        "SELECT n.name, n2.regionkey FROM nation n %s nation n2 ON n.name = n2.name",
                        "SELECT n.name, nl.regionkey FROM nation n %s " + lowercase.getName() + " nl ON n.name = nl.name",
                        "SELECT n.name, c.name FROM nation n %s customer c ON n.nationkey = c.nationkey AND n.regionkey = c.custkey",
                        "SELECT c.name, n.name FROM (SELECT * FROM customer WHERE acctbal > 8000) c %s nation n ON c.custkey = n.nationkey",
                        "SELECT c.name, n.name FROM (SELECT * FROM customer WHERE address = 'TcGe5gaZNgVePxU5kRrvXBfkasDTea') c %s nation n ON c.custkey = n.nationkey",
                        "SELECT c.name, n.name FROM (SELECT * FROM customer WHERE address < 'TcGe5gaZNgVePxU5kRrvXBfkasDTea') c %s nation n ON c.custkey = n.nationkey",
                        "SELECT * FROM (SELECT regionkey rk, count(nationkey) c FROM nation GROUP BY regionkey) n %s region r ON n.rk = r.regionkey",
                        "SELECT * FROM (SELECT nationkey FROM nation LIMIT 30) n %s region r ON n.nationkey = r.regionkey",
                        "SELECT * FROM (SELECT nationkey FROM nation ORDER BY regionkey, nationkey LIMIT 5) n %s region r ON n.nationkey = r.regionkey"));
                for (String operator : List.of("<>", "<", "<=", ">", ">=", "IS DISTINCT FROM", "IS NOT DISTINCT FROM")) {
                    pushed.add("SELECT n.name, c.name FROM nation n %s customer c ON n.nationkey = c.nationkey AND n.regionkey " + operator + " c.custkey");
                    pushed.add("SELECT n.name, nl.name FROM nation n %s " + lowercase.getName() + " nl ON n.regionkey = nl.regionkey AND n.name " + operator + " nl.name");
                    if (!join.equals("JOIN")) {
                        // without an equation, an inner join is a product and a filter to Trino
                        pushed.add("SELECT r.name, n.name FROM nation n %s region r ON n.regionkey " + operator + " r.regionkey");
                        pushed.add("SELECT n.name, nl.name FROM nation n %s " + lowercase.getName() + " nl ON n.name " + operator + " nl.name");
                    }
                }
                for (String sql : pushed) {
                    assertThat(query(session, sql.formatted(join))).as(sql.formatted(join)).isFullyPushedDown();
                }
                assertThat(query(session, "SELECT n.name FROM nation n %s orders o ON n.nationkey = o.orderkey AND n.nationkey + o.custkey - 3 = 0".formatted(join)))
                        .joinIsNotFullyPushedDown();
            }
            assertThat(query(session, "SELECT * FROM nation n, region r, customer c WHERE n.regionkey = r.regionkey AND r.regionkey = c.custkey")).isFullyPushedDown();
            assertThat(query(session, "SELECT r.name, count(*), sum(c.acctbal) FROM nation n JOIN region r ON n.regionkey = r.regionkey JOIN customer c ON c.nationkey = n.nationkey GROUP BY r.name"))
                    .isFullyPushedDown();
        }
        String small = "SELECT r.name, n.name FROM nation n JOIN region r ON n.regionkey = r.regionkey";
        assertThat(query(small)).isFullyPushedDown();
        assertThat(query("SELECT n.name, n2.name FROM nation n JOIN nation n2 ON n.regionkey = n2.regionkey")).joinIsNotFullyPushedDown();
        Session withoutStatistics = Session.builder(getSession()).setCatalogSessionProperty("flight", "statistics_enabled", "false").build();
        assertThat(query(withoutStatistics, small)).joinIsNotFullyPushedDown();
    }

    /**
     * The rows that are changed stay told by the ids that they have in their table.
     */
    @Test
    void testChangesOfRowsThatAreJoined()
    {
        Session session = Session.builder(getSession()).setCatalogSessionProperty("flight", "join_pushdown_strategy", "EAGER").build();
        try (TestTable table = newTrinoTable("changed_by_join", "AS SELECT nationkey, name, regionkey FROM nation")) {
            assertUpdate(session, "DELETE FROM " + table.getName() + " WHERE regionkey IN (SELECT regionkey FROM region WHERE name = 'ASIA')", 5);
            assertUpdate(session, "UPDATE " + table.getName() + " SET name = 'x' WHERE regionkey IN (SELECT regionkey FROM region WHERE name LIKE 'A%')", 10);
            assertUpdate(session, "MERGE INTO " + table.getName() + " t USING (SELECT n.nationkey, r.name FROM nation n JOIN region r ON n.regionkey = r.regionkey) s ON t.nationkey = s.nationkey " +
                    "WHEN MATCHED AND s.name = 'EUROPE' THEN DELETE WHEN MATCHED THEN UPDATE SET name = s.name WHEN NOT MATCHED THEN INSERT VALUES (s.nationkey, s.name, 7)", 25);
            assertUpdate(session, "MERGE INTO " + table.getName() + " t USING region s ON t.regionkey = s.regionkey WHEN MATCHED THEN UPDATE SET name = concat(t.name, s.name)", 15);
            assertThat(query("SELECT name, regionkey, count(*) FROM " + table.getName() + " GROUP BY name, regionkey")).matches(
                    "VALUES (CAST('AFRICAAFRICA' AS varchar(25)), BIGINT '0', BIGINT '5'), ('AMERICAAMERICA', 1, 5), ('MIDDLE EASTMIDDLE EAST', 4, 5), ('ASIA', 7, 5)");
        }
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
