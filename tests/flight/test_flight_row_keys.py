"""Rows of a DuckDB source that are told apart by their keys, and not by DuckDB's row ids."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from tests.flight.keyed_tables import DAY, NOON, OPERATIONS, Change, balance, begin, create_database, stream

from nostro.flight import ReadRequest, Reason, Refused, Source, SourceClient, Table, serve
from nostro.flight.changes import Merge, Outcome, Truncate
from nostro.flight.duckdb_writes import WritableDuckDBSource


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "bank.duckdb"
    create_database(path)
    return path


@pytest.fixture
def client(database: Path) -> Iterator[SourceClient]:
    source = WritableDuckDBSource(database, row_id="primary_key")
    with serve(source) as served, SourceClient(served.location) as client:
        yield client


def merge(
    client: SourceClient,
    table: str,
    changes: Sequence[Change],
    updates: Mapping[int, Sequence[str]] | None = None,
    cases: Sequence[int] = (),
) -> int:
    operation, schema = begin(client, table, updates or {0: ["Amount"]})
    return client.commit(operation, [client.put(operation, "s", stream(schema, changes, cases))])


def balances(client: SourceClient) -> dict[tuple[str, datetime.date], str]:
    return {
        (row["Account"], row["booked"]): str(row["Amount"])
        for row in client.read("ledger", "balance").to_pylist()
    }


LATER = DAY + datetime.timedelta(1)
BEFORE = {
    ("A0", DAY): "0.00",
    ("A1", DAY): "1.00",
    ("A2", DAY): "2.00",
    ("A0", LATER): "3.00",
    ("A1", LATER): "4.00",
    ("A2", LATER): "5.00",
}


def test_the_key_is_the_row_id_in_the_order_of_the_columns(client: SourceClient) -> None:
    described, columns = client.describe("ledger", "balance")
    assert described.row_id == ("Account", "booked")
    assert columns.names == ["Amount", "Account", "booked"]
    # what Trino may not give back as it was is no id, and what has no key has DuckDB's
    assert client.describe("ledger", "document")[0].row_id == ("rowid",)
    assert client.describe("ledger", "loose")[0].row_id == ("rowid",)


def test_a_merge_finds_rows_by_all_columns_of_the_key(client: SourceClient) -> None:
    done = merge(
        client,
        "balance",
        [
            (2, balance("A0"), {}),
            (3, balance("A1", LATER), {"Amount": Decimal("9.99")}),
            (1, {}, {"Account": "a1", "booked": datetime.date(2026, 1, 1), "Amount": Decimal(7)}),
        ],
    )
    assert done == 3
    expected = BEFORE | {("A1", LATER): "9.99", ("a1", datetime.date(2026, 1, 1)): "7.00"}
    del expected["A0", DAY]
    assert balances(client) == expected


def test_keys_of_decimals_and_instants(client: SourceClient) -> None:
    micro = NOON.replace(microsecond=1)
    merge(
        client,
        "rate",
        [
            (2, {"rate": Decimal("1.5000"), "since": NOON}, {}),
            (3, {"rate": Decimal("1.5000"), "since": micro}, {"note": "changed"}),
        ],
        {0: ["note"]},
    )
    assert client.read("ledger", "rate").to_pylist() == [
        {"rate": Decimal("1.5000"), "since": micro, "note": "changed"},
        {"rate": Decimal("1.5001"), "since": NOON, "note": "c"},
    ]


def test_keys_are_updated_and_swapped(client: SourceClient) -> None:
    merge(
        client,
        "balance",
        [
            (3, balance("A0"), {"Account": "A1", "Amount": None}),
            (3, balance("A1"), {"Account": "A2", "Amount": Decimal(50)}),
            (3, balance("A2"), {"Account": "A0", "Amount": None}),
            (2, balance("A0", LATER), {}),
            (3, balance("A1", LATER), {"Account": "A0", "Amount": None}),
        ],
        {0: ["Account"], 1: ["Account", "Amount"]},
        cases=[0, 1, 0, 0, 0],
    )
    assert balances(client) == {
        ("A1", DAY): "0.00",
        ("A2", DAY): "50.00",
        ("A0", DAY): "2.00",
        ("A0", LATER): "4.00",
        ("A2", LATER): "5.00",
    }


def test_a_key_that_is_there_already_is_refused(client: SourceClient) -> None:
    with pytest.raises(Refused, match="a key that is there already") as refused:
        merge(client, "balance", [(3, balance("A0"), {"Account": "A1"})], {0: ["Account"]})
    assert refused.value.reason is Reason.CONSTRAINT
    with pytest.raises(Refused, match="NULL not allowed for column: Account"):
        merge(client, "balance", [(3, balance("A0"), {"Account": None})], {0: ["Account"]})
    assert balances(client) == BEFORE


def test_a_key_may_be_deleted_and_inserted_at_once(client: SourceClient) -> None:
    merge(client, "balance", [(2, balance("A0"), {}), (1, {}, {**balance("A0"), "Amount": Decimal(8)})])
    assert balances(client) == BEFORE | {("A0", DAY): "8.00"}


def test_a_row_that_was_changed_since_is_a_conflict(client: SourceClient) -> None:
    update = {0: ["Amount"]}
    first, schema = begin(client, "balance", update)
    second, _ = begin(client, "balance", update)
    third, _ = begin(client, "balance", update)
    change: Change = (3, balance("A0"), {"Amount": Decimal(1)})
    client.commit(first, [client.put(first, "s", stream(schema, [change]))])
    # another row, of which one column is the same
    client.commit(second, [client.put(second, "s", stream(schema, [(2, balance("A0", LATER), {})]))])
    with pytest.raises(Refused, match="rows were changed since they were read") as refused:
        client.commit(third, [client.put(third, "s", stream(schema, [change, (2, balance("A2"), {})]))])
    assert refused.value.reason is Reason.CONFLICT
    fourth, _ = begin(client, "balance", update)
    client.change(Truncate(next(OPERATIONS), "ledger", "balance"))
    with pytest.raises(Refused, match="rows were changed since they were read"):
        client.commit(fourth, [client.put(fourth, "s", stream(schema, [(2, balance("A2"), {})]))])


def test_a_row_whose_key_was_changed_since_is_a_conflict(client: SourceClient) -> None:
    first, schema = begin(client, "balance", {0: ["Account"]})
    second, _ = begin(client, "balance", {0: ["Account"]})
    client.commit(
        first,
        [
            client.put(
                first,
                "s",
                stream(schema, [(2, balance("A1"), {}), (3, balance("A0"), {"Account": "A1"})]),
            )
        ],
    )
    # the row with this key is another one now
    with pytest.raises(Refused, match="rows were changed since they were read"):
        client.commit(second, [client.put(second, "s", stream(schema, [(2, balance("A1"), {})]))])
    assert balances(client)["A1", DAY] == "0.00"


def test_a_table_that_was_emptied_since_is_a_conflict_whatever_came_after(client: SourceClient) -> None:
    first, schema = begin(client, "balance", {0: ["Amount"]})
    client.change(Truncate(next(OPERATIONS), "ledger", "balance"))
    merge(client, "balance", [(1, {}, {**balance(name), "Amount": Decimal(7)}) for name in ("A1", "A2")])
    merge(client, "balance", [(3, balance("A2"), {"Amount": Decimal(8)})])
    # the row with this key is another one now
    with pytest.raises(Refused, match="rows were changed since they were read"):
        client.commit(first, [client.put(first, "s", stream(schema, [(2, balance("A1"), {})]))])
    assert balances(client) == {("A1", DAY): "7.00", ("A2", DAY): "8.00"}


def test_another_row_id_than_the_table_has_is_a_conflict(client: SourceClient) -> None:
    operation, schema = begin(client, "balance", {0: ["Amount"]}, row_id=("Account",))
    staged = client.put(operation, "s", stream(schema, [(2, {"Account": "A0"}, {})]))
    with pytest.raises(Refused, match="rows were changed since they were read"):
        client.commit(operation, [staged])
    assert balances(client) == BEFORE


def test_columns_that_are_named_may_be_null(database: Path) -> None:
    source = WritableDuckDBSource(database, row_id={"ledger.loose": ["number", "part"]})
    with serve(source) as served, SourceClient(served.location) as client:
        assert client.describe("ledger", "loose")[0].row_id == ("part", "number")
        assert client.describe("ledger", "balance")[0].row_id == ("rowid",)
        nobody = {"part": None, "number": None}
        merge(
            client,
            "loose",
            [(2, {"part": None, "number": 1}, {}), (3, nobody, {"note": "changed"})],
            {0: ["note"]},
        )
        notes = sorted(client.read("ledger", "loose")["note"].to_pylist())
        assert notes == ["b", "changed", "d", "e"]
        # nothing in the database keeps these apart
        with pytest.raises(Refused, match="several rows have one part, number, by which they are told apart"):
            merge(client, "loose", [(2, {"part": "twice", "number": 1}, {})], {0: ["note"]})
        assert sorted(client.read("ledger", "loose")["note"].to_pylist()) == notes


TWICE, NOBODY, ABSENT = (
    {"part": part, "number": number} for part, number in (("twice", 1), (None, None), ("absent", 1))
)


@pytest.mark.parametrize(
    "changes",
    [
        # as many changes as there are rows
        [(3, TWICE, {"note": "D"}), (3, TWICE, {"note": "E"})],
        [(3, NOBODY, {"note": "C"}), (3, NOBODY, {"note": "F"})],
        [(2, TWICE, {}), (3, TWICE, {"note": "E"})],
        [(3, TWICE, {"note": "D"}), (3, ABSENT, {"note": "E"})],
        [(2, TWICE, {}), (2, ABSENT, {})],
    ],
)
def test_rows_of_one_key_are_not_mistaken_for_each_other(database: Path, changes: Sequence[Change]) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute("INSERT INTO ledger.loose VALUES (NULL, NULL, 'f')")
    source = WritableDuckDBSource(database, row_id={"ledger.loose": ["number", "part"]})
    with serve(source) as served, SourceClient(served.location) as client:
        with pytest.raises(Refused, match="several rows have one part, number") as refused:
            merge(client, "loose", changes, {0: ["note"]})
        assert refused.value.reason is Reason.CONFLICT
        assert sorted(client.read("ledger", "loose")["note"].to_pylist()) == ["a", "b", "c", "d", "e", "f"]
        # which is which does not matter to these
        assert merge(client, "loose", [(2, TWICE, {}), (2, TWICE, {})], {0: ["note"]}) == 2
        assert sorted(client.read("ledger", "loose")["note"].to_pylist()) == ["a", "b", "c", "f"]


class Desks(Source):
    """Rows in memory, with a key of types that a client does not write."""

    columns = pa.schema(
        {"desk": pa.large_string(), "since": pa.timestamp("ms", "Europe/Berlin"), "limit": pa.int64()}
    )

    def __init__(self) -> None:
        self.rows = pa.table([["rates", "fx"], [NOON, NOON], [1, 2]], schema=self.columns)
        self.outcomes: dict[str, Outcome] = {}

    def schemas(self) -> list[str]:
        return ["ledger"]

    def tables(self, schema: str) -> list[str]:
        return ["desk"]

    def describe(self, schema: str, table: str) -> Table:
        return Table(self.columns, row_id=("desk", "since"))

    def read(self, request: ReadRequest) -> pa.Table:
        return self.rows

    def outcome(self, operation: str) -> Outcome | None:
        return self.outcomes.get(operation)

    def merge(self, request: Merge) -> Outcome:
        deleted = request.rows().read_all().select(["nostro.row_id.desk", "nostro.row_id.since"])
        keys = deleted.rename_columns(["desk", "since"])
        # a join has the key's types alike
        self.rows = self.rows.join(keys, ["desk", "since"], join_type="left anti").select(self.columns.names)
        self.outcomes[request.operation] = Outcome(deleted.num_rows)
        return self.outcomes[request.operation]


def test_keys_come_in_the_types_that_the_table_is_described_with() -> None:
    with serve(Desks()) as served, SourceClient(served.location) as client:
        operation, schema = begin(client, "desk", {0: ["limit"]})
        written = pa.schema(
            [
                field.with_type({"desk": pa.string(), "since": pa.timestamp("ms", "UTC")}[name])
                if (name := field.name.removeprefix("nostro.row_id.")) != field.name
                else field
                for field in schema
            ]
        )
        assert written.types != schema.types
        rows = stream(written, [(2, {"desk": "fx", "since": NOON}, {})])
        assert client.commit(operation, [client.put(operation, "s", rows)]) == 1
        assert client.read("ledger", "desk")["desk"].to_pylist() == ["rates"]
        operation, _ = begin(client, "desk", {0: ["limit"]})
        as_numbers = written.set(5, written.field(5).with_type(pa.list_(pa.int64())))
        with pytest.raises(pa.ArrowInvalid, match=r"nostro\.row_id\.desk list"):
            client.put(operation, "s", as_numbers.empty_table())


def test_row_ids_that_cannot_be(database: Path) -> None:
    with pytest.raises(ValueError, match="accepted: rowid, primary_key, or columns by table"):
        WritableDuckDBSource(database, row_id="key")
    source = WritableDuckDBSource(database, row_id={"ledger.loose": ["absent"]})
    with (
        serve(source) as served,
        SourceClient(served.location) as client,
        pytest.raises(pa.ArrowException, match="row_id names absent, which is no column of it"),
    ):
        client.describe("ledger", "loose")
