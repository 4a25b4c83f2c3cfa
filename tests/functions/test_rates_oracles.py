"""Interest and loans on the real server against pyxirr, numpy-financial, QuantLib and mpmath.

A root's reference is pyxirr's, or the rate that made the case, improved by Newton's method at 30 digits.
pyxirr's ppmt differs from Excel's for payments at a period's start (it is not pmt less ipmt);
numpy-financial's does not.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable

import numpy_financial
import pyxirr
import QuantLib
from dates import random_date
from mpmath import diff, mp, mpf
from references import Compare, Server

PYXIRR = "pyxirr"
POLISHED = "pyxirr, taken on by mpmath at 30 digits"
BISECTED = "mpmath, 60 digits, by bisection where pyxirr finds no rate"
COMPOUNDINGS = {
    "annual": (QuantLib.Compounded, QuantLib.Annual),
    "semiannual": (QuantLib.Compounded, QuantLib.Semiannual),
    "quarterly": (QuantLib.Compounded, QuantLib.Quarterly),
    "monthly": (QuantLib.Compounded, QuantLib.Monthly),
    "continuous": (QuantLib.Continuous, QuantLib.Annual),
    "simple": (QuantLib.Simple, QuantLib.Annual),
}


def known(value: float | None) -> float:
    """What pyxirr gives, which is None where it finds nothing."""
    assert value is not None
    return value


def root(function: Callable[[mpf], mpf], guess: float) -> float:
    """The root next to the guess, at 30 digits."""
    with mp.workdps(30):
        at = mpf(guess)
        for _ in range(4):
            at -= function(at) / diff(function, at)
        return float(at)


def between(function: Callable[[mpf], mpf]) -> float:
    """The only root of a falling function of rates, which bisection of the growth's logarithm can't miss."""
    with mp.workdps(60):
        low, high = mpf(-100), mpf(100)
        assert function(mp.expm1(low)) > 0 > function(mp.expm1(high))
        for _ in range(120):
            middle = (low + high) / 2
            low, high = (middle, high) if function(mp.expm1(middle)) > 0 else (low, middle)
        return float(mp.expm1(low))


def rate_of_return(function: Callable[[mpf], mpf], found: float | None) -> tuple[str, float]:
    """The reference's name and rate, of one payment and what it brings: the worth falls with the rate."""
    return (BISECTED, between(function)) if found is None else (POLISHED, root(function, found))


def test_equal_payments(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(12)
    cases = [
        (
            generator.choice([0.0, generator.uniform(-0.05, 0.2), generator.uniform(0, 0.01)]),
            periods := generator.randrange(1, 361),
            generator.uniform(-1e5, 1e5),
            generator.uniform(-1e5, 1e5),
            generator.uniform(-1e3, 1e3),
            generator.randrange(2),
            generator.randrange(1, periods + 1),
        )
        for _ in range(inputs)
    ]
    columns = {
        **{"r": "double", "n": "double", "v": "double", "w": "double", "p": "double"},
        **{"t": "bigint", "k": "bigint"},
    }
    results = server.evaluate_all(
        [
            "pv(r, n, p, w, t)",
            "fv(r, n, p, v, t)",
            "pmt(r, n, v, w, t)",
            "ipmt(r, k, n, v, w, t)",
            "ppmt(r, k, n, v, w, t)",
        ],
        columns,
        cases,
    )
    names = ("pv", "fv", "pmt", "ipmt")
    comparisons = [compare(name, PYXIRR) for name in names]
    for case, (*actual, principal) in zip(cases, zip(*results, strict=True), strict=True):
        rate, periods, pv, fv, payment, due, period = case
        at_start = bool(due)
        whole = known(pyxirr.pmt(rate, periods, pv, fv, pmt_at_beginning=at_start))
        interest = known(pyxirr.ipmt(rate, period, periods, pv, fv, pmt_at_beginning=at_start))
        expected = (
            known(pyxirr.pv(rate, periods, payment, fv, pmt_at_beginning=at_start)),
            known(pyxirr.fv(rate, periods, payment, pv, pmt_at_beginning=at_start)),
            whole,
            interest,
        )
        size = (abs(pv) + abs(fv) + abs(payment) * periods) * max(1, (1 + rate) ** periods)
        size = max(size, size / (1 + rate) ** periods)
        for comparison, value, reference in zip(comparisons, actual, expected, strict=True):
            comparison.close(value, reference, case, scale=size)
        when = "begin" if due else "end"
        reference = float(numpy_financial.ppmt(rate, period, periods, pv, fv, when)) if rate else whole
        compare("ppmt", "numpy-financial").close(principal, reference, case, scale=size)


def test_periods_and_rates(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(13)
    rows = []
    for _ in range(inputs):
        rate, periods = generator.uniform(0.0001, 0.05), generator.randrange(2, 240)
        payment = -generator.uniform(1, 1e4)
        rows.append((rate, periods, payment, known(pyxirr.pv(rate, periods, payment, 0))))
    columns = {"r": "double", "n": "double", "p": "double", "v": "double"}
    rates, counted = server.evaluate_all(["rate(n, p, v)", "nper(r, p, v)"], columns, rows)
    for case, found, number in zip(rows, rates, counted, strict=True):
        rate, periods, payment, pv = case

        def worth(it: mpf, periods: int = periods, share: float = -pv / payment) -> mpf:
            return (1 - (1 + it) ** -periods) / it - mpf(share)

        compare("rate", "mpmath, 30 digits").close(found, root(worth, rate), case, scale=1e-3)
        compare("nper", PYXIRR).close(number, known(pyxirr.nper(rate, payment, pv, 0)), case)


def random_flows(generator: random.Random) -> tuple[list[float], list[datetime.date]]:
    start = random_date(generator)
    paid = generator.uniform(100, 1e6)
    amounts = [-paid] + [paid * generator.uniform(0.01, 0.4) for _ in range(generator.randrange(2, 9))]
    dates = [start + datetime.timedelta(days=40 * n + generator.randrange(39)) for n in range(len(amounts))]
    return amounts, dates


def test_cash_flows(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(14)
    flows = [random_flows(generator) for _ in range(inputs)]
    groups = [
        [(n, amount, date) for n, (amount, date) in enumerate(zip(*flow, strict=True))] for flow in flows
    ]
    aggregates = server.aggregate(
        ["npv(0.07, a, n)", "xnpv(0.07, a, d)", "irr(a, n)", "xirr(a, d)", "mirr(a, n, 0.06, 0.04)"],
        {"n": "bigint", "a": "double", "d": "date"},
        groups,
        generator,
    )
    arrays = server.evaluate_all(
        [
            "array_npv(0.07, a)",
            "array_xnpv(0.07, a, d)",
            "array_irr(a)",
            "array_xirr(a, d)",
            "array_mirr(a, 0.06, 0.04)",
        ],
        {"a": "array(double)", "d": "array(date)"},
        [(amounts, list(map(str, dates))) for amounts, dates in flows],
    )
    for number, (amounts, dates) in enumerate(flows):
        size = -amounts[0]
        case = flows[number]
        days = [(date - dates[0]).days for date in dates]

        def periodic(it: mpf, amounts: list[float] = amounts) -> mpf:
            return sum(mpf(amount) / (1 + it) ** n for n, amount in enumerate(amounts))

        def dated(it: mpf, amounts: list[float] = amounts, days: list[int] = days) -> mpf:
            return sum(
                mpf(amount) * mp.exp(-mpf(day) / 365 * mp.log(1 + it))
                for amount, day in zip(amounts, days, strict=True)
            )

        mirr = known(pyxirr.mirr(amounts, 0.06, 0.04))
        expected: dict[str, tuple[str, float, float]] = {
            "npv": (PYXIRR, known(pyxirr.npv(0.07, amounts, start_from_zero=True)), size),
            "xnpv": (PYXIRR, known(pyxirr.xnpv(0.07, dates, amounts)), size),
            "irr": (*rate_of_return(periodic, pyxirr.irr(amounts)), 1e-2),
            "xirr": (*rate_of_return(dated, pyxirr.xirr(dates, amounts)), 1e-2),
            "mirr": (PYXIRR, mirr, 1),
        }
        for (name, (reference, value, scale)), aggregate, array in zip(
            expected.items(),
            (values[number] for values in aggregates),
            (values[number] for values in arrays),
            strict=True,
        ):
            compare(name, reference).close(aggregate, value, case, scale=scale)
            of_array = known(pyxirr.npv(0.07, amounts, start_from_zero=False)) if name == "npv" else value
            compare(f"array_{name}", reference).close(array, of_array, case, scale=scale)


def test_discount_factors_and_compounding(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(15)
    cases = [
        (
            generator.uniform(-0.02, 0.3),
            generator.uniform(0, 30),
            generator.choice(list(COMPOUNDINGS)),
            generator.choice([name for name in COMPOUNDINGS if name != "simple"]),
            generator.choice([name for name in COMPOUNDINGS if name != "simple"]),
        )
        for _ in range(inputs)
    ]
    columns = {"r": "double", "y": "double", "k": "varchar", "c": "varchar", "d": "varchar"}
    factors, converted, effective, nominal = server.evaluate_all(
        ["discount_factor(r, y, k)", "convert_rate(r, c, d)", "effective_rate(r, 4)", "nominal_rate(r, 4)"],
        columns,
        cases,
    )
    days = QuantLib.Actual365Fixed()
    annual = (QuantLib.Compounded, QuantLib.Annual, 1.0)
    quarterly = (QuantLib.Compounded, QuantLib.Quarterly)
    for number, case in enumerate(cases):
        rate, years, name, first, second = case
        expected = QuantLib.InterestRate(rate, days, *COMPOUNDINGS[name]).discountFactor(years)
        compare("discount_factor", "QuantLib").close(factors[number], expected, case)
        it = QuantLib.InterestRate(rate, days, *COMPOUNDINGS[first])
        expected = it.equivalentRate(*COMPOUNDINGS[second], 1.0).rate()
        compare("convert_rate", "QuantLib").close(converted[number], expected, case, scale=1e-3)
        expected = QuantLib.InterestRate(rate, days, *quarterly).equivalentRate(*annual).rate()
        compare("effective_rate", "QuantLib").close(effective[number], expected, case, scale=1e-3)
        it = QuantLib.InterestRate(rate, days, QuantLib.Compounded, QuantLib.Annual)
        expected = it.equivalentRate(*quarterly, 1.0).rate()
        compare("nominal_rate", "QuantLib").close(nominal[number], expected, case, scale=1e-3)


def test_apr_of_regulation_z(compare: Compare, server: Server, inputs: int) -> None:
    """Appendix J at 30 digits: whole unit-periods compound, a fraction of one bears simple interest."""
    generator = random.Random(1026)
    comparison = compare("apr", "mpmath, 30 digits, of Regulation Z's Appendix J (b)(8)")
    cases = []
    for _ in range(inputs):
        frequency, payments = generator.choice([1, 2, 4, 12, 26, 52]), generator.randrange(2, 60)
        rate = generator.uniform(0.001, 0.4) / frequency
        first = generator.choice([1.0, generator.randrange(5) + generator.randrange(30) / 30])
        whole, fraction = int(first), first - int(first)
        worth = sum((1 + rate) ** -(whole + n) / (1 + fraction * rate) for n in range(payments))
        payment = generator.uniform(10, 1_000)
        cases.append((payment * worth, payment, payments, frequency, first, rate))
    columns = {"a": "double", "p": "double", "n": "bigint", "f": "bigint", "w": "double", "r": "double"}
    actual = server.evaluate("apr(a, p, n, f, w)", columns, cases)
    for case, found in zip(cases, actual, strict=True):
        amount, payment, payments, frequency, first, rate = case
        whole, fraction = int(first), first - int(first)

        def missing(it: mpf) -> mpf:
            annuity = (1 + it) * (1 - (1 + it) ** -payments) / it  # noqa: B023
            return annuity * (1 + it) ** -whole / (1 + mpf(fraction) * it) - mpf(amount) / mpf(payment)  # noqa: B023

        comparison.close(found, frequency * root(missing, rate), case, scale=1e-2)
