"""Python values become Arrow's as they are, or not at all."""

from __future__ import annotations

import datetime
import math
import uuid
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.flight.test_flight_predicates import KINDS, Value

from nostro.flight.row_values import BadValue, array_of, check_type

UTC = datetime.UTC
EAST = datetime.timezone(datetime.timedelta(hours=5, minutes=45))


@pytest.mark.parametrize("name", KINDS)
def test_values_of_every_type_are_kept(name: str) -> None:
    kind = KINDS[name]

    @given(st.lists(st.none() | kind.values, max_size=5))
    def kept(values: list[Value]) -> None:
        found = array_of(values, kind.type).to_pylist()
        # a date or time that a clock shows twice is equal to itself
        assert [str(value) for value in found] == [str(value) for value in values]

    kept()


@pytest.mark.parametrize(
    "name", ["decimal(18,2)", "date", "time", "timestamp(6)", "timestamp with time zone", "uuid"]
)
def test_texts_are_read(name: str) -> None:
    kind = KINDS[name]

    @given(kind.values)
    def read(value: Value) -> None:
        assert array_of([kind.literal(value), None], kind.type).to_pylist() == [value, None]

    read()


@pytest.mark.parametrize(
    ("type", "value", "kept"),
    [
        (pa.bool_(), 1, True),
        (pa.int64(), Decimal("7.0"), 7),
        (pa.float64(), Decimal("0.1"), 0.1),
        (pa.float64(), 2**53 + 1, float(2**53)),
        (pa.float32(), 1.1, pa.scalar(1.1, pa.float32()).as_py()),
        (pa.float32(), -math.inf, -math.inf),
        (pa.decimal128(18, 2), 0.1, Decimal("0.10")),
        (pa.decimal128(18, 2), "1e3", Decimal("1000.00")),
        (pa.binary(), memoryview(b"\xff"), b"\xff"),
        (pa.date32(), datetime.datetime(2025, 5, 2), datetime.date(2025, 5, 2)),
        (
            pa.timestamp("us", "UTC"),
            datetime.datetime(2025, 5, 2, 1, tzinfo=EAST),
            datetime.datetime(2025, 5, 1, 19, 15, tzinfo=UTC),
        ),
        (
            pa.timestamp("us", "UTC"),
            "2025-05-02 01:00:00.5+05:45",
            datetime.datetime(2025, 5, 1, 19, 15, 0, 500000, UTC),
        ),
        (pa.timestamp("us", "UTC"), "2025-05-02T01:00:00-03", datetime.datetime(2025, 5, 2, 4, tzinfo=UTC)),
        (pa.timestamp("ms"), "2025-05-02T01:00:00.120000", datetime.datetime(2025, 5, 2, 1, 0, 0, 120000)),
        (pa.list_(pa.decimal128(4, 1)), (1, None, "2.5"), [Decimal("1.0"), None, Decimal("2.5")]),
        (
            pa.struct({"on": pa.date32(), "ids": pa.list_(pa.int8())}),
            {"on": "2025-05-02", "ids": [1], "more": 0},
            {"on": datetime.date(2025, 5, 2), "ids": [1]},
        ),
    ],
    ids=str,
)
def test_values_of_other_classes_that_mean_the_same_are_taken(
    type: pa.DataType, value: Any, kept: Any
) -> None:
    assert array_of([None, value], type).to_pylist() == [None, kept]


@pytest.mark.parametrize(
    ("type", "value"),
    [
        (pa.bool_(), 2),
        (pa.bool_(), "true"),
        (pa.int64(), 1.0),
        (pa.int64(), True),
        (pa.int64(), "1"),
        (pa.int64(), Decimal("1.5")),
        (pa.int64(), Decimal("NaN")),
        (pa.int8(), 128),
        (pa.int64(), 2**63),
        (pa.uint8(), -1),
        (pa.float64(), True),
        (pa.float64(), "1.5"),
        (pa.float64(), Decimal("1e999")),
        (pa.float64(), 10**400),
        (pa.float32(), 1e300),
        (pa.float32(), math.pi),
        (pa.decimal128(18, 2), Decimal("1.234")),
        (pa.decimal128(18, 2), 0.1 + 0.2),
        (pa.decimal128(18, 2), Decimal("NaN")),
        (pa.decimal128(18, 2), math.inf),
        (pa.decimal128(4, 2), 100),
        (pa.decimal128(4, 2), True),
        (pa.decimal128(4, 2), "1,5"),
        (pa.string(), 1),
        (pa.string(), b"a"),
        (pa.string(), "\ud800"),
        (pa.binary(), "a"),
        (pa.date32(), datetime.datetime(2025, 5, 2, 1)),
        (pa.date32(), datetime.datetime(2025, 5, 2, tzinfo=UTC)),
        (pa.date32(), "infinity"),
        (pa.date32(), "2025-02-29"),
        (pa.date32(), 20_000),
        (pa.time64("us"), datetime.time(1, tzinfo=UTC)),
        (pa.time32("s"), datetime.time(1, 0, 0, 1)),
        (pa.time64("us"), "24:00:00"),
        (pa.timestamp("us"), datetime.datetime(2025, 5, 2, tzinfo=UTC)),
        (pa.timestamp("us"), "2025-05-02 00:00:00+00"),
        (pa.timestamp("us"), datetime.date(2025, 5, 2)),
        (pa.timestamp("us", "UTC"), datetime.datetime(2025, 5, 2)),
        (pa.timestamp("us", "UTC"), "2025-05-02 00:00:00"),
        (pa.timestamp("s"), datetime.datetime(2025, 5, 2, 0, 0, 0, 1)),
        (pa.timestamp("ns"), datetime.datetime(9999, 1, 1)),
        (pa.timestamp("us"), "0044-03-15 00:00:00 BC"),
        (pa.timestamp("us"), 1),
        (pa.uuid(), "12151fd2"),
        (pa.list_(pa.int64()), [1.5]),
        (pa.list_(pa.int64()), "1"),
        (pa.struct({"n": pa.int64()}), {"n": "1"}),
        (pa.struct({"n": pa.int64()}), [1]),
    ],
    ids=str,
)
def test_what_is_not_of_the_type_is_refused(type: pa.DataType, value: Any) -> None:
    with pytest.raises(BadValue, match="is not") as caught:
        array_of([None, value], type)
    assert caught.value.index == 1


def test_a_refusal_says_what_it_was_and_what_is_accepted() -> None:
    with pytest.raises(BadValue, match=r"^'about six' \(str\) is not a whole number that fits int32$"):
        array_of(["about six"], pa.int32())
    with pytest.raises(BadValue, match=r"in its field n, True \(bool\) is not a whole number"):
        array_of([{"n": True}], pa.struct({"n": pa.int64()}))
    assert array_of([uuid.UUID(int=7)], pa.uuid()).to_pylist() == [uuid.UUID(int=7)]


@pytest.mark.parametrize(
    "type", [pa.duration("s"), pa.float16(), pa.decimal256(60, 2), pa.list_(pa.null())], ids=str
)
def test_types_without_a_conversion_are_named(type: pa.DataType) -> None:
    with pytest.raises(ValueError, match=r"column c: .* is not supported; accepted: boolean"):
        check_type(type, "column c")
