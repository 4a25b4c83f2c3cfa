"""Slow readers and many readers: memory stays bounded, answers stay right."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nostro.flight import SourceClient

MODULE = """
import sqlite3

import pyarrow as pa
from nostro.flight import FunctionSource
from nostro.flight.dbapi import DbApiSource
from nostro.flight.parquet import ParquetSource

generated = FunctionSource("generated")

@generated.table("public.t", {"n": pa.int64()})
def t():
    for start in range(0, 200_000_000, 1_000_000):
        yield pa.record_batch({"n": pa.repeat(pa.scalar(start, pa.int64()), 1_000_000)})

def files():
    return ParquetSource("lake")

def database():
    return DbApiSource(lambda: sqlite3.connect("bank.sqlite"), partition_by={"main.t": "n"})
"""

ROWS = 20_000_000
"""Of the Parquet table: 160 MB when read."""
GROWTH = 120 * 1024 * 1024
"""Bytes that a server may take more while one client reads, of which Flight's own buffers are a part."""
CLIENTS = 16


@contextmanager
def served(folder: Path, reference: str) -> Iterator[tuple[str, psutil.Process]]:
    """In a process of its own, whose memory is its own."""
    (folder / "module.py").write_text(MODULE)
    with subprocess.Popen(
        [sys.executable, "-m", "nostro.flight", "serve", f"module:{reference}"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip(), psutil.Process(process.pid)
        finally:
            process.kill()


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    (tmp_path / "lake" / "public").mkdir(parents=True)
    rows = pa.table({"n": range(ROWS // 20)})
    with pq.ParquetWriter(
        tmp_path / "lake" / "public" / "t.parquet", rows.schema, use_dictionary=False
    ) as writer:
        for _ in range(20):
            writer.write_table(rows, row_group_size=ROWS // 20)
    return tmp_path


@pytest.mark.parametrize(("reference", "rows"), [("generated", 200_000_000), ("files", ROWS)])
def test_a_slow_reader_does_not_fill_the_servers_memory(reference: str, rows: int, lake: Path) -> None:
    with served(lake, reference) as (location, process), SourceClient(location) as client:
        client.describe("public", "t")
        client.read("public", "t", limit=1)
        before = process.memory_info().rss
        (endpoint,) = client.plan("public", "t").endpoints
        read = next(stream := client.stream(endpoint.ticket.ticket)).num_rows
        most = 0
        deadline = time.monotonic() + 4
        while time.monotonic() < deadline:
            time.sleep(0.1)
            read += next(stream).num_rows
            most = max(most, process.memory_info().rss)
        assert read < rows
        assert most - before < GROWTH
        # it goes on where it was, and nothing is lost
        if reference == "files":
            assert read + sum(batch.num_rows for batch in stream) == rows
            assert process.memory_info().rss - before < GROWTH
        stream.close()


@pytest.mark.parametrize("reference", ["files", "database"])
def test_many_clients_get_right_answers_at_once(reference: str, tmp_path: Path) -> None:
    numbers = 60_000
    (tmp_path / "lake" / "main").mkdir(parents=True)
    rows = pa.table({"n": range(numbers), "half": [f"{n // 2}" for n in range(numbers)]})
    pq.write_table(rows, tmp_path / "lake" / "main" / "t.parquet", row_group_size=7_000)
    with closing(sqlite3.connect(tmp_path / "bank.sqlite")) as connection, connection:
        connection.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, half TEXT)")
        connection.executemany("INSERT INTO t VALUES (?, ?)", ((n, f"{n // 2}") for n in range(numbers)))

    with served(tmp_path, reference) as (location, _):

        def check(number: int) -> None:
            low, high = number * 1_000, number * 1_000 + 20_000
            ends = {
                "low": {"value": str(low), "inclusive": True},
                "high": {"value": str(high), "inclusive": False},
            }
            within = {"columns": [{"column": "n", "ranges": [ends]}]}
            few = {"columns": [{"column": "half", "values": [str(low), "none"]}]}
            with SourceClient(location) as client:
                for _ in range(3):
                    found = client.read("main", "t", predicate=within, partitions=1 + number % 4)
                    assert sorted(found["n"].to_pylist()) == list(range(low, high))
                    found = client.read("main", "t", columns=["n"], predicate=few)
                    assert found["n"].to_pylist() == [n for n in (2 * low, 2 * low + 1) if n < numbers]
                    assert client.read("main", "t", columns=[], limit=number + 1).num_rows == number + 1

        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(check, range(2 * CLIENTS)))
