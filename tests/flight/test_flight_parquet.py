"""Folders of Parquet files as tables."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import flight
from tests.flight.agreement import agrees

from nostro.flight import Source, SourceClient
from nostro.flight.parquet import ParquetSource

Served = Callable[[Source], SourceClient]

TRADES = pa.table(
    {
        "trade_id": pa.array(range(1000), pa.int64()),
        "side": pa.array(["buy", "sell", None, "buy"] * 250).dictionary_encode(),
        "price": [None if i % 7 == 0 else i / 8 for i in range(1000)],
    }
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "lake"
    (root / "public" / "trades").mkdir(parents=True)
    pq.write_table(TRADES.slice(0, 600), root / "public" / "trades" / "a.parquet", row_group_size=100)
    pq.write_table(TRADES.slice(600), root / "public" / "trades" / "b.parquet", row_group_size=100)
    pq.write_table(TRADES.select(["side"]), root / "public" / "side.parquet")
    (root / "public" / "_SUCCESS").touch()
    (root / "public" / "README.txt").write_text("not a table")
    (root / "public" / "empty").mkdir()
    (root / "_staging").mkdir()
    return root


def below(limit: int) -> dict[str, object]:
    high = {"value": str(limit), "inclusive": False}
    return {"columns": [{"column": "trade_id", "ranges": [{"low": None, "high": high}]}]}


def test_folders_are_schemas_and_files_are_tables(folder: Path, served: Served) -> None:
    client = served(ParquetSource(folder))
    assert client.schemas() == ("public",)
    assert [entry.table for entry in client.tables()] == ["side", "trades"]
    described, columns = client.describe("public", "trades")
    assert described.row_count == 1000
    assert columns.types == TRADES.schema.types
    for partitions in (1, 4, 50):
        assert client.read("public", "trades", partitions=partitions).to_pylist() == TRADES.to_pylist()
    assert client.read("public", "trades", columns=[]).num_rows == 1000
    assert client.read("public", "trades", columns=["price"], limit=3).num_rows == 3
    for schema, table in (("public", "nothing"), ("..", "lake"), ("_staging", "x"), ("public", "../public")):
        with pytest.raises(KeyError, match="no such"):
            client.read(schema, table)


def test_row_groups_that_a_predicate_excludes_are_not_read(folder: Path, served: Served) -> None:
    client = served(ParquetSource(folder))
    broken = folder / "public" / "trades" / "b.parquet"
    size = broken.stat().st_size
    with broken.open("r+b") as file:
        # the data pages, not the footer: a scan of any of its row groups fails
        file.write(b"\xff" * (size // 3))
    assert client.read("public", "trades", predicate=below(600), partitions=4).num_rows == 600
    assert len(client.plan("public", "trades", predicate=below(250), partitions=99).endpoints) == 3
    with pytest.raises((OSError, flight.FlightInternalError), match=r"public\.trades"):
        client.read("public", "trades", predicate=below(601))


def test_partitions_are_of_like_size(folder: Path, served: Served) -> None:
    client = served(ParquetSource(folder))
    endpoints = client.plan("public", "trades", partitions=3).endpoints
    rows = [sum(batch.num_rows for batch in client.stream(it.ticket.ticket)) for it in endpoints]
    assert sum(rows) == 1000
    assert max(rows) <= 500


def test_folders_names_are_columns(tmp_path: Path, served: Served) -> None:
    (tmp_path / "public").mkdir()
    rows = pa.table(
        {
            "n": range(4),
            "day": ["2025-05-02", "2025-05-03"] * 2,
            "account": ["007", "42"] * 2,
            "y": [1, 1, None, 2],
        }
    )
    pq.write_to_dataset(rows, tmp_path / "public" / "t", partition_cols=["day", "account", "y"])
    client = served(ParquetSource(tmp_path, folder_columns={"day": pa.date32()}))
    _, columns = client.describe("public", "t")
    assert columns.types == [pa.int64(), pa.date32(), pa.string(), pa.int32()]
    found = sorted(client.read("public", "t").to_pylist(), key=lambda row: int(row["n"]))
    assert found[0] == {"n": 0, "day": datetime.date(2025, 5, 2), "account": "007", "y": 1}
    assert [row["y"] for row in found] == [1, 1, None, 2]
    only = {"columns": [{"column": "day", "values": ["2025-05-03"]}, {"column": "y", "null_allowed": True}]}
    assert client.read("public", "t", predicate=only).num_rows == 0
    only = {"columns": [{"column": "account", "values": ["007"]}, {"column": "y", "null_allowed": True}]}
    assert client.read("public", "t", columns=["n"], predicate=only)["n"].to_pylist() == [2]


def test_columns_that_some_files_lack_are_null_there(tmp_path: Path, served: Served) -> None:
    table = tmp_path / "public" / "t"
    table.mkdir(parents=True)
    whole = pa.schema([pa.field("n", pa.int64(), nullable=False)])
    pq.write_table(pa.table({"n": [1]}, schema=whole), table / "a.parquet")
    pq.write_table(pa.table({"n": [2], "note": ["new"]}), table / "b.parquet")
    client = served(ParquetSource(tmp_path))
    assert client.read("public", "t").to_pylist() == [{"n": 1, "note": None}, {"n": 2, "note": "new"}]
    nothing = {"columns": [{"column": "note", "null_allowed": True}]}
    assert client.read("public", "t", predicate=nothing).to_pylist() == [{"n": 1, "note": None}]


def test_what_cannot_be_a_table_is_explained(folder: Path, served: Served) -> None:
    client = served(ParquetSource(folder))
    public = folder / "public"
    (public / "mixed").mkdir()
    pq.write_table(pa.table({"n": [1]}), public / "mixed" / "a.parquet")
    pq.write_table(pa.table({"n": [1.5]}), public / "mixed" / "b.parquet")
    (public / "text.parquet").write_text("n\n1\n")
    pq.write_to_dataset(pa.table({"n": [1], "k": ["a"]}), public / "keys", partition_cols=["k"])
    pq.write_table(pa.table({"n": [1]}), public / "keys" / "a.parquet")
    (public / "both" / "k=1").mkdir(parents=True)
    pq.write_table(pa.table({"k": [1]}), public / "both" / "k=1" / "a.parquet")
    for table, message in (
        ("mixed", "column n is double in .*b.parquet and int64 in files before it"),
        ("text", "text.parquet is not a Parquet file that can be read"),
        ("keys", "accepted: the same KEY=VALUE folders for all files"),
        ("both", "column k is in the names of folders and also in .*a.parquet"),
    ):
        with pytest.raises(flight.FlightInternalError, match=rf"public\.{table}: .*{message}"):
            client.describe("public", table)
    (public / "side").mkdir()
    pq.write_table(pa.table({"n": [1]}), public / "side" / "a.parquet")
    with pytest.raises(flight.FlightInternalError, match=r"both side and side\.parquet are there"):
        client.tables("public")
    with pytest.raises(NotADirectoryError, match="no such folder"):
        ParquetSource(folder / "nowhere")


def test_a_read_sees_the_files_that_it_was_planned_on(folder: Path, served: Served) -> None:
    client = served(ParquetSource(folder))
    endpoints = client.plan("public", "trades", partitions=2).endpoints
    new = folder / "public" / "trades" / "new"
    pq.write_table(TRADES.slice(0, 10), new)
    new.replace(folder / "public" / "trades" / "b.parquet")
    with pytest.raises(flight.FlightInternalError, match="changed since the read was planned"):
        list(client.stream(endpoints[1].ticket.ticket))
    assert client.read("public", "trades").num_rows == 610


def test_instants_beyond_nanoseconds_survive_int96(tmp_path: Path, served: Served) -> None:
    (tmp_path / "public").mkdir()
    ends = pa.table({"until": pa.array([datetime.datetime(9999, 12, 31, 23, 59, 59)], pa.timestamp("us"))})
    pq.write_table(ends, tmp_path / "public" / "t.parquet", use_deprecated_int96_timestamps=True)
    client = served(ParquetSource(tmp_path))
    assert client.read("public", "t").to_pylist() == ends.to_pylist()


KINDS = (
    ("double", "varchar", "bigint"),
    ("decimal(18,2)", "timestamp(6)", "real"),
    ("timestamp with time zone", "date", "boolean", "varbinary"),
)


@pytest.mark.parametrize("names", KINDS, ids=" ".join)
def test_it_filters_as_the_server_does(
    names: tuple[str, ...], tmp_path: Path, served: Served, request_log: Path
) -> None:
    (tmp_path / "lake" / "public").mkdir(parents=True)

    def store(rows: pa.Table) -> None:
        pq.write_table(rows, tmp_path / "new", row_group_size=2)
        (tmp_path / "new").replace(tmp_path / "lake" / "public" / "t.parquet")

    agrees(names, store, served(ParquetSource(tmp_path / "lake")), ("public", "t"))
    assert any(json.loads(line)["endpoints"] > 1 for line in request_log.read_text().splitlines())
