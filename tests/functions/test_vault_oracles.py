"""The vault's functions on the real server against libffx's FF1 and Python's hmac, with the stack's keys."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import string
from typing import Any

from ffx import FF1
from references import Compare, Server, compare_all

from nostro.stack import Stack

ALPHABETS = (
    string.digits,
    string.digits + string.ascii_uppercase,
    "01",
    "ACGT",
    string.ascii_letters + "äöüß",
    "".join(chr(code) for code in range(0x4E00, 0x4F00)),
)


def secret(stack: Stack, name: str) -> bytes:
    keys = json.loads(stack.vault.key_file.read_text(encoding="utf-8"))
    return base64.b64decode(keys[name]["versions"]["1"])


def test_reference_reproduces_a_sample_of_nist() -> None:
    """Sample 3 of NIST's for SP 800-38G: the reference is FF1 and no other FFX."""
    cipher = FF1(
        bytes.fromhex("2B7E151628AED2A6ABF7158809CF4F3C"), alphabet=string.digits + string.ascii_lowercase
    )
    assert cipher.encrypt("0123456789abcdefghi", tweak=b"7777pqrs777") == "a9tv40mll9kdu509eum"


def test_encryption_against_libffx(compare: Compare, server: Server, stack: Stack, inputs: int) -> None:
    generator = random.Random(38)
    ciphers = {alphabet: FF1(secret(stack, "accounts"), alphabet=alphabet) for alphabet in ALPHABETS}
    cases: list[tuple[Any, ...]] = []
    for _ in range(inputs):
        alphabet = generator.choice(ALPHABETS)
        shortest = next(length for length in range(1, 21) if len(alphabet) ** length >= 1_000_000)
        text = "".join(generator.choices(alphabet, k=generator.randrange(shortest, 40)))
        tweak = "".join(generator.choices(string.printable + "é€", k=generator.randrange(20)))
        encrypted = ciphers[alphabet].encrypt(text, tweak=tweak.encode())
        cases.append((text, ALPHABETS.index(alphabet) + 1, tweak, encrypted))
    columns = {"t": "varchar", "a": "bigint", "w": "varchar", "c": "varchar"}
    alphabets = ", ".join(f"'{alphabet}'" for alphabet in ALPHABETS)
    contract = f"'accounts', ARRAY[{alphabets}][a], w"
    actual = server.evaluate(f"vault.privacy.fpe_encrypt(t, {contract})", columns, cases)
    compare_all(compare("fpe_encrypt", "libffx"), actual, (case[3] for case in cases), cases)
    decrypted = server.evaluate(f"vault.privacy.fpe_decrypt(c, {contract}, 1)", columns, cases)
    compare_all(compare("fpe_decrypt", "libffx"), decrypted, (case[0] for case in cases), cases)


def test_tokens_against_hmac(compare: Compare, server: Server, stack: Stack, inputs: int) -> None:
    generator = random.Random(256)
    texts = [
        "".join(generator.choices(string.printable + "äß€銀😀", k=generator.randrange(60)))
        for _ in range(inputs)
    ]
    tokens = server.evaluate(
        "vault.privacy.tokenize(t, 'customers')", {"t": "varchar"}, [[text] for text in texts]
    )
    key = secret(stack, "customers")
    expected = [hmac.new(key, text.encode(), hashlib.sha256).hexdigest() for text in texts]
    compare_all(compare("tokenize", "Python's hmac"), tokens, expected, texts)
