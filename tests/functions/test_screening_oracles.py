"""The functions that screen names on the real server against the libraries of their fields."""

from __future__ import annotations

import itertools
import random
import re
import string

import jellyfish
from anyascii import anyascii
from metaphone import doublemetaphone
from rapidfuzz.distance import JaroWinkler
from references import Compare, Server, compare_all, damaged

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


def test_transliterate_against_anyascii(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(33)
    texts = [script_text(generator) for _ in range(inputs)]
    actual = server.evaluate("transliterate(t)", {"t": "varchar"}, [[text] for text in texts])
    compare_all(compare("transliterate", "anyascii for Python"), actual, map(anyascii, texts), texts)


def test_jaro_winkler_against_jellyfish(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(1989)
    names = ("MÜLLER", "Mueller", "NICHOLSON", "Ωmega Bank", "Deutsche Bank AG", "HSBC", "日本銀行", "a" * 70)
    cases = []
    for _ in range(inputs):
        left = other = generator.choice(names)
        for _ in range(generator.randrange(4)):
            other = damaged(other, generator, "AEIÜmn ß銀") or "x"
        cases.append((left, generator.choice([other, generator.choice(names)])))
    actual = server.evaluate("jaro_winkler(l, r)", {"l": "varchar", "r": "varchar"}, cases)
    for case, score in zip(cases, actual, strict=True):
        compare("jaro_winkler", "jellyfish").close(
            score, jellyfish.jaro_winkler_similarity(*case), case, scale=1e-3
        )


# Where the library leaves Philips's rules: -UMB (the B of "dumb"), -GIE- ("Rogier"), GH after a vowel, CH at
# the end.
LIBRARY_DIFFERS = re.compile("umb|gie|gh|ch$", re.IGNORECASE)


def test_double_metaphone_against_metaphone(compare: Compare, server: Server, inputs: int) -> None:
    """Against the codes' first four characters: the library does not cut them."""
    generator = random.Random(2000)
    comparison = compare("double_metaphone", "Metaphone", "the codes' first four characters")
    names: list[str] = []
    while len(names) < inputs:
        left, right = generator.choice(NAMES), generator.choice(NAMES)
        name = left[: generator.randint(1, len(left))] + right[generator.randrange(len(right)) :]
        if LIBRARY_DIFFERS.search(name):
            comparison.leave_out("-UMB, -GIE-, GH and final CH, where the library leaves Philips's rules")
        else:
            names.append(name)
    actual = server.evaluate("double_metaphone(n)", {"n": "varchar"}, [[name] for name in names])
    for name, codes in zip(names, actual, strict=True):
        primary, alternate = doublemetaphone(name)
        comparison.same((codes.primary, codes.alternate), (primary[:4], (alternate or primary)[:4]), name)


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


RAPIDFUZZ = "RapidFuzz and anyascii, over all pairings"


def test_name_similarity_against_rapidfuzz(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(1990)
    pairs = [(name(generator), name(generator)) for _ in range(inputs)]
    actual = server.evaluate("name_similarity(l, r)", {"l": "varchar", "r": "varchar"}, pairs)
    for pair, score in zip(pairs, actual, strict=True):
        compare("name_similarity", RAPIDFUZZ).close(score, similarity(*pair), pair, scale=1e-3)


def test_screen_name_against_rapidfuzz(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(1267)
    comparison = compare("screen_name", RAPIDFUZZ)
    cases = [(name(generator), [name(generator) for _ in range(3)]) for _ in range(inputs)]
    actual = server.evaluate("screen_name(n, l)", {"n": "varchar", "l": "array(varchar)"}, cases)
    for case, match in zip(cases, actual, strict=True):
        screened, names = case
        scores = [similarity(screened, candidate) for candidate in names]
        comparison.close(match.score, max(scores), case, scale=1e-3)
        assert abs(scores[match.position - 1] - match.score) < 1e-12
        assert match.best_match == names[match.position - 1]
        weights = [pair.similarity * (len(pair.name_token) + len(pair.match_token)) for pair in match.tokens]
        length = sum(map(len, tokens(screened) + tokens(match.best_match)))
        if match.tokens:
            assert abs(sum(weights) / length - match.score) < 1e-9
