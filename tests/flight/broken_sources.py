"""Sources that do one thing wrong each: the SDK's server, with a fault between it and the wire."""

from __future__ import annotations

import datetime
import json
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from pyarrow import flight

from nostro.flight import InvalidRequest, MemorySource, NotFound, Source, Unavailable, with_type
from nostro.flight.aggregation import FUNCTIONS
from nostro.flight.change_messages import RELEASE
from nostro.flight.conformance.handshake import UNSPOKEN
from nostro.flight.conformance.snapshots import NO_STATE
from nostro.flight.conformance.tables import ABSENT
from nostro.flight.duckdb import DuckDBSource
from nostro.flight.duckdb_writes import WritableDuckDBSource
from nostro.flight.errors import on_the_wire
from nostro.flight.metrics import Metrics
from nostro.flight.predicate import bind
from nostro.flight.protocol import (
    DESCRIBE_TABLE,
    HANDSHAKE,
    LIST_SCHEMAS,
    LIST_TABLES,
    TABLE_STATISTICS,
)
from nostro.flight.request_log import RequestLog
from nostro.flight.server import SourceServer
from nostro.flight.tickets import MARK, Ticket

Json = dict[str, Any]

FIELDS = [
    pa.field("id", pa.int64(), nullable=False),
    pa.field("name", pa.string()),
    pa.field("price", pa.decimal128(9, 2)),
    pa.field("ratio", pa.float64()),
    pa.field("raw", pa.binary()),
    pa.field("day", pa.date32()),
    with_type(pa.field("doc", pa.string()), "json"),
]
ROWS = pa.table(
    [
        list(range(10)),
        ["", "B", "Zürich", "b ", "😀", None, "B", "b ", "B", None],
        [Decimal(n) / 8 for n in range(0, 72, 8)] + [None],
        [0.0, -0.0, 1.5, float("nan"), None, float("nan"), -2.25, 0.0, float("inf"), 1e300],
        [b"", b"\x00", b"\x41", b"\xc8", b"\xff\x01", None, b"\x41", b"", b"\x00", None],
        [datetime.date(2025, 5, day) for day in range(1, 10)] + [None],
        ['{"a": 1}', "null", None, "[]", "1", '"x"', "true", None, "{}", "[1]"],
    ],
    schema=pa.schema(FIELDS),
)
TABLES = {"public.t": ROWS, "other.u": ROWS.slice(0, 3)}

Action = tuple[str, bytes]
MakeSource = Callable[[Mapping[str, pa.Table], Path], Source]


def in_memory(tables: Mapping[str, pa.Table], _: Path) -> Source:
    return MemorySource(tables)


def database_of(tables: Mapping[str, pa.Table], directory: Path) -> Path:
    path = directory / "tables.duckdb"
    with duckdb.connect(str(path)) as connection:
        for name, rows in tables.items():
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {name.partition('.')[0]}")
            connection.register("given", rows)
            json_doc = "* REPLACE (CAST(doc AS JSON) AS doc)" if "doc" in rows.column_names else "*"
            connection.execute(f"CREATE TABLE {name} AS SELECT {json_doc} FROM given")
            connection.unregister("given")
    return path


def in_duckdb(tables: Mapping[str, pa.Table], directory: Path) -> Source:
    return DuckDBSource(database_of(tables, directory))


def in_writable_duckdb(tables: Mapping[str, pa.Table], directory: Path) -> Source:
    return WritableDuckDBSource(database_of(tables, directory))


@dataclass(frozen=True)
class Received:
    """A message of a stream of rows."""

    data: pa.RecordBatch | None
    app_metadata: pa.Buffer | None


@dataclass(frozen=True)
class Messages:
    """In the place of pyarrow's reader."""

    schema: pa.Schema
    messages: list[Received]

    def __iter__(self) -> Iterator[Received]:
        return iter(self.messages)


@dataclass(frozen=True)
class Answering:
    """In the place of pyarrow's writer."""

    writer: flight.FlightMetadataWriter
    change: Callable[[Json], Json]

    def write(self, answer: pa.Buffer) -> None:
        changed = self.change(json.loads(answer.to_pybytes()))
        self.writer.write(pa.py_buffer(json.dumps(changed).encode()))


@dataclass(frozen=True)
class Fault:
    """What goes wrong between the SDK's server and the wire; what is left out goes right.

    `action` changes an action and its message, or answers it; `results` changes its results; `command` the
    command of a read, None if it is not JSON; `planned` the plan; `redeemed` a ticket; `streamed` the batches
    of a stream, `resent` the table that they are, with its schema. `received` are the messages of a stream of
    rows that are written, and `staged` the answer to them.
    """

    check: str
    action: Callable[[str, bytes], Action | list[bytes]] = lambda name, body: (name, body)
    results: Callable[[str, list[bytes]], list[bytes]] = lambda _, results: results
    command: Callable[[Any], Any] = lambda command: command
    planned: Callable[[Broken, Json, flight.FlightInfo], flight.FlightInfo] = lambda _, __, info: info
    redeemed: Callable[[Broken, flight.ServerCallContext, bytes], bytes] = lambda _, __, ticket: ticket
    streamed: Callable[[Json, list[pa.RecordBatch]], list[pa.RecordBatch]] = lambda _, batches: batches
    resent: Callable[[Json, pa.Table], pa.Table] | None = None
    received: Callable[[list[Received]], list[Received]] = lambda messages: messages
    staged: Callable[[str, list[Received], Json], Json] = lambda _, __, answer: answer
    reads_paths: bool = False
    tables: Mapping[str, pa.Table] = field(default_factory=lambda: TABLES)
    source: MakeSource = in_memory


class Broken(SourceServer):
    """A server with a fault. `seen` is for faults that remember something."""

    def __init__(self, fault: Fault, source: Source) -> None:
        super().__init__(source, "grpc://127.0.0.1:0", RequestLog(None), Metrics())
        self.fault = fault
        self.seen: dict[bytes, Any] = {}
        self.lock = threading.Lock()

    def do_action(self, context: flight.ServerCallContext, action: flight.Action) -> list[bytes]:
        with refusals():
            asked = self.fault.action(action.type, action.body.to_pybytes())
        if isinstance(asked, list):
            return asked
        results = super().do_action(context, flight.Action(*asked))
        with refusals():
            return self.fault.results(asked[0], results)

    def get_flight_info(
        self, context: flight.ServerCallContext, descriptor: flight.FlightDescriptor
    ) -> flight.FlightInfo:
        if descriptor.descriptor_type != flight.DescriptorType.CMD:
            if not self.fault.reads_paths:
                return super().get_flight_info(context, descriptor)
            asked: Any = read(ROWS.schema.names)
        else:
            asked = json_or_none(descriptor.command)
        with refusals():
            command = self.fault.command(asked)
        body = descriptor.command if command is None else json.dumps(command).encode()
        info = super().get_flight_info(context, flight.FlightDescriptor.for_command(body))
        self.seen.setdefault(b"a ticket", info.endpoints[0].ticket.ticket)
        self.seen[b"a peer"] = context.peer()
        with refusals():
            return self.fault.planned(self, command, info)

    def do_get(self, context: flight.ServerCallContext, ticket: flight.Ticket) -> flight.FlightDataStream:
        with refusals():
            own = self.fault.redeemed(self, context, ticket.ticket)
        if self.fault.resent is None:
            return super().do_get(context, flight.Ticket(own))
        planned = Ticket.from_bytes(own)
        described = self._described(planned.command.schema, planned.command.table)
        output = self._output_schema(planned.command, described)
        predicate = bind(planned.command.predicate, described.table.columns, described.accepted)
        batches = self._stream(context, planned, described, predicate)
        if not output.names:
            return flight.GeneratorStream(output, batches)
        table = pa.Table.from_batches(list(batches), output)
        return flight.RecordBatchStream(self.fault.resent(planned.command.to_json(), table))

    def do_put(
        self,
        context: flight.ServerCallContext,
        descriptor: flight.FlightDescriptor,
        reader: flight.MetadataRecordBatchReader,
        writer: flight.FlightMetadataWriter,
    ) -> None:
        came = self.fault.received([Received(chunk.data, chunk.app_metadata) for chunk in reader])
        schema = next((message.data.schema for message in came if message.data is not None), reader.schema)
        operation = json.loads(descriptor.command)["operation"]
        answering = Answering(writer, lambda answer: self.fault.staged(operation, came, answer))
        super().do_put(context, descriptor, Messages(schema, came), answering)

    def _stream(
        self, context: flight.ServerCallContext, planned: Any, described: Any, predicate: Any
    ) -> Generator[pa.RecordBatch]:
        batches = list(super()._stream(context, planned, described, predicate))
        with refusals():
            yield from self.fault.streamed(planned.command.to_json(), batches)


@contextmanager
def refusals() -> Iterator[None]:
    try:
        yield
    except (InvalidRequest, NotFound, Unavailable) as error:
        raise on_the_wire(error) from None


@contextmanager
def serving(fault: Fault) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as directory:
        source = fault.source(fault.tables, Path(directory))
        server = Broken(fault, source)
        try:
            yield f"grpc://127.0.0.1:{server.port}"
        finally:
            server.close()
            source.close()


def json_or_none(body: bytes) -> Any:
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def read(columns: list[str]) -> Json:
    return {"protocol": 1, "type": "read", "schema": "public", "table": "t", "columns": columns}


def is_all(command: Json) -> bool:
    """Whether everything is asked for."""
    return bool(
        command["columns"] == ROWS.schema.names
        and command["predicate"] is None
        and command["limit"] is None
        and command["partitions"] == 1
    )


def changing(action: str, change: Callable[[Json], object]) -> Callable[[str, list[bytes]], list[bytes]]:
    """A fault in the first result of an action."""

    def results(name: str, found: list[bytes]) -> list[bytes]:
        if name != action:
            return found
        answer = json.loads(found[0])
        change(answer)
        return [json.dumps(answer).encode(), *found[1:]]

    return results


def asking(
    action: str, change: Callable[[Json], Json | list[bytes]]
) -> Callable[[str, bytes], Action | list[bytes]]:
    """A fault in how an action's message is read, if it is JSON."""

    def asked(name: str, body: bytes) -> Action | list[bytes]:
        message = json_or_none(body)
        if name != action or message is None:
            return name, body
        changed = change(message)
        return changed if isinstance(changed, list) else (name, json.dumps(changed).encode())

    return asked


def when(condition: Callable[[Json], object], change: Callable[[Json], Json]) -> Callable[[Any], Any]:
    """A fault in how a command is read."""

    def command(found: Any) -> Any:
        return change(found) if found is not None and condition(found) else found

    return command


def part_when(
    condition: Callable[[Json], object], change: Callable[[Json], Json], alone: bool = True
) -> Callable[[Any], Any]:
    """A fault in how a column's part of a predicate is read."""

    def command(found: Any) -> Any:
        parts = parts_of(found)
        if not parts or (alone and len(parts) > 1):
            return found
        changed = [change(part) if condition(part) else part for part in parts]
        return found | {"predicate": {"columns": changed}}

    return command


def parts_of(command: Any) -> list[Json]:
    predicate = command and command.get("predicate")
    return predicate["columns"] if isinstance(predicate, dict) else []


def values_are(column: str, *values: str) -> Callable[[Json], bool]:
    """Whether the part asks for just these."""
    return lambda part: part == {"column": column, "null_allowed": False, "values": list(values)}


def one_range(part: Json) -> Json | None:
    ranges = part.get("ranges")
    return ranges[0] if ranges and len(ranges) == 1 else None


def low_of_id(value: str, inclusive: bool) -> Callable[[Json], bool]:
    """Whether the part is `id >= value` or `id > value`."""

    def condition(part: Json) -> bool:
        found = one_range(part)
        low = {"value": value, "inclusive": inclusive}
        return part["column"] == "id" and not part.get("null_allowed") and found == {"low": low, "high": None}

    return condition


def refuse(message: str) -> Any:
    raise InvalidRequest(message)


def endpoints(info: flight.FlightInfo, kept: list[flight.FlightEndpoint]) -> flight.FlightInfo:
    return flight.FlightInfo(info.schema, info.descriptor, kept, -1, -1)


def without_last_endpoint(condition: Callable[[Json], object]) -> Any:
    def planned(_: Broken, command: Json, info: flight.FlightInfo) -> flight.FlightInfo:
        several = len(info.endpoints) > 1 and condition(command)
        return endpoints(info, info.endpoints[:-1]) if several else info

    return planned


def numbered(server: Broken, _: Json, info: flight.FlightInfo) -> flight.FlightInfo:
    """Tickets that are told apart each time they are given out."""
    kept = []
    for endpoint in info.endpoints:
        server.seen[b"number"] = server.seen.get(b"number", 0) + 1
        ticket = server.seen[b"number"].to_bytes(8) + endpoint.ticket.ticket
        kept.append(flight.FlightEndpoint(ticket, []))
    return endpoints(info, kept)


def once(server: Broken, _: flight.ServerCallContext, ticket: bytes) -> bytes:
    if server.seen.setdefault(ticket, 0):
        raise Unavailable("the ticket was used")
    server.seen[ticket] += 1
    return ticket[8:]


def by_the_same_peer(server: Broken, context: flight.ServerCallContext, ticket: bytes) -> bytes:
    if context.peer() != server.seen[b"a peer"]:
        refuse("the ticket is of another connection")
    return ticket


def any_ticket(server: Broken, _: flight.ServerCallContext, ticket: bytes) -> bytes:
    found: bytes = ticket if ticket.startswith(MARK) and len(ticket) > 200 else server.seen[b"a ticket"]
    return found


def few_streams(server: Broken, _: flight.ServerCallContext, ticket: bytes) -> bytes:
    with server.lock:
        server.seen[ticket] = server.seen.get(ticket, 0) + 1
        if server.seen[ticket] > 20:
            raise Unavailable("public.t: too many streams were given up")
    return ticket


def few_at_once(server: Broken, _: flight.ServerCallContext, ticket: bytes) -> bytes:
    with server.lock:
        server.seen[b"running"] = server.seen.get(b"running", 0) + 1
    time.sleep(0.1)
    with server.lock:
        running = server.seen[b"running"]
        server.seen[b"running"] -= 1
    if running > 3:
        raise Unavailable("public.t: too many reads")
    return ticket


def unreachable_location(server: Broken, _: Json, info: flight.FlightInfo) -> flight.FlightInfo:
    good = f"grpc://127.0.0.1:{server.port}"
    kept = [flight.FlightEndpoint(it.ticket.ticket, [good, "grpc://127.0.0.1:1"]) for it in info.endpoints]
    return endpoints(info, kept)


def of_few_ids(_: Broken, __: Json, info: flight.FlightInfo) -> flight.FlightInfo:
    """Endpoints of which it is said that they have the least ids alone."""
    part = {"column": "id", "ranges": [{"low": None, "high": {"value": "2", "inclusive": True}}]}
    said = json.dumps({"predicate": {"columns": [part]}})
    kept = [flight.FlightEndpoint(it.ticket.ticket, [], None, said) for it in info.endpoints]
    return endpoints(info, kept)


def plain(info: flight.FlightInfo) -> flight.FlightInfo:
    bare = pa.schema([column.remove_metadata() for column in info.schema])
    return flight.FlightInfo(bare, info.descriptor, info.endpoints, -1, -1)


def rows_of(batches: list[pa.RecordBatch], change: Callable[[pa.Table], pa.Table]) -> list[pa.RecordBatch]:
    return change(pa.Table.from_batches(batches)).to_batches() if batches else []


def null_first_id(_: Json, batches: list[pa.RecordBatch]) -> list[pa.RecordBatch]:
    def change(table: pa.Table) -> pa.Table:
        index = table.schema.get_field_index("id")
        if index < 0:
            return table
        ids = [None if value == 0 else value for value in table["id"].to_pylist()]
        return table.set_column(index, table.schema.field(index), pa.array(ids, pa.int64()))

    return rows_of(batches, change)


def one_table(*columns: tuple[pa.Field, list[Any]]) -> dict[str, pa.Table]:
    schema = pa.schema([column for column, _ in columns])
    return {"public.t": pa.table([values for _, values in columns], schema=schema)}


def more_than_the_handshake(action: str, found: list[bytes]) -> list[bytes]:
    return changing(HANDSHAKE, lambda answer: answer["capabilities"].update(partitions=False))(action, found)


def of_all_columns(asked: Json) -> Json:
    """Statistics are asked for of all columns, in place of some that are there."""
    columns = asked.get("columns")
    return asked if columns is None or ABSENT in columns else asked | {"columns": None}


def no_partitions(action: str, found: list[bytes]) -> list[bytes]:
    answer = json.loads(found[0])
    if "capabilities" in answer:
        answer["capabilities"]["partitions"] = False
    return [json.dumps(answer).encode(), *found[1:]]


HANDSHAKE_FAULTS = (
    Fault("handshake.answer", results=changing(HANDSHAKE, lambda answer: answer.update(version=7))),
    Fault(
        "handshake.capabilities",
        results=changing(HANDSHAKE, lambda answer: answer["capabilities"].update(predicate="fully")),
    ),
    Fault(
        "handshake.highest_version",
        action=asking(
            HANDSHAKE,
            lambda asked: (
                refuse("too many") if len(asked["protocol"]) == 2 and 1 in asked["protocol"] else asked
            ),
        ),
    ),
    Fault(
        "handshake.no_common_version",
        action=asking(
            HANDSHAKE, lambda asked: {"protocol": [1]} if UNSPOKEN + 1 in asked["protocol"] else asked
        ),
    ),
    Fault(
        "handshake.no_version", action=asking(HANDSHAKE, lambda asked: {"protocol": asked["protocol"] or [1]})
    ),
    Fault(
        "handshake.versions_of_both",
        action=asking(HANDSHAKE, lambda asked: refuse("no") if asked["protocol"] == [UNSPOKEN] else asked),
    ),
)
MESSAGE_FAULTS = (
    Fault(
        "messages.unknown_action",
        action=lambda name, body: (LIST_SCHEMAS, b"{}") if "no_such" in name else (name, body),
    ),
    Fault(
        "messages.no_json",
        action=lambda name, body: (
            name,
            body if json_or_none(body) is not None or name != LIST_TABLES else b"{}",
        ),
    ),
    Fault("messages.no_json_command", command=lambda found: read(["id"]) if found is None else found),
    Fault("messages.numbers_of_json", action=lambda name, body: (name, body.replace(b"NaN", b"0"))),
    Fault(
        "messages.missing_fields",
        action=asking(LIST_TABLES, lambda asked: {} if asked.get("schema") == 7 else asked),
    ),
    Fault(
        "messages.unknown_fields",
        action=asking(LIST_SCHEMAS, lambda asked: refuse("no fields") if asked else asked),
    ),
    Fault(
        "messages.null_fields",
        action=asking(
            LIST_TABLES, lambda asked: refuse("schema: null") if asked.get("schema", "") is None else asked
        ),
    ),
    Fault("messages.paths", reads_paths=True),
    Fault(
        "messages.unknown_command_fields",
        command=when(lambda found: "nostro_source_check" in found, lambda _: refuse("unknown field")),
    ),
    Fault(
        "messages.null_command_fields",
        command=when(lambda found: "partitions" not in found, lambda _: refuse("partitions: missing")),
    ),
    Fault("messages.unknown_kind", command=when(lambda _: True, lambda found: found | {"type": "read"})),
    Fault("messages.unknown_version", command=when(lambda _: True, lambda found: found | {"protocol": 1})),
    Fault(
        "messages.wrong_fields",
        command=when(lambda found: found.get("limit") == -1, lambda found: found | {"limit": None}),
    ),
)
TABLE_FAULTS = (
    Fault(
        "tables.schemas", results=changing(LIST_SCHEMAS, lambda answer: answer["schemas"].append("public"))
    ),
    Fault("tables.tables", results=changing(LIST_SCHEMAS, lambda answer: answer["schemas"].remove("other"))),
    Fault(
        "tables.tables_of_schema",
        action=asking(LIST_TABLES, lambda asked: {} if asked.get("schema") == "other" else asked),
    ),
    Fault(
        "tables.unknown_schema",
        action=asking(
            LIST_TABLES, lambda asked: [b'{"tables": []}'] if asked.get("schema") == ABSENT else asked
        ),
    ),
    Fault(
        "tables.described",
        action=asking(DESCRIBE_TABLE, lambda asked: refuse("no") if asked["table"] == "u" else asked),
    ),
    Fault(
        "tables.entries_agree",
        results=changing(DESCRIBE_TABLE, lambda answer: answer["table"].update(comment="another")),
    ),
    Fault(
        "tables.unknown_table",
        action=asking(DESCRIBE_TABLE, lambda asked: refuse("no") if asked["table"] == ABSENT else asked),
    ),
    Fault(
        "tables.unknown_table_read",
        command=when(lambda found: found["table"] == ABSENT, lambda _: refuse("no")),
    ),
)
DESCRIPTION_FAULTS = (
    Fault("description.results", results=lambda name, found: found[:1] if name == DESCRIBE_TABLE else found),
    Fault("description.capabilities", results=more_than_the_handshake),
    Fault(
        "description.predicate_columns",
        results=changing(DESCRIBE_TABLE, lambda answer: answer["predicate_columns"].append("doc")),
    ),
    Fault(
        "description.row_count", results=changing(DESCRIBE_TABLE, lambda answer: answer.update(row_count=-1))
    ),
    Fault("description.types", tables=one_table((pa.field("took", pa.duration("s")), [1]))),
    Fault(
        "description.declared_types",
        tables=one_table((with_type(pa.field("n", pa.int64()), "varchar(3)"), [1])),
    ),
)
READING_FAULTS = (
    Fault(
        "reading.all_columns",
        streamed=lambda command, batches: refuse("too wide") if is_all(command) else batches,
    ),
    Fault("reading.planned_schema", planned=lambda _, __, info: plain(info)),
    Fault(
        "reading.streamed_schema",
        resent=lambda _, table: table.cast(pa.schema([it.remove_metadata() for it in table.schema])),
    ),
    Fault("reading.values", streamed=null_first_id),
    Fault(
        "reading.declared_values",
        tables=one_table((with_type(pa.field("code", pa.string()), "varchar(3)"), ["EUR", "EURO"])),
    ),
    Fault(
        "reading.each_column",
        streamed=lambda command, batches: (
            rows_of(batches, lambda table: table.slice(1)) if command["columns"] == ["price"] else batches
        ),
    ),
    Fault(
        "reading.other_order",
        resent=lambda command, table: table.select(
            [name for name in ROWS.schema.names if name in command["columns"]]
        ),
    ),
    Fault(
        "reading.no_columns",
        streamed=lambda command, batches: batches if command["columns"] else [],
    ),
    Fault(
        "reading.column_twice",
        command=when(
            lambda _: True, lambda found: found | {"columns": list(dict.fromkeys(found["columns"]))}
        ),
    ),
    Fault(
        "reading.unknown_column",
        command=when(
            lambda _: True,
            lambda found: found | {"columns": [it for it in found["columns"] if it in ROWS.schema.names]},
        ),
    ),
)
LIMIT_FAULTS = (
    Fault(
        "limits.zero",
        command=when(
            lambda found: found["limit"] == 0 and found["partitions"] == 1,
            lambda found: found | {"limit": None},
        ),
    ),
    Fault(
        "limits.some",
        command=when(
            lambda found: found["limit"] == 2 and found["partitions"] == 1 and not parts_of(found),
            lambda found: found | {"limit": 3},
        ),
    ),
    Fault(
        "limits.more_than_there_are",
        command=when(lambda found: (found["limit"] or 0) > 1000, lambda found: found | {"limit": 1}),
    ),
    Fault(
        "limits.over_endpoints",
        command=when(
            lambda found: found["limit"] and found["partitions"] == 4,
            lambda found: found | {"limit": found["limit"] * 2},
        ),
    ),
    Fault(
        "limits.with_predicate",
        command=when(
            lambda found: parts_of(found) and found["limit"] is not None,
            lambda found: found | {"predicate": None},
        ),
    ),
)
PARTITION_FAULTS = (
    Fault("partitions.whole", planned=without_last_endpoint(lambda command: command["columns"])),
    Fault("partitions.counted", planned=without_last_endpoint(lambda command: not command["columns"])),
    Fault("partitions.one_endpoint", results=no_partitions),
    Fault("partitions.tickets_again", planned=numbered, redeemed=once),
    Fault("partitions.any_connection", redeemed=by_the_same_peer),
    Fault("partitions.foreign_tickets", redeemed=any_ticket),
    Fault("partitions.locations", planned=unreachable_location),
)
PREDICATE_FAULTS = (
    Fault(
        "predicates.values_there",
        command=part_when(values_are("id", "0"), lambda part: part | {"values": []}),
    ),
    Fault(
        "predicates.values_absent",
        command=part_when(values_are("id", "-1"), lambda part: part | {"values": ["0"]}),
    ),
    Fault(
        "predicates.several_values",
        command=part_when(
            lambda part: part["column"] == "id" and 1 < len(part.get("values") or []) < 20,
            lambda part: part | {"values": part["values"][:1]},
        ),
    ),
    Fault(
        "predicates.no_values",
        command=part_when(
            lambda part: part.get("values") == [] and not part.get("null_allowed") and "ranges" not in part,
            lambda part: {"column": part["column"], "null_allowed": False, "ranges": [{}]},
        ),
    ),
    Fault(
        "predicates.inclusive",
        command=part_when(low_of_id("9", True), lambda part: part | {"ranges": []}),
    ),
    Fault(
        "predicates.exclusive",
        command=part_when(
            low_of_id("9", False), lambda part: {"column": "id", "null_allowed": False, "values": ["9"]}
        ),
    ),
    Fault(
        "predicates.between",
        command=part_when(
            lambda part: (
                (found := one_range(part))
                and found.get("low")
                and found.get("high")
                and found["low"]["inclusive"] != found["high"]["inclusive"]
            ),
            lambda part: (
                part
                | {"ranges": [{end: bound | {"inclusive": True} for end, bound in part["ranges"][0].items()}]}
            ),
        ),
    ),
    Fault(
        "predicates.empty_ranges",
        command=part_when(
            lambda part: (
                part["column"] == "id"
                and (found := one_range(part))
                and found.get("low")
                and found.get("high")
                and int(found["low"]["value"]) > int(found["high"]["value"])
            ),
            lambda part: (
                part | {"ranges": [{"low": part["ranges"][0]["high"], "high": part["ranges"][0]["low"]}]}
            ),
        ),
    ),
    Fault(
        "predicates.several_ranges",
        command=part_when(
            lambda part: len(part.get("ranges") or []) > 1, lambda part: part | {"ranges": part["ranges"][:1]}
        ),
    ),
    Fault(
        "predicates.is_null",
        command=part_when(
            lambda part: part == {"column": "name", "null_allowed": True},
            lambda part: part | {"null_allowed": False},
        ),
    ),
    Fault(
        "predicates.is_not_null",
        command=part_when(
            lambda part: one_range(part) == {"low": None, "high": None} and not part.get("null_allowed"),
            lambda part: part | {"null_allowed": True},
        ),
    ),
    Fault(
        "predicates.value_or_null",
        command=part_when(
            lambda part: part.get("null_allowed") and part.get("values"),
            lambda part: part | {"null_allowed": False},
        ),
    ),
    Fault(
        "predicates.nothing",
        command=part_when(
            lambda part: part == {"column": "name"}, lambda part: part | {"null_allowed": True}
        ),
    ),
    Fault(
        "predicates.every_row",
        command=when(lambda found: found["predicate"] == {"columns": []}, lambda _: refuse("no columns")),
    ),
    Fault(
        "predicates.several_columns",
        command=when(
            lambda found: len({part["column"] for part in parts_of(found)}) > 1,
            lambda found: found | {"predicate": {"columns": parts_of(found)[:1]}},
        ),
    ),
    Fault(
        "predicates.many_values",
        command=part_when(lambda part: len(part.get("values") or []) > 999, lambda _: refuse("too many")),
    ),
    Fault(
        "predicates.not_read",
        command=when(
            lambda found: (
                found["columns"]
                and any(
                    part["column"] not in found["columns"]
                    for part in parts_of(found)
                    if part["column"] in ROWS.schema.names
                )
            ),
            lambda found: found | {"predicate": None},
        ),
    ),
    Fault(
        "predicates.counted",
        command=when(lambda found: not found["columns"], lambda found: found | {"predicate": None}),
    ),
    Fault(
        "predicates.in_parts",
        command=when(lambda found: found["partitions"] > 1, lambda found: found | {"predicate": None}),
    ),
    Fault(
        "predicates.not_a_number",
        command=part_when(
            values_are("ratio", "NaN"),
            lambda part: {"column": "ratio", "null_allowed": False, "ranges": [{}]},
        ),
    ),
    Fault(
        "predicates.zeros",
        command=part_when(values_are("ratio", "-0.0", "1.0"), lambda part: part | {"values": []}),
    ),
    Fault(
        "predicates.text",
        command=part_when(values_are("name", "b"), lambda part: part | {"values": ["b "]}),
    ),
    Fault(
        "predicates.binary",
        command=part_when(
            lambda part: (found := one_range(part)) and (found["low"] or {}).get("value") == "gA==",
            lambda part: part | {"ranges": []},
        ),
    ),
    Fault(
        "predicates.finer_literals",
        command=part_when(
            lambda part: (
                part["column"] == "price" and any(value[-4:-3] == "." for value in part.get("values") or [])
            ),
            lambda part: part | {"values": [value[:-1] for value in part["values"]]},
        ),
    ),
    Fault(
        "predicates.bad_literals",
        command=part_when(values_are("id", "twelve"), lambda part: part | {"values": []}),
    ),
    Fault(
        "predicates.values_and_ranges",
        command=part_when(lambda part: part.get("ranges") is not None, lambda part: part | {"values": None}),
    ),
    Fault(
        "predicates.column_twice",
        command=when(
            lambda found: len(parts_of(found)) == 2 and parts_of(found)[0] == parts_of(found)[1],
            lambda found: found | {"predicate": {"columns": parts_of(found)[:1]}},
        ),
    ),
    Fault(
        "predicates.unknown_column",
        command=when(
            lambda found: any(part["column"] not in ROWS.schema.names for part in parts_of(found)),
            lambda found: found | {"predicate": None},
        ),
    ),
    Fault(
        "predicates.undeclared_column",
        command=when(
            lambda found: any(part["column"] == "doc" for part in parts_of(found)),
            lambda found: found | {"predicate": None},
        ),
    ),
)
ENDPOINT_FAULTS = (Fault("endpoints.rows", planned=of_few_ids),)
STATISTICS_FAULTS = (
    Fault(
        "statistics.well_formed",
        results=changing(
            TABLE_STATISTICS, lambda answer: [it.update(null_fraction=50) for it in answer["columns"]]
        ),
    ),
    Fault("statistics.wanted_columns", action=asking(TABLE_STATISTICS, of_all_columns)),
    Fault(
        "statistics.bounds",
        results=changing(
            TABLE_STATISTICS,
            lambda answer: [
                it.update(low=it["high"], high=it["low"]) for it in answer["columns"] if it["low"] is not None
            ],
        ),
    ),
    Fault(
        "statistics.unknown_names",
        action=asking(
            TABLE_STATISTICS,
            lambda asked: [b'{"row_count": 0, "columns": []}'] if asked["table"] == ABSENT else asked,
        ),
    ),
)
SERVING_FAULTS = (
    Fault(
        "serving.names_the_table",
        command=when(lambda found: found["columns"] == ["id", "id"], lambda _: refuse("a column twice")),
    ),
    Fault("serving.cancelled", redeemed=few_streams),
    Fault("serving.at_once", redeemed=few_at_once),
)


def order_when(
    condition: Callable[[Json, list[Json]], object], change: Callable[[list[Json]], list[Json]]
) -> Callable[[Any], Any]:
    """A fault in how an order is read."""

    def command(found: Any) -> Any:
        items = (found or {}).get("order_by")
        if not items or not condition(found, items):
            return found
        return found | {"order_by": change(items)}

    return command


def flipped(items: list[Json]) -> list[Json]:
    return [{**item, "descending": not item["descending"]} for item in items]


def last_first(items: list[Json]) -> list[Json]:
    return [{**item, "nulls_first": False} for item in items]


def two_endpoints(condition: Callable[[Json], object]) -> Any:
    def planned(_: Broken, command: Json, info: flight.FlightInfo) -> flight.FlightInfo:
        return endpoints(info, info.endpoints * 2) if condition(command) else info

    return planned


ORDER_FAULTS = (
    Fault(
        "orders.first_rows",
        source=in_duckdb,
        command=order_when(
            lambda found, items: found["columns"] == ["name"] and not items[0]["nulls_first"], flipped
        ),
    ),
    Fault(
        "orders.nulls_first",
        source=in_duckdb,
        command=order_when(lambda _, items: items[0]["column"] != "ratio", last_first),
    ),
    Fault(
        "orders.floating_point",
        source=in_duckdb,
        command=order_when(lambda _, items: items[0]["column"] == "ratio", last_first),
    ),
    Fault(
        "orders.several_columns",
        source=in_duckdb,
        command=order_when(lambda _, items: len(items) > 1, lambda items: items[:1]),
    ),
    Fault(
        "orders.not_read",
        source=in_duckdb,
        command=order_when(
            lambda found, items: items[0]["column"] not in found["columns"] and items[0]["column"] == "name",
            lambda _: [],
        ),
    ),
    Fault(
        "orders.with_predicate",
        source=in_duckdb,
        command=when(
            lambda found: found.get("order_by") and parts_of(found),
            lambda found: found | {"predicate": None},
        ),
    ),
    Fault(
        "orders.more_than_there_are",
        source=in_duckdb,
        command=order_when(lambda found, _: (found["limit"] or 0) > ROWS.num_rows, flipped),
    ),
    Fault(
        "orders.one_endpoint", source=in_duckdb, planned=two_endpoints(lambda found: found["partitions"] > 1)
    ),
    Fault(
        "orders.without_limit",
        source=in_duckdb,
        command=order_when(lambda found, _: found["limit"] is None, lambda _: []),
    ),
    Fault(
        "orders.unknown_column",
        source=in_duckdb,
        command=order_when(lambda _, items: items[0]["column"] not in ROWS.schema.names, lambda _: []),
    ),
)


def aggregates_when(
    condition: Callable[[Json, Json, list[tuple[str, str | None]]], object], change: Callable[[Json], Json]
) -> Callable[[Any], Any]:
    """A fault in how an aggregation is read: of a command, the aggregation, the functions with columns."""

    def command(found: Any) -> Any:
        message = (found or {}).get("aggregation")
        if not message:
            return found
        parts = [(each["function"], each["column"]) for each in message["aggregates"]]
        return change(found) if condition(found, message, parts) else found

    return command


def alone(function: str, column: str | None) -> Callable[[Json, Json, list[tuple[str, str | None]]], bool]:
    """Whether the aggregate is the only one, of all rows."""
    return lambda found, message, parts: (
        parts == [(function, column)] and not message["group_by"] and not parts_of(found)
    )


def aggregating(*parts: tuple[str, str | None]) -> Callable[[Json], Json]:
    def change(found: Json) -> Json:
        aggregates = [
            {"function": function, "column": column, "output": each["output"]}
            for (function, column), each in zip(parts, found["aggregation"]["aggregates"], strict=True)
        ]
        return found | {"aggregation": {**found["aggregation"], "aggregates": aggregates}}

    return change


def only(part: Json) -> Callable[[Json], Json]:
    return lambda found: found | {"predicate": {"columns": [part]}}


def not_null(column: str) -> Json:
    return {"column": column, "null_allowed": False, "ranges": [{}]}


FROM_ONE = {"column": "id", "ranges": [{"low": {"value": "1", "inclusive": True}}]}
LARGE = pa.table({"n": pa.array([2**62] * 4)})


def wrong_type(command: Json, table: pa.Table) -> pa.Table:
    parts = (command.get("aggregation") or {}).get("aggregates")
    if not parts or command["aggregation"]["group_by"] or parts[0]["column"] is not None:
        return table
    return table.cast(pa.schema([pa.field(name, pa.int32()) for name in table.column_names]))


AGGREGATE_FAULTS = (
    Fault(
        "aggregates.count_rows",
        source=in_duckdb,
        command=aggregates_when(alone("count", None), aggregating(("count", "name"))),
    ),
    Fault(
        "aggregates.count",
        source=in_duckdb,
        command=aggregates_when(alone("count", "name"), aggregating(("count", None))),
    ),
    Fault(
        "aggregates.count_distinct",
        source=in_duckdb,
        command=aggregates_when(alone("count_distinct", "name"), aggregating(("count", "name"))),
    ),
    Fault(
        "aggregates.min",
        source=in_duckdb,
        command=aggregates_when(alone("min", "id"), aggregating(("max", "id"))),
    ),
    Fault(
        "aggregates.max",
        source=in_duckdb,
        command=aggregates_when(alone("max", "name"), aggregating(("min", "name"))),
    ),
    Fault(
        "aggregates.extremes_of_floats",
        source=in_duckdb,
        command=aggregates_when(
            lambda _, __, parts: parts == [("min", "ratio"), ("max", "ratio")],
            aggregating(("min", "ratio"), ("min", "ratio")),
        ),
    ),
    Fault(
        "aggregates.sum",
        source=in_duckdb,
        command=aggregates_when(alone("sum", "id"), aggregating(("max", "id"))),
    ),
    Fault(
        "aggregates.too_large",
        source=in_duckdb,
        tables={"public.t": LARGE},
        command=aggregates_when(alone("sum", "n"), aggregating(("max", "n"))),
    ),
    Fault(
        "aggregates.avg",
        source=in_duckdb,
        command=aggregates_when(alone("avg", "id"), aggregating(("avg", "ratio"))),
    ),
    Fault(
        "aggregates.groups",
        source=in_duckdb,
        command=aggregates_when(
            lambda found, message, _: message["group_by"] == ["name"] and not found.get("order_by"),
            only(not_null("name")),
        ),
    ),
    Fault(
        "aggregates.groups_of_floats",
        source=in_duckdb,
        command=aggregates_when(
            lambda _, message, __: message["group_by"] == ["ratio"], only(not_null("ratio"))
        ),
    ),
    Fault(
        "aggregates.several_columns",
        source=in_duckdb,
        command=aggregates_when(
            lambda _, message, parts: len(message["group_by"]) > 1 and parts, only(FROM_ONE)
        ),
    ),
    Fault(
        "aggregates.distinct_rows",
        source=in_duckdb,
        command=aggregates_when(
            lambda _, message, parts: len(message["group_by"]) > 1 and not parts, only(FROM_ONE)
        ),
    ),
    Fault(
        "aggregates.no_rows",
        source=in_duckdb,
        command=aggregates_when(
            lambda found, message, _: parts_of(found) and not parts_of(found)[0]["values"],
            lambda found: found | {"limit": 0},
        ),
    ),
    Fault(
        "aggregates.with_predicate",
        source=in_duckdb,
        command=aggregates_when(
            lambda found, _, __: parts_of(found) and parts_of(found)[0]["values"],
            lambda found: found | {"predicate": None},
        ),
    ),
    Fault(
        "aggregates.ordered",
        source=in_duckdb,
        command=aggregates_when(
            lambda found, _, __: found.get("order_by"), lambda found: found | {"order_by": []}
        ),
    ),
    Fault(
        "aggregates.one_endpoint",
        source=in_duckdb,
        planned=two_endpoints(lambda found: found["partitions"] > 1),
    ),
    Fault("aggregates.types", source=in_duckdb, resent=wrong_type),
    Fault(
        "aggregates.unknown_function",
        source=in_duckdb,
        command=aggregates_when(
            lambda _, __, parts: any(function not in FUNCTIONS for function, _ in parts),
            aggregating(("count", None)),
        ),
    ),
    Fault(
        "aggregates.name_twice",
        source=in_duckdb,
        command=aggregates_when(
            lambda _, message, __: any(each["output"] == "ID" for each in message["aggregates"]),
            lambda found: found | {"aggregation": {"group_by": ["id"], "aggregates": []}},
        ),
    ),
)


def expression_when(
    condition: Callable[[Json, list[Json]], object], change: Callable[[Json], Json | None]
) -> Callable[[Any], Any]:
    """A fault in how an expression is read: of the outermost node and its arguments."""

    def command(found: Any) -> Any:
        predicate = (found or {}).get("predicate") or {}
        node = predicate.get("expression")
        if node is None or not condition(node, node.get("arguments", [])):
            return found
        return found | {"predicate": {**predicate, "expression": change(node)}}

    return command


def as_kind(kind: str) -> Callable[[Json], Json]:
    return lambda node: {**node, "kind": kind}


def first_argument(node: Json) -> Json:
    found: Json = node["arguments"][0]
    return found


def of_column(name: str) -> Json:
    return {"kind": "column", "column": name}


def with_first(change: Callable[[Json], Json]) -> Callable[[Json], Json]:
    return lambda node: {**node, "arguments": [change(node["arguments"][0]), *node["arguments"][1:]]}


def wild(node: Json) -> Json:
    value, pattern, *escape = node["arguments"]
    return {**node, "arguments": [value, {**pattern, "value": pattern["value"].replace("_", "%")}, *escape]}


def kind_of_first(arguments: list[Json]) -> str:
    return str(arguments[0]["kind"]) if arguments else ""


EXPRESSION_FAULTS = (
    Fault(
        "expressions.comparisons",
        source=in_duckdb,
        command=expression_when(
            lambda node, args: node["kind"] == "<" and args[0] == of_column("id") != args[1], as_kind("<=")
        ),
    ),
    Fault(
        "expressions.columns",
        source=in_duckdb,
        command=expression_when(
            lambda node, args: node["kind"] == "<" and args[0] == of_column("id") == args[1], as_kind("<=")
        ),
    ),
    Fault(
        "expressions.is_null",
        source=in_duckdb,
        command=expression_when(
            lambda node, args: node["kind"] == "is_null" and args == [of_column("name")],
            lambda node: {"kind": "not", "arguments": [node]},
        ),
    ),
    Fault(
        "expressions.is_distinct_from",
        source=in_duckdb,
        command=expression_when(
            lambda node, args: node["kind"] == "is_distinct_from" and args[0] == of_column("name"),
            as_kind("<>"),
        ),
    ),
    Fault(
        "expressions.not",
        source=in_duckdb,
        command=expression_when(
            lambda node, args: (
                node["kind"] == "not"
                and kind_of_first(args) == "="
                and args[0]["arguments"][0] == of_column("name")
            ),
            lambda node: {
                "kind": "or",
                "arguments": [node, {"kind": "is_null", "arguments": [of_column("name")]}],
            },
        ),
    ),
    Fault(
        "expressions.and",
        source=in_duckdb,
        command=expression_when(lambda node, _: node["kind"] == "and", first_argument),
    ),
    Fault(
        "expressions.or",
        source=in_duckdb,
        command=expression_when(lambda node, _: node["kind"] == "or", first_argument),
    ),
    Fault(
        "expressions.in",
        source=in_duckdb,
        command=expression_when(
            lambda node, args: node["kind"] == "in" and args[0] == of_column("id"),
            lambda node: {**node, "arguments": node["arguments"][:2]},
        ),
    ),
    Fault(
        "expressions.like",
        source=in_duckdb,
        command=expression_when(lambda node, _: node["kind"] == "like", wild),
    ),
    Fault(
        "expressions.cast",
        source=in_duckdb,
        command=expression_when(
            lambda node, args: node["kind"] == "<" and kind_of_first(args) == "cast", as_kind(">")
        ),
    ),
    Fault(
        "expressions.floating_point",
        source=in_duckdb,
        command=expression_when(
            lambda node, args: node["kind"] == "<>" and args[1].get("value") == "NaN", as_kind("=")
        ),
    ),
    Fault(
        "expressions.arithmetic",
        source=in_duckdb,
        command=expression_when(
            lambda _, args: kind_of_first(args) == "/", with_first(lambda node: {**node, "kind": "*"})
        ),
    ),
    Fault(
        "expressions.decimals",
        source=in_duckdb,
        command=expression_when(
            lambda node, args: node["kind"] == "<=" and kind_of_first(args) == "+", as_kind(">=")
        ),
    ),
    Fault(
        "expressions.negate",
        source=in_duckdb,
        command=expression_when(lambda _, args: kind_of_first(args) == "negate", with_first(first_argument)),
    ),
    Fault(
        "expressions.with_parts",
        source=in_duckdb,
        command=when(
            lambda found: parts_of(found) and found["predicate"].get("expression"),
            lambda found: found | {"predicate": {**found["predicate"], "columns": []}},
        ),
    ),
    Fault(
        "expressions.unknown_kind",
        source=in_duckdb,
        command=expression_when(lambda node, _: node["kind"] == "nostro_source_check", lambda _: None),
    ),
    Fault(
        "expressions.not_as_described",
        source=in_duckdb,
        command=expression_when(
            lambda _, args: len(args) > 1 and args[1].get("type") == "nostro_source_check", lambda _: None
        ),
    ),
)


def only_what_is_held() -> Callable[[str, bytes], Action | list[bytes]]:
    """A fault: a release of what was released already is refused."""
    held: set[str] = set()

    def asked(name: str, body: bytes) -> Action | list[bytes]:
        holder = str((json_or_none(body) or {}).get("holder"))
        if name == DESCRIBE_TABLE:
            held.add(holder)
        elif name == RELEASE:
            if holder not in held:
                refuse(f"{holder} holds nothing")
            held.remove(holder)
        return name, body

    return asked


SNAPSHOT_FAULTS = (
    Fault(
        "snapshots.described",
        source=in_writable_duckdb,
        results=changing(DESCRIBE_TABLE, lambda answer: answer.update(snapshot=None)),
    ),
    Fault(
        "snapshots.read",
        source=in_writable_duckdb,
        command=when(
            lambda found: found.get("snapshot") not in (None, NO_STATE), lambda found: found | {"limit": 1}
        ),
    ),
    Fault(
        "snapshots.unknown",
        source=in_writable_duckdb,
        command=when(
            lambda found: found.get("snapshot") == NO_STATE, lambda found: found | {"snapshot": None}
        ),
    ),
    Fault("snapshots.released", source=in_writable_duckdb, action=only_what_is_held()),
)

FAULTS = (
    *HANDSHAKE_FAULTS,
    *MESSAGE_FAULTS,
    *TABLE_FAULTS,
    *DESCRIPTION_FAULTS,
    *READING_FAULTS,
    *LIMIT_FAULTS,
    *PARTITION_FAULTS,
    *PREDICATE_FAULTS,
    *ENDPOINT_FAULTS,
    *STATISTICS_FAULTS,
    *EXPRESSION_FAULTS,
    *ORDER_FAULTS,
    *AGGREGATE_FAULTS,
    *SNAPSHOT_FAULTS,
    *SERVING_FAULTS,
)
