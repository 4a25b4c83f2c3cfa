"""The instruments that the bank's customers trade, and their prices."""

from __future__ import annotations

import string
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
from stdnum import cusip, isin
from stdnum.gb import sedol

from nostro.demo.arrow_columns import Ints, dates, decimals
from nostro.demo.bank_calendar import DEMO_BUSINESS_DATE, EXCHANGE_HOLIDAYS, FIRST_PRICE_DATE, weekdays

CALENDARS = ("USNY", "EUTA", "GBLO")
CALENDAR_SHARES = (0.45, 0.35, 0.2)
SETTLEMENT_DAYS = {"USNY": 1, "EUTA": 2, "GBLO": 2}

ALPHANUMERIC = string.digits + string.ascii_uppercase
SEDOL_ALPHABET = string.digits + "BCDFGHJKLMNPQRSTVWXYZ"
NAMES = ("Albion", "Borealis", "Caspian", "Delphi", "Etna", "Fjord", "Garonne", "Helios", "Isar", "Jura")
TRADES = ("Energy", "Foods", "Insurance", "Logistics", "Motors", "Pharma", "Robotics", "Software", "Steel")

PRICE_UNIT = 1_000_000
"""Prices are whole numbers of millionths."""


@dataclass(frozen=True)
class Market:
    """Instruments, ordered by calendar (as `CALENDARS`) and within it from busy to quiet, and their prices.

    `first_of[c]` is the index of calendar c's first instrument, with one more entry for the end. `closes` is
    the price path per instrument and day since `FIRST_PRICE_DATE`, in millionths, 0 on days without trading;
    the table `prices` is what of it was published: nothing for `unpriced`, not the newest for `stale`.
    `unrated` are instruments in a currency that the ECB gives no rate for.
    """

    isins: tuple[str, ...]
    currencies: tuple[str, ...]
    types: tuple[str, ...]
    first_of: tuple[int, ...]
    closes: Ints
    unpriced: tuple[int, ...]
    stale: tuple[int, ...]
    unrated: tuple[int, ...]
    invalid_isins: tuple[str, ...]
    unlisted_isins: tuple[str, ...]
    instruments: pa.RecordBatch
    prices: pa.RecordBatch


def draw_market(count: int, seed: int) -> Market:
    """`count` instruments on three markets with a random walk of daily closes."""
    rng = np.random.default_rng([seed, 2])
    first_of = tuple(round(count * share) for share in (0.0, *np.cumsum(CALENDAR_SHARES)))
    calendars = [CALENDARS[int(np.searchsorted(first_of, i, side="right")) - 1] for i in range(count)]
    euta, gblo, end = first_of[1], first_of[2], first_of[3]
    few = max(1, count // 100)
    unrated = tuple(range(gblo - 1 - few, gblo - 1))
    unpriced = tuple(range(euta - 1 - few, euta - 1))
    stale = tuple(range(gblo + 1, gblo + 1 + few))

    currencies = [_currency(rng, calendar) for calendar in calendars]
    for index in unrated:
        currencies[index] = "AED"
    currencies[gblo] = "JPY"
    types = [str(rng.choice(("equity", "etf", "fund"), p=(0.75, 0.15, 0.1))) for _ in range(count)]
    isins: dict[str, None] = {}
    while len(isins) < count + 8:
        index = len(isins)
        isins[_isin(rng, calendars[min(index, count - 1)], currencies[min(index, count - 1)])] = None
    listed = tuple(isins)[:count]
    closes = _price_paths(rng, calendars, currencies)
    return Market(
        isins=listed,
        currencies=tuple(currencies),
        types=tuple(types),
        first_of=first_of,
        closes=closes,
        unpriced=unpriced,
        stale=stale,
        unrated=unrated,
        invalid_isins=tuple(f"{code[:-1]}{(int(code[-1]) + 3) % 10}" for code in listed[end // 2 :][:8]),
        unlisted_isins=tuple(isins)[count:],
        instruments=_instruments(rng, listed, types, currencies, calendars),
        prices=_published(listed, closes, unpriced, stale),
    )


def _currency(rng: np.random.Generator, calendar: str) -> str:
    match calendar:
        case "USNY":
            return "USD"
        case "EUTA":
            return str(rng.choice(("EUR", "CHF", "SEK"), p=(0.86, 0.1, 0.04)))
        case _:
            return str(rng.choice(("GBP", "USD", "JPY"), p=(0.75, 0.1, 0.15)))


def _isin(rng: np.random.Generator, calendar: str, currency: str) -> str:
    def draw(alphabet: str, length: int) -> str:
        return "".join(alphabet[i] for i in rng.integers(0, len(alphabet), length))

    match calendar, currency:
        case "USNY", _:
            base = draw(string.digits, 3) + draw(ALPHANUMERIC, 3) + "10"
            body = f"US{base}{cusip.calc_check_digit(base)}"
        case "EUTA", "CHF":
            body = f"CH{draw(string.digits, 9)}"
        case "EUTA", "SEK":
            body = f"SE{draw(string.digits, 9)}"
        case "EUTA", _:
            country = str(rng.choice(("DE", "FR", "NL", "IT", "ES")))
            body = (
                f"DE000{draw(ALPHANUMERIC, 6)}" if country == "DE" else f"{country}{draw(string.digits, 9)}"
            )
        case _, "JPY":
            body = f"JP3{draw(string.digits, 6)}00"
        case _:
            base = draw(SEDOL_ALPHABET, 6)
            body = f"GB00{base}{sedol.calc_check_digit(base)}"
    return f"{body}{isin.calc_check_digit(body)}"


def _price_paths(rng: np.random.Generator, calendars: list[str], currencies: list[str]) -> Ints:
    days = (DEMO_BUSINESS_DATE - FIRST_PRICE_DATE).days + 1
    count = len(calendars)
    start = np.clip(np.exp(rng.normal(np.log(60), 1.0, count)), 8, 2_500)
    cheap = rng.random(count) < 0.06
    cheap[[0, count // 2]] = True
    start = np.where(cheap, rng.uniform(0.8, 4.0, count), start)
    start = np.where([currency == "JPY" for currency in currencies], start * 160, start)
    walk = np.exp(np.cumsum(rng.normal(0.0002, 0.018, (count, days)), axis=1))
    cents = np.maximum(np.rint(start[:, None] * walk * 100), 1).astype(np.int64)
    trading = {
        calendar: [
            day.weekday() < 5 and day not in EXCHANGE_HOLIDAYS[calendar]
            for day in (FIRST_PRICE_DATE + timedelta(offset) for offset in range(days))
        ]
        for calendar in CALENDARS
    }
    return np.where(np.array([trading[calendar] for calendar in calendars]), cents * (PRICE_UNIT // 100), 0)


def _instruments(
    rng: np.random.Generator,
    isins: tuple[str, ...],
    types: list[str],
    currencies: list[str],
    calendars: list[str],
) -> pa.RecordBatch:
    names = [f"{rng.choice(NAMES)} {rng.choice(TRADES)} {index:03}" for index in range(len(isins))]
    return pa.record_batch(
        [
            pa.array(isins),
            pa.array(names),
            pa.array(types),
            pa.array(currencies),
            pa.array(calendars),
            pa.array([SETTLEMENT_DAYS[calendar] for calendar in calendars], type=pa.int32()),
        ],
        names=["isin", "name", "instrument_type", "currency", "calendar", "settlement_days"],
    )


def _published(
    isins: tuple[str, ...], closes: Ints, unpriced: tuple[int, ...], stale: tuple[int, ...]
) -> pa.RecordBatch:
    published = closes.copy()
    published[list(unpriced)] = 0
    stale_from = weekdays(FIRST_PRICE_DATE, DEMO_BUSINESS_DATE)[-8]
    published[list(stale), (stale_from - FIRST_PRICE_DATE).days :] = 0
    instrument, day = np.nonzero(published)
    epoch_day = (FIRST_PRICE_DATE - date(1970, 1, 1)).days
    return pa.record_batch(
        [
            pa.array(isins).take(pa.array(instrument)),
            dates(day.astype(np.int64) + epoch_day),
            decimals(published[instrument, day], 18, 6),
        ],
        names=["isin", "price_date", "close"],
    )
