"""Reads of the rows that a relation gives: what they mean, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from pyarrow import flight

from nostro.flight import MemorySource, SourceClient, serve
from nostro.flight.duckdb_writes import WritableDuckDBSource

Json = dict[str, Any]

TRADES = """
CREATE TABLE s.trades AS
SELECT i AS id, ['EUR', 'USD', 'GBP', NULL][(1 + i % 4)::integer] AS currency,
    (i * 7919 % 1000)::decimal(18, 2) / 4 AS amount, if(i % 11 = 0, 'NaN'::double, i / 3) AS rate
FROM range(500) AS r (i)"""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("nested") / "bank.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE SCHEMA s")
        connection.execute(TRADES)
    return path


@pytest.fixture(scope="module")
def request_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("log") / "requests.jsonl"


@pytest.fixture(scope="module")
def client(database: Path, request_log: Path) -> Iterator[SourceClient]:
    source = WritableDuckDBSource(database)
    with serve(source, request_log=request_log) as served, SourceClient(served.location) as client:
        yield client


def trades(*columns: str, **more: Any) -> Json:
    return {"schema": "s", "table": "trades", "columns": list(columns), **more}


def order(column: str, *, descending: bool = False) -> Json:
    return {"column": column, "descending": descending, "nulls_first": False}


def over(column: str, least: str) -> Json:
    low = {"value": least, "inclusive": False}
    return {"columns": [{"column": column, "null_allowed": False, "ranges": [{"low": low, "high": None}]}]}


def groups(key: str, *aggregates: tuple[str, str | None, str]) -> Json:
    return {
        "group_by": [key],
        "aggregates": [
            {"function": function, "column": column, "output": output}
            for function, column, output in aggregates
        ],
    }


def read(client: SourceClient, relation: Json, columns: list[str], **more: Any) -> list[Json]:
    command = {"protocol": 1, "type": "read", "relation": relation, "columns": columns, **more}
    info = client.flight_info(json.dumps(command).encode())
    batches = [batch for endpoint in info.endpoints for batch in client.stream(endpoint.ticket.ticket)]
    rows: list[Json] = pa.Table.from_batches(batches, info.schema).to_pylist()
    return rows


LARGEST = trades(
    "id", "amount", "currency", limit=20, order_by=[order("amount", descending=True), order("id")]
)
COUNTED = trades(
    "currency",
    "trades",
    "total",
    aggregation=groups("currency", ("count", None, "trades"), ("sum", "amount", "total")),
)


@pytest.mark.parametrize(
    ("relation", "more", "sql"),
    [
        pytest.param(
            LARGEST,
            {"columns": ["id"], "limit": 5, "order_by": [order("id")]},
            "SELECT id FROM (SELECT * FROM s.trades ORDER BY amount DESC, id LIMIT 20) ORDER BY id LIMIT 5",
            id="first of the first",
        ),
        pytest.param(
            COUNTED,
            {
                "columns": ["currency", "total"],
                "predicate": over("total", "15600"),
                "order_by": [order("total")],
                "limit": 9,
            },
            "SELECT currency, sum(amount) AS total FROM s.trades GROUP BY currency HAVING total > 15600",
            id="groups that are filtered",
        ),
        pytest.param(
            COUNTED,
            {
                "columns": ["trades", "currencies"],
                "aggregation": groups("trades", ("count", "currency", "currencies")),
            },
            "SELECT trades, count(currency) AS currencies FROM "
            "(SELECT currency, count(*) AS trades FROM s.trades GROUP BY 1) GROUP BY 1",
            id="groups of groups",
        ),
        pytest.param(
            {"relation": LARGEST, "columns": ["amount", "currency"], "predicate": over("amount", "245.5")},
            {
                "columns": ["n"],
                "aggregation": {
                    "group_by": [],
                    "aggregates": [{"function": "count", "column": "currency", "output": "n"}],
                },
            },
            "SELECT count(currency) AS n FROM (SELECT * FROM s.trades ORDER BY amount DESC, id LIMIT 20) "
            "WHERE amount > 245.5",
            id="three deep",
        ),
        pytest.param(
            trades("rate", limit=400, order_by=[order("id")]),
            {"columns": ["rate"], "predicate": over("rate", "130"), "limit": 4, "order_by": [order("rate")]},
            "SELECT rate FROM (SELECT * FROM s.trades ORDER BY id LIMIT 400) "
            "WHERE rate > 130 AND NOT isnan(rate) ORDER BY rate LIMIT 4",
            id="without NaN",
        ),
    ],
)
def test_what_they_mean(client: SourceClient, database: Path, relation: Json, more: Json, sql: str) -> None:
    found = read(client, relation, **more)
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA s")
        connection.execute(TRADES)
        expected = connection.sql(sql).to_arrow_table().to_pylist()
    assert expected
    assert sorted(found, key=str) == sorted(expected, key=str)


def test_rows_without_columns_are_counted(client: SourceClient) -> None:
    command = {"protocol": 1, "type": "read", "relation": LARGEST, "columns": []}
    info = client.flight_info(json.dumps(command).encode())
    (endpoint,) = info.endpoints
    assert sum(batch.num_rows for batch in client.stream(endpoint.ticket.ticket)) == 20


def test_a_side_of_a_join_may_be_one(client: SourceClient) -> None:
    join = {
        "kind": "inner",
        "left": {"relation": LARGEST, "columns": ["id"], "limit": 3, "order_by": [order("id")]},
        "right": trades("id", "currency"),
        "outputs": ["id", "id_1", "currency"],
        "condition": {
            "kind": "=",
            "arguments": [{"kind": "column", "column": "id"}, {"kind": "column", "column": "id_1"}],
        },
    }
    command = {"protocol": 1, "type": "read", "join": join, "columns": ["id", "currency"]}
    info = client.flight_info(json.dumps(command).encode())
    rows = [
        row for it in info.endpoints for batch in client.stream(it.ticket.ticket) for row in batch.to_pylist()
    ]
    assert [row["id"] for row in rows] == [
        row["id"] for row in read(client, LARGEST, ["id"], limit=3, order_by=[order("id")])
    ]


@pytest.mark.parametrize(
    ("relation", "more", "message"),
    [
        (trades("id"), {"columns": ["amount"]}, "s.trades has no such column; accepted: id"),
        (trades("missing"), {"columns": ["missing"]}, "relation: columns.0.: s.trades has no such column"),
        (
            COUNTED,
            {"columns": ["total"], "predicate": over("amount", "1")},
            "no such column; accepted: currency, trades, total",
        ),
    ],
)
def test_what_is_refused(client: SourceClient, relation: Json, more: Json, message: str) -> None:
    with pytest.raises((pa.ArrowInvalid, flight.FlightServerError), match=message):
        read(client, relation, **more)


def test_a_source_is_asked_only_when_it_offers_them(client: SourceClient) -> None:
    assert client.handshake().capabilities.nested
    source = MemorySource({"s.trades": pa.table({"id": [1]})})
    with serve(source) as served, SourceClient(served.location) as other:
        assert not other.handshake().capabilities.nested
        with pytest.raises(pa.ArrowInvalid, match="relation: the source reads no rows of relations"):
            read(other, trades("id"), ["id"])


def test_the_log_has_no_secrets(client: SourceClient, request_log: Path) -> None:
    secret = "DE89370400440532013000"
    inner = trades("currency", predicate={"columns": [{"column": "currency", "values": [secret]}]})
    assert read(client, inner, ["currency"]) == []
    logged = request_log.read_text()
    assert '"relation": {"schema": "s", "table": "trades"' in logged
    assert secret not in logged
