"""The lake's housekeeping, once a week: dead runs' leftovers, small files, old snapshots."""

from __future__ import annotations

from airflow.sdk import DAG, CronDataIntervalTimetable, Param

from nostro.airflow.business_day import TIME_ZONE
from nostro.airflow.housekeeping import SweepStagingOperator
from nostro.airflow.portfolio_ops import dag_settings
from nostro.airflow.transformation import TrinoTransformationOperator

TABLES = [
    "lake.banking.movements_landed",
    "lake.analytics.account_balances_landed",
    "lake.analytics.account_margin_reqs_landed",
    "lake.analytics.positions_landed",
    "lake.control.batches",
    "lake.control.control_totals",
    "lake.control.published_batches",
]

with DAG(
    dag_id="maintenance_dag",
    description="Leftovers of dead runs, small files and old snapshots of the lake",
    tags=["portfolio-operations", "maintenance"],
    doc_md="""
### maintenance_dag

Runs on Sundays. It removes nothing that was ever published.

    sweep_staging, delete_unpublished → maintain_tables

| task | result |
|---|---|
| `sweep_staging` | staging and shard tables older than `retention_days` are dropped |
| `delete_unpublished` | landed rows of attempts that were never published, of runs as old |
| `maintain_tables` | small files are joined; snapshots and orphans older than `snapshot_retention_days` go |
""",
    **{
        **dag_settings(),
        "schedule": CronDataIntervalTimetable("0 3 * * SUN", timezone=TIME_ZONE),
        "max_active_runs": 1,
        "deadline": None,
        "params": {
            "retention_days": Param(7, type="integer", minimum=0, description="Longer than any run takes"),
            "snapshot_retention_days": Param(
                7, type="integer", minimum=7, description="How far back queries can travel in time"
            ),
        },
    },
) as dag:
    sweep_staging = SweepStagingOperator(
        task_id="sweep_staging", retention_days="{{ params.retention_days }}"
    )
    delete_unpublished = TrinoTransformationOperator(
        task_id="delete_unpublished", sql="sql/delete_unpublished.sql", params={"tables": TABLES}
    )
    maintain_tables = TrinoTransformationOperator(
        task_id="maintain_tables", sql="sql/maintain_lake.sql", params={"tables": TABLES}
    )
    [sweep_staging, delete_unpublished] >> maintain_tables
