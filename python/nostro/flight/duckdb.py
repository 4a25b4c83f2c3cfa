"""A DuckDB database as a source: its tables and views, read in parallel, with everything pushed down."""

from __future__ import annotations

import contextlib
import itertools
import os
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from nostro.flight import aggregation, duckdb_pushdown, duckdb_sql, duckdb_statistics, expression
from nostro.flight.column_types import declared_type, with_comment, with_type
from nostro.flight.duckdb_sql import Sql, quoted
from nostro.flight.duckdb_statistics import ROW_GROUP
from nostro.flight.enforcement import BATCH_ROWS, batches_without_columns
from nostro.flight.errors import NotFound, SourceError, Unavailable
from nostro.flight.expression import Expression
from nostro.flight.joins import JOINS
from nostro.flight.predicate import Predicate
from nostro.flight.source import Applies, Partition, ReadRequest, Source, Table
from nostro.flight.table_statistics import ColumnStatistics, Statistics, StatisticsRequest

ROW_ID = "rowid"
LOGS = (".wal", ".wal.checkpoint", ".wal.recovery")

EXPOSED_AS = {
    "HUGEINT": "DECIMAL(38, 0)",
    "UHUGEINT": "DECIMAL(38, 0)",
    "UTINYINT": "SMALLINT",
    "USMALLINT": "INTEGER",
    "UINTEGER": "BIGINT",
    "UBIGINT": "DECIMAL(20, 0)",
}
"""Types that a Trino column cannot have, and what their columns are cast to."""


@dataclass(frozen=True)
class Layout:
    """What a scan of a table needs to know: DuckDB's types of the columns, and how many row groups its row
    ids span; 0 for a view, and where the ids cannot be named."""

    types: Mapping[str, str]
    row_groups: int


class DuckDBSource(Source):
    """The tables and views of a DuckDB database file.

    The file is opened for reading alone, so nothing can change it: every read, and all of its partitions,
    sees the same rows; a ticket made for another file, or for the file before it was replaced, is refused.
    Memory is bounded by `memory_limit`, and does not grow with a table: results are streamed.
    """

    applies = Applies.PROJECTION | Applies.PREDICATE | Applies.LIMIT | Applies.TOP_N
    aggregates = aggregation.FUNCTIONS
    expressions = expression.KINDS
    joins = JOINS
    reads_relations = True
    read_only = True

    def __init__(
        self,
        database: Path | str,
        name: str = "duckdb",
        version: str = "0",
        threads: int | None = None,
        memory_limit: str = "1GB",
    ) -> None:
        path = Path(database)
        if self.read_only and not path.is_file():
            raise FileNotFoundError(f"database {path}: no such file")
        self.name = name
        self.version = version
        self._snapshot = written_state(path)
        self._connection = duckdb.connect(
            str(path),
            read_only=self.read_only,
            config={
                "threads": str(threads or min(os.cpu_count() or 1, 4)),
                "memory_limit": memory_limit,
                "arrow_lossless_conversion": "true",
                "autoinstall_known_extensions": "false",
                "enable_external_access": "false",
            },
        )
        self._connection.execute("SET GLOBAL TimeZone = 'UTC'")
        self._database = self._connection.execute("SELECT current_database()").fetchall()[0][0]
        if self.read_only and written_state(path) != self._snapshot:
            self._connection.close()
            raise OSError(f"database {path}: was changed while it was opened; open it again")
        self._described: dict[tuple[str, str], Table] = {}
        self._layouts: dict[tuple[str, str], tuple[str, Layout]] = {}
        self._statistics: dict[tuple[str, str], tuple[str, Statistics]] = {}
        self._running: dict[int, duckdb.DuckDBPyConnection] = {}
        self._lock = threading.Lock()

    def schemas(self) -> Iterable[str]:
        rows = self._rows(
            "SELECT schema_name FROM duckdb_schemas() WHERE database_name = current_database() "
            "AND NOT internal ORDER BY 1"
        )
        # DuckDB counts its default schema, main, as internal
        return [*(("main",) if self.tables("main") else ()), *(schema for (schema,) in rows)]

    def tables(self, schema: str) -> Iterable[str]:
        return [
            table
            for (table,) in self._rows(
                "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() "
                "AND schema_name = $1 AND NOT internal UNION ALL "
                "SELECT view_name FROM duckdb_views() WHERE database_name = current_database() "
                "AND schema_name = $1 AND NOT internal ORDER BY 1",
                schema,
            )
        ]

    def comment(self, schema: str, table: str) -> str | None:
        return self._entry(schema, table)[1]

    def describe(self, schema: str, table: str) -> Table:
        if (schema, table) not in self._described:
            self._described[schema, table] = self._describe(schema, table)
        return self._described[schema, table]

    def snapshot(self, schema: str, table: str) -> str | None:
        return self._snapshot

    def statistics(self, request: StatisticsRequest) -> Statistics | None:
        """Those that DuckDB keeps, and NULLs counted in some row groups; of a view nothing is known."""
        state = self._state_of(request.schema, request.table, request.snapshot)
        with self._lock:
            known_state, known = self._statistics.get((request.schema, request.table), ("", Statistics()))
        if known_state != state:
            known = Statistics()
        missing = [column for column in request.columns if column not in known.columns]
        if known.row_count is not None and not missing:
            return known
        with self._cursor_of_state([(request.schema, request.table)], request.snapshot) as cursor:
            is_table, _ = self._entry(request.schema, request.table, cursor)
            if not is_table:
                return None
            table = self._table_name(request.schema, request.table)
            types = self._column_types(request.schema, request.table, cursor)
            rows = duckdb_statistics.row_count(cursor, table)
            columns = [
                duckdb_statistics.Column(request.table_schema.field(it), EXPOSED_AS.get(types[it], types[it]))
                for it in missing
                if it in types
            ]
            found = duckdb_statistics.of_columns(cursor, table, rows, columns, has_row_ids(types))
        # also of those of which nothing is known, the row id say, it is not asked again
        unknown = {column: ColumnStatistics() for column in missing}
        known = Statistics(rows, {**known.columns, **unknown, **found})
        with self._lock:
            self._statistics[request.schema, request.table] = (state, known)
        return known

    def _state_of(self, schema: str, table: str, snapshot: str | None) -> str:
        """Names the state of the table that is to be read; it is another when its rows are."""
        return self._snapshot

    def partitions(self, request: ReadRequest) -> Sequence[Partition]:
        """Ranges of row ids that begin and end with row groups, so that each scan reads its own alone."""
        if request.join is not None or request.relation is not None:
            return ()
        with self._cursor_of_state(request.tables, request.snapshot) as cursor:
            groups = self._layout(request, cursor).row_groups
        if groups == 0:
            return ()
        parts = min(request.partitions, groups)
        edges = [groups * part // parts * ROW_GROUP for part in range(parts + 1)]
        return [
            Partition(self._token(start, end, request.snapshot)) for start, end in itertools.pairwise(edges)
        ]

    def read(self, request: ReadRequest) -> Iterator[pa.RecordBatch]:
        with self._reading(request) as cursor:
            query = self._query(request, cursor)
            if not request.columns:
                yield from count(cursor, Sql(f"SELECT count(*) FROM ({query.text})", query.parameters))
            else:
                yield from batches(cursor, query)

    def _query(self, request: ReadRequest, cursor: duckdb.DuckDBPyConnection) -> Sql:
        source, served = self._relation(request, cursor)
        condition = self._condition(request, served)
        rows = f"{source.text}{condition.text}"
        schema = request.table_schema
        if request.aggregation is not None:
            rows = f"({_grouped(request, served, rows)})"
            schema = request.aggregation.columns
            served = {column: quoted(column) for column in schema.names}
        selected = ", ".join(f"{served[c]} AS {quoted(c)}" for c in request.columns) or "1"
        text = f"SELECT {selected} FROM {rows}"
        if request.order_by:
            text += f" ORDER BY {duckdb_pushdown.order_by(request.order_by, served, schema)}"
        if request.limit is not None:
            text += f" LIMIT {int(request.limit)}"
        return Sql(text, (*source.parameters, *condition.parameters))

    def _relation(
        self, request: ReadRequest, cursor: duckdb.DuckDBPyConnection
    ) -> tuple[Sql, dict[str, str]]:
        """What the request's rows are selected from, and the SQL of its columns."""
        if request.relation is not None:
            names = request.relation.columns
            return duckdb_pushdown.nested(self._query(request.relation, cursor), names)
        if request.join is not None:
            left, right = (self._query(side, cursor) for side in (request.join.left, request.join.right))
            return duckdb_pushdown.join(request.join, left, right)
        types = self._layout(request, cursor).types
        served = {column: exposed(column, type) for column, type in types.items()}
        if has_row_ids(types):
            served[ROW_ID] = quoted(ROW_ID)
        return Sql(self._table_name(request.schema, request.table)), served

    def _layout(self, request: ReadRequest, cursor: duckdb.DuckDBPyConnection) -> Layout:
        """Of a state that is named, which DuckDB takes milliseconds to tell, it is remembered until another
        is asked for."""
        table = (request.schema, request.table)
        state = self._state_of(*table, request.snapshot)
        with self._lock:
            known = self._layouts.get(table)
        if known is not None and known[0] == state and request.snapshot is not None:
            return known[1]
        is_table, _ = self._entry(*table, cursor)
        types = self._column_types(*table, cursor)
        last = None
        if is_table and has_row_ids(types):
            last = cursor.execute(f"SELECT max(rowid) FROM {self._table_name(*table)}").fetchall()[0][0]
        layout = Layout(types, 0 if last is None else last // ROW_GROUP + 1)
        if request.snapshot is not None:
            with self._lock:
                self._layouts[table] = (state, layout)
        return layout

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

    def _describe(self, schema: str, table: str, cursor: duckdb.DuckDBPyConnection | None = None) -> Table:
        if cursor is None:
            with self._cursor() as own:
                return self._describe(schema, table, own)
        is_table, comment = self._entry(schema, table, cursor)
        types = self._column_types(schema, table, cursor)
        selected = ", ".join(f"{exposed(column, type)} AS {quoted(column)}" for column, type in types.items())
        empty = cursor.sql(f"SELECT {selected} FROM {self._table_name(schema, table)} LIMIT 0")
        with empty.to_arrow_reader(BATCH_ROWS) as reader:
            arrow = reader.schema
        details = {
            column: (nullable, column_comment)
            for column, nullable, column_comment in self._rows(
                "SELECT column_name, is_nullable, comment FROM duckdb_columns() WHERE database_name = "
                "current_database() AND schema_name = $1 AND table_name = $2",
                schema,
                table,
                cursor=cursor,
            )
        }
        fields = [
            with_comment(declared(field), details[field.name][1]).with_nullable(details[field.name][0])
            for field in arrow
        ]
        counted = (
            is_table and cursor.execute(f"SELECT count(*) FROM {self._table_name(schema, table)}").fetchone()
        )
        return Table(pa.schema(fields), comment, counted[0] if counted else None)

    def _condition(self, request: ReadRequest, served: dict[str, str]) -> Sql:
        conditions = conditions_of(request.predicate, request.condition, served)
        if request.partition is not None:
            start, separator, end = self._range_of(request.partition).partition("-")
            if not (separator and start.isdecimal() and end.isdecimal()):
                raise SourceError(
                    f"{request.qualified_name}: {request.partition!r} is not a range of row ids"
                )
            conditions.append(Sql(f"rowid >= {int(start)} AND rowid < {int(end)}"))
        return where(conditions)

    @contextlib.contextmanager
    def _reading(self, request: ReadRequest) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._cursor_of_state(request.tables, request.snapshot, request.partition) as cursor:
            with self._lock:
                self._running[id(request)] = cursor
            try:
                if request.cancelled():
                    # before there was anything to interrupt
                    raise Unavailable(f"{request.qualified_name}: nobody waits for the read any more")
                yield cursor
            finally:
                with self._lock:
                    del self._running[id(request)]

    def _cursor_of_state(
        self, tables: Sequence[tuple[str, str]], snapshot: str | None, partition: str | None = None
    ) -> contextlib.AbstractContextManager[duckdb.DuckDBPyConnection]:
        """A connection that sees the state of the tables that is to be read, and for a partition the row ids
        that it was planned with."""
        return self._cursor()

    def _token(self, start: int, end: int, snapshot: str | None) -> str:
        """Names the partition of these row ids; nothing moves rows of a file that is only read."""
        return f"{start}-{end}"

    def _range_of(self, token: str) -> str:
        return token

    @contextlib.contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of one's own to the database: connections cannot be shared between threads."""
        cursor = self._connection.cursor()
        try:
            # on by default, and written to standard output
            cursor.execute("SET enable_progress_bar = false")
            yield cursor
        finally:
            cursor.close()

    def _table_name(self, schema: str, table: str) -> str:
        # a schema may have the database's name, which then needs to come first
        return f"{quoted(self._database)}.{quoted(schema)}.{quoted(table)}"

    def _rows(
        self, query: str, *parameters: Any, cursor: duckdb.DuckDBPyConnection | None = None
    ) -> list[tuple[Any, ...]]:
        if cursor is not None:
            return cursor.execute(query, list(parameters)).fetchall()
        with self._cursor() as own:
            return own.execute(query, list(parameters)).fetchall()

    def _entry(
        self, schema: str, table: str, cursor: duckdb.DuckDBPyConnection | None = None
    ) -> tuple[bool, str | None]:
        """Whether it is a table, and its comment; raises NotFound."""
        rows = self._rows(
            "SELECT true, comment FROM duckdb_tables() WHERE database_name = current_database() "
            "AND schema_name = $1 AND table_name = $2 AND NOT internal UNION ALL "
            "SELECT false, comment FROM duckdb_views() WHERE database_name = current_database() "
            "AND schema_name = $1 AND view_name = $2 AND NOT internal",
            schema,
            table,
            cursor=cursor,
        )
        if not rows:
            raise NotFound(f"{schema}.{table}: no such table")
        return bool(rows[0][0]), rows[0][1]

    def _column_types(
        self, schema: str, table: str, cursor: duckdb.DuckDBPyConnection | None = None
    ) -> dict[str, str]:
        return {
            column: str(type)
            for column, type in self._rows(
                "SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = "
                "current_database() AND schema_name = $1 AND table_name = $2 ORDER BY column_index",
                schema,
                table,
                cursor=cursor,
            )
        }


def written_state(database: Path) -> str:
    """Names what is in a database's file and in the logs beside it, which DuckDB reads with it."""
    written = []
    for suffix in ("", *LOGS):
        with contextlib.suppress(FileNotFoundError):
            status = Path(f"{database}{suffix}").stat()
            written.append(
                f"{suffix}{status.st_dev:x}-{status.st_ino:x}-{status.st_size:x}-{status.st_mtime_ns:x}"
            )
    return "".join(written)


def conditions_of(
    predicate: Predicate | None, condition: Expression | None, served: dict[str, str]
) -> list[Sql]:
    """What rows satisfy that are asked for; `served` is the SQL of the table's columns."""
    conditions = [] if predicate is None else [duckdb_sql.where(predicate, served)]
    return conditions if condition is None else [*conditions, duckdb_pushdown.condition(condition, served)]


def where(conditions: Sequence[Sql]) -> Sql:
    """The clause WHERE, or nothing."""
    texts = [condition.text for condition in conditions if condition.text]
    parameters = tuple(parameter for condition in conditions for parameter in condition.parameters)
    return Sql(f" WHERE {' AND '.join(texts)}" if texts else "", parameters)


def has_row_ids(columns: Iterable[str]) -> bool:
    """Whether DuckDB's row id can be named: a column of that name hides it."""
    return all(column.lower() != ROW_ID for column in columns)


def count(cursor: duckdb.DuckDBPyConnection, query: Sql) -> Iterator[pa.RecordBatch]:
    row = cursor.execute(query.text, list(query.parameters)).fetchone()
    yield from batches_without_columns(0 if row is None else int(row[0]))


def batches(cursor: duckdb.DuckDBPyConnection, query: Sql) -> Iterator[pa.RecordBatch]:
    with cursor.sql(query.text, params=list(query.parameters)).to_arrow_reader(BATCH_ROWS) as reader:
        types = [plain_booleans(field.type) for field in reader.schema]
        if types == reader.schema.types:
            yield from reader
            return
        schema = pa.schema([field.with_type(type) for field, type in zip(reader.schema, types, strict=True)])
        for batch in reader:
            yield batch.cast(schema)


def exposed(column: str, type: str) -> str:
    """SQL of a column as it is served."""
    return served_as(quoted(column), type)


def served_as(column: str, type: str) -> str:
    """The same of a column's SQL. Enumerations are text: they would compare by their declared order. Text may
    have been declared with a collation, and is compared by its bytes."""
    if type == "VARCHAR":
        return f'{column} COLLATE "binary"'
    target = "VARCHAR" if type.startswith("ENUM(") else EXPOSED_AS.get(type)
    return column if target is None else f"CAST({column} AS {target})"


def declared(field: pa.Field) -> pa.Field:
    name = declared_type(field)
    plain = field.with_type(plain_booleans(field.type))
    return plain if name is None else with_type(plain, name)


def plain_booleans(type: pa.DataType) -> pa.DataType:
    """DuckDB keeps UUIDs and JSON apart from text only together with booleans of a byte: undo those."""

    def plain(field: pa.Field) -> pa.Field:
        return field.with_type(plain_booleans(field.type))

    if isinstance(type, pa.BaseExtensionType):
        return pa.bool_() if type.extension_name == "arrow.bool8" else type
    if pa.types.is_struct(type):
        return pa.struct([plain(field) for field in type])
    if pa.types.is_map(type):
        return pa.map_(plain(type.key_field), plain(type.item_field))
    if pa.types.is_fixed_size_list(type):
        return pa.list_(plain(type.value_field), type.list_size)
    if pa.types.is_list(type):
        return pa.list_(plain(type.value_field))
    return type


def _grouped(request: ReadRequest, served: dict[str, str], rows: str) -> str:
    assert request.aggregation is not None
    groups, aggregates = request.aggregation.group_by, request.aggregation.aggregates
    selected = [f"{served[field.name]} AS {quoted(field.name)}" for field in groups]
    for part in aggregates:
        computed = duckdb_pushdown.aggregate(part, None if part.column is None else served[part.column])
        selected.append(f"{computed} AS {quoted(part.output.name)}")
    positions = ", ".join(str(index + 1) for index in range(len(groups)))
    return f"SELECT {', '.join(selected)} FROM {rows}" + (f" GROUP BY {positions}" if positions else "")
