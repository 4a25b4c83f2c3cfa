"""Databases as sources, by DB-API drivers and by ADBC's: SQLite and PostgreSQL."""

from __future__ import annotations

import datetime
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import adbc_driver_postgresql.dbapi
import adbc_driver_sqlite.dbapi
import duckdb
import psycopg2
import pyarrow as pa
import pytest
from pyarrow import flight
from tests.flight.agreement import agrees
from tests.flight.postgres_home import own_postgres
from tests.flight.test_flight_predicates import bound, is_nan

from nostro.flight import Source, SourceClient
from nostro.flight.adbc import AdbcSource
from nostro.flight.dbapi import DbApiSource
from nostro.flight.sql_dialects import Found, Parameter, PostgreSql, Sqlite, Standard, conditions, rendered

Served = Callable[[Source], SourceClient]
Connect = Callable[..., Any]


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with own_postgres() as uri:
        yield uri


@pytest.fixture
def sqlite_file(tmp_path: Path) -> Path:
    return tmp_path / "bank.sqlite"


def statements(connect: Callable[[], Any], *texts: str) -> None:
    with closing(connect()) as connection:
        cursor = connection.cursor()
        for text in texts:
            cursor.execute(text)
        connection.commit()


@pytest.fixture(params=["sqlite3", "adbc sqlite"])
def sqlite(request: pytest.FixtureRequest, sqlite_file: Path) -> Callable[..., Source]:
    if request.param == "sqlite3":
        return lambda **options: DbApiSource(lambda: sqlite3.connect(sqlite_file), **options)
    return lambda **options: AdbcSource(lambda: adbc_driver_sqlite.dbapi.connect(str(sqlite_file)), **options)


@pytest.fixture(params=["psycopg2", "adbc postgresql"])
def postgresql(request: pytest.FixtureRequest, postgres: str) -> Callable[..., Source]:
    if request.param == "psycopg2":
        return lambda **options: DbApiSource(lambda: psycopg2.connect(postgres), **options)
    return lambda **options: AdbcSource(lambda: adbc_driver_postgresql.dbapi.connect(postgres), **options)


@pytest.fixture
def schema(postgres: str) -> Iterator[str]:
    name = f"s{uuid.uuid4().hex[:8]}"
    statements(lambda: psycopg2.connect(postgres), f"CREATE SCHEMA {name}")
    yield name
    statements(lambda: psycopg2.connect(postgres), f"DROP SCHEMA {name} CASCADE")


def test_sqlite_types(sqlite: Callable[..., Source], sqlite_file: Path, served: Served) -> None:
    statements(
        lambda: sqlite3.connect(sqlite_file),
        "CREATE TABLE t (id INTEGER PRIMARY KEY, i INT NOT NULL, b BOOLEAN, r REAL, t VARCHAR(20), y BLOB, "
        "d DECIMAL(18, 2), on_day DATE, at TIME, ts TIMESTAMP, z TIMESTAMP WITH TIME ZONE, j JSON)",
        "INSERT INTO t VALUES (1, 9223372036854775807, 1, 1.5, 'Zürich', x'ff00', 0.1, '2025-05-02', "
        "'18:00:00', '2025-05-02 18:00:00.5', '2025-05-02T18:00:00+02:00', '[1]')",
        "INSERT INTO t (id, i, d) VALUES (2, -1, 12345678901234.25), (3, 0, '-7.10'), (4, 0, 3)",
        "CREATE VIEW v AS SELECT id, t FROM t",
    )
    client = served(sqlite())
    assert client.schemas() == ("main",)
    assert [entry.table for entry in client.tables("main")] == ["t", "v"]
    first, second, third, fourth = client.read("main", "t").to_pylist()
    assert first == {
        "id": 1,
        "i": 2**63 - 1,
        "b": True,
        "r": 1.5,
        "t": "Zürich",
        "y": b"\xff\x00",
        "d": Decimal("0.10"),
        "on_day": datetime.date(2025, 5, 2),
        "at": datetime.time(18),
        "ts": datetime.datetime(2025, 5, 2, 18, 0, 0, 500_000),
        "z": datetime.datetime(2025, 5, 2, 16, tzinfo=datetime.UTC),
        "j": "[1]",
    }
    assert [row["d"] for row in (second, third, fourth)] == [
        Decimal("12345678901234.25"),
        Decimal("-7.10"),
        Decimal("3.00"),
    ]
    assert client.describe("main", "t")[1].field("i").nullable is False
    assert client.read("main", "v", columns=["t"], limit=1)["t"].to_pylist() == ["Zürich"]
    assert client.read("main", "t", columns=[], limit=3).num_rows == 3
    with pytest.raises(KeyError, match=r"main\.nothing: no such table"):
        client.describe("main", "nothing")
    with pytest.raises(KeyError, match=r"other\.t: no such table"):
        client.describe("other", "t")


@pytest.mark.parametrize(
    ("type", "value", "message"),
    [
        ("INTEGER", "'about six'", "a whole number"),
        ("INTEGER", "1.5", "a whole number"),
        ("REAL", "'much'", "a number|text"),
        ("DECIMAL(18, 2)", "0.125", "2 after the point"),
        ("DECIMAL(18, 2)", "1e300", "digits before"),
        ("DATE", "'02.05.2025'", "a date"),
        ("TIMESTAMP", "'2025-05-02T18:00:00Z'", "without time zone"),
        ("BOOLEAN", "7", "true or false"),
    ],
)
def test_values_that_are_not_of_their_columns_type_fail_the_read(
    type: str, value: str, message: str, sqlite: Callable[..., Source], sqlite_file: Path, served: Served
) -> None:
    statements(
        lambda: sqlite3.connect(sqlite_file), f"CREATE TABLE t (c {type})", f"INSERT INTO t VALUES ({value})"
    )
    with pytest.raises(
        flight.FlightInternalError, match=rf"main\.t: column c, row 1 of the result.*({message})"
    ):
        served(sqlite()).read("main", "t")


def test_a_column_that_begins_with_many_nulls(
    sqlite: Callable[..., Source], sqlite_file: Path, served: Served
) -> None:
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)"
    statements(
        lambda: sqlite3.connect(sqlite_file),
        "CREATE TABLE t (i INTEGER, s TEXT, r REAL, y BLOB)",
        f"INSERT INTO t {numbers} SELECT i, NULL, NULL, NULL FROM n",
        "INSERT INTO t VALUES (50001, 'x', 1.5, x'00')",
    )
    found = served(sqlite()).read("main", "t", limit=50_001)
    assert found["i"].to_pylist() == list(range(1, 50_002))
    assert found.slice(50_000).to_pylist() == [{"i": 50_001, "s": "x", "r": 1.5, "y": b"\0"}]


def test_types_are_declared_or_refused(
    sqlite: Callable[..., Source], sqlite_file: Path, served: Served
) -> None:
    statements(
        lambda: sqlite3.connect(sqlite_file),
        "CREATE TABLE t (amount MONEY, n, other TEXT)",
        "INSERT INTO t VALUES (1.25, 7, 'x')",
    )
    with pytest.raises(
        flight.FlightInternalError, match=r"column amount has the type MONEY; accepted: INTEGER"
    ):
        served(sqlite()).describe("main", "t")
    declared = pa.schema({"n": pa.int32(), "amount": pa.decimal128(10, 4)})
    client = served(sqlite(tables={"main.t": declared}))
    assert client.read("main", "t").to_pylist() == [{"n": 7, "amount": Decimal("1.2500")}]
    assert [entry.table for entry in client.tables()] == ["t"]
    low = {"columns": [{"column": "amount", "values": ["1.25"]}]}
    assert client.read("main", "t", columns=["n"], predicate=low).num_rows == 1
    absent = served(sqlite(tables={"main.t": pa.schema({"m": pa.int32()})}))
    with pytest.raises(flight.FlightInternalError, match="there is no column m; accepted: amount, n, other"):
        absent.describe("main", "t")
    with pytest.raises(
        ValueError, match=r"main\.t: column n: duration\[s\] is not supported; accepted: boolean"
    ):
        sqlite(tables={"main.t": pa.schema({"n": pa.duration("s")})})
    with pytest.raises(ValueError, match=r"accepted: schema\.table"):
        sqlite(tables={"t": None})


def test_names_need_no_care(sqlite: Callable[..., Source], sqlite_file: Path, served: Served) -> None:
    statements(
        lambda: sqlite3.connect(sqlite_file),
        'CREATE TABLE "a ""b"" ? %s :c" ("x ? %(y)s" INTEGER, "select" TEXT)',
        'INSERT INTO "a ""b"" ? %s :c" VALUES (1, \'one\'), (2, \'two\')',
    )
    two = {
        "columns": [
            {"column": "x ? %(y)s", "values": ["2"]},
            {"column": "select", "values": ["two", "' OR 1"]},
        ]
    }
    found = served(sqlite()).read("main", 'a "b" ? %s :c', predicate=two)
    assert found.to_pylist() == [{"x ? %(y)s": 2, "select": "two"}]


def test_postgresql_types(
    postgresql: Callable[..., Source], postgres: str, schema: str, served: Served
) -> None:
    statements(
        lambda: psycopg2.connect(postgres),
        f"CREATE TYPE {schema}.side AS ENUM ('sell', 'buy')",
        f"CREATE DOMAIN {schema}.amount AS numeric(18, 2)",
        f"""
        CREATE TABLE {schema}.t (
            b boolean, i2 smallint, i4 integer, i8 bigint NOT NULL, r real, f double precision,
            n numeric(38, 10), a {schema}.amount, t text, v varchar(20), c char(3), y bytea, d date,
            at time(3), ts timestamp(0), z timestamptz, u uuid, j jsonb, s {schema}.side, l integer[],
            lt text[]
        )
        """,
        f"""
        INSERT INTO {schema}.t VALUES (
            true, -2, 3, 9223372036854775807, 1.1, 'NaN', 1234567890123456789012345678.0123456789, 12.5,
            'Zürich', 'v', 'c', '\\xff00', '0001-01-01', '18:00:00.123', '2025-05-02 18:00:00',
            '2025-05-02 18:00:00.123456+02', '12151fd2-7586-11e9-8f9e-2a86e4085a59', '{{"a": [1, null]}}',
            'buy', '{{1,NULL}}', '{{x,NULL}}')
        """,
        f"INSERT INTO {schema}.t (i8) VALUES (0)",
        f"CREATE MATERIALIZED VIEW {schema}.m AS SELECT i8 FROM {schema}.t",
    )
    client = served(postgresql())
    assert schema in client.schemas()
    assert not {"pg_catalog", "information_schema"} & set(client.schemas())
    assert [entry.table for entry in client.tables(schema)] == ["m", "t"]
    _, columns = client.describe(schema, "t")
    assert {name: columns.field(name).metadata for name in ("v", "c", "j")} == {
        "v": {b"nostro.type": b"varchar(20)"},
        "c": {b"nostro.type": b"char(3)"},
        "j": {b"nostro.type": b"json"},
    }
    assert not columns.field("i8").nullable
    row, nothing = client.read(schema, "t").to_pylist()
    assert repr(row.pop("f")) == "nan"
    assert row == {
        "b": True,
        "i2": -2,
        "i4": 3,
        "i8": 2**63 - 1,
        "r": pa.scalar(1.1, pa.float32()).as_py(),
        "n": Decimal("1234567890123456789012345678.0123456789"),
        "a": Decimal("12.50"),
        "t": "Zürich",
        "v": "v",
        "c": "c",
        "y": b"\xff\x00",
        "d": datetime.date(1, 1, 1),
        "at": datetime.time(18, 0, 0, 123_000),
        "ts": datetime.datetime(2025, 5, 2, 18),
        "z": datetime.datetime(2025, 5, 2, 16, 0, 0, 123_456, datetime.UTC),
        "u": uuid.UUID("12151fd2-7586-11e9-8f9e-2a86e4085a59"),
        "j": '{"a": [1, null]}',
        "s": "buy",
        "l": [1, None],
        "lt": ["x", None],
    }
    assert set(nothing.values()) == {0, None}
    assert client.read(schema, "m")["i8"].to_pylist() == [2**63 - 1, 0]
    sell = {
        "columns": [{"column": "s", "ranges": [{"low": {"value": "c", "inclusive": True}, "high": None}]}]
    }
    assert client.read(schema, "t", columns=["s"], predicate=sell).num_rows == 0


@pytest.mark.parametrize(
    ("type", "value", "message"),
    [
        ("date", "'infinity'", "'infinity' .* is not a date"),
        ("timestamp", "'-infinity'", "'-infinity' .* is not a timestamp without time zone"),
        ("timestamptz", "'0044-03-15 12:00:00+00 BC'", "BC' .* is not a timestamp with time zone"),
        ("time", "'24:00:00'", "'24:00:00' .* is not a time"),
        ("numeric(18, 2)", "'NaN'", r"(Decimal\('NaN'\)|'nan') .* is not a number"),
        ("integer[]", "'{{1},{2}}'", "malformed array literal: .an array of several dimensions"),
        ("numeric", "1.5", "column c has the type numeric; accepted: boolean, smallint"),
        ("interval", "'1 day'", "column c has the type interval; accepted: boolean, smallint"),
    ],
)
def test_what_arrow_cannot_hold_fails_the_read(
    type: str,
    value: str,
    message: str,
    postgresql: Callable[..., Source],
    postgres: str,
    schema: str,
    served: Served,
) -> None:
    statements(
        lambda: psycopg2.connect(postgres),
        f"CREATE TABLE {schema}.t (c {type})",
        f"INSERT INTO {schema}.t VALUES ({value})",
    )
    with pytest.raises(flight.FlightInternalError, match=rf"{schema}\.t: .*{message}"):
        served(postgresql()).read(schema, "t")


def above(column: str, low: str) -> dict[str, Any]:
    bound = {"value": low, "inclusive": False}
    return {"columns": [{"column": column, "ranges": [{"low": bound, "high": None}]}]}


def test_text_compares_by_code_points_whatever_the_collation(
    sqlite: Callable[..., Source], sqlite_file: Path, served: Served
) -> None:
    texts = ["a", "A", "é", "Z", "z", "\uffff", "😀"]
    statements(
        lambda: sqlite3.connect(sqlite_file),
        "CREATE TABLE t (t TEXT COLLATE NOCASE)",
        "INSERT INTO t VALUES " + ", ".join(f"('{text}')" for text in texts),
    )
    client = served(sqlite())
    only = {"columns": [{"column": "t", "values": ["a"]}]}
    assert client.read("main", "t", predicate=only)["t"].to_pylist() == ["a"]
    found = client.read("main", "t", predicate=above("t", "Z"))["t"].to_pylist()
    assert found == ["a", "é", "z", "\uffff", "😀"]


@pytest.mark.parametrize(
    ("column", "value", "after"),
    [
        (Found("t", "text", True), '"t" IN (', '"t" COLLATE "C" > '),
        (Found("t", "text", True, compares_bytes=False), '"t" COLLATE "C" IN (', '"t" COLLATE "C" > '),
        (Found("t", "text", True, is_utf8=False), '"t" IN (', None),
        (
            Found("t", "x.side", True, is_enumeration=True),
            'CAST("t" AS text) IN (',
            'CAST("t" AS text) COLLATE "C" > ',
        ),
    ],
)
def test_postgresql_compares_text_by_its_bytes(column: Found, value: str, after: str | None) -> None:
    """The embedded PostgreSQL has no collation by which text compares otherwise: this looks at the SQL."""
    own = PostgreSql().own(column)
    assert own is not None
    schema = pa.schema([own.field])
    (equal,) = conditions(bound({"columns": [{"column": "t", "values": ["a"]}]}, schema), {"t": own})
    assert equal == ("(", value, "CAST(", Parameter("a"), " AS text)", ")", ")")
    (ordered,) = conditions(bound(above("t", "Z"), schema), {"t": own})
    assert ordered == (
        ('"t" IS NOT NULL',)
        if after is None
        else ("(", "(", after, "CAST(", Parameter("Z"), " AS text)", ")", ")")
    )


def test_partitions_are_ranges_of_a_column(
    postgresql: Callable[..., Source], postgres: str, schema: str, served: Served
) -> None:
    statements(
        lambda: psycopg2.connect(postgres),
        f"CREATE TABLE {schema}.t (n integer, d numeric(9, 2), s text)",
        f"INSERT INTO {schema}.t SELECT i, i / 4.0, i::text FROM generate_series(-500, 499) AS i",
        f"INSERT INTO {schema}.t VALUES (NULL, NULL, 'nothing')",
        f"CREATE TABLE {schema}.e (n integer)",
    )
    for column in ("n", "d"):
        client = served(postgresql(partition_by={f"{schema}.t": column, f"{schema}.e": "n"}))
        endpoints = client.plan(schema, "t", partitions=4).endpoints
        rows = [sum(batch.num_rows for batch in client.stream(it.ticket.ticket)) for it in endpoints]
        assert len(rows) == 4
        assert sum(rows) == 1001
        assert max(rows) < 300
        low = {
            "columns": [
                {"column": "n", "ranges": [{"low": {"value": "490", "inclusive": True}, "high": None}]}
            ]
        }
        assert sorted(client.read(schema, "t", predicate=low, partitions=3)["n"].to_pylist()) == [
            *range(490, 500)
        ]
        assert client.read(schema, "t", columns=[], partitions=7).num_rows == 1001
        assert client.read(schema, "e", partitions=4).num_rows == 0
    with pytest.raises(
        flight.FlightInternalError, match="column s to partition by is string; accepted: whole"
    ):
        served(postgresql(partition_by={f"{schema}.t": "s"})).plan(schema, "t", partitions=2)
    with pytest.raises(flight.FlightInternalError, match="no column m to partition by; accepted: n, d, s"):
        served(postgresql(partition_by={f"{schema}.t": "m"})).plan(schema, "t", partitions=2)


def test_a_large_result_is_streamed_and_stopped(
    postgresql: Callable[..., Source], postgres: str, schema: str, served: Served
) -> None:
    statements(
        lambda: psycopg2.connect(postgres),
        f"CREATE VIEW {schema}.stuck AS SELECT 1 AS i FROM pg_sleep(600)",
        f"CREATE TABLE {schema}.t AS SELECT i FROM generate_series(1, 60000) AS i",
    )
    client = served(postgresql())
    above = {
        "columns": [{"column": "i", "ranges": [{"low": {"value": "9", "inclusive": True}, "high": None}]}]
    }
    assert client.read(schema, "t", predicate=above).num_rows == 59_992
    (endpoint,) = client.plan(schema, "stuck").endpoints
    reader = client._client.do_get(endpoint.ticket)
    ended = threading.Event()

    def read() -> None:
        try:
            list(reader)
        except pa.ArrowException:
            ended.set()

    threading.Thread(target=read, daemon=True).start()

    def running() -> bool:
        with closing(psycopg2.connect(postgres)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
            return bool(cursor.fetchone()[0])

    until(running)
    reader.cancel()
    until(lambda: not running())
    assert ended.wait(60)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it did not happen within a minute"
        time.sleep(0.05)


def test_a_database_that_is_not_there_is_unavailable(served: Served) -> None:
    refused = "postgresql://127.0.0.1:1/bank"
    connects: Sequence[Source] = (
        DbApiSource(lambda: psycopg2.connect(refused), name="bank"),
        AdbcSource(lambda: adbc_driver_postgresql.dbapi.connect(refused), name="bank"),
    )
    for source in connects:
        with pytest.raises(
            flight.FlightUnavailableError, match="the source bank cannot connect to its database"
        ):
            served(source).schemas()


@pytest.mark.parametrize(
    ("style", "text", "parameters"),
    [
        ("qmark", 'SELECT "%" WHERE a = ? AND b = ?', (1, "x")),
        ("numeric", 'SELECT "%" WHERE a = :1 AND b = :2', (1, "x")),
        ("named", 'SELECT "%" WHERE a = :p1 AND b = :p2', {"p1": 1, "p2": "x"}),
        ("format", 'SELECT "%%" WHERE a = %s AND b = %s', (1, "x")),
        ("pyformat", 'SELECT "%%" WHERE a = %(p1)s AND b = %(p2)s', {"p1": 1, "p2": "x"}),
        ("dollar", 'SELECT "%" WHERE a = $1 AND b = $2', (1, "x")),
    ],
)
def test_styles_of_parameters(style: str, text: str, parameters: Any) -> None:
    pieces = ('SELECT "%" WHERE a = ', Parameter(1), " AND b = ", Parameter("x"))
    assert rendered(pieces, style) == (text, parameters)
    assert rendered(('SELECT "%"',), style) == ('SELECT "%"', None)


@pytest.mark.parametrize("style", ["qmark", "named"])
def test_the_style_may_be_given(style: str, sqlite_file: Path, served: Served) -> None:
    statements(
        lambda: sqlite3.connect(sqlite_file), "CREATE TABLE t (s TEXT)", "INSERT INTO t VALUES ('a'), ('b')"
    )
    source = DbApiSource(lambda: sqlite3.connect(sqlite_file), dialect=Sqlite(), paramstyle=style)
    b = {"columns": [{"column": "s", "values": ["b", "c"]}]}
    assert served(source).read("main", "t", predicate=b).to_pylist() == [{"s": "b"}]


def test_a_database_without_a_dialect_of_its_own(tmp_path: Path, served: Served) -> None:
    database = str(tmp_path / "bank.duckdb")
    with duckdb.connect(database) as connection:
        connection.execute("CREATE SCHEMA public")
        connection.execute("CREATE TABLE public.t (n BIGINT NOT NULL, d DECIMAL(18, 2), s VARCHAR, day DATE)")
        connection.execute("INSERT INTO public.t VALUES (1, 1.25, 'a', '2025-05-02'), (2, NULL, 'b', NULL)")
        connection.execute("CREATE TABLE public.u (u UUID)")
    source = DbApiSource(lambda: duckdb.connect(database), partition_by={"public.t": "n"})
    client = served(source)
    assert isinstance(source.dialect, Standard)
    assert "public" in client.schemas()
    assert [entry.table for entry in client.tables("public")] == ["t", "u"]
    assert client.read("public", "t", partitions=2).to_pylist() == [
        {"n": 1, "d": Decimal("1.25"), "s": "a", "day": datetime.date(2025, 5, 2)},
        {"n": 2, "d": None, "s": "b", "day": None},
    ]
    b = {"columns": [{"column": "n", "values": ["2"]}, {"column": "s", "values": ["b"]}]}
    assert client.read("public", "t", predicate=b, columns=["s"], limit=1).to_pylist() == [{"s": "b"}]
    with pytest.raises(
        flight.FlightInternalError, match="column u has the type uuid; accepted: boolean, integers"
    ):
        client.describe("public", "u")


SQLITE_KINDS = (
    ("bigint", "varchar", "double"),
    ("boolean", "varbinary", "decimal(18,2)"),
    ("date", "timestamp(6)"),
)
SQLITE_TYPES = {
    "bigint": "BIGINT",
    "varchar": "TEXT",
    "double": "DOUBLE",
    "boolean": "BOOLEAN",
    "varbinary": "BLOB",
    "decimal(18,2)": "DECIMAL(18, 2)",
    "date": "DATE",
    "timestamp(6)": "TIMESTAMP",
}
POSTGRES_KINDS = (
    ("bigint", "varchar", "double"),
    ("boolean", "varbinary", "decimal(38,10)"),
    ("real", "date", "uuid"),
    ("time", "timestamp(6)", "timestamp with time zone"),
)
POSTGRES_TYPES = {
    "bigint": "bigint",
    "varchar": "text",
    "double": "double precision",
    "boolean": "boolean",
    "varbinary": "bytea",
    "decimal(38,10)": "numeric(38, 10)",
    "real": "real",
    "date": "date",
    "uuid": "uuid",
    "time": "time",
    "timestamp(6)": "timestamp",
    "timestamp with time zone": "timestamptz",
}


@pytest.mark.parametrize("names", SQLITE_KINDS, ids=" ".join)
def test_sqlite_filters_as_the_server_does(
    names: tuple[str, ...], sqlite: Callable[..., Source], sqlite_file: Path, served: Served
) -> None:
    connection = sqlite3.connect(sqlite_file, check_same_thread=False)
    types = ", ".join(f'"{name}" {SQLITE_TYPES[name]}' for name in names)
    connection.execute(f'CREATE TABLE t ({types}, "row" INTEGER)')
    connection.execute('CREATE INDEX by_row ON t ("row")')

    def stored(value: Any) -> Any:
        return str(value) if isinstance(value, Decimal | datetime.date) else value

    def store(rows: pa.Table) -> None:
        with connection:
            connection.execute("DELETE FROM t")
            places = ", ".join("?" * rows.num_columns)
            connection.executemany(
                f"INSERT INTO t VALUES ({places})",
                [tuple(stored(value) for value in row.values()) for row in rows.to_pylist()],
            )

    def keep(columns: dict[str, list[Any]]) -> bool:
        """SQLite makes NULL of NaN, 0.0 of -0.0, and a double of a decimal that looks like one."""
        numbers = columns.get("double", [])
        decimals = [value for value in columns.get("decimal(18,2)", []) if value is not None]
        return not any(is_nan(it) or str(it) == "-0.0" for it in numbers) and not any(
            abs(it) > 10**12 for it in decimals
        )

    with closing(connection):
        source = sqlite(partition_by={"main.t": "row"})
        agrees(names, store, served(source), ("main", "t"), keep=keep, examples=40)


@pytest.mark.parametrize("names", POSTGRES_KINDS, ids=" ".join)
def test_postgresql_filters_as_the_server_does(
    names: tuple[str, ...],
    postgresql: Callable[..., Source],
    postgres: str,
    schema: str,
    served: Served,
) -> None:
    with closing(psycopg2.connect(postgres)) as connection, connection.cursor() as cursor:
        types = ", ".join(f'"{name}" {POSTGRES_TYPES[name]}' for name in names)
        cursor.execute(f'CREATE TABLE {schema}.t ({types}, "row" integer)')
        connection.commit()

        def stored(value: Any) -> Any:
            if isinstance(value, datetime.date | datetime.time):
                # psycopg2 takes the greatest date for infinity
                return value.isoformat()
            # -0.0 as it is written in SQL is a numeric, which has no such zero
            return str(value) if isinstance(value, uuid.UUID | float) else value

        def store(rows: pa.Table) -> None:
            cursor.execute(f"TRUNCATE {schema}.t")
            for row in rows.to_pylist():
                places = ", ".join(["%s"] * len(row))
                cursor.execute(
                    f"INSERT INTO {schema}.t VALUES ({places})", tuple(stored(it) for it in row.values())
                )
            connection.commit()

        def keep(columns: dict[str, list[Any]]) -> bool:
            return not any("\0" in text for text in columns.get("varchar", []) if text is not None)

        source = postgresql(partition_by={f"{schema}.t": "row"})
        agrees(names, store, served(source), (schema, "t"), keep=keep, examples=25)
