"""A statement is sent once, whatever happens to its answer, tried with a listener in the place of Trino."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
from trino.client import ClientSession, TrinoRequest

from nostro.stack.query import QueryError, TrinoSession
from nostro.trino_submission import submit

ANSWER = {
    "id": "20250502_180000_00001_abcde",
    "infoUri": "http://127.0.0.1/ui/query.html?20250502_180000_00001_abcde",
    "stats": {
        "state": "FINISHED",
        "completedSplits": 1,
        "totalSplits": 1,
        "processedRows": 0,
        "processedBytes": 0,
    },
}
TIME_OUT_SECONDS = 0.3


@dataclass
class Listener:
    """What was posted, and what to do with each next post: answer, refuse, close, keep silent, be empty."""

    port: int = 0
    plans: list[str] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)

    def request(self) -> TrinoRequest:
        return TrinoRequest(
            "127.0.0.1", self.port, ClientSession(user="nostro"), request_timeout=TIME_OUT_SECONDS
        )


@pytest.fixture
def listener() -> Iterator[Listener]:
    told = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.statements.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            plan = told.plans.pop(0) if told.plans else "answer"
            if plan == "close":
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            if plan == "silence":
                told.is_over.wait()
                return
            body = json.dumps(ANSWER).encode() if plan == "answer" else b""
            self.send_response(503 if plan == "refuse" else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.port = server.server_port
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield told
    finally:
        told.is_over.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("plan", ["silence", "close"])
def test_a_statement_without_an_answer_is_not_sent_again(listener: Listener, plan: str) -> None:
    listener.plans = [plan]
    request = listener.request()
    with pytest.raises(requests.RequestException):
        submit(request, "INSERT INTO t VALUES 1")
    assert listener.statements == ["INSERT INTO t VALUES 1"]
    assert request.max_attempts > 1


def test_an_empty_answer_is_an_error_and_the_statement_is_not_sent_again(listener: Listener) -> None:
    listener.plans = ["empty"]
    with pytest.raises(QueryError, match="Trino does not answer"):
        TrinoSession("127.0.0.1", listener.port, "nostro").execute("INSERT INTO t VALUES 1")
    assert listener.statements == ["INSERT INTO t VALUES 1"]


def test_a_refused_statement_is_sent_again(listener: Listener) -> None:
    listener.plans = ["refuse", "refuse"]
    request = listener.request()
    assert request.process(submit(request, "SELECT 1")).id == ANSWER["id"]
    assert listener.statements == ["SELECT 1"] * 3


def test_what_refuses_on_and_on_is_told(listener: Listener) -> None:
    listener.plans = ["refuse"] * 10
    assert submit(listener.request(), "SELECT 1").status_code == 503


def test_where_nothing_listens_the_connection_is_tried_again(listener: Listener) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        request = TrinoRequest("127.0.0.1", port, ClientSession(user="nostro"))
        with pytest.raises(requests.ConnectionError, match="refused"):
            submit(request, "SELECT 1")
    assert listener.statements == []
