"""A ledger whose file also holds a table of every type that DuckDB and Arrow share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
import trino.dbapi
from ledger_requests import Requests

from nostro.demo.generator import SyntheticBank
from nostro.demo.load import build_ledger
from nostro.stack import Stack

TYPES_TABLE = """
CREATE TABLE public.every_type AS
SELECT * FROM (VALUES
    (1, true, 1::tinyint, -2::smallint, 3::integer, -4::bigint, 1.5::real, -2.25::double,
        12.34::decimal(9, 2), -12345678901234567890.123456::decimal(38, 6), 'Zürich 💶', '\\x00\\xFF'::blob,
        DATE '2025-05-02', TIME '18:00:00.123456', TIMESTAMP '2025-05-02 18:00:00.123456',
        TIMESTAMPTZ '2025-05-02 18:00:00.123456+02', '6f1b3a52-9a3e-4c61-8a5e-0d6f9c2b7e11'::uuid,
        '{"a":[1,null]}'::json, [1, NULL, 3], MAP {'x': 1, 'y': NULL}, {'id': 7, 'tags': ['a', NULL]},
        TIMESTAMP_S '2025-05-02 18:00:00', TIMESTAMP_MS '2025-05-02 18:00:00.123',
        TIMESTAMP_NS '2025-05-02 18:00:00.123456789'),
    (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        NULL, NULL, NULL, NULL, NULL, NULL),
    (3, false, -128, 32767, -2147483648, 9223372036854775807, 'infinity'::real, 'nan'::double,
        -9999999.99, 99999999999999999999999999999999.999999, '', ''::blob,
        DATE '0001-01-01', TIME '00:00:00', TIMESTAMP '1969-12-31 23:59:59.999999',
        TIMESTAMPTZ '1969-12-31 23:59:59.999999+00', '00000000-0000-0000-0000-000000000000', 'null'::json,
        []::integer[], MAP {}::map(varchar, integer), {'id': NULL, 'tags': []},
        TIMESTAMP_S '1900-01-01 00:00:00', TIMESTAMP_MS '2999-12-31 23:59:59.999',
        TIMESTAMP_NS '1970-01-01 00:00:00.000000001')
) AS rows (id, a_boolean, a_tinyint, a_smallint, an_integer, a_bigint, a_real, a_double, a_short_decimal,
    a_long_decimal, a_varchar, a_varbinary, a_date, a_time, a_timestamp, a_timestamp_tz, a_uuid, a_json,
    an_array, a_map, a_row, a_timestamp_s, a_timestamp_ms, a_timestamp_ns)
"""


MANY_ROWS = 20_000_000
"""So many that a scan of them lasts a while."""


@pytest.fixture(scope="session")
def ledger(stack: Stack, bank: SyntheticBank) -> Stack:
    """The stack, its ledger with the bank's tables and `public.every_type`."""

    def build(path: Path) -> None:
        build_ledger(bank, path)
        with duckdb.connect(str(path)) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute(TYPES_TABLE)
            connection.execute(
                "CREATE TABLE public.many AS SELECT i AS id, 'text ' || i AS text "
                f"FROM range({MANY_ROWS}) AS numbers (i)"
            )

    stack.ledger.replace_database(build)
    return stack


@pytest.fixture
def requests(ledger: Stack) -> Requests:
    return Requests(ledger.ledger_request_log, ledger.ledger_request_log.stat().st_size)


@pytest.fixture(scope="session")
def query(ledger: Stack, trino_connection: trino.dbapi.Connection) -> Callable[[str], list[list[Any]]]:
    """Runs a statement in Trino and returns its rows."""

    def run(sql: str) -> list[list[Any]]:
        rows: list[list[Any]] = trino_connection.cursor().execute(sql).fetchall()
        return rows

    return run
