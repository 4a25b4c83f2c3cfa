"""Rows that are deleted by a predicate, in one request."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.flight.keyed_tables import DAY, balance, begin, create_database, stream

from nostro.flight import MemorySource, Reason, Refused, SourceClient, serve
from nostro.flight.change_messages import DeleteWhere
from nostro.flight.changes import Delete, Outcome
from nostro.flight.duckdb_writes import WritableDuckDBSource
from nostro.flight.protocol import PredicateMessage

OPERATIONS = (f"delete-{number}" for number in itertools.count())


@pytest.fixture(params=["rowid", "primary_key"])
def client(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[SourceClient]:
    database = tmp_path / "bank.duckdb"
    create_database(database)
    with (
        serve(WritableDuckDBSource(database, row_id=request.param)) as served,
        SourceClient(served.location) as client,
    ):
        yield client


def delete(predicate: Any, table: str = "balance") -> DeleteWhere:
    message = None if predicate is None else PredicateMessage.from_json(predicate)
    return DeleteWhere(next(OPERATIONS), "ledger", table, message)


def account(name: str) -> dict[str, Any]:
    return {"columns": [{"column": "Account", "values": [name]}]}


def amounts(client: SourceClient) -> list[int]:
    return sorted(int(amount) for amount in client.read("ledger", "balance")["Amount"].to_pylist())


def test_rows_that_satisfy_the_predicate_are_deleted(client: SourceClient) -> None:
    # the column's collation does not tell case apart, the protocol does
    assert client.change(delete(account("a1"))) == 0
    assert client.change(delete(account("A1"))) == 2
    assert amounts(client) == [0, 2, 3, 5]
    expression = {
        "kind": ">",
        "arguments": [
            {"kind": "cast", "type": "decimal(20,2)", "arguments": [{"kind": "column", "column": "Amount"}]},
            {"kind": "literal", "type": "decimal(20,2)", "value": "2.50"},
        ],
    }
    day = {"column": "booked", "values": ["2025-05-03"]}
    assert client.change(delete({"columns": [day], "expression": expression})) == 2
    assert amounts(client) == [0, 2]
    assert client.change(delete(None)) == 2
    assert amounts(client) == []


def test_a_delete_that_is_asked_for_again_deletes_nothing_more(client: SourceClient) -> None:
    request = delete(account("A1"))
    assert client.change(request) == 2
    operation, schema = begin(client, "balance", {0: ["Amount"]})
    inserted = stream(schema, [(1, {}, {**balance("A1"), "Amount": Decimal(7)})])
    staged = client.put(operation, "s", inserted)
    client.commit(operation, [staged])
    assert client.change(request) == 2
    assert amounts(client) == [0, 2, 3, 5, 7]


def test_a_merge_of_a_row_that_was_deleted_is_a_conflict(client: SourceClient) -> None:
    described, _ = client.describe("ledger", "balance")
    ids = {
        (row["Account"], row["booked"]): {name: row[name] for name in described.row_id}
        for row in client.read(
            "ledger", "balance", columns=["Account", "booked", *({*described.row_id} - {"Account", "booked"})]
        ).to_pylist()
    }
    first, schema = begin(client, "balance", {0: ["Amount"]})
    second, _ = begin(client, "balance", {0: ["Amount"]})
    client.change(delete(account("A1")))
    other = stream(schema, [(2, ids["A0", DAY], {})])
    assert client.commit(first, [client.put(first, "s", other)]) == 1
    gone = stream(schema, [(3, ids["A1", DAY], {**balance("A1"), "Amount": None})])
    staged = client.put(second, "s", gone)
    with pytest.raises(Refused, match="rows were changed since they were read") as refused:
        client.commit(second, [staged])
    assert refused.value.reason is Reason.CONFLICT
    assert amounts(client) == [2, 3, 5]


def test_snapshots_still_have_the_rows(client: SourceClient) -> None:
    described, _ = client.describe("ledger", "balance", holder="query")
    client.change(delete(account("A1")))
    assert client.read("ledger", "balance", columns=[], snapshot=described.snapshot).num_rows == 6


@pytest.mark.parametrize(
    ("request_", "error", "message"),
    [
        (delete(account("A1"), "absent"), pa.ArrowKeyError, "ledger.absent: no such table"),
        (delete({"columns": [{"column": "x", "values": []}]}), pa.ArrowInvalid, "ledger.balance: .*x"),
        (
            delete({"columns": [{"column": "booked", "values": ["someday"]}]}),
            pa.ArrowInvalid,
            "ledger.balance: ",
        ),
    ],
)
def test_deletes_that_cannot_be(
    client: SourceClient, request_: DeleteWhere, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        client.change(request_)
    assert amounts(client) == [0, 1, 2, 3, 4, 5]


def test_what_does_not_filter_has_no_deletes() -> None:
    class Unfiltered(MemorySource):
        def outcome(self, operation: str) -> Outcome | None:
            return None

        def delete(self, request: Delete) -> Outcome:
            return Outcome()

    with pytest.raises(TypeError, match="has delete but does not apply predicates"):
        serve(Unfiltered({"ledger.t": pa.table({"a": [1]})}))
    with (
        serve(MemorySource({"ledger.balance": pa.table({"Account": ["a"]})})) as served,
        SourceClient(served.location) as client,
        pytest.raises(pa.ArrowNotImplementedError, match="makes no changes"),
    ):
        client.change(delete(account("a")))
