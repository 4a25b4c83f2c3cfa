"""Links from a task in Airflow's interface to its query in Trino's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import BaseOperatorLink

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator
    from airflow.sdk.types import TaskInstanceKey


class TrinoQueryLink(BaseOperatorLink):
    """The task's newest query in Trino's web interface; there while the query still runs."""

    @property
    def name(self) -> str:
        return "Trino query"

    @property
    def xcom_key(self) -> str:
        return "trino_query_link"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        return getattr(operator, "query_link", None) or ""
