"""Generates the synthetic bank: seeded, in bounded memory, complete or not at all."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from nostro.demo.bank_calendar import DEMO_BUSINESS_DATE, FIRST_PRICE_DATE, OPENING_DATE
from nostro.demo.bank_scale import BankScale
from nostro.demo.counterparties import draw_counterparties
from nostro.demo.customers import draw_customers
from nostro.demo.market import draw_market
from nostro.demo.reference_rates import ReferenceRate, ecb_reference_rates
from nostro.demo.schema import (
    ACCOUNT,
    ACCOUNT_MAPPING,
    BANKS,
    FX_RATES,
    INSTRUMENTS,
    PRICES,
    TRADES,
    TRANSACTIONS,
    Table,
)
from nostro.demo.synthetic_bank import GENERATOR_VERSION, Manifest, SyntheticBank
from nostro.demo.trades import TradeSource
from nostro.demo.transactions import TransactionSource
from nostro.stack.progress import Progress, SilentProgress

__all__ = ["BankScale", "SyntheticBank", "generate"]

UNIQUE_COLUMNS = frozenset({"transaction_id", "trade_id", "amount", "posted_at", "traded_at", "reversal_of"})
"""Columns that a dictionary would not make smaller."""


def generate(scale: BankScale, seed: int, directory: Path, progress: Progress | None = None) -> SyntheticBank:
    """Write the bank's tables as Parquet files into `directory`, or find them there.

    The files come from `scale` and `seed` alone: the same two give the same bytes. A bank that the
    directory already holds is kept when it is the same and replaced when it is another; a run that dies
    leaves `directory` as it was. Raises ValueError for a seed below zero and FileExistsError for a
    directory that holds something else than a bank.
    """
    if seed < 0:
        raise ValueError(f"a seed is a whole number from 0 on, not {seed}")
    progress = progress or SilentProgress()
    found = _existing(directory)
    if found is not None and _is_same(found, scale, seed):
        return found
    partial = directory.with_name(f".{directory.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        _write_bank(scale, seed, partial, progress)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    if directory.exists():
        shutil.rmtree(directory)
    partial.rename(directory)
    return SyntheticBank.open(directory)


def _existing(directory: Path) -> SyntheticBank | None:
    try:
        return SyntheticBank.open(directory)
    except FileNotFoundError:
        if directory.exists() and any(directory.iterdir()):
            raise FileExistsError(f"{directory} holds something else than a synthetic bank") from None
        return None


def _is_same(bank: SyntheticBank, scale: BankScale, seed: int) -> bool:
    manifest = bank.manifest
    return (manifest.version, manifest.seed, manifest.transactions) == (
        GENERATOR_VERSION,
        seed,
        scale.transactions,
    ) and all((bank.directory / f"{table}.parquet").exists() for table in manifest.rows)


def _write_bank(scale: BankScale, seed: int, directory: Path, progress: Progress) -> None:
    anomalies: Counter[str] = Counter()
    rows: dict[str, int] = {}

    def write(table: Table, batches: Iterable[pa.RecordBatch], title: str) -> None:
        with progress.step(title, unit="rows") as step:
            rows[table.name] = 0
            for written in _write_table(table, batches, directory):
                rows[table.name] += written
                step.update(completed=rows[table.name])

    rates = ecb_reference_rates(FIRST_PRICE_DATE, DEMO_BUSINESS_DATE)
    with progress.step("Synthetic bank: counterparties"):
        counterparties = draw_counterparties(scale.banks, scale.counterparties, seed)
    customers = draw_customers(scale.accounts, scale.bank_accounts, seed)
    market = draw_market(scale.instruments, seed)
    small = (
        (ACCOUNT, customers.account),
        (ACCOUNT_MAPPING, customers.mapping),
        (BANKS, counterparties.banks),
        (INSTRUMENTS, market.instruments),
        (PRICES, market.prices),
        (FX_RATES, _rates_batch(rates)),
    )
    for table, batch in small:
        rows[table.name] = sum(_write_table(table, [batch], directory))
    opening_rates = {rate.currency: rate.rate for rate in rates if rate.rate_date <= OPENING_DATE}
    transactions = TransactionSource(scale.transactions, seed, customers, counterparties, opening_rates)
    write(TRANSACTIONS, transactions.chunks(anomalies), "Synthetic bank: transactions")
    trades = TradeSource(scale.trades, seed, customers, market)
    write(TRADES, trades.chunks(anomalies), "Synthetic bank: trades")
    anomalies["accounts_without_movement"] = scale.accounts - customers.active
    anomalies["bank_accounts_unmapped"] = scale.bank_accounts - customers.mapped
    anomalies["instruments_without_price"] = len(market.unpriced)
    anomalies["instruments_with_stale_price"] = len(market.stale)
    anomalies["instruments_without_rate"] = len(market.unrated)
    Manifest(GENERATOR_VERSION, seed, scale.transactions, rows, dict(anomalies)).write(directory)


def _write_table(table: Table, batches: Iterable[pa.RecordBatch], directory: Path) -> Iterable[int]:
    schema = table.arrow_schema()
    with pq.ParquetWriter(
        directory / f"{table.name}.parquet",
        schema,
        version="2.6",
        compression="zstd",
        compression_level=1,
        use_dictionary=[name for name in table.column_names if name not in UNIQUE_COLUMNS],
        store_decimal_as_integer=True,
    ) as writer:
        for batch in batches:
            writer.write_batch(batch.select(table.column_names).cast(schema))
            yield batch.num_rows


def _rates_batch(rates: list[ReferenceRate]) -> pa.RecordBatch:
    return pa.record_batch(
        [
            pa.array([rate.currency for rate in rates]),
            pa.array([rate.rate_date for rate in rates], type=pa.date32()),
            pa.array([rate.rate for rate in rates], type=pa.decimal128(18, 6)),
        ],
        names=["currency", "rate_date", "rate"],
    )
