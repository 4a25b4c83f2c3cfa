"""What the developer of an in-house source writes: a `Source`, or functions on a `FunctionSource`."""

from __future__ import annotations

import enum
import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa

from nostro.flight.aggregation import Aggregation, SortItem
from nostro.flight.changes import (
    AddColumn,
    CommentColumn,
    CommentTable,
    CreateSchema,
    CreateTable,
    CreateTableAs,
    Delete,
    DropColumn,
    DropSchema,
    DropTable,
    Insert,
    Merge,
    MoveTable,
    Outcome,
    RenameColumn,
    RenameSchema,
    RenameTable,
    Truncate,
    Write,
)
from nostro.flight.errors import NotFound, Unsupported
from nostro.flight.expression import Expression
from nostro.flight.predicate import Predicate
from nostro.flight.protocol import joined_name
from nostro.flight.table_statistics import Statistics, StatisticsRequest

Data: TypeAlias = pa.Table | pa.RecordBatch | pa.RecordBatchReader | Iterable[pa.RecordBatch]
"""What a read returns: Arrow data whose columns, found by name, have the described types."""


class Applies(enum.Flag):
    """What a source's `read` does itself. Whatever it leaves out, the server does to what is returned."""

    NOTHING = 0
    PROJECTION = enum.auto()
    """Only the requested columns are returned."""
    PREDICATE = enum.auto()
    """Only rows that satisfy the predicate are returned, exactly."""
    LIMIT = enum.auto()
    """At most the requested number of rows is returned."""
    TOP_N = enum.auto()
    """With `order_by`, the first `limit` rows in that order are returned, in it. The server can't do this:
    it is asked only of a source that applies predicates too."""


@dataclass(frozen=True)
class ColumnRange:
    """What holds of a column in all of a partition's rows: its values lie between `low` and `high`, which are
    among them; None where there is no bound. Unless `nulls` is False, NULL may be there too."""

    low: Any = None
    high: Any = None
    nulls: bool = True


@dataclass(frozen=True)
class Partition:
    """A part of a read; disjoint from the read's other parts.

    `token` is the source's own text for it. `locations` are Flight locations that can serve it; none means
    the server that was asked. `ranges` are what is known of some of its columns: a partition that has no row
    a query could use is not read.
    """

    token: str
    locations: tuple[str, ...] = ()
    ranges: Mapping[str, ColumnRange] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Table:
    """What is known of a table without reading it.

    `predicate_columns` are those whose predicates are evaluated; by default all whose type allows it.
    `row_id` are the columns that tell a row from all others, for changes of rows; those of them that users
    should not see are declared with `hidden`.
    """

    columns: pa.Schema
    comment: str | None = None
    row_count: int | None = None
    predicate_columns: tuple[str, ...] | None = None
    row_id: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReadRequest:
    """What is to be read.

    `columns` are the columns the server needs of the source: those the client wants, and those of a predicate
    that the source leaves to the server. There may be none: then only the number of rows matters, and any
    column may be returned. `predicate` and `limit` may be used, and must be by a source that `Applies` them.
    `partition` is one of the source's own tokens, None for the whole table. `partitions` is how many the
    client would like. `cancelled` tells whether the client has gone. `snapshot` is the state that is to be
    read, of a source that keeps them.

    `condition` has only kinds of expression that the source lists in `expressions`, `aggregation` only
    functions that it lists in `aggregates`, and `order_by` is asked only of a source that applies
    `Applies.TOP_N`: the server does nothing of these. They come in this order: predicate and condition,
    aggregation, order, limit. With an aggregation, `columns` and `order_by` name columns of its answer.

    With a `join`, of a kind that the source lists in `joins`, it is the join's rows that are to be read, and
    `schema` and `table` are empty. So they are with a `relation`, whose answer's rows are to be read: it is
    asked only of a source with `reads_relations`.
    """

    schema: str
    table: str
    columns: tuple[str, ...]
    predicate: Predicate | None = None
    limit: int | None = None
    partitions: int = 1
    partition: str | None = None
    table_schema: pa.Schema = field(default_factory=lambda: pa.schema([]))
    snapshot: str | None = None
    condition: Expression | None = None
    aggregation: Aggregation | None = None
    order_by: tuple[SortItem, ...] = ()
    cancelled: Callable[[], bool] = field(default=lambda: False, compare=False)
    join: Join | None = None
    relation: ReadRequest | None = None

    @property
    def qualified_name(self) -> str:
        if self.relation is not None:
            return self.relation.qualified_name
        return f"{self.schema}.{self.table}" if self.join is None else self.join.qualified_name

    @property
    def tables(self) -> tuple[tuple[str, str], ...]:
        """The schema and name of each table that is read."""
        if self.relation is not None:
            return self.relation.tables
        return ((self.schema, self.table),) if self.join is None else self.join.tables


@dataclass(frozen=True)
class Join:
    """The rows of two relations that go together by the condition, which may name columns of both.

    A `kind` other than `inner` also has each row of the `left`, of the `right`, or of both (`full`) that goes
    with no other, with NULL in the other's columns. `columns` are the left's, in the order of its request,
    and then the right's, by names of their own.
    """

    kind: str
    left: ReadRequest
    right: ReadRequest
    columns: pa.Schema
    condition: Expression

    @property
    def left_names(self) -> tuple[str, ...]:
        return tuple(self.columns.names[: len(self.left.columns)])

    @property
    def right_names(self) -> tuple[str, ...]:
        return tuple(self.columns.names[len(self.left.columns) :])

    @property
    def tables(self) -> tuple[tuple[str, str], ...]:
        return (*self.left.tables, *self.right.tables)

    @property
    def qualified_name(self) -> str:
        return joined_name(self.kind, self.left.qualified_name, self.right.qualified_name)


class Source(ABC):
    """An in-house system as tables. Methods are called from many threads at once.

    `schemas`, `tables`, `describe` and `read` suffice: projection, predicates and limit work, because the
    server applies to the returned data what the source does not (`applies`). A source that overrides
    `partitions` is read in parallel. A schema or table that is not there is reported by raising `NotFound`.

    A source changes what it has the methods for: `create_table`, `insert`, `merge` and the others. Each makes
    its change whole or not at all, records the request's `operation` together with it, and tells of that by
    `outcome`; what it will not do it says by raising `Refused`. Rows come staged: `insert`, `create_table_as`
    and `merge` are called once all of them are there.
    """

    name: str = ""
    version: str = "0"
    applies: Applies = Applies.NOTHING
    keeps_snapshots: bool = False
    """Whether a read that names one of `snapshot`'s tokens sees that state, however the table has changed
    since: for as long as the token is held."""
    aggregates: tuple[str, ...] = ()
    """The aggregate functions that `read` computes; only of a source that applies predicates."""
    expressions: tuple[str, ...] = ()
    """The kinds of expression that `read` filters by; only of a source that applies predicates."""
    joins: tuple[str, ...] = ()
    """The kinds of join that `read` does, of `JOINS`, by conditions of `expressions`; only of a source that
    applies predicates. A source of several that keeps snapshots has one for the state of all its tables."""
    reads_relations: bool = False
    """Whether `read` reads the rows of a request's `relation`; only of a source that applies predicates."""

    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        if "name" not in vars(cls) and not cls.name:
            cls.name = cls.__name__

    @abstractmethod
    def schemas(self) -> Iterable[str]:
        """The names of the schemas."""

    @abstractmethod
    def tables(self, schema: str) -> Iterable[str]:
        """The names of a schema's tables."""

    @abstractmethod
    def describe(self, schema: str, table: str) -> pa.Schema | Table:
        """A table's columns."""

    @abstractmethod
    def read(self, request: ReadRequest) -> Data:
        """A table's rows, or those of one of its partitions."""

    def comment(self, schema: str, table: str) -> str | None:
        """A table's comment, for listings."""
        return None

    def partitions(self, request: ReadRequest) -> Sequence[Partition]:
        """Disjoint parts that together are the table. Override to be read in parallel.

        A read with a limit, and one whose client wants a single partition, is not split: `read` then gets no
        partition.
        """
        return ()

    def statistics(self, request: StatisticsRequest) -> Statistics | None:
        """What is known of the values of a table's columns; None if nothing is.

        Override to have Trino order joins by it. It is asked for while a query is planned, of the columns
        that the query uses: it is to take little time, and may be somewhat off.
        """
        return None

    def snapshot(self, schema: str, table: str) -> str | None:
        """Names the state of a table that reads see now; None if states are not told apart.

        All parts of a read see one state: a part is refused when the state is no longer the one the read
        began with.
        """
        return None

    def describe_at(self, schema: str, table: str, snapshot: str | None) -> pa.Schema | Table:
        """A table's columns in a state that is kept."""
        return self.describe(schema, table)

    def hold(self, snapshot: str, holder: str) -> None:  # noqa: B027
        """Keep a state until `release`, or until nobody has read it for a while."""

    def hold_now(self, schema: str, table: str, holder: str) -> str | None:
        """`snapshot`, held. A source that keeps states lets none end between the two."""
        snapshot = self.snapshot(schema, table)
        if snapshot is not None:
            self.hold(snapshot, holder)
        return snapshot

    def release(self, holder: str) -> None:  # noqa: B027
        """The holder, a query, needs its states no more."""

    def outcome(self, operation: str) -> Outcome | None:
        """What became of a change; None if it was not made."""
        return None

    def staging_directory(self) -> Path | None:
        """Where staged rows wait; None for a temporary one, which does not outlive the server."""
        return None

    def begin(self, write: Write) -> None:  # noqa: B027
        """Called when a write begins, to refuse it before rows are sent. Its `rows` are not there yet."""

    def end(self, operation: str) -> None:  # noqa: B027
        """Called when an operation is over, however it ended."""

    def create_schema(self, request: CreateSchema) -> None:
        raise self._unable("create_schema")

    def drop_schema(self, request: DropSchema) -> None:
        raise self._unable("drop_schema")

    def rename_schema(self, request: RenameSchema) -> None:
        raise self._unable("rename_schema")

    def create_table(self, request: CreateTable) -> None:
        raise self._unable("create_table")

    def drop_table(self, request: DropTable) -> None:
        raise self._unable("drop_table")

    def rename_table(self, request: RenameTable) -> None:
        raise self._unable("rename_table")

    def move_table(self, request: MoveTable) -> None:
        raise self._unable("move_table")

    def add_column(self, request: AddColumn) -> None:
        raise self._unable("add_column")

    def drop_column(self, request: DropColumn) -> None:
        raise self._unable("drop_column")

    def rename_column(self, request: RenameColumn) -> None:
        raise self._unable("rename_column")

    def comment_table(self, request: CommentTable) -> None:
        raise self._unable("comment_table")

    def comment_column(self, request: CommentColumn) -> None:
        raise self._unable("comment_column")

    def truncate(self, request: Truncate) -> None:
        raise self._unable("truncate")

    def delete(self, request: Delete) -> Outcome:
        """How many rows were deleted; only of a source that applies predicates."""
        raise self._unable("delete")

    def create_table_as(self, request: CreateTableAs) -> Outcome | None:
        """None for as many rows as were staged."""
        raise self._unable("create_table_as")

    def insert(self, request: Insert) -> Outcome | None:
        raise self._unable("insert")

    def merge(self, request: Merge) -> Outcome | None:
        raise self._unable("merge")

    def _unable(self, change: str) -> Unsupported:
        return Unsupported(f"the source {self.name} makes no change of type {change}")

    def cancel(self, request: ReadRequest) -> None:  # noqa: B027
        """Called from another thread when the client of a running read has gone."""

    def close(self) -> None:  # noqa: B027
        """Called once, when the server stops."""

    @property
    def partitioned(self) -> bool:
        return type(self).partitions is not Source.partitions

    @property
    def gives_statistics(self) -> bool:
        return type(self).statistics is not Source.statistics


Reader = Callable[[ReadRequest], Data] | Callable[[], Data]


class FunctionSource(Source):
    """A source whose tables are functions that return Arrow data.

        branches = FunctionSource("branches")

        @branches.table("public.branch", pa.schema({"bic": pa.string(), "city": pa.string()}))
        def branch() -> pa.Table:
            return pa.table({"bic": ["DEUTDEFF"], "city": ["Frankfurt"]})

    A function may take the `ReadRequest` to return less than the whole table.
    """

    def __init__(self, name: str, version: str = "0") -> None:
        self.name = name
        self.version = version
        self._tables: dict[tuple[str, str], tuple[Table, Callable[[ReadRequest], Data]]] = {}

    def table(
        self, name: str, columns: pa.Schema | Mapping[str, pa.DataType], comment: str | None = None
    ) -> Callable[[Reader], Reader]:
        """Declare a table, `schema.table`, that the decorated function reads."""
        schema, separator, table = name.partition(".")
        if not (schema and separator and table):
            raise ValueError(f"table name {name!r}: accepted: schema.table")
        if (schema, table) in self._tables:
            raise ValueError(f"table {name} is declared twice")
        declared = Table(columns if isinstance(columns, pa.Schema) else pa.schema(columns), comment)

        def declare(function: Reader) -> Reader:
            takes_request = bool(inspect.signature(function).parameters)
            read: Callable[[ReadRequest], Data] = function if takes_request else lambda _: function()  # type: ignore[assignment, call-arg]
            self._tables[schema, table] = (declared, read)
            return function

        return declare

    def schemas(self) -> Iterable[str]:
        return dict.fromkeys(schema for schema, _ in self._tables)

    def tables(self, schema: str) -> Iterable[str]:
        return [table for owner, table in self._tables if owner == schema]

    def comment(self, schema: str, table: str) -> str | None:
        return self._find(schema, table)[0].comment

    def describe(self, schema: str, table: str) -> Table:
        return self._find(schema, table)[0]

    def read(self, request: ReadRequest) -> Data:
        return self._find(request.schema, request.table)[1](request)

    def _find(self, schema: str, table: str) -> tuple[Table, Callable[[ReadRequest], Data]]:
        if (schema, table) not in self._tables:
            raise NotFound(f"{schema}.{table}: no such table")
        return self._tables[schema, table]
