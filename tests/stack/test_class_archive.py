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


def file_of(option: str) -> Path:
    return Path(option.partition("=")[2])


def test_the_first_node_that_ends_writes_it_for_the_others(server: Path, java: JavaRuntime) -> None:
    [first] = class_archive.options(server, java)
    [second] = class_archive.options(server, java)
    assert first.startswith("-XX:ArchiveClassesAtExit=")
    assert first != second
    file_of(first).write_bytes(b"archive")
    class_archive.keep([file_of(first), file_of(second)], are_whole=True)
    [later] = class_archive.options(server, java)
    assert later.startswith("-XX:SharedArchiveFile=")
    assert file_of(later).read_bytes() == b"archive"
    assert list(file_of(later).parent.iterdir()) == [file_of(later)]


def test_half_an_archive_is_taken_away(server: Path, java: JavaRuntime) -> None:
    [option] = class_archive.options(server, java)
    file_of(option).write_bytes(b"arch")
    class_archive.keep([file_of(option)], are_whole=False)
    assert not any(file_of(option).parent.iterdir())


def test_what_nobody_kept_is_swept(server: Path, java: JavaRuntime) -> None:
    [option] = class_archive.options(server, java)
    file_of(option).write_bytes(b"arch")
    [_] = class_archive.options(server, java)
    assert file_of(option).exists()
    os.utime(file_of(option), (0, 0))
    [_] = class_archive.options(server, java)
    assert not file_of(option).exists()


def test_other_jars_or_another_java_have_one_of_their_own(server: Path, java: JavaRuntime) -> None:
    [option] = class_archive.options(server, java)
    file_of(option).write_bytes(b"archive")
    class_archive.keep([file_of(option)], are_whole=True)
    os.utime(server / "lib" / "trino-main.jar", (0, 0))
    [of_other_jars] = class_archive.options(server, java)
    assert of_other_jars.startswith("-XX:ArchiveClassesAtExit=")
    (java.home / "release").write_text('JAVA_VERSION="26"')
    [of_other_java] = class_archive.options(server, java)
    assert file_of(of_other_java).name.partition(".")[0] != file_of(of_other_jars).name.partition(".")[0]


def test_a_process_says_what_it_will_write(server: Path, java: JavaRuntime) -> None:
    [option] = class_archive.options(server, java)
    command = [sys.executable, "-c", "input()", option]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        assert class_archive.written_by([psutil.Process(process.pid)]) == [file_of(option)]
        process.kill()
