"""The running stack and the loaded bank that the suites share: started once per session."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

import pytest
import trino.dbapi
from hypothesis import settings
from tests.own_home import own_home

from nostro.build import plugin_directory as built_plugin_directory
from nostro.demo.generator import BankScale, SyntheticBank, generate
from nostro.demo.load import build_ledger, load_postgres
from nostro.stack import Stack

SEED = 7
TRANSACTIONS = 20_000


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--faults", type=int, default=3, help="how many faults strike in the chaos suite")
    parser.addoption(
        "--seed",
        type=int,
        default=1,
        help="of the chaos suite's schedule, and of which broken sources are tried",
    )
    parser.addoption("--minutes-long", action="store_true", help="run the tests that take minutes, too")
    parser.addoption(
        "--every-fault", action="store_true", help="try a broken source for every check of sources"
    )
    parser.addoption(
        "--inputs", type=int, default=1_000, help="for each function beside its reference; 10000 in the table"
    )
    parser.addoption(
        "--reference-table", type=Path, help="where to write what was compared, and how far apart"
    )
    parser.addoption(
        "--screenshots", action="store_true", help="save the browser suite's pictures to docs/images"
    )


NO_HOME = pytest.StashKey[Path]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("minutes_long"):
        return
    minutes_long = [item for item in items if item.get_closest_marker("minutes_long")]
    config.hook.pytest_deselected(items=minutes_long)
    items[:] = [item for item in items if item not in minutes_long]


def pytest_configure(config: pytest.Config) -> None:
    """Keep the developer's own home out of it, and end a terminated session as an interrupted one.

    A home may have functions that a test's server has not; an interrupted session takes down what it started.
    """
    config.stash[NO_HOME] = Path(tempfile.mkdtemp(prefix="nostro-tests-no-home-"))
    os.environ["NOSTRO_HOME"] = str(config.stash[NO_HOME])

    def interrupt(signal_number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    # A shell's background jobs, of which the session may be one, ignore SIGINT and hand that down.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    settings.register_profile("nostro", derandomize=True, deadline=None, print_blob=True)
    settings.load_profile("nostro")


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(config.stash[NO_HOME], ignore_errors=True)


@pytest.fixture(scope="session")
def plugin_directory() -> Path:
    directory = built_plugin_directory()
    assert directory is not None, "the plugin is not built: ./build.sh build"
    return directory


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """A running stack in a home of its own: PostgreSQL, the lake, the ledger and Trino."""
    with own_home("nostro-tests-") as home:
        stack = Stack(home)
        stack.up()
        yield stack


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
