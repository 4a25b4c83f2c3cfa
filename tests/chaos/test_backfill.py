"""A range of dates filled by all shapes at once, newest first, with parallel runs."""

from __future__ import annotations

import time
from datetime import date, timedelta

import pytest
from tests.chaos.campaign import SHAPES, errors_of_tasks
from tests.chaos.conftest import BreakableStack

from nostro.airflow.business_day import BusinessDay
from nostro.demo.oracle import compute
from nostro.demo.published import read_published_day
from nostro.demo.reconciliation import compare
from nostro.stack.query import TrinoSession

FIRST = date(2025, 4, 28)
LAST = date(2025, 4, 29)
MINUTES = 30


@pytest.mark.long_campaign
@pytest.mark.timeout(0)
def test_dates_are_filled_in_any_order_by_all_shapes_at_once(breakable: BreakableStack) -> None:
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
        errors = "\n".join(errors_of_tasks(stack, shape, run.run_id) for run in runs)
        assert [run.state for run in runs] == ["success", "success"], f"{shape}\n{errors}"
    session = TrinoSession.on(stack.trino.status())
    for day in (FIRST, LAST):
        comparison = compare(compute(breakable.bank, day), read_published_day(session, day))
        assert comparison.is_equal, comparison.summary()
    publications = session.execute(
        "SELECT business_date, count(*) FROM lake.control.published_batches "
        f"WHERE business_date IN (DATE '{FIRST}', DATE '{LAST}') GROUP BY business_date"
    )
    published = {date.fromisoformat(day): int(count) for day, count in publications}
    assert published.keys() == {FIRST, LAST}
    assert min(published.values()) >= len(SHAPES)
