"""The bank's customers: trading accounts in the ledger and the bank accounts that map to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from nostro.demo.arrow_columns import Ints, dates, decimals
from nostro.demo.schema import GROUPS, PREFIXES

BASE_CURRENCIES = ("EUR", "USD", "GBP", "CHF", "JPY")
BASE_SHARES = (0.6, 0.15, 0.1, 0.1, 0.05)
CASH_CURRENCIES = ("EUR", "USD", "GBP", "CHF", "JPY", "PLN", "SEK", "NOK", "CZK", "DKK", "AED", "UAH")
CASH_SHARES = (0.5, 0.15, 0.1, 0.07, 0.05, 0.03, 0.03, 0.03, 0.02, 0.02, 0.0, 0.0)
UNRATED_CURRENCIES = ("AED", "UAH")
"""Currencies without an ECB reference rate."""

WHOLE_CURRENCIES = frozenset({"JPY"})
"""Of `CASH_CURRENCIES`, those with no minor unit (ISO 4217)."""

SURNAMES = ("Abel", "Berg", "Costa", "Dubois", "Eriksen", "Fischer", "Garcia", "Hansen", "Ivanov", "Jansen")
KINDS = ("Holding", "Family Office", "Pension", "Trading", "Foundation", "Treasury")


@dataclass(frozen=True)
class Customers:
    """Accounts `0..active` may move, the rest never do.

    `owner[b]` is the account that bank account b maps to, `home_currency[b]` an index into
    `CASH_CURRENCIES`; bank accounts from `mapped` on have no row in `mapping`.
    """

    account_ids: pa.Array
    active: int
    bank_accounts: pa.Array
    mapped: int
    owner: Ints
    home_currency: Ints
    account: pa.RecordBatch
    mapping: pa.RecordBatch


def draw_customers(accounts: int, bank_accounts: int, seed: int) -> Customers:
    rng = np.random.default_rng([seed, 1])
    idle = max(1, accounts // 100)
    active = accounts - idle
    unmapped = max(2, bank_accounts // 500)
    mapped = bank_accounts - unmapped

    base = rng.choice(len(BASE_CURRENCIES), accounts, p=BASE_SHARES)
    whole = np.array([currency in WHOLE_CURRENCIES for currency in BASE_CURRENCIES])[base]
    cents = np.rint(np.exp(rng.normal(np.log(12_000_000), 1.3, accounts))).astype(np.int64)
    draw = rng.random(accounts)
    cents = np.select([draw < 0.03, draw < 0.05], [np.int64(0), -cents // 10], cents)
    cents = np.where(whole, cents // 100 * 100 * 100, cents)
    account_ids = pa.array(
        f"{PREFIXES[i % len(PREFIXES)]}{i // len(PREFIXES) + 1:07}" for i in range(accounts)
    )
    first_day = (date(2005, 1, 3) - date(1970, 1, 1)).days
    last_day = (date(2025, 3, 31) - date(1970, 1, 1)).days
    account = pa.record_batch(
        [
            account_ids,
            pa.array(
                f"{SURNAMES[s]} {KINDS[k]} {i + 1}"
                for i, (s, k) in enumerate(
                    zip(
                        rng.integers(0, len(SURNAMES), accounts),
                        rng.integers(0, len(KINDS), accounts),
                        strict=True,
                    )
                )
            ),
            pa.array(BASE_CURRENCIES).take(pa.array(base)),
            decimals(cents, 18, 2),
            dates(rng.integers(first_day, last_day, accounts)),
        ],
        names=["account_id", "account_name", "base_currency", "opening_balance", "opened_on"],
    )

    numbers = np.arange(bank_accounts)
    owner = np.where(numbers < active, numbers % active, rng.integers(0, active, bank_accounts))
    base_of_owner = base[owner]
    home = rng.choice(len(CASH_CURRENCIES), bank_accounts, p=CASH_SHARES)
    home = np.where(rng.random(bank_accounts) < 0.75, base_of_owner, home)
    bank_account_ids = pa.array(
        f"{GROUPS[i % len(GROUPS)]}-{1_000_003 + i // len(GROUPS) * 37:07}" for i in range(bank_accounts)
    )
    return Customers(
        account_ids=account_ids,
        active=active,
        bank_accounts=bank_account_ids,
        mapped=mapped,
        owner=owner.astype(np.int64),
        home_currency=home.astype(np.int64),
        account=account,
        mapping=pa.record_batch(
            [bank_account_ids[:mapped], account_ids.take(pa.array(owner[:mapped]))],
            names=["bank_account", "account_id"],
        ),
    )
