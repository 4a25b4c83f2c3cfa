"""A TCP relay on loopback whose connections can be cut, slowed and truncated while they are in use."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from enum import Enum
from types import TracebackType
from typing import Self

LOOPBACK = "127.0.0.1"
CHUNK_BYTES = 65_536
DELAY_SECONDS = 0.1
TRUNCATED_AFTER_BYTES = 16_000


class Interruption(Enum):
    """What the wire does to its connections.

    - NONE: passes everything on
    - CUT: ends all connections, and each new one at once
    - SLOW: holds every chunk back for a while
    - TRUNCATED: ends a connection after it has brought so many bytes from the server, in mid-message
    """

    NONE = "none"
    CUT = "cut"
    SLOW = "slow"
    TRUNCATED = "truncated"


class InterruptedWire:
    """Relays connections to its port to the server's, which may move: `server_port` is asked each time.

    `hits` counts the connections ended and the chunks held back.
    """

    def __init__(self, server_port: Callable[[], int]) -> None:
        self._server_port = server_port
        self._interruption = Interruption.NONE
        self.hits = 0
        self._sockets: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server((LOOPBACK, 0))
        self._is_closed = False
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, name="interrupted-wire", daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._is_closed = True
        self._listener.close()
        self._end_all()

    def interrupt(self, interruption: Interruption) -> None:
        """From now on treat connections so, those that are open too."""
        self._interruption = interruption
        if interruption is Interruption.CUT:
            self.hits += len(self._sockets)
            self._end_all()

    def _accept(self) -> None:
        while not self._is_closed:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._interruption is Interruption.CUT:
                self.hits += 1
                client.close()
                continue
            try:
                server = socket.create_connection((LOOPBACK, self._server_port()), timeout=5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            with self._lock:
                self._sockets |= {client, server}
            for source, target, is_answer in ((client, server, False), (server, client, True)):
                threading.Thread(target=self._relay, args=(source, target, is_answer), daemon=True).start()

    def _relay(self, source: socket.socket, target: socket.socket, is_answer: bool) -> None:
        truncatable = 0
        with contextlib.suppress(OSError):
            while chunk := source.recv(CHUNK_BYTES):
                if self._interruption is Interruption.SLOW:
                    self.hits += 1
                    time.sleep(DELAY_SECONDS)
                if self._interruption is Interruption.TRUNCATED and is_answer:
                    truncatable += len(chunk)
                    if truncatable > TRUNCATED_AFTER_BYTES:
                        self.hits += 1
                        target.sendall(chunk[: len(chunk) // 2])
                        break
                target.sendall(chunk)
        self._end({source, target})

    def _end_all(self) -> None:
        with self._lock:
            ended, self._sockets = self._sockets, set()
        self._end(ended)

    def _end(self, sockets: set[socket.socket]) -> None:
        with self._lock:
            self._sockets -= sockets
        for one in sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
