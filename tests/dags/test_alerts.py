"""Alerts to a real SMTP server and a real HTTP listener."""

from __future__ import annotations

import json
import logging
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import DAG, Connection
from tests.dags.listeners import (
    Inbox,
    Mailbox,
    closed_port,
    http_listener,
    smtp_connection,
    smtp_server,
)

from nostro.airflow import alert_channels
from nostro.airflow.alert_channels import AlertError, Mail, Webhook, configured_channels, webhook_address
from nostro.airflow.alert_message import AlertMessage, Line
from nostro.airflow.alerts import (
    alert_on_failure,
    describe_failed_run,
    describe_failure,
    describe_missed_deadline,
    untold_failures,
)
from nostro.airflow.landing import PublishBatchOperator

QUERY_ID = "20250502_160212_00042_x7qk2"
BATCH = {
    "key": "portfolio_ops/2025-05-02",
    "job": "portfolio_ops",
    "business_date": "2025-05-02",
    "since": "2025-05-01 16:00:00.000000 UTC",
    "day_start": "2025-05-01 16:00:00.000000 UTC",
    "cut_off": "2025-05-02 16:00:00.000000 UTC",
    "base_key": "",
    "base_attempt_id": "",
}
LANDED = {
    "step": "process_deposits",
    "shard": "",
    "attempt_id": "6f0c3a52-0000-4000-8000-1234567890ab",
    "rows_written": 1234,
    "query_ids": [],
}


@dataclass
class RecordedRun:
    """A run's task states and XComs, by task, map index and key."""

    states: dict[str, str | None] = field(default_factory=dict)
    xcoms: dict[tuple[str, int, str], Any] = field(default_factory=dict)

    def task_states(self) -> Mapping[str, str | None]:
        return self.states

    def xcom(self, task_id: str, map_index: int, key: str) -> Any:
        return self.xcoms.get((task_id, map_index, key))


class UnreachableRun:
    def task_states(self) -> Mapping[str, str | None]:
        raise ConnectionError("no route to postgresql://airflow:hunter2@db/airflow")

    def xcom(self, task_id: str, map_index: int, key: str) -> Any:
        raise ConnectionError


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """A running SMTP server, configured as Airflow's `smtp_default`."""
    with smtp_server() as (mailbox, port):
        monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", smtp_connection(port))
        yield mailbox


@pytest.fixture
def inbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Inbox]:
    """A running webhook, configured as the Airflow connection `alert_webhook`."""
    with http_listener() as inbox:
        connection = {"conn_type": "http", "password": inbox.address}
        monkeypatch.setenv("AIRFLOW_CONN_ALERT_WEBHOOK", json.dumps(connection))
        yield inbox


def failed(error: BaseException | None, **changes: Any) -> dict[str, Any]:
    ti = {
        "dag_id": "simple_dag",
        "task_id": "audit_batch",
        "run_id": "scheduled__2025-05-02",
        "map_index": -1,
        "try_number": 4,
        "max_tries": 3,
        "log_url": "http://127.0.0.1/log",
    }
    return {"ti": SimpleNamespace(**{**ti, **changes}), "exception": error}


CONTEXT = failed(RuntimeError("net_trades, USD: the source has 3 rows & more"))


def value_of(message: AlertMessage, label: str) -> Line:
    [line] = [line for line in message.lines if line.label == label]
    return line


def test_one_setting_sends_to_mail_and_webhook(
    mailbox: Mailbox, inbox: Inbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("NOSTRO_ALERT_TO", "ops@bank.example, desk@bank.example,webhook:alert_webhook")
    with caplog.at_level(logging.INFO):
        alert_on_failure(CONTEXT)

    [mail] = mailbox.messages
    assert mail["Subject"] == "simple_dag: audit_batch failed, its 4 tries are used up"
    assert mail["From"] == "nostro@bank.example"
    assert {address.strip() for address in mail["To"].split(",")} == {
        "ops@bank.example",
        "desk@bank.example",
    }
    [part] = [part for part in mail.walk() if part.get_content_type() == "text/html"]
    body = part.get_payload(decode=True)
    assert isinstance(body, bytes)
    text = body.decode()
    assert "net_trades, USD: the source has 3 rows &amp; more" in text
    assert "scheduled__2025-05-02" in text
    assert '<a href="http://127.0.0.1/log">' in text

    [request] = inbox.requests
    assert request.path == inbox.secret_path
    assert request.content_type == "application/json"
    slack = json.loads(request.body)["text"]
    assert slack.startswith("*simple_dag: audit_batch failed, its 4 tries are used up*\n")
    assert "*Error:* net_trades, USD: the source has 3 rows &amp; more" in slack
    assert "http://127.0.0.1/log" in slack

    assert "Alert sent by mail to ops@bank.example, desk@bank.example" in caplog.text
    assert "Alert sent by webhook alert_webhook" in caplog.text
    assert inbox.secret_path not in caplog.text


def test_without_the_setting_a_failure_is_logged_and_sent_to_nobody(
    mailbox: Mailbox, inbox: Inbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("NOSTRO_ALERT_TO", raising=False)
    alert_on_failure(CONTEXT)
    assert mailbox.messages == []
    assert inbox.requests == []
    assert "simple_dag: audit_batch failed" in caplog.text
    assert "net_trades, USD: the source has 3 rows & more" in caplog.text


def test_a_mail_server_that_is_down_stops_neither_the_webhook_nor_the_task(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", smtp_connection(closed_port()))
    monkeypatch.setenv("NOSTRO_ALERT_TO", "ops@bank.example,webhook:alert_webhook")
    alert_on_failure(CONTEXT)
    assert "The alert could not be sent by mail to ops@bank.example: [Errno" in caplog.text
    assert len(inbox.requests) == 1


@pytest.mark.parametrize(
    ("status", "cause"),
    [(404, "the webhook answered 404"), (500, "the webhook answered 500"), (302, "the webhook answered 302")],
)
def test_a_webhook_that_refuses_does_not_stop_the_mail(
    mailbox: Mailbox,
    inbox: Inbox,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    status: int,
    cause: str,
) -> None:
    inbox.status = status
    monkeypatch.setenv("NOSTRO_ALERT_TO", "webhook:alert_webhook,ops@bank.example")
    alert_on_failure(CONTEXT)
    assert f"The alert could not be sent by webhook alert_webhook: {cause}" in caplog.text
    assert len(mailbox.messages) == 1
    assert len(inbox.requests) == 1
    assert inbox.secret_path not in caplog.text


def test_a_webhook_that_is_down_is_named_without_its_address(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    address = f"http://127.0.0.1:{closed_port()}/services/T0/B0/s3cret"
    monkeypatch.setenv("AIRFLOW_CONN_ALERT_WEBHOOK", json.dumps({"conn_type": "http", "password": address}))
    monkeypatch.setenv("NOSTRO_ALERT_TO", "webhook:alert_webhook")
    alert_on_failure(CONTEXT)
    assert "could not be sent by webhook alert_webhook: Connection refused" in caplog.text
    assert "s3cret" not in caplog.text
    assert "services" not in caplog.text


def test_a_missing_connection_is_said(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("NOSTRO_ALERT_TO", "webhook:nowhere,ops@bank.example")
    alert_on_failure(CONTEXT)
    assert "The alert could not be sent by webhook nowhere:" in caplog.text
    assert len(mailbox.messages) == 1


def test_an_untrusted_certificate_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject, *files],
        check=True,
        capture_output=True,
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        address = f"https://localhost:{server.server_port}/s3cret"
        monkeypatch.setenv(
            "AIRFLOW_CONN_ALERT_WEBHOOK", json.dumps({"conn_type": "http", "password": address})
        )
        with pytest.raises(AlertError, match=r"certificate not trusted: self.signed certificate"):
            Webhook("alert_webhook").send(AlertMessage("subject", ()))
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port where connections are accepted and nothing is ever answered."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_channels_that_never_answer_are_given_up_in_time(
    silent_port: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(alert_channels, "SMTP_TIMEOUT_SECONDS", 1)
    monkeypatch.setattr(alert_channels, "ANSWER_TIMEOUT_SECONDS", 1)
    patient = json.loads(smtp_connection(silent_port))
    patient["extra"] |= {"timeout": 600, "retry_limit": 50}
    monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", json.dumps(patient))
    address = f"http://127.0.0.1:{silent_port}/s3cret"
    monkeypatch.setenv("AIRFLOW_CONN_ALERT_WEBHOOK", json.dumps({"conn_type": "http", "password": address}))
    monkeypatch.setenv("NOSTRO_ALERT_TO", "webhook:alert_webhook,ops@bank.example")
    started = time.monotonic()
    alert_on_failure(CONTEXT)
    assert time.monotonic() - started < 10
    assert "webhook alert_webhook: no answer within 1 s" in caplog.text
    assert "mail to ops@bank.example: Unable to connect to smtp server" in caplog.text


@pytest.mark.parametrize(
    "setting",
    ["https://hooks.slack.com/services/T0/B0/s3cret", "webhook:", "nobody", "a@b@c", "ops@bank.example x@y"],
)
def test_an_entry_that_is_no_channel_is_refused_without_being_repeated(
    setting: str, caplog: pytest.LogCaptureFixture
) -> None:
    channels = configured_channels({"NOSTRO_ALERT_TO": f"{setting}, desk@bank.example"})
    assert channels == [Mail(("desk@bank.example",))]
    assert "is neither an e-mail address nor webhook:<connection id>" in caplog.text
    assert "s3cret" not in caplog.text


def test_the_mails_connection_and_sender_are_settings() -> None:
    environment = {
        "NOSTRO_ALERT_TO": "webhook:one,ops@bank.example,webhook:two",
        "NOSTRO_ALERT_SMTP_CONN_ID": "bank_smtp",
        "NOSTRO_ALERT_SENDER": "airflow@bank.example",
    }
    assert configured_channels(environment) == [
        Mail(("ops@bank.example",), "bank_smtp", "airflow@bank.example"),
        Webhook("one"),
        Webhook("two"),
    ]


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ({"password": "https://chat.bank.example/hooks/x"}, "https://chat.bank.example/hooks/x"),
        ({"password": "T0/B0/x"}, "https://hooks.slack.com/services/T0/B0/x"),
        ({"host": "https://chat.example/hooks/", "password": "/x"}, "https://chat.example/hooks/x"),
        ({"host": "chat", "schema": "http", "port": 8065, "password": "x"}, "http://chat:8065/x"),
    ],
)
def test_the_webhooks_address_comes_from_the_connections_password(
    settings: dict[str, Any], address: str
) -> None:
    assert webhook_address(Connection(conn_id="hook", conn_type="slackwebhook", **settings)) == address


@pytest.mark.parametrize("settings", [{}, {"password": "ftp://host/x"}, {"password": "https:///x"}])
def test_a_connection_without_a_webhooks_address_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(AlertError, match="the connection"):
        webhook_address(Connection(conn_id="hook", conn_type="http", **settings))


@pytest.mark.parametrize(
    ("try_number", "max_tries", "subject"),
    [
        (4, 3, "simple_dag: audit_batch failed, its 4 tries are used up"),
        (1, 3, "simple_dag: audit_batch failed for good at try 1 of 4"),
        (1, 0, "simple_dag: audit_batch failed"),
    ],
)
def test_the_subject_tells_used_up_retries_from_an_error_that_none_can_mend(
    try_number: int, max_tries: int, subject: str
) -> None:
    context = failed(ValueError("x"), try_number=try_number, max_tries=max_tries)
    assert describe_failure(context, RecordedRun()).subject == subject


def test_the_query_of_the_error_is_named_and_linked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "AIRFLOW_CONN_TRINO_DEFAULT",
        json.dumps(
            {"conn_type": "trino", "host": "trino.bank", "port": 8443, "extra": {"protocol": "https"}}
        ),
    )
    error = RuntimeError(f"INSERT (2 of 4) failed: DIVISION_BY_ZERO: Division by zero (query {QUERY_ID})")
    message = describe_failure(failed(error), RecordedRun())
    assert value_of(message, "Query") == Line(
        "Query", QUERY_ID, f"https://trino.bank:8443/ui/query.html?{QUERY_ID}"
    )


def test_a_cause_and_the_tasks_xcom_name_queries_too() -> None:
    older = "20250502_160212_00041_x7qk2"
    error = RuntimeError("lost")
    error.__cause__ = ValueError(f"query {older} is gone")
    link = f"http://trino.bank:8080/ui/query.html?{QUERY_ID}"
    run = RecordedRun(
        xcoms={
            ("audit_batch", -1, "trino_query_id"): QUERY_ID,
            ("audit_batch", -1, "trino_query_link"): link,
        }
    )
    lines = [line for line in describe_failure(failed(error), run).lines if line.label == "Query"]
    assert [line.text for line in lines] == [older, QUERY_ID]
    assert lines[1].link == link


def test_it_says_what_has_landed_and_that_nothing_is_published() -> None:
    states = {
        "open_batch": "success",
        "process_deposits": "success",
        "process_withdrawals_0": "success",
        "process_withdrawals_1": "running",
        "audit_batch": "running",
        "publish_batch": None,
        "sweep": "skipped",
    }
    shard = {**LANDED, "step": "process_withdrawals", "shard": "001", "rows_written": None}
    run = RecordedRun(
        states,
        {
            ("open_batch", -1, "return_value"): BATCH,
            ("process_deposits", -1, "return_value"): LANDED,
            ("process_withdrawals", 0, "return_value"): shard,
        },
    )
    message = describe_failure(CONTEXT, run)
    assert value_of(message, "Batch").text == "portfolio_ops/2025-05-02"
    assert value_of(message, "Landed").text.splitlines() == [
        f"process_deposits: 1,234 rows written, attempt {LANDED['attempt_id']}",
        f"process_withdrawals[001]: rows not told, attempt {LANDED['attempt_id']}",
    ]
    assert value_of(message, "Not done").text.splitlines() == [
        "process_withdrawals_1 (running)",
        "audit_batch (failed)",
        "publish_batch (not started)",
    ]
    assert value_of(message, "Published").text.startswith("nothing of this run")


def test_it_says_what_is_published() -> None:
    published = {"batch_key": BATCH["key"], "publication_id": "0b7e", "query_ids": []}
    run = RecordedRun({"publish_batch": "success"}, {("publish_batch", -1, "return_value"): published})
    assert value_of(describe_failure(CONTEXT, run), "Published").text == "publication 0b7e"


def test_a_failed_publication_is_not_called_unpublished() -> None:
    context = failed(RuntimeError("Trino does not answer"), task_id="publish_batch")
    context["task"] = PublishBatchOperator(task_id="publish_batch")
    published = value_of(describe_failure(context, RecordedRun()), "Published").text
    assert published.startswith("not certain")
    assert "run_id = 'scheduled__2025-05-02'" in published


def test_what_cannot_be_read_is_called_unknown(caplog: pytest.LogCaptureFixture) -> None:
    message = describe_failure(CONTEXT, UnreachableRun())
    assert value_of(message, "Landed and published").text.startswith("not known here (ConnectionError)")
    assert "hunter2" not in message.text()
    assert "hunter2" not in caplog.text


def test_a_lost_process_has_no_error_to_show() -> None:
    assert "process was lost" in value_of(describe_failure(failed(None), RecordedRun()), "Error").text


def test_a_long_error_is_cut() -> None:
    text = value_of(describe_failure(failed(RuntimeError("x " * 5000)), RecordedRun()), "Error").text
    assert len(text) < 2100


def test_many_attempts_are_counted_rather_than_listed() -> None:
    names = [f"shard_{number:03}" for number in range(300)]
    run = RecordedRun(
        dict.fromkeys(names, "success"),
        {(name, -1, "return_value"): {**LANDED, "step": name} for name in names},
    )
    landed = value_of(describe_failure(CONTEXT, run), "Landed").text.splitlines()
    assert len(landed) == 21
    assert landed[-1] == "and 280 more"


def test_a_run_tells_only_of_failed_tasks_that_have_not_told_of_themselves() -> None:
    states: dict[str, str | None] = {
        "a": "failed",
        "b": "failed",
        "shard_7": "failed",
        "c": "upstream_failed",
        "d": "success",
    }
    run = RecordedRun(states, {("a", -1, "nostro_alerted"): True, ("shard", 7, "nostro_alerted"): True})
    assert untold_failures(run) == ["b"]


def test_a_run_that_cannot_be_read_is_told_of_rather_than_kept_quiet() -> None:
    assert untold_failures(UnreachableRun()) == ["a task"]


def test_a_killed_publication_is_not_called_unpublished() -> None:
    with DAG("simple_dag", schedule=None, start_date=datetime(2025, 1, 1)) as dag:
        PublishBatchOperator(task_id="publish_batch")
    run = RecordedRun({"publish_batch": "failed"}, {("publish_batch", -1, "trino_query_id"): QUERY_ID})
    message = describe_failed_run({"dag": dag, "run_id": "run"}, run, ["publish_batch"])
    assert message.subject == "simple_dag: publish_batch failed without a word"
    assert value_of(message, "Query").text == f"{QUERY_ID} of publish_batch"
    assert value_of(message, "Published").text.startswith("not certain")


def test_a_missed_deadline_names_time_batch_and_running_queries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://airflow.bank/")
    link = f"http://trino.bank:8080/ui/query.html?{QUERY_ID}"
    run = RecordedRun(
        {"open_batch": "success", "net_trades": "deferred"},
        {
            ("open_batch", -1, "return_value"): BATCH,
            ("net_trades", -1, "trino_query_id"): QUERY_ID,
            ("net_trades", -1, "trino_query_link"): link,
        },
    )
    context = {
        "dag_run": {
            "dag_id": "simple_dag",
            "dag_run_id": "scheduled__2025-05-02T16:00:00+00:00",
            "state": "running",
        },
        "deadline": {"id": "1", "deadline_time": "2025-05-02T20:00:00+02:00"},
    }
    message = describe_missed_deadline(context, run)
    assert message.subject == "simple_dag: not landed by 2025-05-02 18:00 UTC"
    assert value_of(message, "Batch").text == "portfolio_ops/2025-05-02"
    assert value_of(message, "Query") == Line("Query", f"{QUERY_ID} of net_trades", link)
    assert value_of(message, "Log").link == (
        "https://airflow.bank/dags/simple_dag/runs/scheduled__2025-05-02T16%3A00%3A00%2B00%3A00"
    )
    assert value_of(message, "Landed").text.startswith("nothing")


def test_a_run_whose_batch_was_never_opened_is_known_by_its_business_date() -> None:
    dag_run: dict[str, Any] = {
        "dag_id": "simple_dag",
        "dag_run_id": "x",
        "conf": {},
        "data_interval_start": "2025-05-01T16:00:00Z",
        "data_interval_end": "2025-05-02T16:00:00Z",
    }
    context = {"dag_run": dag_run, "deadline": {"deadline_time": "2025-05-02T18:00:00Z"}}
    message = describe_missed_deadline(context, RecordedRun({"open_batch": "failed"}))
    assert value_of(message, "Batch").text == "of business date 2025-05-02"
    dag_run["data_interval_end"] = None
    message = describe_missed_deadline(context, RecordedRun({"open_batch": "failed"}))
    assert value_of(message, "Batch").text == "none opened, and the run has no business date"
