"""Housekeeping on the real lake: leftovers go, and what was ever published stays."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from airflow.sdk import DAG

if TYPE_CHECKING:
    from tests.dags.conftest import Published, Query
    from tests.dags.dag_run import DAGS, DagRun, load_dag
else:
    from dag_run import DAGS, DagRun, load_dag

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
    young.run()
    assert young.xcom["sweep_staging"]["dropped"] == []
    assert landed_attempts(query) == history

    run = DagRun(maintenance_dag, params={"retention_days": 0})
    run.run()
    assert DEAD_SHARD in run.xcom["sweep_staging"]["dropped"]
    assert query("SHOW TABLES FROM lake.staging") == []
    left = landed_attempts(query)
    assert left < history
    assert dead.xcom["net_trades"]["attempt_id"] not in left
    for kept in (former, newest):
        assert kept.xcom["net_trades"]["attempt_id"] in left
    assert published(DAY) == before
