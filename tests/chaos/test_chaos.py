"""Whatever dies: each shape lands every row once, and readers never see half a batch."""

from __future__ import annotations

from collections import deque
from datetime import timedelta

import pytest
from tests.chaos.campaign import FAULT_TOLERANT, Campaign, schedule, shapes_for, table_of
from tests.chaos.conftest import BreakableStack
from tests.chaos.faults import DISK_FULL, FAULTS, Supervisor
from tests.chaos.public_reader import PublicReader, totals_of

from nostro.demo.bank_calendar import DEMO_BUSINESS_DATE, OPENING_DATE, weekdays
from nostro.demo.oracle import compute


@pytest.mark.timeout(0)
def test_every_row_lands_once_whatever_dies(
    breakable: BreakableStack, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = request.config.getoption("--seed")
    faults = [fault for fault in FAULTS if fault is not DISK_FULL or breakable.disk is not None]
    days = weekdays(OPENING_DATE + timedelta(days=1), DEMO_BUSINESS_DATE)
    count = request.config.getoption("--faults")
    runs = schedule(shapes_for(count, seed), faults, count, days, seed)
    expected = {day: compute(breakable.bank, day) for day in days}
    totals = {day: totals_of(result) for day, result in expected.items()}
    with (
        Supervisor(breakable.stack, seed) as supervisor,
        PublicReader(breakable.stack, totals) as reader,
    ):
        campaign = Campaign(breakable.stack, breakable.disk, supervisor, expected, seed)
        waiting = deque(runs)
        while waiting:
            run = waiting.popleft()
            breakable.stack.up(fault_tolerant=run.dag_id == FAULT_TOLERANT)
            outcome = campaign.run(run)
            with capsys.disabled():
                struck = ", ".join(one.fault.name for one in run.faults)
                print(
                    f"\n{run.dag_id} {run.business_date}: {outcome.seconds:.0f} s, {outcome.tries} tries of "
                    f"{outcome.tasks} tasks, {outcome.comparison.summary()} ({struck})",
                    end="",
                    flush=True,
                )
            assert reader.findings == []
            if not waiting and campaign.struck.total() < count:
                assert len(campaign.outcomes) < 2 * len(runs) + 4, campaign.missed
                left = count - campaign.struck.total()
                waiting.extend(
                    schedule(shapes_for(count, seed), faults, left, days, seed + len(campaign.outcomes))
                )
    assert reader.findings == []
    assert reader.reads > len(runs)
    assert campaign.struck.total() >= count
    with capsys.disabled():
        print(f"\n\n{table_of(campaign)}\n")
        print(f"seed {seed}, {supervisor.restarts} restarts", end="; ")
        print(f"{campaign.missed.total()} strikes found nothing to hit", end="; ")
        print(f"{reader.reads} reads saw each date whole or not at all, {reader.refused} were refused")
