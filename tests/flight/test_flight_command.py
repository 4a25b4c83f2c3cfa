"""`python -m nostro.flight serve` as a process, and the ledger it serves."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from nostro.demo.ledger import create_ledger, ledger
from nostro.flight import SourceClient, command

LEDGER = "nostro.demo.ledger:ledger"


@contextmanager
def serving(*arguments: str, cwd: Path | None = None) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    with subprocess.Popen(
        [sys.executable, "-m", "nostro.flight", "serve", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip(), process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_ledger_is_served_from_an_absent_database(tmp_path: Path, number: signal.Signals) -> None:
    database, log = tmp_path / "ledger.duckdb", tmp_path / "requests.jsonl"
    with serving(LEDGER, "--option", f"database={database}", "--request-log", str(log)) as (
        location,
        process,
    ):
        host, _, port = location.removeprefix("grpc://").partition(":")
        assert host == "127.0.0.1"
        with SourceClient(location) as client:
            assert client.handshake().source == "ledger"
            assert [(entry.schema, entry.table) for entry in client.tables()] == [
                ("public", "account"),
                ("public", "trades"),
            ]
            assert client.read("public", "trades", partitions=4).num_rows == 0
            assert client.read("public", "account", columns=[]).num_rows == 0
        process.send_signal(number)
        assert process.wait(60) == 0
    assert [json.loads(line)["event"] for line in log.read_text().splitlines()] == ["read", "stream"] * 2
    with socket.socket() as probe:
        assert probe.connect_ex((host, int(port))) != 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ledger.duckdb", "requests.jsonl"]


def test_it_stops_while_a_client_reads_no_further(tmp_path: Path) -> None:
    (tmp_path / "endless.py").write_text(
        "import itertools\n"
        "import pyarrow as pa\n"
        "from nostro.flight import FunctionSource\n"
        "source = FunctionSource('endless')\n"
        "@source.table('public.t', {'n': pa.int64()})\n"
        "def t():\n"
        "    return itertools.repeat(pa.record_batch({'n': range(60000)}))\n"
    )
    with serving("endless:source", cwd=tmp_path) as (location, process), SourceClient(location) as client:
        (endpoint,) = client.plan("public", "t").endpoints
        stream = client.stream(endpoint.ticket.ticket)
        next(stream)
        process.terminate()
        assert process.wait(60) == 0


def test_the_ledger_serves_what_it_was_given(tmp_path: Path) -> None:
    database = tmp_path / "ledger.duckdb"
    create_ledger(database)
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "INSERT INTO public.account VALUES ('A0000001', 'Treasury', 'EUR', 100.00, '2020-01-31')"
        )
    with (
        serving(LEDGER, "--option", f"database={database}") as (location, _),
        SourceClient(location) as client,
    ):
        (row,) = client.read("public", "account", columns=["account_id", "opening_balance"]).to_pylist()
    assert (row["account_id"], str(row["opening_balance"])) == ("A0000001", "100.00")


def test_an_existing_ledger_is_not_made_anew(tmp_path: Path) -> None:
    database = tmp_path / "ledger.duckdb"
    ledger(str(database)).close()
    before = database.stat()
    ledger(str(database)).close()
    assert database.stat().st_ino == before.st_ino


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere:source"], "no module nowhere"),
        (["nostro.flight:nothing"], "module nostro.flight has no nothing"),
        (["nostro.flight"], "accepted: MODULE:OBJECT"),
        (["nostro.flight:Capabilities"], "returned Capabilities; accepted: a Source"),
        ([LEDGER], "missing 1 required positional argument: 'database'"),
        ([LEDGER, "--option", "database"], "--option database: accepted: KEY=VALUE"),
        ([LEDGER, "--option", "database=a", "--option", "database=b"], "given twice"),
        (["nostro.flight.duckdb:DuckDBSource", "--option", "database=none"], "database none: no such file"),
    ],
)
def test_bad_usage_is_explained(
    arguments: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        assert command.main(["serve", *arguments]) == 2
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        sys.path[:] = [entry for entry in sys.path if entry != os.fspath(tmp_path)]
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.out == ""
    assert not list(tmp_path.iterdir())
