"""What the checks of writes write to: a schema and tables of their own, which are dropped again."""

from __future__ import annotations

import contextlib
import secrets
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from nostro.flight import protocol
from nostro.flight.change_messages import (
    ABORT,
    BEGIN_WRITE,
    CHANGE,
    COMMIT,
    StagedStream,
    StreamEnd,
    arrow_schema_text,
)
from nostro.flight.changes import Reason
from nostro.flight.conformance.checks import Failure, NotApplicable
from nostro.flight.conformance.rows import difference
from nostro.flight.conformance.subjects import (
    SourceUnderCheck,
    TableUnderCheck,
    json_object,
    table_under_check,
    told,
)
from nostro.flight.conformance.wire import Refused
from nostro.flight.errors import InvalidRequest
from nostro.flight.protocol import Json
from nostro.flight.staging import buffers

PREFIX = "nostro_source_check_"
"""What the names of all schemas and tables begin with that the checks create."""

COLUMNS = pa.schema({"id": pa.int64(), "amount": pa.decimal128(18, 2), "note": pa.string()})
VERSION = protocol.VERSIONS[-1]


def rows(start: int, end: int) -> pa.Table:
    """Rows with the ids from `start` on, with NULL among them."""
    ids = list(range(start, end))
    amounts = pa.array(ids, pa.int64()).cast(pa.decimal128(21, 2)).cast(COLUMNS.field("amount").type)
    notes = [None if number % 3 == 2 else f"note {number}" for number in ids]
    return pa.table([ids, amounts, notes], schema=COLUMNS)


@dataclass(frozen=True)
class Written:
    """What a source answers to a change; `reason` is why it refused, if it did."""

    sent: str
    rows: int
    reason: str | None
    message: str


@dataclass(frozen=True)
class Scratch:
    """A place of one's own in a source that makes changes. `left` are names that could not be dropped."""

    source: SourceUnderCheck
    schema: str
    prefix: str
    left: list[str] = field(default_factory=list)

    @property
    def changes(self) -> tuple[str, ...]:
        return self.source.capabilities.changes

    def need(self, *changes: str) -> None:
        missing = [name for name in changes if name not in self.changes]
        if missing:
            raise NotApplicable(f"{missing[0]} is not declared")

    def name(self, what: str = "t") -> str:
        """A name for a schema or table that nobody has."""
        return f"{self.prefix}{what}_{secrets.token_hex(4)}"

    def ask(self, action: str, body: Json) -> Written:
        """The answer to a change, as the protocol has it; raises Failure if it is another one."""
        sent = told(action, body)
        found = self.source.answer(action, body)
        refused = found.get("refused")
        count = found.get("rows", 0) or 0
        if isinstance(count, bool) or not isinstance(count, int):
            raise Failure(sent, f"rows: {count!r}", "a number of rows")
        if refused is None:
            return Written(sent, count, None, "")
        reasons = [reason.value for reason in Reason]
        if (
            not isinstance(refused, dict)
            or refused.get("reason") not in reasons
            or not isinstance(refused.get("message"), str)
        ):
            raise Failure(sent, f"refused: {refused!r}", f"a reason of {protocol.listed(reasons)}; a message")
        return Written(sent, count, refused["reason"], refused["message"])

    def change(self, type: str, operation: str | None = None, **fields: object) -> Written:
        """Make a change; raises Failure if it is refused."""
        return made(self.ask(CHANGE, self.message(type, operation, **fields)))

    def message(self, type: str, operation: str | None = None, **fields: object) -> Json:
        return {"protocol": VERSION, "operation": operation or new_id(), "type": type, **fields}

    def refused(self, reason: Reason, type: str, **fields: object) -> None:
        """Whether a change is refused for the reason."""
        refused_as(self.ask(CHANGE, self.message(type, None, **fields)), reason)

    def create(self, table: str, columns: pa.Schema = COLUMNS, comment: str | None = None) -> Written:
        return self.change(
            "create_table",
            schema=self.schema,
            table=table,
            columns=arrow_schema_text(columns),
            comment=comment,
        )

    @contextlib.contextmanager
    def table(self, found: pa.Table | None = None, columns: pa.Schema = COLUMNS) -> Iterator[str]:
        """A table with these rows; it is dropped when the block ends, however it does."""
        self.need("create_table")
        name = self.name()
        with self.dropping(name):
            self.create(name, columns)
            if found is not None:
                self.need("insert")
                self.insert(name, found)
            yield name

    @contextlib.contextmanager
    def dropping(self, *tables: str, schema: str | None = None) -> Iterator[None]:
        try:
            yield
        finally:
            for table in tables:
                self.drop(schema or self.schema, table)

    def drop(self, schema: str, table: str) -> None:
        """Drop a table if it is there, and remember it if that cannot be."""
        try:
            dropped = self.ask(CHANGE, self.message("drop_table", schema=schema, table=table))
        except (Failure, Refused):
            self.left.append(f"{schema}.{table}")
        else:
            if dropped.reason not in (None, Reason.NOT_FOUND.value):
                self.left.append(f"{schema}.{table}")

    def tables(self, schema: str | None = None) -> list[str]:
        wanted = schema or self.schema
        if wanted not in self.source.schemas():
            return []
        return [str(entry["table"]) for entry in self.source.tables(wanted)]

    def begin(
        self,
        table: str,
        columns: pa.Schema = COLUMNS,
        type: str = "insert",
        operation: str | None = None,
        **fields: object,
    ) -> Operation:
        """Begin a write; raises Failure if it is refused."""
        found, body = self.beginning(table, columns, type, operation, **fields)
        made(self.ask(BEGIN_WRITE, body))
        return found

    def beginning(
        self,
        table: str,
        columns: pa.Schema = COLUMNS,
        type: str = "insert",
        operation: str | None = None,
        **fields: object,
    ) -> tuple[Operation, Json]:
        body = self.message(
            type,
            operation,
            schema=self.schema,
            table=table,
            columns=arrow_schema_text(columns),
            **fields,
        )
        return Operation(self, body["operation"], columns), body

    def insert(self, table: str, found: pa.Table) -> int:
        operation = self.begin(table, found.schema)
        return operation.commit([operation.put(found)]).rows

    def described(self, table: str) -> TableUnderCheck:
        try:
            return table_under_check(self.source, self.schema, table)
        except Refused as refusal:
            body = {"schema": self.schema, "table": table}
            raise Failure(told(protocol.DESCRIBE_TABLE, body), str(refusal), "the description") from None

    def read(
        self, table: str, columns: Sequence[str] = COLUMNS.names, snapshot: str | None = None
    ) -> pa.Table:
        subject = self.described(table)
        command = subject.command(columns) | {"snapshot": snapshot}
        return subject.read(command).table.select(list(columns))

    def has(self, table: str, expected: pa.Table, after: str, snapshot: str | None = None) -> None:
        """Whether the table has these rows, in the types of those that were written."""
        found = self.read(table, expected.column_names, snapshot)
        try:
            cast = found.cast(pa.schema(expected.schema))
        except (pa.ArrowException, ValueError) as error:
            raise Failure(after, f"values of {found.schema.types}: {error}", "those written") from None
        different = difference(cast, expected)
        if different is not None:
            raise Failure(
                after, f"{found.num_rows:,} rows: {different}", f"the {expected.num_rows:,} rows of the table"
            )


@dataclass(frozen=True)
class Operation:
    """A write that was begun: what is staged for it, and committed or aborted."""

    scratch: Scratch
    id: str
    columns: pa.Schema

    def put(self, found: pa.Table, stream: str | None = None) -> StagedStream:
        """Stage a stream, whole and right."""
        name = stream or new_id()
        sent = f"DoPut of {found.num_rows:,} rows as stream {name} of {self.id}"
        try:
            answer = self.send(found, name, ending(found))
        except Refused as refusal:
            raise Failure(sent, str(refusal), "the stream's name, rows and checksum") from None
        try:
            staged = StagedStream.from_json(json_object(answer or b"", sent))
        except InvalidRequest as error:
            raise Failure(sent, f"{answer!r}: {error}", "stream, rows and crc32") from None
        return staged

    def send(self, found: pa.Table, stream: str, end: StreamEnd | None) -> bytes | None:
        command = {"protocol": VERSION, "type": "write", "operation": self.id, "stream": stream}
        last = None if end is None else protocol.encode(end.to_json())
        return self.scratch.source.wire.put(protocol.encode(command), found.schema, found.to_batches(), last)

    def committing(self, streams: Sequence[StagedStream]) -> Json:
        return {
            "protocol": VERSION,
            "operation": self.id,
            "streams": [stream.to_json() for stream in streams],
        }

    def commit(self, streams: Sequence[StagedStream]) -> Written:
        return made(self.scratch.ask(COMMIT, self.committing(streams)))

    def abort(self) -> Written:
        return made(self.scratch.ask(ABORT, {"protocol": VERSION, "operation": self.id}))

    def not_committed(self, streams: Sequence[StagedStream]) -> None:
        """Whether a commit of these streams is INVALID_ARGUMENT."""
        invalid(self.scratch, COMMIT, self.committing(streams))


def ending(found: pa.Table) -> StreamEnd:
    """A stream's last message: the checksum is of the buffers as they are sent."""
    crc32 = 0
    for batch in found.to_batches():
        for buffer in buffers(pa.ipc.read_record_batch(batch.serialize(), batch.schema)):
            crc32 = zlib.crc32(buffer, crc32)
    return StreamEnd(found.num_rows, crc32)


def new_id() -> str:
    return f"nostro-source-check-{secrets.token_hex(8)}"


def made(written: Written) -> Written:
    if written.reason is not None:
        raise Failure(written.sent, f"refused, {written.reason}: {written.message}", "the change")
    return written


def refused_as(written: Written, reason: Reason) -> None:
    if written.reason != reason.value:
        came = "it was made" if written.reason is None else f"refused, {written.reason}: {written.message}"
        raise Failure(written.sent, came, f"refused, {reason.value}")


def invalid(scratch: Scratch, action: str, body: Json) -> None:
    """Whether a message is INVALID_ARGUMENT."""
    try:
        scratch.source.wire.action(action, protocol.encode(body))
    except Refused as refusal:
        if refusal.status == "INVALID_ARGUMENT" and refusal.message:
            return
        raise Failure(told(action, body), str(refusal), "INVALID_ARGUMENT, and a message") from None
    raise Failure(told(action, body), "an answer", "INVALID_ARGUMENT, and a message")


def open_scratch(source: SourceUnderCheck) -> Scratch:
    """A place to write to; raises Failure or NotApplicable.

    It is a new schema if the source can create and drop schemas, else tables in the first one that it lists.
    """
    changes = source.capabilities.changes
    if not changes:
        raise NotApplicable("changes is not declared")
    missing = [name for name in ("create_table", "drop_table") if name not in changes]
    if missing:
        raise NotApplicable(
            f"{missing[0]} is not declared, so nothing can be written but to the source's own"
        )
    prefix = f"{PREFIX}{secrets.token_hex(4)}_"
    if not {"create_schema", "drop_schema"} <= set(changes):
        schemas = source.schemas()
        if not schemas:
            raise NotApplicable("there is no schema, and none can be created")
        return Scratch(source, schemas[0], prefix)
    scratch = Scratch(source, f"{prefix}schema", prefix)
    scratch.change("create_schema", schema=scratch.schema)
    return scratch


def close_scratch(scratch: Scratch) -> tuple[str, ...]:
    """Drop what was created; the names of what could not be."""
    if not scratch.schema.startswith(PREFIX):
        return tuple(scratch.left)
    drop_schema(scratch, scratch.schema)
    # whatever was left in the schema is gone with it
    return tuple(name for name in scratch.left if "." not in name)


def drop_schema(scratch: Scratch, schema: str) -> None:
    """Drop a schema with its tables if it is there, and remember it if that cannot be."""
    try:
        if schema in scratch.source.schemas():
            scratch.ask(CHANGE, scratch.message("drop_schema", schema=schema, cascade=True))
        if schema in scratch.source.schemas():
            scratch.left.append(schema)
    except (Failure, Refused):
        scratch.left.append(schema)
