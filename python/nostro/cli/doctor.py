"""`nostro doctor`."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from nostro.stack import Stack

_MARKS = {"ok": "[green]✓[/]", "warning": "[yellow]![/]", "failure": "[red]✗[/]"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(doctor)


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check the machine and the stack; each finding has its remedy. The exit code is 1 on a failure."""
    from nostro.stack.doctor import examine  # noqa: PLC0415

    findings = examine(Stack())
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        console = Console(highlight=False, soft_wrap=True)
        for finding in findings:
            console.print(f"{_MARKS[finding.level]} [bold]{finding.check}[/]: {escape(finding.detail)}")
            if finding.remedy is not None:
                console.print(f"  what to do: {escape(finding.remedy)}")
    if any(finding.level == "failure" for finding in findings):
        raise typer.Exit(1)
