"""A DuckDB database whose tables have keys, and merges into them."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from nostro.flight import SourceClient
from nostro.flight.change_messages import BeginWriteRequest

OPERATIONS = (f"key-{number}" for number in itertools.count())
DAY = datetime.date(2025, 5, 2)
NOON = datetime.datetime(2025, 5, 2, 12, tzinfo=datetime.UTC)
COLUMNS = pa.schema({"Amount": pa.decimal128(18, 2), "Account": pa.string(), "booked": pa.date32()})
Change = tuple[int, dict[str, Any], dict[str, Any]]
"""What a merge does with a row: its operation, the id, and the values."""


def create_database(path: Path) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("CREATE SCHEMA ledger")
        connection.execute(
            'CREATE TABLE ledger.balance ("Amount" DECIMAL(18, 2), "Account" VARCHAR COLLATE NOCASE, '
            'booked DATE, PRIMARY KEY ("Account", booked))'
        )
        connection.execute(
            "INSERT INTO ledger.balance SELECT i, 'A' || i % 3, DATE '2025-05-02' + (i // 3)::INTEGER "
            "FROM range(6) r(i)"
        )
        connection.execute(
            "CREATE TABLE ledger.rate (rate DECIMAL(9, 4), since TIMESTAMPTZ, note VARCHAR, "
            "PRIMARY KEY (rate, since))"
        )
        connection.execute(
            "INSERT INTO ledger.rate VALUES (1.5, '2025-05-02 12:00:00+00', 'a'), "
            "(1.5, '2025-05-02 12:00:00.000001+00', 'b'), (1.5001, '2025-05-02 12:00:00+00', 'c')"
        )
        connection.execute("CREATE TABLE ledger.loose (part VARCHAR, number INTEGER, note VARCHAR)")
        connection.execute(
            "INSERT INTO ledger.loose VALUES (NULL, 1, 'a'), ('x', NULL, 'b'), (NULL, NULL, 'c'), "
            "('twice', 1, 'd'), ('twice', 1, 'e')"
        )
        connection.execute("CREATE TABLE ledger.document (body JSON PRIMARY KEY, note VARCHAR)")


def begin(
    client: SourceClient,
    table: str,
    updates: Mapping[int, Sequence[str]],
    row_id: tuple[str, ...] | None = None,
) -> tuple[str, pa.Schema]:
    """A merge that has begun, and the columns of its streams."""
    described, columns = client.describe("ledger", table, holder="merge")
    visible = pa.schema([columns.field(name) for name in client.columns("ledger", table)])
    request = BeginWriteRequest(
        next(OPERATIONS),
        "merge",
        "ledger",
        table,
        visible,
        row_id=row_id or described.row_id,
        updates=tuple((case, tuple(names)) for case, names in updates.items()),
        snapshot=described.snapshot,
    )
    client.begin(request)
    return request.operation, request.stream_schema(columns)


def stream(schema: pa.Schema, changes: Sequence[Change], cases: Sequence[int] = ()) -> pa.Table:
    rows = [
        {**values, **{f"nostro.row_id.{name}": value for name, value in id.items()}, "nostro.operation": kind}
        | {"nostro.case": cases[number] if cases else 0}
        for number, (kind, id, values) in enumerate(changes)
    ]
    return pa.Table.from_pylist(rows, schema=schema)


def balance(account: str, day: datetime.date = DAY) -> dict[str, Any]:
    return {"Account": account, "booked": day}
