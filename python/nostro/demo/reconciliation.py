"""Compares what the pipeline published with what the day must have come to: every row, every cent."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

import duckdb
import pyarrow as pa

from nostro.demo.result_tables import ACCOUNT_BALANCES, RESULT_TABLES, ResultTable

SHOWN_DIFFERENCES = 10


class Expectation(Protocol):
    """What a business date must have come to: tables by name."""

    @property
    def business_date(self) -> date: ...

    @property
    def tables(self) -> dict[str, pa.Table]: ...


@dataclass(frozen=True)
class TableComparison:
    """One table's outcome.

    `missing` rows were expected and are not there, `unexpected` ones (duplicates too) are there and were not
    expected, `differing` rows have an expected key and another value. `difference` is the sum of all amounts'
    absolute differences, whatever their currencies. `examples` describes the first differing rows.
    """

    table: str
    rows: int
    missing: int
    unexpected: int
    differing: int
    difference: Decimal
    examples: tuple[str, ...]

    @property
    def is_equal(self) -> bool:
        return not (self.missing or self.unexpected or self.differing)


@dataclass(frozen=True)
class Comparison:
    """The outcome for all result tables of a business date; `accounts` counts those with a balance."""

    business_date: date
    accounts: int
    tables: tuple[TableComparison, ...]

    @property
    def is_equal(self) -> bool:
        return all(table.is_equal for table in self.tables)

    @property
    def difference(self) -> Decimal:
        return sum((table.difference for table in self.tables), Decimal("0.00"))

    @property
    def differences(self) -> tuple[str, ...]:
        """The first differing rows of each table, one text per row."""
        return tuple(example for table in self.tables for example in table.examples)

    def summary(self) -> str:
        """One line when all is equal, else that line and what differs."""
        head = f"{self.accounts:,} accounts, difference {self.difference:,.2f}"
        if self.is_equal:
            return f"reconciled: {head}"
        lines = [f"not reconciled: {head}"]
        for table in self.tables:
            if not table.is_equal:
                lines.append(
                    f"{table.table}: {table.missing} rows missing, {table.unexpected} unexpected, "
                    f"{table.differing} different, of {table.rows}"
                )
                lines.extend(f"  {example}" for example in table.examples)
        return "\n".join(lines)


def compare(expected: Expectation, actual: Mapping[str, pa.Table]) -> Comparison:
    """Compare published tables, by name, with the expected ones.

    Column order and the rows' order do not matter, types are brought to the public ones. Raises ValueError
    when a table or column is not there, or a value does not fit its public type.
    """
    if absent := [table.name for table in RESULT_TABLES if table.name not in actual]:
        raise ValueError(f"nothing to compare for {', '.join(absent)}: given are {', '.join(sorted(actual))}")
    with closing(duckdb.connect()) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        tables = tuple(
            _compare_table(connection, table, expected.tables[table.name], _typed(table, actual[table.name]))
            for table in RESULT_TABLES
        )
    accounts = len(expected.tables[ACCOUNT_BALANCES.name]["account_id"].unique())
    return Comparison(expected.business_date, accounts, tables)


def _typed(table: ResultTable, rows: pa.Table) -> pa.Table:
    if absent := [name for name in table.columns.names if name not in rows.column_names]:
        raise ValueError(f"{table.name} lacks {', '.join(absent)}: it has {', '.join(rows.column_names)}")
    try:
        return rows.select(table.columns.names).cast(table.columns)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise ValueError(f"{table.name} has other types than published: {error}") from error


def _compare_table(
    connection: duckdb.DuckDBPyConnection, table: ResultTable, expected: pa.Table, actual: pa.Table
) -> TableComparison:
    key = ", ".join(table.key)
    values = [name for name in table.columns.names if name not in table.key]
    connection.register("expected_rows", expected)
    connection.register("actual_rows", actual)
    for side in ("expected", "actual"):
        # A duplicate gets a number of its own and thereby is a row that the other side does not have.
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {side} AS SELECT *, "
            f"row_number() OVER (PARTITION BY {key} ORDER BY {', '.join(values)}) AS duplicate "
            f"FROM {side}_rows"
        )
    same_key = " AND ".join(f"e.{name} IS NOT DISTINCT FROM a.{name}" for name in (*table.key, "duplicate"))
    differs = " OR ".join(f"e.{name} IS DISTINCT FROM a.{name}" for name in values)
    money = " + ".join(f"abs(coalesce(e.{name}, 0) - coalesce(a.{name}, 0))" for name in table.money_columns)
    keys = ", ".join(f"coalesce(e.{name}, a.{name}) AS {name}" for name in table.key)
    pairs = ", ".join(f"e.{name} AS expected_{name}, a.{name} AS actual_{name}" for name in values)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE differing AS "
        f"SELECT {keys}, {pairs}, {money} AS difference, CASE WHEN a.duplicate IS NULL THEN 'missing' "
        f"WHEN e.duplicate IS NULL THEN 'unexpected' ELSE 'different' END AS kind "
        f"FROM expected e FULL JOIN actual a ON {same_key} "
        f"WHERE e.duplicate IS NULL OR a.duplicate IS NULL OR {differs}"
    )
    kinds: dict[str, int] = dict(
        connection.execute("SELECT kind, count(*) FROM differing GROUP BY 1").fetchall()
    )
    ((total,),) = connection.execute(
        "SELECT CAST(coalesce(sum(difference), 0) AS DECIMAL(38, 2)) FROM differing"
    ).fetchall()
    rows = connection.sql(
        f"SELECT * FROM differing ORDER BY {key} LIMIT {SHOWN_DIFFERENCES}"
    ).to_arrow_table()
    return TableComparison(
        table=table.qualified_name,
        rows=expected.num_rows,
        missing=kinds.get("missing", 0),
        unexpected=kinds.get("unexpected", 0),
        differing=kinds.get("different", 0),
        difference=total,
        examples=tuple(_describe(table, values, row) for row in rows.to_pylist()),
    )


def _describe(table: ResultTable, values: list[str], row: dict[str, Any]) -> str:
    key = ", ".join(f"{name} {row[name]}" for name in table.key)
    match row["kind"]:
        case "missing":
            found = ", ".join(f"{name} {row[f'expected_{name}']}" for name in values)
            return f"{table.name} ({key}): missing, expected {found}"
        case "unexpected":
            found = ", ".join(f"{name} {row[f'actual_{name}']}" for name in values)
            return f"{table.name} ({key}): unexpected, has {found}"
        case _:
            found = "; ".join(
                f"{name} expected {row[f'expected_{name}']}, is {row[f'actual_{name}']}"
                for name in values
                if row[f"expected_{name}"] != row[f"actual_{name}"]
            )
            return f"{table.name} ({key}): {found}"
