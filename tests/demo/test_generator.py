"""The generated bank: the same bytes for the same seed, real codes, and every anomaly in known numbers."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from schwifty import BIC, IBAN
from stdnum import isin

from nostro.demo import generator, transactions
from nostro.demo.bank_calendar import DEMO_BUSINESS_DATE, FIRST_PRICE_DATE, OPENING_DATE, cut_off
from nostro.demo.bank_scale import BankScale
from nostro.demo.counterparties import draw_counterparties
from nostro.demo.customers import draw_customers
from nostro.demo.generator import generate
from nostro.demo.reference_rates import ecb_reference_rates
from nostro.demo.schema import TABLES
from nostro.demo.synthetic_bank import SyntheticBank
from nostro.demo.transactions import TransactionSource

SMALL = BankScale(transactions=2_000)
REVERSED = (
    "bank_account",
    "transaction_type",
    "amount",
    "currency",
    "counterparty_iban",
    "counterparty_bank",
)


def digests(bank: SyntheticBank) -> dict[str, str]:
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in bank.directory.iterdir()}


def query(bank: SyntheticBank, sql: str) -> list[tuple[object, ...]]:
    """Run SQL over the bank's tables."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for table in TABLES:
            connection.execute(f"CREATE VIEW {table.name} AS SELECT * FROM '{bank.file(table)}'")
        return connection.execute(sql).fetchall()


def count(bank: SyntheticBank, sql: str) -> object:
    ((found,),) = query(bank, f"SELECT count(*) FROM {sql}")
    return found


def test_same_seed_and_scale_give_the_same_bytes(small_bank: SyntheticBank, tmp_path: Path) -> None:
    again = generate(SMALL, 7, tmp_path / "again")
    assert digests(again) == digests(small_bank)
    assert len(digests(again)) == len(TABLES) + 1


def test_another_seed_gives_another_bank(small_bank: SyntheticBank, tmp_path: Path) -> None:
    other = digests(generate(SMALL, 8, tmp_path / "other"))
    same = {name for name, digest in digests(small_bank).items() if other[name] == digest}
    assert same == {"fx_rates.parquet"}


def test_a_generated_bank_is_found_and_another_one_replaced(tmp_path: Path) -> None:
    directory = tmp_path / "bank"
    first = generate(SMALL, 1, directory)
    written = first.file(TABLES[0]).stat()
    assert generate(SMALL, 1, directory) == first
    assert first.file(TABLES[0]).stat().st_mtime_ns == written.st_mtime_ns
    second = generate(SMALL, 2, directory)
    assert second.manifest.seed == 2
    assert [path.name for path in tmp_path.iterdir()] == ["bank"]


def test_a_bank_with_a_missing_file_is_generated_again(tmp_path: Path) -> None:
    bank = generate(SMALL, 1, tmp_path / "bank")
    before = digests(bank)
    bank.file(TABLES[0]).unlink()
    assert digests(generate(SMALL, 1, tmp_path / "bank")) == before


def test_a_run_that_dies_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = tmp_path / "bank"
    before = digests(generate(SMALL, 1, directory))

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(generator, "draw_market", die)
    with pytest.raises(KeyboardInterrupt):
        generate(SMALL, 2, directory)
    assert digests(SyntheticBank.open(directory)) == before
    assert [path.name for path in tmp_path.iterdir()] == ["bank"]


def test_what_a_killed_run_left_is_not_trusted(tmp_path: Path, small_bank: SyntheticBank) -> None:
    partial = tmp_path / ".bank.partial"
    partial.mkdir()
    (partial / "transactions.parquet").write_bytes(b"half")
    assert digests(generate(SMALL, 7, tmp_path / "bank")) == digests(small_bank)
    assert [path.name for path in tmp_path.iterdir()] == ["bank"]


def test_a_directory_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(FileExistsError, match="something else"):
        generate(SMALL, 7, tmp_path)
    assert (tmp_path / "letter.txt").read_text() == "dear"


@pytest.mark.parametrize("number", [0, 999, 1_000_000_001])
def test_scales_out_of_range_are_refused(number: int) -> None:
    with pytest.raises(ValueError, match=r"from 1,000 to 1,000,000,000 transactions"):
        BankScale(number)


def test_a_negative_seed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="seed"):
        generate(SMALL, -1, tmp_path / "bank")


@pytest.mark.parametrize("seed", range(3))
def test_the_smallest_bank_holds_every_anomaly(seed: int, tmp_path: Path) -> None:
    bank = generate(BankScale(1_000), seed, tmp_path / "bank")
    assert {name for name, number in bank.manifest.anomalies.items() if number < 1} == set()
    assert count(bank, SHORT_POSITIONS) != 0


SHORT_POSITIONS = """(
    SELECT account_id, isin FROM trades JOIN instruments USING (isin) GROUP BY ALL
    HAVING sum(CASE WHEN (side = 'buy') = (reversal_of IS NULL) THEN quantity ELSE -quantity END) < 0)"""


def test_the_manifest_is_the_truth(small_bank: SyntheticBank) -> None:
    anomalies = Counter(small_bank.manifest.anomalies)
    for table in TABLES:
        assert pq.read_metadata(small_bank.file(table)).num_rows == small_bank.manifest.rows[table.name]

    mapped = {account for (account,) in query(small_bank, "SELECT bank_account FROM account_mapping")}
    rated = {currency for (currency,) in query(small_bank, "SELECT currency FROM fx_rates")}
    found: Counter[str] = Counter()
    for account, iban, currency in query(
        small_bank, "SELECT bank_account, counterparty_iban, currency FROM transactions"
    ):
        if iban is None:
            found["transactions_without_counterparty"] += 1
        if iban is not None and not IBAN(str(iban), allow_invalid=True).is_valid:
            found["transactions_invalid_iban"] += 1
        elif account not in mapped:
            found["transactions_unmapped_account"] += 1
        elif currency not in rated:
            found["transactions_missing_rate"] += 1
    accounts = {account for (account,) in query(small_bank, "SELECT account_id FROM account")}
    listed = {code for (code,) in query(small_bank, "SELECT isin FROM instruments")}
    for account, code, currency in query(small_bank, "SELECT account_id, isin, currency FROM trades"):
        if account not in accounts:
            found["trades_unknown_account"] += 1
        elif not isin.is_valid(str(code)):
            found["trades_invalid_isin"] += 1
        elif code not in listed:
            found["trades_unknown_instrument"] += 1
        elif currency not in rated:
            found["trades_missing_rate"] += 1
    cut_offs = """extract(hour FROM posted_at) = 16 AND posted_at = date_trunc('hour', posted_at)
        AND dayofweek(posted_at) BETWEEN 1 AND 5"""
    counted = {
        "transactions_reversal": "transactions WHERE reversal_of IS NOT NULL",
        "transactions_without_minor_unit": "transactions WHERE currency = 'JPY'",
        "transactions_posted_at_cut_off": f"transactions WHERE {cut_offs}",
        "transactions_late_booking": """transactions WHERE booking_date <
            CAST(posted_at AT TIME ZONE 'Europe/Berlin' AS DATE)
            - CASE dayofweek(posted_at AT TIME ZONE 'Europe/Berlin') WHEN 0 THEN 2 WHEN 6 THEN 1 ELSE 0 END
            OR (dayofweek(posted_at AT TIME ZONE 'Europe/Berlin') IN (0, 6) AND booking_date <
                CAST(posted_at AT TIME ZONE 'Europe/Berlin' AS DATE))
            OR (hour(posted_at AT TIME ZONE 'Europe/Berlin') >= 18 AND booking_date =
                CAST(posted_at AT TIME ZONE 'Europe/Berlin' AS DATE))""",
        "trades_reversal": "trades WHERE reversal_of IS NOT NULL",
        "trades_posted_at_cut_off": f"trades WHERE {cut_offs}",
        "trades_late_posting": "trades WHERE reversal_of IS NULL AND posted_at > traded_at + INTERVAL 1 DAY",
        "instruments_without_price": "(FROM instruments ANTI JOIN prices USING (isin))",
        "instruments_with_stale_price": f"""(SELECT isin FROM prices GROUP BY 1
            HAVING max(price_date) < DATE '{DEMO_BUSINESS_DATE}' - 7)""",
        "instruments_without_rate": "(FROM instruments ANTI JOIN fx_rates USING (currency))",
    }
    found.update({name: int(str(count(small_bank, sql))) for name, sql in counted.items()})
    moved = """(FROM account ANTI JOIN (
        SELECT account_id FROM trades
        UNION SELECT account_id FROM transactions JOIN account_mapping USING (bank_account)
    ) USING (account_id))"""
    assert int(str(count(small_bank, moved))) >= anomalies.pop("accounts_without_movement") >= 1
    assert anomalies.pop("bank_accounts_unmapped") >= 1
    assert found == anomalies


def test_anomalies_are_rare(tmp_path_factory: pytest.TempPathFactory) -> None:
    bank = generate(BankScale(20_000), 3, tmp_path_factory.mktemp("rare") / "bank")
    shares = {
        name: number / bank.manifest.rows[name.split("_")[0]]
        for name, number in bank.manifest.anomalies.items()
        if name.split("_")[0] in {"transactions", "trades"} and "without" not in name
    }
    assert max(shares.values()) < 0.05


def test_reversals_repeat_an_earlier_row_once(small_bank: SyntheticBank) -> None:
    same = " AND ".join(f"r.{name} IS NOT DISTINCT FROM o.{name}" for name in REVERSED)
    reversals = count(small_bank, "transactions WHERE reversal_of IS NOT NULL")
    assert reversals == count(
        small_bank,
        "transactions r JOIN transactions o ON o.transaction_id = r.reversal_of WHERE o.reversal_of IS NULL "
        f"AND o.posted_at <= r.posted_at AND o.transaction_id < r.transaction_id AND {same}",
    )
    assert reversals == count(
        small_bank, "(SELECT DISTINCT reversal_of FROM transactions WHERE reversal_of > 0)"
    )
    assert count(small_bank, "trades WHERE reversal_of IS NOT NULL") == count(
        small_bank,
        "trades r JOIN trades o ON o.trade_id = r.reversal_of WHERE o.reversal_of IS NULL "
        "AND (r.account_id, r.isin, r.side, r.quantity, r.price, r.currency, r.fees, r.traded_at) "
        "= (o.account_id, o.isin, o.side, o.quantity, o.price, o.currency, o.fees, o.traded_at)",
    )


def test_codes_are_real_and_refer_to_one_another(small_bank: SyntheticBank) -> None:
    assert all(BIC(str(bic)) for (bic,) in query(small_bank, "SELECT bic FROM banks"))
    assert all(isin.is_valid(str(code)) for (code,) in query(small_bank, "SELECT isin FROM instruments"))
    assert count(small_bank, "account_mapping ANTI JOIN account USING (account_id)") == 0
    assert count(small_bank, "prices ANTI JOIN instruments USING (isin)") == 0
    assert (
        count(
            small_bank,
            "transactions t ANTI JOIN banks b ON b.bic = t.counterparty_bank "
            "WHERE counterparty_bank IS NOT NULL",
        )
        == 0
    )
    assert (
        count(small_bank, "trades JOIN instruments i USING (isin) WHERE trades.currency <> i.currency") == 0
    )


def test_national_check_digits_of_counterparties_hold() -> None:
    counterparties = draw_counterparties(banks=60, counterparties=150, seed=5)
    for text in counterparties.ibans.to_pylist():
        assert IBAN(text).validate(validate_bban=True)


def test_amounts_are_positive_and_yen_are_whole(small_bank: SyntheticBank) -> None:
    assert count(small_bank, "transactions WHERE amount <= 0") == 0
    assert count(small_bank, "transactions WHERE currency = 'JPY' AND amount <> floor(amount)") == 0
    assert count(small_bank, "trades WHERE quantity <= 0 OR price <= 0 OR fees < 0") == 0
    assert count(small_bank, "trades WHERE currency = 'JPY' AND fees <> floor(fees)") == 0


def test_postings_lie_in_the_period_and_on_working_days(small_bank: SyntheticBank) -> None:
    ((first, last),) = query(small_bank, "SELECT min(posted_at), max(posted_at) FROM transactions")
    assert first == cut_off(OPENING_DATE)
    assert str(last) > str(cut_off(DEMO_BUSINESS_DATE))
    weekend = "dayofweek(posted_at AT TIME ZONE 'Europe/Berlin') IN (0, 6)"
    assert 0 < int(str(count(small_bank, f"transactions WHERE {weekend}"))) < 2_000 * 0.05
    assert count(small_bank, "trades WHERE dayofweek(traded_at AT TIME ZONE 'Europe/Berlin') IN (0, 6)") == 0
    assert count(small_bank, "fx_rates WHERE dayofweek(rate_date) IN (0, 6)") == 0
    assert query(
        small_bank, "SELECT transaction_id FROM transactions ORDER BY posted_at, transaction_id"
    ) == [(number,) for number in range(1, 2_001)]


def test_rates_are_the_ecbs() -> None:
    rates = {
        (rate.currency, rate.rate_date.isoformat()): rate.rate
        for rate in ecb_reference_rates(FIRST_PRICE_DATE, DEMO_BUSINESS_DATE)
    }
    assert rates["EUR", "2025-04-30"] == 1
    assert rates["USD", "2025-04-30"] == Decimal("1.1373")
    assert not [day for currency, day in rates if day in {"2025-04-18", "2025-04-21", "2025-05-01"}]


def test_memory_does_not_grow_with_the_number_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transactions, "CHUNK_ROWS", 1_000)
    monkeypatch.setattr("nostro.demo.reversals.REMEMBERED_ROWS", 1_000)
    customers = draw_customers(100, 400, 1)
    counterparties = draw_counterparties(40, 100, 1)

    def peak(rows: int) -> tuple[int, int]:
        source = TransactionSource(rows, 1, customers, counterparties, {})
        tracemalloc.start()
        written = sum(batch.num_rows for batch in source.chunks(Counter()))
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return written, highest

    few, many = peak(3_000), peak(20_000)
    assert (few[0], many[0]) == (3_000, 20_000)
    assert many[1] < 1.5 * few[1]


def test_a_bank_of_many_chunks_is_one_bank(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(transactions, "CHUNK_ROWS", 300)
    monkeypatch.setattr("nostro.demo.trades.CHUNK_ROWS", 100)
    bank = generate(SMALL, 7, tmp_path / "bank")
    assert query(bank, "SELECT transaction_id FROM transactions ORDER BY posted_at, transaction_id") == [
        (number,) for number in range(1, 2_001)
    ]
    earlier_chunk = "(transaction_id - 1) // 300 > (reversal_of - 1) // 300"
    assert count(bank, f"transactions WHERE {earlier_chunk}") != 0
    test_reversals_repeat_an_earlier_row_once(bank)
