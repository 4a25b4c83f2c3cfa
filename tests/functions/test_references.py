"""The committed table says of every function what it was compared with, on enough inputs."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from references import LEAST_INPUTS, ROOT, read_table

from nostro.functions.catalogue import load_catalogue

TABLE = ROOT / "docs" / "functions-references.md"


def test_every_function_was_compared(plugin_directory: Path) -> None:
    inputs: Counter[str] = Counter()
    for row in read_table(TABLE):
        inputs[row.function] += row.inputs
    functions = {function.name for function in load_catalogue(plugin_directory)}
    assert {name: inputs[name] for name in functions if inputs[name] < LEAST_INPUTS} == {}
    assert inputs.keys() <= functions
