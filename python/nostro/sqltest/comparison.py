"""Rows compared as those of tables are: in any order, each as often as it is there."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

import pyarrow as pa

_DIGITS_OF_DOUBLES = 9


@dataclass(frozen=True)
class Difference:
    """Rows of a table that are on one side only, as texts of the columns."""

    table: str
    between: tuple[str, str]
    columns: tuple[str, ...]
    missing: tuple[tuple[str, ...], ...]
    unexpected: tuple[tuple[str, ...], ...]

    def __str__(self) -> str:
        lines = [f"{self.table}: {self.between[0]} and {self.between[1]} differ ({', '.join(self.columns)})"]
        lines += [f"  only {self.between[0]}: {' | '.join(row)}" for row in self.missing]
        lines += [f"  only {self.between[1]}: {' | '.join(row)}" for row in self.unexpected]
        return "\n".join(lines)


Rows: TypeAlias = pa.Table | Sequence[Mapping[str, Any]]


def difference(
    table: str, columns: Sequence[str], between: tuple[str, str], one: Rows, other: Rows
) -> Difference | None:
    """Return how two sets of rows differ, or None. Doubles are equal to nine digits, instants at any zone."""
    ones, others = Counter(_texts(one, columns)), Counter(_texts(other, columns))
    if ones == others:
        return None
    return Difference(
        table,
        between,
        tuple(columns),
        tuple(sorted((ones - others).elements())),
        tuple(sorted((others - ones).elements())),
    )


def _texts(rows: Rows, columns: Sequence[str]) -> Iterable[tuple[str, ...]]:
    mappings = rows.to_pylist() if isinstance(rows, pa.Table) else rows
    for row in mappings:
        lowered = {name.lower(): value for name, value in row.items()}
        yield tuple(_text(lowered[column.lower()]) for column in columns)


def _text(value: Any) -> str:
    match value:
        case None:
            return "NULL"
        case bool():
            return str(value).lower()
        case int() | Decimal():
            exact = f"{Decimal(value) or Decimal(0):f}"
            return exact.rstrip("0").rstrip(".") if "." in exact else exact
        case float():
            return f"{value + 0.0:.{_DIGITS_OF_DOUBLES}g}"
        case datetime.datetime():
            utc = value.astimezone(datetime.UTC) if value.tzinfo is not None else value
            return utc.isoformat(sep=" ", timespec="microseconds")
        case Mapping():
            return f"({', '.join(map(_text, value.values()))})"
        case tuple():
            return f"({', '.join(map(_text, value))})"
        case list():
            return f"[{', '.join(map(_text, value))}]"
    return str(value)
