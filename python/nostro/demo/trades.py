"""The synthetic bank's trades, chunk by chunk in the order in which they were made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from nostro.demo.arrow_columns import (
    US_PER_DAY,
    US_PER_SECOND,
    Bools,
    Ints,
    decimals,
    instants,
    nullable_ints,
    record_batch,
    strings,
)
from nostro.demo.bank_calendar import EXCHANGE_HOLIDAYS, FIRST_PRICE_DATE
from nostro.demo.customers import WHOLE_CURRENCIES, Customers
from nostro.demo.market import CALENDARS, PRICE_UNIT, Market
from nostro.demo.posting_slots import SLOT_US, PostingPlan, Slot, slots_of_period
from nostro.demo.reversals import Reversals
from nostro.demo.schema import TRADES

CHUNK_ROWS = 250_000

OPENING_HOURS = {
    "USNY": (time(15, 30), time(22, 0)),
    "EUTA": (time(9, 0), time(17, 30)),
    "GBLO": (time(9, 0), time(17, 30)),
}
"""When each market trades, in the bank's time zone."""

MARKET_SHARES = {"USNY": 0.45, "EUTA": 0.4, "GBLO": 0.15}

SELL_SHARE = 0.25
SHORT_SELLER_SHARE = 0.05
LATE_SHARE = 0.005
REVERSAL_SHARE = 0.005
UNKNOWN_ACCOUNT_SHARE = 0.0005
INVALID_ISIN_SHARE = 0.0005
UNKNOWN_INSTRUMENT_SHARE = 0.0005

INSTRUMENTS_PER_MARKET = 3
"""How many instruments of each market a customer trades."""

SIDES = ("buy", "sell")
UNKNOWN_ACCOUNTS = ("X0000007", "A9999998", "D9999999")
"""Accounts that the ledger does not have; the first is in no shard either."""


@dataclass(frozen=True)
class TradeSource:
    """Everything that the trades are drawn from."""

    rows: int
    seed: int
    customers: Customers
    market: Market

    def chunks(self, anomalies: Counter[str]) -> Iterator[pa.RecordBatch]:
        """The trades, `CHUNK_ROWS` at a time; counts what is unusual about them into `anomalies`."""
        slots = slots_of_period()
        open_markets = np.array([[_share(calendar, slot) for calendar in CALENDARS] for slot in slots])
        weights = open_markets.sum(axis=1)
        edges = [i for i, slot in enumerate(slots) if slot.ends_at_cut_off and weights[i] > 0]
        plan = PostingPlan.of(slots, weights, self.rows, np.array(edges, dtype=np.int64))
        reversals = Reversals(self.rows, np.random.default_rng([self.seed, 6]))
        for chunk, first in enumerate(range(0, self.rows, CHUNK_ROWS)):
            rng = np.random.default_rng([self.seed, 7, chunk])
            rows = np.arange(first, min(first + CHUNK_ROWS, self.rows), dtype=np.int64)
            yield self._chunk(
                rng, rows, plan, open_markets=open_markets, reversals=reversals, anomalies=anomalies
            )

    def _chunk(
        self,
        rng: np.random.Generator,
        rows: Ints,
        plan: PostingPlan,
        *,
        open_markets: npt.NDArray[np.float64],
        reversals: Reversals,
        anomalies: Counter[str],
    ) -> pa.RecordBatch:
        count = len(rows)
        slot = plan.slot_of(rows)
        traded_at = plan.times(rows, slot, rng.random(count))
        forced = rng.permutation(np.arange(count // 2))[:5] if rows[0] == 0 else np.empty(0, dtype=np.int64)
        late = _flags(rng, count, LATE_SHARE, forced[:1])
        unknown_account = _flags(rng, count, UNKNOWN_ACCOUNT_SHARE, forced[1:2])
        invalid_isin = _flags(rng, count, INVALID_ISIN_SHARE, forced[2:3])
        unlisted = _flags(rng, count, UNKNOWN_INSTRUMENT_SHARE, forced[3:4]) & ~invalid_isin

        posted_at, edge = self._posted(rng, plan, rows, slot, traded_at=traded_at, late=late)

        account = (self.customers.active * rng.random(count) ** 1.4).astype(np.int64)
        market = _pick_market(open_markets[slot], rng.random(count))
        instrument = self._instrument(account, market, rng.integers(0, INSTRUMENTS_PER_MARKET, count))
        if rows[0] == 0:
            self._force_instruments(instrument, market, forced)
        short = _hash(account, instrument, 11) < SHORT_SELLER_SHARE
        sell = rng.random(count) < SELL_SHARE
        quantity = (
            np.maximum(np.rint(np.exp(rng.normal(np.log(12), 1.1, count))), 1).astype(np.int64) * 10_000
        )
        quantity = np.where(sell, np.maximum(quantity // 30_000, 1) * 10_000, quantity)
        funds = np.array([kind == "fund" for kind in self.market.types])[instrument]
        quantity = np.where(funds, quantity + rng.integers(0, 10_000, count), quantity)
        price = self._price(rng, plan, slot, instrument)
        whole = np.array([currency in WHOLE_CURRENCIES for currency in self.market.currencies])
        fees = np.rint(99 + quantity / 10_000 * (price / PRICE_UNIT) * 0.05).astype(np.int64)
        fees = np.where(whole[instrument], (fees // 100 + 1) * 100, fees)

        listed = len(self.market.isins)
        isin = instrument.copy()
        isin[invalid_isin] = listed + rng.integers(0, len(self.market.invalid_isins), int(invalid_isin.sum()))
        unlisted_from = listed + len(self.market.invalid_isins)
        isin[unlisted] = unlisted_from + rng.integers(0, len(self.market.unlisted_isins), int(unlisted.sum()))
        account = np.where(
            unknown_account,
            len(self.customers.account_ids) + rng.integers(0, len(UNKNOWN_ACCOUNTS), count),
            account,
        )
        drawn = {
            "id": rows + 1,
            "account": account,
            "instrument": instrument,
            "isin": isin,
            "side": (sell ^ short).astype(np.int64),
            "quantity": quantity,
            "price": price,
            "fees": fees,
            "traded_at": traded_at,
        }
        reversal_of, columns = reversals.reverse(rng, rows, drawn, REVERSAL_SHARE)

        known_account = columns["account"] < len(self.customers.account_ids)
        valid = (columns["isin"] < listed) | (columns["isin"] >= unlisted_from)
        known = columns["isin"] < listed
        unrated = np.isin(columns["instrument"], self.market.unrated)
        anomalies.update(
            {
                "trades_unknown_account": int((~known_account).sum()),
                "trades_invalid_isin": int((known_account & ~valid).sum()),
                "trades_unknown_instrument": int((known_account & valid & ~known).sum()),
                "trades_missing_rate": int((known_account & known & unrated).sum()),
                "trades_late_posting": int((late & (reversal_of < 0)).sum()),
                "trades_reversal": int((reversal_of >= 0).sum()),
                "trades_posted_at_cut_off": edge,
            }
        )
        isins = pa.array([*self.market.isins, *self.market.invalid_isins, *self.market.unlisted_isins])
        accounts = pa.concat_arrays([self.customers.account_ids, pa.array(UNKNOWN_ACCOUNTS)])
        return record_batch(
            TRADES,
            {
                "trade_id": pa.array(rows + 1),
                "account_id": strings(accounts, columns["account"]),
                "isin": strings(isins, columns["isin"]),
                "side": strings(pa.array(SIDES), columns["side"]),
                "quantity": decimals(columns["quantity"], 18, 4),
                "price": decimals(columns["price"], 18, 6),
                "currency": strings(pa.array(self.market.currencies), columns["instrument"]),
                "fees": decimals(columns["fees"], 18, 2),
                "traded_at": instants(columns["traded_at"]),
                "posted_at": instants(posted_at),
                "reversal_of": nullable_ints(reversal_of),
            },
        )

    @staticmethod
    def _posted(
        rng: np.random.Generator, plan: PostingPlan, rows: Ints, slot: Ints, *, traded_at: Ints, late: Bools
    ) -> tuple[Ints, int]:
        starts = np.array([int(s.start.timestamp()) * US_PER_SECOND for s in plan.slots], dtype=np.int64)
        posted_at = traded_at + rng.integers(US_PER_SECOND, 90 * US_PER_SECOND, len(rows))
        delayed = posted_at + rng.integers(1, 3, len(rows)) * US_PER_DAY
        posted_at = np.where(late & (delayed < starts[-1]), delayed, posted_at)
        ends = np.array([s.ends_at_cut_off for s in plan.slots])[slot] & plan.is_last(rows, slot)
        posted_at[ends] = starts[slot[ends]] + SLOT_US
        return posted_at, int(ends.sum())

    def _instrument(self, account: Ints, market: Ints, place: Ints) -> Ints:
        first = np.array(self.market.first_of, dtype=np.int64)
        size = np.diff(first)[market]
        popular = _hash(account, market * INSTRUMENTS_PER_MARKET + place, 5) ** 1.8
        return first[market] + (popular * size).astype(np.int64)

    def _force_instruments(self, instrument: Ints, market: Ints, taken: Ints) -> None:
        free = np.ones(len(instrument) // 2, dtype=np.bool_)
        free[taken] = False
        for index in (*self.market.unpriced, *self.market.stale, *self.market.unrated):
            own = int(np.searchsorted(self.market.first_of, index, side="right")) - 1
            place = np.flatnonzero(free & (market[: len(free)] == own))[:1]
            instrument[place] = index
            free[place] = False

    def _price(self, rng: np.random.Generator, plan: PostingPlan, slot: Ints, instrument: Ints) -> Ints:
        day = np.array([(s.start.date() - FIRST_PRICE_DATE).days for s in plan.slots], dtype=np.int64)
        close = self.market.closes[instrument, day[slot]]
        near = close * (1 + np.clip(rng.normal(0, 0.004, len(close)), -0.02, 0.02))
        tick = PRICE_UNIT // 100
        ticks: Ints = np.maximum(np.rint(near / tick).astype(np.int64), 1)
        return ticks * tick


def _share(calendar: str, slot: Slot) -> float:
    opens, closes = OPENING_HOURS[calendar]
    day = slot.start.date()
    trading = day.weekday() < 5 and day not in EXCHANGE_HOLIDAYS[calendar]
    return MARKET_SHARES[calendar] if trading and opens <= slot.start.time() < closes else 0.0


def _pick_market(shares: npt.NDArray[np.float64], draw: npt.NDArray[np.float64]) -> Ints:
    bounds = np.cumsum(shares, axis=1) / shares.sum(axis=1, keepdims=True)
    market: Ints = (draw[:, None] >= bounds).sum(axis=1).astype(np.int64)
    return market


def _hash(first: Ints, second: Ints, salt: int) -> npt.NDArray[np.float64]:
    """A number in [0, 1) that depends on both integers (the finaliser of SplitMix64)."""
    mixed = first.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + second.astype(np.uint64) * np.uint64(
        0xC2B2AE3D27D4EB4F
    )
    mixed = mixed + np.uint64(salt)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    mixed = mixed ^ (mixed >> np.uint64(31))
    numbers: npt.NDArray[np.float64] = (mixed >> np.uint64(11)).astype(np.float64) / 2.0**53
    return numbers


def _flags(rng: np.random.Generator, count: int, share: float, forced: Ints) -> Bools:
    flags = rng.random(count) < share
    flags[forced] = True
    return flags
