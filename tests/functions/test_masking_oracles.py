"""The masks of texts on the real server against slices of Python's strings."""

from __future__ import annotations

import random
import string

import trino.dbapi
from hypothesis import given
from test_oracles import Server, examples, seeds


@examples
@given(seed=seeds)
def test_masks_against_slices(trino_connection: trino.dbapi.Connection, seed: int) -> None:
    generator = random.Random(seed)
    characters = string.printable + "äß€銀😀"
    cases = [
        (
            "".join(generator.choices(characters, k=generator.randrange(20))),
            generator.randrange(12),
            generator.randrange(12),
            generator.choice("X*#•😀"),
        )
        for _ in range(2_500)
    ]
    columns = {"t": "varchar", "f": "bigint", "l": "bigint", "m": "varchar"}
    server = Server(trino_connection)
    inner = server.evaluate("mask_inner(t, f, l, m)", columns, cases)
    outer = server.evaluate("mask_outer(t, f, l, m)", columns, cases)
    for (text, first, last, mask), inside, outside in zip(cases, inner, outer, strict=True):
        if first + last > len(text):
            assert (inside, outside) == (text, mask * len(text))
            continue
        end = len(text) - last
        assert inside == text[:first] + mask * (end - first) + text[end:]
        assert outside == mask * first + text[first:end] + mask * last


@examples
@given(seed=seeds)
def test_mail_addresses_against_slices(trino_connection: trino.dbapi.Connection, seed: int) -> None:
    generator = random.Random(seed)
    addresses = []
    for _ in range(2_500):
        name = "".join(
            generator.choices(string.ascii_letters + string.digits + ".+-_ä😀", k=generator.randrange(1, 15))
        )
        domain = ".".join("".join(generator.choices(string.ascii_lowercase, k=5)) for _ in range(2))
        addresses.append((name, domain))
    actual = Server(trino_connection).evaluate(
        "mask_email(t)", {"t": "varchar"}, [[f"{name}@{domain}"] for name, domain in addresses]
    )
    for (name, domain), masked in zip(addresses, actual, strict=True):
        shown = name[:1] if len(name) > 1 else ""
        assert masked == f"{shown}{'*' * (len(name) - len(shown))}@{domain}"
