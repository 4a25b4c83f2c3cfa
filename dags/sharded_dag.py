"""The bank's day in shards: one query for each account group and trading prefix, retried alone."""

from __future__ import annotations

from airflow.sdk import DAG, TaskGroup

from nostro.airflow.landing import DropStagingOperator, LandingOperator
from nostro.airflow.portfolio_ops import (
    ACCOUNT_GROUPS,
    AS_WRITTEN,
    TRADING_PREFIXES,
    balances_to_publication,
    dag_settings,
    open_portfolio_ops,
)
from nostro.airflow.sharding import shards_by_prefix

ACCOUNT_SHARDS = shards_by_prefix("t.bank_account", ACCOUNT_GROUPS)
TRADING_SHARDS = shards_by_prefix("t.account_id", TRADING_PREFIXES)

with DAG(
    dag_id="sharded_dag",
    description="Account balances and margin requirements at the cut-off, by account groups side by side",
    tags=["portfolio-operations", "sharded"],
    doc_md="""
### sharded_dag

The job of `simple_dag` with its movements cut into shards: deposits and withdrawals by account group, trades
by trading prefix, and one shard each for what is in no group. A shard is one CTAS of its own; clearing or
retrying it computes that shard alone.

    open_batch → process_deposits.…, process_withdrawals.…, net_trades.… → land_movements
               → compute_account_balances → compute_margin_reqs → audit_batch → publish_batch → drop_shards

| task | result |
|---|---|
| `open_batch` | fixes the posting window and the published batch that it carries forward |
| `process_deposits.…`, `process_withdrawals.…`, `net_trades.…` | a table for each shard, in `lake.staging` |
| `land_movements` | the sources' control totals by shard, and the shards' rows in one INSERT |
| `compute_account_balances`, `compute_margin_reqs` | as in `simple_dag` |
| `audit_batch` | compares source with landed and rejected, by shard: none is missing, none counted twice |
| `publish_batch` | one INSERT makes all of the batch visible |
| `drop_shards` | drops the shards' tables; `maintenance_dag` sweeps those of dead runs |
""",
    **dag_settings(),
) as dag:
    open_batch = open_portfolio_ops()
    shards: list[LandingOperator] = []
    for step, transaction_type in (("process_deposits", "deposit"), ("process_withdrawals", "withdrawal")):
        with TaskGroup(step):
            shards += [
                LandingOperator(
                    task_id=shard.name,
                    step=step,
                    shard=shard.name,
                    sql="sql/process_transaction_shard.sql",
                    keep_staging=True,
                    session_properties=AS_WRITTEN,
                    client_tags=[f"shard:{shard.name}"],
                    params={"transaction_type": transaction_type, "condition": shard.condition},
                )
                for shard in ACCOUNT_SHARDS
            ]
    with TaskGroup("net_trades"):
        shards += [
            LandingOperator(
                task_id=shard.name,
                step="net_trades",
                shard=shard.name,
                sql="sql/net_trade_shard.sql",
                keep_staging=True,
                session_properties=AS_WRITTEN,
                client_tags=[f"shard:{shard.name}"],
                params={"condition": shard.condition},
            )
            for shard in TRADING_SHARDS
        ]
    land_movements = LandingOperator(
        task_id="land_movements",
        sql="sql/land_shards.sql",
        params={
            "shards": [shard.task_id for shard in shards],
            "account_shard": ACCOUNT_SHARDS.expression,
            "trading_shard": TRADING_SHARDS.expression,
        },
    )
    compute_account_balances, publish_batch = balances_to_publication(movements=["land_movements"])
    drop_shards = DropStagingOperator(task_id="drop_shards", tasks=[shard.task_id for shard in shards])

    open_batch >> shards >> land_movements >> compute_account_balances
    publish_batch >> drop_shards
