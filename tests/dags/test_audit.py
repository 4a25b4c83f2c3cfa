"""`nostro explain` and `nostro report` of real runs: against the oracle, the bank's files, in a browser."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import psycopg2
import pytest
from airflow.sdk import DAG
from tests.chromium import chromium

from nostro.audit.balance import BalanceTrace, trace_balance
from nostro.audit.day_figures import FigureTable
from nostro.audit.report import RunReport, read_report, render
from nostro.demo.bank_calendar import PostingWindow
from nostro.demo.schema import ACCOUNT_MAPPING, TRADES, TRANSACTIONS
from nostro.demo.synthetic_bank import SyntheticBank
from nostro.stack import Stack
from nostro.stack.query import TrinoSession

if TYPE_CHECKING:
    from selenium.webdriver import Chrome
    from tests.dags.conftest import Expected, Query
    from tests.dags.dag_run import DAGS, DagRun, load_dag
else:
    from dag_run import DAGS, DagRun, load_dag

BASE = date(2025, 4, 28)
DAY = date(2025, 4, 30)
SUNDAY = date(2025, 4, 27)
NOSTRO = str(Path(sys.executable).with_name("nostro"))

Nostro = Callable[..., "subprocess.CompletedProcess[str]"]

pytestmark = pytest.mark.usefixtures("trino_conn", "bank")


@pytest.fixture(scope="module")
def session(stack: Stack) -> TrinoSession:
    return TrinoSession.on(stack.status()["trino"])


@pytest.fixture(scope="module")
def run(simple_dag: DAG, trino_conn: None, bank: SyntheticBank, query: Query) -> DagRun:
    """A run of a day that carries the balances of an earlier one forward, over a day that was left out."""
    if query("SELECT 1 FROM lake.information_schema.tables WHERE table_name = 'published_batches'"):
        query("DELETE FROM lake.control.published_batches")
    DagRun(simple_dag, BASE).run()
    run = DagRun(simple_dag, DAY)
    run.run()
    return run


@pytest.fixture(scope="module")
def report(run: DagRun, session: TrinoSession) -> RunReport:
    DagRun(load_dag(DAGS / "risk_team_batch_jobs.py")).run()
    return read_report(session, DAY, None)


@pytest.fixture(scope="module")
def page(report: RunReport) -> str:
    return render(report)


@pytest.fixture
def nostro(stack: Stack) -> Nostro:
    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [NOSTRO, *arguments],
            env={**os.environ, "NOSTRO_HOME": str(stack.home.root)},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    return call


def oracle_balances(expected: Expected) -> dict[str, dict[str, dict[str, Any]]]:
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for row in expected(DAY).tables["account_balances"].to_pylist():
        found.setdefault(row["account_id"], {})[row["currency"]] = row
    return found


def in_files(bank: SyntheticBank, account: str) -> set[tuple[str, str]]:
    """The rows of an account's transactions and trades that were posted in the day's window."""
    window = PostingWindow.of(DAY)
    with closing(duckdb.connect()) as connection:
        rows = connection.execute(
            f"""SELECT 'transactions', CAST(transaction_id AS varchar)
            FROM read_parquet('{bank.file(TRANSACTIONS)}')
            JOIN read_parquet('{bank.file(ACCOUNT_MAPPING)}') USING (bank_account)
            WHERE account_id = $account AND posted_at >= $since AND posted_at < $until
            UNION ALL
            SELECT 'trades', CAST(trade_id AS varchar) FROM read_parquet('{bank.file(TRADES)}')
            WHERE account_id = $account AND posted_at >= $since AND posted_at < $until""",
            {"account": account, "since": window.start, "until": window.end},
        ).fetchall()
    return {(str(source), str(source_id)) for source, source_id in rows}


def own_rejects(expected: Expected, bank: SyntheticBank) -> dict[str, list[dict[str, Any]]]:
    """The day's rejected movements of known accounts, by account."""
    with closing(duckdb.connect()) as connection:
        mapping = dict(
            connection.execute(
                f"SELECT bank_account, account_id FROM read_parquet('{bank.file(ACCOUNT_MAPPING)}')"
            ).fetchall()
        )
    found: dict[str, list[dict[str, Any]]] = {}
    known = oracle_balances(expected)
    for row in expected(DAY).tables["rejects"].to_pylist():
        account = mapping.get(row["account"], row["account"])
        if account in known:
            found.setdefault(account, []).append(row)
    return found


def chosen_accounts(expected: Expected, bank: SyntheticBank) -> list[str]:
    """The busiest account, one with rejects, one without movements that day, and a few more."""
    balances = oracle_balances(expected)
    busiest = max(balances, key=lambda account: len(in_files(bank, account)))
    quiet = next(account for account in balances if not in_files(bank, account))
    rejected = next(iter(own_rejects(expected, bank)))
    return list(dict.fromkeys([busiest, quiet, rejected, *sorted(balances)[1:60:20]]))


def test_a_balance_is_traced_to_the_rows_of_the_banks_files(
    run: DagRun, session: TrinoSession, expected: Expected, bank: SyntheticBank
) -> None:
    balances, rejects = oracle_balances(expected), own_rejects(expected, bank)
    for account in chosen_accounts(expected, bank):
        trace = trace_balance(session, account, DAY)
        assert trace.is_reconciled
        own = [row for one in trace.currencies for row in one.rows if not row.carried]
        rejected = {(row.source, row.source_id): row.reason for row in own if row.reason is not None}
        told = {(it.source, it.source_id): it.reason for it in trace.rejects if it.source != "position"}
        in_oracle = {
            (it["source"], it["source_id"]): it["reason"]
            for it in rejects.get(account, [])
            if it["source"] != "position"
        }
        # A reject in a currency in which the account has no balance belongs to no statement.
        assert told == in_oracle
        assert rejected.items() <= told.items()
        assert {(row.source, row.source_id) for row in own} | set(told) == in_files(bank, account)
        assert {one.currency for one in trace.currencies} == set(balances[account])
        for one in trace.currencies:
            row = balances[account][one.currency]
            for column in ("opening_balance", "deposits", "withdrawals", "trades", "closing_balance"):
                assert getattr(one, column) == row[column], (account, one.currency, column)
            accepted = [row.amount for row in one.rows if row.reason is None and not row.carried]
            assert one.opening_balance + sum(accepted, Decimal()) == one.closing_balance


def test_the_trace_names_base_batch_attempts_and_queries(
    run: DagRun, session: TrinoSession, expected: Expected, bank: SyntheticBank
) -> None:
    trace = trace_balance(session, chosen_accounts(expected, bank)[0], DAY)
    publication = trace.publication
    assert publication.batch_key == f"portfolio_ops/{DAY}"
    assert publication.run_id == run.run_id
    assert publication.publication_id == run.xcom["publish_batch"]["publication_id"]
    assert publication.base_key == f"portfolio_ops/{BASE}"
    assert publication.base_attempt_id == run.xcom["open_batch"]["base_attempt_id"]
    assert {one.carried_from for one in trace.currencies} <= {"base", "ledger", "nothing"}
    assert "base" in {one.carried_from for one in trace.currencies}
    steps = {commit.step: commit for commit in trace.commits}
    for step in ("process_deposits", "net_trades", "compute_account_balances", "audit_batch"):
        assert steps[step].attempt_id == run.xcom[step]["attempt_id"]
        written = {commit.query_id for commit in trace.commits if commit.step == step}
        assert written <= set(run.xcom[step]["query_ids"])
        assert written
    assert steps["publish_batch"].query_id == run.xcom["publish_batch"]["query_ids"][0]
    assert {query.dag_id for query in trace.queries} == {"simple_dag"}


def test_the_command_prints_a_statement_and_json(
    run: DagRun, nostro: Nostro, expected: Expected, bank: SyntheticBank
) -> None:
    account = chosen_accounts(expected, bank)[0]
    done = nostro("explain", account, str(DAY))
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 110
    assert "✓ reconciled" in done.stdout
    for text in (run.run_id, f"portfolio_ops/{BASE}", run.xcom["net_trades"]["attempt_id"]):
        assert text in done.stdout
    for row in oracle_balances(expected)[account].values():
        assert f"{row['closing_balance']:,.2f}" in done.stdout
    told = json.loads(nostro("explain", account, str(DAY), "--json", "--currency", "eur").stdout)
    assert [one["currency"] for one in told["currencies"]] == ["EUR"]
    row = oracle_balances(expected)[account]["EUR"]
    assert told["currencies"][0]["closing_balance"] == str(row["closing_balance"])
    assert told["is_reconciled"] is True
    with closing(duckdb.connect()) as connection:
        ibans = connection.execute(
            f"SELECT DISTINCT counterparty_iban FROM read_parquet('{bank.file(TRANSACTIONS)}') "
            "WHERE counterparty_iban IS NOT NULL"
        ).fetchall()
    printed = done.stdout + json.dumps(told)
    assert re.search(r"[A-Z]{2}\d{2}…\w{4}", done.stdout)
    assert not [iban for (iban,) in ibans if iban in printed]


def test_a_bank_account_stands_for_the_account_that_it_is_mapped_to(
    run: DagRun, session: TrinoSession, bank: SyntheticBank, expected: Expected
) -> None:
    account = chosen_accounts(expected, bank)[0]
    traced = trace_balance(session, account, DAY)
    assert trace_balance(session, traced.bank_accounts[0], DAY).currencies == traced.currencies


@contextmanager
def late_row(stack: Stack, bank_account: str) -> Iterator[None]:
    """A deposit that appears in the source, within the window, after the batch was landed."""
    with closing(psycopg2.connect(stack.postgres_dsn("bankteam_app"))) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(
            """INSERT INTO transactions (transaction_id, bank_account, transaction_type, amount, currency,
                booking_date, value_date, posted_at)
            VALUES (999999999, %s, 'deposit', 12.34, 'EUR', '2025-04-30', '2025-04-30', %s)""",
            (bank_account, PostingWindow.of(DAY).start),
        )
        try:
            yield
        finally:
            cursor.execute("DELETE FROM transactions WHERE transaction_id = 999999999")


def test_a_row_that_the_batch_has_not_landed_is_told_of_with_its_amount(
    run: DagRun,
    stack: Stack,
    session: TrinoSession,
    nostro: Nostro,
    expected: Expected,
    bank: SyntheticBank,
) -> None:
    account = chosen_accounts(expected, bank)[0]
    trace: BalanceTrace = trace_balance(session, account, DAY)
    with late_row(stack, trace.bank_accounts[0]):
        done = nostro("explain", account, str(DAY), "--currency", "EUR")
    assert done.returncode == 1
    assert "✗ EUR does not reconcile" in done.stdout
    assert "deposits: source rows = landed" in done.stdout
    assert "difference -12.34" in done.stdout
    assert nostro("explain", account, str(DAY), "--currency", "EUR").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "cause", "remedy"),
    [
        (("A0000001", str(SUNDAY)), "nothing for Sunday, 2025-04-27", f"{BASE}, {DAY}"),
        (("Z9999999", str(DAY)), "no such account", "SELECT DISTINCT account_id"),
        (("A0000001", str(DAY), "--currency", "XXX"), "no balance in XXX", "it has balances in "),
    ],
)
def test_what_is_not_there_is_told_with_what_is(
    run: DagRun, nostro: Nostro, arguments: tuple[str, ...], cause: str, remedy: str
) -> None:
    done = nostro("explain", *arguments)
    assert done.returncode == 1
    assert done.stdout == ""
    first, second = done.stderr.splitlines()
    assert cause in first
    assert remedy in second
    assert arguments[0] not in done.stderr


class ParsedPage(HTMLParser):
    """What a page consists of: its elements, and the text of scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.raw: list[tuple[str, dict[str, str | None], str]] = []
        self.texts: list[str] = []
        self._open: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in {"script", "style"}:
            self._open.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self._open:
            self.raw.append((*self._open.pop(), data))
        else:
            self.texts.append(data)

    @property
    def data(self) -> dict[str, Any]:
        [text] = [text for _, attributes, text in self.raw if attributes.get("id") == "data"]
        found: dict[str, Any] = json.loads(text)
        return found


def test_the_page_has_the_oracles_rows(page: str, expected: Expected) -> None:
    data = ParsedPage(page).data
    for name in ("account_balances", "account_margin_reqs", "rejects"):
        wanted = expected(DAY).tables[name].to_pylist()
        names = [column["name"] for column in data[name]["columns"]]
        rows = [dict(zip(names, row, strict=True)) for row in data[name]["rows"]]
        assert len(rows) == len(wanted)
        common = [it for it in names if it in wanted[0] and it != "posted_at"]

        def comparable(row: dict[str, Any], columns: list[str] = common) -> tuple[str, ...]:
            return tuple(str(row[column]) for column in columns)

        assert sorted(map(comparable, rows)) == sorted(map(comparable, wanted))


def test_the_page_needs_nothing_else_and_allows_nothing_else(page: str) -> None:
    parsed = ParsedPage(page)
    assert {tag for tag, _ in parsed.elements}.isdisjoint({"link", "img", "iframe", "object", "form", "base"})
    for tag, attributes in parsed.elements:
        assert not [name for name in attributes if name.startswith("on") or name in {"src", "style"}], tag
        assert (attributes.get("href") or "#").startswith("#")
    assert "http://" not in page
    assert "https://" not in page
    [policy] = [
        attributes["content"]
        for tag, attributes in parsed.elements
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy is not None
    assert "default-src 'none'" in policy
    run_texts = [text for tag, attributes, text in parsed.raw if attributes.get("type") is None]
    assert len(run_texts) == 2
    for text in run_texts:
        assert base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() in policy


def test_the_page_is_labelled(page: str) -> None:
    parsed = ParsedPage(page)
    tags = [tag for tag, _ in parsed.elements]
    assert tags.count("table") == tags.count("caption") == tags.count("thead") == 7
    assert all(attributes.get("scope") for tag, attributes in parsed.elements if tag == "th")
    assert all(attributes.get("aria-label") for tag, attributes in parsed.elements if tag == "svg")
    assert tags.count("svg") == 1 + 5
    assert ("html", {"lang": "en"}) in parsed.elements


def test_the_page_shows_the_runs_queries_and_totals(run: DagRun, page: str, report: RunReport) -> None:
    told = " ".join(ParsedPage(page).texts)
    for task in ("process_deposits", "net_trades", "compute_margin_reqs", "audit_batch", "publish_batch"):
        assert task in told
        for query_id in run.xcom[task]["query_ids"]:
            assert query_id in told, (task, query_id)
    bars = {bar.task: bar for bar in report.timeline.bars}
    written = {bar.task: sum(query.rows_written or 0 for query in bar.queries) for bar in bars.values()}
    assert written["net_trades"] == run.xcom["net_trades"]["rows_written"]
    # Trino runs yet, and was asked soon after: it still knows what the newest queries have read.
    assert [query.rows_read for query in bars["audit_batch"].queries if query.rows_read]
    assert report.is_reconciled
    assert "Airflow is not running" in told


def test_what_is_hostile_stays_text(report: RunReport) -> None:
    evil = "</script><script>alert('x')</script><b onclick=alert(1)>&"
    rejects: FigureTable = report.figures.rejects
    rows = [[*rejects.rows[0]]]
    rows[0][2] = evil
    figures = replace(report.figures, rejects=replace(rejects, rows=rows))
    parsed = ParsedPage(render(replace(report, figures=figures)))
    assert [tag for tag, _ in parsed.elements].count("script") == 2
    assert not [tag for tag, attributes in parsed.elements if "onclick" in attributes]
    assert parsed.data["rejects"]["rows"][0][2] == evil
    assert evil in parsed.texts


@pytest.fixture(scope="module")
def browser(stack: Stack) -> Iterator[Chrome]:
    with chromium(stack.home) as browser:
        yield browser


def many_balances(report: RunReport, count: int) -> RunReport:
    """The report as it is with many accounts: the day's own balances over and over, under other numbers."""
    balances = report.figures.balances
    rows = [[f"E{number:07}", *balances.rows[number % len(balances.rows)][1:]] for number in range(count)]
    figures = replace(report.figures, balances=replace(balances, rows=rows, total=count))
    return replace(report, figures=figures)


def test_tables_are_sorted_filtered_summed_and_paged_in_a_browser(
    browser: Chrome, report: RunReport, tmp_path: Path
) -> None:
    count = 33_000
    large = many_balances(report, count)
    file = tmp_path / "report.html"
    size = file.write_text(render(large), encoding="utf-8")
    assert size < 15_000_000
    browser.get(file.as_uri())
    table = browser.find_element("css selector", "[data-table=account_balances]")

    def shown() -> list[list[str]]:
        told: list[list[str]] = browser.execute_script(
            "return [...arguments[0].querySelectorAll('tbody tr')]"
            ".map(row => [...row.cells].map(cell => cell.textContent))",
            table,
        )
        return told

    def range_text() -> str:
        return str(table.find_element("css selector", "[data-range]").text)

    assert range_text() == "1–25 of 33,000"
    assert len(shown()) == 25
    table.find_element("css selector", "[data-next]").click()
    assert range_text() == "26–50 of 33,000"
    assert shown()[0][0] == "E0000025"

    closing_head = table.find_elements("css selector", "thead button")[6]
    closing_head.click()
    amounts = sorted((Decimal(row[6]) for row in large.figures.balances.rows), reverse=True)
    assert [row[6] for row in shown()] == [f"{amount:,.2f}" for amount in amounts[:25]]
    closing_head.click()
    assert [row[6] for row in shown()] == [f"{amount:,.2f}" for amount in amounts[::-1][:25]]

    currency = table.find_element("css selector", "[data-column=currency]")
    for option in currency.find_elements("css selector", "option"):
        if option.text == "CHF":
            option.click()
    of_francs = [row for row in large.figures.balances.rows if row[1] == "CHF"]
    assert range_text() == f"1–25 of {len(of_francs):,} (of 33,000)"
    foot = [cell.text for cell in table.find_elements("css selector", "tfoot td")]
    assert foot[6] == f"{sum(Decimal(row[6]) for row in of_francs):,.2f}"

    table.find_element("css selector", "[data-search]").send_keys(of_francs[3][0])
    assert [row[0] for row in shown()] == [of_francs[3][0]]
    log = browser.get_log("browser")  # type: ignore[no-untyped-call]
    assert [entry for entry in log if entry["level"] == "SEVERE"] == []


def test_the_command_writes_the_page(run: DagRun, nostro: Nostro, tmp_path: Path) -> None:
    file = tmp_path / "day.html"
    done = nostro("report", str(DAY), "--output", str(file))
    assert done.returncode == 0, done.stderr
    assert str(file) in done.stdout
    assert f"portfolio_ops/{DAY}" in file.read_text(encoding="utf-8")
    absent = nostro("report", str(SUNDAY), "--output", str(tmp_path / "absent.html"))
    assert absent.returncode == 1
    assert "has published nothing" in absent.stderr
    assert not (tmp_path / "absent.html").exists()
    nowhere = nostro("report", str(DAY), "--output", str(tmp_path / "no" / "day.html"))
    assert nowhere.returncode == 1
    assert "cannot be written" in nowhere.stderr


def test_rows_in_rewritten_files_are_said_to_be_of_an_unknown_query(
    run: DagRun, query: Query, nostro: Nostro, expected: Expected, bank: SyntheticBank
) -> None:
    query(f"ALTER TABLE lake.banking.movements_landed EXECUTE optimize WHERE business_date = DATE '{DAY}'")
    done = nostro("explain", chosen_accounts(expected, bank)[0], str(DAY))
    assert done.returncode == 0, done.stdout
    assert re.search(r"no longer known +banking\.movements_landed", done.stdout)
