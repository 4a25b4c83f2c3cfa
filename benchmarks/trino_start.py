"""What a start of the stack's Trino takes, without an archive of its classes and with one.

Prints seconds, and seconds of the processor, until the server answers: medians of five, in turns. The peer is
the same Trino without the archive. The server is the one of the cache; the archive is of this run only.

    .venv/bin/python benchmarks/trino_start.py [--runs N]
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from nostro.stack import Stack
from nostro.stack.distribution import cache_directory
from nostro.stack.home import NostroHome, StackOptions
from nostro.stack.progress import SilentProgress
from nostro.stack.trino import PART, TrinoSettings, default_heap_megabytes

_CATALOGS = {"memory": {"connector.name": "memory"}}


def start(home: Path) -> tuple[float, float]:
    """Start Trino, stop it again, and return the seconds and the processor's until it answered."""
    stack = Stack(NostroHome(home))
    stack.home.create()
    settings = TrinoSettings(StackOptions(), _CATALOGS, default_heap_megabytes(1))
    begun = time.monotonic()
    try:
        stack.trino.launch(settings, SilentProgress())
        while stack.trino.status().state != "running":
            time.sleep(0.05)
        seconds = time.monotonic() - begun
        [process] = stack.trino.processes(PART)
        times = process.cpu_times()
        return seconds, times.user + times.system
    finally:
        stack.trino.stop()


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    servers = sorted(cache_directory().glob("trino-server-*/lib"))
    if not servers and "TRINO_HOME" not in os.environ:
        print("there is no Trino server in the cache: `nostro up` fetches one", file=sys.stderr)
        return 1
    os.environ.setdefault("TRINO_HOME", str(servers[-1].parent))
    without: list[tuple[float, float]] = []
    reading: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        for run in range(arguments.runs):
            os.environ["NOSTRO_CACHE"] = f"{folder}/cache-{run}"
            without.append(start(Path(folder) / "home"))
            reading.append(start(Path(folder) / "home"))
    table = Table(title=f"Seconds until Trino answers, medians of {arguments.runs}")
    for name in ("start", "seconds", "of the processor"):
        table.add_column(name, justify="left" if name == "start" else "right")
    for name, runs in (("no archive, one is written at the end", without), ("with the archive", reading)):
        seconds, processor = (statistics.median(column) for column in zip(*runs, strict=True))
        table.add_row(name, f"{seconds:.1f}", f"{processor:.1f}")
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
