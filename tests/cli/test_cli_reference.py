"""Every command and option is documented in docs/operations.md, and nothing else is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from nostro.cli.app import app

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "operations.md").read_text()


def commands_of(group: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The commands by their names, those of groups too: `source serve`."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands_of(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", command


COMMANDS = dict(commands_of(typer.main.get_command(app)))


def options_of(command: str) -> Iterator[str]:
    for parameter in COMMANDS[command].params:
        if parameter.param_type_name == "option":
            yield from (it for it in (*parameter.opts, *parameter.secondary_opts) if it.startswith("--"))


def section_of(command: str) -> str:
    found = re.search(rf"^### `nostro {command}\b.*?(?=^##)", PAGE + "\n##", re.MULTILINE | re.DOTALL)
    assert found is not None, f"docs/operations.md has no section `nostro {command}`"
    return found.group()


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_command_and_its_options_are_documented(command: str) -> None:
    documented = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", section_of(command)))
    assert documented == set(options_of(command)) - {"--help"}


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_command_says_what_it_does(command: str) -> None:
    assert COMMANDS[command].help
    for parameter in COMMANDS[command].params:
        assert parameter.name == "help" or parameter.help, f"{command}: {parameter.name}"


def test_no_section_is_about_a_command_that_is_not_there() -> None:
    assert set(re.findall(r"^### `nostro ([a-z-]+(?: [a-z-]+)?)", PAGE, re.MULTILINE)) == set(COMMANDS)


def test_environment_variables_are_documented() -> None:
    package = Path(__file__).resolve().parents[2] / "python" / "nostro"
    used = {
        name
        for folder in ("stack", "deploy", "cli")
        for path in (package / folder).rglob("*.py")
        for name in re.findall(r'environ\.get\("((?:NOSTRO|TRINO|JAVA)_[A-Z_]+)"', path.read_text())
    }
    assert used
    assert not {name for name in used if f"`{name}`" not in PAGE}
