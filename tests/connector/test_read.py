"""The connector against the running ledger: types, what reaches the source, and a source that dies."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
import trino.dbapi
import trino.exceptions
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_requests import Requests

from nostro.stack import Stack

Query = Callable[[str], list[list[Any]]]

FIRST_ROW = {
    "a_boolean": "true",
    "a_tinyint": "TINYINT '1'",
    "a_smallint": "SMALLINT '-2'",
    "an_integer": "3",
    "a_bigint": "BIGINT '-4'",
    "a_real": "REAL '1.5'",
    "a_double": "-2.25e0",
    "a_short_decimal": "CAST(12.34 AS decimal(9, 2))",
    "a_long_decimal": "CAST(DECIMAL '-12345678901234567890.123456' AS decimal(38, 6))",
    "a_varchar": "'Zürich 💶'",
    "a_varbinary": "X'00FF'",
    "a_date": "DATE '2025-05-02'",
    "a_time": "TIME '18:00:00.123456'",
    "a_timestamp": "TIMESTAMP '2025-05-02 18:00:00.123456'",
    "a_timestamp_tz": "TIMESTAMP '2025-05-02 16:00:00.123456 UTC'",
    "a_uuid": "UUID '6f1b3a52-9a3e-4c61-8a5e-0d6f9c2b7e11'",
    "a_json": """JSON '{"a":[1,null]}'""",
    "an_array": "ARRAY[1, NULL, 3]",
    "a_map": "MAP(ARRAY['x', 'y'], ARRAY[1, NULL])",
    "a_row": "CAST(ROW(7, ARRAY['a', NULL]) AS row(id integer, tags array(varchar)))",
    "a_timestamp_s": "TIMESTAMP '2025-05-02 18:00:00'",
    "a_timestamp_ms": "TIMESTAMP '2025-05-02 18:00:00.123'",
    "a_timestamp_ns": "TIMESTAMP '2025-05-02 18:00:00.123456789'",
}

LAST_ROW = {
    "a_boolean": "false",
    "a_tinyint": "TINYINT '-128'",
    "a_smallint": "SMALLINT '32767'",
    "an_integer": "INTEGER '-2147483648'",
    "a_bigint": "BIGINT '9223372036854775807'",
    "a_real": "CAST(infinity() AS real)",
    "a_double": "nan()",
    "a_short_decimal": "CAST(DECIMAL '-9999999.99' AS decimal(9, 2))",
    "a_long_decimal": "CAST(DECIMAL '99999999999999999999999999999999.999999' AS decimal(38, 6))",
    "a_varchar": "''",
    "a_varbinary": "X''",
    "a_date": "DATE '0001-01-01'",
    "a_time": "TIME '00:00:00'",
    "a_timestamp": "TIMESTAMP '1969-12-31 23:59:59.999999'",
    "a_timestamp_tz": "TIMESTAMP '1969-12-31 23:59:59.999999 UTC'",
    "a_uuid": "UUID '00000000-0000-0000-0000-000000000000'",
    "a_json": "JSON 'null'",
    "an_array": "CAST(ARRAY[] AS array(integer))",
    "a_map": "CAST(MAP() AS map(varchar, integer))",
    "a_row": "CAST(ROW(NULL, ARRAY[]) AS row(id integer, tags array(varchar)))",
    "a_timestamp_s": "TIMESTAMP '1900-01-01 00:00:00'",
    "a_timestamp_ms": "TIMESTAMP '2999-12-31 23:59:59.999'",
    "a_timestamp_ns": "TIMESTAMP '1970-01-01 00:00:00.000000001'",
}


@pytest.mark.parametrize(("row", "literals"), [(1, FIRST_ROW), (3, LAST_ROW)])
def test_every_type_arrives_as_it_is(query: Query, row: int, literals: dict[str, str]) -> None:
    comparisons = ", ".join(f"{column} IS NOT DISTINCT FROM {text}" for column, text in literals.items())
    [same] = query(f"SELECT {comparisons} FROM trading_db.public.every_type WHERE id = {row}")
    different = [column for column, is_same in zip(literals, same, strict=True) if not is_same]
    if "a_double" in different and row == 3:
        [[is_nan]] = query("SELECT is_nan(a_double) FROM trading_db.public.every_type WHERE id = 3")
        assert is_nan
        different.remove("a_double")
    assert different == []


def test_null_of_every_type(query: Query) -> None:
    nulls = ", ".join(f"{column} IS NULL" for column in FIRST_ROW)
    assert query(f"SELECT {nulls} FROM trading_db.public.every_type WHERE id = 2") == [
        [True] * len(FIRST_ROW)
    ]


@pytest.mark.parametrize("column", sorted(set(FIRST_ROW) - {"an_array", "a_map", "a_row", "a_json"}))
def test_equality_on_every_type_finds_its_row(query: Query, column: str) -> None:
    found = query(f"SELECT id FROM trading_db.public.every_type WHERE {column} = {FIRST_ROW[column]}")
    assert found == [[1]]


def test_only_needed_columns_reach_the_source(query: Query, requests: Requests) -> None:
    query("SELECT approx_percentile(price, 0.5) FROM trading_db.public.trades")
    assert {tuple(stream["columns"]) for stream in requests.streams("trades")} == {("price",)}


def test_count_asks_for_no_column(query: Query, requests: Requests) -> None:
    query("SET SESSION trading_db.aggregation_pushdown_enabled = false")
    try:
        [[count]] = query("SELECT count(*) FROM trading_db.public.trades")
    finally:
        query("RESET SESSION trading_db.aggregation_pushdown_enabled")
    streams = requests.streams("trades")
    assert {tuple(stream["columns"]) for stream in streams} == {()}
    assert sum(stream["rows"] for stream in streams) == count > 0


def test_predicate_is_applied_by_the_source(query: Query, requests: Requests) -> None:
    rows = query("SELECT trade_id FROM trading_db.public.trades WHERE currency = 'GBP' AND quantity > 100")
    streams = requests.streams("trades")
    assert sum(stream["rows"] for stream in streams) == len(rows) > 0
    filtered = {column["column"] for column in streams[0]["predicate"]["columns"]}
    assert filtered == {"currency", "quantity"}
    assert {tuple(stream["columns"]) for stream in streams} == {("trade_id",)}


def test_limit_reaches_the_source(query: Query, requests: Requests) -> None:
    assert len(query("SELECT trade_id FROM trading_db.public.trades LIMIT 7")) == 7
    streams = requests.streams("trades")
    assert {stream["limit"] for stream in streams} == {7}
    assert all(stream["rows"] <= 7 for stream in streams)


COLUMNS = {
    "trade_id": st.integers(-1, 5000).map(str),
    "account_id": st.sampled_from(["A0000001", "A0000002", "B0000100", "", "Z", "a"]).map(
        lambda text: f"'{text}'"
    ),
    "side": st.sampled_from(["'buy'", "'sell'", "'BUY'"]),
    "quantity": st.decimals(-10, 5000, places=4).map(lambda value: f"DECIMAL '{value}'"),
    "fees": st.sampled_from([Decimal("0.00"), Decimal("9.90"), Decimal("-1")]).map(
        lambda v: f"DECIMAL '{v}'"
    ),
    "posted_at": st.datetimes(datetime(2025, 4, 11), datetime(2025, 5, 6)).map(
        lambda value: f"TIMESTAMP '{value:%Y-%m-%d %H:%M:%S.%f} UTC'"
    ),
    "reversal_of": st.integers(1, 4000).map(str),
}


@st.composite
def conditions(draw: st.DrawFn) -> str:
    column = draw(st.sampled_from(sorted(COLUMNS)))
    values = COLUMNS[column]
    form = draw(
        st.sampled_from(
            [
                "{c} {o} {a}",
                "{c} IN ({a}, {b})",
                "{c} BETWEEN {a} AND {b}",
                "{c} IS NULL",
                "{c} IS NOT NULL",
                "{c} NOT IN ({a}, {b})",
                "({c} < {a} OR {c} IS NULL)",
            ]
        )
    )
    operator = draw(st.sampled_from(["=", "<>", "<", "<=", ">", ">="]))
    return form.format(c=column, o=operator, a=draw(values), b=draw(values))


@settings(max_examples=40)
@given(where=st.lists(conditions(), min_size=1, max_size=3).map(" AND ".join))
def test_pushed_down_predicates_select_what_trino_selects(query: Query, where: str) -> None:
    answer = (
        f"SELECT count(*), sum(trade_id), checksum(account_id) FROM trading_db.public.trades WHERE {where}"
    )
    pushed_down = query(answer)
    query("SET SESSION trading_db.predicate_pushdown_enabled = false")
    try:
        assert query(answer) == pushed_down
    finally:
        query("RESET SESSION trading_db.predicate_pushdown_enabled")


def test_missing_table_is_named(query: Query) -> None:
    with pytest.raises(trino.exceptions.TrinoUserError, match=r"trading_db\.public\.nothing"):
        query("SELECT * FROM trading_db.public.nothing")


def test_source_that_is_down_is_named_and_a_restart_mends_it(ledger: Stack, query: Query) -> None:
    [[before]] = query("SELECT count(*) FROM trading_db.public.account")
    ledger.ledger.stop()
    try:
        with pytest.raises(trino.exceptions.TrinoQueryError) as error:
            query("SELECT count(*) FROM trading_db.public.account")
        assert ledger.ledger_location().removeprefix("grpc://") in error.value.message
        assert str(error.value.error_name).startswith("ARROW_FLIGHT")
    finally:
        ledger.up()
    assert query("SELECT count(*) FROM trading_db.public.account") == [[before]]


def test_source_killed_while_it_streams_is_named_and_a_restart_mends_it(
    ledger: Stack, query: Query, requests: Requests, trino_connection: trino.dbapi.Connection
) -> None:
    cursor = trino_connection.cursor()
    errors: list[trino.exceptions.TrinoQueryError] = []

    def read() -> None:
        try:
            cursor.execute(
                "SELECT count(*) FROM trading_db.public.many WHERE to_hex(sha256(to_utf8(text))) LIKE '%Z%Y%'"
            ).fetchall()
        except trino.exceptions.TrinoQueryError as error:
            errors.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    while reader.is_alive() and not requests.planned("many"):
        time.sleep(0.01)
    time.sleep(0.3)
    pid = ledger.ledger.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    reader.join()
    try:
        assert len(errors) == 1
        assert "public.many" in errors[0].message
        assert ledger.ledger_location().removeprefix("grpc://") in errors[0].message
        assert str(errors[0].error_name).startswith("ARROW_FLIGHT")
    finally:
        ledger.up()
    assert query("SELECT count(*) > 0 FROM trading_db.public.trades") == [[True]]
