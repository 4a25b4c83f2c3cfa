"""The synthetic bank's transactions, chunk by chunk in the order in which they were posted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa

from nostro.demo.arrow_columns import (
    Bools,
    Floats,
    Ints,
    dates,
    decimals,
    instants,
    nullable_ints,
    record_batch,
    strings,
)
from nostro.demo.bank_calendar import BANK_TIME_ZONE, HOLIDAYS, HOME_CALENDAR, weekdays
from nostro.demo.counterparties import Counterparties
from nostro.demo.customers import CASH_CURRENCIES, UNRATED_CURRENCIES, WHOLE_CURRENCIES, Customers
from nostro.demo.posting_slots import EPOCH, SLOT_US, PostingPlan, Slot, slots_of_period
from nostro.demo.reversals import Reversals
from nostro.demo.schema import TRANSACTIONS

CHUNK_ROWS = 250_000

INVALID_IBAN_SHARE = 0.002
UNMAPPED_SHARE = 0.001
UNRATED_SHARE = 0.0005
LATE_BOOKING_SHARE = 0.005
REVERSAL_SHARE = 0.005
CASH_DESK_SHARE = 0.01
HOME_CURRENCY_SHARE = 0.97
LARGE_AMOUNT_SHARE = 0.003

TYPES = ("deposit", "withdrawal")
HOURLY_WEIGHTS = (
    *(0.15, 0.1, 0.1, 0.1, 0.15, 0.3, 0.8, 2.0, 4.5, 7.0, 8.0, 7.5),
    *(6.0, 6.5, 7.5, 7.0, 6.0, 4.0, 2.0, 1.5, 1.0, 0.7, 0.4, 0.2),
)
WEEKEND_WEIGHT = 0.04
HOLIDAY_WEIGHT = 0.15
PAYDAY_WEIGHTS = {date(2025, 4, 15): 1.25, date(2025, 4, 30): 1.6, date(2025, 5, 2): 1.2}

VALUE_LAG_SHARES = (0.7, 0.25, 0.05)
"""How often value follows the booking after 0, 1 and 2 business days."""

REFERENCES = ("SALARY", "RENT", "INVOICE", "NOTPROVIDED", "INSURANCE PREMIUM", "DIVIDEND", "TAX", "LOAN")


@dataclass(frozen=True)
class TransactionSource:
    """Everything that the transactions are drawn from."""

    rows: int
    seed: int
    customers: Customers
    counterparties: Counterparties
    rates: Mapping[str, Decimal]
    """Units of each currency for a euro, to give amounts a like value in every currency."""

    def chunks(self, anomalies: Counter[str]) -> Iterator[pa.RecordBatch]:
        """The transactions, `CHUNK_ROWS` at a time; counts what is unusual about them into `anomalies`."""
        slots = slots_of_period()
        edges = [i for i, slot in enumerate(slots) if slot.ends_at_cut_off or slot.begins_at_cut_off]
        weights = np.array([_weight(slot) for slot in slots])
        plan = PostingPlan.of(slots, weights, self.rows, np.array(edges, dtype=np.int64))
        days = _BookingDays.of(slots)
        reversals = Reversals(self.rows, np.random.default_rng([self.seed, 3]))
        references = _references(np.random.default_rng([self.seed, 4]))
        for chunk, first in enumerate(range(0, self.rows, CHUNK_ROWS)):
            rng = np.random.default_rng([self.seed, 5, chunk])
            rows = np.arange(first, min(first + CHUNK_ROWS, self.rows), dtype=np.int64)
            yield self._chunk(
                rng,
                rows,
                plan,
                days=days,
                reversals=reversals,
                references=references,
                anomalies=anomalies,
            )

    def _chunk(
        self,
        rng: np.random.Generator,
        rows: Ints,
        plan: PostingPlan,
        *,
        days: _BookingDays,
        reversals: Reversals,
        references: pa.Array,
        anomalies: Counter[str],
    ) -> pa.RecordBatch:
        count = len(rows)
        customers, counterparties = self.customers, self.counterparties
        slot = plan.slot_of(rows)
        posted_at = plan.times(rows, slot, rng.random(count))
        edge = self._put_on_edges(plan, rows, slot, posted_at)

        forced = rng.permutation(np.arange(count // 2))[:5] if rows[0] == 0 else np.empty(0, dtype=np.int64)
        invalid = _flags(rng, count, INVALID_IBAN_SHARE, forced[:1])
        unmapped = _flags(rng, count, UNMAPPED_SHARE, forced[1:2])
        unrated = _flags(rng, count, UNRATED_SHARE, forced[2:3])
        late = _flags(rng, count, LATE_BOOKING_SHARE, forced[3:4])
        cash_desk = _flags(rng, count, CASH_DESK_SHARE, forced[4:5]) & ~invalid

        bank_account = (customers.mapped * rng.random(count) ** 1.6).astype(np.int64)
        unmapped_accounts = len(customers.bank_accounts) - customers.mapped
        bank_account[unmapped] = customers.mapped + rng.integers(0, unmapped_accounts, int(unmapped.sum()))
        currency = np.where(
            rng.random(count) < HOME_CURRENCY_SHARE,
            customers.home_currency[bank_account],
            rng.integers(0, len(CASH_CURRENCIES) - len(UNRATED_CURRENCIES), count),
        )
        currency[unrated] = rng.integers(
            len(CASH_CURRENCIES) - len(UNRATED_CURRENCIES), len(CASH_CURRENCIES), int(unrated.sum())
        )
        iban = (len(counterparties.ibans) * rng.random(count) ** 2.5).astype(np.int64)
        bank = np.array(counterparties.bank_of, dtype=np.int64)[iban]
        iban[invalid] = len(counterparties.ibans) + rng.integers(
            0, len(counterparties.invalid_ibans), int(invalid.sum())
        )
        iban[cash_desk] = -1
        bank[cash_desk] = -1
        booking = days.booked(slot, np.where(late, rng.integers(1, 6, count), 0))
        drawn = {
            "id": rows + 1,
            "bank_account": bank_account,
            "type": (rng.random(count) >= 0.52).astype(np.int64),
            "amount": self._amounts(rng, currency),
            "currency": currency,
            "iban": iban,
            "bank": bank,
            "value_date": days.valued(booking, rng.choice(3, count, p=VALUE_LAG_SHARES)),
        }
        reversal_of, columns = reversals.reverse(rng, rows, drawn, REVERSAL_SHARE)
        is_reversal = reversal_of >= 0

        mapped = columns["bank_account"] < customers.mapped
        valid = columns["iban"] < len(counterparties.ibans)
        rated = columns["currency"] < len(CASH_CURRENCIES) - len(UNRATED_CURRENCIES)
        anomalies.update(
            {
                "transactions_invalid_iban": int((~valid).sum()),
                "transactions_unmapped_account": int((valid & ~mapped).sum()),
                "transactions_missing_rate": int((valid & mapped & ~rated).sum()),
                "transactions_late_booking": int(late.sum()),
                "transactions_reversal": int(is_reversal.sum()),
                "transactions_without_counterparty": int((columns["iban"] < 0).sum()),
                "transactions_without_minor_unit": int(
                    np.isin(columns["currency"], _indices_of(WHOLE_CURRENCIES)).sum()
                ),
                "transactions_posted_at_cut_off": edge,
            }
        )
        ibans = pa.concat_arrays([counterparties.ibans, counterparties.invalid_ibans])
        reference = np.where(is_reversal, 0, rng.integers(1, len(references), count))
        return record_batch(
            TRANSACTIONS,
            {
                "transaction_id": pa.array(rows + 1),
                "bank_account": strings(customers.bank_accounts, columns["bank_account"]),
                "transaction_type": strings(pa.array(TYPES), columns["type"]),
                "amount": decimals(columns["amount"], 18, 2),
                "currency": strings(pa.array(CASH_CURRENCIES), columns["currency"]),
                "counterparty_iban": strings(ibans, columns["iban"]),
                "counterparty_bank": strings(counterparties.banks["bic"], columns["bank"]),
                "booking_date": dates(booking),
                "value_date": dates(columns["value_date"]),
                "posted_at": instants(posted_at),
                "reversal_of": nullable_ints(reversal_of),
                "reference": strings(references, reference),
            },
        )

    @staticmethod
    def _put_on_edges(plan: PostingPlan, rows: Ints, slot: Ints, posted_at: Ints) -> int:
        begins = np.array([s.begins_at_cut_off for s in plan.slots])[slot] & plan.is_first(rows, slot)
        ends = np.array([s.ends_at_cut_off for s in plan.slots])[slot] & plan.is_last(rows, slot)
        starts = np.array([int(s.start.timestamp()) * 1_000_000 for s in plan.slots], dtype=np.int64)
        posted_at[begins] = starts[slot[begins]]
        posted_at[ends] = starts[slot[ends]] + SLOT_US - 1
        return int(begins.sum())

    def _amounts(self, rng: np.random.Generator, currency: Ints) -> Ints:
        count = len(currency)
        euros: Floats = np.exp(rng.normal(np.log(140), 1.5, count))
        large = rng.random(count) < LARGE_AMOUNT_SHARE
        euros = np.where(large, np.minimum(20_000 * (1 + rng.pareto(1.2, count)), 5e7), euros)
        rates = np.array([float(self.rates.get(code, Decimal(1))) for code in CASH_CURRENCIES])
        cents = np.maximum(np.rint(euros * rates[currency] * 100), 1).astype(np.int64)
        whole = np.isin(currency, _indices_of(WHOLE_CURRENCIES))
        amounts: Ints = np.where(whole, np.maximum(cents // 100, 1) * 100, cents)
        return amounts


@dataclass(frozen=True)
class _BookingDays:
    """Booking and value dates as days since the epoch."""

    weekdays: Ints
    business_date_of_slot: Ints
    """Index into `weekdays`."""

    following: Ints
    """Per calendar day from the first weekday on: the index of the first good day into `good_days`."""

    good_days: Ints

    @classmethod
    def of(cls, slots: tuple[Slot, ...]) -> _BookingDays:
        first, last = slots[0].business_date - timedelta(21), slots[-1].business_date + timedelta(14)
        days = weekdays(first, last)
        good = [day for day in days if day not in HOLIDAYS[HOME_CALENDAR]]
        good_days = np.array([(day - EPOCH).days for day in good], dtype=np.int64)
        span = np.arange((days[0] - EPOCH).days, good_days[-1] + 1)
        index = {day: position for position, day in enumerate(days)}
        return cls(
            weekdays=np.array([(day - EPOCH).days for day in days], dtype=np.int64),
            business_date_of_slot=np.array([index[slot.business_date] for slot in slots], dtype=np.int64),
            following=np.searchsorted(good_days, span).astype(np.int64),
            good_days=good_days,
        )

    def booked(self, slot: Ints, days_late: Ints) -> Ints:
        """The slot's business date, or the weekday that lies `days_late` weekdays before it."""
        days: Ints = self.weekdays[self.business_date_of_slot[slot] - days_late]
        return days

    def valued(self, booking: Ints, lag: Ints) -> Ints:
        """`lag` business days after the booking date, rolled to a business day first."""
        days: Ints = self.good_days[self.following[booking - self.weekdays[0]] + lag]
        return days


def _weight(slot: Slot) -> float:
    local = slot.start.astimezone(BANK_TIME_ZONE)
    weight = HOURLY_WEIGHTS[local.hour] * PAYDAY_WEIGHTS.get(local.date(), 1.0)
    if local.weekday() >= 5:
        return weight * WEEKEND_WEIGHT
    if local.date() in HOLIDAYS[HOME_CALENDAR]:
        return weight * HOLIDAY_WEIGHT
    return weight


def _flags(rng: np.random.Generator, count: int, share: float, forced: Ints) -> Bools:
    flags = rng.random(count) < share
    flags[forced] = True
    return flags


def _indices_of(currencies: frozenset[str]) -> list[int]:
    return [index for index, currency in enumerate(CASH_CURRENCIES) if currency in currencies]


def _references(rng: np.random.Generator) -> pa.Array:
    return pa.array(
        ["REVERSAL", *(f"{rng.choice(REFERENCES)} {rng.integers(10_000, 99_999)}" for _ in range(5_000))]
    )
