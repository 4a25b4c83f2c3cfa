"""The walk of docs/own-functions.md, done once for the suite as the page says it."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.own_home import own_home

from nostro.stack import NostroHome

PAGE = Path(__file__).resolve().parents[2] / "docs" / "own-functions.md"
NOSTRO = Path(sys.executable).with_name("nostro")
TRINO_ON_THE_PAGE = "/opt/trino-server-476"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Those that need the stack's Trino, which another test starts.
OF_THE_STACK = ("up", "sql")


@dataclass
class Walk:
    """What the page's commands made: the project in its directory, a home, and a Trino's directory."""

    home: NostroHome
    directory: Path
    trino: Path
    printed: list[tuple[str, str]] = field(default_factory=list)
    of_the_stack: list[list[str]] = field(default_factory=list)

    @property
    def project(self) -> Path:
        return self.directory / "my-bank-functions"

    def run(self, *command: str | Path, directory: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(it) for it in command],
            cwd=directory or self.directory,
            env={**os.environ, "NOSTRO_HOME": str(self.home.root), "COLUMNS": "200"},
            capture_output=True,
            text=True,
            check=False,
        )


def make_trino(directory: Path) -> Path:
    """The layout of a Trino installation."""
    for name in ("lib", "plugin/iceberg", "etc/catalog"):
        (directory / name).mkdir(parents=True)
    (directory / "lib" / "io.trino_trino-main-476.jar").touch()
    return directory


def do(walk: Walk, text: str) -> None:
    """Do what the page says, and keep what each block of commands printed with what it should print."""
    directory, output = walk.directory, ""
    for language, block in BLOCK.findall(text):
        if language == "java":
            path = block.splitlines()[0].removeprefix("// ")
            file = directory / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block, encoding="utf-8")
        elif language == "sh":
            output = ""
            for line in block.splitlines():
                program, *arguments = shlex.split(line, comments=True)
                if program == "cd":
                    directory /= arguments[0]
                elif arguments[0] in OF_THE_STACK:
                    walk.of_the_stack.append(arguments)
                else:
                    replaced = [str(walk.trino) if it == TRINO_ON_THE_PAGE else it for it in arguments]
                    done = walk.run(NOSTRO, *replaced, directory=directory)
                    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
                    output += done.stdout
        elif language == "python":
            done = walk.run(sys.executable, "-c", block, directory=directory)
            assert done.returncode == 0, done.stderr
            output = done.stdout
        elif language == "text":
            walk.printed.append((block, output))


@pytest.fixture(scope="session")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    with own_home("nostro-tests-own-") as home:
        directory = tmp_path_factory.mktemp("own-functions")
        walk = Walk(home, directory, make_trino(directory / "trino"))
        do(walk, PAGE.read_text(encoding="utf-8"))
        yield walk
