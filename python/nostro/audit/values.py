"""Values on their way to and from Trino, whose protocol gives decimals, dates and times as exact text."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

BANK_TIME_ZONE = ZoneInfo("Europe/Berlin")
NO_MONEY = Decimal("0.00")


def literal(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def literals(texts: Iterable[str]) -> str:
    """Return texts for `IN (…)`; without any, what no row equals."""
    return ", ".join(literal(text) for text in texts) or "NULL"


def in_utc(column: str) -> str:
    """Return the select item of an instant for `instant` to read."""
    return f"CAST({column} AT TIME ZONE 'UTC' AS timestamp(6))"


def instant(text: str) -> datetime:
    """Return the instant that a select item of `in_utc` gave."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def timestamp_literal(value: datetime) -> str:
    """Return an instant as an SQL literal."""
    return f"TIMESTAMP '{value.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f} UTC'"


def in_bank_time(value: datetime) -> str:
    """Return an instant for people, to the second, in the bank's time zone."""
    return f"{value.astimezone(BANK_TIME_ZONE):%Y-%m-%d %H:%M:%S}"
