"""The bank's day on a cluster that repeats lost work itself: long queries with task retries in Trino."""

from __future__ import annotations

from airflow.sdk import DAG

from nostro.airflow.portfolio_ops import (
    AS_WRITTEN,
    balances_to_publication,
    dag_settings,
    open_portfolio_ops,
    process_movements,
)

# Needs an exchange manager in the cluster: `nostro up --workers 2 --fault-tolerant`.
TASK_RETRIES = {**AS_WRITTEN, "retry_policy": "TASK"}

with DAG(
    dag_id="fault_tolerant_dag",
    description="Account balances and margin requirements at the cut-off, surviving lost Trino workers",
    tags=["portfolio-operations", "fault-tolerant"],
    doc_md="""
### fault_tolerant_dag

The job of `simple_dag`, with its long queries under Trino's fault-tolerant execution: when a worker is lost,
Trino repeats that worker's tasks from the exchange's files, and the query goes on. Short queries and the
audit run without: Airflow's retries are enough for them, and what publishes must not be committed twice.

    open_batch → process_deposits, process_withdrawals, net_trades
               → compute_account_balances → compute_margin_reqs → audit_batch → publish_batch

| task | result |
|---|---|
| `open_batch` | fixes the posting window and the published batch that it carries forward |
| `process_deposits`, `process_withdrawals`, `net_trades` | as in `simple_dag`, with `retry_policy=TASK` |
| `compute_account_balances`, `compute_margin_reqs` | as in `simple_dag`, with `retry_policy=TASK` |
| `audit_batch` | also finds what an INSERT under task retries has committed twice |
| `publish_batch` | one INSERT makes all of the batch visible |
""",
    **dag_settings(),
) as dag:
    open_batch = open_portfolio_ops()
    movements = process_movements(TASK_RETRIES)
    compute_account_balances, _ = balances_to_publication(
        movements=[step.task_id for step in movements], session_properties=TASK_RETRIES
    )
    open_batch >> movements >> compute_account_balances
