"""The bank's day on the local stack: load the bank, run the pipeline, reconcile what it published."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from nostro.demo.bank_calendar import DEMO_BUSINESS_DATE, OPENING_DATE
from nostro.demo.bank_scale import BankScale
from nostro.demo.generator import generate
from nostro.demo.load import build_ledger, load_postgres
from nostro.demo.oracle import compute
from nostro.demo.published import read_published_day
from nostro.demo.reconciliation import Comparison, compare
from nostro.demo.worker_loss import LostWorker, WorkerLoss
from nostro.stack import Progress, Stack, StackError
from nostro.stack.airflow_client import AirflowError, DagRun, TaskInstance
from nostro.stack.query import TrinoSession

if TYPE_CHECKING:
    import pyarrow as pa

    from nostro.demo.synthetic_bank import SyntheticBank

DAG_ID = "simple_dag"
FAULT_TOLERANT_DAG_ID = "fault_tolerant_dag"
WORKERS_TO_LOSE_ONE_OF = 2
RUN_SECONDS = 3600.0
LEDGER_MARK = "ledger-bank.txt"


@dataclass(frozen=True)
class ControlTotal:
    """One line of the published batch's reconciliation, in the currency's own units."""

    step: str
    currency: str
    source_count: int
    landed_count: int
    rejected_count: int
    source_amount: str
    difference: str


@dataclass(frozen=True)
class DayReport:
    """What the day came to.

    `results` holds each public table's rows of the business date as Trino returned them; `step_seconds` the
    time of each step, in order; `transformation_seconds` the time from the run's first task to its last;
    `lost_worker` is the one that was killed meanwhile.
    """

    bank: SyntheticBank
    business_date: date
    run: DagRun
    tasks: tuple[TaskInstance, ...]
    step_seconds: dict[str, float]
    transformation_seconds: float
    results: dict[str, pa.Table]
    control_totals: tuple[ControlTotal, ...]
    comparison: Comparison
    lost_worker: LostWorker | None = None


@dataclass
class _StepClock:
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def measure(self, name: str) -> Iterator[None]:
        started = time.monotonic()
        yield
        self.seconds[name] = time.monotonic() - started


def run_day(
    stack: Stack,
    scale: BankScale,
    seed: int,
    business_date: date,
    progress: Progress,
    *,
    lose_worker: bool = False,
) -> DayReport:
    """Bring the stack up, load the bank, run `simple_dag` through Airflow's scheduler, and reconcile.

    With `lose_worker` it is `fault_tolerant_dag`, on a cluster of which a worker is killed in mid-run.

    Raises StackError for a business date that the synthetic period does not cover, for a part that does not
    start, and for a run that fails.
    """
    if not OPENING_DATE < business_date <= DEMO_BUSINESS_DATE or business_date.weekday() > 4:
        raise StackError(
            f"{business_date} is no business date of the synthetic bank",
            remedy=f"take a Monday to Friday after {OPENING_DATE} and up to {DEMO_BUSINESS_DATE}",
        )
    clock = _StepClock()
    with clock.measure("start the stack"):
        if lose_worker:
            stack.up(workers=WORKERS_TO_LOSE_ONE_OF, fault_tolerant=True, airflow=True, progress=progress)
        else:
            stack.up(airflow=True, progress=progress)
    with clock.measure("generate the bank"):
        bank = generate(scale, seed, stack.home.data_directory / "bank", progress)
    with clock.measure("load PostgreSQL and the ledger"):
        load_postgres(bank, stack.postgres_dsn, progress)
        _load_ledger(stack, bank, progress)
    dag_id = FAULT_TOLERANT_DAG_ID if lose_worker else DAG_ID
    lost_worker = None
    with clock.measure(f"run {dag_id}"):
        if lose_worker:
            with WorkerLoss(stack, f"nostro/{dag_id}/", progress) as loss:
                run, tasks = run_pipeline(stack, business_date, progress, dag_id)
            lost_worker = loss.lost
        else:
            run, tasks = run_pipeline(stack, business_date, progress, dag_id)
    if lose_worker:
        with clock.measure("start the lost worker again"):
            stack.up(progress=progress)
    with clock.measure("read the results"):
        results, totals = _published(stack, business_date, progress)
    with clock.measure("reconcile with the oracle"), progress.step("Oracle: recompute and compare"):
        comparison = compare(compute(bank, business_date), results)
    return DayReport(
        bank,
        business_date,
        run,
        tasks,
        clock.seconds,
        _transformation_seconds(tasks),
        results,
        totals,
        comparison,
        lost_worker,
    )


def run_pipeline(
    stack: Stack, business_date: date, progress: Progress, dag_id: str = DAG_ID
) -> tuple[DagRun, tuple[TaskInstance, ...]]:
    """Run a DAG for a business date through Airflow's running scheduler; return run and tasks."""
    client = stack.airflow_client()
    run_id = f"demo__{business_date}__{datetime.now(UTC):%Y%m%dT%H%M%S.%f}"
    try:
        client.wait_until_parsed(dag_id)
        client.unpause(dag_id)
        with progress.step(f"Airflow: {dag_id}", unit="tasks") as step:
            client.trigger(dag_id, {"business_date": business_date.isoformat()}, run_id=run_id)

            def watch(tasks: list[TaskInstance]) -> None:
                done = sum(task.state == "success" for task in tasks)
                running = [task.task_id for task in tasks if task.state == "running"]
                step.update(completed=done, total=len(tasks) or None, detail=", ".join(running))

            run = client.wait(dag_id, run_id, timeout=RUN_SECONDS, watch=watch)
        tasks = tuple(client.task_instances(dag_id, run_id))
        if run.state != "success":
            raise _failure(stack, dag_id, run_id, tasks)
    except AirflowError as error:
        raise StackError(
            str(error),
            log=stack.home.log_directory,
            remedy="see the log; `nostro down`, then the same command again",
        ) from error
    return run, tasks


def _failure(stack: Stack, dag_id: str, run_id: str, tasks: tuple[TaskInstance, ...]) -> StackError:
    failed = [task for task in tasks if task.state == "failed"]
    if not failed:
        return StackError(f"run {run_id} of {dag_id} failed", remedy=f"see {stack.airflow_address()}")
    lines = stack.airflow_client().task_log(dag_id, run_id, failed[0].task_id, failed[0].try_number)
    causes = [line for line in lines if "Error" in line or "Exception" in line or "audit" in line]
    return StackError(
        f"task {failed[0].task_id} of {dag_id} failed: {causes[-1] if causes else 'no cause in its log'}",
        remedy=f"the task's log is at {stack.airflow_address()}/dags/{dag_id}/runs/{run_id}",
    )


def _load_ledger(stack: Stack, bank: SyntheticBank, progress: Progress) -> None:
    mark = stack.ledger.database.with_name(LEDGER_MARK)
    if mark.is_file() and mark.read_text(encoding="utf-8") == bank.identity:
        return
    with progress.step("trading_db: account, trades"):
        mark.unlink(missing_ok=True)
        stack.ledger.replace_database(lambda path: build_ledger(bank, path))
        mark.write_text(bank.identity, encoding="utf-8")


def _published(
    stack: Stack, business_date: date, progress: Progress
) -> tuple[dict[str, pa.Table], tuple[ControlTotal, ...]]:
    session = TrinoSession.on(stack.trino.status())
    with progress.step("Trino: read what was published"):
        results = read_published_day(session, business_date)
    rows = session.execute(f"""
        SELECT step, currency, sum(source_count), sum(landed_count), sum(rejected_count), sum(source_amount),
            sum(source_amount) - sum(landed_amount) - sum(rejected_amount)
        FROM lake.control.reconciliation
        WHERE batch_key = 'portfolio_ops/{business_date}'
        GROUP BY step, currency
        ORDER BY step, currency""")
    return results, tuple(ControlTotal(*row) for row in rows)


def _transformation_seconds(tasks: tuple[TaskInstance, ...]) -> float:
    started = [task.started_at for task in tasks if task.started_at is not None]
    ended = [task.ended_at for task in tasks if task.ended_at is not None]
    return (max(ended) - min(started)).total_seconds() if started and ended else 0.0
