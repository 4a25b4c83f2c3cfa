"""The meaning of expressions, row by row: SQL's, as Trino has it. None is NULL."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pyarrow as pa

from nostro.flight.conformance.generated import is_nan
from nostro.flight.expression import Expression, LikePattern, Wildcard
from nostro.flight.literals import DecimalValues, Key, TimestampValues, TimeValues, Values

NANOSECONDS = 1_000_000_000


def comparable_value(key: Key, values: Values) -> Any:
    """A key as it compares with those of another column: decimals exact, times in one unit."""
    if isinstance(values, DecimalValues):
        return Fraction(int(key), 10**values.scale)
    if isinstance(values, TimeValues | TimestampValues):
        return int(key) * (NANOSECONDS // values.units)
    return bool(key) if pa.types.is_boolean(values.type) else key


def evaluate(node: Expression, row: Mapping[str, Any]) -> Any:
    """`row` has `comparable_value`s by column."""
    if node.column is not None:
        return row[node.column]
    if node.values is not None:
        assert node.key is not None
        return comparable_value(node.key, node.values)
    values = [evaluate(argument, row) for argument in node.arguments]
    match node.kind:
        case "and":
            return False if False in values else None if None in values else True
        case "or":
            return True if True in values else None if None in values else False
        case "is_null":
            return values[0] is None
        case "is_distinct_from":
            return is_distinct(*values)
        case "in":
            value, *candidates = values
            found = [None if value is None or other is None else value == other for other in candidates]
            return True if True in found else None if None in found else False
    return None if None in values else of_values(node, *values)


def is_distinct(left: Any, right: Any) -> bool:
    if left is None or right is None:
        return left is not right
    return not (left == right or (is_nan(left) and is_nan(right)))


def of_values(node: Expression, left: Any, right: Any = None) -> Any:
    match node.kind:
        case "not":
            return not left
        case "=":
            return left == right
        case "<>":
            return left != right
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case ">=":
            return left >= right
        case "like":
            assert node.pattern is not None
            return is_like(left, node.pattern)
        case "cast":
            return float(left) if pa.types.is_floating(node.type) else left
        case "negate":
            return -left
        case _ if node.floating:
            result = floating(node.kind, left, right)
            return single(result) if node.type == pa.float32() else result
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    raise AssertionError(node.kind)


def single(value: float) -> float:
    try:
        return float(struct.unpack("<f", struct.pack("<f", value))[0])
    except OverflowError:
        return math.copysign(math.inf, value)


def floating(kind: str, left: float, right: float) -> float:
    match kind:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/" if right != 0:
            return left / right
        case "/" if left == 0 or math.isnan(left):
            return math.nan
        case "/":
            return math.copysign(math.inf, left) * math.copysign(1, right)
        case _ if right == 0 or math.isinf(left) or math.isnan(left) or math.isnan(right):
            return math.nan
        case _:
            return math.fmod(left, right)


def is_like(text: str, pattern: LikePattern) -> bool:
    """Without recursion, as the patterns are made of a table's own texts, of any length."""
    starts = {0}
    for part in pattern.parts:
        if isinstance(part, Wildcard) and part.many:
            starts = set(range(min(starts, default=len(text) + 1), len(text) + 1))
        elif isinstance(part, Wildcard):
            starts = {start + 1 for start in starts if start < len(text)}
        else:
            starts = {start + 1 for start in starts if text[start : start + 1] == part}
    return len(text) in starts
