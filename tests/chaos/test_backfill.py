"""A range of dates filled by all shapes at once, newest first, with parallel runs."""

from __future__ import annotations

import time
from datetime import date, timedelta

import pytest
from tests.chaos.campaign import LONG_CAMPAIGN, SHAPES
from tests.chaos.conftest import BreakableStack

from nostro.airflow.business_day import BusinessDay
from nostro.demo.oracle import compute
from nostro.demo.published import read_published
from nostro.demo.reconciliation import compare
from nostro.demo.result_tables import RESULT_TABLES
from nostro.stack.query import TrinoSession

FIRST = date(2025, 4, 28)
LAST = date(2025, 4, 29)
MINUTES = 30


@pytest.mark.timeout(0)
def test_dates_are_filled_in_any_order_by_all_shapes_at_once(
    breakable: BreakableStack, request: pytest.FixtureRequest
) -> None:
    if request.config.getoption("--faults") < LONG_CAMPAIGN:
        pytest.skip("minutes of runs side by side: ./build.sh chaos fills the dates")
    stack = breakable.stack
    stack.up(fault_tolerant=True)
    client = stack.airflow_client()
    for shape in SHAPES:
        client.wait_until_parsed(shape)
        client.unpause(shape)
    first, last = BusinessDay(FIRST).window[0], BusinessDay(LAST).window[0]
    backfills = {shape: client.backfill(shape, first, last, newest_first=True) for shape in SHAPES}
    deadline = time.monotonic() + timedelta(minutes=MINUTES).total_seconds()
    while not all(client.backfill_is_completed(backfill) for backfill in backfills.values()):
        assert time.monotonic() < deadline, backfills
        time.sleep(1)
    for shape in SHAPES:
        runs = [run for run in client.runs(shape) if run.run_id.startswith("backfill")]
        assert [run.state for run in runs] == ["success", "success"], shape
    host, _, port = stack.trino_address().removeprefix("http://").partition(":")
    session = TrinoSession(host, int(port), "backfill")
    for day in (FIRST, LAST):
        published = {table.name: read_published(session, table, day) for table in RESULT_TABLES}
        comparison = compare(compute(breakable.bank, day), published)
        assert comparison.is_equal, comparison.summary()
    keys = [
        tuple(row)
        for row in session.execute(
            "SELECT CAST(business_date AS varchar), count(*) FROM lake.control.published_batches "
            f"WHERE business_date IN (DATE '{FIRST}', DATE '{LAST}') GROUP BY 1 ORDER BY 1"
        )
    ]
    assert [(day, count >= len(SHAPES)) for day, count in keys] == [
        (FIRST.isoformat(), True),
        (LAST.isoformat(), True),
    ]
