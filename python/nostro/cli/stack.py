"""`nostro up`, `nostro down`, `nostro status`."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from nostro.cli.progress import DrawnProgress
from nostro.stack import PartStatus, Stack

_STYLES = {"running": "green", "starting": "yellow", "died": "red", "stopped": "dim"}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(up)
    app.command()(down)
    app.command()(status)


def up(
    workers: Annotated[
        int | None, typer.Option(min=0, help="Trino workers beside the coordinator.", show_default="0")
    ] = None,
    fault_tolerant: Annotated[
        bool | None,
        typer.Option(
            "--fault-tolerant/--no-fault-tolerant",
            help="Retry failed tasks, with an exchange on disk.",
            show_default="off",
        ),
    ] = None,
    airflow: Annotated[
        bool | None, typer.Option("--airflow/--no-airflow", help="Run Airflow too.", show_default="off")
    ] = None,
    unpause: Annotated[
        bool | None,
        typer.Option(
            "--unpause/--no-unpause",
            help="Switch on Airflow's DAGs, and those that are added later.",
            show_default="off",
        ),
    ] = None,
) -> None:
    """Start the stack, or what of it does not run, or run it with other options.

    An option that is not given stays as it is in a stack that is up.
    """
    stack = Stack()
    stack.up(
        workers=workers,
        fault_tolerant=fault_tolerant,
        airflow=airflow,
        progress=DrawnProgress(),
        unpause=unpause,
    )
    _show(stack.status())


def down(
    delete_data: Annotated[
        bool, typer.Option("--delete-data", help="Also delete the databases, the lake and the logs.")
    ] = False,
) -> None:
    """End every process of the stack, also after a crash."""
    Stack().down(DrawnProgress(), delete_data=delete_data)


def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show each part's state and address, and how to log in."""
    parts = Stack().status()
    if as_json:
        typer.echo(json.dumps({name: part.to_json() for name, part in parts.items()}, indent=2))
    else:
        _show(parts)


def _show(parts: dict[str, PartStatus]) -> None:
    table = Table(box=None, pad_edge=False)
    for column in ("part", "state", "address", "pid", "version"):
        table.add_column(column, overflow="fold")
    for name, part in parts.items():
        table.add_row(
            name,
            f"[{_STYLES[part.state]}]{part.state}[/]",
            part.address or "",
            "" if part.pid is None else str(part.pid),
            part.version or "",
        )
    console = Console(highlight=False)
    console.print(table)
    for name, part in parts.items():
        if part.user is not None:
            # A path that is folded over two lines cannot be copied.
            login = f"log in as {part.user}, password in {part.password_file}"
            console.print(f"\n{name}: {login}", soft_wrap=True)
