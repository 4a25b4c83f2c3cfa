"""Statistics of columns: what sources know, and what goes over the wire."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import flight

from nostro.flight import (
    ColumnStatistics,
    FunctionSource,
    MemorySource,
    Source,
    SourceClient,
    Statistics,
    StatisticsRequest,
    duckdb_statistics,
)
from nostro.flight.changes import Insert
from nostro.flight.duckdb import DuckDBSource
from nostro.flight.duckdb_statistics import COUNTED_GROUPS, ROW_GROUP
from nostro.flight.duckdb_writes import WritableDuckDBSource
from nostro.flight.frames import FrameSource
from nostro.flight.parquet import ParquetSource
from nostro.flight.protocol import ColumnStatisticsMessage
from nostro.flight.table_statistics import COUNTED_ROWS

Served = Callable[[Source], SourceClient]

ROWS = pa.table(
    {
        "id": pa.array([3, 1, 2, None], pa.int64()),
        "price": pa.array([Decimal("12.50"), Decimal("-0.25"), None, None], pa.decimal128(9, 2)),
        "ratio": [1.5, float("nan"), -2.0, 1.5],
        "day": pa.array([datetime.date(2025, 5, 2), datetime.date(1969, 12, 31), None, None]),
        "at": pa.array([1, None, -1, 1_746_201_600_123_456_789], pa.timestamp("ns", "Europe/Berlin")),
        "late": pa.array([None, 9_000_000_000_000_000, None, None], pa.timestamp("ms")),
        "name": pa.array(["Zürich", "b", "b", None]).dictionary_encode(),
        "raw": pa.array([b"\xff", b"", None, None]),
        "flag": [True, False, None, True],
        "lists": [[1], None, [], [2]],
        "nothing": pa.nulls(4, pa.int32()),
    }
)


def by_column(client: SourceClient, *columns: str, table: str = "t") -> dict[str, ColumnStatisticsMessage]:
    answer = client.statistics("public", table, columns or None)
    return {it.column: it for it in answer.columns}


def test_memory(served: Served) -> None:
    client = served(MemorySource({"public.t": ROWS}))
    assert client.handshake().capabilities.statistics
    assert client.statistics("public", "t").row_count == 4
    assert list(by_column(client).values()) == [
        ColumnStatisticsMessage("id", 3, 0.25, "1", "3"),
        ColumnStatisticsMessage("price", 2, 0.5, "-0.25", "12.50"),
        ColumnStatisticsMessage("ratio", 3, 0.0, "-2.0", "1.5"),
        ColumnStatisticsMessage("day", 2, 0.5, "1969-12-31", "2025-05-02"),
        ColumnStatisticsMessage(
            "at", 3, 0.25, "1969-12-31T23:59:59.999999999Z", "2025-05-02T16:00:00.123456789Z"
        ),
        ColumnStatisticsMessage("late", 1, 0.75, "287168-08-24T16:00:00.000", "287168-08-24T16:00:00.000"),
        ColumnStatisticsMessage("name", 2, 0.25, data_size=9),
        ColumnStatisticsMessage("raw", 2, 0.5, data_size=1),
        ColumnStatisticsMessage("flag", 2, 0.25),
        ColumnStatisticsMessage("lists", None, 0.25),
        ColumnStatisticsMessage("nothing", 0, 1.0),
    ]


def test_only_columns_that_are_asked_for_are_looked_at(served: Served) -> None:
    asked: list[tuple[str, ...]] = []

    class Noting(MemorySource):
        def statistics(self, request: StatisticsRequest) -> Statistics:
            asked.append(request.columns)
            return Statistics(None, {it: ColumnStatistics(7) for it in ROWS.column_names})

    client = served(Noting({"public.t": ROWS}))
    assert list(by_column(client, "day", "id")) == ["day", "id"]
    assert asked == [("day", "id")]


def test_of_many_rows_some_are_counted(served: Served) -> None:
    rows = 2 * COUNTED_ROWS
    table = pa.table({"id": pa.array(range(rows)), "few": pa.array([i % 1000 for i in range(rows)])})
    found = by_column(served(MemorySource({"public.t": table})))
    assert found["id"].distinct_values == rows
    assert found["few"].distinct_values == 1000
    assert (found["id"].low, found["id"].high) == ("0", str(rows - 1))


def test_what_is_not_known_is_left_out(served: Served) -> None:
    class Some(MemorySource):
        def statistics(self, request: StatisticsRequest) -> Statistics | None:  # type: ignore[override]
            return None if request.table == "u" else Statistics(9, {"id": ColumnStatistics(high=5)})

    client = served(Some({"public.t": ROWS, "public.u": ROWS}))
    assert by_column(client) == {"id": ColumnStatisticsMessage("id", high="5")}
    assert client.statistics("public", "u").to_json() == {"row_count": 4, "columns": []}


@pytest.mark.parametrize("value", ["five", 2.5j, datetime.date(2025, 5, 2)])
def test_a_value_of_another_type_is_an_error(served: Served, value: Any) -> None:
    class Wrong(MemorySource):
        def statistics(self, request: StatisticsRequest) -> Statistics:
            return Statistics(9, {"id": ColumnStatistics(low=value)})

    with pytest.raises(flight.FlightInternalError, match=r"public\.t: column id: statistics with .*int64"):
        by_column(served(Wrong({"public.t": ROWS})))


def test_names_that_are_not_there(served: Served) -> None:
    client = served(MemorySource({"public.t": ROWS}))
    with pytest.raises(pa.ArrowInvalid, match=r"public\.t has no column x"):
        client.statistics("public", "t", ["x"])
    with pytest.raises(pa.ArrowKeyError, match=r"public\.x: no such table"):
        client.statistics("public", "x")


def test_a_source_without_statistics(served: Served) -> None:
    source = FunctionSource("bank")
    source.table("public.t", {"a": pa.int8()})(lambda: pa.table({"a": pa.array([1], pa.int8())}))
    client = served(source)
    assert not client.handshake().capabilities.statistics
    with pytest.raises(pa.ArrowNotImplementedError, match="the source bank has no statistics"):
        client.statistics("public", "t")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("statistics") / "bank.duckdb"
    groups = 2 * COUNTED_GROUPS
    with duckdb.connect(str(path)) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("CREATE SCHEMA public")
        connection.execute(
            f"""
            CREATE TABLE public.large AS SELECT i AS id, i % 1000 AS account, 'A' || i % 10 AS name,
            CASE WHEN i % 4 = 0 THEN i END AS fourth, DATE '2025-01-01' + (i % 90)::INTEGER AS day
            FROM range({groups * ROW_GROUP}) AS r(i)
            """
        )
        connection.execute(
            """
            CREATE TABLE public.t AS SELECT * FROM (VALUES
                (1::UBIGINT, 12.50::DECIMAL(9, 2), 170141183460469231731687303715884105727::HUGEINT,
                 'nan'::DOUBLE, TIMESTAMPTZ '2025-05-02 18:00:00.5+02', 'Zürich', 'x'::ENUM('x', 'y'),
                 [1], true),
                (18446744073709551615, -0.25, NULL, 1.5, NULL, NULL, 'y', NULL, false)
            ) AS v(id, price, huge, ratio, posted, name, side, lists, flag)
            """
        )
        connection.execute("CREATE TABLE public.none (a INTEGER, b VARCHAR)")
        connection.execute("CREATE TABLE public.odd AS SELECT 1 AS rowid, NULL::INTEGER AS a")
        connection.execute("CREATE VIEW public.some AS SELECT id FROM public.t")
    return path


def test_duckdb(database: Path, served: Served) -> None:
    client = served(DuckDBSource(database))
    found = by_column(client)
    assert found["id"] == ColumnStatisticsMessage("id", 2, 0.0, "1", "18446744073709551615")
    assert found["price"] == ColumnStatisticsMessage("price", 2, 0.0, "-0.25", "12.50")
    # no decimal of 38 digits holds it
    assert found["huge"] == ColumnStatisticsMessage("huge", 1, 0.5)
    assert (found["ratio"].low, found["ratio"].high) == ("1.5", None)
    at = "2025-05-02T16:00:00.500000Z"
    assert found["posted"] == ColumnStatisticsMessage("posted", 1, 0.5, at, at)
    assert found["name"] == ColumnStatisticsMessage("name", 1, 0.5, data_size=7)
    assert found["side"].null_fraction == found["flag"].null_fraction == 0
    assert found["lists"] == ColumnStatisticsMessage("lists", None, 0.5)
    assert client.statistics("public", "none").to_json()["columns"][0] == {
        "column": "a",
        "distinct_values": 0,
        "null_fraction": 0.0,
        "low": None,
        "high": None,
        "data_size": None,
    }
    assert client.statistics("public", "some").to_json() == {"row_count": None, "columns": []}
    assert by_column(client, table="odd")["a"].null_fraction == 1.0


def test_of_a_large_table_some_row_groups_are_read(
    database: Path, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = served(DuckDBSource(database))
    answer = client.statistics("public", "large")
    found = {it.column: it for it in answer.columns}
    rows = 2 * COUNTED_GROUPS * ROW_GROUP
    assert answer.row_count == rows
    assert (found["id"].low, found["id"].high) == ("0", str(rows - 1))
    assert found["fourth"].null_fraction == 0.75
    assert found["account"].distinct_values is not None
    assert 800 < found["account"].distinct_values < 1500
    assert found["name"].data_size == 2 * rows
    assert (found["day"].low, found["day"].high) == ("2025-01-01", "2025-03-31")


def test_duckdb_looks_again_when_the_table_has_changed(
    tmp_path: Path, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[list[str]] = []
    look = duckdb_statistics.of_columns

    def noting(cursor: Any, table: str, rows: int, columns: list[Any], row_ids: bool) -> Any:
        looked.append([column.name for column in columns])
        return look(cursor, table, rows, columns, row_ids)

    monkeypatch.setattr(duckdb_statistics, "of_columns", noting)
    with duckdb.connect(str(tmp_path / "bank.duckdb")) as connection:
        connection.execute("CREATE TABLE main.t AS SELECT 7 AS a, 'x' AS b")
        connection.execute("CREATE TABLE main.other (b INTEGER)")
    source = WritableDuckDBSource(tmp_path / "bank.duckdb")
    client = served(source)
    before, _ = client.describe("main", "t", "a query")

    def insert(table: str, column: str, value: int) -> None:
        rows = pa.table({column: pa.array([value], pa.int32())})
        source.insert(Insert(f"insert-{table}", "main", table, rows.schema, rows.to_reader))

    def found(*columns: str, snapshot: str | None = None) -> tuple[int | None, str | None]:
        answer = client.statistics("main", "t", columns, snapshot)
        return answer.row_count, answer.columns[0].high

    assert found("a", snapshot=before.snapshot) == (1, "7")
    insert("other", "b", 1)
    assert found("a", "b") == (1, "7")
    assert looked == [["a"], ["b"]]
    insert("t", "a", 9)
    assert found("a") == (2, "9")
    assert looked == [["a"], ["b"], ["a"]]
    assert found("a", snapshot=before.snapshot)[0] == 1
    assert [it.column for it in client.statistics("main", "t").columns] == ["a", "b"]
    asked = len(looked)
    client.statistics("main", "t")
    assert len(looked) == asked


def test_parquet(tmp_path: Path, served: Served) -> None:
    table = tmp_path / "lake" / "public" / "t"
    for day, part in (("2025-05-01", ROWS.slice(0, 3)), ("2025-05-02", ROWS.slice(3))):
        (table / f"day_of_file={day}").mkdir(parents=True)
        kept = part.drop_columns(["late", "name"] if day == "2025-05-02" else ["late"])
        pq.write_table(kept, table / f"day_of_file={day}" / "part.parquet", row_group_size=2)
    client = served(ParquetSource(tmp_path / "lake", folder_columns={"day_of_file": pa.date32()}))
    found = by_column(client)
    assert client.statistics("public", "t").row_count == 4
    assert found["id"] == ColumnStatisticsMessage("id", None, 0.25, "1", "3")
    assert found["price"] == ColumnStatisticsMessage("price", None, 0.5, "-0.25", "12.50")
    assert (found["ratio"].low, found["ratio"].high) == ("-2.0", "1.5")
    assert found["day"] == ColumnStatisticsMessage("day", None, 0.5, "1969-12-31", "2025-05-02")
    assert found["name"].null_fraction == 0.25
    assert found["nothing"].null_fraction == 1.0
    assert "lists" not in found
    assert found["day_of_file"] == ColumnStatisticsMessage("day_of_file", 2, 0.0, "2025-05-01", "2025-05-02")


def test_parquet_without_statistics(tmp_path: Path, served: Served) -> None:
    (tmp_path / "lake" / "public").mkdir(parents=True)
    pq.write_table(ROWS.select(["id"]), tmp_path / "lake" / "public" / "t.parquet", write_statistics=False)
    assert by_column(served(ParquetSource(tmp_path / "lake"))) == {}


def test_frames(served: Served) -> None:
    frame = pd.DataFrame({"a": [1, 2, 2], "b": ["x", None, "yy"]})
    client = served(FrameSource({"public.t": frame, "public.made": lambda: frame}))
    assert by_column(client) == {
        "a": ColumnStatisticsMessage("a", 2, 0.0, "1", "2"),
        "b": ColumnStatisticsMessage("b", 2, pytest.approx(1 / 3), data_size=3),  # type: ignore[arg-type]
    }
    assert by_column(client, table="made") == {}
