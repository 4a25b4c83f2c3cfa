"""A stack of its own for the campaign, in which everything may be killed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import tests.airflow_home  # noqa: F401  (ahead of whatever imports Airflow)
from tests.chaos.campaign import LONG_CAMPAIGN
from tests.chaos.faults import LakeDisk, WiredLedger
from tests.own_home import own_home

from nostro.demo.generator import BankScale, SyntheticBank, generate
from nostro.demo.load import build_ledger, list_banks, load_postgres
from nostro.stack import Stack

SEED = 7
TRANSACTIONS = 20_000
BANKS = 3
"""As many counterparty banks are mapped over; the others' movements fall to `process_other_…`."""


@dataclass(frozen=True)
class BreakableStack:
    """A running stack with Airflow, its loaded bank, and the lake's disk where one could be mounted."""

    stack: Stack
    bank: SyntheticBank
    disk: LakeDisk | None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--faults") >= LONG_CAMPAIGN:
        return
    minutes_long = [item for item in items if item.get_closest_marker("long_campaign")]
    config.hook.pytest_deselected(items=minutes_long)
    items[:] = [item for item in items if item not in minutes_long]


@pytest.fixture(scope="module")
def breakable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BreakableStack]:
    with own_home("nostro-tests-chaos-") as home, pytest.MonkeyPatch.context() as patch:
        patch.setenv("NOSTRO_TRINO_HEAP", "1G")
        stack = Stack(home)
        ledger = WiredLedger(home)
        stack.ledger = ledger
        disk: LakeDisk | None = LakeDisk(stack.lake.warehouse)
        try:
            assert disk is not None
            disk.mount()
        except (PermissionError, FileNotFoundError):
            disk = None
        try:
            with ledger.wire:
                stack.up(workers=1, airflow=True)
                folder = tmp_path_factory.mktemp("chaos") / "bank"
                bank = generate(BankScale(transactions=TRANSACTIONS), SEED, folder)
                load_postgres(bank, stack.postgres_dsn)
                stack.ledger.replace_database(lambda path: build_ledger(bank, path))
                list_banks(stack.postgres_dsn("portfolio_ops_db"), BANKS)
                host, _, port = stack.trino_address().removeprefix("http://").partition(":")
                patch.setenv(
                    "AIRFLOW_CONN_TRINO_DEFAULT",
                    json.dumps({"conn_type": "trino", "host": host, "port": int(port), "login": "nostro"}),
                )
                yield BreakableStack(stack, bank, disk)
                stack.down()
        finally:
            if disk is not None:
                disk.unmount()
