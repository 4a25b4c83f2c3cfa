"""Dates for the functions' references."""

from __future__ import annotations

import datetime
import random

import QuantLib


def random_date(generator: random.Random, first: int = 2000, last: int = 2050) -> datetime.date:
    start = datetime.date(first, 1, 1).toordinal()
    return datetime.date.fromordinal(generator.randrange(start, datetime.date(last + 1, 1, 1).toordinal()))


def quantlib_date(value: datetime.date) -> QuantLib.Date:
    return QuantLib.Date(value.day, value.month, value.year)
