"""The functions of bonds on the real server against QuantLib: random inputs, many in one query.

A regular coupon of Nostro's is the annual rate over the frequency, as the market and Excel have it; QuantLib
takes what the day count gives. They are the same by Act/Act ICMA, and by 30/360 where no coupon date is a
month's end, so these are what is compared. QuantLib compounds over the whole of a long first period where the
US Treasury's simple interest is only for a part: those are tested in Java, by the Treasury's own examples.
"""

from __future__ import annotations

import datetime
import math
import random
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import QuantLib
import trino.dbapi
from hypothesis import given
from test_oracles import Server, examples, quantlib_date, random_date, seeds

FREQUENCIES = {
    1: QuantLib.Annual,
    2: QuantLib.Semiannual,
    3: QuantLib.EveryFourthMonth,
    4: QuantLib.Quarterly,
    6: QuantLib.Bimonthly,
    12: QuantLib.Monthly,
}
DAY_COUNTS = {
    "30/360 ISDA": QuantLib.Thirty360(QuantLib.Thirty360.BondBasis),
    "30E/360": QuantLib.Thirty360(QuantLib.Thirty360.European),
}
COLUMNS = {
    **{"s": "date", "m": "date", "c": "double", "y": "double", "f": "bigint"},
    **{"d": "varchar", "v": "varchar", "r": "double"},
}
STEP = 1e-4


@dataclass(frozen=True)
class Reference:
    """A bond of QuantLib's at a settlement, a yield and a convention of Nostro's."""

    bond: QuantLib.FixedRateBond
    day_count: QuantLib.DayCounter
    settlement: QuantLib.Date
    annual_yield: float
    frequency: int
    convention: str

    @cached_property
    def payments(self) -> list[QuantLib.CashFlow]:
        return [flow for flow in self.bond.cashflows() if flow.date() > self.settlement]

    @cached_property
    def simple(self) -> bool:
        last = self.payments[0].date() == self.payments[-1].date()
        return self.convention == "us treasury" or (self.convention == "street" and last)

    def rate(self, shift: float = 0) -> QuantLib.InterestRate:
        compounding = QuantLib.SimpleThenCompounded if self.simple else QuantLib.Compounded
        return QuantLib.InterestRate(
            self.annual_yield + shift, self.day_count, compounding, FREQUENCIES[self.frequency]
        )

    def clean_price(self, shift: float = 0) -> float:
        return float(QuantLib.BondFunctions.cleanPrice(self.bond, self.rate(shift), self.settlement))

    def dirty_price(self, shift: float = 0) -> float:
        return self.clean_price(shift) + self.accrued

    @cached_property
    def accrued(self) -> float:
        return float(QuantLib.BondFunctions.accruedAmount(self.bond, self.settlement))

    def duration(self, kind: int) -> float:
        return float(QuantLib.BondFunctions.duration(self.bond, self.rate(), kind, self.settlement))

    @cached_property
    def convexity(self) -> float:
        return float(QuantLib.BondFunctions.convexity(self.bond, self.rate(), self.settlement))


def reference(
    start: datetime.date,
    settlement: datetime.date,
    maturity: datetime.date,
    coupon_rate: float,
    annual_yield: float,
    frequency: int,
    day_count: str,
    convention: str,
    redemption: float,
    first_coupon: datetime.date | None = None,
) -> Reference:
    end = quantlib_date(maturity)
    schedule = QuantLib.Schedule(
        quantlib_date(start),
        end,
        QuantLib.Period(FREQUENCIES[frequency]),
        QuantLib.NullCalendar(),
        QuantLib.Unadjusted,
        QuantLib.Unadjusted,
        QuantLib.DateGeneration.Backward,
        QuantLib.Date.isEndOfMonth(end),
        *((quantlib_date(first_coupon),) if first_coupon else ()),
    )
    counter = DAY_COUNTS.get(day_count) or QuantLib.ActualActual(QuantLib.ActualActual.ISMA, schedule)
    bond = QuantLib.FixedRateBond(
        0, 100.0, schedule, [coupon_rate], counter, QuantLib.Unadjusted, redemption, quantlib_date(start)
    )
    return Reference(bond, counter, quantlib_date(settlement), annual_yield, frequency, convention)


def days(number: int) -> datetime.timedelta:
    return datetime.timedelta(days=number)


def close(actual: float, expected: float, absolute: float = 1e-11) -> bool:
    return math.isclose(actual, expected, rel_tol=1e-9, abs_tol=absolute)


@examples
@given(seed=seeds)
def test_regular_bonds_against_quantlib(trino_connection: trino.dbapi.Connection, seed: int) -> None:
    generator = random.Random(seed)
    cases: list[tuple[Any, ...]] = []
    references = []
    for _ in range(2_500):
        day_count = generator.choice(["Act/Act ICMA", *DAY_COUNTS])
        maturity = random_date(generator, 2030, 2060)
        if day_count in DAY_COUNTS:
            maturity = maturity.replace(day=min(maturity.day, 27))
        settlement = maturity - days(
            generator.choice([generator.randrange(1, 400), generator.randrange(1, 9_000)])
        )
        case = (
            settlement,
            maturity,
            generator.choice([0.0, generator.uniform(0, 0.12)]),
            generator.uniform(-0.02, 0.2),
            generator.choice(list(FREQUENCIES)),
            day_count,
            generator.choice(["street", "icma", "us treasury"]),
            generator.choice([100.0, generator.uniform(90, 115)]),
        )
        cases.append(case)
        references.append(reference(settlement - days(generator.randrange(370, 800)), *case))
    server = Server(trino_connection)
    arguments = "(s, m, c, y, f, d, v, r)"
    names = ("price", "clean_price", "duration", "modified_duration", "convexity")
    actual = [server.evaluate(f"bond_{name}{arguments}", COLUMNS, cases) for name in names]
    accrued = server.evaluate("bond_accrued(s, m, c, f, d)", COLUMNS, cases)
    flows = server.evaluate("bond_cash_flows(s, m, c, f)", COLUMNS, cases)
    prices = [(*case[:3], it.clean_price(), *case[4:]) for case, it in zip(cases, references, strict=True)]
    yields = server.evaluate(f"bond_yield{arguments}", COLUMNS, prices)
    compounded = 0
    for number, (case, expected) in enumerate(zip(cases, references, strict=True)):
        price, clean_price, duration, modified, convexity = (values[number] for values in actual)
        assert close(price, expected.dirty_price()), case
        assert close(clean_price, expected.clean_price()), case
        assert close(accrued[number], expected.accrued), case
        # the price says no more of the yield than its digits
        assert close(yields[number], case[3], 1e-12 + 1e-13 / modified), case
        if expected.simple:
            # QuantLib's derivatives are of another formula than its price
            above, below = expected.dirty_price(STEP), expected.dirty_price(-STEP)
            assert math.isclose(modified, (below - above) / (2 * STEP * price), rel_tol=1e-4), case
        else:
            compounded += 1
            assert close(duration, expected.duration(QuantLib.Duration.Macaulay)), case
            assert close(modified, expected.duration(QuantLib.Duration.Modified)), case
            assert close(convexity, expected.convexity), case
        coupons = [(flow.date().ISO(), flow.amount()) for flow in expected.payments[:-1]]
        if case[2]:
            assert [str(row[0]) for row in flows[number]] == [day for day, _ in coupons], case
            for row, (_, amount) in zip(flows[number], coupons, strict=True):
                assert close(row[1], amount), case
        assert flows[number][-1][2] == 100
    assert compounded > 1_000


@examples
@given(seed=seeds)
def test_odd_first_periods_against_quantlib(trino_connection: trino.dbapi.Connection, seed: int) -> None:
    generator = random.Random(seed)
    cases: list[tuple[Any, ...]] = []
    references = []
    while len(cases) < 2_500:
        frequency = generator.choice([1, 2, 4])
        day_count = generator.choice(["Act/Act ICMA", "30E/360"])
        maturity = random_date(generator, 2035, 2050)
        if day_count in DAY_COUNTS:
            maturity = maturity.replace(day=min(maturity.day, 27))
        at_months_end = QuantLib.Date.isEndOfMonth(quantlib_date(maturity))
        periods = generator.randrange(1, 20 * frequency)
        first = quantlib_date(maturity) - QuantLib.Period(periods * 12 // frequency, QuantLib.Months)
        if at_months_end:
            first = QuantLib.Date.endOfMonth(first)
        first_coupon = first.to_date()
        long = generator.random() < 0.5
        issue = first_coupon - days(generator.randrange(5, (600 if long else 350) // frequency))
        settlement = issue + days(generator.randrange((first_coupon - issue).days + 40))
        convention = "icma" if long else generator.choice(["street", "icma", "us treasury"])
        case = (
            settlement,
            maturity,
            generator.uniform(0.001, 0.12),
            generator.uniform(-0.02, 0.2),
            frequency,
            day_count,
            convention,
            generator.choice([100.0, generator.uniform(90, 115)]),
            issue,
            first_coupon,
        )
        # from a first coupon on 28 February QuantLib counts back to 28ths, whatever the day of maturity
        drifts = maturity.day > 28 and not at_months_end
        if settlement >= maturity or drifts:
            continue
        cases.append(case)
        references.append(reference(issue, *case[:8], first_coupon))
    columns = {**COLUMNS, "i": "date", "q": "date"}
    server = Server(trino_connection)
    arguments = "(s, m, c, y, f, d, v, r, i, q)"
    names = ("price", "clean_price", "duration", "modified_duration", "convexity")
    actual = [server.evaluate(f"bond_{name}{arguments}", columns, cases) for name in names]
    accrued = server.evaluate("bond_accrued(s, m, c, f, d, i, q)", columns, cases)
    flows = server.evaluate("bond_cash_flows(s, m, c, f, d, r, i, q)", columns, cases)
    prices = [(*case[:3], it.clean_price(), *case[4:]) for case, it in zip(cases, references, strict=True)]
    yields = server.evaluate(f"bond_yield{arguments}", columns, prices)
    for number, (case, expected) in enumerate(zip(cases, references, strict=True)):
        price, clean_price, duration, modified, convexity = (values[number] for values in actual)
        assert close(price, expected.dirty_price()), case
        assert close(clean_price, expected.clean_price()), case
        assert close(accrued[number], expected.accrued), case
        assert close(yields[number], case[3], 1e-12 + 1e-13 / modified), case
        if not expected.simple:
            assert close(duration, expected.duration(QuantLib.Duration.Macaulay)), case
            assert close(modified, expected.duration(QuantLib.Duration.Modified)), case
            assert close(convexity, expected.convexity), case
        coupons = [(flow.date().ISO(), flow.amount()) for flow in expected.payments[:-1]]
        assert [str(row[0]) for row in flows[number]] == [day for day, _ in coupons], case
        for row, (_, amount) in zip(flows[number], coupons, strict=True):
            assert close(row[1], amount), case
        assert close(flows[number][-1][2], case[7])


@examples
@given(seed=seeds)
def test_treasury_bills_against_quantlib(trino_connection: trino.dbapi.Connection, seed: int) -> None:
    generator = random.Random(seed)
    cases = []
    for _ in range(2_500):
        settlement = random_date(generator)
        cases.append(
            (settlement, settlement + days(generator.randrange(1, 365)), generator.uniform(-0.02, 0.3))
        )
    columns = {"s": "date", "m": "date", "r": "double"}
    server = Server(trino_connection)
    prices = server.evaluate("tbill_price(s, m, r)", columns, cases)
    yields = server.evaluate("tbill_yield(s, m, 100 - 50 * r)", columns, cases)
    counter = QuantLib.Actual360()
    for number, (settlement, maturity, rate) in enumerate(cases):
        dates = (quantlib_date(settlement), quantlib_date(maturity))
        discount = QuantLib.InterestRate(rate, counter, QuantLib.Simple, QuantLib.Annual)
        assert close(prices[number], 200 - 100 * discount.compoundFactor(*dates))
        implied = QuantLib.InterestRate.impliedRate(
            100 / (100 - 50 * rate), counter, QuantLib.Simple, QuantLib.Annual, *dates
        )
        # a price near to 100 leaves few digits of a short bill's yield
        assert close(yields[number], implied.rate(), 1e-12)
