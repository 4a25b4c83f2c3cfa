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
    implementation = _Implementation(plugin, called)
    if isinstance(called, ScalarFunction):
        return ScalarFunction(catalogued, implementation)
    return AggregateFunction(catalogued, implementation)


def _result_type(plugin: Plugin, declared: str, stored: str | None) -> str:
    if stored is None:
        return declared
    if _is_own(plugin, declared):
        return f'row("{declared.lower()}" {stored})'
    return stored


def _is_own(plugin: Plugin, type_: str) -> bool:
    return type_.partition("(")[0].lower() in plugin.own_types


class _Implementation:
    def __init__(self, plugin: Plugin, called: ScalarFunction | AggregateFunction) -> None:
        self._plugin = plugin
        self._called = called

    def scalar(self, types: Sequence[pa.DataType]) -> BoundScalar:
        """Bind a scalar function."""
        return _Scalar(self._called.bound(self._given(types)), self._plugin)  # type: ignore[arg-type]

    def aggregate(self, types: Sequence[pa.DataType]) -> BoundAggregate:
        """Bind an aggregate."""
        return _Aggregate(self._called.bound(self._given(types)), self._plugin)  # type: ignore[arg-type]

    def _given(self, types: Sequence[pa.DataType]) -> tuple[pa.DataType, ...]:
        return tuple(_unwrapped_type(self._plugin, type_) for type_ in types)


class _Scalar(BoundScalar):
    def __init__(self, bound: BoundScalar, plugin: Plugin) -> None:
        self._bound = bound
        self._plugin = plugin

    @property
    def result_type(self) -> pa.DataType:
        return _wrapped_type(self._bound)

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
        return _wrapped(result)


class _Aggregate(BoundAggregate):
    def __init__(self, bound: BoundAggregate, plugin: Plugin) -> None:
        self._bound = bound
        self._plugin = plugin

    @property
    def result_type(self) -> pa.DataType:
        return _wrapped_type(self._bound)

    def accumulate(self) -> Accumulation:
        return _Accumulation(self._bound.accumulate(), self._plugin)

    def accumulate_groups(self, groups: int) -> Accumulation:
        return _Accumulation(self._bound.accumulate_groups(groups), self._plugin)


class _Accumulation(Accumulation):
    def __init__(self, accumulation: Accumulation, plugin: Plugin) -> None:
        self._accumulation = accumulation
        self._plugin = plugin

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
        return _wrapped(self._accumulation.results())


def _unwrapped_type(plugin: Plugin, type_: pa.DataType) -> pa.DataType:
    if pa.types.is_struct(type_) and type_.num_fields == 1 and _is_own(plugin, type_.field(0).name):
        return SqlType(type_.field(0).name, type_.field(0).type)
    return type_


def _unwrapped(plugin: Plugin, array: pa.Array) -> pa.Array:
    type_ = _unwrapped_type(plugin, array.type)
    if isinstance(type_, SqlType):
        return pa.ExtensionArray.from_storage(type_, array.flatten()[0])
    return array


def _wrapped_type(bound: BoundScalar | BoundAggregate) -> pa.DataType:
    own = bound.own_type
    return bound.result_type if own is None else pa.struct([pa.field(own.name, own.storage_type)])


def _wrapped(array: pa.Array) -> pa.Array:
    if not isinstance(array.type, SqlType):
        return array
    stored = array.storage
    return pa.StructArray.from_arrays([stored], names=[array.type.name], mask=stored.is_null())
