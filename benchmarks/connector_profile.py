"""Where the time of a scan through Nostro's connector goes: CPU time of the source and of Trino, by purpose.

Java's Flight Recorder samples Trino's threads by the CPU time that they use, while every column of the
transactions is aggregated again and again. A sample counts for the innermost of its frames that is named
below. What Trino uses besides its sampled Java threads is the compiler's and the garbage collector's.

    .venv/bin/python benchmarks/connector_profile.py [--rows N] [--repetitions N] [--page FILE]
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from _bank import ENGINE, EVERY_COLUMN, STORE, Bank, bank, command_line, conclude
from nostro.java import find_java

WARM_UP = 40
INTERVAL_MILLISECONDS = 2
SHOWN_METHODS = 12
PURPOSES = (
    ("decimals", re.compile(r"\.ArrowFlightDecoders\..*[dD]ecimals")),
    ("text", re.compile(r"\.ArrowFlightDecoders\..*([vV]ariableWidth|[oO]ffsets)")),
    ("dictionaries", re.compile(r"\.ArrowFlightDictionaries\.")),
    ("bytes of messages, out of Netty's buffers", re.compile(r"\.ArrowFlightMessage\.")),
    ("the connector besides", re.compile(r"^io\.nostro\.")),
    ("HTTP/2 and reads from the connection", re.compile(r"^io\.(grpc|netty)\.")),
    ("the engine", re.compile(r"^io\.trino\.")),
    ("the server besides", re.compile("")),
)
"""A sample's purpose is the first that is found in a frame, from the innermost frame outwards."""
INTRODUCTION = """
`SELECT` of an aggregate of each of six columns of bank transactions, from a DuckDB database that
`WritableDuckDBSource` serves in a process of its own, on the same machine as Trino.
"""


@dataclass(frozen=True)
class Profile:
    """CPU seconds of one query."""

    source: float
    trino: float
    by_purpose: dict[str, float]
    by_method: dict[str, float]

    @property
    def sampled(self) -> float:
        return sum(self.by_purpose.values())


@dataclass(frozen=True)
class Sample:
    """Frames, `class.method` from the innermost one outwards, and the CPU time that they stand for."""

    frames: tuple[str, ...]
    seconds: float

    @classmethod
    def of(cls, event: dict[str, Any]) -> Sample:
        frames = (event["stackTrace"] or {"frames": ()})["frames"]
        methods = (frame["method"] for frame in frames)
        return cls(
            tuple(f"{method['type']['name'].replace('/', '.')}.{method['name']}" for method in methods),
            float(event["samplingPeriod"].removeprefix("PT").removesuffix("S")),
        )


class FlightRecorder:
    """Samples of a JVM's threads by their CPU time."""

    def __init__(self, pid: int, directory: Path) -> None:
        java = find_java().java
        self._pid, self._jfr, self._jcmd = pid, java.with_name("jfr"), java.with_name("jcmd")
        self._recording = directory / "recording.jfr"

    def start(self) -> None:
        self._ask(
            "JFR.start",
            "name=scan",
            "settings=none",
            "+jdk.CPUTimeSample#enabled=true",
            f"+jdk.CPUTimeSample#throttle={INTERVAL_MILLISECONDS}ms",
        )

    def stop(self) -> list[Sample]:
        self._ask("JFR.stop", "name=scan", f"filename={self._recording}")
        command = [str(self._jfr), "print", "--json", "--stack-depth", "64", "--events", "jdk.CPUTimeSample"]
        printed = subprocess.run([*command, str(self._recording)], check=True, capture_output=True, text=True)
        return [Sample.of(event["values"]) for event in json.loads(printed.stdout)["recording"]["events"]]

    def _ask(self, *command: str) -> None:
        subprocess.run([str(self._jcmd), str(self._pid), *command], check=True, stdout=subprocess.DEVNULL)


def purpose_of(frames: Sequence[str]) -> str:
    for frame in frames:
        for purpose, pattern in PURPOSES[:-1]:
            if pattern.search(frame):
                return purpose
    return PURPOSES[-1][0]


def profile(bank: Bank, run: Callable[[], object], repetitions: int) -> Profile:
    pid = bank.stack.trino.status().pid
    assert pid is not None
    for _ in range(WARM_UP):
        run()
    source, trino = psutil.Process(bank.source.pid), psutil.Process(pid)
    with tempfile.TemporaryDirectory() as directory:
        recorder = FlightRecorder(pid, Path(directory))
        recorder.start()
        before = [sum(process.cpu_times()[:2]) for process in (source, trino)]
        for _ in range(repetitions):
            run()
        used = [
            (sum(process.cpu_times()[:2]) - earlier) / repetitions
            for process, earlier in zip((source, trino), before, strict=True)
        ]
        samples = recorder.stop()
    by_purpose: dict[str, float] = defaultdict(float)
    by_method: dict[str, float] = defaultdict(float)
    for sample in samples:
        by_purpose[purpose_of(sample.frames)] += sample.seconds / repetitions
        by_method[sample.frames[0] if sample.frames else "unknown"] += sample.seconds / repetitions
    return Profile(used[0], used[1], by_purpose, by_method)


def tables_of(scan: Profile, engine: Profile, rows: int) -> list[Table]:
    shown = Table(title=f"CPU seconds of one query over {rows:,} rows")
    for heading in ("spent on", "through the connector", "from Trino's memory"):
        shown.add_column(heading, justify="left" if heading == "spent on" else "right")
    shown.add_row("the source: DuckDB, Arrow, gRPC in C++", f"{scan.source:.2f}", f"{engine.source:.2f}")
    for purpose, _ in PURPOSES:
        shown.add_row(
            f"Trino: {purpose}", f"{scan.by_purpose[purpose]:.2f}", f"{engine.by_purpose[purpose]:.2f}"
        )
    shown.add_row(
        "Trino: compiler, garbage collector, not sampled",
        *(f"{max(0.0, it.trino - it.sampled):.2f}" for it in (scan, engine)),
    )
    shown.add_row("all", *(f"{it.source + it.trino:.2f}" for it in (scan, engine)))
    methods = Table(title="Innermost methods, through the connector")
    methods.add_column("method")
    methods.add_column("CPU seconds", justify="right")
    for method, seconds in sorted(scan.by_method.items(), key=lambda it: -it[1])[:SHOWN_METHODS]:
        methods.add_row(method, f"{seconds:.2f}")
    return [shown, methods]


def main() -> None:
    arguments = command_line(__doc__ or "")
    console = Console()
    with bank(arguments.rows, console) as made, made.connect() as connection:
        cursor = connection.cursor()
        cursor.execute("SET SESSION store.aggregation_pushdown_enabled = false").fetchall()
        scan, engine = (
            profile(
                made,
                lambda table=table: cursor.execute(EVERY_COLUMN.format(table=table)).fetchall(),  # type: ignore[misc]
                arguments.repetitions,
            )
            for table in (STORE, ENGINE)
        )
    tables = tables_of(scan, engine, arguments.rows)
    for table in tables:
        console.print(table)
    conclude(arguments.page, "Where the time of a scan goes", INTRODUCTION, tables, ())


if __name__ == "__main__":
    main()
