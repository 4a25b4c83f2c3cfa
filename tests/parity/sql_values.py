"""Values of SQL types: as Arrow has them, as text for the server, and equal or not."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from nostro.functions.row_types import parts

_TYPES = {
    "bigint": pa.int64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "double": pa.float64(),
    "integer": pa.int32(),
    "real": pa.float32(),
    "smallint": pa.int16(),
    "tinyint": pa.int8(),
    "unknown": pa.null(),
    "varbinary": pa.binary(),
}
_UNITS = {0: "s", 3: "ms", 6: "us", 9: "ns"}
AGGREGATES_DIFFER_BY = 1e-9


def arrow_type(sql: str) -> pa.DataType:
    """Return the Arrow type of a type of SQL's without variables."""
    if sql in _TYPES:
        return _TYPES[sql]
    if sql.startswith(("varchar", "char")):
        return pa.string()
    if found := re.fullmatch(r"decimal\((\d+), ?(\d+)\)", sql):
        return pa.decimal128(int(found[1]), int(found[2]))
    if found := re.fullmatch(r"timestamp\((\d+)\)", sql):
        return pa.timestamp(_UNITS[int(found[1])])
    if found := re.fullmatch(r"array\((.*)\)", sql):
        return pa.list_(arrow_type(found[1]))
    if found := re.fullmatch(r"row\((.*)\)", sql):
        fields = [re.fullmatch(r'\s*"?([^"\s]+)"?\s+(.*)', part) for part in parts(found[1])]
        return pa.struct([(it[1], arrow_type(it[2])) for it in fields if it])
    if found := re.fullmatch(r"map\((.*)\)", sql):
        key, value = parts(found[1])
        return pa.map_(arrow_type(key), arrow_type(value.strip()))
    raise AssertionError(f"no Arrow type of {sql}")


def as_text(value: Any) -> Any:
    """Return a value as a JSON text or list of texts, which SQL's CAST reads."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list):
        return [as_text(item) for item in value]
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        named = {math.inf: "Infinity", -math.inf: "-Infinity"}
        return "NaN" if math.isnan(value) else named.get(value, repr(value))
    return str(value)


def plain(value: Any) -> Any:
    """Return a value of the server's client or of pyarrow in one form: rows and maps as tuples of values."""
    if isinstance(value, Mapping):
        return tuple(plain(item) for item in value.values())
    if isinstance(value, tuple):
        return tuple(plain(item) for item in value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def of_scalar(scalar: pa.Scalar) -> Any:
    """Return a scalar's value in the form of :func:`plain`."""
    if not scalar.is_valid:
        return None
    if pa.types.is_map(scalar.type):
        return tuple(plain(value) for _, value in scalar.as_py())
    return plain(scalar.as_py())


def are_equal(left: Any, right: Any, tolerance: float = 0.0) -> bool:
    """Tell whether two values are equal, numbers up to a relative tolerance; NaN equals NaN."""
    if isinstance(left, float) and isinstance(right, float):
        if math.isnan(left) or math.isnan(right):
            return math.isnan(left) and math.isnan(right)
        if left == right:
            return tolerance > 0 or math.copysign(1, left) == math.copysign(1, right)
        return abs(left - right) <= tolerance * max(abs(left), abs(right))
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(
            are_equal(one, other, tolerance) for one, other in zip(left, right, strict=True)
        )
    return type(left) is type(right) and bool(left == right)


def variables_of(types: tuple[str, ...]) -> Iterator[str]:
    """Yield the variables of declared types: `p` and `s` of `decimal(p,s)`."""
    for type_ in types:
        for base, parameters in re.findall(r"(varchar|char|decimal|timestamp)\(([^()]*)\)", type_):
            if base == "decimal":
                yield from (name.strip() for name in parameters.split(",") if not name.strip().isdigit())
