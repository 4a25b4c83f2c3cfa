"""The bank's business day: a date, its cut-off, and the posting window between two cut-offs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from airflow.sdk import CronDataIntervalTimetable
from airflow.sdk.exceptions import AirflowFailException

TIME_ZONE = "Europe/Berlin"
CUT_OFF = time(18, 0)
SATURDAY = 5


def business_day_timetable() -> CronDataIntervalTimetable:
    """Return the schedule whose data intervals are the posting windows: weekdays, cut-off to cut-off."""
    return CronDataIntervalTimetable(f"{CUT_OFF.minute} {CUT_OFF.hour} * * MON-FRI", timezone=TIME_ZONE)


@dataclass(frozen=True, order=True)
class BusinessDay:
    """One business date of the bank: a weekday, bank holidays included, as the cut-off runs on those too."""

    date: date

    def __post_init__(self) -> None:
        if self.date.weekday() >= SATURDAY:
            raise ValueError(
                f"{self.date} is a {self.date:%A}: a business date is a day from Monday to Friday"
            )

    @property
    def cut_off(self) -> datetime:
        """The instant, in UTC, from which a posting belongs to the next business day."""
        return datetime.combine(self.date, CUT_OFF, ZoneInfo(TIME_ZONE)).astimezone(UTC)

    @property
    def previous(self) -> BusinessDay:
        days = {0: 3}.get(self.date.weekday(), 1)
        return BusinessDay(self.date - timedelta(days=days))

    @property
    def window(self) -> tuple[datetime, datetime]:
        """The posting window [start, end) in UTC."""
        return self.previous.cut_off, self.cut_off

    @classmethod
    def of_cut_off(cls, instant: datetime) -> BusinessDay:
        """Return the business day whose cut-off is exactly ``instant``; ValueError when there is none."""
        local = instant.astimezone(ZoneInfo(TIME_ZONE))
        if local.time() != CUT_OFF or local.weekday() >= SATURDAY:
            raise ValueError(
                f"{local:%a %Y-%m-%d %H:%M:%S %Z} is not a cut-off: "
                f"cut-offs are Monday to Friday at {CUT_OFF:%H:%M} in {TIME_ZONE}"
            )
        return cls(local.date())

    @classmethod
    def of_posting(cls, instant: datetime) -> BusinessDay:
        """Return the business day in whose window ``instant`` lies."""
        local = instant.astimezone(ZoneInfo(TIME_ZONE))
        day = local.date() + timedelta(days=1) if local.time() >= CUT_OFF else local.date()
        while day.weekday() >= SATURDAY:
            day += timedelta(days=1)
        return cls(day)


def business_day_of_run(context: Mapping[str, Any]) -> BusinessDay:
    """Return the business day that a DAG run is for.

    The parameter ``business_date`` (ISO 8601) decides; without it, the end of the run's data interval, which
    must be a cut-off. A run with neither fails at once, without retries.
    """
    text = (context.get("params") or {}).get("business_date")
    try:
        if text:
            return BusinessDay(date.fromisoformat(str(text)))
        start, end = context.get("data_interval_start"), context.get("data_interval_end")
        if start is None or end is None:
            raise ValueError(
                "the run has no data interval and no parameter business_date: "
                'trigger it with {"business_date": "YYYY-MM-DD"}, or let the schedule or a backfill create it'
            )
        if start >= end:
            raise ValueError(
                f"the run's data interval is empty ({end}): schedule the DAG with business_day_timetable()"
            )
        return BusinessDay.of_cut_off(end)
    except ValueError as error:
        raise AirflowFailException(f"No business date: {error}") from error
