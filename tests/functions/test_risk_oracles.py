"""Risk's aggregates and formulas on the real server against numpy, pandas, mpmath and Python's fractions."""

from __future__ import annotations

import datetime
import math
import random
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
from mpmath import erfinv, mp, mpf, ncdf, sqrt
from references import Compare, Server

CENT = Decimal("0.01")
START = datetime.datetime(2020, 1, 1)


def test_time_series_against_numpy_and_pandas(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(1996)
    series = [[generator.uniform(1, 100) for _ in range(generator.randrange(1, 12))] for _ in range(inputs)]
    groups = [
        [(START + datetime.timedelta(days=day), price, price - 50) for day, price in enumerate(prices)]
        for prices in series
    ]
    results = server.aggregate(
        [
            "max_drawdown(p, t)",
            "ewma_volatility(r, 0.94e0, t)",
            "expected_shortfall(r, 0.9)",
            "value_at_risk(r, 0.95)",
        ],
        {"t": "timestamp(6)", "p": "double", "r": "double"},
        groups,
        generator,
    )
    for prices, (drawdown, volatility, shortfall, at_risk) in zip(
        series, zip(*results, strict=True), strict=True
    ):
        values = np.array(prices)
        expected = float(np.max(1 - values / np.maximum.accumulate(values)))
        compare("max_drawdown", "numpy").close(drawdown, expected, prices, scale=1)
        returns = values - 50
        squares = pd.Series(returns**2)
        expected = math.sqrt(float(squares.ewm(alpha=0.06, adjust=False).mean().iloc[-1]))
        compare("ewma_volatility", "pandas' ewm").close(volatility, expected, prices)
        quantile = -float(np.quantile(returns, 0.05, method="inverted_cdf"))
        compare("value_at_risk", "numpy's quantile").close(at_risk, quantile, prices)
        tail = Fraction(len(prices), 10)
        taken = total = Fraction(0)
        for value in sorted(returns):
            weight = min(Fraction(1), tail - taken)
            total += weight * Fraction(float(value))
            taken += weight
        compare("expected_shortfall", "Python's fractions (Acerbi and Tasche)").close(
            shortfall, -float(total / tail), prices, scale=1e-3
        )


def test_irb_capital_against_the_formula(compare: Compare, server: Server, inputs: int) -> None:
    """CRE31.5 at 30 digits, of an exposure that leaves twelve of them."""
    generator = random.Random(31)
    comparison = compare("irb_capital", "mpmath, 30 digits, of Basel's CRE31.5")
    cases = [
        (10 ** generator.uniform(-3.5, -0.05), generator.uniform(0.05, 1), generator.uniform(1, 5))
        for _ in range(inputs)
    ]
    actual = server.evaluate(
        "irb_capital(DECIMAL '1000000000000000.00', p, l, m)",
        {"p": "double", "l": "double", "m": "double"},
        cases,
    )

    def quantile(probability: mpf) -> mpf:
        return sqrt(2) * erfinv(2 * probability - 1)

    with mp.workdps(30):
        extreme = quantile(mpf("0.999"))
        for case, capital in zip(cases, actual, strict=True):
            pd_, lgd, maturity = map(mpf, case)
            share = (1 - mp.exp(-50 * pd_)) / (1 - mp.exp(-50))
            correlation = mpf("0.12") * share + mpf("0.24") * (1 - share)
            slope = (mpf("0.11852") - mpf("0.05478") * mp.log(pd_)) ** 2
            stressed = ncdf((quantile(pd_) + sqrt(correlation) * extreme) / sqrt(1 - correlation))
            required = (
                lgd * (stressed - pd_) * (1 + (maturity - mpf("2.5")) * slope) / (1 - mpf("1.5") * slope)
            )
            comparison.close(float(capital) / 1e15, max(0.0, float(required)), case, scale=1e-4)


def test_losses_and_haircuts_against_decimal(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(22)
    cases = [
        (
            Decimal(generator.randrange(-(10**15), 10**15)) / 100,
            generator.randrange(10_001) / 10_000,
            generator.randrange(101) / 100,
        )
        for _ in range(inputs)
    ]
    columns = {"v": "decimal(18, 2)", "p": "double", "l": "double"}
    losses, values = server.evaluate_all(
        ["expected_credit_loss(v, p, l)", "haircut_value(v, l, p)"], columns, cases
    )
    for case, loss, value in zip(cases, losses, values, strict=True):
        exposure, first, second = case[0], Decimal(repr(case[1])), Decimal(repr(case[2]))
        expected = (exposure * first * second).quantize(CENT, ROUND_HALF_UP)
        compare("expected_credit_loss", "Python's decimal").same(loss, expected, case)
        expected = (exposure * max(1 - first - second, Decimal(0))).quantize(CENT, ROUND_HALF_UP)
        compare("haircut_value", "Python's decimal").same(value, expected, case)


def test_margin_against_decimal(compare: Compare, server: Server, inputs: int) -> None:
    """Regulation T and FINRA 4210(c): a rate of the value; short, at least so much a share."""
    generator = random.Random(4210)
    cases = [
        (
            Decimal(generator.randrange(-(10**6), 10**6)).scaleb(-generator.randrange(3)),
            Decimal(generator.randrange(10**5)).scaleb(-4 if generator.random() < 0.5 else -2),
            generator.choice([0.25, 0.5, generator.randrange(100) / 100]),
            generator.choice([0.3, 0.5, generator.randrange(100) / 100]),
        )
        for _ in range(inputs)
    ]
    columns = {"q": "decimal(12, 2)", "p": "decimal(12, 4)", "l": "double", "s": "double"}
    actual = server.evaluate(
        "margin_requirement(q, p, l, s, DECIMAL '5.00', DECIMAL '5.00', 1e0, DECIMAL '2.50')", columns, cases
    )
    for case, margin in zip(cases, actual, strict=True):
        quantity, price = case[:2]
        if quantity >= 0:
            per_share = price * Decimal(repr(case[2]))
        elif price >= 5:
            per_share = max(price * Decimal(repr(case[3])), Decimal(5))
        else:
            per_share = max(price, Decimal("2.5"))
        expected = (abs(quantity) * per_share).quantize(CENT, ROUND_HALF_UP)
        compare("margin_requirement", "Python's decimal, of Regulation T and FINRA 4210(c)").same(
            margin, expected, case
        )
