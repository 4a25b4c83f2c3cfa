"""What a run's tasks did when, with the figures of their queries that are still known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from nostro.audit.publication import Publication
from nostro.audit.query_trail import Commit, RememberedQuery, commits, remembered_queries
from nostro.stack.airflow_client import AirflowClient, AirflowError, DagRun, TaskInstance
from nostro.stack.query import TrinoSession

SNAPSHOT = "snapshot"
TRINO = "Trino"
XCOM = "XCom"


@dataclass(frozen=True)
class QueryFigures:
    """A query of a task. A figure that nothing knows any more is None; `known_from` says who knew the rest.

    `rows_read` and `bytes_read` are of the sources and tables that it scanned; `bytes_written` is the size
    of the files that it added.
    """

    query_id: str
    state: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    rows_read: int | None = None
    bytes_read: int | None = None
    rows_written: int | None = None
    bytes_written: int | None = None
    tables: tuple[str, ...] = ()
    known_from: tuple[str, ...] = ()


@dataclass(frozen=True)
class TaskBar:
    """A try of a task; without Airflow its times are those of its queries."""

    task: str
    label: str
    try_number: int
    state: str
    started_at: datetime | None
    ended_at: datetime | None
    queries: tuple[QueryFigures, ...]
    published: bool

    @property
    def seconds(self) -> float | None:
        if self.started_at is None or self.ended_at is None:
            return None
        return (self.ended_at - self.started_at).total_seconds()


@dataclass(frozen=True)
class Timeline:
    """A run's tasks in the order of their start. `notes` say what is not known, and why."""

    dag_id: str | None
    state: str | None
    bars: tuple[TaskBar, ...]
    notes: tuple[str, ...]


def read_timeline(session: TrinoSession, publication: Publication, airflow: AirflowClient | None) -> Timeline:
    """Put a run together from Airflow, Trino's memory and the lake's snapshots, as far as each knows it.

    `airflow` is a client of the Airflow that has run it; None when none is up.
    """
    landed = commits(session, publication)
    remembered = remembered_queries(session, publication.run_id)
    notes = []
    run: DagRun | None = None
    tries: list[TaskInstance] = []
    returned: dict[str, list[str]] = {}
    if airflow is None:
        notes.append("Airflow is not running: tasks are shown by their queries, without tries that ran none.")
    else:
        try:
            run, tries, returned = _from_airflow(airflow, publication, remembered)
        except AirflowError as error:
            notes.append(f"Airflow was asked and failed: {error}")
        if run is None:
            notes.append("This Airflow does not know the run: tasks are shown by their queries.")
    figures = _figures(session, landed, remembered, returned)
    if tries:
        bars = _bars_of_tries(
            tries,
            returned=returned,
            landed=landed,
            remembered=remembered,
            figures=figures,
            publication=publication,
        )
    else:
        bars = _bars_of_queries(landed, remembered, figures)
    if any(query.rows_read is None for bar in bars for query in bar.queries):
        notes.append(
            "Trino keeps a query's figures only for a while, and not over a restart. What it has forgotten "
            "is shown as –; rows and bytes written are then those of the lake's snapshots."
        )
    if any(commit.query_id is None for commit in landed):
        notes.append(
            "Some rows lie in files that housekeeping has rewritten, or whose snapshot has expired: "
            "which query first wrote them is no longer known to the lake."
        )
    known_dag = run.dag_id if run is not None else remembered[0].dag_id if remembered else None
    return Timeline(
        dag_id=known_dag,
        state=None if run is None else run.state,
        bars=tuple(sorted(bars, key=lambda bar: (bar.started_at or publication.published_at, bar.label))),
        notes=tuple(notes),
    )


def _from_airflow(
    airflow: AirflowClient, publication: Publication, remembered: Iterable[RememberedQuery]
) -> tuple[DagRun | None, list[TaskInstance], dict[str, list[str]]]:
    dags = {query.dag_id for query in remembered}
    runs = [run for run in airflow.find_runs(publication.run_id) if not dags or run.dag_id in dags]
    attempt_ids = set(publication.attempt_ids)
    for run in runs:
        newest = airflow.task_instances(run.dag_id, run.run_id)
        # Several DAGs may have a run of this id: the one that published has the attempts.
        if len(runs) > 1 and not any(task.made(attempt) for task in newest for attempt in attempt_ids):
            continue
        tries: list[TaskInstance] = []
        returned = {}
        for task in newest:
            tries.extend(airflow.tries(run.dag_id, run.run_id, task) if task.try_number > 1 else [task])
            told = airflow.returned(run.dag_id, run.run_id, task) if task.state == "success" else None
            if isinstance(told, dict):
                returned[task.instance_id] = [str(one) for one in told.get("query_ids", ())]
        return run, [one for one in tries if one.started_at is not None], returned
    return None, [], {}


def _figures(
    session: TrinoSession,
    landed: Iterable[Commit],
    remembered: Iterable[RememberedQuery],
    returned: dict[str, list[str]],
) -> dict[str, QueryFigures]:
    """Merge what each knows of the run's queries, by query id."""
    figures: dict[str, QueryFigures] = {}
    for query_id in [one for ids in returned.values() for one in ids]:
        figures[query_id] = QueryFigures(query_id, state="FINISHED", known_from=(XCOM,))
    for commit in landed:
        if commit.query_id is None:
            continue
        known = figures.get(commit.query_id, QueryFigures(commit.query_id, state="FINISHED"))
        figures[commit.query_id] = replace(
            known,
            ended_at=commit.committed_at,
            rows_written=(known.rows_written or 0) + commit.rows,
            bytes_written=commit.bytes,
            tables=tuple(dict.fromkeys((*known.tables, commit.table))),
            known_from=tuple(dict.fromkeys((*known.known_from, SNAPSHOT))),
        )
    for query in remembered:
        known = figures.get(query.query_id, QueryFigures(query.query_id))
        figures[query.query_id] = _with_trinos_figures(
            session,
            replace(
                known,
                state=query.state,
                started_at=query.created_at,
                ended_at=query.ended_at,
                known_from=tuple(dict.fromkeys((*known.known_from, TRINO))),
            ),
        )
    return {
        query_id: one if one.started_at is not None else replace(one, started_at=_created_at(query_id))
        for query_id, one in figures.items()
    }


def _created_at(query_id: str) -> datetime | None:
    """Return when a query was created, to the second: its id begins with that."""
    try:
        return datetime.strptime(query_id[:15], "%Y%m%d_%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _with_trinos_figures(session: TrinoSession, known: QueryFigures) -> QueryFigures:
    told = session.query_info(known.query_id)
    if told is None:
        return known
    statistics = told["queryStats"]
    written = _bytes(statistics.get("physicalWrittenDataSize"))
    return replace(
        known,
        rows_read=statistics.get("rawInputPositions"),
        bytes_read=_bytes(statistics.get("rawInputDataSize")),
        bytes_written=known.bytes_written if known.bytes_written is not None else written,
    )


def _bytes(text: str | None) -> int | None:
    """Return a size as Trino writes it in a query's information: always in bytes."""
    return int(text.removesuffix("B")) if text is not None and text[:-1].isdigit() else None


def _bars_of_tries(
    tries: Iterable[TaskInstance],
    *,
    returned: dict[str, list[str]],
    landed: Iterable[Commit],
    remembered: Iterable[RememberedQuery],
    figures: dict[str, QueryFigures],
    publication: Publication,
) -> list[TaskBar]:
    by_try: dict[tuple[str, int], list[str]] = defaultdict(list)
    for query in remembered:
        by_try[query.task, query.try_number].append(query.query_id)
    by_attempt: dict[str, list[str]] = defaultdict(list)
    for commit in landed:
        if commit.query_id is not None:
            by_attempt[commit.attempt_id or commit.step].append(commit.query_id)
    bars = []
    for one in tries:
        name = one.task_id if one.map_index < 0 else f"{one.task_id}[{one.map_index}]"
        ids = [
            *by_try[name, one.try_number],
            *returned.get(one.instance_id, ()),
            *(
                query_id
                for attempt, written in by_attempt.items()
                if one.made(attempt)
                for query_id in written
            ),
            *(by_attempt[one.task_id] if one.state == "success" else ()),
        ]
        bars.append(
            TaskBar(
                task=one.task_id,
                label=name if one.map_name is None else f"{one.task_id} {one.map_name}",
                try_number=one.try_number,
                state=one.state or "none",
                started_at=one.started_at,
                ended_at=one.ended_at,
                queries=tuple(figures[query_id] for query_id in sorted(dict.fromkeys(ids))),
                published=any(map(one.made, publication.attempt_ids)),
            )
        )
    return bars


def _bars_of_queries(
    landed: Iterable[Commit], remembered: Iterable[RememberedQuery], figures: dict[str, QueryFigures]
) -> list[TaskBar]:
    bars: dict[tuple[str, int], list[str]] = defaultdict(list)
    for query in remembered:
        bars[query.task, query.try_number].append(query.query_id)
    seen = {query_id for ids in bars.values() for query_id in ids}
    published = {commit.query_id for commit in landed if commit.query_id is not None}
    for commit in landed:
        if commit.query_id is not None and commit.query_id not in seen:
            bars[commit.step, 0].append(commit.query_id)
    made = []
    for (task, try_number), ids in bars.items():
        queries = [figures[query_id] for query_id in sorted(dict.fromkeys(ids))]
        times = [time for one in queries for time in (one.started_at, one.ended_at) if time is not None]
        failed = any(one.state == "FAILED" for one in queries)
        made.append(
            TaskBar(
                task=task.partition("[")[0],
                label=task,
                try_number=try_number,
                state="failed" if failed else "success",
                started_at=min(times, default=None),
                ended_at=max(times, default=None),
                queries=tuple(queries),
                published=not published.isdisjoint(ids),
            )
        )
    return made
