"""How the command line tells an error."""

from pathlib import Path

import typer

from nostro.audit.errors import NotPublishedError
from nostro.deploy.errors import DeploymentError
from nostro.own_functions.errors import OwnFunctionsError
from nostro.stack.errors import StackError
from nostro.stack.home import NostroHome

INTERRUPTED = 130


def show(error: BaseException, trace: str) -> int:
    """Print an error to the user; return the exit code. An unexpected one's trace goes to a file."""
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        typer.echo("interrupted", err=True)
        return INTERRUPTED
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else 1
    if isinstance(error, StackError | OwnFunctionsError):
        tell(error.cause, log=error.log, remedy=error.remedy)
        return 1
    if isinstance(error, DeploymentError | NotPublishedError):
        tell(error.cause, remedy=error.remedy)
        return 1
    if hasattr(error, "show") and hasattr(error, "exit_code"):
        error.show()
        return int(error.exit_code)
    tell(
        f"{type(error).__name__}: {_first_line(error)}",
        log=_save_trace(trace),
        remedy="this is a defect of nostro: please report it with the log",
    )
    return 1


def tell(cause: str, *, log: Path | None = None, remedy: str | None = None) -> None:
    """Print a cause, where its details are, and what to do."""
    typer.secho("error: ", fg=typer.colors.RED, bold=True, nl=False, err=True)
    typer.echo(cause, err=True)
    if log is not None:
        typer.echo(f"log: {log}", err=True)
    if remedy is not None:
        typer.echo(f"what to do: {remedy}", err=True)


def _first_line(error: BaseException) -> str:
    lines = str(error).splitlines()
    return lines[0] if lines else "no message"


def _save_trace(trace: str) -> Path | None:
    try:
        home = NostroHome()
        home.create()
        file = home.log_file("nostro")
        file.write_text(trace)
    except OSError:
        return None
    return file
