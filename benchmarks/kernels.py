"""How fast the functions are without an engine, beside the Java libraries that do the same, by JMH.

Prints nanoseconds and allocated bytes of a call, medians of five seconds of calls in a JVM of each kernel's
own, and how many times as fast as each library. Bars that the project has set itself are met or missed.

    .venv/bin/python benchmarks/kernels.py [--only NAME …] [--page FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from _tables import write_page
from nostro.java import find_java_home

ROOT = Path(__file__).resolve().parent.parent
MODULE = ROOT / "udfs" / "functions"
BENCHMARK = "io.nostro.functions.kernels.BenchmarkKernels"
JVM_OPTIONS = ("--sun-misc-unsafe-memory-access=allow",)
OURS = "nostro"
PAGE = "docs/kernels-speed.md"
INTRODUCTION = """
A call of each function's kernel without an engine, by [JMH](https://github.com/openjdk/jmh), and of the Java
libraries that do the same, with inputs in the form that each takes: Trino's slices of bytes, or strings.
*bytes* are what a call allocates. `benchmarks/functions.py` measures the functions in Trino.
"""
# How many times as fast as the best Java library a function has to be.
BARS = {"jaro_winkler": 2.0} | dict.fromkeys(
    (
        "iban_is_valid",
        "iban_check_national",
        "bic_is_valid",
        "isin_is_valid",
        "cusip_is_valid",
        "sedol_is_valid",
        "luhn_is_valid",
        "card_is_valid",
        "aba_is_valid",
        "uetr_is_valid",
        "currency_is_valid",
        "country_is_valid",
    ),
    3.0,
)


@dataclass(frozen=True)
class Call:
    """What a call of an implementation of a function costs."""

    function: str
    implementation: str
    nanoseconds: float
    allocated_bytes: float


def measure(only: Sequence[str]) -> list[Call]:
    """Compile the benchmark and run it, in JVMs of the Java that the plugin is built with."""
    java_home = find_java_home()
    environment = dict(os.environ) | {"JAVA_HOME": str(java_home)}
    with tempfile.TemporaryDirectory(prefix="nostro-kernels-") as directory:
        dependencies = Path(directory) / "classpath"
        results = Path(directory) / "results.json"
        maven = [
            *("mvn", "-B", "-q", "-pl", "udfs/functions", "test-compile", "dependency:build-classpath"),
            *("-Dmdep.includeScope=test", f"-Dmdep.outputFile={dependencies}"),
        ]
        subprocess.run(maven, cwd=ROOT, env=environment, check=True)
        classpath = os.pathsep.join(
            (
                *(str(MODULE / "target" / classes) for classes in ("test-classes", "classes")),
                dependencies.read_text(encoding="utf-8").strip(),
            )
        )
        java = [
            str(java_home / "bin" / "java"),
            *JVM_OPTIONS,
            "-cp",
            classpath,
            BENCHMARK,
            str(results),
            *only,
        ]
        subprocess.run(java, check=True, stdout=sys.stderr)
        return list(calls_of(json.loads(results.read_text(encoding="utf-8"))))


def calls_of(results: Sequence[dict[str, Any]]) -> Iterator[Call]:
    """Read JMH's JSON: the medians of the iterations."""
    for result in results:
        function, _, implementation = result["params"]["kernel"].rpartition("/")
        nanoseconds, allocated = (
            statistics.median(metric["rawData"][0])
            for metric in (result["primaryMetric"], result["secondaryMetrics"]["gc.alloc.rate.norm"])
        )
        yield Call(function, implementation, nanoseconds, allocated)


def kernels_report(calls: Sequence[Call]) -> Table:
    table = Table(title="A call of each kernel, medians of five")
    table.add_column("function")
    for heading in ("ns", "bytes"):
        table.add_column(heading, justify="right")
    table.add_column("beside")
    for heading in ("ns", "bytes", "times as fast", "bar"):
        table.add_column(heading, justify="right")
    for call in calls:
        if call.implementation != OURS:
            continue
        cost = (call.function, number(call.nanoseconds), number(call.allocated_bytes))
        peers = [peer for peer in calls if peer.function == call.function and peer.implementation != OURS]
        if not peers:
            table.add_row(*cost)
        fastest = min((peer.nanoseconds for peer in peers), default=0.0)
        for peer in sorted(peers, key=lambda peer: peer.nanoseconds):
            bar = BARS.get(call.function) if peer.nanoseconds == fastest else None
            times = peer.nanoseconds / call.nanoseconds
            table.add_row(
                *cost,
                peer.implementation,
                number(peer.nanoseconds),
                number(peer.allocated_bytes),
                f"{times:.1f}",
                "" if bar is None else f"{bar:.0f}: {'met' if times >= bar else 'missed'}",
            )
            cost = ("", "", "")
    return table


def number(value: float) -> str:
    """A figure to three digits."""
    return f"{value:,.0f}" if value >= 100 or value < 0.05 else f"{value:.1f}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", default=[], help="functions whose names begin like this")
    parser.add_argument("--page", type=Path, help="a file to write the table to, in Markdown")
    arguments = parser.parse_args()
    report = kernels_report(measure(arguments.only))
    Console(width=None if sys.stdout.isatty() else 160).print(report)
    if arguments.page:
        command = f"benchmarks/kernels.py --page {PAGE}"
        write_page(arguments.page, "How fast the functions' kernels are", command, INTRODUCTION, [report])


if __name__ == "__main__":
    main()
