"""The catalogue of Nostro's SQL functions, as the build writes it from their declarations.

An example's `sql` is an expression, or for an aggregate a query of one row and one column. Its `result` is
the value as JSON text, which `json_format(CAST((sql) AS json))` gives in Trino: `true`, `12.50`,
`"2025-05-02"`, and `null` for NULL. `Example.statement` is that query, and `Example.value` reads the result
with every digit kept.
"""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from nostro.functions.row_types import Field, fields, without_fields

CATALOGUE_FILE = "nostro-functions.json"

Kind = Literal["scalar", "aggregate"]


class CatalogueError(Exception):
    """The file is not a catalogue of functions; the message says which file and what is wrong with it."""


@dataclass(frozen=True)
class Binding:
    """The Java class that declares a signature, and how its result's type follows from the arguments'."""

    declaring_class: str
    return_type: str
    long_variables: Mapping[str, str]


@dataclass(frozen=True)
class Signature:
    """One signature: SQL types, in which a parameter in lower case is a variable, such as `decimal(p,s)`."""

    arguments: tuple[str, ...]
    argument_names: tuple[str, ...]
    return_type: str
    description: str
    binding: Binding


@dataclass(frozen=True)
class Argument:
    """What an argument of a function means, the same in every signature that has it."""

    name: str
    meaning: str


@dataclass(frozen=True)
class ErrorCondition:
    """Trino's name of an error, and what makes a function fail with it."""

    code: str
    when: str


@dataclass(frozen=True)
class Example:
    """What a function gives: documentation and test alike."""

    sql: str
    result: str

    @property
    def statement(self) -> str:
        """The query whose one value is `result`, or NULL when that is `null`."""
        return f"SELECT json_format(CAST(({self.sql}) AS json))"

    @property
    def value(self) -> Any:
        """The result as a Python value; numbers with a fraction are decimals."""
        return json.loads(self.result, parse_float=Decimal)


@dataclass(frozen=True)
class Function:
    """A function with all its signatures, those of fewer arguments first.

    `connector` is the one whose catalogs have the function; without one, the server has it for all catalogs.
    `source` is what the function follows: a standard, a regulation, a book or a product.
    """

    name: str
    kind: Kind
    description: str
    family: str
    connector: str | None
    signatures: tuple[Signature, ...]
    deterministic: bool
    source: str
    arguments: tuple[Argument, ...]
    errors: tuple[ErrorCondition, ...]
    examples: tuple[Example, ...]

    def calls(self) -> tuple[str, ...]:
        """One line for each signature: `name(argument type, …) → type`, the fields of a row left out."""
        return tuple(
            "{}({}) → {}".format(
                self.name,
                ", ".join(
                    f"{name} {type_}"
                    for name, type_ in zip(signature.argument_names, signature.arguments, strict=True)
                ),
                without_fields(signature.return_type),
            )
            for signature in self.signatures
        )

    def argument_types(self, name: str) -> tuple[str, ...]:
        """The types that the argument has in the signatures, each once."""
        return tuple(
            dict.fromkeys(
                type_
                for signature in self.signatures
                for argument, type_ in zip(signature.argument_names, signature.arguments, strict=True)
                if argument == name
            )
        )

    def result_fields(self) -> tuple[Field, ...]:
        """The fields of the rows that the function gives; none when it gives something else."""
        return tuple(
            dict.fromkeys(field for signature in self.signatures for field in fields(signature.return_type))
        )

    def never_fails(self) -> bool:
        """Whether every value of the arguments' types is accepted."""
        return not self.errors


@dataclass(frozen=True)
class Catalogue:
    """The functions that a build of the plugin adds to Trino, by name."""

    trino_version: str
    functions: tuple[Function, ...]

    def __iter__(self) -> Iterator[Function]:
        return iter(self.functions)

    def __getitem__(self, name: str) -> Function:
        """The function of that name; KeyError when there is none."""
        for function in self.functions:
            if function.name == name:
                return function
        raise KeyError(name)

    def matching(self, pattern: str | None = None) -> tuple[Function, ...]:
        """The functions whose name matches a pattern, in any case; without one, all functions.

        A pattern with `%` is that of SQL's LIKE, in which `_` is any one character and a backslash makes the
        next one literal. One with `*`, `?` or `[…]` is a shell's. Any other is a part of the name.
        """
        if pattern is None:
            return self.functions
        lowered = pattern.lower()
        if "%" in lowered:
            expression = _like(lowered)
        elif any(character in lowered for character in "*?["):
            expression = fnmatch.translate(lowered)
        else:
            expression = f".*{re.escape(lowered)}.*"
        matches = re.compile(expression, re.DOTALL).fullmatch
        return tuple(function for function in self.functions if matches(function.name))

    def families(self) -> Mapping[str, tuple[Function, ...]]:
        """The functions by family, both in alphabetical order."""
        names = sorted({function.family for function in self.functions})
        return {name: tuple(function for function in self if function.family == name) for name in names}


def load_catalogue(path: Path) -> Catalogue:
    """Read a catalogue: the file, or `nostro-functions.json` in a directory such as the plugin's.

    Raises CatalogueError when the file is absent, or is not a catalogue.
    """
    file = path / CATALOGUE_FILE if path.is_dir() else path
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise CatalogueError(f"{file}: no catalogue of functions can be read: {error.strerror}") from error
    except ValueError as error:
        raise CatalogueError(f"{file}: not JSON: {error}") from error
    try:
        return Catalogue(
            trino_version=document["trinoVersion"],
            functions=tuple(
                sorted(map(function_of, document["functions"]), key=lambda function: function.name)
            ),
        )
    except (KeyError, TypeError) as error:
        raise CatalogueError(f"{file}: not a catalogue of functions: {error!r}") from error


def function_of(document: Mapping[str, Any]) -> Function:
    """Return a function of its form in JSON. Raises KeyError or TypeError when it is none."""
    return Function(
        name=document["name"],
        kind=document["kind"],
        description=document["description"],
        family=document["family"],
        connector=document["connector"],
        signatures=tuple(
            Signature(
                arguments=tuple(signature["arguments"]),
                argument_names=tuple(signature["argumentNames"]),
                return_type=signature["returnType"],
                description=signature["description"],
                binding=Binding(
                    declaring_class=signature["binding"]["declaringClass"],
                    return_type=signature["binding"]["returnType"],
                    long_variables=signature["binding"]["longVariables"],
                ),
            )
            for signature in document["signatures"]
        ),
        deterministic=document["deterministic"],
        source=document["source"],
        arguments=tuple(
            Argument(argument["name"], argument["meaning"]) for argument in document["arguments"]
        ),
        errors=tuple(ErrorCondition(error["code"], error["when"]) for error in document["errors"]),
        examples=tuple(Example(example["sql"], example["result"]) for example in document["examples"]),
    )


def _like(pattern: str) -> str:
    expression = []
    characters = iter(pattern)
    for character in characters:
        match character:
            case "%":
                expression.append(".*")
            case "_":
                expression.append(".")
            case "\\":
                expression.append(re.escape(next(characters, "\\")))
            case _:
                expression.append(re.escape(character))
    return "".join(expression)
