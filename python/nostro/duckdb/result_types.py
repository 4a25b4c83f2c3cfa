"""The types of results in DuckDB: those of SQL's types, and how one that follows the arguments' is made.

What Python gives to DuckDB has a type that is fixed when the function is registered. A decimal whose digits
follow the arguments' is given as its digits alone, without the point, and anything else with such a decimal
inside as text in its place; the macro around the function makes the type of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import starmap
from typing import Literal

import pyarrow as pa

from nostro.functions.columns import MOST_DIGITS
from nostro.functions.row_types import parts

Form = Literal["as it is", "digits", "digits of fewer", "text"]
"""How a function gives its result to DuckDB.

`digits` are those of a decimal of 38, `digits of fewer` those of one of another precision.
"""

_TYPES = {
    "boolean": "BOOLEAN",
    "tinyint": "TINYINT",
    "smallint": "SMALLINT",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "real": "FLOAT",
    "double": "DOUBLE",
    "varchar": "VARCHAR",
    "char": "VARCHAR",
    "varbinary": "BLOB",
    "date": "DATE",
    "time": "TIME",
    "timestamp": "TIMESTAMP",
    "uuid": "UUID",
    "json": "JSON",
}


class UnsupportedResultError(ValueError):
    """DuckDB has no counterpart of a type; the message says of which."""


@dataclass(frozen=True)
class ResultType:
    """What a function gives to DuckDB: a type as DuckDB writes it, and what is to be made of it."""

    given: str
    form: Form


def result_type(types: Sequence[str]) -> ResultType:
    """Return the result's type of a function whose signatures return SQL's types.

    Raises UnsupportedResultError for a type that has no counterpart.
    """
    found = {_duckdb_type(type_) for type_ in types}
    if len(found) == 1 and not any(_follows_arguments(type_) for type_ in types):
        return ResultType(found.pop(), "as it is")
    if all(_base(type_) == "decimal" for type_ in types):
        has_most = all(_parameters(type_)[0] == str(MOST_DIGITS) for type_ in types)
        return ResultType(f"DECIMAL({MOST_DIGITS},0)", "digits" if has_most else "digits of fewer")
    if len(found) == 1:
        return ResultType(found.pop(), "text")
    if any("(" in type_ or "[" in type_ for type_ in found):
        raise UnsupportedResultError(f"results of such different types as {' and '.join(types)}")
    return ResultType("VARCHAR", "text")


def structure_of(type_: pa.DataType) -> str | list[object] | dict[str, object]:
    """Return a type of Arrow's as DuckDB's json_transform takes it.

    Raises UnsupportedResultError for a map, of which it knows none.
    """
    if pa.types.is_struct(type_):
        return {field.name: structure_of(field.type) for field in type_}
    if pa.types.is_list(type_):
        return [structure_of(type_.value_type)]
    if pa.types.is_decimal(type_):
        return f"DECIMAL({type_.precision},{type_.scale})"
    if type_ in _ARROW_TYPES:
        return _ARROW_TYPES[type_]
    raise UnsupportedResultError(f"results of a type that follows the arguments' and has {type_} inside")


_ARROW_TYPES = {
    pa.bool_(): "BOOLEAN",
    pa.int8(): "TINYINT",
    pa.int16(): "SMALLINT",
    pa.int32(): "INTEGER",
    pa.int64(): "BIGINT",
    pa.float32(): "FLOAT",
    pa.float64(): "DOUBLE",
    pa.string(): "VARCHAR",
    pa.binary(): "BLOB",
    pa.date32(): "DATE",
    pa.time64("us"): "TIME",
    pa.timestamp("us"): "TIMESTAMP",
}


def _duckdb_type(type_: str) -> str:
    match _base(type_):
        case "array":
            return f"{_duckdb_type(_parameters(type_)[0])}[]"
        case "map":
            key, value = _parameters(type_)
            return f"MAP({_duckdb_type(key)}, {_duckdb_type(value)})"
        case "row":
            return f"STRUCT({', '.join(starmap(_field, enumerate(_parameters(type_))))})"
        case "decimal":
            return "VARCHAR" if _follows_arguments(type_) else f"DECIMAL({','.join(_parameters(type_))})"
        case base if type_.endswith("with time zone") and base == "timestamp":
            return "TIMESTAMPTZ"
        case base if base in _TYPES and not type_.endswith("with time zone"):
            return _TYPES[base]
    raise UnsupportedResultError(f"results of type {type_}")


def _field(index: int, text: str) -> str:
    """A field, which Arrow calls by its place when it has no name."""
    name, type_ = _named(text) if text.startswith('"') else (f"field{index}", text)
    return f"{name} {_duckdb_type(type_)}"


def _named(field: str) -> tuple[str, str]:
    """A field's name in its quotes, and its type."""
    end = 1
    while field[end] != '"' or field[end : end + 2] == '""':
        end += 2 if field[end : end + 2] == '""' else 1
    return field[: end + 1], field[end + 1 :].strip()


def _follows_arguments(type_: str) -> bool:
    if _base(type_) == "decimal":
        return not all(parameter.isdigit() for parameter in _parameters(type_))
    if _base(type_) == "row":
        return any(
            _follows_arguments(_named(part)[1] if part.startswith('"') else part)
            for part in _parameters(type_)
        )
    if _base(type_) in ("array", "map"):
        return any(map(_follows_arguments, _parameters(type_)))
    return False


def _base(type_: str) -> str:
    return type_.partition("(")[0].split(" ")[0]


def _parameters(type_: str) -> list[str]:
    start, end = type_.find("("), type_.rfind(")")
    return [part.strip() for part in parts(type_[start + 1 : end])] if start >= 0 else []
