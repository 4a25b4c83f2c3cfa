"""Counts of what a source has served, for Prometheus to scrape."""

from __future__ import annotations

import threading
from collections import Counter
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
LOOPBACK = "127.0.0.1"

OUTCOMES = ("ok", "cancelled", "error")

HELP = {
    "nostro_source_reads_total": ("counter", "Reads that were planned."),
    "nostro_source_streams_total": ("counter", "Streams that have ended, by how."),
    "nostro_source_rows_total": ("counter", "Rows of streams that have ended."),
    "nostro_source_bytes_total": ("counter", "Bytes of Arrow data of streams that have ended."),
    "nostro_source_stream_seconds_total": ("counter", "Seconds that streams have taken which have ended."),
    "nostro_source_streams_running": ("gauge", "Streams that run now."),
}


class Metrics:
    """The counts, by table; may be added to from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, Counter[tuple[str, ...]]] = {name: Counter() for name in HELP}

    def planned(self, schema: str, table: str) -> None:
        with self._lock:
            self._counts["nostro_source_reads_total"][schema, table] += 1

    def began(self, schema: str, table: str) -> None:
        with self._lock:
            self._counts["nostro_source_streams_running"][schema, table] += 1

    def ended(self, schema: str, table: str, *, outcome: str, rows: int, size: int, seconds: float) -> None:
        """A stream that `began` has ended with one of `OUTCOMES`; `size` is in bytes."""
        with self._lock:
            self._counts["nostro_source_streams_running"][schema, table] -= 1
            for each in OUTCOMES:
                self._counts["nostro_source_streams_total"][schema, table, each] += each == outcome
            self._counts["nostro_source_rows_total"][schema, table] += rows
            self._counts["nostro_source_bytes_total"][schema, table] += size
            # a Counter may hold fractions, whatever its annotations say
            self._counts["nostro_source_stream_seconds_total"][schema, table] += seconds  # type: ignore[assignment]

    def text(self) -> str:
        """Prometheus' text format."""
        lines = []
        with self._lock:
            for name, (kind, help_text) in HELP.items():
                lines += [f"# HELP {name} {help_text}", f"# TYPE {name} {kind}"]
                for labels, count in self._counts[name].items():
                    named = zip(("schema", "table", "outcome"), labels, strict=False)
                    text = ",".join(f'{label}="{_escaped(value)}"' for label, value in named)
                    lines.append(f"{name}{{{text}}} {count}")
        return "\n".join(lines) + "\n"


class MetricsServer:
    """Answers `GET /metrics` on the loopback address, from a thread of its own, until closed."""

    def __init__(self, metrics: Metrics, port: int) -> None:
        """Raises OSError if the port is taken; port 0 picks a free one."""

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path.partition("?")[0] != "/metrics":
                    self.send_error(HTTPStatus.NOT_FOUND, "accepted: /metrics")
                    return
                body = metrics.text().encode("utf-8")
                self.send_response(HTTPStatus.OK)
                self.send_header("Content-Type", CONTENT_TYPE)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        try:
            self._server = ThreadingHTTPServer((LOOPBACK, port), Handler)
        except OverflowError:
            raise OSError(f"metrics port {port}: accepted: 0 to 65535") from None
        except OSError as error:
            raise OSError(f"cannot serve metrics at port {port}: {error.strerror}") from error
        self._server.daemon_threads = True
        self.location = f"http://{LOOPBACK}:{self._server.server_port}/metrics"
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="nostro-flight-metrics", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
