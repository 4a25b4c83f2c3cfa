"""The ledger: the bank's in-house source `trading_db`, served over Arrow Flight."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from nostro.stack import process
from nostro.stack.errors import StackError
from nostro.stack.home import NostroHome
from nostro.stack.ports import LOOPBACK, answers
from nostro.stack.progress import Progress
from nostro.stack.status import PartStatus

PART = "ledger"

_START_SECONDS = 60.0
_POLL_SECONDS = 0.05


class Ledger:
    """The ledger service of one home."""

    def __init__(self, home: NostroHome) -> None:
        self._home = home

    @property
    def database(self) -> Path:
        """The DuckDB file that the service reads."""
        return self._home.data_directory / PART / "ledger.duckdb"

    @property
    def log(self) -> Path:
        """The service's log file."""
        return self._home.log_file(PART)

    @property
    def request_log(self) -> Path:
        """The file in which the service notes each request, one JSON object a line."""
        return self._home.log_directory / "ledger-requests.jsonl"

    @property
    def location(self) -> str:
        """The service's Flight location."""
        return f"grpc://{LOOPBACK}:{self._home.port(PART)}"

    def catalog_properties(self) -> dict[str, str]:
        """Return the properties of Trino's catalog `trading_db`."""
        return {"connector.name": "arrow_flight", "arrow-flight.location": self.location}

    def start(self, progress: Progress) -> None:
        """Start the service unless it runs, and wait until it answers."""
        if self._is_running():
            return
        with progress.step("Ledger: start"):
            self.launch()
            self.wait_until_ready()

    def launch(self) -> None:
        """Start the service unless it runs."""
        if self._is_running():
            return
        self._end_processes()
        self.database.parent.mkdir(parents=True, exist_ok=True)
        port = self._home.usable_port(PART)
        record = process.start(
            [
                sys.executable,
                "-m",
                "nostro.flight",
                "serve",
                "nostro.demo.ledger:ledger",
                "--location",
                f"grpc://{LOOPBACK}:{port}",
                "--option",
                f"database={self.database}",
                "--request-log",
                str(self.request_log),
            ],
            home=self._home.root,
            part=PART,
            log=self.log,
            directory=self.database.parent,
            environment={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        self._home.record_process(PART, record)

    def wait_until_ready(self) -> None:
        """Wait until the service accepts connections."""
        record = self._home.load().processes[PART]
        port = self._home.port(PART)
        deadline = time.monotonic() + _START_SECONDS
        while not answers(port):
            if not process.is_alive(record):
                lines = self.log.read_text(errors="replace").strip().splitlines()
                raise StackError(
                    f"the ledger ended while starting: {lines[-1] if lines else 'no output'}",
                    log=self.log,
                    remedy="remove the cause that the log names, then `nostro up`",
                )
            if time.monotonic() > deadline:
                raise StackError(
                    f"the ledger does not answer on port {port} after {_START_SECONDS:.0f} s",
                    log=self.log,
                    remedy="see the log; `nostro down`, then `nostro up`",
                )
            time.sleep(_POLL_SECONDS)

    def replace_database(self, build: Callable[[Path], None]) -> None:
        """Replace the service's database by the one that `build` makes at the path it is given.

        The service runs on the old database until the new one is complete; when `build` fails, it keeps it.
        """
        self.database.parent.mkdir(parents=True, exist_ok=True)
        replacement = self.database.with_name("ledger.new.duckdb")
        _delete_database(replacement)
        try:
            build(replacement)
        except BaseException:
            _delete_database(replacement)
            raise
        with self._home.lock():
            was_running = self._home.load().processes.get(PART) is not None
            self._end_processes()
            _write_ahead_log(self.database).unlink(missing_ok=True)
            replacement.replace(self.database)
            if was_running:
                self.launch()
                self.wait_until_ready()

    def stop(self) -> None:
        """End the service and whatever is left of it."""
        self._end_processes()
        self._home.forget_process(PART)

    def status(self) -> PartStatus:
        """Return the service's state."""
        record = self._home.load().processes.get(PART)
        if record is None:
            return PartStatus("stopped")
        port = self._home.port(PART)
        is_alive = process.is_alive(record)
        return PartStatus(
            "died" if not is_alive else "running" if answers(port) else "starting",
            host=LOOPBACK,
            port=port,
            pid=record.pid if is_alive else None,
            address=self.location,
            log=self.log,
        )

    def processes(self) -> list[psutil.Process]:
        """Return the service's live processes."""
        return process.find(self._home.root, part=PART)

    def _is_running(self) -> bool:
        record = self._home.load().processes.get(PART)
        return record is not None and process.is_alive(record) and answers(self._home.port(PART))

    def _end_processes(self) -> None:
        process.end(self.processes, leader=self._home.load().processes.get(PART), grace_seconds=5)


def _write_ahead_log(database: Path) -> Path:
    return database.with_name(database.name + ".wal")


def _delete_database(database: Path) -> None:
    database.unlink(missing_ok=True)
    _write_ahead_log(database).unlink(missing_ok=True)
