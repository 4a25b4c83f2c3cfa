"""What every DAG in dags/ is held to."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from airflow.sdk import DAG, AssetOrTimeSchedule, CronDataIntervalTimetable
from tests.dags.dag_run import DAGS, load_dag

from nostro.airflow import portfolio_ops
from nostro.airflow.alerts import alert_on_failure
from nostro.airflow.business_day import business_day_timetable
from nostro.airflow.control_tables import CONTROL_TABLES

SHAPES = {"simple_dag", "sharded_dag", "dtm_dag", "fault_tolerant_dag", "portfolio_ops"}
# They take what to process from the publications, and no business date.
FOLLOWERS = {"risk_team_batch_jobs"}
HOUSEKEEPING = {"maintenance_dag"}
OWN_AND_PROVIDERS = (
    "airflow.sdk.",
    "airflow.providers.standard.",
    "airflow.providers.trino.",
    "nostro.airflow.",
)
DAG_FILES = sorted(DAGS.glob("*.py"))

IMPORT_WITHOUT_NETWORK = """
import runpy, socket, sys
def refuse(*arguments, **settings):
    raise RuntimeError("network access while the DAG is imported")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
runpy.run_path(sys.argv[1])
"""


@pytest.fixture(params=DAG_FILES, ids=lambda path: path.stem)
def dag_file(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


@pytest.fixture
def dag(dag_file: Path) -> DAG:
    return load_dag(dag_file)


def test_there_are_dags() -> None:
    assert {path.stem for path in DAG_FILES} >= SHAPES


def test_airflow_parses_it_without_network(dag_file: Path) -> None:
    subprocess.run(
        [sys.executable, "-c", IMPORT_WITHOUT_NETWORK, str(dag_file)],
        check=True,
        env={**os.environ, "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "sqlite:////nowhere/airflow.db"},
    )


def test_the_file_holds_the_dag_of_its_name(dag: DAG, dag_file: Path) -> None:
    assert dag.dag_id == dag_file.stem


def test_it_says_whose_it_is_and_what_it_does(dag: DAG) -> None:
    assert dag.description
    assert dag.doc_md
    assert "| task | result |" in dag.doc_md
    assert dag.tags
    assert all(task.owner not in {"", "airflow"} for task in dag.tasks)
    assert all(name.split(".")[0] in dag.doc_md for name in dag.task_ids)


def test_its_tasks_retry_time_out_and_alert(dag: DAG) -> None:
    for task in dag.tasks:
        assert task.retries == 3, task.task_id
        assert task.retry_delay == timedelta(seconds=1), task.task_id
        assert task.execution_timeout is not None, task.task_id
        assert task.on_failure_callback == [alert_on_failure], task.task_id


def test_its_retries_are_a_quarter_of_an_hour_apart_unless_set_otherwise(
    dag_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOSTRO_RETRY_DELAY_SECONDS")
    assert {task.retry_delay for task in load_dag(dag_file).tasks} == {timedelta(minutes=15)}


def test_it_runs_daily_with_real_data_intervals(dag: DAG) -> None:
    assert dag.catchup is False
    assert dag.start_date is not None
    if dag.dag_id in HOUSEKEEPING:
        assert isinstance(dag.schedule, CronDataIntervalTimetable)
    elif dag.dag_id in FOLLOWERS:
        assert isinstance(dag.schedule, AssetOrTimeSchedule)
        assert dag.schedule.timetable == business_day_timetable()
    else:
        assert dag.schedule == business_day_timetable()
        assert dag.params["business_date"] is None


def test_it_imports_nothing_but_airflow_and_nostro_airflow(dag_file: Path) -> None:
    modules: set[str] = set()
    for node in ast.walk(ast.parse(dag_file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            modules.add(node.module or "")
    own = {m for m in modules if m.split(".")[0] not in sys.stdlib_module_names}
    assert own
    assert all(m == "airflow.sdk" or m.startswith(OWN_AND_PROVIDERS) for m in own)


def test_every_sql_file_is_used() -> None:
    users = [*DAG_FILES, *(DAGS / "sql").iterdir(), Path(portfolio_ops.__file__)]
    texts = [path.read_text(encoding="utf-8") for path in users]
    for path in (DAGS / "sql").iterdir():
        assert any(f"sql/{path.name}" in text for text in texts), path.name


def test_tables_that_many_runs_append_to_try_commits_again() -> None:
    scripts = [*DAGS.glob("sql/*_tables.sql")]
    statements = [CONTROL_TABLES, *(script.read_text(encoding="utf-8") for script in scripts)]
    tables = re.findall(r"CREATE TABLE IF NOT EXISTS (\S+) \((.*?)\);", "\n".join(statements), re.DOTALL)
    landed = [(name, body) for name, body in tables if name.endswith("_landed") or ".control." in name]
    assert len(landed) >= 9
    assert [name for name, body in landed if "max_commit_retry = 100" not in body] == []
