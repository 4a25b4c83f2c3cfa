"""A database as a source, by any driver of Python's DB-API 2.0: psycopg2, sqlite3 and their like."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from nostro.flight.source import ReadRequest
from nostro.flight.sql_dialects import Dialect, Pieces, PostgreSql, SqlColumn, Sqlite, Standard, rendered
from nostro.flight.sql_source import FIRST_ROWS, SqlSource, batch_of_rows, rows_of_next

DIALECTS: Mapping[str, type[Dialect]] = {
    "psycopg2": PostgreSql,
    "psycopg": PostgreSql,
    "pg8000": PostgreSql,
    "sqlite3": Sqlite,
}
"""By the module of the driver."""

NAMED_CURSORS = frozenset(("psycopg2", "psycopg"))
"""Drivers whose ordinary cursors fetch a whole result at once, and whose named ones do not."""


class DbApiSource(SqlSource):
    """The tables of a database that a DB-API driver connects to.

    `connect` makes a connection; one is made for each read, and closed after it. The dialect and the style of
    parameters are found by the connection's module, and may be given: `Standard()` is for databases that have
    none of their own here. Rows are fetched a batch at a time. A value that is not of its column's type fails
    the read, with the column and the value.

        DbApiSource(lambda: psycopg2.connect("dbname=bank"), partition_by={"public.trades": "trade_id"})
    """

    def __init__(
        self, connect: Callable[[], Any], *, paramstyle: str | None = None, **arguments: Any
    ) -> None:
        """`paramstyle` is the driver's, if its module does not tell; the other arguments are SqlSource's."""
        super().__init__(connect, **arguments)
        self._paramstyle = paramstyle

    def find_dialect(self) -> Dialect:
        with self._connection(prepared=False) as connection:
            return DIALECTS.get(_module(connection), Standard)()

    def fetch(self, pieces: Pieces) -> list[tuple[Any, ...]]:
        with self._connection() as connection, contextlib.closing(connection.cursor()) as cursor:
            self._execute(connection, cursor, pieces)
            return [tuple(row) for row in cursor.fetchall()]

    def stream(
        self, request: ReadRequest, pieces: Pieces, columns: Sequence[SqlColumn]
    ) -> Iterator[pa.RecordBatch]:
        with (
            self._connection() as connection,
            self._cancellable(request, connection),
            contextlib.closing(_cursor(connection)) as cursor,
        ):
            self._execute(connection, cursor, pieces)
            size, first = FIRST_ROWS, 0
            while rows := cursor.fetchmany(size):
                batch = batch_of_rows(rows, columns, request.qualified_name, first)
                yield batch
                size, first = rows_of_next(batch), first + batch.num_rows

    def interrupt(self, connection: Any) -> None:
        _interrupt(connection)

    def _execute(self, connection: Any, cursor: Any, pieces: Pieces) -> None:
        module = sys.modules.get(_module(connection))
        style = str(self._paramstyle or getattr(module, "paramstyle", "qmark"))
        text, parameters = rendered(pieces, style)
        # a driver that is given no parameters takes no % for a placeholder
        cursor.execute(text, *(() if parameters is None else (parameters,)))


def _module(connection: Any) -> str:
    """The name of the driver's top module. The C classes of a driver may be in one beside it."""
    module = type(connection).__module__.partition(".")[0]
    return {"_sqlite3": "sqlite3", "_duckdb": "duckdb"}.get(module, module)


def _cursor(connection: Any) -> Any:
    return connection.cursor(name="nostro") if _module(connection) in NAMED_CURSORS else connection.cursor()


def _interrupt(connection: Any) -> None:
    """End what the connection does, from another thread, if its driver can: psycopg2, sqlite3 …"""
    for method in ("cancel", "interrupt"):
        end = getattr(connection, method, None)
        if callable(end):
            end()
            return
