"""What endpoints say of their rows."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import flight

from nostro.flight import ColumnRange, MemorySource, Partition, ReadRequest, Source, SourceClient
from nostro.flight.conformance import Options, check_source
from nostro.flight.dbapi import DbApiSource
from nostro.flight.parquet import ParquetSource
from nostro.flight.partition_ranges import LONGEST_BOUND
from nostro.flight.protocol import EndpointMessage

Served = Callable[[Source], SourceClient]

ROWS = pa.table(
    {
        "id": pa.array(range(400), pa.int64()),
        "name": [None if index < 50 else f"A{index:03}" for index in range(400)],
        "ratio": [float(index) for index in range(400)],
        "lists": [[index] for index in range(400)],
    }
)


def said(client: SourceClient, partitions: int, columns: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """By column, of each endpoint."""
    planned = client.plan("public", "t", partitions=partitions, columns=columns)
    return [
        {
            part.column: (
                None if part.ranges is None or part.ranges[0].low is None else part.ranges[0].low.value,
                None if part.ranges is None or part.ranges[0].high is None else part.ranges[0].high.value,
                part.null_allowed,
            )
            for part in EndpointMessage.from_json(json.loads(it.app_metadata)).predicate.columns
        }
        for it in planned.endpoints
    ]


def assert_true(client: SourceClient) -> None:
    report = check_source(client.location, Options(only=("endpoints", "partitions")))
    assert not report.failures
    assert [it.result for it in report.outcomes if it.group == "endpoints"] == ["passed"]


def test_parquet(tmp_path: Path, served: Served) -> None:
    for day, part in (("1", ROWS.slice(0, 200)), ("2", ROWS.slice(200))):
        (tmp_path / "lake" / "public" / "t" / f"day={day}").mkdir(parents=True)
        file = tmp_path / "lake" / "public" / "t" / f"day={day}" / "part.parquet"
        pq.write_table(part, file, row_group_size=100)
    client = served(ParquetSource(tmp_path / "lake"))
    assert said(client, 4) == [
        {"id": ("0", "99", False), "name": ("A050", "A099", True), "day": ("1", "1", False)},
        {"id": ("100", "199", False), "name": ("A100", "A199", False), "day": ("1", "1", False)},
        {"id": ("200", "299", False), "name": ("A200", "A299", False), "day": ("2", "2", False)},
        {"id": ("300", "399", False), "name": ("A300", "A399", False), "day": ("2", "2", False)},
    ]
    assert [list(it) for it in said(client, 4, ["name"])] == [["name"]] * 4
    assert_true(client)


def test_parquet_without_statistics(tmp_path: Path, served: Served) -> None:
    (tmp_path / "lake" / "public").mkdir(parents=True)
    pq.write_table(
        ROWS, tmp_path / "lake" / "public" / "t.parquet", row_group_size=200, write_statistics=["id"]
    )
    assert said(served(ParquetSource(tmp_path / "lake")), 2) == [
        {"id": ("0", "199", False)},
        {"id": ("200", "399", False)},
    ]


def test_a_database(tmp_path: Path, served: Served) -> None:
    def connect() -> sqlite3.Connection:
        return sqlite3.connect(tmp_path / "bank.sqlite")

    with connect() as connection:
        connection.execute("CREATE TABLE t (id INTEGER, note TEXT)")
        connection.executemany("INSERT INTO t VALUES (?, 'x')", [(index,) for index in [*range(100), None]])
    client = served(DbApiSource(connect, partition_by={"main.t": "id"}))
    planned = client.plan("main", "t", partitions=2)
    assert [json.loads(it.app_metadata)["predicate"]["columns"][0]["ranges"] for it in planned.endpoints] == [
        [{"low": None, "high": {"value": "50", "inclusive": True}}],
        [{"low": {"value": "50", "inclusive": True}, "high": None}],
    ]
    assert_true(client)


def with_range(range_: ColumnRange, column: str = "name") -> MemorySource:
    class Ranged(MemorySource):
        def partitions(self, request: ReadRequest) -> Sequence[Partition]:
            return [Partition("0-400", ranges={column: range_})]

    return Ranged({"public.t": ROWS})


@pytest.mark.parametrize(
    ("column", "range_"),
    [
        ("name", ColumnRange()),
        ("name", ColumnRange("A" * (LONGEST_BOUND + 1))),
        ("ratio", ColumnRange(0.0, 399.0, nulls=False)),
        ("lists", ColumnRange([1], [2])),
        ("other", ColumnRange(1, 2)),
    ],
)
def test_what_says_nothing_is_not_sent(served: Served, column: str, range_: ColumnRange) -> None:
    (endpoint,) = served(with_range(range_, column)).plan("public", "t", partitions=2).endpoints
    assert endpoint.app_metadata == b""


def test_not_null_alone(served: Served) -> None:
    assert said(served(with_range(ColumnRange(nulls=False))), 2) == [{"name": (None, None, False)}]


def test_a_bound_of_another_type_is_an_error(served: Served) -> None:
    client = served(with_range(ColumnRange("one", None), "id"))
    with pytest.raises(
        flight.FlightInternalError, match=r"public\.t: column id: a partition's range with 'one'"
    ):
        client.plan("public", "t", partitions=2)
