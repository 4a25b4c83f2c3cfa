"""The protocol's messages of changes: of tables and schemas at once, of rows by staged streams and a
commit."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from nostro.flight import changes
from nostro.flight.changes import (
    AddColumn,
    Change,
    CommentColumn,
    CommentTable,
    CreateSchema,
    CreateTable,
    DropColumn,
    DropSchema,
    DropTable,
    MoveTable,
    Reason,
    RenameColumn,
    RenameSchema,
    RenameTable,
    Truncate,
)
from nostro.flight.errors import InvalidRequest
from nostro.flight.protocol import VERSIONS, Json, Message, PredicateMessage, array_of, listed, string

CHANGE = "nostro.change"
BEGIN_WRITE = "nostro.begin_write"
COMMIT = "nostro.commit"
ABORT = "nostro.abort"
RELEASE = "nostro.release"

IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")
"""Ids of operations and streams: they name files of the staging area."""


@dataclass(frozen=True)
class DeleteWhere:
    """A `changes.Delete` whose predicate is not bound to the table's columns yet."""

    operation: str
    schema: str
    table: str
    predicate: PredicateMessage | None = None


CHANGE_TYPES: Mapping[str, type[Change] | type[DeleteWhere]] = {
    "create_schema": CreateSchema,
    "drop_schema": DropSchema,
    "rename_schema": RenameSchema,
    "create_table": CreateTable,
    "drop_table": DropTable,
    "rename_table": RenameTable,
    "move_table": MoveTable,
    "add_column": AddColumn,
    "drop_column": DropColumn,
    "rename_column": RenameColumn,
    "comment_table": CommentTable,
    "comment_column": CommentColumn,
    "truncate": Truncate,
    "delete": DeleteWhere,
}
NAMES_OF_CHANGES = {type: name for name, type in CHANGE_TYPES.items()}
WRITE_TYPES = ("insert", "create_table_as", "merge")


def identifier(value: Any, at: str) -> str:
    text = string(value, at)
    if not IDENTIFIER.fullmatch(text):
        raise InvalidRequest(f"{at}: accepted: 1 to 128 of letters, digits, '_', '.' and '-', not '.' first")
    return text


def arrow_schema(value: Any, at: str) -> pa.Schema:
    text = string(value, at)
    try:
        schema = pa.ipc.read_schema(pa.py_buffer(base64.b64decode(text, validate=True)))
    except (binascii.Error, pa.ArrowException, OSError, ValueError) as error:
        raise InvalidRequest(f"{at}: not an encapsulated Arrow schema in base64: {error}") from None
    if len(set(schema.names)) < len(schema.names):
        raise InvalidRequest(f"{at}: a column is named twice")
    return schema


def arrow_schema_text(schema: pa.Schema) -> str:
    return base64.b64encode(schema.serialize().to_pybytes()).decode("ascii")


def protocol_of(message: Message) -> int:
    version = message.integer("protocol")
    if version not in VERSIONS:
        raise InvalidRequest(
            f"{message.path('protocol')}: version {version} is not spoken; accepted: {listed(VERSIONS)}"
        )
    return version


@dataclass(frozen=True)
class ChangeRequest:
    change: Change | DeleteWhere
    protocol: int = VERSIONS[-1]

    @classmethod
    def from_json(cls, value: Any, at: str = "") -> ChangeRequest:
        message = Message(value, at)
        version = protocol_of(message)
        operation = identifier(message.required("operation"), message.path("operation"))
        kind = message.text("type")
        change_type = CHANGE_TYPES.get(kind)
        if change_type is None:
            raise InvalidRequest(
                f"{message.path('type')}: unknown kind of change; accepted: {listed(tuple(CHANGE_TYPES))}"
            )
        fields: dict[str, Any] = {"operation": operation}
        for name in change_type.__dataclass_fields__:
            match name:
                case "operation":
                    continue
                case "columns":
                    fields[name] = arrow_schema(message.required(name), message.path(name))
                case "column" if change_type is AddColumn:
                    added = arrow_schema(message.required("columns"), message.path("columns"))
                    if len(added) != 1:
                        raise InvalidRequest(f"{message.path('columns')}: accepted: one column")
                    fields[name] = added.field(0)
                case "comment":
                    fields[name] = message.optional(name, string)
                case "predicate":
                    fields[name] = message.optional(name, PredicateMessage.from_json)
                case "cascade" | "replace":
                    fields[name] = message.boolean(name, False)
                case _:
                    fields[name] = message.text(name)
        return cls(change_type(**fields), version)

    def to_json(self) -> Json:
        body: Json = {"protocol": self.protocol, "type": NAMES_OF_CHANGES[type(self.change)]}
        for name, value in vars(self.change).items():
            if isinstance(value, pa.Schema):
                body[name] = arrow_schema_text(value)
            elif isinstance(value, pa.Field):
                body["columns"] = arrow_schema_text(pa.schema([value]))
            elif isinstance(value, PredicateMessage):
                body[name] = value.to_json()
            else:
                body[name] = value
        return body


@dataclass(frozen=True)
class BeginWriteRequest:
    """`columns` are those of the streams' rows, of a merge without those that it adds."""

    operation: str
    type: str
    schema: str
    table: str
    columns: pa.Schema
    comment: str | None = None
    replace: bool = False
    row_id: tuple[str, ...] = ()
    updates: tuple[tuple[int, tuple[str, ...]], ...] = ()
    snapshot: str | None = None
    protocol: int = VERSIONS[-1]

    @classmethod
    def from_json(cls, value: Any, at: str = "") -> BeginWriteRequest:
        message = Message(value, at)
        kind = message.text("type")
        if kind not in WRITE_TYPES:
            raise InvalidRequest(
                f"{message.path('type')}: unknown kind of write; accepted: {listed(WRITE_TYPES)}"
            )
        return cls(
            identifier(message.required("operation"), message.path("operation")),
            kind,
            message.text("schema"),
            message.text("table"),
            arrow_schema(message.required("columns"), message.path("columns")),
            message.optional("comment", string),
            message.boolean("replace", False),
            tuple(message.optional("row_id", array_of(string)) or ()),
            tuple(message.optional("updates", array_of(update_case)) or ()),
            message.optional("snapshot", string),
            protocol_of(message),
        )

    def to_json(self) -> Json:
        return {
            "protocol": self.protocol,
            "operation": self.operation,
            "type": self.type,
            "schema": self.schema,
            "table": self.table,
            "columns": arrow_schema_text(self.columns),
            "comment": self.comment,
            "replace": self.replace,
            "row_id": list(self.row_id),
            "updates": [{"case": case, "columns": list(columns)} for case, columns in self.updates],
            "snapshot": self.snapshot,
        }

    def stream_schema(self, table: pa.Schema) -> pa.Schema:
        """The schema that the write's streams have; `table` has the columns of the row's id."""
        if self.type != "merge":
            return self.columns
        return pa.schema(
            [
                *(column.with_nullable(True) for column in self.columns),
                pa.field(changes.MERGE_OPERATION, pa.int8(), nullable=False),
                pa.field(changes.MERGE_CASE, pa.int32(), nullable=False),
                *(
                    pa.field(changes.ROW_ID_PREFIX + column, table.field(column).type)
                    for column in self.row_id
                ),
            ]
        )


def update_case(value: Any, at: str) -> tuple[int, tuple[str, ...]]:
    message = Message(value, at)
    return message.integer("case"), tuple(message.each("columns", string))


@dataclass(frozen=True)
class WriteCommand:
    """The command of a DoPut: one stream of an operation that was begun."""

    operation: str
    stream: str
    protocol: int = VERSIONS[-1]

    @classmethod
    def from_json(cls, value: Any, at: str = "") -> WriteCommand:
        message = Message(value, at)
        kind = message.text("type")
        if kind != "write":
            raise InvalidRequest(f"{message.path('type')}: unknown kind of command; accepted: write")
        return cls(
            identifier(message.required("operation"), message.path("operation")),
            identifier(message.required("stream"), message.path("stream")),
            protocol_of(message),
        )

    def to_json(self) -> Json:
        return {
            "protocol": self.protocol,
            "type": "write",
            "operation": self.operation,
            "stream": self.stream,
        }


@dataclass(frozen=True)
class StreamEnd:
    """A stream's last message, with no rows: how many there were, and the checksum of their buffers."""

    rows: int
    crc32: int

    @classmethod
    def from_json(cls, value: Any, at: str = "") -> StreamEnd:
        message = Message(value, at)
        return cls(message.integer("rows"), message.integer("crc32"))

    def to_json(self) -> Json:
        return {"rows": self.rows, "crc32": self.crc32}


@dataclass(frozen=True)
class StagedStream:
    """A stream that the source has whole, and will keep until the commit."""

    stream: str
    rows: int
    crc32: int

    @classmethod
    def from_json(cls, value: Any, at: str = "") -> StagedStream:
        message = Message(value, at)
        return cls(
            identifier(message.required("stream"), message.path("stream")),
            message.integer("rows"),
            message.integer("crc32"),
        )

    def to_json(self) -> Json:
        return {"stream": self.stream, "rows": self.rows, "crc32": self.crc32}


@dataclass(frozen=True)
class CommitRequest:
    operation: str
    streams: tuple[StagedStream, ...]
    protocol: int = VERSIONS[-1]

    @classmethod
    def from_json(cls, value: Any, at: str = "") -> CommitRequest:
        message = Message(value, at)
        streams = tuple(message.each("streams", StagedStream.from_json))
        if len({stream.stream for stream in streams}) < len(streams):
            raise InvalidRequest(f"{message.path('streams')}: a stream is named twice")
        return cls(
            identifier(message.required("operation"), message.path("operation")),
            streams,
            protocol_of(message),
        )

    def to_json(self) -> Json:
        return {
            "protocol": self.protocol,
            "operation": self.operation,
            "streams": [stream.to_json() for stream in self.streams],
        }


@dataclass(frozen=True)
class AbortRequest:
    operation: str
    protocol: int = VERSIONS[-1]

    @classmethod
    def from_json(cls, value: Any, at: str = "") -> AbortRequest:
        message = Message(value, at)
        return cls(identifier(message.required("operation"), message.path("operation")), protocol_of(message))

    def to_json(self) -> Json:
        return {"protocol": self.protocol, "operation": self.operation}


@dataclass(frozen=True)
class ReleaseRequest:
    """A query has ended: the snapshots that it held may go."""

    holder: str
    protocol: int = VERSIONS[-1]

    @classmethod
    def from_json(cls, value: Any, at: str = "") -> ReleaseRequest:
        message = Message(value, at)
        return cls(message.text("holder"), protocol_of(message))

    def to_json(self) -> Json:
        return {"protocol": self.protocol, "holder": self.holder}


@dataclass(frozen=True)
class Refusal:
    reason: Reason
    message: str

    @classmethod
    def from_json(cls, value: Any, at: str = "refused") -> Refusal:
        message = Message(value, at)
        name = message.text("reason")
        try:
            return cls(Reason(name), message.text("message"))
        except ValueError:
            accepted = listed([reason.value for reason in Reason])
            raise InvalidRequest(f"{message.path('reason')}: unknown; accepted: {accepted}") from None

    def to_json(self) -> Json:
        return {"reason": self.reason.value, "message": self.message}


@dataclass(frozen=True)
class ChangeResponse:
    """The answer to each of these actions: what was done, or why the source will not do it."""

    rows: int = 0
    refused: Refusal | None = None

    @classmethod
    def from_json(cls, value: Any, at: str = "") -> ChangeResponse:
        message = Message(value, at)
        return cls(message.integer("rows", 0), message.optional("refused", Refusal.from_json))

    def to_json(self) -> Json:
        return {"rows": self.rows, "refused": None if self.refused is None else self.refused.to_json()}


__all__ = [
    "ABORT",
    "BEGIN_WRITE",
    "CHANGE",
    "COMMIT",
    "RELEASE",
    "AbortRequest",
    "BeginWriteRequest",
    "ChangeRequest",
    "ChangeResponse",
    "CommitRequest",
    "Refusal",
    "ReleaseRequest",
    "StagedStream",
    "StreamEnd",
    "WriteCommand",
]
