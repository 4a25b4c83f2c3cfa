"""Reads bank transactions through Nostro's connector and its peers in one run: medians, ratios, bars.

- every column (as cheaply as can be, and in groups with the IBANs checked), one column and no column of the
  table (`count(*)`), aggregated in Trino: through Nostro's connector, Trino's PostgreSQL connector and its
  memory connector, which is the engine's own limit; and by pyarrow's Flight client in this process, which
  computes nothing and is the wire's limit
- an aggregate and a top-N that the source computes, beside the same rows read from the memory connector
- 1,000 queries for one transaction each, 16 at once

    .venv/bin/python benchmarks/connector_read.py [--rows N] [--repetitions N] [--page FILE]
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import trino.dbapi
from rich.console import Console
from rich.table import Table

from _bank import (
    COLUMNS,
    ENGINE,
    EVERY_COLUMN,
    POSTGRES,
    SCHEMA,
    STORE,
    TABLE,
    Bank,
    Bar,
    Measurement,
    bank,
    command_line,
    conclude,
    load_postgres,
    measure,
)
from nostro.flight import SourceClient

PARTITIONS = 4
"""How many streams the Flight client reads at once."""
SHORT_WARM_UP = 20
"""Queries of milliseconds are those of a server that has compiled what it runs for each."""
POINT_QUERIES = 1_000
POINT_QUERIES_AT_ONCE = 16
GROUPED = """
SELECT currency, month(value_date), count(*), count_if(iban_is_valid(iban)), sum(amount),
    max(transaction_id), min(booked_at), max(booked_at)
FROM {table} GROUP BY 1, 2"""
ONE_COLUMN = "SELECT sum(amount) FROM {table}"
NO_COLUMN = "SELECT count(*) FROM {table}"
POINT = "SELECT iban, currency, amount, booked_at, value_date FROM {table} WHERE transaction_id = {id}"
INTRODUCTION = """
Bank transactions of six columns: `bigint`, `varchar` (22 characters), `varchar` (8 currencies),
`decimal(18,2)`, `timestamp(6)`, `date`. Nostro's connector reads them from a DuckDB database that
`WritableDuckDBSource` serves in a process of its own. Trino, the source and PostgreSQL share one machine.
"""


@dataclass(frozen=True)
class Question:
    """A query that the source can answer, in SQL and as the connector asks it."""

    name: str
    sql: str
    ask: Callable[[SourceClient], object]


PUSHED = (
    Question(
        "GROUP BY currency",
        """
        SELECT currency, count(*) AS transactions, sum(amount) AS total, max(booked_at) AS last
        FROM {table} GROUP BY currency""",
        lambda client: client.read(
            SCHEMA,
            TABLE,
            aggregation={
                "group_by": ["currency"],
                "aggregates": [
                    {"function": "count", "column": None, "output": "transactions"},
                    {"function": "sum", "column": "amount", "output": "total"},
                    {"function": "max", "column": "booked_at", "output": "last"},
                ],
            },
        ),
    ),
    Question(
        "ORDER BY amount DESC, transaction_id LIMIT 1000",
        "SELECT * FROM {table} ORDER BY amount DESC, transaction_id LIMIT 1000",
        lambda client: client.read(
            SCHEMA,
            TABLE,
            limit=1000,
            order_by=[
                {"column": "amount", "descending": True, "nulls_first": False},
                {"column": "transaction_id", "descending": False, "nulls_first": False},
            ],
        ),
    ),
)


class Reader:
    """Queries of one session, whose answers have to be the same wherever the rows are."""

    def __init__(self, connection: trino.dbapi.Connection, *, pushed: bool) -> None:
        self._cursor = connection.cursor()
        self._answers: dict[str, list[list[object]]] = {}
        if not pushed:
            for catalog, what in (
                ("store", "aggregation"),
                ("store", "topn"),
                ("portfolio_ops_db", "aggregation"),
            ):
                self._cursor.execute(f"SET SESSION {catalog}.{what}_pushdown_enabled = false").fetchall()

    def run(self, template: str, table: str) -> None:
        answer = sorted(self._cursor.execute(template.format(table=table)).fetchall(), key=str)
        if self._answers.setdefault(template, answer) != answer:
            raise SystemExit(f"{table} gives another answer to {template}")

    def plan(self, template: str, table: str) -> str:
        rows = self._cursor.execute("EXPLAIN " + template.format(table=table)).fetchall()
        return "\n".join(str(row[0]) for row in rows)


def read_with_flight(location: str, columns: Sequence[str], rows: int) -> None:
    """Read every endpoint of the table, in parallel, into Arrow memory."""
    with SourceClient(location) as client:
        info = client.plan(SCHEMA, TABLE, columns=columns, partitions=PARTITIONS)

        def read(ticket: bytes) -> int:
            return sum(batch.num_rows for batch in client.stream(ticket))

        with ThreadPoolExecutor(PARTITIONS) as pool:
            found = sum(pool.map(read, [endpoint.ticket.ticket for endpoint in info.endpoints]))
    if found != rows:
        raise SystemExit(f"the Flight client read {found:,} rows, not {rows:,}")


def scans(bank: Bank, rows: int, repetitions: int, console: Console) -> tuple[Table, list[Bar]]:
    """Aggregations in Trino over what the connectors bring."""
    shown = Table(title=f"{rows:,} transactions, aggregated in Trino; seconds, medians of {repetitions}")
    for heading in (
        "columns",
        "Nostro's connector",
        "memory connector",
        "PostgreSQL connector",
        "pyarrow, nothing computed",
        "× memory",
        "times as fast as PostgreSQL",
    ):
        shown.add_column(heading, justify="left" if heading == "columns" else "right")
    bars = []
    with bank.connect() as connection:
        reader = Reader(connection, pushed=False)
        for name, template, columns in (
            ("all six", EVERY_COLUMN, COLUMNS),
            ("all six, in groups, IBANs checked", GROUPED, COLUMNS),
            ("amount", ONE_COLUMN, ("amount",)),
            ("none: count(*)", NO_COLUMN, ()),
        ):
            for table in (STORE, POSTGRES):
                plan = reader.plan(template, table)
                if "Aggregate" not in plan or not ("TableScan" in plan or "ScanProject" in plan):
                    raise SystemExit(f"the aggregation over {table} is not in Trino:\n{plan}")
            nostro, memory, postgres, flight = (
                Measurement("Nostro", partial(reader.run, template, STORE)),
                Measurement("memory", partial(reader.run, template, ENGINE)),
                Measurement("PostgreSQL", partial(reader.run, template, POSTGRES)),
                Measurement("pyarrow", partial(read_with_flight, bank.location, columns, rows)),
            )
            measure((nostro, memory, postgres, flight), repetitions, console)
            times_postgres, of_memory = postgres.median / nostro.median, nostro.median / memory.median
            shown.add_row(
                name,
                *(f"{it.median:.2f}" for it in (nostro, memory, postgres, flight)),
                f"{of_memory:.2f}",
                f"{times_postgres:.1f}",
            )
            if template == EVERY_COLUMN:
                bars.append(
                    Bar("every column, times as fast as the PostgreSQL connector", times_postgres, least=10)
                )
                bars.append(Bar("every column, × the memory connector", of_memory, most=1.15))
    return shown, bars


def pushed(bank: Bank, repetitions: int, console: Console) -> tuple[Table, list[Bar]]:
    """Queries that the source answers, beside their rows read from the memory connector."""
    shown = Table(title=f"Computed by the source; seconds, medians of {repetitions}")
    for heading in (
        "query",
        "rows",
        "pushed down",
        "its rows from memory",
        "the source alone",
        "ratio",
        "not pushed down",
    ):
        shown.add_column(heading, justify="left" if heading == "query" else "right")
    bars = []
    with bank.connect() as connection, bank.connect() as other, SourceClient(bank.location) as client:
        reader, not_pushing = Reader(connection, pushed=True), Reader(other, pushed=False)
        for number, question in enumerate(PUSHED):
            plan = reader.plan(question.sql, STORE)
            if "Aggregate" in plan or "TopN" in plan:
                raise SystemExit(f"{question.name} is not pushed down:\n{plan}")
            result = f"engine.default.result_{number}"
            bank.query(f"CREATE TABLE {result} AS {question.sql.format(table=ENGINE)}")
            down, memory, alone, up = (
                Measurement("pushed", partial(reader.run, question.sql, STORE)),
                Measurement("memory", partial(reader.run, f"SELECT * FROM {result}", result)),
                Measurement("source", partial(question.ask, client)),
                Measurement("not pushed", partial(not_pushing.run, question.sql, STORE)),
            )
            measure((down, memory, alone, up), repetitions, console, SHORT_WARM_UP)
            ratio = (down.median - alone.median) / memory.median
            shown.add_row(
                question.name,
                f"{bank.query(f'SELECT count(*) FROM {result}')[0][0]:,}",
                *(f"{it.median:.3f}" for it in (down, memory, alone)),
                f"{ratio:.2f}",
                f"{up.median:.3f}",
            )
            bars.append(Bar(f"{question.name}: without the source's own time, × memory", ratio, most=1.2))
    return shown, bars


def points(bank: Bank, rows: int, console: Console) -> tuple[Table, list[Bar]]:
    """Many small queries at once, each answered and each with its own row."""
    shown = Table(
        title=f"{POINT_QUERIES:,} queries for one transaction each, {POINT_QUERIES_AT_ONCE} at once"
    )
    for heading in ("connector", "seconds", "queries/s", "connections to the source"):
        shown.add_column(heading, justify="left" if heading == "connector" else "right")
    wanted = random.Random(7).sample(range(rows), POINT_QUERIES)
    expected = {
        row[0]: row[1:]
        for start in range(0, POINT_QUERIES, POINT_QUERIES // 4)
        for row in bank.query(
            f"SELECT {', '.join(COLUMNS)} FROM {ENGINE} WHERE transaction_id IN "
            f"({', '.join(map(str, wanted[start : start + POINT_QUERIES // 4]))})"
        )
    }
    most_connections = 0
    for name, table in (("Nostro's", STORE), ("PostgreSQL, by its index", POSTGRES)):

        def ask(identifiers: Sequence[int], table: str = table) -> int:
            with bank.connect() as connection:
                cursor = connection.cursor()
                for identifier in identifiers:
                    found = cursor.execute(POINT.format(table=table, id=identifier)).fetchall()
                    if found != [expected[identifier]]:
                        raise SystemExit(f"{table} gives {found} for {identifier}: {expected[identifier]}")
            return bank.connections_to_source()

        shares = [wanted[start::POINT_QUERIES_AT_ONCE] for start in range(POINT_QUERIES_AT_ONCE)]
        with console.status(f"{name}: {POINT_QUERIES:,} queries"), ThreadPoolExecutor(len(shares)) as pool:
            started = time.monotonic()
            connections = max(pool.map(ask, shares))
            seconds = time.monotonic() - started
        if table == STORE:
            most_connections = connections
        shown.add_row(
            name,
            f"{seconds:.1f}",
            f"{POINT_QUERIES / seconds:.0f}",
            str(connections) if table == STORE else "",
        )
    return shown, [Bar("connections to the source after all point queries", most_connections, most=2)]


def main() -> None:
    arguments = command_line(__doc__ or "")
    console = Console()
    tables: list[Table] = []
    bars: list[Bar] = []
    with bank(arguments.rows, console) as made:
        with console.status(f"copying {arguments.rows:,} transactions into PostgreSQL"):
            load_postgres(made, arguments.rows)
        steps: tuple[Callable[[], tuple[Table, list[Bar]]], ...] = (
            lambda: scans(made, arguments.rows, arguments.repetitions, console),
            lambda: pushed(made, arguments.repetitions, console),
            lambda: points(made, arguments.rows, console),
        )
        for step in steps:
            shown, asked = step()
            console.print(shown)
            tables.append(shown)
            bars += asked
    conclude(arguments.page, "How fast the connector reads", INTRODUCTION, tables, bars)


if __name__ == "__main__":
    main()
