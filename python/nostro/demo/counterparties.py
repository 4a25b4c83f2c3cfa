"""Counterparties of the synthetic bank: real banks, IBANs with valid check digits, and broken ones."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa
from schwifty import IBAN, registry
from schwifty.domain import Bank, Component
from schwifty.exceptions import SchwiftyException

COUNTRY_SHARES = {
    "DE": 0.28,
    "FR": 0.12,
    "GB": 0.12,
    "NL": 0.09,
    "IT": 0.09,
    "ES": 0.08,
    "CH": 0.06,
    "AT": 0.06,
    "BE": 0.05,
    "PL": 0.05,
}

EMBEDDED_CHECK_DIGIT = frozenset({"DE", "NL"})
"""Countries whose account numbers hide the national check digit, by a method that depends on the bank."""


@dataclass(frozen=True)
class Counterparties:
    """`ibans[i]` is kept at the bank `bank_of[i]`, an index into `banks`, ordered from busy to quiet.

    `invalid_ibans` fail ISO 13616: in their check digits, their length, their country or their alphabet.
    """

    banks: pa.RecordBatch
    ibans: pa.Array
    bank_of: tuple[int, ...]
    invalid_ibans: pa.Array


def draw_counterparties(banks: int, counterparties: int, seed: int) -> Counterparties:
    """Sample banks from schwifty's registry and open one account per counterparty with them."""
    rng = random.Random(f"counterparties-{seed}")
    chosen = _draw_banks(rng, banks)
    ibans: dict[str, int] = {}
    while len(ibans) < counterparties:
        index = int(len(chosen) * rng.random() ** 2)
        ibans[_open_account(rng, chosen[index])] = index
    invalid = sorted({_break(rng, iban) for iban in list(ibans)[: max(20, counterparties // 50)]})
    return Counterparties(
        banks=pa.record_batch(
            [
                [bank.bic for bank in chosen],
                [bank.name[:100] for bank in chosen],
                [bank.country_code for bank in chosen],
            ],
            names=["bic", "name", "country"],
        ),
        ibans=pa.array(ibans, type=pa.string()),
        bank_of=tuple(ibans.values()),
        invalid_ibans=pa.array(invalid, type=pa.string()),
    )


def _draw_banks(rng: random.Random, count: int) -> list[Bank]:
    chosen: list[Bank] = []
    bics: set[str] = set()
    for country, share in COUNTRY_SHARES.items():
        candidates = sorted(_usable_banks(country), key=lambda bank: (bank.bic, bank.bank_code))
        rng.shuffle(candidates)
        wanted = max(1, round(share * count))
        for bank in candidates:
            if wanted and bank.bic not in bics:
                chosen.append(bank)
                bics.add(bank.bic)
                wanted -= 1
    rng.shuffle(chosen)
    return chosen[:count]


def _usable_banks(country: str) -> Iterator[Bank]:
    for bank in registry.get_banks_by_country(country):
        if bank.bic and len(bank.bic) in {8, 11} and bank.bank_code and bank.name and bank.primary:
            yield bank


def _open_account(rng: random.Random, bank: Bank) -> str:
    if bank.country_code in EMBEDDED_CHECK_DIGIT:
        return str(IBAN.random(bank.country_code, random=rng, bank_code=bank.bank_code))
    positions = registry.get_iban_spec(bank.country_code).positions
    branch_length = positions[Component.BRANCH_CODE].length
    has_branch = len(bank.bank_code) > positions[Component.BANK_CODE].length
    return str(
        IBAN.generate(
            bank.country_code,
            bank.bank_code,
            _digits(rng, positions[Component.ACCOUNT_CODE].length),
            "" if has_branch else _digits(rng, branch_length),
        )
    )


def _digits(rng: random.Random, length: int) -> str:
    return f"{rng.randrange(10**length):0{length}}" if length else ""


def _break(rng: random.Random, iban: str) -> str:
    breaks: tuple[Callable[[], str], ...] = (
        lambda: f"{iban[:2]}{(int(iban[2:4]) + rng.randrange(1, 90)) % 100:02}{iban[4:]}",
        lambda: iban[:-1] + str((int(iban[-1]) + rng.randrange(1, 10)) % 10),
        lambda: iban[:-1],
        lambda: f"ZZ{iban[2:]}",
        lambda: f"{iban[:10]}-{iban[11:]}",
    )
    while True:
        broken = rng.choice(breaks)()
        try:
            IBAN(broken)
        except SchwiftyException:
            return broken
