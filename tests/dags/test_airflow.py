"""simple_dag through Airflow's running scheduler, as production runs it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest

from nostro.airflow.business_day import BusinessDay
from nostro.demo.oracle import compare
from nostro.demo.synthetic_bank import SyntheticBank
from nostro.stack import Stack
from nostro.stack.airflow_client import AirflowClient

if TYPE_CHECKING:
    from tests.dags.conftest import Expected, Published, Query

DAY = date(2025, 4, 28)
TASKS = [
    "open_batch",
    "process_deposits",
    "process_withdrawals",
    "net_trades",
    "compute_account_balances",
    "compute_margin_reqs",
    "audit_batch",
    "publish_batch",
]


@pytest.fixture(scope="module")
def airflow(stack: Stack, bank: SyntheticBank) -> Iterator[AirflowClient]:
    """The stack's own Airflow, with simple_dag switched on."""
    stack.up(airflow=True)
    client = stack.airflow_client()
    client.wait_until_parsed("simple_dag")
    client.unpause("simple_dag")
    yield client
    stack.up(airflow=False)


def test_a_run_for_a_data_interval_publishes_its_business_date(
    airflow: AirflowClient, published: Published, expected: Expected
) -> None:
    assert airflow.import_errors() == []
    window = BusinessDay(DAY).window
    airflow.trigger("simple_dag", run_id="interval", logical_date=window[0], data_interval=window)
    run = airflow.wait("simple_dag", "interval", timeout=400)
    tasks = airflow.task_instances("simple_dag", "interval")
    assert run.state == "success", [(task.task_id, task.state) for task in tasks]
    assert sorted(task.task_id for task in tasks) == sorted(TASKS)
    assert {task.try_number for task in tasks} == {1}
    comparison = compare(expected(DAY), published(DAY))
    assert comparison.is_equal, comparison.summary()
    log = "\n".join(airflow.task_log("simple_dag", "interval", "process_deposits", 1))
    assert "/ui/query.html?" in log
    assert "rows written" in log


def test_a_run_without_a_business_date_fails_at_once_and_says_why(airflow: AirflowClient) -> None:
    airflow.trigger("simple_dag", run_id="no-date")
    run = airflow.wait("simple_dag", "no-date", timeout=200)
    assert run.state == "failed"
    tasks = {task.task_id: task for task in airflow.task_instances("simple_dag", "no-date")}
    assert (tasks["open_batch"].state, tasks["open_batch"].try_number) == ("failed", 1)
    assert {task.state for name, task in tasks.items() if name != "open_batch"} == {"upstream_failed"}
    log = "\n".join(airflow.task_log("simple_dag", "no-date", "open_batch", 1))
    assert "the run has no data interval and no parameter business_date" in log
    assert "simple_dag: open_batch failed" in log


STARTED = {"WAITING_FOR_RESOURCES", "DISPATCHING", "PLANNING", "STARTING", "RUNNING"}
"""The states in which a query may wait for its source: Trino asks it for columns before it plans."""


@contextmanager
def locked_transactions(stack: Stack) -> Iterator[Any]:
    """Hold a lock in PostgreSQL that lets nobody read the transactions, until it is released."""
    connection = psycopg2.connect(stack.postgres_dsn("bankteam_app"))
    try:
        connection.cursor().execute("LOCK TABLE transactions IN ACCESS EXCLUSIVE MODE")
        yield connection
    finally:
        connection.close()


def wait_for_queries(query: Query, run_id: str, states: set[str], seconds: float = 120) -> list[str]:
    """Return the sorted ids of the two queries of a run that read transactions, once both are in `states`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        rows = query(
            "SELECT query_id, state FROM system.runtime.queries WHERE query LIKE '%bankteam_app%' "
            f"AND query LIKE '%{run_id}%' AND query NOT LIKE '%system.runtime%' ORDER BY query_id"
        )
        if len(rows) == 2 and {state for _, state in rows} <= states:
            return [query_id for query_id, _ in rows]
        time.sleep(0.2)
    raise AssertionError(f"the queries of {run_id} are not {' or '.join(states)}, but {rows}")


def test_a_killed_query_is_run_again_and_its_rows_count_once(
    airflow: AirflowClient, stack: Stack, query: Query, published: Published, expected: Expected
) -> None:
    day = date(2025, 4, 30)
    with locked_transactions(stack):
        airflow.trigger("simple_dag", {"business_date": day.isoformat()}, run_id="kill-query")
        for query_id in wait_for_queries(query, "kill-query", STARTED):
            query(f"CALL system.runtime.kill_query('{query_id}', 'test')")
    run = airflow.wait("simple_dag", "kill-query", timeout=400)
    assert run.state == "success"
    tries = {task.task_id: task.try_number for task in airflow.task_instances("simple_dag", "kill-query")}
    assert (tries["process_deposits"], tries["process_withdrawals"], tries["net_trades"]) == (2, 2, 1)
    log = airflow.task_log("simple_dag", "kill-query", "process_deposits", 1)
    assert any(
        re.search("failed with exception; AirflowException: .*ADMINISTRATIVELY_KILLED", line) for line in log
    )
    comparison = compare(expected(day), published(day))
    assert comparison.is_equal, comparison.summary()
    attempts = {
        attempt
        for [attempt] in query(
            "SELECT attempt_id FROM lake.control.published_attempts WHERE run_id = 'kill-query'"
        )
    }
    for task in airflow.task_instances("simple_dag", "kill-query"):
        if task.task_id not in {"open_batch", "publish_batch"}:
            published_tries = [
                one.try_number
                for one in airflow.tries("simple_dag", "kill-query", task)
                if any(map(one.made, attempts))
            ]
            assert published_tries == [task.try_number]


def test_ending_a_run_cancels_its_queries(airflow: AirflowClient, stack: Stack, query: Query) -> None:
    with locked_transactions(stack):
        airflow.trigger("simple_dag", {"business_date": "2025-04-30"}, run_id="end-run")
        running = wait_for_queries(query, "end-run", STARTED)
        airflow.set_run_state("simple_dag", "end-run", "failed")
        ended = wait_for_queries(query, "end-run", {"FAILED"}, seconds=60)
    assert ended == running
    codes = query(
        "SELECT DISTINCT error_code FROM system.runtime.queries "
        f"WHERE query_id IN ({', '.join(repr(query_id) for query_id in ended)})"
    )
    assert codes == [["USER_CANCELED"]]
