"""The data-aware shape: what its events tell, and the risk team's job that follows the publications."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowFailException
from tests.dags.dag_run import DAGS, DagRun, load_dag

from nostro.airflow.portfolio_ops import ACCOUNT_BALANCES, ACCOUNT_MARGIN_REQS
from nostro.demo.reconciliation import compare

if TYPE_CHECKING:
    from tests.dags.conftest import Expected, Published, Query

DAY = date(2025, 5, 2)
EARLIER = date(2025, 4, 29)
CONFIDENCE = 0.99

pytestmark = pytest.mark.usefixtures("trino_conn", "bank")


@pytest.fixture(scope="module")
def portfolio_ops() -> DAG:
    return load_dag(DAGS / "portfolio_ops.py")


@pytest.fixture(scope="module")
def risk_team_batch_jobs() -> DAG:
    return load_dag(DAGS / "risk_team_batch_jobs.py")


@pytest.fixture(scope="module")
def published_day(portfolio_ops: DAG) -> DagRun:
    run = DagRun(portfolio_ops, DAY)
    run.run()
    return run


@pytest.fixture(scope="module")
def risk_run(published_day: DagRun, risk_team_batch_jobs: DAG) -> DagRun:
    run = DagRun(risk_team_batch_jobs)
    run.run()
    return run


def test_the_day_equals_the_oracle_and_its_events_tell_what_was_published(
    published_day: DagRun, query: Query, published: Published, expected: Expected
) -> None:
    comparison = compare(expected(DAY), published(DAY))
    assert comparison.is_equal, comparison.summary()
    for asset in (ACCOUNT_BALANCES, ACCOUNT_MARGIN_REQS):
        told = published_day.outlet_events[asset].extra
        assert told["batch_key"] == f"portfolio_ops/{DAY}"
        assert told["publication_id"] == published_day.xcom["publish_batch"]["publication_id"]
        assert told["row_count"] == published(DAY)[asset.name].num_rows
        assert {total["step"] for total in told["control_totals"]} >= {"process_deposits", "net_trades"}
        assert all(
            total["source_count"] == total["landed_count"] + total["rejected_count"]
            for total in told["control_totals"]
        )


def test_every_publication_is_processed_once(
    risk_run: DagRun, published_day: DagRun, risk_team_batch_jobs: DAG
) -> None:
    processed = {one["publication_id"] for one in risk_run.xcom["find_publications"]}
    assert published_day.xcom["publish_batch"]["publication_id"] in processed
    again = DagRun(risk_team_batch_jobs)
    again.run()
    assert again.xcom["find_publications"] == []


def test_a_restated_day_and_a_missed_one_are_processed_together(
    risk_run: DagRun, portfolio_ops: DAG, risk_team_batch_jobs: DAG, query: Query
) -> None:
    before = query(f"SELECT * FROM lake.risk.account_risk WHERE business_date = DATE '{DAY}' ORDER BY 2")
    restated = DagRun(portfolio_ops, DAY)
    restated.run()
    missed = DagRun(portfolio_ops, EARLIER)
    missed.run()
    run = DagRun(risk_team_batch_jobs)
    run.run()
    assert [(one["business_date"], one["publication_id"]) for one in run.xcom["find_publications"]] == [
        (str(day), done.xcom["publish_batch"]["publication_id"])
        for day, done in ((EARLIER, missed), (DAY, restated))
    ]
    after = query(f"SELECT * FROM lake.risk.account_risk WHERE business_date = DATE '{DAY}' ORDER BY 2")
    assert after == before
    [[count]] = query(f"SELECT count(*) FROM lake.risk.account_risk WHERE business_date = DATE '{EARLIER}'")
    assert count > 0


def test_value_at_risk_and_shortfall_equal_a_simulation_of_our_own(risk_run: DagRun, query: Query) -> None:
    closes: dict[str, list[tuple[date, float]]] = defaultdict(list)
    for isin, day, close in query(
        "SELECT isin, price_date, CAST(close AS double) FROM portfolio_ops_db.public.prices "
        f"WHERE price_date <= DATE '{DAY}' ORDER BY isin, price_date"
    ):
        closes[isin].append((day, close))
    changes = {
        isin: {day: close / before - 1 for (_, before), (day, close) in itertools.pairwise(series)}
        for isin, series in closes.items()
    }
    newest = sorted({day for series in changes.values() for day in series}, reverse=True)[:250]
    values: dict[str, dict[str, float]] = defaultdict(dict)
    for account, isin, value in query(
        "SELECT account_id, isin, CAST(market_value_usd AS double) FROM lake.analytics.positions "
        f"WHERE business_date = DATE '{DAY}' AND price_usd IS NOT NULL"
    ):
        values[account][isin] = value
    rows = query(
        "SELECT account_id, scenario_count, value_at_risk_usd, expected_shortfall_usd "
        f"FROM lake.risk.account_risk WHERE business_date = DATE '{DAY}'"
    )
    assert {account for account, *_ in rows} == set(values)
    for account, scenario_count, value_at_risk, shortfall in rows:
        held = values[account]
        days = [day for day in newest if any(day in changes.get(isin, {}) for isin in held)]
        losses = sorted(
            -sum(value * changes[isin].get(day, 0.0) for isin, value in held.items()) for day in days
        )
        assert scenario_count == len(losses)
        quantile = losses[math.ceil(CONFIDENCE * len(losses)) - 1]
        tail = losses[math.ceil(CONFIDENCE * len(losses)) - 1 :]
        assert float(value_at_risk) == pytest.approx(quantile, rel=0, abs=0.00501), account
        assert float(shortfall) == pytest.approx(sum(tail) / len(tail), rel=0, abs=0.00501), account


def test_exposures_equal_the_source(risk_run: DagRun, query: Query) -> None:
    rows = query(
        "SELECT counterparty_bank, currency, receivable, payable FROM lake.risk.counterparty_exposures "
        f"WHERE business_date = DATE '{DAY}' ORDER BY 1, 2"
    )
    # PostgreSQL's own sums, by none of Trino's operators.
    source = query(
        f"""SELECT * FROM TABLE(bankteam_app.system.query(query => '
        SELECT counterparty_bank, currency,
            CAST(coalesce(sum(CASE WHEN reversal_of IS NULL THEN amount ELSE -amount END)
                FILTER (WHERE transaction_type = ''deposit''), 0) AS numeric(38, 2)) AS receivable,
            CAST(coalesce(sum(CASE WHEN reversal_of IS NULL THEN amount ELSE -amount END)
                FILTER (WHERE transaction_type = ''withdrawal''), 0) AS numeric(38, 2)) AS payable
        FROM public.transactions
        WHERE posted_at < TIMESTAMPTZ ''{DAY} 18:00 Europe/Berlin'' AND value_date > DATE ''{DAY}''
            AND counterparty_bank IS NOT NULL
        GROUP BY 1, 2')) ORDER BY 1, 2"""
    )
    assert rows == source
    assert rows


def test_a_finding_leaves_the_publication_to_be_processed(
    risk_run: DagRun, portfolio_ops: DAG, risk_team_batch_jobs: DAG, query: Query
) -> None:
    restated = DagRun(portfolio_ops, DAY)
    restated.run()
    run = DagRun(risk_team_batch_jobs)
    [publication] = run.run_task("find_publications")
    task: Any = risk_team_batch_jobs.get_task("compute_risk")
    task = task.unmap({"publication": publication})
    context = run.context(task, 0)
    task.render_template_fields(context)
    task.sql = task.sql.replace("WHERE positions <> risks", "WHERE true")
    with pytest.raises(AirflowFailException, match=r"account_risk: .* accounts have positions"):
        run.execute(task, context)
    assert DagRun(risk_team_batch_jobs).run_task("find_publications") == [publication]
    done = DagRun(risk_team_batch_jobs)
    done.run()
    assert DagRun(risk_team_batch_jobs).run_task("find_publications") == []
