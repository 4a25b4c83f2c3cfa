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


ODD_TABLE = r"""
CREATE TABLE public.odd AS
SELECT * FROM (VALUES
    (1, 'p', 1.5::double, 0.1::real, 9223372036854775807::bigint, 1::integer, 0.01::decimal(9, 2),
        1.2345::decimal(10, 4), 'a', 'a', true, DATE '2025-01-01', TIMESTAMPTZ '2025-05-02 18:00:00+02',
        TIME '12:00:00', '6f1b3a52-9a3e-4c61-8a5e-0d6f9c2b7e11'::uuid, '\x00'::blob, 'null'::json,
        3::utinyint),
    (2, 'p', 'nan', 'nan', -5, -1, 0.02, -1.2345, 'A', 'a', false, DATE '2025-01-02',
        TIMESTAMPTZ '2025-05-02 18:00:00+00', TIME '00:00:00', 'ff1b3a52-9a3e-4c61-8a5e-0d6f9c2b7e11',
        '\xFF', '1', 255),
    (3, 'q', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (4, 'q', 'infinity', 3e38, -9223372036854775808, 2147483647, -0.01, 999999.9999, 'é', 'E', true,
        DATE '1969-12-31', TIMESTAMPTZ '1969-12-31 23:59:59.999999+00', TIME '23:59:59.999999',
        '00000000-0000-0000-0000-000000000000', '', '{}', 0),
    (5, 'q', '-infinity', 3e38, 1, -2147483648, -0.02, 0, 'e' || chr(769), 'é', NULL, DATE '0001-01-01',
        TIMESTAMPTZ '0001-01-01 00:00:00+00', TIME '06:00:00', '80000000-0000-0000-0000-000000000000',
        '\x00\x00', '[]', 1),
    (6, NULL, '-0.0', '-0.0', 0, 0, 9999999.99, 0.0001, '', 'a_b', false, DATE '9999-12-31',
        TIMESTAMPTZ '2025-05-02 18:00:00.000001+00', TIME '12:00:00.000001', NULL, '\x80', NULL, NULL),
    (7, NULL, 0.0, 0.0, 1, 7, -9999999.99, -999999.9999, 'a_b', 'a\b', NULL, NULL, NULL, NULL, NULL, '\x7F',
        NULL, 7),
    (8, 'p', 1.7976931348623157e308, '-infinity', -2, 7, 0.00, 5.0000, chr(128182), chr(65533), true, NULL,
        NULL, NULL, NULL, NULL, NULL, 8),
    (9, 'r', 1.7976931348623157e308, 1e-45, -9, 7, NULL, NULL, 'a', 'aé%', false, NULL, NULL, NULL, NULL,
        NULL, NULL, 9),
    (10, 'r', 'nan', 'nan', NULL, NULL, 1.00, 1.0000, 'aé%', 'A', NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        NULL)
) AS rows (id, g, d, r, n, i, p, w, t, x, flag, day, ts, tod, uid, bin, j, s)
"""
"""Values at which DuckDB's own meaning is not Trino's."""


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
            connection.execute(ODD_TABLE)
            connection.execute("CREATE TABLE public.odd_collated (id integer, t varchar COLLATE NOCASE)")
            connection.execute("INSERT INTO public.odd_collated SELECT id, t FROM public.odd")
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
