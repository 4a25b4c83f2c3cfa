"""Jobs that follow another job's publications: each processed once, restated ones again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

from airflow.sdk import Context

from nostro.airflow.business_day import BusinessDay
from nostro.airflow.control_tables import CONTROL_TABLES
from nostro.airflow.landing import (
    Batch,
    BatchTaskOperator,
    create_missing,
    fail_on_findings,
    instant,
    publish,
)
from nostro.airflow.transformation import TrinoTransformationOperator
from nostro.airflow.trino_query import StatementResult, TrinoSession, literal


class FindPublicationsOperator(TrinoTransformationOperator):
    """Return the newest publication of each batch of a job that a consumer has not processed, oldest first.

    What the consumer has published is the record, so it does not matter how many events arrived, or whether
    any did. Each item has ``batch_key``, ``business_date`` and ``publication_id``.

    :param consumer: the job that follows
    :param job: the job that is followed
    :param sql: CREATE statements of the consumer's tables and views; those that are missing are run
    :param limit: how many at most; the next run takes the others
    """

    def __init__(self, *, consumer: str, job: str, limit: int = 250, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.consumer = consumer
        self.job = job
        self.limit = limit

    def execute(self, context: Context) -> list[dict[str, str]]:  # type: ignore[override]
        with self.session(context) as session:
            create_missing(session, CONTROL_TABLES + ";" + self.sql)
            rows = session.run(
                f"""SELECT batch_key, CAST(business_date AS varchar), publication_id
                FROM lake.control.published_attempts
                WHERE job = {literal(self.job)} AND publication_id NOT IN (
                    SELECT attempt.attempt_id
                    FROM lake.control.published_batches
                    CROSS JOIN UNNEST(attempts) AS attempt (step, attempt_id)
                    WHERE job = {literal(self.consumer)} AND attempt.step = {literal(self.job)})
                GROUP BY 1, 2, 3
                ORDER BY 2
                LIMIT {self.limit}""",
                "SELECT publications",
                fetch=True,
            ).rows
        return [dict(zip(("batch_key", "business_date", "publication_id"), row, strict=True)) for row in rows]


class ProcessPublicationOperator(BatchTaskOperator):
    """Land, audit and publish what a job makes of one publication of another job.

    The template has ``batch`` (``base_key`` and ``base_attempt_id`` are the publication's batch and id) and
    ``stamp``; SELECTs return findings, and any finding leaves everything unpublished. The consumer's
    publication names the one that it was made of, which :class:`FindPublicationsOperator` looks for.

    :param consumer: the job that follows
    :param job: the job that is followed
    :param publication: an item of :class:`FindPublicationsOperator`
    """

    template_fields: Sequence[str] = ("publication", *BatchTaskOperator.template_fields)
    fetch: ClassVar[bool] = True

    def __init__(
        self, *, consumer: str, job: str, publication: Mapping[str, str] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.consumer = consumer
        self.job = job
        self.publication = publication

    def batch(self, context: Context) -> Batch:
        publication = self.publication or {}
        day = BusinessDay(date.fromisoformat(publication["business_date"]))
        start, end = day.window
        return Batch(
            key=f"{self.consumer}/{day.date}",
            job=self.consumer,
            business_date=day.date.isoformat(),
            since=instant(start),
            day_start=instant(start),
            cut_off=instant(end),
            base_key=publication["batch_key"],
            base_attempt_id=publication["publication_id"],
        )

    def completed(
        self, context: Context, session: TrinoSession, results: Sequence[StatementResult]
    ) -> dict[str, Any]:
        batch = self.batch(context)
        fail_on_findings(batch.key, results)
        told = super().completed(context, session, results)
        attempts = [
            {"step": told["step"], "attempt_id": told["attempt_id"]},
            {"step": self.job, "attempt_id": batch.base_attempt_id},
        ]
        publication_id, query_id = publish(session, batch, context["run_id"], attempts)
        query_ids = [*told["query_ids"], query_id]
        return {**told, "batch_key": batch.key, "publication_id": publication_id, "query_ids": query_ids}
