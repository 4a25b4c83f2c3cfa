"""Airflow for the tests of the DAGs: a home of its own, and the stack's Trino as its connection."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import tests.airflow_home  # noqa: F401  (ahead of whatever imports Airflow)
import trino.dbapi
from tests.dags.dag_run import DAGS, load_dag

from nostro.airflow import trigger
from nostro.demo.oracle import OracleResult, compute
from nostro.demo.published import read_published_day
from nostro.demo.synthetic_bank import SyntheticBank
from nostro.stack import Stack
from nostro.stack.query import TrinoSession

if TYPE_CHECKING:
    import pyarrow as pa
    from airflow.sdk import DAG

Query = Callable[[str], list[list[Any]]]
Published = Callable[[date], "dict[str, pa.Table]"]
Expected = Callable[[date], OracleResult]


@pytest.fixture(scope="session")
def simple_dag() -> DAG:
    return load_dag(DAGS / "simple_dag.py")


@pytest.fixture(scope="session")
def trino_conn(stack: Stack) -> Iterator[None]:
    """The Airflow connection `trino_default`, to the running stack."""
    address = urlsplit(stack.trino_address())
    with pytest.MonkeyPatch.context() as patch:
        # Nobody's process has to end before a task that is deferred in this one.
        patch.setattr(trigger, "FIRST_LOOK_SECONDS", trigger.POLL_SECONDS)
        patch.setenv(
            "AIRFLOW_CONN_TRINO_DEFAULT",
            json.dumps(
                {"conn_type": "trino", "host": address.hostname, "port": address.port, "login": "nostro"}
            ),
        )
        yield


@pytest.fixture(scope="session")
def query(trino_connection: trino.dbapi.Connection) -> Query:
    def run(sql: str) -> list[list[Any]]:
        cursor = trino_connection.cursor()
        cursor.execute(sql)
        rows: list[list[Any]] = cursor.fetchall()
        return rows

    return run


@pytest.fixture(scope="session")
def published(stack: Stack) -> Published:
    """The public rows of a business date, by table."""
    session = TrinoSession.on(stack.trino.status())

    def read(business_date: date) -> dict[str, pa.Table]:
        return read_published_day(session, business_date)

    return read


@pytest.fixture(scope="session")
def expected(bank: SyntheticBank) -> Expected:
    """What a business date must have come to, by the oracle."""
    results: dict[date, OracleResult] = {}

    def look_up(business_date: date) -> OracleResult:
        if business_date not in results:
            results[business_date] = compute(bank, business_date)
        return results[business_date]

    return look_up
