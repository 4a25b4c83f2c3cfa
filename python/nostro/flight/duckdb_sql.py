"""Predicates as DuckDB's SQL, with every literal a typed parameter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from nostro.flight.literals import (
    BinaryValues,
    BooleanValues,
    DateValues,
    DecimalValues,
    FloatingValues,
    IntegerValues,
    Key,
    TextValues,
    TimestampValues,
    TimeValues,
    UuidValues,
    Values,
)
from nostro.flight.predicate import ColumnPredicate, Interval, Predicate

INTEGER_TYPES = {
    "int8": "TINYINT",
    "int16": "SMALLINT",
    "int32": "INTEGER",
    "int64": "BIGINT",
    "uint8": "UTINYINT",
    "uint16": "USMALLINT",
    "uint32": "UINTEGER",
    "uint64": "UBIGINT",
}
TIMESTAMP_TYPES = {"s": "TIMESTAMP_S", "ms": "TIMESTAMP_MS", "us": "TIMESTAMP"}

LEAST_MICROSECONDS = -9_223_372_022_400_000_000
GREATEST_MICROSECONDS = 2**63 - 2
"""DuckDB's first and last timestamp, in 290309 BC and 294247."""

FEW_KEYS = 64
"""More discrete values than this are one parameter: DuckDB binds thousands slowly, and joins a list fast."""


@dataclass(frozen=True)
class Sql:
    """SQL text with `?` for each of `parameters`."""

    text: str
    parameters: tuple[Any, ...] = ()


def where(predicate: Predicate, expressions: dict[str, str] | None = None) -> Sql:
    """A condition for WHERE. `expressions` gives the SQL of columns that are more than a column."""
    parts = [
        _column(column, (expressions or {}).get(column.column, quoted(column.column)))
        for column in predicate.columns
    ]
    return Sql(
        " AND ".join(f"({part.text})" for part in parts), tuple(p for part in parts for p in part.parameters)
    )


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _column(part: ColumnPredicate, column: str) -> Sql:
    conditions: list[str] = []
    parameters: list[Any] = []
    if part.any_value:
        conditions.append(f"{column} IS NOT NULL")
    if part.keys:
        among = _among(part, column)
        conditions.append(among.text)
        parameters += among.parameters
    for interval in part.intervals:
        within = _within(part.values, column, interval)
        conditions.append(within.text)
        parameters += within.parameters
    if part.null_allowed:
        conditions.append(f"{column} IS NULL")
    return Sql(" OR ".join(conditions) or "FALSE", tuple(parameters))


def _among(part: ColumnPredicate, column: str) -> Sql:
    literals = [literal(part.values, key) for key in part.keys if within_duckdb(part.values, key) == key]
    if not literals:
        return Sql("FALSE")
    text = literals[0][0]
    parameters = tuple(parameter for _, parameter in literals)
    if len(literals) == 1:
        return Sql(f"{column} = {text}", parameters)
    if len(literals) <= FEW_KEYS:
        return Sql(f"{column} IN ({', '.join([text] * len(literals))})", parameters)
    among = f"SELECT {text.replace('?', 'key')} FROM (SELECT unnest(?) AS key)"
    return Sql(f"{column} IN ({among})", (list(parameters),))


def _within(values: Values, column: str, interval: Interval) -> Sql:
    conditions: list[str] = []
    parameters: list[Any] = []
    for bound, operator in ((interval.low, ">"), (interval.high, "<")):
        if bound is not None:
            key = within_duckdb(values, bound.key)
            inclusive = bound.inclusive
            if key != bound.key:
                # the bound excludes all that DuckDB has, or nothing of it
                inclusive = (operator == ">") == (int(key) > int(bound.key))
            text, parameter = literal(values, key)
            conditions.append(f"{column} {operator}{'=' if inclusive else ''} {text}")
            parameters.append(parameter)
    if isinstance(values, FloatingValues) and interval.high is None:
        # to DuckDB NaN is the greatest value
        conditions.append(f"NOT isnan({column})")
    return Sql(f"({' AND '.join(conditions)})", tuple(parameters))


def literal(values: Values, key: Key) -> tuple[str, Any]:
    """The SQL of a literal with one `?`, and its parameter."""
    match values:
        case BooleanValues():
            return "CAST(? AS BOOLEAN)", bool(key)
        case IntegerValues():
            return f"CAST(? AS {INTEGER_TYPES[str(values.type)]})", str(key)
        case DecimalValues():
            return f"CAST(? AS DECIMAL({values.precision}, {values.scale}))", values.format(key)
        case FloatingValues():
            return f"CAST(? AS {'FLOAT' if values.single else 'DOUBLE'})", key
        case TextValues():
            return "CAST(? AS VARCHAR)", key
        case UuidValues():
            return "CAST(? AS UUID)", values.format(key)
        case BinaryValues():
            return "CAST(? AS BLOB)", key
        case DateValues():
            return "make_date(CAST(? AS INTEGER))", key
        case TimeValues():
            return f"CAST(? AS {'TIME_NS' if values.type == pa.time64('ns') else 'TIME'})", values.format(key)
        case TimestampValues():
            return timestamp_literal(values, int(key))
        case _:
            raise AssertionError(f"no SQL for {type(values).__name__}")


def within_duckdb(values: Values, key: Key) -> Key:
    """The key, or the one next to it that DuckDB has: its timestamps have microseconds, whatever the unit."""
    if not isinstance(values, TimestampValues) or values.type.unit == "ns":
        return key
    per_unit = 1_000_000 // values.units
    return min(max(int(key), -(-LEAST_MICROSECONDS // per_unit)), GREATEST_MICROSECONDS // per_unit)


def timestamp_literal(values: TimestampValues, key: int) -> tuple[str, Any]:
    if values.type.unit == "ns":
        text = "make_timestamp_ns(CAST(? AS BIGINT))"
        return (f"CAST({text} AS TIMESTAMPTZ_NS)" if values.zoned else text), key
    microseconds = key * (1_000_000 // values.units)
    if values.zoned:
        return "make_timestamptz(CAST(? AS BIGINT))", microseconds
    return f"CAST(make_timestamp(CAST(? AS BIGINT)) AS {TIMESTAMP_TYPES[values.type.unit]})", microseconds
