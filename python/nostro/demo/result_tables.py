"""The result tables of the bank's day: names, columns and keys, as the lake publishes them."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

MONEY = pa.decimal128(38, 2)


@dataclass(frozen=True)
class ResultTable:
    """A published table of the lake; `key` names a row within one business date."""

    schema: str
    name: str
    columns: pa.Schema
    key: tuple[str, ...]

    @property
    def qualified_name(self) -> str:
        return f"lake.{self.schema}.{self.name}"

    @property
    def money_columns(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.columns if field.type == MONEY)


CASH_POSITION_OFFSETS = ResultTable(
    "banking",
    "cash_position_offsets",
    pa.schema(
        [
            ("business_date", pa.date32()),
            ("account_id", pa.string()),
            ("currency", pa.string()),
            ("offset_type", pa.string()),
            ("value_date", pa.date32()),
            ("amount", MONEY),
            ("movement_count", pa.int64()),
        ]
    ),
    key=("account_id", "currency", "offset_type", "value_date"),
)

REJECTS = ResultTable(
    "banking",
    "rejects",
    pa.schema(
        [
            ("business_date", pa.date32()),
            ("step", pa.string()),
            ("source", pa.string()),
            ("source_id", pa.string()),
            ("account", pa.string()),
            ("currency", pa.string()),
            ("amount", MONEY),
            ("reason", pa.string()),
            ("posted_at", pa.timestamp("us", tz="UTC")),
        ]
    ),
    key=("source", "source_id"),
)

ACCOUNT_BALANCES = ResultTable(
    "analytics",
    "account_balances",
    pa.schema(
        [
            ("business_date", pa.date32()),
            ("account_id", pa.string()),
            ("currency", pa.string()),
            ("opening_balance", MONEY),
            ("deposits", MONEY),
            ("withdrawals", MONEY),
            ("trades", MONEY),
            ("closing_balance", MONEY),
            ("base_currency", pa.string()),
            ("closing_balance_base", MONEY),
            ("accrued_interest", MONEY),
        ]
    ),
    key=("account_id", "currency"),
)

ACCOUNT_MARGIN_REQS = ResultTable(
    "analytics",
    "account_margin_reqs",
    pa.schema(
        [
            ("business_date", pa.date32()),
            ("account_id", pa.string()),
            ("long_market_value_usd", MONEY),
            ("short_market_value_usd", MONEY),
            ("initial_requirement_usd", MONEY),
            ("maintenance_requirement_usd", MONEY),
            ("requirement_base", MONEY),
            ("cash_balance_base", MONEY),
            ("excess_base", MONEY),
            ("margin_call", pa.bool_()),
        ]
    ),
    key=("account_id",),
)

RESULT_TABLES = (CASH_POSITION_OFFSETS, REJECTS, ACCOUNT_BALANCES, ACCOUNT_MARGIN_REQS)
