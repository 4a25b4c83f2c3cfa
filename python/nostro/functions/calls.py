"""The functions as Python callables, made of the catalogue."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

import pyarrow as pa

from nostro.functions.arrow_types import format_of
from nostro.functions.bound import BoundAggregate, BoundScalar, Implementation, functions, implementation_of
from nostro.functions.catalogue import Function
from nostro.functions.columns import Argument, argument_of, pieces_of
from nostro.functions.errors import SignatureError
from nostro.functions.grouping import group

ROWS_AT_A_TIME = 1 << 20
"""Rows of one call of Java: what a call holds beside its arguments and results is of so many."""

OnError = Literal["raise", "null"]


class BankingFunction:
    """A function of the catalogue, with all its signatures.

    `catalogued` is what is known of it: signatures, arguments, errors, source and examples.
    """

    def __init__(self, catalogued: Function, implementation: Implementation) -> None:
        """Make a callable of what is known of a function and what calls it."""
        self.catalogued = catalogued
        self._implementation = implementation
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


class ScalarFunction(BankingFunction):
    """A function of each row."""

    def __init__(self, catalogued: Function, implementation: Implementation) -> None:
        super().__init__(catalogued, implementation)
        self._bound: dict[tuple[pa.DataType, ...], BoundScalar] = {}

    def bound(self, types: tuple[pa.DataType, ...]) -> BoundScalar:
        """Return the function for arguments of the types. Raises SignatureError when none takes them."""
        bound = self._bound.get(types)
        if bound is None:
            bound = self._bound[types] = self._implementation.scalar(types)
        return bound

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
        bound = self.bound(tuple(argument.type for argument in given))
        constants = [argument.is_constant for argument in given]
        gives_null = on_error == "null"
        results = []
        first_row = 0
        for length, pieces in pieces_of(given, rows, ROWS_AT_A_TIME):
            results.append(
                bound.call(pieces, constants, length, null_on_failure=gives_null, first_row=first_row)
            )
            first_row += length
        if all(constants):
            return results[0][0]
        if any(argument.is_chunked for argument in given):
            return pa.chunked_array(results)
        return results[0] if len(results) == 1 else pa.concat_arrays(results)


class AggregateFunction(BankingFunction):
    """A function of all rows, or of the rows of each group."""

    def __init__(self, catalogued: Function, implementation: Implementation) -> None:
        super().__init__(catalogued, implementation)
        self._bound: dict[tuple[pa.DataType, ...], BoundAggregate] = {}

    def bound(self, types: tuple[pa.DataType, ...]) -> BoundAggregate:
        """Return the function for arguments of the types. Raises SignatureError when none takes them."""
        bound = self._bound.get(types)
        if bound is None:
            bound = self._bound[types] = self._implementation.aggregate(types)
        return bound

    def __call__(self, *arguments: Any, group_by: Any = None) -> Any:
        """Call the function: gives a scalar, or with `group_by` a table of the groups' keys and results.

        `group_by` is a column, a mapping from names to columns, or a table. Rows with a NULL are left out, as
        in SQL. Raises FunctionError when the function fails, SignatureError when no signature takes the
        arguments.
        """
        given = self._arguments(arguments)
        rows = self._rows(given)
        bound = self.bound(tuple(argument.type for argument in given))
        constants = [argument.is_constant for argument in given]
        if group_by is None:
            accumulation = bound.accumulate()
            for length, pieces in pieces_of(given, rows, ROWS_AT_A_TIME):
                accumulation.add(pieces, constants, length)
            return accumulation.results()[0]
        groups = group(group_by)
        if len(groups.numbers) != rows and not all(constants):
            raise SignatureError(
                f"{self.__name__}: group_by has {len(groups.numbers)} rows, the arguments have {rows}"
            )
        accumulation = bound.accumulate_groups(len(groups))
        numbered = [*given, argument_of(groups.numbers)]
        for length, (*pieces, numbers) in pieces_of(numbered, len(groups.numbers), ROWS_AT_A_TIME):
            accumulation.add(pieces, constants, length, numbers)
        return groups.keys.append_column(self.__name__, accumulation.results())


@cache
def function(name: str) -> ScalarFunction | AggregateFunction:
    """Return a function by its name. Raises KeyError when there is none of that name."""
    catalogued = functions()[name]
    implementation = implementation_of(name)
    if catalogued.kind == "scalar":
        return ScalarFunction(catalogued, implementation)
    return AggregateFunction(catalogued, implementation)


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
    parts = [
        catalogued.description or catalogued.name,
        "\n".join(f"    {call}" for call in catalogued.calls()),
    ]
    if catalogued.arguments:
        parts.append("\n".join(f"{argument.name}: {argument.meaning}" for argument in catalogued.arguments))
    if catalogued.errors:
        parts.append("Errors:\n" + "\n".join(f"    {it.code}: {it.when}" for it in catalogued.errors))
    parts.append(f"Source: {catalogued.source}")
    if catalogued.examples:
        parts.append(
            "Examples, in SQL:\n" + "\n".join(f"    {it.sql} → {it.result}" for it in catalogued.examples)
        )
    return "\n\n".join(
        part if part.startswith((" ", "Errors", "Examples")) else textwrap.fill(part, 100) for part in parts
    )
