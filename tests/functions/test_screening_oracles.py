"""The functions that screen names on the real server against the libraries of their fields."""

from __future__ import annotations

import itertools
import math
import random
import re
import string

import trino.dbapi
from anyascii import anyascii
from metaphone import doublemetaphone
from rapidfuzz.distance import JaroWinkler
from test_oracles import Server

NAMES = (
    *("Schmidt", "Smith", "Thompson", "Jablonski", "Wojciechowski", "Xavier", "Caesar", "McHugh", "Gallegos"),
    *("Pfister", "Rogier", "Tsjoen", "Vasquez", "Weinberg", "Zhao", "Arnow", "Bajador", "Cabrillo", "Dumb"),
    *("Filipowicz", "Ghislane", "Hochmeier", "Judge", "Knight", "Laugh", "Accident", "Bacchus", "Campbell"),
)
# what names are written in: Latin, Greek, Cyrillic, Hebrew, Arabic, Devanagari, Kana, Han, Hangul
RANGES = (
    *((0x20, 0x7E), (0xC0, 0x24F), (0x370, 0x3FF), (0x400, 0x4FF), (0x5D0, 0x5EA), (0x621, 0x64A)),
    *((0x905, 0x939), (0x3041, 0x30FF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3)),
)


def script_text(generator: random.Random) -> str:
    first, last = generator.choice(RANGES)
    return "".join(chr(generator.randint(first, last)) for _ in range(generator.randint(0, 12)))


def test_transliterate_against_anyascii(trino_connection: trino.dbapi.Connection) -> None:
    generator = random.Random(33)
    server = Server(trino_connection)
    for _ in range(5):
        texts = [script_text(generator) for _ in range(4_000)]
        actual = server.evaluate("transliterate(t)", {"t": "varchar"}, [[text] for text in texts])
        assert actual == [anyascii(text) for text in texts]


# Where the library leaves Philips's rules: -UMB (the B of "dumb"), -GIE- ("Rogier"), GH after a vowel, CH at
# the end.
LIBRARY_DIFFERS = re.compile("umb|gie|gh|ch$", re.IGNORECASE)


def test_double_metaphone_against_metaphone(trino_connection: trino.dbapi.Connection) -> None:
    """Against the codes' first four characters: the library does not cut them."""
    generator = random.Random(2000)
    server = Server(trino_connection)
    compared = 0
    for _ in range(4):
        names = []
        for _ in range(4_000):
            left, right = generator.choice(NAMES), generator.choice(NAMES)
            names.append(left[: generator.randint(1, len(left))] + right[generator.randrange(len(right)) :])
        actual = server.evaluate("double_metaphone(n)", {"n": "varchar"}, [[name] for name in names])
        for name, codes in zip(names, actual, strict=True):
            if LIBRARY_DIFFERS.search(name) is None:
                primary, alternate = doublemetaphone(name)
                assert (codes.primary, codes.alternate) == (primary[:4], (alternate or primary)[:4]), name
                compared += 1
    assert compared > 10_000


def tokens(name: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", re.sub(r"['`]", "", anyascii(name)).lower())


def similarity(left: str, right: str) -> float:
    """The best of all ways to pair the words, tried one by one."""
    shorter, longer = sorted((tokens(left), tokens(right)), key=len)
    length = sum(map(len, shorter + longer))
    if not shorter or not longer:
        return float(len(shorter) == len(longer))
    return (
        max(
            sum(
                JaroWinkler.similarity(a, b) * (len(a) + len(b)) for a, b in zip(shorter, chosen, strict=True)
            )
            for chosen in itertools.permutations(longer, len(shorter))
        )
        / length
    )


def name(generator: random.Random) -> str:
    words = [
        generator.choice(
            [
                *NAMES,
                "Дмитрий",
                "Łukasz",
                "O'Brien",
                "Müller",
                "김",
                "".join(generator.choices(string.ascii_letters, k=5)),
            ]
        )
        for _ in range(generator.randint(0, 4))
    ]
    return generator.choice([" ", ", ", "-", ". "]).join(words)


def test_name_similarity_against_rapidfuzz(trino_connection: trino.dbapi.Connection) -> None:
    generator = random.Random(1990)
    server = Server(trino_connection)
    for _ in range(4):
        pairs = [(name(generator), name(generator)) for _ in range(3_000)]
        actual = server.evaluate("name_similarity(l, r)", {"l": "varchar", "r": "varchar"}, pairs)
        for (left, right), score in zip(pairs, actual, strict=True):
            assert math.isclose(score, similarity(left, right), rel_tol=1e-9, abs_tol=1e-12), (left, right)


def test_screen_name_against_rapidfuzz(trino_connection: trino.dbapi.Connection) -> None:
    generator = random.Random(1267)
    server = Server(trino_connection)
    for _ in range(4):
        cases = [(name(generator), [name(generator) for _ in range(3)]) for _ in range(2_500)]
        actual = server.evaluate("screen_name(n, l)", {"n": "varchar", "l": "array(varchar)"}, cases)
        for (screened, names), match in zip(cases, actual, strict=True):
            scores = [similarity(screened, candidate) for candidate in names]
            assert math.isclose(match.score, max(scores), rel_tol=1e-9, abs_tol=1e-12)
            assert math.isclose(scores[match.position - 1], match.score, rel_tol=1e-9, abs_tol=1e-12)
            assert match.best_match == names[match.position - 1]
            weights = [
                pair.similarity * (len(pair.name_token) + len(pair.match_token)) for pair in match.tokens
            ]
            length = sum(map(len, tokens(screened) + tokens(match.best_match)))
            if match.tokens:
                assert math.isclose(sum(weights) / length, match.score, rel_tol=1e-9)
