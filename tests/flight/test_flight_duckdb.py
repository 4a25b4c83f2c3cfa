"""DuckDB as a source gives what DuckDB itself computes."""

from __future__ import annotations

import datetime
import json
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from pyarrow import flight

from nostro.flight import Source, SourceClient, serve
from nostro.flight.duckdb import DuckDBSource
from nostro.flight.duckdb_statistics import ROW_GROUP

Served = Callable[[Source], SourceClient]

TRADES = 300_000


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("duckdb") / "bank.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE SCHEMA public")
        connection.execute(
            f"""
            CREATE TABLE public.trades AS SELECT
                i AS trade_id,
                'A' || lpad(CAST(i % 500 AS varchar), 7, '0') AS account_id,
                CASE WHEN i % 11 = 0 THEN NULL WHEN i % 2 = 0 THEN 'buy' ELSE 'sell' END AS side,
                CAST(i % 1000 AS decimal(18, 4)) / 8 AS weight,
                CAST((i % 7919) / 7 AS decimal(18, 6)) AS price,
                TIMESTAMPTZ '2025-04-11 18:00:00+02' + i * INTERVAL 5 SECOND AS posted_at,
                DATE '2025-04-11' + CAST(i % 21 AS integer) AS booked_on
            FROM range({TRADES}) AS numbers(i)
            """
        )
        connection.execute("COMMENT ON TABLE public.trades IS 'Every trade'")
        connection.execute("CREATE VIEW public.buys AS SELECT * FROM public.trades WHERE side = 'buy'")
        connection.execute("CREATE TABLE public.empty (a integer, b varchar)")
        connection.execute("CREATE TABLE public.clash AS SELECT 7 AS rowid, i FROM range(300000) AS r(i)")
        connection.execute("CREATE TABLE public.thinned AS SELECT i FROM range(500000) AS r(i)")
        connection.execute("DELETE FROM public.thinned WHERE i < 450000 AND i % 100 > 0")
        connection.execute("CREATE TYPE public.side AS ENUM ('sell', 'buy')")
        connection.execute(
            """
            CREATE TABLE public.types (
                a_boolean boolean, a_tinyint tinyint, a_smallint smallint, an_integer integer,
                a_bigint bigint, a_hugeint hugeint, a_utinyint utinyint, a_usmallint usmallint,
                a_uinteger uinteger, a_ubigint ubigint, a_real real, a_double double,
                a_decimal decimal(18, 2), a_long_decimal decimal(38, 10), a_varchar varchar NOT NULL,
                a_blob blob, a_date date, a_time time, a_timestamp timestamp, a_timestamp_s timestamp_s,
                a_timestamp_ms timestamp_ms, a_timestamp_ns timestamp_ns, an_instant timestamptz,
                a_uuid uuid, a_json json, a_side public.side, a_list integer[], an_array integer[2],
                a_struct struct(a boolean, b varchar[]), a_map map(varchar, boolean), some_uuids uuid[],
                some_booleans boolean[]
            )
            """
        )
        connection.execute(
            """
            INSERT INTO public.types VALUES
            (true, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1.5, 2.5, 3.25, 4.125, 'Zürich', '\\xFF\\x00',
             '2025-05-02', '18:00:00.5', '2025-05-02 18:00:00.123456', '2025-05-02 18:00:00',
             '2025-05-02 18:00:00.123', '2025-05-02 18:00:00.123456789', '2025-05-02 18:00:00+02',
             '12151fd2-7586-11e9-8f9e-2a86e4085a59', '{"a": [1, null]}', 'buy', [1, NULL], [1, 2],
             {'a': true, 'b': ['x', NULL]}, MAP {'a': false, 'b': NULL},
             ['12151fd2-7586-11e9-8f9e-2a86e4085a59', NULL], [true, NULL, false])
            """
        )
        connection.execute("INSERT INTO public.types (a_varchar) VALUES ('')")
    return path


@pytest.mark.parametrize("column", ["a_timestamp", "a_timestamp_s", "a_timestamp_ms", "an_instant"])
@pytest.mark.parametrize("text", ["-292270-01-01T00:00:00", "300000-01-01T00:00:00"])
def test_timestamps_that_duckdb_does_not_have(client: SourceClient, column: str, text: str) -> None:
    """Nothing equals them, and what is there lies after or before."""
    literal = f"{text}Z" if column == "an_instant" else text

    def count(**part: Any) -> int:
        predicate = {"columns": [{"column": column, **part}]}
        return len(client.read("public", "types", columns=["a_varchar"], predicate=predicate)["a_varchar"])

    low_and_high = (
        {"low": {"value": literal, "inclusive": True}},
        {"high": {"value": literal, "inclusive": True}},
    )
    assert count(values=[literal]) == 0
    assert count(values=[literal, literal.replace(":00:00", ":00:01")]) == 0
    assert [count(ranges=[range_]) for range_ in low_and_high] == ([1, 0] if text.startswith("-") else [0, 1])


@pytest.fixture
def client(database: Path, served: Served) -> SourceClient:
    return served(DuckDBSource(database))


@pytest.fixture(scope="module")
def copied(database: Path) -> Path:
    """DuckDB opens a file in a process with one configuration: this copy is to compute what is right."""
    return Path(shutil.copy(database, database.with_name("copy.duckdb")))


def computed(database: Path, query: str) -> pa.Table:
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return connection.sql(query).to_arrow_table()


def range_(column: str, low: str | None, high: str | None) -> dict[str, Any]:
    """`low <= column < high`."""
    return {
        "column": column,
        "ranges": [
            {
                "low": low and {"value": low, "inclusive": True},
                "high": high and {"value": high, "inclusive": False},
            }
        ],
    }


def test_description(client: SourceClient) -> None:
    assert client.schemas() == ("public",)
    assert {(entry.table, entry.comment) for entry in client.tables("public")} == {
        ("buys", None),
        ("clash", None),
        ("empty", None),
        ("thinned", None),
        ("trades", "Every trade"),
        ("types", None),
    }
    description, columns = client.describe("public", "trades")
    assert description.row_count == TRADES
    assert description.table.comment == "Every trade"
    assert columns == pa.schema(
        {
            "trade_id": pa.int64(),
            "account_id": pa.string(),
            "side": pa.string(),
            "weight": pa.float64(),
            "price": pa.decimal128(18, 6),
            "posted_at": pa.timestamp("us", "UTC"),
            "booked_on": pa.date32(),
        }
    )
    assert client.describe("public", "buys")[0].row_count is None


def test_types(client: SourceClient) -> None:
    description, columns = client.describe("public", "types")
    assert {field.name: str(field.type) for field in columns} == {
        "a_boolean": "bool",
        "a_tinyint": "int8",
        "a_smallint": "int16",
        "an_integer": "int32",
        "a_bigint": "int64",
        "a_hugeint": "decimal128(38, 0)",
        "a_utinyint": "int16",
        "a_usmallint": "int32",
        "a_uinteger": "int64",
        "a_ubigint": "decimal128(20, 0)",
        "a_real": "float",
        "a_double": "double",
        "a_decimal": "decimal128(18, 2)",
        "a_long_decimal": "decimal128(38, 10)",
        "a_varchar": "string",
        "a_blob": "binary",
        "a_date": "date32[day]",
        "a_time": "time64[us]",
        "a_timestamp": "timestamp[us]",
        "a_timestamp_s": "timestamp[s]",
        "a_timestamp_ms": "timestamp[ms]",
        "a_timestamp_ns": "timestamp[ns]",
        "an_instant": "timestamp[us, tz=UTC]",
        "a_uuid": "extension<arrow.uuid>",
        "a_json": "extension<arrow.json>",
        "a_side": "string",
        "a_list": "list<l: int32>",
        "an_array": "fixed_size_list<: int32>[2]",
        "a_struct": "struct<a: bool, b: list<l: string>>",
        "a_map": "map<string, bool>",
        "some_uuids": "list<l: extension<arrow.uuid>>",
        "some_booleans": "list<l: bool>",
    }
    assert [field.name for field in columns if not field.nullable] == ["a_varchar"]
    assert columns.field("a_uuid").metadata == {b"nostro.type": b"uuid"}
    assert columns.field("a_json").metadata == {b"nostro.type": b"json"}
    first, nulls = client.read("public", "types").to_pylist()
    instant = datetime.datetime(2025, 5, 2, 16, tzinfo=datetime.UTC)
    name = uuid.UUID("12151fd2-7586-11e9-8f9e-2a86e4085a59")
    assert first["an_instant"] == instant
    assert first["a_uuid"] == name
    assert first["some_uuids"] == [name, None]
    assert json.loads(first["a_json"]) == {"a": [1, None]}
    assert first["a_side"] == "buy"
    assert (first["a_hugeint"], first["a_ubigint"]) == (Decimal(5), Decimal(9))
    assert first["a_map"] == [("a", False), ("b", None)]
    assert first["a_struct"] == {"a": True, "b": ["x", None]}
    assert first["some_booleans"] == [True, None, False]
    assert first["a_timestamp_ns"].isoformat() == "2025-05-02T18:00:00.123456789"
    assert {value for column, value in nulls.items() if column != "a_varchar"} == {None}
    assert set(columns.names) - set(description.predicate_columns or ()) == {
        "a_json",
        "a_list",
        "an_array",
        "a_struct",
        "a_map",
        "some_uuids",
        "some_booleans",
    }


@pytest.mark.parametrize(
    ("column", "literal"),
    [
        ("a_boolean", "true"),
        ("a_hugeint", "5"),
        ("a_utinyint", "6"),
        ("a_ubigint", "9"),
        ("a_real", "1.5"),
        ("a_decimal", "3.250"),
        ("a_long_decimal", "4.125"),
        ("a_varchar", "Zürich"),
        ("a_blob", "/wA="),
        ("a_time", "18:00:00.5"),
        ("a_timestamp", "2025-05-02T18:00:00.123456"),
        ("a_timestamp_s", "2025-05-02T18:00:00"),
        ("a_timestamp_ms", "2025-05-02T18:00:00.123"),
        ("a_timestamp_ns", "2025-05-02T18:00:00.123456789"),
        ("an_instant", "2025-05-02T16:00:00Z"),
        ("a_uuid", "12151fd2-7586-11e9-8f9e-2a86e4085a59"),
        ("a_side", "buy"),
    ],
)
def test_predicates_on_types(client: SourceClient, column: str, literal: str) -> None:
    def found(**part: Any) -> list[int]:
        predicate = {"columns": [{"column": column, **part}]}
        values: list[int] = client.read("public", "types", columns=["a_bigint"], predicate=predicate)[
            "a_bigint"
        ].to_pylist()
        return values

    closed, opened = ({"value": literal, "inclusive": inclusive} for inclusive in (True, False))
    assert found(values=[literal]) == [4]
    assert found(ranges=[{"low": closed, "high": closed}]) == [4]
    assert found(ranges=[{"low": opened, "high": closed}]) == []
    assert found(ranges=[{"low": opened, "high": None}]) == []


READS = {
    "all": ([], None, "true"),
    "instants": (
        [range_("posted_at", "2025-04-12T16:00:00Z", "2025-04-13T16:00:00.000000Z")],
        None,
        "posted_at >= '2025-04-12 18:00:00+02' AND posted_at < '2025-04-13 18:00:00+02'",
    ),
    "shard": (
        [range_("account_id", "A0000100", "A0000200")],
        None,
        "account_id BETWEEN 'A0000100' AND 'A0000199'",
    ),
    "nulls": ([{"column": "side", "null_allowed": True}], None, "side IS NULL"),
    "not null": ([{"column": "side", "ranges": [{"low": None, "high": None}]}], None, "side IS NOT NULL"),
    "values or null": (
        [{"column": "side", "values": ["buy"], "null_allowed": True}, range_("price", "100.5", None)],
        None,
        "(side = 'buy' OR side IS NULL) AND price >= 100.5",
    ),
    "none": ([{"column": "side", "values": []}], None, "false"),
    "many values": (
        [{"column": "trade_id", "values": [str(7 * i) for i in range(5_000)]}],
        None,
        "trade_id % 7 = 0 AND trade_id < 35000",
    ),
}


@pytest.mark.parametrize("partitions", [1, 4])
@pytest.mark.parametrize("name", READS)
def test_reads_equal_duckdb(client: SourceClient, copied: Path, name: str, partitions: int) -> None:
    parts, _, condition = READS[name]
    columns = ["trade_id", "side", "posted_at", "price"]
    wanted = computed(copied, f"SELECT {', '.join(columns)} FROM public.trades WHERE {condition} ORDER BY 1")
    predicate: dict[str, Any] = {"columns": parts}
    read = client.read("public", "trades", columns=columns, predicate=predicate, partitions=partitions)
    assert read.sort_by("trade_id").equals(wanted)
    counted = client.read("public", "trades", columns=[], predicate=predicate, partitions=partitions)
    assert counted.num_rows == wanted.num_rows
    limited = client.read(
        "public", "trades", columns=["trade_id"], predicate=predicate, limit=5, partitions=partitions
    )
    assert limited.num_rows == min(5, wanted.num_rows)


def test_partitions_are_ranges_of_row_groups(client: SourceClient, copied: Path, request_log: Path) -> None:
    assert len(client.plan("public", "trades", partitions=2).endpoints) == 2
    assert len(client.plan("public", "trades", partitions=64).endpoints) == TRADES // ROW_GROUP + 1
    client.read("public", "trades", columns=["trade_id"], partitions=64)
    lines = [json.loads(line) for line in request_log.read_text(encoding="utf-8").splitlines()]
    assert [line["rows"] for line in lines if line["event"] == "stream"] == [
        ROW_GROUP,
        ROW_GROUP,
        TRADES - 2 * ROW_GROUP,
    ]
    with duckdb.connect(str(copied), read_only=True) as connection:
        plan = connection.execute(
            "EXPLAIN ANALYZE SELECT trade_id FROM public.trades "
            f"WHERE rowid >= {ROW_GROUP} AND rowid < {2 * ROW_GROUP}"
        ).fetchall()[0][1]
    assert "Row Groups Scanned: 1 / 3" in plan


@pytest.mark.parametrize(
    ("table", "rows"), [("buys", 136_363), ("empty", 0), ("clash", 300_000), ("thinned", 54_500)]
)
def test_views_and_odd_tables_are_complete(client: SourceClient, copied: Path, table: str, rows: int) -> None:
    read = client.read("public", table, partitions=4)
    counted = computed(copied, f"SELECT count(*) AS n FROM public.{table}")["n"][0].as_py()
    assert (read.num_rows, counted) == (rows, rows)


def test_concurrent_clients(client: SourceClient, copied: Path) -> None:
    wanted = computed(
        copied, "SELECT account_id, sum(price) AS total FROM public.trades GROUP BY 1 ORDER BY 1 LIMIT 48"
    ).to_pylist()

    def total(account: str) -> Decimal:
        predicate = {"columns": [{"column": "account_id", "values": [account]}]}
        found = client.read("public", "trades", columns=["price"], predicate=predicate, partitions=3)
        return sum(found["price"].to_pylist(), Decimal(0))

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(total, [row["account_id"] for row in wanted])) == [
            row["total"] for row in wanted
        ]


def test_a_replaced_database_is_not_mixed_with_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "bank.duckdb"

    def write(rows: int) -> None:
        path.unlink(missing_ok=True)
        with duckdb.connect(str(path)) as connection:
            connection.execute(f"CREATE TABLE t AS SELECT i FROM range({rows}) AS r(i)")

    write(10)
    with serve(DuckDBSource(path)) as running, SourceClient(running.location) as client:
        assert client.schemas() == ("main",)
        (endpoint,) = client.plan("main", "t").endpoints
    with serve(DuckDBSource(path)) as running, SourceClient(running.location) as client:
        assert sum(batch.num_rows for batch in client.stream(endpoint.ticket.ticket)) == 10
    write(20)
    with serve(DuckDBSource(path)) as running, SourceClient(running.location) as client:
        with pytest.raises(flight.FlightInternalError, match=r"main\.t: the table has changed since"):
            list(client.stream(endpoint.ticket.ticket))
        assert client.read("main", "t").num_rows == 20


def test_a_log_beside_the_database_is_not_mixed_with_an_older_one(tmp_path: Path) -> None:
    path = tmp_path / "bank.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE t AS SELECT i FROM range(10) AS r(i)")

    def write(statement: str) -> None:
        # a process that dies leaves what it wrote in the log
        code = "import duckdb, os, sys; c = duckdb.connect(sys.argv[1]); c.execute(sys.argv[2]); os._exit(0)"
        subprocess.run([sys.executable, "-c", code, str(path), statement], check=True)

    write("DELETE FROM t WHERE i < 3")
    assert Path(f"{path}.wal").exists()
    with serve(DuckDBSource(path)) as running, SourceClient(running.location) as client:
        (endpoint,) = client.plan("main", "t").endpoints
    with serve(DuckDBSource(path)) as running, SourceClient(running.location) as client:
        assert sum(batch.num_rows for batch in client.stream(endpoint.ticket.ticket)) == 7
    write("INSERT INTO t VALUES (1)")
    with serve(DuckDBSource(path)) as running, SourceClient(running.location) as client:
        with pytest.raises(flight.FlightInternalError, match=r"main\.t: the table has changed since"):
            list(client.stream(endpoint.ticket.ticket))
        assert client.read("main", "t").num_rows == 8


def test_a_cancelled_query_is_interrupted(tmp_path: Path) -> None:
    path = tmp_path / "slow.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "CREATE VIEW slow AS SELECT sum(a.i * b.i) AS s FROM range(1000000) a(i), range(1000000) b(i)"
        )
    source = DuckDBSource(path)
    with serve(source) as running, SourceClient(running.location) as client:
        (endpoint,) = client.plan("main", "slow").endpoints
        reader = client._client.do_get(flight.Ticket(endpoint.ticket.ticket))
        deadline = time.monotonic() + 60
        while not source._running and time.monotonic() < deadline:
            time.sleep(0.01)
        assert source._running
        reader.cancel()
        while source._running and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not source._running


def test_an_error_while_streaming_names_the_table(tmp_path: Path) -> None:
    path = tmp_path / "bad.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "CREATE VIEW bad AS SELECT CASE WHEN i = 250000 THEN error('a broken row') ELSE 'fine' END AS c "
            "FROM range(300000) AS r(i)"
        )
    with serve(DuckDBSource(path)) as running, SourceClient(running.location) as client:
        with pytest.raises(
            flight.FlightInternalError, match=r"main\.bad: the source duckdb failed: .*a broken row"
        ):
            client.read("main", "bad", columns=["c"])
        assert client.tables("main")[0].table == "bad"


def test_a_missing_database_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"database .*none\.duckdb: no such file"):
        DuckDBSource(tmp_path / "none.duckdb")
    assert not (tmp_path / "none.duckdb").exists()


def test_the_database_cannot_be_written_through_the_source(database: Path) -> None:
    with closing(DuckDBSource(database)) as source, source._cursor() as cursor:
        with pytest.raises(duckdb.InvalidInputException, match="read-only"):
            cursor.execute("CREATE TABLE t (i integer)")
        with pytest.raises(duckdb.PermissionException):
            cursor.execute("COPY (SELECT 1) TO 'leak.csv'")
