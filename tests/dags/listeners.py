"""An SMTP server and an HTTP listener that keep what they are sent."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler


class Mailbox(MessageHandler):
    """Every message that the SMTP server has accepted."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[Message] = []

    def handle_message(self, message: Any) -> None:
        self.messages.append(message_from_bytes(message.as_bytes()))


@dataclass(frozen=True)
class Received:
    path: str
    content_type: str
    body: bytes


@dataclass
class Inbox:
    """Every request that the HTTP listener was sent; it answers `status`."""

    secret_path: str = "/services/T0ABCDE/B0ABCDE/s3cretS3cretS3cret"
    address: str = ""
    status: int = 200
    requests: list[Received] = field(default_factory=list)


@contextmanager
def smtp_server() -> Iterator[tuple[Mailbox, int]]:
    """A running SMTP server on a port of 127.0.0.1."""
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=closed_port())
    controller.start()
    try:
        yield mailbox, controller.port
    finally:
        controller.stop()


@contextmanager
def http_listener() -> Iterator[Inbox]:
    """A running HTTP listener on a port of 127.0.0.1."""
    inbox = Inbox()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            inbox.requests.append(Received(self.path, self.headers["Content-Type"], body))
            self.send_response(inbox.status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    inbox.address = f"http://127.0.0.1:{server.server_port}{inbox.secret_path}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield inbox
    finally:
        server.shutdown()
        server.server_close()


def closed_port() -> int:
    """A port of 127.0.0.1 where nothing listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def smtp_connection(port: int) -> str:
    """An Airflow connection to an SMTP server of 127.0.0.1."""
    extra = {"disable_ssl": True, "disable_tls": True, "from_email": "nostro@bank.example", "retry_limit": 0}
    return json.dumps({"conn_type": "smtp", "host": "127.0.0.1", "port": port, "extra": extra})
