"""What is checked: a source, and its tables. Both ask over the wire and know what the source declares."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa

from nostro.flight import enforcement, protocol
from nostro.flight.conformance.checks import Failure, NotApplicable
from nostro.flight.conformance.generated import Picked, keys_or_null, pick
from nostro.flight.conformance.wire import Endpoint, Planned, Refused, Wire
from nostro.flight.errors import InvalidRequest
from nostro.flight.literals import Key, Values, values_of
from nostro.flight.predicate import bind
from nostro.flight.protocol import Capabilities, Json, PredicateMessage

CLIENT = "nostro source check"
LONGEST_TOLD = 600
"""Characters of a message that a failure tells."""

MOST_COLUMNS = 32
"""Columns of a table that are read one by one, and filtered; each type is among them."""


@dataclass(frozen=True)
class Rows:
    """What a read gave. Rows without columns are only counted.

    If there were more than wanted it is not `whole`: `table` has as many as wanted, `count` those that came.
    """

    schema: pa.Schema
    table: pa.Table
    count: int
    whole: bool


@dataclass(frozen=True)
class SourceUnderCheck:
    """`most_rows` bounds what is read of a table."""

    wire: Wire
    handshake: Json
    capabilities: Capabilities
    most_rows: int

    @property
    def name(self) -> str:
        return str(self.handshake.get("source"))

    def answer(self, action: str, body: Json) -> Json:
        """The only result of an action, which is to be a JSON object."""
        try:
            results = self.wire.action(action, protocol.encode(body))
        except Refused as refusal:
            raise Failure(told(action, body), str(refusal), "an answer") from None
        if len(results) != 1:
            raise Failure(told(action, body), f"{len(results)} results", "one result")
        return json_object(results[0], told(action, body))

    def schemas(self) -> list[str]:
        return texts(self.answer(protocol.LIST_SCHEMAS, {}), "schemas", protocol.LIST_SCHEMAS)

    def tables(self, schema: str | None = None) -> list[Json]:
        body = {} if schema is None else {"schema": schema}
        sent = told(protocol.LIST_TABLES, body)
        entries = self.answer(protocol.LIST_TABLES, body).get("tables")
        if not isinstance(entries, list):
            raise Failure(sent, f"tables: {entries!r}", "an array of tables")
        for entry in entries:
            if not (
                isinstance(entry, dict)
                and all(isinstance(entry.get(name), str) for name in ("schema", "table"))
                and isinstance(entry.get("comment"), str | None)
            ):
                raise Failure(sent, shortened(json.dumps(entry)), "schema, table and comment, as texts")
        return entries

    def describe(self, schema: str, table: str) -> tuple[Json, pa.Schema]:
        body = {"schema": schema, "table": table}
        sent = told(protocol.DESCRIBE_TABLE, body)
        results = self.wire.action(protocol.DESCRIBE_TABLE, protocol.encode(body))
        if len(results) != 2:
            raise Failure(sent, f"{len(results)} results", "two: JSON, and the Arrow schema")
        try:
            columns = pa.ipc.read_schema(pa.py_buffer(results[1]))
        except (pa.ArrowException, OSError) as error:
            raise Failure(
                sent, f"{len(results[1])} bytes: {error}", "the schema as an encapsulated IPC message"
            ) from None
        return json_object(results[0], sent), columns

    def read(self, command: Json, most: int | None = None) -> Rows:
        """All endpoints' rows, up to `most` and somewhat more."""
        planned = self.plan(command)
        wanted = self.most_rows if most is None else most
        parts: list[Rows] = []
        for endpoint in planned.endpoints:
            parts.append(self.read_endpoint(endpoint, wanted - sum(part.count for part in parts)))
            if not parts[-1].whole:
                break
        return together(parts, planned.schema, told("read", command))

    def plan(self, command: Json) -> Planned:
        return self.wire.plan(protocol.encode(command))

    def read_endpoint(self, endpoint: Endpoint, most: int | None = None) -> Rows:
        wanted = self.most_rows if most is None else most
        batches: list[pa.RecordBatch] = []
        count = 0
        with self.wire.stream(endpoint) as stream:
            for batch in stream:
                count += batch.num_rows
                batches.append(batch)
                if count > wanted:
                    break
            table = aligned(batches, stream.schema)
            if count > wanted:
                return Rows(stream.schema, table.slice(0, max(wanted, 0)), count, False)
            return Rows(stream.schema, table, count, True)


@dataclass(frozen=True)
class TableUnderCheck:
    """A table as its source describes it. `accepted` are columns that take predicates, not all if many."""

    source: SourceUnderCheck
    schema: str
    table: str
    description: Json
    capabilities: Capabilities
    columns: pa.Schema
    accepted: dict[str, Values]

    @property
    def name(self) -> str:
        return f"{self.schema}.{self.table}"

    @cached_property
    def unvalidated(self) -> Rows:
        """The table's rows, or as many as are to be read of it, as they came."""
        try:
            rows = self.source.read(self.command())
        except (Refused, Failure, pa.ArrowException):
            raise NotApplicable("the table cannot be read: see reading.all_columns") from None
        if rows.schema.names != self.columns.names:
            raise NotApplicable("other columns come than are described: see reading.all_columns")
        return rows

    @cached_property
    def sample(self) -> Rows:
        """The table's rows, with values of their types."""
        try:
            self.unvalidated.table.validate(full=True)
        except (pa.ArrowException, ValueError):
            raise NotApplicable("values are not of their type: see reading.values") from None
        return self.unvalidated

    @cached_property
    def some_columns(self) -> tuple[str, ...]:
        """The columns that are tried one by one: one of each type, then others, MOST_COLUMNS in all."""
        kinds: dict[str, list[str]] = {}
        for field in self.columns:
            kinds.setdefault(str(field.type), []).append(field.name)
        firsts = [names[0] for names in kinds.values()]
        others = [name for name in self.columns.names if name not in firsts]
        return tuple([*firsts, *others][:MOST_COLUMNS])

    @cached_property
    def picked(self) -> dict[str, Picked]:
        """Values to make predicates of, for each column that takes them."""
        return {name: pick(name, values, self.sample.table) for name, values in self.accepted.items()}

    @cached_property
    def keys(self) -> dict[str, list[Key | None]]:
        """What orders, aggregates and expressions are computed of: the keys of the columns that compare."""
        return {name: keys_or_null(self.sample.table[name], values) for name, values in self.accepted.items()}

    def command(
        self,
        columns: Sequence[str] | None = None,
        predicate: Sequence[Json] | None = None,
        limit: int | None = None,
        partitions: int = 1,
    ) -> Json:
        """A read; of all columns if the source cannot project."""
        chosen = self.columns.names if columns is None or not self.capabilities.projection else columns
        return {
            "protocol": protocol.VERSIONS[-1],
            "type": "read",
            "schema": self.schema,
            "table": self.table,
            "columns": list(chosen),
            "predicate": None if predicate is None else {"columns": list(predicate)},
            "limit": limit,
            "partitions": partitions,
        }

    def read(self, command: Json, most: int | None = None) -> Rows:
        """The rows of a read, which has the columns that were asked for."""
        try:
            rows = self.source.read(command, most)
        except Refused as refusal:
            raise Failure(told("read", command), str(refusal), "the rows") from None
        if rows.schema.names != command["columns"]:
            raise Failure(
                told("read", command),
                f"a stream with the columns {protocol.listed(rows.schema.names) or 'none'}",
                "the columns asked for, in their order",
            )
        return rows

    def matching(self, rows: pa.Table, predicate: Sequence[Json], columns: Sequence[str]) -> pa.Table:
        """What the predicate leaves of rows of this table: the protocol's meaning, computed here."""
        kept = list(self._matching(rows, predicate, columns))
        return table_of(kept, pa.schema([rows.schema.field(column) for column in columns]))

    def count_matching(self, rows: pa.Table, predicate: Sequence[Json]) -> int:
        """How many rows the predicate leaves."""
        return sum(batch.num_rows for batch in self._matching(rows, predicate, ()))

    def _matching(
        self, rows: pa.Table, predicate: Sequence[Json], columns: Sequence[str]
    ) -> Iterator[pa.RecordBatch]:
        message = PredicateMessage.from_json({"columns": list(predicate)})
        bound = bind(message, self.columns, self.accepted)
        for batch in rows.to_batches():
            yield from enforcement.matching(batch, tuple(columns), bound)


def table_under_check(source: SourceUnderCheck, schema: str, table: str) -> TableUnderCheck:
    """Describe a table; raises Refused or Failure."""
    description, columns = source.describe(schema, table)
    sent = told(protocol.DESCRIBE_TABLE, {"schema": schema, "table": table})
    if len(set(columns.names)) < len(columns.names):
        raise Failure(sent, f"the columns {protocol.listed(columns.names)}", "distinct names")
    capabilities = capabilities_in(description)
    declared = description.get("predicate_columns")
    takes_predicate = declared if isinstance(declared, list) else columns.names
    found = TableUnderCheck(source, schema, table, description, capabilities, columns, {})
    comparable = (
        (name, values_of(columns.field(name))) for name in found.some_columns if name in takes_predicate
    )
    accepted = {name: values for name, values in comparable if values is not None}
    return TableUnderCheck(source, schema, table, description, capabilities, columns, accepted)


def capabilities_in(answer: Json) -> Capabilities:
    """What an answer declares; what it does not declare as the protocol says is not there."""
    declared = answer.get("capabilities")
    try:
        return Capabilities.from_json(declared if isinstance(declared, dict) else {})
    except InvalidRequest:
        return Capabilities()


def refused(call: Callable[[], object], statuses: Sequence[str], sent: str) -> Refused:
    """The refusal that a call is to end with."""
    accepted = f"{' or '.join(statuses)}, and a message"
    try:
        call()
    except Refused as refusal:
        if refusal.status in statuses and refusal.message:
            return refusal
        raise Failure(sent, str(refusal), accepted) from None
    raise Failure(sent, "an answer", accepted)


def together(parts: Sequence[Rows], schema: pa.Schema, sent: str) -> Rows:
    """The rows of several endpoints as one; `schema` if there are none."""
    if not parts:
        return Rows(schema, table_of([], schema), 0, True)
    first = parts[0].schema
    for part in parts:
        if not part.schema.equals(first):
            raise Failure(sent, f"endpoints with different schemas: {first}; {part.schema}", "one schema")
    return Rows(
        first,
        pa.concat_tables([part.table for part in parts]) if first.names else parts[0].table,
        sum(part.count for part in parts),
        all(part.whole for part in parts),
    )


def table_of(batches: Sequence[pa.RecordBatch], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_batches(batches if schema.names else [], schema)


def aligned(batches: Sequence[pa.RecordBatch], schema: pa.Schema) -> pa.Table:
    """A table in buffers of its own: Arrow warns of those that gRPC left anywhere in a message."""
    if not batches or not schema.names:
        return table_of([], schema)
    copy = pa.BufferOutputStream()
    with pa.ipc.new_stream(copy, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    return pa.ipc.open_stream(copy.getvalue()).read_all()


def json_object(body: bytes, sent: str) -> Json:
    try:
        answer = protocol.decode(body, "answer")
    except InvalidRequest as error:
        raise Failure(sent, shortened(f"{body!r}: {error}"), "a JSON object in UTF-8") from None
    if not isinstance(answer, dict):
        raise Failure(sent, shortened(json.dumps(answer)), "a JSON object")
    return answer


def texts(answer: Json, name: str, sent: str) -> list[str]:
    found = answer.get(name)
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise Failure(sent, shortened(f"{name}: {json.dumps(found)}"), "an array of texts")
    return found


def told(what: str, body: Any) -> str:
    """A message as a failure tells it."""
    if isinstance(body, bytes):
        return f"{what} {body[:60]!r}{'…' if len(body) > 60 else ''}"
    return shortened(f"{what} {json.dumps(body, ensure_ascii=False)}")


def shortened(text: str) -> str:
    return text if len(text) <= LONGEST_TOLD else f"{text[:LONGEST_TOLD]}…"
