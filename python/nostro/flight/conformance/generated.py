"""Predicates made from a table's own values, so that they find something, and just miss something."""

from __future__ import annotations

import math
import struct
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from nostro.flight.conformance.rows import values_in
from nostro.flight.literals import (
    BadLiteral,
    BinaryValues,
    BooleanValues,
    DateValues,
    DecimalValues,
    FloatingValues,
    GridValues,
    IntegerValues,
    Key,
    TimestampValues,
    TimeValues,
    UuidValues,
    Values,
)
from nostro.flight.protocol import Json

MOST_PICKED = 5
FAR_TIMESTAMPS = (
    "-0044-03-15T12:00:00",
    "12025-01-01T00:00:00",
    "300000-01-01T00:00:00",
    "-292270-01-01T00:00:00",
)
MILLISECONDS_PER_DAY = 86_400_000

# only what no reader of such a type could take for a value: a source may well read more than it has to
BAD_LITERALS: tuple[tuple[type[Values], tuple[str, ...]], ...] = (
    (BooleanValues, ("maybe", "")),
    (IntegerValues, ("twelve", "", "1.5.2")),
    (DecimalValues, ("twelve", "", "1.5.2")),
    (FloatingValues, ("twelve", "", "1.5.2")),
    (BinaryValues, ("%%%%", "A")),
    (DateValues, ("2025-13-01", "2025-02-30", "someday", "")),
    (TimeValues, ("25:00:00", "18:61:00", "noon", "")),
    (TimestampValues, ("2025-13-01T00:00:00", "someday", "")),
    (UuidValues, ("12151fd2", "", "z2151fd2-7586-11e9-8f9e-2a86e4085a59")),
)


@dataclass(frozen=True)
class Picked:
    """Some of a column's keys, in order, and some keys that it does not have."""

    column: str
    values: Values
    present: tuple[Key, ...]
    absent: tuple[Key, ...]

    def literal(self, key: Key) -> str:
        return self.values.format(key)

    @property
    def literals(self) -> list[str]:
        return [self.literal(key) for key in self.present]

    @property
    def absent_literals(self) -> list[str]:
        return [self.literal(key) for key in self.absent]

    def equal(self, *literals: str, null_allowed: bool = False) -> Json:
        return {"column": self.column, "null_allowed": null_allowed, "values": list(literals)}

    def within(self, *ranges: Json, null_allowed: bool = False) -> Json:
        return {"column": self.column, "null_allowed": null_allowed, "ranges": list(ranges)}


def pick(column: str, values: Values, rows: pa.Table) -> Picked:
    found: set[Any] = {key for key in keys_in(rows[column], values) if not is_nan(key)}
    keys = sorted(found)
    present = spread(keys)
    there = set(keys)
    absent = [
        key
        for picked in present
        for key in neighbours(picked, values)
        if key not in there and readable(key, values)
    ]
    return Picked(column, values, tuple(present), tuple(dict.fromkeys(absent))[:MOST_PICKED])


def keys_in(column: pa.ChunkedArray, values: Values) -> Iterator[Key]:
    return (key for key in keys_or_null(column, values) if key is not None)


def keys_or_null(column: pa.ChunkedArray, values: Values) -> list[Key | None]:
    return [None if value is None else key_of(value, values) for value in values_in(column)]


def key_of(value: Hashable, values: Values) -> Key:
    """The key of a value as `rows.plain` gives it, in which times are whole numbers already."""
    plain: Any = value
    if isinstance(values, DateValues):
        return int(plain // MILLISECONDS_PER_DAY if pa.types.is_date64(values.type) else plain)
    if isinstance(values, TimeValues | TimestampValues):
        return int(plain)
    return values.key(plain)


def spread(keys: Sequence[Any]) -> list[Any]:
    """Keys from the least to the greatest, evenly."""
    if len(keys) <= MOST_PICKED:
        return list(keys)
    return [keys[index * (len(keys) - 1) // (MOST_PICKED - 1)] for index in range(MOST_PICKED)]


def neighbours(key: Key, values: Values) -> list[Key]:
    if isinstance(values, UuidValues):
        assert isinstance(key, bytes)
        return [((int.from_bytes(key) + 1) % 2**128).to_bytes(16)]
    if isinstance(key, str):
        return [f"{key}x", f"x{key}"]
    if isinstance(key, bytes):
        return [key + b"\x00", b"\x7f" + key]
    if isinstance(values, FloatingValues):
        return [] if math.isinf(key) else [next_float(float(key), values)]
    assert isinstance(values, GridValues)
    return [near for near in (int(key) - 1, int(key) + 1) if values.least <= near <= values.greatest]


def next_float(value: float, values: FloatingValues) -> float:
    if not values.single:
        return math.nextafter(value, math.inf)
    bits = struct.unpack("<i", struct.pack("<f", value or 0.0))[0]
    return float(struct.unpack("<f", struct.pack("<i", bits + 1 if bits >= 0 else bits - 1))[0])


def readable(key: Key, values: Values) -> bool:
    """Whether the key has a literal: the end of a day and the infinities have none, or not everywhere."""
    if isinstance(key, float) and math.isinf(key):
        return False
    try:
        values.parse(values.format(key))
    except BadLiteral:
        return False
    return True


def is_nan(key: Key) -> bool:
    return isinstance(key, float) and math.isnan(key)


def span(low: str | None, high: str | None, *, inclusive: bool = True) -> Json:
    """A range, with both of its bounds inclusive or neither."""

    def bound(value: str | None) -> Json | None:
        return None if value is None else {"value": value, "inclusive": inclusive}

    return {"low": bound(low), "high": bound(high)}


def fine_literals(picked: Picked) -> list[str]:
    """Literals that the column's type cannot hold, next to values that are there, or outside of the type."""
    values = picked.values
    if isinstance(values, IntegerValues):
        return [str(values.greatest + 1), str(values.least - 1), "9" * 30, "-" + "9" * 30]
    if isinstance(values, DecimalValues):
        finer = [f"{text}{'' if '.' in text else '.'}5" for text in picked.literals]
        return [*finer, "1" + "0" * 40, "-1" + "0" * 40]
    if isinstance(values, TimeValues | TimestampValues):
        zone = "Z" if isinstance(values, TimestampValues) and values.zoned else ""
        far = FAR_TIMESTAMPS if isinstance(values, TimestampValues) else ()
        return [*finer_seconds(picked, zone), *(f"{text}{zone}" for text in far)]
    if isinstance(values, DateValues):
        return ["-0044-03-15", "12025-01-01"]
    if isinstance(values, FloatingValues):
        return [short_float(float(key), values) for key in picked.present if math.isfinite(float(key))]
    return []


def finer_seconds(picked: Picked, zone: str) -> list[str]:
    assert isinstance(picked.values, TimeValues | TimestampValues)
    digits = len(str(picked.values.units)) - 1
    dot = "" if digits else "."
    return [f"{text.removesuffix(zone)}{dot}5{zone}" for text in picked.literals] if digits < 9 else []


def short_float(value: float, values: FloatingValues) -> str:
    """The shortest text whose nearest number of the type is the value."""
    if values.single:
        for digits in range(1, 10):
            text = f"{value:.{digits}g}"
            if values.parse(text).key == value:
                return text
    return f"{value:.17E}"


def bad_literals(values: Values) -> tuple[str, ...]:
    return next((texts for kind, texts in BAD_LITERALS if isinstance(values, kind)), ())
