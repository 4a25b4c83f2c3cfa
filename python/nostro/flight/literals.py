"""Literals of predicates: text that is read by the column's Arrow type.

A column that can be compared has `Values`: they turn a literal into a *key*, a plain Python value whose order
is the column's order under SQL. Booleans, whole numbers, decimals, dates, times and timestamps lie on a grid
and their keys are integers (an unscaled decimal, days, units since midnight or since 1970); a literal between
two points of the grid (a millisecond against a column of seconds) keeps its exact meaning, as `parse` says.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import decimal
import math
import re
import struct
import uuid
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from nostro.flight.column_types import declared_type

Key = int | float | str | bytes

EPOCH_ORDINAL = datetime.date(1970, 1, 1).toordinal()
SECONDS_PER_DAY = 86_400
UNITS_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}

LEAST_SINGLE = 2.0**-149

INTEGER = re.compile(r"-?[0-9]{1,80}", re.ASCII)
DECIMAL = re.compile(r"(-?)([0-9]{1,80})(?:\.([0-9]{1,80}))?", re.ASCII)
FLOATING = re.compile(r"-?[0-9]{1,400}(?:\.[0-9]{0,400})?(?:[eE][+-]?[0-9]{1,4})?", re.ASCII)
DATE = re.compile(r"([+-]?[0-9]{4,9})-([0-9]{2})-([0-9]{2})", re.ASCII)
TIME = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,12}))?", re.ASCII)

DAYS_IN_MONTH = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

EXACT_DECIMALS = decimal.Context(prec=200)


class BadLiteral(ValueError):
    """The text is not a literal of the type; the message says what is accepted."""


@dataclass(frozen=True)
class Place:
    """Where a literal lies: at `key`, or, if not `exact`, between `key` and the next one."""

    key: Key
    exact: bool = True


class Values(ABC):
    """The values of one comparable Arrow type; `type` is the type that comparisons are computed in."""

    type: pa.DataType

    def __init__(self, type: pa.DataType) -> None:
        self.type = type

    @abstractmethod
    def parse(self, text: str) -> Place:
        """Read a literal; raises BadLiteral."""

    @abstractmethod
    def format(self, key: Key) -> str:
        """The literal of a key."""

    @abstractmethod
    def key(self, value: Any) -> Key:
        """The key of a Python value as `pyarrow.Scalar.as_py` gives it."""

    def scalar(self, key: Key) -> pa.Scalar:
        return pa.scalar(key, self.type)


class GridValues(Values):
    """Values that are whole numbers of a unit, from `least` to `greatest`."""

    least: int
    greatest: int

    def __init__(self, type: pa.DataType, least: int, greatest: int) -> None:
        super().__init__(type)
        self.least = least
        self.greatest = greatest


class BooleanValues(GridValues):
    def __init__(self) -> None:
        super().__init__(pa.bool_(), 0, 1)

    def parse(self, text: str) -> Place:
        if text not in ("true", "false"):
            raise BadLiteral("accepted: true, false")
        return Place(int(text == "true"))

    def format(self, key: Key) -> str:
        return "true" if key else "false"

    def key(self, value: Any) -> Key:
        return int(value)

    def scalar(self, key: Key) -> pa.Scalar:
        return pa.scalar(bool(key))


class IntegerValues(GridValues):
    def __init__(self, type: pa.DataType) -> None:
        bits = type.bit_width
        if pa.types.is_unsigned_integer(type):
            super().__init__(type, 0, 2**bits - 1)
        else:
            super().__init__(type, -(2 ** (bits - 1)), 2 ** (bits - 1) - 1)

    def parse(self, text: str) -> Place:
        if not INTEGER.fullmatch(text):
            raise BadLiteral("accepted: a whole number such as -12")
        return Place(int(text))

    def format(self, key: Key) -> str:
        return str(key)

    def key(self, value: Any) -> Key:
        return int(value)


class DecimalValues(GridValues):
    """Keys are unscaled values."""

    def __init__(self, precision: int, scale: int) -> None:
        super().__init__(pa.decimal128(precision, scale), -(10**precision) + 1, 10**precision - 1)
        self.precision = precision
        self.scale = scale

    def parse(self, text: str) -> Place:
        match = DECIMAL.fullmatch(text)
        if not match:
            raise BadLiteral("accepted: a plain decimal number such as -12.50")
        sign, whole, fraction = match[1], match[2], match[3] or ""
        places = max(len(fraction), self.scale)
        unscaled = int(whole + fraction.ljust(places, "0")) * (-1 if sign else 1)
        key, rest = divmod(unscaled, 10 ** (places - self.scale))
        return Place(key, rest == 0)

    def format(self, key: Key) -> str:
        return f"{self._decimal(key):f}"

    def key(self, value: Any) -> Key:
        return int(decimal.Decimal(value).scaleb(self.scale, EXACT_DECIMALS))

    def scalar(self, key: Key) -> pa.Scalar:
        return pa.scalar(self._decimal(key), self.type)

    def _decimal(self, key: Key) -> decimal.Decimal:
        return decimal.Decimal(int(key)).scaleb(-self.scale, EXACT_DECIMALS)


class DateValues(GridValues):
    """Keys are days since 1970-01-01."""

    def __init__(self, type: pa.DataType) -> None:
        super().__init__(type, -(2**31), 2**31 - 1)

    def parse(self, text: str) -> Place:
        match = DATE.fullmatch(text)
        days = match and days_of(int(match[1]), int(match[2]), int(match[3]))
        if days is None:
            raise BadLiteral("accepted: a date such as 2025-05-02")
        return Place(days)

    def format(self, key: Key) -> str:
        return date_text(int(key))

    def key(self, value: Any) -> Key:
        return int(value.toordinal()) - EPOCH_ORDINAL

    def scalar(self, key: Key) -> pa.Scalar:
        return pa.scalar(
            int(key) * (SECONDS_PER_DAY * 1000 if pa.types.is_date64(self.type) else 1), self.type
        )


class TimeValues(GridValues):
    """Keys are the type's units since midnight."""

    def __init__(self, type: pa.DataType) -> None:
        self.units = UNITS_PER_SECOND[type.unit]
        super().__init__(type, 0, SECONDS_PER_DAY * self.units)

    def parse(self, text: str) -> Place:
        match = TIME.fullmatch(text)
        place = match and time_place(match, self.units)
        if not place:
            raise BadLiteral("accepted: a time such as 18:00:00.123456")
        return place

    def format(self, key: Key) -> str:
        return time_text(int(key), self.units)

    def key(self, value: Any) -> Key:
        return units_of_time(value, self.units)


class TimestampValues(GridValues):
    """Keys are the type's units since 1970-01-01T00:00:00, which is UTC if the type has a time zone."""

    def __init__(self, type: pa.DataType) -> None:
        self.units = UNITS_PER_SECOND[type.unit]
        self.zoned = type.tz is not None
        super().__init__(type, -(2**63), 2**63 - 1)

    def parse(self, text: str) -> Place:
        date_part, separator, time_part = text.partition("T")
        if self.zoned and time_part.endswith("Z"):
            time_part = time_part[:-1]
        elif self.zoned:
            separator = ""
        date_match, time_match = DATE.fullmatch(date_part), TIME.fullmatch(time_part)
        days = date_match and days_of(int(date_match[1]), int(date_match[2]), int(date_match[3]))
        time = time_match and time_place(time_match, self.units)
        if not separator or days is None or not time:
            example = "2025-05-02T16:00:00.123456"
            raise BadLiteral(
                f"accepted: an instant in UTC such as {example}Z"
                if self.zoned
                else f"accepted: a timestamp without zone such as {example}"
            )
        return Place(days * SECONDS_PER_DAY * self.units + int(time.key), time.exact)

    def format(self, key: Key) -> str:
        days, rest = divmod(int(key), SECONDS_PER_DAY * self.units)
        return f"{date_text(days)}T{time_text(rest, self.units)}{'Z' if self.zoned else ''}"

    def key(self, value: Any) -> Key:
        instant = value.astimezone(datetime.UTC) if self.zoned else value
        days = int(instant.toordinal()) - EPOCH_ORDINAL
        return days * SECONDS_PER_DAY * self.units + units_of_time(instant, self.units)


class FloatingValues(Values):
    """Keys are Python floats; those of a 32-bit column are rounded to it."""

    def __init__(self, type: pa.DataType) -> None:
        super().__init__(type)
        self.single = type.bit_width == 32

    def parse(self, text: str) -> Place:
        if text in ("NaN", "Infinity", "-Infinity"):
            return Place(float(text.replace("Infinity", "inf")))
        if not FLOATING.fullmatch(text):
            raise BadLiteral("accepted: a number such as 1.5E-3, NaN, Infinity, -Infinity")
        value = float(text)
        if self.single:
            try:
                value = struct.unpack("<f", struct.pack("<f", value))[0]
            except OverflowError:
                value = math.copysign(math.inf, value)
        if math.isinf(value):
            raise BadLiteral(f"the number is too large for {self.type}")
        return Place(value)

    def format(self, key: Key) -> str:
        if isinstance(key, float) and (math.isnan(key) or math.isinf(key)):
            return "NaN" if math.isnan(key) else "Infinity" if key > 0 else "-Infinity"
        return repr(key)

    def key(self, value: Any) -> Key:
        return float(value)


class TextValues(Values):
    """Python compares text as the protocol does: by Unicode code points."""

    def parse(self, text: str) -> Place:
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            raise BadLiteral("accepted: text that UTF-8 can hold, so no half of a surrogate pair") from None
        return Place(text)

    def format(self, key: Key) -> str:
        return str(key)

    def key(self, value: Any) -> Key:
        return str(value)


class BinaryValues(Values):
    def parse(self, text: str) -> Place:
        try:
            return Place(base64.b64decode(text.encode("ascii"), validate=True))
        except (binascii.Error, UnicodeEncodeError):
            raise BadLiteral("accepted: bytes in base64") from None

    def format(self, key: Key) -> str:
        assert isinstance(key, bytes)
        return base64.b64encode(key).decode("ascii")

    def key(self, value: Any) -> Key:
        return bytes(value)


class UuidValues(Values):
    """Keys are the 16 bytes, which order as the text does."""

    def __init__(self) -> None:
        super().__init__(pa.binary(16))

    def parse(self, text: str) -> Place:
        if not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text):
            raise BadLiteral("accepted: a UUID in lower case such as 12151fd2-7586-11e9-8f9e-2a86e4085a59")
        return Place(uuid.UUID(text).bytes)

    def format(self, key: Key) -> str:
        assert isinstance(key, bytes)
        return str(uuid.UUID(bytes=key))

    def key(self, value: Any) -> Key:
        return value.bytes if isinstance(value, uuid.UUID) else bytes(value)


def values_of(field: pa.Field) -> Values | None:
    """How the column's literals are read; None if its type takes no predicate.

    `char` (whose comparison ignores trailing spaces), `json`, half floats, decimals over 38 digits, intervals
    and nested types take none. Dictionary-encoded columns compare by their values.
    """
    type = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    declared = declared_type(field)
    if declared in ("char", "json"):
        return None
    if declared == "uuid":
        storage = getattr(type, "storage_type", type)
        return UuidValues() if storage == pa.binary(16) else None
    if pa.types.is_boolean(type):
        return BooleanValues()
    if pa.types.is_integer(type):
        return IntegerValues(type)
    if pa.types.is_decimal(type) and type.precision <= 38 and type.scale >= 0:
        return DecimalValues(type.precision, type.scale)
    if pa.types.is_date(type):
        return DateValues(type)
    if pa.types.is_time(type):
        return TimeValues(type)
    if pa.types.is_timestamp(type):
        return TimestampValues(type)
    if pa.types.is_float32(type) or pa.types.is_float64(type):
        return FloatingValues(type)
    if pa.types.is_string(type) or pa.types.is_large_string(type) or pa.types.is_string_view(type):
        return TextValues(pa.large_string() if pa.types.is_large_string(type) else pa.string())
    if pa.types.is_binary(type) or pa.types.is_large_binary(type) or pa.types.is_binary_view(type):
        return BinaryValues(pa.large_binary() if pa.types.is_large_binary(type) else pa.binary())
    if pa.types.is_fixed_size_binary(type):
        return BinaryValues(pa.binary())
    return None


def next_single(value: float, sign: int) -> float:
    """The float of 32 bits after this one upwards (sign 1) or downwards (-1); infinity after the last."""
    if value == 0:
        return sign * LEAST_SINGLE
    if value == sign * math.inf:
        return value
    (bits,) = struct.unpack("<i", struct.pack("<f", value))
    bits += sign if value > 0 else -sign
    return float(struct.unpack("<f", struct.pack("<i", bits))[0])


def days_of(year: int, month: int, day: int) -> int | None:
    """Days since 1970-01-01 of a date of the proleptic Gregorian calendar, or None; it has a year 0."""
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if not 1 <= month <= 12 or not 1 <= day <= DAYS_IN_MONTH[month - 1] + (leap and month == 2):
        return None
    cycles, year_of_cycle = divmod(year - 1, 400)
    return datetime.date(year_of_cycle + 1, month, day).toordinal() - EPOCH_ORDINAL + cycles * 146_097


def date_text(days: int) -> str:
    cycles, ordinal = divmod(days + EPOCH_ORDINAL - 1, 146_097)
    date = datetime.date.fromordinal(ordinal + 1)
    year = date.year + cycles * 400
    return f"{'-' if year < 0 else ''}{abs(year):04}-{date.month:02}-{date.day:02}"


def time_place(match: re.Match[str], units: int) -> Place | None:
    hour, minute, second = int(match[1]), int(match[2]), int(match[3])
    if hour > 23 or minute > 59 or second > 59:
        return None
    picoseconds = int((match[4] or "").ljust(12, "0"))
    fraction, rest = divmod(picoseconds, 10**12 // units)
    return Place((hour * 3600 + minute * 60 + second) * units + fraction, rest == 0)


def time_text(value: int, units: int) -> str:
    seconds, fraction = divmod(value, units)
    hours, seconds = divmod(seconds, 3600)
    digits = len(str(units)) - 1
    return f"{hours:02}:{seconds // 60:02}:{seconds % 60:02}" + (f".{fraction:0{digits}}" if digits else "")


def units_of_time(value: Any, units: int) -> int:
    nanoseconds = (
        (value.hour * 3600 + value.minute * 60 + value.second) * 10**9
        + value.microsecond * 1000
        + getattr(value, "nanosecond", 0)
    )
    return int(nanoseconds // (10**9 // units))
