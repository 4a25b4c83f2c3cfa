"""What a DAG run has landed and published so far, as its tasks have told in XCom."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Protocol

from nostro.airflow.landing import Batch
from nostro.airflow.redaction import without_secrets
from nostro.airflow.transformation import QUERY_ID_KEY, QUERY_LINK

RETURN_VALUE = "return_value"
MAX_TASKS_READ = 500

ENDED_WELL = frozenset({"success", "skipped"})
NEVER_STARTED = frozenset({None, "scheduled", "queued"})

log = logging.getLogger(__name__)

_MAPPED = re.compile(r"(?P<task_id>.+)_(?P<map_index>\d+)")


class RunReader(Protocol):
    """Reads the task states and XComs of one run."""

    def task_states(self) -> Mapping[str, str | None]:
        """Return the state of each task instance, a mapped one under ``<task id>_<map index>``."""

    def xcom(self, task_id: str, map_index: int, key: str) -> Any:
        """Return a value that a task instance has pushed, or None; ``map_index`` is -1 unless mapped."""


@dataclass(frozen=True)
class AirflowRunReader:
    """Reads through Airflow's task API, from a task's process, the DAG processor or the triggerer."""

    dag_id: str
    run_id: str

    def task_states(self) -> Mapping[str, str | None]:
        from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance  # noqa: PLC0415

        states: dict[str, dict[str, str | None]] = RuntimeTaskInstance.get_task_states(
            dag_id=self.dag_id, run_ids=[self.run_id]
        )
        return states.get(self.run_id, {})

    def xcom(self, task_id: str, map_index: int, key: str) -> Any:
        from airflow.sdk.execution_time.xcom import XCom  # noqa: PLC0415

        return XCom.get_one(
            key=key,
            dag_id=self.dag_id,
            task_id=task_id,
            run_id=self.run_id,
            map_index=map_index if map_index >= 0 else None,
        )


@dataclass(frozen=True)
class LandedAttempt:
    """One attempt whose rows have landed; ``row_count`` is None where the task told none."""

    step: str
    shard: str
    attempt_id: str
    row_count: int | None


@dataclass(frozen=True)
class RunningQuery:
    """The newest Trino query of a task: ``link`` leads to Trino's interface and may be empty."""

    task: str
    query_id: str
    link: str


@dataclass(frozen=True)
class RunProgress:
    """What a run has come to.

    ``unfinished`` is the state of each task instance that has not ended well, None for one that has not been
    looked at by the scheduler. ``publication_id`` is empty while no task has reported a publication.
    ``is_complete`` is False for a run of more tasks than are read; ``unknown_because`` says why nothing is
    known.
    """

    batch: Batch | None = None
    landed: tuple[LandedAttempt, ...] = ()
    unfinished: Mapping[str, str | None] = field(default_factory=dict)
    publication_id: str = ""
    queries: tuple[RunningQuery, ...] = ()
    is_complete: bool = True
    unknown_because: str = ""

    def with_state(self, name: str, state: str) -> RunProgress:
        """Return the same progress, where one task instance is known to be in another state."""
        return replace(self, unfinished={**self.unfinished, name: state})


def read_progress(reader: RunReader) -> RunProgress:
    """Return the progress of a run; what cannot be read is unknown, and raises nothing."""
    try:
        return _read(reader)
    except Exception as error:
        reason = without_secrets(f"{type(error).__name__}: {error}")
        log.warning("What the run has landed could not be read: %s", reason)
        return RunProgress(unknown_because=type(error).__name__)


def _read(reader: RunReader) -> RunProgress:
    states = reader.task_states()
    batch: Batch | None = None
    landed: list[LandedAttempt] = []
    queries: list[RunningQuery] = []
    publication_id = ""
    ended_well = [name for name, state in states.items() if state == "success"]
    running = [name for name, state in states.items() if state in {"running", "deferred", "failed"}]
    for name in ended_well[:MAX_TASKS_READ]:
        value = pull(reader, name, RETURN_VALUE)
        if not isinstance(value, Mapping):
            continue
        batch = batch or _batch(value)
        publication_id = publication_id or str(value.get("publication_id", ""))
        if "attempt_id" in value:
            landed.append(
                LandedAttempt(
                    step=str(value.get("step", name)),
                    shard=str(value.get("shard", "")),
                    attempt_id=str(value["attempt_id"]),
                    row_count=value.get("rows_written"),
                )
            )
    for name in running[:MAX_TASKS_READ]:
        query_id = pull(reader, name, QUERY_ID_KEY)
        if query_id:
            link = pull(reader, name, QUERY_LINK.xcom_key)
            queries.append(RunningQuery(name, str(query_id), str(link or "")))
    return RunProgress(
        batch=batch,
        landed=tuple(sorted(landed, key=lambda attempt: (attempt.step, attempt.shard))),
        unfinished={name: state for name, state in states.items() if state not in ENDED_WELL},
        publication_id=publication_id,
        queries=tuple(queries),
        is_complete=max(len(ended_well), len(running)) <= MAX_TASKS_READ,
    )


def pull(reader: RunReader, name: str, key: str) -> Any:
    """Return what a task instance, named as in the task states, has pushed under a key; None if nothing."""
    for task_id, map_index in _instances(name):
        value = reader.xcom(task_id, map_index, key)
        if value is not None:
            return value
    return None


def _instances(name: str) -> Iterator[tuple[str, int]]:
    """Yield the task instances that a name may stand for: ``shard_3`` is a task, or the mapped shard[3]."""
    yield name, -1
    if match := _MAPPED.fullmatch(name):
        yield match["task_id"], int(match["map_index"])


def _batch(value: Mapping[str, Any]) -> Batch | None:
    names = {one.name for one in fields(Batch)}
    return Batch(**{name: value[name] for name in names}) if names <= set(value) else None
