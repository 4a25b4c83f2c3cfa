"""Earlier states of a DuckDB source that is written to: right rows, or an error that says what to do."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import duckdb
import pyarrow as pa
import pytest
from pyarrow import flight

from nostro.flight import ReadRequest, Refused, SourceClient, duckdb_snapshots, serve
from nostro.flight.change_messages import BeginWriteRequest, DeleteWhere
from nostro.flight.changes import Change, CreateTable, DropSchema, DropTable, Truncate
from nostro.flight.duckdb_writes import WritableDuckDBSource
from nostro.flight.protocol import PredicateMessage

OPERATIONS = (f"snapshot-{number}" for number in itertools.count())
ROW_GROUPS = 3
LEFT = ROW_GROUPS * 122_880 // 5
LOG = pa.schema({"text": pa.string()})
TO_DELETE = PredicateMessage.from_json(
    {"columns": [{"column": "m", "ranges": [{"low": {"value": "0", "inclusive": False}, "high": None}]}]}
)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "bank.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "CREATE TABLE holed AS SELECT i AS id, i % 5 AS m, 9223372036854775807 AS huge "
            f"FROM range({ROW_GROUPS * 122_880}) r(i)"
        )
        connection.execute("CREATE TABLE log (text VARCHAR)")
        connection.execute("CREATE VIEW holed_ids AS SELECT id FROM holed WHERE m <> 2")
        connection.execute("CREATE VIEW of_view AS SELECT id AS number FROM holed_ids")
    return path


@pytest.fixture
def source(database: Path) -> WritableDuckDBSource:
    return WritableDuckDBSource(database)


@pytest.fixture
def client(source: WritableDuckDBSource) -> Iterator[SourceClient]:
    with serve(source) as served, SourceClient(served.location) as client:
        yield client


def make_holes(client: SourceClient) -> None:
    client.change(DeleteWhere(next(OPERATIONS), "main", "holed", TO_DELETE))


def fill_log(client: SourceClient) -> None:
    """Enough for DuckDB to write its own log into the database, and then to move rows together."""
    rows = pa.table([[f"{i:0300}" for i in range(60_000)]], schema=LOG)
    for _ in range(3):
        operation = next(OPERATIONS)
        client.begin(BeginWriteRequest(operation, "insert", "main", "log", LOG))
        client.commit(operation, [client.put(operation, "s", rows)])


def plan(client: SourceClient, snapshot: str | None) -> list[flight.FlightEndpoint]:
    planned = client.plan("main", "holed", columns=["id"], partitions=ROW_GROUPS, snapshot=snapshot)
    return list(planned.endpoints)


def rows_of(client: SourceClient, endpoints: list[flight.FlightEndpoint]) -> int:
    return sum(batch.num_rows for endpoint in endpoints for batch in client.stream(endpoint.ticket.ticket))


def test_rows_that_may_have_moved_are_not_read_in_parallel(client: SourceClient) -> None:
    make_holes(client)
    snapshot = client.describe("main", "holed", holder="query")[0].snapshot
    first, *others = plan(client, snapshot)
    read = rows_of(client, [first])
    client.action("nostro.release", {"protocol": 1, "holder": "query"})
    fill_log(client)
    with pytest.raises(flight.FlightInternalError, match=r"main\.holed: rows may have moved.*plan it again"):
        read += rows_of(client, others)
    # the table itself has not changed since: as a whole it can be read
    again = plan(client, snapshot)
    assert (len(again), rows_of(client, again)) == (1, LEFT)
    assert rows_of(client, plan(client, None)) == LEFT


def test_rows_that_may_have_moved_since_they_were_read_are_not_merged_into(client: SourceClient) -> None:
    make_holes(client)

    def begin(snapshot: str | None) -> None:
        columns = pa.schema([client.describe("main", "holed")[1].field("id")])
        client.begin(
            BeginWriteRequest(
                next(OPERATIONS), "merge", "main", "holed", columns, row_id=("rowid",), snapshot=snapshot
            )
        )

    def last_row_id(snapshot: str | None) -> int:
        row_ids = client.read("main", "holed", columns=["rowid"], snapshot=snapshot)["rowid"]
        return int(max(row_ids.to_pylist()))

    snapshot = client.describe("main", "holed", holder="query")[0].snapshot
    before = last_row_id(snapshot)
    fill_log(client)
    assert last_row_id(snapshot) == before
    client.action("nostro.release", {"protocol": 1, "holder": "query"})
    fill_log(client)
    assert last_row_id(snapshot) < before
    with pytest.raises(Refused, match="rows were changed since they were read; run it again"):
        begin(snapshot)
    begin(client.describe("main", "holed")[0].snapshot)


def test_a_held_state_is_read_in_parallel_whatever_is_committed(client: SourceClient) -> None:
    make_holes(client)
    endpoints = plan(client, client.describe("main", "holed", holder="query")[0].snapshot)
    read = rows_of(client, endpoints[:1])
    fill_log(client)
    assert read + rows_of(client, endpoints[1:]) == LEFT
    # as often as it is asked for
    assert rows_of(client, endpoints) == LEFT


def test_partitions_do_not_outlive_the_process_in_which_rows_stay(database: Path) -> None:
    with serve(WritableDuckDBSource(database)) as served, SourceClient(served.location) as client:
        make_holes(client)
        snapshot = client.describe("main", "holed", holder="query")[0].snapshot
        endpoints = plan(client, snapshot)
        read = rows_of(client, endpoints[:1])
    with serve(WritableDuckDBSource(database)) as served, SourceClient(served.location) as client:
        with pytest.raises(flight.FlightInternalError, match=r"rows may have moved.*plan it again"):
            read += rows_of(client, endpoints[1:])
        assert rows_of(client, plan(client, snapshot)) == LEFT


def test_a_state_that_is_read_does_not_expire(
    client: SourceClient, source: WritableDuckDBSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = 0.0
    monkeypatch.setattr(duckdb_snapshots, "time", SimpleNamespace(monotonic=lambda: seconds))
    make_holes(client)
    described, columns = client.describe("main", "holed", holder="query")
    request = ReadRequest(
        "main", "holed", ("id",), None, None, ROW_GROUPS, table_schema=columns, snapshot=described.snapshot
    )
    first, *others = (replace(request, partition=part.token) for part in source.partitions(request))
    seconds += 0.9 * duckdb_snapshots.HELD_SECONDS
    batches = source.read(first)
    read = next(batches).num_rows
    # a stream that takes longer than that, and then as long again without one
    seconds += 2 * duckdb_snapshots.HELD_SECONDS
    fill_log(client)
    read += sum(batch.num_rows for batch in batches)
    seconds += 0.9 * duckdb_snapshots.HELD_SECONDS
    fill_log(client)
    read += sum(batch.num_rows for other in others for batch in source.read(other))
    assert read == LEFT


def test_partitions_without_a_snapshot_are_of_the_state_in_which_they_were_planned(
    client: SourceClient, source: WritableDuckDBSource
) -> None:
    _, columns = client.describe("main", "holed")
    request = ReadRequest("main", "holed", ("id",), None, None, ROW_GROUPS, table_schema=columns)
    first, second, _ = (replace(request, partition=part.token) for part in source.partitions(request))
    assert sum(batch.num_rows for batch in source.read(first)) == 122_880
    make_holes(client)
    with pytest.raises(RuntimeError, match="plan it again"):
        next(source.read(second))


@pytest.mark.parametrize(("view", "column"), [("holed_ids", "id"), ("of_view", "number")])
def test_a_view_is_read_in_the_state_of_its_tables(client: SourceClient, view: str, column: str) -> None:
    def count(snapshot: str | None) -> int:
        return int(client.read("main", view, columns=[column], snapshot=snapshot).num_rows)

    snapshot = client.describe("main", view, holder="query")[0].snapshot
    (planned,) = client.plan("main", view, columns=[column]).endpoints
    assert count(snapshot) == ROW_GROUPS * 122_880 * 4 // 5
    make_holes(client)
    assert count(None) == LEFT
    assert count(snapshot) == rows_of(client, [planned]) == ROW_GROUPS * 122_880 * 4 // 5
    client.change(DropTable(next(OPERATIONS), "main", view))
    assert count(snapshot) == ROW_GROUPS * 122_880 * 4 // 5
    client.change(CreateTable(next(OPERATIONS), "main", view, pa.schema({column: pa.int64()})))
    assert (count(snapshot), count(None)) == (ROW_GROUPS * 122_880 * 4 // 5, 0)


def aggregate(client: SourceClient, snapshot: str | None, function: str, column: str) -> object:
    aggregation = {
        "group_by": [],
        "aggregates": [{"function": function, "column": column, "output": "result"}],
    }
    return client.read("main", "holed", aggregation=aggregation, snapshot=snapshot)["result"][0].as_py()


def earlier_state(client: SourceClient) -> str | None:
    snapshot = client.describe("main", "holed", holder="query")[0].snapshot
    make_holes(client)
    return snapshot


def test_a_query_that_fails_leaves_its_state_to_others(client: SourceClient) -> None:
    snapshot = earlier_state(client)
    # as often as one query has streams at once
    for _ in range(duckdb_snapshots.STREAMS):
        with pytest.raises(flight.FlightInternalError, match="out of range"):
            aggregate(client, snapshot, "sum", "huge")
        assert aggregate(client, snapshot, "count", "id") == ROW_GROUPS * 122_880
    # what there is not costs nothing
    for _ in range(3 * duckdb_snapshots.STREAMS):
        with pytest.raises(pa.ArrowKeyError):
            client.read("main", "absent", snapshot=snapshot)
    assert aggregate(client, snapshot, "count", "id") == ROW_GROUPS * 122_880
    for _ in range(duckdb_snapshots.STREAMS):
        with pytest.raises(flight.FlightInternalError, match="out of range"):
            aggregate(client, snapshot, "sum", "huge")
    with pytest.raises(flight.FlightInternalError, match="not kept any more; plan it again"):
        aggregate(client, snapshot, "count", "id")


PAIRS = {
    "kind": "inner",
    "left": {"schema": "main", "table": "holed", "columns": ["id"]},
    "right": {"schema": "main", "table": "holed", "columns": ["id"]},
    "outputs": ["a", "b"],
    "condition": {
        "kind": "<",
        "arguments": [{"kind": "column", "column": "a"}, {"kind": "column", "column": "b"}],
    },
}


def test_a_query_that_is_cancelled_leaves_its_state_to_others(
    client: SourceClient, source: WritableDuckDBSource
) -> None:
    snapshot = earlier_state(client)
    counted = {"group_by": [], "aggregates": [{"function": "count", "column": None, "output": "n"}]}
    (pairs,) = client.plan(join=PAIRS, aggregation=counted, columns=["n"], snapshot=snapshot).endpoints
    for _ in range(3):
        with pytest.raises(flight.FlightTimedOutError):
            client._client.do_get(pairs.ticket, flight.FlightCallOptions(timeout=0.3)).read_all()
        wait_until(lambda: not source._running)
        assert aggregate(client, snapshot, "count", "id") == ROW_GROUPS * 122_880


def wait_until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not done() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert done()


def test_streams_that_are_cancelled_between_batches_cost_nothing(
    client: SourceClient, source: WritableDuckDBSource
) -> None:
    fill_log(client)
    snapshot = client.describe("main", "log", holder="query")[0].snapshot
    fill_log(client)
    (endpoint,) = client.plan("main", "log", columns=["text"], snapshot=snapshot).endpoints
    for _ in range(2 * duckdb_snapshots.STREAMS + 1):
        reader = client._client.do_get(endpoint.ticket)
        assert reader.read_chunk().data.num_rows > 0
        reader.cancel()
        wait_until(lambda: not source._running)
    read = client.read("main", "log", columns=["text"], snapshot=snapshot)
    assert read.num_rows == 180_000


def test_how_many_streams_read_an_earlier_state(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="earlier_streams 0: accepted: 1 or more"):
        WritableDuckDBSource(database, earlier_streams=0)
    source = WritableDuckDBSource(database, earlier_streams=2)
    with serve(source) as served, SourceClient(served.location) as client:
        described, columns = client.describe("main", "holed", holder="query")
        make_holes(client)
        request = ReadRequest(
            "main", "holed", ("id",), None, None, table_schema=columns, snapshot=described.snapshot
        )
        streams = [source.read(replace(request)) for _ in range(3)]
        for stream in streams[:2]:
            next(stream)
        monkeypatch.setattr(duckdb_snapshots, "WAIT_SECONDS", 0.1)
        with pytest.raises(ConnectionError, match="is read by 2 streams, and none ended in 0 seconds"):
            next(streams[2])
        cast(Generator[pa.RecordBatch], streams[0]).close()
        assert sum(batch.num_rows for batch in source.read(request)) == ROW_GROUPS * 122_880


@pytest.mark.parametrize(
    "change",
    [
        DropSchema("drop", "BRANCH", cascade=True),
        CreateTable("replace", "branch", "DESK", pa.schema({"id": pa.int64()}), replace=True),
    ],
)
def test_names_in_another_case_change_the_same_table(database: Path, change: Change) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute("CREATE SCHEMA branch")
        connection.execute("CREATE TABLE branch.desk AS SELECT i AS id FROM range(10) r(i)")
    with serve(WritableDuckDBSource(database)) as served, SourceClient(served.location) as client:
        snapshot = client.describe("branch", "desk", holder="query")[0].snapshot
        client.change(change)
        assert client.read("branch", "desk", columns=["id"], snapshot=snapshot).num_rows == 10


def test_a_state_that_has_not_been_yet_is_not_read(client: SourceClient) -> None:
    make_holes(client)
    assert client.describe("main", "holed")[0].snapshot == "1"
    for table in ("holed", "holed_ids"):
        with pytest.raises(flight.FlightInternalError, match="snapshot 2 is newer than the database"):
            client.read("main", table, columns=["id"], snapshot="2")


class CommittedInBetween(WritableDuckDBSource):
    """Another client commits as soon as it can after a state has been named."""

    armed = False

    def snapshot(self, schema: str, table: str) -> str | None:
        found = super().snapshot(schema, table)
        if self.armed:
            self.armed = False
            request = Truncate(next(OPERATIONS), "main", "holed")
            self.truncating = threading.Thread(target=self.truncate, args=[request])
            self.truncating.start()
            self.truncating.join(0.5)
        return found


@pytest.mark.parametrize("holder", ["query", None])
def test_a_state_is_held_before_it_can_end(database: Path, holder: str | None) -> None:
    source = CommittedInBetween(database)
    with serve(source) as served, SourceClient(served.location) as client:
        source.armed = True
        if holder is None:
            endpoints = plan(client, None)
        else:
            endpoints = plan(client, client.describe("main", "holed", holder=holder)[0].snapshot)
        source.truncating.join()
        assert rows_of(client, endpoints) == ROW_GROUPS * 122_880
        assert client.read("main", "holed", columns=["id"]).num_rows == 0
