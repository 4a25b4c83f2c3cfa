"""How much of Trino's memory a long scan through Nostro's connector holds, beside a scan that has no source.

A source in another process sends 100 million bank transactions, the same rows over and over, in four streams.
Trino, whose heap is of 1 GiB, aggregates every column of them. Printed is the most memory that Trino
accounts to the query at any time, and to a query of the same aggregates over numbers that the engine makes
itself.

    .venv/bin/python benchmarks/connector_memory.py [--rows N]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa
from rich.console import Console
from rich.table import Table as ShownTable

from _bank import COLUMNS, EVERY_COLUMN, ROWS, SCHEMA, STORE, TABLE, Bank, Bar, running
from nostro.flight import Applies, Partition, ReadRequest, Source, Table

BATCH_ROWS = 1 << 16
SPLITS = 4
HEAP = "1G"
MEBIBYTE = 2**20
NUMBERS = """(
    SELECT n AS transaction_id, CAST(n AS varchar) AS iban, 'EUR' AS currency,
        CAST(n AS decimal(18, 2)) AS amount, TIMESTAMP '2025-01-01 08:00:00.000000' AS booked_at,
        DATE '2025-01-01' AS value_date
    FROM TABLE(sequence(1, {rows})) AS numbers (n))"""


class Repeated(Source):
    """A table of as many rows as are asked for: one batch of transactions, again and again."""

    applies = Applies.PROJECTION

    def __init__(self, rows: str) -> None:
        self._rows = int(rows)
        with duckdb.connect() as connection:
            made = connection.sql(ROWS.format(rows=BATCH_ROWS)).to_arrow_table().combine_chunks()
        self._batch = made.rename_columns(list(COLUMNS)).to_batches()[0]

    def schemas(self) -> Iterable[str]:
        return [SCHEMA]

    def tables(self, schema: str) -> Iterable[str]:
        return [TABLE]

    def describe(self, schema: str, table: str) -> Table:
        return Table(self._batch.schema, row_count=self._rows)

    def partitions(self, request: ReadRequest) -> Sequence[Partition]:
        return [Partition(str(part)) for part in range(SPLITS)]

    def read(self, request: ReadRequest) -> Iterator[pa.RecordBatch]:
        batch = self._batch.select(request.columns)
        left = self._rows if request.partition is None else self._rows // SPLITS
        while left > 0:
            yield batch.slice(0, left)
            left -= batch.num_rows


@dataclass(frozen=True)
class Scan:
    """What a query took."""

    seconds: float
    peak_bytes: int


def scan(bank: Bank, sql: str) -> Scan:
    with bank.connect() as connection:
        cursor = connection.cursor()
        started = time.monotonic()
        cursor.execute(sql).fetchall()
        return Scan(time.monotonic() - started, cursor.stats["peakMemoryBytes"])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000_000)
    arguments = parser.parse_args()
    console = Console()
    rows = arguments.rows
    with (
        running("connector_memory:Repeated", {"rows": str(rows)}, HEAP, console) as made,
        console.status(f"scanning {rows:,} rows"),
    ):
        count = made.query(f"SELECT count(*) FROM {STORE}")
        if count != [[rows // SPLITS * SPLITS]]:
            raise SystemExit(f"{count} rows were read, not {rows:,}")
        ours = scan(made, EVERY_COLUMN.format(table=STORE))
        engine = scan(made, EVERY_COLUMN.format(table=NUMBERS.format(rows=rows)))
    shown = ShownTable(title=f"{rows:,} rows, every column aggregated, a heap of {HEAP}")
    for heading in ("rows from", "seconds", "most memory of the query, MiB"):
        shown.add_column(heading, justify="left" if heading == "rows from" else "right")
    for name, it in (("the source, in four splits", ours), ("the engine", engine)):
        shown.add_row(name, f"{it.seconds:.1f}", f"{it.peak_bytes / MEBIBYTE:.1f}")
    console.print(shown)
    held = (ours.peak_bytes - engine.peak_bytes) / SPLITS / MEBIBYTE
    console.print(str(Bar("MiB a split, beyond the engine's own", held, most=256)), markup=False)


if __name__ == "__main__":
    main()
