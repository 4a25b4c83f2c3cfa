"""Waits in the triggerer for a Trino query, so that its task holds no worker slot meanwhile."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

from airflow.triggers.base import BaseTrigger, TriggerEvent
from requests import RequestException

from nostro.airflow.trino_query import RunningStatement, TaskTrinoHook, progress

POLL_SECONDS = 2.0
# A task that goes on before Airflow has seen it defer is begun anew (apache/airflow#72716): its process is
# there for another five seconds, and then the scheduler has to hear of its end.
FIRST_LOOK_SECONDS = 8.0
PROGRESS_SECONDS = 30.0
# The task looks after the query itself from time to time, should its end show in no way known here.
CHECK_IN_SECONDS = 300.0
UNREACHABLE_SECONDS = 120.0

# A query that is finishing has done its work, and its answer waits to be read.
ANSWERED_STATES = frozenset({"FINISHING", "FINISHED", "FAILED"})

log = logging.getLogger(__name__)


class TrinoQueryTrigger(BaseTrigger):
    """Fires when a query has ended or has its answer ready, and reads none of that answer.

    Trino drops a query whose client is silent (``query.client.timeout``): a HEAD request on the address of
    the next answer shows that somebody waits. That address stays unread, so another triggerer can take over
    at any time, and the resumed task reads on from it.

    :param trino_conn_id: Airflow's connection to Trino
    :param statement: the fields of the :class:`RunningStatement`
    """

    def __init__(self, trino_conn_id: str, statement: Mapping[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.trino_conn_id = trino_conn_id
        self.statement = RunningStatement(**statement)

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return (
            f"{type(self).__module__}.{type(self).__qualname__}",
            {
                "trino_conn_id": self.trino_conn_id,
                "statement": self.statement.to_json(),
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        request = await asyncio.to_thread(self._request)
        until = time.monotonic() + CHECK_IN_SECONDS
        reachable_at = reported_at = time.monotonic()
        wait = FIRST_LOOK_SECONDS
        while time.monotonic() < until:
            await asyncio.sleep(wait)
            wait = POLL_SECONDS
            try:
                state, answered, line = await asyncio.to_thread(self._look, request)
            except RequestException as error:
                log.warning("Query %s: Trino does not answer: %s", self.statement.query_id, error)
                if time.monotonic() - reachable_at > UNREACHABLE_SECONDS:
                    break
            else:
                reachable_at = time.monotonic()
                if answered:
                    yield TriggerEvent({"state": state})  # type: ignore[no-untyped-call]
                    return
                if time.monotonic() - reported_at >= PROGRESS_SECONDS:
                    reported_at = time.monotonic()
                    log.info(line)
        yield TriggerEvent({"state": "UNKNOWN"})  # type: ignore[no-untyped-call]

    async def on_kill(self) -> None:
        """Cancel the query: a user has cleared the task, or marked it as failed or successful."""
        await asyncio.to_thread(self._cancel)

    def _request(self) -> Any:
        return TaskTrinoHook(self.trino_conn_id).get_conn()._create_request()

    def _look(self, request: Any) -> tuple[str, bool, str]:
        """Return the query's state, whether it has an answer, and a line about its progress."""
        request.head(self.statement.next_uri)
        response = request.get(request.get_url(f"/v1/query/{self.statement.query_id}?pruned=true"))
        if response.status_code in (404, 410):
            return "GONE", True, ""
        response.raise_for_status()
        query = response.json()
        state = str(query["state"])
        row_count = query["queryStats"].get("processedInputPositions")
        line = progress(self.statement.query_id, state, query.get("progressPercentage"), row_count)
        return state, state in ANSWERED_STATES, line

    def _cancel(self) -> None:
        log.warning("Cancelling query %s", self.statement.query_id)
        try:
            self._request().delete(self.statement.next_uri)
        except RequestException as error:
            log.warning("Query %s could not be cancelled: %s", self.statement.query_id, error)
