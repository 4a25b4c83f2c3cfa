"""SQL on Trino from a task: submit, follow, cancel, and tell lasting errors from passing ones."""

from __future__ import annotations

import copy
import json
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from airflow.providers.trino.hooks.trino import TrinoHook
from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from trino.exceptions import HttpError, OperationalError, TrinoQueryError

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
    """The provider's hook, with a task's own session properties and client tags over the connection's.

    :param session_properties: Trino session properties, catalog ones as ``catalog.property``
    :param client_tags: tags under which the task's queries are found in Trino's UI and resource groups
    """

    def __init__(
        self,
        trino_conn_id: str,
        session_properties: Mapping[str, str] | None = None,
        client_tags: Sequence[str] = (),
    ) -> None:
        super().__init__(trino_conn_id=trino_conn_id)  # type: ignore[no-untyped-call]
        self.session_properties = dict(session_properties or {})
        self.client_tags = list(client_tags)

    def get_connection(self, conn_id: str) -> Connection:
        connection: Connection = copy.copy(TrinoHook.get_connection(conn_id))
        extra = dict(connection.extra_dejson)
        extra["session_properties"] = {**(extra.get("session_properties") or {}), **self.session_properties}
        extra["client_tags"] = [*(extra.get("client_tags") or []), *self.client_tags]
        connection.extra = json.dumps(extra)
        return connection


def is_permanent(error: TrinoQueryError) -> bool:
    """Return whether running the same statement again is bound to fail in the same way."""
    return error.error_type == "USER_ERROR" and error.error_name not in PASSING_USER_ERRORS


@dataclass(frozen=True)
class StatementResult:
    """What one statement did: ``row_count`` is of rows written, None where Trino reports none."""

    query_id: str
    update_type: str | None
    row_count: int | None
    rows: list[list[Any]] = field(default_factory=list)


class TrinoSession:
    """Runs a task's statements one after the other and can cancel the running one from another thread."""

    def __init__(self, hook: TrinoHook, log: Log) -> None:
        self._connection: Any = hook.get_conn()
        self._log = log
        self._cursor: Any = None
        self._cancelled = False
        self._announced: str | None = None
        self._reported_at = 0.0

    def run(self, statement: str, label: str, fetch: bool = False) -> StatementResult:
        """Run one statement to its end.

        :param label: what the log and errors call the statement, e.g. ``INSERT (2 of 4)``
        :param fetch: return the rows of a SELECT; without it they stay in Trino
        :raises AirflowFailException: for an error that a retry cannot mend
        :raises AirflowException: for any other error, and when the task was killed meanwhile
        """
        cursor = self._connection.cursor(stats_callback=lambda stats: self._report(label, stats))
        self._cursor = cursor
        try:
            cursor.execute(statement)
            rows = cursor.fetchall() if fetch else []
            row_count = cursor.rowcount if cursor.rowcount >= 0 else None
            result = StatementResult(cursor.query_id, cursor.update_type, row_count, rows)
        except TrinoQueryError as error:
            if self._cancelled:
                raise AirflowException(f"{label} was cancelled, as its task was ended") from error
            location = error.error_location
            where = "" if location is None else f" at line {location[0]}, column {location[1]}"
            message = f"{label} failed{where}: {error.error_name}: {error.message} (query {error.query_id})"
            if is_permanent(error):
                raise AirflowFailException(f"{message}; a retry cannot mend it") from error
            raise AirflowException(message) from error
        except (HttpError, OperationalError) as error:
            raise AirflowException(f"{label} failed: Trino does not answer: {error}") from error
        finally:
            self._cursor = None
            # Closing cancels a query that an exception such as a timeout left running.
            cursor.close()
        stats = cursor.stats or {}
        self._log.info(
            "%s finished: query %s, %s rows written, %s rows read, %.1f s",
            label,
            result.query_id,
            "no" if row_count is None else row_count,
            stats.get("processedRows", 0),
            stats.get("elapsedTimeMillis", 0) / 1000,
        )
        return result

    def cancel(self) -> None:
        """Cancel the running statement, and let no further one run."""
        self._cancelled = True
        cursor = self._cursor
        if cursor is None:
            return
        self._log.warning("Cancelling query %s", cursor.query_id)
        # In a signal handler this thread may hold the HTTP pool's lock, so it must not wait for it itself.
        thread = threading.Thread(target=cursor.cancel, name="cancel-trino-query", daemon=True)
        thread.start()
        thread.join(CANCEL_SECONDS)

    @property
    def cancelled(self) -> bool:
        return self._cancelled

    def close(self) -> None:
        self._connection.close()

    def _report(self, label: str, stats: Mapping[str, Any]) -> None:
        if self._cancelled:
            raise AirflowException(f"{label} was cancelled, as its task was ended")
        query_id, now = stats["queryId"], time.monotonic()
        if query_id != self._announced:
            self._announced, self._reported_at = query_id, now
            self._log.info("%s runs as query %s: %s", label, query_id, self._cursor.info_uri)
        elif now - self._reported_at >= PROGRESS_SECONDS:
            self._reported_at = now
            self._log.info(
                "%s: %s, %.0f %%, %s rows read",
                query_id,
                stats.get("state"),
                stats.get("progressPercentage") or 0,
                stats.get("processedRows", 0),
            )
