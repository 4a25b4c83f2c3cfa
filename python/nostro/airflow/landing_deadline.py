"""The landing time that a DAG promises, counted from the cut-off that ends a run's data interval."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from airflow.plugins_manager import AirflowPlugin
from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import BaseDeadlineReference, DeadlineAlert

from nostro.airflow.alerts import DEFAULT_TRINO_CONNECTION, alert_on_missed_deadline


def landing_deadline(interval: timedelta, *, trino_conn_id: str = DEFAULT_TRINO_CONNECTION) -> DeadlineAlert:
    """Return a DAG's promise to have landed so long after the cut-off (``DAG(deadline=…)``).

    A run that has not succeeded by then is told of as ``NOSTRO_ALERT_TO`` says, once. A scheduled run's time
    counts from the end of its data interval, however late it was started; any other run's from its creation.
    A backfill promises nothing.

    :param interval: from the cut-off to the landing time
    :param trino_conn_id: for the links to running queries
    """
    if interval <= timedelta(0):
        raise ValueError(f"The landing time must be after the cut-off, not {interval} from it")
    return DeadlineAlert(
        reference=CutOffReference(),
        interval=interval,
        callback=AsyncCallback(alert_on_missed_deadline, kwargs={"trino_conn_id": trino_conn_id}),
        name="landing time",
    )


class CutOffReference(BaseDeadlineReference):
    """The end of a scheduled run's data interval; its logical date is the start, one to three days before."""

    required_kwargs: ClassVar[set[str]] = {"dag_id", "run_id"}

    def _evaluate_with(self, *, session: Any, dag_id: str, run_id: str) -> datetime | None:
        # Runs in the scheduler and the API server, which have the database; a DAG file has not.
        from airflow.models import DagRun  # noqa: PLC0415
        from airflow.utils.types import DagRunType  # noqa: PLC0415
        from sqlalchemy import select  # noqa: PLC0415

        row = session.execute(
            select(DagRun.run_type, DagRun.data_interval_end).where(
                DagRun.dag_id == dag_id, DagRun.run_id == run_id
            )
        ).one_or_none()
        if row is None or row.run_type == DagRunType.BACKFILL_JOB:
            return None
        if row.run_type == DagRunType.SCHEDULED and row.data_interval_end is not None:
            cut_off: datetime = row.data_interval_end
            return cut_off
        return datetime.now(UTC)


class NostroPlugin(AirflowPlugin):
    """Makes the reference known to Airflow (entry point ``airflow.plugins``)."""

    name = "nostro"
    deadline_references = [CutOffReference]  # noqa: RUF012
