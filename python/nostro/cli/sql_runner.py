"""Runs statements and prints their results as a table, CSV or JSON."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from nostro.stack.query import QueryColumn, QueryProgress, Result, TrinoSession

_TABLE_ROWS = 1_000
_WIDE = 10_000
_NUMERIC = ("tinyint", "smallint", "integer", "bigint", "real", "double", "decimal", "number")


class SqlRunner:
    """Runs one statement after the other in a session."""

    def __init__(self, session: TrinoSession, output: str) -> None:
        self._session = session
        self._output = output
        self._messages = Console(stderr=True, highlight=False)

    def run(self, statement: str) -> None:
        """Run a statement and print its result. Raises QueryError; an interruption cancels the statement."""
        with self._watching() as watch, self._session.execute(statement, watch) as result:
            rows = iter(result)
            first = list(islice(rows, 1))
            watch.stop()
            if result.update_type is not None:
                for _ in rows:
                    continue
                self._tell_update(result)
            elif self._output == "table":
                self._print_table(result, _chain(first, rows))
            elif self._output == "csv":
                _print_csv(result.columns, _chain(first, rows))
            else:
                _print_json(result.columns, _chain(first, rows))

    def _tell_update(self, result: Result) -> None:
        count = "" if result.update_count is None else f": {result.update_count:,} rows"
        self._messages.print(f"{result.update_type}{count}", markup=False)

    def _print_table(self, result: Result, rows: Iterator[list[Any]]) -> None:
        shown = list(islice(rows, _TABLE_ROWS))
        table = Table(show_edge=False, pad_edge=False)
        for column in result.columns:
            table.add_column(
                Text(column.name),
                justify="right" if column.type.startswith(_NUMERIC) else "left",
                overflow="fold",
            )
        for row in shown:
            table.add_row(*(_cell(value) for value in row))
        is_terminal = sys.stdout.isatty()
        Console(highlight=False, width=None if is_terminal else _WIDE).print(table)
        is_cut = bool(list(islice(rows, 1)))
        noun = "row" if len(shown) == 1 else "rows"
        self._messages.print(
            f"the first {len(shown):,} {noun}; --output csv or json prints all"
            if is_cut
            else f"{len(shown):,} {noun}",
            style="dim",
            markup=False,
        )

    @contextmanager
    def _watching(self) -> Iterator["_Watch"]:
        watch = _Watch(self._messages)
        try:
            yield watch
        finally:
            watch.stop()


class _Watch:
    """One line on the terminal with the statement's progress, until its first row."""

    def __init__(self, console: Console) -> None:
        self._live: Live | None = None
        if console.is_terminal:
            self._live = Live(console=console, transient=True, refresh_per_second=4)
        self._is_started = False

    def __call__(self, progress: QueryProgress) -> None:
        if self._live is None:
            return
        if not self._is_started:
            self._live.start()
            self._is_started = True
        self._live.update(
            Text(
                f"{progress.state.lower()}  {progress.completed_splits}/{progress.total_splits} splits  "
                f"{progress.processed_rows:,} rows  {progress.processed_bytes / 1e6:,.1f} MB",
                style="dim",
            )
        )

    def stop(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None


def _chain(first: Iterable[list[Any]], rest: Iterable[list[Any]]) -> Iterator[list[Any]]:
    yield from first
    yield from rest


def _cell(value: Any) -> Text:
    return Text("NULL", style="dim italic") if value is None else Text(_text(value))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _print_csv(columns: Sequence[QueryColumn], rows: Iterable[list[Any]]) -> None:
    write = sys.stdout.write
    write(",".join(_csv_field(column.name) for column in columns) + "\r\n")
    for row in rows:
        write(",".join("" if value is None else _csv_field(_text(value)) for value in row) + "\r\n")


def _csv_field(text: str) -> str:
    # An empty text is quoted and NULL is not: so a reader can tell them apart, as in PostgreSQL's COPY.
    if text == "" or any(character in text for character in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def _print_json(columns: Sequence[QueryColumn], rows: Iterable[list[Any]]) -> None:
    names = _distinct([column.name for column in columns])
    write = sys.stdout.write
    separator = "[\n"
    for row in rows:
        write(separator + json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False))
        separator = ",\n"
    write("[]\n" if separator == "[\n" else "\n]\n")


def _distinct(names: Sequence[str]) -> list[str]:
    taken: list[str] = []
    for name in names:
        chosen, number = name, 1
        while chosen in taken:
            number += 1
            chosen = f"{name}_{number}"
        taken.append(chosen)
    return taken
