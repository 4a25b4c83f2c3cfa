"""Trino's division and average in DuckDB, whose own give doubles of decimals."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from duckdb.func import ARROW, SPECIAL

from nostro.duckdb.macros import of_told_type
from nostro.duckdb.result_types import structure_of

DIVIDE = "trino_divide"
AVERAGE = "trino_average"
_MOST_DIGITS = 38
_INTEGERS = {pa.int8(): 3, pa.int16(): 5, pa.int32(): 10, pa.int64(): 19}


def register_arithmetic(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the macros trino_divide(dividend, divisor) and trino_average(sum, count, any value)."""
    macros: dict[str, tuple[tuple[str, ...], Callable[..., pa.DataType], Callable[..., pa.Array]]] = {
        DIVIDE: (("dividend", "divisor"), _quotient_type, _divide),
        AVERAGE: (("total", "row_count", "witness"), _average_type, _average),
    }
    for name, (parameters, type_of, value_of) in macros.items():
        connection.create_function(
            f"{name}_type", _telling(type_of), None, "VARCHAR", type=ARROW, null_handling=SPECIAL
        )
        connection.create_function(
            f"{name}_text", _texts(value_of), None, "VARCHAR", type=ARROW, null_handling=SPECIAL
        )
        listed = ", ".join(parameters)
        typed = of_told_type(f"{name}_text({listed})", f"{name}_type", parameters)
        connection.execute(f"CREATE MACRO {name}({listed}) AS {typed}")


def _telling(type_of: Callable[..., pa.DataType]) -> Callable[..., pa.Array]:
    def told(*columns: pa.ChunkedArray) -> pa.Array:
        type_ = type_of(*(column.type.value_type for column in columns))
        return pa.repeat(json.dumps(structure_of(type_)), len(columns[0]))

    return told


def _texts(value_of: Callable[..., pa.Array]) -> Callable[..., pa.Array]:
    def texts(*columns: pa.ChunkedArray) -> pa.Array:
        values = value_of(*(column.combine_chunks() for column in columns))
        if pa.types.is_decimal(values.type):
            return pa.array([None if it is None else f"{it:f}" for it in values.to_pylist()], pa.string())
        return values.cast(pa.string())

    return texts


def _quotient_type(dividend: pa.DataType, divisor: pa.DataType) -> pa.DataType:
    """The type of a quotient: Trino's documentation, Decimal functions and operators."""
    if any(map(pa.types.is_floating, (dividend, divisor))):
        only_real = not any(it == pa.float64() or pa.types.is_decimal(it) for it in (dividend, divisor))
        return pa.float32() if only_real else pa.float64()
    if not any(map(pa.types.is_decimal, (dividend, divisor))):
        known = [it for it in (dividend, divisor) if it in _INTEGERS]
        return max(known, key=lambda it: _INTEGERS[it], default=pa.int64())
    precision, scale = _digits(dividend)
    _, divisor_scale = _digits(divisor)
    digits = precision + divisor_scale + max(0, divisor_scale - scale)
    return pa.decimal128(min(_MOST_DIGITS, digits), max(scale, divisor_scale))


def _digits(type_: pa.DataType) -> tuple[int, int]:
    if pa.types.is_decimal(type_):
        return type_.precision, type_.scale
    return _INTEGERS.get(type_, 1), 0


def _divide(dividends: pa.Array, divisors: pa.Array) -> pa.Array:
    type_ = _quotient_type(dividends.type, divisors.type)
    if pa.types.is_floating(type_):
        return pc.divide(dividends.cast(type_), divisors.cast(type_))
    pairs = zip(dividends.to_pylist(), divisors.to_pylist(), strict=True)
    if pa.types.is_decimal(type_):
        return pa.array([_rounded(one, other, type_.scale) for one, other in pairs], type_)
    return pa.array([_truncated(one, other) for one, other in pairs], type_)


def _truncated(dividend: int | None, divisor: int | None) -> int | None:
    if dividend is None or divisor is None:
        return None
    if divisor == 0:
        raise ZeroDivisionError("DIVISION_BY_ZERO: Division by zero")
    quotient = abs(dividend) // abs(divisor)
    return quotient if (dividend < 0) == (divisor < 0) else -quotient


def _rounded(dividend: Any, divisor: Any, scale: int) -> Decimal | None:
    """A quotient with half of the last digit rounded away from zero."""
    if dividend is None or divisor is None:
        return None
    if divisor == 0:
        raise ZeroDivisionError("DIVISION_BY_ZERO: Division by zero")
    one, one_scale = _unscaled(dividend)
    other, other_scale = _unscaled(divisor)
    numerator = abs(one) * 10 ** (scale + other_scale)
    denominator = abs(other) * 10**one_scale
    digits = (2 * numerator + denominator) // (2 * denominator)
    return Decimal((int((one < 0) != (other < 0)), _tuple(digits), -scale))


def _unscaled(value: Any) -> tuple[int, int]:
    sign, digits, exponent = Decimal(value).as_tuple()
    number = int("".join(map(str, digits)) or "0")
    assert isinstance(exponent, int)
    return (-number if sign else number) * 10 ** max(exponent, 0), max(-exponent, 0)


def _tuple(number: int) -> tuple[int, ...]:
    return tuple(map(int, str(number)))


def _average_type(_total: pa.DataType, _row_count: pa.DataType, witness: pa.DataType) -> pa.DataType:
    if pa.types.is_decimal(witness):
        return witness
    return pa.float32() if witness == pa.float32() else pa.float64()


def _average(totals: pa.Array, row_counts: pa.Array, witnesses: pa.Array) -> pa.Array:
    type_ = _average_type(totals.type, row_counts.type, witnesses.type)
    counted: Sequence[tuple[Any, Any]] = [
        (total, count or None)
        for total, count in zip(totals.to_pylist(), row_counts.to_pylist(), strict=True)
    ]
    if pa.types.is_decimal(type_):
        return pa.array([_rounded(total, count, type_.scale) for total, count in counted], type_)
    return pa.array(
        [None if total is None or count is None else float(total) / count for total, count in counted], type_
    )
