"""Metrics, reloading, and `nostro source serve`."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pyarrow as pa
import pytest

from nostro.flight import MemorySource, SourceClient, serve
from nostro.flight.metrics import Metrics

ROWS = pa.table({"n": range(100_000)})
LARGE = pa.table({"n": pa.repeat(7, 10_000_000)})
"""More than waits anywhere on its way to a client that does not read."""

MODULE = """
import pyarrow as pa
from nostro.flight import FunctionSource

source = FunctionSource("branches")

@source.table("public.branch", {"n": pa.int64()})
def branch():
    return pa.table({"n": [VALUE]})
"""


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it did not happen within a minute"
        time.sleep(0.05)


def scraped(location: str) -> dict[str, float]:
    with urllib.request.urlopen(location, timeout=10) as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        text = answer.read().decode()
    lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}


@contextmanager
def serving(*arguments: str, cwd: Path, command: tuple[str, ...]) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, *command, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
    ) as process:
        try:
            yield process
        finally:
            for child in (
                psutil.Process(process.pid).children(recursive=True) if process.poll() is None else ()
            ):
                child.kill()
            process.kill()


FLIGHT = ("-m", "nostro.flight", "serve")
NOSTRO = ("-c", "from nostro.cli import main; main()", "source", "serve")


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_reads_and_streams_are_counted() -> None:
    source = MemorySource({'public.a"b': LARGE, "public.t": ROWS})
    with serve(source, metrics_port=0) as served, SourceClient(served.location) as client:
        assert served.metrics is not None
        assert scraped(served.metrics) == {}
        client.read("public", "t", partitions=2)
        client.read("public", "t", limit=10)
        (endpoint,) = client.plan("public", 'a"b').endpoints
        stream = client.stream(endpoint.ticket.ticket)
        next(stream)
        running = 'nostro_source_streams_running{schema="public",table="a\\"b"}'
        table = 'schema="public",table="t"'
        found = scraped(served.metrics)
        assert found[running] == 1
        assert found[f"nostro_source_reads_total{{{table}}}"] == 2
        assert found[f'nostro_source_streams_total{{{table},outcome="ok"}}'] == 3
        assert found[f'nostro_source_streams_total{{{table},outcome="error"}}'] == 0
        assert found[f"nostro_source_rows_total{{{table}}}"] == 100_010
        assert found[f"nostro_source_bytes_total{{{table}}}"] == 100_010 * 8
        assert found[f"nostro_source_stream_seconds_total{{{table}}}"] > 0
        list(stream)
        assert scraped(served.metrics)[running] == 0
        with pytest.raises(urllib.error.HTTPError, match="404"):
            scraped(served.metrics.replace("/metrics", "/"))
        with pytest.raises(OSError, match="cannot serve metrics at port"):
            serve(source, metrics_port=int(served.metrics.split(":")[2].split("/")[0]))
    with pytest.raises(urllib.error.URLError):
        scraped(served.metrics)


def test_the_text_is_prometheus() -> None:
    metrics = Metrics()
    metrics.planned("public", "t")
    metrics.began("public", "t")
    metrics.ended("public", "t", outcome="error", rows=1, size=8, seconds=0.5)
    for line in metrics.text().splitlines():
        assert re.fullmatch(r'# (HELP|TYPE) \w+ .+|\w+\{\w+="[^"]*"(,\w+="[^"]*")*\} [0-9.]+', line), line


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("command", [FLIGHT, NOSTRO], ids=["python -m nostro.flight", "nostro source"])
def test_it_is_served_with_metrics_and_ends(
    command: tuple[str, ...], number: signal.Signals, tmp_path: Path
) -> None:
    (tmp_path / "branches.py").write_text(MODULE.replace("VALUE", "1"))
    arguments = ("branches:source", "--metrics", "0", "--request-log", "requests.jsonl")
    with serving(*arguments, cwd=tmp_path, command=command) as process:
        location, metrics = line_of(process), line_of(process)
        with SourceClient(location) as client:
            assert client.read("public", "branch")["n"].to_pylist() == [1]
        assert scraped(metrics)['nostro_source_rows_total{schema="public",table="branch"}'] == 1
        process.send_signal(number)
        assert process.wait(60) == 0
    assert (tmp_path / "requests.jsonl").read_text().count("\n") == 2


@pytest.mark.parametrize("command", [FLIGHT, NOSTRO], ids=["python -m nostro.flight", "nostro source"])
def test_it_is_served_anew_when_the_module_changes(command: tuple[str, ...], tmp_path: Path) -> None:
    module = tmp_path / "branches.py"
    module.write_text(MODULE.replace("VALUE", "1"))
    with serving("branches:source", "--reload", cwd=tmp_path, command=command) as process:
        location = line_of(process)

        def values() -> list[int]:
            with SourceClient(location) as client:
                return client.read("public", "branch")["n"].to_pylist()  # type: ignore[no-any-return]

        assert values() == [1]
        module.write_text(MODULE.replace("VALUE", "22"))
        assert line_of(process) == location
        assert values() == [22]
        module.write_text("def broken(:\n")
        assert process.stderr is not None
        seen = ""
        while "it starts again on a change" not in seen:
            line = process.stderr.readline()
            assert line
            seen += line
        assert "SyntaxError" in seen
        assert process.poll() is None
        (tmp_path / "values.py").write_text("VALUE = 333\n")
        module.write_text("from values import VALUE\n" + MODULE)
        assert line_of(process) == location
        assert values() == [333]
        (tmp_path / "values.py").write_text("VALUE = 4444\n")
        assert line_of(process) == location
        assert values() == [4444]
        (child,) = psutil.Process(process.pid).children()
        process.terminate()
        assert process.wait(60) == 0
        assert not child.is_running()


def test_a_killed_reloader_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "branches.py").write_text(MODULE.replace("VALUE", "1"))
    with serving("branches:source", "--reload", cwd=tmp_path, command=FLIGHT) as process:
        line_of(process)
        (child,) = psutil.Process(process.pid).children()
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("nowhere:source",), 2, "no module nowhere"),
        (("nowhere",), 2, "accepted: MODULE:OBJECT"),
        (("nowhere", "--reload"), 2, "accepted: MODULE:OBJECT"),
        (("nowhere:x", "--reload", "--location", "here"), 2, "accepted: grpc://HOST:PORT"),
        (("nowhere:x", "--reload", "--option", "x"), 2, "accepted: KEY=VALUE"),
        (("branches:source", "--location", "grpc://127.0.0.1:1", "--request-log", "no/where"), 1, "no/where"),
    ],
)
def test_bad_usage_is_explained(arguments: tuple[str, ...], code: int, message: str, tmp_path: Path) -> None:
    (tmp_path / "branches.py").write_text(MODULE.replace("VALUE", "1"))
    command = [sys.executable, *NOSTRO, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False)
    assert done.returncode == code
    assert message in re.sub(r"[│\s]+", " ", done.stderr)
    assert "Traceback" not in done.stderr
