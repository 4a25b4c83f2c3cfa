"""Alerts: a task that has failed for good, and a run that has not landed by the time its DAG promises."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from airflow.sdk import Connection
from airflow.sdk.configuration import conf
from airflow.sdk.exceptions import AirflowException

from nostro.airflow.alert_channels import send
from nostro.airflow.alert_message import AlertMessage, Line
from nostro.airflow.business_day import business_day_of_run
from nostro.airflow.landing import PublishBatchOperator
from nostro.airflow.redaction import without_secrets
from nostro.airflow.run_progress import (
    MAX_TASKS_READ,
    NEVER_STARTED,
    AirflowRunReader,
    LandedAttempt,
    RunningQuery,
    RunProgress,
    RunReader,
    pull,
    read_progress,
)
from nostro.airflow.transformation import QUERY_ID_KEY, QUERY_LINK

DEFAULT_TRINO_CONNECTION = "trino_default"
ALERTED_KEY = "nostro_alerted"
MAX_ERROR_CHARACTERS = 2000
MAX_ATTEMPTS_SHOWN = 20
MAX_TASKS_SHOWN = 20

_QUERY_ID = re.compile(r"(?<!\w)\d{8}_\d{6}_\d{5}_[a-z0-9]{5}(?!\w)")

log = logging.getLogger(__name__)


def alert_on_failure(context: Mapping[str, Any]) -> None:
    """Tell of a task that has failed for good, or has used up its retries (``on_failure_callback``).

    Who is told, the environment of Airflow's processes says (``NOSTRO_ALERT_TO``, see docs/pipelines.md); the
    task's log has it in any case. An alert that cannot be sent is logged and changes nothing else.
    """
    ti = context["ti"]
    _alert(lambda: describe_failure(context, AirflowRunReader(ti.dag_id, ti.run_id)))
    try:
        ti.xcom_push(key=ALERTED_KEY, value=True)
    except Exception as error:
        log.info("The run's own alert will tell of this task again: %s", type(error).__name__)


def alert_on_failed_run(context: Mapping[str, Any]) -> None:
    """Tell of a failed run whose failed task could not tell itself (``on_failure_callback`` of the DAG).

    Airflow calls no callback of a task whose process was killed outright. Nothing is sent when every failed
    task has told of itself.
    """
    dag_id, run_id = context["dag"].dag_id, context["run_id"]
    reader = AirflowRunReader(dag_id, run_id)
    if untold := untold_failures(reader):
        _alert(lambda: describe_failed_run(context, reader, untold))
    else:
        log.info("Every failed task of run %s has told of itself", run_id)


async def alert_on_missed_deadline(
    context: Mapping[str, Any], trino_conn_id: str = DEFAULT_TRINO_CONNECTION
) -> str:
    """Tell of a run that has not ended well by its deadline; the callback of ``landing_deadline``.

    Runs in Airflow's triggerer, so the settings of :func:`alert_on_failure` must be in its environment too.
    Returns what became of the alert, which Airflow keeps with the deadline.
    """
    run = context["dag_run"]
    reader = AirflowRunReader(run["dag_id"], run["dag_run_id"])
    return await asyncio.to_thread(_alert, lambda: describe_missed_deadline(context, reader, trino_conn_id))


def describe_failure(context: Mapping[str, Any], reader: RunReader) -> AlertMessage:
    """Return the message about the failed task of a task callback's context."""
    ti, task = context["ti"], context.get("task")
    map_index = _map_index(ti)
    error = context.get("exception")
    text = str(error) if error else "the task's process was lost, or ended from outside; see the log"
    # Airflow records the failure only after this callback.
    name = ti.task_id if map_index < 0 else f"{ti.task_id}_{map_index}"
    progress = read_progress(reader).with_state(name, "failed")
    query_link = str(_own_xcom(reader, ti, QUERY_LINK.xcom_key) or "")
    newest = _own_xcom(reader, ti, QUERY_ID_KEY)
    query_ids = dict.fromkeys([*_query_ids(error), *([str(newest)] if newest else [])])
    trino_conn_id = getattr(task, "trino_conn_id", DEFAULT_TRINO_CONNECTION)
    lines = [
        Line("Batch", _batch_key(progress, context, getattr(task, "job", ""))),
        Line("Run", ti.run_id),
        Line("Error", _shortened(without_secrets(text))),
        *(Line("Query", query_id, _link(query_id, query_link, trino_conn_id)) for query_id in query_ids),
        Line("Log", "", str(getattr(ti, "log_url", ""))),
        *_progress_lines(progress, ti.run_id, is_publisher=isinstance(task, PublishBatchOperator)),
    ]
    shown = ti.task_id if map_index < 0 else f"{ti.task_id}[{map_index}]"
    return AlertMessage(f"{ti.dag_id}: {shown} failed{_tries(ti)}", tuple(lines))


def describe_failed_run(context: Mapping[str, Any], reader: RunReader, untold: Sequence[str]) -> AlertMessage:
    """Return the message about a run of which some tasks have failed without a word."""
    dag, run_id = context["dag"], context["run_id"]
    progress = read_progress(reader)
    failed = [task for task in dag.tasks if task.task_id in untold]
    queries = [one for one in progress.queries if one.task in untold]
    lines = [
        Line("Batch", _batch_key(progress, context, next((getattr(it, "job", "") for it in failed), ""))),
        Line("Run", f"{run_id}, failed"),
        Line("Error", "the task's process was killed, or its machine lost; its log tells how far it came"),
        *_query_lines(queries, getattr(next(iter(failed), None), "trino_conn_id", DEFAULT_TRINO_CONNECTION)),
        Line("Log", "", _run_url(dag.dag_id, run_id)),
        *_progress_lines(
            progress, run_id, is_publisher=any(isinstance(it, PublishBatchOperator) for it in failed)
        ),
    ]
    shown = ", ".join(_limited(untold, MAX_TASKS_SHOWN))
    return AlertMessage(f"{dag.dag_id}: {shown} failed without a word", tuple(lines))


def describe_missed_deadline(
    context: Mapping[str, Any], reader: RunReader, trino_conn_id: str = DEFAULT_TRINO_CONNECTION
) -> AlertMessage:
    """Return the message about the run of a deadline callback's context."""
    run = context["dag_run"]
    promised = _utc(context["deadline"]["deadline_time"])
    progress = read_progress(reader)
    lines = [
        Line("Batch", _batch_key(progress, _as_task_context(run), "")),
        Line("Run", f"{run['dag_run_id']}, {run.get('state') or 'state unknown'}"),
        *_query_lines(progress.queries, trino_conn_id),
        Line("Log", "", _run_url(run["dag_id"], run["dag_run_id"])),
        *_progress_lines(progress, run["dag_run_id"], is_publisher=False),
    ]
    return AlertMessage(f"{run['dag_id']}: not landed by {promised:%Y-%m-%d %H:%M} UTC", tuple(lines))


def untold_failures(reader: RunReader) -> list[str]:
    """Return the failed task instances for which no alert is on record."""
    try:
        failed = [name for name, state in reader.task_states().items() if state == "failed"]
        return [name for name in failed if not pull(reader, name, ALERTED_KEY)]
    except Exception as error:
        # Better told twice than not at all.
        log.warning("The run's failed tasks could not be read: %s", type(error).__name__)
        return ["a task"]


def _alert(describe: Callable[[], AlertMessage]) -> str:
    try:
        message = describe()
        log.error("%s\n%s", message.subject, message.text())
        return send(message)
    except Exception:
        # Whatever is wrong here must not hide what the alert is about.
        log.exception("The alert could not be put together")
        return "not sent: the alert could not be put together"


def _tries(ti: Any) -> str:
    """Say whether the retries are used up, or are not made."""
    possible = (getattr(ti, "max_tries", None) or 0) + 1
    if possible == 1:
        return ""
    if ti.try_number >= possible:
        return f", its {possible} tries are used up"
    return f" for good at try {ti.try_number} of {possible}"


def _batch_key(progress: RunProgress, context: Mapping[str, Any], job: str) -> str:
    if progress.batch is not None:
        return progress.batch.key
    try:
        day = business_day_of_run(context).date
    except AirflowException:
        return "none opened, and the run has no business date"
    return f"{job}/{day}, not opened" if job else f"of business date {day}"


def _progress_lines(progress: RunProgress, run_id: str, *, is_publisher: bool) -> Iterator[Line]:
    if progress.unknown_because:
        reason = progress.unknown_because
        yield Line("Landed and published", f"not known here ({reason}); see the run in Airflow")
        return
    if progress.landed:
        yield Line("Landed", "\n".join(_limited(map(_attempt, progress.landed), MAX_ATTEMPTS_SHOWN)))
    else:
        yield Line("Landed", "nothing: no step of the run has reported an attempt")
    if not progress.is_complete:
        yield Line("Landed", f"of the run's first {MAX_TASKS_READ} tasks; it has more")
    if progress.unfinished:
        tasks = (f"{name} ({_state(state)})" for name, state in progress.unfinished.items())
        yield Line("Not done", "\n".join(_limited(tasks, MAX_TASKS_SHOWN)))
    if progress.publication_id:
        yield Line("Published", f"publication {progress.publication_id}")
    elif is_publisher:
        yield Line(
            "Published",
            "not certain, its INSERT may have been committed: "
            f"SELECT * FROM lake.control.published_batches WHERE run_id = '{run_id}'",
        )
    else:
        yield Line("Published", "nothing of this run; readers see what was published before it")


def _attempt(attempt: LandedAttempt) -> str:
    count = "rows not told" if attempt.row_count is None else f"{attempt.row_count:,} rows written"
    shard = f"[{attempt.shard}]" if attempt.shard else ""
    return f"{attempt.step}{shard}: {count}, attempt {attempt.attempt_id}"


def _state(state: str | None) -> str:
    return "not started" if state in NEVER_STARTED else str(state).replace("_", " ")


def _query_lines(queries: Sequence[RunningQuery], trino_conn_id: str) -> Iterator[Line]:
    for one in queries[:MAX_TASKS_SHOWN]:
        yield Line("Query", f"{one.query_id} of {one.task}", _link(one.query_id, one.link, trino_conn_id))


def _limited(texts: Iterable[str], limit: int) -> list[str]:
    listed = list(texts)
    return listed if len(listed) <= limit else [*listed[:limit], f"and {len(listed) - limit} more"]


def _query_ids(error: BaseException | None) -> list[str]:
    """Return the ids in the texts of an exception and of its causes."""
    found: list[str] = []
    while error is not None:
        found += _QUERY_ID.findall(str(error))
        error = error.__cause__
    return found


def _link(query_id: str, known_link: str, trino_conn_id: str) -> str:
    """Return the address of a query in Trino's interface, empty when Trino's is not known."""
    if known_link.endswith(query_id):
        return known_link
    try:
        connection = Connection.get(trino_conn_id)
        scheme = connection.extra_dejson.get("protocol", "http")
        return f"{scheme}://{connection.host}:{connection.port}/ui/query.html?{query_id}"
    except Exception as error:
        log.warning("No link to query %s: connection %s: %s", query_id, trino_conn_id, type(error).__name__)
        return ""


def _own_xcom(reader: RunReader, ti: Any, key: str) -> Any:
    try:
        return reader.xcom(ti.task_id, _map_index(ti), key)
    except Exception as error:
        log.warning("XCom %s of %s could not be read: %s", key, ti.task_id, type(error).__name__)
        return None


def _map_index(ti: Any) -> int:
    map_index = getattr(ti, "map_index", None)
    return -1 if map_index is None else int(map_index)


def _run_url(dag_id: str, run_id: str) -> str:
    base = str(conf.get("api", "base_url", fallback="http://localhost:8080")).rstrip("/")
    return f"{base}/dags/{quote(dag_id, safe='')}/runs/{quote(run_id, safe='')}"


def _as_task_context(run: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of a task's context that tell a run's business date."""
    start, end = (run.get(f"data_interval_{name}") for name in ("start", "end"))
    return {
        "params": run.get("conf") or {},
        "data_interval_start": _utc(start) if start else None,
        "data_interval_end": _utc(end) if end else None,
    }


def _utc(value: datetime | str) -> datetime:
    instant = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return instant.astimezone(UTC)


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_ERROR_CHARACTERS else f"{text[:MAX_ERROR_CHARACTERS]} …"
