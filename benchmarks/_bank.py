"""What the connector's benchmarks run on: bank transactions in three places that one Trino reads and writes.

| catalog | what it is |
|---|---|
| `store` | Nostro's connector to a DuckDB database, which `WritableDuckDBSource` serves in another process |
| `engine` | Trino's memory connector: what the engine itself takes |
| `portfolio_ops_db` | the embedded PostgreSQL, through Trino's PostgreSQL connector |
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import duckdb
import psutil
import psycopg2
import trino.dbapi
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from _tables import write_page
from nostro.stack import NostroHome, Stack
from nostro.stack.ports import LOOPBACK, pick_free

SCHEMA = "bank"
TABLE = "transactions"
COLUMNS = ("transaction_id", "iban", "currency", "amount", "booked_at", "value_date")
STORE = f"store.{SCHEMA}.{TABLE}"
ENGINE = f"engine.default.{TABLE}"
POSTGRES = f"portfolio_ops_db.public.{TABLE}"

DEFINITION = """
CREATE TABLE {name} (
    transaction_id bigint NOT NULL, iban varchar, currency varchar, amount decimal(18, 2),
    booked_at timestamp, value_date date)"""
ROWS = """
SELECT i, 'DE' || lpad((hash(i) % 10000000000000)::varchar, 20, '0'),
    ['EUR', 'USD', 'GBP', 'CHF', 'JPY', 'SEK', 'NOK', 'PLN'][(1 + hash(i + 1) % 8)::integer],
    (hash(i + 2) % 100000000)::decimal(18, 2) / 100 - 500000,
    TIMESTAMP '2025-01-01 08:00:00' + to_microseconds(i * 3000000 + (hash(i) % 1000000)::bigint),
    DATE '2025-01-01' + (i // 28800)::integer
FROM range({rows}) AS numbers (i)"""
EVERY_COLUMN = """
SELECT sum(transaction_id), max(iban), max(currency), sum(amount), max(booked_at), max(value_date)
FROM {table}"""
HEAP = "8G"


@dataclass
class Measurement:
    """Something that is repeated, and the seconds that each repetition took."""

    name: str
    run: Callable[[], object]
    undo: Callable[[], object] = lambda: None
    """What follows each repetition, and is not measured."""
    seconds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def measure(
    measurements: Sequence[Measurement], repetitions: int, console: Console, warm_up: int = 1
) -> None:
    """Run all in turn, so that what else the machine does strikes all alike; the first rounds unmeasured."""
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("measuring", total=(warm_up + repetitions) * len(measurements))
        for repetition in range(warm_up + repetitions):
            for measurement in measurements:
                started = time.monotonic()
                measurement.run()
                if repetition >= warm_up:
                    measurement.seconds.append(time.monotonic() - started)
                measurement.undo()
                progress.advance(task)


@dataclass(frozen=True)
class Bar:
    """What the project asks of itself."""

    what: str
    value: float
    least: float | None = None
    most: float | None = None

    @property
    def met(self) -> bool:
        return (self.least is None or self.value >= self.least) and (
            self.most is None or self.value <= self.most
        )

    def __str__(self) -> str:
        asked = f"at least {self.least:g}" if self.least is not None else f"at most {self.most:g}"
        return f"{'met' if self.met else 'MISSED'}: {self.what} {self.value:.2f} ({asked})"


def command_line(description: str) -> argparse.Namespace:
    """The options that both directions have: rows, repetitions, and a page to be written."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--page", type=Path, help="also write the tables to this file")
    return parser.parse_args()


def conclude(
    page: Path | None, title: str, introduction: str, tables: Sequence[Table], bars: Sequence[Bar]
) -> None:
    """Print which bars are met, and write the page if one is wanted."""
    told = "\n".join(f"- {bar}" for bar in bars)
    print(told)
    if page is not None:
        command = f"benchmarks/{Path(sys.argv[0]).name} --page {page}"
        write_page(page, title, command, f"{introduction}\n{told}", tables)


@dataclass(frozen=True)
class Bank:
    """A running stack, and the process that serves its store."""

    stack: Stack
    location: str
    """The store's, as `grpc://host:port`."""
    source: subprocess.Popen[str]

    def connect(self) -> trino.dbapi.Connection:
        address = urlsplit(self.stack.trino_address())
        connection: trino.dbapi.Connection = trino.dbapi.connect(
            host=address.hostname, port=address.port, user="nostro"
        )
        return connection

    def query(self, sql: str) -> list[list[object]]:
        with self.connect() as connection:
            rows: list[list[object]] = connection.cursor().execute(sql).fetchall()
            return rows

    def connections_to_source(self) -> int:
        """How many clients are connected to the store now."""
        port = urlsplit(self.location).port
        connections = psutil.Process(self.source.pid).net_connections("tcp")
        return sum(it.status == psutil.CONN_ESTABLISHED and it.laddr.port == port for it in connections)


@contextmanager
def bank(rows: int, console: Console) -> Iterator[Bank]:
    """A stack of its own with so many transactions in the store and in the engine."""
    with TemporaryDirectory(prefix="nostro-benchmark-") as directory:
        database = Path(directory, "store.duckdb")
        with console.status(f"making {rows:,} transactions"), duckdb.connect(str(database)) as connection:
            connection.execute(f"CREATE SCHEMA {SCHEMA}")
            connection.execute(DEFINITION.format(name=f"{SCHEMA}.{TABLE}"))
            connection.execute(f"INSERT INTO {SCHEMA}.{TABLE} {ROWS.format(rows=rows)}")
        source = "nostro.flight.duckdb_writes:WritableDuckDBSource"
        with running(source, {"database": str(database)}, HEAP, console) as made:
            with console.status(f"copying {rows:,} transactions into Trino's memory"):
                made.query(f"CREATE TABLE {ENGINE} AS SELECT * FROM {STORE}")
            yield made


@contextmanager
def running(source: str, options: Mapping[str, str], heap: str, console: Console) -> Iterator[Bank]:
    """A stack of its own whose store is a source: `module:object`, of this directory or of a package."""
    os.environ["NOSTRO_TRINO_HEAP"] = heap
    with TemporaryDirectory(prefix="nostro-benchmark-") as directory:
        home = Path(directory)
        location = f"grpc://{LOOPBACK}:{pick_free(set())}"
        write_catalogs(home / "catalogs", location)
        stack = Stack(NostroHome(home))
        with serving(source, options, location) as process:
            try:
                with console.status("starting a stack"):
                    stack.up()
                yield Bank(stack, location, process)
            finally:
                stack.down(delete_data=True)


def write_catalogs(directory: Path, location: str) -> None:
    directory.mkdir()
    (directory / "store.properties").write_text(
        f"connector.name=arrow_flight\narrow-flight.location={location}\n"
    )
    (directory / "engine.properties").write_text("connector.name=memory\nmemory.max-data-per-node=3GB\n")


@contextmanager
def serving(source: str, options: Mapping[str, str], location: str) -> Iterator[subprocess.Popen[str]]:
    """The process that serves a source."""
    command = [sys.executable, "-m", "nostro.flight", "serve", source, "--location", location]
    for key, value in options.items():
        command += ["--option", f"{key}={value}"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=Path(__file__).parent
    ) as process:
        try:
            assert process.stdout is not None
            if process.stdout.readline().strip() != location:
                raise SystemExit(f"the source does not answer at {location}")
            yield process
        finally:
            process.terminate()


def load_postgres(bank: Bank, rows: int) -> None:
    """Put the same transactions into PostgreSQL, with an index on their ids."""
    csv = bank.stack.home.root / "transactions.csv"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({ROWS.format(rows=rows)}) TO '{csv}' (FORMAT csv, HEADER false)")
    connection = psycopg2.connect(bank.stack.postgres_dsn("portfolio_ops_db"))
    with connection, connection.cursor() as cursor, csv.open("rb") as source:
        cursor.execute(DEFINITION.format(name=f"public.{TABLE}"))
        cursor.copy_expert(f"COPY public.{TABLE} FROM STDIN (FORMAT csv)", source)
        cursor.execute(f"ALTER TABLE public.{TABLE} ADD PRIMARY KEY (transaction_id)")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM (ANALYZE) public.{TABLE}")
    connection.close()
    csv.unlink()
