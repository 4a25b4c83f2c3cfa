"""Writes to a DuckDB source over the wire: staged, committed once, refused where they must be."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from pyarrow import flight

from nostro.flight import MemorySource, Reason, Refused, SourceClient, serve
from nostro.flight.change_messages import BeginWriteRequest, StagedStream
from nostro.flight.changes import (
    AddColumn,
    CommentColumn,
    CommentTable,
    CreateSchema,
    CreateTable,
    DropColumn,
    DropSchema,
    DropTable,
    RenameColumn,
    RenameTable,
    Truncate,
)
from nostro.flight.column_types import comment_of, with_comment, with_type
from nostro.flight.duckdb_writes import WritableDuckDBSource

COLUMNS = pa.schema({"id": pa.int64(), "amount": pa.decimal128(18, 2), "note": pa.string()})
OPERATIONS = (f"operation-{number}" for number in itertools.count())


@pytest.fixture
def database(tmp_path: Path) -> Path:
    # the name of the schema too, which DuckDB takes for ambiguous
    path = tmp_path / "bank.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE SCHEMA bank")
        connection.execute("CREATE TABLE bank.bank.payments (id BIGINT, amount DECIMAL(18, 2), note VARCHAR)")
        connection.execute("INSERT INTO bank.bank.payments SELECT i, i / 4, 'n' || i FROM range(10) t(i)")
        connection.execute("CREATE TABLE bank.bank.keyed (id BIGINT PRIMARY KEY, note VARCHAR NOT NULL)")
    return path


@pytest.fixture
def client(database: Path) -> Iterator[SourceClient]:
    with serve(WritableDuckDBSource(database)) as served, SourceClient(served.location) as client:
        yield client


def rows(start: int, end: int) -> pa.Table:
    ids = pa.array(range(start, end), pa.int64())
    return pa.table(
        [
            ids,
            ids.cast(pa.decimal128(21, 2)).cast(COLUMNS.field(1).type),
            pa.array([None] * len(ids), pa.string()),
        ],
        schema=COLUMNS,
    )


def begin_insert(client: SourceClient, table: str = "payments", columns: pa.Schema = COLUMNS) -> str:
    operation = next(OPERATIONS)
    client.begin(BeginWriteRequest(operation, "insert", "bank", table, columns))
    return operation


def ids(client: SourceClient, table: str = "payments", snapshot: str | None = None) -> list[int]:
    return sorted(
        client.read("bank", table, columns=["id"], snapshot=snapshot, partitions=3)["id"].to_pylist()
    )


def test_rows_are_visible_once_they_are_committed(client: SourceClient) -> None:
    operation = begin_insert(client)
    streams = [client.put(operation, f"s{part}", rows(10 * part, 10 * part + 5)) for part in range(1, 4)]
    assert ids(client) == list(range(10))
    assert client.commit(operation, streams) == 15
    assert ids(client) == [*range(10), *range(10, 15), *range(20, 25), *range(30, 35)]
    # a client whose answer was lost asks again
    assert client.commit(operation, streams) == 15
    assert len(ids(client)) == 25


def test_streams_that_the_commit_does_not_name_are_not_written(client: SourceClient, database: Path) -> None:
    operation = begin_insert(client)
    client.put(operation, "first-try", rows(100, 200))
    kept = client.put(operation, "second-try", rows(100, 200))
    assert client.commit(operation, [kept]) == 100
    assert len(ids(client)) == 110
    assert list(Path(f"{database}.staging").iterdir()) == []


def test_a_begin_that_is_asked_for_again_goes_on(client: SourceClient) -> None:
    write = BeginWriteRequest(next(OPERATIONS), "insert", "bank", "payments", COLUMNS)
    client.begin(write)
    staged = client.put(write.operation, "s", rows(10, 20))
    client.begin(write)
    with pytest.raises(pa.ArrowInvalid, match="was begun as another write"):
        client.begin(BeginWriteRequest(write.operation, "create_table_as", "bank", "other", COLUMNS))
    assert client.commit(write.operation, [staged]) == 10


def test_a_write_that_is_refused_leaves_nothing_staged(client: SourceClient, database: Path) -> None:
    with pytest.raises(Refused, match="exists already"):
        client.begin(BeginWriteRequest(next(OPERATIONS), "create_table_as", "bank", "payments", COLUMNS))
    assert list(Path(f"{database}.staging").iterdir()) == []


def test_operations_are_forgotten_in_the_end(database: Path) -> None:
    for _ in range(2):
        with serve(WritableDuckDBSource(database)) as served, SourceClient(served.location) as client:
            for operation in ("old", "newest"):
                client.change(CreateSchema(operation, operation))
    with duckdb.connect(str(database)) as connection:
        connection.execute("UPDATE bank.nostro.operations SET committed_at = now() - INTERVAL '31 days'")
    with serve(WritableDuckDBSource(database)) as served, SourceClient(served.location) as client:
        client.change(CreateSchema("newest", "newest"))
        with pytest.raises(Refused, match="exists already"):
            client.change(CreateSchema("old", "old"))


def test_a_source_that_changes_nothing_takes_no_rows(tmp_path: Path) -> None:
    with serve(MemorySource({"bank.t": rows(0, 1)})) as served, SourceClient(served.location) as client:
        with pytest.raises(pa.ArrowInvalid, match="is not open"):
            client.put("operation", "s", rows(0, 1))
        with pytest.raises(pa.ArrowNotImplementedError, match="makes no change"):
            client.begin(BeginWriteRequest("operation", "insert", "bank", "t", COLUMNS))


def test_an_aborted_write_leaves_nothing(client: SourceClient, database: Path) -> None:
    operation = begin_insert(client)
    staged = client.put(operation, "s", rows(10, 20))
    client.abort(operation)
    client.abort(operation)
    with pytest.raises(pa.ArrowInvalid, match="is not open: it was aborted"):
        client.commit(operation, [staged])
    assert ids(client) == list(range(10))
    assert list(Path(f"{database}.staging").iterdir()) == []


def test_rows_sent_to_a_stopping_source_are_told_that_it_is_unavailable(database: Path) -> None:
    with serve(WritableDuckDBSource(database)) as served, SourceClient(served.location) as client:
        operation = begin_insert(client)
        served._server._closing.set()
        with pytest.raises(flight.FlightUnavailableError, match=r"^the source is stopping"):
            client.put(operation, "s", rows(10, 20))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda staged: StagedStream(staged.stream, staged.rows + 1, staged.crc32),
        lambda staged: StagedStream(staged.stream, staged.rows, staged.crc32 ^ 1),
        lambda staged: StagedStream("another", staged.rows, staged.crc32),
    ],
)
def test_a_commit_of_other_streams_than_are_there_is_refused(
    client: SourceClient, wrong: Callable[[StagedStream], StagedStream]
) -> None:
    operation = begin_insert(client)
    staged = client.put(operation, "s", rows(10, 20))
    with pytest.raises(pa.ArrowInvalid, match=operation):
        client.commit(operation, [wrong(staged)])
    assert ids(client) == list(range(10))
    assert client.commit(operation, [staged]) == 10


def test_a_write_after_a_restart_of_the_source_commits_what_was_staged(database: Path) -> None:
    with serve(WritableDuckDBSource(database)) as served, SourceClient(served.location) as client:
        operation = begin_insert(client)
        staged = client.put(operation, "s", rows(10, 20))
    with serve(WritableDuckDBSource(database)) as served, SourceClient(served.location) as client:
        assert client.commit(operation, [staged]) == 10
    with serve(WritableDuckDBSource(database)) as served, SourceClient(served.location) as client:
        assert client.commit(operation, [staged]) == 10
        assert len(ids(client)) == 20


def test_a_stream_damaged_while_the_source_was_down_is_found(database: Path) -> None:
    with serve(WritableDuckDBSource(database)) as served, SourceClient(served.location) as client:
        operation = begin_insert(client)
        staged = client.put(operation, "s", rows(10, 2000))
    (file,) = Path(f"{database}.staging").glob("*/*.arrow")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with serve(WritableDuckDBSource(database)) as served, SourceClient(served.location) as client:
        with pytest.raises(pa.ArrowException, match="is damaged"):
            client.commit(operation, [staged])
        assert ids(client) == list(range(10))


def test_reads_of_a_snapshot_see_one_state_while_others_write(client: SourceClient) -> None:
    described, _ = client.describe("bank", "payments", holder="query")
    stop = threading.Event()

    def write() -> None:
        for start in itertools.count(100, 10):
            if stop.is_set():
                return
            operation = begin_insert(client)
            client.commit(operation, [client.put(operation, "s", rows(start, start + 10))])

    with ThreadPoolExecutor(1) as writer:
        written = writer.submit(write)
        try:
            for _ in range(30):
                assert ids(client, snapshot=described.snapshot) == list(range(10))
        finally:
            stop.set()
        written.result()
    assert len(ids(client)) > 10
    client.action("nostro.release", {"protocol": 1, "holder": "query"})


def test_a_snapshot_survives_the_loss_of_its_table(client: SourceClient) -> None:
    described, _ = client.describe("bank", "payments", holder="query")
    client.change(AddColumn(next(OPERATIONS), "bank", "payments", pa.field("more", pa.int32())))
    client.change(DropTable(next(OPERATIONS), "bank", "payments"))
    assert ids(client, snapshot=described.snapshot) == list(range(10))


def begin_merge(client: SourceClient, snapshot: str | None = None) -> tuple[str, pa.Schema]:
    described, columns = client.describe("bank", "payments", holder="merge")
    operation = next(OPERATIONS)
    client.begin(
        BeginWriteRequest(
            operation,
            "merge",
            "bank",
            "payments",
            COLUMNS,
            row_id=described.row_id,
            updates=((0, ("note",)),),
            snapshot=snapshot or described.snapshot,
        )
    )
    return operation, columns


def merged(changes: Sequence[tuple[int | None, int, int | None]]) -> pa.Table:
    """Of (id, operation, row id)."""
    return pa.table(
        {
            "id": pa.array([id for id, _, _ in changes], pa.int64()),
            "amount": pa.array([None] * len(changes), pa.decimal128(18, 2)),
            "note": pa.array(["merged"] * len(changes)),
            "nostro.operation": pa.array([operation for _, operation, _ in changes], pa.int8()),
            "nostro.case": pa.array([0] * len(changes), pa.int32()),
            "nostro.row_id.rowid": pa.array([row_id for _, _, row_id in changes], pa.int64()),
        }
    )


def test_a_merge_deletes_updates_and_inserts_at_once(client: SourceClient) -> None:
    by_id = dict(
        zip(*client.read("bank", "payments", columns=["id", "rowid"]).to_pydict().values(), strict=True)
    )
    operation, _ = begin_merge(client)
    staged = client.put(
        operation, "s", merged([(3, 2, by_id[3]), (4, 3, by_id[4]), (99, 1, None), (5, 2, by_id[5])])
    )
    assert client.commit(operation, [staged]) == 4
    found = client.read("bank", "payments").to_pylist()
    assert sorted(row["id"] for row in found) == [0, 1, 2, 4, 6, 7, 8, 9, 99]
    assert {row["id"]: str(row["amount"]) for row in found if row["note"] == "merged"} == {
        4: "1.00",
        99: "None",
    }


def test_a_merge_of_rows_that_were_changed_since_is_a_conflict(client: SourceClient) -> None:
    first, _ = begin_merge(client)
    second, _ = begin_merge(client)
    before = client.describe("bank", "payments")[0].snapshot
    client.commit(first, [client.put(first, "s", merged([(4, 3, 4)]))])
    staged = client.put(second, "s", merged([(4, 2, 4)]))
    with pytest.raises(Refused, match="rows were changed since they were read") as refused:
        client.commit(second, [staged])
    assert refused.value.reason is Reason.CONFLICT
    with pytest.raises(Refused, match="rows were changed since they were read"):
        begin_merge(client, before)
    assert ids(client) == list(range(10))


def test_other_rows_that_were_changed_are_no_conflict(client: SourceClient) -> None:
    first, _ = begin_merge(client)
    second, _ = begin_merge(client)
    third, _ = begin_merge(client)
    client.commit(first, [client.put(first, "s", merged([(4, 3, 4), (5, 2, 5)]))])
    client.commit(second, [client.put(second, "s", merged([(6, 2, 6), (100, 1, None)]))])
    with pytest.raises(Refused, match="rows were changed since they were read"):
        client.commit(third, [client.put(third, "s", merged([(7, 2, 7), (6, 3, 6)]))])
    assert ids(client) == [0, 1, 2, 3, 4, 7, 8, 9, 100]
    fourth, _ = begin_merge(client)
    client.change(Truncate(next(OPERATIONS), "bank", "payments"))
    with pytest.raises(Refused, match="rows were changed since they were read"):
        client.commit(fourth, [client.put(fourth, "s", merged([(8, 2, 8)]))])


def test_types_that_duckdb_has_not_come_back_as_declared(client: SourceClient) -> None:
    columns = pa.schema(
        [
            with_type(pa.field("c", pa.string()), "char(3)"),
            with_type(pa.field("v", pa.string()), "varchar(7)"),
        ]
    )

    def types(table: str) -> dict[str, bytes | None]:
        return {
            field.name: (field.metadata or {}).get(b"nostro.type")
            for field in client.describe("bank", table)[1]
            if field.name != "rowid"
        }

    client.change(CreateTable(next(OPERATIONS), "bank", "typed", columns))
    assert types("typed") == {"c": b"char(3)", "v": b"varchar(7)"}
    client.change(RenameTable(next(OPERATIONS), "bank", "typed", "named"))
    client.change(RenameColumn(next(OPERATIONS), "bank", "named", "v", "w"))
    assert types("named") == {"c": b"char(3)", "w": b"varchar(7)"}
    client.change(DropColumn(next(OPERATIONS), "bank", "named", "w"))
    client.change(AddColumn(next(OPERATIONS), "bank", "named", pa.field("w", pa.string())))
    assert types("named") == {"c": b"char(3)", "w": None}
    client.change(DropTable(next(OPERATIONS), "bank", "named"))
    client.change(CreateTable(next(OPERATIONS), "bank", "named", pa.schema({"c": pa.string()})))
    assert types("named") == {"c": None}


def test_rows_that_others_insert_are_no_conflict(client: SourceClient) -> None:
    merge, _ = begin_merge(client)
    insert = begin_insert(client)
    client.commit(insert, [client.put(insert, "s", rows(10, 12))])
    client.commit(merge, [client.put(merge, "s", merged([(4, 2, 4)]))])
    assert ids(client) == [0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11]


def test_a_merge_does_not_outlive_the_process_that_keeps_its_rows_in_place(database: Path) -> None:
    with serve(WritableDuckDBSource(database)) as served, SourceClient(served.location) as client:
        operation, _ = begin_merge(client)
        staged = client.put(operation, "s", merged([(4, 2, 4)]))
    with serve(WritableDuckDBSource(database)) as served, SourceClient(served.location) as client:
        with pytest.raises(Refused, match="started anew"):
            client.commit(operation, [staged])
        assert ids(client) == list(range(10))


def test_row_ids_stay_while_a_merge_runs(client: SourceClient) -> None:
    """A checkpoint moves rows to where deleted ones were: a merge would then change the wrong ones."""
    insert = begin_insert(client)
    client.commit(insert, [client.put(insert, "s", rows(10, 1_000_000))])
    first, _ = begin_merge(client)
    few_left = [(i, 2, i) for i in range(700_000) if i % 10 > 1]
    client.commit(first, [client.put(first, "s", merged(few_left))])
    second, _ = begin_merge(client)
    ((row_id,),) = (
        batch.to_pydict()["rowid"]
        for batch in client.read("bank", "payments", columns=["rowid"], predicate=of_id(600_000)).to_batches()
    )
    assert row_id == 600_000
    before = set(ids(client))
    # a full checkpoint waits until nobody reads
    for holder in ("merge", *(f"nostro.plan.{plan}" for plan in range(32))):
        client.action("nostro.release", {"protocol": 1, "holder": holder})
    for start in range(1_000_000, 2_500_000, 110_000):
        # less than a row group each: these go to the log, which is written into the database when it is long
        insert = begin_insert(client)
        part = rows(start, start + 110_000)
        client.commit(insert, [client.put(insert, "s", part)])
    before |= set(range(1_000_000, 2_540_000))
    client.commit(second, [client.put(second, "s", merged([(600_000, 2, row_id)]))])
    assert before - set(ids(client)) == {600_000}


def of_id(id: int) -> dict[str, object]:
    return {"columns": [{"column": "id", "values": [str(id)]}]}


def test_a_violated_constraint_is_told_without_the_values(client: SourceClient) -> None:
    columns = pa.schema({"id": pa.int64(), "note": pa.string()})
    for table, message in (
        ({"id": [1, 1], "note": ["DE89370400440532013000", "b"]}, "a key that is there already"),
        ({"id": [1], "note": [None]}, "NULL not allowed for column: note"),
    ):
        operation = begin_insert(client, "keyed", columns)
        staged = client.put(operation, "s", pa.table(table, schema=columns))
        with pytest.raises(Refused, match=message) as refused:
            client.commit(operation, [staged])
        assert refused.value.reason is Reason.CONSTRAINT
        assert "DE89" not in str(refused.value)
        assert ids(client, "keyed") == []


def test_changes_of_tables(client: SourceClient) -> None:
    columns = pa.schema(
        [pa.field("a", pa.int32(), nullable=False), with_comment(pa.field("b", pa.string()), "it's text")]
    )
    client.change(CreateSchema(next(OPERATIONS), "new"))
    create = CreateTable(next(OPERATIONS), "new", "t", columns, "a table")
    client.change(create)
    # asked for again because the answer was lost
    client.change(create)
    response, described = client.describe("new", "t")
    assert response.table.comment == "a table"
    assert [field.nullable for field in described] == [False, True, False]
    assert comment_of(described.field("b")) == "it's text"
    client.change(RenameTable(next(OPERATIONS), "new", "t", "u"))
    client.change(
        AddColumn(next(OPERATIONS), "new", "u", pa.field("c", pa.decimal128(30, 3), nullable=False))
    )
    client.change(RenameColumn(next(OPERATIONS), "new", "u", "a", "z"))
    client.change(DropColumn(next(OPERATIONS), "new", "u", "b"))
    client.change(CommentTable(next(OPERATIONS), "new", "u", None))
    client.change(CommentColumn(next(OPERATIONS), "new", "u", "c", "c's"))
    response, described = client.describe("new", "u")
    assert response.table.comment is None
    assert client.columns("new", "u") == ["z", "c"]
    assert (described.field("c").type, comment_of(described.field("c"))) == (pa.decimal128(30, 3), "c's")
    client.change(Truncate(next(OPERATIONS), "bank", "payments"))
    assert ids(client) == []
    client.change(DropTable(next(OPERATIONS), "new", "u"))
    assert client.schemas() == ("bank", "main", "new")


def test_schemas_are_dropped(tmp_path: Path) -> None:
    # DuckDB 2.0 drops none where one has the database's name
    source = WritableDuckDBSource(tmp_path / "store.duckdb")
    with serve(source) as served, SourceClient(served.location) as client:
        client.change(CreateSchema("o1", "empty"))
        client.change(CreateSchema("o2", "full"))
        client.change(CreateTable("o3", "full", "t", COLUMNS))
        assert client.schemas() == ("empty", "full", "main")
        client.change(DropSchema("o4", "empty"))
        with pytest.raises(Refused, match="not empty"):
            client.change(DropSchema("o5", "full"))
        client.change(DropSchema("o6", "full", cascade=True))
        assert client.schemas() == ("main",)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (CreateSchema("o1", "bank"), Reason.ALREADY_EXISTS),
        (CreateSchema("o1", "nostro"), Reason.ALREADY_EXISTS),
        (DropSchema("o1", "bank"), Reason.NOT_EMPTY),
        (DropSchema("o1", "absent"), Reason.NOT_FOUND),
        (CreateTable("o1", "bank", "payments", COLUMNS), Reason.ALREADY_EXISTS),
        (CreateTable("o1", "absent", "payments", COLUMNS), Reason.NOT_FOUND),
        (DropTable("o1", "bank", "absent"), Reason.NOT_FOUND),
        (RenameTable("o1", "bank", "payments", "keyed"), Reason.ALREADY_EXISTS),
        (AddColumn("o1", "bank", "payments", pa.field("ID", pa.int32())), Reason.ALREADY_EXISTS),
        (DropColumn("o1", "bank", "payments", "absent"), Reason.NOT_FOUND),
        (RenameColumn("o1", "bank", "payments", "id", "note"), Reason.ALREADY_EXISTS),
        (Truncate("o1", "nostro", "operations"), Reason.NOT_FOUND),
        (DropTable("o1", "nostro", "operations"), Reason.NOT_FOUND),
        # names that differ only in case are the same to DuckDB
        (CreateSchema("o1", "NOSTRO"), Reason.ALREADY_EXISTS),
        (DropSchema("o1", "Nostro", cascade=True), Reason.NOT_FOUND),
        (CreateTable("o1", "NOSTRO", "operations", COLUMNS, replace=True), Reason.NOT_FOUND),
        (CreateTable("o1", "Nostro", "new", COLUMNS), Reason.NOT_FOUND),
        (DropTable("o1", "NOSTRO", "operations"), Reason.NOT_FOUND),
    ],
)
def test_changes_that_cannot_be_are_refused(client: SourceClient, change: object, reason: Reason) -> None:
    before = client.tables(), client.describe("bank", "payments")
    with pytest.raises(Refused) as refused:
        client.change(change)  # type: ignore[arg-type]
    assert refused.value.reason is reason
    assert (client.tables(), client.describe("bank", "payments")) == before
    assert ids(client) == list(range(10))
