"""How fast the functions are: every family, each member beside what Trino has nearest to it, all in one run.

Prints rows per second of Trino's CPU time: the query's own statistics, the scan of the rows included, so the
floor (`length()` of the same column, say) is about the most that any function of it can reach. Medians of
five. Aggregates are measured beside `avg` of the same rows, without groups, in 1,000 groups, and as windows
of 100,000 rows; `xirr` beside pyxirr on the same groups. Bars that the project has set itself are printed as
met or missed. The rows are kept in the memory connector when there is one, where a scan costs least.

    .venv/bin/python benchmarks/functions.py [--trino HOST:PORT] [--catalog CATALOG] [--rows N] [--page FILE]
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import numpy
import pyxirr
import trino.dbapi
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from _subjects import (
    FAMILIES,
    FLOWS,
    FLOWS_OF_GROUP,
    FRAMES,
    WINDOW_ROWS,
    Aggregate,
    Bar,
    Family,
    Peer,
    Subject,
)
from _tables import write_page
from nostro.stack import NostroHome, Stack

SCHEMA = "functions_benchmark"
# A SQL routine is so slow that it gets a smaller table, of every so many of the rows.
ROUTINE_PART = 20
PART_SUFFIX = "_part"
FEWEST_ROWS = 20_000
# How many groups pyxirr is given.
MOST_GROUPS = 10_000
PAGE = "docs/functions-speed.md"
INTRODUCTION = """
Rows per second of Trino's CPU time, which is all of a query's threads and the scan of its rows. The *floor*
is the least that a query of the same column costs, so no function is faster. Beside each function are the
nearest built-in, a regular expression of the same form, and an SQL routine of equal work, where there are
such; the last table names them. Aggregates are beside `avg` of the same rows: of all rows, in 1,000 groups,
and over frames. [kernels-speed.md](kernels-speed.md) has them beside Java's libraries, with no engine.
"""
SCALAR_COLUMNS = ("ours", "floor", "built-in", "regexp", "routine")
Rates = Mapping[str, float]


@dataclass
class Trino:
    """A connection that tells what a query cost."""

    connection: trino.dbapi.Connection

    def execute(self, sql: str) -> list[tuple[object, ...]]:
        cursor = self.connection.cursor()
        cursor.execute(sql)
        return [tuple(row) for row in cursor.fetchall()]

    def cpu_seconds(self, sql: str) -> float:
        cursor = self.connection.cursor()
        cursor.execute(sql)
        cursor.fetchall()
        return max(1, int(cursor.stats["cpuTimeMillis"])) / 1000


@contextmanager
def server(address: str | None) -> Iterator[Trino]:
    """The Trino at an address, or a stack of its own while the benchmark runs."""
    if address is not None:
        host, _, port = address.removeprefix("http://").partition(":")
        with trino.dbapi.connect(host=host, port=int(port), user="nostro") as connection:
            yield Trino(connection)
        return
    with tempfile.TemporaryDirectory(prefix="nostro-benchmark-") as home:
        stack = Stack(NostroHome(Path(home)))
        try:
            stack.up()
            location = urlsplit(stack.trino_address())
            with trino.dbapi.connect(host=location.hostname, port=location.port, user="nostro") as connection:
                yield Trino(connection)
        finally:
            stack.down(delete_data=True)


@contextmanager
def table_of(database: Trino, schema: str, columns: str, rows: int) -> Iterator[str]:
    """A table of about so many rows while they are measured, and a part of it for routines."""
    table = f"{schema}.rows"
    names = (table, table + PART_SUFFIX)
    try:
        for name in names:
            database.execute(f"DROP TABLE IF EXISTS {name}")
        database.execute(f"""
            CREATE TABLE {table} AS
            WITH numbers AS (
                SELECT (a - 1) * 1000 + b AS n
                FROM UNNEST(sequence(1, {rows // 1000})) AS x (a)
                CROSS JOIN UNNEST(sequence(1, 1000)) AS y (b))
            {columns}""")
        database.execute(
            f"CREATE TABLE {table}{PART_SUFFIX} AS SELECT * FROM {table} WHERE n % {ROUTINE_PART} = 1"
        )
        yield table
    finally:
        for name in names:
            database.execute(f"DROP TABLE IF EXISTS {name}")


@dataclass
class Measurements:
    """CPU seconds and rows of queries, by subject and by what was measured of it."""

    database: Trino
    runs: int
    console: Console

    def medians(self, title: str, queries: Mapping[str, tuple[str, int]]) -> Rates:
        """Median rows per CPU second of queries, by their names; each query runs once in every round."""
        samples: dict[str, list[float]] = defaultdict(list)
        with Progress(console=self.console, transient=True) as progress:
            task = progress.add_task(title, total=self.runs + 1)
            # the first round is to compile the queries' code
            for run in range(self.runs + 1):
                for name, (sql, rows) in queries.items():
                    seconds = self.database.cpu_seconds(sql)
                    if run > 0:
                        samples[name].append(rows / seconds)
                progress.advance(task)
        return {name: statistics.median(rates) for name, rates in samples.items()}

    def of_subject(self, table: str, rows: int, family: Family, subject: Subject) -> Rates:
        """A scalar and its peers: a count of the rows for which each one's condition holds."""
        peers = {
            "ours": Peer(subject.name, subject.expression),
            "floor": family.floor,
            "built-in": subject.builtin,
            "regexp": subject.regexp,
            "routine": subject.routine,
        }
        queries: dict[str, tuple[str, int]] = {}
        for column, peer in peers.items():
            if peer is None:
                continue
            if peer.routine:
                sql = f"WITH {peer.routine} SELECT count_if({peer.expression}) FROM {table}{PART_SUFFIX}"
                queries[column] = (sql, rows // ROUTINE_PART)
            else:
                queries[column] = (f"SELECT count_if({peer.expression}) FROM {table}", rows)
        return self.medians(subject.name, queries)

    def of_aggregate(self, table: str, rows: int, aggregate: Aggregate) -> Rates:
        """An aggregate, avg and the nearest built-in: of all rows, in groups, and over frames."""
        expressions = {"ours": aggregate.expression, "avg": aggregate.average}
        if aggregate.nearest is not None:
            expressions["built-in"] = aggregate.nearest.expression
        queries: dict[str, tuple[str, int]] = {}
        for name, expression in expressions.items():
            if name != "built-in" or aggregate.running:
                queries[name] = (f"SELECT count(x) FROM (SELECT {expression} AS x FROM {table})", rows)
            grouped = f"SELECT {expression} AS x FROM {table} GROUP BY n % 1000"
            queries[f"{name}, groups"] = (f"SELECT count(x) FROM ({grouped})", rows)
        for frame, clause in FRAMES.items():
            for name in ("ours", "avg"):
                windowed = (
                    f"SELECT {expressions[name]} OVER ({clause}) AS x FROM {table} WHERE n <= {WINDOW_ROWS}"
                )
                queries[f"{name}, {frame}"] = (f"SELECT count(x) FROM ({windowed})", WINDOW_ROWS)
        return self.medians(aggregate.name, queries)

    def of_xirr(self, table: str, rows: int) -> Rates:
        """`xirr` of groups, and pyxirr's of the same groups in this process, both by CPU time."""
        xirr = f"SELECT count(xirr) FROM (SELECT xirr(amount, paid_on) AS xirr FROM {table} GROUP BY deal)"
        average = f"SELECT count(x) FROM (SELECT avg(amount) AS x FROM {table} GROUP BY deal)"
        groups = min(MOST_GROUPS, rows // FLOWS_OF_GROUP - 1)
        flows = self.database.execute(
            f"SELECT deal, amount, paid_on FROM {table} WHERE deal BETWEEN 1 AND {groups} ORDER BY n"
        )
        dates = numpy.array([row[2] for row in flows], dtype="datetime64[D]").reshape(groups, FLOWS_OF_GROUP)
        amounts = numpy.array([row[1] for row in flows], dtype="float64").reshape(groups, FLOWS_OF_GROUP)
        pairs = list(zip(dates, amounts, strict=True))
        samples = []
        differences = []
        found = self.database.execute(
            f"SELECT deal, xirr(amount, paid_on) FROM {table} WHERE deal BETWEEN 1 AND {groups} GROUP BY deal"
        )
        ours = {int(str(deal)): float(str(rate)) for deal, rate in found}
        for _ in range(self.runs + 1):
            started = time.process_time()
            results = [pyxirr.xirr(paid_on, paid) for paid_on, paid in pairs]
            samples.append(len(flows) / (time.process_time() - started))
            differences = [
                math.inf if result is None else abs(result - ours[deal])
                for deal, result in enumerate(results, start=1)
            ]
        if max(differences) > 1e-9:
            raise SystemExit(f"xirr and pyxirr differ by {max(differences)}")
        medians = self.medians("xirr", {"ours, groups": (xirr, rows), "avg, groups": (average, rows)})
        return {**medians, "pyxirr": statistics.median(samples[1:])}


def millions(rate: float) -> str:
    """A rate, in millions, to three significant figures."""
    value = rate / 1e6
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 0.1 else f"{value:.4f}"


def ratio(rates: Rates, column: str, peer: str) -> str:
    return f"{rates[column] / rates[peer]:.2f}" if column in rates and peer in rates else ""


def scalars_report(results: Mapping[str, Rates], runs: int) -> Table:
    table = Table(title=f"Million rows per second of CPU time, medians of {runs}")
    table.add_column("function")
    for column in (*SCALAR_COLUMNS, "÷ floor", "÷ built-in", "÷ regexp", "÷ routine"):
        table.add_column(column, justify="right")
    for name, rates in results.items():
        table.add_row(
            name,
            *(millions(rates[column]) if column in rates else "" for column in SCALAR_COLUMNS),
            *(ratio(rates, "ours", peer) for peer in ("floor", "built-in", "regexp", "routine")),
        )
    return table


def aggregates_report(results: Mapping[str, Rates], aggregates: Mapping[str, Aggregate], runs: int) -> Table:
    table = Table(title=f"Aggregates: million rows per second of CPU time, medians of {runs}")
    for column in ("aggregate", "state"):
        table.add_column(column)
    kinds = ("", ", groups", *(f", {frame}" for frame in FRAMES))
    for kind in ("all rows", "1,000 groups", *(f"frame: {frame}" for frame in FRAMES)):
        table.add_column(kind, justify="right")
        table.add_column("÷ avg", justify="right")
    table.add_column("÷ built-in, groups", justify="right")
    for name, rates in results.items():
        cells = []
        for kind in kinds:
            ours = f"ours{kind}"
            cells += [millions(rates[ours]) if ours in rates else "", ratio(rates, ours, f"avg{kind}")]
        running = name in aggregates and aggregates[name].running
        table.add_row(
            name,
            "running" if running else "keeps rows",
            *cells,
            ratio(rates, "ours, groups", "built-in, groups"),
        )
    return table


def peers_report(families: Sequence[Family], measured: Collection[str]) -> Table:
    table = Table(title="What each is measured beside")
    for column in ("function", "floor", "built-in", "regexp", "routine"):
        table.add_column(column)
    for family in families:
        for subject in family.subjects:
            if subject.name not in measured:
                continue
            peers = (family.floor, subject.builtin, subject.regexp, subject.routine)
            table.add_row(subject.name, *(peer.name if peer else "" for peer in peers))
        for aggregate in family.aggregates:
            if aggregate.name not in measured:
                continue
            nearest = aggregate.nearest.name if aggregate.nearest else ""
            table.add_row(aggregate.expression, aggregate.average, nearest, "", "")
    return table


def verdict(bar: Bar, rates: Rates) -> tuple[bool, str]:
    """Whether a bar is met, and by what."""
    match bar:
        case Bar.FIVE_TIMES_REGEXP:
            times = rates["ours"] / rates["regexp"]
            ceiling = rates["floor"] / rates["regexp"]
            return times >= 5, f"{times:.1f} times (the floor is {ceiling:.1f} times)"
        case Bar.FIVE_MILLION_ROWS:
            return rates["ours"] >= 5e6, f"{millions(rates['ours'])} M"
        case Bar.HALF_OF_AVG:
            shares = [rates[f"ours{kind}"] / rates[f"avg{kind}"] for kind in ("", ", groups")]
            return min(shares) >= 0.5, f"{shares[0]:.2f} of all rows, {shares[1]:.2f} in groups"
        case Bar.AS_PYXIRR:
            times = rates["ours, groups"] / rates["pyxirr"]
            return times >= 1, f"{times:.1f} times"


def bars_report(bars: Sequence[tuple[str, Bar, Rates]]) -> Table:
    table = Table(title="Bars")
    for column in ("function", "bar", "measured", ""):
        table.add_column(column)
    for name, bar, rates in bars:
        met, measured = verdict(bar, rates)
        table.add_row(name, bar.value, measured, "met" if met else "missed")
    return table


def rows_of(family: Family, rows: int) -> int:
    """How many rows a family gets, in thousands."""
    return max(FEWEST_ROWS, int(rows * family.share)) // 1000 * 1000


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--trino", help="host:port of a server with the plugin; without it, a stack is started"
    )
    parser.add_argument("--catalog", help="where to write the rows: memory when there is one, or else lake")
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument(
        "--only", nargs="+", default=[], help="families or functions whose names begin like this"
    )
    parser.add_argument("--page", type=Path, help="a file to write the tables to, in Markdown")
    arguments = parser.parse_args()

    def wanted(*names: str) -> bool:
        return not arguments.only or any(name.startswith(only) for name in names for only in arguments.only)

    console = Console(width=None if sys.stdout.isatty() else 200)
    scalars: dict[str, Rates] = {}
    aggregated: dict[str, Rates] = {}
    aggregates: dict[str, Aggregate] = {}
    bars: list[tuple[str, Bar, Rates]] = []
    with server(arguments.trino) as database:
        catalogs = {row[0] for row in database.execute("SHOW CATALOGS")}
        catalog = arguments.catalog or ("memory" if "memory" in catalogs else "lake")
        schema = f"{catalog}.{SCHEMA}"
        measurements = Measurements(database, arguments.runs, console)
        database.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        try:
            for family in FAMILIES:
                subjects = [s for s in family.subjects if wanted(family.name, s.name)]
                of_family = [a for a in family.aggregates if wanted(family.name, a.name)]
                if not subjects and not of_family:
                    continue
                rows = rows_of(family, arguments.rows)
                with table_of(database, schema, family.columns, rows) as table:
                    for subject in subjects:
                        scalars[subject.name] = measurements.of_subject(table, rows, family, subject)
                        bars += [(subject.name, bar, scalars[subject.name]) for bar in subject.bars]
                    for aggregate in of_family:
                        aggregates[aggregate.name] = aggregate
                        aggregated[aggregate.name] = measurements.of_aggregate(table, rows, aggregate)
                        bars += [(aggregate.name, bar, aggregated[aggregate.name]) for bar in aggregate.bars]
            if wanted("xirr"):
                rows = arguments.rows // 2
                with table_of(database, schema, FLOWS, rows) as table:
                    aggregated["xirr"] = measurements.of_xirr(table, rows)
                bars.append(("xirr", Bar.AS_PYXIRR, aggregated["xirr"]))
        finally:
            database.execute(f"DROP SCHEMA IF EXISTS {schema}")
    tables = []
    if scalars:
        tables.append(scalars_report(scalars, arguments.runs))
    if aggregated:
        tables.append(aggregates_report(aggregated, aggregates, arguments.runs))
    tables += [bars_report(bars), peers_report(FAMILIES, {*scalars, *aggregated})]
    for printed in tables:
        console.print(printed)
    if arguments.page:
        command = f"benchmarks/functions.py --page {PAGE}"
        write_page(arguments.page, "How fast the functions are in Trino", command, INTRODUCTION, tables)
    return 0


if __name__ == "__main__":
    sys.exit(main())
