"""Removes what runs that died have left in the lake."""

from __future__ import annotations

from typing import Any

from airflow.sdk import Context

from nostro.airflow.transformation import TrinoTransformationOperator, summary
from nostro.airflow.trino_query import literal


class SweepStagingOperator(TrinoTransformationOperator):
    """Drop the staging tables that no living run can still read, by the age of their last commit.

    :param retention_days: how old, a number or a template; longer than any run takes
    """

    template_fields = (*TrinoTransformationOperator.template_fields, "retention_days")

    def __init__(self, *, retention_days: str | int, **kwargs: Any) -> None:
        super().__init__(sql="", **kwargs)
        self.retention_days = retention_days

    def execute(self, context: Context) -> dict[str, Any]:
        results = []
        dropped = []
        with self.session(context) as session:
            tables = session.run(
                "SELECT table_name FROM lake.information_schema.tables WHERE table_schema = 'staging'",
                "SELECT staging tables",
                fetch=True,
            ).rows
            for (table,) in tables:
                # NULL, and so not true, for a table whose creation has not been committed yet.
                is_dead = session.run(
                    "SELECT max(committed_at) < current_timestamp - parse_duration("
                    f'{literal(f"{int(self.retention_days)}d")}) FROM lake.staging."{table}$snapshots"',
                    f"SELECT age of {table}",
                    fetch=True,
                ).rows[0][0]
                if is_dead:
                    results.append(session.run(f'DROP TABLE lake.staging."{table}"', f"DROP {table}"))
                    dropped.append(table)
        return {**summary(results), "dropped": dropped}
