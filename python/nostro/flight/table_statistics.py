"""What is known of the values of a table's columns, by which Trino's optimizer orders joins."""

from __future__ import annotations

import itertools
import math
import threading
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from nostro.flight.errors import SourceError
from nostro.flight.literals import (
    DateValues,
    DecimalValues,
    FloatingValues,
    IntegerValues,
    Key,
    TimestampValues,
    Values,
    values_of,
)
from nostro.flight.protocol import ColumnStatisticsMessage, TableStatisticsResponse

COUNTED_ROWS = 1_000_000
"""Of a table in memory with more rows, the distinct values of so many are counted."""
SAMPLES = 16
"""Ranges of rows that are looked at where not all are."""
MILLISECONDS_PER_DAY = 86_400_000


@dataclass(frozen=True)
class StatisticsRequest:
    """Which columns' statistics are asked for. `snapshot` is the state that the query reads, of a source that
    keeps them; statistics of another state do no harm."""

    schema: str
    table: str
    columns: tuple[str, ...]
    table_schema: pa.Schema
    snapshot: str | None = None


@dataclass(frozen=True)
class ColumnStatistics:
    """What is known of a column; None where it is not. All may be somewhat off.

    `null_fraction` is from 0 to 1. `low` and `high` are the least and the greatest value, of pyarrow or of
    Python as pyarrow gives it; they are used for numbers, dates and timestamps. `data_size` is the bytes of
    all values of text or binary together.
    """

    distinct_values: int | None = None
    null_fraction: float | None = None
    low: Any = None
    high: Any = None
    data_size: int | None = None


@dataclass(frozen=True)
class Statistics:
    """Of a table and some of its columns, by name."""

    row_count: int | None = None
    columns: Mapping[str, ColumnStatistics] = field(default_factory=dict)


def has_range(values: Values | None) -> bool:
    """Whether the least and greatest value say how many values a range has."""
    return isinstance(values, IntegerValues | DecimalValues | FloatingValues | DateValues | TimestampValues)


def statistics_message(
    statistics: Statistics, wanted: Iterable[str], table_schema: pa.Schema, name: str
) -> TableStatisticsResponse:
    """The message of those columns asked for of which something is known; raises SourceError."""
    columns = tuple(
        _column_message(table_schema.field(column), statistics.columns[column], name)
        for column in wanted
        if statistics.columns.get(column, ColumnStatistics()) != ColumnStatistics()
    )
    return TableStatisticsResponse(statistics.row_count, columns)


def _column_message(column: pa.Field, found: ColumnStatistics, name: str) -> ColumnStatisticsMessage:
    values = values_of(column)
    low = high = None
    if values is not None and has_range(values):
        low, high = (
            _literal(value, values, f"{name}: column {column.name}") for value in (found.low, found.high)
        )
    return ColumnStatisticsMessage(
        column.name, found.distinct_values, found.null_fraction, low, high, found.data_size
    )


def _literal(value: Any, values: Values, name: str) -> str | None:
    try:
        key = key_of(value, values)
    except (TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise SourceError(
            f"{name}: statistics with {value!r}; accepted: values of {values.type}: {error}"
        ) from None
    return None if key is None else values.format(key)


def key_of(value: Any, values: Values) -> Key | None:
    """The key of a value of pyarrow or of Python; None of NULL and of NaN."""
    if isinstance(value, pa.Scalar):
        if not value.is_valid:
            return None
        if isinstance(values, DateValues | TimestampValues):
            # Python's own would have no nanoseconds, and no years after 9999
            units = int(value.value)
            return units // MILLISECONDS_PER_DAY if pa.types.is_date64(value.type) else units
        value = value.as_py()
    if value is None:
        return None
    key = values.key(value)
    return None if isinstance(key, float) and math.isnan(key) else key


class ArrowStatistics:
    """Statistics of Arrow tables that do not change: each column is looked at once."""

    def __init__(self) -> None:
        self._known: dict[tuple[Hashable, str], ColumnStatistics] = {}
        self._lock = threading.Lock()

    def of(self, table: pa.Table, name: Hashable, columns: Iterable[str]) -> Statistics:
        found: dict[str, ColumnStatistics] = {}
        for column in columns:
            with self._lock:
                known = self._known.get((name, column))
            if known is None:
                known = column_statistics(table[column], table.schema.field(column))
                with self._lock:
                    self._known[name, column] = known
            found[column] = known
        return Statistics(table.num_rows, found)


def column_statistics(column: pa.ChunkedArray, described: pa.Field) -> ColumnStatistics:
    null_fraction = column.null_count / len(column) if len(column) else 0.0
    values = values_of(described)
    if values is None:
        return ColumnStatistics(null_fraction=null_fraction)
    plain = _plain(column)
    range_ = pc.min_max(plain) if has_range(values) else {"min": None, "max": None}
    return ColumnStatistics(
        _distinct_values(plain),
        null_fraction,
        range_["min"],
        range_["max"],
        _data_size(plain),
    )


def scaled_distinct_values(distinct: int, counted: int, rows: int) -> int:
    """How many values `rows` rows have when `counted` of them have so many: values of which most come once
    are taken to go on so, others to have been seen all."""
    return distinct if 2 * distinct < counted else distinct * rows // max(counted, 1)


def _distinct_values(column: pa.ChunkedArray) -> int | None:
    sample = column
    if len(column) > COUNTED_ROWS:
        starts = [len(column) * part // SAMPLES for part in range(SAMPLES)]
        chunks = [column.slice(start, COUNTED_ROWS // SAMPLES).chunks for start in starts]
        sample = pa.chunked_array(list(itertools.chain.from_iterable(chunks)), column.type)
    try:
        distinct = int(pc.count_distinct(sample).as_py())
    except pa.ArrowNotImplementedError:
        return None
    return scaled_distinct_values(distinct, len(sample) - sample.null_count, len(column) - column.null_count)


def _data_size(column: pa.ChunkedArray) -> int | None:
    if not _has_bytes(column.type):
        return None
    return int(pc.sum(pc.binary_length(column)).as_py() or 0)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The values in a layout that pyarrow computes on."""
    if pa.types.is_dictionary(column.type):
        return _plain(column.cast(column.type.value_type))
    if isinstance(column.type, pa.BaseExtensionType):
        storage = column.type.storage_type
        return pa.chunked_array([chunk.storage for chunk in column.chunks], storage)
    if pa.types.is_string_view(column.type):
        return column.cast(pa.large_string())
    if pa.types.is_binary_view(column.type):
        return column.cast(pa.large_binary())
    return column


def _has_bytes(type: pa.DataType) -> bool:
    return any(
        is_of(type)
        for is_of in (
            pa.types.is_string,
            pa.types.is_large_string,
            pa.types.is_binary,
            pa.types.is_large_binary,
        )
    )
