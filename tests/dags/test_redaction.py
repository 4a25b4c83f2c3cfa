"""What may leave Airflow in an alert, and what may not."""

from __future__ import annotations

import re
from decimal import Decimal
from uuid import UUID

import pytest
import schwifty
from hypothesis import given
from hypothesis import strategies as st

from nostro.airflow.redaction import without_secrets


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("account DE89370400440532013000 is unknown", "account …3000 is unknown"),
        ("IBAN 'de89370400440532013000'", "IBAN '…3000'"),
        ("IBAN DE89 3704 0044 0532 0130 00.", "IBAN …0 00."),
        ("card 4111 1111 1111 1111", "card …1111"),
        ("card 4111111111111111", "card …1111"),
        ("bank_account 001-0000123, ledger A0000123", "bank_account …0123, ledger …0123"),
        ("account 0532013000.", "account …3000."),
        ("jdbc:postgresql://nostro:hunter2@127.0.0.1:5432/bank", "jdbc:postgresql://***@127.0.0.1:5432/bank"),
        ("password=hunter2&user=x", "password=***&user=x"),
        ('{"api_key": "abc def", "x": 1}', '{"api_key": ***, "x": 1}'),
        ("Authorization: Bearer eyJhbGciOi.abc-def", "Authorization: Bearer ***"),
        ("db.password: hunter2", "db.password: ***"),
    ],
)
def test_secrets_and_account_numbers_are_masked(text: str, expected: str) -> None:
    assert without_secrets(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "INSERT (2 of 4) failed at line 3, column 14: DIVISION_BY_ZERO (query 20250502_160212_00042_x7qk2)",
        "attempt 6f0c3a52-0000-4000-8000-1234567890ab",
        "staging lake.staging.process_deposits_20250502_12345678901234567890123456789012",
        "net_trades, USD: the source has 50000000 rows of 12345678901.25, landed -12345678901.24",
        "amount 1,234,567,890.12",
        "instrument US0378331005 has no price on 2025-05-02 18:00:00.000000 UTC",
        "http://127.0.0.1:8080/ui/query.html?20250502_160212_00042_x7qk2",
        "mismatched input, unexpected token: FROM",
        "password authentication failed for user nostro",
        "manual__2025-05-02T16:00:00.123456+00:00",
    ],
)
def test_what_finds_the_cause_stays(text: str) -> None:
    assert without_secrets(text) == text


@given(st.sampled_from(["DE", "FR", "GB", "NL", "NO", "MT", "PL"]), st.integers(0, 2**32))
def test_no_iban_comes_through(country: str, seed: int) -> None:
    iban = schwifty.IBAN.random(country_code=country, random=__import__("random").Random(seed))
    for text in (iban.compact, iban.compact.lower(), iban.formatted):
        masked = without_secrets(f"(value '{text}')")
        assert iban.compact[4:-4].lower() not in re.sub(r"\W", "", masked).lower()
        assert len(masked) <= len("(value '…0000')")


@given(st.integers(10**8, 10**18))
def test_no_account_of_nine_digits_or_more_comes_through(account: int) -> None:
    assert str(account) not in without_secrets(f"account {account}: unknown")


@given(st.decimals(Decimal(-(10**30)), Decimal(10**30), places=2, allow_nan=False), st.uuids(version=4))
def test_amounts_and_attempts_come_through(amount: Decimal, attempt: UUID) -> None:
    text = f"attempt {attempt} landed {amount:f} EUR"
    assert without_secrets(text) == text


def test_what_airflow_knows_as_secret_is_masked() -> None:
    from airflow.sdk.log import mask_secret

    mask_secret("s3cr3t-of-a-connection")
    assert without_secrets("refused: s3cr3t-of-a-connection") == "refused: ***"
