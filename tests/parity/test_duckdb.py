"""The functions as DuckDB calls them: types that follow arguments, windows, cursors, threads, errors."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from decimal import Context, Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nostro.duckdb
from nostro.duckdb import kernels
from nostro.functions import (
    allocate,
    fifo_pnl,
    from_basis_points,
    fx_cross,
    round_money,
    to_basis_points,
    vwap,
)
from nostro.functions.bound import functions

VALID = "DE89370400440532013000"
Connection = duckdb.DuckDBPyConnection


def answers(connection: Connection, query: str, **tables: pa.Table) -> list[Any]:
    """The values of a query's only column."""
    for name, table in tables.items():
        connection.register(name, table)
    try:
        return [value for (value,) in connection.sql(query).fetchall()]
    finally:
        for name in tables:
            connection.unregister(name)


def columns(connection: Connection, expression: str, *given_columns: pa.Array) -> pa.ChunkedArray:
    """An expression of columns a0, a1 and so on."""
    names = [f"a{index}" for index in range(len(given_columns))]
    connection.register("given", pa.table(list(given_columns), names=names))
    try:
        return connection.sql(f"SELECT {expression} FROM given").to_arrow_table().column(0)
    finally:
        connection.unregister("given")


def test_every_function_is_there() -> None:
    with duckdb.connect() as connection:
        registered = nostro.duckdb.register(connection)
    assert registered.left_out == {}
    assert {*registered.scalars, *registered.aggregates} == functions().keys()
    assert set(registered.aggregates) == {it.name for it in functions().values() if it.kind == "aggregate"}


def test_java_is_not_started_by_registering() -> None:
    code = (
        "import jpype, nostro.duckdb; c = nostro.duckdb.connect(); assert not jpype.isJVMStarted();"
        "assert c.sql(\"SELECT luhn_is_valid('79927398713')\").fetchall() == [(True,)]"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


@st.composite
def decimals(draw: st.DrawFn, most_digits: int = 38, most_scale: int = 38) -> pa.Array:
    precision = draw(st.integers(1, most_digits))
    scale = draw(st.integers(0, min(precision, most_scale)))
    limit = 10**precision - 1
    numbers = st.one_of(st.none(), st.integers(-limit, limit), st.sampled_from([0, 1, -1, limit, -limit]))
    digits = draw(st.lists(numbers, min_size=1, max_size=8))
    values = [None if it is None else Decimal(it).scaleb(-scale, _EXACT) for it in digits]
    return pa.array(values, pa.decimal128(precision, scale))


_EXACT = Context(prec=100)


def same(
    connection: Connection, function: Callable[..., Any], expression: str, *given_columns: pa.Array
) -> None:
    """DuckDB gives what Python gives, of the same type."""
    expected = function(*given_columns, on_error="null")
    found = columns(connection, f"TRY({expression})", *given_columns)
    assert found.type == expected.type
    assert found.to_pylist() == expected.to_pylist()


@settings(max_examples=40)
@given(amounts=decimals())
def test_decimals_of_the_arguments_digits(duckdb_connection: Connection, amounts: pa.Array) -> None:
    currencies = pa.array((["EUR", "JPY", "TND", None, "XXQ"] * 2)[: len(amounts)])
    same(duckdb_connection, round_money, "round_money(a0, a1)", amounts, currencies)
    same(duckdb_connection, from_basis_points, "from_basis_points(a0)", amounts)
    same(duckdb_connection, to_basis_points, "to_basis_points(a0)", amounts)


@settings(max_examples=40)
@given(froms=decimals(30, 20), tos=decimals(30, 20))
def test_decimals_of_two_arguments_digits(
    duckdb_connection: Connection, froms: pa.Array, tos: pa.Array
) -> None:
    rows = min(len(froms), len(tos))
    same(duckdb_connection, fx_cross, "fx_cross(a0, a1)", froms[:rows], tos[:rows])


@settings(max_examples=40)
@given(amounts=decimals(), weights=st.lists(st.integers(1, 9), min_size=1, max_size=4))
def test_decimals_within_lists(duckdb_connection: Connection, amounts: pa.Array, weights: list[int]) -> None:
    lists = pa.array([weights] * len(amounts), pa.list_(pa.int64()))
    same(duckdb_connection, allocate, "allocate(a0, a1)", amounts, lists)


def test_a_double_stays_one(duckdb_connection: Connection) -> None:
    doubles = pa.array([12.5, -0.0, 1e300, 1e-320, None, 0.1])
    expected = from_basis_points(doubles)
    found = columns(duckdb_connection, "from_basis_points(a0)", doubles)
    assert found.type == pa.float64()
    assert str(found.to_pylist()) == str(expected.to_pylist())


def test_try_gives_null_for_just_the_bad_row(duckdb_connection: Connection) -> None:
    currencies = pa.array(["XXQ" if row in (0, 2047, 2048, 4999) else "EUR" for row in range(5000)])
    found = columns(duckdb_connection, "TRY(round_money(1.005, a0))", currencies)
    assert [row for row, value in enumerate(found.to_pylist()) if value is None] == [0, 2047, 2048, 4999]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT round_money(1.5, 'XXQ')", "INVALID_FUNCTION_ARGUMENT: round_money: not a currency: 'XXQ'"),
        (
            "SELECT round_money('a', 'EUR')",
            "Unexpected parameters .varchar, varchar. for function round_money",
        ),
        ("SELECT iban_is_valid(5)", "Unexpected parameters .integer. for function iban_is_valid"),
        ("SELECT iban_is_valid('a', 'b')", "iban_is_valid"),
        ("SELECT vwap('a', 'b')", "Unexpected parameters .varchar, varchar. for function vwap"),
        ("SELECT iban_is_valid(INTERVAL 1 DAY)", "month_day_nano_interval"),
    ],
)
def test_errors_say_what_is_accepted(duckdb_connection: Connection, query: str, message: str) -> None:
    with pytest.raises(duckdb.Error, match=message):
        duckdb_connection.sql(query).fetchall()


def test_arguments_may_be_nothing_null_or_of_other_types(duckdb_connection: Connection) -> None:
    queries = {
        "SELECT iban_is_valid(NULL)": [None],
        "SELECT round_money(NULL, 'EUR')": [None],
        f"SELECT iban_is_valid('{VALID}'::ENUM ('{VALID}', 'x'))": [True],
        "SELECT round_money(5, 'EUR')": [Decimal(5)],
        "SELECT round_money(12345678901234567890, 'EUR')": [Decimal(12345678901234567890)],
        "SELECT iban_is_valid(i) FROM (SELECT 'x' AS i) WHERE i = 'y'": [],
        "SELECT vwap(p, q) FROM (SELECT 1.5 AS p, 2.5 AS q) WHERE p = 0": [None],
        "SELECT vwap(NULL, q) FROM (SELECT 2.5 AS q)": [None],
        "SELECT allocate(10.00, [])": None,
        "SELECT uetr_is_valid(uuid())": [True],
    }
    for query, expected in queries.items():
        if expected is None:
            with pytest.raises(duckdb.Error, match="DIVISION_BY_ZERO"):
                answers(duckdb_connection, query)
        else:
            assert answers(duckdb_connection, query) == expected, query


def test_calls_in_calls_views_and_prepared_statements(duckdb_connection: Connection) -> None:
    nested = "round_money(fx_convert(round_money(1.23456, 'EUR'), 1.10, 'USD'), 'USD')"
    assert answers(duckdb_connection, f"SELECT {nested}") == [Decimal("1.35")]
    duckdb_connection.execute(
        "CREATE OR REPLACE TEMP VIEW rounded AS SELECT round_money(1.005, 'EUR') AS amount"
    )
    assert answers(duckdb_connection, "SELECT amount FROM rounded") == [Decimal("1.000")]
    prepared = duckdb_connection.execute("SELECT round_money(?, ?)", [Decimal("2.345"), "EUR"])
    assert prepared.fetchall() == [(Decimal("2.340"),)]
    named = "SELECT settlement_date(trade_date := DATE '2025-05-02', days := 2, calendar := 'EUTA')"
    assert answers(duckdb_connection, named) == [date(2025, 5, 6)]


TRADES = pa.table(
    {
        "book": ["a", "b", "a", "b", "a", None] * 700,
        "price": pa.array([Decimal(100 + n % 17) / 4 for n in range(4200)], pa.decimal128(9, 2)),
        "quantity": pa.array([Decimal(1 + n % 5) for n in range(4200)], pa.decimal128(12, 1)),
        "posted_at": pa.array([datetime(2025, 1, 1 + n % 28, n % 24) for n in range(4200)]),
        "number": range(4200),
    }
)


def test_groups(duckdb_connection: Connection) -> None:
    for key, keys in (("book", TRADES["book"]), ("number", TRADES["number"])):
        expected = vwap(TRADES["price"], TRADES["quantity"], group_by={key: keys})
        duckdb_connection.register("trades", TRADES)
        found = duckdb_connection.sql(
            f"SELECT {key}, vwap(price, quantity) AS vwap FROM trades GROUP BY {key} ORDER BY min(number)"
        ).to_arrow_table()
        duckdb_connection.unregister("trades")
        assert found.schema == expected.schema
        assert found.to_pylist() == expected.to_pylist()


def test_groups_of_more_rows_than_one_call_takes(
    duckdb_connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = fifo_pnl(TRADES["price"], TRADES["quantity"], TRADES["posted_at"], TRADES["number"]).as_py()
    monkeypatch.setattr(kernels, "ROWS_AT_A_TIME", 100)
    query = "SELECT fifo_pnl(price, quantity, posted_at, number) FROM trades"
    assert answers(duckdb_connection, query, trades=TRADES) == [expected]


@pytest.mark.parametrize(
    "frame",
    [
        "ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING",
        "ROWS UNBOUNDED PRECEDING",
        "ROWS BETWEEN 3 PRECEDING AND 2 PRECEDING",
    ],
)
def test_windows(duckdb_connection: Connection, frame: str) -> None:
    few = TRADES.slice(0, 60)
    bounds = {
        "ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING": (-2, 1),
        "ROWS UNBOUNDED PRECEDING": (-60, 0),
        "ROWS BETWEEN 3 PRECEDING AND 2 PRECEDING": (-3, -2),
    }[frame]
    # The name matters: with one DuckDB binds the macro of a window in another way.
    query = f"SELECT vwap(price, quantity) OVER (ORDER BY number {frame}) AS vwap FROM trades ORDER BY number"
    expected = []
    for row in range(60):
        first, last = max(0, row + bounds[0]), min(59, row + bounds[1])
        rows = few.slice(first, max(0, last + 1 - first))
        expected.append(vwap(rows["price"], rows["quantity"]).as_py())
    assert answers(duckdb_connection, query, trades=few) == expected
    partitioned = "SELECT DISTINCT vwap(price, quantity) OVER (PARTITION BY book) FROM trades"
    grouped = "SELECT vwap(price, quantity) FROM trades GROUP BY book"
    assert set(answers(duckdb_connection, partitioned, trades=few)) == set(
        answers(duckdb_connection, grouped, trades=few)
    )


def test_cursors_of_a_database_in_memory_have_the_functions() -> None:
    with nostro.duckdb.connect() as connection, connection.cursor() as cursor:
        assert answers(cursor, f"SELECT iban_is_valid('{VALID}')") == [True]
        assert nostro.duckdb.register(cursor) == nostro.duckdb.register(connection)
        assert answers(cursor, "SELECT round_money(1.005, 'EUR')") == [Decimal("1.000")]


def test_nothing_is_left_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "bank.duckdb"
    with nostro.duckdb.connect(str(file)) as connection:
        connection.execute(f"CREATE TABLE accounts AS SELECT '{VALID}' AS iban")
        assert answers(connection, "SELECT iban_is_valid(iban) FROM accounts") == [True]
        with connection.cursor() as cursor:
            nostro.duckdb.register(cursor)
            assert answers(cursor, "SELECT iban_is_valid(iban) FROM accounts") == [True]
    with duckdb.connect(str(file)) as connection:
        left = "SELECT function_name FROM duckdb_functions() WHERE function_name LIKE '%iban%'"
        assert answers(connection, left) == []
        assert answers(connection, "SELECT count(*) FROM accounts") == [1]


def test_many_threads_call_at_once() -> None:
    query = (
        f"SELECT count(*) FILTER (WHERE iban_is_valid(CASE WHEN n % 2 = 0 THEN '{VALID}' ELSE 'x' END))"
        " + sum(round_money(n + 0.005, 'EUR')) FROM range(20000) AS t(n)"
    )

    def run(connection: Connection) -> Sequence[Any]:
        return [answers(connection, query) for _ in range(3)]

    with nostro.duckdb.connect(config={"threads": 4}) as connection:
        expected = answers(connection, query)
        with ThreadPoolExecutor(8) as pool:
            results = list(pool.map(run, [connection.cursor() for _ in range(8)]))
    assert results == [[expected] * 3] * 8


def test_nothing_that_finds_types_is_left_in_the_plan(duckdb_connection: Connection) -> None:
    plan = duckdb_connection.sql(
        "EXPLAIN SELECT round_money(n, 'EUR') FROM (SELECT n::decimal(9, 3) AS n FROM range(3) t(n))"
    ).fetchall()[0][1]
    assert "nostro_round_money" in plan
    assert "type_of" not in plan
    assert "json_transform" not in plan
