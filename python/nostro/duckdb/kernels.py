"""What DuckDB calls for rows: a scalar function of columns, and an aggregate of lists of its arguments."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from nostro.duckdb.own_types import OwnTypes
from nostro.duckdb.result_types import Form, structure_of
from nostro.functions.bound import BoundAggregate, BoundScalar
from nostro.functions.calls import ROWS_AT_A_TIME, AggregateFunction, ScalarFunction
from nostro.functions.columns import MOST_DIGITS
from nostro.functions.errors import FunctionError

Kernel = Callable[..., pa.ChunkedArray | pa.Array]


class _Bindable(Protocol):
    """A function that is found by the types of its arguments."""

    def bound(self, types: tuple[pa.DataType, ...], /) -> BoundScalar | BoundAggregate: ...


def scalar_kernel(function: ScalarFunction, form: Form, own_types: OwnTypes) -> Kernel:
    """Return what gives a scalar function's result for each row of its arguments."""
    encode = _ENCODERS[form]

    def kernel(*columns: pa.ChunkedArray) -> pa.Array:
        arrays = [own_types.given(_array(column)) for column in columns]
        bound = function.bound(tuple(array.type for array in arrays))
        try:
            return encode(own_types.result(bound.call(arrays, [False] * len(arrays), len(arrays[0]))))
        except FunctionError as error:
            raise _without_row(error) from None

    return kernel


def aggregate_kernel(function: AggregateFunction, form: Form, own_types: OwnTypes) -> Kernel:
    """Return what gives an aggregate's result for each list of structs: of the arguments of rows."""
    encode = _ENCODERS[form]

    def kernel(column: pa.ChunkedArray) -> pa.Array:
        lists = _array(column)
        rows = lists.flatten()
        numbers = pc.list_parent_indices(lists).cast(pa.int32())
        types = _argument_types(lists.type, own_types)
        accumulation = function.bound(types).accumulate_groups(len(lists))
        constants = [False] * len(types)
        try:
            for start in range(0, len(rows), ROWS_AT_A_TIME):
                piece = rows.slice(start, ROWS_AT_A_TIME)
                arrays = [own_types.given(array) for array in piece.flatten()]
                accumulation.add(arrays, constants, len(piece), numbers.slice(start, ROWS_AT_A_TIME))
            return encode(own_types.result(accumulation.results()))
        except FunctionError as error:
            raise _without_row(error) from None

    return kernel


def _without_row(error: FunctionError) -> FunctionError:
    """The error, named, without its row or group: one of DuckDB's 2,048 at a time says nothing to a user."""
    return FunctionError(f"{error.code}: {error.message}", error.code)


def unit_kernel(function: ScalarFunction | AggregateFunction, own_types: OwnTypes) -> Kernel:
    """Return what tells of a decimal result, by a NULL of each argument's type, where its point is.

    That is a structure of json_transform with one field: the name is the scale, the type that of one unit of
    the last digit.
    """

    def kernel(*columns: pa.ChunkedArray) -> pa.Array:
        type_ = _result_type(function, columns, own_types)
        structure = {str(type_.scale): f"DECIMAL({max(type_.scale, 1)},{type_.scale})"}
        return _constant(json.dumps(structure), columns)

    return kernel


def type_kernel(function: ScalarFunction | AggregateFunction, own_types: OwnTypes) -> Kernel:
    """Return what tells a result's type, as json_transform takes it, by a NULL of each argument's type."""

    def kernel(*columns: pa.ChunkedArray) -> pa.Array:
        return _constant(json.dumps(structure_of(_result_type(function, columns, own_types))), columns)

    return kernel


def units() -> str:
    """Return a JSON object of one unit of the last digit by the scale, of which a unit_kernel takes one."""
    return json.dumps({str(scale): f"{Decimal(1).scaleb(-scale):f}" for scale in range(MOST_DIGITS + 1)})


def _result_type(function: _Bindable, columns: Sequence[pa.ChunkedArray], own_types: OwnTypes) -> pa.DataType:
    """The result's type where columns are lists: of each argument, or of an aggregate's list of structs."""
    if isinstance(function, AggregateFunction):
        types = _argument_types(columns[0].type.value_type, own_types)
    else:
        types = tuple(own_types.given_type(column.type.value_type) for column in columns)
    return own_types.result_type(function.bound(types))


def _argument_types(lists: pa.DataType, own_types: OwnTypes) -> tuple[pa.DataType, ...]:
    return tuple(own_types.given_type(field.type) for field in lists.value_type)


def _constant(text: str, columns: Sequence[pa.ChunkedArray]) -> pa.Array:
    return pa.repeat(text, len(columns[0]))


def _array(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _digits(array: pa.Array) -> pa.Array:
    """A decimal without its point: of 38 digits."""
    return pa.Array.from_buffers(pa.decimal128(MOST_DIGITS, 0), len(array), array.buffers(), array.null_count)


def _text(array: pa.Array) -> pa.Array:
    """An array in which all that has a decimal is text in its place, within lists and structs too."""
    type_ = array.type
    if pa.types.is_list(type_):
        values = _text(array.values)
        return pa.Array.from_buffers(
            pa.list_(values.type), len(array), array.buffers()[:2], array.null_count, children=[values]
        )
    if pa.types.is_struct(type_):
        children = [_text(array.field(index)) for index in range(type_.num_fields)]
        fields = [pa.field(field.name, child.type) for field, child in zip(type_, children, strict=True)]
        return pa.Array.from_buffers(
            pa.struct(fields), len(array), array.buffers()[:1], array.null_count, children=children
        )
    if pa.types.is_decimal(type_):
        return _decimal_text(array)
    return array


def _decimal_text(array: pa.Array) -> pa.Array:
    """Decimals as text without an exponent, which Arrow's own has for small ones."""
    scale = array.type.scale
    digits = _digits(array).cast(pa.string())
    if scale == 0:
        return digits
    padded = pc.utf8_lpad(pc.utf8_ltrim(digits, "-"), scale + 1, "0")
    sign = pc.if_else(pc.starts_with(digits, "-"), "-", "")
    whole = pc.utf8_slice_codeunits(padded, 0, -scale)
    fraction = pc.utf8_slice_codeunits(padded, -scale)
    return pc.binary_join_element_wise(sign, whole, ".", fraction, "")


def _value_text(array: pa.Array) -> pa.Array:
    """Text of decimals, of lists and structs with decimals, and of numbers."""
    converted = _text(array)
    return converted.cast(pa.string()) if pa.types.is_floating(converted.type) else converted


_ENCODERS: dict[Form, Callable[[pa.Array], pa.Array]] = {
    "as it is": lambda array: array,
    "digits": _digits,
    "digits of fewer": _digits,
    "text": _value_text,
}
