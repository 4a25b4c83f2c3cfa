"""A plugin's own types in DuckDB: structs of one field, which has the type's name and its stored value.

So a function tells a Geometry from a SphericalGeography, which both are bytes.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

import pyarrow as pa

from nostro.duckdb.result_types import UnsupportedResultError
from nostro.functions.bound import BoundAggregate, BoundScalar
from nostro.functions.plugin import PluginFunction
from nostro.functions.sql_type import SqlType


@dataclass(frozen=True)
class OwnTypes:
    """How a function takes and gives own types.

    `results` are the SQL types of each signature's results as DuckDB has them, where they are not what it
    declares; `element` is the own type that they are lists of, if any. Nostro's functions have none: the
    names are empty, and all columns are as they come.
    """

    names: Set[str] = frozenset()
    results: Sequence[str] | None = None
    element: str | None = None

    def given_type(self, type_: pa.DataType) -> pa.DataType:
        """Return the type of an argument's column as the function takes it: lists are of stored values."""
        if not self.names:
            return type_
        if pa.types.is_list(type_):
            element = self.given_type(type_.value_type)
            return pa.list_(element.storage_type) if isinstance(element, SqlType) else type_
        if pa.types.is_struct(type_) and type_.num_fields == 1 and _is_own(self.names, type_.field(0).name):
            return SqlType(type_.field(0).name, type_.field(0).type)
        return type_

    def given(self, array: pa.Array) -> pa.Array:
        """Return an argument's column as the function takes it."""
        type_ = self.given_type(array.type)
        if type_ == array.type:
            return array
        if isinstance(type_, SqlType):
            return pa.ExtensionArray.from_storage(type_, array.flatten()[0])
        [stored] = array.values.flatten()
        return _list_of(array, stored)

    def result_type(self, bound: BoundScalar | BoundAggregate) -> pa.DataType:
        """Return the type of a function's results as DuckDB has them."""
        result, own = bound.result_type, bound.own_type
        if self.element is not None:
            return pa.list_(pa.struct([pa.field(self.element, result.value_type)]))
        if own is not None and _is_own(self.names, own.name):
            return pa.struct([pa.field(own.name, own.storage_type)])
        return result

    def result(self, array: pa.Array) -> pa.Array:
        """Return a function's results as DuckDB has them."""
        if not isinstance(array.type, SqlType):
            return array
        stored = array.storage
        if self.element is not None:
            return _list_of(stored, _struct_of(self.element, stored.values))
        return _struct_of(array.type.name, stored) if _is_own(self.names, array.type.name) else stored


def own_types_of(declared: PluginFunction, names: Set[str]) -> OwnTypes:
    """Return how a function of a plugin, whose types have these names, takes and gives them.

    Raises UnsupportedResultError for a function of any number of arguments.
    """
    if declared.variable_arity:
        raise UnsupportedResultError("a function of any number of arguments")
    returned = [signature.return_type for signature in declared.catalogued.signatures]
    results = [
        _result_type(names, type_, stored)
        for type_, stored in zip(returned, declared.stored_results, strict=True)
    ]
    element = _element(returned[0]) if len(set(returned)) == 1 else None
    return OwnTypes(names, results, element.lower() if element and _is_own(names, element) else None)


def _result_type(names: Set[str], declared: str, stored: str | None) -> str:
    if stored is None:
        return declared
    if _is_own(names, declared):
        return f'row("{declared.lower()}" {stored})'
    element, stored_element = _element(declared), _element(stored)
    if element and stored_element and _is_own(names, element):
        return f'array(row("{element.lower()}" {stored_element}))'
    return stored


def _element(type_: str) -> str | None:
    return type_[len("array(") : -1] if type_.startswith("array(") else None


def _is_own(names: Set[str], type_: str) -> bool:
    return type_.partition("(")[0].lower() in names


def _struct_of(name: str, stored: pa.Array) -> pa.Array:
    return pa.StructArray.from_arrays([stored], names=[name], mask=stored.is_null())


def _list_of(array: pa.Array, values: pa.Array) -> pa.Array:
    """Lists as long as those of an array, of other values."""
    return pa.Array.from_buffers(
        pa.list_(values.type), len(array), array.buffers()[:2], array.null_count, array.offset, [values]
    )
