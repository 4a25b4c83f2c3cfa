"""The bank's day in its simplest shape: one query a step."""

from __future__ import annotations

import os
from datetime import datetime, timedelta

from airflow.sdk import DAG, Param

from nostro.airflow.alerts import alert_on_failure
from nostro.airflow.business_day import business_day_timetable
from nostro.airflow.landing import (
    AuditBatchOperator,
    LandingOperator,
    OpenBatchOperator,
    PublishBatchOperator,
)

RETRY_DELAY = timedelta(seconds=float(os.environ.get("NOSTRO_RETRY_DELAY_SECONDS", "900")))
SCHEDULE_END = os.environ.get("NOSTRO_SCHEDULE_END")

# The SQL joins large to small as it is written; estimates across systems would turn some joins around.
AS_WRITTEN = {"join_reordering_strategy": "NONE", "join_distribution_type": "BROADCAST"}

with DAG(
    dag_id="simple_dag",
    description="Account balances and margin requirements at the cut-off, one query a step",
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
| `compute_margin_reqs` | `lake.analytics.account_margin_reqs`; positions without a price go to the rejects |
| `audit_batch` | compares the sources' control totals with what landed and was rejected |
| `publish_batch` | one INSERT makes all of the batch visible |

Every try lands rows of its own, and only audited ones are published, so any task may be cleared and the whole
run repeated: the public rows stay the same. Trigger a past day with `{"business_date": "2025-05-02"}`.
""",
    schedule=business_day_timetable(),
    start_date=datetime(2025, 4, 14),
    end_date=datetime.fromisoformat(SCHEDULE_END) if SCHEDULE_END else None,
    catchup=False,
    max_active_runs=2,
    max_active_tasks=6,
    tags=["portfolio-operations", "simple"],
    default_args={
        "owner": "portfolio-operations",
        "retries": 3,
        "retry_delay": RETRY_DELAY,
        "execution_timeout": timedelta(hours=2),
        "on_failure_callback": alert_on_failure,
    },
    params={
        "business_date": Param(
            None, type=["null", "string"], format="date", description="Instead of the run's data interval"
        ),
        "credit_rate": Param(
            0.0150, type="number", description="Interest a year on balances of zero and above"
        ),
        "debit_rate": Param(0.0875, type="number", description="Interest a year on overdrafts"),
        "initial_rate": Param(0.50, type="number", minimum=0, description="Regulation T initial margin"),
        "maintenance_long_rate": Param(0.25, type="number", minimum=0, description="FINRA 4210, long"),
        "maintenance_short_rate": Param(0.30, type="number", minimum=0, description="FINRA 4210, short"),
        "maintenance_short_minimum": Param(5.00, type="number", minimum=0, description="USD a share, short"),
        "low_price": Param(
            5.00, type="number", minimum=0, description="USD below which a short is low-priced"
        ),
        "low_price_rate": Param(1.00, type="number", minimum=0, description="Of a low-priced short's value"),
        "low_price_minimum": Param(
            2.50, type="number", minimum=0, description="USD a share, low-priced short"
        ),
    },
) as dag:
    open_batch = OpenBatchOperator(
        task_id="open_batch",
        job="portfolio_ops",
        carries="compute_account_balances",
        sql="sql/portfolio_ops_tables.sql",
    )
    process_deposits = LandingOperator(
        task_id="process_deposits",
        sql="sql/process_transactions.sql",
        session_properties=AS_WRITTEN,
        params={"transaction_type": "deposit", "sign": 1},
    )
    process_withdrawals = LandingOperator(
        task_id="process_withdrawals",
        sql="sql/process_transactions.sql",
        session_properties=AS_WRITTEN,
        params={"transaction_type": "withdrawal", "sign": -1},
    )
    net_trades = LandingOperator(
        task_id="net_trades", sql="sql/net_trades.sql", session_properties=AS_WRITTEN
    )
    compute_account_balances = LandingOperator(
        task_id="compute_account_balances",
        sql="sql/compute_account_balances.sql",
        session_properties=AS_WRITTEN,
    )
    compute_margin_reqs = LandingOperator(
        task_id="compute_margin_reqs", sql="sql/compute_margin_reqs.sql", session_properties=AS_WRITTEN
    )
    steps = [process_deposits, process_withdrawals, net_trades, compute_account_balances, compute_margin_reqs]
    audit_batch = AuditBatchOperator(
        task_id="audit_batch",
        sql="sql/audit_portfolio_ops.sql",
        session_properties=AS_WRITTEN,
        steps=[step.task_id for step in steps],
    )
    publish_batch = PublishBatchOperator(task_id="publish_batch")

    open_batch >> [process_deposits, process_withdrawals, net_trades] >> compute_account_balances
    compute_account_balances >> compute_margin_reqs >> audit_batch >> publish_batch
