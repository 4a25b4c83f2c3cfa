"""The running stack and the loaded bank that the suites share: started once per session."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

import pytest
import trino.dbapi
from hypothesis import settings

from nostro.build import plugin_directory as built_plugin_directory
from nostro.demo.generator import BankScale, SyntheticBank, generate
from nostro.demo.load import build_ledger, load_postgres
from nostro.stack import NostroHome, Stack

ROOT = Path(__file__).resolve().parents[1]
SEED = 7
TRANSACTIONS = 20_000


def pytest_configure() -> None:
    """End a terminated session as an interrupted one, so that fixtures take down what they started."""

    def interrupt(signal_number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    # A shell's background jobs, of which the session may be one, ignore SIGINT and hand that down.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    settings.register_profile("nostro", derandomize=True, deadline=None, print_blob=True)
    settings.load_profile("nostro")


@pytest.fixture(scope="session")
def plugin_directory() -> Path:
    directory = built_plugin_directory()
    assert directory is not None, "the plugin is not built: ./build.sh build"
    return directory


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """A running stack in a home of its own: PostgreSQL, the lake, the ledger and Trino."""
    home = Path(tempfile.mkdtemp(prefix="nostro-tests-"))
    reaper = subprocess.Popen(
        [sys.executable, str(ROOT / "tests" / "reaper.py"), str(home)],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    stack = Stack(NostroHome(home))
    try:
        stack.up()
        yield stack
    finally:
        stack.down(delete_data=True)
        shutil.rmtree(home, ignore_errors=True)
        assert reaper.stdin is not None
        reaper.stdin.close()
        reaper.wait()


@pytest.fixture(scope="session")
def bank(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> SyntheticBank:
    """The synthetic bank at a small scale, loaded into the stack's systems."""
    bank = generate(BankScale(transactions=TRANSACTIONS), SEED, tmp_path_factory.mktemp("bank") / "bank")
    load_postgres(bank, stack.postgres_dsn)
    stack.ledger.replace_database(lambda path: build_ledger(bank, path))
    return bank


@pytest.fixture(scope="session")
def trino_connection(stack: Stack) -> Iterator[trino.dbapi.Connection]:
    address = urlsplit(stack.trino_address())
    with trino.dbapi.connect(host=address.hostname, port=address.port, user="nostro") as connection:
        yield connection
