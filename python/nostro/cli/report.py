"""`nostro report`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from nostro.cli.progress import DrawnProgress
from nostro.stack import Stack, StackError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(report)


def report(
    date: Annotated[
        datetime | None,
        typer.Argument(
            formats=["%Y-%m-%d"], metavar="[DATE]", help="A published business date; default: the last."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="The file to write.", metavar="FILE", show_default="nostro-DATE.html"
        ),
    ] = None,
) -> None:
    """Write one HTML page of a run: its tasks and queries, balances, margin, risk, totals and rejects."""
    from nostro.audit.report import read_report, render  # noqa: PLC0415
    from nostro.stack.query import TrinoSession  # noqa: PLC0415

    stack = Stack()
    parts = stack.status()
    session = TrinoSession.on(parts["trino"])
    airflow = stack.airflow_client() if parts["airflow"].state == "running" else None
    with DrawnProgress().step("Read the run"):
        told = read_report(session, None if date is None else date.date(), airflow)
    file = output or Path(f"nostro-{told.publication.business_date}.html")
    try:
        size = file.write_text(render(told), encoding="utf-8")
    except OSError as error:
        raise StackError(f"{file} cannot be written: {error.strerror}") from None
    typer.echo(f"{file}: run {told.publication.run_id}, {size / 1e6:,.1f} MB")
