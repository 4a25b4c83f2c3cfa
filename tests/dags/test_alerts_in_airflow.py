"""Alerts from a running Airflow: its task processes, its scheduler and its triggerer."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from tests.dags.listeners import Inbox, Mailbox, http_listener, smtp_connection, smtp_server

from nostro.airflow.business_day import BusinessDay
from nostro.stack import Stack
from nostro.stack.airflow import USER
from nostro.stack.airflow_client import AirflowClient

DAG_FILE = """
import os
import signal
from datetime import datetime, timedelta

from airflow.sdk import DAG, task

from nostro.airflow.alerts import alert_on_failed_run, alert_on_failure
from nostro.airflow.business_day import business_day_timetable
from nostro.airflow.landing_deadline import landing_deadline
from nostro.airflow.transformation import TrinoTransformationOperator

ENDLESS = '''SELECT sum(a * b + c) FROM UNNEST(sequence(1, 10000)) AS x (a)
CROSS JOIN UNNEST(sequence(1, 10000)) AS y (b) CROSS JOIN UNNEST(sequence(1, 10000)) AS z (c)'''
BATCH = dict.fromkeys(("job", "since", "day_start", "cut_off", "base_key", "base_attempt_id"), "")
BATCH |= {"key": "portfolio_ops/2025-05-02", "business_date": "2025-05-02"}
DEFAULTS = {"retries": 1, "retry_delay": timedelta(seconds=0), "on_failure_callback": alert_on_failure}


@task
def open_batch():
    return BATCH


@task
def land(shard):
    return {"step": "land", "shard": shard, "attempt_id": f"attempt-{shard}", "rows_written": 1000}


@task(retries=0)
def die():
    os.kill(os.getpid(), signal.SIGKILL)


with DAG(
    "killed",
    schedule=None,
    start_date=datetime(2025, 1, 1),
    default_args=DEFAULTS,
    on_failure_callback=alert_on_failed_run,
):
    open_batch() >> land.expand(shard=["001", "002"]) >> die()

with DAG(
    "failing",
    schedule=None,
    start_date=datetime(2025, 1, 1),
    default_args=DEFAULTS,
    on_failure_callback=alert_on_failed_run,
):
    divide = TrinoTransformationOperator(
        task_id="divide", sql="SELECT 1 / (SELECT count(*) - 1 FROM (VALUES 1))"
    )
    limited = TrinoTransformationOperator(
        task_id="limited", sql=ENDLESS, session_properties={"query_max_cpu_time": "1s"}, deferrable=False
    )
    open_batch() >> land.expand(shard=["001", "002"]) >> [divide, limited]

with DAG(
    "slow",
    schedule=None,
    start_date=datetime(2025, 1, 1),
    default_args=DEFAULTS,
    deadline=landing_deadline(timedelta(seconds=20)),
):
    compute = TrinoTransformationOperator(task_id="compute", sql=ENDLESS)
    open_batch() >> land.expand(shard=["001", "002"]) >> compute

with DAG(
    "late",
    schedule=business_day_timetable(),
    start_date=datetime(2026, 1, 1),
    catchup=False,
    default_args=DEFAULTS,
    deadline=landing_deadline(timedelta(seconds=1)),
):
    TrinoTransformationOperator(task_id="compute", sql=ENDLESS)
"""


@dataclass(frozen=True)
class Alerting:
    """A running Airflow with the DAGs above, and what it has sent."""

    client: AirflowClient
    mailbox: Mailbox
    inbox: Inbox
    trino_address: str

    def slack_texts(self, start: str) -> list[str]:
        texts = [json.loads(request.body)["text"] for request in self.inbox.requests]
        return [text for text in texts if text.startswith(f"*{start}")]

    def wait_for(self, start: str, seconds: float = 120) -> str:
        """Return the text of the one alert whose subject starts so."""
        wait(lambda: bool(self.slack_texts(start)), f"no alert {start!r}", seconds)
        [text] = self.slack_texts(start)
        return text


def wait(condition: Callable[[], bool], failure: str, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, failure
        time.sleep(0.2)


@pytest.fixture(scope="module")
def alerting(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alerting]:
    folder: Path = tmp_path_factory.mktemp("dags")
    (folder / "alerts.py").write_text(DAG_FILE, encoding="utf-8")
    with ExitStack() as resources:
        patch = resources.enter_context(pytest.MonkeyPatch.context())
        mailbox, smtp_port = resources.enter_context(smtp_server())
        inbox = resources.enter_context(http_listener())
        patch.setenv("NOSTRO_DAGS_FOLDER", str(folder))
        patch.setenv("NOSTRO_ALERT_TO", "ops@bank.example,webhook:alert_webhook")
        stack.up(airflow=True)
        resources.callback(lambda: stack.up(airflow=False))
        add_connections(stack, [{"connection_id": "smtp_default", **json.loads(smtp_connection(smtp_port))}])
        add_connections(
            stack, [{"connection_id": "alert_webhook", "conn_type": "http", "password": inbox.address}]
        )
        yield Alerting(stack.airflow_client(), mailbox, inbox, stack.trino_address())


def add_connections(stack: Stack, connections: list[dict[str, Any]]) -> None:
    """Add connections as a user does, through Airflow's API."""
    login = {"username": USER, "password": stack.airflow.password()}
    token = requests.post(f"{stack.airflow_address()}/auth/token", json=login, timeout=30).json()
    for connection in connections:
        if "extra" in connection:
            connection["extra"] = json.dumps(connection["extra"])
        requests.post(
            f"{stack.airflow_address()}/api/v2/connections",
            json=connection,
            headers={"Authorization": f"Bearer {token['access_token']}"},
            timeout=30,
        ).raise_for_status()


def test_failures_for_good_and_after_the_last_retry_are_told_with_query_and_landed_rows(
    alerting: Alerting,
) -> None:
    client = alerting.client
    client.wait_until_parsed("failing")
    client.unpause("failing")
    client.trigger("failing", run_id="fails")
    client.wait("failing", "fails", timeout=200)

    divide = alerting.wait_for("failing: divide failed for good at try 1 of 2*")
    assert "*Batch:* portfolio_ops/2025-05-02" in divide
    assert "DIVISION_BY_ZERO" in divide
    assert f"{alerting.trino_address}/ui/query.html?20" in divide
    assert "land[001]: 1,000 rows written, attempt attempt-001\n" in divide
    assert "land[002]: 1,000 rows written, attempt attempt-002\n" in divide
    assert "divide (failed)" in divide
    assert "*Published:* nothing of this run" in divide
    assert "/dags/failing/runs/fails/tasks/divide?try_number=1" in divide

    limited = alerting.wait_for("failing: limited failed, its 2 tries are used up*")
    assert "EXCEEDED_CPU_LIMIT" in limited
    assert len(alerting.slack_texts("failing: ")) == 2
    assert sorted(mail["Subject"] for mail in alerting.mailbox.messages) == [
        "failing: divide failed for good at try 1 of 2",
        "failing: limited failed, its 2 tries are used up",
    ]


def test_a_task_whose_process_was_killed_is_told_of_by_its_run(alerting: Alerting) -> None:
    client = alerting.client
    client.wait_until_parsed("killed")
    client.unpause("killed")
    client.trigger("killed", run_id="dies")
    text = alerting.wait_for("killed: die failed without a word*")
    assert "*Batch:* portfolio_ops/2025-05-02" in text
    assert "land[002]: 1,000 rows written, attempt attempt-002\n" in text
    assert "die (failed)" in text
    assert "*Published:* nothing of this run" in text
    # The run of the tasks that had told of themselves failed before.
    assert len(alerting.slack_texts("failing: ")) == 2


def test_a_missed_landing_time_is_told_with_the_running_query_and_landed_rows(alerting: Alerting) -> None:
    client = alerting.client
    client.wait_until_parsed("slow")
    client.unpause("slow")
    client.trigger("slow", run_id="misses")
    created = datetime.now(UTC)
    try:
        text = alerting.wait_for("slow: not landed by ")
    finally:
        client.set_run_state("slow", "misses", "failed")
    expected = {created + timedelta(seconds=20 + late) for late in (-5, 0, 5)}
    assert text.splitlines()[0] in {f"*slow: not landed by {it:%Y-%m-%d %H:%M} UTC*" for it in expected}
    assert "*Batch:* portfolio_ops/2025-05-02" in text
    assert "*Run:* misses, running" in text
    assert " of compute " in text
    assert f"{alerting.trino_address}/ui/query.html?20" in text
    assert "land[001]: 1,000 rows written, attempt attempt-001\n" in text
    assert "*Published:* nothing of this run" in text
    subjects = [mail["Subject"] for mail in alerting.mailbox.messages]
    assert sum(subject.startswith("slow: not landed by ") for subject in subjects) == 1


def test_a_scheduled_runs_landing_time_counts_from_its_cut_off(alerting: Alerting) -> None:
    cut_off = BusinessDay.of_posting(datetime.now(UTC)).previous.cut_off
    alerting.client.wait_until_parsed("late")
    alerting.client.unpause("late")
    try:
        text = alerting.wait_for("late: not landed by ")
    finally:
        alerting.client.pause("late")
        for run in alerting.client.runs("late"):
            alerting.client.set_run_state("late", run.run_id, "failed")
    promised = cut_off + timedelta(seconds=1)
    assert text.startswith(f"*late: not landed by {promised:%Y-%m-%d %H:%M} UTC*")
