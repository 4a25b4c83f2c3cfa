"""A bank of a few rows, written down by hand, in the files that the generator would write."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from nostro.demo.schema import TABLES
from nostro.demo.synthetic_bank import GENERATOR_VERSION, Manifest, SyntheticBank

BERLIN = ZoneInfo("Europe/Berlin")
VALID_IBAN = "DE89370400440532013000"
APPLE = "US0378331005"
SIEMENS = "DE0007236101"
TOYOTA = "JP3633400001"


def berlin(text: str) -> datetime:
    """A local time of the bank, such as `2025-05-02 17:59:59`, or an instant with its offset from UTC."""
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=BERLIN)


def write_bank(directory: Path, rows: dict[str, list[dict[str, Any]]]) -> SyntheticBank:
    """Write the given rows; columns that are left out are NULL, tables that are left out are empty."""
    assert rows.keys() <= {table.name for table in TABLES}
    for table in TABLES:
        content = pa.Table.from_pylist(rows.get(table.name, []), schema=table.arrow_schema())
        pq.write_table(content, directory / f"{table.name}.parquet")
    counts = {table.name: len(rows.get(table.name, [])) for table in TABLES}
    Manifest(GENERATOR_VERSION, 0, 1_000, counts, {}).write(directory)
    return SyntheticBank.open(directory)


def account(account_id: str, base_currency: str, opening_balance: str) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "account_name": "Hand Made",
        "base_currency": base_currency,
        "opening_balance": Decimal(opening_balance),
        "opened_on": date(2020, 1, 2),
    }


def transaction(
    transaction_id: int, transaction_type: str, amount: str, posted_at: str, **others: Any
) -> dict[str, Any]:
    """A transaction in euros of bank account 001-0000001 with a valid IBAN, unless said otherwise."""
    return {
        "transaction_id": transaction_id,
        "bank_account": "001-0000001",
        "transaction_type": transaction_type,
        "amount": Decimal(amount),
        "currency": "EUR",
        "counterparty_iban": VALID_IBAN,
        "booking_date": date(2025, 5, 2),
        "value_date": date(2025, 5, 2),
        "posted_at": berlin(posted_at),
        **others,
    }


def trade(
    trade_id: int, side: str, quantity: str, price: str, posted_at: str, **others: Any
) -> dict[str, Any]:
    """A trade of account A0000001 in Apple without fees, unless said otherwise."""
    return {
        "trade_id": trade_id,
        "account_id": "A0000001",
        "isin": APPLE,
        "side": side,
        "quantity": Decimal(quantity),
        "price": Decimal(price),
        "currency": "USD",
        "fees": Decimal("0.00"),
        "traded_at": berlin(posted_at),
        "posted_at": berlin(posted_at),
        **others,
    }


def instrument(isin: str, currency: str, calendar: str, settlement_days: int) -> dict[str, Any]:
    return {
        "isin": isin,
        "name": isin,
        "instrument_type": "equity",
        "currency": currency,
        "calendar": calendar,
        "settlement_days": settlement_days,
    }


def price(isin: str, price_date: date, close: str) -> dict[str, Any]:
    return {"isin": isin, "price_date": price_date, "close": Decimal(close)}


def rate(currency: str, rate_date: date, units_per_euro: str) -> dict[str, Any]:
    return {"currency": currency, "rate_date": rate_date, "rate": Decimal(units_per_euro)}
