"""Somebody who reads the public tables all the while, and must see each business date whole or not at all."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from types import TracebackType
from typing import Self

import duckdb

from nostro.demo.oracle import OracleResult
from nostro.demo.result_tables import RESULT_TABLES, ResultTable
from nostro.stack import Stack, StackError
from nostro.stack.query import QueryError, TrinoSession

PAUSE_SECONDS = 0.3

TableTotals = dict[str, tuple[int, str]]
"""Row count and the sum of all amounts, as text, by table."""


def _totals(table: ResultTable, name: str) -> str:
    amounts = " + ".join(f"coalesce({column}, 0)" for column in table.money_columns)
    return (
        f"SELECT '{table.name}' AS name, business_date, count(*) AS row_count, "
        f"CAST(sum({amounts}) AS decimal(38, 2)) AS amount FROM {name} GROUP BY business_date"
    )


READ = " UNION ALL ".join(_totals(table, table.qualified_name) for table in RESULT_TABLES)


def totals_of(result: OracleResult) -> TableTotals:
    """Return what the reader must see of a business date once it is published."""
    totals: TableTotals = {}
    with closing(duckdb.connect()) as connection:
        for table in RESULT_TABLES:
            connection.register("rows", result.tables[table.name])
            for name, _, row_count, amount in connection.execute(_totals(table, "rows")).fetchall():
                totals[name] = (row_count, f"{amount:.2f}")
    return totals


@dataclass
class PublicReader:
    """Reads all public tables in one query, over and over, while it is entered.

    :param expected: what each business date must look like, by date
    """

    stack: Stack
    expected: Mapping[date, TableTotals]
    reads: int = 0
    refused: int = 0
    findings: list[str] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)
    _seen: set[date] = field(default_factory=set)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._read_on, name="public-reader")
        self._thread.start()
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _read_on(self) -> None:
        while not self._ended.is_set():
            try:
                rows = list(TrinoSession.on(self.stack.trino.status()).execute(READ))
                self.judge([(name, date.fromisoformat(day), *totals) for name, day, *totals in rows])
                self.reads += 1
            except (QueryError, StackError):
                # Parts of the stack are down by intent, and tables are not there before the first run.
                self.refused += 1
            time.sleep(PAUSE_SECONDS)

    def judge(self, rows: list[tuple[str, date, int, str]]) -> None:
        """Note every business date that is not as expected, and every one that was there and no longer is."""
        days: dict[date, TableTotals] = {}
        for name, day, row_count, amount in rows:
            days.setdefault(day, {})[name] = (row_count, amount)
        for day, totals in days.items():
            if totals != self.expected.get(day):
                self.findings.append(f"{day}: saw {totals}, expected {self.expected.get(day)}")
        self.findings.extend(f"{day}: was published, and is gone" for day in self._seen - days.keys())
        self._seen |= days.keys()
