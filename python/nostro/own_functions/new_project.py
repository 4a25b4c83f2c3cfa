"""A new project of one's own functions, written from the files in `template`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import jinja2

from nostro.functions.jars import find_toolkit
from nostro.own_functions.errors import OwnFunctionsError
from nostro.own_functions.maven_repository import read_versions

_TEMPLATE = Path(__file__).with_name("template")
_SUFFIX = ".jinja"
_HIDDEN = "dot-"
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_PACKAGE = re.compile(r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*")
_JAVA_WORD = re.compile(
    r"_|abstract|assert|boolean|break|byte|case|catch|char|class|const|continue"
    r"|default|do|double|else|enum|extends|false|final|finally|float|for|goto"
    r"|if|implements|import|instanceof|int|interface|long|native|new|null|"
    r"package|private|protected|public|return|short|static|strictfp|super|switch|"
    r"synchronized|this|throw|throws|transient|true|try|void|volatile|while"
)


def new_project(directory: Path, package: str | None = None) -> list[Path]:
    """Make a project in a directory, whose name is the project's, and return its files.

    `package` is the Java package, by default `com.example.` and the name. Raises OwnFunctionsError for a name
    or package that can't be one, and for a directory that is there and not empty.
    """
    name = directory.resolve().name
    if not _NAME.fullmatch(name):
        raise OwnFunctionsError(
            f"{name!r} can't be the name of a project: it is Maven's artifact id, and begins the functions' "
            "names; accepted are lower-case letters and digits in words with hyphens between them, such as "
            "my-bank-functions"
        )
    chosen = package if package is not None else f"com.example.{name.replace('-', '')}"
    if not _PACKAGE.fullmatch(chosen) or any(map(_JAVA_WORD.fullmatch, chosen.split("."))):
        raise OwnFunctionsError(
            f"{chosen!r} can't be a Java package; accepted are names in lower case with points between them, "
            "none of them a word of Java's, such as com.example.mybank",
            remedy="name one: --package com.example.mybank",
        )
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise OwnFunctionsError(
            f"{directory} is there already, and not an empty directory",
            remedy="give another name, or delete it",
        )
    words = name.split("-")
    versions = read_versions(find_toolkit())
    values = {
        "name": name,
        "package": chosen,
        "plugin": "".join(word.capitalize() for word in words) + "Plugin",
        "prefix": "_".join(words[:-1] if words[-1] == "functions" and len(words) > 1 else words),
        "nostro_version": versions.nostro,
        "trino_version": versions.trino,
        "trino_versions": " ".join(versions.supported_trinos),
    }
    written = []
    for file, text in _rendered(values):
        path = directory / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def _rendered(values: dict[str, str]) -> Iterator[tuple[Path, str]]:
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, keep_trailing_newline=True, autoescape=False
    )
    for template in sorted(path for path in _TEMPLATE.rglob("*") if path.is_file()):
        text = template.read_text(encoding="utf-8")
        name = template.name
        if name.endswith(_SUFFIX):
            text = environment.from_string(text).render(values)
            name = name.removesuffix(_SUFFIX).replace("PLUGIN", values["plugin"])
        if name.startswith(_HIDDEN):
            name = f".{name.removeprefix(_HIDDEN)}"
        folders = template.relative_to(_TEMPLATE).parent.as_posix()
        yield Path(folders.replace("PACKAGE", values["package"].replace(".", "/"))) / name, text
