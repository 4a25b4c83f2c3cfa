"""`nostro test-sql`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nostro.cli import errors
from nostro.sqltest import SUFFIX
from nostro.stack import Stack
from nostro.stack.errors import StackError

if TYPE_CHECKING:
    import trino.dbapi
    from rich.table import Table

    from nostro.sqltest.comparison import Difference


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("test-sql")(run_tests)


def run_tests(
    files: Annotated[
        list[Path], typer.Argument(help="Tests (*.sqltest.toml), or folders with tests.", metavar="FILE…")
    ],
    on_trino: Annotated[
        bool, typer.Option("--trino", help="Run on the stack's Trino too, and compare the results.")
    ] = False,
    catalog: Annotated[
        str, typer.Option(help="Where on Trino the tests put their tables, in a schema of their own.")
    ] = "lake",
) -> None:
    """Run SQL written for Trino on small inputs in DuckDB, and compare its tables with the expected ones."""
    from rich.console import Console  # noqa: PLC0415

    from nostro.sqltest.case import load_sql_test  # noqa: PLC0415
    from nostro.sqltest.errors import SqlTestError  # noqa: PLC0415
    from nostro.sqltest.run import run_sql_test  # noqa: PLC0415

    console = Console(highlight=False)
    connection = _connection() if on_trino else None
    where = "DuckDB and Trino" if on_trino else "DuckDB"
    failed = 0
    found = _tests(files)
    for file in found:
        began = time.monotonic()
        try:
            outcome = run_sql_test(load_sql_test(file), connection, catalog)
        except SqlTestError as error:
            failed += 1
            console.print(f"[red]✗[/] {file}", soft_wrap=True)
            errors.tell(str(error))
            continue
        seconds = time.monotonic() - began
        if outcome.passed():
            told = f"{outcome.rows} rows as expected in {where}, {seconds:.1f} s"
            console.print(f"[green]✓[/] {outcome.test.name}: {told}")
            continue
        failed += 1
        console.print(f"[red]✗[/] {file}", soft_wrap=True)
        for difference in outcome.differences:
            console.print(_table_of(difference))
    console.print(f"{len(found) - failed} of {len(found)} passed")
    if failed:
        raise typer.Exit(1)


def _tests(files: list[Path]) -> list[Path]:
    found = []
    for file in files:
        if not file.exists():
            raise StackError(f"{file} does not exist", remedy=f"name tests (*{SUFFIX}) or folders with tests")
        inside = sorted(file.rglob(f"*{SUFFIX}")) if file.is_dir() else [file]
        if not inside:
            raise StackError(f"{file} has no tests", remedy=f"their names end with {SUFFIX}")
        found += inside
    return found


def _connection() -> trino.dbapi.Connection:
    import trino.dbapi  # noqa: PLC0415

    status = Stack().status()["trino"]
    if status.state != "running" or status.host is None or status.port is None:
        raise StackError(f"Trino is not running (it is {status.state})", remedy="`nostro up`")
    connection: trino.dbapi.Connection = trino.dbapi.connect(
        host=status.host, port=status.port, user="nostro", source="nostro test-sql"
    )
    return connection


def _table_of(difference: Difference) -> Table:
    from rich.table import Table  # noqa: PLC0415

    one, other = difference.between
    table = Table(title=f"{difference.table}: {one} and {other} differ", title_justify="left")
    table.add_column("only in")
    for column in difference.columns:
        table.add_column(column, overflow="fold")
    for row in difference.missing:
        table.add_row(one, *row, style="red")
    for row in difference.unexpected:
        table.add_row(other, *row, style="green")
    return table
