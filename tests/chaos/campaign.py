"""A campaign: the day in each shape, again and again, while a seeded schedule of faults strikes."""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date

from tests.chaos.faults import RERUN, Fault, LakeDisk, Scene, Supervisor

from nostro.demo.oracle import OracleResult
from nostro.demo.published import read_published_day
from nostro.demo.reconciliation import Comparison, compare
from nostro.stack import Stack, StackError
from nostro.stack.airflow_client import AirflowError
from nostro.stack.query import QueryError, TrinoSession

SHAPES = ("simple_dag", "sharded_dag", "dtm_dag", "portfolio_ops", "fault_tolerant_dag")
FAULT_TOLERANT = "fault_tolerant_dag"
SLICE = ("simple_dag", FAULT_TOLERANT)
LONG_CAMPAIGN = 50
"""From so many faults on, all shapes and all tests are run; below, a slice of them."""

RUN_SECONDS = 900.0
MOST_CLEARINGS = 5
POLL_SECONDS = 0.3


@dataclass(frozen=True)
class PlannedFault:
    """A fault that strikes so many seconds after the given part of the run's tasks is done."""

    fault: Fault
    after_part: float
    delay: float


@dataclass(frozen=True)
class PlannedRun:
    """One run of one shape, and what strikes it."""

    dag_id: str
    business_date: date
    faults: tuple[PlannedFault, ...]


@dataclass(frozen=True)
class RunOutcome:
    """How a run went: `clearings` counts how often its failed tasks had to be cleared by hand."""

    planned: PlannedRun
    seconds: float
    tries: int
    tasks: int
    clearings: int
    comparison: Comparison


def shapes_for(faults: int, seed: int) -> tuple[str, ...]:
    """Return the shapes that a campaign of so many faults runs; a slice runs one."""
    return SHAPES if faults >= LONG_CAMPAIGN else (random.Random(seed).choice(SLICE),)


def schedule(
    shapes: Sequence[str], faults: Sequence[Fault], count: int, days: Sequence[date], seed: int
) -> list[PlannedRun]:
    """Return runs that `count` faults strike, three to five each; in a slice five, for it to be short.

    Each shape meets the faults in an order of its own, and none twice before it has met all.

    Runs of one shape follow one another, as another shape may want Trino started otherwise.
    """
    generator = random.Random(seed)
    runs = []
    day = 0
    for number, shape in enumerate(shapes):
        share = count // len(shapes) + (number < count % len(shapes))
        drawn = _shuffled_over_and_over(faults, generator)
        while share > 0:
            size = min(share, generator.randint(3, 5) if count >= LONG_CAMPAIGN else 5)
            share -= size
            planned = sorted(
                (
                    PlannedFault(next(drawn), generator.uniform(0, 0.85), generator.uniform(0, 2))
                    for _ in range(size)
                ),
                key=lambda one: one.after_part,
            )
            runs.append(PlannedRun(shape, days[day % len(days)], tuple(planned)))
            day += 1
    return runs


def _shuffled_over_and_over(faults: Sequence[Fault], generator: random.Random) -> Iterator[Fault]:
    while True:
        yield from generator.sample(faults, len(faults))


@dataclass
class Campaign:
    """Runs a schedule on a stack and compares the lake with the oracle after each run.

    `struck` and `missed` count, by fault and shape, the strikes that hit and those that found nothing to hit.

    :param expected: the oracle's result of each business date
    """

    stack: Stack
    disk: LakeDisk | None
    supervisor: Supervisor
    expected: Mapping[date, OracleResult]
    seed: int
    outcomes: list[RunOutcome] = field(default_factory=list)
    struck: Counter[tuple[str, str]] = field(default_factory=Counter)
    missed: Counter[tuple[str, str]] = field(default_factory=Counter)

    def run(self, planned: PlannedRun) -> RunOutcome:
        """Run one shape through its faults to its publication, and reconcile.

        Raises AssertionError when rows are lost, doubled or other than the oracle's.
        """
        number = len(self.outcomes) + 1
        run_id = f"chaos-{self.seed}-{number}"
        scene = Scene(self.stack, self.disk, random.Random(self.seed * 1000 + number), planned.dag_id, run_id)
        started = time.monotonic()
        self._trigger(planned, run_id)
        mid_run = [one for one in planned.faults if one.fault is not RERUN]
        clearings = self._follow(scene, mid_run)
        for one in planned.faults:
            if one.fault is RERUN:
                self._strike(scene, one)
                self._clear(scene, only_failed=False)
                clearings += self._follow(scene, [])
        outcome = RunOutcome(
            planned,
            time.monotonic() - started,
            *self._tries(scene),
            clearings,
            self._reconcile(planned, run_id),
        )
        self.outcomes.append(outcome)
        return outcome

    def _trigger(self, planned: PlannedRun, run_id: str) -> None:
        client = self.stack.airflow_client()
        client.wait_until_parsed(planned.dag_id)
        client.unpause(planned.dag_id)
        client.trigger(planned.dag_id, {"business_date": planned.business_date.isoformat()}, run_id=run_id)

    def _follow(self, scene: Scene, faults: Sequence[PlannedFault]) -> int:
        """Strike at the planned moments until the run has succeeded; return how often it was cleared."""
        waiting = list(faults)
        strikes: list[threading.Thread] = []
        clearings = 0
        deadline = time.monotonic() + RUN_SECONDS
        while True:
            assert time.monotonic() < deadline, f"{scene.run_id} of {scene.dag_id} does not end"
            time.sleep(POLL_SECONDS)
            try:
                client = self.stack.airflow_client()
                tasks = client.task_instances(scene.dag_id, scene.run_id)
                run = client.run(scene.dag_id, scene.run_id)
            except AirflowError:
                continue
            done = sum(task.state in {"success", "skipped"} for task in tasks) / max(1, len(tasks))
            if waiting and (done >= waiting[0].after_part or run.is_finished):
                strikes.append(self._strike_beside(scene, waiting.pop(0)))
            elif run.is_finished and not any(strike.is_alive() for strike in strikes):
                if run.state == "success":
                    break
                states = {f"{task.task_id}[{task.map_index}]": task.state for task in tasks}
                assert clearings < MOST_CLEARINGS, (
                    f"{scene.run_id} of {scene.dag_id} fails on and on: {states}\n"
                    f"{errors_of_tasks(self.stack, scene.dag_id, scene.run_id)}"
                )
                clearings += 1
                self._clear(scene, only_failed=True)
        for strike in strikes:
            strike.join()
        return clearings

    def _strike_beside(self, scene: Scene, planned: PlannedFault) -> threading.Thread:
        def strike() -> None:
            time.sleep(planned.delay)
            self._strike(scene, planned)

        thread = threading.Thread(target=strike, name=planned.fault.name)
        thread.start()
        return thread

    def _strike(self, scene: Scene, planned: PlannedFault) -> None:
        counter = self.struck if planned.fault.strike(scene) else self.missed
        counter[planned.fault.name, scene.dag_id] += 1

    def _clear(self, scene: Scene, *, only_failed: bool) -> None:
        for attempt in range(30):
            self._wait_until_whole()
            with suppress(AirflowError):
                self.stack.airflow_client().clear(scene.dag_id, scene.run_id, only_failed=only_failed)
                return
            time.sleep(min(attempt, 5))
        raise AssertionError(f"{scene.run_id} of {scene.dag_id} cannot be cleared")

    def _wait_until_whole(self) -> None:
        deadline = time.monotonic() + RUN_SECONDS
        while not self.supervisor.is_whole():
            assert time.monotonic() < deadline, self.stack.status()
            time.sleep(POLL_SECONDS)

    def _tries(self, scene: Scene) -> tuple[int, int]:
        self._wait_until_whole()
        tasks = self.stack.airflow_client().task_instances(scene.dag_id, scene.run_id)
        return sum(task.try_number for task in tasks), len(tasks)

    def _reconcile(self, planned: PlannedRun, run_id: str) -> Comparison:
        """Compare the public tables with the oracle, once the stack answers again."""
        day = planned.business_date
        deadline = time.monotonic() + RUN_SECONDS
        while True:
            self._wait_until_whole()
            try:
                published = read_published_day(self._session(), day)
                publisher = self._publisher(day)
                break
            except (QueryError, StackError):
                assert time.monotonic() < deadline
                time.sleep(1)
        assert publisher == {run_id}, f"{day} was published by {publisher}, not by {run_id}"
        comparison = compare(self.expected[day], published)
        assert comparison.is_equal, f"{run_id} of {planned.dag_id}: {comparison.summary()}"
        return comparison

    def _session(self) -> TrinoSession:
        return TrinoSession.on(self.stack.trino.status())

    def _publisher(self, day: date) -> set[str]:
        rows = self._session().execute(
            f"SELECT DISTINCT run_id FROM lake.control.published_attempts WHERE business_date = DATE '{day}' "
            "AND batch_key LIKE 'portfolio_ops/%'"
        )
        return {str(run_id) for (run_id,) in rows}


def errors_of_tasks(stack: Stack, dag_id: str, run_id: str) -> str:
    """Return the errors in the logs of a run's tasks, a line each, the oldest first."""
    logs = stack.airflow.directory / "logs" / f"dag_id={dag_id}" / f"run_id={run_id}"
    errors = []
    for log in logs.rglob("*.log"):
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
            with suppress(ValueError):
                entry = json.loads(line)
                if entry["level"] in {"error", "critical"}:
                    causes = [
                        f"{it['exc_type']}: {it['exc_value']}" for it in entry.get("error_detail") or ()
                    ]
                    errors.append(
                        f"{entry['timestamp']} {log.relative_to(logs)}: {entry['event']} {'; '.join(causes)}"
                    )
    return "\n".join(sorted(errors))


def table_of(campaign: Campaign) -> str:
    """Return how often each fault struck each shape, and how the runs went, as Markdown tables."""
    shapes = [shape for shape in SHAPES if any(one.planned.dag_id == shape for one in campaign.outcomes)]
    names = sorted({name for name, _ in campaign.struck})
    lines = [
        "| fault | " + " | ".join(shapes) + " | all |",
        "|---|" + "---:|" * (len(shapes) + 1),
        *(
            f"| {name} | "
            + " | ".join(str(campaign.struck[name, shape]) for shape in shapes)
            + f" | {sum(campaign.struck[name, shape] for shape in shapes)} |"
            for name in names
        ),
        "",
        "| shape | runs | faults | tasks | tries | cleared by hand | slowest run | difference |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for shape in shapes:
        runs = [one for one in campaign.outcomes if one.planned.dag_id == shape]
        lines.append(
            f"| {shape} | {len(runs)} | {sum(campaign.struck[name, shape] for name in names)} "
            f"| {sum(one.tasks for one in runs)} | {sum(one.tries for one in runs)} "
            f"| {sum(one.clearings for one in runs)} | {max(one.seconds for one in runs):.0f} s "
            f"| {sum(one.comparison.difference for one in runs):.2f} |"
        )
    return "\n".join(lines)
