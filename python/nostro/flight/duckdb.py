"""A DuckDB database as a source: its tables and views, read in parallel, with everything pushed down."""

from __future__ import annotations

import contextlib
import itertools
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from nostro.flight import duckdb_sql
from nostro.flight.column_types import declared_type, with_type
from nostro.flight.duckdb_sql import Sql, quoted
from nostro.flight.enforcement import BATCH_ROWS, batches_without_columns
from nostro.flight.errors import NotFound, SourceError
from nostro.flight.source import Applies, Data, Partition, ReadRequest, Source, Table

ROW_GROUP = 122_880
"""Rows of DuckDB's row groups, whose minima and maxima tell whether a scan needs them."""

EXPOSED_AS = {
    "HUGEINT": "DECIMAL(38, 0)",
    "UHUGEINT": "DECIMAL(38, 0)",
    "UTINYINT": "SMALLINT",
    "USMALLINT": "INTEGER",
    "UINTEGER": "BIGINT",
    "UBIGINT": "DECIMAL(20, 0)",
}
"""Types that a Trino column cannot have, and what their columns are cast to."""


class DuckDBSource(Source):
    """The tables and views of a DuckDB database file.

    The file is opened for reading alone, so nothing can change it: every read, and all of its partitions,
    sees the same rows; a ticket made for another file, or for the file before it was replaced, is refused.
    Memory is bounded by `memory_limit`, and does not grow with a table: results are streamed.
    """

    applies = Applies.PROJECTION | Applies.PREDICATE | Applies.LIMIT

    def __init__(
        self,
        database: Path | str,
        name: str = "duckdb",
        version: str = "0",
        threads: int | None = None,
        memory_limit: str = "1GB",
    ) -> None:
        path = Path(database)
        if not path.is_file():
            raise FileNotFoundError(f"database {path}: no such file")
        self.name = name
        self.version = version
        self._connection = duckdb.connect(
            str(path),
            read_only=True,
            config={
                "threads": str(threads or min(os.cpu_count() or 1, 4)),
                "memory_limit": memory_limit,
                "arrow_lossless_conversion": "true",
                "autoinstall_known_extensions": "false",
                "enable_external_access": "false",
            },
        )
        self._connection.execute("SET GLOBAL TimeZone = 'UTC'")
        self._connection.execute("SET GLOBAL lock_configuration = true")
        status = path.stat()
        self._snapshot = f"{status.st_dev:x}-{status.st_ino:x}-{status.st_size:x}-{status.st_mtime_ns:x}"
        self._running: dict[int, duckdb.DuckDBPyConnection] = {}
        self._lock = threading.Lock()

    def schemas(self) -> Iterable[str]:
        rows = self._rows("SELECT schema_name FROM duckdb_schemas() WHERE NOT internal ORDER BY 1")
        # DuckDB counts its default schema, main, as internal
        named = [schema for (schema,) in rows]
        return named if not self.tables("main") else sorted({*named, "main"})

    def tables(self, schema: str) -> Iterable[str]:
        return [
            table
            for (table,) in self._rows(
                "SELECT table_name FROM duckdb_tables() WHERE schema_name = $1 AND NOT internal "
                "UNION SELECT view_name FROM duckdb_views() WHERE schema_name = $1 AND NOT internal "
                "ORDER BY 1",
                schema,
            )
        ]

    def comment(self, schema: str, table: str) -> str | None:
        return self._entry(schema, table)[1]

    def describe(self, schema: str, table: str) -> Table:
        is_table, comment = self._entry(schema, table)
        types = self._column_types(schema, table)
        selected = ", ".join(f"{exposed(column, type)} AS {quoted(column)}" for column, type in types.items())
        with self._cursor() as cursor:
            arrow = (
                cursor.sql(f"SELECT {selected} FROM {_name(schema, table)} LIMIT 0").to_arrow_reader(1).schema
            )
        count = self._rows(f"SELECT count(*) FROM {_name(schema, table)}")[0][0] if is_table else None
        not_null = {
            column
            for (column,) in self._rows(
                "SELECT column_name FROM duckdb_columns() WHERE schema_name = $1 AND table_name = $2 "
                "AND NOT is_nullable",
                schema,
                table,
            )
        }
        fields = [declared(field).with_nullable(field.name not in not_null) for field in arrow]
        return Table(pa.schema(fields), comment, count)

    def snapshot(self, schema: str, table: str) -> str | None:
        return self._snapshot

    def partitions(self, request: ReadRequest) -> Sequence[Partition]:
        """Ranges of row ids that begin and end with row groups, so that each scan reads its own alone."""
        is_table, _ = self._entry(request.schema, request.table)
        if not is_table or any(column.lower() == "rowid" for column in request.table_schema.names):
            return ()
        ((greatest,),) = self._rows(f"SELECT max(rowid) FROM {_name(request.schema, request.table)}")
        if greatest is None:
            return ()
        groups = greatest // ROW_GROUP + 1
        parts = min(request.partitions, groups)
        edges = [groups * part // parts * ROW_GROUP for part in range(parts + 1)]
        return [Partition(f"{start}-{end}") for start, end in itertools.pairwise(edges)]

    def read(self, request: ReadRequest) -> Data:
        types = self._column_types(request.schema, request.table)
        condition = self._condition(request, types)
        scan = f"FROM {_name(request.schema, request.table)}{condition.text}"
        if request.limit is not None:
            scan += f" LIMIT {int(request.limit)}"
        if not request.columns:
            return self._count(request, Sql(f"SELECT count(*) FROM (SELECT 1 {scan})", condition.parameters))
        selected = ", ".join(f"{exposed(c, types[c])} AS {quoted(c)}" for c in request.columns)
        return self._batches(request, Sql(f"SELECT {selected} {scan}", condition.parameters))

    def cancel(self, request: ReadRequest) -> None:
        with self._lock:
            cursor = self._running.get(id(request))
            if cursor is not None:
                cursor.interrupt()

    def close(self) -> None:
        with self._lock:
            for cursor in self._running.values():
                cursor.interrupt()
        self._connection.close()

    def _condition(self, request: ReadRequest, types: dict[str, str]) -> Sql:
        conditions: list[str] = []
        parameters: list[Any] = []
        if request.predicate is not None:
            expressions = {
                column: exposed(column, types[column]) for column in request.predicate.column_names
            }
            where = duckdb_sql.where(request.predicate, expressions)
            conditions.append(where.text)
            parameters += where.parameters
        if request.partition is not None:
            start, separator, end = request.partition.partition("-")
            if not (separator and start.isdecimal() and end.isdecimal()):
                raise SourceError(
                    f"{request.qualified_name}: {request.partition!r} is not a range of row ids"
                )
            conditions.append(f"rowid >= {int(start)} AND rowid < {int(end)}")
        return Sql(f" WHERE {' AND '.join(conditions)}" if conditions else "", tuple(parameters))

    def _count(self, request: ReadRequest, query: Sql) -> Iterator[pa.RecordBatch]:
        with self._reading(request) as cursor:
            row = cursor.execute(query.text, list(query.parameters)).fetchone()
        yield from batches_without_columns(0 if row is None else int(row[0]))

    def _batches(self, request: ReadRequest, query: Sql) -> Iterator[pa.RecordBatch]:
        with (
            self._reading(request) as cursor,
            cursor.sql(query.text, params=list(query.parameters)).to_arrow_reader(BATCH_ROWS) as reader,
        ):
            yield from reader

    @contextlib.contextmanager
    def _reading(self, request: ReadRequest) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._cursor() as cursor:
            with self._lock:
                self._running[id(request)] = cursor
            try:
                yield cursor
            finally:
                with self._lock:
                    del self._running[id(request)]

    @contextlib.contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of one's own to the database: connections cannot be shared between threads."""
        cursor = self._connection.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    def _rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with self._cursor() as cursor:
            return cursor.execute(query, list(parameters)).fetchall()

    def _entry(self, schema: str, table: str) -> tuple[bool, str | None]:
        """Whether it is a table, and its comment; raises NotFound."""
        rows = self._rows(
            "SELECT true, comment FROM duckdb_tables() WHERE schema_name = $1 AND table_name = $2 "
            "UNION ALL SELECT false, comment FROM duckdb_views() WHERE schema_name = $1 AND view_name = $2",
            schema,
            table,
        )
        if not rows:
            raise NotFound(f"{schema}.{table}: no such table")
        return bool(rows[0][0]), rows[0][1]

    def _column_types(self, schema: str, table: str) -> dict[str, str]:
        return {
            column: str(type)
            for column, type in self._rows(
                "SELECT column_name, data_type FROM duckdb_columns() "
                "WHERE schema_name = $1 AND table_name = $2 ORDER BY column_index",
                schema,
                table,
            )
        }


def exposed(column: str, type: str) -> str:
    """SQL of a column as it is served. Enumerations are text: they would compare by their declared order."""
    target = "VARCHAR" if type.startswith("ENUM(") else EXPOSED_AS.get(type)
    return quoted(column) if target is None else f"CAST({quoted(column)} AS {target})"


def declared(field: pa.Field) -> pa.Field:
    name = declared_type(field)
    return field if name is None else with_type(field, name)


def _name(schema: str, table: str) -> str:
    return f"{quoted(schema)}.{quoted(table)}"
