"""Rows of any Arrow types as Python values that can be counted: where two reads differ.

pyarrow's own `to_pylist` will not do: it needs pandas for nanoseconds, and has no year after 9999.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

Row = tuple[Hashable, ...]

LONGEST_TEXT = 40


@dataclass(frozen=True)
class Difference:
    """Rows that one table has more often than the other. The examples are texts."""

    missing: int
    extra: int
    missing_example: str | None
    extra_example: str | None

    def __str__(self) -> str:
        parts = []
        if self.missing:
            parts.append(f"{self.missing:,} missing, such as {self.missing_example}")
        if self.extra:
            parts.append(f"{self.extra:,} too many, such as {self.extra_example}")
        return "; ".join(parts)


def difference(found: pa.Table, expected: pa.Table) -> Difference | None:
    """None if both have the same rows, each as often, in whatever order. They have the same columns."""
    if found.num_columns == 0 or found.equals(expected):
        return None
    found_rows, expected_rows = rows_of(found), rows_of(expected)
    missing = Counter(expected_rows) - Counter(found_rows)
    extra = Counter(found_rows) - Counter(expected_rows)
    if not missing and not extra:
        return None
    return Difference(
        missing.total(),
        extra.total(),
        example(expected, expected_rows, missing),
        example(found, found_rows, extra),
    )


def lacking(found: pa.Table, expected: pa.Table) -> Difference | None:
    """None if every row of `expected` is in `found`, as often."""
    different = difference(found, expected)
    if different is None or not different.missing:
        return None
    return Difference(different.missing, 0, different.missing_example, None)


def example(table: pa.Table, rows: list[Row], wanted: Counter[Row]) -> str | None:
    found = next((index for index, row in enumerate(rows) if row in wanted), None)
    return None if found is None else row_text(table, found)


def row_text(table: pa.Table, index: int) -> str:
    return "{" + ", ".join(f"{name}: {cell_text(table[name], index)}" for name in table.column_names) + "}"


def cell_text(column: pa.ChunkedArray, index: int) -> str:
    scalar = column[index]
    if not scalar.is_valid:
        return "NULL"
    try:
        text = str(scalar.cast(pa.string()).as_py())
    except (pa.ArrowException, ValueError):
        text = str(plain(column.slice(index, 1).combine_chunks())[0])
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"


def rows_of(table: pa.Table) -> list[Row]:
    columns = [values_in(table.column(index)) for index in range(table.num_columns)]
    return list(zip(*columns, strict=True))


def values_in(column: pa.ChunkedArray) -> list[Hashable]:
    return [value for chunk in column.chunks for value in plain(chunk)]


def plain(array: pa.Array) -> list[Hashable]:
    """An array's values: times as whole numbers of their unit, floats as text, in which NaN equals itself."""
    type = array.type
    if isinstance(type, pa.BaseExtensionType):
        return plain(array.storage)
    if pa.types.is_dictionary(type):
        return plain(array.dictionary_decode())
    if pa.types.is_run_end_encoded(type):
        return plain(pc.run_end_decode(array))
    if pa.types.is_temporal(type) and not pa.types.is_interval(type):
        return plain(array.view(pa.int32() if type.bit_width == 32 else pa.int64()))
    if pa.types.is_floating(type):
        return [None if value is None else repr(value) for value in array.to_pylist()]
    if pa.types.is_map(type):
        pairs: list[Hashable] = list(zip(plain(array.keys), plain(array.items), strict=True))
        offsets, valid = array.offsets.to_pylist(), array.is_valid().to_pylist()
        return [
            tuple(pairs[offsets[index] : offsets[index + 1]]) if there else None
            for index, there in enumerate(valid)
        ]
    if pa.types.is_list(type) or pa.types.is_large_list(type) or pa.types.is_fixed_size_list(type):
        return split(plain(pc.list_flatten(array)), pc.list_value_length(array).to_pylist())
    if pa.types.is_struct(type):
        fields = [plain(field) for field in array.flatten()]
        return [
            tuple(field[index] for field in fields) if there else None
            for index, there in enumerate(array.is_valid().to_pylist())
        ]
    values = array.to_pylist()
    return values if pa.types.is_primitive(type) or is_text(type) else [frozen(value) for value in values]


def is_text(type: pa.DataType) -> bool:
    return bool(pa.types.is_string(type) or pa.types.is_large_string(type) or pa.types.is_string_view(type))


def split(values: list[Hashable], lengths: Iterable[int | None]) -> list[Hashable]:
    parts: list[Hashable] = []
    start = 0
    for length in lengths:
        parts.append(None if length is None else tuple(values[start : start + length]))
        start += length or 0
    return parts


def frozen(value: object) -> Hashable:
    return value if isinstance(value, Hashable) else repr(value)
