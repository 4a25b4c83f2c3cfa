"""How fast the functions are, each beside built-ins of equal work, `regexp_like` and a SQL routine.

Prints rows per second of Trino's CPU time: the query's own statistics, the scan of the rows included, so
`length()` of the same column is the most that any function of it can reach. Medians of five, in one run. On a
server with the memory connector the rows are kept there, where a scan costs least; a stack of the benchmark's
own has only the lake, where decoding Parquet is most of what a fast function's query costs.

    .venv/bin/python benchmarks/functions.py [--trino HOST:PORT] [--catalog CATALOG] [--rows N] [--markdown]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import trino.dbapi
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from nostro.stack import NostroHome, Stack

RUNS = 5
SCHEMA = "functions_benchmark"
# A SQL routine is so slow that it gets a smaller table, of every so many of the rows.
ROUTINE_PART = 20
PART_SUFFIX = "_part"


@dataclass(frozen=True)
class Peer:
    """What a function is compared with: a condition on the columns, and a routine that it may need."""

    name: str
    condition: str
    routine: str = ""


@dataclass(frozen=True)
class Subject:
    """A function of ours with its peers."""

    name: str
    condition: str
    builtin: Peer
    regexp: Peer | None = None
    routine: Peer | None = None
    floor: Peer = field(default_factory=lambda: Peer("length(iban)", "length(iban) > 0"))


IBAN_ROUTINE = """
FUNCTION iban_routine(iban varchar) RETURNS boolean
RETURN (regexp_like(iban, '^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$') AND reduce(
    regexp_extract_all(substr(iban, 5) || substr(iban, 1, 4), '.'),
    BIGINT '0',
    (remainder, c) -> (remainder * IF(c <= '9', 10, 100) + from_base(c, 36)) % 97,
    remainder -> remainder = 1))
"""
ISIN_ROUTINE = """
FUNCTION isin_routine(isin varchar) RETURNS boolean
RETURN (regexp_like(isin, '^[A-Z]{2}[A-Z0-9]{9}[0-9]$') AND luhn_check(array_join(
    transform(regexp_extract_all(isin, '.'), c -> CAST(from_base(c, 36) AS varchar)), '')))
"""
ROUND_ROUTINE = """
FUNCTION round_routine(amount decimal(18, 4)) RETURNS decimal(18, 4)
RETURN CASE
    WHEN abs(amount * 100 - truncate(amount * 100)) = DECIMAL '0.5' AND truncate(amount * 100) % 2 = 0
    THEN CAST(truncate(amount, 2) AS decimal(18, 4))
    ELSE CAST(round(amount, 2) AS decimal(18, 4)) END
"""
DAY_COUNT_ROUTINE = """
FUNCTION day_count_routine(start_date date, end_date date) RETURNS double
RETURN date_diff('day', start_date, end_date) / 360e0
"""
BUSINESS_DAYS_ROUTINE = """
FUNCTION business_days_routine(start_date date, days bigint) RETURNS date
BEGIN
    DECLARE result date DEFAULT start_date;
    DECLARE days_left bigint DEFAULT days;
    WHILE days_left > 0 DO
        SET result = date_add('day', 1, result);
        IF day_of_week(result) < 6 AND NOT contains(
            ARRAY['01-01', '05-01', '12-25', '12-26'], date_format(result, '%m-%d')) THEN
            SET days_left = days_left - 1;
        END IF;
    END WHILE;
    RETURN result;
END
"""
MASK_ROUTINE = """
FUNCTION mask_routine(iban varchar) RETURNS varchar
RETURN substr(iban, 1, 4) || rpad('', length(iban) - 8, '*') || substr(iban, -4)
"""

SUBJECTS = (
    Subject(
        "iban_is_valid",
        "iban_is_valid(iban)",
        Peer("crc32(to_utf8(iban))", "crc32(to_utf8(iban)) >= 0"),
        Peer("^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$", "regexp_like(iban, '^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$')"),
        Peer("form by regexp_like, MOD 97 by reduce", "iban_routine(iban)", IBAN_ROUTINE),
    ),
    Subject(
        "isin_is_valid",
        "isin_is_valid(isin)",
        Peer("luhn_check of 12 digits", "luhn_check(digits)"),
        Peer("^[A-Z]{2}[A-Z0-9]{9}[0-9]$", "regexp_like(isin, '^[A-Z]{2}[A-Z0-9]{9}[0-9]$')"),
        Peer("form by regexp_like, luhn_check of digits", "isin_routine(isin)", ISIN_ROUTINE),
        Peer("length(isin)", "length(isin) > 0"),
    ),
    Subject(
        "mask_iban",
        "length(mask_iban(iban)) > 8",
        Peer(
            "substr || rpad || substr",
            "length(substr(iban, 1, 4) || rpad('', length(iban) - 8, '*') || substr(iban, -4)) > 8",
        ),
        Peer(
            "regexp_replace of all but 4 and 4", "length(regexp_replace(iban, '(?<=.{4}).(?=.{4})', '*')) > 8"
        ),
        Peer("substr || rpad || substr", "length(mask_routine(iban)) > 8", MASK_ROUTINE),
    ),
    Subject(
        "jaro_winkler",
        "jaro_winkler(name, other_name) > 0.9",
        Peer("levenshtein_distance", "levenshtein_distance(name, other_name) < 3"),
        floor=Peer("length(name) + length(other_name)", "length(name) + length(other_name) > 0"),
    ),
    Subject(
        "round_money",
        "round_money(amount, 'EUR') <> amount",
        Peer("round(amount, 2), half up", "round(amount, 2) <> amount"),
        routine=Peer("half to even by truncate and round", "round_routine(amount) <> amount", ROUND_ROUTINE),
        floor=Peer("amount > 0", "amount > 0"),
    ),
    Subject(
        "day_count_fraction",
        "day_count_fraction(trade_date, maturity, 'Act/360') > 1",
        Peer("date_diff('day') / 360e0", "date_diff('day', trade_date, maturity) / 360e0 > 1"),
        routine=Peer(
            "date_diff('day') / 360e0", "day_count_routine(trade_date, maturity) > 1", DAY_COUNT_ROUTINE
        ),
        floor=Peer("trade_date < maturity", "trade_date < maturity"),
    ),
    Subject(
        "add_business_days",
        "add_business_days(trade_date, 2, 'EUTA') > trade_date",
        Peer("date_add('day', 2)", "date_add('day', 2, trade_date) > trade_date"),
        routine=Peer(
            "a loop over days, fixed holidays",
            "business_days_routine(trade_date, 2) > trade_date",
            BUSINESS_DAYS_ROUTINE,
        ),
        floor=Peer("trade_date < maturity", "trade_date < maturity"),
    ),
)


NAMES = "'Deutsche Bank AG', 'ABN AMRO Bank', 'Banque de France', 'Nordea Bank Abp', 'UniCredit'"
OTHER_NAMES = "'Deutsche Bnak', 'ABN AMRO', 'Banqe de France SA', 'Nordea', 'Unicredito', 'HSBC plc'"


def rows_query(rows: int) -> str:
    """The rows: IBANs of Germany, the Netherlands and France, of which one in twenty is wrong, and more."""
    return f"""
        WITH numbers AS (
            SELECT (a - 1) * 1000 + b AS n
            FROM UNNEST(sequence(1, {max(1, rows // 1000)})) AS x (a)
            CROSS JOIN UNNEST(sequence(1, 1000)) AS y (b)),
        accounts AS (
            SELECT n, CASE n % 4 WHEN 0 THEN 'NL' WHEN 1 THEN 'FR' ELSE 'DE' END AS country,
                (n * 2654435761) % 10000000000 AS account, (n * 40503) % 100000000 AS bank
            FROM numbers),
        bbans AS (
            SELECT *, CASE country
                WHEN 'NL' THEN lpad(CAST(account AS varchar), 10, '0')
                WHEN 'FR' THEN lpad(CAST(bank AS varchar), 10, '0') || lpad(CAST(account AS varchar), 13, '0')
                ELSE lpad(CAST(bank AS varchar), 8, '0') || lpad(CAST(account AS varchar), 10, '0')
                END AS bban
            FROM accounts),
        numeric AS (
            SELECT *, CAST(CASE country
                WHEN 'NL' THEN '10112310' || bban || '2321'
                WHEN 'FR' THEN bban || '1527'
                ELSE bban || '1314' END || '00' AS decimal(38, 0)) AS digits_of_letters
            FROM bbans),
        checked AS (
            SELECT *, CAST(98 - digits_of_letters % 97 AS integer) + IF(n % 20 = 0, -1, 0) AS check_digits
            FROM numeric)
        SELECT n,
            CAST(country || lpad(CAST(check_digits AS varchar), 2, '0')
                || IF(country = 'NL', 'ABNA', '') || bban AS varchar) AS iban,
            CAST('US' || lpad(CAST(account % 1000000000 AS varchar), 9, '0')
                || CAST(n % 10 AS varchar) AS varchar) AS isin,
            CAST(lpad(CAST(account AS varchar), 12, '0') AS varchar) AS digits,
            CAST(element_at(ARRAY[{NAMES}], CAST(n % 5 AS integer) + 1) AS varchar) AS name,
            CAST(element_at(ARRAY[{OTHER_NAMES}], CAST(n % 6 AS integer) + 1) AS varchar) AS other_name,
            CAST(CAST(account AS decimal(18, 4)) / 8 AS decimal(18, 4)) AS amount,
            date_add('day', n % 3000, DATE '2015-01-01') AS trade_date,
            date_add('day', n % 3000 + n % 7000, DATE '2015-01-01') AS maturity
        FROM checked"""


@dataclass
class Trino:
    """A connection that tells what a query cost."""

    connection: trino.dbapi.Connection

    def execute(self, sql: str) -> list[tuple[object, ...]]:
        cursor = self.connection.cursor()
        cursor.execute(sql)
        return [tuple(row) for row in cursor.fetchall()]

    def rows_per_cpu_second(self, table: str, peer: Peer) -> float:
        """Rows a second of CPU time, for a count of the rows for which the peer's condition holds."""
        cursor = self.connection.cursor()
        routine = f"WITH {peer.routine} " if peer.routine else ""
        part = PART_SUFFIX if peer.routine else ""
        cursor.execute(f"{routine}SELECT count(*), count_if({peer.condition}) FROM {table}{part}")
        rows = int(cursor.fetchall()[0][0])
        return rows * 1000 / max(1, int(cursor.stats["cpuTimeMillis"]))


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


def measure(
    database: Trino, table: str, subjects: Sequence[Subject], console: Console
) -> dict[str, dict[str, float]]:
    """Median rows per CPU second by function and column of the result."""
    samples: dict[str, dict[str, list[float]]] = {}
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("measuring", total=len(subjects) * (RUNS + 1))
        for subject in subjects:
            peers = {
                "ours": Peer(subject.name, subject.condition),
                "floor": subject.floor,
                "built-in": subject.builtin,
                "regexp": subject.regexp,
                "routine": subject.routine,
            }
            for run in range(RUNS + 1):
                progress.update(task, advance=1, description=f"{subject.name} {run}/{RUNS}")
                for column, peer in peers.items():
                    if peer is None:
                        continue
                    rate = database.rows_per_cpu_second(table, peer)
                    # the first is to compile the query's code
                    if run > 0:
                        samples.setdefault(subject.name, {}).setdefault(column, []).append(rate)
    return {
        name: {column: statistics.median(rates) for column, rates in columns.items()}
        for name, columns in samples.items()
    }


def report(results: dict[str, dict[str, float]], rows: int) -> Table:
    table = Table(title=f"Million rows per second of CPU time, {rows:,} rows, medians of {RUNS}")
    table.add_column("function")
    for column in ("ours", "floor", "built-in", "regexp", "routine", "÷ built-in", "÷ regexp", "÷ routine"):
        table.add_column(column, justify="right")
    for name, rates in results.items():
        table.add_row(
            name,
            *(
                f"{rates[column] / 1e6:.2f}" if column in rates else ""
                for column in ("ours", "floor", "built-in", "regexp", "routine")
            ),
            *(
                f"{rates['ours'] / rates[column]:.1f}" if column in rates else ""
                for column in ("built-in", "regexp", "routine")
            ),
        )
    return table


def peers_report(subjects: Sequence[Subject]) -> Table:
    table = Table(title="What each is measured beside")
    for column in ("function", "floor", "built-in", "regexp", "routine"):
        table.add_column(column)
    for subject in subjects:
        table.add_row(
            subject.name,
            *(
                peer.name if peer else ""
                for peer in (subject.floor, subject.builtin, subject.regexp, subject.routine)
            ),
        )
    return table


def markdown(table: Table) -> str:
    """The table in Markdown."""
    cells = [[str(column.header).replace("|", "\\|") for column in table.columns]]
    cells.append(["---"] * len(table.columns))
    cells.extend(
        [str(cell).replace("|", "\\|") for cell in row]
        for row in zip(*(column.cells for column in table.columns), strict=True)
    )
    return f"{table.title}\n\n" + "\n".join("| " + " | ".join(row) + " |" for row in cells)


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
    parser.add_argument("--only", help="one function", choices=[subject.name for subject in SUBJECTS])
    parser.add_argument("--markdown", action="store_true", help="print Markdown too")
    arguments = parser.parse_args()
    subjects = [subject for subject in SUBJECTS if arguments.only in {None, subject.name}]
    console = Console(width=None if sys.stdout.isatty() else 160)
    with server(arguments.trino) as database:
        catalogs = {row[0] for row in database.execute("SHOW CATALOGS")}
        catalog = arguments.catalog or ("memory" if "memory" in catalogs else "lake")
        table = f"{catalog}.{SCHEMA}.rows"
        database.execute(f"CREATE SCHEMA IF NOT EXISTS {catalog}.{SCHEMA}")
        for name in (table, table + PART_SUFFIX):
            database.execute(f"DROP TABLE IF EXISTS {name}")
        try:
            database.execute(f"CREATE TABLE {table} AS {rows_query(arguments.rows)}")
            database.execute(
                f"CREATE TABLE {table}{PART_SUFFIX} AS SELECT * FROM {table} WHERE n % {ROUTINE_PART} = 1"
            )
            rows = int(str(database.execute(f"SELECT count(*) FROM {table}")[0][0]))
            valid = int(str(database.execute(f"SELECT count_if(iban_is_valid(iban)) FROM {table}")[0][0]))
            if not 0.9 * rows < valid < rows:
                console.print(f"of {rows} IBANs {valid} are valid: the rows are not what they should be")
                return 1
            results = measure(database, table, subjects, console)
        finally:
            for name in (table, table + PART_SUFFIX):
                database.execute(f"DROP TABLE IF EXISTS {name}")
            database.execute(f"DROP SCHEMA IF EXISTS {catalog}.{SCHEMA}")
    tables = (report(results, rows), peers_report(subjects))
    for printed in tables:
        console.print(printed)
        if arguments.markdown:
            print("\n" + markdown(printed) + "\n")
    for name, rates in results.items():
        if "regexp" in rates:
            gross = rates["ours"] / rates["regexp"]
            net = (1 / rates["regexp"] - 1 / rates["floor"]) / (1 / rates["ours"] - 1 / rates["floor"])
            console.print(
                f"{name}: {gross:.1f} times regexp_like, and {net:.1f} times when the floor is taken off both"
                f" ({rows:,} rows in catalog {catalog})"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
