"""`nostro functions`."""

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from textwrap import fill
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from nostro.deploy.plugin import FUNCTIONS_FILE, PluginNotFoundError, find_plugin
from nostro.functions.catalogue import CatalogueError, Function, load_catalogue
from nostro.home import own_functions_directory, own_plugins
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
    remove: Annotated[
        str | None,
        typer.Option(metavar="PROJECT", help="Remove what `nostro build` of a project has put here."),
    ] = None,
) -> None:
    """List the SQL functions that the plugin adds, and your own that `nostro build` has built."""
    if remove is not None:
        _remove(remove)
        return
    found = _functions(pattern)
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
        _print_wrapped(console, f"{signature.description}.", indent="  ")
    kind = "an aggregate" if function.kind == "aggregate" else "a function"
    if function.connector is not None:
        _print_wrapped(
            console, f"It is {kind} of a catalog of the connector {function.connector}.", indent="  "
        )
    elif function.kind == "aggregate":
        _print_wrapped(console, f"It is {kind}.", indent="  ")
    _print_table(console, "arguments", [(it.name, it.meaning) for it in function.arguments])
    _print_table(console, "result", [(it.path, it.type) for it in function.result_fields()])
    errors = [(it.code, it.when) for it in function.errors]
    _print_table(console, "errors", errors or [("none", "whatever the arguments")])
    _print_title(console, "source")
    _print_wrapped(console, f"{function.source}.", indent="    ")
    _print_title(console, "examples")
    for example in function.examples:
        # on one line each, so that they can be copied
        console.print(Text(f"    {example.sql}"), soft_wrap=True)
        console.print(Text(f"    → {example.result}", style="dim"), soft_wrap=True)


def _print_table(console: Console, title: str, rows: list[tuple[str, str]]) -> None:
    if not rows:
        return
    _print_title(console, title)
    longest = max(len(name) for name, _ in rows)
    # beside so long a name a text would be a narrow column
    below = longest > console.width // 3
    for name, text in rows:
        if below:
            console.print(Text(f"    {name}"), soft_wrap=True)
            _print_wrapped(console, text, indent=" " * 6)
        else:
            _print_wrapped(console, text, indent=" " * (longest + 6), first=f"    {name:<{longest}}  ")


def _print_title(console: Console, title: str) -> None:
    console.print(Text(f"  {title}", style="dim"))


def _print_wrapped(console: Console, text: str, *, indent: str, first: str | None = None) -> None:
    wrapped = fill(
        text,
        width=console.width,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_on_hyphens=False,
    )
    console.print(Text(wrapped), soft_wrap=True)


def _functions(pattern: str | None) -> list[Function]:
    try:
        found = list(load_catalogue(_catalogue_file()).matching(pattern))
    except CatalogueError as error:
        raise StackError(str(error), remedy=_REMEDY) from None
    for name, directory in own_plugins().items():
        try:
            found += load_catalogue(directory).matching(pattern)
        except CatalogueError as error:
            remedy = f"`nostro build` it again, or `nostro functions --remove {name}`"
            raise StackError(str(error), remedy=remedy) from None
    return sorted(found, key=lambda it: it.name)


def _remove(name: str) -> None:
    directory = own_plugins().get(name)
    if directory is None:
        there = ", ".join(own_plugins()) or "none"
        raise StackError(f"there is no project {name} in {own_functions_directory()}; there are: {there}")
    if directory.is_symlink():
        directory.unlink()
    else:
        shutil.rmtree(directory)
    typer.echo(f"{name}: removed from {own_functions_directory()}")


def _catalogue_file() -> Path:
    try:
        return find_plugin().directory / FUNCTIONS_FILE
    except PluginNotFoundError as error:
        raise StackError(str(error), remedy=_REMEDY) from None
