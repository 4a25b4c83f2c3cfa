"""How many inputs the functions are compared on with their references, and the table of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import localcontext
from pathlib import Path

import pytest
import trino.dbapi
from references import Compare, Comparison, Comparisons, Server, write_table

COMPARISONS = pytest.StashKey[Comparisons]()


@pytest.fixture(scope="session")
def inputs(pytestconfig: pytest.Config) -> int:
    """How many inputs a test generates for each function."""
    return int(pytestconfig.getoption("inputs"))


@pytest.fixture(scope="session")
def server(trino_connection: trino.dbapi.Connection) -> Server:
    return Server(trino_connection)


@pytest.fixture
def compare(request: pytest.FixtureRequest) -> Compare:
    comparisons = request.config.stash.setdefault(COMPARISONS, Comparisons())

    def comparison(function: str, reference: str, convention: str = "") -> Comparison:
        return comparisons.of(function, reference, request.path.stem, convention)

    return comparison


@pytest.fixture(autouse=True)
def exact_decimals() -> Iterator[None]:
    with localcontext() as context:
        context.prec = 200
        yield


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Write the table of a run in which nothing failed."""
    table: Path | None = session.config.getoption("reference_table")
    made: Mapping[tuple[str, str, str], Comparison] = session.config.stash.get(
        COMPARISONS, Comparisons()
    ).made
    if table is not None and exitstatus == pytest.ExitCode.OK:
        write_table(table, made.values())
