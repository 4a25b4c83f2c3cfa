"""Every example's calls in Python, with the server as the oracle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.parity.calls_in_sql import EvaluatedCall
from tests.parity.conftest import Calls
from tests.parity.sql_values import AGGREGATES_DIFFER_BY, are_equal, arrow_type, of_scalar

import nostro.functions
from nostro.functions.bound import functions
from nostro.functions.calls import function
from nostro.functions.jars import find_toolkit
from nostro.functions.stubs import stub_of


def columns_of(call: EvaluatedCall) -> list[pa.Array | pa.Scalar]:
    """The call's arguments as columns, and constants as scalars."""
    columns = []
    for index, (type_, is_constant) in enumerate(zip(call.types, call.constants, strict=True)):
        values = [row[index] for row in call.rows]
        if is_constant and values:
            columns.append(pa.scalar(values[0], arrow_type(type_)))
        else:
            columns.append(pa.array(values, arrow_type(type_)))
    return columns


def test_examples_give_in_python_what_they_give_on_the_server(calls: Calls) -> None:
    compared = set()
    differences = []
    for name, catalogued in functions().items():
        for call in calls[name]:
            option = {} if catalogued.kind == "aggregate" else {"on_error": "null"}
            called: Any = function(name)
            given = called(*columns_of(call), **option)
            if catalogued.kind == "aggregate" or isinstance(given, pa.Scalar):
                results = [of_scalar(given)]
            else:
                results = [of_scalar(value) for value in given]
            tolerance = AGGREGATES_DIFFER_BY if catalogued.kind == "aggregate" else 0.0
            if not are_equal(results, list(call.results), tolerance):
                differences.append((call.sql, results, call.results))
            compared.add(name)
    assert not differences
    assert functions().keys() - compared == set()


@pytest.mark.parametrize("name", sorted(functions()))
def test_help_says_what_the_declaration_says(name: str) -> None:
    text = function(name).__doc__ or ""
    assert functions()[name].source.split()[0] in text
    assert all(example.sql.splitlines()[0] in text for example in functions()[name].examples)


def test_the_stub_is_that_of_the_catalogue() -> None:
    toolkit = find_toolkit()
    stub = Path(nostro.functions.__file__).with_suffix(".pyi")
    command = f"python -m nostro.functions.stubs {toolkit.directory} {stub}"
    assert stub.read_text(encoding="utf-8") == stub_of(toolkit.catalogue()), f"write it anew: {command}"
