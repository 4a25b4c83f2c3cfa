"""The parts may import one another only as ARCHITECTURE.md says, so that each can be used alone."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "python" / "nostro"

MAY_IMPORT = {
    "airflow": {"airflow", "trino_submission"},
    "audit": {"audit", "stack"},
    "build": {"java", "stack"},
    "cli": {
        "audit",
        "cli",
        "deploy",
        "demo",
        "flight",
        "functions",
        "home",
        "own_functions",
        "sqltest",
        "stack",
    },
    "demo": {"demo", "flight", "stack"},
    "deploy": {"deploy", "home"},
    "duckdb": {"duckdb", "functions"},
    "flight": {"flight"},
    "functions": {"functions", "home", "java"},
    "home": set(),
    "java": set(),
    "own_functions": {"deploy", "duckdb", "functions", "home", "java", "own_functions", "sqltest"},
    "sqltest": {"duckdb", "sqltest"},
    "stack": {"deploy", "home", "java", "stack", "trino_submission"},
    "trino_submission": set(),
}
LIGHT = {"nostro", "nostro.functions", "nostro.own_functions", "nostro.stack", "nostro.java", "nostro.cli"}
HEAVY = {"airflow", "duckdb", "jpype", "numpy", "pandas", "pyarrow", "schwifty"}


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_parts_import_only_what_they_may(path: Path) -> None:
    part = part_of(path)
    if part == "__init__":
        assert not [name for name in imports_of(path) if name.startswith("nostro.")]
        return
    imported = {match[1] for name in imports_of(path) if (match := re.match(r"nostro\.(\w+)", name))}
    assert imported <= MAY_IMPORT[part], (
        f"{path.relative_to(ROOT)} imports nostro.{imported - MAY_IMPORT[part]}"
    )


@pytest.mark.parametrize("path", sorted((ROOT / "dags").glob("*.py")), ids=lambda path: path.name)
def test_dags_reach_the_lake_through_nostro_airflow_alone(path: Path) -> None:
    own = {name for name in imports_of(path) if name.startswith("nostro")}
    assert own, f"{path.name} uses nothing of nostro.airflow"
    assert all(re.match(r"nostro\.airflow\b", name) for name in own)


@pytest.mark.parametrize("module", sorted(LIGHT))
def test_import_is_light(module: str) -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; print('\\n'.join(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert HEAVY.isdisjoint(loaded)


def test_each_library_in_the_plugin_has_a_reason(plugin_directory: Path) -> None:
    """ARCHITECTURE.md's table has every file of the plugin's directory once, and nothing else."""
    architecture = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.+?`) \| ([\d.]+) \| .+ \|$", architecture, re.MULTILINE)
    libraries = {file: re.sub(r"-\d[\w.-]*\.jar$", "", file.name) for file in plugin_directory.iterdir()}
    counted: Counter[Path] = Counter()
    for names, megabytes in rows:
        size = 0
        for pattern in re.findall("`(.+?)`", names):
            matched = [file for file, library in libraries.items() if fnmatch(library, pattern)]
            assert matched, f"{pattern} is in the table, not in the plugin"
            counted.update(matched)
            size += sum(file.stat().st_size for file in matched)
        assert abs(size / 1e6 - float(megabytes)) < 0.2, names
    assert counted == dict.fromkeys(libraries, 1)
