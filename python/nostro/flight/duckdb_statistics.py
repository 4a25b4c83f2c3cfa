"""Statistics of DuckDB's tables: those that DuckDB keeps itself, and what some row groups show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from nostro.flight.duckdb_sql import quoted
from nostro.flight.literals import values_of
from nostro.flight.table_statistics import ColumnStatistics, has_range

ROW_GROUP = 122_880
"""Rows of DuckDB's row groups, whose minima and maxima tell whether a scan needs them."""

COUNTED_GROUPS = 8
"""Row groups in which NULLs are counted: of a larger table these, at equal distances."""


@dataclass(frozen=True)
class Column:
    """A column as it is served, and that type's name in DuckDB."""

    field: pa.Field
    type: str

    @property
    def name(self) -> str:
        return str(self.field.name)


def row_count(cursor: duckdb.DuckDBPyConnection, table: str) -> int:
    ((rows,),) = cursor.execute(f"SELECT count(*) FROM {table}").fetchall()
    return int(rows)


def of_columns(
    cursor: duckdb.DuckDBPyConnection, table: str, rows: int, columns: Sequence[Column], has_row_ids: bool
) -> dict[str, ColumnStatistics]:
    """By name, in an amount of work that does not grow with the table. `rows` is how many it has."""
    if not columns:
        return {}
    if rows == 0:
        return {column.name: ColumnStatistics(0, 0.0) for column in columns}
    kept = _kept(cursor, table, columns)
    nullable = [
        column for column, it in zip(columns, kept, strict=True) if it["has_null"].as_py() is not False
    ]
    fractions = _null_fractions(cursor, table, rows, nullable, has_row_ids)
    return {
        column.name: ColumnStatistics(
            _distinct_values(it, rows),
            fractions.get(column.name) if column in nullable else 0.0,
            it["low"],
            it["high"],
            it["data_size"].as_py(),
        )
        for column, it in zip(columns, kept, strict=True)
    }


def _kept(
    cursor: duckdb.DuckDBPyConnection, table: str, columns: Sequence[Column]
) -> list[dict[str, pa.Scalar]]:
    """What DuckDB keeps for its own optimizer, without a scan: it is of all rows that the table ever had."""
    selected: list[str] = []
    for column in columns:
        kept = f"stats({quoted(column.name)})"
        ranged = has_range(values_of(column.field))
        low, high = (
            f"TRY_CAST({kept}.{end} AS {column.type})" if ranged else "NULL" for end in ("min", "max")
        )
        selected += [
            low,
            high,
            f"TRY_CAST({kept}.approx_unique AS BIGINT)",
            f"TRY_CAST({kept}.has_null AS BOOLEAN)",
            f"TRY_CAST({kept}.total_string_length AS BIGINT)",
        ]
    named = ", ".join(f"{sql} AS c{index}" for index, sql in enumerate(selected))
    found = cursor.sql(f"SELECT {named} FROM {table} LIMIT 1").to_arrow_table()
    keys = ("low", "high", "distinct_values", "has_null", "data_size")
    return [
        {key: found[len(keys) * index + offset][0] for offset, key in enumerate(keys)}
        for index in range(len(columns))
    ]


def _distinct_values(kept: dict[str, pa.Scalar], rows: int) -> int | None:
    found = kept["distinct_values"].as_py()
    return None if found is None else min(int(found), rows)


def _null_fractions(
    cursor: duckdb.DuckDBPyConnection, table: str, rows: int, columns: Sequence[Column], has_row_ids: bool
) -> dict[str, float]:
    few = rows <= COUNTED_GROUPS * ROW_GROUP
    if not columns or not (few or has_row_ids):
        return {}
    counts = ", ".join(f"count({quoted(column.name)})" for column in columns)
    counted: list[Any] = [0] * (len(columns) + 1)
    for condition in [""] if few else _some_groups(cursor, table):
        (row,) = cursor.execute(f"SELECT count(*), {counts} FROM {table}{condition}").fetchall()
        counted = [total + part for total, part in zip(counted, row, strict=True)]
    in_all, *present = counted
    if not in_all:
        return {}
    return {column.name: 1 - count / in_all for column, count in zip(columns, present, strict=True)}


def _some_groups(cursor: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """Conditions of row groups from the first to the last."""
    ((greatest,),) = cursor.execute(f"SELECT max(rowid) FROM {table}").fetchall()
    last = int(greatest) // ROW_GROUP
    numbers = sorted({last * part // (COUNTED_GROUPS - 1) for part in range(COUNTED_GROUPS)})
    return [f" WHERE rowid >= {n * ROW_GROUP} AND rowid < {(n + 1) * ROW_GROUP}" for n in numbers]
