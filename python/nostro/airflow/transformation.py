"""The operator for one transformation: a templated SQL file, run on Trino."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from airflow.sdk import BaseOperator, Context

from nostro.airflow.trino_query import StatementResult, TaskTrinoHook, TrinoSession


class TrinoTransformationOperator(BaseOperator):
    """Run the statements of a templated SQL file in Trino, in order.

    Rows never pass through Airflow: what returns (and goes to XCom) is the query ids and row counts.
    Ending the task, or its time-out, cancels the running query. An error that a retry cannot mend (syntax,
    types, bad data) fails the task at once; any other is left to the task's retries.

    :param sql: SQL, or the path of a ``.sql`` template; statements are separated by semicolons
    :param trino_conn_id: Airflow's connection to Trino
    :param session_properties: Trino session properties, catalog ones as ``catalog.property``
    :param client_tags: tags beside the DAG's, run's and task's own
    """

    template_fields: Sequence[str] = ("sql", "session_properties", "client_tags")
    template_ext: Sequence[str] = (".sql",)
    template_fields_renderers: ClassVar[dict[str, str]] = {"sql": "sql", "session_properties": "json"}
    ui_color = "#dfe9f5"

    def __init__(
        self,
        *,
        sql: str,
        trino_conn_id: str = "trino_default",
        session_properties: Mapping[str, str] | None = None,
        client_tags: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.sql = sql
        self.trino_conn_id = trino_conn_id
        self.session_properties = dict(session_properties or {})
        self.client_tags = list(client_tags)
        self._session: TrinoSession | None = None

    def execute(self, context: Context) -> dict[str, Any]:
        session = self.open_session(context)
        try:
            results = self.run_statements(session, self.sql)
        finally:
            session.close()
        return summary(results)

    def open_session(self, context: Context) -> TrinoSession:
        """Connect to Trino with this task's session properties and tags."""
        ti = context["ti"]
        tags = [f"dag:{ti.dag_id}", f"run:{ti.run_id}", f"task:{ti.task_id}", *self.client_tags]
        hook = TaskTrinoHook(
            self.trino_conn_id,
            self.session_properties,
            # The header that carries the tags separates them by commas.
            [tag.replace(",", "_") for tag in tags],
        )
        self._session = TrinoSession(hook, self.log)
        return self._session

    def run_statements(self, session: TrinoSession, sql: str, fetch: bool = False) -> list[StatementResult]:
        """Run each statement of ``sql`` in order."""
        statements = TaskTrinoHook.split_sql_string(sql, strip_semicolon=True)
        results = []
        for number, statement in enumerate(statements, start=1):
            verb = statement.split(maxsplit=1)[0].upper()
            results.append(session.run(statement, f"{verb} ({number} of {len(statements)})", fetch))
        return results

    def on_kill(self) -> None:
        if self._session is not None:
            self._session.cancel()


def summary(results: Sequence[StatementResult]) -> dict[str, Any]:
    """Return what a task tells of its statements in XCom: ids and counts, no data."""
    return {
        "query_ids": [result.query_id for result in results],
        "rows_written": sum(result.row_count or 0 for result in results if result.update_type is not None),
    }
