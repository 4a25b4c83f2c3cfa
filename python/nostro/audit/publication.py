"""What was published for a business date, and what its run had opened, by the lake's control tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from nostro.audit.errors import NotPublishedError
from nostro.audit.values import in_utc, instant, literal
from nostro.stack.query import QueryError, TrinoSession

JOB = "portfolio_ops"
NEAREST = 3

# Before the first run there are no control tables.
_ABSENT = frozenset({"SCHEMA_NOT_FOUND", "TABLE_NOT_FOUND", "NOT_FOUND"})


@dataclass(frozen=True)
class Attempt:
    """A try of a step whose rows are published."""

    step: str
    attempt_id: str


@dataclass(frozen=True)
class Publication:
    """The newest publication of a batch, and the opening that its run fixed.

    Movements were read from `since` to `cut_off`; those from `day_start` on are the business date's own. The
    base is the batch whose balances were carried forward, by `base_attempt_id`; both texts are empty without
    one. `number` counts the batch's publications, this one included.
    """

    batch_key: str
    business_date: date
    publication_id: str
    published_at: datetime
    run_id: str
    number: int
    attempts: tuple[Attempt, ...]
    since: datetime
    day_start: datetime
    cut_off: datetime
    base_key: str
    base_attempt_id: str
    opened_at: datetime

    @property
    def attempt_ids(self) -> tuple[str, ...]:
        return tuple(attempt.attempt_id for attempt in self.attempts)

    @property
    def base_date(self) -> date | None:
        """The base batch's business date; None when nothing was carried forward."""
        return date.fromisoformat(self.base_key.rpartition("/")[2]) if self.base_key else None


def published_dates(session: TrinoSession, job: str = JOB) -> list[date]:
    """Return the business dates that a job has published, in order; none in a lake that no run has seen."""
    try:
        rows = list(
            session.execute(
                "SELECT DISTINCT business_date FROM lake.control.published_batches "
                f"WHERE job = {literal(job)} ORDER BY 1"
            )
        )
    except QueryError as error:
        if error.name in _ABSENT:
            return []
        raise
    return [date.fromisoformat(row[0]) for row in rows]


def find_publication(session: TrinoSession, business_date: date | None = None, job: str = JOB) -> Publication:
    """Return the newest publication of a business date, by default of the last one.

    Raises NotPublishedError when there is none, with the nearest dates that there are.
    """
    dates = published_dates(session, job)
    if not dates:
        raise NotPublishedError(
            f"no batch of {job} is published",
            "run the day first: `nostro demo`, or trigger one of the DAGs in Airflow",
        )
    day = dates[-1] if business_date is None else business_date
    if day not in dates:
        raise NotPublishedError(
            f"{job} has published nothing for {day:%A}, {day}",
            f"published are {len(dates)} dates; nearest: {', '.join(map(str, _nearest(dates, day)))}",
        )
    batch_key = f"{job}/{day}"
    published = list(
        session.execute(
            f"""SELECT publication_id, {in_utc("published_at")}, run_id, attempt.step, attempt.attempt_id
            FROM lake.control.published_batches
            CROSS JOIN UNNEST(attempts) AS attempt (step, attempt_id)
            WHERE batch_key = {literal(batch_key)}
            ORDER BY published_at DESC, publication_id DESC"""
        )
    )
    publication_id, published_at, run_id = published[0][:3]
    opened = list(
        session.execute(
            f"""SELECT {in_utc("since")}, {in_utc("day_start")}, {in_utc("cut_off")}, base_key,
                base_attempt_id, {in_utc("opened_at")}
            FROM lake.control.batches
            WHERE batch_key = {literal(batch_key)} AND run_id = {literal(run_id)}
                AND opened_at <= TIMESTAMP '{published_at} UTC'
            ORDER BY opened_at DESC
            LIMIT 1"""
        )
    )
    if not opened:
        raise NotPublishedError(
            f"batch {batch_key} was published by run {run_id}, which lake.control.batches does not know",
            "run the day again: the control table has lost a row",
        )
    since, day_start, cut_off, base_key, base_attempt_id, opened_at = opened[0]
    return Publication(
        batch_key=batch_key,
        business_date=day,
        publication_id=publication_id,
        published_at=instant(published_at),
        run_id=run_id,
        number=len({row[0] for row in published}),
        attempts=tuple(Attempt(row[3], row[4]) for row in published if row[0] == publication_id),
        since=instant(since),
        day_start=instant(day_start),
        cut_off=instant(cut_off),
        base_key=base_key,
        base_attempt_id=base_attempt_id,
        opened_at=instant(opened_at),
    )


def _nearest(dates: list[date], day: date) -> list[date]:
    return sorted(sorted(dates, key=lambda other: abs((other - day).days))[: 2 * NEAREST])
