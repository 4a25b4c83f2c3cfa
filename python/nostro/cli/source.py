"""`nostro source`: commands for in-house sources."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nostro.cli import source_check
from nostro.stack.errors import StackError


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(name="source", help="Serve and check in-house sources.", no_args_is_help=True)
    group.command()(serve)
    source_check.register(group)
    app.add_typer(group)


def serve(
    source: Annotated[
        str,
        typer.Argument(
            metavar="MODULE:OBJECT", help="A Source, or a function that takes the options and returns one."
        ),
    ],
    *,
    location: Annotated[
        str, typer.Option(metavar="grpc://HOST:PORT", help="Where to listen; port 0 picks a free one.")
    ] = "grpc://127.0.0.1:0",
    option: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="An argument for the function. May be repeated."),
    ] = None,
    request_log: Annotated[
        Path | None, typer.Option(help="Append a JSON line for each read and each stream.", metavar="PATH")
    ] = None,
    metrics: Annotated[
        int | None,
        typer.Option(
            metavar="PORT",
            min=0,
            max=65535,
            help="Serve Prometheus' metrics at this port, on this host alone.",
        ),
    ] = None,
    reload: Annotated[
        bool, typer.Option("--reload", help="Start again when the module's files change: while developing.")
    ] = False,
) -> None:
    """Serve a source until SIGTERM or Ctrl-C."""
    from nostro.flight.command import Serving, UsageError, run, run_reloading  # noqa: PLC0415

    serving = Serving(source, location, tuple(option or ()), request_log, metrics)
    try:
        if not reload:
            run(serving)
        code = run_reloading(serving)
    except (UsageError, ValueError) as error:
        raise typer.BadParameter(str(error)) from None
    except OSError as error:
        raise StackError(str(error)) from None
    raise typer.Exit(code)
