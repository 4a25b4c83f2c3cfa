"""The lake's housekeeping, once a week: dead runs' leftovers, small files, old snapshots."""

from __future__ import annotations

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.providers.trino.hooks.trino import TrinoHook
from airflow.sdk import DAG, CronDataIntervalTimetable, Param, task

from nostro.airflow.business_day import TIME_ZONE
from nostro.airflow.housekeeping import SweepStagingOperator
from nostro.airflow.portfolio_ops import ACCOUNT_GROUPS, TRADING_PREFIXES, dag_settings
from nostro.airflow.replays import FindReplaysOperator
from nostro.airflow.transformation import TrinoTransformationOperator

with DAG(
    dag_id="maintenance_dag",
    description="Leftovers of dead runs, small files and old snapshots of the lake",
    tags=["portfolio-operations", "maintenance"],
    doc_md="""
### maintenance_dag

Runs on Sundays. It removes nothing that was ever published.

    sweep_staging, find_tables → delete_unpublished → maintain_tables
    find_replays → replay[…]

| task | result |
|---|---|
| `sweep_staging` | staging and shard tables older than `retention_days` are dropped |
| `find_tables` | the landed and the control tables of all schemas |
| `delete_unpublished` | landed rows of attempts that were never published, of runs as old |
| `maintain_tables` | small files are joined; snapshots and orphans older than `snapshot_retention_days` go |
| `find_replays` | published dates from the first on whose rejects were repaired, or whose base was restated |
| `replay` | those dates, run again by the DAG `replay_with` one after the other |
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
            "replay_with": Param("simple_dag", type="string", description="The DAG that runs days again"),
            "account_groups": Param(ACCOUNT_GROUPS, type="array", description="As that DAG has them"),
            "trading_prefixes": Param(TRADING_PREFIXES, type="array", description="As that DAG has them"),
        },
    },
) as dag:
    sweep_staging = SweepStagingOperator(
        task_id="sweep_staging", retention_days="{{ params.retention_days }}"
    )

    @task
    def find_tables() -> list[str]:
        """Return the names of the tables that batches land in and are recorded in."""
        found = TrinoHook().get_records(  # type: ignore[no-untyped-call]
            "SELECT 'lake.' || table_schema || '.' || table_name FROM lake.information_schema.tables "
            "WHERE table_type = 'BASE TABLE' "
            "AND (table_schema = 'control' OR table_name LIKE '%$_landed' ESCAPE '$') ORDER BY 1"
        )
        return [table for (table,) in found]

    delete_unpublished = TrinoTransformationOperator(
        task_id="delete_unpublished", sql="sql/delete_unpublished.sql"
    )
    maintain_tables = TrinoTransformationOperator(task_id="maintain_tables", sql="sql/maintain_lake.sql")
    [sweep_staging, find_tables() >> delete_unpublished] >> maintain_tables

    find_replays = FindReplaysOperator(task_id="find_replays", sql="sql/find_replays.sql")
    TriggerDagRunOperator.partial(
        task_id="replay",
        trigger_dag_id="{{ params.replay_with }}",
        logical_date=None,
        wait_for_completion=True,
        poke_interval=5,
        fail_when_dag_is_paused=True,
        map_index_template="{{ task.conf.business_date }}",
        # A day carries the balances of the one before it.
        max_active_tis_per_dag=1,
    ).expand(conf=find_replays.output)
