"""What a business date's publication says: balances, margin, risk, control totals and rejects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from nostro.audit.publication import Publication
from nostro.audit.values import literal
from nostro.stack.query import QueryError, TrinoSession

ROWS_AT_MOST = 50_000
CHART_ROWS = 12


@dataclass(frozen=True)
class Column:
    """A column: `kind` is text, choice (few values, to filter by), money, count, flag or instant.

    `unit` is where a column of money has its currency from: a column of the same table, or a currency.
    """

    name: str
    label: str
    kind: str = "text"
    unit: str = ""


@dataclass(frozen=True)
class FigureTable:
    """A table of the report: `rows` of the `total` that there are, largest by `ranked_by`."""

    name: str
    source: str
    columns: tuple[Column, ...]
    rows: list[list[Any]]
    total: int
    ranked_by: str

    @property
    def is_whole(self) -> bool:
        return len(self.rows) == self.total


@dataclass(frozen=True)
class Bar:
    """A bar of a chart: the amount decides its length."""

    label: str
    amount: Decimal


@dataclass(frozen=True)
class ControlTotal:
    """A line of the batch's reconciliation."""

    step: str
    currency: str
    source_count: int
    landed_count: int
    rejected_count: int
    source_amount: Decimal
    difference: Decimal

    @property
    def is_reconciled(self) -> bool:
        return self.source_count == self.landed_count + self.rejected_count and not self.difference


@dataclass(frozen=True)
class DayFigures:
    """All that the report shows of a publication; without a risk batch `risk` and `exposures` are None."""

    balances: FigureTable
    margin: FigureTable
    rejects: FigureTable
    risk: FigureTable | None
    exposures: FigureTable | None
    accounts: int
    margin_calls: int
    control_totals: tuple[ControlTotal, ...]
    balances_eur: tuple[Bar, ...]
    deepest_calls_eur: tuple[Bar, ...]
    largest_risk_usd: tuple[Bar, ...]
    largest_exposures_eur: tuple[Bar, ...]
    reject_reasons: tuple[Bar, ...]


BALANCES = (
    Column("account_id", "account"),
    Column("currency", "currency", "choice"),
    Column("opening_balance", "opening", "money", "currency"),
    Column("deposits", "deposits", "money", "currency"),
    Column("withdrawals", "withdrawals", "money", "currency"),
    Column("trades", "trades", "money", "currency"),
    Column("closing_balance", "closing", "money", "currency"),
    Column("base_currency", "base currency", "choice"),
    Column("closing_balance_base", "closing in base", "money", "base_currency"),
    Column("accrued_interest", "interest", "money", "currency"),
)
MARGIN = (
    Column("account_id", "account"),
    Column("base_currency", "base currency", "choice"),
    Column("long_market_value_usd", "long USD", "money", "USD"),
    Column("short_market_value_usd", "short USD", "money", "USD"),
    Column("initial_requirement_usd", "initial USD", "money", "USD"),
    Column("maintenance_requirement_usd", "maintenance USD", "money", "USD"),
    Column("requirement_base", "initial in base", "money", "base_currency"),
    Column("cash_balance_base", "cash in base", "money", "base_currency"),
    Column("excess_base", "excess in base", "money", "base_currency"),
    Column("margin_call", "margin call", "flag"),
)
REJECTS = (
    Column("step", "step", "choice"),
    Column("source", "source", "choice"),
    Column("source_id", "row"),
    Column("account", "account"),
    Column("currency", "currency", "choice"),
    Column("amount", "amount", "money", "currency"),
    Column("reason", "reason", "choice"),
    Column("posted_at", "posted (bank's time)", "instant"),
)
RISK = (
    Column("account_id", "account"),
    Column("market_value_usd", "market value USD", "money", "USD"),
    Column("scenario_count", "scenarios", "count"),
    Column("value_at_risk_usd", "value at risk USD", "money", "USD"),
    Column("expected_shortfall_usd", "expected shortfall USD", "money", "USD"),
)
EXPOSURES = (
    Column("counterparty_bank", "counterparty"),
    Column("name", "bank"),
    Column("country", "country", "choice"),
    Column("currency", "currency", "choice"),
    Column("movement_count", "movements", "count"),
    Column("receivable", "receivable", "money", "currency"),
    Column("payable", "payable", "money", "currency"),
    Column("net_exposure_eur", "net EUR", "money", "EUR"),
)

_BASE_CURRENCIES = """(
    SELECT account_id, min(base_currency) AS base_currency FROM lake.analytics.account_balances
    WHERE {day} GROUP BY account_id)"""


def read_figures(session: TrinoSession, publication: Publication, time_zone: str) -> DayFigures:
    """Read a publication's public rows; of a table of more than `ROWS_AT_MOST` rows the largest."""
    day = f"business_date = DATE '{publication.business_date}'"
    rates = f"""(SELECT currency, max_by(rate, rate_date) AS rate FROM portfolio_ops_db.public.fx_rates
        WHERE rate_date <= DATE '{publication.business_date}' GROUP BY currency)"""
    balances = _read(
        session,
        "lake.analytics.account_balances",
        BALANCES,
        f"SELECT * FROM lake.analytics.account_balances WHERE {day}",
        largest="abs(closing_balance_base)",
        order="account_id, currency",
    )
    margin = _read(
        session,
        "lake.analytics.account_margin_reqs",
        MARGIN,
        f"""SELECT m.*, b.base_currency FROM lake.analytics.account_margin_reqs m
        LEFT JOIN {_BASE_CURRENCIES.format(day=day)} b ON b.account_id = m.account_id WHERE m.{day}""",
        largest="initial_requirement_usd",
        order="account_id",
    )
    rejects = _read(
        session,
        "lake.banking.rejects",
        REJECTS,
        f"""SELECT step, source, source_id, account, currency, amount, reason,
            format_datetime(posted_at AT TIME ZONE '{time_zone}', 'yyyy-MM-dd HH:mm:ss') AS posted_at
        FROM lake.banking.rejects WHERE {day}""",
        largest="abs(amount)",
        order="step, source, source_id",
    )
    risk, exposures = _risk(session, day)
    return DayFigures(
        balances=balances,
        margin=margin,
        rejects=rejects,
        risk=risk,
        exposures=exposures,
        accounts=_one(
            session, f"SELECT count(DISTINCT account_id) FROM lake.analytics.account_balances WHERE {day}"
        ),
        margin_calls=_one(
            session,
            f"SELECT count(*) FROM lake.analytics.account_margin_reqs WHERE {day} AND margin_call",
        ),
        control_totals=_control_totals(session, publication),
        balances_eur=_bars(
            session,
            f"""SELECT b.currency, sum(fx_convert(b.closing_balance, r.rate, DECIMAL '1', 'EUR'))
            FROM lake.analytics.account_balances b JOIN {rates} r ON r.currency = b.currency
            WHERE b.{day} GROUP BY 1
            ORDER BY abs(sum(fx_convert(b.closing_balance, r.rate, DECIMAL '1', 'EUR'))) DESC, 1""",
        ),
        deepest_calls_eur=_bars(
            session,
            f"""SELECT m.account_id, fx_convert(m.excess_base, r.rate, DECIMAL '1', 'EUR') AS excess
            FROM lake.analytics.account_margin_reqs m
            JOIN {_BASE_CURRENCIES.format(day=day)} b ON b.account_id = m.account_id
            JOIN {rates} r ON r.currency = b.base_currency
            WHERE m.{day} AND m.margin_call ORDER BY excess, 1 LIMIT {CHART_ROWS}""",
        ),
        largest_risk_usd=()
        if risk is None
        else _bars(
            session,
            f"""SELECT account_id, value_at_risk_usd FROM lake.risk.account_risk
            WHERE {day} AND value_at_risk_usd IS NOT NULL ORDER BY 2 DESC, 1 LIMIT {CHART_ROWS}""",
        ),
        largest_exposures_eur=()
        if exposures is None
        else _bars(
            session,
            f"""SELECT counterparty_bank, sum(net_exposure_eur) AS exposure
            FROM lake.risk.counterparty_exposures WHERE {day}
            GROUP BY 1 HAVING sum(net_exposure_eur) IS NOT NULL
            ORDER BY abs(sum(net_exposure_eur)) DESC, 1 LIMIT {CHART_ROWS}""",
        ),
        reject_reasons=_bars(
            session,
            f"SELECT reason, count(*) FROM lake.banking.rejects WHERE {day} GROUP BY 1 ORDER BY 2 DESC, 1",
        ),
    )


def _risk(session: TrinoSession, day: str) -> tuple[FigureTable | None, FigureTable | None]:
    try:
        risk = _read(
            session,
            "lake.risk.account_risk",
            RISK,
            f"SELECT * FROM lake.risk.account_risk WHERE {day}",
            largest="value_at_risk_usd",
            order="value_at_risk_usd DESC NULLS LAST, account_id",
        )
        exposures = _read(
            session,
            "lake.risk.counterparty_exposures",
            EXPOSURES,
            f"""SELECT e.*, b.name, b.country FROM lake.risk.counterparty_exposures e
            LEFT JOIN portfolio_ops_db.public.banks b ON b.bic = e.counterparty_bank WHERE e.{day}""",
            largest="abs(net_exposure_eur)",
            order="counterparty_bank, currency",
        )
    except QueryError as error:
        # The risk team's first run creates its tables.
        if error.name in {"SCHEMA_NOT_FOUND", "TABLE_NOT_FOUND"}:
            return None, None
        raise
    return (risk, exposures) if risk.total or exposures.total else (None, None)


def _read(
    session: TrinoSession, source: str, columns: Sequence[Column], relation: str, *, largest: str, order: str
) -> FigureTable:
    names = ", ".join(column.name for column in columns)
    rows = list(
        session.execute(
            f"""SELECT * FROM (
                SELECT {names} FROM ({relation}) ORDER BY {largest} DESC NULLS LAST LIMIT {ROWS_AT_MOST})
            ORDER BY {order}"""
        )
    )
    total = len(rows)
    if total == ROWS_AT_MOST:
        total = _one(session, f"SELECT count(*) FROM ({relation})")
    return FigureTable(source.rpartition(".")[2], source, tuple(columns), rows, total, ranked_by=largest)


def _control_totals(session: TrinoSession, publication: Publication) -> tuple[ControlTotal, ...]:
    rows = session.execute(
        f"""SELECT step, currency, sum(source_count), sum(landed_count), sum(rejected_count),
            sum(source_amount), sum(source_amount) - sum(landed_amount) - sum(rejected_amount)
        FROM lake.control.reconciliation WHERE batch_key = {literal(publication.batch_key)}
        GROUP BY step, currency ORDER BY step, currency"""
    )
    return tuple(
        ControlTotal(
            step=row[0],
            currency=row[1],
            source_count=row[2],
            landed_count=row[3],
            rejected_count=row[4],
            source_amount=Decimal(row[5]),
            difference=Decimal(row[6]),
        )
        for row in rows
    )


def _bars(session: TrinoSession, query: str) -> tuple[Bar, ...]:
    return tuple(Bar(label, Decimal(amount)) for label, amount in session.execute(query))


def _one(session: TrinoSession, query: str) -> Any:
    [[value]] = session.execute(query)
    return value
