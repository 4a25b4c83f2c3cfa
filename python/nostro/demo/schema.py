"""The bank's tables, declared once: PostgreSQL and DuckDB DDL and Arrow schemas all come from here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

GROUPS = tuple(f"{group:03}" for group in range(1, 11))
"""The groups that bank accounts are numbered in: `GGG-NNNNNNN`."""

PREFIXES = ("A", "B", "C", "D")
"""The prefixes of trading accounts: `A0000123`."""


@dataclass(frozen=True)
class ColumnType:
    """A column's type in each of the systems that hold it.

    `name` is one of `bigint`, `integer`, `varchar`, `decimal`, `date`, `timestamptz` (microseconds, an
    instant); `length` is a varchar's longest value in characters; `precision` and `scale` are a decimal's.
    """

    name: str
    length: int | None = None
    precision: int = 0
    scale: int = 0

    def postgres(self) -> str:
        match self.name:
            case "varchar":
                return f"varchar({self.length})" if self.length else "text"
            case "decimal":
                return f"numeric({self.precision},{self.scale})"
            case "timestamptz":
                return "timestamp(6) with time zone"
            case _:
                return self.name

    def duckdb(self) -> str:
        match self.name:
            case "decimal":
                return f"decimal({self.precision},{self.scale})"
            case _:
                return self.name

    def arrow(self) -> pa.DataType:
        import pyarrow as pa  # noqa: PLC0415

        match self.name:
            case "bigint":
                return pa.int64()
            case "integer":
                return pa.int32()
            case "varchar":
                return pa.string()
            case "decimal":
                return pa.decimal128(self.precision, self.scale)
            case "date":
                return pa.date32()
            case _:
                return pa.timestamp("us", tz="UTC")


def varchar(length: int) -> ColumnType:
    return ColumnType("varchar", length=length)


def decimal(precision: int, scale: int) -> ColumnType:
    return ColumnType("decimal", precision=precision, scale=scale)


BIGINT = ColumnType("bigint")
INTEGER = ColumnType("integer")
DATE = ColumnType("date")
TIMESTAMPTZ = ColumnType("timestamptz")


@dataclass(frozen=True)
class Column:
    name: str
    type: ColumnType
    nullable: bool = True


@dataclass(frozen=True)
class Table:
    """One table of one of the bank's systems.

    `database` is a PostgreSQL database, or `trading_db` for the ledger; `indexes` lists the column lists of
    secondary indexes, which only PostgreSQL has.
    """

    database: str
    name: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def postgres_ddl(self, name: str | None = None) -> str:
        """`CREATE TABLE` without keys and indexes: they are built after the load."""
        return self._create(
            name or f"public.{self.name}",
            (f"{c.name} {c.type.postgres()}{'' if c.nullable else ' NOT NULL'}" for c in self.columns),
        )

    def duckdb_ddl(self, schema: str = "public") -> str:
        return self._create(
            f"{schema}.{self.name}",
            (f"{c.name} {c.type.duckdb()}{'' if c.nullable else ' NOT NULL'}" for c in self.columns),
        )

    def arrow_schema(self) -> pa.Schema:
        import pyarrow as pa  # noqa: PLC0415

        return pa.schema([pa.field(c.name, c.type.arrow(), c.nullable) for c in self.columns])

    @staticmethod
    def _create(name: str, columns: Iterable[str]) -> str:
        return f"CREATE TABLE {name} ({', '.join(columns)})"


TRANSACTIONS = Table(
    "bankteam_app",
    "transactions",
    (
        Column("transaction_id", BIGINT, nullable=False),
        Column("bank_account", varchar(12), nullable=False),
        Column("transaction_type", varchar(10), nullable=False),
        Column("amount", decimal(18, 2), nullable=False),
        Column("currency", varchar(3), nullable=False),
        Column("counterparty_iban", varchar(34)),
        Column("counterparty_bank", varchar(11)),
        Column("booking_date", DATE, nullable=False),
        Column("value_date", DATE, nullable=False),
        Column("posted_at", TIMESTAMPTZ, nullable=False),
        Column("reversal_of", BIGINT),
        Column("reference", varchar(35)),
    ),
    primary_key=("transaction_id",),
    indexes=(("transaction_type", "posted_at"),),
)

ACCOUNT_MAPPING = Table(
    "mappingdb",
    "account_mapping",
    (
        Column("bank_account", varchar(12), nullable=False),
        Column("account_id", varchar(8), nullable=False),
    ),
    primary_key=("bank_account",),
)

BANKS = Table(
    "portfolio_ops_db",
    "banks",
    (
        Column("bic", varchar(11), nullable=False),
        Column("name", varchar(100)),
        Column("country", varchar(2)),
    ),
    primary_key=("bic",),
)

INSTRUMENTS = Table(
    "portfolio_ops_db",
    "instruments",
    (
        Column("isin", varchar(12), nullable=False),
        Column("name", varchar(100)),
        Column("instrument_type", varchar(10)),
        Column("currency", varchar(3)),
        Column("calendar", varchar(10)),
        Column("settlement_days", INTEGER),
    ),
    primary_key=("isin",),
)

PRICES = Table(
    "portfolio_ops_db",
    "prices",
    (
        Column("isin", varchar(12), nullable=False),
        Column("price_date", DATE, nullable=False),
        Column("close", decimal(18, 6)),
    ),
    primary_key=("isin", "price_date"),
)

FX_RATES = Table(
    "portfolio_ops_db",
    "fx_rates",
    (
        Column("currency", varchar(3), nullable=False),
        Column("rate_date", DATE, nullable=False),
        Column("rate", decimal(18, 6)),
    ),
    primary_key=("currency", "rate_date"),
)

ACCOUNT = Table(
    "trading_db",
    "account",
    (
        Column("account_id", varchar(8)),
        Column("account_name", varchar(100)),
        Column("base_currency", varchar(3)),
        Column("opening_balance", decimal(18, 2)),
        Column("opened_on", DATE),
    ),
)

TRADES = Table(
    "trading_db",
    "trades",
    (
        Column("trade_id", BIGINT),
        Column("account_id", varchar(8)),
        Column("isin", varchar(12)),
        Column("side", varchar(4)),
        Column("quantity", decimal(18, 4)),
        Column("price", decimal(18, 6)),
        Column("currency", varchar(3)),
        Column("fees", decimal(18, 2)),
        Column("traded_at", TIMESTAMPTZ),
        Column("posted_at", TIMESTAMPTZ),
        Column("reversal_of", BIGINT),
    ),
)

POSTGRES_TABLES = (TRANSACTIONS, ACCOUNT_MAPPING, BANKS, INSTRUMENTS, PRICES, FX_RATES)
LEDGER_TABLES = (ACCOUNT, TRADES)
TABLES = POSTGRES_TABLES + LEDGER_TABLES
