"""The faults: each breaks one part of a running stack, and puts right what would not come back by itself.

Processes that are killed are started again by the :class:`Supervisor`, as systemd or Kubernetes would.
"""

from __future__ import annotations

import contextlib
import errno
import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil
from tests.chaos.interrupted_wire import InterruptedWire, Interruption
from tests.dags.dag_run import DAGS, DagRun, load_dag

from nostro.stack import NostroHome, Stack, StackError
from nostro.stack.airflow_client import AirflowError
from nostro.stack.ledger import Ledger
from nostro.stack.ports import LOOPBACK

INTERRUPTED_SECONDS = 4.0
UNUSED_SECONDS = 20.0
"""As long as an interruption waits for somebody to use the ledger, before it counts as a miss."""

DISK_MEGABYTES = 512
RESTART_SECONDS = (0.5, 2.0)


class WiredLedger(Ledger):
    """The ledger, which Trino reaches over a wire that can be interrupted."""

    def __init__(self, home: NostroHome) -> None:
        super().__init__(home)
        self.wire = InterruptedWire(lambda: home.port("ledger"))

    def catalog_properties(self) -> dict[str, str]:
        return {
            **super().catalog_properties(),
            "arrow-flight.location": f"grpc://{LOOPBACK}:{self.wire.port}",
        }


class LakeDisk:
    """A file system of its own for the lake, small enough to be filled.

    :raises PermissionError: where this user may not mount one
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def mount(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [
            "mount",
            "-t",
            "tmpfs",
            "-o",
            f"size={DISK_MEGABYTES}m,mode=700",
            "tmpfs",
            str(self.folder),
        ]
        mounted = subprocess.run(command, capture_output=True, text=True, check=False)
        if mounted.returncode != 0:
            raise PermissionError(mounted.stderr.strip())

    def unmount(self) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)

    def fill(self) -> None:
        """Take every byte that is left, also what is freed meanwhile, until :meth:`free`."""
        with self._ballast.open("ab", buffering=0) as ballast:
            while True:
                try:
                    ballast.write(bytes(1 << 16))
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    return

    def free(self) -> None:
        self._ballast.unlink(missing_ok=True)


class Supervisor:
    """Starts again what has died, while it is entered."""

    def __init__(self, stack: Stack, seed: int) -> None:
        self._stack = stack
        self._random = random.Random(seed)
        self._ended = threading.Event()
        self.restarts = 0

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._watch, name="supervisor")
        self._thread.start()
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def is_whole(self) -> bool:
        return all(part.state == "running" for part in self._stack.status().values())

    def _watch(self) -> None:
        while not self._ended.wait(0.5):
            if not any(part.state == "died" for part in self._stack.status().values()):
                continue
            time.sleep(self._random.uniform(*RESTART_SECONDS))
            self.restarts += 1
            # What needs a part that has not come back yet does not start; it is tried again.
            with contextlib.suppress(StackError):
                self._stack.up()


@dataclass(frozen=True)
class Scene:
    """Where a fault strikes: a run of a DAG on a stack."""

    stack: Stack
    disk: LakeDisk | None
    random: random.Random
    dag_id: str
    run_id: str


def kill(part: str) -> Callable[[Scene], bool]:
    """Kill a part's process, and with PostgreSQL its backends."""

    def strike(scene: Scene) -> bool:
        record = scene.stack.home.load().processes.get(part)
        if record is None:
            return False
        processes = [process for process in psutil.process_iter() if process.pid == record.pid]
        if part == "postgres":
            processes += scene.stack.postgres.processes()
        killed = 0
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
                killed += 1
        return killed > 0

    return strike


def kill_a_worker(scene: Scene) -> bool:
    return kill(scene.random.choice(sorted(scene.stack.trino.worker_statuses())))(scene)


def kill_a_task(scene: Scene) -> bool:
    """Kill a running task's process: a grandchild of the scheduler, below the executor's worker."""
    record = scene.stack.home.load().processes["airflow-scheduler"]
    tasks: list[psutil.Process] = []
    deadline = time.monotonic() + 20
    while not tasks and time.monotonic() < deadline:
        with contextlib.suppress(psutil.NoSuchProcess):
            workers = psutil.Process(record.pid).children()
            tasks = [task for worker in workers for task in worker.children()]
        time.sleep(0.05)
    if tasks:
        with contextlib.suppress(psutil.NoSuchProcess):
            scene.random.choice(tasks).send_signal(signal.SIGKILL)
            return True
    return False


def interrupt_ledger(interruption: Interruption) -> Callable[[Scene], bool]:
    def strike(scene: Scene) -> bool:
        assert isinstance(scene.stack.ledger, WiredLedger)
        wire = scene.stack.ledger.wire
        hits_before = wire.hits
        wire.interrupt(interruption)
        deadline = time.monotonic() + UNUSED_SECONDS
        while wire.hits == hits_before and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(INTERRUPTED_SECONDS)
        wire.interrupt(Interruption.NONE)
        return wire.hits > hits_before

    return strike


def fill_disk(scene: Scene) -> bool:
    assert scene.disk is not None
    ends = time.monotonic() + INTERRUPTED_SECONDS
    try:
        while time.monotonic() < ends:
            scene.disk.fill()
            time.sleep(0.05)
    finally:
        scene.disk.free()
    return True


def run_a_task_twice(scene: Scene) -> bool:
    """Run a task of the run once more beside Airflow's own, as a try that Airflow has lost sight of would."""
    opened = None
    deadline = time.monotonic() + 60
    client = scene.stack.airflow_client()
    while opened is None and time.monotonic() < deadline:
        with contextlib.suppress(AirflowError):
            for task in client.task_instances(scene.dag_id, scene.run_id):
                if task.task_id == "open_batch":
                    opened = client.returned(scene.dag_id, scene.run_id, task)
        time.sleep(0.1)
    if opened is None:
        return False
    dag = load_dag(DAGS / f"{scene.dag_id}.py")
    twin = DagRun(dag, run_id=scene.run_id, xcom={"open_batch": opened})
    tasks = [task for task in ("net_trades", "net_trades.A", "process_deposits") if dag.has_task(task)]
    task_id = next(task for task in tasks if not dag.get_task(task).is_mapped)
    # Another fault may end it; what it has landed until then must not count either.
    with contextlib.suppress(Exception):
        twin.run_task(task_id)
    return True


@dataclass(frozen=True)
class Fault:
    """A fault by its name.

    `strike` returns when it is over, but for the processes it has killed, and tells whether it hit anything.
    """

    name: str
    strike: Callable[[Scene], bool]


RERUN = Fault("rerun of the whole run", lambda scene: True)
"""Strikes when the run has ended: every task of it is run again."""

DISK_FULL = Fault("disk of the lake full", fill_disk)

FAULTS = (
    Fault("kill -9 a Trino worker", kill_a_worker),
    Fault("kill -9 the coordinator", kill("trino")),
    Fault("kill -9 the ledger", kill("ledger")),
    Fault("kill -9 PostgreSQL", kill("postgres")),
    Fault("kill -9 an Airflow task", kill_a_task),
    Fault("kill -9 the scheduler", kill("airflow-scheduler")),
    Fault("kill -9 the triggerer", kill("airflow-triggerer")),
    Fault("kill -9 Airflow's API server", kill("airflow-api-server")),
    Fault("ledger's connections cut", interrupt_ledger(Interruption.CUT)),
    Fault("ledger's answers delayed", interrupt_ledger(Interruption.SLOW)),
    Fault("ledger's answers truncated", interrupt_ledger(Interruption.TRUNCATED)),
    DISK_FULL,
    Fault("same task twice at once", run_a_task_twice),
    RERUN,
)
