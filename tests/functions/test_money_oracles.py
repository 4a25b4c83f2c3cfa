"""The functions of money on the real server against Python's decimal, babel and iso4217.

Decimals are of every precision and scale, short and long; a result without room in its type is an error,
which TRY makes NULL.
"""

from __future__ import annotations

import datetime
import itertools
import random
import string
from collections.abc import Iterator
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
    InvalidOperation,
)
from fractions import Fraction
from typing import Any

import iso4217
from babel.numbers import (
    NumberFormatError,
    format_decimal,
    get_decimal_symbol,
    get_group_symbol,
    parse_decimal,
)
from dates import random_date
from references import Compare, Server, damaged

DECIMAL = "Python's decimal"
# every decimal type that Trino has
TYPES = [(precision, scale) for precision in range(1, 39) for scale in range(precision + 1)]
# locales of Nostro's by babel's names, and whether the currency's code stands first
LOCALES = {
    **{"en": True, "en_IN": True, "ja": True, "hi": True, "de": False, "it": False, "es": False},
    **{"da": False, "nl": True, "pt": True, "tr": True, "id": True, "de_CH": True, "it_CH": True},
    **{"fr": False, "fr_CH": False, "pl": False, "cs": False, "sv": False, "nb": False, "fi": False},
    **{"hu": False, "sk": False, "uk": False, "pt_PT": False, "el": False, "ko": True, "zh": True},
}
MINOR_UNITS = {"EUR": 2, "JPY": 0, "KWD": 3, "USD": 2, "CLF": 4}
MODES = {
    "half_even": ROUND_HALF_EVEN,
    "HALF_UP": ROUND_HALF_UP,
    "half_down": ROUND_HALF_DOWN,
    "up": ROUND_UP,
    "Down": ROUND_DOWN,
    "ceiling": ROUND_CEILING,
    "floor": ROUND_FLOOR,
}


def random_decimal(generator: random.Random, precision: int, scale: int) -> Decimal:
    unscaled = generator.randrange(10 ** generator.randrange(1, precision + 1))
    if generator.random() < 0.3:
        # a tie of some digit
        half = 10 ** generator.randrange(precision)
        unscaled = (unscaled // (10 * half) * 10 * half + 5 * half) % 10**precision
    if generator.random() < 0.05:
        unscaled = 10**precision - 1
    return Decimal(generator.choice([1, -1]) * unscaled).scaleb(-scale)


def types(generator: random.Random, inputs: int) -> Iterator[tuple[int, int, int]]:
    """Precision, scale and how many inputs: every type when there are inputs enough."""
    chosen = TYPES if inputs >= 10_000 else generator.sample(TYPES, 12)
    for precision, scale in chosen:
        yield precision, scale, -(-inputs // len(chosen))


def name_of(type_: tuple[int, int]) -> str:
    return "decimal({}, {})".format(*type_)


def fitting(value: Decimal, scale: int, precision: int = 38) -> Decimal | None:
    return value if abs(value) < Decimal(10) ** (precision - scale) else None


def rounded(value: Decimal, places: int, mode: str) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), mode)


def test_rounding_and_basis_points(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(38)
    overflows = 0
    for precision, scale, count in types(generator, inputs):
        cases = [
            (
                random_decimal(generator, precision, scale),
                generator.randrange(-8, scale + 2),
                generator.choice(list(MINOR_UNITS)),
                generator.choice(list(MODES)),
            )
            for _ in range(count)
        ]
        columns = {"x": name_of((precision, scale)), "n": "bigint", "c": "varchar", "m": "varchar"}
        expressions = (
            "TRY(round_money(x, c))",
            "TRY(round_money(x, c, m))",
            "TRY(round_half_even(x))",
            "TRY(round_half_even(x, n))",
            "TRY(to_basis_points(x))",
            "TRY(from_basis_points(x))",
        )
        results = server.evaluate_all(expressions, columns, cases)
        wider = min(38, precision + 1)
        for case, actual in zip(cases, zip(*results, strict=True), strict=True):
            value, places, currency, mode = case
            cents = min(MINOR_UNITS[currency], scale)
            exact_points = value.scaleb(-4)
            expected = (
                fitting(rounded(value, cents, ROUND_HALF_EVEN), scale, wider),
                fitting(rounded(value, cents, MODES[mode]), scale, wider),
                fitting(rounded(value, 0, ROUND_HALF_EVEN), scale, wider),
                fitting(rounded(value, min(places, scale), ROUND_HALF_EVEN), scale, wider),
                fitting(value.scaleb(4), max(0, scale - 4)),
                exact_points
                if exact_points == rounded(exact_points, min(scale + 4, 38), ROUND_DOWN)
                else None,
            )
            functions = (
                *["round_money"] * 2,
                *["round_half_even"] * 2,
                "to_basis_points",
                "from_basis_points",
            )
            for function, result, reference in zip(functions, actual, expected, strict=True):
                compare(function, DECIMAL, "all precisions and scales").same(result, reference, case)
                overflows += reference is None
    assert overflows


def test_basis_points_of_doubles(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(4)
    cases = [
        (generator.choice([generator.gauss(0, 0.1), generator.randrange(-(10**6), 10**6) / 10**8]),)
        for _ in range(inputs)
    ]
    to_points, from_points = server.evaluate_all(
        ["to_basis_points(x)", "from_basis_points(x)"], {"x": "double"}, cases
    )
    for (value,), points, rate in zip(cases, to_points, from_points, strict=True):
        compare("to_basis_points", DECIMAL).same(points, float(Decimal(repr(value)).scaleb(4)), value)
        compare("from_basis_points", DECIMAL).same(rate, value / 10_000, value)


def allocated(amount: Decimal, scale: int, weights: list[Decimal]) -> list[Decimal]:
    """Hamilton's method in fractions."""
    units = int(abs(amount).scaleb(scale))
    quotas = [Fraction(units) * Fraction(weight) / Fraction(sum(weights)) for weight in weights]
    parts = [int(quota) for quota in quotas]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - quotas[i], i))
    for i in by_remainder[: units - sum(parts)]:
        parts[i] += 1
    return [Decimal(part * (-1 if amount < 0 else 1)).scaleb(-scale) for part in parts]


def test_allocate_against_fractions(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(7)
    comparison = compare("allocate", "Python's fractions, Hamilton's method", "all precisions and scales")
    for precision, scale, count in types(generator, inputs):
        places = generator.choice([None, 0, 4, 12])
        weight_type = "bigint" if places is None else f"decimal({generator.choice([16, 38])}, {places})"
        cases: list[tuple[Decimal, list[Decimal]]] = []
        while len(cases) < count:
            largest = generator.choice([3, 100, 1_000])
            weights = [
                Decimal(generator.randrange(largest)).scaleb(-(places or 0))
                for _ in range(generator.randrange(1, 20))
            ]
            if any(weights):
                cases.append((random_decimal(generator, precision, scale), weights))
        columns = {"a": name_of((precision, scale)), "w": f"array({weight_type})"}
        rows = [(amount, list(map(str, weights))) for amount, weights in cases]
        for case, parts in zip(cases, server.evaluate("allocate(a, w)", columns, rows), strict=True):
            assert sum(parts) == case[0]
            comparison.same(parts, allocated(case[0], scale, case[1]), case)


def test_conversions(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(1103)
    converted = crossed = 0
    for precision, scale, count in types(generator, inputs):
        first, second = generator.choice(TYPES), generator.choice(TYPES)
        cases = [
            (
                random_decimal(generator, precision, scale),
                abs(random_decimal(generator, *first)),
                abs(random_decimal(generator, *second)),
                generator.choice([it for it, digits in MINOR_UNITS.items() if digits <= scale] or ["JPY"]),
            )
            for _ in range(count)
        ]
        columns = {
            "a": name_of((precision, scale)),
            "f": name_of(first),
            "t": name_of(second),
            "c": "varchar",
        }
        through_base, by_rate, cross = server.evaluate_all(
            ["TRY(fx_convert(a, f, t, c))", "TRY(fx_convert(a, t, c))", "TRY(fx_cross(f, t))"], columns, cases
        )
        places = max(first[1], second[1], 12)
        convention = "all precisions and scales; half up"
        for number, case in enumerate(cases):
            amount, source, target, currency = case
            digits = MINOR_UNITS[currency]
            expected = (
                fitting(rounded(amount * target / source, digits, ROUND_HALF_UP), scale)
                if source and target
                else None
            )
            compare("fx_convert", DECIMAL, convention).same(through_base[number], expected, case)
            converted += expected is not None
            expected = fitting(rounded(amount * target, digits, ROUND_HALF_UP), scale) if target else None
            compare("fx_convert", DECIMAL, convention).same(by_rate[number], expected, case)
            expected = (
                fitting(rounded(target / source, places, ROUND_HALF_UP), places)
                if source and target
                else None
            )
            compare("fx_cross", DECIMAL, convention).same(cross[number], expected or None, case)
            crossed += bool(expected)
    assert converted > inputs // 10
    assert crossed > inputs // 10


def exact_fraction(convention: str, start: datetime.date, end: datetime.date) -> Fraction:
    days = (end - start).days
    match convention:
        case "Act/360":
            return Fraction(days, 360)
        case "Act/365F":
            return Fraction(days, 365)
        case "30E/360":
            months = 12 * (end.year - start.year) + end.month - start.month
            return Fraction(30 * months + min(end.day, 30) - min(start.day, 30), 360)
        case _:
            years = Fraction(0)
            for year in range(start.year, end.year + 1):
                first, after = datetime.date(year, 1, 1), datetime.date(year + 1, 1, 1)
                inside = (min(end, after) - max(start, first)).days
                years += Fraction(inside, (after - first).days)
            return years


def test_accrued_interest(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(365)
    comparison = compare(
        "accrued_interest", "Python's fractions", "all precisions and scales; rounded once, half to even"
    )
    for precision, scale, count in types(generator, inputs):
        cases = []
        for _ in range(count):
            start = random_date(generator)
            cases.append(
                (
                    random_decimal(generator, precision, scale),
                    generator.choice([0.015, 0.0875, 0.1, -0.005, 0.25, 0.5, generator.random(), 3.0]),
                    start,
                    start
                    + datetime.timedelta(days=generator.choice([45, 90, 180, generator.randrange(1_000)])),
                    generator.choice(["Act/360", "Act/365F", "30E/360", "Act/Act ISDA"]),
                )
            )
        columns = {
            **{"p": name_of((precision, scale)), "r": "double", "s": "date", "e": "date"},
            "c": "varchar",
        }
        actual = server.evaluate("TRY(accrued_interest(p, r, s, e, c))", columns, cases)
        for case, interest in zip(cases, actual, strict=True):
            principal, rate, start, end, convention = case
            # a double's shortest text is the number that was meant
            exact = Fraction(principal) * Fraction(repr(rate)) * exact_fraction(convention, start, end)
            # Python rounds fractions half to even
            expected = fitting(Decimal(round(exact * 10**scale)).scaleb(-scale), scale)
            comparison.same(interest, expected, case)


def schedule(
    principal: Decimal, scale: int, rate: Fraction, periods: int, method: str
) -> list[tuple[int, Decimal, Decimal, Decimal, Decimal]]:
    """In fractions: interest is rounded, and so is the payment, or the principal repaid each period."""
    units = int(principal.scaleb(scale))
    growth = (1 + rate) ** periods
    payment = round(units * rate * growth / (growth - 1)) if rate else round(Fraction(units, periods))
    balance = units
    rows = []
    for period in range(1, periods + 1):
        interest = round(balance * rate)
        repaid = {"annuity": payment - interest, "linear": round(Fraction(units, periods)), "bullet": 0}[
            method
        ]
        if period == periods or abs(repaid) > abs(balance):
            repaid = balance
        balance -= repaid
        amounts = (interest + repaid, interest, repaid, balance)
        rows.append((period, *(Decimal(amount).scaleb(-scale) for amount in amounts)))
    return rows  # type: ignore[return-value]


def test_amortization_against_fractions(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(30)
    comparison = compare(
        "amortization_schedule", "Python's fractions", "all precisions and scales; every row of a schedule"
    )
    for precision, scale, count in types(generator, inputs):
        cases = [
            (
                random_decimal(generator, precision, scale),
                generator.choice([0.0, generator.randrange(1, 1_500) / 10_000]),
                generator.choice([1, 2, 3, 7, 12, 24, 60]),
                generator.choice([1, 2, 4, 12]),
                generator.choice(["annuity", "linear", "bullet"]),
            )
            for _ in range(count)
        ]
        columns = {
            **{"a": name_of((precision, scale)), "r": "double", "n": "bigint", "f": "bigint"},
            "m": "varchar",
        }
        actual = server.evaluate("TRY(amortization_schedule(a, r, n, f, m))", columns, cases)
        for case, rows in zip(cases, actual, strict=True):
            amount, rate, periods, frequency, method = case
            if rows is None:
                # a payment beyond 38 digits
                assert abs(amount) * 2 > Decimal(10) ** (38 - scale), case
                comparison.leave_out("a payment that has no room in 38 digits, an error")
                continue
            expected = schedule(amount, scale, Fraction(repr(rate)) / frequency, periods, method)
            comparison.same([tuple(row) for row in rows], expected, case)


def test_money_format_against_babel(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(35)
    comparison = compare("money_format", "babel", "all precisions and scales")
    for precision, scale, count in types(generator, inputs):
        cases = [
            (
                random_decimal(generator, precision, scale),
                generator.choice(list(MINOR_UNITS)),
                generator.choice(list(LOCALES)),
            )
            for _ in range(count)
        ]
        columns = {"a": name_of((precision, scale)), "c": "varchar", "l": "varchar"}
        for case, text in zip(cases, server.evaluate("money_format(a, c, l)", columns, cases), strict=True):
            amount, currency, locale = case
            places = "0" * MINOR_UNITS[currency] + "#" * (scale - MINOR_UNITS[currency])
            groups = "#,##,##0" if locale in {"en_IN", "hi"} else "#,##0"
            pattern = f"{groups}.{places}" if places else groups
            number = format_decimal(abs(amount), pattern, locale, numbering_system="latn")
            if amount < 0:
                number = "-" + number
            parts = [currency, number] if LOCALES[locale] else [number, currency]
            comparison.same(text, "\u00a0".join(parts), case)


def test_money_parse_against_babel(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(36)
    comparison = compare("money_parse", "babel")
    cases: list[tuple[str, str]] = []
    while len(cases) < inputs:
        locale = generator.choice(list(LOCALES))
        amount = abs(random_decimal(generator, generator.randrange(4, 28), generator.randrange(4)))
        text = format_decimal(amount, locale=locale, decimal_quantization=False, numbering_system="latn")
        if generator.random() < 0.2:
            text = str(amount)
        text = damaged(text, generator, string.digits + ".,") or "0"
        if text[-1] in ".,":
            comparison.leave_out("texts that end with a separator, which babel reads")
        elif text != text.strip():
            comparison.leave_out("texts with spaces around them, which babel does not read")
        else:
            cases.append((text, locale))
    actual = server.evaluate("TRY(money_parse(t, l))", {"t": "varchar", "l": "varchar"}, cases)
    for case, value in zip(cases, actual, strict=True):
        text, locale = case
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
        comparison.same(value, expected, case)
    assert inputs // 5 < sum(value is not None for value in actual) < inputs


def test_minor_units_against_iso4217(compare: Compare, server: Server) -> None:
    codes = ["".join(letters) for letters in itertools.product(string.ascii_uppercase, repeat=3)]
    digits, valid = server.evaluate_all(
        ["TRY(currency_minor_units(c))", "currency_is_valid(c)"], {"c": "varchar"}, [[it] for it in codes]
    )
    comparison = compare("currency_minor_units", "iso4217 (ISO's own list)")
    listed = {currency.code: currency.exponent for currency in iso4217.Currency}
    for code, places, in_force in zip(codes, digits, valid, strict=True):
        if code in listed and listed[code] is None:
            comparison.leave_out("codes without minor units")
        elif code in listed and not in_force:
            comparison.leave_out("currencies that Java's edition of ISO's list lacks or has withdrawn")
        elif code not in listed and places is not None:
            comparison.leave_out("withdrawn currencies, whose minor units Nostro keeps")
        else:
            comparison.same(places, listed.get(code), code)
    assert comparison.inputs > 17_000
