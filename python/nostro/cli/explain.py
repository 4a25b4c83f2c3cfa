"""`nostro explain`."""

from __future__ import annotations

import json
import re
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from nostro.stack import Stack

if TYPE_CHECKING:
    from nostro.audit.balance import BalanceTrace, Check, CurrencyTrace, SourceRow

WIDTH = 110


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(explain)


def explain(
    account: Annotated[str, typer.Argument(help="An account of the ledger, or a bank account mapped to it.")],
    date: Annotated[
        datetime, typer.Argument(formats=["%Y-%m-%d"], metavar="DATE", help="A published business date.")
    ],
    currency: Annotated[
        str | None, typer.Option(help="Only the balance in this currency.", metavar="CODE")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Trace an account's balance to its source rows, rejects, batch, attempts and queries.

    The exit code is 1 when the rows do not add up to the balance, or when there is no such balance.
    """
    from nostro.audit.balance import trace_balance  # noqa: PLC0415
    from nostro.stack.query import TrinoSession  # noqa: PLC0415

    session = TrinoSession.on(Stack().status()["trino"])
    trace = trace_balance(session, account, date.date(), None if currency is None else currency.upper())
    if as_json:
        typer.echo(json.dumps(trace.to_json(), indent=2))
    else:
        console = Console(highlight=False)
        console.width = min(console.width, WIDTH) if console.is_terminal else WIDTH
        print_trace(trace, console)
    if not trace.is_reconciled:
        raise typer.Exit(1)


def print_trace(trace: BalanceTrace, console: Console) -> None:
    """Print a trace: each currency as a statement, then rejects, where the rows came from, the verdict."""
    from nostro.audit.values import in_bank_time  # noqa: PLC0415

    publication = trace.publication
    console.print(
        Text.assemble(
            (f"Account {trace.account_id}", "bold"),
            f" on {publication.business_date}: posted {in_bank_time(publication.day_start)} to "
            f"{in_bank_time(publication.cut_off)}",
        )
    )
    for one in trace.currencies:
        console.print()
        console.print(_statement(one, trace))
    if trace.rejects:
        console.print()
        console.print(_rejects(trace))
    console.print()
    console.print(_batch(trace))
    console.print()
    console.print(_queries(trace))
    console.print()
    console.print(_verdict(trace))


def _statement(one: CurrencyTrace, trace: BalanceTrace) -> Group:
    from nostro.audit.values import in_bank_time  # noqa: PLC0415

    table = Table(
        box=None, pad_edge=False, expand=True, title=one.currency, title_justify="left", title_style="bold"
    )
    table.add_column("posted", width=19, header_style="dim")
    table.add_column("row", min_width=17, overflow="fold", header_style="dim")
    table.add_column("what", ratio=1, overflow="fold", header_style="dim")
    table.add_column("value date", width=10, header_style="dim")
    for name in ("amount", "balance"):
        table.add_column(name, justify="right", no_wrap=True, min_width=12, header_style="dim")
    carried = one.carried_movements
    table.add_row("", "", _opening_text(one, trace), "", "", _money(one.carried_balance))
    if carried.count:
        table.add_row(
            "",
            "",
            f"movements posted before: {carried.count:,}",
            "",
            _money(carried.amount),
            _money(one.carried_balance + carried.amount),
        )
    balance = one.opening_balance
    table.add_row("", "", "opening balance", "", "", _money(balance), style="bold")
    for row in one.rows:
        if row.carried or row.reason is not None:
            continue
        balance += row.amount
        table.add_row(
            in_bank_time(row.posted_at),
            f"{row.source.removesuffix('s')} {row.source_id}",
            _row_text(row),
            "" if row.value_date is None else str(row.value_date),
            _money(row.amount),
            _money(balance),
        )
    table.add_row("", "", "closing balance", "", "", _money(one.closing_balance), style="bold")
    parts: list[Table | Text] = [table]
    if one.restated_base is not None:
        parts.append(
            Text(
                f"The base batch was restated since: its closing is now {_money(one.restated_base)}. "
                "Run this date again to carry that forward.",
                style="yellow",
            )
        )
    return Group(*parts)


def _opening_text(one: CurrencyTrace, trace: BalanceTrace) -> str:
    match one.carried_from:
        case "base":
            return f"closing of {trace.publication.base_date}"
        case "ledger":
            return "opening balance in the ledger"
        case _:
            return "no balance before"


def _row_text(row: SourceRow) -> str:
    what = row.offset_type if row.source == "transactions" else ""
    reversal = f"reversal of {row.reversal_of}" if row.reversal_of is not None else ""
    detail = re.sub(r"\*+", "…", row.detail)
    return ", ".join(text for text in (what, reversal, detail) if text)


def _rejects(trace: BalanceTrace) -> Table:
    from nostro.audit.values import in_bank_time  # noqa: PLC0415

    table = Table(box=None, pad_edge=False, title="Rejected", title_justify="left", title_style="bold")
    for name in ("posted", "row", "reason", "step", "currency"):
        table.add_column(name, overflow="fold", header_style="dim")
    table.add_column("amount", justify="right", no_wrap=True, header_style="dim")
    for reject in trace.rejects:
        table.add_row(
            "" if reject.posted_at is None else in_bank_time(reject.posted_at),
            f"{reject.source.removesuffix('s')} {reject.source_id}",
            reject.reason,
            reject.step,
            reject.currency,
            "" if reject.amount is None else _money(reject.amount),
        )
    return table


def _batch(trace: BalanceTrace) -> Group:
    from nostro.audit.values import in_bank_time  # noqa: PLC0415

    publication = trace.publication
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    table.add_row("batch", publication.batch_key)
    table.add_row("run", publication.run_id)
    table.add_row("opened", in_bank_time(publication.opened_at))
    number = "" if publication.number == 1 else f", publication {publication.number} of this batch"
    table.add_row(
        "published", f"{in_bank_time(publication.published_at)} as {publication.publication_id}{number}"
    )
    if publication.base_key:
        table.add_row(
            "carried from", f"{publication.base_key}, attempt {publication.base_attempt_id} of its balances"
        )
        table.add_row("", f"nostro explain {trace.account_id} {publication.base_date}")
    else:
        table.add_row("carried from", "no earlier batch: every movement since inception was read")
    return Group(Text("Batch", style="bold"), table)


def _queries(trace: BalanceTrace) -> Group:
    from nostro.audit.values import in_bank_time  # noqa: PLC0415

    parts: list[Text | Table] = [Text("Attempts, and the queries that wrote these rows", style="bold")]
    for (step, attempt_id), written in groupby(trace.commits, lambda one: (one.step, one.attempt_id)):
        parts.append(Text.assemble((step, "bold"), "  ", (attempt_id, "dim")))
        table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2))
        for width in (21, 27, 36):
            table.add_column(no_wrap=True, min_width=width)
        table.add_column(justify="right", no_wrap=True)
        for commit in written:
            table.add_row(
                "  " + ("" if commit.committed_at is None else in_bank_time(commit.committed_at)),
                commit.query_id or "no longer known",
                commit.table.removeprefix("lake."),
                f"{commit.rows:,} row{'' if commit.rows == 1 else 's'}",
            )
        parts.append(table)
    written_by = {commit.query_id for commit in trace.commits}
    others = [query for query in trace.queries if query.query_id not in written_by]
    if others:
        failed = [query for query in others if query.state == "FAILED"]
        parts.append(
            Text(f"Trino still lists {len(others)} more queries of the run, of which {len(failed)} failed")
        )
        parts.extend(Text(f"  {query.query_id}  {query.task}, try {query.try_number}") for query in failed)
    return Group(*parts)


def _verdict(trace: BalanceTrace) -> Group:
    table = Table(box=None, pad_edge=False)
    table.add_column("", no_wrap=True)
    for name in ("opening", "+ deposits", "+ withdrawals", "+ trades", "= closing", "difference"):
        table.add_column(name, justify="right", no_wrap=True, header_style="dim")
    for one in trace.currencies:
        figures = (one.opening_balance, one.deposits, one.withdrawals, one.trades, one.closing_balance)
        table.add_row(
            one.currency,
            *(_money(figure) for figure in (*figures, one.difference)),
            style="green" if one.is_reconciled else "red",
        )
    if trace.is_reconciled:
        rows = sum(row.reason is None for one in trace.currencies for row in one.rows)
        verdict = (
            f"✓ reconciled: opening + movements = closing to the cent; {rows:,} accepted source rows "
            "add up to what was landed and published"
        )
        return Group(table, Text(verdict, style="bold green"))
    lines = []
    for one in trace.currencies:
        if not one.is_reconciled:
            lines.append(f"✗ {one.currency} does not reconcile")
            lines.extend(f"  {_failed(check)}" for check in one.checks if not check.holds)
    return Group(table, Text("\n".join(lines), style="bold red"))


def _failed(check: Check) -> str:
    counts = (
        f" ({check.expected.count:,} and {check.actual.count:,} rows)"
        if check.expected.count or check.actual.count
        else ""
    )
    return (
        f"{check.what}: {_money(check.expected.amount)} and {_money(check.actual.amount)}{counts}, "
        f"difference {_money(check.difference)}"
    )


def _money(amount: Decimal) -> str:
    return f"{amount:,.2f}"
