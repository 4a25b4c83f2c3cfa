"""The ledger: the bank's trading accounts and trades, in DuckDB behind Arrow Flight.

python -m nostro.flight serve nostro.demo.ledger:ledger --option database=ledger.duckdb
"""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

from nostro.demo.schema import LEDGER_TABLES
from nostro.flight.duckdb import DuckDBSource

SCHEMA = "public"

LEDGER_DDL = (f"CREATE SCHEMA {SCHEMA}", *(table.duckdb_ddl(SCHEMA) for table in LEDGER_TABLES))
"""Statements that make an empty ledger."""


def ledger(database: str, threads: str | None = None, memory_limit: str = "1GB") -> DuckDBSource:
    """The ledger kept in the file `database`, which is made, empty, if it is not there."""
    path = Path(database)
    if not path.exists():
        create_ledger(path)
    return DuckDBSource(
        path,
        name="ledger",
        version="1",
        threads=None if threads is None else int(threads),
        memory_limit=memory_limit,
    )


def create_ledger(path: Path) -> None:
    """Make an empty ledger; the file appears whole or not at all."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with duckdb.connect(str(unfinished)) as connection:
            for statement in LEDGER_DDL:
                connection.execute(statement)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
