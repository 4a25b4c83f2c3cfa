"""Python values as Arrow arrays, strictly: what pyarrow would round, cut or shift to fit is refused.

`pyarrow.array` makes 1 of 1.5, a date of an instant and an infinite `float32` of a large number. Here a value
either is in the array as it was or is a BadValue.
"""

from __future__ import annotations

import datetime
import decimal
import math
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from nostro.flight.errors import shorten
from nostro.flight.literals import (
    DATE,
    EPOCH_ORDINAL,
    SECONDS_PER_DAY,
    TIME,
    UNITS_PER_SECOND,
    days_of,
    time_place,
    units_of_time,
)

SHOWN_CHARACTERS = 40
"""Of a value that is refused, in the message."""

NUMBER = re.compile(r"[+-]?[0-9]{1,80}(?:\.[0-9]{0,80})?(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
UUID_TEXT = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
TIMESTAMP = re.compile(
    r"(?P<date>[0-9-]{10,16})[T ](?P<time>[0-9:.]{8,21})"
    r"(?:(?P<utc>Z)|(?P<sign>[+-])(?P<hours>[0-9]{2})(?::?(?P<minutes>[0-9]{2})(?::?(?P<seconds>[0-9]{2}))?)?)?",
    re.ASCII,
)


class BadValue(ValueError):
    """A value is not one of the type; `index` is its place among the values, the message says what it is and
    what is accepted."""

    def __init__(self, message: str, index: int = 0) -> None:
        super().__init__(message)
        self.index = index


@dataclass(frozen=True)
class _Conversion:
    """How values of a type are taken: those of the classes `plain` as they are, others converted."""

    plain: frozenset[type]
    convert: Callable[[Any], Any]
    accepted: str


class _Refused(Exception):
    """The value is not accepted."""


def check_type(type: pa.DataType, what: str) -> None:
    """Raises ValueError for a type that values cannot be converted to; `what` names the column."""
    if _conversion(type) is None:
        raise ValueError(
            f"{what}: {type} is not supported; accepted: boolean, integers, float32, float64, decimals of up "
            "to 38 digits, string, binary, date32, times, timestamps, uuid, and lists and structs of them"
        )


def array_of(values: Sequence[Any], type: pa.DataType) -> pa.Array:
    """The values, None being NULL, as an array of the type; raises BadValue."""
    conversion = _conversion(type)
    if conversion is None:
        raise BadValue(f"{type} is not supported")
    if not set(map(_class_of, values)) <= conversion.plain:
        values = _converted(values, conversion)
    array = _built(values, type, conversion)
    if pa.types.is_float32(type):
        _check_singles(array, values, conversion)
    return array


def _class_of(value: Any) -> type:
    return value.__class__  # type: ignore[no-any-return]


def _converted(values: Sequence[Any], conversion: _Conversion) -> list[Any]:
    converted = []
    for index, value in enumerate(values):
        try:
            converted.append(None if value is None else conversion.convert(value))
        except BadValue as error:
            raise BadValue(str(error), index) from None
        except (_Refused, ValueError, OverflowError, decimal.InvalidOperation):
            raise BadValue(_message(value, conversion), index) from None
    return converted


def _built(values: Sequence[Any], type: pa.DataType, conversion: _Conversion) -> pa.Array:
    try:
        return pa.array(values, type)
    except (pa.ArrowException, ValueError, OverflowError, TypeError):
        for index, value in enumerate(values):
            try:
                pa.array([value], type)
            except (pa.ArrowException, ValueError, OverflowError, TypeError):
                raise BadValue(_message(value, conversion), index) from None
        raise


def _check_singles(array: pa.Array, values: Sequence[Any], conversion: _Conversion) -> None:
    """A double stands for a number of single precision if it is one, or the shortest text of one."""
    doubles = pa.array(values, pa.float64())
    exact = pc.or_(
        pc.equal(array.cast(pa.float64()), doubles),
        pc.equal(array.cast(pa.string()).cast(pa.float64()), doubles),
    )
    good = pc.fill_null(pc.or_(exact, pc.is_nan(doubles)), True)
    if good.false_count:
        index = good.to_pylist().index(False)
        raise BadValue(_message(values[index], conversion), index)


def _message(value: Any, conversion: _Conversion) -> str:
    return f"{shorten(repr(value), SHOWN_CHARACTERS)} ({type(value).__name__}) is not {conversion.accepted}"


def _plain(*classes: type) -> frozenset[type]:
    return frozenset((*classes, type(None)))


def _conversion(type: pa.DataType) -> _Conversion | None:
    if pa.types.is_boolean(type):
        return _Conversion(_plain(bool), _boolean, "true or false")
    if pa.types.is_integer(type):
        return _Conversion(_plain(int), _integer, f"a whole number that fits {type}")
    if pa.types.is_float32(type) or pa.types.is_float64(type):
        return _Conversion(_plain(float), _floating, f"a number that {type} holds")
    if pa.types.is_decimal(type) and type.precision <= 38 and 0 <= type.scale <= type.precision:
        wanted = (
            f"a number of up to {type.precision - type.scale} digits before and {type.scale} after the point"
        )
        return _Conversion(_plain(decimal.Decimal, int), _decimal, wanted)
    if isinstance(type, pa.UuidType):
        return _Conversion(_plain(), _uuid, "a UUID")
    if pa.types.is_string(type) or pa.types.is_large_string(type):
        return _Conversion(_plain(str), _refuse, "text")
    if pa.types.is_binary(type) or pa.types.is_large_binary(type):
        return _Conversion(_plain(bytes), _binary, "bytes")
    if pa.types.is_date32(type):
        return _Conversion(_plain(datetime.date), _date, "a date such as 2025-05-02")
    if pa.types.is_time(type):
        units = UNITS_PER_SECOND[type.unit]
        return _Conversion(
            _plain(), lambda value: _time(value, units), f"a time without zone, in whole {type.unit}"
        )
    if pa.types.is_timestamp(type):
        units, zoned = UNITS_PER_SECOND[type.unit], type.tz is not None
        wanted = f"a timestamp {'with' if zoned else 'without'} time zone, in whole {type.unit}"
        return _Conversion(_plain(), lambda value: _timestamp(value, units, zoned), wanted)
    if pa.types.is_list(type):
        return _list_conversion(type.value_type)
    if pa.types.is_struct(type):
        return _struct_conversion(type)
    return None


def _list_conversion(item: pa.DataType) -> _Conversion | None:
    inner = _conversion(item)

    def convert(value: Any) -> list[Any]:
        if not isinstance(value, list | tuple):
            raise _Refused
        return [scalar.as_py() for scalar in array_of(value, item)]

    return inner and _Conversion(_plain(), convert, f"a list, each item {inner.accepted}")


def _struct_conversion(type: pa.DataType) -> _Conversion | None:
    fields = list(type)
    if not fields or any(_conversion(field.type) is None for field in fields):
        return None

    def convert(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _Refused
        converted = {}
        for field in fields:
            try:
                (converted[field.name],) = array_of([value.get(field.name)], field.type).to_pylist()
            except BadValue as error:
                raise BadValue(f"in its field {field.name}, {error}") from None
        return converted

    return _Conversion(_plain(), convert, f"an object with the fields {', '.join(f.name for f in fields)}")


def _refuse(value: Any) -> Any:
    raise _Refused


def _boolean(value: Any) -> bool:
    if isinstance(value, bool) or (isinstance(value, int) and value in (0, 1)):
        return bool(value)
    raise _Refused


def _integer(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, decimal.Decimal) and value == value.to_integral_value():
        return int(value)
    raise _Refused


def _floating(value: Any) -> float:
    """The nearest number of double precision."""
    if isinstance(value, bool) or not isinstance(value, float | int | decimal.Decimal):
        raise _Refused
    nearest = float(value)
    if math.isinf(nearest) and not isinstance(value, float) and abs(value) != decimal.Decimal("Infinity"):
        raise _Refused
    return nearest


def _decimal(value: Any) -> decimal.Decimal:
    """A float stands for the shortest number that is nearest to it, as its text does."""
    if isinstance(value, float):
        value = repr(value)
    if isinstance(value, str):
        if not NUMBER.fullmatch(value):
            raise _Refused
        return decimal.Decimal(value)
    if isinstance(value, decimal.Decimal | int) and not isinstance(value, bool):
        return decimal.Decimal(value)
    raise _Refused


def _binary(value: Any) -> bytes:
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    raise _Refused


def _uuid(value: Any) -> bytes:
    if isinstance(value, uuid.UUID):
        return value.bytes
    if isinstance(value, str) and UUID_TEXT.fullmatch(value):
        return uuid.UUID(value).bytes
    raise _Refused


def _date(value: Any) -> int:
    if isinstance(value, datetime.datetime):
        if value.tzinfo is not None or value.time() != datetime.time():
            raise _Refused
        return value.toordinal() - EPOCH_ORDINAL
    if isinstance(value, datetime.date):
        return value.toordinal() - EPOCH_ORDINAL
    if isinstance(value, str) and (days := _days(value)) is not None:
        return days
    raise _Refused


def _days(text: str) -> int | None:
    match = DATE.fullmatch(text)
    return days_of(int(match[1]), int(match[2]), int(match[3])) if match else None


def _time(value: Any, units: int) -> int:
    if isinstance(value, datetime.time) and value.tzinfo is None:
        return _whole_units(value, units)
    if isinstance(value, str):
        match = TIME.fullmatch(value)
        place = match and time_place(match, units)
        if place and place.exact:
            return int(place.key)
    raise _Refused


def _timestamp(value: Any, units: int, zoned: bool) -> int:
    if isinstance(value, datetime.datetime) and (value.tzinfo is not None) == zoned:
        seconds = 0
        if value.tzinfo is not None:
            offset = value.utcoffset() or datetime.timedelta()
            if offset.microseconds:
                raise _Refused
            seconds = offset.days * SECONDS_PER_DAY + offset.seconds
        days = value.toordinal() - EPOCH_ORDINAL
        return (days * SECONDS_PER_DAY - seconds) * units + _whole_units(value, units)
    match = TIMESTAMP.fullmatch(value) if isinstance(value, str) else None
    if match and (match["utc"] is not None or match["sign"] is not None) == zoned:
        day, time = _days(match["date"]), TIME.fullmatch(match["time"])
        place = time and time_place(time, units)
        if day is not None and place and place.exact:
            return (day * SECONDS_PER_DAY - _offset_seconds(match)) * units + int(place.key)
    raise _Refused


def _offset_seconds(match: re.Match[str]) -> int:
    seconds = int(match["hours"] or 0) * 3600 + int(match["minutes"] or 0) * 60 + int(match["seconds"] or 0)
    return -seconds if match["sign"] == "-" else seconds


def _whole_units(value: datetime.time | datetime.datetime, units: int) -> int:
    nanoseconds = value.microsecond * 1000 + getattr(value, "nanosecond", 0)
    if nanoseconds % (10**9 // units):
        raise _Refused
    return units_of_time(value, units)
