"""OpenLineage's account of a task: the tables that its SQL reads and writes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from airflow.providers.openlineage.extractors import OperatorLineage
from openlineage.client.event_v2 import Dataset
from openlineage.client.facet_v2 import JobFacet, RunFacet, extraction_error_run, sql_job

from nostro.airflow.sql_tables import TableName, table_name, tables_of_task
from nostro.airflow.trino_query import TaskTrinoHook

DEFAULT_PORT = 8080

# Business date and attempt, with which the name of an attempt's staging table ends: a dataset lasts longer.
_ATTEMPT = re.compile(r"(_\d{8})?_[0-9a-f]{32}$")


def lineage_of(
    sql: str, trino_conn_id: str, leave_out: Iterable[str] = ()
) -> OperatorLineage[Dataset, JobFacet | RunFacet]:
    """Return the datasets of a task's rendered SQL: namespace ``trino://host:port``, name in three parts.

    Needs the extra ``nostro[lineage]``. A statement that cannot be parsed becomes an ``extractionError``
    facet; the others count all the same. An attempt's staging table is named without the attempt.

    :param leave_out: tables that exist only while the task runs
    """
    hook = TaskTrinoHook(trino_conn_id)
    connection = hook.get_connection(trino_conn_id)
    namespace = f"trino://{connection.host}:{connection.port or DEFAULT_PORT}"
    statements = TaskTrinoHook.split_sql_string(sql, strip_semicolon=True)
    catalog = str(connection.extra_dejson.get("catalog") or "")
    tables = tables_of_task(statements, catalog, connection.schema or "")
    tables.leave_out(table_name(name) for name in leave_out)
    job_facets: dict[str, JobFacet | RunFacet] = {"sql": sql_job.SQLJobFacet(query=";\n".join(statements))}
    run_facets: dict[str, JobFacet | RunFacet] = {}
    if tables.errors:
        run_facets["extractionError"] = _extraction_error(statements, tables.errors)
    return OperatorLineage(
        inputs=_datasets(namespace, tables.inputs),
        outputs=_datasets(namespace, tables.outputs),
        run_facets=run_facets,
        job_facets=job_facets,
    )


def _datasets(namespace: str, names: Iterable[TableName]) -> list[Dataset]:
    return [Dataset(namespace=namespace, name=name) for name in sorted({_lasting(name) for name in names})]


def _lasting(name: TableName) -> str:
    return _ATTEMPT.sub("", str(name))


def _extraction_error(statements: Sequence[str], errors: dict[int, str]) -> RunFacet:
    return extraction_error_run.ExtractionErrorRunFacet(
        totalTasks=len(statements),
        failedTasks=len(errors),
        errors=[
            extraction_error_run.Error(errorMessage=message, task=statements[number - 1], taskNumber=number)
            for number, message in errors.items()
        ],
    )
