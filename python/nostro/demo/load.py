"""Loads the synthetic bank into the systems of its teams: PostgreSQL and the ledger's DuckDB file."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import groupby
from pathlib import Path

import duckdb
import psycopg2
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from nostro.demo.schema import LEDGER_TABLES, POSTGRES_TABLES, Table
from nostro.demo.synthetic_bank import SyntheticBank
from nostro.stack.progress import Progress, SilentProgress, Step

BATCH_ROWS = 32_768
COPY_BYTES = 1 << 18

LEDGER_ORDER = {"account": "account_id", "trades": "trade_id"}
"""Trades by id are nearly by time too: a day's trades lie in a few row groups."""


def load_postgres(
    bank: SyntheticBank, dsn_for: Callable[[str], str], progress: Progress | None = None
) -> None:
    """Fill the teams' PostgreSQL databases with the bank's tables.

    `dsn_for` gives a database's connection string. A database gets all of its tables or none, in one
    transaction that replaces what was there; one that holds this very bank is left as it is. Raises
    psycopg2.Error when the server refuses.
    """
    progress = progress or SilentProgress()
    for database, tables in groupby(POSTGRES_TABLES, key=lambda table: table.database):
        with closing(psycopg2.connect(dsn_for(database))) as connection:
            _load_database(bank, connection, tuple(tables), progress)


def list_banks(dsn: str, count: int) -> None:
    """Let the bank list only so many of its counterparty banks, the first by BIC.

    `dtm_dag` maps over the listed ones; the movements of all others fall to its `process_other_…` tasks.
    `dsn` is of `portfolio_ops_db`. Raises psycopg2.Error when the server refuses.
    """
    with closing(psycopg2.connect(dsn)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM banks WHERE bic NOT IN (SELECT bic FROM banks ORDER BY bic LIMIT %s)", [count]
        )


def build_ledger(bank: SyntheticBank, path: Path) -> None:
    """Write the ledger's tables, `public.account` and `public.trades`, to a new DuckDB file.

    The file appears complete or not at all, in place of an older one. Raises OSError when it cannot be
    written.
    """
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        with closing(duckdb.connect(str(partial))) as connection:
            connection.execute("CREATE SCHEMA IF NOT EXISTS public")
            for table in LEDGER_TABLES:
                connection.execute(table.duckdb_ddl())
                connection.execute(
                    f"INSERT INTO public.{table.name} SELECT {', '.join(table.column_names)} "
                    f"FROM read_parquet($file) ORDER BY {LEDGER_ORDER[table.name]}",
                    {"file": str(bank.file(table))},
                )
            connection.execute("CHECKPOINT")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _load_database(
    bank: SyntheticBank,
    connection: psycopg2.extensions.connection,
    tables: tuple[Table, ...],
    progress: Progress,
) -> None:
    with connection, connection.cursor() as cursor:
        if all(_comment(cursor, table) == _mark(bank) for table in tables):
            return
        for table in tables:
            rows = bank.manifest.rows[table.name]
            with progress.step(f"{table.database}: {table.name}", total=rows, unit="rows") as step:
                _load_table(bank, cursor, table, step)


def _load_table(bank: SyntheticBank, cursor: psycopg2.extensions.cursor, table: Table, step: Step) -> None:
    cursor.execute(f"DROP TABLE IF EXISTS public.{table.name}")
    cursor.execute(table.postgres_ddl())
    with pq.ParquetFile(bank.file(table)) as file:
        cursor.copy_expert(
            f"COPY public.{table.name} FROM STDIN WITH (FORMAT csv, FREEZE)",
            _CsvStream(file.iter_batches(BATCH_ROWS), step),
            size=COPY_BYTES,
        )
    step.update(detail="keys, indexes, statistics")
    if table.primary_key:
        cursor.execute(f"ALTER TABLE public.{table.name} ADD PRIMARY KEY ({', '.join(table.primary_key)})")
    for columns in table.indexes:
        cursor.execute(f"CREATE INDEX ON public.{table.name} ({', '.join(columns)})")
    cursor.execute(f"COMMENT ON TABLE public.{table.name} IS %s", (_mark(bank),))
    cursor.execute(f"ANALYZE public.{table.name}")


def _mark(bank: SyntheticBank) -> str:
    return f"synthetic bank: {bank.identity}"


def _comment(cursor: psycopg2.extensions.cursor, table: Table) -> str | None:
    cursor.execute("SELECT obj_description(to_regclass(%s), 'pg_class')", (f"public.{table.name}",))
    row = cursor.fetchone()
    return None if row is None else row[0]


class _CsvStream(io.RawIOBase):
    """Record batches as one stream of CSV, a batch at a time in memory."""

    def __init__(self, batches: Iterator[pa.RecordBatch], step: Step) -> None:
        self._batches = batches
        self._step = step
        self._rows = 0
        self._text = memoryview(b"")

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if not self._text and (batch := next(self._batches, None)) is not None:
            sink = io.BytesIO()
            pyarrow.csv.write_csv(batch, sink, pyarrow.csv.WriteOptions(include_header=False))
            self._text = sink.getbuffer()
            self._rows += batch.num_rows
            self._step.update(completed=self._rows)
        taken = self._text if size < 0 else self._text[:size]
        self._text = self._text[len(taken) :]
        return bytes(taken)
