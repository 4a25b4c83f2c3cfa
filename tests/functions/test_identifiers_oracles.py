"""The identifiers' functions on the real server against schwifty, python-stdnum, pycountry and uuid.

Where a library differs from the standard, the difference is named and left out of the comparison.
"""

from __future__ import annotations

import itertools
import random
import re
import string
import uuid
from collections.abc import Callable
from types import ModuleType

import pycountry
import stdnum.cusip
import stdnum.figi
import stdnum.gb.sedol
import stdnum.iban
import stdnum.isin
import stdnum.iso11649
import stdnum.lei
import stdnum.luhn
import stdnum.us.rtn
from references import ALPHANUMERIC, Compare, Server, compare_all, damaged
from schwifty import BIC, IBAN
from schwifty.exceptions import SchwiftyException
from schwifty.iban import _iso7064_mod97_10 as mod_97_10
from stdnum.iso7064 import mod_11_10
from stdnum.iso7064 import mod_97_10 as stdnum_mod_97_10

UPPER = string.ascii_uppercase
CONSONANTS = "BCDFGHJKLMNPQRSTVWXYZ"
TEXT = {"value": "varchar"}
# every country of the registry that SWIFT publishes, from python-stdnum's copy of it
COUNTRIES = tuple(
    a + b for a, b in itertools.product(UPPER, repeat=2) if stdnum.iban._ibandb.info(a + b)[0][1]
)
# Parts that schwifty cuts elsewhere. FO, GL, SE and HU: the account's last digit is of the number as banks
# print it. CZ, SK: an account's prefix is no branch. SI: the registry's bank identifier has five digits.
# ST, XK: two digits at the end are national check digits, and no part of the account number.
BANK_CODE_DIFFERS = {"SI"}
BRANCH_CODE_DIFFERS = {"CZ", "SI", "SK"}
ACCOUNT_NUMBER_DIFFERS = {"CZ", "FO", "GL", "HU", "SE", "SK", "ST", "XK"}
PARTS_DIFFER = "parts that schwifty cuts elsewhere ({})"
# whose national check digits schwifty checks by country
NATIONALLY_CHECKED = (
    *("BA", "BE", "CZ", "EE", "ES", "FI", "FR", "IS", "IT", "MC", "ME", "MK", "MR", "NO", "PL", "PT", "RS"),
    *("SI", "SK", "SM", "TL", "TN"),
)
# schwifty has no method of theirs
CHECKED_BY_FORMULA = ("AL", "HR", "HU", "XK")
WITHOUT_METHOD = ("AT", "CH", "GB", "LU", "NL")


def text(generator: random.Random, characters: str, length: int) -> str:
    return "".join(generator.choice(characters) for _ in range(length))


def random_iban(generator: random.Random, country: str) -> str:
    return str(IBAN.random(random=generator, country_code=country, use_registry=False))


def schwifty_iban(value: str) -> IBAN | None:
    try:
        return IBAN(value)
    except SchwiftyException:
        return None


def test_ibans_of_every_country_against_schwifty(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(13616)
    assert len(COUNTRIES) == 89
    ibans = [
        damaged(random_iban(generator, COUNTRIES[number % len(COUNTRIES)]), generator)
        for number in range(inputs)
    ]
    rows = [[iban] for iban in ibans]
    values = server.evaluate_all(
        [
            "iban_is_valid(value)",
            *(f"TRY(iban_{it}(value))" for it in ("country", "bank_code", "branch_code", "account_number")),
        ],
        TEXT,
        rows,
    )
    is_valid = compare("iban_is_valid", "schwifty")
    country = compare("iban_country", "schwifty")
    parts = {
        "bank_code": (compare("iban_bank_code", "schwifty"), BANK_CODE_DIFFERS),
        "branch_code": (compare("iban_branch_code", "schwifty"), BRANCH_CODE_DIFFERS),
        "account_code": (compare("iban_account_number", "schwifty"), ACCOUNT_NUMBER_DIFFERS),
    }
    for iban, (valid, country_code, *actual) in zip(ibans, zip(*values, strict=True), strict=True):
        reference = schwifty_iban(iban)
        if reference is not None and iban[:2] not in COUNTRIES:
            is_valid.leave_out("territories and countries that are not in SWIFT's registry")
            continue
        if reference is not None and iban[2:4] in {"00", "01", "99"}:
            is_valid.leave_out("check digits 00, 01 and 99, which ISO 7064 never gives and schwifty takes")
            continue
        is_valid.same(valid, reference is not None, iban)
        country.same(country_code, iban[:2] if reference else None, iban)
        for (part, (comparison, differs)), value in zip(parts.items(), actual, strict=True):
            if iban[:2] in differs and reference is not None:
                comparison.leave_out(PARTS_DIFFER.format(", ".join(sorted(differs))))
            else:
                comparison.same(value, (getattr(reference, part) or None) if reference else None, iban)


def test_parts_of_valid_ibans_against_schwifty(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(13617)
    ibans = [IBAN(random_iban(generator, COUNTRIES[number % len(COUNTRIES)])) for number in range(inputs)]
    rows = [(str(iban), iban.formatted.lower()) for iban in ibans]
    texts = {"value": "varchar", "printed": "varchar"}
    names = ("normalize", "format", "check_digits", "bank_code", "branch_code", "account_number")
    normalized, formatted, digits, created, *parts = server.evaluate_all(
        [
            "iban_normalize(printed)",
            "iban_format(value)",
            "iban_check_digits(value)",
            "iban_check_digits(substr(value, 1, 2), substr(value, 5))",
            *(f"iban_{it}(value)" for it in names[3:]),
        ],
        texts,
        rows,
    )
    compare_all(compare("iban_normalize", "schwifty"), normalized, map(str, ibans), ibans)
    compare_all(compare("iban_format", "schwifty"), formatted, (it.formatted for it in ibans), ibans)
    for actual in (digits, created):
        compare_all(
            compare("iban_check_digits", "schwifty"), actual, (it.checksum_digits for it in ibans), ibans
        )
    attributes = ("bank_code", "branch_code", "account_code")
    differences = (BANK_CODE_DIFFERS, BRANCH_CODE_DIFFERS, ACCOUNT_NUMBER_DIFFERS)
    for name, attribute, differs, values in zip(names[3:], attributes, differences, parts, strict=True):
        comparison = compare(f"iban_{name}", "schwifty")
        for iban, value in zip(ibans, values, strict=True):
            if iban[:2] in differs:
                comparison.leave_out(PARTS_DIFFER.format(", ".join(sorted(differs))))
            else:
                comparison.same(value, getattr(iban, attribute) or None, iban)


def by_weights(digits: str, weights: str) -> bool:
    return sum(int(a) * int(b) for a, b in zip(digits, itertools.cycle(weights))) % 10 == 0


def by_formula(iban: str) -> bool:
    """By the countries' methods: Croatia's and Kosovo's with stdnum's ISO 7064, else weighted sums."""
    bban = iban[4:]
    match iban[:2]:
        case "AL":
            return by_weights(bban[:8], "9731")
        case "HR":
            return bool(mod_11_10.is_valid(bban[:7]) and mod_11_10.is_valid(bban[7:]))
        case "HU":
            return by_weights(bban[:8], "9731") and by_weights(bban[8:], "9731")
        case _:
            # ISO 7064 gives the check digits 02 to 98; the library takes every remainder of 1
            return bool(stdnum_mod_97_10.is_valid(bban)) and bban[-2:] not in {"00", "01", "99"}


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


def test_national_check_digits(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(97)
    ibans = []
    for _ in range(inputs + inputs // 10):
        iban = random_iban(generator, generator.choice(NATIONALLY_CHECKED + WITHOUT_METHOD))
        ibans.append(with_other_digit(iban, generator) if generator.random() < 0.5 else iban)
    by_hand = [random_iban(generator, generator.choice(CHECKED_BY_FORMULA)) for _ in range(inputs)]
    # one in ten or more passes by chance: enough of both
    actual = server.evaluate("iban_check_national(value)", TEXT, [[iban] for iban in ibans + by_hand])
    compare_all(
        compare("iban_check_national", "schwifty"), actual[: len(ibans)], map(nationally_valid, ibans), ibans
    )
    compare_all(
        compare(
            "iban_check_national",
            "python-stdnum's ISO 7064 and the countries' weights (AL, HR, HU, XK)",
            "00, 01 and 99, which ISO 7064 never gives, are no check digits of Kosovo's",
        ),
        actual[len(ibans) :],
        map(by_formula, by_hand),
        by_hand,
    )
    assert inputs // 10 < actual.count(False) < 2 * inputs
    assert any(actual[len(ibans) :])


def bic_is_valid(value: str) -> bool:
    try:
        # schwifty takes spaces and lower case, which are not of the standard's form
        return BIC(value) is not None and re.fullmatch("[A-Z0-9]+", value) is not None
    except SchwiftyException:
        return False


def test_bics_against_schwifty(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(9362)
    bics = []
    for _ in range(inputs):
        country = generator.choice(["DE", "US", "GB", "JP", "ZZ", "FR", "A1"])
        bic = text(generator, ALPHANUMERIC, 4) + country
        bic += text(generator, ALPHANUMERIC, generator.choice([2, 5]))
        bics.append(damaged(bic, generator, ALPHANUMERIC + "a- "))
    actual = server.evaluate("bic_is_valid(value)", TEXT, [[bic] for bic in bics])
    compare_all(compare("bic_is_valid", "schwifty"), actual, map(bic_is_valid, bics), bics)
    assert inputs // 10 < actual.count(True) < inputs

    # schwifty does not know XK, which SWIFT gives Kosovo
    countries = [country.alpha_2 for country in pycountry.countries]
    bics = [
        text(generator, UPPER, 4)
        + generator.choice(countries)
        + generator.choice([text(generator, ALPHANUMERIC, 2), generator.choice(ALPHANUMERIC) + "0"])
        + generator.choice(["", text(generator, ALPHANUMERIC, 3)])
        for _ in range(inputs)
    ]
    country_code, is_test, normalized = server.evaluate_all(
        ["bic_country(value)", "bic_is_test(value)", "bic_normalize(lower(value))"],
        TEXT,
        [[bic] for bic in bics],
    )
    references = [BIC(bic) for bic in bics]
    compare_all(
        compare("bic_country", "schwifty"), country_code, (it.country_code for it in references), bics
    )
    compare_all(
        compare("bic_is_test", "schwifty"), is_test, (it.type == "testing" for it in references), bics
    )
    expected = (
        it.bank_code + it.country_code + it.location_code + (it.branch_code or "XXX") for it in references
    )
    compare_all(compare("bic_normalize", "schwifty"), normalized, expected, bics)
    assert any(is_test)


def test_check_digits_against_stdnum(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(6166)

    def check(function: str, bodies: list[str], expected: Callable[[str], str]) -> None:
        actual = server.evaluate(f"{function}(value)", TEXT, [[body] for body in bodies])
        compare_all(compare(function, "python-stdnum"), actual, map(expected, bodies), bodies)

    cusips = [text(generator, ALPHANUMERIC + "*@#", 8) for _ in range(inputs)]
    check("cusip_check_digit", cusips, stdnum.cusip.calc_check_digit)
    sedols = [text(generator, CONSONANTS, 1) + text(generator, string.digits + CONSONANTS, 5) for _ in cusips]
    check("sedol_check_digit", sedols, stdnum.gb.sedol.calc_check_digit)
    figis = ["BBG" + text(generator, string.digits + CONSONANTS, 8) for _ in cusips]
    check("figi_check_digit", figis, stdnum.figi.calc_check_digit)
    isins = [generator.choice(["US", "DE", "XS"]) + text(generator, ALPHANUMERIC, 9) for _ in cusips]
    check("isin_check_digit", isins, stdnum.isin.calc_check_digit)
    leis = [text(generator, ALPHANUMERIC, 18) for _ in cusips]
    check("lei_check_digits", leis, stdnum_mod_97_10.calc_check_digits)
    numbers = [text(generator, string.digits, generator.randrange(1, 40)) for _ in cusips]
    check("luhn_check_digit", numbers, stdnum.luhn.calc_check_digit)
    cusips = [text(generator, ALPHANUMERIC, 8) for _ in cusips]
    national = [body + stdnum.cusip.calc_check_digit(body) for body in cusips]
    check("isin_from_cusip", national, stdnum.cusip.to_isin)
    national = [body + stdnum.gb.sedol.calc_check_digit(body) for body in sedols]
    check("isin_from_sedol", national, stdnum.gb.sedol.to_isin)
    valid = [body + stdnum.isin.calc_check_digit(body) for body in isins]
    check("isin_country", valid, lambda isin: isin[:2])
    references = [text(generator, ALPHANUMERIC, generator.randrange(1, 22)) for _ in cusips]
    check(
        "rf_reference_create",
        references,
        lambda it: f"RF{98 - int(stdnum_mod_97_10.checksum(it + 'RF00')):02d}{it}",
    )


def test_validity_against_stdnum(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(6167)

    def check(
        function: str,
        module: ModuleType,
        valid: list[str],
        alphabet: str,
        left_out: Callable[[str], str | None] = lambda value: None,
    ) -> None:
        comparison = compare(function, "python-stdnum")
        values = [damaged(value, generator, alphabet) for value in valid]
        actual = server.evaluate(f"{function}(value)", TEXT, [[value] for value in values])
        for value, accepted in zip(values, actual, strict=True):
            reason = left_out(value)
            if reason is not None and accepted != module.is_valid(value):
                comparison.leave_out(reason)
            else:
                comparison.same(accepted, module.is_valid(value), value)
        assert 0 < actual.count(False) < len(actual)

    # a tenth more than are wanted, for what is left out
    count = range(inputs + inputs // 10)
    bodies = [text(generator, ALPHANUMERIC, 8) for _ in count]
    check(
        "cusip_is_valid",
        stdnum.cusip,
        [it + stdnum.cusip.calc_check_digit(it) for it in bodies],
        ALPHANUMERIC,
    )
    bodies = [text(generator, CONSONANTS, 1) + text(generator, string.digits + CONSONANTS, 5) for _ in count]
    check(
        "sedol_is_valid",
        stdnum.gb.sedol,
        [it + stdnum.gb.sedol.calc_check_digit(it) for it in bodies],
        ALPHANUMERIC,
    )
    bodies = ["BBG" + text(generator, string.digits + CONSONANTS, 8) for _ in count]
    check(
        "figi_is_valid",
        stdnum.figi,
        [it + stdnum.figi.calc_check_digit(it) for it in bodies],
        string.digits + CONSONANTS,
    )
    bodies = [text(generator, string.digits, 20) for _ in count]
    check(
        "luhn_is_valid", stdnum.luhn, [it + stdnum.luhn.calc_check_digit(it) for it in bodies], string.digits
    )
    bodies = [generator.choice(["02", "11", "31", "61"]) + text(generator, string.digits, 6) for _ in count]
    check(
        "aba_is_valid",
        stdnum.us.rtn,
        [it + stdnum.us.rtn.calc_check_digit(it) for it in bodies],
        string.digits,
        lambda it: (
            "prefixes that the Federal Reserve has not given" if it[:2] > "12" or it[:2] == "00" else None
        ),
    )
    bodies = [
        generator.choice(["US", "DE", "XS", "FR", "JP", "ZZ", "Q1"]) + text(generator, ALPHANUMERIC, 9)
        for _ in count
    ]
    check(
        "isin_is_valid",
        stdnum.isin,
        [it + stdnum.isin.calc_check_digit(it) for it in bodies],
        ALPHANUMERIC,
        lambda it: (
            "CS, a country that is gone; EZ, QW and XT, which stdnum lacks"
            if it[:2] in {"CS", "EZ", "QW", "XT"}
            else None
        ),
    )
    bodies = [text(generator, ALPHANUMERIC, 18) for _ in count]
    check(
        "lei_is_valid",
        stdnum.lei,
        [it + stdnum_mod_97_10.calc_check_digits(it) for it in bodies],
        ALPHANUMERIC,
        lambda it: (
            "stdnum takes every length, letters as check digits, and 00, 01 and 99"
            if len(it) != 20 or not it[-2:].isdigit() or it[-2:] in {"00", "01", "99"}
            else None
        ),
    )
    bodies = [text(generator, ALPHANUMERIC, generator.randrange(1, 22)) for _ in count]
    check(
        "rf_reference_is_valid",
        stdnum.iso11649,
        [f"RF{98 - int(stdnum_mod_97_10.checksum(it + 'RF00')):02d}{it}" for it in bodies],
        ALPHANUMERIC,
        lambda it: (
            "check digits 00, 01 and 99, letters as check digits and no reference at all, which stdnum takes"
            if it[2:4] in {"00", "01", "99"} or not it[2:4].isdigit() or not 5 <= len(it) <= 25
            else None
        ),
    )


CARD_SCHEMES = {
    # the issuer identification ranges of ISO/IEC 7812 as the schemes publish them: prefixes and lengths
    "american_express": (["34", "37"], [15]),
    "diners_club": (["300", "305", "3095", "36", "38", "39"], [14]),
    "discover": (["6011", "644", "649", "65"], [16]),
    "jcb": (["3528", "3589"], [16]),
    "maestro": (["5018", "5020", "5038", "5893", "6304", "6759", "6761", "6762", "6763"], [12, 16, 19]),
    "mastercard": (["2221", "2720", "51", "55"], [16]),
    "mir": (["2200", "2204"], [16]),
    "troy": (["979200", "979289"], [16]),
    "uatp": (["1"], [15]),
    "unionpay": (["62"], [16, 19]),
    "visa": (["4"], [13, 16, 19]),
}


def test_cards(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(7812)
    schemes = []
    pans = []
    for _ in range(inputs):
        scheme = generator.choice(list(CARD_SCHEMES))
        prefixes, lengths = CARD_SCHEMES[scheme]
        prefix, length = generator.choice(prefixes), generator.choice(lengths)
        body = prefix + text(generator, string.digits, length - 1 - len(prefix))
        schemes.append(scheme)
        pans.append(body + stdnum.luhn.calc_check_digit(body))
    actual = server.evaluate("card_scheme(value)", TEXT, [[pan] for pan in pans])
    compare_all(compare("card_scheme", "the schemes' published ranges"), actual, schemes, pans)
    values = [damaged(pan, generator, string.digits) for pan in pans]
    actual = server.evaluate("card_is_valid(value)", TEXT, [[pan] for pan in values])
    expected = [stdnum.luhn.is_valid(pan) and 12 <= len(pan) <= 19 for pan in values]
    compare_all(compare("card_is_valid", "python-stdnum"), actual, expected, values)
    assert 0 < actual.count(False) < len(actual)


def is_uuid4(value: str) -> bool:
    try:
        it = uuid.UUID(value)
    except ValueError:
        return False
    return it.version == 4 and it.variant == uuid.RFC_4122 and str(it) == value


def test_uetrs_and_sort_codes(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(4122)
    values = []
    for _ in range(inputs):
        uetr = uuid.UUID(int=generator.getrandbits(128), version=generator.choice([1, 3, 4, 4, 4, 5]))
        value = damaged(str(uetr), generator, string.hexdigits.lower() + "-g")
        values.append(value.upper() if generator.random() < 0.1 else value)
    actual = server.evaluate("uetr_is_valid(value)", TEXT, [[value] for value in values])
    compare_all(compare("uetr_is_valid", "Python's uuid"), actual, map(is_uuid4, values), values)
    assert 0 < actual.count(True) < len(actual)

    codes = []
    for _ in range(inputs):
        code = text(generator, string.digits, 6)
        separator = generator.choice(["", "-", "-", " "])
        code = separator.join([code[:2], code[2:4], code[4:]])
        codes.append(damaged(code, generator, string.digits + "- A"))
    actual = server.evaluate("sort_code_is_valid(value)", TEXT, [[code] for code in codes])
    pattern = re.compile(r"\d{6}|\d\d-\d\d-\d\d|\d\d \d\d \d\d", re.ASCII)
    expected = [pattern.fullmatch(code) is not None for code in codes]
    compare_all(
        compare("sort_code_is_valid", "the form that Pay.UK publishes, by re"), actual, expected, codes
    )
    assert 0 < actual.count(True) < len(actual)


def test_codes_against_pycountry(compare: Compare, server: Server) -> None:
    two = ["".join(letters) for letters in itertools.product(UPPER, repeat=2)]
    three = ["".join(letters) for letters in itertools.product(UPPER, repeat=3)]
    others = [a + b for a, b in itertools.product(string.printable, repeat=2) if a + b not in two]
    countries = {country.alpha_2 for country in pycountry.countries}
    values = two + others
    actual = server.evaluate("country_is_valid(value)", TEXT, [[code] for code in values])
    compare_all(
        compare("country_is_valid", "pycountry"), actual, (code in countries for code in values), values
    )
    assert actual.count(True) == len(countries)
    currencies = {currency.alpha_3: currency.numeric for currency in pycountry.currencies}
    valid, numeric = server.evaluate_all(
        ["currency_is_valid(value)", "TRY(currency_numeric_code(value))"], TEXT, [[code] for code in three]
    )
    compare_all(
        compare("currency_is_valid", "pycountry"), valid, (code in currencies for code in three), three
    )
    numeric_code = compare("currency_numeric_code", "pycountry")
    for code, in_force, digits in zip(three, valid, numeric, strict=True):
        if digits is not None and not in_force:
            numeric_code.leave_out("codes that ISO 4217 has withdrawn")
        else:
            numeric_code.same(digits, currencies.get(code), code)
