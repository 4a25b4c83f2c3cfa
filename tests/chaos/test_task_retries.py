"""A query under Trino's task retries outlives a worker that had tasks of it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.chaos.conftest import BreakableStack

from nostro.stack import Stack
from nostro.stack.query import TrinoSession

SUM_FOR_SECONDS = """
SELECT count(*), sum(x) FROM (
    SELECT x, max(sha256(CAST(CAST(x * r AS varchar) AS varbinary))) AS hash
    FROM lake.retried.numbers, UNNEST(sequence(1, 30)) AS repeated(r) GROUP BY x)
WHERE hash IS NOT NULL
"""
RUNNING_ON_THE_WORKER = """
SELECT 1 FROM system.runtime.tasks t JOIN system.runtime.nodes n ON t.node_id = n.node_id
JOIN system.runtime.queries q ON q.query_id = t.query_id
WHERE NOT n.coordinator AND t.state = 'RUNNING' AND q.query LIKE '%lake.retried.numbers, UNNEST%'
    AND q.query NOT LIKE '%system.runtime%'
"""
NUMBERS = """
CREATE OR REPLACE TABLE lake.retried.numbers AS
SELECT 1000 * (a - 1) + b AS x FROM UNNEST(sequence(1, 1000)) s(a), UNNEST(sequence(1, 1000)) t(b)
"""


def session_of(stack: Stack) -> TrinoSession:
    return TrinoSession.on(stack.trino.status())


def query(stack: Stack, sql: str) -> list[list[object]]:
    with session_of(stack).execute(sql) as result:
        return list(result)


@pytest.mark.long_campaign
def test_a_query_outlives_a_worker(breakable: BreakableStack) -> None:
    stack = breakable.stack
    stack.up(fault_tolerant=True)
    query(stack, "CREATE SCHEMA IF NOT EXISTS lake.retried")
    query(stack, NUMBERS)
    watcher = session_of(stack)
    watcher.execute("SET SESSION retry_policy = 'NONE'")
    with ThreadPoolExecutor() as threads:
        summing = threads.submit(query, stack, SUM_FOR_SECONDS)
        deadline = time.monotonic() + 300
        while not list(watcher.execute(RUNNING_ON_THE_WORKER)):
            assert time.monotonic() < deadline
            if summing.done():  # Trino may give every task of one query to the coordinator
                summing = threads.submit(query, stack, SUM_FOR_SECONDS)
        stack.trino.crash("trino-worker-1")
        assert summing.result() == [[1_000_000, 500_000_500_000]]
    assert stack.status()["trino-worker-1"].state == "died"
    stack.up()
