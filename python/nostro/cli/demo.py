"""`nostro demo`: the bank's day, end to end."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from nostro.cli.progress import DrawnProgress
from nostro.stack import NostroHome, Stack

if TYPE_CHECKING:
    import pyarrow as pa

    from nostro.demo.day import DayReport

DEFAULT_TRANSACTIONS = 1_000_000
DEFAULT_SEED = 7
SHOWN_ROWS = 10
REPORT_WIDTH = 180
"""Columns of a report that goes to a file or pipe."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(demo)


def demo(
    scale: Annotated[
        int, typer.Option(help="Bank transactions to generate; everything else scales along.", min=2_000)
    ] = DEFAULT_TRANSACTIONS,
    seed: Annotated[int, typer.Option(help="Same seed and scale: the same bank.", min=0)] = DEFAULT_SEED,
    business_date: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="A business date of the synthetic period; default: its last."
        ),
    ] = None,
    lose_worker: Annotated[
        bool,
        typer.Option(
            "--break",
            help="Kill a Trino worker in mid-run, and see the run recover: two workers, fault_tolerant_dag.",
        ),
    ] = False,
) -> None:
    """Load a synthetic bank, run its day through Airflow and Trino, print and reconcile the result.

    The stack stays up afterwards; `nostro down` ends it.
    """
    from nostro.demo.bank_calendar import DEMO_BUSINESS_DATE  # noqa: PLC0415
    from nostro.demo.bank_scale import BankScale  # noqa: PLC0415
    from nostro.demo.day import run_day  # noqa: PLC0415

    stack = Stack(NostroHome())
    report = run_day(
        stack,
        BankScale(transactions=scale),
        seed,
        DEMO_BUSINESS_DATE if business_date is None else business_date.date(),
        DrawnProgress(),
        lose_worker=lose_worker,
    )
    console = Console()
    print_report(report, stack, console if console.is_terminal else Console(width=REPORT_WIDTH))
    if lose_worker and report.lost_worker is None:
        console.print("The worker was not killed: it had no task of the run", style="bold red")
    if not report.comparison.is_equal or (lose_worker and report.lost_worker is None):
        raise typer.Exit(1)


def print_report(report: DayReport, stack: Stack, console: Console) -> None:
    """Print the day's tables, totals and times, and where to look next."""
    console.print(
        _excerpt(
            report.results["account_balances"],
            f"Account balances on {report.business_date} (lake.analytics.account_balances)",
            (
                "account_id",
                "currency",
                "opening_balance",
                "deposits",
                "withdrawals",
                "trades",
                "closing_balance",
                "base_currency",
                "closing_balance_base",
                "accrued_interest",
            ),
        )
    )
    console.print(
        _excerpt(
            report.results["account_margin_reqs"],
            f"Margin requirements on {report.business_date} (lake.analytics.account_margin_reqs)",
            (
                "account_id",
                "long_market_value_usd",
                "short_market_value_usd",
                "initial_requirement_usd",
                "maintenance_requirement_usd",
                "excess_base",
                "margin_call",
            ),
        )
    )
    console.print(_reject_counts(report.results["rejects"]))
    console.print(_control_totals(report))
    console.print(_times(report))
    if report.lost_worker is not None:
        lost = report.lost_worker
        console.print(
            f"{lost.node} was killed {lost.seconds_into_run:.1f} s into the run, "
            f"with {lost.running_tasks} tasks of query {lost.query_id} on it"
        )
    console.print(
        report.comparison.summary(), style="bold green" if report.comparison.is_equal else "bold red"
    )
    console.print("\nWhere to look next", style="bold")
    console.print(f"  Trino    {stack.trino_address()}/ui/  (any user name, no password)")
    airflow = stack.airflow.status()
    console.print(f"  Airflow  {airflow.address}  (user {airflow.user}, password in {airflow.password_file})")
    console.print('  .venv/bin/nostro sql "SELECT * FROM lake.banking.rejects LIMIT 10"')
    console.print(f"  .venv/bin/nostro report {report.business_date}")
    account = report.results["account_balances"]["account_id"][0].as_py()
    console.print(f"  .venv/bin/nostro explain {account} {report.business_date}")
    console.print("  .venv/bin/nostro functions")
    console.print("  .venv/bin/nostro down", end="\n\n")


def _excerpt(table: pa.Table, title: str, columns: tuple[str, ...]) -> Table:
    shown = Table(title=f"{title}: {table.num_rows:,} rows", title_justify="left")
    for name in columns:
        shown.add_column(
            name.replace("_", " "), justify="right" if _is_number(table, name) else "left", overflow="fold"
        )
    for row in table.slice(0, SHOWN_ROWS).select(columns).to_pylist():
        shown.add_row(*(_text(row[name]) for name in columns))
    return shown


def _reject_counts(rejects: pa.Table) -> Table:
    shown = Table(
        title=f"Rejected movements and positions (lake.banking.rejects): {rejects.num_rows:,} rows",
        title_justify="left",
    )
    shown.add_column("step")
    shown.add_column("reason")
    shown.add_column("rows", justify="right")
    counts = (
        rejects.group_by(["step", "reason"])
        .aggregate([([], "count_all")])
        .sort_by([("step", "ascending"), ("reason", "ascending")])
    )
    for row in counts.to_pylist():
        shown.add_row(row["step"], row["reason"], f"{row['count_all']:,}")
    return shown


def _control_totals(report: DayReport) -> Table:
    shown = Table(
        title="Control totals: source = landed + rejected, from the opening to the cut-off",
        title_justify="left",
    )
    for name in ("step", "currency"):
        shown.add_column(name, overflow="fold")
    for name in ("source rows", "landed", "rejected", "source amount", "difference"):
        shown.add_column(name, justify="right", overflow="fold")
    for total in report.control_totals:
        shown.add_row(
            total.step,
            total.currency,
            f"{total.source_count:,}",
            f"{total.landed_count:,}",
            f"{total.rejected_count:,}",
            f"{Decimal(total.source_amount):,}",
            total.difference,
        )
    return shown


def _times(report: DayReport) -> Table:
    shown = Table(title="Time of each step", title_justify="left")
    shown.add_column("step")
    shown.add_column("seconds", justify="right")
    for name, seconds in report.step_seconds.items():
        shown.add_row(name, f"{seconds:.1f}")
    for task in report.tasks:
        shown.add_row(f"  task {task.task_id}", f"{task.seconds or 0:.1f}", style="dim")
    shown.add_row(
        "  first task's start to last task's end", f"{report.transformation_seconds:.1f}", style="dim"
    )
    shown.add_section()
    shown.add_row("all", f"{sum(report.step_seconds.values()):.1f}", style="bold")
    return shown


def _is_number(table: pa.Table, name: str) -> bool:
    import pyarrow.types  # noqa: PLC0415

    kind = table.schema.field(name).type
    return bool(pyarrow.types.is_decimal(kind) or pyarrow.types.is_integer(kind))


def _text(value: object) -> str:
    if value is None:
        return "NULL"
    return f"{value:,}" if isinstance(value, int | Decimal) and not isinstance(value, bool) else str(value)
