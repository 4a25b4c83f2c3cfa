"""A plugin's own types in DuckDB: structs of one field, which has the type's name and its stored value.

So a function tells a Geometry from a SphericalGeography, which both are bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa

from nostro.duckdb.result_types import UnsupportedResultError
from nostro.functions.bound import Accumulation, BoundAggregate, BoundScalar
from nostro.functions.calls import AggregateFunction, ScalarFunction
from nostro.functions.plugin import Plugin
from nostro.functions.sql_type import SqlType


def with_own_types(plugin: Plugin, name: str) -> ScalarFunction | AggregateFunction:
    """Return a plugin's function that takes and gives its own types as such structs.

    The results' types in what is known of it are those that DuckDB is to have. Raises UnsupportedResultError
    for a function of any number of arguments.
    """
    called, declared = plugin.functions[name], plugin.declared[name]
    if declared.variable_arity:
        raise UnsupportedResultError("a function of any number of arguments")
    signatures = tuple(
        replace(signature, return_type=_result_type(plugin, signature.return_type, stored))
        for signature, stored in zip(called.catalogued.signatures, declared.stored_results, strict=True)
    )
    catalogued = replace(called.catalogued, signatures=signatures)
    returned = {signature.return_type for signature in called.catalogued.signatures}
    element = _element(returned.pop()) if len(returned) == 1 else None
    implementation = _Implementation(
        plugin, called, element if element and _is_own(plugin, element) else None
    )
    if isinstance(called, ScalarFunction):
        return ScalarFunction(catalogued, implementation)
    return AggregateFunction(catalogued, implementation)


def _result_type(plugin: Plugin, declared: str, stored: str | None) -> str:
    if stored is None:
        return declared
    if _is_own(plugin, declared):
        return f'row("{declared.lower()}" {stored})'
    element, stored_element = _element(declared), _element(stored)
    if element and stored_element and _is_own(plugin, element):
        return f'array(row("{element.lower()}" {stored_element}))'
    return stored


def _element(type_: str) -> str | None:
    return type_[len("array(") : -1] if type_.startswith("array(") else None


def _is_own(plugin: Plugin, type_: str) -> bool:
    return type_.partition("(")[0].lower() in plugin.own_types


class _Implementation:
    """Binds a function; `element` is the own type that its results are lists of, if they are."""

    def __init__(
        self, plugin: Plugin, called: ScalarFunction | AggregateFunction, element: str | None
    ) -> None:
        self._plugin = plugin
        self._called = called
        self._element = element

    def scalar(self, types: Sequence[pa.DataType]) -> BoundScalar:
        """Bind a scalar function."""
        bound = self._called.bound(self._given(types))
        return _Scalar(bound, self._plugin, self._element)  # type: ignore[arg-type]

    def aggregate(self, types: Sequence[pa.DataType]) -> BoundAggregate:
        """Bind an aggregate."""
        bound = self._called.bound(self._given(types))
        return _Aggregate(bound, self._plugin, self._element)  # type: ignore[arg-type]

    def _given(self, types: Sequence[pa.DataType]) -> tuple[pa.DataType, ...]:
        return tuple(_unwrapped_type(self._plugin, type_) for type_ in types)


class _Scalar(BoundScalar):
    def __init__(self, bound: BoundScalar, plugin: Plugin, element: str | None) -> None:
        self._bound = bound
        self._plugin = plugin
        self._element = element

    @property
    def result_type(self) -> pa.DataType:
        return _wrapped_type(self._plugin, self._bound, self._element)

    def call(
        self,
        arrays: Sequence[pa.Array],
        constants: Sequence[bool],
        rows: int,
        *,
        null_on_failure: bool = False,
        first_row: int = 0,
    ) -> pa.Array:
        given = [_unwrapped(self._plugin, array) for array in arrays]
        result = self._bound.call(
            given, constants, rows, null_on_failure=null_on_failure, first_row=first_row
        )
        return _wrapped(self._plugin, result, self._element)


class _Aggregate(BoundAggregate):
    def __init__(self, bound: BoundAggregate, plugin: Plugin, element: str | None) -> None:
        self._bound = bound
        self._plugin = plugin
        self._element = element

    @property
    def result_type(self) -> pa.DataType:
        return _wrapped_type(self._plugin, self._bound, self._element)

    def accumulate(self) -> Accumulation:
        return _Accumulation(self._bound.accumulate(), self._plugin, self._element)

    def accumulate_groups(self, groups: int) -> Accumulation:
        return _Accumulation(self._bound.accumulate_groups(groups), self._plugin, self._element)


class _Accumulation(Accumulation):
    def __init__(self, accumulation: Accumulation, plugin: Plugin, element: str | None) -> None:
        self._accumulation = accumulation
        self._plugin = plugin
        self._element = element

    def add(
        self,
        arrays: Sequence[pa.Array],
        constants: Sequence[bool],
        rows: int,
        numbers: pa.Array | None = None,
    ) -> None:
        given = [_unwrapped(self._plugin, array) for array in arrays]
        self._accumulation.add(given, constants, rows, numbers)

    def results(self) -> pa.Array:
        return _wrapped(self._plugin, self._accumulation.results(), self._element)


def _unwrapped_type(plugin: Plugin, type_: pa.DataType) -> pa.DataType:
    """The type of such structs as the plugin takes them; of lists of them that of the stored values."""
    if pa.types.is_list(type_):
        element = _unwrapped_type(plugin, type_.value_type)
        return pa.list_(element.storage_type) if isinstance(element, SqlType) else type_
    if pa.types.is_struct(type_) and type_.num_fields == 1 and _is_own(plugin, type_.field(0).name):
        return SqlType(type_.field(0).name, type_.field(0).type)
    return type_


def _unwrapped(plugin: Plugin, array: pa.Array) -> pa.Array:
    type_ = _unwrapped_type(plugin, array.type)
    if type_ == array.type:
        return array
    if isinstance(type_, SqlType):
        return pa.ExtensionArray.from_storage(type_, array.flatten()[0])
    [stored] = array.values.flatten()
    return _list_of(array, stored)


def _wrapped_type(plugin: Plugin, bound: BoundScalar | BoundAggregate, element: str | None) -> pa.DataType:
    result, own = bound.result_type, bound.own_type
    if element is not None:
        return pa.list_(pa.struct([pa.field(element.lower(), result.value_type)]))
    if own is not None and _is_own(plugin, own.name):
        return pa.struct([pa.field(own.name, own.storage_type)])
    return result


def _wrapped(plugin: Plugin, array: pa.Array, element: str | None) -> pa.Array:
    stored = array.storage if isinstance(array.type, SqlType) else array
    if element is not None:
        return _list_of(stored, _struct_of(element.lower(), stored.values))
    if isinstance(array.type, SqlType) and _is_own(plugin, array.type.name):
        return _struct_of(array.type.name, stored)
    return stored


def _struct_of(name: str, stored: pa.Array) -> pa.Array:
    return pa.StructArray.from_arrays([stored], names=[name], mask=stored.is_null())


def _list_of(array: pa.Array, values: pa.Array) -> pa.Array:
    """Lists as long as those of an array, of other values."""
    return pa.Array.from_buffers(
        pa.list_(values.type), len(array), array.buffers()[:2], array.null_count, array.offset, [values]
    )
