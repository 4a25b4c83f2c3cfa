"""Traces a published balance to the rows in the source systems that it is made of, to the cent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from nostro.audit.errors import NotPublishedError
from nostro.audit.publication import Publication, find_publication
from nostro.audit.query_trail import Commit, RememberedQuery, commits, remembered_queries
from nostro.audit.values import (
    BANK_TIME_ZONE,
    NO_MONEY,
    in_utc,
    instant,
    literal,
    literals,
    timestamp_literal,
)
from nostro.stack.query import TrinoSession

OFFSET_TYPES = {"deposit": "deposits", "withdrawal": "withdrawals", "trade": "trades"}
"""The kinds of movement, and the columns of the balances that sum them."""


@dataclass(frozen=True)
class SourceRow:
    """A row of a source system as it is now; `amount` is its signed effect on the balance.

    `reason` says why the batch has rejected it; an accepted row has none. `carried` rows were posted before
    the business date's own window and are part of its opening balance.
    """

    source: str
    source_id: str
    offset_type: str
    currency: str
    posted_at: datetime
    value_date: date | None
    amount: Decimal
    carried: bool
    reversal_of: str | None
    detail: str
    reason: str | None = None


@dataclass(frozen=True)
class Reject:
    """What the batch has rejected for the account; `amount` is the effect that it would have had."""

    step: str
    source: str
    source_id: str
    currency: str
    amount: Decimal | None
    reason: str
    posted_at: datetime | None
    carried: bool


@dataclass(frozen=True)
class Sum:
    """Movements of one kind, counted and summed."""

    count: int = 0
    amount: Decimal = NO_MONEY

    def __add__(self, other: Sum) -> Sum:
        return Sum(self.count + other.count, self.amount + other.amount)


@dataclass(frozen=True)
class Check:
    """Two figures that must agree."""

    what: str
    expected: Sum
    actual: Sum

    @property
    def holds(self) -> bool:
        return self.expected == self.actual

    @property
    def difference(self) -> Decimal:
        return self.actual.amount - self.expected.amount


@dataclass(frozen=True)
class CurrencyTrace:
    """The balance of one currency: what was published, what it was carried from, its rows and the checks.

    `carried_from` is `base` (the base batch's closing), `ledger` (the account's opening balance in the
    ledger) or `nothing`; `restated_base` is the base's closing as published now, where that differs.
    """

    currency: str
    opening_balance: Decimal
    deposits: Decimal
    withdrawals: Decimal
    trades: Decimal
    closing_balance: Decimal
    base_currency: str
    closing_balance_base: Decimal
    carried_from: str
    carried_balance: Decimal
    carried_movements: Sum
    restated_base: Decimal | None
    rows: tuple[SourceRow, ...]
    checks: tuple[Check, ...]

    @property
    def is_reconciled(self) -> bool:
        return all(check.holds for check in self.checks)

    @property
    def difference(self) -> Decimal:
        """The sum of what the checks are off by, whatever the sign."""
        return sum((abs(check.difference) for check in self.checks), NO_MONEY)


@dataclass(frozen=True)
class BalanceTrace:
    """An account's balances of one business date, each traced to its source rows."""

    account_id: str
    bank_accounts: tuple[str, ...]
    publication: Publication
    currencies: tuple[CurrencyTrace, ...]
    rejects: tuple[Reject, ...]
    commits: tuple[Commit, ...]
    queries: tuple[RememberedQuery, ...]

    @property
    def is_reconciled(self) -> bool:
        return all(trace.is_reconciled for trace in self.currencies)

    def to_json(self) -> dict[str, Any]:
        """Return everything as JSON values: amounts as exact text, instants in ISO 8601 with their zone."""
        told: dict[str, Any] = _json({"is_reconciled": self.is_reconciled, **asdict(self)})
        for trace, currency in zip(self.currencies, told["currencies"], strict=True):
            currency["is_reconciled"] = trace.is_reconciled
            for check, checked in zip(trace.checks, currency["checks"], strict=True):
                checked.update(holds=check.holds, difference=str(check.difference))
        return told


@dataclass(frozen=True)
class _Balance:
    currency: str
    opening_balance: Decimal
    deposits: Decimal
    withdrawals: Decimal
    trades: Decimal
    closing_balance: Decimal
    base_currency: str
    closing_balance_base: Decimal


@dataclass(frozen=True)
class _Landed:
    offset_type: str
    currency: str
    carried: bool
    sum: Sum


def trace_balance(
    session: TrinoSession, account: str, business_date: date, currency: str | None = None
) -> BalanceTrace:
    """Trace the balances of an account, or one of them, at the cut-off of a business date.

    `account` is one of the ledger's, or a bank account that is mapped to one. Raises NotPublishedError when
    there is no such balance, with what there is.
    """
    publication = find_publication(session, business_date)
    mapping = list(
        session.execute(
            f"""SELECT account_id, bank_account FROM mappingdb.public.account_mapping
            WHERE account_id = {literal(account)} OR account_id IN (
                SELECT account_id FROM mappingdb.public.account_mapping
                WHERE bank_account = {literal(account)})
            ORDER BY 2"""
        )
    )
    account_id = mapping[0][0] if mapping else account
    bank_accounts = tuple(row[1] for row in mapping)
    balances = _balances(session, publication.attempt_ids, publication.batch_key, account_id)
    if not balances:
        raise _unknown_account(session, account_id, publication)
    if currency is not None and currency not in {balance.currency for balance in balances}:
        raise NotPublishedError(
            f"the account has no balance in {currency} on {business_date}",
            f"it has balances in {', '.join(balance.currency for balance in balances)}",
        )
    rejects = _rejects(session, publication, (account_id, *bank_accounts))
    reasons = {(reject.source, reject.source_id): reject.reason for reject in rejects}
    rows = [
        *_transactions(session, publication, bank_accounts, reasons),
        *_trades(session, publication, account_id, reasons),
    ]
    rows.sort(key=lambda row: (row.posted_at, row.source, int(row.source_id)))
    landed = _landed(session, publication, account_id)
    base = {
        balance.currency: balance.closing_balance
        for balance in _balances(session, [publication.base_attempt_id], publication.base_key, account_id)
    }
    ledger = _ledger_opening(session, account_id)
    restated = _restated_base(session, publication, account_id, base)
    traces = tuple(
        _currency_trace(balance, base=base, ledger=ledger, restated=restated, rows=rows, landed=landed)
        for balance in balances
        if currency in (None, balance.currency)
    )
    return BalanceTrace(
        account_id=account_id,
        bank_accounts=bank_accounts,
        publication=publication,
        currencies=traces,
        rejects=tuple(
            reject for reject in rejects if not reject.carried and currency in (None, reject.currency)
        ),
        commits=tuple(commits(session, publication, account_id)),
        queries=tuple(remembered_queries(session, publication.run_id)),
    )


def _currency_trace(
    balance: _Balance,
    *,
    base: dict[str, Decimal],
    ledger: dict[str, Decimal],
    restated: dict[str, Decimal],
    rows: Sequence[SourceRow],
    landed: Sequence[_Landed],
) -> CurrencyTrace:
    currency = balance.currency
    if currency in base:
        carried_from, carried_balance = "base", base[currency]
    elif currency in ledger:
        carried_from, carried_balance = "ledger", ledger[currency]
    else:
        carried_from, carried_balance = "nothing", NO_MONEY
    own = [row for row in rows if row.currency == currency]
    accepted = [row for row in own if row.reason is None]

    def source_sum(offset_type: str, *, carried: bool) -> Sum:
        return _total(
            Sum(1, row.amount)
            for row in accepted
            if row.offset_type == offset_type and row.carried == carried
        )

    def landed_sum(offset_type: str, *, carried: bool) -> Sum:
        return _total(
            one.sum
            for one in landed
            if one.currency == currency and one.offset_type == offset_type and one.carried == carried
        )

    carried_movements = _total(landed_sum(kind, carried=True) for kind in OFFSET_TYPES)
    movements = balance.deposits + balance.withdrawals + balance.trades
    checks = [
        Check(
            "opening: carried balance + carried movements",
            Sum(0, carried_balance + carried_movements.amount),
            Sum(0, balance.opening_balance),
        )
    ]
    for kind, column in OFFSET_TYPES.items():
        for carried in (True, False):
            in_source, in_lake = source_sum(kind, carried=carried), landed_sum(kind, carried=carried)
            if in_source.count or in_lake.count:
                label = f"carried {column}" if carried else column
                checks.append(Check(f"{label}: source rows = landed", in_source, in_lake))
        published = getattr(balance, column)
        checks.append(
            Check(
                f"{column}: landed = published",
                Sum(0, landed_sum(kind, carried=False).amount),
                Sum(0, published),
            )
        )
    checks.append(
        Check(
            "opening + movements = closing",
            Sum(0, balance.opening_balance + movements),
            Sum(0, balance.closing_balance),
        )
    )
    return CurrencyTrace(
        currency=currency,
        opening_balance=balance.opening_balance,
        deposits=balance.deposits,
        withdrawals=balance.withdrawals,
        trades=balance.trades,
        closing_balance=balance.closing_balance,
        base_currency=balance.base_currency,
        closing_balance_base=balance.closing_balance_base,
        carried_from=carried_from,
        carried_balance=carried_balance,
        carried_movements=carried_movements,
        restated_base=restated.get(currency),
        rows=tuple(own),
        checks=tuple(checks),
    )


def _balances(
    session: TrinoSession, attempt_ids: Iterable[str], batch_key: str, account_id: str
) -> list[_Balance]:
    rows = session.execute(
        f"""SELECT currency, opening_balance, deposits, withdrawals, trades, closing_balance, base_currency,
            closing_balance_base
        FROM lake.analytics.account_balances_landed
        WHERE batch_key = {literal(batch_key)} AND account_id = {literal(account_id)}
            AND attempt_id IN ({literals(attempt_ids)})
        ORDER BY currency"""
    )
    return [
        _Balance(
            currency=row[0],
            opening_balance=Decimal(row[1]),
            deposits=Decimal(row[2]),
            withdrawals=Decimal(row[3]),
            trades=Decimal(row[4]),
            closing_balance=Decimal(row[5]),
            base_currency=row[6],
            closing_balance_base=Decimal(row[7]),
        )
        for row in rows
    ]


def _rejects(session: TrinoSession, publication: Publication, accounts: Sequence[str]) -> list[Reject]:
    day = f"business_date = DATE '{publication.business_date}'"
    published = f"attempt_id IN ({literals(publication.attempt_ids)})"
    rows = session.execute(
        f"""SELECT step, source, source_id, currency, amount, reason, {in_utc("posted_at")}, carried
        FROM lake.banking.movements_landed
        WHERE {day} AND {published} AND reason IS NOT NULL AND account IN ({literals(accounts)})
        UNION ALL
        SELECT step, 'position', account_id || ':' || isin, currency, NULL, 'missing price', NULL, false
        FROM lake.analytics.positions_landed
        WHERE {day} AND {published} AND account_id = {literal(accounts[0])} AND price_usd IS NULL
        ORDER BY 2, 3"""
    )
    return [
        Reject(
            step=row[0],
            source=row[1],
            source_id=row[2],
            currency=row[3],
            amount=None if row[4] is None else Decimal(row[4]),
            reason=row[5],
            posted_at=None if row[6] is None else instant(row[6]),
            carried=row[7],
        )
        for row in rows
    ]


def _transactions(
    session: TrinoSession,
    publication: Publication,
    bank_accounts: Sequence[str],
    reasons: dict[tuple[str, str], str],
) -> list[SourceRow]:
    if not bank_accounts:
        return []
    rows = session.execute(
        f"""SELECT CAST(transaction_id AS varchar), transaction_type, currency, {in_utc("posted_at")},
            value_date,
            CAST(IF((transaction_type = 'deposit') = (reversal_of IS NULL), 1, -1)
                * round_money(amount, currency) AS decimal(38, 2)),
            CAST(reversal_of AS varchar), bank_account, counterparty_bank, mask_iban(counterparty_iban)
        FROM bankteam_app.public.transactions
        WHERE bank_account IN ({literals(bank_accounts)}) AND {_window(publication)}"""
    )
    found = []
    for source_id, kind, currency, posted, value_date, amount, reversal_of, own, bank, iban in rows:
        counterparty = " ".join(text for text in (bank, iban) if text) or "over the counter"
        posted_at = instant(posted)
        found.append(
            SourceRow(
                source="transactions",
                source_id=source_id,
                offset_type=kind,
                currency=currency,
                posted_at=posted_at,
                value_date=date.fromisoformat(value_date),
                amount=Decimal(amount),
                carried=posted_at < publication.day_start,
                reversal_of=reversal_of,
                detail=f"{own}, {counterparty}",
                reason=reasons.get(("transactions", source_id)),
            )
        )
    return found


def _trades(
    session: TrinoSession,
    publication: Publication,
    account_id: str,
    reasons: dict[tuple[str, str], str],
) -> list[SourceRow]:
    rows = session.execute(
        f"""SELECT CAST(t.trade_id AS varchar), t.currency, {in_utc("t.posted_at")},
            TRY(add_business_days(
                CAST(t.traded_at AT TIME ZONE '{BANK_TIME_ZONE}' AS date), i.settlement_days, i.calendar)),
            CAST((IF(t.side = 'buy', -1, 1) * round_money(t.quantity * t.price, t.currency) - t.fees)
                * IF(t.reversal_of IS NULL, 1, -1) AS decimal(38, 2)),
            CAST(t.reversal_of AS varchar), t.side, t.quantity, t.isin, t.price, t.fees
        FROM trading_db.public.trades t
        LEFT JOIN portfolio_ops_db.public.instruments i ON i.isin = t.isin
        WHERE t.account_id = {literal(account_id)} AND {_window(publication)}"""
    )
    found = []
    for source_id, currency, posted, settles, amount, reversal_of, side, quantity, isin, price, fees in rows:
        posted_at = instant(posted)
        found.append(
            SourceRow(
                source="trades",
                source_id=source_id,
                offset_type="trade",
                currency=currency,
                posted_at=posted_at,
                value_date=None if settles is None else date.fromisoformat(settles),
                amount=Decimal(amount),
                carried=posted_at < publication.day_start,
                reversal_of=reversal_of,
                detail=f"{side} {_short(quantity)} {isin} at {_short(price)}, fees {fees}",
                reason=reasons.get(("trades", source_id)),
            )
        )
    return found


def _window(publication: Publication) -> str:
    return (
        f"posted_at >= {timestamp_literal(publication.since)} "
        f"AND posted_at < {timestamp_literal(publication.cut_off)}"
    )


def _landed(session: TrinoSession, publication: Publication, account_id: str) -> list[_Landed]:
    rows = session.execute(
        f"""SELECT offset_type, currency, carried, sum(movement_count), sum(amount)
        FROM lake.banking.movements_landed
        WHERE business_date = DATE '{publication.business_date}' AND account_id = {literal(account_id)}
            AND attempt_id IN ({literals(publication.attempt_ids)}) AND reason IS NULL
        GROUP BY 1, 2, 3"""
    )
    return [_Landed(row[0], row[1], row[2], Sum(row[3], Decimal(row[4]))) for row in rows]


def _ledger_opening(session: TrinoSession, account_id: str) -> dict[str, Decimal]:
    rows = session.execute(
        "SELECT base_currency, opening_balance FROM trading_db.public.account "
        f"WHERE account_id = {literal(account_id)}"
    )
    return {currency: Decimal(amount) for currency, amount in rows}


def _restated_base(
    session: TrinoSession, publication: Publication, account_id: str, base: dict[str, Decimal]
) -> dict[str, Decimal]:
    """Return the base batch's closings as they are published now, where they are others than then."""
    if publication.base_date is None:
        return {}
    rows = session.execute(
        "SELECT currency, closing_balance FROM lake.analytics.account_balances "
        f"WHERE business_date = DATE '{publication.base_date}' AND account_id = {literal(account_id)}"
    )
    now = {currency: Decimal(amount) for currency, amount in rows}
    return {currency: amount for currency, amount in now.items() if amount != base.get(currency)}


def _unknown_account(session: TrinoSession, account_id: str, publication: Publication) -> NotPublishedError:
    dates = [
        row[0]
        for row in session.execute(
            "SELECT DISTINCT CAST(business_date AS varchar) FROM lake.analytics.account_balances "
            f"WHERE account_id = {literal(account_id)} ORDER BY 1"
        )
    ]
    if dates:
        return NotPublishedError(
            f"the account has no balance on {publication.business_date}",
            f"it has balances on {', '.join(dates)}",
        )
    [[accounts]] = session.execute("SELECT count(*) FROM trading_db.public.account")
    known = _ledger_opening(session, account_id)
    return NotPublishedError(
        "the ledger has the account, but no published batch does"
        if known
        else f"no such account: neither among the ledger's {accounts:,} nor among the mapped bank accounts",
        "run the day again"
        if known
        else 'the accounts with a balance: `nostro sql "SELECT DISTINCT account_id FROM '
        f"lake.analytics.account_balances WHERE business_date = DATE '{publication.business_date}'\"`",
    )


def _total(sums: Iterable[Sum]) -> Sum:
    return sum(sums, Sum())


def _short(decimal: str) -> str:
    """Return an exact decimal without the zeros at its end."""
    return decimal.rstrip("0").rstrip(".") if "." in decimal else decimal


def _json(value: Any) -> Any:
    match value:
        case dict():
            return {key: _json(item) for key, item in value.items()}
        case list() | tuple():
            return [_json(item) for item in value]
        case Decimal():
            return str(value)
        case date():
            return value.isoformat()
        case _:
            return value
