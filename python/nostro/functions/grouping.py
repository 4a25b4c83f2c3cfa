"""Rows in groups, as GROUP BY has them: NULL keys are a group of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from nostro.functions.columns import argument_of

_WITHOUT_VIEWS = {pa.string_view(): pa.large_string(), pa.binary_view(): pa.large_binary()}


@dataclass(frozen=True)
class Groups:
    """The keys of each group, in the order of its first row, and the number of each row's group."""

    keys: pa.Table
    numbers: pa.Array

    def __len__(self) -> int:
        return int(self.keys.num_rows)


def group(group_by: Any) -> Groups:
    """Return the groups of rows.

    `group_by` is a column, a mapping from names to columns, or a table; a column alone is named `key`.
    """
    columns = _columns(group_by)
    if not columns:
        raise TypeError("group_by has no column")
    rows = {name: len(column) for name, column in columns.items()}
    if len(set(rows.values())) > 1:
        raise ValueError(f"group_by: the columns are not equally long: {rows}")
    if len(columns) == 1:
        [(name, column)] = columns.items()
        encoded = _encoded(column)
        return Groups(pa.table({name: encoded.dictionary}), encoded.indices)
    numbers = pa.repeat(pa.scalar(0, pa.int64()), next(iter(rows.values())))
    count = 1
    for column in columns.values():
        encoded = _encoded(column)
        pairs = pc.add(pc.multiply(numbers, len(encoded.dictionary)), encoded.indices.cast(pa.int64()))
        # Small numbers again, so that those of many columns do not overflow.
        numbered = pairs.dictionary_encode()
        numbers, count = numbered.indices.cast(pa.int64()), len(numbered.dictionary)
    firsts = pc.index_in(pa.array(range(count), pa.int64()), value_set=numbers)
    keys = pa.table({name: column.take(firsts) for name, column in columns.items()})
    return Groups(keys, numbers.cast(pa.int32()))


def _encoded(column: pa.ChunkedArray) -> pa.DictionaryArray:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    combined = column.combine_chunks()
    array = combined if isinstance(combined, pa.Array) else pa.concat_arrays(combined.chunks)
    return array.dictionary_encode(null_encoding="encode")


def _columns(group_by: Any) -> dict[str, pa.ChunkedArray]:
    if isinstance(group_by, pa.Table | pa.RecordBatch):
        named: Mapping[str, Any] = dict(zip(group_by.schema.names, group_by.columns, strict=True))
    else:
        named = group_by if isinstance(group_by, Mapping) else {"key": group_by}
    columns = {}
    for name, value in named.items():
        argument = argument_of(value)
        if argument.is_constant:
            raise TypeError(f"group_by: {name} is one value, not a column")
        column = pa.chunked_array(argument.chunks, type=argument.type)
        # pyarrow has no kernels yet that take rows of views.
        columns[str(name)] = column.cast(_WITHOUT_VIEWS.get(column.type, column.type))
    return columns
