"""`nostro functions`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from nostro.deploy.plugin import FUNCTIONS_FILE, PluginNotFoundError, find_plugin
from nostro.stack.errors import StackError

_REMEDY = "build the plugin: `./build.sh build`"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(functions)


def functions(
    pattern: Annotated[
        str | None, typer.Argument(help="Part of a name, or a pattern such as 'iban%' or 'iban_*'.")
    ] = None,
    names: Annotated[bool, typer.Option("--names", help="Print the names only.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the SQL functions that the plugin adds."""
    from nostro.functions.catalogue import CatalogueError, load_catalogue  # noqa: PLC0415

    try:
        found = load_catalogue(_catalogue_file()).matching(pattern)
    except CatalogueError as error:
        raise StackError(str(error), remedy=_REMEDY) from None
    if as_json:
        typer.echo(json.dumps([asdict(it) for it in found], indent=2))
        return
    if names:
        for function in found:
            typer.echo(function.name)
        return
    console = Console(highlight=False, soft_wrap=True)
    for function in found:
        for call in function.calls():
            console.print(escape(call), style="bold")
        console.print(f"    {escape(function.description)}")
        for example in function.examples:
            console.print(f"    {escape(example.sql)} → {escape(example.result)}", style="dim")


def _catalogue_file() -> Path:
    try:
        return find_plugin().directory / FUNCTIONS_FILE
    except PluginNotFoundError as error:
        raise StackError(str(error), remedy=_REMEDY) from None
