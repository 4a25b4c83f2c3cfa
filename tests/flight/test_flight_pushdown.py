"""Expressions, aggregates and orders mean the same in DuckDB's SQL as in Trino's."""

from __future__ import annotations

import datetime
import json
import math
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Context, Decimal
from functools import cmp_to_key
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyarrow import flight

from nostro.flight import (
    Applies,
    FunctionSource,
    InvalidRequest,
    MemorySource,
    Source,
    SourceClient,
    duckdb_pushdown,
)
from nostro.flight.aggregation import Aggregation, bind_aggregation, bind_order, comparable
from nostro.flight.duckdb import DuckDBSource
from nostro.flight.duckdb_sql import quoted
from nostro.flight.expression import KINDS, bind_expression
from nostro.flight.protocol import AggregationMessage, ExpressionMessage, SortItemMessage

Served = Callable[[Source], SourceClient]
Json = dict[str, Any]
Row = dict[str, Any]

EXACT = Context(prec=100)


def float32(value: float) -> float:
    try:
        return float(struct.unpack("<f", struct.pack("<f", value))[0])
    except OverflowError:
        return math.copysign(math.inf, value)


FLOATS = st.sampled_from(
    [0.0, -0.0, 1.0, -2.5, 0.1, math.inf, -math.inf, math.nan, 1.7e308, -1.7e308, 5e-324]
) | st.floats(-100, 100)
SINGLES = st.sampled_from(
    [0.0, -0.0, 1.0, -2.5, math.inf, -math.inf, math.nan, float32(3.4e38), float32(-3.4e38), float32(0.1)]
) | st.floats(-100, 100, width=32)
TEXTS = st.sampled_from(
    ["", "a", "A", "ab", "a%b", "a_b", "é", "e\u0301", "😀", "\\", "a\nb", "\x00", "ß"]
) | st.text(st.characters(codec="utf-8"), max_size=3)
DECIMALS = st.decimals(Decimal("-9999999.99"), Decimal("9999999.99"), places=2)
FINE_DECIMALS = st.sampled_from(
    [Decimal("99999999999999.9999"), Decimal("-99999999999999.9999")]
) | st.decimals(Decimal("-999.9999"), Decimal("999.9999"), places=4)
INTEGERS = st.integers(-(2**31), 2**31 - 1) | st.integers(-3, 3)
BIGINTS = st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3)
DAYS = st.dates(datetime.date(2024, 12, 30), datetime.date(2025, 1, 2))
INSTANTS = st.datetimes(datetime.datetime(2025, 1, 1), datetime.datetime(2025, 1, 1, 0, 0, 1)).map(
    lambda value: value.replace(tzinfo=datetime.UTC)
)

COLUMNS: dict[str, tuple[pa.DataType, st.SearchStrategy[Any]]] = {
    "d": (pa.float64(), FLOATS),
    "e": (pa.float64(), FLOATS),
    "f": (pa.float32(), SINGLES),
    "g": (pa.float32(), SINGLES),
    "m": (pa.decimal128(9, 2), DECIMALS),
    "w": (pa.decimal128(18, 4), FINE_DECIMALS),
    "i": (pa.int32(), INTEGERS),
    "l": (pa.int64(), BIGINTS),
    "t": (pa.string(), TEXTS),
    "u": (pa.string(), TEXTS),
    "b": (pa.bool_(), st.booleans()),
    "day": (pa.date32(), DAYS),
    "at": (pa.timestamp("us", "UTC"), INSTANTS),
}
SCHEMA = pa.schema({name: type for name, (type, _) in COLUMNS.items()})
SINGLE_COLUMNS = {name for name, (type, _) in COLUMNS.items() if type == pa.float32()}
ROWS = st.lists(
    st.fixed_dictionaries({name: st.none() | values for name, (_, values) in COLUMNS.items()}),
    max_size=10,
)
SQL_COLUMNS = {name: quoted(name) for name in COLUMNS}


def column(name: str) -> Json:
    return {"kind": "column", "column": name}


def literal(type: str, value: str) -> Json:
    return {"kind": "literal", "type": type, "value": value}


def call(kind: str, *arguments: Json, **more: str) -> Json:
    return {"kind": kind, "arguments": list(arguments), **more}


def is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def float_text(value: float) -> str:
    return "NaN" if math.isnan(value) else str(value).replace("inf", "Infinity")


def numbers(names: tuple[str, str], type: str, values: st.SearchStrategy[float]) -> st.SearchStrategy[Json]:
    leaves = st.sampled_from(names).map(column) | values.map(lambda value: literal(type, float_text(value)))
    return st.recursive(
        leaves,
        lambda inner: (
            st.builds(call, st.sampled_from("+-*/%"), inner, inner)
            | inner.map(lambda value: call("negate", value))
        ),
        max_leaves=3,
    )


DOUBLES = numbers(("d", "e"), "double", FLOATS) | st.sampled_from(["f", "g", "i", "l"]).map(
    lambda name: call("cast", column(name), type="double")
)
REALS = numbers(("f", "g"), "real", SINGLES)
SUMS = st.one_of(
    st.builds(lambda kind: call(kind, column("m"), column("w")), st.sampled_from("+-")),
    st.just(call("cast", column("m"), type="decimal(19,4)")),
    st.just(call("negate", call("cast", column("w"), type="decimal(19,4)"))),
    FINE_DECIMALS.map(lambda value: literal("decimal(19,4)", f"{value:f}")),
)
PRODUCTS = st.just(call("*", column("m"), column("w"))) | DECIMALS.map(
    lambda value: literal("decimal(27,6)", f"{value / 7:.6f}")
)
WHOLE = st.sampled_from([column("l"), call("cast", column("i"), type="bigint")]) | BIGINTS.map(
    lambda value: literal("bigint", str(value))
)
WORDS = st.sampled_from(["t", "u"]).map(column) | TEXTS.map(lambda value: literal("varchar", value))
DATES = st.just(column("day")) | DAYS.map(lambda value: literal("date", value.isoformat()))
MOMENTS = st.just(column("at")) | INSTANTS.map(
    lambda value: literal("timestamp(6) with time zone", value.replace(tzinfo=None).isoformat() + "Z")
)
WIDENED = st.sampled_from(["m", "w", "i"]).map(
    lambda name: call("cast", column(name), type="decimal(18,4)")
) | FINE_DECIMALS.map(lambda value: literal("decimal(18,4)", f"{value:f}"))
TYPED = [WIDENED, DOUBLES, REALS, SUMS, PRODUCTS, WHOLE, WORDS, DATES, MOMENTS]
COMPARISONS = ["=", "<>", "<", "<=", ">", ">=", "is_distinct_from"]


@st.composite
def patterns(draw: st.DrawFn) -> list[Json]:
    escape = draw(st.none() | st.sampled_from(["\\", "#", "é", "%", "a"]))
    pieces = draw(st.lists(st.sampled_from(["%", "_", "a", "b", "é", "\\", "😀", "\x00"]), max_size=4))
    if escape is None:
        return [literal("varchar", "".join(pieces))]
    text = "".join(
        escape + piece if piece == escape or (piece in "%_" and draw(st.booleans())) else piece
        for piece in pieces
    )
    return [literal("varchar", text), literal("varchar", escape)]


@st.composite
def atoms(draw: st.DrawFn) -> Json:
    match draw(st.sampled_from(["comparison", "in", "like", "is_null", "flag"])):
        case "comparison":
            values = draw(st.sampled_from(TYPED))
            return call(draw(st.sampled_from(COMPARISONS)), draw(values), draw(values))
        case "in":
            values = draw(st.sampled_from(TYPED))
            return call("in", draw(values), *draw(st.lists(values, min_size=1, max_size=3)))
        case "like":
            return call("like", column(draw(st.sampled_from(["t", "u"]))), *draw(patterns()))
        case "is_null":
            return call("is_null", draw(st.sampled_from(TYPED).flatmap(lambda values: values)))
        case _:
            return column("b")


CONDITIONS = st.recursive(
    atoms(),
    lambda inner: (
        st.builds(
            lambda kind, parts: call(kind, *parts),
            st.sampled_from(["and", "or"]),
            st.lists(inner, min_size=1, max_size=3),
        )
        | inner.map(lambda value: call("not", value))
        | st.builds(call, st.sampled_from(["=", "<>", "is_distinct_from"]), inner, inner)
    ),
    max_leaves=5,
)


def meaning(node: Json, row: Row) -> Any:
    """The value of an expression by SQL's rules, as Trino has them; None is NULL."""
    kind = node["kind"]
    if kind == "column":
        value = row[node["column"]]
        return Single(value) if value is not None and node["column"] in SINGLE_COLUMNS else value
    if kind == "literal":
        return literal_meaning(node["type"], node["value"])
    values = [meaning(argument, row) for argument in node["arguments"]]
    match kind:
        case "and":
            return False if False in values else None if None in values else True
        case "or":
            return True if True in values else None if None in values else False
        case "is_null":
            return values[0] is None
        case "is_distinct_from":
            left, right = values
            if left is None or right is None:
                return left is not right
            return not (left == right or (is_nan(left) and is_nan(right)))
        case "in":
            value, *candidates = values
            found = [None if value is None or other is None else bool(value == other) for other in candidates]
            return True if True in found else None if None in found else False
    if None in values:
        return None
    match kind, *values:
        case "not", value:
            return not value
        case "=", left, right:
            return left == right
        case "<>", left, right:
            return left != right
        case "<", left, right:
            return left < right
        case "<=", left, right:
            return left <= right
        case ">", left, right:
            return left > right
        case ">=", left, right:
            return left >= right
        case "like", text, pattern, *escape:
            return like(text, pattern, escape[0] if escape else None)
        case "cast", value:
            return float(value) if node["type"] == "double" else value
        case "negate", value:
            return Single(-value) if isinstance(value, Single) else -value
        case _, left, right:
            if isinstance(left, Single):
                return Single(float32(floating(kind, left, right)))
            return floating(kind, left, right) if isinstance(left, float) else exact(kind, left, right)
    raise AssertionError(kind)


class Single(float):
    """A number of 32 bits; as exact in 64 bits, it is computed with there and then rounded."""


def literal_meaning(type: str, text: str) -> Any:
    match type:
        case "double":
            return float(text)
        case "real":
            return Single(float32(float(text)))
        case "bigint":
            return int(text)
        case "varchar":
            return text
        case "date":
            return datetime.date.fromisoformat(text)
        case _:
            return datetime.datetime.fromisoformat(text) if type.startswith("timestamp") else Decimal(text)


def floating(kind: str, left: float, right: float) -> float:
    match kind:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/" if right == 0:
            return (
                math.nan
                if left == 0 or is_nan(left)
                else math.copysign(math.inf, left) * math.copysign(1, right)
            )
        case "/":
            return left / right
        case _:
            return math.fmod(left, right) if right != 0 and not math.isinf(left) else math.nan


def exact(kind: str, left: Decimal, right: Decimal) -> Decimal:
    operation = {"+": EXACT.add, "-": EXACT.subtract, "*": EXACT.multiply}[kind]
    return operation(left, right)


def like(text: str, pattern: str, escape: str | None) -> bool:
    if not pattern:
        return not text
    first, rest = pattern[0], pattern[1:]
    if first == escape:
        return text[:1] == rest[0] and like(text[1:], rest[1:], escape)
    if first == "%":
        return any(like(text[start:], rest, escape) for start in range(len(text) + 1))
    return bool(text) and first in ("_", text[0]) and like(text[1:], rest, escape)


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": "1"}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


def loaded(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> None:
    table = pa.table(
        {
            "row": pa.array(range(len(rows)), pa.int64()),
            **{name: pa.array([row[name] for row in rows], type) for name, (type, _) in COLUMNS.items()},
        }
    )
    connection.register("given", table)
    connection.execute("CREATE OR REPLACE TEMP TABLE rows AS SELECT * FROM given")
    connection.unregister("given")


def as_is(value: Any) -> Any:
    """Comparable with `==`, and so that NaN is equal to itself."""
    if isinstance(value, float):
        return "NaN" if math.isnan(value) else value
    return value


@example(
    [{**dict.fromkeys(COLUMNS), "f": 1.0}],
    call("<", literal("real", "NaN"), call("negate", column("f"))),
)
@settings(max_examples=250)
@given(rows=ROWS, condition=CONDITIONS)
def test_conditions_mean_what_sql_says(
    database: duckdb.DuckDBPyConnection, rows: list[Row], condition: Json
) -> None:
    bound = bind_expression(ExpressionMessage.from_json(condition), SCHEMA, comparable(SCHEMA), KINDS)
    assert bound is not None
    sql = duckdb_pushdown.condition(bound, SQL_COLUMNS)
    loaded(database, rows)
    answer = database.execute(f"SELECT {sql.text} FROM rows ORDER BY row", list(sql.parameters)).fetchall()
    assert [value for (value,) in answer] == [meaning(condition, row) for row in rows]


@pytest.mark.parametrize(
    ("node", "wanted"),
    [
        (call("=", column("ms"), column("ns")), [False, True, None]),
        (call("<", column("ns"), column("ms")), [True, False, None]),
        (call("is_distinct_from", column("ms"), column("ns")), [True, False, True]),
        (
            call("in", column("ns"), column("ms"), literal("timestamp(9)", "1970-01-01T00:00:00")),
            [True, True, None],
        ),
        (call("<", column("ns"), literal("timestamp(9)", "2999-12-31T23:59:59")), [True, True, None]),
        (
            call("<>", column("at"), literal("timestamp(9) with time zone", "2999-12-31T23:59:59Z")),
            [False, True, True],
        ),
    ],
)
def test_timestamps_compare_whatever_their_unit(
    database: duckdb.DuckDBPyConnection, node: Json, wanted: list[bool | None]
) -> None:
    """Those of 2999 do not fit into 64 bits of nanoseconds, to which DuckDB would cast them."""
    schema = pa.schema({"ms": pa.timestamp("ms"), "ns": pa.timestamp("ns"), "at": pa.timestamp("us", "UTC")})
    far, near = datetime.datetime(2999, 12, 31, 23, 59, 59), datetime.datetime(1970, 1, 1)
    rows = pa.table(
        {"ms": [far, near, far], "ns": [near, near, None], "at": [far, near, near]}, schema=schema
    )
    bound = bind_expression(ExpressionMessage.from_json(node), schema, comparable(schema), KINDS)
    assert bound is not None
    sql = duckdb_pushdown.condition(bound, {name: quoted(name) for name in schema.names})
    database.register("given", rows)
    answer = database.execute(f"SELECT {sql.text} FROM given", list(sql.parameters)).fetchall()
    database.unregister("given")
    assert [value for (value,) in answer] == wanted


UNITS = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
FAR = 253_402_214_400  # 9999-12-31, which 64 bits of nanoseconds do not hold
INFINITE = 2**63 - 1


def timestamp_values(unit: str) -> list[int | None]:
    """In units since 1970."""
    units = UNITS[unit]
    second = 1_735_689_600 * units
    far = [] if unit == "ns" else [FAR * units, -FAR * units]
    infinite = [INFINITE, -INFINITE] if unit in ("us", "ns") else []
    return [None, 0, -1, second, second + 1, *far, *infinite]


def time_values(unit: str) -> list[int | None]:
    units = UNITS[unit]
    return [None, 0, 1, 36_000 * units, 36_000 * units + 1, 86_400 * units - 1]


def time_of(unit: str) -> pa.DataType:
    return pa.time32(unit) if unit in ("s", "ms") else pa.time64(unit)


def numbers_as(values: Sequence[int | None], type: pa.DataType) -> pa.Array:
    return pa.array(values, pa.int32() if type.bit_width == 32 else pa.int64()).cast(type)


def nanoseconds(value: int | None, unit: str) -> int | None:
    return None if value is None else value * (10**9 // UNITS[unit])


@pytest.mark.parametrize("right", UNITS)
@pytest.mark.parametrize("left", UNITS)
@pytest.mark.parametrize(
    ("type", "values", "name"),
    [
        (pa.timestamp, timestamp_values, "timestamp({})"),
        (lambda unit: pa.timestamp(unit, "UTC"), timestamp_values, "timestamp({}) with time zone"),
        (time_of, time_values, "time({})"),
    ],
    ids=["timestamp", "instant", "time"],
)
def test_every_unit_compares_with_every_other(
    database: duckdb.DuckDBPyConnection,
    type: Callable[[str], pa.DataType],
    values: Callable[[str], list[int | None]],
    name: str,
    left: str,
    right: str,
) -> None:
    """By number, as Python compares."""
    pairs = [(one, other) for one in values(left) for other in values(right)]
    schema = pa.schema({"l": type(left), "r": type(right)})
    sides = zip(zip(*pairs, strict=True), schema.types, strict=True)
    database.register("given", pa.table([numbers_as(side, type) for side, type in sides], schema=schema))
    rows = [{"l": nanoseconds(one, left), "r": nanoseconds(other, right)} for one, other in pairs]
    zone = "Z" if name.endswith("zone") else ""
    text = "10:00:00" if name.startswith("time(") else f"2025-01-01T00:00:00{zone}"
    constant = literal(name.format(9), text)
    number = (36_000 if name.startswith("time(") else 1_735_689_600) * 10**9
    one, other = column("l"), column("r")
    nodes = [call(kind, one, side) for kind in COMPARISONS for side in (other, constant)]
    nodes += [call("not", node) for node in nodes]
    nodes += [call("in", one, other, constant), call("in", other, constant, one)]
    for node in nodes:
        bound = bind_expression(ExpressionMessage.from_json(node), schema, comparable(schema), KINDS)
        assert bound is not None
        sql = duckdb_pushdown.condition(bound, {name: quoted(name) for name in schema.names})
        answer = database.execute(f"SELECT {sql.text} FROM given", list(sql.parameters)).fetchall()
        counted = json.loads(json.dumps(node).replace(json.dumps(constant), json.dumps(column("constant"))))
        assert [value for (value,) in answer] == [
            meaning(counted, {**row, "constant": number}) for row in rows
        ], node
    database.unregister("given")


ARITHMETIC_EDGES: list[tuple[str, float, float]] = [
    (kind, left, right)
    for kind in "+-*/%"
    for left in (math.inf, -0.0, 1.7e308, 5e-324, math.nan)
    for right in (0.0, -0.0, math.inf, 1.7e308, -3.0)
]


@pytest.mark.parametrize("type", ["double", "real"])
def test_arithmetic_of_floating_point_is_that_of_ieee(database: duckdb.DuckDBPyConnection, type: str) -> None:
    loaded(database, [dict.fromkeys(COLUMNS)])
    for kind, *operands in ARITHMETIC_EDGES:
        left, right = map(float32, operands) if type == "real" else operands
        node = call(kind, literal(type, float_text(left)), literal(type, float_text(right)))
        bound = bind_expression(
            ExpressionMessage.from_json(call("is_null", node)), SCHEMA, comparable(SCHEMA), KINDS
        )
        assert bound is not None
        sql = duckdb_pushdown.condition(bound.arguments[0], SQL_COLUMNS)
        ((value,),) = database.execute(f"SELECT {sql.text}", list(sql.parameters)).fetchall()
        wanted = meaning(node, {})
        assert as_is(value) == as_is(float(wanted)), (kind, left, right)
        assert math.isnan(wanted) or math.copysign(1, value) == math.copysign(1, wanted), (kind, left, right)


LITERAL = literal("bigint", "1")


@pytest.mark.parametrize(
    ("node", "reason"),
    [
        (column("nothing"), "no such column"),
        (column("l"), "accepted: a condition"),
        (call("+", column("l"), LITERAL), "two numbers of type real or double"),
        (call("/", column("m"), column("w")), "two numbers of type real or double"),
        (call("=", column("l"), column("i")), "two arguments of one type"),
        (call("=", column("l")), "two arguments of one type"),
        (call("and"), "conditions"),
        (call("and", column("l")), "conditions"),
        (call("not", column("b"), column("b")), "one condition"),
        (call("in", column("l")), "a value and others"),
        (call("cast", column("l"), type="integer"), "a cast that loses nothing"),
        (call("cast", column("d"), type="real"), "a cast that loses nothing"),
        (call("cast", column("m"), type="decimal(9,3)"), "a cast that loses nothing"),
        (call("cast", column("m"), type="interval"), "no type of a literal"),
        (call("like", column("t"), column("u")), "literals as the pattern"),
        (call("like", column("t"), literal("varchar", "a#"), literal("varchar", "#")), "after the escape"),
        (call("like", column("t"), literal("varchar", "#a"), literal("varchar", "#")), "after the escape"),
        (call("like", column("t"), literal("varchar", "a"), literal("varchar", "##")), "one character"),
        (call("like", column("l"), LITERAL), "a text, a pattern"),
        (literal("bigint", "x"), "not a literal of type bigint"),
        (literal("decimal(3,1)", "0.05"), "cannot hold it exactly"),
        (literal("decimal(39,0)", "1"), "no type of a literal"),
        ({"kind": "literal", "type": "bigint"}, "the text of a literal"),
        (call("lower", column("t")), "'lower' is not evaluated"),
        (call("*", column("m"), column("w")), "a condition"),
        (call("*", call("*", column("m"), column("w")), column("w")), "has up to 38 digits"),
        (
            call("=", column("m"), call("*", literal("decimal(30,0)", "1"), column("m"))),
            "has up to 38 digits",
        ),
    ],
)
def test_expressions_that_are_refused(node: Json, reason: str) -> None:
    with pytest.raises(InvalidRequest, match=reason):
        bind_expression(ExpressionMessage.from_json(node), SCHEMA, comparable(SCHEMA), KINDS)


FUNCTIONS = {
    "count": list(COLUMNS),
    "count_distinct": list(COLUMNS),
    "min": [name for name in COLUMNS if name != "b"],
    "max": [name for name in COLUMNS if name != "b"],
    "sum": ["d", "f", "m", "w", "i", "l"],
    "avg": ["d", "f", "i", "l"],
}


def group_key(value: Any) -> Any:
    return as_is(value + 0.0 if isinstance(value, float) else value)


def aggregated(function: str, name: str | None, rows: Sequence[Row]) -> Any:
    if name is None:
        return len(rows)
    values = [row[name] for row in rows if row[name] is not None]
    match function:
        case "count":
            return len(values)
        case "count_distinct":
            return len({group_key(value) for value in values})
        case _ if not values:
            return None
        case "min" | "max":
            real = [value for value in values if not is_nan(value)]
            return group_key((min if function == "min" else max)(real) if real else values[0])
        case "sum" if name in ("d", "f"):
            return total(values)
        case "sum":
            return sum(values[1:], values[0])
        case _:
            return total([float(value) for value in values]) / len(values)


def total(values: Sequence[float]) -> float:
    result = 0.0
    for value in values:
        result += value
    return result


def about(value: float | None, wanted: float | None, single: bool, terms: Sequence[float]) -> bool:
    """Whether a sum of floating point is right, but for its order."""
    if value is None or wanted is None:
        return value is None and wanted is None
    wanted = float32(wanted) if single else wanted
    largest = max([1.0, *(abs(term) for term in terms if math.isfinite(term))])
    if largest > 1e300 or (single and largest > 1e37):
        return True
    if math.isnan(wanted) or math.isinf(wanted):
        return bool(as_is(value) == as_is(wanted))
    return math.isclose(
        value, wanted, rel_tol=1e-5 if single else 1e-9, abs_tol=largest * (1e-5 if single else 1e-9)
    )


@st.composite
def aggregations(draw: st.DrawFn) -> Json:
    groups = draw(st.lists(st.sampled_from(list(COLUMNS)), max_size=2, unique=True))
    parts: list[tuple[str, str | None]] = draw(
        st.lists(
            st.just(("count", None))
            | st.sampled_from([(function, name) for function, names in FUNCTIONS.items() for name in names]),
            min_size=0 if groups else 1,
            max_size=4,
        )
    )
    return {
        "group_by": groups,
        "aggregates": [
            {"function": function, "column": name, "output": f"o{index}"}
            for index, (function, name) in enumerate(parts)
        ],
    }


def bound_aggregation(message: Json) -> Aggregation:
    bound = bind_aggregation(
        AggregationMessage.from_json(message), SCHEMA, comparable(SCHEMA), tuple(FUNCTIONS)
    )
    assert bound is not None
    return bound


@settings(max_examples=150)
@given(rows=ROWS, message=aggregations())
def test_aggregates_mean_what_trino_says(
    database: duckdb.DuckDBPyConnection, rows: list[Row], message: Json
) -> None:
    aggregation = bound_aggregation(message)
    loaded(database, rows)
    names = [field.name for field in aggregation.group_by]
    groups: dict[tuple[Any, ...], list[Row]] = {} if names else {(): rows}
    for row in rows if names else ():
        groups.setdefault(tuple(group_key(row[name]) for name in names), []).append(row)
    selected = [quoted(name) for name in names] + [
        duckdb_pushdown.aggregate(part, part.column and quoted(part.column))
        for part in aggregation.aggregates
    ]
    query = f"SELECT {', '.join(selected)} FROM rows"
    if names:
        query += f" GROUP BY {', '.join(str(index + 1) for index in range(len(names)))}"
    sums = {
        part.output.name: [aggregated("sum", part.column, group) for group in groups.values()]
        for part in aggregation.aggregates
        if part.function == "sum" and part.column in ("i", "l")
    }
    if any(
        value is not None and not -(2**63) <= value < 2**63 for values in sums.values() for value in values
    ):
        with pytest.raises(duckdb.ConversionException):
            database.execute(query).fetchall()
        return
    answer = database.execute(query).fetchall()
    assert len(answer) == len(groups)
    for found in answer:
        group = groups[tuple(group_key(value) for value in found[: len(names)])]
        for part, value in zip(aggregation.aggregates, found[len(names) :], strict=True):
            wanted = aggregated(part.function, part.column, group)
            if part.column is not None and part.function in ("sum", "avg") and isinstance(wanted, float):
                terms = [float(row[part.column]) for row in group if row[part.column] is not None]
                assert about(value, wanted, part.column == "f", terms), part
            else:
                assert group_key(value) == wanted, part


@pytest.mark.parametrize(
    ("values", "total", "average"),
    [
        ([3.4e38, 3.4e38], math.inf, 3.4e38),
        ([-3.4e38, -3.4e38], -math.inf, -3.4e38),
        ([math.inf, -math.inf], math.nan, math.nan),
        ([math.nan, 1.0], math.nan, math.nan),
        ([1e-45], 1e-45, 1e-45),
        ([0.1, 0.2, 0.3], 0.6, 0.2),
        ([], None, None),
    ],
)
def test_sums_of_real_are_rounded_once_and_may_be_infinite(
    database: duckdb.DuckDBPyConnection, values: list[float], total: float | None, average: float | None
) -> None:
    loaded(database, [{**dict.fromkeys(COLUMNS), "f": float32(value)} for value in values])
    parts = bound_aggregation(
        {
            "group_by": [],
            "aggregates": [{"function": f, "column": "f", "output": f} for f in ("sum", "avg")],
        }
    ).aggregates
    selected = ", ".join(duckdb_pushdown.aggregate(part, '"f"') for part in parts)
    (found,) = database.execute(f"SELECT {selected} FROM rows").fetchall()
    wanted = (total, average)
    assert [as_is(value) for value in found] == [as_is(w if w is None else float32(w)) for w in wanted]


def trino_order(left: Any, right: Any, *, descending: bool, nulls_first: bool) -> int:
    def rank(value: Any) -> int:
        """Of NULL and NaN before or after other values."""
        if value is None:
            return 0 if nulls_first else 4
        if not is_nan(value):
            return 2
        return (3 if descending else 1) if nulls_first else (1 if descending else 3)

    if rank(left) != rank(right) or rank(left) != 2:
        return rank(left) - rank(right)
    return (int(left > right) - int(left < right)) * (-1 if descending else 1)


@settings(max_examples=100)
@given(
    rows=ROWS,
    items=st.lists(
        st.tuples(st.sampled_from(list(COLUMNS)), st.booleans(), st.booleans()), min_size=1, max_size=3
    ),
    limit=st.integers(1, 12),
)
def test_orders_are_trinos(
    database: duckdb.DuckDBPyConnection, rows: list[Row], items: list[tuple[str, bool, bool]], limit: int
) -> None:
    bound = bind_order(tuple(SortItemMessage(*item) for item in items), SCHEMA, comparable(SCHEMA), limit)
    loaded(database, rows)

    def compare(left: Row, right: Row) -> int:
        for name, descending, nulls_first in items:
            found = trino_order(left[name], right[name], descending=descending, nulls_first=nulls_first)
            if found:
                return found
        return 0

    ordered = sorted(rows, key=cmp_to_key(compare))[:limit]
    order = duckdb_pushdown.order_by(bound, SQL_COLUMNS, SCHEMA)
    answer = database.execute(f"SELECT row FROM rows ORDER BY {order} LIMIT {limit}").fetchall()
    found = [rows[row] for (row,) in answer]
    keys = [[group_key(row[name]) for name, _, _ in items] for row in ordered]
    assert [[group_key(row[name]) for name, _, _ in items] for row in found] == keys


@pytest.fixture
def client(tmp_path: Path, served: Served) -> SourceClient:
    path = tmp_path / "bank.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TYPE side AS ENUM ('sell', 'buy')")
        connection.execute(
            """
            CREATE TABLE trades AS SELECT
                i AS id,
                CASE WHEN i % 5 = 0 THEN NULL WHEN i % 2 = 0 THEN 'buy' ELSE 'sell' END AS side,
                CAST(CASE WHEN i % 3 = 0 THEN 'buy' ELSE 'sell' END AS side) AS kind,
                CAST(i % 100 AS DECIMAL(18, 4)) / 8 AS weight,
                CAST(i AS DECIMAL(18, 2)) AS price,
                CAST(i % 7 AS UTINYINT) AS small,
                CAST(i AS HUGEINT) AS huge,
                uuid() AS token,
                i % 2 = 0 AS even,
                TIMESTAMPTZ '2025-05-02 18:00:00+02' + (i % 4) * INTERVAL 1 HOUR AS posted_at
            FROM range(200000) AS r(i)
            """
        )
        connection.execute(
            "CREATE TABLE words (id integer, word varchar COLLATE NOCASE, plain varchar NOT NULL)"
        )
        connection.execute(
            "INSERT INTO words VALUES (1, 'a', 'a'), (2, 'A', 'A'), (3, 'É', 'É'), (4, 'é', 'é'), "
            "(5, NULL, '')"
        )
        connection.execute('CREATE TABLE n (N integer, "{}" varchar, "q""q" integer)')
        connection.execute("INSERT INTO n VALUES (1, 'x', 2)")
    return served(DuckDBSource(path))


def aggregate(function: str, name: str | None) -> Json:
    return {"function": function, "column": name, "output": f"{function}_{name}"}


def test_capabilities(client: SourceClient, served: Served) -> None:
    everything = client.handshake().capabilities
    assert everything.top_n == "exact"
    assert everything.expressions == KINDS
    assert set(everything.aggregates) == set(FUNCTIONS)
    nothing = served(MemorySource({"s.t": pa.table({"a": [1]})})).handshake().capabilities
    assert (nothing.top_n, nothing.aggregates, nothing.expressions) == ("none", (), ())


def test_groups_of_a_whole_table_come_from_one_endpoint(client: SourceClient, request_log: Path) -> None:
    aggregation = {
        "group_by": ["side", "posted_at"],
        "aggregates": [
            aggregate("count", None),
            aggregate("sum", "price"),
            aggregate("max", "kind"),
            aggregate("sum", "small"),
            aggregate("count_distinct", "token"),
        ],
    }
    info = client.plan("main", "trades", aggregation=aggregation, partitions=8)
    assert len(info.endpoints) == 1
    assert {field.name: str(field.type) for field in info.schema} == {
        "side": "string",
        "posted_at": "timestamp[us, tz=UTC]",
        "count_None": "int64",
        "sum_price": "decimal128(38, 2)",
        "max_kind": "string",
        "sum_small": "int64",
        "count_distinct_token": "int64",
    }
    found = client.read("main", "trades", aggregation=aggregation, partitions=8)
    assert found.num_rows == 8
    assert sum(found["count_None"].to_pylist()) == 200_000
    assert sum(found["count_distinct_token"].to_pylist()) == 200_000
    assert sum(found["sum_price"].to_pylist()) == Decimal(199_999 * 100_000)
    assert set(found["max_kind"].to_pylist()) == {"sell"}
    line = json.loads(request_log.read_text(encoding="utf-8").splitlines()[-1])
    assert line["aggregation"]["group_by"] == ["side", "posted_at"]
    assert line["rows"] == 8


def test_columns_of_an_aggregation_can_be_chosen(client: SourceClient) -> None:
    aggregation = {"group_by": ["side"], "aggregates": [aggregate("count", None)]}
    assert client.read("main", "trades", columns=["count_None"], aggregation=aggregation).column_names == [
        "count_None"
    ]
    assert client.read("main", "trades", columns=[], aggregation=aggregation).num_rows == 3
    assert client.read("main", "trades", columns=[], aggregation=aggregation, limit=2).num_rows == 2
    top = client.read(
        "main",
        "trades",
        columns=["side"],
        aggregation=aggregation,
        order_by=[{"column": "count_None", "descending": True}, {"column": "side"}],
        limit=1,
    )
    assert top["side"].to_pylist() == ["buy"]


def test_one_row_for_no_rows(client: SourceClient) -> None:
    nothing = {"columns": [{"column": "side", "values": []}]}
    aggregation = {"group_by": [], "aggregates": [aggregate("count", None), aggregate("sum", "price")]}
    assert client.read("main", "trades", predicate=nothing, aggregation=aggregation).to_pylist() == [
        {"count_None": 0, "sum_price": None}
    ]
    grouped = {**aggregation, "group_by": ["side"]}
    assert client.read("main", "trades", predicate=nothing, aggregation=grouped).num_rows == 0


def test_text_compares_by_code_points_whatever_its_collation(client: SourceClient) -> None:
    def words(**read: Any) -> list[Any]:
        values: list[Any] = client.read("main", "words", columns=["id"], **read)["id"].to_pylist()
        return values

    equal = {"columns": [{"column": "word", "values": ["a"]}]}
    assert words(predicate=equal) == [1]
    above = {"low": {"value": "B", "inclusive": False}, "high": None}
    assert sorted(words(predicate={"columns": [{"column": "word", "ranges": [above]}]})) == [1, 3, 4]
    same = {"columns": [], "expression": call("=", column("word"), column("plain"))}
    assert sorted(words(predicate=same)) == [1, 2, 3, 4]
    like_a = {"columns": [], "expression": call("like", column("word"), literal("varchar", "A%"))}
    assert words(predicate=like_a) == [2]
    assert words(order_by=[{"column": "word"}], limit=9) == [2, 1, 3, 4, 5]
    aggregation = {
        "group_by": ["word"],
        "aggregates": [aggregate("count", None)],
    }
    assert client.read("main", "words", aggregation=aggregation)["count_None"].to_pylist() == [1] * 5
    extremes = {
        "group_by": [],
        "aggregates": [aggregate(f, "word") for f in ("min", "max", "count_distinct")],
    }
    assert client.read("main", "words", aggregation=extremes).to_pylist() == [
        {"min_word": "A", "max_word": "é", "count_distinct_word": 4}
    ]


def test_names_are_quoted(client: SourceClient) -> None:
    aggregation = {
        "group_by": ["{}"],
        "aggregates": [{"function": "sum", "column": 'q"q', "output": 'to"tal{}'}],
    }
    predicate = {
        "columns": [],
        "expression": call("is_distinct_from", column("{}"), literal("varchar", "{0}")),
    }
    read = client.read(
        "main", "n", predicate=predicate, aggregation=aggregation, order_by=[{"column": 'to"tal{}'}], limit=3
    )
    assert read.to_pylist() == [{"{}": "x", 'to"tal{}': 2}]


def test_top_n_of_columns_that_are_not_asked_for(client: SourceClient) -> None:
    read = client.read(
        "main",
        "trades",
        columns=["id"],
        order_by=[{"column": "small", "descending": True}, {"column": "huge"}],
        limit=3,
        partitions=8,
    )
    assert read["id"].to_pylist() == [6, 13, 20]


@pytest.mark.parametrize(
    ("read", "reason"),
    [
        ({"order_by": [{"column": "id"}]}, "a read with order_by has one"),
        ({"order_by": [{"column": "nothing"}], "limit": 3}, "no such column"),
        ({"aggregation": {"group_by": [], "aggregates": []}}, "at least one column"),
        ({"aggregation": {"group_by": ["nothing"], "aggregates": []}}, "no such column"),
        ({"aggregation": {"group_by": [], "aggregates": [aggregate("median", "id")]}}, "is not computed"),
        ({"aggregation": {"group_by": [], "aggregates": [aggregate("sum", None)]}}, "only count may"),
        ({"aggregation": {"group_by": [], "aggregates": [aggregate("sum", "side")]}}, "sum of side"),
        ({"aggregation": {"group_by": [], "aggregates": [aggregate("sum", "huge")]}}, "sum of huge"),
        ({"aggregation": {"group_by": [], "aggregates": [aggregate("avg", "price")]}}, "avg of price"),
        ({"aggregation": {"group_by": [], "aggregates": [aggregate("min", "token")]}}, "min of token"),
        ({"aggregation": {"group_by": [], "aggregates": [aggregate("max", "even")]}}, "max of even"),
        (
            {
                "aggregation": {
                    "group_by": ["side"],
                    "aggregates": [{"function": "count", "column": None, "output": "SIDE"}],
                }
            },
            "named twice",
        ),
        (
            {"aggregation": {"group_by": ["side"], "aggregates": []}, "columns": ["id"]},
            "no such column; accepted: side",
        ),
        (
            {
                "aggregation": {"group_by": ["side"], "aggregates": []},
                "order_by": [{"column": "id"}],
                "limit": 1,
            },
            "no such column; accepted: side",
        ),
    ],
)
def test_reads_that_are_refused(client: SourceClient, read: Json, reason: str) -> None:
    with pytest.raises(pa.ArrowInvalid, match=reason):
        client.plan("main", "trades", **read)


def test_a_sum_that_does_not_fit_fails_the_stream(
    client: SourceClient, tmp_path: Path, served: Served
) -> None:
    path = tmp_path / "large.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE t AS SELECT * FROM (VALUES (9223372036854775807), (1)) AS v (n)")
    aggregation = {"group_by": [], "aggregates": [aggregate("sum", "n")]}
    with pytest.raises(flight.FlightInternalError, match="out of range"):
        served(DuckDBSource(path)).read("main", "t", aggregation=aggregation)


def test_literals_of_expressions_are_masked_in_the_log(client: SourceClient, request_log: Path) -> None:
    secret = call("=", column("word"), literal("varchar", "DE89370400440532013000"))
    client.read("main", "words", predicate={"columns": [], "expression": secret})
    log = request_log.read_text(encoding="utf-8")
    assert "DE89…" in log
    assert "DE893" not in log


def test_a_source_is_asked_only_for_what_it_offers(served: Served) -> None:
    rows = pa.table({"a": [1, 2, 3]})

    class Partly(MemorySource):
        applies = Applies.PREDICATE | Applies.PROJECTION
        aggregates = ("count",)
        expressions = ("column", "is_null")

    client = served(Partly({"s.t": rows}))
    capabilities = client.handshake().capabilities
    assert (capabilities.top_n, capabilities.aggregates, capabilities.expressions) == (
        "none",
        ("count",),
        ("column", "is_null"),
    )
    for read, reason in (
        ({"order_by": [{"column": "a"}], "limit": 1}, "does not order"),
        ({"aggregation": {"group_by": [], "aggregates": [aggregate("max", "a")]}}, "accepted: count"),
        ({"predicate": {"columns": [], "expression": call("not", call("is_null", column("a")))}}, "'not'"),
    ):
        with pytest.raises(pa.ArrowInvalid, match=reason):
            client.plan("s", "t", **read)


def test_a_source_that_leaves_predicates_to_the_server_offers_nothing_more(served: Served) -> None:
    class Boasting(MemorySource):
        applies = Applies.TOP_N
        aggregates = ("count",)
        expressions = KINDS

    client = served(Boasting({"s.t": pa.table({"a": [1]})}))
    capabilities = client.handshake().capabilities
    assert (capabilities.top_n, capabilities.aggregates, capabilities.expressions) == ("none", (), ())
    with pytest.raises(pa.ArrowInvalid, match="does not aggregate"):
        client.plan("s", "t", aggregation={"group_by": ["a"], "aggregates": []})


def test_a_source_of_ones_own_can_aggregate(served: Served) -> None:
    requests = []

    class Counting(FunctionSource):
        applies = Applies.PREDICATE
        aggregates = ("count",)

    source = Counting("counting")

    @source.table("s.t", {"a": pa.int64()})
    def t(request: Any) -> pa.Table:
        requests.append(replace(request))
        if request.aggregation is None:
            return pa.table({"a": [1, 1, 2]})
        return pa.table({"a": [1, 2], "n": pa.array([2, 1], pa.int64())})

    aggregation = {"group_by": ["a"], "aggregates": [{"function": "count", "column": None, "output": "n"}]}
    client = served(source)
    assert client.read("s", "t", aggregation=aggregation).to_pylist() == [{"a": 1, "n": 2}, {"a": 2, "n": 1}]
    (request,) = requests
    assert request.columns == ("a", "n")
    assert [part.function for part in request.aggregation.aggregates] == ["count"]
    assert client.read("s", "t", aggregation=aggregation, limit=1).num_rows == 1


@given(st.text("decimal()realting", max_size=6).filter(lambda name: name not in ("real", "date")))
def test_types_of_literals_that_are_not_there_are_refused(name: str) -> None:
    node = call("is_null", literal(name, "1"))
    with pytest.raises(InvalidRequest, match="literal"):
        bind_expression(ExpressionMessage.from_json(node), SCHEMA, comparable(SCHEMA), KINDS)
