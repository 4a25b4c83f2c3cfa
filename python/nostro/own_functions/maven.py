"""Runs Maven in a project, and tells in a few lines why it failed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from nostro.own_functions.errors import OwnFunctionsError

_ERROR_LINES = 12
_LONGEST_LINE = 300
# What Maven says around the cause.
_NO_CAUSE = re.compile(
    r"COMPILATION ERROR|\[Help 1\]|full stack trace|Re-run Maven|For more information|To see the full|"
    r"There are test failures|Please refer to|Tests run:.*<<<|^(Failures|Errors):\s*$|^-+$"
)
_MIRRORED = re.compile(r"(Could not (find|resolve)|Cannot access|was not found).*io\.nostro")


def run_maven(directory: Path, arguments: Sequence[str], java_home: Path, log: Path) -> None:
    """Run Maven with a JDK, its output in the log. Raises OwnFunctionsError with Maven's first errors."""
    maven = shutil.which("mvn")
    if maven is None:
        raise OwnFunctionsError(
            "Maven was not found: looked for `mvn` on PATH",
            remedy="install it (Debian: apt install maven; macOS: brew install maven)",
        )
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        code = subprocess.run(
            [maven, "--batch-mode", *arguments],
            cwd=directory,
            env={**os.environ, "JAVA_HOME": str(java_home)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
    if code == 0:
        return
    text = log.read_text(encoding="utf-8", errors="replace")
    remedy = "the first error names the file and line, or the test"
    if _MIRRORED.search(text):
        remedy = (
            "Maven did not look into Nostro's repository on this machine: where settings.xml has a mirror of "
            "everything, let it leave out this one: <mirrorOf>*,!nostro</mirrorOf>"
        )
    # Maven names files in full.
    shortened = text.replace(f"{directory}{os.sep}", "")
    causes = "\n".join(f"    {line}" for line in _causes(shortened)) or f"    exit code {code}"
    raise OwnFunctionsError(f"Maven failed in {directory}:\n{causes}", log=log, remedy=remedy)


def _causes(text: str) -> list[str]:
    lines = [re.sub(r"\x1b\[[\d;]*m", "", line) for line in text.splitlines()]
    errors = [line.removeprefix("[ERROR]").strip()[:_LONGEST_LINE] for line in lines if "[ERROR]" in line]
    return list(dict.fromkeys(it for it in errors if it and not _NO_CAUSE.search(it)))[:_ERROR_LINES]
