"""The functions of bonds on the real server against QuantLib: random inputs, many in one query.

A regular coupon of Nostro's is the annual rate over the frequency, as the market and Excel have it; QuantLib
takes what the day count gives. They are the same by Act/Act ICMA, and by 30/360 where no coupon date is a
month's end, so these are what is compared. QuantLib compounds over the whole of a long first period where the
US Treasury's simple interest is only for a part: those are tested in Java, by the Treasury's own examples.
"""

from __future__ import annotations

import datetime
import random
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import QuantLib
from dates import quantlib_date, random_date
from mpmath import mp, mpf
from references import Compare, Comparison, Server

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
NAMES = ("price", "clean_price", "duration", "modified_duration", "convexity")
QUANTLIB = "QuantLib"
EXACT = "mpmath, 50 digits: derivatives of QuantLib's price"


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

    @property
    def years_to_next_payment(self) -> float:
        """What is left of the coupon's period: by 30/360 that is not always the days to its end."""
        payment = self.payments[0]
        coupon = QuantLib.as_coupon(payment)
        start = coupon.accrualStartDate()
        period = coupon.referencePeriodStart(), coupon.referencePeriodEnd()
        if start >= self.settlement:
            return float(self.day_count.yearFraction(self.settlement, payment.date(), *period))
        whole = self.day_count.yearFraction(start, payment.date(), *period)
        return float(whole - self.day_count.yearFraction(start, self.settlement, *period))

    def derivatives(self, price: float) -> tuple[float, float, float]:
        """Duration, modified duration and convexity, of the price's formula at 50 digits.

        QuantLib's own are of another formula than its price where interest is simple.
        """
        with mp.workdps(50):
            frequency, annual_yield = mpf(self.frequency), mpf(self.annual_yield)
            first = mpf(self.years_to_next_payment)
            amounts: dict[QuantLib.Date, mpf] = {}
            for flow in self.payments:
                amounts[flow.date()] = amounts.get(flow.date(), mpf(0)) + mpf(flow.amount())

            def worth(rate: mpf) -> mpf:
                total = mpf(0)
                for number, date in enumerate(sorted(amounts)):
                    total += amounts[date] / (1 + rate / frequency) ** number
                return total / (1 + rate * first)

            weighted = mpf(0)
            for number, date in enumerate(sorted(amounts)):
                periods = mpf(number) / frequency
                weighted += (first + periods) * amounts[date] / (1 + annual_yield / frequency) ** number

            step = mpf(10) ** -12
            below, at, above = (worth(annual_yield + it) for it in (-step, 0, step))
            assert abs(float(at) - price) <= 1e-9 * price, (price, at, first, amounts)
            modified = (below - above) / (2 * step * at)
            convexity = (below - 2 * at + above) / (step**2 * at)
            duration = weighted / (1 + annual_yield * first) / at
            return float(duration), float(modified), float(convexity)


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


class BondComparisons:
    """The comparisons of all functions of bonds, for one bond after the other."""

    def __init__(self, compare: Compare) -> None:
        self.to_quantlib = {name: compare(f"bond_{name}", QUANTLIB) for name in (*NAMES, "accrued", "yield")}
        self.to_exact = {name: compare(f"bond_{name}", EXACT) for name in NAMES[2:]}
        self.cash_flows: Comparison = compare("bond_cash_flows", QUANTLIB)

    def add(
        self,
        case: tuple[Any, ...],
        expected: Reference,
        values: tuple[float, ...],
        accrued: float,
        found_yield: float,
    ) -> None:
        to_quantlib = self.to_quantlib
        price, clean_price, duration, modified, convexity = values
        to_quantlib["price"].close(price, expected.dirty_price(), case)
        to_quantlib["clean_price"].close(clean_price, expected.clean_price(), case, scale=price)
        to_quantlib["accrued"].close(accrued, expected.accrued, case, scale=case[2])
        # the price says no more of the yield than its digits
        to_quantlib["yield"].close(found_yield, case[3], case, scale=max(1e-2, 1e-4 / modified))
        if not expected.simple:
            to_quantlib["duration"].close(duration, expected.duration(QuantLib.Duration.Macaulay), case)
            to_quantlib["modified_duration"].close(
                modified, expected.duration(QuantLib.Duration.Modified), case
            )
            to_quantlib["convexity"].close(convexity, expected.convexity, case)
        else:
            exact = expected.derivatives(price)
            for name, value, it in zip(NAMES[2:], (duration, modified, convexity), exact, strict=True):
                self.to_exact[name].close(value, it, case)

    def add_flows(self, case: tuple[Any, ...], expected: Reference, flows: Any, redemption: float) -> None:
        payments = {flow.date().to_date(): 0.0 for flow in expected.payments}
        for flow in expected.payments[:-1]:
            payments[flow.date().to_date()] = flow.amount()
        assert [row[0] for row in flows] == list(payments), case
        for row, amount in zip(flows, payments.values(), strict=True):
            assert abs(row[1] - amount) <= 1e-9 * abs(amount), case
        assert flows[-1][2] == redemption
        self.cash_flows.close(sum(row[3] for row in flows), sum(payments.values()) + redemption, case)


def test_regular_bonds_against_quantlib(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(2060)
    cases: list[tuple[Any, ...]] = []
    references = []
    # half as many again, since not every convention has all of QuantLib's figures
    for _ in range(inputs + inputs // 2):
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
    arguments = "(s, m, c, y, f, d, v, r)"
    *actual, accrued, flows = server.evaluate_all(
        [
            *(f"bond_{name}{arguments}" for name in NAMES),
            "bond_accrued(s, m, c, f, d)",
            "bond_cash_flows(s, m, c, f)",
        ],
        COLUMNS,
        cases,
    )
    prices = [(*case[:3], it.clean_price(), *case[4:]) for case, it in zip(cases, references, strict=True)]
    yields = server.evaluate(f"bond_yield{arguments}", COLUMNS, prices)
    comparisons = BondComparisons(compare)
    for number, (case, expected) in enumerate(zip(cases, references, strict=True)):
        values = tuple(it[number] for it in actual)
        comparisons.add(case, expected, values, accrued[number], yields[number])
        if case[2]:
            comparisons.add_flows(case, expected, flows[number], 100)


def test_odd_first_periods_against_quantlib(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(2050)
    cases: list[tuple[Any, ...]] = []
    references = []
    while len(cases) < inputs:
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
    arguments = "(s, m, c, y, f, d, v, r, i, q)"
    *actual, accrued, flows = server.evaluate_all(
        [
            *(f"bond_{name}{arguments}" for name in NAMES),
            "bond_accrued(s, m, c, f, d, i, q)",
            "bond_cash_flows(s, m, c, f, d, r, i, q)",
        ],
        columns,
        cases,
    )
    prices = [(*case[:3], it.clean_price(), *case[4:]) for case, it in zip(cases, references, strict=True)]
    yields = server.evaluate(f"bond_yield{arguments}", columns, prices)
    comparisons = BondComparisons(compare)
    for number, (case, expected) in enumerate(zip(cases, references, strict=True)):
        values = tuple(it[number] for it in actual)
        comparisons.add(case, expected, values, accrued[number], yields[number])
        comparisons.add_flows(case, expected, flows[number], case[7])


def test_treasury_bills_against_quantlib(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(360)
    cases = []
    for _ in range(inputs):
        settlement = random_date(generator)
        cases.append(
            (settlement, settlement + days(generator.randrange(1, 365)), generator.uniform(-0.02, 0.3))
        )
    columns = {"s": "date", "m": "date", "r": "double"}
    prices, yields = server.evaluate_all(
        ["tbill_price(s, m, r)", "tbill_yield(s, m, 100 - 50 * r)"], columns, cases
    )
    counter = QuantLib.Actual360()
    for case, price, found_yield in zip(cases, prices, yields, strict=True):
        settlement, maturity, rate = case
        dates = (quantlib_date(settlement), quantlib_date(maturity))
        discount = QuantLib.InterestRate(rate, counter, QuantLib.Simple, QuantLib.Annual)
        compare("tbill_price", QUANTLIB).close(price, 200 - 100 * discount.compoundFactor(*dates), case)
        implied = QuantLib.InterestRate.impliedRate(
            100 / (100 - 50 * rate), counter, QuantLib.Simple, QuantLib.Annual, *dates
        )
        # a price near to 100 leaves few digits of a short bill's yield
        compare("tbill_yield", QUANTLIB).close(found_yield, implied.rate(), case, scale=1e-3)
