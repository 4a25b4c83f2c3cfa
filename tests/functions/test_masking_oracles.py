"""The masks of texts on the real server against slices of Python's strings."""

from __future__ import annotations

import random
import string

from references import Compare, Server, compare_all
from schwifty import IBAN
from stdnum import luhn

SLICES = "slices of Python's strings"


def masked(text: str, first: int, last: int, mask: str, *, outer: bool) -> str:
    if first + last > len(text):
        return mask * len(text) if outer else text
    end = len(text) - last
    if outer:
        return mask * first + text[first:end] + mask * last
    return text[:first] + mask * (end - first) + text[end:]


def test_masks_of_texts(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(1)
    characters = string.printable + "äß€銀😀"
    cases = [
        (
            "".join(generator.choices(characters, k=generator.randrange(20))),
            generator.randrange(12),
            generator.randrange(12),
            generator.choice("X*#•😀"),
        )
        for _ in range(inputs)
    ]
    columns = {"t": "varchar", "f": "bigint", "l": "bigint", "m": "varchar"}
    inner, outer = server.evaluate_all(["mask_inner(t, f, l, m)", "mask_outer(t, f, l, m)"], columns, cases)
    for case, inside, outside in zip(cases, inner, outer, strict=True):
        compare("mask_inner", SLICES).same(inside, masked(*case, outer=False), case)
        compare("mask_outer", SLICES).same(outside, masked(*case, outer=True), case)


def test_masks_of_mail_addresses(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(2)
    addresses = []
    for _ in range(inputs):
        name = "".join(
            generator.choices(string.ascii_letters + string.digits + ".+-_ä😀", k=generator.randrange(1, 15))
        )
        domain = ".".join("".join(generator.choices(string.ascii_lowercase, k=5)) for _ in range(2))
        addresses.append((name, domain))
    actual = server.evaluate(
        "mask_email(t)", {"t": "varchar"}, [[f"{name}@{domain}"] for name, domain in addresses]
    )
    for (name, domain), result in zip(addresses, actual, strict=True):
        shown = name[:1] if len(name) > 1 else ""
        expected = f"{shown}{'*' * (len(name) - len(shown))}@{domain}"
        compare("mask_email", SLICES).same(result, expected, name)


def test_masks_of_numbers(compare: Compare, server: Server, inputs: int) -> None:
    """An IBAN keeps country, check digits and last four characters; a card its first six and last four."""
    generator = random.Random(3)
    ibans = [
        str(IBAN.random(random=generator, country_code=generator.choice(["DE", "FR", "NO", "MT"])))
        for _ in range(inputs)
    ]
    actual = server.evaluate("mask_iban(t)", {"t": "varchar"}, [[iban] for iban in ibans])
    expected = [iban[:4] + "*" * (len(iban) - 8) + iban[-4:] for iban in ibans]
    compare_all(compare("mask_iban", SLICES + ", of schwifty's IBANs"), actual, expected, ibans)
    bodies = ["".join(generator.choices(string.digits, k=generator.randrange(11, 19))) for _ in range(inputs)]
    pans = [body + luhn.calc_check_digit(body) for body in bodies]
    actual = server.evaluate("mask_pan(t)", {"t": "varchar"}, [[pan] for pan in pans])
    expected = [
        pan[:6] + "*" * (len(pan) - 10) + pan[-4:] if len(pan) >= 13 else "*" * len(pan) for pan in pans
    ]
    convention = "cards have 13 to 19 digits; a shorter number is hidden whole"
    compare_all(
        compare("mask_pan", SLICES + ", of python-stdnum's numbers", convention), actual, expected, pans
    )
