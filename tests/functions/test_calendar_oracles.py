"""The calendars' functions on the real server against QuantLib: random inputs, many in one query.

QuantLib's and Strata's rules for one calendar differ in places (one-off closures, the far past); what is
compared is TARGET's, which both have from the European Central Bank, and what needs no calendar.
"""

from __future__ import annotations

import datetime
import random

import QuantLib
import trino.dbapi
from hypothesis import given
from test_oracles import Server, examples, random_date, seeds

CONVENTIONS = {
    "Following": QuantLib.Following,
    "ModifiedFollowing": QuantLib.ModifiedFollowing,
    "Preceding": QuantLib.Preceding,
    "ModifiedPreceding": QuantLib.ModifiedPreceding,
}
PERIODS = {"1M": 1, "3M": 3, "6M": 6, "1Y": 12}


def quantlib(date: datetime.date) -> QuantLib.Date:
    return QuantLib.Date(date.day, date.month, date.year)


@examples
@given(seed=seeds)
def test_business_days_against_quantlib(trino_connection: trino.dbapi.Connection, seed: int) -> None:
    generator = random.Random(seed)
    target = QuantLib.TARGET()
    cases = []
    for _ in range(2_500):
        start = random_date(generator)
        end = start + datetime.timedelta(days=generator.randrange(800))
        cases.append((start, end, generator.randrange(10), generator.choice(list(CONVENTIONS))))
    columns = {"s": "date", "e": "date", "n": "bigint", "convention": "varchar"}
    server = Server(trino_connection)
    between = server.evaluate("business_days_between(s, e, 'EUTA')", columns, cases)
    adjusted = server.evaluate("adjust_business_day(s, convention, 'EUTA')", columns, cases)
    settled = server.evaluate("settlement_date(s, n, 'EUTA')", columns, cases)
    next_imm = server.evaluate("next_imm_date(s)", columns, cases)
    is_imm = server.evaluate("is_imm_date(s)", columns, cases)
    for number, (start, end, days, convention) in enumerate(cases):
        date = quantlib(start)
        assert between[number] == target.businessDaysBetween(date, quantlib(end)), (start, end)
        assert adjusted[number] == target.adjust(date, CONVENTIONS[convention]).to_date(), (start, convention)
        expected = target.advance(target.adjust(date), days, QuantLib.Days)
        assert settled[number] == expected.to_date(), (start, days)
        assert next_imm[number] == QuantLib.IMM.nextDate(date).to_date(), start
        assert is_imm[number] == QuantLib.IMM.isIMMdate(date), start


def test_holidays_against_quantlib(trino_connection: trino.dbapi.Connection) -> None:
    years = list(range(2002, 2090))
    actual = Server(trino_connection).evaluate(
        "array_join(holidays('EUTA', y), ',')", {"y": "bigint"}, [[year] for year in years]
    )
    for year, holidays in zip(years, actual, strict=True):
        expected = QuantLib.TARGET().holidayList(
            QuantLib.Date(1, 1, year), QuantLib.Date(31, 12, year), False
        )
        assert holidays == ",".join(str(date.to_date()) for date in expected)


@examples
@given(seed=seeds)
def test_schedules_against_quantlib(trino_connection: trino.dbapi.Connection, seed: int) -> None:
    generator = random.Random(seed)
    cases = []
    for _ in range(1_000):
        start = random_date(generator)
        # QuantLib rolls from the last day of a short month otherwise
        end = (start + datetime.timedelta(days=generator.randrange(40, 2_000))).replace(
            day=generator.randrange(1, 29)
        )
        if end > start + datetime.timedelta(days=31):
            cases.append((start, end, generator.choice(list(PERIODS))))
    actual = Server(trino_connection).evaluate(
        "array_join(schedule_dates(s, e, f, 'ModifiedFollowing', 'EUTA'), ',')",
        {"s": "date", "e": "date", "f": "varchar"},
        cases,
    )
    for (start, end, frequency), dates in zip(cases, actual, strict=True):
        schedule = QuantLib.Schedule(
            quantlib(start),
            quantlib(end),
            QuantLib.Period(PERIODS[frequency], QuantLib.Months),
            QuantLib.TARGET(),
            QuantLib.ModifiedFollowing,
            QuantLib.ModifiedFollowing,
            QuantLib.DateGeneration.Backward,
            False,
        )
        expected = sorted({date.to_date() for date in schedule})
        assert dates == ",".join(map(str, expected)), (start, end, frequency)


@examples
@given(seed=seeds)
def test_act_act_icma_against_quantlib(trino_connection: trino.dbapi.Connection, seed: int) -> None:
    generator = random.Random(seed)
    cases = []
    for _ in range(2_500):
        months = generator.choice([3, 6, 12])
        end = quantlib(random_date(generator).replace(day=generator.randrange(1, 29)))
        start = end - QuantLib.Period(months, QuantLib.Months)
        accrued = start + generator.randrange(end - start + 1)
        cases.append((start.to_date(), accrued.to_date(), end.to_date(), 12 // months))
    columns = {"s": "date", "a": "date", "e": "date", "f": "bigint"}
    actual = Server(trino_connection).evaluate(
        "day_count_fraction(s, a, 'ACT/ACT ICMA', s, e, f)", columns, cases
    )
    icma = QuantLib.ActualActual(QuantLib.ActualActual.ISMA)
    for (start, accrued, end, frequency), years in zip(cases, actual, strict=True):
        expected = icma.yearFraction(quantlib(start), quantlib(accrued), quantlib(start), quantlib(end))
        assert abs(years - expected) < 1e-12, (start, accrued, end, frequency)
