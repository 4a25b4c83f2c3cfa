"""The synthetic period's days against the calendars of QuantLib and of exchange_calendars."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise

import exchange_calendars
import pytest
import QuantLib as ql

from nostro.demo.bank_calendar import (
    DEMO_BUSINESS_DATE,
    EXCHANGE_HOLIDAYS,
    FIRST_PRICE_DATE,
    HOLIDAYS,
    PostingWindow,
    next_weekday,
    previous_weekday,
    weekdays,
)

PERIOD = weekdays(FIRST_PRICE_DATE, date(2025, 5, 16))


@pytest.mark.parametrize(
    ("calendar", "peer"),
    [
        ("EUTA", ql.TARGET()),
        ("GBLO", ql.UnitedKingdom(ql.UnitedKingdom.Settlement)),
        ("USNY", ql.UnitedStates(ql.UnitedStates.Settlement)),
    ],
)
def test_holidays_are_those_of_quantlib(calendar: str, peer: ql.Calendar) -> None:
    closed = {day for day in PERIOD if peer.isHoliday(ql.Date(day.day, day.month, day.year))}
    assert closed == HOLIDAYS[calendar]


@pytest.mark.parametrize(("calendar", "exchange"), [("EUTA", "XETR"), ("GBLO", "XLON"), ("USNY", "XNYS")])
def test_exchanges_trade_when_they_do(calendar: str, exchange: str) -> None:
    sessions = exchange_calendars.get_calendar(exchange).sessions_in_range(
        FIRST_PRICE_DATE, DEMO_BUSINESS_DATE
    )
    open_days = set(weekdays(FIRST_PRICE_DATE, DEMO_BUSINESS_DATE)) - EXCHANGE_HOLIDAYS[calendar]
    assert open_days == {session.date() for session in sessions}


def test_window_of_a_monday_begins_on_friday() -> None:
    window = PostingWindow.of(date(2025, 3, 31))
    assert window.start == datetime(2025, 3, 28, 17, tzinfo=UTC)
    assert window.end == datetime(2025, 3, 31, 16, tzinfo=UTC)


def test_windows_follow_one_another_without_a_gap() -> None:
    windows = [PostingWindow.of(day) for day in weekdays(date(2025, 1, 1), date(2025, 12, 31))]
    assert all(before.end == after.start for before, after in pairwise(windows))


def test_weekdays_are_neighbours() -> None:
    days = weekdays(date(2025, 1, 1), date(2025, 12, 31))
    assert [next_weekday(day) for day in days[:-1]] == days[1:]
    assert [previous_weekday(day) for day in days[1:]] == days[:-1]
    assert previous_weekday(date(2025, 5, 4)) == date(2025, 5, 2)
    assert next_weekday(date(2025, 5, 3)) == date(2025, 5, 5)
