"""When the synthetic bank works: its time zone, cut-off, business dates and the holidays of its markets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

BANK_TIME_ZONE = ZoneInfo("Europe/Berlin")
CUT_OFF = time(18, 0)
HOME_CALENDAR = "EUTA"

OPENING_DATE = date(2025, 4, 11)
"""Opening balances hold at the cut-off of this date; the first business date is the weekday after it."""

DEMO_BUSINESS_DATE = date(2025, 5, 2)
"""The newest business date that the synthetic period covers as a whole."""

FIRST_PRICE_DATE = date(2025, 3, 31)
"""Prices and rates begin before the opening, so that the first days have a last close and a last rate."""

HOLIDAYS: dict[str, frozenset[date]] = {
    "EUTA": frozenset({date(2025, 4, 18), date(2025, 4, 21), date(2025, 5, 1)}),
    "GBLO": frozenset({date(2025, 4, 18), date(2025, 4, 21), date(2025, 5, 5)}),
    "USNY": frozenset(),
}
"""Weekdays of the synthetic period on which each calendar is closed, by Strata's calendar names."""

EXCHANGE_HOLIDAYS: dict[str, frozenset[date]] = {**HOLIDAYS, "USNY": frozenset({date(2025, 4, 18)})}
"""As `HOLIDAYS`, for trading: New York's exchanges close on Good Friday, its banks do not."""


def weekdays(first: date, last: date) -> list[date]:
    """Every Monday to Friday from `first` to `last`, both included."""
    days = (first + timedelta(offset) for offset in range((last - first).days + 1))
    return [day for day in days if day.weekday() < 5]


def previous_weekday(day: date) -> date:
    return day - timedelta({0: 3, 6: 2}.get(day.weekday(), 1))


def next_weekday(day: date) -> date:
    return day + timedelta({4: 3, 5: 2}.get(day.weekday(), 1))


def cut_off(business_date: date) -> datetime:
    """The instant that ends a business date's posting window, in the bank's time zone."""
    return datetime.combine(business_date, CUT_OFF, BANK_TIME_ZONE)


@dataclass(frozen=True)
class PostingWindow:
    """The posting window of a business date: `start` belongs to it, `end` does not."""

    business_date: date
    start: datetime
    end: datetime

    @classmethod
    def of(cls, business_date: date) -> PostingWindow:
        """Raises ValueError for a Saturday or Sunday: batches run from Monday to Friday."""
        if business_date.weekday() >= 5:
            raise ValueError(f"{business_date} is a {business_date:%A}: business dates are Monday to Friday")
        return cls(business_date, cut_off(previous_weekday(business_date)), cut_off(business_date))
