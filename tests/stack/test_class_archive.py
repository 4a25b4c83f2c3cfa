"""The archive of Trino's classes: written once, read by later starts, and never a half one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from nostro.java import JavaRuntime
from nostro.stack import class_archive
from nostro.stack.distribution import cache_directory


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NOSTRO_CACHE", str(tmp_path / "cache"))
    lib = tmp_path / "trino-server-476" / "lib"
    lib.mkdir(parents=True)
    (lib / "trino-main.jar").write_bytes(b"classes")
    return lib.parent


@pytest.fixture
def java(tmp_path: Path) -> JavaRuntime:
    home = tmp_path / "java"
    home.mkdir()
    (home / "release").write_text('JAVA_VERSION="25"')
    return JavaRuntime(home, 25, has_compiler=True)


@pytest.fixture
def node(tmp_path: Path) -> Path:
    directory = tmp_path / "home" / "run" / "trino"
    directory.mkdir(parents=True)
    return directory


def file_of(option: str) -> Path:
    return Path(option.partition("=")[2])


def cached() -> list[Path]:
    return list(cache_directory().iterdir()) if cache_directory().is_dir() else []


def test_the_first_node_that_ends_writes_it_for_the_others(
    server: Path, java: JavaRuntime, node: Path
) -> None:
    [first] = class_archive.options(server, java, node)
    assert first.startswith("-XX:ArchiveClassesAtExit=")
    assert file_of(first).parent == node
    file_of(first).write_bytes(b"archive")
    class_archive.keep(node, is_whole=True)
    [later] = class_archive.options(server, java, node)
    assert later.startswith("-XX:SharedArchiveFile=")
    assert file_of(later).read_bytes() == b"archive"
    assert cached() == [file_of(later)]
    assert not any(node.iterdir())


def test_half_an_archive_is_taken_away(server: Path, java: JavaRuntime, node: Path) -> None:
    [option] = class_archive.options(server, java, node)
    file_of(option).write_bytes(b"arch")
    class_archive.keep(node, is_whole=False)
    assert not any(node.iterdir())
    assert cached() == []


def test_other_jars_or_another_java_have_one_of_their_own(
    server: Path, java: JavaRuntime, node: Path
) -> None:
    [option] = class_archive.options(server, java, node)
    file_of(option).write_bytes(b"archive")
    class_archive.keep(node, is_whole=True)
    os.utime(server / "lib" / "trino-main.jar", (0, 0))
    [of_other_jars] = class_archive.options(server, java, node)
    assert of_other_jars.startswith("-XX:ArchiveClassesAtExit=")
    (java.home / "release").write_text('JAVA_VERSION="26"')
    [of_other_java] = class_archive.options(server, java, node)
    assert len({option, of_other_jars, of_other_java}) == 3


def test_a_process_that_will_write_it_is_known(server: Path, java: JavaRuntime, node: Path) -> None:
    [option] = class_archive.options(server, java, node)
    for words, writes in (([option], True), (["-Xmx1g"], False)):
        command = [sys.executable, "-c", "input()", *words]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
            assert class_archive.is_written_by([psutil.Process(process.pid)]) is writes
            process.kill()
