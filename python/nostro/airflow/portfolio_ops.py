"""What the bundled DAGs share: the job's settings, and its steps from the balances to the publication."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from airflow.sdk import Asset, Param, TriggerRule

from nostro.airflow.alerts import alert_on_failed_run, alert_on_failure
from nostro.airflow.business_day import business_day_timetable
from nostro.airflow.landing import (
    AuditBatchOperator,
    LandingOperator,
    OpenBatchOperator,
    PublishBatchOperator,
)
from nostro.airflow.landing_deadline import landing_deadline

JOB = "portfolio_ops"
# The authority is a part of the assets' identity: a fixed logical name, not any server's address.
ACCOUNT_BALANCES = Asset("account_balances", uri="trino://nostro:8080/lake/analytics/account_balances")
ACCOUNT_MARGIN_REQS = Asset(
    "account_margin_reqs", uri="trino://nostro:8080/lake/analytics/account_margin_reqs"
)
ACCOUNT_GROUPS = [f"{number:03d}" for number in range(1, 11)]
TRADING_PREFIXES = ["A", "B", "C", "D"]

# The SQL joins large to small as it is written; estimates across systems would turn some joins around.
AS_WRITTEN = {"join_reordering_strategy": "NONE", "join_distribution_type": "BROADCAST"}


def job_parameters() -> dict[str, Param]:
    """Return the job's parameters, which its trigger form shows."""
    return {
        "business_date": Param(
            None, type=["null", "string"], format="date", description="Instead of the run's data interval"
        ),
        "account_groups": Param(
            ACCOUNT_GROUPS, type="array", description="Prefixes of the bank accounts that are processed"
        ),
        "trading_prefixes": Param(
            TRADING_PREFIXES, type="array", description="Prefixes of the ledger accounts that are processed"
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
    }


def dag_settings() -> dict[str, Any]:
    """Return the settings of each DAG of the job: at every cut-off, with its parameters, retries, alerts.

    From the environment: ``NOSTRO_RETRY_DELAY_SECONDS`` between a task's tries (900), and
    ``NOSTRO_SCHEDULE_END``, an ISO 8601 date after which no run is scheduled (none).
    """
    schedule_end = os.environ.get("NOSTRO_SCHEDULE_END")
    return {
        "schedule": business_day_timetable(),
        "start_date": datetime(2025, 4, 14),
        "end_date": datetime.fromisoformat(schedule_end) if schedule_end else None,
        "catchup": False,
        "max_active_runs": 2,
        "max_active_tasks": 6,
        "params": job_parameters(),
        "on_failure_callback": alert_on_failed_run,
        "deadline": landing_deadline(timedelta(hours=2)),
        "default_args": {
            "owner": "portfolio-operations",
            "retries": 3,
            "retry_delay": timedelta(seconds=float(os.environ.get("NOSTRO_RETRY_DELAY_SECONDS", "900"))),
            "execution_timeout": timedelta(hours=2),
            "on_failure_callback": alert_on_failure,
        },
    }


def open_portfolio_ops() -> OpenBatchOperator:
    """Return the task that fixes what the run processes."""
    return OpenBatchOperator(
        task_id="open_batch",
        job=JOB,
        carries="compute_account_balances",
        sql="sql/portfolio_ops_tables.sql",
    )


def process_movements(session_properties: Mapping[str, str] = AS_WRITTEN) -> list[LandingOperator]:
    """Return the tasks that land deposits, withdrawals and trades, one query each."""
    transactions = [
        LandingOperator(
            task_id=f"process_{transaction_type}s",
            sql="sql/process_transactions.sql",
            session_properties=session_properties,
            params={"transaction_type": transaction_type},
        )
        for transaction_type in ("deposit", "withdrawal")
    ]
    return [*transactions, net_trades(session_properties)]


def net_trades(session_properties: Mapping[str, str] = AS_WRITTEN) -> LandingOperator:
    """Return the task that lands the trades in one query."""
    return LandingOperator(
        task_id="net_trades", sql="sql/net_trades.sql", session_properties=session_properties
    )


def balances_to_publication(
    *,
    movements: Sequence[str],
    totals: Sequence[str] = (),
    session_properties: Mapping[str, str] = AS_WRITTEN,
    outlets: Sequence[Asset] = (),
) -> tuple[LandingOperator, PublishBatchOperator]:
    """Add the steps that every shape ends with, and return the first and the last of them.

    :param movements: the ids of the tasks that have landed the batch's movements
    :param totals: those that have recorded the sources' control totals, where they are others
    :param outlets: the assets of which the publication tells
    """
    sources = [*movements, *(task for task in totals if task not in movements)]
    balances = LandingOperator(
        task_id="compute_account_balances",
        sql="sql/compute_account_balances.sql",
        session_properties=session_properties,
        params={"movements": list(movements)},
        # A mapped task with nothing to map over is skipped, which is no reason to stop.
        trigger_rule=TriggerRule.NONE_FAILED,
    )
    margin = LandingOperator(
        task_id="compute_margin_reqs",
        sql="sql/compute_margin_reqs.sql",
        session_properties=session_properties,
    )
    audit = AuditBatchOperator(
        task_id="audit_batch",
        sql="sql/audit_portfolio_ops.sql",
        session_properties=AS_WRITTEN,
        steps=[*sources, balances.task_id, margin.task_id],
        params={"movements": list(movements), "totals": sources},
    )
    publish = PublishBatchOperator(task_id="publish_batch", outlets=list(outlets))
    balances >> margin >> audit >> publish
    return balances, publish
