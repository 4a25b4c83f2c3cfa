"""Calendars' functions and day counts on the real server against QuantLib: random inputs, many at once."""

from __future__ import annotations

import datetime
import itertools
import random
from fractions import Fraction

import QuantLib
from dates import quantlib_date, random_date
from references import Compare, Server

CALENDARS = {
    "EUTA": QuantLib.TARGET(),
    "GBLO": QuantLib.UnitedKingdom(),
    "NYSE": QuantLib.UnitedStates(QuantLib.UnitedStates.NYSE),
    "USNY": QuantLib.UnitedStates(QuantLib.UnitedStates.FederalReserve),
    "CHZU": QuantLib.Switzerland(),
}
# QuantLib's and Strata's rules of a calendar differ outside these years: one-off closures, the far past
FIRST_YEAR, LAST_YEAR = 2015, 2026
CONVENTIONS = {
    "Following": QuantLib.Following,
    "ModifiedFollowing": QuantLib.ModifiedFollowing,
    "Preceding": QuantLib.Preceding,
    "ModifiedPreceding": QuantLib.ModifiedPreceding,
    "Nearest": QuantLib.Nearest,
}
PERIODS = {"1M": 1, "3M": 3, "6M": 6, "1Y": 12}
QUANTLIB = "QuantLib"


def joined(names: tuple[str, ...]) -> QuantLib.Calendar:
    calendars = [CALENDARS[name] for name in names]
    return calendars[0] if len(calendars) == 1 else QuantLib.JointCalendar(*calendars)


JOINED = {
    "+".join(names): joined(names)
    for count in range(1, 5)
    for names in itertools.permutations(CALENDARS, count)
}


def moved(day: QuantLib.Date, count: int, calendar: QuantLib.Calendar) -> datetime.date:
    """One business day after the other: from a holiday too, the first is the first one after it."""
    date = day
    left = abs(count)
    while left:
        date += 1 if count > 0 else -1
        left -= calendar.isBusinessDay(date)
    reached: datetime.date = date.to_date()
    return reached


def test_business_days_against_quantlib(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(9)
    names = list(JOINED)
    cases = []
    for _ in range(inputs + inputs // 100):
        start = random_date(generator, FIRST_YEAR, LAST_YEAR - 1)
        end = min(start + datetime.timedelta(days=generator.randrange(800)), datetime.date(LAST_YEAR, 12, 31))
        convention = generator.choice(list(CONVENTIONS))
        cases.append((start, end, generator.randrange(-15, 16), convention, generator.choice(names)))
    columns = {"s": "date", "e": "date", "n": "bigint", "c": "varchar", "k": "varchar"}
    functions = (
        "is_business_day(s, k)",
        "add_business_days(s, n, k)",
        "business_days_between(s, e, k)",
        "adjust_business_day(s, c, k)",
        "settlement_date(s, abs(n), k)",
        "next_imm_date(s)",
        "is_imm_date(s)",
    )
    comparisons = [compare(function.split("(")[0], QUANTLIB) for function in functions]
    values = server.evaluate_all(functions, columns, cases)
    for case, actual in zip(cases, zip(*values, strict=True), strict=True):
        start, end, days, convention, name = case
        calendar, date = JOINED[name], quantlib_date(start)
        expected = (
            calendar.isBusinessDay(date),
            moved(date, days, calendar),
            calendar.businessDaysBetween(date, quantlib_date(end)),
            None,
            calendar.advance(calendar.adjust(date), abs(days), QuantLib.Days).to_date(),
            QuantLib.IMM.nextDate(date).to_date(),
            QuantLib.IMM.isIMMdate(date),
        )
        for comparison, value, reference in zip(comparisons, actual, expected, strict=True):
            if comparison.function == "adjust_business_day":
                adjusted = calendar.adjust(date, CONVENTIONS[convention]).to_date()
                if convention == "Nearest" and value != adjusted:
                    comparison.leave_out("Nearest, which Strata takes from the day of the week")
                else:
                    comparison.same(value, adjusted, case)
            else:
                comparison.same(value, reference, case)


def test_imm_dates_against_quantlib(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(3)
    cases = []
    for _ in range(inputs):
        day = random_date(generator)
        third_wednesday = QuantLib.Date.nthWeekday(3, QuantLib.Wednesday, day.month, day.year).to_date()
        cases.append([third_wednesday if generator.random() < 0.5 else day])
    following, is_imm = server.evaluate_all(["next_imm_date(d)", "is_imm_date(d)"], {"d": "date"}, cases)
    for (day,), date, imm in zip(cases, following, is_imm, strict=True):
        compare("next_imm_date", QUANTLIB).same(
            date, QuantLib.IMM.nextDate(quantlib_date(day)).to_date(), day
        )
        compare("is_imm_date", QUANTLIB).same(imm, QuantLib.IMM.isIMMdate(quantlib_date(day)), day)


def test_holidays_against_quantlib(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(12)
    names = list(JOINED)
    cases = [
        ("EUTA", generator.randrange(2002, 2090))
        if generator.random() < 0.1
        else (generator.choice(names), generator.randrange(FIRST_YEAR, LAST_YEAR + 1))
        for _ in range(inputs)
    ]
    known = {
        (name, year): [
            date.to_date()
            for date in JOINED[name].holidayList(
                QuantLib.Date(1, 1, year), QuantLib.Date(31, 12, year), False
            )
        ]
        for name, year in set(cases)
    }
    actual = server.evaluate("holidays(c, y)", {"c": "varchar", "y": "bigint"}, cases)
    for case, dates in zip(cases, actual, strict=True):
        compare("holidays", QUANTLIB).same(dates, known[case], case)


def test_schedules_against_quantlib(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(6)
    cases: list[tuple[datetime.date, datetime.date, str]] = []
    while len(cases) < inputs:
        start = random_date(generator)
        # QuantLib rolls from the last day of a short month otherwise
        end = (start + datetime.timedelta(days=generator.randrange(40, 2_000))).replace(
            day=generator.randrange(1, 29)
        )
        if end > start + datetime.timedelta(days=31):
            cases.append((start, end, generator.choice(list(PERIODS))))
    actual = server.evaluate(
        "schedule_dates(s, e, f, 'ModifiedFollowing', 'EUTA')",
        {"s": "date", "e": "date", "f": "varchar"},
        cases,
    )
    for case, dates in zip(cases, actual, strict=True):
        start, end, frequency = case
        schedule = QuantLib.Schedule(
            quantlib_date(start),
            quantlib_date(end),
            QuantLib.Period(PERIODS[frequency], QuantLib.Months),
            QuantLib.TARGET(),
            QuantLib.ModifiedFollowing,
            QuantLib.ModifiedFollowing,
            QuantLib.DateGeneration.Backward,
            False,
        )
        expected = sorted({date.to_date() for date in schedule})
        compare("schedule_dates", QUANTLIB).same(dates, expected, case)


DAY_COUNTS = {
    "Act/360": QuantLib.Actual360(),
    "Act/365F": QuantLib.Actual365Fixed(),
    "Act/365.25": QuantLib.Actual36525(),
    "Act/364": QuantLib.Actual364(),
    "NL/365": QuantLib.Actual365Fixed(QuantLib.Actual365Fixed.NoLeap),
    "Act/Act ISDA": QuantLib.ActualActual(QuantLib.ActualActual.ISDA),
    "Act/Act AFB": QuantLib.ActualActual(QuantLib.ActualActual.AFB),
    "30E/360": QuantLib.Thirty360(QuantLib.Thirty360.European),
    "30/360 ISDA": QuantLib.Thirty360(QuantLib.Thirty360.BondBasis),
    "30U/360 EOM": QuantLib.Thirty360(QuantLib.Thirty360.USA),
    "1/1": QuantLib.OneDayCounter(),
    "Bus/252 EUTA": QuantLib.Business252(QuantLib.TARGET()),
}
WHOLE_DAYS = {
    name: counter
    for name, counter in DAY_COUNTS.items()
    if name not in {"Act/Act ISDA", "Act/Act AFB", "1/1"}
}


def test_day_counts_against_quantlib(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(360)
    cases = []
    for _ in range(inputs + inputs // 10):
        start = random_date(generator)
        days = generator.choice([0, 1, 28, 29, 30, 31, 365, generator.randrange(9_000)])
        name = generator.choice(list(DAY_COUNTS))
        spelled = generator.choice([name, name.upper(), name.lower()])
        cases.append((start, start + datetime.timedelta(days=days), spelled, name))
    columns = {"s": "date", "e": "date", "c": "varchar", "n": "varchar"}
    fractions, days_between = server.evaluate_all(
        ["day_count_fraction(s, e, c)", "day_count_days(s, e, c)"], columns, cases
    )
    fraction, count = compare("day_count_fraction", QUANTLIB), compare("day_count_days", QUANTLIB)
    for case, years, counted in zip(cases, fractions, days_between, strict=True):
        start, end, _, name = case
        dates = quantlib_date(start), quantlib_date(end)
        expected = DAY_COUNTS[name].yearFraction(*dates)
        if name == "1/1" and start == end:
            fraction.leave_out("1/1 of no days")
        elif name == "Act/Act AFB" and abs(years - expected) > 1e-9:
            fraction.leave_out("Act/Act AFB, where QuantLib does not keep the last day of February")
        else:
            fraction.close(years, expected, case, scale=1 / 365)
        if name in WHOLE_DAYS:
            count.same(counted, WHOLE_DAYS[name].dayCount(*dates), case)
        else:
            count.leave_out("QuantLib counts no days of Act/Act and 1/1")


def test_day_count_days_against_quantlib(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(361)
    cases = []
    for _ in range(inputs):
        start = random_date(generator)
        end = start + datetime.timedelta(days=generator.randrange(9_000))
        cases.append((start, end, generator.choice(list(WHOLE_DAYS))))
    columns = {"s": "date", "e": "date", "c": "varchar"}
    actual = server.evaluate("day_count_days(s, e, c)", columns, cases)
    for case, days in zip(cases, actual, strict=True):
        expected = WHOLE_DAYS[case[2]].dayCount(quantlib_date(case[0]), quantlib_date(case[1]))
        compare("day_count_days", QUANTLIB).same(days, expected, case)


def test_act_act_icma_against_fractions(compare: Compare, server: Server, inputs: int) -> None:
    """ICMA's rule 251 of a regular period: the days of the accrual over those of all the year's periods."""
    generator = random.Random(251)
    cases = []
    for _ in range(inputs):
        months = generator.choice([3, 6, 12])
        end = quantlib_date(random_date(generator).replace(day=generator.randrange(1, 29)))
        start = end - QuantLib.Period(months, QuantLib.Months)
        accrued = start + generator.randrange(end - start + 1)
        cases.append((start.to_date(), accrued.to_date(), end.to_date(), 12 // months))
    columns = {"s": "date", "a": "date", "e": "date", "f": "bigint"}
    actual = server.evaluate("day_count_fraction(s, a, 'ACT/ACT ICMA', s, e, f)", columns, cases)
    icma = QuantLib.ActualActual(QuantLib.ActualActual.ISMA)
    for case, years in zip(cases, actual, strict=True):
        start, accrued, end, frequency = case
        exact = Fraction((accrued - start).days, (end - start).days * frequency)
        dates = (quantlib_date(start), quantlib_date(accrued))
        compare("day_count_fraction", "fractions, ICMA's rule 251").close(years, float(exact), case)
        expected = icma.yearFraction(*dates, quantlib_date(start), quantlib_date(end))
        compare("day_count_fraction", QUANTLIB).close(years, expected, case, scale=1 / 365)
