"""Chromium without a window: it speaks to this machine only, and nothing of it is left afterwards."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psutil
import pytest

from nostro.stack import NostroHome, process

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

PART = "chromium"
END_SECONDS = 10.0
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--window-size=1280,1000",
    "--lang=en-US",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-proxy-server",
    # Trino's pages name a font on another host; here it is not found at once, instead of after a timeout.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


@contextmanager
def chromium(home: NostroHome) -> Iterator[Chrome]:
    """Give a browser that is a part of the stack in `home`: it ends with the stack at the latest."""
    binary, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if binary is None or driver is None:
        # Installing it needs root, which no verb of build.sh asks for, and nothing of Nostro needs a browser.
        # Left out on such a machine is only the look at the pages of Airflow, Trino and the report.
        pytest.skip(
            "the pages are not looked at, for there is no Chromium on this machine; as root: "
            "apt-get install chromium chromium-driver"
        )
    from selenium.webdriver import Chrome, ChromeOptions
    from selenium.webdriver.chrome.service import Service

    options = ChromeOptions()
    options.binary_location = binary
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for argument in ARGUMENTS:
        options.add_argument(argument)
    with tempfile.TemporaryDirectory(dir=home.root, ignore_cleanup_errors=True) as folder:
        # Chromium leaves some of its temporary files where they are.
        marks = {process.HOME_VARIABLE: str(home.root), process.PART_VARIABLE: PART, "TMPDIR": folder}
        service = Service(driver, env={**os.environ, **marks})
        browser = Chrome(options=options, service=service)
        try:
            yield browser
        finally:
            # Some of Chromium's processes overwrite their environment, others leave their parent.
            started = [
                *process.find(home.root, part=PART),
                *psutil.Process(service.process.pid).children(recursive=True),
            ]
            browser.quit()
            is_gone = process.wait_until_gone(lambda: living(started), END_SECONDS)
            process.end(lambda: living(started), leader=None)
            assert is_gone, f"Chromium has left processes after {END_SECONDS:.0f} s"


def living(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Return those that have not ended; a zombie has."""
    found = []
    for one in processes:
        try:
            if one.is_running() and one.status() != psutil.STATUS_ZOMBIE:
                found.append(one)
        except psutil.NoSuchProcess:
            continue
    return found
