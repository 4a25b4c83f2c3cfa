"""Functions bound to the types of arguments and called on arrays of Arrow's."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

import pyarrow as pa

from nostro.functions.arrow_types import format_of, type_of
from nostro.functions.catalogue import Function
from nostro.functions.columns import array_of, description_of
from nostro.functions.errors import FunctionError, SignatureError
from nostro.functions.jars import find_toolkit
from nostro.functions.jvm import check_process, is_java_error, java_class

_TOOLKIT = "io.nostro.toolkit"


class BoundScalar:
    """A scalar function for arguments of certain types; many threads may call it at once."""

    def __init__(self, name: str, types: Sequence[pa.DataType], java: Any = None) -> None:
        """Bind a function of the catalogue, or one that `java_function` has made."""
        self.name = name
        self._java = _bound(name, "scalar", types, java)

    @property
    def result_type(self) -> pa.DataType:
        """The type of the results."""
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
            raise _python_error(self.name, error, first_row) from None
        return array_of(result)


class BoundAggregate:
    """An aggregate for arguments of certain types; each thread needs an accumulation of its own."""

    def __init__(self, name: str, types: Sequence[pa.DataType]) -> None:
        self.name = name
        self._java = _bound(name, "aggregate", types, None)

    @property
    def result_type(self) -> pa.DataType:
        """The type of the results."""
        return type_of(str(self._java.resultFormat()))

    def accumulate(self) -> Accumulation:
        """Begin an accumulation of all rows."""
        check_process()
        return Accumulation(self.name, self._java.accumulateAll(), None)

    def accumulate_groups(self, groups: int) -> Accumulation:
        """Begin an accumulation of the rows of each group."""
        check_process()
        return Accumulation(self.name, self._java.accumulateGroups(), groups)


class Accumulation:
    """What an aggregate has gathered of the rows added so far."""

    def __init__(self, name: str, java: Any, groups: int | None) -> None:
        self._name = name
        self._java = java
        self._groups = groups

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
            raise _python_error(self._name, error, 0) from None

    def results(self) -> pa.Array:
        """Return the result of all rows, or of each group. It can be asked for once."""
        try:
            return array_of(self._java.results(1 if self._groups is None else self._groups))
        except Exception as error:
            raise _python_error(self._name, error, 0) from None


@cache
def functions() -> dict[str, Function]:
    """The functions that can be called in this process, by name: all but those of a catalog."""
    return {it.name: it for it in find_toolkit().functions()}


def _bound(
    name: str, form: Literal["scalar", "aggregate"], types: Sequence[pa.DataType], function: Any
) -> Any:
    formats = java_class("java.util.ArrayList")()
    for type_ in types:
        formats.add(_arrow_type(format_of(type_)))
    java = _java_function(name) if function is None else function
    try:
        return java.scalar(formats) if form == "scalar" else java.aggregate(formats)
    except Exception as error:
        raise _python_error(name, error, 0) from None


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


@cache
def _arrow_type(format_: str) -> Any:
    return java_class(f"{_TOOLKIT}.arrow.ArrowType").parse(format_)


def _python_error(name: str, error: Exception, first_row: int) -> Exception:
    if is_java_error(error, f"{_TOOLKIT}.call.FunctionFailure"):
        failure: Any = error
        row, group_number = int(failure.row()), int(failure.group())
        return FunctionError(
            str(failure.getMessage()),
            str(failure.code()),
            row=row + first_row if row >= 0 else None,
            group=group_number if group_number >= 0 else None,
        )
    if is_java_error(error, "io.trino.spi.TrinoException"):
        return SignatureError(str(error.getMessage()))  # type: ignore[attr-defined]
    if is_java_error(error, "java.lang.IllegalArgumentException"):
        return ValueError(f"{name}: {error.getMessage()}")  # type: ignore[attr-defined]
    return error
