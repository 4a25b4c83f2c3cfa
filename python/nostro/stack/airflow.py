"""Airflow: API server, scheduler, DAG processor and triggerer on the embedded PostgreSQL."""

import base64
import hashlib
import importlib.metadata
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psutil
import requests

from nostro.stack import process
from nostro.stack.airflow_client import AirflowClient, AirflowError
from nostro.stack.errors import StackError
from nostro.stack.home import NostroHome, write_atomically
from nostro.stack.ports import LOOPBACK, answers
from nostro.stack.postgres import Postgres
from nostro.stack.progress import Progress
from nostro.stack.status import PartStatus
from nostro.stack.trino import Trino

PART = "airflow"
USER = "nostro"
_PASSWORD = "airflow-password"

_START_SECONDS = 300.0
_POLL_SECONDS = 0.2
_STOP_SECONDS = 15.0
_DATABASE = "airflow"

# The task logs lie on this machine, so no log server is needed to read them.
_COMMANDS = {
    "airflow-api-server": ("api-server",),
    "airflow-scheduler": ("scheduler", "--skip-serve-logs"),
    "airflow-dag-processor": ("dag-processor",),
    "airflow-triggerer": ("triggerer", "--skip-serve-logs"),
}
_AUTH_MANAGER = "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager"
# The stack's bank is the synthetic one: its postings end, and nobody waits a quarter of an hour for a retry.
_DAG_DEFAULTS = {"NOSTRO_SCHEDULE_END": "2025-05-03", "NOSTRO_RETRY_DELAY_SECONDS": "2"}

# What the stack's own commands read; all other NOSTRO_ variables are the tasks'.
_STACK_VARIABLES = frozenset(
    {
        "NOSTRO_CACHE",
        "NOSTRO_DAGS_FOLDER",
        "NOSTRO_HOME",
        "NOSTRO_PLUGIN_DIR",
        "NOSTRO_TRINO_HEAP",
        process.HOME_VARIABLE,
        process.PART_VARIABLE,
    }
)
_HEARTBEATS = {
    "scheduler": "latest_scheduler_heartbeat",
    "triggerer": "latest_triggerer_heartbeat",
    "dag_processor": "latest_dag_processor_heartbeat",
}


class Airflow:
    """Airflow of one home."""

    def __init__(self, home: NostroHome, postgres: Postgres, trino: Trino) -> None:
        self._home = home
        self._postgres = postgres
        self._trino = trino

    @property
    def address(self) -> str:
        """The URL of the web interface and the API."""
        return f"http://{LOOPBACK}:{self._home.port(PART)}"

    @property
    def directory(self) -> Path:
        """AIRFLOW_HOME: the configuration and the task logs."""
        return self._home.root / PART

    @property
    def dags_folder(self) -> Path:
        """The folder of the DAGs: NOSTRO_DAGS_FOLDER, by default the checkout's `dags`."""
        chosen = os.environ.get("NOSTRO_DAGS_FOLDER")
        return Path(chosen).expanduser().resolve() if chosen else Path(__file__).resolve().parents[3] / "dags"

    def password(self) -> str:
        """Return the password of the user `nostro`."""
        return self._home.secret(_PASSWORD)

    def client(self) -> AirflowClient:
        """Return a client that is logged in as the user `nostro`."""
        return AirflowClient(self.address, USER, self.password())

    def launch(self, progress: Progress, *, unpause: bool = False) -> None:
        """Start the processes that do not run, all of them again when they run with other settings.

        With `unpause` a DAG that is new is switched on.
        """
        version = _installed_version()
        fingerprint = self._configure(unpause)
        if not all(self._is_running(part, fingerprint) for part in _COMMANDS):
            records = self._home.load().processes
            if any(part in records and records[part].fingerprint != fingerprint for part in _COMMANDS):
                self.stop()
            if not self._is_running("airflow-api-server", fingerprint):
                self._home.usable_port(PART)
            fingerprint = self._configure(unpause)
            self._migrate(version, progress)
            for part, arguments in _COMMANDS.items():
                if not self._is_running(part, fingerprint):
                    self._end_processes(part)
                    record = process.start(
                        [sys.executable, "-m", "airflow", *arguments],
                        home=self._home.root,
                        part=part,
                        log=self._home.log_file(part),
                        directory=self.directory,
                        environment=self._environment(),
                    )
                    self._home.record_process(part, replace(record, fingerprint=fingerprint))

    def wait_until_ready(self, progress: Progress) -> None:
        """Wait until the API answers and scheduler, DAG processor and triggerer have sent a heartbeat."""
        if self._waiting_for() == "":
            return
        with progress.step("Airflow: start") as step:
            deadline = time.monotonic() + _START_SECONDS
            while waiting_for := self._waiting_for():
                step.update(detail=f"waiting for the {waiting_for}")
                self._check_alive()
                if time.monotonic() > deadline:
                    raise StackError(
                        f"Airflow's {waiting_for} does not answer after {_START_SECONDS:.0f} s",
                        log=self._home.log_file(f"airflow-{waiting_for}".replace(" ", "-")),
                        remedy="see the log; `nostro down`, then `nostro up --airflow`",
                    )
                time.sleep(_POLL_SECONDS)

    def unpause(self) -> None:
        """Switch on every DAG that Airflow knows."""
        try:
            self.client().unpause_all()
        except AirflowError as error:
            raise StackError(
                f"the DAGs cannot be unpaused: {error}", log=self._home.log_file("airflow-api-server")
            ) from error

    def ask_to_stop(self) -> None:
        """Ask every process to end, without waiting."""
        for part in _COMMANDS:
            process.ask(self.processes(part), leader=self._home.load().processes.get(part))

    def stop(self) -> None:
        """End every process and whatever is left of them, the running tasks too."""
        if not any(part in self._home.load().processes for part in _COMMANDS):
            return
        self.ask_to_stop()
        for part in _COMMANDS:
            self._end_processes(part)
            self._home.forget_process(part)

    def status(self) -> PartStatus:
        """Return the state of the four processes as one; the pid is the API server's."""
        records = self._home.load().processes
        if not any(part in records for part in _COMMANDS):
            return PartStatus("stopped")
        port = self._home.port(PART)
        is_alive = all(part in records and process.is_alive(records[part]) for part in _COMMANDS)
        server = records.get("airflow-api-server")
        return PartStatus(
            "died" if not is_alive else "running" if answers(port) else "starting",
            host=LOOPBACK,
            port=port,
            pid=server.pid if server is not None and process.is_alive(server) else None,
            address=self.address,
            version=_version(),
            log=self._home.log_file("airflow-scheduler"),
            user=USER,
            password_file=self._home.secret_file(_PASSWORD),
        )

    def processes(self, part: str) -> list[psutil.Process]:
        """Return the live processes of one part, its tasks among them."""
        return process.find(self._home.root, part=part)

    def _is_running(self, part: str, fingerprint: str) -> bool:
        record = self._home.load().processes.get(part)
        return record is not None and record.fingerprint == fingerprint and process.is_alive(record)

    def _end_processes(self, part: str) -> None:
        process.end(
            lambda: self.processes(part),
            leader=self._home.load().processes.get(part),
            grace_seconds=_STOP_SECONDS,
        )

    def _configure(self, unpause: bool) -> str:
        passwords = self.directory / "passwords.json"
        self.directory.mkdir(exist_ok=True)
        text = "".join(
            f"[{section}]\n" + "".join(f"{key} = {value}\n" for key, value in settings.items()) + "\n"
            for section, settings in self._settings(passwords, unpause).items()
        )
        write_atomically(self.directory / "airflow.cfg", text.replace("%", "%%"))
        write_atomically(passwords, json.dumps({USER: self.password()}))
        given = {
            name: value
            for name, value in self._environment().items()
            if name.startswith(("NOSTRO_", "AIRFLOW_")) and name not in _STACK_VARIABLES
        }
        return hashlib.sha256(json.dumps([text, sorted(given.items()), _version()]).encode()).hexdigest()

    def _settings(self, passwords: Path, unpause: bool) -> dict[str, dict[str, str]]:
        port = self._home.port(PART)
        fernet_key = base64.urlsafe_b64encode(
            hashlib.sha256(self._home.secret("airflow-fernet-key").encode()).digest()
        ).decode()
        return {
            "core": {
                "dags_folder": str(self.dags_folder),
                "executor": "LocalExecutor",
                "parallelism": "4",
                "load_examples": "False",
                "dags_are_paused_at_creation": str(not unpause),
                "hostname_callable": "socket.gethostname",
                "execution_api_server_url": f"http://{LOOPBACK}:{port}/execution/",
                "auth_manager": _AUTH_MANAGER,
                "simple_auth_manager_users": f"{USER}:admin",
                "simple_auth_manager_passwords_file": str(passwords),
                "simple_auth_manager_all_admins": "False",
                "fernet_key": fernet_key,
                "min_serialized_dag_update_interval": "2",
            },
            "database": {
                "sql_alchemy_conn": self._postgres.dsn(_DATABASE).replace(
                    "postgresql://", "postgresql+psycopg2://", 1
                ),
            },
            "logging": {
                "base_log_folder": str(self.directory / "logs"),
                "dag_processor_child_process_log_directory": str(self.directory / "logs" / "dag_processor"),
            },
            "api": {
                "host": LOOPBACK,
                "port": str(port),
                "base_url": f"http://{LOOPBACK}:{port}",
                "workers": "1",
                "secret_key": self._home.secret("airflow-secret-key"),
            },
            "api_auth": {"jwt_secret": self._home.secret("airflow-jwt-secret")},
            "scheduler": {
                "scheduler_idle_sleep_time": "0.2",
                "scheduler_heartbeat_sec": "2",
                "job_heartbeat_sec": "2",
                "scheduler_health_check_server_host": LOOPBACK,
                # A task that died with its scheduler is tried again within a minute or so, not after five.
                "task_instance_heartbeat_timeout": "60",
                "task_instance_heartbeat_timeout_detection_interval": "5",
                "orphaned_tasks_check_interval": "30",
            },
            "triggerer": {"job_heartbeat_sec": "2"},
            "dag_processor": {
                "parsing_processes": "1",
                "refresh_interval": "5",
                "bundle_refresh_check_interval": "2",
                "min_file_process_interval": "30",
            },
            "usage_data_collection": {"enabled": "False"},
        }

    def _environment(self) -> dict[str, str]:
        environment = {**_DAG_DEFAULTS, **os.environ}
        kept = {name: value for name, value in environment.items() if not name.startswith("AIRFLOW")}
        connection = {
            "conn_type": "trino",
            "host": LOOPBACK,
            "port": self._home.port("trino"),
            "login": "nostro",
            "extra": {"catalog": "lake", "protocol": "http"},
        }
        return {
            **kept,
            "AIRFLOW_HOME": str(self.directory),
            "AIRFLOW_CONFIG": str(self.directory / "airflow.cfg"),
            "AIRFLOW_CONN_TRINO_DEFAULT": json.dumps(connection),
            "PYTHONUNBUFFERED": "1",
            # setproctitle would overwrite the environment that `down` recognises the processes by.
            "SPT_NOENV": "1",
            # macOS kills forked children that touch the proxy settings.
            "no_proxy": "*",
        }

    def _migrate(self, version: str, progress: Progress) -> None:
        marker = self.directory / "migrated"
        wanted = f"{version} {self._postgres.data_directory}"
        if marker.exists() and marker.read_text() == wanted:
            return
        log = self._home.log_file("airflow-migrate")
        with progress.step("Airflow: prepare its database"), log.open("wb") as output:
            result = subprocess.run(
                [sys.executable, "-m", "airflow", "db", "migrate"],
                cwd=self.directory,
                env={
                    **self._environment(),
                    process.HOME_VARIABLE: str(self._home.root),
                    process.PART_VARIABLE: PART,
                },
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if result.returncode != 0:
            raise StackError(
                f"Airflow's database could not be prepared: {_last_line(log)}",
                log=log,
                remedy="remove the cause that the log names, then `nostro up --airflow`",
            )
        write_atomically(marker, wanted)

    def _waiting_for(self) -> str:
        records = self._home.load().processes
        try:
            # The first request builds the application that tasks talk to; better now than in the first task.
            requests.get(f"{self.address}/execution/health", timeout=60).raise_for_status()
            health = requests.get(f"{self.address}/api/v2/monitor/health", timeout=10).json()
        except (requests.RequestException, ValueError):
            return "api server"
        for name, field in _HEARTBEATS.items():
            started = records[f"airflow-{name.replace('_', '-')}"].create_time
            heartbeat = (health.get(name) or {}).get(field)
            if heartbeat is None or datetime.fromisoformat(heartbeat) < datetime.fromtimestamp(started, UTC):
                return name.replace("_", " ")
        return ""

    def _check_alive(self) -> None:
        for part in _COMMANDS:
            if not process.is_alive(self._home.load().processes[part]):
                log = self._home.log_file(part)
                raise StackError(
                    f"Airflow ({part}) ended while starting: {_last_line(log)}",
                    log=log,
                    remedy="remove the cause that the log names, then `nostro up --airflow`",
                )


def _version() -> str | None:
    try:
        return importlib.metadata.version("apache-airflow")
    except importlib.metadata.PackageNotFoundError:
        return None


def _installed_version() -> str:
    version = _version()
    if version is None:
        raise StackError(
            "Airflow is not installed",
            remedy="install the package with its extra: `pip install 'nostro[airflow]'`",
        )
    return version


def _last_line(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "no output"
