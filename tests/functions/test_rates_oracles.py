"""The functions of interest and loans on the real server against pyxirr: random inputs, many in one query.

pyxirr's ppmt differs from Excel's for payments at the start of a period (it is not pmt less ipmt), so the
principal is compared with that difference.
"""

from __future__ import annotations

import datetime
import math
import random
from decimal import Decimal

import pyxirr
import QuantLib
import trino.dbapi
from hypothesis import given
from test_oracles import Server, examples, random_date, seeds

COMPOUNDINGS = {
    "annual": (QuantLib.Compounded, QuantLib.Annual),
    "semiannual": (QuantLib.Compounded, QuantLib.Semiannual),
    "quarterly": (QuantLib.Compounded, QuantLib.Quarterly),
    "monthly": (QuantLib.Compounded, QuantLib.Monthly),
    "continuous": (QuantLib.Continuous, QuantLib.Annual),
    "simple": (QuantLib.Simple, QuantLib.Annual),
}


def close(actual: float, expected: float, scale: float) -> bool:
    return math.isclose(actual, expected, rel_tol=1e-9, abs_tol=1e-9 * scale)


def known(value: float | None) -> float:
    """What pyxirr gives, which is None where it finds nothing."""
    assert value is not None
    return value


@examples
@given(seed=seeds)
def test_equal_payments_against_pyxirr(trino_connection: trino.dbapi.Connection, seed: int) -> None:
    generator = random.Random(seed)
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
        for _ in range(2_500)
    ]
    columns = {
        **{"r": "double", "n": "double", "v": "double", "w": "double", "p": "double"},
        **{"t": "bigint", "k": "bigint"},
    }
    server = Server(trino_connection)
    actual = zip(
        server.evaluate("pv(r, n, p, w, t)", columns, cases),
        server.evaluate("fv(r, n, p, v, t)", columns, cases),
        server.evaluate("pmt(r, n, v, w, t)", columns, cases),
        server.evaluate("ipmt(r, k, n, v, w, t)", columns, cases),
        server.evaluate("ppmt(r, k, n, v, w, t)", columns, cases),
        strict=True,
    )
    for (rate, periods, pv, fv, payment, due, period), values in zip(cases, actual, strict=True):
        at_start = bool(due)
        whole = known(pyxirr.pmt(rate, periods, pv, fv, pmt_at_beginning=at_start))
        interest = known(pyxirr.ipmt(rate, period, periods, pv, fv, pmt_at_beginning=at_start))
        expected = (
            known(pyxirr.pv(rate, periods, payment, fv, pmt_at_beginning=at_start)),
            known(pyxirr.fv(rate, periods, payment, pv, pmt_at_beginning=at_start)),
            whole,
            interest,
            whole - interest,
        )
        size = (abs(pv) + abs(fv) + abs(payment) * periods) * max(1, (1 + rate) ** periods)
        size = max(size, size / (1 + rate) ** periods)
        for value, reference in zip(values, expected, strict=True):
            assert close(value, reference, size), (rate, periods, pv, fv, payment, due, period)


@examples
@given(seed=seeds)
def test_nper_and_rate_against_pyxirr(trino_connection: trino.dbapi.Connection, seed: int) -> None:
    generator = random.Random(seed)
    cases = [
        (rate := generator.uniform(0.0001, 0.05), periods := generator.randrange(2, 240), -pmt)
        for pmt in (generator.uniform(1, 1e4) for _ in range(2_500))
    ]
    rows = [(r, n, p, known(pyxirr.pv(r, n, p, 0))) for r, n, p in cases]
    columns = {"r": "double", "n": "double", "p": "double", "v": "double"}
    server = Server(trino_connection)
    rates = server.evaluate("rate(n, p, v)", columns, rows)
    periods_found = server.evaluate("nper(r, p, v)", columns, rows)
    for (rate, periods, payment, pv), found, counted in zip(rows, rates, periods_found, strict=True):
        assert math.isclose(found, rate, rel_tol=1e-7), (rate, periods, payment)
        assert math.isclose(counted, known(pyxirr.nper(rate, payment, pv, 0)), rel_tol=1e-9)


@examples
@given(seed=seeds)
def test_cash_flows_against_pyxirr(trino_connection: trino.dbapi.Connection, seed: int) -> None:
    generator = random.Random(seed)
    rows = []
    groups = {}
    for group in range(400):
        start = random_date(generator)
        paid = generator.uniform(100, 1e6)
        amounts = [-paid] + [paid * generator.uniform(0, 0.4) for _ in range(generator.randrange(2, 12))]
        dates = [
            start + datetime.timedelta(days=40 * n + generator.randrange(39)) for n in range(len(amounts))
        ]
        groups[group] = (amounts, dates)
        rows += [(group, n, *flow) for n, flow in enumerate(zip(amounts, dates, strict=True))]
    columns = {"g": "bigint", "n": "bigint", "a": "double", "d": "date"}
    server = Server(trino_connection)
    over = "OVER (PARTITION BY g)"
    actual = zip(
        server.evaluate(f"npv(0.07, a, n) {over}", columns, rows),
        server.evaluate(f"xnpv(0.07, a, d) {over}", columns, rows),
        server.evaluate(f"irr(a, n) {over}", columns, rows),
        server.evaluate(f"mirr(a, n, 0.06, 0.04) {over}", columns, rows),
        strict=True,
    )
    for (group, *_), (npv, xnpv, irr, mirr) in zip(rows, actual, strict=True):
        amounts, dates = groups[group]
        size = -amounts[0]
        assert close(npv, known(pyxirr.npv(0.07, amounts, start_from_zero=True)), size)
        assert close(xnpv, known(pyxirr.xnpv(0.07, dates, amounts)), size)
        assert abs(known(pyxirr.npv(irr, amounts, start_from_zero=True))) < 1e-8 * size
        assert close(mirr, known(pyxirr.mirr(amounts, 0.06, 0.04)), 1)


@examples
@given(seed=seeds)
def test_discount_factors_against_quantlib(trino_connection: trino.dbapi.Connection, seed: int) -> None:
    generator = random.Random(seed)
    cases = [
        (
            generator.uniform(-0.02, 0.3),
            generator.uniform(0, 30),
            generator.choice(list(COMPOUNDINGS)),
            generator.choice([name for name in COMPOUNDINGS if name != "simple"]),
        )
        for _ in range(2_500)
    ]
    columns = {"r": "double", "y": "double", "c": "varchar", "d": "varchar"}
    server = Server(trino_connection)
    factors = server.evaluate("discount_factor(r, y, c)", columns, cases)
    converted = server.evaluate("IF(c <> 'simple', convert_rate(r, c, d))", columns, cases)
    effective = server.evaluate("effective_rate(r, 4)", columns, cases)
    days = QuantLib.Actual365Fixed()
    for (rate, years, name, other), factor, result, annual in zip(
        cases, factors, converted, effective, strict=True
    ):
        reference = QuantLib.InterestRate(rate, days, *COMPOUNDINGS[name])
        assert math.isclose(factor, reference.discountFactor(years), rel_tol=1e-9)
        if name != "simple":
            expected = reference.equivalentRate(*COMPOUNDINGS[other], 1.0).rate()
            assert math.isclose(result, expected, rel_tol=1e-9, abs_tol=1e-12), (rate, name, other)
        quarterly = QuantLib.InterestRate(rate, days, QuantLib.Compounded, QuantLib.Quarterly)
        expected = quarterly.equivalentRate(QuantLib.Compounded, QuantLib.Annual, 1.0).rate()
        assert math.isclose(annual, expected, rel_tol=1e-9, abs_tol=1e-12)


def test_amortization_against_decimal(trino_connection: trino.dbapi.Connection) -> None:
    generator = random.Random(30)
    cursor = trino_connection.cursor()
    for _ in range(10):
        loan = Decimal(generator.randrange(10**5, 10**9)) / 100
        rate = generator.randrange(1, 1_500) / 10_000
        periods = generator.randrange(2, 360)
        cursor.execute(
            "SELECT payment, interest, principal, balance"
            f" FROM UNNEST(amortization_schedule(DECIMAL '{loan:.2f}', {rate}e0, {periods}, 12, 'annuity'))"
            " AS t (period, payment, interest, principal, balance) ORDER BY period"
        )
        schedule = cursor.fetchall()
        assert len(schedule) == periods
        assert sum(row[2] for row in schedule) == loan
        assert all(payment == interest + principal for payment, interest, principal, _ in schedule)
        exact = -known(pyxirr.pmt(rate / 12, periods, float(loan)))
        # up to half a cent a payment, with its interest, may be left for the last, or repaid before it
        left = 0.005 * ((1 + rate / 12) ** periods - 1) / (rate / 12) + 0.01 * periods
        full = [row for row in schedule[:-1] if row[3] > 0]
        assert full
        assert all(abs(float(row[0]) - exact) < 0.0051 for row in full)
        assert abs(sum(float(row[0]) for row in schedule) - exact * periods) < left + 0.0051 * periods
        assert schedule[-1][3] == 0
