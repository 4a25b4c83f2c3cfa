"""Build the checkout: the Python environment ``.venv`` and, through Maven, the Trino plugin.

Runs on a bare Python with the standard library alone (``PYTHONPATH=python python3 -m nostro.build``), since
it makes the environment that everything else runs in. What is up to date is left alone.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from nostro.java import JavaNotFoundError, find_java_home

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = ROOT / ".venv"
LOGS = ROOT / "target" / "build"
EXTRAS = ("airflow", "functions", "local", "dev")
MINIMUM_PYTHON = (3, 11)
REMEDY_LINES = 12


class BuildError(Exception):
    """A step that failed: its message holds the cause, where the log is and what to do."""


@dataclass
class ProgressLine:
    """A bar on one terminal line; on anything but a terminal, one line at the start and one at the end."""

    title: str
    total: int
    done: int = 0
    what: str = ""
    started: float = field(default_factory=time.monotonic)
    interactive: bool = field(default_factory=sys.stderr.isatty)

    def __post_init__(self) -> None:
        if not self.interactive:
            print(f"  {self.title} …", file=sys.stderr, flush=True)

    def update(self, done: int, what: str) -> None:
        """Move the bar to ``done`` of ``total`` and name what is being worked on."""
        self.done = min(done, self.total)
        self.what = what
        if self.interactive:
            filled = round(24 * self.done / self.total) if self.total else 0
            bar = "━" * filled + "─" * (24 - filled)
            seconds = time.monotonic() - self.started
            text = f"  {self.title:<28} {bar} {self.done}/{self.total} {seconds:4.0f} s  {self.what}"
            print("\r" + text[: _columns()].ljust(_columns()), end="", file=sys.stderr, flush=True)

    def finish(self, summary: str = "") -> None:
        """Replace the bar by its result and the time that it took."""
        seconds = time.monotonic() - self.started
        text = f"✓ {self.title:<28} {seconds:6.1f} s  {summary}".rstrip()
        print(("\r" + text.ljust(_columns())) if self.interactive else text, file=sys.stderr, flush=True)

    def fail(self) -> None:
        """End the bar's line, so that the error starts on its own."""
        if self.interactive:
            print(file=sys.stderr)


def _columns() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns - 1
    except OSError:
        return 119


def digest(paths: Iterator[Path]) -> str:
    """SHA-256 over the names and contents of files, in the order of their names."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(str(path.relative_to(ROOT)).encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _run_logged(
    command: list[str], log: Path, environment: dict[str, str], on_line: Callable[[str], None]
) -> int:
    log.parent.mkdir(parents=True, exist_ok=True)
    with (
        log.open("w", encoding="utf-8") as sink,
        subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process,
    ):
        assert process.stdout is not None
        for line in process.stdout:
            sink.write(line)
            on_line(line.rstrip())
        return process.wait()


def _first_errors(log: Path, pattern: str) -> str:
    lines = [
        line.strip() for line in log.read_text(encoding="utf-8").splitlines() if re.search(pattern, line)
    ]
    return "\n".join(f"    {line[:300]}" for line in lines[:REMEDY_LINES])


def build_environment() -> None:
    """Make ``.venv`` with Nostro and every dependency pinned in ``constraints.txt``."""
    if sys.version_info < MINIMUM_PYTHON:
        raise BuildError(
            f"Python {sys.version.split()[0]} at {sys.executable} is too old: Nostro needs 3.11 or newer.\n"
            "  What to do: install one, or name it: PYTHON=/path/to/python3.11 ./build.sh"
        )
    wanted = digest(iter([ROOT / "pyproject.toml", ROOT / "constraints.txt"])) + sys.version.split()[0]
    stamp = ENVIRONMENT / "nostro-build.stamp"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted and _moved_here():
        return
    pinned = sum(1 for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines() if line)
    progress = ProgressLine("Python environment (.venv)", pinned)
    if not (ENVIRONMENT / "bin" / "python").exists() or not _moved_here():
        venv.create(ENVIRONMENT, with_pip=True, clear=ENVIRONMENT.exists())
    stamp.unlink(missing_ok=True)
    log = LOGS / "pip.log"
    seen: set[str] = set()
    downloaded = 0.0
    package = ""

    def on_line(line: str) -> None:
        nonlocal downloaded, package
        found = re.match(r"\s*(?:Collecting|Requirement already satisfied:) ([A-Za-z0-9._-]+)", line)
        if found:
            seen.add(found[1].lower())
        size = re.match(r"\s*Downloading (\S+) \(([\d.]+) (kB|MB)\)", line)
        if size:
            downloaded += float(size[2]) * (1 if size[3] == "MB" else 0.001)
        what = (
            "installing"
            if line.startswith("Installing collected")
            else (found[1] if found else progress.what)
        )
        progress.update(len(seen), f"{what} ({downloaded:.0f} MB downloaded)")

    code = _run_logged(
        [
            str(ENVIRONMENT / "bin" / "python"),
            *("-m", "pip", "install", "--progress-bar", "off", "--disable-pip-version-check"),
            *("-c", "constraints.txt", "-e", f".[{','.join(EXTRAS)}]"),
        ],
        log,
        dict(os.environ),
        on_line,
    )
    if code != 0:
        progress.fail()
        raise BuildError(
            f"The Python dependencies could not be installed:\n{_first_errors(log, r'ERROR|error:')}\n"
            f"  Log: {log}\n"
            "  What to do: check that pip reaches its package index, then run the same command again."
        )
    stamp.write_text(wanted, encoding="utf-8")
    progress.finish(f"{len(seen)} packages, {downloaded:.0f} MB downloaded")


def _moved_here() -> bool:
    """Whether the environment was made at this place: its scripts hold absolute paths."""
    script = ENVIRONMENT / "bin" / "pip"
    if not script.is_file():
        return False
    return str(ENVIRONMENT) in script.read_text(encoding="utf-8", errors="replace").splitlines()[0]


def _java_sources() -> Iterator[Path]:
    yield ROOT / "pom.xml"
    yield ROOT / ".mvn" / "jvm.config"
    for module in ("udfs/functions", "udfs/toolkit", "trino-plugin"):
        yield ROOT / module / "pom.xml"
        yield from (path for path in (ROOT / module / "src" / "main").rglob("*") if path.is_file())


def plugin_directory() -> Path | None:
    """The plugin directory that the last build left, if there is one."""
    built = sorted((ROOT / "trino-plugin" / "target").glob("nostro-trino-*/nostro-plugin.properties"))
    return built[-1].parent if built else None


def build_plugin(*, tests: bool = False) -> None:
    """Compile and package the Trino plugin; with ``tests``, run the Java tests too, on each version of Trino.

    Without tests a build whose sources have not changed since the last one is not repeated.
    """
    wanted = digest(_java_sources())
    stamp = ROOT / "target" / "build" / "plugin.stamp"
    if not tests and stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted and plugin_directory():
        return
    try:
        java_home = find_java_home()
    except JavaNotFoundError as error:
        raise BuildError(str(error)) from error
    progress = ProgressLine("Java tests" if tests else "Trino plugin (Maven)", 4)
    stamp.unlink(missing_ok=True)
    log = LOGS / ("maven-test.log" if tests else "maven.log")
    module, downloaded, results = 0, 0, {"Tests run": 0, "Failures": 0, "Errors": 0, "Skipped": 0}

    def on_line(line: str) -> None:
        nonlocal module, downloaded
        building = re.search(r"Building (\S+) .*\[(\d+)/(\d+)\]", line)
        if building:
            module, progress.total = int(building[2]), int(building[3])
            progress.what = building[1]
        if "Downloaded from" in line:
            downloaded += 1
        running = re.search(r"Running (\S+)", line)
        what = running[1].rsplit(".", 1)[-1] if running else progress.what.split(" (")[0]
        total = re.search(r"Tests run: (\d+), Failures: (\d+), Errors: (\d+), Skipped: (\d+)$", line)
        if total:
            for name, count in zip(results, total.groups(), strict=True):
                results[name] += int(count)
        progress.update(module, what + (f" ({downloaded} files downloaded)" if downloaded else ""))

    environment = dict(os.environ) | {"JAVA_HOME": str(java_home)}
    try:
        code = _run_logged(
            ["mvn", "-B", *(("verify", "-Pversions") if tests else ("package", "-DskipTests"))],
            log,
            environment,
            on_line,
        )
    except FileNotFoundError as error:
        progress.fail()
        raise BuildError(
            "Maven was not found: looked for 'mvn' on PATH.\n"
            "  What to do: install it (Debian: apt install maven; macOS: brew install maven)."
        ) from error
    if code != 0:
        progress.fail()
        raise BuildError(
            f"Maven failed:\n{_first_errors(log, r'^.{0,10}(ERROR|FAIL)')}\n"
            f"  Log: {log}\n"
            "  What to do: read the first error above; it names the file and line, or the test."
        )
    stamp.write_text(wanted, encoding="utf-8")
    if tests:
        passed = results["Tests run"] - results["Failures"] - results["Errors"] - results["Skipped"]
        progress.finish(f"{passed} passed")
        print(
            f"Java: Tests run: {results['Tests run']}, Failures: {results['Failures']}, "
            f"Errors: {results['Errors']}, Skipped: {results['Skipped']}",
            flush=True,
        )
    else:
        progress.finish(f"{downloaded} files downloaded" if downloaded else "")


def build_wheel() -> None:
    """Make the Python package with the functions' jars in it, in ``target/wheel``."""
    built = sorted((ROOT / "udfs" / "toolkit" / "target").glob("nostro-toolkit-*/nostro-functions.json"))
    if not built:
        raise BuildError("The functions' jars are not built.\n  What to do: ./build.sh build")
    jars = ROOT / "python" / "nostro" / "functions" / "jars"
    log = LOGS / "wheel.log"
    shutil.rmtree(jars, ignore_errors=True)
    shutil.copytree(built[-1].parent, jars)
    try:
        code = _run_logged(
            [
                str(ENVIRONMENT / "bin" / "python"),
                *("-m", "pip", "wheel", "--no-deps", "--wheel-dir", str(ROOT / "target" / "wheel"), "."),
            ],
            log,
            dict(os.environ),
            lambda line: None,
        )
    finally:
        shutil.rmtree(jars)
    if code != 0:
        raise BuildError(f"The wheel was not made:\n{_first_errors(log, r'ERROR|error:')}\n  Log: {log}")
    for wheel in sorted((ROOT / "target" / "wheel").glob("*.whl")):
        print(wheel)


FUZZED = re.compile(r"\w+\(.*\) +\{|\d+ functions, \d+ inputs, |.* seed \d+: ")


def fuzz(seconds: float, only: str, seed: int) -> None:
    """Call every function with arguments of all kinds, each for so long, and print what came of it."""
    try:
        environment = dict(os.environ) | {"JAVA_HOME": str(find_java_home())}
    except JavaNotFoundError as error:
        raise BuildError(str(error)) from error
    log = LOGS / "fuzz.log"

    def on_line(line: str) -> None:
        if FUZZED.match(line):
            print(line[:400], flush=True)

    code = _run_logged(
        [
            *("mvn", "-B", "-pl", "udfs/functions", "test", "-Dtest=TestEveryFunctionIsTotal"),
            *(f"-Dnostro.fuzz.milliseconds={round(seconds * 1000)}", f"-Dnostro.fuzz.only={only}"),
            f"-Dnostro.fuzz.seed={seed}",
        ],
        log,
        environment,
        on_line,
    )
    if code != 0:
        raise BuildError(
            f"The functions do not hold for all arguments:\n{_first_errors(log, r'^.{0,10}(ERROR|FAIL)')}\n"
            f"  Log: {log}\n"
            "  What to do: each finding names function, seed and arguments; repeat it with --only and --seed."
        )


def main() -> int:
    """Build what is asked for; return the process's exit code."""
    parser = argparse.ArgumentParser(prog="nostro.build", description="Build Nostro's checkout.")
    parser.add_argument(
        "what", nargs="*", choices=["environment", "plugin", "java-tests", "fuzz", "wheel", []], default=[]
    )
    parser.add_argument("--seconds", type=float, default=60, help="of fuzz: for each function")
    parser.add_argument("--only", default="", help="of fuzz: functions whose signature has this expression")
    parser.add_argument("--seed", type=int, default=1, help="of fuzz: other inputs")
    arguments = parser.parse_args()
    what = arguments.what or ["environment", "plugin"]
    steps: dict[str, Callable[[], None]] = {
        "environment": build_environment,
        "plugin": build_plugin,
        "java-tests": lambda: build_plugin(tests=True),
        "wheel": build_wheel,
        "fuzz": lambda: fuzz(arguments.seconds, arguments.only, arguments.seed),
    }
    try:
        for step in what:
            steps[step]()
    except BuildError as error:
        print(f"✗ {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
