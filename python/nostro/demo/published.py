"""Reads the pipeline's public tables from Trino into Arrow."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types

from nostro.demo.result_tables import RESULT_TABLES, ResultTable
from nostro.stack.query import TrinoSession


def read_published_day(session: TrinoSession, business_date: date) -> dict[str, pa.Table]:
    """Return the rows of one business date of every public table, by the table's name.

    Raises nostro.stack.query.QueryError when a table cannot be read.
    """
    return {table.name: read_published(session, table, business_date) for table in RESULT_TABLES}


def read_published(session: TrinoSession, table: ResultTable, business_date: date) -> pa.Table:
    """Return a public table's rows of one business date, ordered by their key, in the table's Arrow schema.

    Trino gives decimals and dates as exact text, so no value passes through a float. Raises
    nostro.stack.query.QueryError when the table cannot be read.
    """
    columns = ", ".join(_selected(field) for field in table.columns)
    rows = list(
        session.execute(
            f"SELECT {columns} FROM {table.qualified_name} "
            f"WHERE business_date = DATE '{business_date}' ORDER BY {', '.join(table.key)}"
        )
    )
    arrays = [_array([row[i] for row in rows], field.type) for i, field in enumerate(table.columns)]
    return pa.Table.from_arrays(arrays, schema=table.columns)


def _selected(field: pa.Field) -> str:
    if pyarrow.types.is_timestamp(field.type):
        return f"CAST({field.name} AT TIME ZONE 'UTC' AS timestamp(6))"
    return str(field.name)


def _array(values: list[object], kind: pa.DataType) -> pa.Array:
    if pyarrow.types.is_boolean(kind) or pyarrow.types.is_integer(kind):
        return pa.array(values, type=kind)
    text = pa.array(values, type=pa.string())
    if pyarrow.types.is_timestamp(kind):
        return pc.assume_timezone(text.cast(pa.timestamp(kind.unit)), kind.tz)
    return text.cast(kind)
