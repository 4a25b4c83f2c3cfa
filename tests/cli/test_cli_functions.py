"""What `nostro functions` prints, in narrow and wide terminals."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from nostro.cli.app import app
from nostro.functions.catalogue import Function, load_catalogue


@pytest.fixture(scope="module")
def functions(plugin_directory: Path) -> tuple[Function, ...]:
    return load_catalogue(plugin_directory).functions


def printed(columns: int, *arguments: str) -> str:
    result = CliRunner().invoke(app, ["functions", *arguments], env={"COLUMNS": str(columns)})
    assert result.exit_code == 0
    return result.stdout


def exactly(name: str) -> str:
    """A pattern that this name alone matches: a shell's, whose first character is a class of one."""
    return f"[{name[0]}]{name[1:]}"


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("columns", [48, 80, 200])
def test_all_of_a_function_is_printed(functions: tuple[Function, ...], columns: int) -> None:
    for function in functions:
        text = words(printed(columns, exactly(function.name)))
        for call, signature in zip(function.calls(), function.signatures, strict=True):
            assert words(call) in text
            assert words(signature.description) in text
        for argument in function.arguments:
            assert words(f"{argument.name} {argument.meaning}") in text
        for error in function.errors:
            assert words(f"{error.code} {error.when}") in text
        for field in function.result_fields():
            assert words(f"{field.path} {field.type}") in text
        assert words(function.source) in text
        for example in function.examples:
            assert words(example.sql) in text
            assert words(f"→ {example.result}") in text


def test_prose_fits_a_narrow_terminal_and_examples_stay_on_one_line() -> None:
    lines = printed(48, exactly("xirr")).splitlines()
    assert all(line == line.rstrip() for line in lines)
    examples = lines.index("  examples")
    assert all(len(line) <= 48 for line in lines[:examples])
    assert len(lines) == examples + 1 + 2 * 3
    assert lines[examples + 1].startswith("    SELECT round(xirr(amount, paid_on), 9) FROM (VALUES (-10000, ")
    assert lines[examples + 2] == "    → 0.373362534"


def test_arguments_are_a_table_where_it_fits() -> None:
    assert "    date    the day of the amount" in printed(80, exactly("xirr")).splitlines()
    assert "    INVALID_FUNCTION_ARGUMENT  an amount is" in printed(200, exactly("xirr"))
    assert "    INVALID_FUNCTION_ARGUMENT\n      an amount is" in printed(60, exactly("xirr"))


def test_functions_are_separated_and_said_to_be_aggregates_or_of_the_vault() -> None:
    assert "\n\nxirr(" in printed(80, "xirr")
    assert "  It is an aggregate.\n" in printed(80, exactly("xirr"))
    assert "  It is a function of a catalog of the connector nostro_vault.\n" in printed(80, "tokenize")
    assert "    none  whatever the arguments\n" in printed(80, "iban_is_valid")
