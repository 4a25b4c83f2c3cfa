from __future__ import annotations

import pytest

from nostro.airflow.sql_tables import tables_of_statement, tables_of_task


@pytest.mark.parametrize(
    ("statement", "inputs", "outputs"),
    [
        ("SELECT * FROM lake.a.t", "lake.a.t", ""),
        ("TABLE pg.public.x", "pg.public.x", ""),
        ("(SELECT * FROM a.b.c) UNION (SELECT * FROM d.e.f)", "a.b.c d.e.f", ""),
        ('SELECT * FROM "Lake".A."T"', "lake.a.t", ""),
        ('SELECT * FROM lake.a."t$snapshots"', "lake.a.t", ""),
        ("SELECT * FROM lake.a.t FOR VERSION AS OF 123", "lake.a.t", ""),
        ("SELECT * FROM lake.a.t FOR TIMESTAMP AS OF TIMESTAMP '2025-01-01 00:00:00 UTC'", "lake.a.t", ""),
        ("INSERT INTO lake.a.t (x, y) SELECT * FROM pg.public.s", "pg.public.s", "lake.a.t"),
        ("INSERT INTO lake.a.t WITH c AS (SELECT * FROM pg.public.s) TABLE c", "pg.public.s", "lake.a.t"),
        ("INSERT INTO lake.a.t SELECT * FROM lake.a.t WHERE x = 1", "lake.a.t", "lake.a.t"),
        ("INSERT INTO lake.a.t VALUES (1, 'SELECT * FROM no.such.table')", "", "lake.a.t"),
        (
            "CREATE TABLE IF NOT EXISTS lake.a.t WITH (partitioning = ARRAY['day(x)']) AS SELECT x, n "
            "FROM pg.public.s CROSS JOIN UNNEST(xs) WITH ORDINALITY AS u (x, n)",
            "pg.public.s",
            "lake.a.t",
        ),
        ("CREATE OR REPLACE VIEW lake.a.v AS SELECT * FROM lake.a.t", "lake.a.t", "lake.a.v"),
        ("CREATE MATERIALIZED VIEW lake.a.v AS SELECT * FROM lake.a.t", "lake.a.t", "lake.a.v"),
        ("REFRESH MATERIALIZED VIEW lake.a.v", "", "lake.a.v"),
        ("CREATE SCHEMA IF NOT EXISTS lake.a", "", ""),
        (
            "MERGE INTO lake.a.t t USING (SELECT * FROM pg.public.s) s ON t.id = s.id "
            "WHEN MATCHED THEN UPDATE SET x = s.x WHEN NOT MATCHED THEN INSERT (id) VALUES (s.id)",
            "pg.public.s",
            "lake.a.t",
        ),
        ("UPDATE lake.a.t SET x = (SELECT max(y) FROM pg.public.u)", "pg.public.u", "lake.a.t"),
        ("DELETE FROM lake.a.t WHERE id IN (SELECT id FROM pg.public.d)", "pg.public.d", "lake.a.t"),
        ("TRUNCATE TABLE lake.a.t", "", "lake.a.t"),
        ("ALTER TABLE lake.a.t EXECUTE optimize(file_size_threshold => '10MB')", "", ""),
        ("CALL lake.system.rollback_to_snapshot('a', 't', 1)", "", ""),
        ("SHOW TABLES FROM lake.a", "", ""),
        ("SELECT * FROM lake.information_schema.tables, system.runtime.queries", "", ""),
        ("WITH c AS (SELECT * FROM c) SELECT * FROM c", "memory.default.c", ""),
        (
            "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT * FROM r, p.q.x",
            "p.q.x",
            "",
        ),
        ("WITH a AS (SELECT 1), b AS (SELECT * FROM a) SELECT * FROM (SELECT * FROM B) z", "", ""),
        ("SELECT * FROM (WITH a AS (SELECT 1) SELECT * FROM a), a", "memory.default.a", ""),
        ("WITH FUNCTION f(x bigint) RETURNS bigint RETURN x * 2 SELECT f(id) FROM p.q.x", "p.q.x", ""),
        (
            "SELECT * FROM p.q.x MATCH_RECOGNIZE (ORDER BY b MEASURES A.c AS c ONE ROW PER MATCH "
            "PATTERN (A+) DEFINE A AS A.c > 1)",
            "p.q.x",
            "",
        ),
        ("SELECT * FROM JSON_TABLE('[]', 'lax $[*]' COLUMNS (a bigint PATH 'lax $')), p.q.x", "p.q.x", ""),
        (
            "SELECT * FROM TABLE(exclude_columns(input => TABLE(p.q.x), columns => DESCRIPTOR(c)))",
            "p.q.x",
            "",
        ),
        ("SELECT * FROM TABLE(sequence(start => 1, stop => 9))", "", ""),
        (
            "SELECT * FROM TABLE(pg.system.query(query => 'SELECT ''a'' FROM public.t JOIN other.u "
            "USING (id) WHERE b::date >= TIMESTAMPTZ ''2025-01-01 00:00:00 UTC''')) q JOIN lake.a.b ON true",
            "lake.a.b pg.other.u pg.public.t",
            "",
        ),
        ("SELECT * FROM TABLE(\"PG\".SYSTEM.QUERY('SELECT 1 FROM bank.public.t'))", "pg.public.t", ""),
        (
            "SELECT * FROM TABLE(pg.system.query(query => 'WITH c AS (SELECT 1) SELECT * FROM c, d'))",
            "pg.d",
            "",
        ),
        ("SELECT * FROM TABLE(my.system.query(query => 'SELECT * FROM `db`.`t` LIMIT 1'))", "my.db.t", ""),
        ("SELECT * FROM TABLE(ms.system.query(query => 'SELECT TOP 3 * FROM [dbo].[t]'))", "ms.dbo.t", ""),
        ("SELECT * FROM TABLE(es.system.raw_query(query => '{\"match_all\": {}}'))", "", ""),
        ("SELECT * FROM t, s.u", "memory.default.t memory.s.u", ""),
        ("SELECT * FROM lake.a.t WHERE x = ?", "lake.a.t", ""),
    ],
)
def test_the_tables_of_a_statement(statement: str, inputs: str, outputs: str) -> None:
    tables = tables_of_statement(statement, "memory", "default")
    assert sorted(map(str, tables.inputs)) == inputs.split()
    assert sorted(map(str, tables.outputs)) == outputs.split()


def test_what_a_task_creates_and_reads_is_no_input() -> None:
    tables = tables_of_task(
        [
            "CREATE TABLE lake.staging.s AS SELECT * FROM pg.public.t",
            "INSERT INTO lake.a.landed SELECT * FROM lake.staging.s",
            "DROP TABLE lake.staging.s",
            "INSERT INTO lake.a.sum SELECT count(*) FROM lake.a.landed",
        ]
    )
    assert sorted(map(str, tables.inputs)) == ["lake.a.landed", "pg.public.t"]
    assert sorted(map(str, tables.outputs)) == ["lake.a.landed", "lake.a.sum"]


def test_a_table_made_only_if_it_is_missing_is_an_input_still() -> None:
    tables = tables_of_task(["CREATE TABLE IF NOT EXISTS a.b.c (x int)", "SELECT * FROM a.b.c"])
    assert sorted(map(str, tables.inputs)) == ["a.b.c"]


def test_a_statement_that_cannot_be_parsed_hides_no_other() -> None:
    tables = tables_of_task(["INSERT INTO a.b.c SELECT FROM FROM (", "INSERT INTO a.b.d TABLE a.b.e"])
    assert list(tables.errors) == [1]
    assert sorted(map(str, tables.outputs)) == ["a.b.d"]
