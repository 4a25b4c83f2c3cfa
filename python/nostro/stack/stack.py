"""The whole local stack: brought up, looked at and taken down as one."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

from nostro.home import own_catalogs_directory, own_functions_directory
from nostro.stack import process
from nostro.stack.airflow import Airflow
from nostro.stack.airflow_client import AirflowClient
from nostro.stack.errors import StackError
from nostro.stack.home import NostroHome, StackOptions, StackState
from nostro.stack.lake import Lake
from nostro.stack.ledger import Ledger
from nostro.stack.own_catalogs import own_catalogs
from nostro.stack.postgres import Postgres
from nostro.stack.progress import Progress, SilentProgress
from nostro.stack.status import PartStatus
from nostro.stack.trino import MAXIMUM_WORKERS, Trino, TrinoSettings, default_heap_megabytes
from nostro.stack.vault import Vault

_APPLICATION_DATABASES = ("bankteam_app", "mappingdb", "portfolio_ops_db")


class Stack:
    """The stack of one home."""

    def __init__(self, home: NostroHome | None = None) -> None:
        self.home = home if home is not None else NostroHome()
        self.postgres = Postgres(self.home)
        self.lake = Lake(self.home, self.postgres)
        self.ledger = Ledger(self.home)
        self.vault = Vault(self.home)
        self.trino = Trino(self.home)
        self.airflow = Airflow(self.home, self.postgres, self.trino)

    def up(
        self,
        workers: int | None = None,
        fault_tolerant: bool | None = None,
        airflow: bool | None = None,
        progress: Progress | None = None,
        *,
        unpause: bool | None = None,
    ) -> None:
        """Start what does not run, and restart what runs with other settings; return when all parts answer.

        What is None stays as it is in a stack that is up, and is 0 or False in one that is not. `unpause`
        switches on the DAGs that Airflow knows and has those switched on that it comes to know. Raises
        StackError with one cause when a part does not start; what has started stays up.
        """
        if workers is not None and not 0 <= workers <= MAXIMUM_WORKERS:
            raise StackError(f"{workers} workers: accepted are 0 to {MAXIMUM_WORKERS}")
        watcher = progress if progress is not None else SilentProgress()
        with self.home.lock():
            options = _options(self.home.load(), workers, fault_tolerant, airflow, unpause)
            if unpause and not options.airflow:
                raise StackError(
                    "there are no DAGs to unpause: the stack has no Airflow", remedy="add `--airflow`"
                )
            self.home.save(replace(self.home.load(), options=options))
            self.postgres.start(watcher)
            self.lake.create()
            self.ledger.launch()
            settings = self._trino_settings(options)
            started = self.trino.launch(settings, watcher)
            if options.airflow:
                self.airflow.launch(watcher, unpause=options.unpause)
            else:
                self.airflow.stop()
            self.ledger.wait_until_ready()
            self.trino.wait_until_ready(settings, started, watcher)
            if options.airflow:
                self.airflow.wait_until_ready(watcher)
            if unpause:
                self.airflow.unpause()

    def down(self, progress: Progress | None = None, *, delete_data: bool = False) -> None:
        """End everything that belongs to this home, whatever became of the processes that started it.

        `delete_data` also deletes the databases, the lake, the logs and all else in the home, but for the
        user's own functions and catalogs.
        """
        watcher = progress if progress is not None else SilentProgress()
        if not self.home.root.is_dir():
            return
        with self.home.lock(), watcher.step("Stop the stack") as step:
            self._discard_unreadable_state()
            step.update(detail="Airflow, Trino and the ledger")
            self.airflow.ask_to_stop()
            self.trino.ask_to_stop()
            self.airflow.stop()
            self.trino.stop()
            self.ledger.stop()
            step.update(detail="PostgreSQL")
            self.postgres.stop()
            step.update(detail="what is left")
            process.end(lambda: process.find(self.home.root), leader=None, grace_seconds=2)
            state = self.home.load()
            self.home.save(replace(state, options=StackOptions(), processes={}))
            if delete_data:
                self.postgres.delete_data()
                kept = (own_functions_directory(self.home.root), own_catalogs_directory(self.home.root))
                for entry in self.home.root.iterdir():
                    if entry in kept:
                        continue
                    if entry.is_dir() and not entry.is_symlink():
                        shutil.rmtree(entry)
                    elif entry.name != "lock":
                        entry.unlink()

    def status(self) -> dict[str, PartStatus]:
        """Return the state of each part by its name, and of each Trino worker."""
        return {
            "trino": self.trino.status(),
            **self.trino.worker_statuses(),
            "postgres": self.postgres.status(),
            "lake": self.lake.status(),
            "ledger": self.ledger.status(),
            "airflow": self.airflow.status(),
        }

    def trino_address(self) -> str:
        """The coordinator's URL."""
        return self.trino.address

    def postgres_dsn(self, database: str) -> str:
        """The connection URI of a database of the embedded PostgreSQL, with user and password."""
        return self.postgres.dsn(database)

    def ledger_location(self) -> str:
        """The Flight location of the ledger."""
        return self.ledger.location

    @property
    def ledger_request_log(self) -> Path:
        """The file in which the ledger notes each request, one JSON object a line."""
        return self.ledger.request_log

    def airflow_address(self) -> str:
        """The URL of Airflow's web interface and API."""
        return self.airflow.address

    def airflow_client(self) -> AirflowClient:
        """Return a client of the running Airflow."""
        return self.airflow.client()

    def _trino_settings(self, options: StackOptions) -> TrinoSettings:
        catalogs = {
            database: {
                "connector.name": "postgresql",
                "connection-url": self.postgres.jdbc_url(database),
                "connection-user": "nostro",
                "connection-password": self.postgres.password(),
            }
            for database in _APPLICATION_DATABASES
        }
        catalogs["lake"] = self.lake.catalog_properties()
        catalogs["memory"] = {"connector.name": "memory", "memory.max-data-per-node": "512MB"}
        catalogs["trading_db"] = self.ledger.catalog_properties()
        catalogs["vault"] = self.vault.catalog_properties()
        catalogs |= own_catalogs(self.home.root, catalogs)
        return TrinoSettings(options, catalogs, default_heap_megabytes(1 + options.workers))

    def _discard_unreadable_state(self) -> None:
        try:
            self.home.load()
        except StackError:
            self.home.state_file.replace(self.home.state_file.with_suffix(f".unreadable.{os.getpid()}"))


def _options(
    state: StackState,
    workers: int | None,
    fault_tolerant: bool | None,
    airflow: bool | None,
    unpause: bool | None,
) -> StackOptions:
    before = state.options
    return StackOptions(
        workers=before.workers if workers is None else workers,
        fault_tolerant=before.fault_tolerant if fault_tolerant is None else fault_tolerant,
        airflow=before.airflow if airflow is None else airflow,
        unpause=before.unpause if unpause is None else unpause,
    )
