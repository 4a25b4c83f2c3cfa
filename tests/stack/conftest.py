"""A second stack, in a home of its own beside the session's, that tests may break."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.own_home import own_home

from nostro.stack import NostroHome, Stack

DAG = """
from airflow.sdk import DAG, task

with DAG("two_steps", schedule=None, tags=["test"]):

    @task
    def first() -> str:
        print("the first step")
        return "done"

    @task
    def second(before: str) -> int:
        from airflow.providers.trino.hooks.trino import TrinoHook

        return TrinoHook().get_first("SELECT 41 + 1")[0]

    second(first())
"""


@pytest.fixture(scope="module")
def second_home() -> Iterator[NostroHome]:
    with (
        tempfile.TemporaryDirectory(prefix="nostro-tests-dags-") as dags,
        own_home("nostro-tests-second-") as home,
        pytest.MonkeyPatch.context() as patch,
    ):
        Path(dags, "two_steps.py").write_text(DAG)
        patch.setenv("NOSTRO_TRINO_HEAP", "1G")
        patch.setenv("NOSTRO_DAGS_FOLDER", dags)
        yield home


@pytest.fixture
def second_stack(second_home: NostroHome) -> Stack:
    """The second stack, up and whole whatever the test before did to it."""
    stack = Stack(second_home)
    stack.up()
    return stack


@pytest.fixture(scope="session")
def nostro_command() -> str:
    command = Path(sys.executable).with_name("nostro")
    assert os.access(command, os.X_OK)
    return str(command)
