"""Rows of arguments for a signature: what examples take, the same a little changed, edges of types, NULL."""

from __future__ import annotations

import math
import random
import re
import string
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.parity.calls_in_sql import EvaluatedCall

from nostro.functions.catalogue import Function, Signature

EXAMPLES_SHARE = 0.6
CHANGED_SHARE = 0.15
NULL_SHARE = 0.08
DECIMALS = ((9, 2), (12, 4), (18, 6), (25, 3), (38, 10))
TEXTS = ("", " ", "ÄÖÜß", "€𝄞\u200b", "\x00", "a" * 300, "NULL", "EUR", "2025-05-02", "-1", "' OR 1=1 --")
DOUBLES = (0.0, -0.0, 1.0, -1.0, 1e-300, 1e300, 0.1, math.inf, -math.inf, math.nan, 5e-324)
INTEGERS = (0, 1, -1, 2, 7, 12, 365, 2**31 - 1, -(2**31), 2**63 - 1, -(2**63))
# Trino's client reads no date after the year 9999, which a function of one shortly before may give.
DATES = (
    date(1970, 1, 1),
    date(2024, 2, 29),
    date(1900, 1, 1),
    date(2100, 12, 31),
    date(1, 1, 1),
    date(9990, 12, 31),
)


@dataclass(frozen=True)
class Signed:
    """A signature with numbers in the place of its variables, and the rows of its arguments."""

    types: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass
class Pool:
    """The values that the examples give an argument of a name, by name and kind of type."""

    values: dict[tuple[str, str], list[Any]] = field(default_factory=lambda: defaultdict(list))
    constants: set[tuple[str, str]] = field(default_factory=set)

    def add(self, function: Function, calls: Iterable[EvaluatedCall]) -> None:
        """Take in what a function's examples call it with."""
        for call in calls:
            names = next(
                it for it in function.signatures if len(it.arguments) == len(call.types)
            ).argument_names
            for index, (name, type_) in enumerate(zip(names, call.types, strict=True)):
                self.values[name, kind(type_)].extend(
                    row[index] for row in call.rows if row[index] is not None
                )
                if function.kind == "aggregate" and call.constants[index]:
                    self.constants.add((function.name, name))


def kind(type_: str) -> str:
    """The name of a type without its numbers; that of numbers is one."""
    base = re.split(r"[ (]", type_, maxsplit=1)[0]
    if base == "array":
        return f"array of {kind(type_[len('array(') :])}"
    return (
        "number"
        if base in {"bigint", "decimal", "double", "integer", "real", "smallint", "tinyint"}
        else base
    )


def rows_of(
    function: Function, signature: Signature, pool: Pool, count: int, generator: random.Random
) -> Signed:
    """Return rows of arguments; an aggregate's are such as examples have, which its parameters accept."""
    variables: dict[str, int] = {}
    types = tuple(_with_numbers(type_, variables, generator) for type_ in signature.arguments)
    is_aggregate = function.kind == "aggregate"
    columns = []
    for name, type_ in zip(signature.argument_names, types, strict=True):
        known = pool.values[name, kind(type_)]
        if (function.name, name) in pool.constants and known:
            columns.append([of_type(generator.choice(known), type_)] * count)
        else:
            columns.append([_value(type_, known, is_aggregate, generator) for _ in range(count)])
    return Signed(types, tuple(zip(*columns, strict=True)))


def of_type(value: Any, type_: str) -> Any:
    """Return a value of the examples as one of the type."""
    base = re.split(r"[ (]", type_, maxsplit=1)[0]
    if base == "array":
        return [None if item is None else of_type(item, type_[len("array(") : -1]) for item in value]
    if base == "decimal":
        precision, scale = map(int, re.findall(r"\d+", type_))
        scaled = round(Decimal(str(value)) * 10**scale) if math.isfinite(value) else 0
        limit = 10**precision - 1
        return Decimal(max(-limit, min(limit, scaled))).scaleb(-scale)
    if base == "double":
        return float(value)
    if base in {"bigint", "integer"}:
        return int(value) if math.isfinite(value) else 0
    if base == "timestamp" and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)
    return value


def _with_numbers(type_: str, variables: dict[str, int], generator: random.Random) -> str:
    if not re.search(r"\([^()]*[a-z]", type_.removeprefix("array")):
        return type_
    if type_.startswith("array("):
        return f"array({_with_numbers(type_[len('array(') : -1], variables, generator)})"
    if type_.startswith("varchar"):
        return "varchar"
    precision, scale = re.fullmatch(r"decimal\((\w+), ?(\w+)\)", type_).groups()  # type: ignore[union-attr]
    chosen = generator.choice(DECIMALS)
    for name, number in zip((precision, scale), chosen, strict=True):
        if not name.isdigit():
            variables.setdefault(name, number)
    whole = int(precision) if precision.isdigit() else variables[precision]
    return f"decimal({whole},{int(scale) if scale.isdigit() else min(variables[scale], whole)})"


def _value(type_: str, known: Sequence[Any], is_aggregate: bool, generator: random.Random) -> Any:
    drawn = generator.random()
    if drawn < NULL_SHARE:
        return None
    if known and (is_aggregate or drawn < EXAMPLES_SHARE):
        return of_type(generator.choice(known), type_)
    if known and drawn < EXAMPLES_SHARE + CHANGED_SHARE:
        return _changed(of_type(generator.choice(known), type_), generator)
    return _edge(type_, is_aggregate, generator)


def _changed(value: Any, generator: random.Random) -> Any:
    match value:
        case str():
            place = generator.randrange(len(value) + 1)
            character = generator.choice(string.digits + string.ascii_uppercase + " -")
            return generator.choice(
                (value[:place] + character + value[place + 1 :], value[:place], value.lower())
            )
        case bool():
            return not value
        case int():
            return max(-(2**31), min(2**31 - 1, value + generator.randint(-3, 3)))
        case float():
            return value * generator.choice((1.01, -1.0, 0.5))
        case datetime() | date():
            days = timedelta(days=generator.randint(-400, 400))
            return value + days if date(10, 1, 1) < date(value.year, 1, 1) < date(9990, 1, 1) else value
        case list():
            return [*value, *value[:1]]
    return value


def _edge(type_: str, is_aggregate: bool, generator: random.Random) -> Any:
    base = re.split(r"[ (]", type_, maxsplit=1)[0]
    match base:
        case "varchar":
            return generator.choice(TEXTS)
        case "double":
            return generator.uniform(-100, 100) if is_aggregate else generator.choice(DOUBLES)
        case "bigint":
            return generator.randint(0, 50) if is_aggregate else generator.choice(INTEGERS)
        case "integer":
            return generator.choice([number for number in INTEGERS if abs(number) < 2**31])
        case "boolean":
            return generator.random() < 0.5
        case "date":
            return generator.choice(DATES[:4] if is_aggregate else DATES)
        case "timestamp":
            return datetime(2025, 1, 1) + timedelta(microseconds=generator.randrange(10**13))
        case "decimal":
            precision, scale = map(int, re.findall(r"\d+", type_))
            digits = generator.randint(1, min(precision, 12) if is_aggregate else precision)
            return Decimal(generator.randint(-(10**digits) + 1, 10**digits - 1)).scaleb(-scale)
        case "array":
            inner = type_[len("array(") : -1]
            return [_edge(inner, is_aggregate, generator) for _ in range(generator.randint(0, 5))]
    raise AssertionError(f"no values of {type_}")
