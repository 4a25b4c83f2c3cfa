"""The transformation operator on the real Trino."""

from __future__ import annotations

import asyncio
import json
import re
import threading
import time
import urllib.request
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk import DAG
from airflow.sdk.bases.operator import TriggerFailureReason
from airflow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowTaskTimeout,
    TaskDeferralTimeout,
    TaskDeferred,
)
from airflow.sdk.execution_time.timeout import timeout
from tests.dags.dag_run import DagRun, event_of
from trino.exceptions import TrinoExternalError, TrinoQueryError, TrinoUserError

from nostro.airflow import trigger
from nostro.airflow.transformation import TrinoTransformationOperator
from nostro.airflow.trigger import FIRST_LOOK_SECONDS, TrinoQueryTrigger
from nostro.airflow.trino_query import is_permanent, progress
from nostro.stack import Stack

if TYPE_CHECKING:
    from tests.dags.conftest import Query

# Hours of work, for a test to cut short.
ENDLESS = """SELECT sum(a * b + c)
FROM UNNEST(sequence(1, 10000)) AS x (a)
CROSS JOIN UNNEST(sequence(1, 10000)) AS y (b)
CROSS JOIN UNNEST(sequence(1, 10000)) AS z (c)"""

pytestmark = pytest.mark.usefixtures("trino_conn")


@pytest.fixture
def scratch(query: Query) -> Iterator[str]:
    """A schema of the lake for one test's tables."""
    query("CREATE SCHEMA lake.transformation_test")
    yield "lake.transformation_test"
    query("DROP SCHEMA lake.transformation_test CASCADE")


def run_of(sql: str, directory: Path | None = None, **settings: Any) -> DagRun:
    with DAG(
        dag_id="transformation_test",
        schedule=None,
        start_date=datetime(2025, 1, 1),
        template_searchpath=[str(directory)] if directory else None,
    ) as dag:
        TrinoTransformationOperator(task_id="transform", sql=sql, **settings)
    return DagRun(dag)


def state_of(stack: Stack, query_id: str) -> dict[str, Any]:
    request = urllib.request.Request(
        f"{stack.trino_address()}/v1/query/{query_id}", headers={"X-Trino-User": "nostro"}
    )
    with urllib.request.urlopen(request) as response:
        information: dict[str, Any] = json.load(response)
    return information


def wait_for_running(query: Query, tag: str) -> str:
    """Return the id of the running query whose text has `tag`."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        rows = query(
            "SELECT query_id FROM system.runtime.queries "
            f"WHERE state = 'RUNNING' AND query LIKE '%{tag}%' AND query NOT LIKE '%system.runtime%'"
        )
        if rows:
            return str(rows[0][0])
        time.sleep(0.1)
    raise AssertionError(f"no query with {tag} is running")


def wait_until_ended(stack: Stack, query_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        information = state_of(stack, query_id)
        if information["state"] == "FAILED":
            return information
        time.sleep(0.1)
    raise AssertionError(f"query {query_id} still runs")


def test_statements_run_in_order_and_only_ids_and_counts_return(
    scratch: str, query: Query, tmp_path: Path
) -> None:
    (tmp_path / "job.sql").write_text(
        f"""-- a semicolon; in a comment, and the bank's apostrophe
        CREATE TABLE {scratch}.movement AS SELECT * FROM (VALUES (1, 'a;b'), (2, 'c''d')) AS t (id, text);
        INSERT INTO {scratch}.movement SELECT id + 2, text FROM {scratch}.movement;
        SELECT * FROM {scratch}.movement;
        INSERT INTO {scratch}.movement VALUES (9, '{{{{ run_id }}}}');
        """
    )
    run = run_of("job.sql", tmp_path)
    result = run.run_task("transform")
    assert result["rows_written"] == 5
    assert len(result["query_ids"]) == len(set(result["query_ids"])) == 4
    assert set(result) == {"query_ids", "rows_written"}
    assert query(f"SELECT id, text FROM {scratch}.movement ORDER BY id") == [
        [1, "a;b"],
        [2, "c'd"],
        [3, "a;b"],
        [4, "c'd"],
        [9, run.run_id],
    ]


def test_session_properties_and_tags_go_with_the_query(stack: Stack) -> None:
    run = run_of(
        "SELECT count(*) FROM lake.information_schema.tables",
        session_properties={"query_max_run_time": "7m", "lake.collect_extended_statistics_on_write": "false"},
        client_tags=["shard:{{ 1 + 1 }}", "a,b"],
    )
    [query_id] = run.run_task("transform")["query_ids"]
    session = state_of(stack, query_id)["session"]
    assert session["systemProperties"]["query_max_run_time"] == "7m"
    assert session["catalogProperties"]["lake"]["collect_extended_statistics_on_write"] == "false"
    assert set(session["clientTags"]) == {
        "dag:transformation_test",
        f"run:{run.run_id}",
        "task:transform",
        "shard:2",
        "a_b",
    }


def test_the_log_has_query_id_link_and_outcome(stack: Stack, capfd: pytest.CaptureFixture[str]) -> None:
    [query_id] = run_of("SELECT 1").run_task("transform")["query_ids"]
    log = capfd.readouterr().out
    link = f"{stack.trino_address()}/ui/query.html?{query_id}"
    assert f"SELECT (1 of 1) runs as query {query_id}: {link}" in log
    assert f"SELECT (1 of 1) finished: query {query_id}, no rows written" in log


@pytest.mark.parametrize(
    ("sql", "cause"),
    [
        ("SELEKT 1", "SYNTAX_ERROR"),
        ("SELECT 1 + 'a'", "TYPE_MISMATCH"),
        ("SELECT * FROM lake.banking.nowhere", "(TABLE|SCHEMA)_NOT_FOUND"),
        ("SELECT 1 / (SELECT count(*) - 1 FROM (VALUES 1))", "DIVISION_BY_ZERO"),
    ],
)
def test_an_error_that_a_retry_cannot_mend_fails_the_task_at_once(sql: str, cause: str) -> None:
    with pytest.raises(
        AirflowFailException, match=rf"(?s)^\w+ \(1 of 1\) failed.*{cause}.*\(query 20\d+_.*\)"
    ):
        run_of(sql).run_task("transform")


def test_what_follows_a_failed_statement_does_not_run(scratch: str, query: Query) -> None:
    run = run_of(f"CREATE TABLE {scratch}.a (x int); SELECT nothing; CREATE TABLE {scratch}.b (x int)")
    with pytest.raises(AirflowFailException, match=r"SELECT \(2 of 3\) failed"):
        run.run_task("transform")
    assert query(f"SHOW TABLES FROM {scratch}") == [["a"]]


def test_an_error_that_may_pass_is_left_to_the_retries() -> None:
    run = run_of(ENDLESS, session_properties={"query_max_cpu_time": "1s"})
    with pytest.raises(AirflowException, match="EXCEEDED_CPU_LIMIT") as error:
        run.run_task("transform")
    assert not isinstance(error.value, AirflowFailException)


@pytest.mark.parametrize(
    ("error", "permanent"),
    [
        (TrinoUserError({"errorType": "USER_ERROR", "errorName": "SYNTAX_ERROR"}), True),
        (TrinoUserError({"errorType": "USER_ERROR", "errorName": "INVALID_FUNCTION_ARGUMENT"}), True),
        (TrinoUserError({"errorType": "USER_ERROR", "errorName": "ADMINISTRATIVELY_KILLED"}), False),
        (TrinoUserError({"errorType": "USER_ERROR", "errorName": "USER_CANCELED"}), False),
        (TrinoExternalError({"errorType": "EXTERNAL", "errorName": "ICEBERG_COMMIT_ERROR"}), False),
        (TrinoQueryError({"errorType": "INTERNAL_ERROR", "errorName": "REMOTE_HOST_GONE"}), False),
        (
            TrinoQueryError({"errorType": "INSUFFICIENT_RESOURCES", "errorName": "CLUSTER_OUT_OF_MEMORY"}),
            False,
        ),
    ],
)
def test_lasting_and_passing_errors(error: TrinoQueryError, permanent: bool) -> None:
    assert is_permanent(error) is permanent


def test_ending_the_task_cancels_its_query(stack: Stack, query: Query) -> None:
    run = run_of(f"{ENDLESS}; SELECT 'never'", client_tags=["kill"])
    task, context = run.prepare("transform")
    errors: list[BaseException] = []

    def execute() -> None:
        try:
            run.execute(task, context)
        except AirflowException as error:
            errors.append(error)

    thread = threading.Thread(target=execute)
    thread.start()
    query_id = wait_for_running(query, "sum(a * b + c)")
    task.on_kill()
    thread.join(30)
    assert not thread.is_alive()
    assert wait_until_ended(stack, query_id)["errorCode"]["name"] == "USER_CANCELED"
    [error] = errors
    assert not isinstance(error, AirflowFailException)
    assert "was cancelled, as its task was ended" in str(error)


def test_the_time_out_cancels_the_query(stack: Stack, capfd: pytest.CaptureFixture[str]) -> None:
    run = run_of(ENDLESS)
    task, context = run.prepare("transform")
    limit = timeout(2)  # type: ignore[no-untyped-call]
    with pytest.raises(AirflowTaskTimeout), limit:
        run.execute(task, context)
    [query_id] = re.findall(r" runs as query (\w+):", capfd.readouterr().out)
    assert wait_until_ended(stack, query_id)["errorCode"]["name"] == "USER_CANCELED"


def test_an_unreachable_trino_is_a_passing_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "AIRFLOW_CONN_TRINO_DEFAULT",
        json.dumps({"conn_type": "trino", "host": "127.0.0.1", "port": 1, "login": "nostro"}),
    )
    with pytest.raises(AirflowException, match="Trino does not answer") as error:
        run_of("SELECT 1").run_task("transform")
    assert not isinstance(error.value, AirflowFailException)


# A supervisor stays for Airflow's `min_heartbeat_interval` when its task has ended, and is then collected.
LONGEST_END_OF_A_PROCESS = 7
SLOW = """SELECT count(*) AS n FROM (
    SELECT max(sha256(CAST(CAST(a * b AS varchar) AS varbinary)))
    FROM UNNEST(sequence(1, 10000)) AS x (a) CROSS JOIN UNNEST(sequence(1, 200)) AS y (b) GROUP BY a)"""


def test_a_long_query_waits_in_the_triggerer_and_goes_on_from_there(scratch: str, query: Query) -> None:
    run = run_of(
        f"CREATE TABLE {scratch}.a AS {SLOW}; INSERT INTO {scratch}.a VALUES 7",
        defer_after=timedelta(0),
    )
    task, context = run.prepare("transform")
    with pytest.raises(TaskDeferred) as deferred:
        task.execute(context)
    waiting: Any = deferred.value
    query_id = waiting.kwargs["statement"]["query_id"]
    assert context["ti"].pushed["trino_query_id"] == query_id
    # Two triggerers one after the other wait for the same query: neither has read its answer.
    assert asyncio.run(event_of(waiting.trigger))["state"] in {"FINISHING", "FINISHED"}
    event = asyncio.run(event_of(waiting.trigger))
    try:
        result = task.resume_execution("resume", {**waiting.kwargs, "event": event}, context)
    except TaskDeferred as second:
        event = asyncio.run(event_of(second.trigger))
        result = task.resume_execution("resume", {**(second.kwargs or {}), "event": event}, context)
    assert result["query_ids"][0] == query_id
    assert len(result["query_ids"]) == 2
    assert result["rows_written"] == 2
    assert query(f"SELECT * FROM {scratch}.a ORDER BY 1") == [[7], [10000]]
    [[runs]] = query(
        "SELECT count(*) FROM system.runtime.queries "
        f"WHERE query LIKE 'CREATE TABLE {scratch}.a AS%' AND source LIKE 'nostro/transformation_test/%'"
    )
    assert runs == 1


def test_a_trigger_waits_before_it_looks_for_the_first_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Airflow begins a task anew that goes on before the end of the process that has deferred it is known."""
    done: list[str] = []

    async def sleep(seconds: float) -> None:
        done.append("waits" if seconds >= LONGEST_END_OF_A_PROCESS else "does not wait")

    def look(*_: Any) -> tuple[str, bool, str]:
        done.append("looks")
        return "FINISHED", True, ""

    _, _, waiting = deferred_query(run_of(SLOW, defer_after=timedelta(0)))
    monkeypatch.setattr(trigger, "FIRST_LOOK_SECONDS", FIRST_LOOK_SECONDS)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    monkeypatch.setattr(TrinoQueryTrigger, "_look", look)
    assert asyncio.run(event_of(waiting.trigger)) == {"state": "FINISHED"}
    assert done == ["waits", "looks"]
    asyncio.run(waiting.trigger.on_kill())


def deferred_query(run: DagRun) -> tuple[Any, Any, Any]:
    task, context = run.prepare("transform")
    with pytest.raises(TaskDeferred) as deferred:
        task.execute(context)
    return task, context, deferred.value


def test_ending_a_deferred_task_cancels_its_query(stack: Stack) -> None:
    _, _, waiting = deferred_query(run_of(ENDLESS, defer_after=timedelta(0)))
    asyncio.run(waiting.trigger.on_kill())
    query_id = waiting.kwargs["statement"]["query_id"]
    assert wait_until_ended(stack, query_id)["errorCode"]["name"] == "USER_CANCELED"


def test_a_deferred_task_that_times_out_cancels_its_query(stack: Stack) -> None:
    run = run_of(ENDLESS, defer_after=timedelta(0), execution_timeout=timedelta(minutes=3))
    task, context, waiting = deferred_query(run)
    assert timedelta(minutes=2) < waiting.timeout <= timedelta(minutes=3)
    failure = {"error": TriggerFailureReason.TRIGGER_TIMEOUT}
    with pytest.raises(TaskDeferralTimeout):
        task.resume_execution("__fail__", failure, context)
    query_id = waiting.kwargs["statement"]["query_id"]
    assert wait_until_ended(stack, query_id)["errorCode"]["name"] == "ADMINISTRATIVELY_KILLED"


def test_a_query_that_failed_while_the_task_waited_fails_the_task(stack: Stack) -> None:
    run = run_of(ENDLESS, defer_after=timedelta(0), session_properties={"query_max_cpu_time": "3s"})
    task, context, waiting = deferred_query(run)
    event = asyncio.run(event_of(waiting.trigger))
    assert event["state"] == "FAILED"
    with pytest.raises(AirflowException, match="EXCEEDED_CPU_LIMIT"):
        task.resume_execution("resume", {**waiting.kwargs, "event": event}, context)


def test_a_retry_ends_what_a_dead_try_has_left_running(stack: Stack) -> None:
    run = run_of(ENDLESS, defer_after=timedelta(0))
    task, context, waiting = deferred_query(run)
    orphan = waiting.kwargs["statement"]["query_id"]
    context["ti"].try_number = 2
    task.sql = "SELECT 1"
    run.execute(task, context)
    assert wait_until_ended(stack, orphan)["errorCode"]["name"] == "ADMINISTRATIVELY_KILLED"


def test_parameters_are_bound_and_never_part_of_the_text(scratch: str, query: Query) -> None:
    parameters = ["O'Hara; DROP", 7, Decimal("1.50"), date(2025, 5, 2), None, True, 2.5]
    run = run_of(
        f"CREATE TABLE {scratch}.p AS SELECT ? AS a, ? AS b, ? AS c, ? AS d, CAST(? AS bigint) AS e, ? AS f,"
        f" ? AS g, '?' AS h; SELECT count(*) FROM {scratch}.p",
        parameters=parameters,
    )
    assert run.run_task("transform")["rows_written"] == 1
    assert query(f"SELECT * FROM {scratch}.p") == [[*parameters, "?"]]
    with pytest.raises(AirflowFailException, match=r"1 placeholders \(\?\) and the task 2 parameters"):
        run_of("SELECT ?", parameters=[1, 2]).run_task("transform")
    with pytest.raises(AirflowFailException, match="A parameter is a list; accepted are"):
        run_of("SELECT ?", parameters=[[1]]).run_task("transform")


@pytest.mark.parametrize(
    ("percentage", "shown"),
    [(None, "0 %"), (41.6, "42 %"), ("NaN", "0 %"), ("Infinity", "0 %"), (100, "100 %")],
)
def test_progress_of_splits_that_are_not_known(percentage: float | str | None, shown: str) -> None:
    line = progress("20260101_000000_00001_abcde", "RUNNING", percentage, None)
    assert line == f"20260101_000000_00001_abcde: RUNNING, {shown}, 0 rows read"
