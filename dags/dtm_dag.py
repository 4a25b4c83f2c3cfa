"""The bank's day by dynamic task mapping: one task for each counterparty bank there is today."""

from __future__ import annotations

from airflow.providers.trino.hooks.trino import TrinoHook
from airflow.sdk import DAG, task

from nostro.airflow.landing import LandingOperator
from nostro.airflow.portfolio_ops import (
    AS_WRITTEN,
    balances_to_publication,
    dag_settings,
    net_trades,
    open_portfolio_ops,
)

with DAG(
    dag_id="dtm_dag",
    description="Account balances and margin requirements at the cut-off, mapped over the counterparty banks",
    tags=["portfolio-operations", "dynamic-task-mapping"],
    doc_md="""
### dtm_dag

The job of `simple_dag`, with deposits and withdrawals mapped over the banks that `get_banks` finds: as many
tasks as there are banks, each named by its bank and retried alone. With no bank the mapped tasks are skipped.

    open_batch, get_banks → process_deposits[…], process_withdrawals[…], process_other_…, net_trades
               → compute_account_balances → compute_margin_reqs → audit_batch → publish_batch

| task | result |
|---|---|
| `open_batch` | fixes the posting window and the published batch that it carries forward |
| `get_banks` | the BICs in `portfolio_ops_db.public.banks` |
| `record_control_totals` | what the source holds by bank, before any join |
| `process_deposits`, `process_withdrawals` | the movements with one bank |
| `process_other_deposits`, `process_other_withdrawals` | those with no bank, or one that is not in the list |
| `net_trades`, `compute_account_balances`, `compute_margin_reqs` | as in `simple_dag` |
| `audit_batch` | compares source with landed and rejected, by bank |
| `publish_batch` | one INSERT makes all of the batch visible |
""",
    **dag_settings(),
) as dag:

    @task
    def get_banks() -> list[list[str]]:
        """Return the parameters of each mapped task: one BIC."""
        banks = TrinoHook().get_records(  # type: ignore[no-untyped-call]
            "SELECT bic FROM portfolio_ops_db.public.banks ORDER BY bic"
        )
        return [[bank] for (bank,) in banks]

    open_batch = open_portfolio_ops()
    banks = get_banks()
    mapped = []
    others = []
    for kind in ("deposit", "withdrawal"):
        step = f"process_{kind}s"
        mapped.append(
            LandingOperator.partial(
                task_id=step,
                sql="sql/process_bank.sql",
                shard="{{ task.parameters[0] }}",
                map_index_template="{{ task.parameters[0] }}",
                session_properties=AS_WRITTEN,
                params={"transaction_type": kind},
            ).expand(parameters=banks)
        )
        others.append(
            LandingOperator(
                task_id=f"process_other_{kind}s",
                step=step,
                shard="other",
                sql="sql/process_other_banks.sql",
                session_properties=AS_WRITTEN,
                params={"transaction_type": kind},
            )
        )
    trades = net_trades()
    record_control_totals = LandingOperator(
        task_id="record_control_totals", sql="sql/record_control_totals.sql"
    )
    compute_account_balances, _ = balances_to_publication(
        movements=[step.task_id for step in (*mapped, *others, trades)],
        totals=["record_control_totals", "net_trades"],
    )
    open_batch >> banks >> [record_control_totals, *others]
    open_batch >> [*mapped, trades]
    [record_control_totals, *mapped, *others, trades] >> compute_account_balances
