"""How postings spread over the synthetic period: quarter hours with a weight each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from nostro.demo.arrow_columns import US_PER_SECOND, Bools, Floats, Ints
from nostro.demo.bank_calendar import (
    BANK_TIME_ZONE,
    CUT_OFF,
    DEMO_BUSINESS_DATE,
    OPENING_DATE,
    next_weekday,
)

SLOT = timedelta(minutes=15)
SLOT_US = int(SLOT.total_seconds()) * US_PER_SECOND
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Slot:
    """A quarter hour that begins at `start`, in the bank's time zone."""

    start: datetime

    @property
    def business_date(self) -> date:
        """The business date in whose posting window the slot lies."""
        day = self.start.date()
        if day.weekday() < 5 and self.start.time() < CUT_OFF:
            return day
        return next_weekday(day)

    @property
    def begins_at_cut_off(self) -> bool:
        return self.start.weekday() < 5 and self.start.time() == CUT_OFF

    @property
    def ends_at_cut_off(self) -> bool:
        end = self.start + SLOT
        return end.weekday() < 5 and end.time() == CUT_OFF


def slots_of_period() -> tuple[Slot, ...]:
    """Every quarter hour from the opening cut-off to the end of the last business date's day."""
    start = datetime.combine(OPENING_DATE, CUT_OFF, BANK_TIME_ZONE).astimezone(UTC)
    end = datetime.combine(DEMO_BUSINESS_DATE + timedelta(1), time(0), BANK_TIME_ZONE).astimezone(UTC)
    return tuple(
        Slot((start + index * SLOT).astimezone(BANK_TIME_ZONE)) for index in range((end - start) // SLOT)
    )


@dataclass(frozen=True)
class PostingPlan:
    """Which slot each of `rows` rows falls in: rows are in the order of their time.

    `first_row[s]` is the number of rows before slot s, with one more entry for the end.
    """

    slots: tuple[Slot, ...]
    first_row: Ints

    @classmethod
    def of(cls, slots: tuple[Slot, ...], weights: Floats, rows: int, at_least_one: Ints) -> PostingPlan:
        """Spread `rows` by `weights`, with one row at least in the slots `at_least_one`."""
        spread = rows - len(at_least_one)
        bounds = np.rint(np.cumsum(weights) / weights.sum() * spread).astype(np.int64)
        counts = np.diff(bounds, prepend=0)
        counts[at_least_one] += 1
        return cls(slots, np.concatenate([[0], np.cumsum(counts)]).astype(np.int64))

    def slot_of(self, rows: Ints) -> Ints:
        return np.searchsorted(self.first_row, rows, side="right").astype(np.int64) - 1

    def times(self, rows: Ints, slot: Ints, jitter: Floats) -> Ints:
        """Microseconds since the epoch, ascending; `jitter` is uniform in [0, 1)."""
        starts = np.array([int(s.start.timestamp()) * US_PER_SECOND for s in self.slots], dtype=np.int64)
        place = rows - self.first_row[slot]
        count = self.first_row[slot + 1] - self.first_row[slot]
        return starts[slot] + ((place + jitter) / count * SLOT_US).astype(np.int64)

    def is_first(self, rows: Ints, slot: Ints) -> Bools:
        return np.equal(rows, self.first_row[slot])

    def is_last(self, rows: Ints, slot: Ints) -> Bools:
        return np.equal(rows, self.first_row[slot + 1] - 1)
