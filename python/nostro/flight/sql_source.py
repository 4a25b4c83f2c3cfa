"""What sources over an SQL database have in common, however it is talked to."""

from __future__ import annotations

import contextlib
import decimal
import itertools
import threading
import time
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from nostro.flight.enforcement import BATCH_BYTES, batches_without_columns
from nostro.flight.errors import NotFound, SourceError, Unavailable
from nostro.flight.row_values import BadValue, array_of, check_type
from nostro.flight.source import Applies, ColumnRange, Partition, ReadRequest, Source, Table
from nostro.flight.sql_dialects import Dialect, Pieces, SqlColumn, conditions, joined

DESCRIPTION_SECONDS = 10.0
"""How long the database's description of a table is taken for true: a read needs it several times."""
FIRST_ROWS = 256
MOST_ROWS = 16_384


@dataclass(frozen=True)
class _Described:
    columns: dict[str, SqlColumn]
    until: float


class SqlSource(Source):
    """The tables of a database, read by SQL that has the columns, the limit and, where the database compares
    as the protocol does, the predicate.

    `tables` are those that are served, with their columns, or None where these are found in the database;
    without it all are served. `partition_by` gives the column, of whole numbers or decimals, whose ranges are
    a table's partitions.
    """

    applies = Applies.PROJECTION

    def __init__(
        self,
        connect: Callable[[], Any],
        *,
        name: str = "database",
        version: str = "0",
        tables: Mapping[str, pa.Schema | None] | None = None,
        partition_by: Mapping[str, str] | None = None,
        dialect: Dialect | None = None,
    ) -> None:
        self._connect = connect
        self._running: dict[int, Any] = {}
        self._running_lock = threading.Lock()
        self.name = name
        self.version = version
        self._tables = None if tables is None else {_names(table): it for table, it in tables.items()}
        for table, declared in (tables or {}).items():
            for field in declared or ():
                check_type(field.type, f"{table}: column {field.name}")
        self._partition_by = {_names(table): column for table, column in (partition_by or {}).items()}
        self._dialect = dialect
        self._described: dict[tuple[str, str], _Described] = {}
        self._lock = threading.Lock()

    @abstractmethod
    def fetch(self, pieces: Pieces) -> list[tuple[Any, ...]]:
        """The rows of a small query, on a connection of its own; raises Unavailable if there is none."""

    @abstractmethod
    def stream(
        self, request: ReadRequest, pieces: Pieces, columns: Sequence[SqlColumn]
    ) -> Iterator[pa.RecordBatch]:
        """The rows of a large query, in batches whose columns are those selected, with the fields' types."""

    @abstractmethod
    def find_dialect(self) -> Dialect:
        """The dialect of the database."""

    @abstractmethod
    def interrupt(self, connection: Any) -> None:
        """End what a connection does, from another thread."""

    def cancel(self, request: ReadRequest) -> None:
        with self._running_lock:
            connection = self._running.get(id(request))
            if connection is not None:
                self.interrupt(connection)

    def close(self) -> None:
        with self._running_lock:
            for connection in self._running.values():
                self.interrupt(connection)

    @property
    def dialect(self) -> Dialect:
        if self._dialect is None:
            self._dialect = self.find_dialect()
        return self._dialect

    def schemas(self) -> Iterable[str]:
        if self._tables is not None:
            return dict.fromkeys(schema for schema, _ in self._tables)
        return self.dialect.schemas(self.fetch)

    def tables(self, schema: str) -> Iterable[str]:
        if self._tables is not None:
            return [table for owner, table in self._tables if owner == schema]
        return self.dialect.tables(self.fetch, schema)

    def describe(self, schema: str, table: str) -> Table:
        return Table(pa.schema([column.field for column in self._columns(schema, table).values()]))

    def partitions(self, request: ReadRequest) -> Sequence[Partition]:
        """Ranges of the column from its least value to its greatest; NULL is in the first."""
        column = self._partition_column(request)
        if column is None:
            return ()
        where = _where(self._conditions(request))
        table = self.dialect.table(request.schema, request.table)
        ((least, greatest),) = self.fetch(
            (f"SELECT min({column.quoted}), max({column.quoted}) FROM {table}", *where)
        )
        try:
            # a driver may give a decimal as text
            low, high = (int(decimal.Decimal(str(end))) for end in (least, greatest))
        except (ValueError, OverflowError, decimal.InvalidOperation):
            # no rows, or NaN
            return ()
        edges = sorted(
            {low + (high - low + 1) * part // request.partitions for part in range(1, request.partitions)}
        )
        bounds = [None, *(edge for edge in edges if low < edge <= high), None]
        if len(bounds) == 2:
            return ()
        return [
            Partition(
                f"{'' if start is None else start}:{'' if end is None else end}",
                ranges={column.field.name: ColumnRange(start, end, nulls=start is None)},
            )
            for start, end in itertools.pairwise(bounds)
        ]

    def read(self, request: ReadRequest) -> Iterator[pa.RecordBatch]:
        columns = self._columns(request.schema, request.table)
        where = _where([*self._conditions(request), *self._partition(request)])
        table = self.dialect.table(request.schema, request.table)
        if not request.columns:
            ((count,),) = self.fetch((f"SELECT count(*) FROM {table}", *where))
            yield from batches_without_columns(
                int(count) if request.limit is None else min(int(count), request.limit)
            )
            return
        wanted = [columns[column] for column in request.columns]
        selected = ", ".join(f"{column.selected} AS {column.quoted}" for column in wanted)
        limit = "" if request.limit is None else self.dialect.limited(request.limit)
        yield from self.stream(request, (f"SELECT {selected} FROM {table}", *where, limit), wanted)

    @contextlib.contextmanager
    def _connection(self, *, prepared: bool = True) -> Iterator[Any]:
        session = self.dialect.session if prepared else ()
        try:
            connection = self._connect()
        except Exception as error:
            raise Unavailable(
                f"the source {self.name} cannot connect to its database: {type(error).__name__}: {error}"
            ) from error
        with contextlib.closing(connection):
            if session:
                with contextlib.closing(connection.cursor()) as cursor:
                    for statement in session:
                        cursor.execute(statement)
            yield connection

    @contextlib.contextmanager
    def _cancellable(self, request: ReadRequest, connection: Any) -> Iterator[None]:
        with self._running_lock:
            self._running[id(request)] = connection
        try:
            yield
        finally:
            with self._running_lock:
                del self._running[id(request)]

    def _columns(self, schema: str, table: str) -> dict[str, SqlColumn]:
        if self._tables is not None and (schema, table) not in self._tables:
            raise NotFound(f"{schema}.{table}: no such table")
        with self._lock:
            known = self._described.get((schema, table))
        if known is not None and time.monotonic() < known.until:
            return known.columns
        declared = None if self._tables is None else self._tables[schema, table]
        columns = self.dialect.columns(self.fetch, schema, table, declared)
        with self._lock:
            self._described[schema, table] = _Described(columns, time.monotonic() + DESCRIPTION_SECONDS)
        return columns

    def _conditions(self, request: ReadRequest) -> list[Pieces]:
        if request.predicate is None:
            return []
        return conditions(request.predicate, self._columns(request.schema, request.table))

    def _partition_column(self, request: ReadRequest) -> SqlColumn | None:
        name = self._partition_by.get((request.schema, request.table))
        if name is None:
            return None
        columns = self._columns(request.schema, request.table)
        if name not in columns:
            raise SourceError(
                f"{request.qualified_name}: there is no column {name} to partition by; accepted: "
                f"{', '.join(columns)}"
            )
        column = columns[name]
        if not (pa.types.is_integer(column.field.type) or pa.types.is_decimal(column.field.type)):
            raise SourceError(
                f"{request.qualified_name}: column {name} to partition by is {column.field.type}; accepted: "
                "whole numbers and decimals"
            )
        return column

    def _partition(self, request: ReadRequest) -> list[Pieces]:
        if request.partition is None:
            return []
        start, separator, end = request.partition.partition(":")
        column = self._partition_column(request)
        if column is None or not separator:
            raise SourceError(f"{request.qualified_name}: {request.partition!r} is not one of its partitions")
        low = f"{column.quoted} >= {int(start)}" if start else None
        high = f"{column.quoted} < {int(end)}" if end else None
        if low is None:
            return [(f"({high} OR {column.quoted} IS NULL)",)]
        return [(low if high is None else f"{low} AND {high}",)]


def batch_of_rows(
    rows: Sequence[Sequence[Any]], columns: Sequence[SqlColumn], name: str, first: int
) -> pa.RecordBatch:
    """The rows as a batch; raises SourceError that names the column and, counted from `first`, the row."""
    arrays = []
    for column, values in zip(columns, zip(*rows, strict=True), strict=True):
        try:
            arrays.append(array_of(values, column.field.type))
        except BadValue as error:
            raise SourceError(
                f"{name}: column {column.field.name}, row {first + error.index + 1} of the result: {error}"
            ) from None
    return pa.RecordBatch.from_arrays(arrays, names=[column.field.name for column in columns])


def rows_of_next(batch: pa.RecordBatch) -> int:
    """How many rows make a batch of a good size, by the size of the last."""
    fitting = int(batch.num_rows) * BATCH_BYTES // (2 * max(int(batch.nbytes), 1))
    return max(1, min(MOST_ROWS, fitting))


def _where(parts: Sequence[Pieces]) -> Pieces:
    return (" WHERE ", *joined(parts, " AND ")) if parts else ()


def _names(qualified: str) -> tuple[str, str]:
    schema, separator, table = qualified.partition(".")
    if not (schema and separator and table):
        raise ValueError(f"table name {qualified!r}: accepted: schema.table")
    return schema, table
