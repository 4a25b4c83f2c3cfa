"""Writes bank transactions through Nostro's connector and its peers in one run: medians, ratios, bars.

`CREATE TABLE AS SELECT * FROM` Trino's memory, into:

- a DuckDB database, which stores the rows, through Nostro's connector
- PostgreSQL, through Trino's PostgreSQL connector
- Trino's memory connector, which is the engine's own limit

and by pyarrow's Flight client into the same DuckDB database, from Arrow memory in this process: staging and
commit without an engine.

    .venv/bin/python benchmarks/connector_write.py [--rows N] [--repetitions N] [--page FILE]
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import uuid4

import pyarrow as pa
from rich.console import Console
from rich.table import Table

from _bank import (
    COLUMNS,
    ENGINE,
    SCHEMA,
    TABLE,
    Bank,
    Bar,
    Measurement,
    bank,
    command_line,
    conclude,
    measure,
)
from nostro.flight import SourceClient
from nostro.flight.change_messages import BeginWriteRequest, StagedStream

STREAMS = 4
"""How many streams the Flight client sends at once."""
WRITTEN = "written"
INTRODUCTION = """
`CREATE TABLE AS SELECT *` of bank transactions of six columns (`bigint`, `varchar` of 22 characters,
`varchar` of 8 currencies, `decimal(18,2)`, `timestamp(6)`, `date`) from Trino's memory. Trino, the source
and PostgreSQL share one machine.
"""


def create(bank: Bank, schema: str, rows: int) -> None:
    """Create a table of the engine's rows. `schema` names its catalog too."""
    ((written,),) = bank.query(f"CREATE TABLE {schema}.{WRITTEN} AS SELECT * FROM {ENGINE}")
    if written != rows:
        raise SystemExit(f"{schema}: {written} rows were written, not {rows:,}")


def create_with_flight(location: str, rows: pa.Table) -> None:
    """Create a table of rows in memory by parallel streams and a commit."""
    with SourceClient(location) as client:
        write = BeginWriteRequest(uuid4().hex, "create_table_as", SCHEMA, WRITTEN, rows.schema)
        client.begin(write)
        part = -(-rows.num_rows // STREAMS)

        def put(number: int) -> StagedStream:
            with SourceClient(location) as own:
                return own.put(write.operation, f"stream-{number}", rows.slice(number * part, part))

        with ThreadPoolExecutor(STREAMS) as pool:
            staged = list(pool.map(put, range(STREAMS)))
        if client.commit(write.operation, staged) != rows.num_rows:
            raise SystemExit("the commit tells of other rows than were staged")


def drop(bank: Bank, schema: str) -> None:
    bank.query(f"DROP TABLE {schema}.{WRITTEN}")


def same_rows(bank: Bank, schema: str, rows: int) -> None:
    """Raise unless what was written is what the engine has."""
    create(bank, schema, rows)
    written, expected = (
        bank.query(f"SELECT count(*), checksum(ROW({', '.join(COLUMNS)})) FROM {table}")
        for table in (f"{schema}.{WRITTEN}", ENGINE)
    )
    drop(bank, schema)
    if written != expected:
        raise SystemExit(f"{schema}: what was written is not what the engine has")


def run(bank: Bank, rows: int, repetitions: int, console: Console) -> tuple[Table, list[Bar]]:
    """Write the rows in each way."""
    store = f"store.{SCHEMA}"
    with console.status("comparing what is written with what it was written from"):
        same_rows(bank, store, rows)
    with SourceClient(bank.location) as client:
        in_memory = client.read(SCHEMA, TABLE)
    nostro, postgres, memory = (
        Measurement(name, partial(create, bank, schema, rows), partial(drop, bank, schema))
        for name, schema in (
            ("Nostro's connector", store),
            ("PostgreSQL connector", "portfolio_ops_db.public"),
            ("memory connector", "engine.default"),
        )
    )
    flight = Measurement(
        "pyarrow's Flight client",
        partial(create_with_flight, bank.location, in_memory),
        partial(drop, bank, store),
    )
    measure((nostro, postgres, memory, flight), repetitions, console)
    shown = Table(title=f"{rows:,} transactions written, medians of {repetitions}")
    for heading in ("way", "seconds", "million rows/s", "times as fast as PostgreSQL"):
        shown.add_column(heading, justify="left" if heading == "way" else "right")
    for it in (nostro, postgres, memory, flight):
        shown.add_row(
            it.name,
            f"{it.median:.2f}",
            f"{rows / it.median / 1e6:.2f}",
            f"{postgres.median / it.median:.1f}",
        )
    return shown, [Bar("CTAS, times as fast as into PostgreSQL", postgres.median / nostro.median, least=8)]


def main() -> None:
    arguments = command_line(__doc__ or "")
    console = Console()
    with bank(arguments.rows, console) as made:
        shown, bars = run(made, arguments.rows, arguments.repetitions, console)
    console.print(shown)
    conclude(arguments.page, "How fast the connector writes", INTRODUCTION, [shown], bars)


if __name__ == "__main__":
    main()
