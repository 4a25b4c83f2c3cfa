"""Functions bound to the types of arguments and called on arrays of Arrow's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Protocol

import pyarrow as pa

from nostro.functions.arrow_types import format_of, type_of
from nostro.functions.catalogue import Function
from nostro.functions.columns import array_of, description_of
from nostro.functions.errors import FunctionError, SignatureError
from nostro.functions.jars import find_toolkit
from nostro.functions.jvm import check_process, is_java_error, java_class
from nostro.functions.sql_type import SqlType

_TOOLKIT = "io.nostro.toolkit"


class Implementation(Protocol):
    """What a function's name stands for: bound to types of arguments, it can be called.

    Both raise SignatureError when no signature takes the types.
    """

    def scalar(self, types: Sequence[pa.DataType]) -> BoundScalar:
        """Bind a scalar function."""

    def aggregate(self, types: Sequence[pa.DataType]) -> BoundAggregate:
        """Bind an aggregate."""


class BoundScalar:
    """A scalar function for arguments of certain types; many threads may call it at once."""

    def __init__(self, name: str, java: Any, own_type: SqlType | None = None, loader: Any = None) -> None:
        """Take Java's side of the function.

        `own_type` is that of the results if Arrow has none, `loader` the class loader in which the side is.
        """
        self.name = name
        self._java = java
        self.own_type = own_type
        self._loader = loader

    @property
    def result_type(self) -> pa.DataType:
        """The type of the results, as Arrow stores them."""
        return type_of(str(self._java.resultFormat()))

    def call(
        self,
        arrays: Sequence[pa.Array],
        constants: Sequence[bool],
        rows: int,
        *,
        null_on_failure: bool = False,
        first_row: int = 0,
    ) -> pa.Array:
        """Return the result of each row.

        An array has so many values as there are rows, or one for all of them where it is a constant. Errors
        count rows from `first_row`, which is the number of the arrays' first.
        """
        check_process()
        columns = description_of(arrays)
        try:
            result = self._java.call(columns, constants, rows, null_on_failure)
        except Exception as error:
            raise python_error(self.name, error, first_row, self._loader) from None
        return _of_type(self.own_type, array_of(result))


class BoundAggregate:
    """An aggregate for arguments of certain types; each thread needs an accumulation of its own."""

    def __init__(self, name: str, java: Any, own_type: SqlType | None = None, loader: Any = None) -> None:
        """Take Java's side of the function, as a scalar one does."""
        self.name = name
        self._java = java
        self.own_type = own_type
        self._loader = loader

    @property
    def result_type(self) -> pa.DataType:
        """The type of the results, as Arrow stores them."""
        return type_of(str(self._java.resultFormat()))

    def accumulate(self) -> Accumulation:
        """Begin an accumulation of all rows."""
        check_process()
        return Accumulation(self.name, self._java.accumulateAll(), None, self.own_type, self._loader)

    def accumulate_groups(self, groups: int) -> Accumulation:
        """Begin an accumulation of the rows of each group."""
        check_process()
        return Accumulation(self.name, self._java.accumulateGroups(), groups, self.own_type, self._loader)


class Accumulation:
    """What an aggregate has gathered of the rows added so far."""

    def __init__(
        self, name: str, java: Any, groups: int | None, own_type: SqlType | None, loader: Any
    ) -> None:
        self._name = name
        self._java = java
        self._groups = groups
        self._own_type = own_type
        self._loader = loader

    def add(
        self,
        arrays: Sequence[pa.Array],
        constants: Sequence[bool],
        rows: int,
        numbers: pa.Array | None = None,
    ) -> None:
        """Add rows; `numbers` are those of their groups, counted from 0, as int32."""
        try:
            if self._groups is None:
                self._java.add(description_of(arrays), constants, rows)
            else:
                self._java.add(description_of([*arrays, numbers]), constants, rows, self._groups)
        except Exception as error:
            raise python_error(self._name, error, 0, self._loader) from None

    def results(self) -> pa.Array:
        """Return the result of all rows, or of each group. It can be asked for once."""
        try:
            result = self._java.results(1 if self._groups is None else self._groups)
        except Exception as error:
            raise python_error(self._name, error, 0, self._loader) from None
        return _of_type(self._own_type, array_of(result))


@cache
def functions() -> dict[str, Function]:
    """The functions that can be called in this process, by name: all but those of a catalog."""
    return {it.name: it for it in find_toolkit().functions()}


class CataloguedImplementation:
    """A function of the catalogue."""

    def __init__(self, catalogued: Function, java: Callable[[], Any]) -> None:
        """Take the function and what gives Java's side of it, which is asked at the first call."""
        self._name = catalogued.name
        self._java = java

    def scalar(self, types: Sequence[pa.DataType]) -> BoundScalar:
        """Bind a scalar function."""
        return BoundScalar(self._name, self._bound(types, lambda java, formats: java.scalar(formats)))

    def aggregate(self, types: Sequence[pa.DataType]) -> BoundAggregate:
        """Bind an aggregate."""
        return BoundAggregate(self._name, self._bound(types, lambda java, formats: java.aggregate(formats)))

    def _bound(self, types: Sequence[pa.DataType], bind: Callable[[Any, Any], Any]) -> Any:
        java = self._java()
        formats = arrow_types(types)
        try:
            return bind(java, formats)
        except Exception as error:
            raise python_error(self._name, error, 0) from None


def implementation_of(name: str) -> CataloguedImplementation:
    """Return the function of the catalogue by its name. Raises KeyError when there is none."""
    catalogued = functions()[name]
    return CataloguedImplementation(catalogued, lambda: _java_function(name))


@cache
def _java_function(name: str) -> Any:
    return java_function(functions()[name])


def java_function(catalogued: Function, instance: Any = None) -> Any:
    """Return Java's side of a function, which calls the methods of the instance where they are not static."""
    signatures = catalogued.signatures
    bindings = [signature.binding for signature in signatures]
    variables = [[text for pair in it.long_variables.items() for text in pair] for it in bindings]
    return java_class(f"{_TOOLKIT}.call.CallableFunction").of(
        catalogued.name,
        [it.declaring_class for it in bindings],
        [list(signature.arguments) for signature in signatures],
        [it.return_type for it in bindings],
        variables,
        instance,
    )


def arrow_types(types: Sequence[pa.DataType], loader: Any = None) -> Any:
    """Return Java's list of the types, whose class is the toolkit's or the one of a class loader."""
    formats = java_class("java.util.ArrayList")()
    for type_ in types:
        formats.add(_arrow_type(format_of(type_), loader))
    return formats


@cache
def _arrow_type(format_: str, loader: Any) -> Any:
    return java_class(f"{_TOOLKIT}.arrow.ArrowType", loader).parse(format_)


def _of_type(own_type: SqlType | None, stored: pa.Array) -> pa.Array:
    return stored if own_type is None else pa.ExtensionArray.from_storage(own_type, stored)


def python_error(name: str, error: Exception, first_row: int, loader: Any = None) -> Exception:
    """Return the error to raise for one of Java's, of the toolkit's classes or of those of a class loader."""
    if is_java_error(error, f"{_TOOLKIT}.call.FunctionFailure", loader):
        failure: Any = error
        row, group_number = int(failure.row()), int(failure.group())
        return FunctionError(
            str(failure.getMessage()),
            str(failure.code()),
            row=row + first_row if row >= 0 else None,
            group=group_number if group_number >= 0 else None,
        )
    if is_java_error(error, "io.trino.spi.TrinoException", loader):
        return SignatureError(str(error.getMessage()))  # type: ignore[attr-defined]
    if is_java_error(error, "java.lang.IllegalArgumentException"):
        return ValueError(f"{name}: {error.getMessage()}")  # type: ignore[attr-defined]
    return error
