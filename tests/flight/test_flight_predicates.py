"""A predicate means the same as a pyarrow expression, as DuckDB's SQL, as a Python callable, and in SQL."""

from __future__ import annotations

import base64
import datetime
import math
import struct
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from unittest import mock

import duckdb
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nostro.flight import InvalidRequest, duckdb_sql, with_type
from nostro.flight.duckdb_sql import where
from nostro.flight.enforcement import row_mask
from nostro.flight.literals import values_of
from nostro.flight.predicate import Predicate, bind
from nostro.flight.protocol import PredicateMessage

Value = Any


@dataclass(frozen=True)
class ColumnKind:
    """A type of column: its values, their literals, what a literal means, and its type in DuckDB."""

    type: pa.DataType
    sql: str
    values: st.SearchStrategy[Value]
    literal: Callable[[Value], str]
    meaning: Callable[[str], Value]
    finer: st.SearchStrategy[str] | None = None
    """Literals of the type's syntax that the column itself may not be able to hold."""


def is_nan(value: Value) -> bool:
    return isinstance(value, float) and math.isnan(value)


def float32(value: float) -> float:
    return float(struct.unpack("<f", struct.pack("<f", value))[0])


def float_text(value: float) -> str:
    return "NaN" if math.isnan(value) else str(value).replace("inf", "Infinity")


def instant(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


def microseconds(unit: int) -> Callable[[datetime.datetime], datetime.datetime]:
    return lambda value: value.replace(microsecond=value.microsecond // unit * unit)


TEXT = st.text(st.characters(codec="utf-8"), max_size=4) | st.sampled_from(
    ["", "A", "a", "é", "\x00", "￿", "😀"]
)
BYTES = st.binary(max_size=3)
DATES = st.dates(datetime.date(1, 1, 1), datetime.date(9999, 12, 31))
TIMESTAMPS = st.datetimes(datetime.datetime(1, 1, 2), datetime.datetime(9999, 12, 30))
FINE_TIMESTAMPS = TIMESTAMPS.map(lambda value: value.isoformat(timespec="microseconds"))
DECIMALS = st.decimals(-100, 100, places=4).map(lambda value: f"{value:f}")


def integers(type: pa.DataType, sql: str, low: int, high: int) -> ColumnKind:
    return ColumnKind(
        type,
        sql,
        st.integers(low, high) | st.sampled_from([low, high]),
        str,
        int,
        st.integers(-(10**22), 10**22).map(str),
    )


def timestamps(unit: str, sql: str, microsecond_unit: int, timezone: str | None) -> ColumnKind:
    values = TIMESTAMPS.map(microseconds(microsecond_unit))
    suffix = "" if timezone is None else "Z"
    return ColumnKind(
        pa.timestamp(unit, timezone),
        sql,
        values if timezone is None else values.map(lambda value: value.replace(tzinfo=datetime.UTC)),
        lambda value: value.replace(tzinfo=None).isoformat(timespec="microseconds") + suffix,
        instant,
        FINE_TIMESTAMPS.map(lambda text: text + suffix),
    )


def decimals(precision: int, scale: int) -> ColumnKind:
    limit = Decimal(f"{'9' * (precision - scale)}.{'9' * scale}")
    return ColumnKind(
        pa.decimal128(precision, scale),
        f"DECIMAL({precision}, {scale})",
        st.decimals(-min(limit, Decimal(50)), min(limit, Decimal(50)), places=scale)
        | st.sampled_from([limit, limit.copy_negate()]),
        lambda value: f"{value:f}",
        Decimal,
        DECIMALS | st.just("1" + "0" * 39) | st.just("-1" + "0" * 39),
    )


KINDS = {
    "boolean": ColumnKind(
        pa.bool_(), "BOOLEAN", st.booleans(), lambda value: str(value).lower(), lambda text: text == "true"
    ),
    "tinyint": integers(pa.int8(), "TINYINT", -(2**7), 2**7 - 1),
    "smallint": integers(pa.int16(), "SMALLINT", -(2**15), 2**15 - 1),
    "integer": integers(pa.int32(), "INTEGER", -(2**31), 2**31 - 1),
    "bigint": integers(pa.int64(), "BIGINT", -(2**63), 2**63 - 1),
    "unsigned": integers(pa.uint64(), "UBIGINT", 0, 2**64 - 1),
    "real": ColumnKind(
        pa.float32(),
        "FLOAT",
        st.floats(width=32) | st.sampled_from([0.0, -0.0, math.nan]),
        float_text,
        lambda text: float32(float(text)),
    ),
    "double": ColumnKind(
        pa.float64(),
        "DOUBLE",
        st.floats() | st.sampled_from([0.0, -0.0, math.nan, math.inf, -math.inf]),
        float_text,
        float,
    ),
    "decimal(3,1)": decimals(3, 1),
    "decimal(18,2)": decimals(18, 2),
    "decimal(38,10)": decimals(38, 10),
    "decimal(38,0)": decimals(38, 0),
    "varchar": ColumnKind(pa.string(), "VARCHAR", TEXT, str, str),
    "varbinary": ColumnKind(
        pa.binary(), "BLOB", BYTES, lambda value: base64.b64encode(value).decode(), base64.b64decode
    ),
    "date": ColumnKind(
        pa.date32(), "DATE", DATES, lambda value: value.isoformat(), datetime.date.fromisoformat
    ),
    "time": ColumnKind(
        pa.time64("us"),
        "TIME",
        st.times(),
        lambda value: value.isoformat(timespec="microseconds"),
        datetime.time.fromisoformat,
    ),
    "timestamp(0)": timestamps("s", "TIMESTAMP_S", 1_000_000, None),
    "timestamp(3)": timestamps("ms", "TIMESTAMP_MS", 1_000, None),
    "timestamp(6)": timestamps("us", "TIMESTAMP", 1, None),
    "timestamp with time zone": timestamps("us", "TIMESTAMPTZ", 1, "UTC"),
    "uuid": ColumnKind(pa.uuid(), "UUID", st.uuids(), str, uuid.UUID),
}


def expected(part: dict[str, Any], value: Value, meaning: Callable[[str], Value]) -> bool:
    """SQL's answer, from the literals' own meaning."""
    if value is None:
        return bool(part["null_allowed"])
    if any(value == meaning(text) for text in part.get("values", ())):
        return True
    return any(in_range(value, range_, meaning) for range_ in part.get("ranges", ()))


def in_range(value: Value, range_: dict[str, Any], meaning: Callable[[str], Value]) -> bool:
    low, high = range_["low"], range_["high"]
    if low is not None:
        bound = meaning(low["value"])
        if not (value > bound or (low["inclusive"] and value == bound)):
            return False
    if high is not None:
        bound = meaning(high["value"])
        if not (value < bound or (high["inclusive"] and value == bound)):
            return False
    return True


@st.composite
def cases(draw: st.DrawFn, names: tuple[str, ...]) -> tuple[dict[str, list[Value]], dict[str, Any]]:
    rows = draw(st.integers(0, 12))
    columns = {
        name: draw(st.lists(st.none() | KINDS[name].values, min_size=rows, max_size=rows)) for name in names
    }
    parts = []
    for name in draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True)):
        kind = KINDS[name]
        present = [value for value in columns[name] if value is not None]
        literals = kind.values.map(kind.literal)
        if present:
            literals |= st.sampled_from(present).map(kind.literal)
        bounds = literals if kind.finer is None else literals | kind.finer
        bound = st.none() | st.fixed_dictionaries({"value": bounds, "inclusive": st.booleans()})
        part: dict[str, Any] = {"column": name, "null_allowed": draw(st.booleans())}
        form = draw(st.sampled_from(["values", "ranges", "neither"]))
        if form == "values":
            part["values"] = draw(st.lists(bounds, max_size=5))
        elif form == "ranges":
            part["ranges"] = draw(st.lists(st.fixed_dictionaries({"low": bound, "high": bound}), max_size=3))
        parts.append(part)
    return columns, {"columns": parts}


def arrow_table(columns: dict[str, list[Value]]) -> pa.Table:
    return pa.table(
        {
            name: pa.array([v.bytes if isinstance(v, uuid.UUID) else v for v in values], KINDS[name].type)
            for name, values in columns.items()
        }
    )


def bound(message: dict[str, Any], schema: pa.Schema) -> Predicate:
    comparable = {field.name: values_of(field) for field in schema}
    predicate = bind(
        PredicateMessage.from_json(message),
        schema,
        {name: v for name, v in comparable.items() if v is not None},
    )
    assert predicate is not None
    return predicate


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": "1"}) as connection:
        connection.execute("SET TimeZone = 'Asia/Kathmandu'")
        yield connection


def rows_in_duckdb(
    connection: duckdb.DuckDBPyConnection,
    columns: dict[str, list[Value]],
    predicate: Predicate,
    few_keys: int,
) -> list[int]:
    table = arrow_table(columns)
    plain = pa.table(
        {
            **{
                name: pa.array([None if v is None else str(v) for v in columns[name]], pa.string())
                if KINDS[name].sql == "UUID"
                else table[name]
                for name in columns
            },
            "row": pa.array(range(table.num_rows), pa.int32()),
        }
    )
    connection.register("given_rows", plain)
    types = ", ".join(f'CAST("{name}" AS {KINDS[name].sql}) AS "{name}"' for name in columns)
    connection.execute(f'CREATE OR REPLACE TABLE stored AS SELECT {types}, "row" FROM given_rows')
    connection.unregister("given_rows")
    with mock.patch.object(duckdb_sql, "FEW_KEYS", few_keys):
        condition = where(predicate)
    found = connection.execute(
        f'SELECT "row" FROM stored WHERE {condition.text} ORDER BY 1', list(condition.parameters)
    )
    return [row for (row,) in found.fetchall()]


def chosen_few_keys(message: dict[str, Any]) -> int:
    """Lists of values go to DuckDB in two ways: take each in turn, by what the message happens to be."""
    return len(str(message)) % 2 * duckdb_sql.FEW_KEYS


def check(
    connection: duckdb.DuckDBPyConnection, columns: dict[str, list[Value]], message: dict[str, Any]
) -> None:
    table = arrow_table(columns)
    predicate = bound(message, table.schema)
    wanted = [
        row
        for row in range(table.num_rows)
        if all(
            expected(part, columns[part["column"]][row], KINDS[part["column"]].meaning)
            for part in message["columns"]
        )
    ]
    numbered = table.append_column("row", pa.array(range(table.num_rows)))
    assert numbered.filter(predicate.expression())["row"].to_pylist() == wanted
    batch = table.combine_chunks().to_batches()[0] if table.num_rows else None
    if batch is not None:
        assert [row for row, kept in enumerate(row_mask(batch, predicate).to_pylist()) if kept] == wanted
    assert [row for row, values in enumerate(table.to_pylist()) if predicate.matches(values)] == wanted
    few_keys = chosen_few_keys(message)
    assert rows_in_duckdb(connection, columns, predicate, few_keys) == wanted


@pytest.mark.parametrize("name", KINDS)
def test_translations_agree(name: str, database: duckdb.DuckDBPyConnection) -> None:
    @settings(max_examples=30)
    @given(cases((name, "bigint" if name != "bigint" else "varchar")))
    def agree(case: tuple[dict[str, list[Value]], dict[str, Any]]) -> None:
        check(database, *case)

    agree()


NAN = {"column": "double", "null_allowed": False}


@pytest.mark.parametrize(
    ("part", "kept"),
    [
        ({"ranges": [{"low": None, "high": None}]}, [0, 1, 2]),
        ({"ranges": [{"low": {"value": "1.0", "inclusive": False}, "high": None}]}, [1]),
        ({"ranges": [{"low": None, "high": {"value": "Infinity", "inclusive": True}}]}, [0, 1]),
        ({"ranges": [{"low": {"value": "NaN", "inclusive": True}, "high": None}]}, []),
        ({"values": ["NaN", "1.0"]}, [0]),
        ({"null_allowed": True}, [3]),
        ({}, []),
        ({"values": [], "null_allowed": True}, [3]),
        ({"ranges": []}, []),
    ],
)
def test_nan_and_null(part: dict[str, Any], kept: list[int], database: duckdb.DuckDBPyConnection) -> None:
    columns = {"double": [1.0, math.inf, math.nan, None]}
    message = {"columns": [NAN | part]}
    predicate = bound(message, arrow_table(columns).schema)
    assert [
        row for row, value in enumerate(columns["double"]) if predicate.matches({"double": value})
    ] == kept
    check(database, columns, message)


def test_text_compares_by_code_points(database: duckdb.DuckDBPyConnection) -> None:
    # U+FFFF sorts below U+1F600 by code points and above it by UTF-16 units
    columns = {"varchar": ["￿", "😀", "Z", "a", "é"]}
    message = {
        "columns": [
            {
                "column": "varchar",
                "ranges": [{"low": {"value": "￿", "inclusive": False}, "high": None}],
                "null_allowed": False,
            }
        ]
    }
    assert bound(message, arrow_table(columns).schema).matches({"varchar": "😀"})
    check(database, columns, message)


@pytest.mark.parametrize(
    ("type", "text", "accepted"),
    [
        (pa.bool_(), "TRUE", "true, false"),
        (pa.int32(), "1.0", "whole number"),
        (pa.int32(), "", "whole number"),
        (pa.int64(), "\u0661", "whole number"),
        (pa.decimal128(18, 2), "1e3", "decimal"),
        (pa.decimal128(18, 2), "NaN", "decimal"),
        (pa.float64(), "inf", "number"),
        (pa.float64(), "1e999", "too large"),
        (pa.float32(), "1e300", "too large"),
        (pa.string(), "\ud800", "surrogate"),
        (pa.binary(), "é", "base64"),
        (pa.binary(), "abc", "base64"),
        (pa.date32(), "2025-02-29", "2025-05-02"),
        (pa.date32(), "2025-13-01", "2025-05-02"),
        (pa.time64("us"), "24:00:00", "18:00:00"),
        (pa.timestamp("us"), "2025-05-02T16:00:00Z", "without zone"),
        (pa.timestamp("us", "UTC"), "2025-05-02T16:00:00", "UTC"),
        (pa.timestamp("us", "UTC"), "2025-05-02T16:00:00+02:00", "UTC"),
        (pa.uuid(), "12151FD2-7586-11E9-8F9E-2A86E4085A59", "lower case"),
    ],
)
def test_bad_literals_are_refused(type: pa.DataType, text: str, accepted: str) -> None:
    with pytest.raises(InvalidRequest, match=r"predicate\.columns\[0\]\.values\[0\].*column c") as caught:
        bound({"columns": [{"column": "c", "values": [text]}]}, pa.schema({"c": type}))
    assert accepted in str(caught.value)


@pytest.mark.parametrize(
    "field",
    [
        with_type(pa.field("c", pa.string()), "char(3)"),
        with_type(pa.field("c", pa.string()), "json"),
        pa.field("c", pa.json_()),
        pa.field("c", pa.float16()),
        pa.field("c", pa.decimal256(60, 2)),
        pa.field("c", pa.list_(pa.int64())),
        pa.field("c", pa.month_day_nano_interval()),
        pa.field("c", pa.null()),
    ],
    ids=str,
)
def test_columns_that_take_no_predicate(field: pa.Field) -> None:
    with pytest.raises(InvalidRequest, match="c takes no predicate"):
        bound({"columns": [{"column": "c", "null_allowed": True}]}, pa.schema([field]))


@pytest.mark.parametrize(
    ("array", "literal"),
    [
        (pa.array(["a", "b", None]).dictionary_encode(), "b"),
        (pa.array(["a", "b", None], pa.large_string()), "b"),
        (pa.array(["a", "b", None], pa.string_view()), "b"),
        (pa.array([b"a", b"b", None], pa.large_binary()), "Yg=="),
        (pa.array([b"a", b"b", None], pa.binary_view()), "Yg=="),
        (pa.array([b"a", b"b", None], pa.binary(1)), "Yg=="),
        (pa.array([Decimal("1.5"), Decimal("2.5"), None], pa.decimal32(5, 2)), "2.500"),
        (pa.array([Decimal("1.5"), Decimal("2.5"), None], pa.decimal64(10, 2)), "2.5"),
        (pa.array([Decimal("1.5"), Decimal("2.5"), None], pa.decimal256(38, 2)), "2.5"),
        (pa.array([0, 86_400_000, None], pa.date64()), "1970-01-02"),
        (pa.array([0, 1, None], pa.time32("s")), "00:00:01"),
        (pa.array([0, 1, None], pa.time32("ms")), "00:00:00.001"),
        (pa.array([0, 1_000, None], pa.time64("ns")), "00:00:00.000001"),
        (pa.array([0, 1_000, None], pa.timestamp("ns")), "1970-01-01T00:00:00.000001"),
        (pa.array([0, 1, None], pa.timestamp("s", "Europe/Berlin")), "1970-01-01T00:00:01Z"),
        (pa.array([1, 2, None], pa.uint8()), "2"),
    ],
    ids=lambda value: str(value.type) if isinstance(value, pa.Array) else "",
)
def test_every_layout_of_a_comparable_type(array: pa.Array, literal: str) -> None:
    batch = pa.record_batch({"c": array})
    for part in (
        {"values": [literal]},
        {"values": [literal, literal.replace("2", "3")]}
        if array.type == pa.uint8()
        else {"values": [literal]},
        {"ranges": [{"low": {"value": literal, "inclusive": True}, "high": None}]},
        {
            "ranges": [
                {"low": {"value": literal, "inclusive": True}, "high": {"value": literal, "inclusive": True}}
            ]
        },
    ):
        predicate = bound({"columns": [{"column": "c", **part}]}, batch.schema)
        assert row_mask(batch, predicate).to_pylist() == [False, True, False]
        assert [predicate.matches({"c": value}) for value in array.to_pylist()] == [False, True, False]


@example(0)
@example(-719_529)
@given(st.integers(-(2**31), 2**31 - 1))
def test_dates_of_any_year_round_trip(days: int) -> None:
    values = values_of(pa.field("c", pa.date32()))
    assert values is not None
    assert values.parse(values.format(days)).key == days


@pytest.mark.parametrize("name", KINDS)
def test_literals_round_trip(name: str) -> None:
    kind = KINDS[name]
    values = values_of(pa.field("c", kind.type))
    assert values is not None

    @settings(max_examples=20)
    @given(kind.values)
    def round_trip(value: Value) -> None:
        key = values.key(value)
        again = values.parse(values.format(key))
        assert again.exact
        assert again.key == key or (is_nan(key) and is_nan(again.key))
        assert kind.meaning(values.format(key)) == value or is_nan(value)

    round_trip()


@pytest.mark.parametrize(
    ("type", "literals"),
    [
        (pa.date32(), ["12025-01-01", "-0001-01-01", "1970-01-01"]),
        (pa.timestamp("ns"), ["1970-01-01T00:00:00.000000001", "1970-01-01T00:00:00.000000003"]),
    ],
)
def test_several_values_that_pythons_own_types_cannot_hold(type: pa.DataType, literals: list[str]) -> None:
    values = values_of(pa.field("c", type))
    assert values is not None
    keys = [values.parse(literal).key for literal in literals]
    column = pa.array([*keys, 2, None], pa.int32() if type == pa.date32() else pa.int64()).view(type)
    found = filtered_by({"columns": [{"column": "c", "values": literals}]}, pa.record_batch({"c": column}))
    assert found == [*[True] * len(keys), False, False]


def filtered_by(message: dict[str, Any], batch: pa.RecordBatch) -> list[bool]:
    values = {name: found for name in batch.schema.names if (found := values_of(batch.schema.field(name)))}
    predicate = bind(PredicateMessage.from_json(message), batch.schema, values)
    assert predicate is not None
    return [bool(it) for it in row_mask(batch, predicate).to_pylist()]
