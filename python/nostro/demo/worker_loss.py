"""Kills a Trino worker in the middle of a run, and tells what became of its work."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from nostro.stack import Progress, Stack, StackError
from nostro.stack.query import QueryError, TrinoSession

WORKER = "trino-worker-1"
# The tasks that land rows run under task retries; the short ones before and after them do not.
LANDING_TASKS = "/(process_deposits|process_withdrawals|net_trades|compute_[a-z_]+)/[0-9]+$"
_POLL_SECONDS = 0.2


@dataclass(frozen=True)
class LostWorker:
    """A worker that was killed while it ran tasks of a query."""

    node: str
    pid: int
    seconds_into_run: float
    query_id: str
    running_tasks: int


class WorkerLoss:
    """While entered, waits until a worker has tasks that land rows, kills it, and follows the query.

    :param source: how the sources of the run's queries begin
    """

    def __init__(self, stack: Stack, source: str, progress: Progress) -> None:
        self._stack = stack
        self._source = source
        self._progress = progress
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._strike, name="worker-loss")
        self._began = 0.0
        self.lost: LostWorker | None = None

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        self._thread.start()
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _strike(self) -> None:
        try:
            session = TrinoSession.on(self._stack.trino.status())
            # What merely looks must not wait for the exchange's files.
            session.execute("SET SESSION retry_policy = 'NONE'")
        except (QueryError, StackError) as error:
            self._progress.note(f"! no worker is killed: {error}")
            return
        while not self._ended.wait(_POLL_SECONDS):
            try:
                busy = list(session.execute(self._tasks_on_the_worker()))
            except QueryError:
                continue
            if busy:
                query_id, tasks = busy[0]
                pid = self._stack.trino.crash(WORKER)
                self.lost = LostWorker(WORKER, pid, time.monotonic() - self._began, query_id, int(tasks))
                self._progress.note(
                    f"✗ {WORKER} (pid {pid}) killed {self.lost.seconds_into_run:.1f} s into the run, with "
                    f"{tasks} tasks of query {query_id} on it"
                )
                self._follow(session, query_id)
                return

    def _follow(self, session: TrinoSession, query_id: str) -> None:
        told = 0
        while True:
            try:
                query = session.query_info(query_id)
            except QueryError as error:
                self._progress.note(f"! query {query_id} cannot be looked at: {error}")
                return
            if query is None:
                self._progress.note(f"! Trino no longer knows query {query_id}")
                return
            failed = int(query["queryStats"].get("failedTasks", 0))
            if failed > told:
                self._progress.note(f"↻ query {query_id}: {failed} tasks lost, run again on other nodes")
                told = failed
            if query["state"] in {"FINISHED", "FAILED"}:
                mark = "✓" if query["state"] == "FINISHED" else "✗"
                self._progress.note(
                    f"{mark} query {query_id} {query['state'].lower()} without it, {failed} tasks run again"
                )
                return
            if self._ended.wait(_POLL_SECONDS):
                return

    def _tasks_on_the_worker(self) -> str:
        return f"""
            SELECT t.query_id, count(*)
            FROM system.runtime.tasks t
            JOIN system.runtime.queries q ON q.query_id = t.query_id
            WHERE t.node_id = '{self._stack.trino.node_id(WORKER)}' AND t.state = 'RUNNING'
                AND q.state = 'RUNNING' AND starts_with(q.source, '{self._source}')
                AND regexp_like(q.source, '{LANDING_TASKS}') AND t.split_cpu_time_ms > 0
            GROUP BY t.query_id
            ORDER BY 2 DESC
            LIMIT 1"""
