"""Predicates bound to a table's columns, in the three forms a source can use.

A predicate is a conjunction over columns; each column allows some values or intervals, and NULL or not. It
means what SQL means: a comparison with NULL or NaN is not true, text compares by code points, decimals and
instants compare exactly.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from nostro.flight.errors import InvalidRequest
from nostro.flight.literals import BadLiteral, FloatingValues, GridValues, Key, Place, Values
from nostro.flight.protocol import (
    BoundMessage,
    ColumnPredicateMessage,
    PredicateMessage,
    RangeMessage,
    listed,
)


@dataclass(frozen=True)
class Bound:
    key: Key
    inclusive: bool


@dataclass(frozen=True)
class Interval:
    """The keys between two bounds, at least one of which is there. NaN is in none."""

    low: Bound | None
    high: Bound | None


@dataclass(frozen=True)
class ColumnPredicate:
    """What one column may hold: NULL if `null_allowed`, anything else if `any_value`, else one of `keys` or
    something in one of `intervals`."""

    field: pa.Field
    values: Values
    null_allowed: bool
    any_value: bool
    keys: tuple[Key, ...]
    intervals: tuple[Interval, ...]

    @property
    def column(self) -> str:
        return str(self.field.name)

    def expression(self) -> pc.Expression:
        column = pc.field(self.column)
        compared = column if self.field.type == self.values.type else column.cast(self.values.type)
        parts = []
        if self.any_value:
            parts.append(column.is_valid())
        if self.keys:
            parts.append(self._any_key(compared))
        parts += [self._within(compared, interval) for interval in self.intervals]
        if self.null_allowed:
            parts.append(column.is_null(nan_is_null=False))
        return functools.reduce(operator.or_, parts) if parts else pc.scalar(False)

    def matches(self, value: Any) -> bool:
        if value is None:
            return self.null_allowed
        if self.any_value:
            return True
        key = self.values.key(value)
        return key in self.keys or any(holds(interval, key) for interval in self.intervals)

    def _any_key(self, compared: pc.Expression) -> pc.Expression:
        # is_in takes NaN for equal to itself and -0.0 for other than 0.0
        if len(self.keys) == 1 or isinstance(self.values, FloatingValues):
            return functools.reduce(operator.or_, [compared == self.values.scalar(key) for key in self.keys])
        # of scalars: Python's own dates end with the year 9999, and its times have no nanoseconds
        return compared.isin(pa.array([self.values.scalar(key) for key in self.keys], self.values.type))

    def _within(self, compared: pc.Expression, interval: Interval) -> pc.Expression:
        parts = []
        if interval.low is not None:
            low = self.values.scalar(interval.low.key)
            parts.append(compared >= low if interval.low.inclusive else compared > low)
        if interval.high is not None:
            high = self.values.scalar(interval.high.key)
            parts.append(compared <= high if interval.high.inclusive else compared < high)
        return functools.reduce(operator.and_, parts)


@dataclass(frozen=True)
class Predicate:
    columns: tuple[ColumnPredicate, ...]

    def expression(self) -> pc.Expression:
        """A pyarrow expression, for `Table.filter` or a dataset's scanner."""
        return functools.reduce(operator.and_, [column.expression() for column in self.columns])

    def matches(self, row: Mapping[str, Any]) -> bool:
        """Whether the row satisfies the predicate; its values are Python's own, as `to_pylist` gives them."""
        return all(column.matches(row[column.column]) for column in self.columns)

    @property
    def test(self) -> Callable[[Mapping[str, Any]], bool]:
        """`matches` as a plain function, for `filter`."""
        return self.matches

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.column for column in self.columns)


def holds(interval: Interval, key: Any) -> bool:
    if isinstance(key, float) and math.isnan(key):
        return False
    low, high = interval.low, interval.high
    return (low is None or key > low.key or (low.inclusive and key == low.key)) and (
        high is None or key < high.key or (high.inclusive and key == high.key)
    )


def bind(
    message: PredicateMessage | None, schema: pa.Schema, accepted: Mapping[str, Values]
) -> Predicate | None:
    """Read a predicate's literals by the columns' types; raises InvalidRequest.

    `accepted` are the columns that take predicates.
    """
    if message is None or not message.columns:
        return None
    bound: list[ColumnPredicate] = []
    for index, part in enumerate(message.columns):
        at = f"predicate.columns[{index}]"
        if part.column not in schema.names:
            raise InvalidRequest(f"{at}.column: no such column; accepted: {listed(schema.names)}")
        if part.column not in accepted:
            raise InvalidRequest(
                f"{at}.column: {part.column} takes no predicate; "
                f"accepted: {listed(tuple(accepted)) or 'none'}"
            )
        if any(other.column == part.column for other in bound):
            raise InvalidRequest(f"{at}.column: {part.column} is named twice")
        bound.append(bind_column(part, schema.field(part.column), accepted[part.column], at))
    return Predicate(tuple(bound))


def bind_column(part: ColumnPredicateMessage, field: pa.Field, values: Values, at: str) -> ColumnPredicate:
    places = [
        read_literal(text, values, field, f"{at}.values[{index}]")
        for index, text in enumerate(part.values or ())
    ]
    intervals = [
        read_range(range_, values, field, f"{at}.ranges[{index}]")
        for index, range_ in enumerate(part.ranges or ())
    ]
    keys = dict.fromkeys(place.key for place in places if place.exact and in_domain(place.key, values))
    return ColumnPredicate(
        field,
        values,
        part.null_allowed,
        any(
            interval is not None and interval.low is None and interval.high is None for interval in intervals
        ),
        tuple(keys),
        tuple(
            interval
            for interval in intervals
            if interval is not None and (interval.low is not None or interval.high is not None)
        ),
    )


def read_literal(text: str, values: Values, field: pa.Field, at: str) -> Place:
    try:
        return values.parse(text)
    except BadLiteral as error:
        raise InvalidRequest(f"{at}: not a literal of column {field.name} ({field.type}); {error}") from None


def in_domain(key: Key, values: Values) -> bool:
    if isinstance(key, float) and math.isnan(key):
        return False
    return not isinstance(values, GridValues) or values.least <= int(key) <= values.greatest


def read_range(message: RangeMessage, values: Values, field: pa.Field, at: str) -> Interval | None:
    """The interval of keys that the range means; None if it is empty."""

    def place(bound: BoundMessage | None, side: str) -> Place | None:
        return None if bound is None else read_literal(bound.value, values, field, f"{at}.{side}.value")

    low, high = place(message.low, "low"), place(message.high, "high")
    if any(isinstance(p.key, float) and math.isnan(p.key) for p in (low, high) if p is not None):
        return None
    if isinstance(values, GridValues):
        return grid_interval(message, low, high, values)
    return Interval(
        None if low is None or message.low is None else Bound(low.key, message.low.inclusive),
        None if high is None or message.high is None else Bound(high.key, message.high.inclusive),
    )


def grid_interval(
    message: RangeMessage, low: Place | None, high: Place | None, values: GridValues
) -> Interval | None:
    """On a grid every interval is closed; a bound that excludes nothing is dropped."""
    least, greatest = values.least, values.greatest
    if low is not None and message.low is not None:
        least = int(low.key) + (0 if low.exact and message.low.inclusive else 1)
    if high is not None and message.high is not None:
        greatest = int(high.key) - (1 if high.exact and not message.high.inclusive else 0)
    if least > greatest or least > values.greatest or greatest < values.least:
        return None
    return Interval(
        Bound(least, True) if least > values.least else None,
        Bound(greatest, True) if greatest < values.greatest else None,
    )
