"""`nostro sql`."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from nostro.cli import errors
from nostro.stack import Stack, StackError


class Output(StrEnum):
    """How results are printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(sql)


def sql(
    statement: Annotated[
        str | None, typer.Argument(help="One statement, or several that end with semicolons.")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", "-f", help="Read the statements from a file; - is standard input."),
    ] = None,
    output: Annotated[Output, typer.Option("--output", "-o", help="How results are printed.")] = Output.TABLE,
    catalog: Annotated[str | None, typer.Option(help="The session's catalog.")] = None,
    schema: Annotated[str | None, typer.Option(help="The session's schema.")] = None,
) -> None:
    """Run SQL on the stack's Trino: a statement, a file, or an interactive prompt."""
    from nostro.cli.sql_prompt import prompt  # noqa: PLC0415
    from nostro.cli.sql_runner import SqlRunner  # noqa: PLC0415
    from nostro.stack.query import QueryError, TrinoSession  # noqa: PLC0415
    from nostro.stack.statements import split_statements  # noqa: PLC0415

    if statement is not None and file is not None:
        raise typer.BadParameter("give a statement or a file, not both")
    stack = Stack()
    session = TrinoSession.on(stack.status()["trino"], catalog, schema)
    runner = SqlRunner(session, output.value)
    if statement is None and file is None and sys.stdin.isatty():
        prompt(stack.home, runner, session)
        return
    text = statement if statement is not None else _read(file)
    split = split_statements(text)
    for one in (*split.complete, *([split.rest] if split.rest else [])):
        try:
            runner.run(one)
        except QueryError as error:
            errors.tell(str(error))
            raise typer.Exit(1) from None


def _read(file: Path | None) -> str:
    if file is None or str(file) == "-":
        return sys.stdin.read()
    try:
        return file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise StackError(f"{file} cannot be read: {error}") from None
