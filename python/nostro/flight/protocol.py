"""Messages of the Flight protocol, version 1: see docs/protocol.md.

Every message is a frozen dataclass with `from_json` and `to_json`. Reading one checks its types and raises
`InvalidRequest` naming the field and what is accepted; unknown fields are ignored, unknown kinds refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from nostro.flight.errors import InvalidRequest

VERSIONS = (1,)
"""The protocol versions this package speaks, oldest first."""

HANDSHAKE = "nostro.handshake"
LIST_SCHEMAS = "nostro.list_schemas"
LIST_TABLES = "nostro.list_tables"
DESCRIBE_TABLE = "nostro.describe_table"
TABLE_STATISTICS = "nostro.table_statistics"

LONGEST_MESSAGE = 32 * 1024 * 1024
"""Bytes of a message; a predicate with a million discrete values fits."""

DEEPEST_EXPRESSION = 100
"""Levels of an expression; deeper ones are refused before they exhaust the stack."""

MOST_TABLES = 16
"""Tables that one read joins."""
MOST_NESTED = 32
"""Relations one in another."""

Json = dict[str, Any]
Enforcement = Literal["exact", "partial", "none"]
Parsed = TypeVar("Parsed")


@dataclass(frozen=True)
class Capabilities:
    """What the server does itself. `exact` is done fully, `partial` may let too many rows through.

    `aggregates` and `expressions` are the functions and kinds of expression that it evaluates, `changes` the
    kinds of change that it makes, `joins` the kinds of join. With `snapshots`, all reads of a snapshot's
    token see one state. With `statistics` it can be asked for those of columns, with `nested` for rows of a
    relation's rows.
    """

    projection: bool = False
    predicate: Enforcement = "none"
    limit: Enforcement = "none"
    partitions: bool = False
    top_n: Enforcement = "none"
    aggregates: tuple[str, ...] = ()
    expressions: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    snapshots: bool = False
    joins: tuple[str, ...] = ()
    statistics: bool = False
    nested: bool = False

    @classmethod
    def from_json(cls, value: Any, at: str = "capabilities") -> Capabilities:
        message = Message(value, at)
        return cls(
            message.boolean("projection", False),
            message.enforcement("predicate"),
            message.enforcement("limit"),
            message.boolean("partitions", False),
            message.enforcement("top_n"),
            tuple(message.optional("aggregates", array_of(string)) or ()),
            tuple(message.optional("expressions", array_of(string)) or ()),
            tuple(message.optional("changes", array_of(string)) or ()),
            message.boolean("snapshots", False),
            tuple(message.optional("joins", array_of(string)) or ()),
            message.boolean("statistics", False),
            message.boolean("nested", False),
        )

    def to_json(self) -> Json:
        return {
            "projection": self.projection,
            "predicate": self.predicate,
            "limit": self.limit,
            "partitions": self.partitions,
            "top_n": self.top_n,
            "aggregates": list(self.aggregates),
            "expressions": list(self.expressions),
            "changes": list(self.changes),
            "snapshots": self.snapshots,
            "joins": list(self.joins),
            "statistics": self.statistics,
            "nested": self.nested,
        }


@dataclass(frozen=True)
class HandshakeRequest:
    protocol: tuple[int, ...] = VERSIONS
    client: str = ""

    @classmethod
    def from_json(cls, value: Any, at: str = "") -> HandshakeRequest:
        message = Message(value, at)
        return cls(
            tuple(message.each("protocol", whole_number)),
            message.text("client", ""),
        )

    def to_json(self) -> Json:
        return {"protocol": list(self.protocol), "client": self.client}


@dataclass(frozen=True)
class HandshakeResponse:
    protocol: int
    source: str
    version: str
    capabilities: Capabilities

    @classmethod
    def from_json(cls, value: Any, at: str = "") -> HandshakeResponse:
        message = Message(value, at)
        return cls(
            message.integer("protocol"),
            message.text("source"),
            message.text("version"),
            Capabilities.from_json(message.required("capabilities"), message.path("capabilities")),
        )

    def to_json(self) -> Json:
        return {
            "protocol": self.protocol,
            "source": self.source,
            "version": self.version,
            "capabilities": self.capabilities.to_json(),
        }


@dataclass(frozen=True)
class ListSchemasRequest:
    @classmethod
    def from_json(cls, value: Any, at: str = "") -> ListSchemasRequest:
        Message(value, at)
        return cls()

    def to_json(self) -> Json:
        return {}


@dataclass(frozen=True)
class ListSchemasResponse:
    schemas: tuple[str, ...]

    @classmethod
    def from_json(cls, value: Any, at: str = "") -> ListSchemasResponse:
        return cls(tuple(Message(value, at).each("schemas", string)))

    def to_json(self) -> Json:
        return {"schemas": list(self.schemas)}


@dataclass(frozen=True)
class ListTablesRequest:
    """Tables of one schema, or of all."""

    schema: str | None = None

    @classmethod
    def from_json(cls, value: Any, at: str = "") -> ListTablesRequest:
        return cls(Message(value, at).optional("schema", string))

    def to_json(self) -> Json:
        return {"schema": self.schema}


@dataclass(frozen=True)
class TableEntry:
    schema: str
    table: str
    comment: str | None = None

    @classmethod
    def from_json(cls, value: Any, at: str = "table") -> TableEntry:
        message = Message(value, at)
        return cls(message.text("schema"), message.text("table"), message.optional("comment", string))

    def to_json(self) -> Json:
        return {"schema": self.schema, "table": self.table, "comment": self.comment}


@dataclass(frozen=True)
class ListTablesResponse:
    tables: tuple[TableEntry, ...]

    @classmethod
    def from_json(cls, value: Any, at: str = "") -> ListTablesResponse:
        return cls(tuple(Message(value, at).each("tables", TableEntry.from_json)))

    def to_json(self) -> Json:
        return {"tables": [table.to_json() for table in self.tables]}


@dataclass(frozen=True)
class DescribeTableRequest:
    """`holder` is who holds the snapshot that the answer names, until it is released."""

    schema: str
    table: str
    holder: str | None = None

    @classmethod
    def from_json(cls, value: Any, at: str = "") -> DescribeTableRequest:
        message = Message(value, at)
        return cls(message.text("schema"), message.text("table"), message.optional("holder", string))

    def to_json(self) -> Json:
        return {"schema": self.schema, "table": self.table, "holder": self.holder}


@dataclass(frozen=True)
class DescribeTableResponse:
    """The first of the action's two results; the second is the Arrow schema as an IPC message."""

    table: TableEntry
    capabilities: Capabilities
    predicate_columns: tuple[str, ...] | None = None
    row_count: int | None = None
    row_id: tuple[str, ...] = ()
    snapshot: str | None = None

    @classmethod
    def from_json(cls, value: Any, at: str = "") -> DescribeTableResponse:
        message = Message(value, at)
        columns = message.optional("predicate_columns", array_of(string))
        return cls(
            TableEntry.from_json(message.required("table"), message.path("table")),
            Capabilities.from_json(message.required("capabilities"), message.path("capabilities")),
            None if columns is None else tuple(columns),
            message.optional("row_count", whole_number),
            tuple(message.optional("row_id", array_of(string)) or ()),
            message.optional("snapshot", string),
        )

    def to_json(self) -> Json:
        return {
            "table": self.table.to_json(),
            "capabilities": self.capabilities.to_json(),
            **({} if self.predicate_columns is None else {"predicate_columns": list(self.predicate_columns)}),
            "row_count": self.row_count,
            "row_id": list(self.row_id),
            "snapshot": self.snapshot,
        }


@dataclass(frozen=True)
class TableStatisticsRequest:
    """Statistics of some columns, or of all; `snapshot` is the state that is going to be read."""

    schema: str
    table: str
    columns: tuple[str, ...] | None = None
    snapshot: str | None = None

    @classmethod
    def from_json(cls, value: Any, at: str = "") -> TableStatisticsRequest:
        message = Message(value, at)
        columns = message.optional("columns", array_of(string))
        return cls(
            message.text("schema"),
            message.text("table"),
            None if columns is None else tuple(columns),
            message.optional("snapshot", string),
        )

    def to_json(self) -> Json:
        return {
            "schema": self.schema,
            "table": self.table,
            **({} if self.columns is None else {"columns": list(self.columns)}),
            "snapshot": self.snapshot,
        }


@dataclass(frozen=True)
class ColumnStatisticsMessage:
    """What is known of a column's values; `low` and `high` are literals."""

    column: str
    distinct_values: int | None = None
    null_fraction: float | None = None
    low: str | None = None
    high: str | None = None
    data_size: int | None = None

    @classmethod
    def from_json(cls, value: Any, at: str) -> ColumnStatisticsMessage:
        message = Message(value, at)
        return cls(
            message.text("column"),
            message.optional("distinct_values", whole_number),
            message.optional("null_fraction", fraction),
            message.optional("low", string),
            message.optional("high", string),
            message.optional("data_size", whole_number),
        )

    def to_json(self) -> Json:
        return {
            "column": self.column,
            "distinct_values": self.distinct_values,
            "null_fraction": self.null_fraction,
            "low": self.low,
            "high": self.high,
            "data_size": self.data_size,
        }


@dataclass(frozen=True)
class TableStatisticsResponse:
    row_count: int | None = None
    columns: tuple[ColumnStatisticsMessage, ...] = ()

    @classmethod
    def from_json(cls, value: Any, at: str = "") -> TableStatisticsResponse:
        message = Message(value, at)
        return cls(
            message.optional("row_count", whole_number),
            tuple(message.each("columns", ColumnStatisticsMessage.from_json)),
        )

    def to_json(self) -> Json:
        return {"row_count": self.row_count, "columns": [column.to_json() for column in self.columns]}


@dataclass(frozen=True)
class BoundMessage:
    value: str
    inclusive: bool

    @classmethod
    def from_json(cls, value: Any, at: str) -> BoundMessage:
        message = Message(value, at)
        return cls(message.text("value"), message.boolean("inclusive"))

    def to_json(self) -> Json:
        return {"value": self.value, "inclusive": self.inclusive}


@dataclass(frozen=True)
class RangeMessage:
    """No bound at all means every value, NaN included; with any bound NaN lies outside."""

    low: BoundMessage | None = None
    high: BoundMessage | None = None

    @classmethod
    def from_json(cls, value: Any, at: str) -> RangeMessage:
        message = Message(value, at)
        return cls(
            message.optional("low", BoundMessage.from_json), message.optional("high", BoundMessage.from_json)
        )

    def to_json(self) -> Json:
        return {
            "low": None if self.low is None else self.low.to_json(),
            "high": None if self.high is None else self.high.to_json(),
        }


@dataclass(frozen=True)
class ColumnPredicateMessage:
    """One column's values *or* ranges, of which a row must match any; with neither, only NULL can match."""

    column: str
    null_allowed: bool = False
    values: tuple[str, ...] | None = None
    ranges: tuple[RangeMessage, ...] | None = None

    @classmethod
    def from_json(cls, value: Any, at: str) -> ColumnPredicateMessage:
        message = Message(value, at)
        values = message.optional("values", array_of(string))
        ranges = message.optional("ranges", array_of(RangeMessage.from_json))
        if values is not None and ranges is not None:
            raise InvalidRequest(f"{at}: accepted: either values or ranges, not both")
        return cls(
            message.text("column"),
            message.boolean("null_allowed", False),
            None if values is None else tuple(values),
            None if ranges is None else tuple(ranges),
        )

    def to_json(self) -> Json:
        return {
            "column": self.column,
            "null_allowed": self.null_allowed,
            **({} if self.values is None else {"values": list(self.values)}),
            **({} if self.ranges is None else {"ranges": [range.to_json() for range in self.ranges]}),
        }


@dataclass(frozen=True)
class ExpressionMessage:
    """A tree: `kind` with `arguments`. Columns have a name, literals a type and value, casts a type."""

    kind: str
    arguments: tuple[ExpressionMessage, ...] = ()
    column: str | None = None
    type: str | None = None
    value: str | None = None

    @classmethod
    def from_json(cls, value: Any, at: str = "expression", depth: int = 1) -> ExpressionMessage:
        if depth > DEEPEST_EXPRESSION:
            raise InvalidRequest(f"{at}: accepted: expressions of up to {DEEPEST_EXPRESSION} levels")

        def argument(value: Any, at: str) -> ExpressionMessage:
            return cls.from_json(value, at, depth + 1)

        message = Message(value, at)
        return cls(
            message.text("kind"),
            tuple(message.optional("arguments", array_of(argument)) or ()),
            message.optional("column", string),
            message.optional("type", string),
            message.optional("value", string),
        )

    def to_json(self) -> Json:
        return {
            "kind": self.kind,
            **({"arguments": [argument.to_json() for argument in self.arguments]} if self.arguments else {}),
            **({} if self.column is None else {"column": self.column}),
            **({} if self.type is None else {"type": self.type}),
            **({} if self.value is None else {"value": self.value}),
        }


@dataclass(frozen=True)
class PredicateMessage:
    """Rows that match every column's part, and the expression."""

    columns: tuple[ColumnPredicateMessage, ...]
    expression: ExpressionMessage | None = None

    @classmethod
    def from_json(cls, value: Any, at: str = "predicate") -> PredicateMessage:
        message = Message(value, at)
        return cls(
            tuple(message.each("columns", ColumnPredicateMessage.from_json)),
            message.optional("expression", ExpressionMessage.from_json),
        )

    def to_json(self) -> Json:
        return {
            "columns": [column.to_json() for column in self.columns],
            **({} if self.expression is None else {"expression": self.expression.to_json()}),
        }


@dataclass(frozen=True)
class EndpointMessage:
    """An endpoint's `app_metadata`: all of its rows satisfy the predicate."""

    predicate: PredicateMessage

    @classmethod
    def from_json(cls, value: Any, at: str = "") -> EndpointMessage:
        message = Message(value, at)
        return cls(PredicateMessage.from_json(message.required("predicate"), message.path("predicate")))

    def to_json(self) -> Json:
        return {"predicate": self.predicate.to_json()}


@dataclass(frozen=True)
class AggregateMessage:
    """A function of a column's values, or of rows without a column; `output` is its name in the answer."""

    function: str
    column: str | None
    output: str

    @classmethod
    def from_json(cls, value: Any, at: str) -> AggregateMessage:
        message = Message(value, at)
        return cls(message.text("function"), message.optional("column", string), message.text("output"))

    def to_json(self) -> Json:
        return {"function": self.function, "column": self.column, "output": self.output}


@dataclass(frozen=True)
class AggregationMessage:
    """A row for each group of rows that are equal in `group_by`; without it, one row for all rows."""

    group_by: tuple[str, ...]
    aggregates: tuple[AggregateMessage, ...]

    @classmethod
    def from_json(cls, value: Any, at: str = "aggregation") -> AggregationMessage:
        message = Message(value, at)
        return cls(
            tuple(message.each("group_by", string)),
            tuple(message.each("aggregates", AggregateMessage.from_json)),
        )

    def to_json(self) -> Json:
        return {
            "group_by": list(self.group_by),
            "aggregates": [aggregate.to_json() for aggregate in self.aggregates],
        }


@dataclass(frozen=True)
class SortItemMessage:
    column: str
    descending: bool = False
    nulls_first: bool = False

    @classmethod
    def from_json(cls, value: Any, at: str) -> SortItemMessage:
        message = Message(value, at)
        return cls(
            message.text("column"),
            message.boolean("descending", False),
            message.boolean("nulls_first", False),
        )

    def to_json(self) -> Json:
        return {"column": self.column, "descending": self.descending, "nulls_first": self.nulls_first}


@dataclass(frozen=True)
class JoinMessage:
    """The rows of two relations that go together by the condition. `outputs` are the names of the columns: of
    the left's, then of the right's."""

    kind: str
    left: RelationMessage
    right: RelationMessage
    outputs: tuple[str, ...]
    condition: ExpressionMessage

    @classmethod
    def from_json(cls, value: Any, at: str = "join", depth: int = 1) -> JoinMessage:
        too_many = InvalidRequest(f"{at}: accepted: joins of up to {MOST_TABLES} tables")
        if depth >= MOST_TABLES:
            raise too_many

        def side(value: Any, at: str) -> RelationMessage:
            return RelationMessage.from_json(value, at, depth)

        message = Message(value, at)
        join = cls(
            message.text("kind"),
            side(message.required("left"), message.path("left")),
            side(message.required("right"), message.path("right")),
            tuple(message.each("outputs", string)),
            ExpressionMessage.from_json(message.required("condition"), message.path("condition")),
        )
        if len(join.tables) > MOST_TABLES:
            raise too_many
        return join

    @property
    def tables(self) -> tuple[tuple[str, str], ...]:
        return (*self.left.tables, *self.right.tables)

    def to_json(self) -> Json:
        return {
            "kind": self.kind,
            "left": self.left.to_json(),
            "right": self.right.to_json(),
            "outputs": list(self.outputs),
            "condition": self.condition.to_json(),
        }


@dataclass(frozen=True)
class RelationMessage:
    """Rows of a table; or of a `join` or of another `relation`'s rows, and then without `schema` and `table`.

    `columns` are in the order wanted; none means rows without columns. Of an `aggregation`, `columns` and
    `order_by` are its groups' columns and its outputs; with `order_by`, `limit` takes the first rows in that
    order.
    """

    schema: str
    table: str
    columns: tuple[str, ...]
    predicate: PredicateMessage | None = None
    limit: int | None = None
    aggregation: AggregationMessage | None = None
    order_by: tuple[SortItemMessage, ...] = ()
    join: JoinMessage | None = None
    relation: RelationMessage | None = None

    @classmethod
    def from_json(cls, value: Any, at: str = "", depth: int = 0) -> RelationMessage:
        return cls(**relation_fields(Message(value, at), depth))

    @property
    def tables(self) -> tuple[tuple[str, str], ...]:
        """The schema and name of each table."""
        if self.relation is not None:
            return self.relation.tables
        return ((self.schema, self.table),) if self.join is None else self.join.tables

    @property
    def qualified_name(self) -> str:
        if self.relation is not None:
            return self.relation.qualified_name
        if self.join is None:
            return f"{self.schema}.{self.table}"
        return joined_name(self.join.kind, self.join.left.qualified_name, self.join.right.qualified_name)

    @property
    def what(self) -> Json:
        """What the rows are of."""
        if self.relation is not None:
            return {"relation": self.relation.to_json()}
        if self.join is not None:
            return {"join": self.join.to_json()}
        return {"schema": self.schema, "table": self.table}

    def to_json(self) -> Json:
        return {
            **self.what,
            "columns": list(self.columns),
            "predicate": None if self.predicate is None else self.predicate.to_json(),
            "limit": self.limit,
            **({} if self.aggregation is None else {"aggregation": self.aggregation.to_json()}),
            **({"order_by": [item.to_json() for item in self.order_by]} if self.order_by else {}),
        }


def relation_fields(message: Message, depth: int) -> dict[str, Any]:
    def joined(value: Any, at: str) -> JoinMessage:
        return JoinMessage.from_json(value, at, depth + 1)

    def nested(value: Any, at: str) -> RelationMessage:
        if depth >= MOST_NESTED:
            raise InvalidRequest(f"{at}: accepted: relations of relations up to {MOST_NESTED} deep")
        return RelationMessage.from_json(value, at, depth + 1)

    join = message.optional("join", joined)
    relation = message.optional("relation", nested)
    names = {name: message.optional(name, string) for name in ("schema", "table")}
    named = names["schema"] is not None or names["table"] is not None
    if named + (join is not None) + (relation is not None) > 1:
        at = message.path("join" if relation is None else "relation")
        raise InvalidRequest(f"{at}: accepted: one of a schema and table, a join, a relation")
    if join is None and relation is None:
        names = {name: message.text(name) for name in names}
    return {
        **{name: text or "" for name, text in names.items()},
        "columns": tuple(message.each("columns", string)),
        "predicate": message.optional("predicate", PredicateMessage.from_json),
        "limit": message.optional("limit", whole_number),
        "aggregation": message.optional("aggregation", AggregationMessage.from_json),
        "order_by": tuple(message.optional("order_by", array_of(SortItemMessage.from_json)) or ()),
        "join": join,
        "relation": relation,
    }


def joined_name(kind: str, left: str, right: str) -> str:
    """What a join is called in errors."""
    return f"{left} {kind} join {right}"


@dataclass(frozen=True)
class ReadCommand(RelationMessage):
    """What a client wants of a table or a join: the command of a flight descriptor.

    `partitions` is how many endpoints the client would like. `snapshot` is the state of all tables.
    `dictionaries` lets text that repeats come dictionary-encoded.
    """

    partitions: int = 1
    protocol: int = field(default=VERSIONS[-1])
    snapshot: str | None = None
    dictionaries: bool = False

    @classmethod
    def from_json(cls, value: Any, at: str = "", depth: int = 0) -> ReadCommand:
        message = Message(value, at)
        protocol = message.integer("protocol")
        if protocol not in VERSIONS:
            raise InvalidRequest(
                f"{message.path('protocol')}: version {protocol} is not spoken; accepted: {listed(VERSIONS)}"
            )
        kind = message.text("type")
        if kind != "read":
            raise InvalidRequest(f"{message.path('type')}: unknown kind of command; accepted: read")
        return cls(
            **relation_fields(message, depth),
            partitions=message.integer("partitions", 1, least=1),
            protocol=protocol,
            snapshot=message.optional("snapshot", string),
            dictionaries=message.boolean("dictionaries", False),
        )

    def to_json(self) -> Json:
        return {
            "protocol": self.protocol,
            "type": "read",
            **super().to_json(),
            "partitions": self.partitions,
            "snapshot": self.snapshot,
            **({"dictionaries": True} if self.dictionaries else {}),
        }


def encode(message: Json) -> bytes:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def decode(body: bytes, what: str) -> Any:
    """Parse the JSON body of `what`; raises InvalidRequest. Numbers that JSON does not have are refused."""
    if len(body) > LONGEST_MESSAGE:
        raise InvalidRequest(f"{what}: the message has {len(body)} bytes; accepted: up to {LONGEST_MESSAGE}")
    try:
        return json.loads(body.decode("utf-8"), parse_constant=refuse_constant)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise InvalidRequest(f"{what}: not a JSON message in UTF-8: {reason}") from None


def refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def listed(values: Sequence[object]) -> str:
    return ", ".join(str(value) for value in values)


class Message:
    """A JSON object being read; `at` is its path within the whole message, for errors."""

    def __init__(self, value: Any, at: str) -> None:
        if not isinstance(value, Mapping):
            raise InvalidRequest(f"{at or 'message'}: accepted: a JSON object, not {kind_of(value)}")
        self._fields = value
        self._at = at

    def path(self, name: str) -> str:
        return f"{self._at}.{name}" if self._at else name

    def required(self, name: str) -> Any:
        if name not in self._fields:
            raise InvalidRequest(f"{self.path(name)}: missing")
        return self._fields[name]

    def optional(self, name: str, parse: Callable[[Any, str], Parsed]) -> Parsed | None:
        value = self._fields.get(name)
        return None if value is None else parse(value, self.path(name))

    def each(self, name: str, parse: Callable[[Any, str], Parsed]) -> list[Parsed]:
        return array_of(parse)(self.required(name), self.path(name))

    def text(self, name: str, default: str | None = None) -> str:
        if default is not None and self._fields.get(name) is None:
            return default
        return string(self.required(name), self.path(name))

    def boolean(self, name: str, default: bool | None = None) -> bool:
        if default is not None and self._fields.get(name) is None:
            return default
        value = self.required(name)
        if not isinstance(value, bool):
            raise InvalidRequest(f"{self.path(name)}: accepted: true or false, not {kind_of(value)}")
        return value

    def integer(self, name: str, default: int | None = None, least: int = 0) -> int:
        if default is not None and self._fields.get(name) is None:
            return default
        value = whole_number(self.required(name), self.path(name))
        if value < least:
            raise InvalidRequest(f"{self.path(name)}: accepted: a whole number of at least {least}")
        return value

    def enforcement(self, name: str) -> Enforcement:
        match self._fields.get(name):
            case "exact":
                return "exact"
            case "partial":
                return "partial"
            case "none" | None:
                return "none"
            case _:
                raise InvalidRequest(f"{self.path(name)}: accepted: exact, partial, none")


def string(value: Any, at: str) -> str:
    if not isinstance(value, str):
        raise InvalidRequest(f"{at}: accepted: a string, not {kind_of(value)}")
    return value


def whole_number(value: Any, at: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
        raise InvalidRequest(f"{at}: accepted: a whole number from 0 to {2**63 - 1}")
    return value


def fraction(value: Any, at: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise InvalidRequest(f"{at}: accepted: a number from 0 to 1")
    return float(value)


def array_of(parse: Callable[[Any, str], Parsed]) -> Callable[[Any, str], list[Parsed]]:
    def parse_array(value: Any, at: str) -> list[Parsed]:
        if not isinstance(value, list):
            raise InvalidRequest(f"{at}: accepted: an array, not {kind_of(value)}")
        return [parse(element, f"{at}[{index}]") for index, element in enumerate(value)]

    return parse_array


def kind_of(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "an array"
        case _:
            return "an object"
