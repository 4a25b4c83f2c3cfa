"""Reads one table through three clients, every column of it, in one run: medians and ratios.

(a) pyarrow's own Flight client from the ledger: what the wire and the source allow, with no engine behind it
(b) Trino through Nostro's connector from the same ledger
(c) Trino through its PostgreSQL connector from the embedded PostgreSQL, which holds the same rows

(b) and (c) run the same aggregation over every column in the same Trino. EXPLAIN shows that the aggregation
stays in Trino for both, so what differs is how the rows reach it. The run starts a stack of its own.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import duckdb
import psycopg2
import trino.dbapi
from pyarrow import flight
from rich.console import Console
from rich.progress import track
from rich.table import Table

from nostro.demo.schema import ACCOUNT, TRADES
from nostro.stack import NostroHome, Stack

LEDGER_TABLE = "trading_db.public.trades"
POSTGRES_TABLE = "portfolio_ops_db.public.trades"
EVERY_COLUMN = """
SELECT sum(trade_id), max(account_id), max(isin), max(side), sum(quantity), sum(price), max(currency),
    sum(fees), max(traded_at), max(posted_at), count(reversal_of)
FROM {table}"""


@dataclass(frozen=True)
class Reading:
    """One way of reading the table, and the seconds of its repetitions."""

    name: str
    seconds: list[float]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def build_ledger(rows: int) -> Callable[[Path], None]:
    """Return what makes a ledger with so many trades."""

    def build(path: Path) -> None:
        with duckdb.connect(str(path)) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute("CREATE SCHEMA IF NOT EXISTS public")
            connection.execute(ACCOUNT.duckdb_ddl())
            connection.execute(TRADES.duckdb_ddl())
            connection.execute(f"""
                INSERT INTO public.trades
                SELECT i, 'A' || lpad((hash(i) % 5000)::varchar, 7, '0'),
                    'DE' || lpad((hash(i + 1) % 500)::varchar, 10, '0'),
                    if(i % 2 = 0, 'buy', 'sell'), (hash(i + 2) % 1000000)::decimal(18, 4) / 100,
                    (hash(i + 3) % 100000000)::decimal(18, 6) / 10000, ['EUR', 'USD', 'GBP'][1 + i % 3],
                    (i % 5000)::decimal(18, 2) / 100,
                    TIMESTAMPTZ '2025-04-14 08:00:00+00' + to_microseconds(i * 300000),
                    TIMESTAMPTZ '2025-04-14 08:00:02+00' + to_microseconds(i * 300000),
                    if(i % 200 = 0, i - 1, NULL)
                FROM range({rows}) AS numbers (i)
            """)

    return build


def copy_of(database: Path) -> Callable[[Path], None]:
    """Return what copies a database file."""

    def copy(path: Path) -> None:
        shutil.copyfile(database, path)

    return copy


def load_postgres(ledger: Path, dsn: str, directory: Path) -> None:
    """Copy the ledger's trades into PostgreSQL."""
    csv = directory / "trades.csv"
    with duckdb.connect(str(ledger), read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"COPY public.trades TO '{csv}' (FORMAT csv, HEADER false)")
    connection = psycopg2.connect(dsn)
    with connection, connection.cursor() as cursor, csv.open("rb") as source:
        cursor.execute("DROP TABLE IF EXISTS public.trades")
        cursor.execute(TRADES.postgres_ddl())
        cursor.copy_expert("COPY public.trades FROM STDIN (FORMAT csv)", source)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) public.trades")
    connection.close()
    csv.unlink()


def read_with_flight(location: str) -> int:
    """Read every endpoint of the table, in parallel, into Arrow memory; return the number of rows."""
    request = {
        "protocol": 1,
        "type": "read",
        "schema": "public",
        "table": "trades",
        "columns": [column.name for column in TRADES.columns],
        "predicate": None,
        "limit": None,
        "partitions": 4,
    }
    with flight.connect(location) as client:
        info = client.get_flight_info(flight.FlightDescriptor.for_command(json.dumps(request).encode()))
        with ThreadPoolExecutor(4) as pool:
            tables = pool.map(lambda endpoint: client.do_get(endpoint.ticket).read_all(), info.endpoints)
            return sum(table.num_rows for table in tables)


def only_the_scan_is_pushed_down(cursor: trino.dbapi.Cursor, table: str) -> str:
    """Return the scan's line of the plan and those above it; raise when the source aggregates."""
    plan = "\n".join(
        row[0] for row in cursor.execute("EXPLAIN " + EVERY_COLUMN.format(table=table)).fetchall()
    )
    steps = [line.strip(" │├└─") for line in plan.splitlines() if "Aggregate" in line or "TableScan" in line]
    if not any("Aggregate" in step for step in steps) or "TableScan" not in steps[-1]:
        raise SystemExit(f"the aggregation over {table} is not in Trino:\n{plan}")
    if any(word in plan for word in ("_pfgnrtd", "SELECT ")):
        raise SystemExit(f"more than the scan of {table} was pushed down:\n{plan}")
    return " → ".join(reversed(steps))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--repetitions", type=int, default=5)
    arguments = parser.parse_args()
    console = Console()
    home = Path(tempfile.mkdtemp(prefix="nostro-benchmark-"))
    stack = Stack(NostroHome(home))
    try:
        with console.status("starting a stack"):
            stack.up()
        with console.status(f"loading {arguments.rows:,} trades into the ledger and PostgreSQL"):
            seed = home / "seed.duckdb"
            build_ledger(arguments.rows)(seed)
            load_postgres(seed, stack.postgres_dsn("portfolio_ops_db"), home)
            stack.ledger.replace_database(copy_of(seed))
        run(stack, arguments.rows, arguments.repetitions, console)
    finally:
        stack.down(delete_data=True)
        shutil.rmtree(home, ignore_errors=True)


def run(stack: Stack, rows: int, repetitions: int, console: Console) -> None:
    address = urlsplit(stack.trino_address())
    with trino.dbapi.connect(host=address.hostname, port=address.port, user="nostro") as connection:
        cursor = connection.cursor()
        for catalog in ("portfolio_ops_db", "trading_db"):
            cursor.execute(f"SET SESSION {catalog}.aggregation_pushdown_enabled = false").fetchall()
        for table in (LEDGER_TABLE, POSTGRES_TABLE):
            console.print(f"{table}: {only_the_scan_is_pushed_down(cursor, table)}", markup=False)
        answers: dict[str, list[object]] = {}

        def query(table: str) -> int:
            answers[table] = cursor.execute(EVERY_COLUMN.format(table=table)).fetchall()
            return rows

        ways: dict[str, Callable[[], int]] = {
            "(a) pyarrow Flight client": lambda: read_with_flight(stack.ledger_location()),
            "(b) Trino, Nostro's connector": lambda: query(LEDGER_TABLE),
            "(c) Trino, PostgreSQL connector": lambda: query(POSTGRES_TABLE),
        }
        for read in ways.values():
            read()
        readings = {name: Reading(name, []) for name in ways}
        for _ in track(range(repetitions), "measuring", console=console):
            for name, read in ways.items():
                started = time.monotonic()
                count = read()
                readings[name].seconds.append(time.monotonic() - started)
                if count != rows:
                    raise SystemExit(f"{name} read {count:,} rows, not {rows:,}")
    if answers[LEDGER_TABLE] != answers[POSTGRES_TABLE]:
        raise SystemExit(f"the answers differ: {answers}")
    slowest = readings["(c) Trino, PostgreSQL connector"].median
    shown = Table(title=f"{rows:,} rows of {len(TRADES.columns)} columns, medians of {repetitions}")
    for heading in ("client", "seconds", "million rows/s", "times as fast as (c)"):
        shown.add_column(heading, justify="left" if heading == "client" else "right")
    for reading in readings.values():
        shown.add_row(
            reading.name,
            f"{reading.median:.2f}",
            f"{rows / reading.median / 1e6:.2f}",
            f"{slowest / reading.median:.1f}",
        )
    console.print(shown)


if __name__ == "__main__":
    main()
