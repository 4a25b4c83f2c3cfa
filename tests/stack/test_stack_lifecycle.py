"""The stack on real parts: up, healed after kills, and down without a trace."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg2
import pyarrow as pa
import pytest
import requests

from nostro.flight import MemorySource, serve
from nostro.stack import NostroHome, SilentProgress, Stack, StackError
from nostro.stack.home import ProcessRecord
from nostro.stack.query import QueryError, TrinoSession

PARTS = ("trino", "postgres", "lake", "ledger")
LOOPBACK = {"127.0.0.1", "::1", "::ffff:127.0.0.1"}


def session_of(stack: Stack) -> TrinoSession:
    status = stack.status()["trino"]
    assert status.host is not None
    assert status.port is not None
    return TrinoSession(status.host, status.port, "nostro")


def query(stack: Stack, sql: str) -> list[list[object]]:
    with session_of(stack).execute(sql) as result:
        return list(result)


def leaders(stack: Stack) -> list[psutil.Process]:
    return [psutil.Process(record.pid) for record in stack.home.load().processes.values()]


def all_processes(stack: Stack) -> list[psutil.Process]:
    """What the stack runs, found from its leaders down and not by the marks that `down` looks for."""
    return [it for leader in leaders(stack) for it in (leader, *leader.children(recursive=True))]


def listeners(processes: list[psutil.Process]) -> set[tuple[str, int]]:
    found: set[tuple[str, int]] = set()
    for process in processes:
        # Airflow's short-lived children may end between being listed and being asked.
        with suppress(psutil.NoSuchProcess):
            found |= {
                (connection.laddr.ip, connection.laddr.port)
                for connection in process.net_connections("tcp")
                if connection.status == psutil.CONN_LISTEN
            }
    return found


def running(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [it for it in processes if it.is_running() and it.status() != psutil.STATUS_ZOMBIE]


def wait_until_died(stack: Stack, part: str) -> None:
    deadline = time.monotonic() + 30
    while stack.status()[part].state != "died":
        assert time.monotonic() < deadline


def command_environment(home: NostroHome) -> dict[str, str]:
    return {**os.environ, "NOSTRO_HOME": str(home.root)}


@pytest.fixture
def bystander(second_home: NostroHome) -> Iterator[psutil.Process]:
    """A process that is not the stack's: it works in the home, and belongs to another one."""
    with subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)"],
        cwd=second_home.root,
        env={**os.environ, "NOSTRO_STACK_HOME": str(second_home.root) + "-other"},
    ) as child:
        yield psutil.Process(child.pid)
        child.kill()


def test_two_commands_at_once_start_one_stack(second_home: NostroHome, nostro_command: str) -> None:
    commands = [
        subprocess.Popen(
            [nostro_command, "up"],
            env=command_environment(second_home),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    outputs = [command.communicate() for command in commands]
    assert [command.returncode for command in commands] == [0, 0], outputs
    coordinators = [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if f"-Dconfig={second_home.run_directory}/trino/etc/config.properties"
        in (process.info["cmdline"] or [])
    ]
    assert len(coordinators) == 1


def test_two_homes_run_side_by_side(stack: Stack, second_stack: Stack) -> None:
    first, second = stack.status(), second_stack.status()
    for part in PARTS:
        assert (first[part].state, second[part].state) == ("running", "running"), part
    for part in ("trino", "postgres", "ledger"):
        assert first[part].port != second[part].port
    query(second_stack, "CREATE SCHEMA IF NOT EXISTS lake.side_by_side")
    assert ["side_by_side"] in query(second_stack, "SHOW SCHEMAS FROM lake")
    assert ["side_by_side"] not in query(stack, "SHOW SCHEMAS FROM lake")


def test_catalogs_are_there(second_stack: Stack) -> None:
    catalogs = {str(row[0]) for row in query(second_stack, "SHOW CATALOGS")}
    assert catalogs == {
        "bankteam_app",
        "lake",
        "memory",
        "mappingdb",
        "portfolio_ops_db",
        "system",
        "trading_db",
        "vault",
    }
    assert ["account"] in query(second_stack, "SHOW TABLES FROM trading_db.public")


def test_up_again_changes_nothing(second_stack: Stack) -> None:
    before = second_stack.home.load()
    second_stack.up()
    assert second_stack.home.load() == before


def test_servers_listen_on_loopback_only(second_stack: Stack) -> None:
    found = listeners(all_processes(second_stack))
    assert {address for address, _ in found} <= LOOPBACK
    status = second_stack.status()
    assert {status[part].port for part in ("trino", "postgres", "ledger")} <= {port for _, port in found}


@pytest.mark.parametrize("password", ["", "nostro", "postgres"])
def test_postgres_wants_the_password(second_stack: Stack, password: str) -> None:
    dsn = second_stack.postgres_dsn("bankteam_app")
    psycopg2.connect(dsn).close()
    with pytest.raises(psycopg2.OperationalError, match="password"):
        psycopg2.connect(dsn, password=password, passfile="/dev/null")


def test_secrets_are_readable_by_the_owner_only(second_stack: Stack) -> None:
    password = second_stack.postgres.password()
    places = [
        path
        for path in second_stack.home.root.rglob("*")
        if path.is_file() and not path.is_symlink() and "data" not in path.parts
        if password.encode() in path.read_bytes()
    ]
    assert places
    assert all(path.stat().st_mode & 0o077 == 0 for path in places)
    assert second_stack.home.root.stat().st_mode & 0o077 == 0
    for process in all_processes(second_stack):
        assert password not in " ".join(process.cmdline())


@pytest.mark.parametrize("part", ["trino", "postgres", "ledger"])
def test_up_starts_again_what_was_killed(second_stack: Stack, part: str) -> None:
    before = second_stack.home.load()
    query(second_stack, "CREATE SCHEMA IF NOT EXISTS lake.kept")
    psutil.Process(before.processes[part].pid).send_signal(signal.SIGKILL)
    wait_until_died(second_stack, part)
    second_stack.up()
    after = second_stack.home.load()
    assert after.ports == before.ports
    assert after.processes[part].pid != before.processes[part].pid
    others = {name: record for name, record in before.processes.items() if name != part}
    assert others.items() <= after.processes.items()
    assert ["kept"] in query(second_stack, "SHOW SCHEMAS FROM lake")
    assert ["account"] in query(second_stack, "SHOW TABLES FROM trading_db.public")


def test_up_starts_a_node_that_died_after_up_had_seen_it_run(
    second_stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = second_stack.trino.status().pid

    def die() -> None:
        second_stack.trino.crash("trino")

    with monkeypatch.context() as patched:
        patched.setattr(second_stack.ledger, "wait_until_ready", die)
        second_stack.up()
    assert second_stack.trino.status().pid not in (before, None)
    assert query(second_stack, "SELECT 1") == [[1]]


def test_killed_trino_leaves_no_unpacked_libraries(second_stack: Stack) -> None:
    unpacked = second_stack.home.run_directory / "trino" / "tmp"
    process = psutil.Process(second_stack.home.load().processes["trino"].pid)
    mapped = {Path(mapping.path) for mapping in process.memory_maps()}
    before = {path for path in mapped if path.parent == unpacked}
    assert before
    assert not {path for path in mapped if path.parent == Path(tempfile.gettempdir())}
    process.kill()
    wait_until_died(second_stack, "trino")
    second_stack.up()
    assert not before & set(unpacked.iterdir())


def test_catalogs_have_nodes_as_soon_as_trino_is_up(second_stack: Stack) -> None:
    psutil.Process(second_stack.home.load().processes["trino"].pid).kill()
    wait_until_died(second_stack, "trino")
    second_stack.up()
    query(second_stack, "CREATE TABLE memory.default.at_once AS SELECT 1 AS one")
    assert query(second_stack, "SELECT one FROM memory.default.at_once") == [[1]]


def test_catalogs_of_ones_own(second_stack: Stack) -> None:
    directory = second_stack.home.root / "catalogs"
    directory.mkdir()
    limits = pa.table({"desk": ["rates", "fx"], "limit_eur": [5_000_000, 2_000_000]})
    try:
        with serve(MemorySource({"risk.limits": limits})) as served:
            (directory / "risk.properties").write_text(
                f"# ours\nconnector.name=arrow_flight\narrow-flight.location={served.location}\n"
            )
            (directory / "sample.properties").write_text("connector.name=tpch\n")
            second_stack.up()
            desks = query(second_stack, "SELECT desk, limit_eur FROM risk.risk.limits ORDER BY desk")
            assert desks == [["fx", 2_000_000], ["rates", 5_000_000]]
            assert query(second_stack, "SELECT count(*) FROM sample.tiny.region") == [[5]]
        (directory / "sample.properties").write_text("connector.name=no_such\n")
        with pytest.raises(StackError, match="catalog sample: no plugin for the connector 'no_such'"):
            second_stack.up()
    finally:
        shutil.rmtree(directory)


def test_ledger_that_cannot_be_built_keeps_the_old_one(second_stack: Stack) -> None:
    before = second_stack.ledger.database.read_bytes()

    def fail(path: Path) -> None:
        path.write_text("half a ledger")
        raise ValueError("no accounts")

    with pytest.raises(ValueError, match="no accounts"):
        second_stack.ledger.replace_database(fail)
    assert second_stack.ledger.database.read_bytes() == before
    assert [path.name for path in second_stack.ledger.database.parent.iterdir()] == ["ledger.duckdb"]
    assert second_stack.status()["ledger"].state == "running"


def test_workers_and_fault_tolerance(second_stack: Stack, nostro_command: str) -> None:
    second_stack.up(fault_tolerant=True)
    coordinator = second_stack.home.load().processes["trino"]
    second_stack.up(workers=1)
    assert second_stack.status()["trino-worker-1"].state == "running"
    nodes = query(second_stack, "SELECT coordinator FROM system.runtime.nodes ORDER BY 1")
    assert nodes == [[False], [True]]
    assert {address for address, _ in listeners(all_processes(second_stack))} <= LOOPBACK
    examined = subprocess.run(
        [nostro_command, "doctor", "--json"],
        env=command_environment(second_stack.home),
        capture_output=True,
        text=True,
        check=False,
    )
    findings = {it["check"]: it for it in json.loads(examined.stdout)}
    assert findings["plugin on every node"]["detail"] == "on 2 of 2"
    assert examined.returncode == 0, findings

    second_stack.up(workers=0)
    assert "trino-worker-1" not in second_stack.status()
    assert second_stack.home.load().processes["trino"] == coordinator


def test_airflow_runs_a_dag(second_stack: Stack) -> None:
    second_stack.up(airflow=True)
    status = second_stack.status()["airflow"]
    assert status.state == "running"
    assert {address for address, _ in listeners(all_processes(second_stack))} <= LOOPBACK

    assert requests.get(f"{status.address}/api/v2/dags", timeout=30).status_code == 401
    wrong = {"username": "nostro", "password": "nostro"}
    assert requests.post(f"{status.address}/auth/token", json=wrong, timeout=30).status_code == 401

    client = second_stack.airflow_client()
    client.wait_until_parsed("two_steps")
    assert client.import_errors() == []
    client.unpause("two_steps")
    queued = client.trigger("two_steps", {"business_date": "2025-05-02"})
    assert queued.conf == {"business_date": "2025-05-02"}
    run = client.wait("two_steps", queued.run_id, timeout=300)
    tasks = client.task_instances("two_steps", queued.run_id)
    assert run.state == "success", [
        client.task_log("two_steps", run.run_id, task.task_id, task.try_number) for task in tasks
    ]
    assert [(task.task_id, task.state, task.try_number) for task in tasks] == [
        ("first", "success", 1),
        ("second", "success", 1),
    ]
    assert any("the first step" in line for line in client.task_log("two_steps", run.run_id, "first", 1))


def test_status_tells_how_to_log_in(second_stack: Stack, nostro_command: str) -> None:
    second_stack.up(airflow=True)
    printed, told = (
        subprocess.run(
            [nostro_command, "status", *arguments],
            env=command_environment(second_stack.home),
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for arguments in ((), ("--json",))
    )
    airflow = json.loads(told)["airflow"]
    password = Path(airflow["password_file"]).read_text()
    assert f"log in as {airflow['user']}, password in {airflow['password_file']}\n" in printed
    assert password not in printed + told
    login = {"username": airflow["user"], "password": password}
    assert requests.post(f"{airflow['address']}/auth/token", json=login, timeout=30).status_code == 201


@pytest.mark.minutes_long
def test_up_unpauses_dags_on_request(second_stack: Stack, nostro_command: str) -> None:
    second_stack.up(airflow=True)
    client = second_stack.airflow_client()
    client.wait_until_parsed("two_steps")
    client.pause("two_steps")
    done = subprocess.run(
        [nostro_command, "up", "--unpause"],
        env=command_environment(second_stack.home),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert client.is_paused("two_steps") is False
    folder = second_stack.airflow.dags_folder
    later = folder / "later.py"
    later.write_text((folder / "two_steps.py").read_text().replace("two_steps", "later"))
    client.wait_until_parsed("later")
    assert client.is_paused("later") is False

    client.pause("two_steps")
    before = second_stack.home.load()
    second_stack.up()
    assert second_stack.home.load() == before
    assert client.is_paused("two_steps") is True
    second_stack.up(unpause=False)
    assert client.is_paused("later") is False
    later.unlink()


def test_up_unpauses_nothing_without_airflow(second_stack: Stack) -> None:
    second_stack.up(airflow=False)
    with pytest.raises(StackError, match="no DAGs to unpause"):
        second_stack.up(unpause=True)
    assert second_stack.home.load().options.unpause is False


@pytest.mark.minutes_long
def test_up_without_options_keeps_airflow_and_heals_it(second_stack: Stack) -> None:
    second_stack.up(airflow=True)
    scheduler = psutil.Process(second_stack.home.load().processes["airflow-scheduler"].pid)
    orphans = scheduler.children(recursive=True)
    scheduler.send_signal(signal.SIGKILL)
    wait_until_died(second_stack, "airflow")
    second_stack.up()
    assert second_stack.status()["airflow"].state == "running"
    assert running(orphans) == []


def test_down_after_everything_was_killed_leaves_nothing(
    second_stack: Stack, bystander: psutil.Process
) -> None:
    second_stack.up(airflow=True)
    processes = all_processes(second_stack)
    ports = {port for _, port in listeners(processes)}
    for leader in leaders(second_stack):
        leader.send_signal(signal.SIGKILL)
    second_stack.down()
    assert running(processes) == []
    assert {part.state for part in second_stack.status().values()} == {"stopped"}
    in_use = {it.laddr.port for it in psutil.net_connections("tcp") if it.status == psutil.CONN_LISTEN}
    assert in_use.isdisjoint(ports)
    assert bystander.is_running()


def test_down_after_a_killed_up_leaves_nothing(
    second_home: NostroHome, nostro_command: str, bystander: psutil.Process
) -> None:
    Stack(second_home).down()
    command = subprocess.Popen(
        [nostro_command, "up"],
        env=command_environment(second_home),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while "trino" not in second_home.load().processes:
        assert command.poll() is None
        time.sleep(0.01)
    command.kill()
    command.wait()
    processes = all_processes(Stack(second_home))
    assert len(running(processes)) >= 3
    subprocess.run([nostro_command, "down"], env=command_environment(second_home), check=True)
    assert running(processes) == []
    assert bystander.is_running()


def test_down_without_the_state_leaves_nothing(second_home: NostroHome) -> None:
    stack = Stack(second_home)
    with second_home.lock():
        stack.postgres.start(SilentProgress())
        stack.ledger.start(SilentProgress())
    processes = all_processes(stack)
    state = second_home.state_file.read_text()
    second_home.state_file.write_text(state[: len(state) // 2])
    with pytest.raises(StackError, match="cannot be read"):
        stack.status()
    stack.down()
    assert running(processes) == []
    assert stack.status()["postgres"].state == "stopped"


def test_failed_start_tells_one_cause(second_home: NostroHome, nostro_command: str) -> None:
    Stack(second_home).down()
    failed = subprocess.run(
        [nostro_command, "up"],
        env={**command_environment(second_home), "NOSTRO_TRINO_HEAP": "1M"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert failed.returncode == 1
    assert "error: Trino (trino) ended while starting: Too small maximum heap" in failed.stderr
    assert f"log: {second_home.log_file('trino')}" in failed.stderr
    assert "what to do:" in failed.stderr
    assert "Traceback" not in failed.stderr + failed.stdout


def test_query_on_a_stopped_trino(second_home: NostroHome) -> None:
    Stack(second_home).down()
    with pytest.raises(QueryError, match="Trino does not answer: the connection was refused"):
        TrinoSession("127.0.0.1", second_home.port("trino"), "nostro").execute("SELECT 1")


def test_down_twice_and_delete(second_home: NostroHome) -> None:
    stack = Stack(second_home)
    with second_home.lock():
        stack.postgres.start(SilentProgress())
    data = stack.postgres.data_directory
    assert data.is_dir()
    stack.down(delete_data=True)
    stack.down(delete_data=True)
    assert [path.name for path in second_home.root.iterdir()] == ["lock"]
    assert not data.exists()


def test_port_that_was_taken_is_replaced(second_home: NostroHome) -> None:
    stack = Stack(second_home)
    stack.down()
    second_home.create()
    port = second_home.port("ledger")
    with socket.create_server(("127.0.0.1", port)), second_home.lock():
        stack.ledger.start(SilentProgress())
        assert second_home.port("ledger") != port
        assert stack.status()["ledger"].state == "running"
    stack.down()


def test_process_that_has_the_pid_of_a_dead_one_is_left_alone(
    second_home: NostroHome, bystander: psutil.Process
) -> None:
    stack = Stack(second_home)
    second_home.create()
    second_home.port("trino")
    second_home.record_process("trino", ProcessRecord(bystander.pid, bystander.create_time() - 100))
    assert stack.status()["trino"].state == "died"
    stack.down()
    assert bystander.is_running()
