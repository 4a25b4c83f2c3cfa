"""Statistics of columns from the footers of Parquet files, and from the names of the files' folders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds

from nostro.flight.literals import Values, values_of
from nostro.flight.source import ColumnRange
from nostro.flight.table_statistics import ColumnStatistics, has_range, key_of


@dataclass(frozen=True)
class Chunk:
    """A column in a row group. `low` and `high` are keys; None if they are not known, or all is NULL."""

    rows: int
    nulls: int | None = None
    low: Any = None
    high: Any = None

    @property
    def all_null(self) -> bool:
        return self.nulls == self.rows


def statistics_of_column(
    chunks: Sequence[Chunk], column: pa.Field, distinct_values: int | None = None
) -> ColumnStatistics:
    """Exact where every row group has statistics."""
    rows = sum(chunk.rows for chunk in chunks)
    nulls = [chunk.nulls for chunk in chunks if chunk.nulls is not None]
    values = values_of(column)
    low, high = bounds_of(chunks) if has_range(values) else (None, None)
    return ColumnStatistics(
        distinct_values,
        sum(nulls) / max(rows, 1) if len(nulls) == len(chunks) else None,
        value_of(low, values),
        value_of(high, values),
    )


def statistics_of_folder_column(chunks: Sequence[Chunk], column: pa.Field) -> ColumnStatistics:
    """Also how many values are distinct, which files' footers do not tell."""
    return statistics_of_column(chunks, column, len({chunk.low for chunk in chunks if chunk.low is not None}))


def range_of(chunks: Sequence[Chunk], column: pa.Field) -> ColumnRange:
    """What holds of the column in all rows of several row groups."""
    low, high = bounds_of(chunks)
    values = values_of(column)
    return ColumnRange(
        value_of(low, values), value_of(high, values), nulls=any(chunk.nulls != 0 for chunk in chunks)
    )


def chunks_of_folder_column(fragment: ds.ParquetFileFragment, column: pa.Field) -> Iterator[Chunk]:
    """The value that a file's folders give, in each row group of the file."""
    values = values_of(column)
    value = ds.get_partition_keys(fragment.partition_expression).get(column.name)
    key = value if values is None else key_of(value, values)
    metadata = fragment.metadata
    for number in range(metadata.num_row_groups):
        rows = metadata.row_group(number).num_rows
        yield Chunk(rows, rows if key is None else 0, key, key)


def chunks_of(fragment: ds.ParquetFileFragment, column: pa.Field) -> Iterator[Chunk]:
    """The column in each row group of a file; one that the file does not have is NULL in its rows."""
    metadata = fragment.metadata
    values = values_of(column)
    absent = column.name not in fragment.physical_schema.names
    # a nested column has the paths of its leaves
    position = next(
        (index for index in range(metadata.num_columns) if metadata.schema.column(index).path == column.name),
        None,
    )
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        if absent:
            yield Chunk(group.num_rows, group.num_rows)
        elif position is None:
            yield Chunk(group.num_rows)
        else:
            yield _chunk(group.num_rows, group.column(position).statistics, values)


def bounds_of(chunks: Sequence[Chunk]) -> tuple[Any, Any]:
    """The least and the greatest key of several row groups; None if one of them is not known."""
    some = [chunk for chunk in chunks if not chunk.all_null]
    if not some or any(chunk.low is None for chunk in some):
        return None, None
    return min(chunk.low for chunk in some), max(chunk.high for chunk in some)


def _chunk(rows: int, found: Any, values: Values | None) -> Chunk:
    if found is None:
        return Chunk(rows)
    nulls = found.null_count if found.has_null_count else None
    if values is None or not found.has_min_max:
        return Chunk(rows, nulls)
    try:
        low, high = key_of(found.min, values), key_of(found.max, values)
    except (ValueError, TypeError, AttributeError, ArithmeticError, pa.ArrowException):
        # Python has not all of Arrow's values, such as dates after the year 9999
        return Chunk(rows, nulls)
    return Chunk(rows, nulls) if low is None or high is None else Chunk(rows, nulls, low, high)


def value_of(key: Any, values: Values | None) -> pa.Scalar | None:
    return None if key is None or values is None else values.scalar(key)
