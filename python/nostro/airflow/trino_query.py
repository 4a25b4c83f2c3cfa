"""SQL on Trino from a task: submit, follow, cancel, and tell lasting errors from passing ones."""

from __future__ import annotations

import copy
import json
import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Protocol

from airflow.providers.trino.hooks.trino import TrinoHook
from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from requests import RequestException
from trino.exceptions import HttpError, OperationalError, TrinoQueryError

from nostro.trino_submission import submit

PROGRESS_SECONDS = 10.0
CANCEL_SECONDS = 10.0

# Trino files these under USER_ERROR though the statement is sound and may well succeed when run again.
PASSING_USER_ERRORS = frozenset(
    {
        "ABANDONED_QUERY",
        "ADMINISTRATIVELY_KILLED",
        "ADMINISTRATIVELY_PREEMPTED",
        "TRANSACTION_CONFLICT",
        "USER_CANCELED",
    }
)


class Log(Protocol):
    """The part of a task's logger that is used here."""

    def info(self, event: Any, /, *args: Any) -> Any: ...

    def warning(self, event: Any, /, *args: Any) -> Any: ...


class TaskTrinoHook(TrinoHook):
    """The provider's hook, with a task's own session properties, client tags and source.

    :param session_properties: Trino session properties, catalog ones as ``catalog.property``
    :param client_tags: tags under which the task's queries are found in Trino's UI and resource groups
    :param source: the query's source, by which a later try finds what an earlier one has left running
    """

    def __init__(
        self,
        trino_conn_id: str,
        session_properties: Mapping[str, str] | None = None,
        client_tags: Sequence[str] = (),
        source: str = "airflow",
    ) -> None:
        super().__init__(trino_conn_id=trino_conn_id)  # type: ignore[no-untyped-call]
        self.session_properties = dict(session_properties or {})
        self.client_tags = list(client_tags)
        self.source = source

    def get_connection(self, conn_id: str) -> Connection:
        connection: Connection = copy.copy(TrinoHook.get_connection(conn_id))
        extra = dict(connection.extra_dejson)
        extra["session_properties"] = {**(extra.get("session_properties") or {}), **self.session_properties}
        extra["client_tags"] = [*(extra.get("client_tags") or []), *self.client_tags]
        extra["source"] = self.source
        connection.extra = json.dumps(extra)
        return connection


def is_permanent(error: TrinoQueryError) -> bool:
    """Return whether running the same statement again is bound to fail in the same way."""
    return error.error_type == "USER_ERROR" and error.error_name not in PASSING_USER_ERRORS


@dataclass(frozen=True)
class StatementResult:
    """What one statement did: ``row_count`` is of rows written, None where Trino reports none.

    Values in ``rows`` are as in Trino's JSON: dates, decimals and timestamps are texts.
    """

    query_id: str
    update_type: str | None
    row_count: int | None
    rows: list[list[Any]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON values; the constructor takes them back."""
        return asdict(self)


@dataclass(frozen=True)
class RunningStatement:
    """A submitted statement: ``next_uri`` is where its next answer is read, None once it has ended."""

    query_id: str
    info_uri: str
    next_uri: str | None
    update_type: str | None = None
    row_count: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON values; the constructor takes them back."""
        return asdict(self)


class TrinoSession:
    """Runs a task's statements one after the other and can cancel the running one from another thread.

    :param on_query: is told of every query as soon as Trino has given it an id
    """

    def __init__(
        self, hook: TrinoHook, log: Log, on_query: Callable[[RunningStatement], None] | None = None
    ) -> None:
        self._connection: Any = hook.get_conn()
        self._log = log
        self._on_query = on_query
        self._running: tuple[Any, RunningStatement] | None = None
        self._cancelled = False
        self._reported_at = 0.0

    def run(self, statement: str, label: str, fetch: bool = False) -> StatementResult:
        """Run one statement to its end.

        :param label: what the log and errors call the statement, e.g. ``INSERT (2 of 4)``
        :param fetch: return the rows of a SELECT; without it they stay in Trino
        :raises AirflowFailException: for an error that a retry cannot mend
        :raises AirflowException: for any other error, and when the task was killed meanwhile
        """
        result = self.follow(self.submit(statement, label), label, fetch=fetch)
        if not isinstance(result, StatementResult):
            raise AirflowException(f"{label} has not ended")
        return result

    def submit(self, statement: str, label: str) -> RunningStatement:
        """Start one statement; errors as in :meth:`run`."""
        request = self._connection._create_request()
        self._reported_at = time.monotonic()
        with self._translated(label, None):
            status = request.process(submit(request, statement))
            running = RunningStatement(status.id, status.info_uri, status.next_uri)
            self._running = (request, running)
            self._log.info("%s runs as query %s: %s", label, running.query_id, running.info_uri)
            if self._on_query is not None:
                self._on_query(running)
        return running

    def follow(
        self,
        running: RunningStatement,
        label: str,
        *,
        fetch: bool = False,
        seconds: float | None = None,
    ) -> StatementResult | RunningStatement:
        """Read a statement's answers until it ends, or for so many seconds and then return where it stands.

        The statement may be one that another process has submitted. Errors as in :meth:`run`.
        """
        request = self._running[0] if self._running is not None else self._connection._create_request()
        deadline = None if seconds is None else time.monotonic() + seconds
        rows: list[list[Any]] = []
        is_executing = False
        stats: Mapping[str, Any] = {}
        self._running = (request, running)
        try:
            with self._translated(label, running.query_id):
                while running.next_uri is not None:
                    if self._cancelled:
                        raise AirflowException(f"{label} was cancelled, as its task was ended")
                    # A query that has answered once while executing keeps its next address until it is read.
                    if deadline is not None and is_executing and not rows and time.monotonic() >= deadline:
                        return running
                    is_executing = "/executing/" in running.next_uri
                    status = request.process(request.get(running.next_uri))
                    stats = status.stats
                    running = replace(
                        running,
                        next_uri=status.next_uri,
                        update_type=status.update_type,
                        row_count=status.update_count,
                    )
                    self._running = (request, running)
                    if fetch:
                        rows.extend(status.rows)
                    self._report(running, stats)
        except BaseException:
            # What a time-out or a signal has interrupted must not run on; what has failed ends by itself.
            self._delete(request, running)
            raise
        finally:
            self._running = None
        self._log.info(
            "%s finished: query %s, %s rows written, %s rows read, %.1f s",
            label,
            running.query_id,
            "no" if running.row_count is None else running.row_count,
            stats.get("processedRows", 0),
            stats.get("elapsedTimeMillis", 0) / 1000,
        )
        return StatementResult(running.query_id, running.update_type, running.row_count, rows)

    def cancel(self) -> None:
        """Cancel the running statement, and let no further one run."""
        self._cancelled = True
        if self._running is None:
            return
        request, running = self._running
        self._log.warning("Cancelling query %s", running.query_id)
        # In a signal handler this thread may hold the HTTP pool's lock, so it must not wait for it itself.
        thread = threading.Thread(
            target=self._delete, args=(request, running), name="cancel-trino-query", daemon=True
        )
        thread.start()
        thread.join(CANCEL_SECONDS)

    def cancel_statement(self, running: RunningStatement) -> None:
        """Cancel a statement that another process has submitted."""
        self._log.warning("Cancelling query %s", running.query_id)
        self._delete(self._connection._create_request(), running)

    def end_queries(self, sources: Sequence[str], reason: str) -> list[str]:
        """End the running queries of these sources and return their ids."""
        if not sources:
            return []
        listed = ", ".join(literal(source) for source in sources)
        found = self.run(
            f"""SELECT query_id FROM system.runtime.queries
            WHERE source IN ({listed}) AND state NOT IN ('FINISHED', 'FAILED')""",
            "SELECT queries of earlier tries",
            fetch=True,
        ).rows
        for (query_id,) in found:
            self._log.warning("Ending query %s: %s", query_id, reason)
            try:
                self.run(
                    f"CALL system.runtime.kill_query({literal(query_id)}, {literal(reason)})",
                    "CALL kill_query",
                )
            except AirflowException as error:
                # It may have ended meanwhile; what it lands is not published in any case.
                self._log.warning("Query %s: %s", query_id, error)
        return [query_id for (query_id,) in found]

    @property
    def cancelled(self) -> bool:
        return self._cancelled

    def close(self) -> None:
        self._connection.close()

    def _delete(self, request: Any, running: RunningStatement) -> None:
        if running.next_uri is None:
            return
        try:
            request.delete(running.next_uri)
        except (RequestException, OperationalError, HttpError) as error:
            self._log.warning("Query %s could not be cancelled: %s", running.query_id, error)

    @contextmanager
    def _translated(self, label: str, query_id: str | None) -> Iterator[None]:
        """Turn the client's errors into Airflow's, which say whether the task may be tried again."""
        try:
            yield
        except TrinoQueryError as error:
            if self._cancelled:
                raise AirflowException(f"{label} was cancelled, as its task was ended") from error
            location = error.error_location
            where = "" if location is None else f" at line {location[0]}, column {location[1]}"
            query = error.query_id or query_id
            message = f"{label} failed{where}: {error.error_name}: {error.message} (query {query})"
            if is_permanent(error):
                raise AirflowFailException(f"{message}; a retry cannot mend it") from error
            raise AirflowException(message) from error
        except (HttpError, OperationalError, RequestException) as error:
            about = "" if query_id is None else f" (query {query_id})"
            raise AirflowException(f"{label} failed: Trino does not answer: {error}{about}") from error

    def _report(self, running: RunningStatement, stats: Mapping[str, Any]) -> None:
        now = time.monotonic()
        if now - self._reported_at >= PROGRESS_SECONDS:
            self._reported_at = now
            self._log.info(
                progress(
                    running.query_id,
                    stats.get("state"),
                    stats.get("progressPercentage"),
                    stats.get("processedRows"),
                )
            )


def progress(query_id: str, state: str | None, percentage: float | str | None, row_count: int | None) -> str:
    """Return a log line on how far a query has come.

    None is what Trino does not know yet, as is a percentage of splits that there are none of, which its JSON
    has as the text "NaN".
    """
    done = float(percentage or 0)
    return f"{query_id}: {state}, {done if math.isfinite(done) else 0:.0f} %, {row_count or 0} rows read"


def literal(text: str) -> str:
    """Return ``text`` as an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"
