"""The Trino server's distribution: fetched through Maven, checked, and unpacked once for all homes."""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nostro.java import JavaRuntime
from nostro.stack.errors import StackError
from nostro.stack.progress import Progress, Step

# SHA-256 and size in bytes of io.trino:trino-server:VERSION:tar.gz
_TARBALLS = {
    "476": ("cfd5accde17e8ebd251eeeb78aed1f490e77bb3a164d95a0f454bf8a7c1cbd3f", 821_045_832),
}
_DEPENDENCY_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"
_WATCH_SECONDS = 0.5


def cache_directory() -> Path:
    """The directory for what all homes share: NOSTRO_CACHE, by default `~/.cache/nostro`."""
    return Path(os.environ.get("NOSTRO_CACHE") or "~/.cache/nostro").expanduser().resolve()


def installed_version(directory: Path) -> str | None:
    """Return the version of the Trino server at a directory, or None when there is none."""
    for pattern, expression in (
        ("trino-main-*.jar", r"trino-main-(.+)\.jar"),
        ("io.trino_trino-main-*.jar", r"io\.trino_trino-main-(.+)\.jar"),
        ("*trino-spi-*.jar", r".*trino-spi-(.+)\.jar"),
    ):
        for jar in sorted((directory / "lib").glob(pattern)):
            found = re.fullmatch(expression, jar.name)
            if found is not None:
                return found.group(1)
    return None


def find_trino_home() -> Path | None:
    """Return the directory that the environment variable TRINO_HOME names, if it is set."""
    chosen = os.environ.get("TRINO_HOME")
    return Path(chosen).expanduser().resolve() if chosen else None


def find_server(version: str, java: JavaRuntime, progress: Progress, log: Path) -> Path:
    """Return the directory of a Trino server of exactly that version.

    It is that of the environment variable TRINO_HOME if set; else one in the cache, fetched if missing.
    """
    directory = find_trino_home()
    if directory is not None:
        found = installed_version(directory)
        if found != version:
            what = "no Trino installation" if found is None else f"Trino {found}, the plugin is for {version}"
            raise StackError(
                f"TRINO_HOME ({directory}) is {what}",
                remedy=f"point TRINO_HOME to a Trino {version}, or unset it to have one fetched",
            )
        return directory
    directory = cache_directory() / f"trino-server-{version}"
    if directory.is_dir():
        return directory
    if version not in _TARBALLS:
        raise StackError(
            f"the checksum of Trino {version} is not known, so its server is not fetched",
            remedy=f"install Trino {version} and point TRINO_HOME to it",
        )
    cache_directory().mkdir(parents=True, exist_ok=True)
    with _exclusively(cache_directory() / f"trino-server-{version}.lock"):
        if not directory.is_dir():
            _fetch(version, directory, java, progress, log)
    return directory


def _fetch(version: str, directory: Path, java: JavaRuntime, progress: Progress, log: Path) -> None:
    with tempfile.TemporaryDirectory(dir=cache_directory(), prefix=".trino-server-") as work:
        tarball = _download(version, Path(work), java, progress, log)
        with progress.step(f"Trino {version}: check the server's SHA-256"):
            _check(tarball, version)
        with progress.step(
            f"Trino {version}: unpack the server", total=tarball.stat().st_size, unit="bytes"
        ) as step:
            unpacked = _unpack(tarball, Path(work), step)
        unpacked.replace(directory)


def _download(version: str, work: Path, java: JavaRuntime, progress: Progress, log: Path) -> Path:
    maven = shutil.which("mvn")
    if maven is None:
        raise StackError(
            "Maven is not installed (no `mvn` on PATH); the Trino server is fetched through it",
            remedy="install Maven (`sudo apt-get install maven`), or point TRINO_HOME to an installed "
            f"Trino {version}",
        )
    size = _TARBALLS[version][1]
    command = [
        maven,
        "--batch-mode",
        "--strict-checksums",
        f"{_DEPENDENCY_PLUGIN}:copy",
        f"-Dartifact=io.trino:trino-server:{version}:tar.gz",
        f"-DoutputDirectory={work}",
        "-Dmdep.useBaseVersion=true",
    ]
    with (
        progress.step(f"Trino {version}: fetch the server through Maven", total=size, unit="bytes") as step,
        log.open("wb") as output,
        subprocess.Popen(
            command,
            cwd=work,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "JAVA_HOME": str(java.home)},
        ) as maven_process,
    ):
        try:
            while maven_process.poll() is None:
                step.update(completed=_fetched_bytes(version, work))
                time.sleep(_WATCH_SECONDS)
        except BaseException:
            maven_process.kill()
            raise
    tarball = work / f"trino-server-{version}.tar.gz"
    if maven_process.returncode != 0 or not tarball.is_file():
        raise StackError(
            f"the Trino {version} server could not be fetched: {_maven_cause(log)}",
            log=log,
            remedy="check Maven's access to its repositories and the disk's room (2 GB), then try again; or "
            f"point TRINO_HOME to an installed Trino {version}",
        )
    return tarball


def _fetched_bytes(version: str, work: Path) -> int:
    local = Path("~/.m2/repository").expanduser() / "io" / "trino" / "trino-server" / version
    sizes: list[int] = []
    for directory in (local, work):
        for file in directory.glob("*tar.gz*"):
            # Maven renames the partial file when it is complete.
            with suppress(FileNotFoundError):
                sizes.append(file.stat().st_size)
    return max(sizes, default=0)


def _check(tarball: Path, version: str) -> None:
    expected = _TARBALLS[version][0]
    with tarball.open("rb") as content:
        actual = hashlib.file_digest(content, "sha256").hexdigest()
    if actual != expected:
        raise StackError(
            f"the Trino {version} server that Maven gave has SHA-256 {actual}, expected {expected}",
            remedy=f"delete io/trino/trino-server/{version} from Maven's local repository and try again",
        )


def _unpack(tarball: Path, work: Path, step: Step) -> Path:
    target = work / "unpacked"
    target.mkdir()
    with tarball.open("rb") as compressed, tarfile.open(fileobj=compressed, mode="r|gz") as archive:
        for member in archive:
            archive.extract(member, target, filter="data")
            step.update(completed=compressed.tell(), detail=member.name.partition("/")[2][:60])
    (directory,) = target.iterdir()
    return directory


def _maven_cause(log: Path) -> str:
    errors = [
        line.removeprefix("[ERROR]").strip()
        for line in log.read_text(errors="replace").splitlines()
        if line.startswith("[ERROR]")
    ]
    return next((line for line in errors if line), "Maven failed")


@contextmanager
def _exclusively(lock_file: Path) -> Iterator[None]:
    with lock_file.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
