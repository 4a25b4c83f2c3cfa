"""`nostro sql`, `status`, `doctor` and `functions` against the running stack."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nostro.stack import Stack
from nostro.stack.query import TrinoSession
from nostro.stack.statements import split_statements

NOSTRO = str(Path(sys.executable).with_name("nostro"))
Nostro = Callable[..., "subprocess.CompletedProcess[str]"]

EVERY_KIND = """
SELECT DECIMAL '12345678901234567890.123456789' AS exact, CAST(NULL AS varchar) AS nothing, '' AS empty,
    'a,"b"\nc' AS quoted, 1.5e0 AS double, true AS yes, ARRAY[1, NULL] AS list,
    TIMESTAMP '2025-05-02 18:00:00.123456789 Europe/Berlin' AS instant, 'Zürich 💶' AS text
"""


@pytest.fixture
def nostro(stack: Stack) -> Nostro:
    def run(*arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [NOSTRO, *arguments],
            env={**os.environ, "NOSTRO_HOME": str(stack.home.root)},
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    return run


def test_table_shows_exact_decimals_and_null(nostro: Nostro) -> None:
    done = nostro("sql", EVERY_KIND)
    assert done.returncode == 0
    for text in ("12345678901234567890.123456789", "NULL", "[1, null]", "Zürich 💶", "18:00:00.123456789"):
        assert text in done.stdout
    assert done.stderr.strip() == "1 row"


def test_csv_is_exact_and_tells_null_from_empty(nostro: Nostro) -> None:
    done = nostro("sql", EVERY_KIND, "--output", "csv")
    header, row = csv.reader(io.StringIO(done.stdout))
    assert header[:4] == ["exact", "nothing", "empty", "quoted"]
    assert row == [
        "12345678901234567890.123456789",
        "",
        "",
        'a,"b"\nc',
        "1.5",
        "true",
        "[1, null]",
        "2025-05-02 18:00:00.123456789 Europe/Berlin",
        "Zürich 💶",
    ]
    assert '12345678901234567890.123456789,,"",' in done.stdout
    assert done.stderr == ""


def test_json_is_exact(nostro: Nostro) -> None:
    done = nostro("sql", EVERY_KIND, "-o", "json")
    assert json.loads(done.stdout) == [
        {
            "exact": "12345678901234567890.123456789",
            "nothing": None,
            "empty": "",
            "quoted": 'a,"b"\nc',
            "double": 1.5,
            "yes": True,
            "list": [1, None],
            "instant": "2025-05-02 18:00:00.123456789 Europe/Berlin",
            "text": "Zürich 💶",
        }
    ]


@pytest.mark.parametrize(("output", "expected"), [("csv", "a\r\n"), ("json", "[]\n")])
def test_result_without_rows(nostro: Nostro, output: str, expected: str) -> None:
    done = nostro("sql", "SELECT 1 AS a WHERE false", "-o", output)
    assert done.stdout.replace("\r\n", "\n") == expected.replace("\r\n", "\n")


def test_columns_of_one_name_all_appear_in_json(nostro: Nostro) -> None:
    done = nostro("sql", "SELECT 1 AS a, 2 AS a, 3 AS a_2", "-o", "json")
    assert list(json.loads(done.stdout)[0].values()) == [1, 2, 3]


def test_large_results_are_whole_in_csv_and_cut_in_tables(nostro: Nostro) -> None:
    sql = "SELECT a.x * 100 + b.x FROM UNNEST(sequence(1, 300)) a(x), UNNEST(sequence(1, 100)) b(x)"
    assert len(nostro("sql", sql, "-o", "csv").stdout.splitlines()) == 30_001
    table = nostro("sql", sql)
    assert len(table.stdout.splitlines()) == 1_002
    assert "the first 1,000 rows" in table.stderr


def test_file_runs_statement_by_statement(nostro: Nostro, tmp_path: Path) -> None:
    file = tmp_path / "two.sql"
    file.write_text(
        "CREATE SCHEMA IF NOT EXISTS lake.cli;\n"
        "CREATE OR REPLACE TABLE lake.cli.t AS SELECT 'a;b' AS x; -- not an end;\n"
        "INSERT INTO lake.cli.t VALUES 'c', 'd';\n"
        "/* nor ; here */ SELECT count(*) AS n FROM lake.cli.t\n"
    )
    done = nostro("sql", "--file", str(file), "-o", "csv")
    assert done.stdout.split() == ["n", "3"]
    assert "INSERT: 2 rows" in done.stderr
    piped = nostro("sql", "-f", "-", "-o", "csv", stdin="SELECT 1 AS a; SELECT 2 AS b")
    assert piped.stdout.split() == ["a", "1", "b", "2"]


def test_session_is_kept_between_statements(nostro: Nostro) -> None:
    done = nostro("sql", "USE lake.information_schema; SELECT count(*) > 0 AS yes FROM tables", "-o", "csv")
    assert done.stdout.split() == ["yes", "true"]
    chosen = nostro("sql", "SELECT current_catalog AS c, current_schema AS s", "-o", "csv")
    assert chosen.stdout.split() == ["c,s", ","]
    options = ("--catalog", "lake", "--schema", "banking")
    chosen = nostro("sql", "SELECT current_catalog AS c, current_schema AS s", "-o", "csv", *options)
    assert chosen.stdout.split() == ["c,s", "lake,banking"]


def test_failing_statement_ends_the_file(nostro: Nostro) -> None:
    done = nostro("sql", "SELECT 1 AS a;\nSELECT\n  wrong;\nSELECT 3 AS c", "-o", "csv")
    assert done.returncode == 1
    assert done.stdout.split() == ["a", "1"]
    assert done.stderr == "error: line 2:3: Column 'wrong' cannot be resolved\n"


def test_failure_amid_the_rows_is_an_error(nostro: Nostro) -> None:
    done = nostro("sql", "SELECT 1 / (x - 5000) FROM UNNEST(sequence(1, 9000)) t(x)", "-o", "csv")
    assert done.returncode == 1
    assert "error: Division by zero" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("sql", "-f", "missing.sql"), "missing.sql cannot be read"),
        (("sql", "SELECT 1", "-f", "x.sql"), "a statement or a file, not both"),
        (("sql", "SELECT 1", "-o", "xml"), "Invalid value"),
        (("up", "--workers", "-1"), "Invalid value"),
        (("nothing",), "No such command"),
    ],
)
def test_wrong_command_lines(nostro: Nostro, arguments: tuple[str, ...], message: str) -> None:
    done = nostro(*arguments)
    assert done.returncode in {1, 2}
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_reader_that_has_enough_is_no_error(stack: Stack) -> None:
    sql = "SELECT a.x FROM UNNEST(sequence(1, 10000)) a(x), UNNEST(sequence(1, 100)) b(x)"
    done = subprocess.run(
        f"{NOSTRO} sql -o csv '{sql}' | head -n 1",
        shell=True,
        env={**os.environ, "NOSTRO_HOME": str(stack.home.root)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "x"
    assert done.stderr == ""


def test_status_tells_each_part(nostro: Nostro, stack: Stack) -> None:
    parts = json.loads(nostro("status", "--json").stdout)
    assert {"trino", "postgres", "lake", "ledger", "airflow"} <= parts.keys()
    assert parts["trino"]["state"] == "running"
    assert parts["trino"]["host"] == "127.0.0.1"
    assert f"http://{parts['trino']['host']}:{parts['trino']['port']}" == stack.trino_address()
    table = nostro("status").stdout
    assert stack.trino_address() in table
    assert stack.postgres.password() not in table + json.dumps(parts)


def test_status_without_a_stack(tmp_path: Path) -> None:
    home = tmp_path / "home"
    done = subprocess.run(
        [NOSTRO, "status", "--json"],
        env={**os.environ, "NOSTRO_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert {part["state"] for part in json.loads(done.stdout).values()} == {"stopped"}
    assert not home.exists()


def test_doctor_finds_the_stack_healthy(nostro: Nostro) -> None:
    done = nostro("doctor", "--json")
    findings = {it["check"]: it for it in json.loads(done.stdout)}
    assert [it for it in findings.values() if it["level"] == "failure"] == []
    assert done.returncode == 0
    assert findings["plugin on every node"]["detail"] == "on 1 of 1"
    assert findings["catalog trading_db"]["level"] == "ok"


def test_doctor_gives_each_failure_a_remedy(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    done = subprocess.run(
        [NOSTRO, "doctor", "--json"],
        env={
            **os.environ,
            "NOSTRO_HOME": str(tmp_path / "home"),
            "NOSTRO_PLUGIN_DIR": str(empty),
            "PATH": str(empty),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    findings = {it["check"]: it for it in json.loads(done.stdout)}
    assert findings["plugin"]["level"] == "failure"
    assert findings["maven"]["level"] == "warning"
    assert all(it["remedy"] for it in findings.values() if it["level"] != "ok")


def test_functions_are_listed(nostro: Nostro) -> None:
    names = nostro("functions", "--names").stdout.split()
    assert names == sorted(set(names))
    assert "iban_is_valid" in names
    assert nostro("functions", "--names", "iban_*").stdout.split() == [
        name for name in names if name.startswith("iban_")
    ]
    described = nostro("functions", "iban_is_valid").stdout
    assert "iban_is_valid(" in described
    assert json.loads(nostro("functions", "iban_is_valid", "--json").stdout)[0]["name"] == "iban_is_valid"
    assert nostro("functions", "--names", "no_such_function").stdout == ""


class Terminal:
    """`nostro sql` on a terminal."""

    def __init__(self, stack: Stack) -> None:
        self._process, self._descriptor = self._start(stack)
        self.text = ""

    @staticmethod
    def _start(stack: Stack) -> tuple[subprocess.Popen[bytes], int]:
        own, other = pty.openpty()
        process = subprocess.Popen(
            [NOSTRO, "sql"],
            env={**os.environ, "NOSTRO_HOME": str(stack.home.root), "TERM": "xterm", "COLUMNS": "120"},
            stdin=other,
            stdout=other,
            stderr=other,
            start_new_session=True,
        )
        os.close(other)
        return process, own

    def type(self, text: str) -> None:
        os.write(self._descriptor, text.encode())

    def wait_for(self, *texts: str) -> None:
        """Read until the texts have appeared, one after the other, since `forget`."""
        deadline = time.monotonic() + 60
        in_order = re.compile(".*".join(re.escape(text) for text in texts), re.DOTALL)
        while not in_order.search(self.text):
            assert time.monotonic() < deadline, self.text
            if select.select([self._descriptor], [], [], 0.2)[0]:
                chunk = os.read(self._descriptor, 65_536).decode(errors="replace")
                self.text += chunk
                if "\x1b[6n" in chunk:
                    self.type("\x1b[1;1R")

    def forget(self) -> None:
        self.text = ""

    def interrupt(self) -> None:
        os.kill(self._process.pid, signal.SIGINT)

    def close(self) -> int:
        self.type("\x04")
        deadline = time.monotonic() + 30
        while self._process.poll() is None and time.monotonic() < deadline:
            if select.select([self._descriptor], [], [], 0.1)[0]:
                try:
                    os.read(self._descriptor, 65_536)
                except OSError:
                    break
        code = self._process.wait(30)
        os.close(self._descriptor)
        return code


def test_prompt_runs_statements_and_ctrl_c_cancels(stack: Stack) -> None:
    terminal = Terminal(stack)
    terminal.wait_for("nostro>")
    terminal.type("SELECT 6 * 7\r")
    terminal.type("AS answer;\r")
    terminal.wait_for("42")
    terminal.wait_for("1 row")
    terminal.forget()
    terminal.type("SELECT wrong;\r")
    terminal.wait_for("cannot be resolved")
    terminal.forget()
    marker = (
        "SELECT count(*) AS long_one FROM UNNEST(sequence(1, 10000)) a(x), UNNEST(sequence(1, 10000)) b(x)"
    )
    terminal.type(f"{marker}, UNNEST(sequence(1, 10000)) c(x);\r")
    address = stack.status()["trino"]
    assert address.host is not None
    assert address.port is not None
    session = TrinoSession(address.host, address.port, "nostro")
    states = (
        "SELECT state, error_code FROM system.runtime.queries WHERE query LIKE 'SELECT count(*) AS long_one%'"
    )
    deadline = time.monotonic() + 60
    while [row[0] for row in session.execute(states)] != ["RUNNING"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    terminal.interrupt()
    terminal.wait_for("cancelled")
    while [list(row) for row in session.execute(states)] != [["FAILED", "USER_CANCELED"]]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    terminal.forget()
    terminal.type("SELECT 'still here' AS x;\r")
    # Ctrl-D says the end only to a prompt that already reads.
    terminal.wait_for("1 row", "nostro>")
    assert terminal.close() == 0
    history = (stack.home.root / "sql-history").read_text()
    assert "AS answer" in history


def test_ctrl_c_outside_the_prompt_ends_with_130(stack: Stack) -> None:
    sql = (
        "SELECT count(*) AS other_one FROM UNNEST(sequence(1, 10000)) a(x), UNNEST(sequence(1, 10000)) b(x),"
        " UNNEST(sequence(1, 10000)) c(x)"
    )
    command = subprocess.Popen(
        [NOSTRO, "sql", sql],
        env={**os.environ, "NOSTRO_HOME": str(stack.home.root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    address = stack.status()["trino"]
    assert address.host is not None
    assert address.port is not None
    session = TrinoSession(address.host, address.port, "nostro")
    states = "SELECT state FROM system.runtime.queries WHERE query LIKE 'SELECT count(*) AS other_one%'"
    deadline = time.monotonic() + 60
    while [row[0] for row in session.execute(states)] != ["RUNNING"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    command.send_signal(signal.SIGINT)
    output, errors = command.communicate(timeout=60)
    assert command.returncode == 130
    assert output == ""
    assert errors == "interrupted\n"
    while [row[0] for row in session.execute(states)] != ["FAILED"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)


PIECES = st.sampled_from(
    ["SELECT 1", "'it''s; quoted'", '"a;b"', "-- a comment;\n", "/* ; */", " ", "\n", "x", "- / *", "''"]
)


@given(st.lists(st.lists(PIECES, min_size=1, max_size=6).map(" ".join), max_size=5))
def test_statements_are_split_at_semicolons_outside_quotes_and_comments(statements: list[str]) -> None:
    split = split_statements("".join(f"{statement}\n;" for statement in statements))
    wanted = [it.strip() for it in statements if split_statements(it).rest]
    assert [it.strip() for it in split.complete] == wanted
    assert split.rest == ""


def test_statement_that_is_not_ended_is_the_rest() -> None:
    split = split_statements("SELECT 1; SELECT 'a;b")
    assert split.complete == ("SELECT 1",)
    assert split.rest == "SELECT 'a;b"
    assert split_statements("-- nothing but a comment;").rest == ""
