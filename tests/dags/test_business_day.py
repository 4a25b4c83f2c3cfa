from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from airflow.sdk.exceptions import AirflowFailException
from airflow.timetables.base import TimeRestriction
from airflow.timetables.interval import CronDataIntervalTimetable
from hypothesis import given
from hypothesis import strategies as st
from pendulum import DateTime, instance

from nostro.airflow.business_day import BusinessDay, business_day_of_run, business_day_timetable
from nostro.demo.bank_calendar import PostingWindow

instants = st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1)).map(
    lambda value: value.replace(tzinfo=UTC)
)


@pytest.mark.parametrize(
    ("business_date", "start", "end"),
    [
        (date(2025, 5, 2), "2025-05-01 16:00", "2025-05-02 16:00"),
        (date(2025, 5, 5), "2025-05-02 16:00", "2025-05-05 16:00"),
        (date(2025, 3, 28), "2025-03-27 17:00", "2025-03-28 17:00"),
        # Summer time began on Sunday, 30 March 2025, and ended on Sunday, 26 October 2025.
        (date(2025, 3, 31), "2025-03-28 17:00", "2025-03-31 16:00"),
        (date(2025, 10, 27), "2025-10-24 16:00", "2025-10-27 17:00"),
        # A bank holiday is a business date like any other.
        (date(2025, 4, 18), "2025-04-17 16:00", "2025-04-18 16:00"),
    ],
)
def test_the_window_lies_between_two_cut_offs(business_date: date, start: str, end: str) -> None:
    window = BusinessDay(business_date).window
    assert [f"{instant:%Y-%m-%d %H:%M}" for instant in window] == [start, end]
    assert all(instant.tzinfo is UTC for instant in window)


@given(instants)
def test_every_instant_lies_in_the_window_of_its_business_day(instant: datetime) -> None:
    start, end = BusinessDay.of_posting(instant).window
    assert start <= instant < end


@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)).filter(lambda day: day.weekday() < 5))
def test_windows_follow_each_other_and_are_those_of_the_synthetic_bank(day: date) -> None:
    business_day = BusinessDay(day)
    assert business_day.window[0] == business_day.previous.window[1]
    assert business_day.window == (PostingWindow.of(day).start, PostingWindow.of(day).end)
    assert BusinessDay.of_cut_off(business_day.cut_off) == business_day


def data_intervals(first: date, last: date) -> list[tuple[DateTime, DateTime]]:
    """The data intervals that Airflow's scheduler gives the runs between two dates."""
    schedule = business_day_timetable()
    timetable = CronDataIntervalTimetable(schedule.expression, timezone=schedule.timezone)
    restriction = TimeRestriction(
        earliest=instance(datetime.combine(first, datetime.min.time(), UTC)),
        latest=instance(datetime.combine(last, datetime.min.time(), UTC)),
        catchup=True,
    )
    intervals = []
    run = timetable.next_dagrun_info(last_automated_data_interval=None, restriction=restriction)
    while run is not None and run.data_interval is not None:
        intervals.append((run.data_interval.start, run.data_interval.end))
        run = timetable.next_dagrun_info(
            last_automated_data_interval=run.data_interval, restriction=restriction
        )
    return intervals


@pytest.mark.parametrize(
    "first", [date(2025, 3, 20), date(2025, 10, 20), date(2025, 12, 22), date(2028, 2, 24)]
)
def test_the_schedule_has_one_run_per_business_day_for_exactly_its_window(first: date) -> None:
    last = first + timedelta(days=14)
    days = [first + timedelta(days=n) for n in range(1, 20)]
    windows = [BusinessDay(day).window for day in days if day.weekday() < 5]
    intervals = data_intervals(first, last)
    assert len(intervals) >= 9
    assert intervals == [window for window in windows if window[0] <= intervals[-1][0]]


def test_a_run_takes_its_business_date_from_its_data_interval_or_its_parameter() -> None:
    start, end = BusinessDay(date(2025, 5, 5)).window
    context = {"params": {"business_date": None}, "data_interval_start": start, "data_interval_end": end}
    assert business_day_of_run(context) == BusinessDay(date(2025, 5, 5))
    assert business_day_of_run({**context, "params": {"business_date": "2025-04-30"}}) == BusinessDay(
        date(2025, 4, 30)
    )
    assert business_day_of_run({"params": {"business_date": "2025-04-30"}}) == BusinessDay(date(2025, 4, 30))


@pytest.mark.parametrize(
    ("context", "message"),
    [
        ({"params": {"business_date": None}}, "no data interval and no parameter business_date"),
        ({"params": {"business_date": "2025-05-03"}}, "2025-05-03 is a Saturday"),
        ({"params": {"business_date": "2 May"}}, "Invalid isoformat string: '2 May'"),
        (
            {
                "data_interval_start": datetime(2025, 5, 2, tzinfo=UTC),
                "data_interval_end": datetime(2025, 5, 2, tzinfo=UTC),
            },
            "data interval is empty",
        ),
        (
            {
                "data_interval_start": datetime(2025, 5, 1, tzinfo=UTC),
                "data_interval_end": datetime(2025, 5, 2, tzinfo=UTC),
            },
            "02:00:00 CEST is not a cut-off",
        ),
    ],
)
def test_a_run_without_a_business_date_fails_at_once(context: dict[str, object], message: str) -> None:
    with pytest.raises(AirflowFailException, match=message):
        business_day_of_run(context)
