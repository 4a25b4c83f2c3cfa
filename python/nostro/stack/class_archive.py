"""Trino's classes as Java has read them, kept for later starts, which so take less of the processor.

The first node that ends by itself writes the archive (Java's class data sharing). It is for the very Java and
jars that wrote it, by the name of its file; Java itself looks whether it fits, and does without it otherwise.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from pathlib import Path
from uuid import uuid4

import psutil

from nostro.java import JavaRuntime
from nostro.stack.distribution import cache_directory

_WRITE = "-XX:ArchiveClassesAtExit="
_UNFINISHED = ".new"
_UNFINISHED_SECONDS = 3600


def options(server: Path, java: JavaRuntime) -> list[str]:
    """Return the options with which Java reads the archive, or writes it when it ends if there is none."""
    archive = _file(server, java)
    if archive.is_file():
        return [f"-XX:SharedArchiveFile={archive}"]
    archive.parent.mkdir(parents=True, exist_ok=True)
    _sweep(archive)
    # Nodes that end at once write one each.
    return [f"{_WRITE}{archive}.{uuid4().hex}{_UNFINISHED}"]


def written_by(processes: Iterable[psutil.Process]) -> list[Path]:
    """Return the files that the processes will write when they end."""
    files = []
    for process in processes:
        try:
            words = process.cmdline()
        except psutil.Error:
            continue
        files += [Path(word.removeprefix(_WRITE)) for word in words if word.startswith(_WRITE)]
    return files


def keep(written: Iterable[Path], *, are_whole: bool) -> None:
    """Put what was written in its place, or take it away when its writer was killed meanwhile."""
    for file in written:
        if not file.is_file():
            continue
        if are_whole:
            file.replace(file.with_name(file.name.removesuffix(_UNFINISHED).rpartition(".")[0]))
        else:
            file.unlink()


def _sweep(archive: Path) -> None:
    """Take away what nobody was left to keep."""
    for unfinished in archive.parent.glob(f"{archive.name}.*{_UNFINISHED}"):
        if time.time() - unfinished.stat().st_mtime > _UNFINISHED_SECONDS:
            unfinished.unlink(missing_ok=True)


def _file(server: Path, java: JavaRuntime) -> Path:
    jars = [
        (jar.name, jar.stat().st_size, jar.stat().st_mtime_ns) for jar in sorted(server.glob("lib/*.jar"))
    ]
    release = java.home / "release"
    made_by = (str(server), str(java.home), release.read_text() if release.is_file() else "", jars)
    digest = hashlib.sha256(repr(made_by).encode()).hexdigest()[:16]
    return cache_directory() / f"{server.name}-{digest}.jsa"
