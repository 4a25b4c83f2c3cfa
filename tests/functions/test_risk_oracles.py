"""The aggregates and formulas of risk on the real server against plain Python without any of their code."""

from __future__ import annotations

import datetime
import itertools
import math
import random
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from statistics import NormalDist

import trino.dbapi
from hypothesis import given
from test_oracles import Server, examples, seeds


@examples
@given(seed=seeds)
def test_time_series_against_plain_python(trino_connection: trino.dbapi.Connection, seed: int) -> None:
    generator = random.Random(seed)
    start = datetime.date(2020, 1, 1)
    series = {
        group: [generator.uniform(1, 100) for _ in range(generator.randrange(1, 60))] for group in range(60)
    }
    rows = [
        (group, start + datetime.timedelta(days=day), price)
        for group, prices in series.items()
        for day, price in enumerate(prices)
    ]
    generator.shuffle(rows)
    columns = {"g": "bigint", "d": "date", "p": "double"}
    server = Server(trino_connection)
    drawdowns = server.evaluate("max_drawdown(p, d) OVER (PARTITION BY g)", columns, rows)
    volatilities = server.evaluate("ewma_volatility(p, 0.94, d) OVER (PARTITION BY g)", columns, rows)
    shortfalls = server.evaluate("expected_shortfall(p, 0.9) OVER (PARTITION BY g)", columns, rows)
    for (group, *_), drawdown, volatility, shortfall in zip(
        rows, drawdowns, volatilities, shortfalls, strict=True
    ):
        prices = series[group]
        peaks = itertools.accumulate(prices, max)
        assert math.isclose(
            drawdown,
            max(1 - price / peak for price, peak in zip(prices, peaks, strict=True)),
            rel_tol=1e-9,
            abs_tol=1e-12,
        )
        variance = prices[0] ** 2
        for value in prices[1:]:
            variance = 0.94 * variance + 0.06 * value**2
        assert math.isclose(volatility, math.sqrt(variance), rel_tol=1e-9)
        tail = Fraction(len(prices), 10)
        taken = Fraction(0)
        total = Fraction(0)
        for price in sorted(prices):
            weight = min(Fraction(1), tail - taken)
            total += weight * Fraction(price)
            taken += weight
        assert math.isclose(shortfall, -float(total / tail), rel_tol=1e-9)


@examples
@given(seed=seeds)
def test_irb_capital_against_the_formula(trino_connection: trino.dbapi.Connection, seed: int) -> None:
    generator = random.Random(seed)
    cases = [
        (10 ** generator.uniform(-3.5, -0.05), generator.uniform(0.05, 1), generator.uniform(1, 5))
        for _ in range(2_500)
    ]
    actual = Server(trino_connection).evaluate(
        "irb_capital(DECIMAL '1000000000000.00', p, l, m)",
        {"p": "double", "l": "double", "m": "double"},
        cases,
    )
    normal = NormalDist()
    for (pd, lgd, maturity), capital in zip(cases, actual, strict=True):
        share = (1 - math.exp(-50 * pd)) / (1 - math.exp(-50))
        correlation = 0.12 * share + 0.24 * (1 - share)
        slope = (0.11852 - 0.05478 * math.log(pd)) ** 2
        stressed = normal.cdf(
            (normal.inv_cdf(pd) + math.sqrt(correlation) * normal.inv_cdf(0.999)) / math.sqrt(1 - correlation)
        )
        required = lgd * (stressed - pd) * (1 + (maturity - 2.5) * slope) / (1 - 1.5 * slope)
        assert math.isclose(float(capital) / 1e12, max(0, required), rel_tol=1e-9, abs_tol=1e-10)


@examples
@given(seed=seeds)
def test_losses_and_haircuts_against_decimal(trino_connection: trino.dbapi.Connection, seed: int) -> None:
    generator = random.Random(seed)
    cases = [
        (
            Decimal(generator.randrange(-(10**15), 10**15)) / 100,
            generator.randrange(10_001) / 10_000,
            generator.randrange(101) / 100,
        )
        for _ in range(2_500)
    ]
    columns = {"v": "decimal(18, 2)", "p": "double", "l": "double"}
    server = Server(trino_connection)
    losses = server.evaluate("expected_credit_loss(v, p, l)", columns, cases)
    values = server.evaluate("haircut_value(v, l, p)", columns, cases)
    with localcontext() as context:
        context.prec = 60
        for (exposure, pd, lgd), loss, value in zip(cases, losses, values, strict=True):
            first, second = Decimal(repr(pd)), Decimal(repr(lgd))
            cent = Decimal("0.01")
            assert loss == (exposure * first * second).quantize(cent, ROUND_HALF_UP)
            assert value == (exposure * max(1 - first - second, Decimal(0))).quantize(cent, ROUND_HALF_UP)
