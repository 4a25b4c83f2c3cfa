"""The functions of options on the real server against QuantLib: random inputs, many in one query."""

from __future__ import annotations

import math
import random

import QuantLib
from references import Compare, Server

TYPES = {"call": QuantLib.Option.Call, "put": QuantLib.Option.Put}
QUANTLIB = "QuantLib"


def test_black_scholes_against_quantlib(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(1973)
    cases = [
        (
            generator.choice(list(TYPES)),
            generator.uniform(50, 150),
            generator.uniform(50, 150),
            generator.uniform(0.02, 5),
            generator.uniform(-0.03, 0.12),
            generator.uniform(0, 0.08),
            generator.uniform(0.05, 0.8),
        )
        for _ in range(inputs)
    ]
    columns = {"o": "varchar", **dict.fromkeys(("s", "k", "t", "r", "q", "v"), "double")}
    greeks = ("price", "delta", "gamma", "vega", "theta", "rho")
    results = server.evaluate_all(
        [f"black_scholes_{greek}(o, s, k, t, r, q, v)" for greek in greeks], columns, cases
    )
    comparisons = [compare(f"black_scholes_{greek}", QUANTLIB) for greek in greeks]
    for case, actual in zip(cases, zip(*results, strict=True), strict=True):
        option, spot, strike, years, rate, dividends, volatility = case
        calculator = QuantLib.BlackCalculator(
            QuantLib.PlainVanillaPayoff(TYPES[option], strike),
            spot * math.exp((rate - dividends) * years),
            volatility * math.sqrt(years),
            math.exp(-rate * years),
        )
        expected = (
            calculator.value(),
            calculator.delta(spot),
            calculator.gamma(spot),
            calculator.vega(years),
            calculator.theta(spot, years),
            calculator.rho(years),
        )
        # QuantLib's normal distribution has no more digits in the tails than these
        scales = (spot * 1e-3, 1e-2, 1e-4, spot * 1e-3, spot * 1e-2, strike * 1e-3)
        for comparison, value, reference, scale in zip(comparisons, actual, expected, scales, strict=True):
            comparison.close(value, reference, case, scale=scale)


def test_forward_options_against_quantlib(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(1976)
    # what a price says of its volatility is left out where it is too little
    cases = [
        (
            generator.choice(list(TYPES)),
            generator.uniform(50, 150),
            generator.uniform(50, 150),
            generator.uniform(0.02, 5),
            generator.uniform(-0.03, 0.12),
            generator.uniform(0.05, 0.8),
        )
        for _ in range(inputs + inputs // 2)
    ]
    discounts = [math.exp(-rate * years) for _, _, _, years, rate, _ in cases]
    prices = [
        QuantLib.blackFormula(TYPES[option], strike, forward, volatility * math.sqrt(years), discount)
        for (option, forward, strike, years, _, volatility), discount in zip(cases, discounts, strict=True)
    ]
    columns = {"o": "varchar", **dict.fromkeys(("f", "k", "t", "r", "v", "p"), "double")}
    black, bachelier, delta, implied = server.evaluate_all(
        [
            "black76_price(o, f, k, t, r, v)",
            "bachelier_price(o, f - 100, k - 100, t, r, 50 * v)",
            "bachelier_delta(o, f - 100, k - 100, t, r, 50 * v)",
            "TRY(implied_volatility(p, o, f, k, t, r, r))",
        ],
        columns,
        [(*case, price) for case, price in zip(cases, prices, strict=True)],
    )
    volatilities = compare("implied_volatility", QUANTLIB + "'s price of the volatility")
    for number, (case, discount, price) in enumerate(zip(cases, discounts, prices, strict=True)):
        option, forward, strike, years, _, volatility = case
        deviation = volatility * math.sqrt(years)
        compare("black76_price", QUANTLIB).close(black[number], price, case, scale=forward * 1e-3)
        normal = (TYPES[option], strike - 100, forward - 100, 50 * deviation)
        expected = QuantLib.bachelierBlackFormula(*normal, discount)
        compare("bachelier_price", QUANTLIB).close(bachelier[number], expected, case, scale=0.1)
        expected = discount * QuantLib.bachelierBlackFormulaAssetItmProbability(*normal)
        compare("bachelier_delta", QUANTLIB).close(abs(delta[number]), expected, case, scale=1e-2)
        calculator = QuantLib.BlackCalculator(
            QuantLib.PlainVanillaPayoff(TYPES[option], strike), forward, deviation, discount
        )
        # the price says no more of the volatility than its digits
        if calculator.vega(years) < 1e-3 * forward:
            volatilities.leave_out("a vega of less than a thousandth of the forward")
        else:
            volatilities.close(implied[number], volatility, case)
