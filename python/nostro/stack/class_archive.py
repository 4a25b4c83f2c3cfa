"""Trino's classes as Java has read them, kept for later starts, which so take less of the processor.

The first node that ends by itself writes the archive (Java's class data sharing) into its own directory, from
where it goes to the cache of all homes. Its name is that of the very Java and jars that wrote it; Java itself
looks whether it fits, and does without it otherwise.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path

import psutil

from nostro.java import JavaRuntime
from nostro.stack.distribution import cache_directory

_WRITE = "-XX:ArchiveClassesAtExit="
_SUFFIX = ".jsa"


def options(server: Path, java: JavaRuntime, node: Path) -> list[str]:
    """Return the options with which Java reads the archive, or writes it into the node's directory."""
    archive = cache_directory() / _name(server, java)
    if archive.is_file():
        return [f"-XX:SharedArchiveFile={archive}"]
    return [f"{_WRITE}{node / archive.name}"]


def is_written_by(processes: Iterable[psutil.Process]) -> bool:
    """Tell whether one of the processes will write the archive when it ends."""
    for process in processes:
        try:
            if any(word.startswith(_WRITE) for word in process.cmdline()):
                return True
        except psutil.Error:
            continue
    return False


def keep(node: Path, *, is_whole: bool) -> None:
    """Put what an ended node has written into the cache, or away when the node was killed meanwhile."""
    for written in node.glob(f"*{_SUFFIX}"):
        if is_whole:
            cache_directory().mkdir(parents=True, exist_ok=True)
            # The home may be on another file system.
            beside = cache_directory() / f".{written.name}-{node.parent.parent.name}-{node.name}"
            shutil.copyfile(written, beside)
            beside.replace(cache_directory() / written.name)
        written.unlink()


def _name(server: Path, java: JavaRuntime) -> str:
    jars = [(jar.name, jar.stat().st_mtime_ns) for jar in sorted(server.glob("lib/*.jar"))]
    release = java.home / "release"
    made_by = (str(server), str(java.home), release.read_text() if release.is_file() else "", jars)
    return f"{server.name}-{hashlib.sha256(repr(made_by).encode()).hexdigest()[:16]}{_SUFFIX}"
