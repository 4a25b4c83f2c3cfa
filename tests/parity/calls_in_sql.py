"""The arguments of a function's calls in the examples, as the server evaluates them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlglot
import trino.dbapi
from sqlglot import exp
from tests.parity.sql_values import plain

from nostro.functions.catalogue import Function


@dataclass(frozen=True)
class EvaluatedCall:
    """A call: its arguments' SQL types and rows of values, its results, and which arguments are constants.

    `results` has one value for each row, NULL for one that fails; for an aggregate one for all.
    """

    sql: str
    types: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    results: tuple[Any, ...]
    constants: tuple[bool, ...]


def calls_of(function: Function, cursor: trino.dbapi.Cursor) -> Iterator[EvaluatedCall]:
    """Evaluate arguments and results of the calls in a function's examples, each of the function alone.

    Calls in windows and in queries with groups are left out.
    """
    for example in function.examples:
        parsed = sqlglot.parse_one(example.sql, read="trino")
        for call in parsed.find_all(exp.Func):
            if _name(call) != function.name or call.find_ancestor(exp.Window):
                continue
            arguments = _arguments(call)
            constants = tuple(not list(argument.find_all(exp.Column)) for argument in arguments)
            select = call.find_ancestor(exp.Select)
            has_source = function.kind == "aggregate" or not all(constants)
            if has_source and (select is None or select.args.get("group") is not None):
                continue
            source = _source(select) if has_source and select is not None else ""
            listed = ", ".join(argument.sql(dialect="trino") for argument in arguments)
            called = call.sql(dialect="trino")
            if function.kind == "aggregate":
                cursor.execute(f"SELECT {called}{source}")
                results = tuple(plain(row[0]) for row in cursor.fetchall())
                cursor.execute(f"SELECT {listed}{source}")
                rows = tuple(tuple(plain(value) for value in row) for row in cursor.fetchall())
            else:
                cursor.execute(f"SELECT {listed}, TRY({called}){source}")
                found = [[plain(value) for value in row] for row in cursor.fetchall()]
                rows = tuple(tuple(row[:-1]) for row in found)
                results = tuple(row[-1] for row in found)
            types = tuple(str(column[1]) for column in cursor.description)[: len(arguments)]
            yield EvaluatedCall(example.sql, types, rows, results, constants)


def _source(select: exp.Select) -> str:
    parts = (select.args.get("from_"), *(select.args.get("joins") or ()), select.args.get("where"))
    return "".join(f" {part.sql(dialect='trino')}" for part in parts if part is not None)


def _name(call: exp.Func) -> str:
    return str(call.name if isinstance(call, exp.Anonymous) else call.sql_name()).lower()


def _arguments(call: exp.Func) -> Sequence[exp.Expression]:
    if isinstance(call, exp.Anonymous):
        return list(call.expressions)
    return [
        argument
        for value in call.args.values()
        for argument in (value if isinstance(value, list) else [value])
    ]
