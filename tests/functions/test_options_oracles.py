"""The functions of options on the real server against QuantLib: random inputs, many in one query."""

from __future__ import annotations

import math
import random

import QuantLib
import trino.dbapi
from hypothesis import given
from test_oracles import Server, examples, seeds

TYPES = {"call": QuantLib.Option.Call, "put": QuantLib.Option.Put}


@examples
@given(seed=seeds)
def test_black_scholes_against_quantlib(trino_connection: trino.dbapi.Connection, seed: int) -> None:
    generator = random.Random(seed)
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
        for _ in range(2_500)
    ]
    columns = {"o": "varchar", **dict.fromkeys(("s", "k", "t", "r", "q", "v"), "double")}
    server = Server(trino_connection)
    greeks = ("price", "delta", "gamma", "vega", "theta", "rho")
    actual = [
        server.evaluate(f"black_scholes_{greek}(o, s, k, t, r, q, v)", columns, cases) for greek in greeks
    ]
    for (option, spot, strike, years, rate, dividends, volatility), values in zip(
        cases, zip(*actual, strict=True), strict=True
    ):
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
        for greek, value, reference in zip(greeks, values, expected, strict=True):
            assert math.isclose(value, reference, rel_tol=1e-9, abs_tol=1e-11), (greek, option, spot, strike)


@examples
@given(seed=seeds)
def test_forward_options_against_quantlib(trino_connection: trino.dbapi.Connection, seed: int) -> None:
    generator = random.Random(seed)
    cases = [
        (
            generator.choice(list(TYPES)),
            generator.uniform(50, 150),
            generator.uniform(50, 150),
            generator.uniform(0.02, 5),
            generator.uniform(-0.03, 0.12),
            generator.uniform(0.05, 0.8),
        )
        for _ in range(2_500)
    ]
    columns = {"o": "varchar", **dict.fromkeys(("f", "k", "t", "r", "v"), "double")}
    server = Server(trino_connection)
    black = server.evaluate("black76_price(o, f, k, t, r, v)", columns, cases)
    bachelier = server.evaluate("bachelier_price(o, f - 100, k - 100, t, r, 50 * v)", columns, cases)
    delta = server.evaluate("bachelier_delta(o, f - 100, k - 100, t, r, 50 * v)", columns, cases)
    implied = server.evaluate(
        "implied_volatility(black76_price(o, f, k, t, r, v), o, f, k, t, r, r)", columns, cases
    )
    for number, (option, forward, strike, years, rate, volatility) in enumerate(cases):
        discount = math.exp(-rate * years)
        deviation = volatility * math.sqrt(years)
        reference = QuantLib.blackFormula(TYPES[option], strike, forward, deviation, discount)
        assert math.isclose(black[number], reference, rel_tol=1e-9, abs_tol=1e-11)
        normal = (TYPES[option], strike - 100, forward - 100, 50 * deviation)
        reference = QuantLib.bachelierBlackFormula(*normal, discount)
        assert math.isclose(bachelier[number], reference, rel_tol=1e-9, abs_tol=1e-11)
        reference = discount * QuantLib.bachelierBlackFormulaAssetItmProbability(*normal)
        assert math.isclose(abs(delta[number]), reference, rel_tol=1e-9, abs_tol=1e-12)
        # the price says no more of the volatility than its digits
        calculator = QuantLib.BlackCalculator(
            QuantLib.PlainVanillaPayoff(TYPES[option], strike), forward, deviation, discount
        )
        vega = calculator.vega(years)
        if vega > 1e-3:
            assert abs(implied[number] - volatility) < 1e-9 * volatility + 1e-11 / vega
