"""`nostro source check`."""

from __future__ import annotations

import json
from itertools import groupby
from textwrap import fill
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from nostro.cli import errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nostro.flight.conformance import Outcome, Report

NO_SOURCE = 2
LONGEST_SHOWN = 300

_MARKS = {
    "passed": ("✓", "green"),
    "failed": ("✗", "red"),
    "not applicable": ("–", "dim"),
    "not run": ("–", "dim"),
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(check)


def check(  # noqa: PLR0917
    location: Annotated[str, typer.Argument(help="Where the source listens: grpc://host:port.")],
    tables: Annotated[
        list[str] | None,
        typer.Option("--table", metavar="SCHEMA.TABLE", help="Check this table; may be repeated."),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="Try these alone, such as predicates or predicates.text; may be repeated."
        ),
    ] = None,
    rows: Annotated[
        int, typer.Option(min=1, help="Rows that are read of a table; of larger ones a part.")
    ] = 10_000,
    timeout: Annotated[
        float, typer.Option(min=0.1, help="Seconds that the source has for an answer.")
    ] = 30.0,
    writes: Annotated[
        bool,
        typer.Option("--writes", help="Try writes too, in a schema and tables that are created and dropped."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check that a source does as the Flight protocol says, in whatever language it is written.

    It only reads, unless --writes is given. The exit code is 1 if a check fails, 2 if no source answers.
    """
    from nostro.flight.conformance import (  # noqa: PLC0415
        NoSource,
        NoSuchCheck,
        NoSuchTable,
        Options,
        check_source,
    )

    options = Options(tuple(tables or ()), tuple(only or ()), rows, timeout, writes)
    try:
        with Console(stderr=True).status("checking") as status:
            report = check_source(location, options, lambda it: status.update(f"{it.group}: {it.says}"))
    except NoSource as error:
        errors.tell(str(error), remedy="start the source, and give grpc://host:port of it")
        raise typer.Exit(NO_SOURCE) from None
    except (NoSuchCheck, NoSuchTable) as error:
        errors.tell(str(error))
        raise typer.Exit(NO_SOURCE) from None
    if as_json:
        typer.echo(json.dumps(report.to_json(), indent=2, ensure_ascii=False))
    else:
        print_report(report, Console(highlight=False))
    if report.failures:
        raise typer.Exit(1)


def print_report(report: Report, console: Console) -> None:
    """Print outcomes by group, then counts, then what the source leaves to Trino."""
    from nostro.flight.conformance import GROUPS  # noqa: PLC0415

    titles = {group.name: group.title for group in GROUPS}
    of_all = f" of {report.tables_in_all}" if len(report.tables) < report.tables_in_all else ""
    console.print(
        Text.assemble(
            (f"{report.source} {report.version}", "bold"),
            f" at {report.location}, protocol {report.protocol}, "
            f"{len(report.tables)}{of_all} {'table' if len(report.tables) == 1 else 'tables'}",
        )
    )
    if report.sampled:
        sampled = ", ".join(report.sampled)
        print_wrapped(console, f"of {sampled} about {report.rows:,} rows are read", 0, "dim")
    for name, outcomes in groupby(report.outcomes, key=lambda outcome: outcome.group):
        console.print()
        console.print(Text.assemble((titles[name], "bold"), (f"  --only {name}", "dim")))
        for _, of_check in groupby(outcomes, key=lambda outcome: outcome.check):
            print_check(console, list(of_check))
    counts = report.counts
    console.print()
    console.print(
        Text.assemble(
            (f"{counts['passed']} passed", "green" if counts["passed"] else ""),
            ", ",
            (f"{counts['failed']} failed", "red" if counts["failed"] else ""),
            f", {counts['not applicable']} not applicable",
            f", {counts['not run']} not run: --writes" if counts["not run"] else "",
        )
    )
    if report.left:
        print_wrapped(console, f"left behind, to be dropped: {', '.join(report.left)}", 0, "red")
    print_lacks(console, report)


def print_check(console: Console, outcomes: Sequence[Outcome]) -> None:
    """One line for what all tables agree on, and what the failing ones did."""
    first = outcomes[0]
    failures = [outcome for outcome in outcomes if outcome.result == "failed"]
    passed = sum(outcome.result == "passed" for outcome in outcomes)
    mark, style = _MARKS["failed" if failures else "passed" if passed else first.result]
    line = Text.assemble((f"  {mark} ", style), (first.says, "" if failures or passed else "dim"))
    if 0 < passed + len(failures) < len(outcomes):
        line.append(f" ({passed + len(failures)} of {len(outcomes)} tables)", "dim")
    elif not passed and not failures:
        line.append(f": not run: {first.why}" if first.result == "not run" else f": {first.why}", "dim")
    console.print(line, soft_wrap=True)
    for failure in failures:
        print_failure(console, failure)


def print_failure(console: Console, failure: Outcome) -> None:
    where = "" if failure.table is None else f"{failure.table}: "
    print_wrapped(
        console,
        f"{where}{failure.group}.{failure.check}, docs/protocol.md, {failure.section}: {failure.severity}",
        6,
        "red",
    )
    for what, told in (("sent", failure.sent), ("came", failure.came), ("accepted", failure.accepted)):
        print_wrapped(console, f"{what:9} {shortened(told or '')}", 6)
    if failure.also:
        print_wrapped(console, f"{'also':9} {shortened('; '.join(failure.also))}", 6)


def print_lacks(console: Console, report: Report) -> None:
    if not report.lacks:
        return
    console.print()
    console.print(Text("What this source lacks, and Trino then does", "bold"))
    for lack in report.lacks:
        where = "" if lack.table is None else f"{lack.table}: "
        print_wrapped(console, f"{where}{lack.what}: {lack.then}", 2)


def print_wrapped(console: Console, text: str, indent: int, style: str = "") -> None:
    space = " " * indent
    wrapped = fill(
        text, width=console.width, initial_indent=space, subsequent_indent=space, break_on_hyphens=False
    )
    console.print(Text(wrapped, style), soft_wrap=True)


def shortened(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
