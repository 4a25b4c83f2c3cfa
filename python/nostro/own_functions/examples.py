"""Every example of a catalogue in DuckDB and in Python, held to the result that it states.

`python -m nostro.own_functions.examples CATALOGUE FILE` runs them, and writes what came of them to the file.
It is a process of its own, as Java starts once in a process, with the jars that there are then.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import sqlglot
from sqlglot import exp

import nostro.duckdb
from nostro.functions.calls import function
from nostro.functions.catalogue import Example, Function, load_catalogue
from nostro.functions.errors import FunctionError, SignatureError
from nostro.sqltest.arithmetic import register_arithmetic
from nostro.sqltest.dialect import to_duckdb

_RELATIVE_DIFFERENCE = 1e-9
"""Of an aggregate's doubles, which other engines add up in another order."""


@dataclass(frozen=True)
class Failure:
    """An example that gave something else than it states."""

    function: str
    sql: str
    where: str
    expected: str
    given: str


@dataclass
class Outcome:
    """How many examples gave their result in each place, which did not, and which could not be tried."""

    tried: dict[str, int] = field(default_factory=lambda: {"DuckDB": 0, "Python": 0})
    failures: list[Failure] = field(default_factory=list)
    not_tried: list[str] = field(default_factory=list)


def run_examples(functions: Mapping[str, Function]) -> Outcome:
    """Run the examples of functions, by name, that this process finds."""
    outcome = Outcome()
    with duckdb.connect() as connection:
        left_out = nostro.duckdb.register(connection).left_out
        # Trino's clients and tests are of UTC.
        connection.execute("SET TimeZone = 'UTC'")
        register_arithmetic(connection)
        for name, catalogued in functions.items():
            if name in left_out:
                outcome.not_tried.append(f"{name} in DuckDB: {left_out[name]}")
            for example in catalogued.examples:
                if name not in left_out:
                    _try(outcome, catalogued, example, "DuckDB", partial(_in_duckdb, connection))
                _try(outcome, catalogued, example, "Python", partial(_in_python, connection, name))
    return outcome


class _CannotBeTriedError(Exception):
    """An example has something around the function that is not there, or not the same."""


def _try(
    outcome: Outcome,
    catalogued: Function,
    example: Example,
    where: str,
    run: Callable[[Example], pa.Scalar],
) -> None:
    try:
        given = _json_value(run(example).as_py())
    except _CannotBeTriedError as error:
        outcome.not_tried.append(f"{example.sql} in {where}: {error}")
        return
    except (duckdb.Error, FunctionError, SignatureError, ValueError) as error:
        lines = str(error).splitlines()
        given = f"error: {lines[0] if lines else type(error).__name__}"
        outcome.failures.append(Failure(catalogued.name, example.sql, where, example.result, given))
        return
    tolerance = _RELATIVE_DIFFERENCE if catalogued.kind == "aggregate" else 0.0
    if _are_equal(given, example.value, tolerance):
        outcome.tried[where] += 1
    else:
        outcome.failures.append(Failure(catalogued.name, example.sql, where, example.result, _json(given)))


def _in_duckdb(connection: duckdb.DuckDBPyConnection, example: Example) -> pa.Scalar:
    return _rows(connection, _parsed(example)).column(0)[0]


def _in_python(connection: duckdb.DuckDBPyConnection, name: str, example: Example) -> pa.Scalar:
    """The result of an example that is the call alone, or in TRY; DuckDB evaluates its arguments."""
    select = _parsed(example)
    call = select.expressions[0].unalias() if len(select.expressions) == 1 else None
    gives_null = isinstance(call, exp.Try)
    if isinstance(call, exp.Try):
        call = call.this
    if not isinstance(call, exp.Anonymous) or call.name.lower() != name or select.args.get("group"):
        raise _CannotBeTriedError("it is more than a call")
    if not call.expressions:
        return function(name)()
    select.set("expressions", [exp.alias_(it, f"a{number}") for number, it in enumerate(call.expressions)])
    arguments = _rows(connection, select)
    called: Any = function(name)
    if called.catalogued.kind == "aggregate":
        return called(*arguments.columns)
    if len(arguments) != 1:
        raise _CannotBeTriedError("it is of more than one row")
    values = [column[0] for column in arguments.columns]
    return called(*values, on_error="null" if gives_null else "raise")


def _parsed(example: Example) -> exp.Select:
    text = example.sql if example.sql.lstrip().upper().startswith("SELECT") else f"SELECT {example.sql}"
    try:
        parsed = sqlglot.parse_one(text, read="trino")
    except sqlglot.ParseError as error:
        raise _CannotBeTriedError(f"SQLGlot does not read it: {str(error).splitlines()[0]}") from None
    if not isinstance(parsed, exp.Select):
        raise _CannotBeTriedError("it is no SELECT")
    return parsed


def _rows(connection: duckdb.DuckDBPyConnection, query: exp.Select) -> pa.Table:
    try:
        return connection.sql(to_duckdb(query)).to_arrow_table()
    except (duckdb.CatalogException, duckdb.ParserException, duckdb.NotImplementedException) as error:
        raise _CannotBeTriedError(f"DuckDB does not take it: {str(error).splitlines()[0]}") from None


def _json_value(value: Any) -> Any:
    """A value as reading its JSON in Trino gives it."""
    match value:
        case float():
            if not math.isfinite(value):
                return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
            return Decimal(repr(value))
        case datetime():
            return value.isoformat(sep=" ")
        case date() | time():
            return value.isoformat()
        case dict():
            return {str(key): _json_value(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_json_value(inner) for inner in value]
        case _:
            return value


def _json(value: Any) -> str:
    """The value's JSON, with every digit."""
    match value:
        case Decimal():
            return f"{value:f}"
        case list():
            return f"[{','.join(map(_json, value))}]"
        case dict():
            return "{" + ",".join(f"{json.dumps(key)}:{_json(inner)}" for key, inner in value.items()) + "}"
        case _:
            return json.dumps(value, default=str, ensure_ascii=False)


def _are_equal(given: Any, expected: Any, tolerance: float) -> bool:
    if isinstance(given, list) and isinstance(expected, list):
        return len(given) == len(expected) and all(
            _are_equal(one, other, tolerance) for one, other in zip(given, expected, strict=True)
        )
    if isinstance(given, dict) and isinstance(expected, dict):
        return given.keys() == expected.keys() and all(
            _are_equal(value, expected[key], tolerance) for key, value in given.items()
        )
    if isinstance(given, bool) or isinstance(expected, bool):
        return given is expected
    if isinstance(given, Decimal | int) and isinstance(expected, Decimal | int):
        return given == expected or bool(
            tolerance and math.isclose(given, expected, rel_tol=tolerance, abs_tol=0.0)
        )
    return type(given) is type(expected) and given == expected


def main(arguments: list[str]) -> int:
    """Run the examples of a catalogue and write the outcome to a file, as JSON; return the exit code."""
    catalogue, file = map(Path, arguments)
    outcome = run_examples({it.name: it for it in load_catalogue(catalogue)})
    file.write_text(json.dumps(asdict(outcome)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
