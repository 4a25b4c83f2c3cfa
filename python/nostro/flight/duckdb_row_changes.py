"""The SQL of staged rows: inserted into a DuckDB table, or merged into it by the ids of its rows."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence

import duckdb
import pyarrow as pa

from nostro.flight.changes import (
    MERGE_CASE,
    MERGE_OPERATION,
    ROW_ID_PREFIX,
    Merge,
    Reason,
    Refused,
    RowOperation,
)
from nostro.flight.duckdb_sql import quoted

ROWS = "nostro_rows"
TARGET = "t"
"""What the table that is merged into is called in the SQL."""


@contextlib.contextmanager
def staged(cursor: duckdb.DuckDBPyConnection, rows: pa.RecordBatchReader) -> Iterator[str]:
    cursor.register(ROWS, rows)
    try:
        yield ROWS
    finally:
        # refused in a transaction that has failed; the view goes with the connection anyway
        with contextlib.suppress(duckdb.Error):
            cursor.unregister(ROWS)


def insert_rows(
    cursor: duckdb.DuckDBPyConnection,
    target: str,
    columns: list[str],
    rows: pa.RecordBatchReader,
    condition: str = "",
) -> int:
    names = ", ".join(quoted(column) for column in columns)
    with staged(cursor, rows) as source:
        return changed_rows(
            cursor.execute(f"INSERT INTO {target} ({names}) SELECT {names} FROM {source}{condition}")
        )


def touched_rows(cursor: duckdb.DuckDBPyConnection, request: Merge) -> pa.Array:
    """The ids of the rows that the merge changes or deletes."""
    schema = request.rows().schema
    id = id_of(
        [quoted(ROW_ID_PREFIX + column) for column in request.row_id],
        [schema.field(ROW_ID_PREFIX + column).type for column in request.row_id],
    )
    with staged(cursor, request.rows()) as rows:
        found = cursor.sql(
            f"SELECT {id} AS id FROM {rows} WHERE {quoted(MERGE_OPERATION)} <> {RowOperation.INSERT}"
        ).to_arrow_table()
    return found["id"].combine_chunks()


def id_of(columns: Sequence[str], types: Sequence[pa.DataType]) -> str:
    """The SQL of a row's id as one number; of several columns, or of other than numbers, their hash. Two ids
    with one hash are rarer than a conflict that could not be helped."""
    return columns[0] if list(types) == [pa.int64()] else f"hash({', '.join(columns)})"


def merge_rows(
    cursor: duckdb.DuckDBPyConnection, target: str, row_id: Mapping[str, str], request: Merge, unique: bool
) -> int:
    """How many rows were changed; `row_id` is the SQL of each column of the target's row id, `unique` if no
    two rows can have the same. Raises Refused if a row is not there, or if several have one id."""
    operation = f"r.{quoted(MERGE_OPERATION)}"
    same_row = " AND ".join(
        f"{column} IS NOT DISTINCT FROM r.{quoted(ROW_ID_PREFIX + name)}" for name, column in row_id.items()
    )
    if not unique:
        check_told_apart(cursor, target, same_row, request)
    with staged(cursor, request.rows()) as rows:
        expected = dict(cursor.execute(f"SELECT {operation}, count(*) FROM {rows} r GROUP BY ALL").fetchall())
    done = dict.fromkeys(RowOperation, 0)
    if expected.get(RowOperation.DELETE):
        with staged(cursor, request.rows()) as rows:
            done[RowOperation.DELETE] = changed_rows(
                cursor.execute(
                    f"DELETE FROM {target} AS {TARGET} USING {rows} r "
                    f"WHERE {same_row} AND {operation} = {RowOperation.DELETE}"
                )
            )
    assignments = updated_columns(request)
    if expected.get(RowOperation.UPDATE) and assignments:
        # of all cases at once, as one may give a row the key that another one takes from its row
        with staged(cursor, request.rows()) as rows:
            done[RowOperation.UPDATE] = changed_rows(
                cursor.execute(
                    f"UPDATE {target} AS {TARGET} SET {assignments} FROM {rows} r "
                    f"WHERE {same_row} AND {operation} = {RowOperation.UPDATE}"
                )
            )
    if expected.get(RowOperation.INSERT):
        condition = f" r WHERE {operation} = {RowOperation.INSERT}"
        done[RowOperation.INSERT] = insert_rows(
            cursor, target, request.columns.names, request.rows(), condition
        )
    for kind in RowOperation:
        if done[kind] != expected.get(kind, 0):
            raise Refused(
                Reason.CONFLICT,
                f"{request.schema}.{request.table}: {expected.get(kind, 0)} rows were to be "
                f"{kind.name.lower()}d, and {done[kind]} are there",
            )
    return sum(done.values())


def check_told_apart(cursor: duckdb.DuckDBPyConnection, target: str, same_row: str, request: Merge) -> None:
    """Raises Refused if which row is to be changed cannot be told, as several have its id. All that have one
    may be deleted."""
    operation = f"r.{quoted(MERGE_OPERATION)}"
    ids = ", ".join(f"r.{quoted(ROW_ID_PREFIX + name)}" for name in request.row_id)
    with staged(cursor, request.rows()) as rows:
        several = cursor.execute(
            f'SELECT 1 FROM (SELECT {ids}, count(*) AS "nostro.changes", '
            f'bool_or({operation} = {RowOperation.UPDATE}) AS "nostro.updates" FROM {rows} r '
            f"WHERE {operation} <> {RowOperation.INSERT} GROUP BY {ids}) r JOIN {target} AS {TARGET} "
            f'ON {same_row} GROUP BY {ids}, r."nostro.changes", r."nostro.updates" '
            'HAVING count(*) <> r."nostro.changes" OR (r."nostro.updates" AND count(*) > 1) LIMIT 1'
        ).fetchone()
    if several is not None:
        raise Refused(
            Reason.CONFLICT,
            f"{request.schema}.{request.table}: several rows have one {', '.join(request.row_id)}, by which "
            "they are told apart, so that none of them can be changed",
        )


def updated_columns(request: Merge) -> str:
    """The SQL of what an UPDATE of all cases sets: a column of some cases stays as it is in the others."""
    cases_of: dict[str, list[int]] = {}
    for number, columns in request.updates.items():
        for column in columns:
            cases_of.setdefault(column, []).append(number)

    def value(column: str) -> str:
        cases, new = cases_of[column], f"r.{quoted(column)}"
        if len(cases) == len(request.updates):
            return new
        among = ", ".join(map(str, cases))
        return f"CASE WHEN r.{quoted(MERGE_CASE)} IN ({among}) THEN {new} ELSE {TARGET}.{quoted(column)} END"

    return ", ".join(f"{quoted(column)} = {value(column)}" for column in cases_of)


def conflict(merge: Merge) -> Refused:
    return Refused(
        Reason.CONFLICT,
        f"{merge.schema}.{merge.table}: rows were changed since they were read; run it again",
    )


def changed_rows(done: duckdb.DuckDBPyConnection) -> int:
    row = done.fetchone()
    return 0 if row is None else int(row[0])
