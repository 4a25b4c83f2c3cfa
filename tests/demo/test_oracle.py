"""The oracle against results that were worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.demo.hand_made_bank import (
    APPLE,
    SIEMENS,
    TOYOTA,
    account,
    berlin,
    instrument,
    price,
    rate,
    trade,
    transaction,
    write_bank,
)

from nostro.demo import oracle
from nostro.demo.bank_calendar import weekdays
from nostro.demo.bank_scale import BankScale
from nostro.demo.generator import generate
from nostro.demo.oracle import _ROUNDING, OracleResult
from nostro.demo.synthetic_bank import SyntheticBank

FRIDAY = date(2025, 5, 2)
MAPPING = [{"bank_account": "001-0000001", "account_id": "A0000001"}]
RATES = [rate("EUR", date(2025, 4, 30), "1"), rate("USD", date(2025, 4, 30), "1.25")]


def compute(
    directory: Path, rows: dict[str, list[dict[str, Any]]], business_date: date = FRIDAY
) -> OracleResult:
    defaults = {
        "account": [account("A0000001", "EUR", "1000.00")],
        "account_mapping": MAPPING,
        "fx_rates": RATES,
        "instruments": [instrument(APPLE, "USD", "USNY", 1)],
    }
    return oracle.compute(write_bank(directory, {**defaults, **rows}), business_date)


def balances(result: OracleResult) -> dict[tuple[str, str], dict[str, Any]]:
    rows = result.tables["account_balances"].to_pylist()
    return {(row["account_id"], row["currency"]): row for row in rows}


def rejects(result: OracleResult) -> dict[str, tuple[str, Decimal | None]]:
    return {row["source_id"]: (row["reason"], row["amount"]) for row in result.tables["rejects"].to_pylist()}


def test_window_holds_its_start_and_not_its_end(tmp_path: Path) -> None:
    postings = [
        transaction(1, "deposit", "1.00", "2025-05-01 17:59:59.999999"),
        transaction(2, "deposit", "10.00", "2025-05-01 18:00:00"),
        transaction(3, "deposit", "100.00", "2025-05-02 17:59:59.999999"),
        transaction(4, "deposit", "1000.00", "2025-05-02 18:00:00"),
    ]
    row = balances(compute(tmp_path, {"transactions": postings}))["A0000001", "EUR"]
    assert (row["opening_balance"], row["deposits"]) == (Decimal("1001.00"), Decimal("110.00"))
    assert row["closing_balance"] == Decimal("1111.00")


def test_window_after_a_weekend_follows_the_clock_change(tmp_path: Path) -> None:
    # Europe/Berlin is at UTC+1 on Friday 28 March 2025 and at UTC+2 on Monday 31 March.
    postings = [
        transaction(1, "deposit", "1.00", "2025-03-28 16:59:59+00:00"),
        transaction(2, "deposit", "10.00", "2025-03-28 17:00:00+00:00"),
        transaction(3, "deposit", "100.00", "2025-03-31 15:59:59+00:00"),
        transaction(4, "deposit", "1000.00", "2025-03-31 16:00:00+00:00"),
    ]
    rates = [rate("EUR", date(2025, 3, 28), "1")]
    result = compute(tmp_path, {"transactions": postings, "fx_rates": rates}, date(2025, 3, 31))
    assert balances(result)["A0000001", "EUR"]["deposits"] == Decimal("110.00")


def test_reversals_have_the_opposite_effect_and_late_bookings_count_when_posted(tmp_path: Path) -> None:
    postings = [
        transaction(1, "deposit", "50.00", "2025-04-30 10:00:00"),
        transaction(2, "deposit", "50.00", "2025-05-02 10:00:00", reversal_of=1),
        transaction(3, "withdrawal", "30.00", "2025-05-02 10:00:00"),
        transaction(4, "withdrawal", "30.00", "2025-05-02 11:00:00", reversal_of=3),
        transaction(
            5,
            "withdrawal",
            "7.00",
            "2025-05-02 12:00:00",
            booking_date=date(2025, 4, 28),
            value_date=date(2025, 4, 28),
        ),
    ]
    result = compute(tmp_path, {"transactions": postings})
    row = balances(result)["A0000001", "EUR"]
    assert row["opening_balance"] == Decimal("1050.00")
    assert (row["deposits"], row["withdrawals"]) == (Decimal("-50.00"), Decimal("-7.00"))
    offsets = [
        (row["offset_type"], row["value_date"], row["amount"], row["movement_count"])
        for row in result.tables["cash_position_offsets"].to_pylist()
    ]
    assert offsets == [
        ("deposit", FRIDAY, Decimal("-50.00"), 1),
        ("withdrawal", date(2025, 4, 28), Decimal("-7.00"), 1),
        ("withdrawal", FRIDAY, Decimal("0.00"), 2),
    ]


def test_interest_runs_to_the_next_business_day_and_rates_are_carried_over_a_holiday(tmp_path: Path) -> None:
    accounts = [
        account("A0000001", "EUR", "12000.00"),
        account("A0000002", "USD", "-12000.00"),
        account("A0000003", "GBP", "12000.00"),
        account("A0000004", "JPY", "1000.00"),
    ]
    # Easter Monday has no rates: those of Thursday hold. Interest from Monday to Tuesday is one day's.
    rates = [
        rate("EUR", date(2025, 4, 17), "1"),
        rate("USD", date(2025, 4, 17), "1.136"),
        rate("GBP", date(2025, 4, 17), "0.85"),
        rate("JPY", date(2025, 4, 17), "161.5"),
        rate("JPY", date(2025, 4, 22), "999"),
    ]
    postings = [
        transaction(1, "deposit", "2.50", "2025-04-21 10:00:00", currency="USD", bank_account="004-0000001")
    ]
    mapping = [{"bank_account": "004-0000001", "account_id": "A0000004"}]
    result = compute(
        tmp_path,
        {"account": accounts, "fx_rates": rates, "transactions": postings, "account_mapping": mapping},
        date(2025, 4, 21),
    )
    found = balances(result)
    # 12000 × 1.5 % ÷ 360 = 0.50; 12000 × 8.75 % ÷ 360 = 2.9166…; 12000 × 1.5 % ÷ 365 = 0.4931…
    assert found["A0000001", "EUR"]["accrued_interest"] == Decimal("0.50")
    assert found["A0000002", "USD"]["accrued_interest"] == Decimal("-2.92")
    assert found["A0000003", "GBP"]["accrued_interest"] == Decimal("0.49")
    # 2.50 USD × 161.5 ÷ 1.136 = 355.41… yen, and the yen has no minor unit.
    assert found["A0000004", "USD"]["closing_balance_base"] == Decimal("355.00")
    assert found["A0000004", "JPY"]["closing_balance_base"] == Decimal("1000.00")


def test_conversion_rounds_half_away_from_zero(tmp_path: Path) -> None:
    accounts = [account("A0000001", "EUR", "0.00"), account("A0000002", "EUR", "0.00")]
    postings = [
        transaction(1, "withdrawal", "0.05", "2025-05-02 10:00:00", currency="USD"),
        transaction(2, "deposit", "0.05", "2025-05-02 10:00:00", currency="USD", bank_account="001-0000002"),
    ]
    mapping = [*MAPPING, {"bank_account": "001-0000002", "account_id": "A0000002"}]
    rates = [rate("EUR", date(2025, 4, 30), "1"), rate("USD", date(2025, 4, 30), "2")]
    found = balances(
        compute(
            tmp_path,
            {"account": accounts, "account_mapping": mapping, "transactions": postings, "fx_rates": rates},
        )
    )
    assert found["A0000001", "USD"]["closing_balance_base"] == Decimal("-0.03")
    assert found["A0000002", "USD"]["closing_balance_base"] == Decimal("0.03")


def test_transactions_are_rejected_for_the_first_reason_that_holds(tmp_path: Path) -> None:
    broken = "DE00370400440532013000"
    postings = [
        transaction(
            1,
            "deposit",
            "1.00",
            "2025-05-02 10:00:00",
            counterparty_iban=broken,
            bank_account="009-9999999",
            currency="AED",
        ),
        transaction(
            2, "withdrawal", "2.00", "2025-05-02 10:00:00", bank_account="009-9999999", currency="AED"
        ),
        transaction(3, "withdrawal", "3.00", "2025-05-02 10:00:00", currency="AED", reversal_of=99),
        transaction(4, "deposit", "4.00", "2025-05-02 10:00:00", counterparty_iban=None),
        transaction(5, "deposit", "5.00", "2025-05-01 10:00:00", counterparty_iban=broken),
    ]
    result = compute(tmp_path, {"transactions": postings})
    assert rejects(result) == {
        "1": ("invalid IBAN", Decimal("1.00")),
        "2": ("unmapped account", Decimal("-2.00")),
        "3": ("missing rate", Decimal("3.00")),
    }
    steps = {row["source_id"]: row["step"] for row in result.tables["rejects"].to_pylist()}
    assert steps == {"1": "process_deposits", "2": "process_withdrawals", "3": "process_withdrawals"}
    assert balances(result)["A0000001", "EUR"]["closing_balance"] == Decimal("1004.00")
    assert ("A0000001", "AED") not in balances(result)
    totals = [tuple(row.values()) for row in result.control_totals.to_pylist()]
    assert totals == [
        ("process_deposits", "AED", 1, Decimal("1.00")),
        ("process_deposits", "EUR", 1, Decimal("4.00")),
        ("process_withdrawals", "AED", 2, Decimal("1.00")),
    ]


def test_a_currency_has_no_rate_before_its_first_one(tmp_path: Path) -> None:
    rates = [*RATES, rate("CHF", FRIDAY, "0.95")]
    postings = [
        transaction(1, "deposit", "1.00", "2025-05-01 17:00:00", currency="CHF"),
        transaction(2, "deposit", "2.00", "2025-05-01 19:00:00", currency="CHF"),
    ]
    result = compute(tmp_path, {"transactions": postings, "fx_rates": rates})
    assert balances(result)["A0000001", "CHF"]["closing_balance"] == Decimal("2.00")


def test_trade_cash_is_rounded_per_trade_half_to_even_before_fees(tmp_path: Path) -> None:
    trades = [
        trade(1, "buy", "0.5000", "0.250000", "2025-05-02 16:00:00", fees=Decimal("1.00")),
        trade(2, "sell", "0.5000", "0.270000", "2025-05-02 16:00:00", fees=Decimal("1.00")),
        trade(3, "buy", "2.0000", "10.000000", "2025-05-02 16:00:00", fees=Decimal("0.25")),
        trade(4, "buy", "2.0000", "10.000000", "2025-05-02 17:00:00", fees=Decimal("0.25"), reversal_of=3),
        trade(
            5,
            "buy",
            "0.5000",
            "3.000000",
            "2025-05-02 16:00:00",
            isin=TOYOTA,
            currency="JPY",
            fees=Decimal(1),
        ),
    ]
    instruments = [instrument(APPLE, "USD", "USNY", 1), instrument(TOYOTA, "JPY", "GBLO", 2)]
    rates = [*RATES, rate("JPY", date(2025, 4, 30), "160")]
    result = compute(tmp_path, {"trades": trades, "instruments": instruments, "fx_rates": rates})
    found = balances(result)
    # −0.12 − 1.00 (0.125 rounds to the even 0.12), +0.14 − 1.00 (0.135 to the even 0.14), −20.25 + 20.25.
    assert found["A0000001", "USD"]["trades"] == Decimal("-1.98")
    # 1.5 yen round to the even 2.
    assert found["A0000001", "JPY"]["trades"] == Decimal("-3.00")
    values = {
        row["currency"]: row["value_date"] for row in result.tables["cash_position_offsets"].to_pylist()
    }
    # Monday 5 May is a bank holiday in the United Kingdom, not in New York.
    assert values == {"USD": date(2025, 5, 5), "JPY": date(2025, 5, 7)}


def test_value_date_counts_from_the_trading_day_in_the_banks_time_zone(tmp_path: Path) -> None:
    trades = [
        trade(
            1,
            "buy",
            "1.0000",
            "1.000000",
            "2025-05-02 09:00:00",
            isin=SIEMENS,
            currency="EUR",
            traded_at=berlin("2025-04-16 23:30:00"),
        )
    ]
    instruments = [instrument(SIEMENS, "EUR", "EUTA", 2)]
    result = compute(tmp_path, {"trades": trades, "instruments": instruments})
    (row,) = result.tables["cash_position_offsets"].to_pylist()
    # Wednesday 16 April, then Thursday 17; TARGET is closed on Good Friday and Easter Monday.
    assert row["value_date"] == date(2025, 4, 22)


def test_trades_are_rejected_for_the_first_reason_that_holds(tmp_path: Path) -> None:
    unlisted = "US5949181045"
    trades = [
        trade(1, "buy", "1.0000", "2.000000", "2025-05-02 16:00:00", account_id="X0000001", isin="bad"),
        trade(2, "sell", "1.0000", "3.000000", "2025-05-02 16:00:00", isin="US0378331006"),
        trade(3, "buy", "1.0000", "4.000000", "2025-05-02 16:00:00", isin=unlisted, currency="AED"),
        trade(4, "buy", "1.0000", "5.000000", "2025-05-02 16:00:00", isin=SIEMENS, currency="AED"),
    ]
    instruments = [instrument(SIEMENS, "AED", "EUTA", 2)]
    result = compute(tmp_path, {"trades": trades, "instruments": instruments})
    assert rejects(result) == {
        "1": ("unknown account", Decimal("-2.00")),
        "2": ("invalid ISIN", Decimal("3.00")),
        "3": ("unknown instrument", Decimal("-4.00")),
        "4": ("missing rate", Decimal("-5.00")),
    }
    assert result.tables["account_margin_reqs"].num_rows == 0


def test_margin_of_long_short_and_low_priced_positions(tmp_path: Path) -> None:
    cheap, dear, short_cheap = "US5949181045", "US88160R1014", "US0231351067"
    trades = [
        trade(1, "buy", "10.0000", "100.000000", "2025-04-30 16:00:00"),
        trade(2, "sell", "10.0000", "12.000000", "2025-04-30 16:00:00", isin=dear),
        trade(3, "sell", "100.0000", "2.000000", "2025-04-30 16:00:00", isin=cheap),
        trade(4, "sell", "100.0000", "4.000000", "2025-04-30 16:00:00", isin=short_cheap),
        trade(5, "buy", "7.0000", "20.000000", "2025-04-30 16:00:00", isin=SIEMENS, currency="EUR"),
        trade(6, "buy", "999.0000", "1.000000", "2025-05-02 18:00:00"),
    ]
    instruments = [instrument(code, "USD", "USNY", 1) for code in (APPLE, cheap, dear, short_cheap)]
    instruments.append(instrument(SIEMENS, "EUR", "EUTA", 2))
    prices = [
        price(APPLE, FRIDAY, "101.000000"),
        price(dear, FRIDAY, "12.000000"),
        price(cheap, FRIDAY, "2.000000"),
        price(short_cheap, FRIDAY, "4.000000"),
        price(SIEMENS, date(2025, 4, 10), "20.000000"),
        price(SIEMENS, date(2025, 5, 5), "99.000000"),
    ]
    result = compute(tmp_path, {"trades": trades, "instruments": instruments, "prices": prices})
    (row,) = result.tables["account_margin_reqs"].to_pylist()
    # Long: 10 × 101 + 7 × 25 (20 EUR at 1.25, a stale close). Short: 120 + 200 + 400.
    assert row["long_market_value_usd"] == Decimal("1185.00")
    assert row["short_market_value_usd"] == Decimal("720.00")
    assert row["initial_requirement_usd"] == Decimal("952.50")
    # Long 25 %: 252.50 + 43.75. Short at 12: the greater of 3.60 and 5.00 a share; at 2: the greater of 2.00
    # and 2.50; at 4: the greater of 4.00 and 2.50.
    assert row["maintenance_requirement_usd"] == Decimal("996.25")
    # 952.50 ÷ 1.25 = 762.00; net (1185 − 720) ÷ 1.25 = 372.00; cash 1000 − 140 EUR − 280 ÷ 1.25.
    assert row["requirement_base"] == Decimal("762.00")
    assert row["cash_balance_base"] == Decimal("636.00")
    assert row["excess_base"] == Decimal("246.00")
    assert row["margin_call"] is False


def test_price_in_dollars_is_rounded_once_to_six_decimals(tmp_path: Path) -> None:
    trades = [trade(1, "buy", "10000.0000", "1.000000", "2025-04-30 16:00:00", isin=SIEMENS, currency="EUR")]
    instruments = [instrument(SIEMENS, "EUR", "EUTA", 2)]
    prices = [price(SIEMENS, FRIDAY, "1.000002")]
    result = compute(tmp_path, {"trades": trades, "instruments": instruments, "prices": prices})
    (row,) = result.tables["account_margin_reqs"].to_pylist()
    # 1.000002 × 1.25 = 1.2500025, which is 1.250003 to six decimals.
    assert row["long_market_value_usd"] == Decimal("12500.03")


def test_a_position_without_a_price_is_rejected_and_counts_nothing(tmp_path: Path) -> None:
    trades = [trade(1, "sell", "1.0000", "5.000000", "2025-04-30 16:00:00")]
    prices = [price(APPLE, FRIDAY + timedelta(3), "5.000000")]
    result = compute(tmp_path, {"trades": trades, "prices": prices})
    assert rejects(result) == {f"A0000001:{APPLE}": ("missing price", None)}
    (margin,) = result.tables["account_margin_reqs"].to_pylist()
    assert margin["maintenance_requirement_usd"] == 0
    (row,) = result.tables["account_margin_reqs"].to_pylist()
    assert row["short_market_value_usd"] == row["initial_requirement_usd"] == Decimal("0.00")
    assert row["excess_base"] == row["cash_balance_base"] == Decimal("1004.00")


def test_a_reversed_trade_leaves_no_position(tmp_path: Path) -> None:
    trades = [
        trade(1, "buy", "1.0000", "5.000000", "2025-04-30 16:00:00"),
        trade(2, "buy", "1.0000", "5.000000", "2025-05-02 16:00:00", reversal_of=1),
    ]
    result = compute(tmp_path, {"trades": trades, "prices": [price(APPLE, FRIDAY, "5.000000")]})
    assert result.tables["account_margin_reqs"].num_rows == 0
    assert balances(result)["A0000001", "USD"]["closing_balance"] == Decimal("0.00")


def test_a_day_without_data_carries_every_account(tmp_path: Path) -> None:
    result = compute(tmp_path, {})
    assert [row["closing_balance"] for row in balances(result).values()] == [Decimal("1000.00")]
    assert result.tables["cash_position_offsets"].num_rows == result.tables["rejects"].num_rows == 0


def test_a_weekend_is_no_business_date(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="2025-05-03 is a Saturday"):
        compute(tmp_path, {}, date(2025, 5, 3))


def test_amounts_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    postings = [transaction(1, "deposit", "1.00", "2025-05-02 10:00:00", currency="KWD")]
    with pytest.raises(ValueError, match="KWD"):
        compute(tmp_path, {"transactions": postings})


class TestGeneratedBank:
    """What must hold between the days and between the tables, whatever the data."""

    def test_source_equals_landed_plus_rejected(self, small_bank: SyntheticBank) -> None:
        result = oracle.compute(small_bank, FRIDAY)
        totals: dict[tuple[str, str], list[Decimal]] = {}
        for row in result.tables["cash_position_offsets"].to_pylist():
            step = "net_trades" if row["offset_type"] == "trade" else f"process_{row['offset_type']}s"
            total = totals.setdefault((step, row["currency"]), [Decimal(0), Decimal(0)])
            total[0] += row["movement_count"]
            total[1] += row["amount"]
        for row in result.tables["rejects"].to_pylist():
            if row["source"] != "position":
                total = totals.setdefault((row["step"], row["currency"]), [Decimal(0), Decimal(0)])
                total[0] += 1
                total[1] += row["amount"]
        source = {
            (row["step"], row["currency"]): [row["row_count"], row["amount"]]
            for row in result.control_totals.to_pylist()
        }
        assert totals == source

    def test_each_day_opens_where_the_last_one_closed(self, small_bank: SyntheticBank) -> None:
        closing: dict[tuple[str, str], Decimal] = {}
        for day in weekdays(date(2025, 4, 28), FRIDAY):
            found = balances(oracle.compute(small_bank, day))
            assert closing.keys() <= found.keys()
            for key, row in found.items():
                if closing:
                    assert row["opening_balance"] == closing.get(key, Decimal(0))
                movements = row["deposits"] + row["withdrawals"] + row["trades"]
                assert row["closing_balance"] == row["opening_balance"] + movements
            closing = {key: row["closing_balance"] for key, row in found.items()}


@pytest.fixture(scope="module")
def rounding() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(_ROUNDING)
        yield connection


@given(st.integers(-(10**30), 10**30), st.integers(1, 10**6))
def test_rounding_is_that_of_decimal_arithmetic(
    rounding: duckdb.DuckDBPyConnection, number: int, divisor: int
) -> None:
    row = rounding.execute(
        f"SELECT half_even({number}::HUGEINT, {divisor}::HUGEINT), "
        f"half_up({number}::HUGEINT, {divisor}::HUGEINT)"
    ).fetchall()
    with localcontext(prec=80):
        exact = Decimal(number) / Decimal(divisor)
        expected = tuple(int(exact.quantize(Decimal(1), mode)) for mode in (ROUND_HALF_EVEN, ROUND_HALF_UP))
    assert row == [expected]


def test_a_day_needs_little_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = oracle._database

    @contextmanager
    def small_database() -> Iterator[duckdb.DuckDBPyConnection]:
        with database() as connection:
            connection.execute("SET threads = 2")
            connection.execute("SET memory_limit = '110MB'")
            yield connection

    monkeypatch.setattr(oracle, "_database", small_database)
    bank = generate(BankScale(transactions=2_000_000), 7, tmp_path / "bank")
    assert oracle.compute(bank, FRIDAY).tables["rejects"].num_rows > 1_000
