"""What the OpenLineage provider reports of a task, to a real HTTP listener."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from airflow.providers.openlineage.extractors.manager import ExtractorManager
from airflow.providers.openlineage.plugins.adapter import OpenLineageAdapter
from airflow.sdk import DAG
from airflow.utils.state import TaskInstanceState
from openlineage.client import OpenLineageClient
from openlineage.client.transport.http import HttpConfig, HttpTransport
from tests.dags.dag_run import DAGS, DagRun, load_dag
from tests.dags.listeners import http_listener

from nostro.airflow.lineage import lineage_of
from nostro.airflow.transformation import TrinoTransformationOperator

NAMESPACE = "trino://trino.bank:8080"
BATCH = dict.fromkeys(("base_key", "base_attempt_id"), "") | {
    "key": "portfolio_ops/2025-05-02",
    "job": "portfolio_ops",
    "business_date": "2025-05-02",
    "since": "2025-05-01 16:00:00.000000 UTC",
    "day_start": "2025-05-01 16:00:00.000000 UTC",
    "cut_off": "2025-05-02 16:00:00.000000 UTC",
}


class TracedOperator(TrinoTransformationOperator):
    def get_openlineage_facets_on_complete(self, task_instance: Any) -> Any:
        return lineage_of(self.sql, self.trino_conn_id)


@pytest.fixture(autouse=True)
def trino_connection_of_the_bank(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = {"conn_type": "trino", "host": "trino.bank", "port": 8080, "extra": {"catalog": "lake"}}
    monkeypatch.setenv("AIRFLOW_CONN_TRINO_DEFAULT", json.dumps(connection))


@pytest.fixture
def reported() -> Iterator[Any]:
    """Report a task in a state through the provider, and return the event that the listener was sent."""
    with http_listener() as inbox:

        def report(sql: str, state: TaskInstanceState) -> dict[str, Any]:
            with DAG("lineage_test", schedule=None, start_date=datetime(2025, 1, 1)):
                task = TracedOperator(task_id="transform", sql=sql)
            address = inbox.address.removesuffix(inbox.secret_path)
            client = OpenLineageClient(transport=HttpTransport(HttpConfig(url=address)))
            extractors = ExtractorManager()  # type: ignore[no-untyped-call]
            metadata = extractors.extract_metadata(
                SimpleNamespace(run_id="run"), task, state, SimpleNamespace()
            )
            adapter = OpenLineageAdapter(client)
            send = adapter.complete_task if state == TaskInstanceState.SUCCESS else adapter.fail_task
            failure: dict[str, Any] = {} if state == TaskInstanceState.SUCCESS else {"error": "lost"}
            send(
                run_id=str(uuid4()),
                job_name="lineage_test.transform",
                end_time=datetime.now(UTC).isoformat(),
                task=metadata,
                nominal_start_time=None,
                nominal_end_time=None,
                owners=[],
                tags=[],
                job_description=None,
                **failure,
            )
            event: dict[str, Any] = json.loads(inbox.requests[-1].body)
            return event

        yield report


def names(datasets: list[dict[str, Any]]) -> list[str]:
    assert {one["namespace"] for one in datasets} <= {NAMESPACE}
    return [one["name"] for one in datasets]


@pytest.mark.parametrize("state", [TaskInstanceState.SUCCESS, TaskInstanceState.FAILED])
def test_the_event_names_the_tables_of_every_catalog(reported: Any, state: TaskInstanceState) -> None:
    event = reported(
        """INSERT INTO lake.banking.landed
        SELECT * FROM bankteam_app.public.transactions t
        JOIN TABLE(mappingdb.system.query(query => 'SELECT * FROM public.account_mapping')) m ON true
        JOIN banking.rates r ON r.currency = t.currency""",
        state,
    )
    assert event["eventType"] == {"success": "COMPLETE", "failed": "FAIL"}[state.value]
    assert event["job"]["name"] == "lineage_test.transform"
    assert names(event["inputs"]) == [
        "bankteam_app.public.transactions",
        "lake.banking.rates",
        "mappingdb.public.account_mapping",
    ]
    assert names(event["outputs"]) == ["lake.banking.landed"]
    assert "FROM bankteam_app.public.transactions" in event["job"]["facets"]["sql"]["query"]


def test_a_statement_that_cannot_be_parsed_is_reported_and_hides_no_other(reported: Any) -> None:
    event = reported(
        "INSERT INTO a.b.c SELECT * FROM y WHERE = 1;INSERT INTO a.b.d TABLE a.b.e", TaskInstanceState.SUCCESS
    )
    assert names(event["inputs"]) == ["a.b.e"]
    assert names(event["outputs"]) == ["a.b.d"]
    facet = event["run"]["facets"]["extractionError"]
    assert (facet["totalTasks"], facet["failedTasks"]) == (2, 1)
    assert facet["errors"][0]["taskNumber"] == 1


def test_a_staging_table_is_one_dataset_in_every_run() -> None:
    attempts = [uuid4().hex for _ in range(2)]
    found = [
        lineage_of(
            f"CREATE TABLE lake.staging.deposits_001_20250502_{attempt} AS TABLE a.b.c", "trino_default"
        )
        for attempt in attempts
    ]
    assert [one.outputs[0].name for one in found] == ["lake.staging.deposits_001"] * 2
    private = f"lake.staging.deposits_{attempts[0]}"
    sql = f"CREATE TABLE {private} AS TABLE a.b.c; INSERT INTO a.b.d TABLE {private}"
    lineage = lineage_of(sql, "trino_default", leave_out=[private])
    assert [one.name for one in lineage.outputs] == ["a.b.d"]


def lineage_of_task(task_id: str) -> tuple[set[str], set[str]]:
    """Return the inputs and outputs of a task of simple_dag."""
    dag = load_dag(DAGS / "simple_dag.py")
    run = DagRun(dag, business_date=date(2025, 5, 2))
    run.xcom["open_batch"] = BATCH
    for step in dag.task_ids:
        run.xcom.setdefault(step, {"step": step, "shard": "", "attempt_id": str(uuid4()), "rows_written": 1})
    task, _ = run.prepare(task_id)
    lineage = lineage_of(task.sql, "trino_default")
    assert lineage.run_facets == {}
    return {one.name for one in lineage.inputs}, {one.name for one in lineage.outputs}


def test_the_bundled_sql_is_understood() -> None:
    inputs, outputs = lineage_of_task("process_deposits")
    assert {
        "bankteam_app.public.transactions",
        "mappingdb.public.account_mapping",
        "trading_db.public.account",
        "portfolio_ops_db.public.fx_rates",
    } <= inputs
    assert "lake.control.control_totals" in outputs
    assert any(name.startswith("lake.banking.") for name in outputs)
    balances, _ = lineage_of_task("compute_account_balances")
    assert balances & outputs, "the balances come from what the deposits have landed"


def test_views_lead_from_the_landed_tables_to_the_public_names() -> None:
    inputs, outputs = lineage_of_task("open_batch")
    assert "lake.analytics.account_balances" in outputs
    assert "lake.analytics.account_balances_landed" in inputs
