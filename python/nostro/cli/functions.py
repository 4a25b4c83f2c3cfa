"""`nostro functions`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from nostro.deploy.plugin import FUNCTIONS_FILE, PluginNotFoundError, find_plugin
from nostro.stack.errors import StackError

if TYPE_CHECKING:
    from nostro.functions.catalogue import Function

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
    console = Console(highlight=False)
    for number, function in enumerate(found):
        if number:
            console.print()
        _print_function(console, function)


def _print_function(console: Console, function: Function) -> None:
    for call, signature in zip(function.calls(), function.signatures, strict=True):
        console.print(Text(call, style="bold"), soft_wrap=True)
        console.print(_indented(Text(f"{signature.description}.")))
    kind = "an aggregate" if function.kind == "aggregate" else "a function"
    if function.connector is not None:
        console.print(_indented(Text(f"It is {kind} of a catalog of the connector {function.connector}.")))
    elif function.kind == "aggregate":
        console.print(_indented(Text(f"It is {kind}.")))
    _print_table(console, "arguments", [(it.name, it.meaning) for it in function.arguments])
    _print_table(console, "result", [(it.path, it.type) for it in function.result_fields()])
    if function.never_fails():
        _print_table(console, "errors", [("none", "whatever the arguments")])
    else:
        _print_table(console, "errors", [(it.code, it.when) for it in function.errors])
    console.print(_indented(Text("source", style="dim")))
    console.print(_indented(Text(function.source), columns=4))
    console.print(_indented(Text("examples", style="dim")))
    for example in function.examples:
        # on one line each, so that they can be copied
        console.print(Text(f"    {example.sql}"), soft_wrap=True)
        console.print(Text(f"    → {example.result}", style="dim"), soft_wrap=True)


def _print_table(console: Console, title: str, rows: list[tuple[str, str]]) -> None:
    if not rows:
        return
    console.print(_indented(Text(title, style="dim")))
    longest = max(len(name) for name, _ in rows)
    if longest > console.width // 3:
        # beside so long a name a text would be a narrow column
        for name, text in rows:
            console.print(_indented(Text(name), columns=4))
            console.print(_indented(Text(text), columns=6))
        return
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in rows:
        table.add_row(Text(name), Text(text))
    console.print(_indented(table, columns=4))


def _indented(content: RenderableType, columns: int = 2) -> Padding:
    return Padding(content, (0, 0, 0, columns), expand=False)


def _catalogue_file() -> Path:
    try:
        return find_plugin().directory / FUNCTIONS_FILE
    except PluginNotFoundError as error:
        raise StackError(str(error), remedy=_REMEDY) from None
