"""The functions in Python and DuckDB beside libraries' and DuckDB's own: medians of five in one run.

Prints million rows per second of CPU time for the same inputs, and how long the first call takes in a process
that has just begun, Java's start included. Bars that the project has set itself are printed as met or missed.

    .venv/bin/python benchmarks/toolkit.py [--rows N] [--page FILE]
"""

from __future__ import annotations

import argparse
import decimal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy
import pyarrow as pa
import pyxirr
import schwifty
from rich.console import Console
from rich.table import Table
from schwifty.exceptions import SchwiftyException
from stdnum import iban as stdnum_iban

import nostro.duckdb
from _tables import write_page
from nostro.functions import iban_is_valid, round_money, xirr

RUNS = 5
NOT_COUNTED = 12
PEER_PART = 100
"""A library in Python is so slow that it gets this part of the rows."""

FLOWS_OF_GROUP = 20
PAGE = "docs/python-speed.md"
INTRODUCTION = """
The functions in this process on Arrow columns, and Python's libraries on the same values, each on one core:
million rows per second of CPU time. In DuckDB, of one thread, a query counts the rows of a table that are
valid, by the function and by a regular expression of an IBAN's form, which checks no digits. `xirr` has
groups of twenty flows, their numbering included; the others' columns are text of valid and broken IBANs, and
`decimal128(12, 3)`, which Python's `decimal` takes out of a column and puts into one.
"""
IBANS = (
    "DE89370400440532013000",
    "GB82WEST12345698765432",
    "FR1420041010050500013M02606",
    "NL91ABNA0417164301",
    "XX00123456",
)
IBAN_FORM = "^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$"
COUNT = "SELECT count(*) FROM accounts WHERE"
GROWTH = """
import resource
import pyarrow as pa
import nostro.duckdb
from nostro.functions import iban_is_valid

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
"""
MANY_ROWS = {
    "in Python": """
piece = pa.array(["DE89370400440532013000", "x"] * 500_000)
def run(millions):
    valid = iban_is_valid(pa.chunked_array([piece] * millions))
    assert sum(chunk.true_count for chunk in valid.chunks) == millions * 500_000
""",
    "in DuckDB": """
connection = nostro.duckdb.connect()
connection.execute("SET enable_progress_bar = false")
def run(millions):
    text = "CASE WHEN n % 2 = 0 THEN 'DE89370400440532013000' ELSE 'x' END"
    query = f"SELECT count(*) FROM range({millions * 1_000_000}) t(n) WHERE iban_is_valid({text})"
    assert connection.sql(query).fetchall() == [(millions * 500_000,)]
""",
}
GROWN = "run(10); before = peak(); run(100); print((peak() - before) / 1024)"
START = "import time; began = time.perf_counter(); from nostro.functions import iban_is_valid; "
START += "iban_is_valid('DE89370400440532013000'); print(time.perf_counter() - began)"


@dataclass(frozen=True)
class Bar:
    """What a function is measured beside, and how many times as fast it has to be."""

    function: str
    peer: str
    rate: float
    peer_rate: float
    least: float

    @property
    def ratio(self) -> float:
        return self.rate / self.peer_rate


def rate(rows: int, call: Callable[[], Any]) -> float:
    """Rows per second of CPU time, of Java's compiler too: the median of five, once that is through."""
    samples = []
    for _ in range(RUNS + NOT_COUNTED):
        began = time.process_time()
        call()
        samples.append(rows / (time.process_time() - began))
    return statistics.median(samples[NOT_COUNTED:])


def is_valid_for_schwifty(text: str) -> bool:
    try:
        schwifty.IBAN(text)
    except SchwiftyException:
        return False
    return True


def ibans(rows: int) -> list[Bar]:
    chosen = numpy.random.default_rng(1).integers(0, len(IBANS), rows)
    texts = [IBANS[index] for index in chosen]
    column = pa.array(texts)
    few = texts[: max(1, rows // PEER_PART)]
    assert iban_is_valid(column.slice(0, len(few))).to_pylist() == [
        stdnum_iban.is_valid(text) for text in few
    ]
    ours = rate(rows, lambda: iban_is_valid(column))
    stdnum = rate(len(few), lambda: [stdnum_iban.is_valid(text) for text in few])
    schwifty_rate = rate(len(few), lambda: [is_valid_for_schwifty(text) for text in few])
    return [
        Bar("iban_is_valid", "python-stdnum", ours, stdnum, 100),
        Bar("iban_is_valid", "schwifty", ours, schwifty_rate, 100),
    ]


def ibans_in_duckdb(rows: int) -> list[Bar]:
    with nostro.duckdb.connect(config={"threads": 1}) as connection:
        iban = f"{list(IBANS)}[1 + (hash(n) % {len(IBANS)})::BIGINT]"
        connection.execute(f"CREATE TABLE accounts AS SELECT {iban} AS iban FROM range({rows}) t(n)")
        ours = rate(rows, lambda: connection.sql(f"{COUNT} iban_is_valid(iban)").fetchall())
        own = rate(rows, lambda: connection.sql(f"{COUNT} regexp_matches(iban, '{IBAN_FORM}')").fetchall())
    return [Bar("iban_is_valid in DuckDB", "its regexp_matches", ours, own, 1)]


def rounding(rows: int) -> list[Bar]:
    unscaled = numpy.random.default_rng(2).integers(-(10**9), 10**9, rows)
    column = pa.Array.from_buffers(
        pa.decimal128(19, 3), rows, pa.array(unscaled).cast(pa.decimal128(19, 0)).buffers()
    ).cast(pa.decimal128(12, 3))
    few = column.slice(0, max(1, rows // PEER_PART))
    cent = Decimal("0.01")

    def loop() -> pa.Array:
        rounded = [amount.quantize(cent, decimal.ROUND_HALF_EVEN) for amount in few.to_pylist()]
        return pa.array(rounded, pa.decimal128(12, 2))

    assert round_money(few, "EUR").cast(pa.decimal128(12, 2)) == loop()
    ours = rate(rows, lambda: round_money(column, "EUR"))
    return [Bar("round_money", "Python's decimal", ours, rate(len(few), loop), 50)]


def rates_of_return(rows: int) -> list[Bar]:
    groups = rows // FLOWS_OF_GROUP
    random = numpy.random.default_rng(3)
    amounts = random.uniform(500, 1100, (groups, FLOWS_OF_GROUP))
    amounts[:, 0] = -10000
    days = numpy.arange(FLOWS_OF_GROUP) * 91 + random.integers(0, 13, (groups, FLOWS_OF_GROUP))
    dates = (numpy.datetime64("2015-01-01") + days).astype("datetime64[D]")
    deals = pa.array(numpy.repeat(numpy.arange(groups), FLOWS_OF_GROUP))
    columns = pa.array(amounts.ravel()), pa.array(dates.ravel())
    few = max(1, groups // 10)

    def loop() -> list[float | None]:
        return [pyxirr.xirr(dates[group], amounts[group]) for group in range(few)]

    found = xirr(*columns, group_by=deals).column("xirr").to_numpy()[:few]
    assert numpy.abs(found - numpy.array(loop(), dtype=float)).max() < 1e-8
    ours = rate(groups * FLOWS_OF_GROUP, lambda: xirr(*columns, group_by=deals))
    return [Bar("xirr", "pyxirr", ours, rate(few * FLOWS_OF_GROUP, loop), 1)]


def memory_of_many_rows() -> dict[str, float]:
    """By how many MB a process grows that passes a hundred million rows, after ten million."""
    grown = {}
    for place, call in MANY_ROWS.items():
        run = subprocess.run(
            [sys.executable, "-c", f"{GROWTH}\n{call}\n{GROWN}"], capture_output=True, text=True, check=True
        )
        grown[place] = float(run.stdout)
    return grown


def start_seconds() -> float:
    """How long the first call takes in a new process, imports included."""
    runs = [
        subprocess.run([sys.executable, "-c", START], capture_output=True, text=True, check=True)
        for _ in range(RUNS)
    ]
    return statistics.median(float(run.stdout) for run in runs)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--page", type=Path, help="a file to write the table to, in Markdown")
    arguments = parser.parse_args()
    table = Table(title=f"Million rows per second of CPU time, medians of {RUNS}")
    for name in ("function", "rows/s", "beside", "its rows/s", "times", "bar", ""):
        table.add_column(name, justify="left" if name in ("function", "beside") else "right")
    for bar in (
        *ibans(arguments.rows),
        *ibans_in_duckdb(arguments.rows),
        *rounding(arguments.rows),
        *rates_of_return(arguments.rows),
    ):
        table.add_row(
            bar.function,
            f"{bar.rate / 1e6:.2f}",
            bar.peer,
            f"{bar.peer_rate / 1e6:.4f}",
            f"{bar.ratio:.1f}",
            f"{bar.least:g}",
            "met" if bar.ratio >= bar.least else "missed",
        )
    seconds = start_seconds()
    table.add_row(
        "first call", f"{seconds:.2f} s", "", "", "", "1.5 s", "met" if seconds <= 1.5 else "missed"
    )
    for place, megabytes in memory_of_many_rows().items():
        table.add_row(
            f"100 million rows {place}",
            "",
            "memory that they take",
            f"{megabytes:.0f} MB",
            "",
            "256 MB",
            "met" if megabytes <= 256 else "missed",
        )
    Console(width=None if sys.stdout.isatty() else 160).print(table)
    if arguments.page:
        command = f"benchmarks/toolkit.py --page {PAGE}"
        write_page(arguments.page, "How fast the functions are in Python", command, INTRODUCTION, [table])
    return 0


if __name__ == "__main__":
    sys.exit(main())
