"""The identifiers' functions on the real server against schwifty, python-stdnum and pycountry.

Where a library differs from the standard, the difference is named and left out of the comparison.
"""

from __future__ import annotations

import random
import string

import pycountry
import stdnum.cusip
import stdnum.figi
import stdnum.gb.sedol
import stdnum.isin
import stdnum.iso11649
import stdnum.lei
import stdnum.luhn
import stdnum.us.rtn
import trino.dbapi
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schwifty import BIC, IBAN
from schwifty.checksum import algorithms
from schwifty.exceptions import SchwiftyException
from schwifty.iban import _iso7064_mod97_10 as mod_97_10
from stdnum.iso7064 import mod_97_10 as stdnum_mod_97_10
from test_oracles import ALPHANUMERIC, Server, damaged

CONSONANTS = "BCDFGHJKLMNPQRSTVWXYZ"
TEXT = {"value": "varchar"}
# those whose national check digits schwifty checks by country, and a few that have none
NATIONALLY_CHECKED = ("BE", "CZ", "EE", "ES", "FI", "FR", "IS", "IT", "MC", "ME", "NO", "PL", "PT", "RS")
WITHOUT_METHOD = ("AT", "CH", "GB", "LU", "NL")
# Left out: Czech and Slovak accounts, whose prefix is a branch to schwifty; Hungarian and Slovenian ones,
# which it cuts elsewhere; Swedish ones, which it gives without the digit that only the bank can check.
WITH_SAME_PARTS = (
    *("AD", "BA", "BG", "CY", "DE", "ES", "FR", "GB", "GR", "IE", "IT", "MT", "NL", "NO", "PT", "TR"),
)

examples = settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
seeds = st.integers(0, 2**32 - 1)


def text(generator: random.Random, characters: str, length: int) -> str:
    return "".join(generator.choice(characters) for _ in range(length))


def nationally_valid(iban: str) -> bool:
    try:
        IBAN(iban, validate_bban=True)
    except SchwiftyException:
        return False
    return True


def with_other_digit(iban: str, generator: random.Random) -> str:
    """The IBAN with one digit of its BBAN changed, and check digits that fit again."""
    position = generator.choice([i for i in range(4, len(iban)) if iban[i].isdigit()])
    bban = iban[4:position] + generator.choice(string.digits) + iban[position + 1 :]
    return iban[:2] + mod_97_10.compute([bban, iban[:2]]) + bban


@examples
@given(seed=seeds)
def test_national_check_digits_against_schwifty(trino_connection: trino.dbapi.Connection, seed: int) -> None:
    generator = random.Random(seed)
    assert all(f"{country}:default" in algorithms for country in NATIONALLY_CHECKED)
    ibans = []
    for _ in range(1_500):
        iban = str(
            IBAN.random(
                random=generator,
                country_code=generator.choice(NATIONALLY_CHECKED + WITHOUT_METHOD),
                use_registry=False,
            )
        )
        ibans.append(with_other_digit(iban, generator) if generator.random() < 0.5 else iban)
    server = Server(trino_connection)
    rows = [[iban] for iban in ibans]
    checked = server.evaluate("iban_check_national(value)", TEXT, rows)
    valid = server.evaluate("iban_is_valid(value)", TEXT, rows)
    for iban, actual in zip(ibans, checked, strict=True):
        assert actual == nationally_valid(iban), iban
    assert all(valid)
    assert 100 < checked.count(False) < 1_000


@examples
@given(seed=seeds)
def test_parts_of_ibans_against_schwifty(trino_connection: trino.dbapi.Connection, seed: int) -> None:
    generator = random.Random(seed)
    ibans = [
        IBAN.random(random=generator, country_code=generator.choice(WITH_SAME_PARTS)) for _ in range(500)
    ]
    server = Server(trino_connection)
    printed = [[iban.formatted.lower()] for iban in ibans]
    electronic = [[str(iban)] for iban in ibans]
    assert server.evaluate("iban_normalize(value)", TEXT, printed) == [str(iban) for iban in ibans]
    assert server.evaluate("iban_format(value)", TEXT, electronic) == [iban.formatted for iban in ibans]
    assert server.evaluate("iban_account_number(value)", TEXT, electronic) == [
        iban.account_code for iban in ibans
    ]
    assert server.evaluate("iban_branch_code(value)", TEXT, electronic) == [
        iban.branch_code or None for iban in ibans
    ]
    assert server.evaluate("iban_check_digits(value)", TEXT, electronic) == [
        iban.checksum_digits for iban in ibans
    ]
    assert server.evaluate("iban_check_digits(substr(value, 1, 2), substr(value, 5))", TEXT, electronic) == [
        iban.checksum_digits for iban in ibans
    ]


@examples
@given(seed=seeds)
def test_bics_against_schwifty(trino_connection: trino.dbapi.Connection, seed: int) -> None:
    generator = random.Random(seed)
    letters = string.ascii_uppercase
    bics = [
        text(generator, letters, 4)
        + generator.choice(["DE", "FR", "US", "JP"])  # schwifty does not know XK, which SWIFT gives Kosovo
        + text(generator, ALPHANUMERIC, generator.choice([2, 5]))
        for _ in range(500)
    ]
    server = Server(trino_connection)
    rows = [[bic] for bic in bics]
    assert server.evaluate("bic_country(value)", TEXT, rows) == [BIC(bic).country_code for bic in bics]
    assert server.evaluate("bic_is_test(value)", TEXT, rows) == [BIC(bic).type == "testing" for bic in bics]
    assert server.evaluate("bic_normalize(lower(value))", TEXT, rows) == [bic.ljust(11, "X") for bic in bics]


@examples
@given(seed=seeds)
def test_check_digits_against_stdnum(trino_connection: trino.dbapi.Connection, seed: int) -> None:
    generator = random.Random(seed)
    server = Server(trino_connection)
    upper = string.ascii_uppercase

    def compare(function: str, bodies: list[str], expected: list[str]) -> None:
        assert server.evaluate(f"{function}(value)", TEXT, [[body] for body in bodies]) == expected

    cusips = [text(generator, ALPHANUMERIC + "*@#", 8) for _ in range(700)]
    compare("cusip_check_digit", cusips, [stdnum.cusip.calc_check_digit(body) for body in cusips])
    sedols = [
        text(generator, CONSONANTS, 1) + text(generator, string.digits + CONSONANTS, 5) for _ in range(700)
    ]
    compare("sedol_check_digit", sedols, [stdnum.gb.sedol.calc_check_digit(body) for body in sedols])
    figis = ["BBG" + text(generator, string.digits + CONSONANTS, 8) for _ in range(700)]
    compare("figi_check_digit", figis, [stdnum.figi.calc_check_digit(body) for body in figis])
    isins = [generator.choice(["US", "DE", "XS"]) + text(generator, ALPHANUMERIC, 9) for _ in range(700)]
    compare("isin_check_digit", isins, [stdnum.isin.calc_check_digit(body) for body in isins])
    leis = [text(generator, string.digits + upper, 18) for _ in range(700)]
    compare("lei_check_digits", leis, [stdnum_mod_97_10.calc_check_digits(body) for body in leis])
    numbers = [text(generator, string.digits, generator.randrange(1, 40)) for _ in range(700)]
    compare("luhn_check_digit", numbers, [stdnum.luhn.calc_check_digit(body) for body in numbers])
    national = [body + stdnum.cusip.calc_check_digit(body) for body in cusips if body.isalnum()]
    compare("isin_from_cusip", national, [stdnum.cusip.to_isin(cusip) for cusip in national])
    national = [body + stdnum.gb.sedol.calc_check_digit(body) for body in sedols]
    compare("isin_from_sedol", national, [stdnum.gb.sedol.to_isin(sedol) for sedol in national])


@examples
@given(seed=seeds)
def test_validity_against_stdnum(trino_connection: trino.dbapi.Connection, seed: int) -> None:
    generator = random.Random(seed)
    server = Server(trino_connection)
    upper = string.digits + string.ascii_uppercase

    def compare(function: str, module: object, valid: list[str], alphabet: str) -> None:
        values = [damaged(value, generator, alphabet) for value in valid]
        actual = server.evaluate(f"{function}(value)", TEXT, [[value] for value in values])
        for value, accepted in zip(values, actual, strict=True):
            assert accepted == module.is_valid(value), (function, value)  # type: ignore[attr-defined]
        assert 0 < actual.count(False) < len(actual)

    cusips = [text(generator, upper, 8) for _ in range(500)]
    compare(
        "cusip_is_valid",
        stdnum.cusip,
        [body + stdnum.cusip.calc_check_digit(body) for body in cusips],
        upper,
    )
    sedols = [
        text(generator, CONSONANTS, 1) + text(generator, string.digits + CONSONANTS, 5) for _ in range(500)
    ]
    compare(
        "sedol_is_valid",
        stdnum.gb.sedol,
        [body + stdnum.gb.sedol.calc_check_digit(body) for body in sedols],
        upper,
    )
    numbers = [text(generator, string.digits, 20) for _ in range(500)]
    compare(
        "luhn_is_valid",
        stdnum.luhn,
        [body + stdnum.luhn.calc_check_digit(body) for body in numbers],
        string.digits,
    )
    routing = [
        generator.choice(["02", "11", "31", "61"]) + text(generator, string.digits, 6) for _ in range(500)
    ]
    values = [body + stdnum.us.rtn.calc_check_digit(body) for body in routing]
    assert all(server.evaluate("aba_is_valid(value)", TEXT, [[value] for value in values]))
    wrong = [value[:-1] + str((int(value[-1]) + generator.randrange(1, 10)) % 10) for value in values]
    assert not any(server.evaluate("aba_is_valid(value)", TEXT, [[value] for value in wrong]))
    references = [text(generator, upper, generator.randrange(1, 22)) for _ in range(500)]
    created = server.evaluate("rf_reference_create(value)", TEXT, [[reference] for reference in references])
    assert all(stdnum.iso11649.is_valid(reference) for reference in created)
    wrong = [reference[:2] + f"{(int(reference[2:4]) + 1) % 97:02d}" + reference[4:] for reference in created]
    assert not any(server.evaluate("rf_reference_is_valid(value)", TEXT, [[value] for value in wrong]))
    assert all(server.evaluate("rf_reference_is_valid(value)", TEXT, [[value] for value in created]))


def test_codes_against_pycountry(trino_connection: trino.dbapi.Connection) -> None:
    server = Server(trino_connection)
    upper = string.ascii_uppercase
    two = [a + b for a in upper for b in upper]
    accepted = server.evaluate("country_is_valid(value)", TEXT, [[code] for code in two])
    assert {code for code, valid in zip(two, accepted, strict=True) if valid} == {
        country.alpha_2 for country in pycountry.countries
    }
    three = [code + c for code in two for c in upper]
    accepted = server.evaluate("currency_is_valid(value)", TEXT, [[code] for code in three])
    assert {code for code, valid in zip(three, accepted, strict=True) if valid} == {
        currency.alpha_3 for currency in pycountry.currencies
    }
