"""The operator for one transformation: a templated SQL file, run on Trino."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import sqlparse
from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowFailException, TaskDeferralTimeout, TaskDeferred

from nostro.airflow.links import TrinoQueryLink
from nostro.airflow.trigger import ANSWERED_STATES, TrinoQueryTrigger
from nostro.airflow.trino_query import (
    RunningStatement,
    StatementResult,
    TaskTrinoHook,
    TrinoSession,
    literal,
)

QUERY_LINK = TrinoQueryLink()
QUERY_ID_KEY = "trino_query_id"


class TrinoTransformationOperator(BaseOperator):
    """Run the statements of a templated SQL file in Trino, in order.

    Rows never pass through Airflow: what returns (and goes to XCom) is the query ids and row counts.
    Ending the task, clearing it, or its time-out cancels the running query. An error that a retry cannot mend
    (syntax, types, bad data) fails the task at once; any other is left to the task's retries. A retry first
    ends whatever an earlier try has left running.

    :param sql: SQL, or the path of a ``.sql`` template; statements are separated by semicolons
    :param parameters: values for the ``?`` in the statements; each statement that has any takes all of them
    :param trino_conn_id: Airflow's connection to Trino
    :param session_properties: Trino session properties, catalog ones as ``catalog.property``
    :param client_tags: tags beside the DAG's, run's and task's own
    :param deferrable: give the worker slot back while a statement runs longer than ``defer_after``
    """

    template_fields: Sequence[str] = ("sql", "parameters", "session_properties", "client_tags")
    template_ext: Sequence[str] = (".sql",)
    template_fields_renderers: ClassVar[dict[str, str]] = {
        "sql": "sql",
        "parameters": "json",
        "session_properties": "json",
    }
    operator_extra_links = (QUERY_LINK,)
    ui_color = "#dfe9f5"

    # Whether the statements' rows are wanted; such statements are short, and never deferred.
    fetch: ClassVar[bool] = False

    def __init__(
        self,
        *,
        sql: str,
        parameters: Sequence[Any] = (),
        trino_conn_id: str = "trino_default",
        session_properties: Mapping[str, str] | None = None,
        client_tags: Sequence[str] = (),
        deferrable: bool = True,
        defer_after: timedelta = timedelta(seconds=10),
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.sql = sql
        self.parameters = parameters
        self.trino_conn_id = trino_conn_id
        self.session_properties = dict(session_properties or {})
        self.client_tags = list(client_tags)
        self.deferrable = deferrable
        self.defer_after = defer_after
        self.query_link: str | None = None
        self._session: TrinoSession | None = None
        self._started_at = 0.0

    def execute(self, context: Context) -> dict[str, Any]:
        self._started_at = time.time()
        with self.session(context) as session:
            self._end_earlier_tries(context, session)
            return self._run_from(context, session, [])

    def resume(
        self,
        context: Context,
        results: Sequence[Mapping[str, Any]],
        statement: Mapping[str, Any],
        started_at: float,
        event: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Go on after a deferral: read the answer of the statement that was waited for, run what follows.

        :param results: of the statements before it
        """
        self._started_at = started_at
        with self.session(context) as session:
            done = [StatementResult(**result) for result in results]
            running = RunningStatement(**statement)
            self.query_link = running.info_uri
            # An answer that is ready is read to its end; else the task has only looked in, and waits on.
            patience = None if (event or {}).get("state") in ANSWERED_STATES else 0.0
            return self._run_from(context, session, done, running, patience)

    def resume_execution(
        self, next_method: str, next_kwargs: dict[str, Any] | None, context: Context
    ) -> dict[str, Any]:
        try:
            resumed: dict[str, Any] = super().resume_execution(next_method, next_kwargs, context)
        except TaskDeferralTimeout:
            with self.session(context) as session:
                session.end_queries([self.source(context, context["ti"].try_number)], "the task timed out")
                self.abandoned(session)
            raise
        return resumed

    def completed(
        self, context: Context, session: TrinoSession, results: Sequence[StatementResult]
    ) -> dict[str, Any]:
        """Return what the task tells in XCom once every statement has succeeded."""
        return summary(results)

    def abandoned(self, session: TrinoSession) -> None:
        """Tidy up after a failed try, while its session is still open."""

    @contextmanager
    def session(self, context: Context) -> Iterator[TrinoSession]:
        """Connect to Trino with this task's session properties, tags and source."""
        ti = context["ti"]
        tags = [f"dag:{ti.dag_id}", f"run:{ti.run_id}", f"task:{ti.task_id}", *self.client_tags]
        if ti.map_index is not None and ti.map_index >= 0:
            tags.append(f"map_index:{ti.map_index}")
        hook = TaskTrinoHook(
            self.trino_conn_id,
            self.session_properties,
            # The header that carries the tags separates them by commas.
            [_in_header(tag).replace(",", "_") for tag in tags],
            self.source(context, ti.try_number),
        )

        def announce(running: RunningStatement) -> None:
            self.query_link = running.info_uri
            ti.xcom_push(key=QUERY_LINK.xcom_key, value=running.info_uri)
            ti.xcom_push(key=QUERY_ID_KEY, value=running.query_id)

        session = TrinoSession(hook, self.log, announce)
        self._session = session
        try:
            yield session
        finally:
            session.close()

    def source(self, context: Context, try_number: int) -> str:
        """Return the source under which Trino lists the queries of one try of this task."""
        ti = context["ti"]
        mapped = f"[{ti.map_index}]" if ti.map_index is not None and ti.map_index >= 0 else ""
        return _in_header(f"nostro/{ti.dag_id}/{ti.run_id}/{ti.task_id}{mapped}/{try_number}")

    def statements(self) -> list[tuple[str, str]]:
        """Return the statements, each with the label that the log and errors give it."""
        texts = TaskTrinoHook.split_sql_string(self.sql, strip_semicolon=True)
        return [
            (
                bind(text, self.parameters),
                f"{text.split(maxsplit=1)[0].upper()} ({number} of {len(texts)})",
            )
            for number, text in enumerate(texts, start=1)
        ]

    def get_openlineage_facets_on_complete(self, task_instance: Any) -> Any:
        """Name the tables that the SQL reads and writes, for the OpenLineage provider."""
        from nostro.airflow.lineage import lineage_of  # noqa: PLC0415  (an extra)

        return lineage_of(self.sql, self.trino_conn_id, self.scratch_tables())

    def scratch_tables(self) -> Sequence[str]:
        """Return the tables that exist only while the task runs."""
        return ()

    def on_kill(self) -> None:
        if self._session is not None:
            self._session.cancel()

    def _run_from(
        self,
        context: Context,
        session: TrinoSession,
        results: list[StatementResult],
        running: RunningStatement | None = None,
        patience_with_running: float | None = None,
    ) -> dict[str, Any]:
        may_defer = self.deferrable and not self.fetch
        try:
            for text, label in self.statements()[len(results) :]:
                if running is None:
                    running = session.submit(text, label)
                    patience = self.defer_after.total_seconds() if may_defer else None
                else:
                    patience = patience_with_running
                result = session.follow(running, label, fetch=self.fetch, seconds=patience)
                if isinstance(result, RunningStatement):
                    self._defer(result, label, results)
                else:
                    results.append(result)
                running = None
        except TaskDeferred:
            raise
        except BaseException:
            if not session.cancelled:
                self.abandoned(session)
            raise
        return self.completed(context, session, results)

    def _defer(
        self,
        running: RunningStatement,
        label: str,
        results: Sequence[StatementResult],
    ) -> None:
        self.log.info("%s goes on as query %s; the task waits without a worker", label, running.query_id)
        timeout = None
        if self.execution_timeout is not None:
            # Airflow's own clock stands still while a task is deferred.
            left = self._started_at + self.execution_timeout.total_seconds() - time.time()
            timeout = timedelta(seconds=max(1.0, left))
        self.defer(
            trigger=TrinoQueryTrigger(self.trino_conn_id, running.to_json()),
            method_name="resume",
            kwargs={
                "results": [result.to_json() for result in results],
                "statement": running.to_json(),
                "started_at": self._started_at,
            },
            timeout=timeout,
        )

    def _end_earlier_tries(self, context: Context, session: TrinoSession) -> None:
        try_number = context["ti"].try_number
        sources = [self.source(context, earlier) for earlier in range(1, try_number)]
        session.end_queries(sources, f"try {try_number} of its task has begun")


def summary(results: Sequence[StatementResult]) -> dict[str, Any]:
    """Return what a task tells of its statements in XCom: ids and counts, no data."""
    return {
        "query_ids": [result.query_id for result in results],
        "rows_written": sum(result.row_count or 0 for result in results if result.update_type is not None),
    }


def bind(statement: str, parameters: Sequence[Any]) -> str:
    """Return a statement with values for its ``?``, ready to be sent.

    :raises AirflowFailException: when their numbers differ, or a value has no SQL literal
    """
    placeholders = sum(
        token.ttype is sqlparse.tokens.Name.Placeholder and token.value == "?"
        for parsed in sqlparse.parse(statement)
        for token in parsed.flatten()  # type: ignore[no-untyped-call]
    )
    if placeholders == 0:
        return statement
    if placeholders != len(parameters):
        raise AirflowFailException(
            f"The statement has {placeholders} placeholders (?) and the task {len(parameters)} parameters: "
            f"{statement[:80]}"
        )
    return f"EXECUTE IMMEDIATE {literal(statement)} USING {', '.join(map(value_literal, parameters))}"


def value_literal(value: Any) -> str:
    """Return a value as an SQL literal.

    :raises AirflowFailException: for a type that has none here
    """
    match value:
        case None:
            return "NULL"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return f"DOUBLE '{value!r}'"
        case Decimal():
            return f"DECIMAL '{value:f}'"
        case datetime() if value.tzinfo is not None:
            return f"TIMESTAMP '{value.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f} UTC'"
        case datetime():
            return f"TIMESTAMP '{value:%Y-%m-%d %H:%M:%S.%f}'"
        case date():
            return f"DATE '{value:%Y-%m-%d}'"
        case str():
            return literal(value)
        case _:
            raise AirflowFailException(
                f"A parameter is a {type(value).__name__}; accepted are str, int, float, Decimal, bool, "
                "date, datetime and None"
            )


def _in_header(text: str) -> str:
    return text.encode("ascii", "replace").decode()
