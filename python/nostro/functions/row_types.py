"""The fields of SQL's row types, as Trino writes them: `row("name" type,…)`, alone or in arrays."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_ROW = re.compile(r"row\((.*)\)\Z", re.DOTALL)
_ARRAY = re.compile(r"array\((.*)\)\Z", re.DOTALL)
_FIELD = re.compile(r'\s*"((?:[^"]|"")*)"\s+(.*)\Z', re.DOTALL)


@dataclass(frozen=True)
class Field:
    """A field by its path: `party.name` in a row of a row, `addenda[].code` in an array of rows."""

    path: str
    type: str


def fields(type_: str) -> tuple[Field, ...]:
    """The fields of a row, or of the rows of an array, each before those inside it; none of another type."""
    array = _ARRAY.match(type_)
    return tuple(_fields(array[1] if array else type_, prefix=""))


def without_fields(type_: str) -> str:
    """The type with its outermost rows shortened to `row(…)`."""
    if _ROW.match(type_):
        return "row(…)"
    array = _ARRAY.match(type_)
    return f"array({without_fields(array[1])})" if array else type_


def _fields(type_: str, prefix: str) -> Iterator[Field]:
    row = _ROW.match(type_)
    if row is None:
        return
    for part in parts(row[1]):
        named = _FIELD.match(part)
        if named is None:
            raise ValueError(f"not a field of a row with names: {part}")
        name, field_type = named[1].replace('""', '"'), named[2]
        array = _ARRAY.match(field_type)
        yield Field(prefix + name, without_fields(field_type))
        yield from _fields(array[1] if array else field_type, f"{prefix}{name}{'[]' if array else ''}.")


def parts(text: str) -> Iterator[str]:
    """What commas separate that are outside parentheses and names."""
    depth = 0
    in_name = False
    start = 0
    for index, character in enumerate(text):
        match character:
            case '"':
                in_name = not in_name
            case "(" if not in_name:
                depth += 1
            case ")" if not in_name:
                depth -= 1
            case "," if not in_name and depth == 0:
                yield text[start:index]
                start = index + 1
    yield text[start:]
