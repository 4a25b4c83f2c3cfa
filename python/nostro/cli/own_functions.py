"""`nostro new`, `nostro build`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from nostro.cli.progress import DrawnProgress


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(new)
    app.command()(build)


def new(
    name: Annotated[Path, typer.Argument(help="The project's name, or a directory of its name to make.")],
    package: Annotated[
        str | None, typer.Option(help="The Java package.", show_default="com.example.NAME")
    ] = None,
) -> None:
    """Make a small Maven project of SQL functions of your own: one function, its examples and its test."""
    from nostro.own_functions.new_project import new_project  # noqa: PLC0415

    for file in new_project(name, package):
        typer.echo(file)
    typer.echo(f"next: nostro build {name}")


def build(
    directory: Annotated[Path, typer.Argument(metavar="[DIR]", help="The project.")] = Path(),
) -> None:
    """Build and test a project of your own functions, and make them known to Python, DuckDB and the stack."""
    from nostro.own_functions.build_project import build_project  # noqa: PLC0415

    built = build_project(directory, DrawnProgress().step)
    console = Console(highlight=False)
    for function in built.catalogue:
        for call in function.calls():
            console.print(call, markup=False, soft_wrap=True)
    tried = " and ".join(f"{count} in {where}" for where, count in built.tried.items())
    console.print(f"examples tried: {tried}", soft_wrap=True)
    for reason in built.not_tried:
        console.print(f"not tried: {reason}", markup=False, soft_wrap=True)
    console.print(f"pages: {built.pages}", markup=False, soft_wrap=True)
    console.print(f"plugin: {built.installed}", markup=False, soft_wrap=True)
    typer.echo("next: `nostro up` loads them into the stack, `nostro deploy` puts them into a Trino")
