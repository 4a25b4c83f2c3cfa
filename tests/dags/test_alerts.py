from __future__ import annotations

import json
import logging
import socket
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from types import SimpleNamespace
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler

from nostro.airflow.alerts import alert_on_failure

CONTEXT = {
    "ti": SimpleNamespace(
        dag_id="simple_dag",
        task_id="audit_batch",
        run_id="scheduled__2025-05-02",
        try_number=4,
        log_url="http://127.0.0.1/log",
    ),
    "exception": RuntimeError("net_trades, USD: the source has 3 rows & more"),
}


class Mailbox(MessageHandler):
    def __init__(self) -> None:
        super().__init__()
        self.messages: list[Message] = []

    def handle_message(self, message: Any) -> None:
        self.messages.append(message_from_bytes(message.as_bytes()))


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """A running SMTP server, configured as Airflow's `smtp_default`."""
    handler = Mailbox()
    port = free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", smtp_connection(port))
    yield handler
    controller.stop()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def smtp_connection(port: int) -> str:
    extra = {"disable_ssl": True, "disable_tls": True, "from_email": "nostro@bank.example", "retry_limit": 0}
    return json.dumps({"conn_type": "smtp", "host": "127.0.0.1", "port": port, "extra": extra})


def test_a_failure_is_mailed_to_everybody_named(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("NOSTRO_ALERT_EMAILS", "ops@bank.example, desk@bank.example")
    with caplog.at_level(logging.INFO):
        alert_on_failure(CONTEXT)
    assert len(mailbox.messages) == 1
    message = mailbox.messages[0]
    assert message["Subject"] == "simple_dag: audit_batch failed"
    assert message["From"] == "nostro@bank.example"
    assert {address.strip() for address in message["To"].split(",")} == {
        "ops@bank.example",
        "desk@bank.example",
    }
    [part] = [part for part in message.walk() if part.get_content_type() == "text/html"]
    body = part.get_payload(decode=True)
    assert isinstance(body, bytes)
    text = body.decode()
    assert "net_trades, USD: the source has 3 rows &amp; more" in text
    assert "scheduled__2025-05-02" in text
    assert "Try: 4" in text
    assert "Alert sent to ops@bank.example, desk@bank.example" in caplog.text


def test_without_addresses_a_failure_is_logged_and_not_mailed(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("NOSTRO_ALERT_EMAILS", raising=False)
    alert_on_failure(CONTEXT)
    assert mailbox.messages == []
    assert "simple_dag: audit_batch failed" in caplog.text
    assert "net_trades, USD: the source has 3 rows & more" in caplog.text


def test_an_alert_that_cannot_be_sent_is_logged_and_hides_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", smtp_connection(free_port()))
    monkeypatch.setenv("NOSTRO_ALERT_EMAILS", "ops@bank.example")
    alert_on_failure(CONTEXT)
    assert "simple_dag: audit_batch failed" in caplog.text
    assert "The alert could not be sent to ops@bank.example" in caplog.text
