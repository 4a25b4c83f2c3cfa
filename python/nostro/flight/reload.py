"""Serving a source anew whenever its module's files change, for those who write it."""

from __future__ import annotations

import contextlib
import importlib.util
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from nostro.flight.stop_signals import StopSignals

POLL_SECONDS = 0.2
STOP_SECONDS = 20.0
"""How long a child may take to stop; it gives itself a little less."""

State = dict[Path, tuple[int, int]]


class Reloader:
    """Runs a command that serves a source in a process of its own, which is ended and started again when one
    of the files changes. A command that fails is left until then: its own output says why."""

    def __init__(self, command: Sequence[str], reference: str) -> None:
        self._command = list(command)
        self._module = reference.partition(":")[0]
        self._child: subprocess.Popen[bytes] | None = None

    def run(self) -> int:
        """Until SIGTERM or SIGINT; the child is ended first."""
        with StopSignals() as stop:
            try:
                while not stop.wait(0):
                    self._serve_until_changed(stop)
            finally:
                self._end()
        return 0

    def _serve_until_changed(self, stop: StopSignals) -> None:
        before = state_of(watched(self._module))
        self._child = subprocess.Popen(self._command, stdin=subprocess.DEVNULL)
        told = False
        while not stop.wait(POLL_SECONDS):
            now = state_of(watched(self._module))
            if now != before:
                before = self._settled(now, stop)
                break
            if self._child.poll() is not None and not told:
                told = True
                _tell(
                    f"the source has ended with status {self._child.returncode}; it starts again on a change"
                )
        else:
            return
        _tell("the source's files have changed; it starts again")
        self._end()

    def _settled(self, state: State, stop: StopSignals) -> State:
        """The files' state once it stays: an editor may write a file in several steps."""
        while not stop.wait(POLL_SECONDS):
            later = state_of(watched(self._module))
            if later == state:
                break
            state = later
        return state

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None or child.poll() is not None:
            return
        child.terminate()
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def watched(module: str) -> list[Path]:
    """The Python files of the module's package or, if it is in none, of its folder. Nothing is imported."""
    top = module.partition(".")[0]
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        spec = None
    if spec is not None and spec.submodule_search_locations:
        folders = [Path(location) for location in spec.submodule_search_locations]
        return [file for folder in folders for file in folder.rglob("*.py")]
    folder = Path(spec.origin).parent if spec is not None and spec.origin is not None else Path.cwd()
    return list(folder.glob("*.py"))


def state_of(files: Sequence[Path]) -> State:
    state = {}
    for file in files:
        # one may be gone again
        with contextlib.suppress(OSError):
            status = file.stat()
            state[file] = (status.st_mtime_ns, status.st_size)
    return state


def free_port(host: str) -> int:
    with socket.create_server((host.strip("[]"), 0), family=_family(host)) as probe:
        return int(probe.getsockname()[1])


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if host.startswith("[") else socket.AF_INET


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
