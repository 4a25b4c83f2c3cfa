"""The bank's day in its simplest shape: one query a step."""

from __future__ import annotations

from airflow.sdk import DAG

from nostro.airflow.portfolio_ops import (
    balances_to_publication,
    dag_settings,
    open_portfolio_ops,
    process_movements,
)

with DAG(
    dag_id="simple_dag",
    description="Account balances and margin requirements at the cut-off, one query a step",
    tags=["portfolio-operations", "simple"],
    doc_md="""
### simple_dag

Deposits, withdrawals and trades posted up to the business date's cut-off (18:00 in Berlin, Monday to Friday)
become cash offsets, account balances and margin requirements in the lake:

    open_batch → process_deposits, process_withdrawals, net_trades
               → compute_account_balances → compute_margin_reqs → audit_batch → publish_batch

| task | result |
|---|---|
| `open_batch` | fixes the posting window and the published batch that it carries forward |
| `process_…`, `net_trades` | `lake.banking.cash_position_offsets` and `lake.banking.rejects` |
| `compute_account_balances` | `lake.analytics.account_balances` |
| `compute_margin_reqs` | `lake.analytics.account_margin_reqs`, `positions`; rejects: without a price |
| `audit_batch` | compares the sources' control totals with what landed and was rejected |
| `publish_batch` | one INSERT makes all of the batch visible |

Every try lands rows of its own, and only audited ones are published, so any task may be cleared and the whole
run repeated: the public rows stay the same. Trigger a past day with `{"business_date": "2025-05-02"}`.
""",
    **dag_settings(),
) as dag:
    open_batch = open_portfolio_ops()
    movements = process_movements()
    compute_account_balances, _ = balances_to_publication(movements=[step.task_id for step in movements])
    open_batch >> movements >> compute_account_balances
