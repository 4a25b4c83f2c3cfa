"""Housekeeping on the real lake: leftovers go, and what was ever published stays."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import psycopg2
import pytest
from airflow.sdk import DAG
from tests.dags.dag_run import DAGS, DagRun, load_dag

from nostro.airflow.business_day import BusinessDay
from nostro.airflow.landing import instant
from nostro.demo.reconciliation import compare
from nostro.stack import Stack

if TYPE_CHECKING:
    from tests.dags.conftest import Expected, Published, Query

DAY = date(2025, 5, 2)
DEAD_SHARD = "process_deposits_001_20250502_0123456789abcdef0123456789abcdef"
LANDED = ("banking.movements_landed", "analytics.account_balances_landed", "analytics.positions_landed")

pytestmark = pytest.mark.usefixtures("trino_conn", "bank")


@pytest.fixture(scope="module")
def maintenance_dag() -> DAG:
    return load_dag(DAGS / "maintenance_dag.py")


def landed_attempts(query: Query) -> set[str]:
    union = " UNION ".join(f"SELECT attempt_id FROM lake.{table}" for table in LANDED)
    return {attempt for (attempt,) in query(union)}


@pytest.mark.minutes_long
def test_leftovers_go_and_everything_ever_published_stays(
    simple_dag: DAG, maintenance_dag: DAG, query: Query, published: Published
) -> None:
    former = DagRun(simple_dag, DAY)
    former.run()
    newest = DagRun(simple_dag, DAY)
    newest.run()
    dead = DagRun(simple_dag, DAY)
    dead.run(until="audit_batch")
    query(f"CREATE TABLE lake.staging.{DEAD_SHARD} AS SELECT 1 AS x")
    before = published(DAY)
    history = landed_attempts(query)
    assert dead.xcom["net_trades"]["attempt_id"] in history

    young = DagRun(maintenance_dag, params={"retention_days": 7})
    young.run(done=("find_replays", "replay"))
    assert young.xcom["sweep_staging"]["dropped"] == []
    assert landed_attempts(query) == history

    run = DagRun(maintenance_dag, params={"retention_days": 0})
    run.run(done=("find_replays", "replay"))
    assert DEAD_SHARD in run.xcom["sweep_staging"]["dropped"]
    assert query("SHOW TABLES FROM lake.staging") == []
    left = landed_attempts(query)
    assert left < history
    assert dead.xcom["net_trades"]["attempt_id"] not in left
    for kept in (former, newest):
        assert kept.xcom["net_trades"]["attempt_id"] in left
    assert published(DAY) == before


def replays(dag: DAG) -> list[str]:
    """The business dates that are found to be run again."""
    return [one["business_date"] for one in DagRun(dag).run_task("find_replays")]


@pytest.mark.minutes_long
def test_days_are_replayed_from_the_first_whose_reject_was_repaired(
    simple_dag: DAG,
    maintenance_dag: DAG,
    stack: Stack,
    query: Query,
    published: Published,
    expected: Expected,
) -> None:
    first, last = date(2025, 4, 29), date(2025, 4, 30)
    for day in (first, last):
        DagRun(simple_dag, day).run()
    assert {day.isoformat() for day in (first, last)}.isdisjoint(replays(maintenance_dag))

    [[bank_account]] = query(
        f"""SELECT min(account) FROM lake.banking.rejects
        WHERE reason = 'unmapped account' AND business_date = DATE '{first}'
            AND account NOT IN (SELECT bank_account FROM mappingdb.public.account_mapping)"""
    )
    [[account]] = query("SELECT min(account_id) FROM trading_db.public.account")
    with psycopg2.connect(stack.postgres_dsn("mappingdb")) as connection:
        connection.cursor().execute(
            "INSERT INTO account_mapping (bank_account, account_id) VALUES (%s, %s)", [bank_account, account]
        )
    found: list[str] = []
    try:
        found = replays(maintenance_dag)
        assert {first.isoformat(), last.isoformat()} <= set(found)
        assert found == sorted(found)
        for again in found:
            DagRun(simple_dag, date.fromisoformat(again)).run()
        assert replays(maintenance_dag) == []
        repaired = query(
            f"SELECT count(*) FROM lake.banking.rejects WHERE account = '{bank_account}' "
            f"AND business_date IN (DATE '{first}', DATE '{last}')"
        )
        assert repaired == [[0]]
    finally:
        with psycopg2.connect(stack.postgres_dsn("mappingdb")) as connection:
            connection.cursor().execute("DELETE FROM account_mapping WHERE bank_account = %s", [bank_account])
        for again in found:
            DagRun(simple_dag, date.fromisoformat(again)).run()
    comparison = compare(expected(last), published(last))
    assert comparison.is_equal, comparison.summary()


def test_days_are_replayed_whose_base_was_published_with_other_balances(
    simple_dag: DAG, maintenance_dag: DAG, stack: Stack, query: Query
) -> None:
    first, last = date(2025, 4, 30), date(2025, 5, 1)
    for day in (first, last):
        DagRun(simple_dag, day).run()
    start, end = BusinessDay(first).window
    [[transaction]] = query(
        f"""SELECT min(transaction_id) FROM bankteam_app.public.transactions
        WHERE posted_at >= TIMESTAMP '{instant(start)}' AND posted_at < TIMESTAMP '{instant(end)}'
            AND transaction_id NOT IN (
                SELECT CAST(source_id AS bigint) FROM lake.banking.rejects WHERE source = 'transactions')"""
    )

    def correct(by: int) -> None:
        with psycopg2.connect(stack.postgres_dsn("bankteam_app")) as connection:
            connection.cursor().execute(
                "UPDATE transactions SET amount = amount + %s WHERE transaction_id = %s", [by, transaction]
            )

    correct(1)
    try:
        DagRun(simple_dag, first).run()
        found = replays(maintenance_dag)
        assert last.isoformat() in found
        assert first.isoformat() not in found
    finally:
        correct(-1)
        for day in (first, last):
            DagRun(simple_dag, day).run()
    assert {first.isoformat(), last.isoformat()}.isdisjoint(replays(maintenance_dag))
