"""The home directory of a stack: its layout, its remembered state and its lock."""

import fcntl
import hashlib
import json
import os
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from nostro.home import home_directory
from nostro.stack.errors import StackError
from nostro.stack.ports import is_free, pick_free

_STATE_VERSION = 1
_LOCK_POLL_SECONDS = 0.1
# The kernel may hold the port of a server that was killed a moment ago.
_PORT_RELEASE_SECONDS = 2.0


@dataclass(frozen=True)
class StackOptions:
    """How the stack was asked to run."""

    workers: int = 0
    fault_tolerant: bool = False
    airflow: bool = False
    unpause: bool = False


@dataclass(frozen=True)
class ProcessRecord:
    """A process that was started: its identity (pid and creation time), and what it was started with."""

    pid: int
    create_time: float
    fingerprint: str = ""


@dataclass(frozen=True)
class StackState:
    """What is remembered between commands; `processes` holds what was started and not yet taken down."""

    options: StackOptions = StackOptions()
    ports: dict[str, int] = field(default_factory=dict)
    processes: dict[str, ProcessRecord] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the state as JSON values."""
        return {"version": _STATE_VERSION, **asdict(self)}

    @staticmethod
    def from_json(value: dict[str, Any]) -> "StackState":
        """Read what `to_json` gave. Raises ValueError for another version."""
        if value.get("version") != _STATE_VERSION:
            raise ValueError(f"version {value.get('version')!r}, this nostro reads version {_STATE_VERSION}")
        return StackState(
            options=StackOptions(**value["options"]),
            ports=dict(value["ports"]),
            processes={name: ProcessRecord(**record) for name, record in value["processes"].items()},
        )


class NostroHome:
    """A directory that holds everything of one stack.

    `root` defaults to the environment variable NOSTRO_HOME, and that to `~/.nostro`. Nothing is created
    before `create`.
    """

    def __init__(self, root: Path | None = None) -> None:
        self.root = root.expanduser().resolve() if root is not None else home_directory()
        self.state_file = self.root / "state.json"
        self.log_directory = self.root / "log"
        self.data_directory = self.root / "data"
        self.run_directory = self.root / "run"
        self.secrets_directory = self.root / "secrets"

    def create(self) -> None:
        """Make the directories that are missing, readable by their owner only."""
        self.root.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o700)
        for directory in (
            self.log_directory,
            self.data_directory,
            self.run_directory,
            self.secrets_directory,
        ):
            directory.mkdir(exist_ok=True)

    def log_file(self, part: str) -> Path:
        """The file that a part's process writes its output to."""
        return self.log_directory / f"{part}.log"

    @property
    def node_environment(self) -> str:
        """A name for this home that Trino accepts as its node environment."""
        return "nostro_" + hashlib.sha256(str(self.root).encode()).hexdigest()[:8]

    @contextmanager
    def lock(self, timeout: float = 600) -> Iterator[None]:
        """Hold the home for one command. The lock is the kernel's: it ends with the process."""
        self.create()
        with (self.root / "lock").open("a+") as file:
            deadline = time.monotonic() + timeout
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        file.seek(0)
                        owner = file.read().strip() or "unknown"
                        raise StackError(
                            f"another nostro command (pid {owner}) holds {self.root}",
                            remedy="wait for it to end, or end it",
                        ) from None
                    time.sleep(_LOCK_POLL_SECONDS)
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            try:
                yield
            finally:
                file.truncate(0)
                fcntl.flock(file, fcntl.LOCK_UN)

    def load(self) -> StackState:
        """Return the remembered state; that of a stack that was never up when there is none."""
        try:
            return StackState.from_json(json.loads(self.state_file.read_text()))
        except FileNotFoundError:
            return StackState()
        except (ValueError, KeyError, TypeError) as error:
            raise StackError(
                f"{self.state_file} cannot be read: {error}",
                remedy=f"end the stack's processes with `nostro down`, or delete {self.state_file}",
            ) from error

    def save(self, state: StackState) -> None:
        """Write the state atomically."""
        write_atomically(self.state_file, json.dumps(state.to_json(), indent=2) + "\n")

    def port(self, name: str) -> int:
        """Return the remembered port of that name; pick and remember a free one when there is none."""
        state = self.load()
        if name not in state.ports:
            return self.renew_port(name)
        return state.ports[name]

    def usable_port(self, name: str) -> int:
        """Return a port that a server can listen on now: the remembered one if nobody else has taken it."""
        port = self.port(name)
        deadline = time.monotonic() + _PORT_RELEASE_SECONDS
        while not is_free(port):
            if time.monotonic() > deadline:
                return self.renew_port(name)
            time.sleep(_LOCK_POLL_SECONDS)
        return port

    def renew_port(self, name: str) -> int:
        """Pick another free port for the name and remember it."""
        state = self.load()
        port = pick_free(set(state.ports.values()))
        self.save(replace(state, ports={**state.ports, name: port}))
        return port

    def record_process(self, part: str, record: ProcessRecord) -> None:
        """Remember a process that was started."""
        state = self.load()
        self.save(replace(state, processes={**state.processes, part: record}))

    def forget_process(self, part: str) -> None:
        """Forget a process that was taken down."""
        state = self.load()
        self.save(
            replace(state, processes={name: it for name, it in state.processes.items() if name != part})
        )

    def secret_file(self, name: str) -> Path:
        """The file that holds the secret of that name, once it is made."""
        return self.secrets_directory / name

    def secret(self, name: str) -> str:
        """Return the secret of that name; make it when there is none, in a file only its owner reads."""
        self.create()
        file = self.secret_file(name)
        if not file.exists():
            write_atomically(file, secrets.token_urlsafe(32))
        return file.read_text()


def write_atomically(path: Path, text: str, mode: int = 0o600) -> None:
    """Write a file so that readers see the old or the new text, and nobody sees half of it."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
