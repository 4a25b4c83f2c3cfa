"""The bank's day on the real stack: what it lands, audits and publishes."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowFailException
from tests.dags.dag_run import DagRun

from nostro.airflow.business_day import BusinessDay
from nostro.airflow.landing import attempt_id
from nostro.demo.oracle import compare
from nostro.demo.synthetic_bank import SyntheticBank

if TYPE_CHECKING:
    from tests.dags.conftest import Expected, Published, Query

DAY = date(2025, 5, 2)
MIDDLE = date(2025, 4, 24)
EARLY = date(2025, 4, 15)
AFTER_A_HOLIDAY = date(2025, 4, 22)
NO_DATA = date(2025, 5, 14)

STEPS = [
    "process_deposits",
    "process_withdrawals",
    "net_trades",
    "compute_account_balances",
    "compute_margin_reqs",
]

pytestmark = pytest.mark.usefixtures("trino_conn", "bank")


def run_day(dag: DAG, day: date) -> DagRun:
    run = DagRun(dag, day)
    run.run()
    return run


def publications(query: Query, day: date) -> list[str]:
    return [
        row[0]
        for row in query(
            "SELECT publication_id FROM lake.control.published_batches "
            f"WHERE business_date = DATE '{day}' ORDER BY published_at"
        )
    ]


def assert_equals_oracle(published: Published, expected: Expected, day: date) -> None:
    comparison = compare(expected(day), published(day))
    assert comparison.is_equal, comparison.summary()


@pytest.fixture(scope="module")
def first_run(simple_dag: DAG, trino_conn: None, bank: SyntheticBank, query: Query) -> DagRun:
    """A run of the last day in a lake that has none of the days before."""
    is_there = "SELECT 1 FROM lake.information_schema.tables WHERE table_name = 'published_batches'"
    if query(is_there):
        query("DELETE FROM lake.control.published_batches")
    return run_day(simple_dag, DAY)


def test_the_day_equals_the_oracle_to_the_cent(
    first_run: DagRun, published: Published, expected: Expected
) -> None:
    assert first_run.xcom["open_batch"]["base_key"] == ""
    assert_equals_oracle(published, expected, DAY)
    rows = published(DAY)
    assert all(table.num_rows > 0 for table in rows.values())
    assert set(rows["rejects"]["reason"].to_pylist()) >= {"invalid IBAN", "unmapped account", "missing price"}
    assert set(rows["account_margin_reqs"]["margin_call"].to_pylist()) == {True, False}


def test_xcom_holds_ids_and_counts_only(first_run: DagRun) -> None:
    for step in STEPS:
        assert set(first_run.xcom[step]) == {"step", "shard", "attempt_id", "query_ids", "rows_written"}
    assert set(first_run.xcom["audit_batch"]) == {*first_run.xcom["net_trades"], "attempts"}
    assert set(first_run.xcom["publish_batch"]) == {"batch_key", "publication_id", "query_ids"}


def test_control_totals_reconcile_every_step(first_run: DagRun, query: Query) -> None:
    rows = query(
        "SELECT step, source_count, landed_count, rejected_count, "
        "source_amount - landed_amount - rejected_amount "
        f"FROM lake.control.reconciliation WHERE batch_key = 'portfolio_ops/{DAY}'"
    )
    assert {row[0] for row in rows} == set(STEPS)
    assert all(row[1] == row[2] + row[3] and row[4] == 0 for row in rows)
    counts = {step: sum(row[1] for row in rows if row[0] == step) for step in STEPS}
    [[transactions, trades]] = query(
        """SELECT
            (SELECT count(*) FROM bankteam_app.public.transactions
                WHERE posted_at < TIMESTAMP '2025-05-02 16:00:00 UTC'),
            (SELECT count(*) FROM trading_db.public.trades
                WHERE posted_at < TIMESTAMP '2025-05-02 16:00:00 UTC')"""
    )
    assert counts["process_deposits"] + counts["process_withdrawals"] == transactions
    assert counts["net_trades"] == trades
    assert any(row[3] for row in rows)


def test_the_staging_tables_are_dropped(first_run: DagRun, query: Query) -> None:
    assert query("SHOW TABLES FROM lake.staging") == []


def test_a_rerun_leaves_the_same_rows(
    first_run: DagRun, simple_dag: DAG, query: Query, published: Published
) -> None:
    before, count = published(DAY), len(publications(query, DAY))
    run = run_day(simple_dag, DAY)
    assert published(DAY) == before
    assert publications(query, DAY)[count:] == [run.xcom["publish_batch"]["publication_id"]]
    first = {step: first_run.xcom[step]["attempt_id"] for step in STEPS}
    assert all(run.xcom[step]["attempt_id"] != first[step] for step in STEPS)


def test_a_try_that_airflow_executes_twice_counts_once(
    first_run: DagRun, simple_dag: DAG, published: Published
) -> None:
    before = published(DAY)
    run = DagRun(simple_dag, DAY)
    run.run_task("open_batch")
    same_try = {"id": uuid4(), "try_number": 1}
    attempts = []
    for _ in range(2):
        task, context = run.prepare("net_trades", **same_try)
        attempts.append(run.execute(task, context)["attempt_id"])
        # A deferral renders the task again, and goes on with the same attempt.
        assert attempt_id(context["ti"]) == attempts[-1]
    assert len(set(attempts)) == 2
    run.run(done=["open_batch", "net_trades"])
    assert published(DAY) == before


def test_days_filled_in_any_order_carry_each_other_forward(
    first_run: DagRun, simple_dag: DAG, query: Query, published: Published, expected: Expected
) -> None:
    before = published(DAY)
    middle = run_day(simple_dag, MIDDLE)
    assert middle.xcom["open_batch"]["base_key"] == ""
    early = run_day(simple_dag, EARLY)
    assert early.xcom["open_batch"]["base_key"] == ""
    after_a_holiday = run_day(simple_dag, AFTER_A_HOLIDAY)
    assert after_a_holiday.xcom["open_batch"]["base_key"] == f"portfolio_ops/{EARLY}"
    last = run_day(simple_dag, DAY)
    assert last.xcom["open_batch"]["base_key"] == f"portfolio_ops/{MIDDLE}"
    assert last.xcom["open_batch"]["since"] == f"{BusinessDay(MIDDLE).cut_off:%Y-%m-%d %H:%M:%S.%f} UTC"
    assert last.xcom["process_deposits"]["rows_written"] < first_run.xcom["process_deposits"]["rows_written"]
    assert published(DAY) == before
    for day in (EARLY, AFTER_A_HOLIDAY, MIDDLE):
        assert_equals_oracle(published, expected, day)


def test_a_day_with_no_data_carries_balances_and_positions(
    first_run: DagRun, simple_dag: DAG, query: Query, published: Published, expected: Expected
) -> None:
    run = run_day(simple_dag, NO_DATA)
    rows = published(NO_DATA)
    assert rows["cash_position_offsets"].num_rows == 0
    assert rows["account_balances"].num_rows > 0
    assert rows["account_margin_reqs"].num_rows > 0
    assert_equals_oracle(published, expected, NO_DATA)
    # A day on which not even the carried window has a movement.
    following = run_day(simple_dag, NO_DATA + timedelta(days=1))
    assert following.xcom["open_batch"]["base_key"] == run.xcom["open_batch"]["key"]
    assert all(following.xcom[step]["rows_written"] == 0 for step in STEPS[:3])
    assert_equals_oracle(published, expected, NO_DATA + timedelta(days=1))


def test_a_retried_step_lands_once(
    first_run: DagRun, simple_dag: DAG, query: Query, published: Published
) -> None:
    """The first try dies after its rows landed: the second one's are published, and only those."""
    before = published(DAY)
    run = DagRun(simple_dag, DAY)
    run.run_task("open_batch")
    lost = run.run_task("process_deposits")["attempt_id"]
    for step in [*STEPS, "audit_batch", "publish_batch"]:
        run.run_task(step)
    attempts = [attempt["attempt_id"] for attempt in run.xcom["audit_batch"]["attempts"]]
    assert lost not in attempts
    [[landed]] = query(f"SELECT count(*) FROM lake.banking.movements_landed WHERE attempt_id = '{lost}'")
    assert landed > 0
    assert published(DAY) == before


def test_two_tries_of_one_task_instance_land_under_two_attempts(
    first_run: DagRun, simple_dag: DAG, published: Published
) -> None:
    """Airflow keeps the instance's id when a process dies that it has not yet known as running.

    That of a task which goes on after a deferral may: its query has landed, and the next try lands again.
    """
    before = published(DAY)
    run = DagRun(simple_dag, DAY)
    run.run_task("open_batch")
    instance = uuid4()
    first = run.execute(*run.prepare("process_deposits", id=instance, try_number=1))["attempt_id"]
    second = run.execute(*run.prepare("process_deposits", id=instance, try_number=2))["attempt_id"]
    for step in [*STEPS, "audit_batch", "publish_batch"]:
        if step != "process_deposits":
            run.run_task(step)
    attempts = [attempt["attempt_id"] for attempt in run.xcom["audit_batch"]["attempts"]]
    assert second in attempts
    assert first not in attempts
    assert published(DAY) == before


def test_a_failed_try_leaves_no_staging_table(first_run: DagRun, simple_dag: DAG, query: Query) -> None:
    run = DagRun(simple_dag, DAY)
    run.run(until="compute_margin_reqs")
    task, context = run.prepare("compute_margin_reqs")
    task.sql = task.sql.replace("INTO lake.analytics.positions_landed", "INTO lake.analytics.nowhere")
    with pytest.raises(AirflowFailException, match=r"INSERT \(3 of 3\) failed.*TABLE_NOT_FOUND"):
        run.execute(task, context)
    assert query("SHOW TABLES FROM lake.staging") == []


def failing_audit(run: DagRun, query: Query, damage: str) -> str:
    """Damage what the run has landed, and return what the audit says; nothing may be published."""
    run.run(until="audit_batch")
    query(damage.format(**{step: run.xcom[step]["attempt_id"] for step in STEPS}))
    count = len(publications(query, DAY))
    with pytest.raises(AirflowFailException) as error:
        run.run_task("audit_batch")
    with pytest.raises(AirflowFailException, match="was not audited"):
        run.run_task("publish_batch")
    assert len(publications(query, DAY)) == count
    return str(error.value)


def test_a_lost_row_fails_the_audit_and_publishes_nothing(
    first_run: DagRun, simple_dag: DAG, query: Query, published: Published
) -> None:
    before = published(DAY)
    message = failing_audit(
        DagRun(simple_dag, DAY),
        query,
        "DELETE FROM lake.banking.movements_landed "
        "WHERE attempt_id = '{process_withdrawals}' AND currency = 'USD' AND NOT carried",
    )
    assert f"The audit of batch portfolio_ops/{DAY} failed, nothing was published" in message
    found = re.search(
        r"- process_withdrawals, USD: the source has (\d+) rows, (-?[\d.]+); "
        r"landed are (\d+) rows, (-?[\d.]+), and rejected (\d+) rows, (-?[\d.]+) "
        r"\(difference (\d+) rows, (-?[\d.]+)\)",
        message,
    )
    assert found is not None, message
    source, landed, rejected, difference = (int(found[n]) for n in (1, 3, 5, 7))
    assert source - landed - rejected == difference > 0
    # The balances were computed from the rows that are gone now.
    assert "- compute_account_balances, USD: " in message
    assert published(DAY) == before


def test_rows_landed_twice_by_a_double_commit_are_found(
    first_run: DagRun, simple_dag: DAG, query: Query
) -> None:
    message = failing_audit(
        DagRun(simple_dag, DAY),
        query,
        "INSERT INTO lake.analytics.account_margin_reqs_landed "
        "SELECT * FROM lake.analytics.account_margin_reqs_landed WHERE attempt_id = '{compute_margin_reqs}'",
    )
    assert re.search(
        r"- compute_margin_reqs: attempt [\w-]+ has landed \d+ keys more than once in account_margin_reqs",
        message,
    )


def test_a_row_that_appears_late_in_the_source_fails_the_audit_until_its_step_is_run_again(
    first_run: DagRun, simple_dag: DAG, query: Query
) -> None:
    """The control total is a read of its own, so a row between the two reads does not go unseen."""
    run = DagRun(simple_dag, DAY)
    batch = run.run_task("open_batch")
    [[late]] = query(
        "SELECT max(trade_id) FROM trading_db.public.trades "
        f"WHERE posted_at >= TIMESTAMP '{batch['since']}' AND posted_at < TIMESTAMP '{batch['cut_off']}'"
    )
    task, context = run.prepare("net_trades")
    control, *landing = task.sql.split(";")
    task.sql = ";".join([control.replace("WHERE ", f"WHERE t.trade_id <> {late} AND "), *landing])
    run.execute(task, context)
    for step in STEPS:
        if step != "net_trades":
            run.run_task(step)
    with pytest.raises(AirflowFailException, match=r"- net_trades, [A-Z]{3}: .*\(difference -1 rows"):
        run.run_task("audit_batch")
    for step in ["net_trades", "compute_account_balances", "compute_margin_reqs", "audit_batch"]:
        run.run_task(step)


def test_two_runs_at_once_and_a_reader_sees_whole_batches_only(
    first_run: DagRun, simple_dag: DAG, query: Query, published: Published, expected: Expected
) -> None:
    """Both runs publish the same day for the first time, while a reader polls."""
    day = date(2025, 4, 29)
    ended = threading.Event()

    def balance() -> list[Any]:
        return query(
            f"""WITH day (business_date) AS (VALUES DATE '{day}')
            SELECT
                (SELECT count(*) FROM lake.analytics.account_balances JOIN day USING (business_date)),
                (SELECT count(*) FROM lake.analytics.account_margin_reqs JOIN day USING (business_date)),
                (SELECT count(*) FROM lake.banking.cash_position_offsets JOIN day USING (business_date))"""
        )[0]

    def read() -> list[list[Any]]:
        seen = []
        while not ended.is_set():
            seen.append(balance())
        return seen

    runs = [DagRun(simple_dag, day), DagRun(simple_dag, day)]
    with ThreadPoolExecutor(3) as pool:
        reader = pool.submit(read)
        try:
            list(pool.map(DagRun.run, runs))
        finally:
            ended.set()
        seen = reader.result()
    whole = balance()
    assert len(publications(query, day)) == 2
    assert seen[0] == [0, 0, 0]
    assert all(state in ([0, 0, 0], whole) for state in seen)
    assert_equals_oracle(published, expected, day)


def test_margin_and_interest_rates_are_parameters(first_run: DagRun, simple_dag: DAG, query: Query) -> None:
    run = DagRun(simple_dag, DAY, params={"initial_rate": 0.25, "credit_rate": 0.03})
    run.run(until="audit_batch")
    attempts = {step: run.xcom[step]["attempt_id"] for step in STEPS}
    [[initial, published_initial]] = query(
        f"""SELECT sum(l.initial_requirement_usd), sum(p.initial_requirement_usd)
        FROM lake.analytics.account_margin_reqs_landed l
        JOIN lake.analytics.account_margin_reqs p
            ON p.account_id = l.account_id AND p.business_date = l.business_date
        WHERE l.attempt_id = '{attempts["compute_margin_reqs"]}'"""
    )
    assert abs(float(initial) / float(published_initial) - 0.5) < 1e-3
