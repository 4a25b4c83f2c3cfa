"""Processes of the stack: starting, recognising and ending them.

A process of the stack carries two environment variables, the home it belongs to and the part it is of. Its
children inherit them, so all that a stack ever started can be found again after any crash, and nothing else
is ever touched.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from nostro.stack.home import ProcessRecord

HOME_VARIABLE = "NOSTRO_STACK_HOME"
PART_VARIABLE = "NOSTRO_STACK_PART"

_POLL_SECONDS = 0.05
_KILL_SECONDS = 20.0
_CREATE_TIME_TOLERANCE = 0.02

# Children of this process stay zombies until they are waited for.
_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class RunAs:
    """The user and group a process runs as."""

    user: int
    group: int


def start(
    command: Sequence[str | Path],
    *,
    home: Path,
    part: str,
    log: Path,
    directory: Path,
    environment: Mapping[str, str],
    run_as: RunAs | None = None,
) -> ProcessRecord:
    """Start a process in a session of its own, its output in `log`; the log before it is kept beside."""
    if log.exists():
        log.replace(log.with_suffix(log.suffix + ".previous"))
    with log.open("wb") as output:
        child = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=directory,
            env={**environment, HOME_VARIABLE: str(home), PART_VARIABLE: part},
            start_new_session=True,
            user=None if run_as is None else run_as.user,
            group=None if run_as is None else run_as.group,
            extra_groups=None if run_as is None else [],
        )
    _children[child.pid] = child
    return ProcessRecord(child.pid, psutil.Process(child.pid).create_time())


def is_alive(record: ProcessRecord) -> bool:
    """Tell whether the recorded process, and not another one with its pid, is running."""
    _reap()
    try:
        process = psutil.Process(record.pid)
        is_same = abs(process.create_time() - record.create_time) < _CREATE_TIME_TOLERANCE
        return is_same and not _has_ended(process)
    except psutil.Error:
        return False


def find(
    home: Path, *, part: str | None = None, also: Callable[[psutil.Process], bool] | None = None
) -> list[psutil.Process]:
    """Return the live processes of a home, or of one part of it.

    `also` recognises processes that overwrite their environment. This process and its ancestors are never
    among them.
    """
    _reap()
    own = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        if process.pid in own:
            continue
        try:
            if _has_ended(process):
                continue
            environment = process.environ()
            is_marked = environment.get(HOME_VARIABLE) == str(home) and (
                part is None or environment.get(PART_VARIABLE) == part
            )
        except (psutil.Error, OSError):
            is_marked = False
        if is_marked or (also is not None and also(process)):
            found.append(process)
    return found


def end(
    find_all: Callable[[], list[psutil.Process]],
    *,
    leader: ProcessRecord | None,
    signal_number: int = signal.SIGTERM,
    grace_seconds: float = 15.0,
) -> None:
    """End processes: ask the leader (all of them when it is gone), then kill what is left after the grace.

    Raises RuntimeError when something survives being killed.
    """
    ask(find_all(), leader=leader, signal_number=signal_number)
    wait_until_gone(find_all, grace_seconds)
    deadline = time.monotonic() + _KILL_SECONDS
    while remaining := find_all():
        if time.monotonic() > deadline:
            raise RuntimeError(f"processes {sorted(it.pid for it in remaining)} cannot be ended")
        _signal(remaining, signal.SIGKILL)
        time.sleep(_POLL_SECONDS)


def ask(
    processes: list[psutil.Process], *, leader: ProcessRecord | None, signal_number: int = signal.SIGTERM
) -> None:
    """Signal the leader if it is among the processes, else all of them."""
    leaders = [it for it in processes if leader is not None and it.pid == leader.pid and is_alive(leader)]
    _signal(leaders or processes, signal_number)


def wait_until_gone(find_all: Callable[[], list[psutil.Process]], seconds: float) -> bool:
    """Wait until none of the processes is left; return whether that came true in time."""
    deadline = time.monotonic() + seconds
    while find_all():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _has_ended(process: psutil.Process) -> bool:
    # A killed JVM's first thread is a zombie while the others still hold its sockets.
    return bool(process.status() == psutil.STATUS_ZOMBIE and process.num_threads() <= 1)


def _signal(processes: Iterable[psutil.Process], number: int) -> None:
    for process in processes:
        try:
            process.send_signal(number)
        except psutil.Error:
            continue


def _reap() -> None:
    for pid, child in list(_children.items()):
        if child.poll() is not None:
            del _children[pid]
