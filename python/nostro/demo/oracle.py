"""Recomputes the bank's day from the generator's files, to check what the pipeline published.

Nothing of the pipeline is used: DuckDB reads the Parquet files, python-stdnum judges IBANs and ISINs,
QuantLib knows the calendars, and all money is whole cents in 128-bit integers, rounded by the rules here.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import duckdb
import pyarrow as pa
import QuantLib as ql
from stdnum import iban, isin

from nostro.demo.bank_calendar import PostingWindow
from nostro.demo.reconciliation import Comparison, TableComparison, compare
from nostro.demo.result_tables import (
    ACCOUNT_BALANCES,
    ACCOUNT_MARGIN_REQS,
    CASH_POSITION_OFFSETS,
    MONEY,
    REJECTS,
    RESULT_TABLES,
    ResultTable,
)
from nostro.demo.schema import TABLES
from nostro.demo.synthetic_bank import SyntheticBank

__all__ = [
    "CONTROL_TOTALS",
    "RESULT_TABLES",
    "Comparison",
    "OracleResult",
    "ResultTable",
    "TableComparison",
    "compare",
    "compute",
]

MEMORY_LIMIT = "6GB"
"""What DuckDB may hold in memory; it puts the rest into files."""

CREDIT_RATE = Decimal("0.015")
DEBIT_RATE = Decimal("0.0875")
DAYS_PER_YEAR = {"GBP": 365}
"""The denominator of a currency's day count convention where it is not 360."""

WITHOUT_MINOR_UNIT = frozenset(
    {
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    }
)
WITH_MORE_THAN_CENTS = frozenset({"BHD", "CLF", "IQD", "JOD", "KWD", "LYD", "OMR", "TND", "UYW"})
"""ISO 4217 currencies whose amounts do not fit in two decimals."""

WHOLE_NUMBER = pa.decimal128(38, 0)
"""How 128-bit integers reach DuckDB."""

CONTROL_TOTALS = pa.schema(
    [("step", pa.string()), ("currency", pa.string()), ("row_count", pa.int64()), ("amount", MONEY)]
)

_ROUNDING = """
CREATE MACRO half_even(n, d) AS sign(n) * (
    abs(n) // d + CASE
        WHEN 2 * (abs(n) % d) > d OR (2 * (abs(n) % d) = d AND (abs(n) // d) % 2 = 1) THEN 1 ELSE 0 END);
CREATE MACRO half_up(n, d) AS sign(n) * ((2 * abs(n) + d) // (2 * d));
CREATE MACRO convert_cents(cents, from_rate, to_rate, unit) AS
    half_up(cents * to_rate, from_rate * unit) * unit;
"""

_TRANSACTIONS = """
CREATE VIEW judged_transactions AS
SELECT
    'process_' || t.transaction_type || 's' AS step,
    t.transaction_type AS offset_type,
    CAST(t.transaction_id AS VARCHAR) AS source_id,
    t.bank_account AS account,
    m.account_id,
    t.currency,
    t.value_date,
    t.posted_at,
    t.posted_at >= (SELECT window_start FROM day) AS in_window,
    (CASE WHEN (t.transaction_type = 'deposit') = (t.reversal_of IS NULL) THEN 1 ELSE -1 END)
        * half_even(CAST(t.amount * 100 AS BIGINT), CAST(c.unit AS BIGINT)) * CAST(c.unit AS BIGINT) AS cents,
    CASE
        WHEN i.iban IS NOT NULL THEN 'invalid IBAN'
        WHEN m.account_id IS NULL THEN 'unmapped account'
        WHEN c.rated_from IS NULL OR t.posted_at < c.rated_from THEN 'missing rate'
    END AS reason
FROM transactions t
JOIN currencies c ON c.currency = t.currency
LEFT JOIN invalid_ibans i ON i.iban = t.counterparty_iban
LEFT JOIN (SELECT * FROM account_mapping SEMI JOIN account USING (account_id)) m USING (bank_account)
WHERE t.posted_at < (SELECT window_end FROM day)
"""

_TRADES = """
CREATE VIEW judged_trades AS
SELECT
    'net_trades' AS step,
    'trade' AS offset_type,
    CAST(t.trade_id AS VARCHAR) AS source_id,
    t.account_id AS account,
    t.account_id,
    t.isin,
    t.currency,
    v.value_date,
    t.posted_at,
    t.posted_at >= (SELECT window_start FROM day) AS in_window,
    CASE WHEN (t.side = 'buy') = (t.reversal_of IS NULL) THEN 1 ELSE -1 END
        * CAST(t.quantity * 10000 AS HUGEINT) AS signed_quantity,
    (CASE WHEN t.reversal_of IS NULL THEN 1 ELSE -1 END)
        * ((CASE t.side WHEN 'buy' THEN -1 ELSE 1 END)
            * half_even(
                CAST(t.quantity * 10000 AS HUGEINT) * CAST(t.price * 1000000 AS HUGEINT), 100000000 * c.unit)
            * c.unit
        - CAST(t.fees * 100 AS HUGEINT)) AS cents,
    CASE
        WHEN a.account_id IS NULL THEN 'unknown account'
        WHEN x.isin IS NOT NULL OR t.isin IS NULL THEN 'invalid ISIN'
        WHEN i.isin IS NULL THEN 'unknown instrument'
        WHEN c.rated_from IS NULL OR t.posted_at < c.rated_from THEN 'missing rate'
    END AS reason
FROM trades t
JOIN currencies c ON c.currency = t.currency
LEFT JOIN account a ON a.account_id = t.account_id
LEFT JOIN invalid_isins x ON x.isin = t.isin
LEFT JOIN instruments i ON i.isin = t.isin
LEFT JOIN settlements v
    ON v.trade_date = CAST(t.traded_at AT TIME ZONE 'Europe/Berlin' AS DATE)
    AND v.settlement_days = i.settlement_days AND v.calendar = i.calendar
WHERE t.posted_at < (SELECT window_end FROM day)
"""

_MOVEMENTS = """
CREATE TABLE movements AS
SELECT
    account_id, currency, offset_type, in_window,
    CASE WHEN in_window THEN value_date END AS value_date,
    sum(cents) AS cents, count(*) AS movement_count
FROM (
    SELECT account_id, currency, offset_type, in_window, value_date, cents
    FROM judged_transactions WHERE reason IS NULL
    UNION ALL
    SELECT account_id, currency, offset_type, in_window, value_date, cents
    FROM judged_trades WHERE reason IS NULL)
GROUP BY ALL
"""

_OFFSETS = """
SELECT
    (SELECT business_date FROM day) AS business_date,
    account_id, currency, offset_type, value_date,
    CAST(cents AS BIGINT) AS amount, movement_count
FROM movements
WHERE in_window
ORDER BY ALL
"""

_BALANCES = """
CREATE TABLE balances AS
WITH entries AS (
    SELECT account_id, base_currency AS currency, 'opening' AS kind,
        CAST(opening_balance * 100 AS HUGEINT) AS cents
    FROM account
    UNION ALL
    SELECT account_id, currency, CASE WHEN in_window THEN offset_type ELSE 'opening' END, cents
    FROM movements
),
sums AS (
    SELECT
        account_id,
        currency,
        coalesce(sum(cents) FILTER (kind = 'opening'), 0) AS opening_balance,
        coalesce(sum(cents) FILTER (kind = 'deposit'), 0) AS deposits,
        coalesce(sum(cents) FILTER (kind = 'withdrawal'), 0) AS withdrawals,
        coalesce(sum(cents) FILTER (kind = 'trade'), 0) AS trades,
        sum(cents) AS closing_balance
    FROM entries
    GROUP BY ALL
)
SELECT
    (SELECT business_date FROM day) AS business_date,
    account_id,
    s.currency,
    s.opening_balance, deposits, withdrawals, trades, closing_balance,
    a.base_currency,
    convert_cents(closing_balance, own.rate, base.rate, base.unit) AS closing_balance_base,
    half_even(
        closing_balance
            * CASE WHEN closing_balance < 0 THEN own.debit_numerator ELSE own.credit_numerator END,
        CASE WHEN closing_balance < 0 THEN own.debit_denominator ELSE own.credit_denominator END
    ) AS accrued_interest
FROM sums s
JOIN account a USING (account_id)
JOIN currencies own ON own.currency = s.currency
JOIN currencies base ON base.currency = a.base_currency
"""

_POSITIONS = """
CREATE TABLE positions AS
WITH held AS (
    SELECT account_id, isin, sum(signed_quantity) AS quantity
    FROM judged_trades
    WHERE reason IS NULL
    GROUP BY ALL
    HAVING sum(signed_quantity) <> 0
),
closes AS (
    SELECT isin, arg_max(close, price_date) AS close
    FROM prices
    WHERE price_date <= (SELECT business_date FROM day)
    GROUP BY isin
)
SELECT
    h.account_id,
    h.isin,
    i.currency,
    h.quantity,
    half_up(CAST(p.close * 1000000 AS HUGEINT) * usd.rate, c.rate) AS price
FROM held h
JOIN instruments i USING (isin)
LEFT JOIN closes p USING (isin)
LEFT JOIN currencies c ON c.currency = i.currency
LEFT JOIN currencies usd ON usd.currency = 'USD'
"""

_MARGIN = """
WITH requirements AS (
    SELECT
        account_id,
        CASE WHEN quantity > 0 THEN half_up(quantity * price, 100000000) ELSE 0 END AS long_value,
        CASE WHEN quantity < 0 THEN half_up(-quantity * price, 100000000) ELSE 0 END AS short_value,
        half_up(abs(quantity) * price, 200000000) AS initial,
        CASE
            WHEN price IS NULL THEN 0
            WHEN quantity > 0 THEN half_up(quantity * price, 400000000)
            WHEN price >= 5000000 THEN half_up(-quantity * greatest(price * 30, 500000000), 10000000000)
            ELSE half_up(-quantity * greatest(price * 100, 250000000), 10000000000)
        END AS maintenance
    FROM positions
),
sums AS (
    SELECT
        account_id,
        coalesce(sum(long_value), 0) AS long_value,
        coalesce(sum(short_value), 0) AS short_value,
        coalesce(sum(initial), 0) AS initial,
        coalesce(sum(maintenance), 0) AS maintenance
    FROM requirements
    GROUP BY account_id
),
cash AS (
    SELECT account_id, sum(closing_balance_base) AS cash_balance FROM balances GROUP BY account_id
),
converted AS (
    SELECT
        s.*,
        cash_balance,
        convert_cents(initial, usd.rate, base.rate, base.unit) AS requirement,
        convert_cents(long_value - short_value, usd.rate, base.rate, base.unit) AS market_value
    FROM sums s
    JOIN account a USING (account_id)
    JOIN cash USING (account_id)
    JOIN currencies base ON base.currency = a.base_currency
    JOIN currencies usd ON usd.currency = 'USD'
)
SELECT
    (SELECT business_date FROM day) AS business_date,
    account_id,
    CAST(long_value AS BIGINT) AS long_market_value_usd,
    CAST(short_value AS BIGINT) AS short_market_value_usd,
    CAST(initial AS BIGINT) AS initial_requirement_usd,
    CAST(maintenance AS BIGINT) AS maintenance_requirement_usd,
    CAST(requirement AS BIGINT) AS requirement_base,
    CAST(cash_balance AS BIGINT) AS cash_balance_base,
    CAST(cash_balance + market_value - requirement AS BIGINT) AS excess_base,
    cash_balance + market_value < requirement AS margin_call
FROM converted
ORDER BY account_id
"""

_REJECTS = """
SELECT
    (SELECT business_date FROM day) AS business_date,
    step, source, source_id, account, currency, CAST(cents AS BIGINT) AS amount, reason, posted_at
FROM (
    SELECT step, 'transactions' AS source, source_id, account, currency, cents, reason, posted_at
    FROM judged_transactions WHERE in_window AND reason IS NOT NULL
    UNION ALL
    SELECT step, 'trades', source_id, account, currency, cents, reason, posted_at
    FROM judged_trades WHERE in_window AND reason IS NOT NULL
    UNION ALL
    SELECT 'compute_margin_reqs', 'position', account_id || ':' || isin, account_id, currency, NULL,
        'missing price', NULL
    FROM positions WHERE price IS NULL)
ORDER BY source, source_id
"""

_CONTROL_TOTALS = """
SELECT step, currency, count(*) AS row_count, CAST(sum(cents) AS BIGINT) AS amount
FROM (
    SELECT step, currency, cents FROM judged_transactions WHERE in_window
    UNION ALL
    SELECT step, currency, cents FROM judged_trades WHERE in_window)
GROUP BY ALL
ORDER BY ALL
"""


@dataclass(frozen=True)
class OracleResult:
    """What the business date must have come to.

    `tables` holds each of `RESULT_TABLES` by its name, with the public columns in order, sorted by key.
    `control_totals` (schema `CONTROL_TOTALS`) is what the sources hold in the posting window: rows and signed
    sums in original currency, per step.
    """

    business_date: date
    tables: dict[str, pa.Table]
    control_totals: pa.Table


def compute(bank: SyntheticBank, business_date: date) -> OracleResult:
    """Recompute every result table of `business_date` from the bank's files.

    Raises ValueError for a business date on a weekend, and for a bank whose amounts the result tables
    cannot hold (a currency with more than two decimals).
    """
    window = PostingWindow.of(business_date)
    with _database() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for table in TABLES:
            path = str(bank.file(table)).replace("'", "''")
            connection.execute(f"CREATE VIEW {table.name} AS SELECT * FROM read_parquet('{path}')")
        connection.execute(_ROUNDING)
        connection.execute(
            "CREATE TABLE day AS SELECT CAST(? AS DATE) AS business_date, "
            "CAST(? AS TIMESTAMPTZ) AS window_start, CAST(? AS TIMESTAMPTZ) AS window_end",
            [business_date.isoformat(), window.start.isoformat(), window.end.isoformat()],
        )
        _create(connection, "invalid_ibans", _invalid_ibans(connection))
        _create(connection, "invalid_isins", _invalid_isins(connection))
        _create(connection, "settlements", _settlements(connection))
        _create(connection, "currencies", _currencies(connection, business_date))
        for statement in (_TRANSACTIONS, _TRADES, _MOVEMENTS, _BALANCES, _POSITIONS):
            connection.execute(statement)
        return OracleResult(
            business_date,
            {
                CASH_POSITION_OFFSETS.name: _fetch(connection, _OFFSETS, CASH_POSITION_OFFSETS.columns),
                REJECTS.name: _fetch(connection, _REJECTS, REJECTS.columns),
                ACCOUNT_BALANCES.name: _fetch(connection, _balances_query(), ACCOUNT_BALANCES.columns),
                ACCOUNT_MARGIN_REQS.name: _fetch(connection, _MARGIN, ACCOUNT_MARGIN_REQS.columns),
            },
            _fetch(connection, _CONTROL_TOTALS, CONTROL_TOTALS),
        )


@contextmanager
def _database() -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a database in a file: tens of millions of movements don't fit in memory beside a running Trino."""
    with (
        tempfile.TemporaryDirectory(prefix="nostro-oracle-") as directory,
        closing(duckdb.connect(Path(directory) / "oracle.duckdb")) as connection,
    ):
        connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
        connection.execute("SET preserve_insertion_order = false")
        # joins are written with the large side first; estimates would put all transactions into hash tables
        connection.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
        yield connection


def _balances_query() -> str:
    columns = (
        f"CAST({field.name} AS BIGINT) AS {field.name}" if field.type == MONEY else field.name
        for field in ACCOUNT_BALANCES.columns
    )
    return f"SELECT {', '.join(columns)} FROM balances ORDER BY account_id, currency"


def _create(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    connection.register("rows_to_create", rows)
    columns = (
        f"CAST({field.name} AS HUGEINT) AS {field.name}" if field.type == WHOLE_NUMBER else field.name
        for field in rows.schema
    )
    connection.execute(f"CREATE TABLE {name} AS SELECT {', '.join(columns)} FROM rows_to_create")
    connection.unregister("rows_to_create")


def _strings(connection: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    return [value for (value,) in connection.execute(query).fetchall()]


def _invalid_ibans(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    used = _strings(
        connection,
        "SELECT DISTINCT counterparty_iban FROM transactions "
        "WHERE counterparty_iban IS NOT NULL AND posted_at < (SELECT window_end FROM day)",
    )
    invalid = [text for text in used if not (text.isalnum() and iban.is_valid(text, check_country=False))]
    return pa.table({"iban": pa.array(invalid, type=pa.string())})


def _invalid_isins(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    used = _strings(connection, "SELECT DISTINCT isin FROM trades WHERE isin IS NOT NULL")
    return pa.table({"isin": pa.array((text for text in used if not isin.is_valid(text)), type=pa.string())})


def _settlements(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    combinations = connection.execute(
        "SELECT DISTINCT CAST(t.traded_at AT TIME ZONE 'Europe/Berlin' AS DATE), "
        "i.settlement_days, i.calendar FROM trades t JOIN instruments i USING (isin) "
        "WHERE t.posted_at < (SELECT window_end FROM day)"
    ).fetchall()
    return pa.table(
        {
            "trade_date": pa.array([trade_date for trade_date, _, _ in combinations], type=pa.date32()),
            "settlement_days": pa.array([days for _, days, _ in combinations], type=pa.int32()),
            "calendar": pa.array([calendar for _, _, calendar in combinations], type=pa.string()),
            "value_date": pa.array(
                [_add_business_days(*combination) for combination in combinations], type=pa.date32()
            ),
        }
    )


def _add_business_days(start: date, days: int, calendar: str) -> date:
    calendars: dict[str, ql.Calendar] = {
        "EUTA": ql.TARGET(),
        "GBLO": ql.UnitedKingdom(ql.UnitedKingdom.Settlement),
        "USNY": ql.UnitedStates(ql.UnitedStates.Settlement),
    }
    end = calendars[calendar].advance(ql.Date(start.day, start.month, start.year), days, ql.Days)
    return date(end.year(), end.month(), end.dayOfMonth())


def _currencies(connection: duckdb.DuckDBPyConnection, business_date: date) -> pa.Table:
    """Per currency: its minor unit in cents, its ECB rate in millionths, and its interest as a fraction.

    `rated_from` is when the posting window begins of the first business date with a rate.
    """
    used = _strings(
        connection,
        "SELECT currency FROM transactions UNION SELECT currency FROM trades UNION SELECT currency FROM "
        "instruments UNION SELECT base_currency FROM account UNION SELECT currency FROM fx_rates ORDER BY 1",
    )
    rates: dict[str, Decimal] = dict(
        connection.execute(
            "SELECT currency, arg_max(rate, rate_date) FROM fx_rates WHERE rate_date <= ? GROUP BY 1",
            [business_date],
        ).fetchall()
    )
    first_rates: dict[str, date] = dict(
        connection.execute("SELECT currency, min(rate_date) FROM fx_rates GROUP BY 1").fetchall()
    )
    if too_fine := WITH_MORE_THAN_CENTS.intersection(used):
        raise ValueError(f"amounts in {', '.join(sorted(too_fine))} do not fit in two decimals")
    days = (_add_business_days(business_date, 1, "EUTA") - business_date).days
    rows = []
    for currency in used:
        fraction = Fraction(days, DAYS_PER_YEAR.get(currency, 360))
        credit_numerator, credit_denominator = _ratio(Fraction(CREDIT_RATE) * fraction)
        debit_numerator, debit_denominator = _ratio(Fraction(DEBIT_RATE) * fraction)
        first = first_rates.get(currency)
        rows.append(
            {
                "currency": currency,
                "unit": Decimal(100 if currency in WITHOUT_MINOR_UNIT else 1),
                "rate": rates[currency] * 1_000_000 if currency in rates else None,
                "rated_from": None if first is None else PostingWindow.of(_weekday_from(first)).start,
                "credit_numerator": credit_numerator,
                "credit_denominator": credit_denominator,
                "debit_numerator": debit_numerator,
                "debit_denominator": debit_denominator,
            }
        )
    schema = pa.schema(
        [
            ("currency", pa.string()),
            ("unit", WHOLE_NUMBER),
            ("rate", WHOLE_NUMBER),
            ("rated_from", pa.timestamp("us", tz="UTC")),
            ("credit_numerator", WHOLE_NUMBER),
            ("credit_denominator", WHOLE_NUMBER),
            ("debit_numerator", WHOLE_NUMBER),
            ("debit_denominator", WHOLE_NUMBER),
        ]
    )
    return pa.Table.from_pylist(rows, schema=schema)


def _weekday_from(day: date) -> date:
    return day + timedelta({5: 2, 6: 1}.get(day.weekday(), 0))


def _ratio(number: Fraction) -> tuple[Decimal, Decimal]:
    return Decimal(number.numerator), Decimal(number.denominator)


def _fetch(connection: duckdb.DuckDBPyConnection, query: str, schema: pa.Schema) -> pa.Table:
    """Run a query whose amounts are cents, and give them as decimals."""
    rows: pa.Table = connection.sql(query).to_arrow_table()
    columns = []
    for field in schema:
        column = rows[field.name]
        chunks = [_cents_as_decimals(chunk) if field.type == MONEY else chunk for chunk in column.chunks]
        columns.append(pa.chunked_array(chunks, type=MONEY if field.type == MONEY else column.type))
    return pa.table(columns, names=schema.names).cast(schema)


def _cents_as_decimals(cents: pa.Array) -> pa.Array:
    whole = cents.cast(WHOLE_NUMBER)
    return pa.Array.from_buffers(MONEY, len(whole), whole.buffers(), offset=whole.offset)
