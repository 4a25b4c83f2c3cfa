"""A database as a source, by its ADBC driver: its rows are Arrow's from the start."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from nostro.flight.errors import SourceError
from nostro.flight.row_values import BadValue, array_of
from nostro.flight.source import ReadRequest
from nostro.flight.sql_dialects import (
    Dialect,
    Parameter,
    Pieces,
    PostgreSql,
    SqlColumn,
    Sqlite,
    Standard,
    rendered,
)
from nostro.flight.sql_source import MOST_ROWS, SqlSource

DIALECTS: Mapping[str, type[Dialect]] = {"PostgreSQL": PostgreSql, "SQLite": Sqlite}
"""By the vendor's name, as the driver gives it."""


class AdbcSource(SqlSource):
    """The tables of a database that an ADBC driver connects to.

    `connect` makes a connection of `adbc_driver_manager.dbapi`, as the drivers' own modules do; one is made
    for each read, and closed after it. For the rest it is as `DbApiSource`, and faster.

        AdbcSource(lambda: adbc_driver_postgresql.dbapi.connect("postgresql://localhost/bank"))
    """

    def find_dialect(self) -> Dialect:
        with self._connection(prepared=False) as connection:
            return DIALECTS.get(str(connection.adbc_get_info().get("vendor_name")), Standard)()

    def fetch(self, pieces: Pieces) -> list[tuple[Any, ...]]:
        with self._connection() as connection, contextlib.closing(connection.cursor()) as cursor:
            self._execute(cursor, pieces)
            return [tuple(row) for row in cursor.fetchall()]

    def stream(
        self, request: ReadRequest, pieces: Pieces, columns: Sequence[SqlColumn]
    ) -> Generator[pa.RecordBatch]:
        with self._connection() as connection, self._cancellable(request, connection):
            if isinstance(self.dialect, PostgreSql) and any(isinstance(piece, Parameter) for piece in pieces):
                batches = self._declared(connection, pieces)
            elif isinstance(self.dialect, Sqlite):
                batches = self._sampled(connection, pieces, columns)
            else:
                batches = self._batches(connection, pieces)
            with contextlib.closing(batches):
                first = 0
                for batch in batches:
                    yield _as_served(batch, columns, request.qualified_name, first)
                    first += batch.num_rows

    def interrupt(self, connection: Any) -> None:
        connection.adbc_cancel()

    def _batches(
        self, connection: Any, pieces: Pieces, options: Mapping[str, str] | None = None
    ) -> Generator[pa.RecordBatch]:
        with contextlib.closing(connection.cursor()) as cursor:
            if options:
                cursor.adbc_statement.set_options(**options)
            self._execute(cursor, pieces)
            with cursor.fetch_record_batch() as reader:
                yield from reader

    def _declared(self, connection: Any, pieces: Pieces) -> Generator[pa.RecordBatch]:
        """A statement with parameters cannot be a COPY, and the driver would hold its whole result: a cursor
        in the database gives it in parts."""
        with contextlib.closing(connection.cursor()) as cursor:
            self._execute(cursor, ("DECLARE nostro NO SCROLL CURSOR FOR ", *pieces))
        fetch: Pieces = (f"FETCH FORWARD {MOST_ROWS} FROM nostro",)
        found = True
        while found:
            found = False
            for batch in self._batches(connection, fetch, {"adbc.postgresql.use_copy": "false"}):
                found = found or batch.num_rows > 0
                yield batch

    def _sampled(
        self, connection: Any, pieces: Pieces, columns: Sequence[SqlColumn]
    ) -> Generator[pa.RecordBatch]:
        """The driver takes a column's type from its first rows, which may all be NULL: a row of the types
        goes before them, and is marked."""
        samples = ", ".join(f"{_sample(column.field.type)} AS {column.quoted}" for column in columns)
        sampled: Pieces = (f"SELECT 1, {samples} UNION ALL SELECT 0, * FROM (", *pieces, ")")
        for batch in self._batches(connection, sampled):
            marks = batch.column(0)
            rows = pa.RecordBatch.from_arrays(batch.columns[1:], names=[c.field.name for c in columns])
            # text that is not UTF-8 is found here, not by whoever reads it
            rows.validate(full=True)
            yield rows.filter(pc.equal(marks, 0)) if pc.any(pc.equal(marks, 1)).as_py() else rows

    def _execute(self, cursor: Any, pieces: Pieces) -> None:
        style = "dollar" if isinstance(self.dialect, PostgreSql) else "qmark"
        text, parameters = rendered(pieces, style)
        cursor.execute(text, parameters)


def _sample(type: pa.DataType) -> str:
    """The SQL of a value of the kind that SQLite stores the type as."""
    if pa.types.is_integer(type) or pa.types.is_boolean(type):
        return "0"
    if pa.types.is_floating(type):
        return "0.0"
    return "x''" if pa.types.is_binary(type) else "''"


def _as_served(batch: pa.RecordBatch, columns: Sequence[SqlColumn], name: str, first: int) -> pa.RecordBatch:
    arrays = []
    for column, array in zip(columns, batch.columns, strict=True):
        try:
            arrays.append(_converted(array, column.field.type))
        except BadValue as error:
            raise SourceError(
                f"{name}: column {column.field.name}, row {first + error.index + 1} of the result: {error}"
            ) from None
    return pa.RecordBatch.from_arrays(arrays, names=[column.field.name for column in columns])


def _converted(array: pa.Array, type: pa.DataType) -> pa.Array:
    """The array with the type; raises BadValue. What Arrow converts exactly, it converts."""
    if array.type == type:
        return array
    if isinstance(array.type, pa.OpaqueType):
        array = array.storage
    whole = pa.types.is_integer(array.type) and pa.types.is_integer(type)
    text = pa.types.is_string(array.type) and pa.types.is_decimal(type)
    if whole or text or pa.types.is_null(array.type):
        with contextlib.suppress(pa.ArrowInvalid):
            return array.cast(type)
    return array_of(array.to_pylist(), type)
