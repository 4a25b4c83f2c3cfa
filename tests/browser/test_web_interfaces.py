"""What a user sees of a finished day: Airflow's grid and asset graph, Trino's query page, nostro's report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, TypeVar

import pytest
import trino.dbapi
from selenium.common.exceptions import (
    ElementClickInterceptedException,
    NoSuchElementException,
    StaleElementReferenceException,
    TimeoutException,
    WebDriverException,
)
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support import expected_conditions as condition
from selenium.webdriver.support.wait import WebDriverWait
from tests.chromium import chromium

from nostro.demo.synthetic_bank import SyntheticBank
from nostro.stack import Stack
from nostro.stack.airflow_client import AirflowClient, DagRun

DAY = date(2025, 5, 2)
PRODUCER = "portfolio_ops"
CONSUMER = "risk_team_batch_jobs"
TASKS = {
    "open_batch",
    "process_deposits",
    "process_withdrawals",
    "net_trades",
    "compute_account_balances",
    "compute_margin_reqs",
    "audit_batch",
    "publish_batch",
}
IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
IMAGE_BYTES = 250_000
RUN_SECONDS = 400.0
PAGE_SECONDS = 60.0
NOT_YET = (NoSuchElementException, StaleElementReferenceException, ElementClickInterceptedException)
"""Airflow's pages draw their elements anew while data arrives."""

Nostro = Callable[..., str]
Picture = Callable[[str], None]
Seen = TypeVar("Seen")


@dataclass(frozen=True)
class Login:
    """What `nostro status` says of Airflow's web interface."""

    address: str
    user: str
    password: str


@pytest.fixture(scope="module")
def nostro(stack: Stack) -> Nostro:
    """Run the command line on the stack, and return what it prints."""

    def call(*arguments: str) -> str:
        return subprocess.run(
            [str(Path(sys.executable).with_name("nostro")), *arguments],
            env={**os.environ, "NOSTRO_HOME": str(stack.home.root)},
            stdout=subprocess.PIPE,
            encoding="utf-8",
            check=True,
        ).stdout

    return call


@pytest.fixture(scope="module")
def browser(stack: Stack) -> Iterator[Chrome]:
    with chromium(stack.home) as browser:
        yield browser


@pytest.fixture(scope="module")
def airflow(
    browser: Chrome, stack: Stack, bank: SyntheticBank, trino_connection: trino.dbapi.Connection
) -> Iterator[AirflowClient]:
    """The stack's own Airflow, with the day's DAG and the one that follows it switched on.

    What they have published is withdrawn again, for other suites count what is published.
    """
    stack.up(airflow=True)
    client = stack.airflow_client()
    for dag_id in (PRODUCER, CONSUMER):
        client.wait_until_parsed(dag_id)
        client.unpause(dag_id)
    yield client
    for dag_id in (PRODUCER, CONSUMER):
        client.pause(dag_id)
    stack.up(airflow=False)
    with closing(trino_connection.cursor()) as cursor:
        cursor.execute("DELETE FROM lake.control.published_batches").fetchall()


@pytest.fixture(scope="module")
def run(airflow: AirflowClient) -> DagRun:
    """A finished run of portfolio_ops, which the risk team's DAG has followed."""
    before = {run.run_id for run in airflow.runs(CONSUMER)}
    airflow.trigger(PRODUCER, {"business_date": DAY.isoformat()}, run_id=f"day__{DAY}")
    run = airflow.wait(PRODUCER, f"day__{DAY}", timeout=RUN_SECONDS)
    tasks = airflow.task_instances(PRODUCER, run.run_id)
    assert run.state == "success", [(task.task_id, task.state) for task in tasks]
    deadline = time.monotonic() + RUN_SECONDS
    while not (followers := [it for it in airflow.runs(CONSUMER) if it.run_id not in before]):
        assert time.monotonic() < deadline, f"{CONSUMER} has not followed"
        time.sleep(0.25)
    assert airflow.wait(CONSUMER, followers[0].run_id, timeout=RUN_SECONDS).state == "success"
    return run


@pytest.fixture(scope="module")
def login(airflow: AirflowClient, nostro: Nostro) -> Login:
    told = json.loads(nostro("status", "--json"))["airflow"]
    return Login(told["address"], told["user"], Path(told["password_file"]).read_text(encoding="utf-8"))


@pytest.fixture
def picture(request: pytest.FixtureRequest, browser: Chrome) -> Picture:
    """Save what the browser shows under docs/images, where that was asked for."""

    def save(name: str) -> None:
        if not request.config.getoption("--screenshots"):
            return
        IMAGES.mkdir(exist_ok=True)
        image = browser.get_screenshot_as_png()
        (IMAGES / f"{name}.png").write_bytes(image)
        assert len(image) <= IMAGE_BYTES, f"{name}: {len(image):,} bytes"

    return save


def wait(browser: Chrome, seen: Callable[[Chrome], Literal[False] | Seen], what: str) -> Seen:
    """Return what is seen on the page, as soon as it is there."""
    waiting = WebDriverWait(browser, PAGE_SECONDS, ignored_exceptions=NOT_YET)
    try:
        return waiting.until(unless_navigating(seen))
    except TimeoutException:
        text = browser.find_element(By.TAG_NAME, "body").text[:1000]
        raise AssertionError(f"{what} is not on {browser.current_url}, but: {text}") from None


def unless_navigating(
    seen: Callable[[Chrome], Literal[False] | Seen],
) -> Callable[[Chrome], Literal[False] | Seen]:
    """Look again where the page gave way to the next one while it was looked at."""

    def look(browser: Chrome) -> Literal[False] | Seen:
        try:
            return seen(browser)
        except WebDriverException as error:
            if "aborted by navigation" not in (error.msg or ""):
                raise
            return False

    return look


def shown(browser: Chrome, selector: str) -> set[str]:
    """Return the texts of the elements that are on the page now."""
    texts = browser.execute_script(
        "return [...document.querySelectorAll(arguments[0])].map(it => it.innerText.trim())", selector
    )
    return set(texts)


def element(browser: Chrome, by: str, value: str) -> WebElement:
    return wait(browser, condition.visibility_of_element_located((by, value)), value)


def click(browser: Chrome, by: str, value: str) -> None:
    def press(page: WebDriver) -> bool:
        page.find_element(by, value).click()
        return True

    wait(browser, press, value)


def wait_for_text(browser: Chrome, text: str) -> None:
    wait(browser, condition.text_to_be_present_in_element((By.TAG_NAME, "body"), text), text)


def sign_in(browser: Chrome, user: str, password: str) -> None:
    """Fill in Airflow's form, which must be on the page, and send it."""
    for name, value in (("username", user), ("password", password)):
        field = element(browser, By.NAME, name)
        field.clear()
        field.send_keys(value)
    click(browser, By.CSS_SELECTOR, "button[type=submit]:not([disabled])")


@pytest.fixture
def signed_in(browser: Chrome, login: Login) -> Chrome:
    """The browser, whose user has signed in to Airflow."""
    browser.delete_all_cookies()
    browser.get(login.address)
    sign_in(browser, login.user, login.password)
    element(browser, By.CSS_SELECTOR, "[data-testid=nav-sidebar]")
    return browser


def test_airflow_wants_the_login_that_status_tells(browser: Chrome, login: Login) -> None:
    browser.delete_all_cookies()
    browser.get(f"{login.address}/assets")
    wait(browser, condition.url_contains("/auth/login"), "the login")
    sign_in(browser, login.user, "wrong")
    wait_for_text(browser, "Invalid credentials")
    assert "/auth/login" in browser.current_url
    sign_in(browser, login.user, login.password)
    element(browser, By.CSS_SELECTOR, "[data-testid=nav-sidebar]")
    assert browser.current_url == f"{login.address}/assets"


def test_the_grid_shows_every_task_of_the_run_as_done(
    signed_in: Chrome, login: Login, run: DagRun, picture: Picture
) -> None:
    signed_in.get(f"{login.address}/dags/{PRODUCER}/runs/{run.run_id}")
    wait(signed_in, lambda it: shown(it, "[data-testid^=task-][data-task-id]") == TASKS, "the grid's tasks")
    states = """
        return Object.fromEntries([...document.querySelectorAll('tbody tr')].map(row =>
            [row.querySelector('a')?.innerText, row.querySelector('[data-testid=state-badge]')?.innerText]))
    """
    done = dict.fromkeys(TASKS, "Success")
    wait(signed_in, lambda it: it.execute_script(states) == done, "the table of states")
    # A cell of the grid has no text: it has the colour of its state, as the run's own badge has.
    colours = """
        const colour = it => it && getComputedStyle(it).backgroundColor
        const badge = [...document.querySelectorAll('[data-testid=state-badge]')]
            .find(it => it.innerText.trim() === 'Success')
        return arguments[1].map(task => {
            const cell = document.getElementById(`grid-${arguments[0]}-${task}`)
            return badge && colour(cell?.querySelector('[data-testid=task-state-badge]')) === colour(badge)
        })
    """
    wait(signed_in, lambda it: all(it.execute_script(colours, run.run_id, list(TASKS))), "a grid of success")
    picture("airflow-grid")


def test_the_asset_graph_shows_who_makes_the_balances_and_who_follows(
    signed_in: Chrome, login: Login, run: DagRun, picture: Picture
) -> None:
    signed_in.get(f"{login.address}/assets")
    click(signed_in, By.LINK_TEXT, "account_balances")
    nodes = {PRODUCER, CONSUMER, "account_balances", "account_margin_reqs"}
    wait(signed_in, lambda it: shown(it, "[data-testid^=rf__node-]") == nodes, "the graph's nodes")
    [asset] = signed_in.execute_script(
        "return [...document.querySelectorAll('[data-testid^=rf__node-asset]')]"
        ".filter(it => it.innerText.trim() === 'account_balances').map(it => it.dataset.id)"
    )
    for edge in (f"dag:{PRODUCER}-{asset}", f"{asset}-dag:{CONSUMER}"):
        wait(signed_in, condition.presence_of_element_located((By.CSS_SELECTOR, f"[data-id='{edge}']")), edge)
    for link in (f"{PRODUCER}/runs/{run.run_id}/tasks/publish_batch", f"{CONSUMER}/runs/asset_triggered__"):
        element(signed_in, By.CSS_SELECTOR, f"a[href^='/dags/{link}']")
    picture("airflow-asset-graph")


def test_a_task_links_to_its_query_in_trinos_interface(
    signed_in: Chrome, login: Login, airflow: AirflowClient, run: DagRun, picture: Picture
) -> None:
    [task] = [it for it in airflow.task_instances(PRODUCER, run.run_id) if it.task_id == "process_deposits"]
    query_id = airflow.returned(PRODUCER, run.run_id, task)["query_ids"][-1]
    page = f"{login.address}/dags/{PRODUCER}/runs/{run.run_id}/tasks/process_deposits"
    signed_in.get(f"{page}/details")
    airflow_window = signed_in.current_window_handle
    click(signed_in, By.LINK_TEXT, "Trino query")
    wait(signed_in, condition.number_of_windows_to_be(2), "a window for Trino")
    [trino_window] = set(signed_in.window_handles) - {airflow_window}
    signed_in.switch_to.window(trino_window)
    try:
        element(signed_in, By.ID, "username").send_keys("analyst")
        click(signed_in, By.ID, "submit")
        wait(signed_in, condition.url_contains(f"/ui/query.html?{query_id}"), "the query's page")
        source = f"nostro/{PRODUCER}/{run.run_id}/process_deposits/1"
        for text in (query_id, "FINISHED", source, "INSERT INTO lake.banking.movements_landed"):
            wait_for_text(signed_in, text)
        picture("trino-query")
    finally:
        signed_in.close()
        signed_in.switch_to.window(airflow_window)


def test_the_report_of_the_day_opens_with_its_balances(
    browser: Chrome,
    run: DagRun,
    nostro: Nostro,
    trino_connection: trino.dbapi.Connection,
    tmp_path: Path,
    picture: Picture,
) -> None:
    file = tmp_path / "report.html"
    nostro("report", str(DAY), "--output", str(file))
    with closing(trino_connection.cursor()) as cursor:
        published = {
            (account, currency): f"{amount:,.2f}"
            for account, currency, amount in cursor.execute(
                "SELECT account_id, currency, closing_balance FROM lake.analytics.account_balances "
                f"WHERE business_date = DATE '{DAY}'"
            ).fetchall()
        }
    browser.get(file.as_uri())
    table = element(browser, By.CSS_SELECTOR, "[data-table=account_balances]")
    balances = table.find_element(By.XPATH, "./ancestor::section")
    assert table.find_element(By.CSS_SELECTOR, "[data-range]").text == f"1–25 of {len(published):,}"
    rows = [
        [cell.text for cell in row.find_elements(By.TAG_NAME, "td")]
        for row in table.find_elements(By.CSS_SELECTOR, "tbody tr")
    ]
    assert len(rows) == 25
    assert {(row[0], row[1]): row[6] for row in rows}.items() <= published.items()
    wait_for_text(browser, f"{run.run_id} of {PRODUCER}, success")
    picture("nostro-report")
    browser.execute_script("arguments[0].scrollIntoView({behavior: 'instant'})", balances)
    picture("nostro-report-balances")


def test_a_page_that_gives_way_to_the_next_is_looked_at_again() -> None:
    def seen(_: Chrome) -> Literal[False]:
        raise WebDriverException("aborted by navigation: Inspected target navigated or closed")

    assert unless_navigating(seen)(object()) is False  # type: ignore[arg-type]
