"""Generated banks that the tests of the demo share."""

from __future__ import annotations

import pytest

from nostro.demo.bank_scale import BankScale
from nostro.demo.generator import generate
from nostro.demo.synthetic_bank import SyntheticBank

SMALL = BankScale(transactions=2_000)


@pytest.fixture(scope="session")
def small_bank(tmp_path_factory: pytest.TempPathFactory) -> SyntheticBank:
    return generate(SMALL, 7, tmp_path_factory.mktemp("small") / "bank")
