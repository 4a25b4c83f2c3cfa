"""Runs a test in DuckDB, and on a Trino when one is given."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import pyarrow as pa
import trino.dbapi

from nostro.sqltest.case import RESULT, SqlTest
from nostro.sqltest.comparison import Difference, difference
from nostro.sqltest.duckdb_engine import DuckDbEngine
from nostro.sqltest.errors import SqlTestError
from nostro.sqltest.template import Statement, statements_of
from nostro.sqltest.trino_engine import TrinoEngine


@dataclass(frozen=True)
class Outcome:
    """What a test found: how each engine's tables differ from the expected ones, and from one another."""

    test: SqlTest
    rows: int
    differences: tuple[Difference, ...]

    def passed(self) -> bool:
        """Whether all tables are as expected."""
        return not self.differences


class SqlRun:
    """What a test's statements have left, in DuckDB and, with a connection, on Trino; gone when it is closed.

    Raises SqlTestError when a statement fails.
    """

    def __init__(
        self, test: SqlTest, connection: trino.dbapi.Connection | None = None, catalog: str = "lake"
    ) -> None:
        self._test = test
        self._result: pa.Table | None = None
        self._result_on_trino: Sequence[Sequence[Any]] = ()
        setup = [statement for file in test.setup for statement in statements_of(test, file)]
        statements = [statement for file in test.sql for statement in statements_of(test, file)]
        with ExitStack() as engines:
            self._duckdb = engines.enter_context(DuckDbEngine())
            self._trino = (
                None if connection is None else engines.enter_context(TrinoEngine(connection, catalog))
            )
            self._run(setup, statements)
            self._engines = engines.pop_all()

    def __enter__(self) -> SqlRun:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Drop all tables."""
        self._engines.close()

    def table(self, name: str, columns: Sequence[str] | None = None, where: str | None = None) -> pa.Table:
        """Return a table as it is in DuckDB: the columns, and the rows that a condition in SQL holds for.

        Raises SqlTestError when there is none, or Trino's has other rows.
        """
        found = self._duckdb.rows(name, columns or self._duckdb.columns(name), where)
        if self._trino is not None:
            on_trino = self._trino.rows(name, found.column_names, where)
            differs = difference(name, found.column_names, ("DuckDB", "Trino"), found, on_trino)
            if differs is not None:
                raise SqlTestError(str(differs))
        return found

    def outcome(self) -> Outcome:
        """Compare the expected tables with those that are there."""
        rows = 0
        differences = []
        for name, given in self._test.expected.items():
            columns = given.data.column_names
            found = (
                self._renamed(columns) if name == RESULT else self._duckdb.rows(name, columns, given.where)
            )
            expected = self._duckdb.typed_as(name, given.data, found)
            rows += len(expected)
            differences.append(difference(name, columns, ("expected", "DuckDB"), expected, found))
            if self._trino is None:
                continue
            if name == RESULT:
                on_trino = [dict(zip(columns, row, strict=True)) for row in self._result_on_trino]
            else:
                on_trino = self._trino.rows(name, columns, given.where)
            differences.append(difference(name, columns, ("expected", "Trino"), expected, on_trino))
            differences.append(difference(name, columns, ("DuckDB", "Trino"), found, on_trino))
        return Outcome(self._test, rows, tuple(it for it in differences if it is not None))

    def _run(self, setup: Sequence[Statement], statements: Sequence[Statement]) -> None:
        for statement in setup:
            self._duckdb.execute(statement)
        loaded = {name: self._duckdb.load(name, given) for name, given in self._test.inputs.items()}
        for statement in statements:
            rows = self._duckdb.execute(statement)
            self._result = self._result if rows is None else rows
        if self._trino is None:
            return
        for statement in setup:
            self._trino.execute(statement)
        for name, given in self._test.inputs.items():
            self._trino.load(name, given, loaded[name])
        for statement in statements:
            on_trino = self._trino.execute(statement)
            self._result_on_trino = self._result_on_trino if on_trino is None else on_trino

    def _renamed(self, columns: Sequence[str]) -> pa.Table:
        """The last query's rows, with the names that the expected columns have at their place."""
        place = f"{self._test.name}: expected.{RESULT}"
        if self._result is None:
            raise SqlTestError(f"{place} are rows of a query, but no statement is one")
        if len(columns) != self._result.num_columns:
            raise SqlTestError(
                f"{place} has {len(columns)} columns, and the query gives {self._result.num_columns}"
            )
        return self._result.rename_columns(columns)


def run_sql_test(
    test: SqlTest, connection: trino.dbapi.Connection | None = None, catalog: str = "lake"
) -> Outcome:
    """Run a test in DuckDB and, with a connection, on Trino in a schema of the catalog.

    Raises SqlTestError when a statement fails or an expected table is not there.
    """
    with SqlRun(test, connection, catalog) as run:
        return run.outcome()
