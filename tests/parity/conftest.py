"""The calls of all examples, evaluated once for the suite."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
import trino.dbapi
from tests.parity.calls_in_sql import EvaluatedCall, calls_of

import nostro.duckdb
from nostro.functions.bound import functions

Calls = dict[str, tuple[EvaluatedCall, ...]]


@pytest.fixture(scope="session")
def calls(trino_connection: trino.dbapi.Connection) -> Calls:
    """The calls in each function's examples, by the function's name."""
    cursor = trino_connection.cursor()
    return {name: tuple(calls_of(catalogued, cursor)) for name, catalogued in functions().items()}


@pytest.fixture(scope="session")
def duckdb_connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection of DuckDB's with the functions."""
    with nostro.duckdb.connect() as connection:
        yield connection
