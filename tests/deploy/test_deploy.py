"""Deployments into copies of Trino's layout: whole, or not at all."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

import pytest

from nostro.deploy import (
    CatalogFile,
    DeploymentError,
    Installation,
    Plugin,
    PluginNotFoundError,
    deploy,
    open_installation,
    read_catalog,
    read_plugin,
)
from nostro.deploy.shell import LocalShell

NOSTRO = Path(sys.executable).with_name("nostro")
CATALOG = CatalogFile("trading_db", b"connector.name=arrow_flight\n")
STEPS = 9


@pytest.fixture
def plugin(tmp_path: Path) -> Plugin:
    directory = tmp_path / "built"
    directory.mkdir()
    for number in range(5):
        (directory / f"library-{number}.jar").write_bytes(os.urandom(50_000))
    (directory / "a name with spaces.jar").write_bytes(b"")
    (directory / "nostro-plugin.properties").write_text(
        "plugin.version=0.1.0\ntrino.version=476\ntrino.versions=476 478 483\n"
    )
    return read_plugin(directory)


@pytest.fixture
def trino(tmp_path: Path) -> Path:
    return make_trino(tmp_path / "trino server")


def make_trino(directory: Path, version: str = "476") -> Path:
    for name in ("lib", "plugin/iceberg", "etc/catalog"):
        (directory / name).mkdir(parents=True)
    (directory / "lib" / f"io.trino_trino-main-{version}.jar").touch()
    (directory / "lib" / f"io.trino_trino-spi-{version}.jar").touch()
    (directory / "plugin" / "iceberg" / "iceberg.jar").write_text("iceberg")
    (directory / "etc" / "catalog" / "lake.properties").write_text("connector.name=iceberg\n")
    return directory


def install_older(trino: Path) -> None:
    older = trino / "plugin" / "nostro"
    older.mkdir()
    (older / "older.jar").write_text("older")
    (trino / "etc" / "catalog" / "trading_db.properties").write_text("connector.name=older\n")


def snapshot(directory: Path) -> dict[str, str]:
    return {
        str(path.relative_to(directory)): "directory"
        if path.is_dir()
        else hashlib.sha256(path.read_bytes()).hexdigest()
        for path in directory.rglob("*")
    }


@dataclass
class FailingShell:
    """The real shell, whose n-th script runs and then fails, as a connection that is lost does."""

    failing_step: int
    steps: int = 0
    scripts: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return "this machine"

    def run(self, script: str, content: IO[bytes] | None = None) -> str:
        self.steps += 1
        output = LocalShell().run(script, content)
        if self.steps == self.failing_step:
            raise DeploymentError("the connection is lost")
        return output


def test_plugin_and_catalog_are_in_place(plugin: Plugin, trino: Path) -> None:
    before = snapshot(trino)
    deploy([plugin], [open_installation(str(trino))], [CATALOG])
    after = snapshot(trino)
    assert read_plugin(trino / "plugin" / "nostro").checksums() == plugin.checksums()
    assert (trino / "etc" / "catalog" / "trading_db.properties").read_bytes() == CATALOG.content
    added = {f"plugin/nostro/{name}" for name in plugin.checksums()}
    assert after.keys() - before.keys() == added | {"plugin/nostro", "etc/catalog/trading_db.properties"}
    assert before.items() <= after.items()


def test_second_deployment_replaces_the_first_completely(plugin: Plugin, trino: Path) -> None:
    install_older(trino)
    deploy([plugin], [open_installation(str(trino))], [CATALOG])
    assert not (trino / "plugin" / "nostro" / "older.jar").exists()
    (plugin.directory / "library-0.jar").unlink()
    deploy([plugin], [open_installation(str(trino))], [CATALOG])
    assert read_plugin(trino / "plugin" / "nostro").checksums() == plugin.checksums()
    assert not list(trino.glob(".*"))
    catalogs = sorted(path.name for path in (trino / "etc" / "catalog").iterdir())
    assert catalogs == ["lake.properties", "trading_db.properties"]


def test_configuration_may_lie_elsewhere(plugin: Plugin, trino: Path, tmp_path: Path) -> None:
    etc = tmp_path / "etc trino"
    deploy([plugin], [open_installation(str(trino), str(etc))], [CATALOG])
    assert (etc / "catalog" / "trading_db.properties").read_bytes() == CATALOG.content
    assert not (trino / "etc" / "catalog" / "trading_db.properties").exists()


@pytest.mark.parametrize("version", ["476", "478", "483"])
def test_each_version_that_the_plugin_names_is_accepted(plugin: Plugin, tmp_path: Path, version: str) -> None:
    trino = make_trino(tmp_path / "trino", version)
    deploy([plugin], [open_installation(str(trino))])
    assert read_plugin(trino / "plugin" / "nostro").checksums() == plugin.checksums()


@pytest.mark.parametrize("version", ["475", "477", "484"])
def test_other_trino_version_is_refused(plugin: Plugin, tmp_path: Path, version: str) -> None:
    right, wrong = make_trino(tmp_path / "right"), make_trino(tmp_path / "wrong", version)
    before = snapshot(tmp_path)
    with pytest.raises(DeploymentError, match=f"is Trino {version}; this plugin runs on Trino 476, 478, 483"):
        deploy([plugin], [open_installation(str(right)), open_installation(str(wrong))], [CATALOG])
    assert snapshot(tmp_path) == before


def test_directory_without_trino_is_refused(plugin: Plugin, tmp_path: Path) -> None:
    (tmp_path / "other" / "lib").mkdir(parents=True)
    for target in (tmp_path / "other", tmp_path / "missing"):
        with pytest.raises(DeploymentError, match="is not a Trino installation"):
            deploy([plugin], [open_installation(str(target))])


@pytest.mark.parametrize("is_update", [False, True])
@pytest.mark.parametrize("failing_step", range(3, STEPS - 1))
def test_failure_at_any_step_is_undone(
    plugin: Plugin, tmp_path: Path, failing_step: int, is_update: bool
) -> None:
    first, second = make_trino(tmp_path / "first"), make_trino(tmp_path / "second")
    if is_update:
        install_older(first)
        install_older(second)
    before = snapshot(tmp_path)
    shell = FailingShell(failing_step)
    with pytest.raises(DeploymentError, match="the connection is lost"):
        deploy(
            [plugin],
            [open_installation(str(first)), Installation(shell, PurePosixPath(second))],
            [CATALOG],
        )
    assert shell.steps >= failing_step
    assert snapshot(tmp_path) == before


def test_failure_after_the_last_check_keeps_the_new_plugin(plugin: Plugin, trino: Path) -> None:
    install_older(trino)
    shell = FailingShell(STEPS - 1)
    deploy([plugin], [Installation(shell, PurePosixPath(trino))], [CATALOG])
    assert shell.steps == STEPS - 1
    assert read_plugin(trino / "plugin" / "nostro").checksums() == plugin.checksums()


def interrupt_after_activation(installation: Installation, plugins: Collection[str]) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("is_update", [False, True])
def test_killed_deployment_is_undone_by_the_next(
    plugin: Plugin, trino: Path, monkeypatch: pytest.MonkeyPatch, is_update: bool
) -> None:
    if is_update:
        install_older(trino)
    before = snapshot(trino)
    with monkeypatch.context() as patch:
        # A killed process runs no undo.
        patch.setattr(Installation, "undo", lambda installation: None)
        patch.setattr(Installation, "installed_checksums", interrupt_after_activation)
        with pytest.raises(KeyboardInterrupt):
            deploy([plugin], [open_installation(str(trino))], [CATALOG])
    assert snapshot(trino) != before
    open_installation(str(trino)).recover()
    assert snapshot(trino) == before


def test_copy_that_differs_is_refused(plugin: Plugin, trino: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_older(trino)
    before = snapshot(trino)
    staged = Installation.staged_checksums

    def flip_a_bit(installation: Installation) -> dict[str, str]:
        file = trino / ".nostro-deploy" / "plugins" / "nostro" / "library-3.jar"
        content = bytearray(file.read_bytes())
        content[1_000] ^= 1
        file.write_bytes(content)
        return staged(installation)

    monkeypatch.setattr(Installation, "staged_checksums", flip_a_bit)
    with pytest.raises(DeploymentError, match=r"differs from the plugin in nostro/library-3\.jar"):
        deploy([plugin], [open_installation(str(trino))], [CATALOG])
    assert snapshot(trino) == before


@dataclass(frozen=True)
class FullDisk:
    """The real shell, on a disk that takes files of up to 20 kB."""

    @property
    def name(self) -> str:
        return "this machine"

    def run(self, script: str, content: IO[bytes] | None = None) -> str:
        return LocalShell().run(f"trap '' XFSZ; ulimit -f 40; {script}", content)


def test_full_disk_is_undone(plugin: Plugin, trino: Path) -> None:
    install_older(trino)
    before = snapshot(trino)
    with pytest.raises(DeploymentError, match="this machine: tar"):
        deploy([plugin], [Installation(FullDisk(), PurePosixPath(trino))], [CATALOG])
    assert snapshot(trino) == before


@pytest.fixture
def ssh_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for `ssh` that notes its arguments and runs the command here, as the login shell would."""
    program = tmp_path / "bin" / "ssh"
    log = tmp_path / "ssh.log"
    program.parent.mkdir()
    program.write_text(
        "#!/bin/sh\n"
        f"printf '%s ' \"$@\" | head -n 1 >> '{log}'\n"
        'for command in "$@"; do :; done\n'
        'exec sh -c "$command"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return log


def test_host_is_reached_through_ssh(plugin: Plugin, trino: Path, ssh_log: Path) -> None:
    deploy([plugin], [open_installation(f"ssh://ops@node1:2222{trino}".replace(" ", "%20"))], [CATALOG])
    assert read_plugin(trino / "plugin" / "nostro").checksums() == plugin.checksums()
    calls = ssh_log.read_text()
    assert "BatchMode=yes" in calls
    assert "-p 2222 -- ops@node1 set -eu" in calls


def test_host_that_cannot_be_reached(plugin: Plugin, ssh_log: Path) -> None:
    (ssh_log.parent / "bin" / "ssh").write_text("#!/bin/sh\necho 'Connection refused' >&2\nexit 255\n")
    with pytest.raises(DeploymentError, match="node1 cannot be reached: Connection refused"):
        deploy([plugin], [open_installation("node1:/opt/trino")])


def own_plugin(directory: Path, versions: str = "476 478 483") -> Plugin:
    directory.mkdir(parents=True)
    (directory / "nostro-plugin.properties").write_text(
        f"plugin.version=1.0\ntrino.version=476\ntrino.versions={versions}\n"
    )
    (directory / "bank's.jar").write_bytes(os.urandom(10_000))
    return read_plugin(directory, "nostro-my-bank")


def test_plugins_are_deployed_beside_one_another(plugin: Plugin, trino: Path, tmp_path: Path) -> None:
    install_older(trino)
    own = own_plugin(tmp_path / "own")
    deploy([plugin, own], [open_installation(str(trino))], [CATALOG])
    assert read_plugin(trino / "plugin" / "nostro").checksums() == plugin.checksums()
    assert read_plugin(trino / "plugin" / "nostro-my-bank").checksums() == own.checksums()
    assert sorted(path.name for path in (trino / "plugin").iterdir()) == [
        "iceberg",
        "nostro",
        "nostro-my-bank",
    ]


@pytest.mark.parametrize("has_older", [False, True])
@pytest.mark.parametrize("failing_step", range(3, STEPS - 1))
def test_all_plugins_are_undone_together(
    plugin: Plugin, tmp_path: Path, failing_step: int, has_older: bool
) -> None:
    own = own_plugin(tmp_path / "own")
    first, second = make_trino(tmp_path / "first"), make_trino(tmp_path / "second")
    if has_older:
        deploy([own], [open_installation(str(first))])
        install_older(second)
    before = snapshot(tmp_path)
    with pytest.raises(DeploymentError, match="the connection is lost"):
        deploy(
            [plugin, own],
            [open_installation(str(first)), Installation(FailingShell(failing_step), PurePosixPath(second))],
        )
    assert snapshot(tmp_path) == before


def test_trino_that_one_of_the_plugins_does_not_run_on_is_refused(plugin: Plugin, tmp_path: Path) -> None:
    own = own_plugin(tmp_path / "own", versions="476")
    trino = make_trino(tmp_path / "newer", "483")
    before = snapshot(trino)
    with pytest.raises(DeploymentError, match=r"is Trino 483; nostro-my-bank runs on Trino 476$") as raised:
        deploy([plugin, own], [open_installation(str(trino))])
    assert raised.value.remedy is not None
    assert "`--no-own` leaves it out" in raised.value.remedy
    assert snapshot(trino) == before


def test_command_deploys_ones_own_functions_unless_told_not_to(
    plugin: Plugin, trino: Path, tmp_path: Path
) -> None:
    own_plugin(tmp_path / "home" / "functions" / "my-bank")
    environment = {
        **os.environ,
        "NOSTRO_PLUGIN_DIR": str(plugin.directory),
        "NOSTRO_HOME": str(tmp_path / "home"),
    }
    for option, names in (("--no-own", {"nostro"}), ("--own", {"nostro", "nostro-my-bank"})):
        command = [str(NOSTRO), "deploy", str(trino), option]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        assert ("and nostro-my-bank 1.0" in done.stderr) == (option == "--own")
        assert {path.name for path in (trino / "plugin").iterdir()} == {"iceberg", *names}


def test_command_deploys_and_tells_the_next_step(plugin: Plugin, trino: Path) -> None:
    environment = {**os.environ, "NOSTRO_PLUGIN_DIR": str(plugin.directory)}
    command = [str(NOSTRO), "deploy", str(trino), "--catalog", "trading_db=grpc://ledger.bank:8815"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert f"{trino}: deployed; restart Trino there to load it" in done.stdout
    assert read_plugin(trino / "plugin" / "nostro").checksums() == plugin.checksums()


def test_command_tells_cause_and_remedy(plugin: Plugin, tmp_path: Path) -> None:
    trino = make_trino(tmp_path / "newer", "484")
    environment = {**os.environ, "NOSTRO_PLUGIN_DIR": str(plugin.directory)}
    failed = subprocess.run(
        [NOSTRO, "deploy", str(trino)], env=environment, capture_output=True, text=True, check=False
    )
    assert failed.returncode == 1
    assert "is Trino 484; this plugin runs on Trino 476, 478, 483" in failed.stderr
    assert "what to do: deploy to one of these versions" in failed.stderr
    assert "Traceback" not in failed.stderr


def test_catalogs_are_read() -> None:
    assert read_catalog("trading_db=grpc+tls://ledger.bank:8815") == CatalogFile(
        "trading_db", b"connector.name=arrow_flight\narrow-flight.location=grpc+tls://ledger.bank:8815\n"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("trading_db", "accepted is a file"),
        ("trading_db=http://ledger:1", "accepted is a file"),
        ("Trading-DB=grpc://ledger:1", "lower-case letters"),
        ("missing.properties", "cannot be read"),
        ("../evil=grpc://ledger:1", "lower-case letters"),
    ],
)
def test_bad_catalogs_are_refused(text: str, message: str) -> None:
    with pytest.raises(DeploymentError, match=message):
        read_catalog(text)


def test_catalog_file_keeps_its_permissions(plugin: Plugin, trino: Path, tmp_path: Path) -> None:
    file = tmp_path / "vault.properties"
    file.write_text("connector.name=nostro_vault\n")
    file.chmod(0o600)
    deploy([plugin], [open_installation(str(trino))], [read_catalog(str(file))])
    assert (trino / "etc" / "catalog" / "vault.properties").stat().st_mode & 0o777 == 0o600
    assert (trino / "plugin" / "nostro" / "library-0.jar").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    "target", ["ssh://", "ssh://host", "ssh://host/", ":/dir", "-oProxyCommand=x:/dir", "host:dir"]
)
def test_bad_targets_are_refused(target: str) -> None:
    with pytest.raises(DeploymentError, match="accepted is"):
        open_installation(target)


def test_targets_are_named_as_given() -> None:
    assert open_installation("/opt/trino").name == "/opt/trino"
    assert open_installation("node1:/opt/trino").name == "node1:/opt/trino"
    assert open_installation("ssh://ops@node1:2222/opt/trino").name == "ops@node1:/opt/trino"


def test_directory_that_is_no_plugin_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PluginNotFoundError, match="is not a Nostro plugin"):
        read_plugin(tmp_path)
    (tmp_path / "nostro-plugin.properties").write_text("plugin.version=1\n")
    with pytest.raises(PluginNotFoundError, match=r"has no property trino\.version"):
        read_plugin(tmp_path)
