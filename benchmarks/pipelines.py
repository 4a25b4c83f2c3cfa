"""Runs the bank's day in several shapes through Airflow's scheduler: against scale, and while a worker dies.

scale     landing time of `simple_dag`, `sharded_dag` and `fault_tolerant_dag` at growing numbers of
          transactions, beside DuckDB alone, which does the same work on the same Parquet files (it is the
          oracle, and reconciles every run); the greatest memory of Trino's processes; how far each time is
          from a straight line
failure   each shape without a fault, and with a worker killed at half of that time: the spread of the landing
          times, and the work done again, as rows read by all of the run's queries (not as CPU time: a worker
          that has just been started spends more on compiling than is done again). Shapes that map over banks
          find as many as `--banks`, so that they have about as many tasks as `sharded_dag`. Twenty runs of a
          shape take up to an hour: `--record FILE` keeps each run, and the table is of all that the file has;
          `--failures 0` prints it alone
retries   a small query with `retry_policy` NONE and TASK, in turns

Each part starts stacks of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

import psutil
import requests
from rich.console import Console
from rich.table import Table

from nostro.demo.bank_calendar import DEMO_BUSINESS_DATE
from nostro.demo.bank_scale import BankScale
from nostro.demo.generator import generate
from nostro.demo.load import build_ledger, list_banks, load_postgres
from nostro.demo.oracle import OracleResult, compare, compute
from nostro.demo.published import read_published_day
from nostro.demo.synthetic_bank import SyntheticBank
from nostro.stack import NostroHome, Stack
from nostro.stack.airflow_client import AirflowClient, TaskInstance
from nostro.stack.query import TrinoSession

SEED = 7
FAULT_TOLERANT = "fault_tolerant_dag"
SCALED_SHAPES = ("simple_dag", "sharded_dag", FAULT_TOLERANT)
FAILING_SHAPES = ("simple_dag", "sharded_dag", "dtm_dag", "portfolio_ops", FAULT_TOLERANT)
RUN_SECONDS = 7200.0
STRUCK_RUNS_PER_QUIET_ONE = 4
QUIET, STRUCK = "quiet", "struck"
UNITS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}

SMALL_QUERY = """
SELECT offset_type, currency, count(*), sum(amount)
FROM lake.banking.movements_landed
GROUP BY offset_type, currency
ORDER BY 1, 2"""


@dataclass(frozen=True)
class Work:
    """What a run's queries did: CPU seconds, and rows read from tables."""

    cpu_seconds: float
    rows: int


@dataclass(frozen=True)
class Landing:
    """One run: seconds from its first task's start to its last one's end, all tries, its queries' work.

    `failures` has a line for each try that has failed: its task and its log's last errors.
    """

    seconds: float
    tries: int
    work: Work
    failures: tuple[str, ...]


@contextmanager
def stack_with_bank(
    transactions: int, *, workers: int, console: Console
) -> Iterator[tuple[Stack, SyntheticBank]]:
    """Give a running stack with Airflow and a loaded bank, in a home that is deleted afterwards."""
    root = Path(tempfile.mkdtemp(prefix="nostro-benchmark-"))
    stack = Stack(NostroHome(root))
    try:
        with console.status(f"starting a stack, loading {transactions:,} transactions"):
            stack.up(workers=workers, airflow=True)
            bank = generate(BankScale(transactions=transactions), SEED, stack.home.data_directory / "bank")
            load_postgres(bank, stack.postgres_dsn)
            stack.ledger.replace_database(lambda path: build_ledger(bank, path))
        yield stack, bank
    finally:
        stack.down(delete_data=True)
        shutil.rmtree(root, ignore_errors=True)


def land(
    stack: Stack,
    dag_id: str,
    day: date,
    run_id: str,
    *,
    strike: Callable[[], None] | None = None,
    after: float = 0,
) -> Landing:
    """Run a shape for a business date, with a strike so many seconds after its first task has started."""
    client = stack.airflow_client()
    client.wait_until_parsed(dag_id)
    client.unpause(dag_id)
    client.trigger(dag_id, {"business_date": day.isoformat()}, run_id=run_id)
    striking: threading.Timer | None = None

    def watch(tasks: Sequence[object]) -> None:
        nonlocal striking
        if strike is not None and striking is None and any(getattr(one, "started_at", None) for one in tasks):
            striking = threading.Timer(after, strike)
            striking.start()

    run = client.wait(dag_id, run_id, timeout=RUN_SECONDS, watch=watch)
    if striking is not None:
        striking.join()
    tasks = client.task_instances(dag_id, run_id)
    if run.state != "success":
        raise SystemExit(
            f"{run_id} of {dag_id} is {run.state}: {[(one.task_id, one.state) for one in tasks]}"
        )
    started = min(one.started_at for one in tasks if one.started_at is not None)
    ended = max(one.ended_at for one in tasks if one.ended_at is not None)
    return Landing(
        (ended - started).total_seconds(),
        sum(one.try_number for one in tasks),
        work_of(stack, dag_id, run_id),
        tuple(failed_tries(client, dag_id, run_id, tasks)),
    )


def failed_tries(
    client: AirflowClient, dag_id: str, run_id: str, tasks: Iterable[TaskInstance]
) -> Iterator[str]:
    for task in tasks:
        for number in range(1, task.try_number):
            log = client.task_log(dag_id, run_id, task.task_id, number, task.map_index)
            errors = [line for line in log if "rror" in line or "failed" in line]
            yield f"{task.task_id}, try {number}: {' | '.join(errors[-3:]) or 'no error in its log'}"


def work_of(stack: Stack, dag_id: str, run_id: str) -> Work:
    """Add up the queries of a run, those that failed too, as the coordinator remembers them."""
    response = requests.get(
        f"{stack.trino_address()}/v1/query", headers={"X-Trino-User": "benchmark"}, timeout=60
    )
    response.raise_for_status()
    queries = [
        query["queryStats"]
        for query in response.json()
        if str(query["session"].get("source")).startswith(f"nostro/{dag_id}/{run_id}/")
    ]
    if not queries:
        raise SystemExit(f"Trino remembers no query of {run_id} of {dag_id}")
    cpu_seconds = sum(seconds_of(stats["totalCpuTime"]) for stats in queries)
    return Work(cpu_seconds, sum(int(stats["rawInputPositions"]) for stats in queries))


def seconds_of(duration: str) -> float:
    """Return a duration of Trino's (``1.50s``, ``2.1m``) in seconds."""
    found = re.fullmatch(r"([\d.]+)([a-z]+)", duration)
    if found is None:
        raise ValueError(f"{duration!r} is no duration")
    return float(found[1]) * UNITS[found[2]]


def reconcile(stack: Stack, expected: OracleResult) -> None:
    """End the benchmark unless the public tables are the oracle's, to the cent."""
    session = session_of(stack)
    comparison = compare(expected, read_published_day(session, expected.business_date))
    if not comparison.is_equal:
        raise SystemExit(comparison.summary())


def session_of(stack: Stack) -> TrinoSession:
    return TrinoSession.on(stack.trino.status())


class PeakMemory:
    """The greatest resident memory of Trino's processes together, looked at twice a second while entered."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._ended = threading.Event()
        self.bytes = 0

    def __enter__(self) -> PeakMemory:
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.5):
            resident = 0
            for node in ["trino", *self._stack.trino.worker_statuses()]:
                record = self._stack.home.load().processes.get(node)
                if record is not None and psutil.pid_exists(record.pid):
                    resident += psutil.Process(record.pid).memory_info().rss
            self.bytes = max(self.bytes, resident)


def measure_scale(scales: Sequence[int], repetitions: int, shapes: Sequence[str], console: Console) -> None:
    shown = Table(title=f"Landing time against scale, medians of {repetitions}")
    for heading in (
        "transactions",
        "shape",
        "seconds",
        "s per million",
        f"times {shapes[0]}",
        "times DuckDB",
        "CPU s",
        "tries",
        "Trino GB",
    ):
        shown.add_column(heading, justify="left" if heading == "shape" else "right")
    times: dict[str, list[tuple[int, float]]] = {}
    for transactions in scales:
        with stack_with_bank(transactions, workers=0, console=console) as (stack, bank):
            began = time.monotonic()
            expected = compute(bank, DEMO_BUSINESS_DATE)
            duckdb_seconds = time.monotonic() - began
            medians: dict[str, float] = {}
            for shape in shapes:
                stack.up(fault_tolerant=shape == FAULT_TOLERANT)
                landings = []
                with console.status(f"{shape}, {transactions:,} transactions"), PeakMemory(stack) as peak:
                    for number in range(repetitions):
                        landings.append(
                            land(stack, shape, DEMO_BUSINESS_DATE, f"scale-{transactions}-{number}")
                        )
                reconcile(stack, expected)
                medians[shape] = statistics.median(one.seconds for one in landings)
                times.setdefault(shape, []).append((transactions, medians[shape]))
                row = (
                    f"{transactions:,}",
                    shape,
                    f"{medians[shape]:.1f}",
                    f"{medians[shape] / transactions * 1e6:.2f}",
                    f"{medians[shape] / medians[shapes[0]]:.2f}",
                    f"{medians[shape] / duckdb_seconds:.2f}",
                    f"{statistics.median(one.work.cpu_seconds for one in landings):.0f}",
                    f"{statistics.median(one.tries for one in landings):.0f}",
                    f"{peak.bytes / 1e9:.1f}",
                )
                shown.add_row(*row)
                console.print(*row)
                for failure in (failure for one in landings for failure in one.failures):
                    console.print(failure, markup=False)
            times.setdefault("DuckDB alone", []).append((transactions, duckdb_seconds))
            shown.add_row(f"{transactions:,}", "DuckDB alone", f"{duckdb_seconds:.1f}", *6 * ("",))
    console.print(shown)
    if len(scales) > 2:
        for shape, points in times.items():
            fixed, per_million, deviation = straight_line(points)
            console.print(
                f"{shape}: {fixed:.1f} s + {per_million:.2f} s per million transactions; "
                f"the farthest time is {deviation:.0%} off that line"
            )


def straight_line(points: Sequence[tuple[int, float]]) -> tuple[float, float, float]:
    """Return the line that is nearest to the points relative to their times, and the greatest deviation."""
    weights = [1 / seconds**2 for _, seconds in points]
    total = sum(weights)
    mean_x = sum(weight * x / 1e6 for weight, (x, _) in zip(weights, points, strict=True)) / total
    mean_y = sum(weight * y for weight, (_, y) in zip(weights, points, strict=True)) / total
    slope = sum(
        weight * (x / 1e6 - mean_x) * (y - mean_y) for weight, (x, y) in zip(weights, points, strict=True)
    ) / sum(weight * (x / 1e6 - mean_x) ** 2 for weight, (x, _) in zip(weights, points, strict=True))
    fixed = mean_y - slope * mean_x
    return fixed, slope, max(abs(fixed + slope * x / 1e6 - y) / y for x, y in points)


@dataclass(frozen=True)
class RecordedRuns:
    """The runs of the shapes at one scale, kept in a file of JSON lines, to be made in parts."""

    transactions: int
    banks: int
    file: Path | None
    runs: list[tuple[str, str, Landing]] = field(default_factory=list)

    @classmethod
    def read(cls, transactions: int, banks: int, file: Path | None) -> RecordedRuns:
        found = cls(transactions, banks, file)
        lines = file.read_text(encoding="utf-8").splitlines() if file is not None and file.is_file() else []
        for run in map(json.loads, lines):
            if (run["transactions"], run["banks"]) == (transactions, banks):
                landing = run["landing"]
                found.runs.append(
                    (
                        run["shape"],
                        run["kind"],
                        Landing(**{**landing, "work": Work(**landing["work"]), "failures": ()}),
                    )
                )
        return found

    def of(self, shape: str, kind: str) -> list[Landing]:
        return [landing for one, its_kind, landing in self.runs if (one, its_kind) == (shape, kind)]

    def add(self, shape: str, kind: str, landing: Landing) -> None:
        self.runs.append((shape, kind, landing))
        if self.file is not None:
            run = {
                "transactions": self.transactions,
                "banks": self.banks,
                "shape": shape,
                "kind": kind,
                "landing": asdict(landing),
            }
            with self.file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(run) + "\n")


def measure_failure(runs: RecordedRuns, repetitions: int, shapes: Sequence[str], console: Console) -> None:
    if repetitions > 0:
        with stack_with_bank(runs.transactions, workers=2, console=console) as (stack, bank):
            list_banks(stack.postgres_dsn("portfolio_ops_db"), runs.banks)
            expected = compute(bank, DEMO_BUSINESS_DATE)
            for shape in shapes:
                stack.up(fault_tolerant=shape == FAULT_TOLERANT)
                land(stack, shape, DEMO_BUSINESS_DATE, f"warm-{shape}")
                for number in range(repetitions):
                    with console.status(f"{shape}, run {number + 1} of {repetitions}"):
                        quiet, struck = runs.of(shape, QUIET), runs.of(shape, STRUCK)
                        if len(quiet) <= len(struck) / STRUCK_RUNS_PER_QUIET_ONE:
                            runs.add(shape, QUIET, land(stack, shape, DEMO_BUSINESS_DATE, f"quiet-{number}"))
                        half = statistics.median(one.seconds for one in runs.of(shape, QUIET)) / 2
                        worker = psutil.Process(stack.home.load().processes["trino-worker-1"].pid)
                        landing = land(
                            stack,
                            shape,
                            DEMO_BUSINESS_DATE,
                            f"struck-{number}",
                            strike=worker.kill,
                            after=half,
                        )
                        stack.up()
                        reconcile(stack, expected)
                        runs.add(shape, STRUCK, landing)
    shown = Table(title=f"A worker of two dies at half time, {runs.transactions:,} transactions")
    for heading in (
        "shape",
        "runs without",
        "tries",
        "seconds without",
        "runs with",
        "with: median",
        "middle half",
        "fastest–slowest",
        "tries more",
        "rows read again",
    ):
        shown.add_column(heading, justify="left" if heading == "shape" else "right")
    for shape in shapes:
        if runs.of(shape, STRUCK):
            shown.add_row(*failure_row(shape, runs.of(shape, QUIET), runs.of(shape, STRUCK)))
    console.print(shown)


def failure_row(shape: str, quiet: Sequence[Landing], struck: Sequence[Landing]) -> tuple[str, ...]:
    times = [one.seconds for one in struck]
    lower, _, upper = statistics.quantiles(times, n=4) if len(times) > 1 else 3 * times
    tries = statistics.mean(one.tries for one in quiet)
    return (
        shape,
        str(len(quiet)),
        f"{tries:.0f}",
        f"{statistics.median(one.seconds for one in quiet):.1f}",
        str(len(struck)),
        f"{statistics.median(times):.1f}",
        f"{lower:.1f}–{upper:.1f}",
        f"{min(times):.1f}–{max(times):.1f}",
        f"{statistics.mean(one.tries for one in struck) - tries:.1f}",
        share_done_again([one.work.rows for one in quiet], [one.work.rows for one in struck]),
    )


def share_done_again(quiet: Sequence[float], struck: Sequence[float]) -> str:
    # Adding zero to a rounded figure makes +0 of -0.
    return f"{round(statistics.median(struck) / statistics.median(quiet) - 1, 2) + 0.0:+.0%}"


def measure_retries(transactions: int, repetitions: int, console: Console) -> None:
    with stack_with_bank(transactions, workers=2, console=console) as (stack, _):
        stack.up(fault_tolerant=True)
        land(stack, "simple_dag", DEMO_BUSINESS_DATE, "retries")
        seconds: dict[str, list[float]] = {"NONE": [], "TASK": []}
        sessions = {policy: session_of(stack) for policy in seconds}
        for policy, session in sessions.items():
            session.execute(f"SET SESSION retry_policy = '{policy}'")
            list(session.execute(SMALL_QUERY))
        for _ in range(repetitions):
            for policy, session in sessions.items():
                began = time.monotonic()
                list(session.execute(SMALL_QUERY))
                seconds[policy].append(time.monotonic() - began)
    without, with_retries = (statistics.median(seconds[policy]) for policy in ("NONE", "TASK"))
    console.print(
        f"A small query: {without:.2f} s without task retries, {with_retries:.2f} s with them, "
        f"{with_retries / without:.1f} times as long (medians of {repetitions})"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", choices=("scale", "failure", "retries", []), default=[])
    parser.add_argument("--transactions", type=int, nargs="+", default=[1_000_000, 2_000_000, 5_000_000])
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--scaled-shapes", nargs="+", choices=FAILING_SHAPES, default=SCALED_SHAPES)
    parser.add_argument("--failing-transactions", type=int, default=500_000)
    parser.add_argument("--failures", type=int, default=5, help="runs of each shape with a dying worker")
    parser.add_argument("--banks", type=int, default=10, help="banks that a failing shape can map over")
    parser.add_argument("--record", type=Path, help="file that keeps each run with a dying worker")
    parser.add_argument("--failing-shapes", nargs="+", choices=FAILING_SHAPES, default=FAILING_SHAPES)
    arguments = parser.parse_args()
    os.environ.setdefault("NOSTRO_SCHEDULE_END", "2025-05-03")
    console = Console(width=None if Console().is_terminal else 140)
    parts = arguments.parts or ["scale", "failure", "retries"]
    if "scale" in parts:
        measure_scale(arguments.transactions, arguments.repetitions, arguments.scaled_shapes, console)
    if "failure" in parts:
        measure_failure(
            RecordedRuns.read(arguments.failing_transactions, arguments.banks, arguments.record),
            arguments.failures,
            arguments.failing_shapes,
            console,
        )
    if "retries" in parts:
        measure_retries(arguments.failing_transactions, 4 * arguments.failures, console)


if __name__ == "__main__":
    main()
