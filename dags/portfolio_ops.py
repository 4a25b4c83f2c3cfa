"""The bank's day, data-aware: its publication is an event that other teams' DAGs are scheduled on."""

from __future__ import annotations

from airflow.sdk import DAG

from nostro.airflow.portfolio_ops import (
    ACCOUNT_BALANCES,
    ACCOUNT_MARGIN_REQS,
    balances_to_publication,
    dag_settings,
    open_portfolio_ops,
    process_movements,
)

with DAG(
    dag_id="portfolio_ops",
    description="Account balances and margin requirements at the cut-off, as assets that other DAGs wait for",
    tags=["portfolio-operations", "data-aware"],
    doc_md="""
### portfolio_ops

The job of `simple_dag`; its publication updates the assets `account_balances` and `account_margin_reqs`.
Their events tell batch key, business date, publication, row count and control totals; `risk_team_batch_jobs`
runs on them.

    open_batch → process_deposits, process_withdrawals, net_trades
               → compute_account_balances → compute_margin_reqs → audit_batch → publish_batch ⇒ assets

| task | result |
|---|---|
| `open_batch` | fixes the posting window and the published batch that it carries forward |
| `process_deposits`, `process_withdrawals`, `net_trades` | as in `simple_dag` |
| `compute_account_balances`, `compute_margin_reqs` | as in `simple_dag` |
| `audit_batch` | compares the sources' control totals with what landed and was rejected |
| `publish_batch` | one INSERT makes all of the batch visible; the assets' events |
""",
    **dag_settings(),
) as dag:
    open_batch = open_portfolio_ops()
    movements = process_movements()
    compute_account_balances, _ = balances_to_publication(
        movements=[step.task_id for step in movements], outlets=[ACCOUNT_BALANCES, ACCOUNT_MARGIN_REQS]
    )
    open_batch >> movements >> compute_account_balances
