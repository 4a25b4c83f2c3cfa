"""Arguments as Arrow columns, their buffers as Java takes them, and results as Arrow arrays.

Nothing is copied here: Java reads the arrays' buffers where they are, and a result's buffers are Java's.
"""

from __future__ import annotations

import datetime
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate, islice
from typing import Any, Protocol, TypeAlias

import pyarrow as pa

from nostro.functions.arrow_types import UnsupportedTypeError, type_of

MOST_DIGITS = 38
_INTEGER_BITS = 32


class _GivesArrowStream(Protocol):
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...


class _GivesArrowArray(Protocol):
    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]: ...


class _GivesNumpyArray(Protocol):
    def __array__(self) -> Any: ...


Column: TypeAlias = (
    pa.Array | pa.ChunkedArray | pa.Scalar | _GivesArrowStream | _GivesArrowArray | _GivesNumpyArray
)
"""A column, or one value of Arrow's for all rows: see :func:`argument_of`."""


def description_of(arrays: Sequence[pa.Array]) -> array[int]:
    """Describe arrays, one after the other, as Java's `ArrowColumn.allOf` reads them.

    The buffers are there for as long as the arrays are.
    """
    words: list[int] = []
    for given in arrays:
        _describe(given, 0, words)
    return array("q", words)


def _describe(given: pa.Array, before: int, words: list[int]) -> None:
    """Describe an array that a struct has given sliced: its values begin so many rows further ahead."""
    given = _storage(given)
    type_ = given.type
    words.append(len(given) + before)
    words.append(given.offset - before)
    if not pa.types.is_nested(type_) and not pa.types.is_dictionary(type_):
        _describe_buffers([] if pa.types.is_null(type_) else given.buffers(), words)
    elif pa.types.is_struct(type_):
        _describe_buffers(given.buffers()[:1], words)
        for index in range(type_.num_fields):
            _describe(given.field(index), given.offset, words)
    elif pa.types.is_map(type_):
        buffers = given.buffers()
        keys, items = given.keys, given.items
        _describe_buffers(buffers[:2], words)
        words += (len(keys), 0)
        _describe_buffers(buffers[2:3], words)
        _describe(keys, 0, words)
        _describe(items, 0, words)
    elif pa.types.is_dictionary(type_):
        _describe_buffers(given.indices.buffers(), words)
        _describe(given.dictionary, 0, words)
    elif pa.types.is_fixed_size_list(type_):
        _describe_buffers(given.buffers()[:1], words)
        _describe(given.values, 0, words)
    else:
        _describe_buffers(given.buffers()[:2], words)
        _describe(given.values, 0, words)


def _describe_buffers(buffers: Sequence[pa.Buffer | None], words: list[int]) -> None:
    words.append(len(buffers))
    for buffer in buffers:
        if buffer is None:
            words += (0, 0)
        elif buffer.is_cpu:
            words += (buffer.address, buffer.size)
        else:
            raise UnsupportedTypeError("functions take arrays in the processor's memory only")


@dataclass(frozen=True)
class Argument:
    """An argument of a call: a column of a value for each row, or one value for all rows."""

    chunks: tuple[pa.Array, ...]
    type: pa.DataType
    is_constant: bool
    is_chunked: bool

    def __len__(self) -> int:
        return sum(len(chunk) for chunk in self.chunks)


def argument_of(value: Any) -> Argument:
    """Return an argument of what a caller gave.

    A column is an Arrow array or chunked array, or whatever gives one by the Arrow PyCapsule interface (a
    polars or pandas series), or a numpy array or pandas series. One value for all rows is an Arrow scalar, or
    a Python value; a list is one value, of SQL's type array. Integers are of SQL's type integer where they
    fit, else bigint; a Decimal has the precision and scale of its digits. Raises TypeError for anything else.
    """
    if isinstance(value, pa.ExtensionScalar):
        stored = pa.array([value.value], type=value.type.storage_type)
        return _constant(pa.ExtensionArray.from_storage(value.type, stored))
    if isinstance(value, pa.Scalar):
        return _constant(pa.array([value], type=value.type))
    if isinstance(value, pa.ChunkedArray):
        return _chunked(value)
    if isinstance(value, pa.Array):
        return Argument((value,), value.type, is_constant=False, is_chunked=False)
    if hasattr(value, "__arrow_c_stream__"):
        return _chunked(pa.chunked_array(value))
    if hasattr(value, "__arrow_c_array__"):
        return argument_of(pa.array(value))
    if hasattr(value, "__array__") and getattr(value, "ndim", 0) == 1:
        return argument_of(pa.array(value))
    return _constant(pa.array([value], type=_sql_type(value)))


def pieces_of(
    arguments: Sequence[Argument], rows: int, most_rows: int
) -> Iterator[tuple[int, list[pa.Array]]]:
    """Yield consecutive rows, at most so many at a time: how many, and each argument's array of them.

    No piece crosses the end of any column's chunk; of a constant each piece is its one value. There is one
    piece at least, of no rows when there are none.
    """
    if rows == 0:
        yield 0, [_values(argument, 0, 0) for argument in arguments]
    ends = {rows}
    for argument in arguments:
        if not argument.is_constant:
            ends.update(accumulate(map(len, argument.chunks)))
    start = 0
    for end in sorted(ends):
        while start < end:
            length = min(most_rows, end - start)
            yield length, [_values(argument, start, length) for argument in arguments]
            start += length


def _values(argument: Argument, start: int, length: int) -> pa.Array:
    if argument.is_constant:
        return argument.chunks[0]
    for chunk in argument.chunks:
        if start < len(chunk):
            return chunk.slice(start, length)
        start -= len(chunk)
    return pa.nulls(0, argument.type)


def array_of(result: Any) -> pa.Array:
    """Return the array whose buffers a Java `ArrowResult` has."""
    return _array(type_of(str(result.format())), iter(result.counts()[:]), iter(result.allBuffers()))


def _array(type_: pa.DataType, counts: Iterator[int], memory: Iterator[Any]) -> pa.Array:
    length, nulls, buffer_count = int(next(counts)), int(next(counts)), int(next(counts))
    buffers = [
        None if index == 0 and not _is_there(buffer) else pa.py_buffer(memoryview(buffer))
        for index, buffer in enumerate(islice(memory, buffer_count))
    ]
    children = [_array(field_.type, counts, memory) for field_ in _fields(type_)]
    return pa.Array.from_buffers(type_, length, buffers, null_count=nulls, children=children)


def _is_there(buffer: Any) -> bool:
    """Tell whether a result's first buffer is there: it is not where nothing is NULL."""
    return buffer is not None and buffer.capacity() > 0


def _fields(type_: pa.DataType) -> list[pa.Field]:
    if pa.types.is_map(type_):
        return [pa.field("entries", pa.struct([type_.key_field, type_.item_field]), nullable=False)]
    if pa.types.is_list(type_):
        return [type_.value_field]
    return [type_.field(index) for index in range(type_.num_fields)]


def _storage(array: pa.Array) -> pa.Array:
    while isinstance(array, pa.ExtensionArray):
        array = array.storage
    return array


def _chunked(column: pa.ChunkedArray) -> Argument:
    return Argument(tuple(column.chunks), column.type, is_constant=False, is_chunked=True)


def _constant(array: pa.Array) -> Argument:
    return Argument((array,), array.type, is_constant=True, is_chunked=False)


def _sql_type(value: Any) -> pa.DataType | None:
    """The type of an SQL literal of the value."""
    match value:
        case None:
            return pa.null()
        case bool():
            return pa.bool_()
        case int():
            fits = -(2 ** (_INTEGER_BITS - 1)) <= value < 2 ** (_INTEGER_BITS - 1)
            return pa.int32() if fits else pa.int64()
        case float():
            return pa.float64()
        case Decimal():
            return _decimal_type([value])
        case str():
            return pa.string()
        case bytes() | bytearray() | memoryview():
            return pa.binary()
        case datetime.datetime():
            return pa.timestamp("us", None if value.tzinfo is None else str(value.tzinfo))
        case datetime.date():
            return pa.date32()
        case datetime.time():
            return pa.time64("us")
        case list() | tuple():
            return pa.list_(_common_type(value))
        case dict():
            return pa.struct([pa.field(name, _sql_type(item) or pa.null()) for name, item in value.items()])
    raise TypeError(
        f"a {type(value).__module__}.{type(value).__qualname__} is neither a column (an Arrow, polars, "
        "pandas or numpy array) nor a value (text, number, Decimal, date, time, list or dict of them)"
    )


def _common_type(values: Sequence[Any]) -> pa.DataType:
    decimals = [value for value in values if isinstance(value, Decimal)]
    if decimals:
        return _decimal_type([Decimal(value) for value in values if value is not None])
    types = {_sql_type(value) for value in values if value is not None}
    if types == {pa.int32(), pa.int64()}:
        return pa.int64()
    if pa.float64() in types and types <= {pa.int32(), pa.int64(), pa.float64()}:
        return pa.float64()
    if len(types) > 1:
        raise TypeError(f"a list's values are of more than one type: {', '.join(sorted(map(str, types)))}")
    return next(iter(types), pa.null())


def _decimal_type(values: Sequence[Decimal]) -> pa.DataType:
    whole = 0
    scale = 0
    for value in values:
        _, digits, exponent = value.as_tuple()
        if not isinstance(exponent, int):
            raise TypeError(f"{value} is not a decimal number of SQL's")
        scale = max(scale, -exponent)
        whole = max(whole, len(digits) + exponent)
    precision = max(whole + scale, 1)
    if precision > MOST_DIGITS:
        raise TypeError(f"a decimal of {precision} digits is more than SQL's {MOST_DIGITS}")
    return pa.decimal128(precision, scale)
