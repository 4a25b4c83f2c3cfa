"""The server's side of changes and writes: from the protocol's messages to a source's methods, each made
once."""

from __future__ import annotations

import contextlib
import logging
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import flight

from nostro.flight import changes, protocol
from nostro.flight.change_messages import (
    NAMES_OF_CHANGES,
    BeginWriteRequest,
    ChangeRequest,
    ChangeResponse,
    CommitRequest,
    DeleteWhere,
    Refusal,
    StreamEnd,
    WriteCommand,
)
from nostro.flight.changes import Change, CreateTableAs, Delete, Insert, Merge, Outcome, Refused, Write
from nostro.flight.errors import InvalidRequest, Unavailable, Unsupported
from nostro.flight.protocol import listed
from nostro.flight.source import Applies, Source
from nostro.flight.staging import Operation, StagingArea

LOGGER = logging.getLogger("nostro.flight")

STAGED_SECONDS = 24 * 3600.0
"""Operations that nothing was written to for so long were lost by their clients."""
SWEEP_SECONDS = 600.0

METHODS: dict[type, str] = {
    **NAMES_OF_CHANGES,
    Delete: "delete",
    Insert: "insert",
    CreateTableAs: "create_table_as",
    Merge: "merge",
}
"""The method of a source that makes each change."""


def changes_of(source: Source) -> tuple[str, ...]:
    """The kinds of change that the source makes, by the methods that it has."""
    return tuple(
        name
        for name in dict.fromkeys(METHODS.values())
        if getattr(type(source), name) is not getattr(Source, name)
    )


def check_changes(source: Source) -> None:
    """Raises TypeError for a source that changes something and can't tell what it has changed."""
    made = changes_of(source)
    if made and type(source).outcome is Source.outcome:
        raise TypeError(
            f"{type(source).__name__} has {listed(made)} but no `outcome`: a change that is asked for again "
            "because its answer was lost could be made twice"
        )
    if "delete" in made and Applies.PREDICATE not in source.applies:
        raise TypeError(
            f"{type(source).__name__} has delete but does not apply predicates: the server can't find the "
            "rows that it is to delete"
        )


@dataclass
class Turns:
    """One at a time for each operation."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    taken: dict[str, threading.Lock] = field(default_factory=dict)
    waiting: dict[str, int] = field(default_factory=dict)

    @contextlib.contextmanager
    def of(self, operation: str) -> Iterator[None]:
        with self.lock:
            turn = self.taken.setdefault(operation, threading.Lock())
            self.waiting[operation] = self.waiting.get(operation, 0) + 1
        try:
            with turn:
                yield
        finally:
            with self.lock:
                self.waiting[operation] -= 1
                if not self.waiting[operation]:
                    del self.waiting[operation], self.taken[operation]


class Writes:
    """Changes and writes of one source."""

    def __init__(
        self,
        source: Source,
        table_columns: Callable[[str, str], pa.Schema],
        bound: Callable[[DeleteWhere], Delete],
    ) -> None:
        check_changes(source)
        self._source = source
        self._changes = changes_of(source)
        self._table_columns = table_columns
        self._bound = bound
        self._process = uuid.uuid4().hex
        self._turns = Turns()
        self._swept = 0.0
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        directory = source.staging_directory()
        if directory is None and self._changes:
            self._temporary = tempfile.TemporaryDirectory(
                prefix="nostro-staging-", ignore_cleanup_errors=True
            )
            directory = Path(self._temporary.name)
        self._staging = StagingArea(directory or Path())

    def close(self) -> None:
        if self._temporary is not None:
            self._temporary.cleanup()

    def change(self, body: Any) -> ChangeResponse:
        request = ChangeRequest.from_json(body)
        with self._turns.of(request.change.operation):
            return self._once(request.change.operation, lambda: self._make(request.change))

    def begin(self, body: Any) -> ChangeResponse:
        request = BeginWriteRequest.from_json(body)
        self._check_made(request.type)
        self._sweep()
        with self._turns.of(request.operation):
            done = self._source.outcome(request.operation)
            if done is not None:
                raise InvalidRequest(f"operation {request.operation} is committed; accepted: a new id")
            begun = self._begun(request.operation)
            if begun is not None:
                # the answer was lost: what has begun goes on as it is
                if begun.request != request:
                    raise InvalidRequest(
                        f"operation {request.operation} was begun as another write; "
                        "accepted: an id of its own for each"
                    )
                return ChangeResponse()
            if request.type != "create_table_as":
                self._check_columns(request)
            self._staging.begin(Operation(request, self._process))
            try:
                self._source.begin(
                    self._write(request, lambda: pa.RecordBatchReader.from_batches(request.columns, []))
                )
            except Exception as error:
                self._staging.discard(request.operation)
                if isinstance(error, Refused):
                    return ChangeResponse(refused=Refusal(error.reason, str(error)))
                raise
        return ChangeResponse()

    def put(
        self,
        command: WriteCommand,
        reader: flight.MetadataRecordBatchReader,
        writer: flight.FlightMetadataWriter,
        closing: Callable[[], bool],
    ) -> int:
        """Stage one stream; the number of its rows."""
        operation = self._begun(command.operation)
        if operation is None:
            raise InvalidRequest(f"operation {command.operation} is not open; accepted: one that was begun")
        expected = self._stream_schema(operation.request)
        check_stream(reader.schema, expected, command)
        with self._staging.stream(command.operation, command.stream, reader.schema) as stream:
            for chunk in reader:
                if closing():
                    raise Unavailable("the source is stopping")
                if chunk.data is not None and chunk.data.num_rows:
                    stream.write(chunk.data)
                if chunk.app_metadata is not None:
                    end = StreamEnd.from_json(
                        protocol.decode(chunk.app_metadata.to_pybytes(), "a stream's last message")
                    )
                    staged = stream.finish(end.rows, end.crc32)
                    writer.write(pa.py_buffer(protocol.encode(staged.to_json())))
                    return staged.rows
            # a client that died ends its stream like one that has sent all of it
            raise InvalidRequest(
                f"stream {command.stream} of operation {command.operation} ended without its last message"
            )

    def commit(self, body: Any) -> ChangeResponse:
        request = CommitRequest.from_json(body)
        with self._turns.of(request.operation):
            response = self._once(request.operation, lambda: self._publish(request))
            self._staging.discard(request.operation)
            return response

    def abort(self, operation: str) -> ChangeResponse:
        """Forget a write that was begun. One that is committed stays so, and its rows are told."""
        with self._turns.of(operation):
            outcome = self._source.outcome(operation) if self._changes else None
            if self._begun(operation) is not None:
                self._source.end(operation)
                self._staging.discard(operation)
        return ChangeResponse(0 if outcome is None else outcome.rows)

    def _begun(self, operation: str) -> Operation | None:
        return self._staging.find(operation) if self._changes else None

    def _once(self, operation: str, make: Callable[[], Outcome]) -> ChangeResponse:
        """What the operation's outcome is, made now unless it was before."""
        if not self._changes:
            raise Unsupported(f"the source {self._source.name} makes no changes")
        outcome = self._source.outcome(operation)
        if outcome is None:
            try:
                outcome = make()
            except Refused as refused:
                self._source.end(operation)
                return ChangeResponse(refused=Refusal(refused.reason, str(refused)))
        self._source.end(operation)
        return ChangeResponse(outcome.rows)

    def _make(self, change: Change | DeleteWhere) -> Outcome:
        name = METHODS[type(change)]
        self._check_made(name)
        request = self._bound(change) if isinstance(change, DeleteWhere) else change
        made: Outcome | None = getattr(self._source, name)(request)
        return made or Outcome()

    def _publish(self, request: CommitRequest) -> Outcome:
        operation = self._begun(request.operation)
        if operation is None:
            raise InvalidRequest(
                f"operation {request.operation} is not open: it was aborted, has expired or was never begun"
            )
        self._staging.check(request.operation, request.streams)
        begun = operation.request
        schema = self._stream_schema(begun)
        verified = operation.process == self._process

        def rows() -> pa.RecordBatchReader:
            batches = self._staging.read(begun.operation, request.streams, schema, verified=verified)
            return pa.RecordBatchReader.from_batches(schema, batches)

        write = self._write(begun, rows)
        made: Outcome | None = getattr(self._source, METHODS[type(write)])(write)
        return made or Outcome(sum(stream.rows for stream in request.streams))

    def _write(self, begun: BeginWriteRequest, rows: changes.Rows) -> Write:
        match begun.type:
            case "insert":
                return Insert(begun.operation, begun.schema, begun.table, begun.columns, rows)
            case "create_table_as":
                return CreateTableAs(
                    begun.operation,
                    begun.schema,
                    begun.table,
                    begun.columns,
                    rows,
                    begun.comment,
                    begun.replace,
                )
            case _:
                return Merge(
                    begun.operation,
                    begun.schema,
                    begun.table,
                    begun.columns,
                    begun.row_id,
                    dict(begun.updates),
                    begun.snapshot,
                    rows,
                )

    def _stream_schema(self, begun: BeginWriteRequest) -> pa.Schema:
        if begun.type != "merge":
            return begun.columns
        return begun.stream_schema(self._table_columns(begun.schema, begun.table))

    def _check_made(self, name: str) -> None:
        if name not in self._changes:
            raise Unsupported(
                f"the source {self._source.name} makes no change of type {name}; "
                f"it makes: {listed(self._changes) or 'none'}"
            )

    def _check_columns(self, request: BeginWriteRequest) -> None:
        table = self._table_columns(request.schema, request.table)
        name = f"{request.schema}.{request.table}"
        for column in request.columns:
            if column.name not in table.names:
                raise InvalidRequest(f"{name} has no column {column.name}; accepted: {listed(table.names)}")
            if not castable(column.type, table.field(column.name).type):
                raise InvalidRequest(
                    f"{name}: column {column.name} is {table.field(column.name).type}, not {column.type}"
                )
        unknown = [column for column in request.row_id if column not in table.names]
        if unknown or (request.type == "merge" and not request.row_id):
            raise InvalidRequest(
                f"row_id: {name} has no column {unknown[0]}" if unknown else "row_id: missing"
            )

    def _sweep(self) -> None:
        now = time.monotonic()
        if now - self._swept < SWEEP_SECONDS and self._swept:
            return
        self._swept = now
        for operation in self._staging.sweep(STAGED_SECONDS):
            self._source.end(operation)
            LOGGER.info("operation %s was never committed: its staged rows are removed", operation)


def castable(type: pa.DataType, target: pa.DataType) -> bool:
    try:
        pa.nulls(0, type).cast(target)
    except pa.ArrowException:
        return False
    return True


def check_stream(found: pa.Schema, expected: pa.Schema, command: WriteCommand) -> None:
    """Raises InvalidRequest for other columns. Those of a row's id may be of another type that is cast: a
    client has read them, and knows one Arrow type for text, and no zone but UTC."""
    if found.names != expected.names or not all(
        mine.type == wanted.type
        or (wanted.name.startswith(changes.ROW_ID_PREFIX) and castable(mine.type, wanted.type))
        for mine, wanted in zip(found, expected, strict=True)
    ):
        raise InvalidRequest(
            f"stream {command.stream} of operation {command.operation} has the columns "
            f"{described(found)}; accepted: {described(expected)}"
        )


def described(schema: pa.Schema) -> str:
    return listed([f"{field.name} {field.type}" for field in schema]) or "none"
