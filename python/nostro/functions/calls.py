"""The functions as Python callables, made of the catalogue."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

import pyarrow as pa

from nostro.functions.arrow_types import format_of
from nostro.functions.catalogue import Function
from nostro.functions.columns import Argument, Nodes, argument_of, array_of, pieces_of
from nostro.functions.errors import FunctionError, SignatureError
from nostro.functions.grouping import group
from nostro.functions.jars import find_toolkit
from nostro.functions.jvm import is_java_error, java_class

ROWS_AT_A_TIME = 1 << 20
"""Rows of one call of Java: what a call holds beside its arguments and results is of so many."""

_TOOLKIT = "io.nostro.toolkit"
OnError = Literal["raise", "null"]


class BankingFunction:
    """A function of the catalogue, with all its signatures.

    `catalogued` is what is known of it: signatures, arguments, errors, source and examples.
    """

    def __init__(self, catalogued: Function) -> None:
        self.catalogued = catalogued
        self.__name__ = self.__qualname__ = catalogued.name
        self.__module__ = "nostro.functions"
        self.__doc__ = _documentation(catalogued)
        self.__signature__ = _signature(catalogued)

    def __repr__(self) -> str:
        return f"<function nostro.functions.{self.__name__}: {'; '.join(self.catalogued.calls())}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return function, (self.__name__,)

    def _arguments(self, values: Sequence[Any]) -> list[Argument]:
        arguments = []
        for number, value in enumerate(values, start=1):
            try:
                argument = argument_of(value)
                format_of(argument.type)
                arguments.append(argument)
            except (TypeError, pa.ArrowException) as error:
                raise SignatureError(f"{self.__name__}: argument {number}: {error}") from None
        return arguments

    def _rows(self, arguments: Sequence[Argument]) -> int:
        lengths = {len(argument) for argument in arguments if not argument.is_constant}
        if len(lengths) > 1:
            counts = ", ".join(
                "one value" if argument.is_constant else str(len(argument)) for argument in arguments
            )
            raise SignatureError(f"{self.__name__}: the columns are not equally long: {counts} rows")
        return lengths.pop() if lengths else 1

    def _bound(self, form: Literal["scalar", "aggregate"], arguments: Sequence[Argument]) -> Any:
        types = java_class("java.util.ArrayList")()
        for argument in arguments:
            types.add(_arrow_type(format_of(argument.type)))
        java = _java_function(self.__name__)
        return self._call(java.scalar if form == "scalar" else java.aggregate, types)

    def _call(self, method: Any, *arguments: Any, first_row: int = 0) -> Any:
        try:
            return method(*arguments)
        except Exception as error:
            raise _python_error(self.__name__, error, first_row) from None


class ScalarFunction(BankingFunction):
    """A function of each row."""

    def __call__(self, *arguments: Any, on_error: OnError = "raise") -> Any:
        """Call the function.

        Gives an array or, when a column is chunked, a chunked array; of values alone a scalar. With
        `on_error="null"` a row that fails gives NULL, as under SQL's TRY. Raises FunctionError for a row that
        fails, SignatureError when no signature takes the arguments.
        """
        if on_error not in ("raise", "null"):
            raise ValueError(f'on_error is {on_error!r}; accepted are "raise" and "null"')
        given = self._arguments(arguments)
        rows = self._rows(given)
        call = self._bound("scalar", given)
        gives_null = on_error == "null"
        results = []
        first_row = 0
        for length, pieces in pieces_of(given, rows, ROWS_AT_A_TIME):
            columns, constants = _java_columns(given, pieces)
            result = self._call(call.call, columns, constants, length, gives_null, first_row=first_row)
            results.append(array_of(result))
            first_row += length
        if all(argument.is_constant for argument in given):
            return results[0][0]
        if any(argument.is_chunked for argument in given):
            return pa.chunked_array(results)
        return results[0] if len(results) == 1 else pa.concat_arrays(results)


class AggregateFunction(BankingFunction):
    """A function of all rows, or of the rows of each group."""

    def __call__(self, *arguments: Any, group_by: Any = None) -> Any:
        """Call the function: gives a scalar, or with `group_by` a table of the groups' keys and results.

        `group_by` is a column, a mapping from names to columns, or a table. Rows with a NULL are left out, as
        in SQL. Raises FunctionError when the function fails, SignatureError when no signature takes the
        arguments.
        """
        given = self._arguments(arguments)
        rows = self._rows(given)
        call = self._bound("aggregate", given)
        if group_by is None:
            accumulation = call.accumulateAll()
            for length, pieces in pieces_of(given, rows, ROWS_AT_A_TIME):
                self._call(accumulation.add, *_java_columns(given, pieces), length)
            return array_of(self._call(accumulation.results, 1))[0]
        groups = group(group_by)
        if len(groups.numbers) != rows and not all(argument.is_constant for argument in given):
            raise SignatureError(
                f"{self.__name__}: group_by has {len(groups.numbers)} rows, the arguments have {rows}"
            )
        accumulation = call.accumulateGroups()
        numbered = [*given, argument_of(groups.numbers)]
        for length, (*pieces, numbers) in pieces_of(numbered, len(groups.numbers), ROWS_AT_A_TIME):
            columns, constants = _java_columns(given, pieces)
            self._call(accumulation.add, columns, constants, length, _java_column(numbers), len(groups))
        results = array_of(self._call(accumulation.results, len(groups)))
        return groups.keys.append_column(self.__name__, results)


@cache
def function(name: str) -> ScalarFunction | AggregateFunction:
    """Return a function by its name. Raises KeyError when there is none of that name."""
    catalogued = functions()[name]
    return ScalarFunction(catalogued) if catalogued.kind == "scalar" else AggregateFunction(catalogued)


@cache
def functions() -> dict[str, Function]:
    """The functions that can be called in this process, by name: all but those of a catalog."""
    return {it.name: it for it in find_toolkit().catalogue() if it.connector is None}


@cache
def _java_function(name: str) -> Any:
    signatures = functions()[name].signatures
    bindings = [signature.binding for signature in signatures]
    variables = [[text for pair in it.long_variables.items() for text in pair] for it in bindings]
    return java_class(f"{_TOOLKIT}.call.CallableFunction").of(
        name,
        [it.declaring_class for it in bindings],
        [list(signature.arguments) for signature in signatures],
        [it.return_type for it in bindings],
        variables,
    )


@cache
def _arrow_type(format_: str) -> Any:
    return java_class(f"{_TOOLKIT}.arrow.ArrowType").parse(format_)


def _java_columns(arguments: Sequence[Argument], pieces: Sequence[pa.Array]) -> tuple[Any, list[bool]]:
    columns = java_class("java.util.ArrayList")()
    for piece in pieces:
        columns.add(_java_column(piece))
    return columns, [argument.is_constant for argument in arguments]


def _java_column(array: pa.Array) -> Any:
    nodes = Nodes.of(array)
    return java_class(f"{_TOOLKIT}.arrow.ArrowColumn").of(
        _arrow_type(nodes.format),
        nodes.lengths,
        nodes.offsets,
        nodes.buffer_counts,
        nodes.addresses,
        nodes.sizes,
    )


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


def _signature(catalogued: Function) -> inspect.Signature:
    """The parameters of the longest signature; those that shorter ones lack have a default."""
    longest = max(catalogued.signatures, key=lambda it: len(it.argument_names))
    fewest = min(len(it.argument_names) for it in catalogued.signatures)
    parameters = [
        inspect.Parameter(
            name,
            inspect.Parameter.POSITIONAL_ONLY,
            default=inspect.Parameter.empty if index < fewest else ...,
        )
        for index, name in enumerate(longest.argument_names)
    ]
    option, default = ("on_error", "raise") if catalogued.kind == "scalar" else ("group_by", None)
    parameters.append(inspect.Parameter(option, inspect.Parameter.KEYWORD_ONLY, default=default))
    return inspect.Signature(parameters)


def _documentation(catalogued: Function) -> str:
    """The help text: as the function's page has it."""
    parts = [catalogued.description, "\n".join(f"    {call}" for call in catalogued.calls())]
    if catalogued.arguments:
        parts.append("\n".join(f"{argument.name}: {argument.meaning}" for argument in catalogued.arguments))
    if catalogued.errors:
        parts.append("Errors:\n" + "\n".join(f"    {it.code}: {it.when}" for it in catalogued.errors))
    parts.append(f"Source: {catalogued.source}")
    parts.append(
        "Examples, in SQL:\n" + "\n".join(f"    {it.sql} → {it.result}" for it in catalogued.examples)
    )
    return "\n\n".join(
        part if part.startswith((" ", "Errors", "Examples")) else textwrap.fill(part, 100) for part in parts
    )
