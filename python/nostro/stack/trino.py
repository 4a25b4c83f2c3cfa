"""Trino: one coordinator and, on request, workers, each a JVM of its own with the Nostro plugin."""

import hashlib
import http.client
import json
import os
import re
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from nostro.deploy.plugin import Plugin, PluginNotFoundError, find_own_plugins, find_plugin
from nostro.java import JavaNotFoundError, JavaRuntime, find_java
from nostro.stack import class_archive, process
from nostro.stack.distribution import find_server
from nostro.stack.errors import StackError
from nostro.stack.home import NostroHome, StackOptions, write_atomically
from nostro.stack.ports import LOOPBACK
from nostro.stack.progress import Progress, Step
from nostro.stack.query import QueryError, TrinoSession
from nostro.stack.status import PartStatus

PART = "trino"
USER = "nostro"
MAXIMUM_WORKERS = 16

_NOSTROS_CONNECTORS = frozenset({"arrow_flight", "nostro_vault"})
# The postgresql plugin needs the type of the geospatial plugin.
_SERVER_PLUGINS = (
    "exchange-filesystem",
    "geospatial",
    "iceberg",
    "memory",
    "ml",
    "postgresql",
    "teradata-functions",
)

_START_SECONDS = 300.0
_POLL_SECONDS = 0.1
_STOP_SECONDS = 10.0
_ARCHIVE_SECONDS = 60.0
# Trino's own minute is for networks that lose packets; a node of this machine that refuses is dead.
_DEAD_NODE_SECONDS = 20
_GIBIBYTE = 2**30
_VECTOR_MODULE = "jdk.incubator.vector"
# A node is listed before the catalogs that it announces are; until then a query of a catalog finds no node.
# So one of a catalog's own splits is asked for: those of its information_schema go to any node.
_ACTIVE_NODES = """
SELECT (SELECT count(*) FROM system.runtime.nodes WHERE state = 'active')
FROM TABLE({catalog}.system.query(query => 'SELECT 1'))"""


@dataclass(frozen=True)
class TrinoSettings:
    """What a start of Trino is made of."""

    options: StackOptions
    catalogs: Mapping[str, Mapping[str, str]]
    heap_megabytes: int


def default_heap_megabytes(nodes: int) -> int:
    """Return each node's heap: an eighth of the memory, 1 to 4 GiB, all nodes together at most half of it.

    The environment variable NOSTRO_TRINO_HEAP (`3G`, `2500M`) overrides it.
    """
    chosen = os.environ.get("NOSTRO_TRINO_HEAP")
    if chosen:
        found = re.fullmatch(r"(\d+)([MG])B?", chosen.strip().upper())
        if found is None:
            raise StackError(
                f"NOSTRO_TRINO_HEAP is {chosen!r}", remedy="give a number of mega- or gigabytes: 2500M, 3G"
            )
        return int(found.group(1)) * (1024 if found.group(2) == "G" else 1)
    memory = psutil.virtual_memory().total
    wanted = min(max(memory // 8, _GIBIBYTE), 4 * _GIBIBYTE, max(memory // 2 // nodes, _GIBIBYTE))
    return int(wanted // 2**20)


def _other_plugins(server: Path, settings: TrinoSettings) -> Sequence[str]:
    """The server's plugins of the connectors that catalogs name, besides those that every stack has."""
    plugins = set()
    for catalog, properties in settings.catalogs.items():
        connector = properties["connector.name"]
        plugin = connector.replace("_", "-")
        if connector in _NOSTROS_CONNECTORS or plugin in _SERVER_PLUGINS:
            continue
        if not (server / "plugin" / plugin).is_dir():
            accepted = sorted({*_NOSTROS_CONNECTORS, *(it.name for it in (server / "plugin").iterdir())})
            raise StackError(
                f"catalog {catalog}: no plugin for the connector {connector!r}",
                remedy=f"the connectors are of the plugins {', '.join(accepted)}",
            )
        plugins.add(plugin)
    return sorted(plugins)


class Trino:
    """The Trino cluster of one home."""

    def __init__(self, home: NostroHome) -> None:
        self._home = home

    @property
    def address(self) -> str:
        """The coordinator's URL."""
        return f"http://{LOOPBACK}:{self._home.port(PART)}"

    def log(self, node: str = PART) -> Path:
        """The log file of a node."""
        return self._home.log_file(node)

    def launch(self, settings: TrinoSettings, progress: Progress) -> set[str]:
        """Start the nodes that do not run, and again those with other settings; return the started ones."""
        java = _java()
        plugins = _plugins(self._home)
        server = find_server(plugins[0].trino_version, java, progress, self._home.log_file("maven"))
        nodes = _nodes(settings.options.workers)
        for node in self._recorded_nodes():
            if node not in nodes:
                self._stop_node(node)
        installed = self._install_plugins(server, plugins, settings)
        fingerprints = {node: self._configure(node, settings, java, server, plugins) for node in nodes}
        running = {node for node in nodes if self._is_running(node, fingerprints[node])}
        if PART not in running:
            running.clear()
        started = set(nodes) - running
        for node in nodes:
            if node not in started:
                continue
            self._stop_node(node)
            self._home.usable_port(node)
            fingerprint = self._configure(node, settings, java, server, plugins)
            self._launch_node(node, settings, java, server, fingerprint)
        self._remove_other_plugins(installed)
        return started

    def wait_until_ready(self, settings: TrinoSettings, started: set[str], progress: Progress) -> None:
        """Wait until the coordinator answers, every node is there, and catalogs can be queried.

        A node that has ended is an error if it is one of the `started`; one that seemed to run when the
        others were started, as one that was just being killed may, is started now.
        """
        nodes = _nodes(settings.options.workers)
        if self._is_ready() and self._active_nodes(settings) >= len(nodes):
            return
        with progress.step(f"Trino: start {_count(len(nodes), 'node')}") as step:
            deadline = time.monotonic() + _START_SECONDS
            while not (self._is_ready() and self._active_nodes(settings) >= len(nodes)):
                dead = self._dead_nodes(nodes)
                if dead & started:
                    raise self._ended_while_starting(min(dead & started))
                if dead:
                    started = started | self.launch(settings, progress)
                self._report(step)
                if time.monotonic() > deadline:
                    raise StackError(
                        f"Trino does not answer after {_START_SECONDS:.0f} s",
                        log=self.log(),
                        remedy="see the log; `nostro down`, then `nostro up`",
                    )
                time.sleep(_POLL_SECONDS)

    def ask_to_stop(self) -> None:
        """Ask every node to end, without waiting."""
        for node in self._recorded_nodes():
            process.ask(self.processes(node), leader=self._home.load().processes.get(node))

    def stop(self) -> None:
        """End every node and whatever is left of them."""
        self.ask_to_stop()
        for node in self._recorded_nodes():
            self._stop_node(node)

    def status(self, node: str = PART) -> PartStatus:
        """Return the state of a node."""
        record = self._home.load().processes.get(node)
        if record is None:
            return PartStatus("stopped")
        port = self._home.port(node)
        is_alive = process.is_alive(record)
        information = _information(port) if is_alive else None
        is_ready = information is not None and information.get("starting") is False
        return PartStatus(
            "died" if not is_alive else "running" if is_ready else "starting",
            host=LOOPBACK,
            port=port,
            pid=record.pid if is_alive else None,
            address=f"http://{LOOPBACK}:{port}",
            version=_version(information),
            log=self.log(node),
        )

    def worker_statuses(self) -> dict[str, PartStatus]:
        """Return the state of each worker by its name."""
        return {node: self.status(node) for node in self._recorded_nodes() if node != PART}

    def node_id(self, node: str) -> str:
        """The id under which a node is in `system.runtime.nodes`."""
        return f"{self._home.node_environment}_{node}".replace("-", "_")

    def crash(self, node: str) -> int:
        """Kill a node's process as a crash would, and return its pid once it has ended.

        `nostro up` starts it again.
        """
        record = self._home.load().processes.get(node)
        if record is None or not process.is_alive(record):
            raise StackError(f"{node} does not run", remedy="`nostro status` shows what runs")
        psutil.Process(record.pid).kill()
        while process.is_alive(record):
            time.sleep(_POLL_SECONDS)
        return record.pid

    def processes(self, node: str) -> list[psutil.Process]:
        """Return the live processes of a node."""
        return process.find(self._home.root, part=node)

    def _recorded_nodes(self) -> list[str]:
        recorded = self._home.load().processes
        return sorted(node for node in recorded if node == PART or node.startswith(f"{PART}-worker-"))

    def _directory(self, node: str) -> Path:
        return self._home.run_directory / node

    def _temporary_directory(self, node: str) -> Path:
        return self._directory(node) / "tmp"

    def _plugins_directory(self, plugins: Sequence[Plugin]) -> Path:
        return self._home.run_directory / f"trino-plugins-{_fingerprint(plugins)}"

    def _install_plugins(self, server: Path, plugins: Sequence[Plugin], settings: TrinoSettings) -> Path:
        directory = self._plugins_directory(plugins)
        if not directory.is_dir():
            unfinished = directory.with_suffix(".new")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir(parents=True)
            # A copy: a build that replaces the jars under a running server would break it.
            for plugin in plugins:
                shutil.copytree(plugin.directory, unfinished / plugin.name)
            unfinished.replace(directory)
        wanted = (*_SERVER_PLUGINS, *_other_plugins(server, settings))
        for stale in directory.iterdir():
            if stale.is_symlink() and stale.name not in wanted:
                stale.unlink()
        for name in wanted:
            link = directory / name
            if not (server / "plugin" / name).is_dir():
                raise StackError(
                    f"the Trino installation at {server} has no plugin {name}",
                    remedy="point TRINO_HOME to a complete Trino server, or unset it to have one fetched",
                )
            if not link.is_symlink() or link.readlink() != server / "plugin" / name:
                link.unlink(missing_ok=True)
                link.symlink_to(server / "plugin" / name)
        return directory

    def _remove_other_plugins(self, current: Path) -> None:
        for directory in self._home.run_directory.glob("trino-plugins-*"):
            if directory != current:
                shutil.rmtree(directory, ignore_errors=True)

    def _configure(
        self, node: str, settings: TrinoSettings, java: JavaRuntime, server: Path, plugins: Sequence[Plugin]
    ) -> str:
        etc = self._directory(node) / "etc"
        files = {"config.properties": self._configuration(node, settings, plugins), "log.properties": {}}
        if settings.options.fault_tolerant:
            files["exchange-manager.properties"] = {
                "exchange-manager.name": "filesystem",
                "exchange.base-directories": str(self._home.data_directory / "exchange"),
            }
            (self._home.data_directory / "exchange").mkdir(exist_ok=True)
        for catalog, properties in settings.catalogs.items():
            files[f"catalog/{catalog}.properties"] = dict(properties)
        texts = {
            name: "".join(f"{key}={value}\n" for key, value in properties.items())
            for name, properties in files.items()
        }
        command = self._command(node, settings, java, server)
        fingerprint = hashlib.sha256(
            json.dumps([sorted(texts.items()), command, _fingerprint(plugins)]).encode()
        ).hexdigest()
        (etc / "catalog").mkdir(parents=True, exist_ok=True)
        for stale in [*etc.glob("*.properties"), *etc.glob("catalog/*.properties")]:
            if str(stale.relative_to(etc)) not in texts:
                stale.unlink()
        for name, text in texts.items():
            write_atomically(etc / name, text)
        return fingerprint

    def _configuration(self, node: str, settings: TrinoSettings, plugins: Sequence[Plugin]) -> dict[str, str]:
        is_coordinator = node == PART
        heap = settings.heap_megabytes
        configuration = {
            "node.environment": self._home.node_environment,
            "node.id": self.node_id(node),
            "node.bind-ip": LOOPBACK,
            "node.internal-address": LOOPBACK,
            "coordinator": "true" if is_coordinator else "false",
            "http-server.http.port": str(self._home.port(node)),
            "http-server.log.enabled": "false",
            "discovery.uri": self.address,
            "internal-communication.shared-secret": self._home.secret("trino-shared-secret"),
            "plugin.dir": str(self._plugins_directory(plugins)),
            "query.max-memory-per-node": f"{heap // 2}MB",
            "memory.heap-headroom-per-node": f"{heap // 5}MB",
            "catalog.config-dir": str(self._directory(node) / "etc" / "catalog"),
        }
        if is_coordinator:
            configuration["node-scheduler.include-coordinator"] = "true"
            # Enough of ended queries to look at whole runs of a DAG.
            configuration["query.max-history"] = "1000"
            configuration["query.remote-task.max-error-duration"] = f"{_DEAD_NODE_SECONDS}s"
            # Independent of the number of workers, so that the coordinator stays up when it changes.
            configuration["query.max-memory"] = f"{heap // 2 * (1 + MAXIMUM_WORKERS)}MB"
        if settings.options.fault_tolerant:
            configuration["retry-policy"] = "TASK"
        return configuration

    def _command(self, node: str, settings: TrinoSettings, java: JavaRuntime, server: Path) -> list[str]:
        directory = self._directory(node)
        modules = [f"--add-modules={_VECTOR_MODULE}"] if java.has_module(_VECTOR_MODULE) else []
        return [
            str(java.java),
            "-server",
            f"-Xmx{settings.heap_megabytes}m",
            f"-Xms{settings.heap_megabytes // 2}m",
            "-XX:+UseG1GC",
            "-XX:G1HeapRegionSize=16M" if settings.heap_megabytes < 4096 else "-XX:G1HeapRegionSize=32M",
            "-XX:+ExplicitGCInvokesConcurrent",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:-OmitStackTraceInFastThrow",
            "-XX:ReservedCodeCacheSize=512M",
            "-XX:PerMethodRecompilationCutoff=10000",
            "-XX:PerBytecodeRecompilationCutoff=10000",
            "-XX:+EnableDynamicAgentLoading",
            "-Djdk.attach.allowAttachSelf=true",
            "-Djdk.nio.maxCachedBufferSize=2000000",
            "-Dfile.encoding=UTF-8",
            f"-Djava.io.tmpdir={self._temporary_directory(node)}",
            "--sun-misc-unsafe-memory-access=allow",
            "--enable-native-access=ALL-UNNAMED",
            *modules,
            f"-Dconfig={directory / 'etc' / 'config.properties'}",
            f"-Dlog.levels-file={directory / 'etc' / 'log.properties'}",
            "-cp",
            f"{server}/lib/*",
            "io.trino.server.TrinoServer",
        ]

    def _launch_node(
        self, node: str, settings: TrinoSettings, java: JavaRuntime, server: Path, fingerprint: str
    ) -> None:
        # A killed node cannot delete the native libraries that it has unpacked there.
        shutil.rmtree(self._temporary_directory(node), ignore_errors=True)
        self._temporary_directory(node).mkdir(parents=True)
        command = self._command(node, settings, java, server)
        record = process.start(
            [*command[:1], *class_archive.options(server, java, self._directory(node)), *command[1:]],
            home=self._home.root,
            part=node,
            log=self.log(node),
            directory=self._directory(node),
            environment={
                name: value
                for name, value in os.environ.items()
                if name not in {"JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "CLASSPATH"}
            },
        )
        self._home.record_process(node, replace(record, fingerprint=fingerprint))

    def _stop_node(self, node: str) -> None:
        leader = self._home.load().processes.get(node)
        is_whole = True
        if class_archive.is_written_by(self.processes(node)):
            process.ask(self.processes(node), leader=leader)
            is_whole = process.wait_until_gone(lambda: self.processes(node), _ARCHIVE_SECONDS)
        process.end(lambda: self.processes(node), leader=leader, grace_seconds=_STOP_SECONDS)
        class_archive.keep(self._directory(node), is_whole=is_whole)
        self._home.forget_process(node)

    def _is_running(self, node: str, fingerprint: str) -> bool:
        record = self._home.load().processes.get(node)
        return record is not None and record.fingerprint == fingerprint and process.is_alive(record)

    def _is_ready(self) -> bool:
        information = _information(self._home.port(PART))
        return information is not None and information.get("starting") is False

    def _active_nodes(self, settings: TrinoSettings) -> int:
        session = TrinoSession(LOOPBACK, self._home.port(PART), USER)
        catalog = next(
            name
            for name, properties in settings.catalogs.items()
            if properties["connector.name"] == "postgresql"
        )
        try:
            with session.execute(_ACTIVE_NODES.format(catalog=catalog)) as result:
                return sum(int(row[0]) for row in result)
        except QueryError:
            return 0

    def _dead_nodes(self, nodes: list[str]) -> set[str]:
        recorded = self._home.load().processes
        return {node for node in nodes if not process.is_alive(recorded[node])}

    def _ended_while_starting(self, node: str) -> StackError:
        return StackError(
            f"Trino ({node}) ended while starting: {start_failure(self.log(node))}",
            log=self.log(node),
            remedy="remove the cause, then `nostro up`; `nostro doctor` checks the usual ones",
        )

    def _report(self, step: Step) -> None:
        try:
            with self.log().open("rb") as log:
                log.seek(max(0, self.log().stat().st_size - 4096))
                lines = log.read().decode(errors="replace").splitlines()
        except OSError:
            return
        loading = [line.rsplit("\t", 1)[-1] for line in lines if "-- Loading" in line or "-- Added" in line]
        if loading:
            step.update(detail=loading[-1].strip(" -")[:60])


def start_failure(log: Path) -> str:
    """Return the one cause in the log of a Trino that ended while starting."""
    lines = log.read_text(errors="replace").splitlines()
    for line, next_line in zip(lines, [*lines[1:], ""], strict=True):
        if line.startswith("Error occurred during initialization of VM"):
            return next_line or line
        if line.startswith(("Unrecognized VM option", "Invalid ", "Error: ")):
            return line
    numbered = [line for line in lines if re.match(r"\d+\) ", line)]
    if numbered:
        return re.sub(r"^\d+\) (\[[^]]*\]: |Error: )?", "", numbered[0])
    caused = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
    errors = [line.split("\t")[-1] for line in lines if "\tERROR\t" in line]
    chosen = caused[-1] if caused else errors[-1] if errors else lines[-1] if lines else "no output"
    # "java.lang.NoClassDefFoundError: a/Name" says nothing without the exception's name.
    return re.sub(r"^(?:[a-z]\w*\.)+[A-Z]\w*(?:Exception|Error): (?=\S+ )", "", chosen)


def _nodes(workers: int) -> list[str]:
    return [PART, *(f"{PART}-worker-{number}" for number in range(1, workers + 1))]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _information(port: int) -> dict[str, object] | None:
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/v1/info", timeout=2) as response:
            information: dict[str, object] = json.load(response)
            return information
    except (OSError, ValueError, http.client.HTTPException):
        return None


def _version(information: dict[str, object] | None) -> str | None:
    version = None if information is None else information.get("nodeVersion")
    return str(version["version"]) if isinstance(version, dict) else None


def _java() -> JavaRuntime:
    try:
        return find_java()
    except JavaNotFoundError as error:
        cause, _, remedy = str(error).partition("\nwhat to do: ")
        raise StackError(cause, remedy=remedy) from None


def _plugins(home: NostroHome) -> list[Plugin]:
    """Nostro's plugin, and after it those of the user's own functions."""
    try:
        plugin = find_plugin()
    except PluginNotFoundError as error:
        raise StackError(
            str(error), remedy="build it: `./build.sh build`; or set NOSTRO_PLUGIN_DIR to a built plugin"
        ) from None
    try:
        own = find_own_plugins(home.root)
    except PluginNotFoundError as error:
        raise StackError(str(error), remedy="`nostro build` it again, or delete the directory") from None
    for other in own:
        if plugin.trino_version not in other.trino_versions:
            raise StackError(
                f"{other.name} runs on {other.runs_on}; the stack runs Trino {plugin.trino_version}",
                remedy=f"`nostro build` it for that version, or delete {other.directory}",
            )
    return [plugin, *own]


def _fingerprint(plugins: Sequence[Plugin]) -> str:
    own = "-".join(f"{plugin.name}\0{plugin.fingerprint()}" for plugin in plugins)
    return hashlib.sha256(own.encode()).hexdigest()[:16]
