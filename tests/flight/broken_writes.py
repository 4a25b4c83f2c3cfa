"""Sources that do one thing wrong each when they are written to."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import flight
from tests.flight.broken_sources import (
    Action,
    Broken,
    Fault,
    Json,
    MakeSource,
    Received,
    asking,
    changing,
    database_of,
    in_writable_duckdb,
    json_or_none,
    refuse,
    rows_of,
    when,
)

from nostro.flight import Reason, Refused, Source
from nostro.flight.change_messages import ABORT, BEGIN_WRITE, CHANGE, COMMIT, arrow_schema, arrow_schema_text
from nostro.flight.changes import (
    MERGE_CASE,
    MERGE_OPERATION,
    CreateTableAs,
    Insert,
    Merge,
    MoveTable,
    Outcome,
    RenameSchema,
    RowOperation,
    Write,
)
from nostro.flight.conformance.changes import COMMENT
from nostro.flight.conformance.merges import AMOUNT, NOTE
from nostro.flight.conformance.scratch import COLUMNS, ending
from nostro.flight.duckdb_writes import Recorded, WritableDuckDBSource
from nostro.flight.protocol import DESCRIBE_TABLE
from nostro.flight.tickets import Ticket

ActionFault = Callable[[str, bytes], Action | list[bytes]]

MADE = [b'{"rows": 0}']


class RenamingSource(WritableDuckDBSource):
    """A DuckDB source that renames schemas and moves tables too, by copies."""

    def rename_schema(self, request: RenameSchema) -> None:
        def work(cursor: Any) -> int:
            cursor.execute(f"CREATE SCHEMA {self._schema_name(request.new_schema)}")
            for table in self.tables(request.schema):
                copy(
                    cursor,
                    self._table_name(request.schema, table),
                    self._table_name(request.new_schema, table),
                )
            cursor.execute(f"DROP SCHEMA {self._schema_name(request.schema)}")
            return 0

        self._commit(Recorded(request.operation, "rename_schema", request.schema, rewrites=True), work)

    def move_table(self, request: MoveTable) -> None:
        def work(cursor: Any) -> int:
            copy(
                cursor,
                self._table_name(request.schema, request.table),
                self._table_name(request.new_schema, request.new_table),
            )
            return 0

        self._commit(Recorded(request.operation, "move_table", request.schema, request.table, True), work)


def copy(cursor: Any, table: str, target: str) -> None:
    cursor.execute(f"CREATE TABLE {target} AS SELECT * FROM {table}")
    cursor.execute(f"DROP TABLE {table}")


def of_class(kind: type[WritableDuckDBSource]) -> MakeSource:
    def make(tables: Mapping[str, pa.Table], directory: Path) -> Source:
        return kind(database_of(tables, directory))

    return make


def forgiving(method: str, reason: Reason, applies: Callable[[Any], bool] = lambda _: True) -> MakeSource:
    """A source that says that it has made a change which it should have refused."""

    def made(self: WritableDuckDBSource, request: Any) -> Outcome | None:
        try:
            found: Outcome | None = getattr(WritableDuckDBSource, method)(self, request)
        except Refused as refused:
            if refused.reason is not reason or not applies(request):
                raise
            return None
        return found

    return of_class(type("Forgiving", (WritableDuckDBSource,), {method: made}))


def unmade(condition: Callable[[Json], object], action: str = CHANGE) -> ActionFault:
    """A change that is answered, and not made."""
    return asking(action, lambda asked: MADE if condition(asked) else asked)


def changed_to(condition: Callable[[Json], object], **fields: object) -> ActionFault:
    return asking(CHANGE, lambda asked: asked | fields if condition(asked) else asked)


def is_type(type: str) -> Callable[[Json], bool]:
    return lambda asked: asked.get("type") == type and "absent" not in str(asked.get("table"))


def described_badly_once_dropped() -> ActionFault:
    dropped: set[str] = set()

    def asked(name: str, body: bytes) -> Action | list[bytes]:
        message = json_or_none(body) or {}
        if name == CHANGE and message.get("type") == "drop_table":
            dropped.add(message["table"])
        if name == DESCRIBE_TABLE and message.get("table") in dropped:
            refuse("the table was dropped")
        return name, body

    return asked


class Forgetful(WritableDuckDBSource):
    """It does not know that it has created a table."""

    def outcome(self, operation: str) -> Outcome | None:
        kinds = self._rows(f"SELECT kind FROM {self._operations} WHERE operation = $1", operation)
        return None if kinds == [("create_table",)] else super().outcome(operation)


TWO_COLUMNS = arrow_schema_text(pa.schema(list(COLUMNS)[:2]))
CHANGE_FAULTS = (
    Fault("changes.create_schema", source=forgiving("create_schema", Reason.ALREADY_EXISTS)),
    Fault("changes.drop_schema", source=forgiving("drop_schema", Reason.NOT_EMPTY)),
    Fault("changes.rename_schema", source=of_class(RenamingSource), action=unmade(is_type("rename_schema"))),
    Fault(
        "changes.create_table",
        source=in_writable_duckdb,
        action=changed_to(
            lambda asked: asked.get("comment") == COMMENT and "columns" in asked, columns=TWO_COLUMNS
        ),
    ),
    Fault("changes.create_again", source=forgiving("create_table", Reason.ALREADY_EXISTS)),
    Fault("changes.replace", source=in_writable_duckdb, action=unmade(lambda asked: asked.get("replace"))),
    Fault("changes.drop_table", source=in_writable_duckdb, action=described_badly_once_dropped()),
    Fault("changes.rename_table", source=forgiving("rename_table", Reason.ALREADY_EXISTS)),
    Fault("changes.move_table", source=of_class(RenamingSource), action=unmade(is_type("move_table"))),
    Fault("changes.add_column", source=forgiving("add_column", Reason.ALREADY_EXISTS)),
    Fault(
        "changes.drop_column",
        source=in_writable_duckdb,
        action=changed_to(is_type("drop_column"), column="note"),
    ),
    Fault("changes.rename_column", source=forgiving("rename_column", Reason.ALREADY_EXISTS)),
    Fault(
        "changes.comment_table",
        source=in_writable_duckdb,
        action=unmade(lambda asked: is_type("comment_table")(asked) and asked["comment"] is None),
    ),
    Fault(
        "changes.comment_column",
        source=in_writable_duckdb,
        action=unmade(lambda asked: is_type("comment_column")(asked) and asked["comment"] is None),
    ),
    Fault("changes.truncate", source=in_writable_duckdb, action=unmade(is_type("truncate"))),
    Fault(
        "changes.delete",
        source=in_writable_duckdb,
        action=changed_to(lambda asked: is_type("delete")(asked) and asked.get("predicate"), predicate=None),
    ),
    Fault("changes.again", source=of_class(Forgetful)),
    Fault("changes.absent_table", source=forgiving("comment_table", Reason.NOT_FOUND)),
    Fault("changes.unknown_type", source=in_writable_duckdb, action=unmade(is_type("nostro_source_check"))),
    Fault(
        "changes.bad_messages",
        source=in_writable_duckdb,
        action=unmade(lambda asked: asked.get("operation") == "a/b"),
    ),
)


@dataclass
class Seen:
    """What a source that is broken remembers of its writes: the tables of those that are begun and neither
    committed nor aborted, the streams of each, and what was asked."""

    asked: set[tuple[str, str]] = field(default_factory=set)
    streams: dict[str, list[Json]] = field(default_factory=dict)
    pending: dict[str, str] = field(default_factory=dict)
    last_begun: str = ""

    def staged(self, operation: str, _: list[Received], answer: Json) -> Json:
        self.streams.setdefault(operation, []).append(answer)
        return answer


def refusing_again(action: str) -> ActionFault:
    """A source that refuses an action which was asked for before, with the same message."""
    seen: set[str] = set()

    def change(asked: Json) -> Json:
        if json.dumps(asked) in seen:
            refuse("the operation is over")
        if "operation" in asked:
            seen.add(json.dumps(asked))
        return asked

    return asking(action, change)


def ignoring_aborts() -> ActionFault:
    """A source that goes on with what is aborted, unless it is committed."""
    seen = Seen()

    def asked(name: str, body: bytes) -> Action | list[bytes]:
        operation = str((json_or_none(body) or {}).get("operation"))
        if name == COMMIT:
            seen.asked.add((name, operation))
        if name == ABORT and operation != "None" and (COMMIT, operation) not in seen.asked:
            return MADE
        return name, body

    return asked


def committing(check: str, change: Callable[[list[Json], list[Json]], list[Json]]) -> Fault:
    """A source that commits other streams than are named: made of those named and those staged."""
    seen = Seen()

    def commit(asked: Json) -> Json:
        named = asked.get("streams") or []
        known = seen.streams.get(str(asked.get("operation")), [])
        return asked | {"streams": change(named, known)} if named and known else asked

    return Fault(check, source=in_writable_duckdb, action=asking(COMMIT, commit), staged=seen.staged)


def names(streams: list[Json]) -> set[str]:
    return {stream["stream"] for stream in streams}


def all_that_are_staged(named: list[Json], known: list[Json]) -> list[Json]:
    return known if all(stream in known for stream in named) and len(named) < len(known) else named


def those_that_are_known(named: list[Json], known: list[Json]) -> list[Json]:
    return [stream for stream in named if stream["stream"] in names(known)] or named


def as_they_are(named: list[Json], known: list[Json]) -> list[Json]:
    return known if names(named) == names(known) else named


def counting_twice() -> Fault:
    """A source that writes a stream as often as a commit names it."""
    twice: set[str] = set()

    class CountingTwice(WritableDuckDBSource):
        def insert(self, request: Insert) -> Outcome:
            if request.operation in twice:
                table = pa.concat_tables([request.rows().read_all()] * 2)
                return super().insert(replace(request, rows=table.to_reader))
            return super().insert(request)

    def commit(asked: Json) -> Json:
        streams = asked.get("streams") or []
        if len(streams) != len({json.dumps(stream) for stream in streams}):
            twice.add(asked["operation"])
            return asked | {"streams": streams[:1]}
        return asked

    return Fault("writes.stream_twice", source=of_class(CountingTwice), action=asking(COMMIT, commit))


def visible_too_early(check: str) -> Fault:
    """A source whose reads have the rows of writes that are not committed."""
    seen = Seen()

    def asked(name: str, body: bytes) -> Action | list[bytes]:
        message = json_or_none(body) or {}
        operation = str(message.get("operation"))
        if name == BEGIN_WRITE:
            seen.last_begun = operation
            seen.pending[operation] = str(message.get("table"))
        elif name in (COMMIT, ABORT):
            seen.pending.pop(operation, None)
        return name, body

    def results(name: str, found: list[bytes]) -> list[bytes]:
        if name == BEGIN_WRITE and json.loads(found[0])["refused"] is not None:
            seen.pending.pop(seen.last_begun, None)
        return found

    def streamed(command: Json, batches: list[pa.RecordBatch]) -> list[pa.RecordBatch]:
        early = command["table"] in seen.pending.values() and "amount" in command["columns"]
        return batches * 2 if early else batches

    return Fault(check, source=in_writable_duckdb, action=asked, results=results, streamed=streamed)


def end_when(
    condition: Callable[[Json | None, Json], object],
) -> Callable[[list[Received]], list[Received]]:
    """A source that does not look at a stream's end: it puts the right one there."""

    def received(messages: list[Received]) -> list[Received]:
        batches = [message.data for message in messages if message.data is not None]
        ends = [message.app_metadata for message in messages if message.app_metadata is not None]
        right = ending(pa.Table.from_batches(batches)).to_json()
        found = json.loads(ends[0].to_pybytes()) if ends else None
        if not condition(found, right):
            return messages
        kept = [message for message in messages if message.app_metadata is None]
        return [*kept, Received(None, pa.py_buffer(json.dumps(right).encode()))]

    return received


def by_place(messages: list[Received]) -> list[Received]:
    """Columns of other names, taken for those that are wanted."""

    def renamed(data: pa.RecordBatch) -> pa.RecordBatch:
        return data.rename_columns(COLUMNS.names) if data.schema.names[-1] == "other" else data

    return [
        message if message.data is None else replace(message, data=renamed(message.data))
        for message in messages
    ]


def last_checksum(_: str, messages: list[Received], answer: Json) -> Json:
    batches = [message.data for message in messages if message.data is not None]
    return answer | ({"crc32": answer["crc32"] ^ 1} if len(batches) > 1 else {})


class Zeros(WritableDuckDBSource):
    """Columns that an insert leaves out become zero."""

    def insert(self, request: Insert) -> Outcome:
        if set(request.columns.names) != {"id", "note"}:
            return super().insert(request)
        found = request.rows().read_all()
        zeros = pa.array([0] * found.num_rows, pa.int64())
        table = found.append_column("amount", zeros.cast(pa.decimal128(21, 2)))
        return super().insert(replace(request, columns=table.schema, rows=table.to_reader))


class Lenient(WritableDuckDBSource):
    """It begins to create tables that are there."""

    def begin(self, write: Write) -> None:
        if not isinstance(write, CreateTableAs):
            super().begin(write)


def not_begun() -> ActionFault:
    seen = Seen()

    def asked(name: str, body: bytes) -> Action | list[bytes]:
        message = json_or_none(body) or {}
        operation = str(message.get("operation"))
        if name == BEGIN_WRITE:
            seen.pending[operation] = ""
        empty = name == COMMIT and message.get("streams") == [] and "/" not in operation
        return MADE if empty and operation not in seen.pending else (name, body)

    return asked


def columns_are(*wanted: str) -> Callable[[Json], bool]:
    return lambda asked: arrow_schema(asked["columns"], "columns").names == list(wanted)


WRITE_FAULTS = (
    Fault(
        "writes.insert",
        source=in_writable_duckdb,
        results=changing(COMMIT, lambda answer: answer.update(rows=answer["rows"] and answer["rows"] + 1)),
    ),
    Fault("writes.staged", source=in_writable_duckdb, staged=last_checksum),
    visible_too_early("writes.invisible"),
    Fault("writes.some_columns", source=of_class(Zeros)),
    Fault(
        "writes.values",
        source=in_writable_duckdb,
        streamed=lambda command, batches: (
            rows_of(batches, lambda table: table.slice(1)) if command["columns"] == ["value"] else batches
        ),
    ),
    Fault("writes.create_table_as", source=of_class(Lenient)),
    Fault(
        "writes.no_streams",
        source=in_writable_duckdb,
        results=changing(COMMIT, lambda answer: answer.update(rows=answer["rows"] or 1)),
    ),
    Fault("writes.commit_again", source=in_writable_duckdb, action=refusing_again(COMMIT)),
    Fault("writes.begin_again", source=in_writable_duckdb, action=refusing_again(BEGIN_WRITE)),
    Fault("writes.abort", source=in_writable_duckdb, action=ignoring_aborts()),
    Fault("writes.abort_again", source=in_writable_duckdb, action=refusing_again(ABORT)),
    Fault(
        "writes.abort_committed",
        source=in_writable_duckdb,
        results=changing(ABORT, lambda answer: answer.update(rows=0)),
    ),
    committing("writes.unnamed_streams", all_that_are_staged),
    committing("writes.unknown_streams", those_that_are_known),
    committing("writes.other_streams", as_they_are),
    counting_twice(),
    Fault(
        "writes.checksum",
        source=in_writable_duckdb,
        received=end_when(lambda end, right: end is not None and end["rows"] == right["rows"]),
    ),
    Fault(
        "writes.number_of_rows",
        source=in_writable_duckdb,
        received=end_when(lambda end, right: end is not None and end["crc32"] == right["crc32"]),
    ),
    Fault("writes.unfinished", source=in_writable_duckdb, received=end_when(lambda end, _: end is None)),
    Fault("writes.other_columns", source=in_writable_duckdb, received=by_place),
    Fault("writes.not_begun", source=in_writable_duckdb, action=not_begun()),
    Fault(
        "writes.absent_table",
        source=in_writable_duckdb,
        action=unmade(lambda asked: "absent" in asked["table"], BEGIN_WRITE),
    ),
    Fault(
        "writes.absent_column",
        source=in_writable_duckdb,
        action=unmade(columns_are("absent"), BEGIN_WRITE),
    ),
    Fault("writes.constraint", source=forgiving("insert", Reason.CONSTRAINT)),
    Fault(
        "writes.bad_messages",
        source=in_writable_duckdb,
        action=unmade(is_type("nostro_source_check"), BEGIN_WRITE),
    ),
)


def kinds_of(request: Merge) -> list[int]:
    found: list[int] = request.rows().read_all()[MERGE_OPERATION].to_pylist()
    return found


def merging_when(
    condition: Callable[[list[int], list[int]], bool], change: Callable[[pa.Table], pa.Table]
) -> MakeSource:
    """A source that merges other rows: of merges with such kinds of rows, and such cases."""

    class Merging(WritableDuckDBSource):
        def merge(self, request: Merge) -> Outcome:
            found = request.rows().read_all()
            if not condition(found[MERGE_OPERATION].to_pylist(), found[MERGE_CASE].to_pylist()):
                return super().merge(request)
            return super().merge(replace(request, rows=lambda: change(found).to_reader()))

    return of_class(Merging)


def all_of(kind: RowOperation) -> Callable[[list[int], list[int]], bool]:
    return lambda kinds, _: kinds == [kind, kind]


def with_case(case: int) -> Callable[[pa.Table], pa.Table]:
    def change(found: pa.Table) -> pa.Table:
        index = found.schema.get_field_index(MERGE_CASE)
        cases = pa.array([case] * found.num_rows, pa.int32())
        return found.set_column(index, found.schema.field(index), cases)

    return change


def without_updates(found: pa.Table) -> pa.Table:
    kept = [
        number
        for number, kind in enumerate(found[MERGE_OPERATION].to_pylist())
        if kind != RowOperation.UPDATE
    ]
    return found.take(pa.array(kept, pa.int64()))


class Overwriting(WritableDuckDBSource):
    """It does not look whether others have changed a row since."""

    def _check_untouched(self, merge: Merge, row_ids: pa.Array) -> None:
        pass


class BeginningLate(WritableDuckDBSource):
    """It takes the rows that a merge has read for those of now."""

    def _check_not_rewritten(self, merge: Merge, version: int) -> None:
        pass


def other_ids(command: Json, batches: list[pa.RecordBatch]) -> list[pa.RecordBatch]:
    if command["columns"] != ["rowid"]:
        return batches
    return [
        pa.record_batch([batch["rowid"].cast(pa.int64())[::-1]], schema=batch.schema)[1:] for batch in batches
    ]


MERGE_FAULTS = (
    Fault("merges.row_ids", source=in_writable_duckdb, streamed=other_ids),
    Fault("merges.delete", source=merging_when(all_of(RowOperation.DELETE), lambda found: found.slice(1))),
    Fault(
        "merges.update",
        source=merging_when(
            lambda kinds, cases: all_of(RowOperation.UPDATE)(kinds, cases) and AMOUNT not in cases,
            with_case(AMOUNT),
        ),
    ),
    Fault("merges.cases", source=merging_when(lambda _, cases: AMOUNT in cases, with_case(NOTE))),
    Fault("merges.insert", source=merging_when(all_of(RowOperation.INSERT), lambda found: found.slice(1))),
    Fault("merges.together", source=merging_when(lambda kinds, _: len(set(kinds)) == 3, without_updates)),
    visible_too_early("merges.invisible"),
    Fault("merges.again", source=in_writable_duckdb, action=refusing_again(COMMIT)),
    Fault("merges.changed", source=of_class(Overwriting)),
    Fault(
        "merges.gone",
        source=forgiving("merge", Reason.CONFLICT, lambda request: RowOperation.UPDATE in kinds_of(request)),
    ),
    Fault("merges.late", source=of_class(BeginningLate)),
)


def losing_snapshots(check: str, *, of_dropped: bool, change: Callable[[Json], Json]) -> Fault:
    """A source that reads a snapshot otherwise, of a table that was dropped or of one that was not."""
    dropped: set[str] = set()

    def drop(asked: Json) -> Json:
        if asked.get("type") == "drop_table":
            dropped.add(asked["table"])
        return asked

    return Fault(
        check,
        source=in_writable_duckdb,
        action=asking(CHANGE, drop),
        command=when(
            lambda found: found.get("snapshot") and (found["table"] in dropped) == of_dropped, change
        ),
    )


def of_now(server: Broken, _: flight.ServerCallContext, ticket: bytes) -> bytes:
    planned = Ticket.from_bytes(ticket)
    if planned.command.snapshot is not None:
        return ticket
    now = server._source.snapshot(planned.command.schema, planned.command.table)
    return replace(planned, snapshot=now).to_bytes()


STATE_FAULTS = (
    losing_snapshots("states.stable", of_dropped=False, change=lambda found: found | {"snapshot": None}),
    losing_snapshots("states.dropped", of_dropped=True, change=lambda _: refuse("the table was dropped")),
    Fault("states.planned", source=in_writable_duckdb, redeemed=of_now),
)

WRITING_FAULTS = (*CHANGE_FAULTS, *WRITE_FAULTS, *MERGE_FAULTS, *STATE_FAULTS)
