package io.nostro.trino.flight;

import com.google.common.collect.ImmutableMap;
import io.trino.Session;
import io.trino.testing.AbstractTestQueryFramework;
import io.trino.testing.QueryRunner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.parallel.Execution;

import static org.junit.jupiter.api.TestInstance.Lifecycle.PER_CLASS;
import static org.junit.jupiter.api.parallel.ExecutionMode.SAME_THREAD;

/**
 * Changes of rows that the source tells apart by the columns of a key, and not by a hidden row id.
 */
@TestInstance(PER_CLASS)
@Execution(SAME_THREAD)
final class TestArrowFlightMergeByKey
        extends AbstractTestQueryFramework
{
    private TestingDuckDBSource keyed;
    private TestingDuckDBSource named;

    @Override
    protected QueryRunner createQueryRunner()
            throws Exception
    {
        keyed = closeAfterClass(new TestingDuckDBSource("\"primary_key\""));
        named = closeAfterClass(new TestingDuckDBSource("{\"public.Loose\": [\"Part\", \"number\"]}"));
        keyed.execute("CREATE SCHEMA public");
        named.execute("CREATE SCHEMA public");
        QueryRunner queryRunner = ArrowFlightQueryRunner.create(keyed.location(), ImmutableMap.of());
        queryRunner.createCatalog("named", "arrow_flight", ImmutableMap.of("arrow-flight.location", named.location()));
        return queryRunner;
    }

    /**
     * A session in which rows are deleted by their keys, and not by a condition that the source evaluates.
     */
    private Session rowByRow()
    {
        return Session.builder(getSession())
                .setCatalogSessionProperty("flight", "predicate_pushdown_enabled", "false")
                .setCatalogSessionProperty("named", "predicate_pushdown_enabled", "false")
                .build();
    }

    private void createBalances(String table)
    {
        keyed.execute("CREATE TABLE public.\"%s\" (\"Amount\" DECIMAL(18, 2), \"Account\" VARCHAR, \"bookedOn\" DATE, PRIMARY KEY (\"Account\", \"bookedOn\"))".formatted(table));
        keyed.execute("INSERT INTO public.\"%s\" SELECT i, 'Konto ' || (i %% 100) || ' Zürich', DATE '2025-01-01' + (i // 100)::INTEGER FROM range(1000) r(i)".formatted(table));
    }

    @Test
    void testDelete()
    {
        createBalances("Deleted");
        assertUpdate(rowByRow(), "DELETE FROM deleted WHERE account = 'Konto 7 Zürich' AND bookedon < DATE '2025-01-04'", 3);
        assertQuery("SELECT count(*), sum(amount) FROM deleted", "VALUES (997, 499500.00 - 7 - 107 - 207)");
        // a condition that Trino evaluates, on a column that is no part of the key
        assertUpdate("DELETE FROM deleted WHERE CAST(amount AS BIGINT) % 2 = 1 AND length(account) > 3", 497);
        assertQuery("SELECT count(*), sum(amount) FROM deleted", "VALUES (500, 249500.00)");
        assertUpdate("DELETE FROM deleted WHERE rand() < 2", 500);
        assertQueryReturnsEmptyResult("SELECT * FROM deleted");
    }

    @Test
    void testUpdate()
    {
        createBalances("Updated");
        assertUpdate("UPDATE updated SET amount = -amount WHERE account = 'Konto 3 Zürich'", 10);
        assertQuery("SELECT sum(amount) FROM updated WHERE account = 'Konto 3 Zürich'", "VALUES -4530.00");
        assertUpdate("UPDATE updated SET amount = NULL WHERE amount % 10 = 5", 100);
        assertQuery("SELECT count(*), count(amount) FROM updated", "VALUES (1000, 900)");
    }

    @Test
    void testUpdateOfTheKey()
    {
        createBalances("Rekeyed");
        assertUpdate("UPDATE rekeyed SET account = upper(account), amount = amount + 1 WHERE bookedon = DATE '2025-01-10'", 100);
        assertQuery("SELECT count(*), sum(amount) FROM rekeyed WHERE account LIKE 'KONTO%'", "VALUES (100, 95050.00)");
        // each row takes the key of the next one
        assertUpdate("UPDATE rekeyed SET bookedon = bookedon + INTERVAL '1' DAY", 1000);
        assertQuery("SELECT min(bookedon), max(bookedon), count(*) FROM rekeyed", "VALUES (DATE '2025-01-02', DATE '2025-01-11', 1000)");
        assertQueryFails("UPDATE rekeyed SET account = 'one'", ".*public.Rekeyed: a row violates a key that is there already.*");
        assertQueryFails("UPDATE rekeyed SET account = NULL", ".*NULL.*");
        assertQuery("SELECT count(*), count(DISTINCT account) FROM rekeyed", "VALUES (1000, 200)");
    }

    @Test
    void testMerge()
    {
        createBalances("Merged");
        assertUpdate(
                """
                MERGE INTO merged t
                USING (VALUES
                    ('Konto 1 Zürich', DATE '2025-01-01', DECIMAL '-1.50'),
                    ('Konto 1 Zürich', DATE '2025-01-02', NULL),
                    ('Konto 2 Zürich', DATE '2025-01-01', DECIMAL '7.00'),
                    ('konto 2 zürich', DATE '2025-01-01', DECIMAL '8.00')) s (account, day, amount)
                ON t.account = s.account AND t.bookedon = s.day
                WHEN MATCHED AND s.amount IS NULL THEN DELETE
                WHEN MATCHED AND s.amount < 0 THEN UPDATE SET amount = s.amount, bookedon = DATE '2026-01-01'
                WHEN MATCHED THEN UPDATE SET amount = t.amount + s.amount
                WHEN NOT MATCHED THEN INSERT (account, bookedon, amount) VALUES (s.account, s.day, s.amount)
                """,
                4);
        assertQuery(
                "SELECT account, bookedon, amount FROM merged WHERE lower(account) IN ('konto 1 zürich', 'konto 2 zürich') AND (bookedon < DATE '2025-01-03' OR bookedon = DATE '2026-01-01')",
                "VALUES ('Konto 1 Zürich', DATE '2026-01-01', -1.50), ('Konto 2 Zürich', DATE '2025-01-01', 9.00), ('Konto 2 Zürich', DATE '2025-01-02', 102.00), ('konto 2 zürich', DATE '2025-01-01', 8.00)");
        assertQuery("SELECT count(*) FROM merged", "VALUES 1000");
    }

    @Test
    void testDecimalsAndInstants()
    {
        keyed.execute("CREATE TABLE public.\"Rates\" (\"Rate\" DECIMAL(30, 10), \"validFrom\" TIMESTAMPTZ, id UUID, big HUGEINT, small UTINYINT, note VARCHAR, PRIMARY KEY (\"validFrom\", \"Rate\", id, big, small))");
        keyed.execute("INSERT INTO public.\"Rates\" SELECT i / 8, TIMESTAMPTZ '2025-05-02 16:00:00.123456+00' + INTERVAL (i) MICROSECOND, '12151fd2-7586-11e9-8f9e-2a86e4085a59', i - 5, i, 'n' FROM range(10) r(i)");
        assertUpdate(rowByRow(), "DELETE FROM rates WHERE validfrom = TIMESTAMP '2025-05-02 18:00:00.123457 Europe/Berlin'", 1);
        assertUpdate("UPDATE rates SET note = 'changed', rate = -rate WHERE rate > 1", 1);
        assertUpdate("UPDATE rates SET validfrom = TIMESTAMP '2025-05-02 12:00:00.000001 America/New_York' WHERE small = 3", 1);
        assertQuery("SELECT rate, note FROM rates WHERE small >= 8", "VALUES (1.0, 'n'), (-1.125, 'changed')");
        assertQuery("SELECT small FROM rates WHERE validfrom = TIMESTAMP '2025-05-02 16:00:00.000001 UTC'", "VALUES 3");
        assertQuery("SELECT count(*) FROM rates", "VALUES 9");
        assertUpdate(rowByRow(), "DELETE FROM rates WHERE note <> ''", 9);
    }

    @Test
    void testColumnsThatAreNull()
    {
        named.execute("CREATE TABLE public.\"Loose\" (note VARCHAR, \"Part\" VARCHAR, number BIGINT)");
        named.execute("INSERT INTO public.\"Loose\" VALUES ('a', NULL, 1), ('b', 'x', NULL), ('c', NULL, NULL), ('d', 'x', 1), ('e', 'twice', 1), ('f', 'twice', 1)");
        assertUpdate("UPDATE named.public.loose SET note = note || '!' WHERE part IS NULL", 2);
        assertUpdate(rowByRow(), "DELETE FROM named.public.loose WHERE number IS NULL AND part = 'x'", 1);
        assertUpdate("UPDATE named.public.loose SET part = NULL, number = NULL WHERE note = 'd'", 1);
        assertQuery("SELECT note, part, number FROM named.public.loose WHERE part IS NULL", "VALUES ('a!', NULL, 1), ('c!', NULL, NULL), ('d', NULL, NULL)");
        assertQueryFails(rowByRow(), "DELETE FROM named.public.loose WHERE note = 'e'", ".*several rows have one Part, number, by which they are told apart.*");
        assertQueryFails("UPDATE named.public.loose SET note = 'g' WHERE note = 'e'", ".*several rows have one Part, number, by which they are told apart.*");
        assertQuery("SELECT note FROM named.public.loose", "VALUES 'a!', 'c!', 'd', 'e', 'f'");
        // the source needs no key for a condition that it evaluates itself
        assertUpdate("DELETE FROM named.public.loose WHERE note = 'e'", 1);
    }

    @Test
    void testNoRows()
    {
        createBalances("Untouched");
        assertUpdate(rowByRow(), "DELETE FROM untouched WHERE account = 'nobody'", 0);
        assertUpdate("UPDATE untouched SET account = 'somebody' WHERE amount < 0", 0);
        assertUpdate("MERGE INTO untouched t USING (VALUES 'nobody') s (account) ON t.account = s.account WHEN MATCHED THEN DELETE", 0);
        assertQuery("SELECT count(*) FROM untouched", "VALUES 1000");
    }
}
