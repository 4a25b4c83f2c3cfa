"""`nostro functions`."""

import json
from dataclasses import asdict
from fnmatch import fnmatchcase
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(functions)


def functions(
    pattern: Annotated[
        str | None, typer.Argument(help="Part of a name, or a pattern such as 'iban_*'.")
    ] = None,
    names: Annotated[bool, typer.Option("--names", help="Print the names only.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the SQL functions that the plugin adds."""
    from nostro.functions.catalogue import load_catalogue  # noqa: PLC0415

    found = [it for it in load_catalogue().functions if _matches(it.name, pattern)]
    if as_json:
        typer.echo(json.dumps([asdict(it) for it in found], indent=2))
        return
    if names:
        for name in sorted({it.name for it in found}):
            typer.echo(name)
        return
    console = Console(highlight=False, soft_wrap=True)
    for function in found:
        for signature in function.signatures:
            arguments = ", ".join(
                f"{name} {type_}"
                for name, type_ in zip(signature.argument_names, signature.arguments, strict=True)
            )
            console.print(f"[bold]{function.name}[/]({escape(arguments)}) → {escape(signature.return_type)}")
        console.print(f"    {escape(function.description)}")
        for example in function.examples:
            console.print(f"    [dim]{escape(example.sql)} → {escape(example.result)}[/]")


def _matches(name: str, pattern: str | None) -> bool:
    if pattern is None:
        return True
    lowered = pattern.lower()
    return fnmatchcase(name, lowered) if any(it in lowered for it in "*?[") else lowered in name
