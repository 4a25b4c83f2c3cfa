"""docs/own-functions.md: what it says is done, and gives what it says."""

from __future__ import annotations

import json
import time
import zipfile

import pytest
from tests.own_functions.conftest import NOSTRO, Walk

from nostro.deploy import read_plugin
from nostro.functions.catalogue import load_catalogue
from nostro.stack.home import StackOptions
from nostro.stack.progress import SilentProgress
from nostro.stack.query import TrinoSession
from nostro.stack.trino import Trino, TrinoSettings

FUNCTIONS = ["my_bank_account_branch", "my_bank_custody_fee"]


def test_the_page_shows_what_is_printed_and_what_is_in_the_project(walk: Walk) -> None:
    source = walk.project / "src/main/java/com/example/mybankfunctions/accounts/AccountFunctions.java"
    code = [line.strip() for line in source.read_text(encoding="utf-8").splitlines()]
    (declaration, _), *printed = walk.printed
    assert [line for line in declaration.splitlines() if line not in code] == []
    assert len(printed) == 2
    for stated, output in printed:
        assert stated in output


def test_the_project_has_a_page_for_each_package(walk: Walk) -> None:
    pages = walk.project / "docs" / "functions"
    assert sorted(path.name for path in pages.iterdir()) == ["README.md", "accounts.md", "fees.md"]
    assert "# Functions of my-bank-functions\n" in (pages / "README.md").read_text(encoding="utf-8")
    fees = (pages / "fees.md").read_text(encoding="utf-8")
    assert "**`my_bank_custody_fee(value decimal(18,2)) → decimal(18,2)`**" in fees
    assert "SELECT my_bank_custody_fee(DECIMAL '30.00');\n-- 0.04\n" in fees


def test_the_plugin_has_the_functions_and_no_library_that_trino_brings(walk: Walk) -> None:
    installed = walk.home.root / "functions" / "my-bank-functions"
    assert sorted(path.name for path in installed.iterdir()) == [
        "my-bank-functions-1.0-SNAPSHOT.jar",
        "nostro-functions.json",
        "nostro-plugin.properties",
    ]
    assert [it.name for it in load_catalogue(installed)] == FUNCTIONS
    built = walk.project / "target" / "my-bank-functions-plugin"
    assert read_plugin(built).checksums() == read_plugin(installed).checksums()
    with zipfile.ZipFile(installed / "my-bank-functions-1.0-SNAPSHOT.jar") as jar:
        assert "META-INF/services/io.trino.spi.Plugin" in jar.namelist()
    assert [path.name for path in installed.parent.iterdir()] == ["my-bank-functions"]


def test_it_is_deployed_beside_nostros(walk: Walk) -> None:
    deployed = walk.trino / "plugin"
    assert sorted(path.name for path in deployed.iterdir()) == [
        "iceberg",
        "nostro",
        "nostro-my-bank-functions",
    ]
    installed = read_plugin(walk.home.root / "functions" / "my-bank-functions")
    assert read_plugin(deployed / "nostro-my-bank-functions").checksums() == installed.checksums()
    assert len(list((deployed / "nostro").glob("*.jar"))) > 20


def test_they_are_listed(walk: Walk) -> None:
    printed = walk.run(NOSTRO, "functions", "--names", "my_bank%").stdout.split()
    assert printed == FUNCTIONS
    everything = json.loads(walk.run(NOSTRO, "functions", "--json").stdout)
    names = [it["name"] for it in everything]
    assert names == sorted(names)
    assert {"iban_is_valid", *FUNCTIONS} < set(names)


def test_they_are_in_the_stacks_trino(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the stack only Trino is started, which loads the plugins as `nostro up` lets it."""
    up, (command, statement) = walk.of_the_stack
    assert up == ["up"]
    assert command == "sql"
    walk.home.create()
    monkeypatch.setenv("NOSTRO_HOME", str(walk.home.root))
    trino = Trino(walk.home)
    memory = {"memory": {"connector.name": "memory"}}
    trino.launch(TrinoSettings(StackOptions(), memory, heap_megabytes=1024), SilentProgress())
    try:
        deadline = time.monotonic() + 120
        while trino.status().state != "running":
            assert trino.status().state != "died", trino.log().read_text(encoding="utf-8")[-2000:]
            assert time.monotonic() < deadline
            time.sleep(0.2)
        done = walk.run(NOSTRO, "sql", "--output", "csv", statement)
        assert done.stdout.splitlines()[1:] == ["0421,15.00"], done.stdout + done.stderr
        session = TrinoSession.on(trino.status())
        for function in load_catalogue(walk.home.root / "functions" / "my-bank-functions"):
            for example in function.examples:
                with session.execute(example.statement) as rows:
                    [(result,)] = list(rows)
                assert (result or "null") == example.result
    finally:
        trino.stop()
