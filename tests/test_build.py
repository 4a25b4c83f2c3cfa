"""The build's front door: what it says when it can't go on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the checkout without anything that was built."""
    copy = tmp_path / "checkout"
    shutil.copytree(
        ROOT,
        copy,
        ignore=shutil.ignore_patterns(
            ".git", ".venv", "target", "tests", "__pycache__", "*.egg-info", ".*_cache"
        ),
    )
    return copy


def build(checkout: Path, *what: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "nostro.build", *what],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout / "python"), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_compiler_error_is_named_with_its_log(checkout: Path) -> None:
    broken = checkout / "udfs/functions/src/main/java/io/nostro/functions/Broken.java"
    broken.write_text(
        'package io.nostro.functions;\n\nfinal class Broken {\n    int value() { return ""; }\n}\n'
    )
    result = build(checkout, "plugin")
    assert result.returncode == 1
    assert "Broken.java" in result.stderr
    assert str(checkout / "target" / "build" / "maven.log") in result.stderr
    assert "What to do" in result.stderr
    assert "Traceback" not in result.stderr


def test_missing_maven_is_named(checkout: Path, tmp_path: Path) -> None:
    result = build(checkout, "plugin", PATH=str(tmp_path / "empty"))
    assert result.returncode == 1
    assert "Maven was not found" in result.stderr
    assert "Traceback" not in result.stderr


def test_dependency_that_cannot_be_installed_is_named(checkout: Path) -> None:
    (checkout / "constraints.txt").write_text("pyarrow==0.0.1\n")
    result = build(checkout, "environment", PIP_NO_INDEX="1", PIP_FIND_LINKS="")
    assert result.returncode == 1
    assert "could not be installed" in result.stderr
    assert str(checkout / "target" / "build" / "pip.log") in result.stderr
    assert "Traceback" not in result.stderr


def test_unknown_verb_lists_the_verbs() -> None:
    result = subprocess.run([ROOT / "build.sh", "nonsense"], capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert "no such verb: nonsense" in result.stderr
    assert "demo" in result.stdout


def test_the_verb_docs_writes_the_committed_pages_again(plugin_directory: Path) -> None:
    pages = ROOT / "docs" / "functions"
    before = {path: path.read_bytes() for path in pages.iterdir()}
    subprocess.run([str(ROOT / "build.sh"), "docs"], stdin=subprocess.DEVNULL, check=True)
    assert {path: path.read_bytes() for path in pages.iterdir()} == before
