"""The functions of money on the real server against Python's decimal, babel and pycountry: random inputs."""

from __future__ import annotations

import itertools
import random
import string
from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, InvalidOperation, localcontext
from fractions import Fraction
from typing import Any

import pycountry
import pytest
import trino.dbapi
from babel.numbers import (
    NumberFormatError,
    format_decimal,
    get_decimal_symbol,
    get_group_symbol,
    parse_decimal,
)
from hypothesis import given
from test_oracles import Server, damaged, examples, seeds

# short and long decimals, of no, some and only decimal places
TYPES = [(5, 2), (18, 0), (18, 6), (19, 4), (30, 30), (38, 10)]
# locales of Nostro's by babel's names, and whether the currency's code stands first
LOCALES = {
    **{"en": True, "en_IN": True, "ja": True, "hi": True, "de": False, "it": False, "es": False},
    **{"da": False, "nl": True, "pt": True, "tr": True, "id": True, "de_CH": True, "it_CH": True},
    **{"fr": False, "fr_CH": False, "pl": False, "cs": False, "sv": False, "nb": False, "fi": False},
    **{"hu": False, "sk": False, "uk": False, "pt_PT": False, "el": False, "ko": True, "zh": True},
}
MINOR_UNITS = {"EUR": 2, "JPY": 0, "KWD": 3, "USD": 2, "CLF": 4}


@pytest.fixture(autouse=True)
def exact_decimals() -> Iterator[None]:
    with localcontext() as context:
        context.prec = 200
        yield


def random_decimal(generator: random.Random, precision: int, scale: int) -> Decimal:
    unscaled = generator.randrange(10 ** generator.randrange(1, precision + 1))
    if generator.random() < 0.3:
        # a tie of some digit
        half = 10 ** generator.randrange(precision)
        unscaled = unscaled // (10 * half) * 10 * half + 5 * half
    return Decimal(generator.choice([1, -1]) * unscaled).scaleb(-scale)


@examples
@given(seed=seeds)
def test_rounding_and_basis_points_against_decimal(
    trino_connection: trino.dbapi.Connection, seed: int
) -> None:
    generator = random.Random(seed)
    server = Server(trino_connection)
    for precision, scale in TYPES:
        cases = [
            (random_decimal(generator, precision, scale), generator.randrange(-8, scale + 2))
            for _ in range(500)
        ]
        columns = {"x": f"decimal({precision}, {scale})", "n": "bigint"}
        rounded = server.evaluate("TRY(round_half_even(x, n))", columns, cases)
        whole = server.evaluate("round_half_even(x)", columns, cases)
        to_points = server.evaluate("TRY(to_basis_points(x))", columns, cases)
        from_points = server.evaluate("from_basis_points(x)", columns, cases)
        for number, (value, places) in enumerate(cases):
            expected = value.quantize(Decimal(1).scaleb(-min(places, scale)), ROUND_HALF_EVEN)
            assert rounded[number] == expected, (value, places)
            expected = value.quantize(Decimal(1), ROUND_HALF_EVEN)
            assert whole[number] == expected, value
            points = value.scaleb(4)
            fits = abs(points) < Decimal(10) ** (38 - max(0, scale - 4))
            assert to_points[number] == (points if fits else None), value
            assert from_points[number] == value.scaleb(-4), value


@examples
@given(seed=seeds)
def test_basis_points_of_doubles_against_decimal(trino_connection: trino.dbapi.Connection, seed: int) -> None:
    generator = random.Random(seed)
    cases = [
        (generator.choice([generator.gauss(0, 0.1), generator.randrange(-(10**6), 10**6) / 10**8]),)
        for _ in range(2_500)
    ]
    server = Server(trino_connection)
    to_points = server.evaluate("to_basis_points(x)", {"x": "double"}, cases)
    from_points = server.evaluate("from_basis_points(x)", {"x": "double"}, cases)
    for (value,), points, rate in zip(cases, to_points, from_points, strict=True):
        assert points == float(Decimal(repr(value)).scaleb(4))
        assert rate == value / 10_000


def allocated(amount: Decimal, weights: list[Decimal]) -> list[Decimal]:
    """Hamilton's method in fractions."""
    unit = Decimal(1).scaleb(amount.as_tuple().exponent)  # type: ignore[arg-type]
    units = int(abs(amount) / unit)
    quotas = [Fraction(units) * Fraction(weight) / Fraction(sum(weights)) for weight in weights]
    parts = [int(quota) for quota in quotas]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - quotas[i], i))
    for i in by_remainder[: units - sum(parts)]:
        parts[i] += 1
    return [unit * part * (-1 if amount < 0 else 1) for part in parts]


@examples
@given(seed=seeds)
@pytest.mark.parametrize(
    ("amount_type", "weight_type"),
    [
        ((12, 2), "bigint"),
        ((38, 5), "bigint"),
        ((12, 2), "decimal(10, 4)"),
        ((38, 5), "decimal(38, 12)"),
    ],
)
def test_allocate_against_fractions(
    trino_connection: trino.dbapi.Connection, amount_type: tuple[int, int], weight_type: str, seed: int
) -> None:
    generator = random.Random(seed)
    precision, scale = amount_type
    places = {"bigint": 0, "decimal(10, 4)": 4, "decimal(38, 12)": 12}[weight_type]
    cases: list[tuple[Decimal, list[Decimal]]] = []
    while len(cases) < 700:
        largest = generator.choice([3, 100, 10**9])
        weights = [
            Decimal(generator.randrange(largest)).scaleb(-places) for _ in range(generator.randrange(1, 20))
        ]
        if any(weights):
            amount = random_decimal(generator, precision, scale)
            cases.append((amount.quantize(Decimal(1).scaleb(-scale)), weights))
    columns = {"a": f"decimal({precision}, {scale})", "w": f"array({weight_type})"}
    actual = Server(trino_connection).evaluate("allocate(a, w)", columns, cases)
    for (amount, weights), parts in zip(cases, actual, strict=True):
        assert sum(parts) == amount
        assert parts == allocated(amount, weights), (amount, weights)


@examples
@given(seed=seeds)
def test_fx_cross_against_decimal(trino_connection: trino.dbapi.Connection, seed: int) -> None:
    generator = random.Random(seed)
    server = Server(trino_connection)
    for from_type, to_type in [
        ((10, 5), (18, 6)),
        ((38, 14), (9, 2)),
        ((12, 4), (38, 20)),
        ((20, 0), (5, 5)),
    ]:
        rows = [
            (abs(random_decimal(generator, *from_type)), abs(random_decimal(generator, *to_type)))
            for _ in range(700)
        ]
        columns = {"f": "decimal({}, {})".format(*from_type), "t": "decimal({}, {})".format(*to_type)}
        scale = max(from_type[1], to_type[1], 12)
        actual = server.evaluate("TRY(fx_cross(f, t))", columns, rows)
        crossed = 0
        for (source, target), rate in zip(rows, actual, strict=True):
            expected = None
            if source and target:
                expected = (target / source).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)
                if not 0 < expected < Decimal(10) ** (38 - scale):
                    expected = None
            assert rate == expected, (source, target)
            crossed += expected is not None
        assert crossed > 100


@examples
@given(seed=seeds)
def test_money_format_against_babel(trino_connection: trino.dbapi.Connection, seed: int) -> None:
    generator = random.Random(seed)
    cases = [
        (
            random_decimal(generator, 38, 6),
            generator.choice(list(MINOR_UNITS)),
            generator.choice(list(LOCALES)),
        )
        for _ in range(2_500)
    ]
    columns = {"a": "decimal(38, 6)", "c": "varchar", "l": "varchar"}
    actual = Server(trino_connection).evaluate("money_format(a, c, l)", columns, cases)
    for (amount, currency, locale), text in zip(cases, actual, strict=True):
        places = "0" * MINOR_UNITS[currency] + "#" * (6 - MINOR_UNITS[currency])
        groups = "#,##,##0" if locale in {"en_IN", "hi"} else "#,##0"
        number = format_decimal(abs(amount), f"{groups}.{places}", locale, numbering_system="latn")
        if amount < 0:
            number = "-" + number
        parts = [currency, number] if LOCALES[locale] else [number, currency]
        assert text == "\u00a0".join(parts), (amount, currency, locale)


@examples
@given(seed=seeds)
def test_money_parse_against_babel(trino_connection: trino.dbapi.Connection, seed: int) -> None:
    generator = random.Random(seed)
    cases: list[tuple[str, str]] = []
    while len(cases) < 2_500:
        locale = generator.choice(list(LOCALES))
        amount = abs(random_decimal(generator, generator.randrange(4, 28), generator.randrange(4)))
        text = format_decimal(amount, locale=locale, decimal_quantization=False, numbering_system="latn")
        if generator.random() < 0.2:
            text = str(amount)
        text = damaged(text, generator, string.digits + ".,") or "0"
        # babel reads a number without its decimals, and none with spaces around it
        if text[-1] not in ".," and text == text.strip():
            cases.append((text, locale))
    actual = Server(trino_connection).evaluate(
        "TRY(money_parse(t, l))", {"t": "varchar", "l": "varchar"}, cases
    )
    read = 0
    for (text, locale), amount in zip(cases, actual, strict=True):
        expected: Any
        try:
            expected = parse_decimal(text, locale=locale, strict=True, numbering_system="latn")
        except (NumberFormatError, InvalidOperation):
            expected = None
        # babel also reads a point where the locale has another decimal separator
        if "." in text and "." not in {get_decimal_symbol(locale), get_group_symbol(locale)}:
            expected = None
        if expected is not None and expected != round(expected, 10):
            expected = None
        assert amount == expected, (text, locale)
        read += amount is not None
    assert 500 < read < 2_400


def test_currency_numeric_code_against_pycountry(trino_connection: trino.dbapi.Connection) -> None:
    codes = ["".join(letters) for letters in itertools.product(string.ascii_uppercase, repeat=3)]
    rows = [(code,) for code in codes]
    server = Server(trino_connection)
    numeric = server.evaluate("TRY(currency_numeric_code(c))", {"c": "varchar"}, rows)
    valid = server.evaluate("currency_is_valid(c)", {"c": "varchar"}, rows)
    listed = {currency.alpha_3: currency.numeric for currency in pycountry.currencies}
    compared = 0
    for code, digits, in_force in zip(codes, numeric, valid, strict=True):
        if in_force and code in listed:
            assert digits == listed[code], code
            compared += 1
    assert compared > 170
