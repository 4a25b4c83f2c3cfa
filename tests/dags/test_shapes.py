"""The same job in its other shapes: each publishes the oracle's rows, whatever the cut."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from airflow.sdk import DAG
from tests.dags.dag_run import DAGS, DagRun, load_dag

from nostro.demo.reconciliation import compare

if TYPE_CHECKING:
    from tests.dags.conftest import Expected, Published, Query

DAY = date(2025, 5, 2)
EARLIER = date(2025, 4, 30)

pytestmark = pytest.mark.usefixtures("trino_conn", "bank")


@pytest.fixture(scope="module")
def sharded_dag() -> DAG:
    return load_dag(DAGS / "sharded_dag.py")


@pytest.fixture(scope="module")
def dtm_dag() -> DAG:
    return load_dag(DAGS / "dtm_dag.py")


def assert_equals_oracle(published: Published, expected: Expected, day: date) -> None:
    comparison = compare(expected(day), published(day))
    assert comparison.is_equal, comparison.summary()


def publication(query: Query, day: date) -> str:
    [[newest]] = query(
        "SELECT DISTINCT publication_id FROM lake.control.published_attempts "
        f"WHERE batch_key = 'portfolio_ops/{day}'"
    )
    return str(newest)


def test_the_sharded_day_equals_the_oracle_and_leaves_no_shard(
    sharded_dag: DAG, query: Query, published: Published, expected: Expected
) -> None:
    run = DagRun(sharded_dag, DAY)
    run.run()
    assert publication(query, DAY) == run.xcom["publish_batch"]["publication_id"]
    assert_equals_oracle(published, expected, DAY)
    assert run.xcom["drop_shards"]["dropped"] == 2 * 11 + 5
    assert query("SHOW TABLES FROM lake.staging") == []
    rows = query(
        "SELECT step, shard, sum(source_count), sum(landed_count + rejected_count) "
        f"FROM lake.control.reconciliation WHERE batch_key = 'portfolio_ops/{DAY}' AND shard <> '' "
        "GROUP BY step, shard"
    )
    assert {(step, shard) for step, shard, *_ in rows} == {
        *(("process_deposits", f"{number:03d}") for number in range(1, 11)),
        *(("process_withdrawals", f"{number:03d}") for number in range(1, 11)),
        *(("net_trades", prefix) for prefix in "ABCD"),
        *((step, shard) for step, shard, *_ in rows if shard == "other"),
    }
    assert all(source == processed for _, _, source, processed in rows)


def test_a_retried_shard_computes_that_shard_alone(
    sharded_dag: DAG, query: Query, published: Published
) -> None:
    before = published(DAY)
    run = DagRun(sharded_dag, DAY)
    run.run(until="land_movements")
    dead = run.xcom["process_deposits.003"]
    others = {task: told for task, told in run.xcom.items() if task != "process_deposits.003"}
    again = run.run_task("process_deposits.003")
    assert again["staging"] != dead["staging"]
    assert {task: run.xcom[task] for task in others} == others
    for task in ("land_movements", "compute_account_balances", "compute_margin_reqs", "audit_batch"):
        run.run_task(task)
    run.run_task("publish_batch")
    run.run_task("drop_shards")
    assert published(DAY) == before
    left = [f"lake.staging.{name}" for (name,) in query("SHOW TABLES FROM lake.staging")]
    assert left == [dead["staging"]]
    query(f"DROP TABLE {dead['staging']}")


def test_a_shard_that_was_left_out_is_named_by_the_audit(sharded_dag: DAG) -> None:
    run = DagRun(sharded_dag, DAY)
    run.run(until="land_movements")
    task, context = run.prepare("land_movements")
    lost = run.xcom["process_withdrawals.007"]["staging"]
    task.sql = task.sql.replace(f"FROM {lost} m", f"FROM {lost} m WHERE false")
    run.execute(task, context)
    run.run_task("compute_account_balances")
    run.run_task("compute_margin_reqs")
    with pytest.raises(Exception, match=r"process_withdrawals shard 007, [A-Z]{3}: the source has"):
        run.run_task("audit_batch")
    run.run_task("drop_shards")


@pytest.mark.parametrize("number_of_banks", [0, 1, 5])
def test_the_day_mapped_over_banks_equals_the_oracle(
    dtm_dag: DAG, query: Query, published: Published, expected: Expected, number_of_banks: int
) -> None:
    run = DagRun(dtm_dag, EARLIER)
    run.run_task("open_batch")
    banks = run.run_task("get_banks")
    assert len(banks) > number_of_banks
    run.xcom["get_banks"] = banks[:number_of_banks]
    run.run(done=("open_batch", "get_banks"))
    assert publication(query, EARLIER) == run.xcom["publish_batch"]["publication_id"]
    assert_equals_oracle(published, expected, EARLIER)
    rows = query(
        "SELECT DISTINCT shard FROM lake.control.reconciliation "
        f"WHERE batch_key = 'portfolio_ops/{EARLIER}' AND step = 'process_deposits'"
    )
    assert {shard for (shard,) in rows} <= {"other", *(bank for (bank,) in banks[:number_of_banks])}
    assert "other" in {shard for (shard,) in rows}
