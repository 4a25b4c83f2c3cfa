"""`nostro source`: commands for in-house sources."""

import typer

from nostro.cli import source_check


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    source = typer.Typer(help="Check in-house sources served over Arrow Flight.", no_args_is_help=True)
    source_check.register(source)
    app.add_typer(source, name="source")
