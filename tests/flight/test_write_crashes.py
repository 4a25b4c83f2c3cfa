"""A source that is killed at each step of a write: the rows are visible whole or not at all, and once."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from nostro.flight import Refused, SourceClient
from nostro.flight.change_messages import BeginWriteRequest, StagedStream

COLUMNS = pa.schema({"id": pa.int64(), "note": pa.string()})
OPERATION = "operation"
ROWS = 1000
KILL_AT = "NOSTRO_KILL_AT"

SOURCE = """
import os, signal, sys
import nostro.flight.duckdb_writes as writes
from nostro.flight import serve
from nostro.flight.staging import StagingArea, StreamWriter

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def at(point, owner, name, before):
    original = getattr(owner, name)
    def method(*arguments, **named):
        if before and os.environ.get("NOSTRO_KILL_AT") == point:
            die()
        result = original(*arguments, **named)
        if not before and os.environ.get("NOSTRO_KILL_AT") == point:
            die()
        return result
    setattr(owner, name, method)

at("before begin is recorded", StagingArea, "begin", True)
at("after begin is recorded", StagingArea, "begin", False)
at("before a batch is staged", StreamWriter, "write", True)
at("after a batch is staged", StreamWriter, "write", False)
at("before a stream is whole", StreamWriter, "finish", True)
at("after a stream is whole", StreamWriter, "finish", False)
at("before the rows are written", writes, "insert_rows", True)
at("after the rows are written", writes, "insert_rows", False)
at("before the commit", writes.Snapshots, "before_commit", True)
at("before staged rows are removed", StagingArea, "discard", True)
at("after staged rows are removed", StagingArea, "discard", False)
source = writes.WritableDuckDBSource(sys.argv[1])
with serve(source) as served:
    print(served.location, flush=True)
    sys.stdin.read()
"""

POINTS = (
    "before begin is recorded",
    "after begin is recorded",
    "before a batch is staged",
    "after a batch is staged",
    "before a stream is whole",
    "after a stream is whole",
    "before the rows are written",
    "after the rows are written",
    "before the commit",
    "before staged rows are removed",
    "after staged rows are removed",
)
COMMITTED = POINTS[POINTS.index("before staged rows are removed") :]


@contextlib.contextmanager
def source(
    database: Path, kill_at: str | None = None
) -> Iterator[tuple[SourceClient, subprocess.Popen[str]]]:
    environment = os.environ | ({} if kill_at is None else {KILL_AT: kill_at})
    with subprocess.Popen(
        [sys.executable, "-c", SOURCE, str(database)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            location = process.stdout.readline().strip()
            with SourceClient(location) as client:
                yield client, process
        finally:
            process.kill()


@dataclass
class Write:
    """A client's write, which goes on where its source was killed."""

    staged: list[StagedStream] = field(default_factory=list)

    def steps(self) -> list[Callable[[SourceClient], object]]:
        return [
            lambda client: client.begin(BeginWriteRequest(OPERATION, "insert", "bank", "payments", COLUMNS)),
            self.put,
            lambda client: client.commit(OPERATION, self.staged),
        ]

    def put(self, client: SourceClient) -> None:
        # each attempt is a stream of its own
        stream = f"stream-{os.urandom(4).hex()}"
        ids = pa.array(range(ROWS), pa.int64())
        table = pa.table([ids, pa.nulls(ROWS, pa.string())], schema=COLUMNS)
        self.staged = [client.put(OPERATION, stream, table)]


def steps_before_failure(steps: list[Callable[[SourceClient], object]], client: SourceClient) -> int:
    for reached, step in enumerate(steps):
        try:
            step(client)
        except (pa.ArrowException, OSError):
            return reached
    raise AssertionError("the source lives")


def payments(database: Path) -> list[int]:
    with duckdb.connect(str(database)) as connection:
        return [
            id for (id,) in connection.execute("SELECT id FROM store.bank.payments ORDER BY 1").fetchall()
        ]


@pytest.mark.parametrize("retried", [True, False], ids=["the client goes on", "the client gives up"])
@pytest.mark.parametrize("point", POINTS)
def test_rows_are_there_whole_and_once_or_not_at_all(tmp_path: Path, point: str, retried: bool) -> None:
    database = tmp_path / "store.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("CREATE SCHEMA bank; CREATE TABLE bank.payments (id BIGINT, note VARCHAR)")
    write = Write()
    steps = write.steps()
    with source(database, point) as (client, process):
        reached = steps_before_failure(steps, client)
        assert process.wait(10) == -signal.SIGKILL
    if retried:
        with source(database) as (client, _):
            for step in steps[reached:]:
                step(client)
            # the answer of the commit was lost too
            assert client.commit(OPERATION, write.staged) == ROWS
            assert len(client.read("bank", "payments")) == ROWS
        assert payments(database) == list(range(ROWS))
        assert not any((tmp_path / "store.duckdb.staging").iterdir())
        return
    assert payments(database) == (list(range(ROWS)) if point in COMMITTED else [])
    with source(database) as (client, _):
        client.abort(OPERATION)
        if point not in COMMITTED:
            with pytest.raises((pa.ArrowInvalid, Refused)):
                client.commit(OPERATION, write.staged)
    assert payments(database) == (list(range(ROWS)) if point in COMMITTED else [])


def test_a_client_that_dies_while_it_sends_leaves_nothing(tmp_path: Path) -> None:
    database = tmp_path / "store.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("CREATE SCHEMA bank; CREATE TABLE bank.payments (id BIGINT, note VARCHAR)")
    sender = """
import os, signal, sys
import pyarrow as pa
from pyarrow import flight
from nostro.flight import protocol
from nostro.flight.change_messages import WriteCommand

connection = flight.connect(sys.argv[1])
command = protocol.encode(WriteCommand("operation", "stream").to_json())
schema = pa.schema({"id": pa.int64(), "note": pa.string()})
writer, _ = connection.do_put(flight.FlightDescriptor.for_command(command), schema)
for _ in range(20):
    writer.write_table(pa.table([range(1000), pa.nulls(1000, pa.string())], schema=schema))
os.kill(os.getpid(), signal.SIGKILL)
"""
    with source(database) as (client, _):
        client.begin(BeginWriteRequest(OPERATION, "insert", "bank", "payments", COLUMNS))
        assert subprocess.run([sys.executable, "-c", sender, client.location], check=False).returncode == -9
        with pytest.raises(pa.ArrowInvalid, match="has no stream"):
            client.commit(OPERATION, [StagedStream("stream", 20_000, 0)])
        client.abort(OPERATION)
    assert payments(database) == []
