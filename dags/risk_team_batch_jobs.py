"""The risk team's batch: risk of every published day, whenever a day is published or restated."""

from __future__ import annotations

from airflow.sdk import DAG, AssetOrTimeSchedule, Param

from nostro.airflow.business_day import business_day_timetable
from nostro.airflow.portfolio_ops import ACCOUNT_BALANCES, AS_WRITTEN, JOB, dag_settings
from nostro.airflow.publications import FindPublicationsOperator, ProcessPublicationOperator

CONSUMER = "risk_team"

with DAG(
    dag_id="risk_team_batch_jobs",
    description="Value at risk, expected shortfall and counterparty exposure of every published batch",
    tags=["risk", "data-aware"],
    doc_md="""
### risk_team_batch_jobs

Runs when `account_balances` is updated, and at every cut-off besides. What there is to do it takes from the
control tables and not from the events: every publication of `portfolio_ops` that it has not processed yet,
restated days too, whether the events came one by one, as one, or not at all.

    find_publications → compute_risk[…]

| task | result |
|---|---|
| `find_publications` | the publications not processed yet, oldest first |
| `compute_risk` | of each `lake.risk.account_risk` and `counterparty_exposures`, audited and published |

Value at risk and expected shortfall are by historical simulation over the last `scenarios` days of prices.
Exposure is what was posted with a counterparty bank by the cut-off and has its value date after the business
date.
""",
    **{
        **dag_settings(),
        "schedule": AssetOrTimeSchedule(timetable=business_day_timetable(), assets=[ACCOUNT_BALANCES]),
        "max_active_runs": 1,
        "params": {
            "confidence": Param(0.99, type="number", minimum=0.5, maximum=0.9999),
            "scenarios": Param(250, type="integer", minimum=2, maximum=2500),
        },
        "default_args": {**dag_settings()["default_args"], "owner": "risk-team"},
    },
) as dag:
    find_publications = FindPublicationsOperator(
        task_id="find_publications", consumer=CONSUMER, job=JOB, sql="sql/risk_team_tables.sql"
    )
    compute_risk = ProcessPublicationOperator.partial(
        task_id="compute_risk",
        consumer=CONSUMER,
        job=JOB,
        sql="sql/compute_risk.sql",
        session_properties=AS_WRITTEN,
        map_index_template="{{ task.publication['business_date'] }}",
    ).expand(publication=find_publications.output)
