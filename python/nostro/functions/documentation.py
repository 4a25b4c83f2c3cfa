"""The pages of the functions, `docs/functions/`, written from their catalogue.

`python -m nostro.functions.documentation CATALOGUE DIRECTORY` writes them, and removes those of families
that are gone; a test keeps the committed pages the same.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from nostro.functions.catalogue import Catalogue, Example, Function, load_catalogue

INDEX = "README.md"


@dataclass(frozen=True)
class Page:
    """The page of a family."""

    file: str
    title: str


PAGES = {
    "bonds": Page("bonds.md", "Fixed income"),
    "calendar": Page("calendars.md", "Business days and schedules"),
    "identifiers": Page("identifiers.md", "Identifiers"),
    "messages": Page("messages.md", "Messages"),
    "money": Page("money.md", "Money and currencies"),
    "options": Page("options.md", "Options"),
    "positions": Page("positions.md", "Positions"),
    "privacy": Page("masking.md", "Masking"),
    "rates": Page("interest.md", "Interest, loans and returns"),
    "risk": Page("risk.md", "Risk and margin"),
    "text": Page("screening.md", "Names and screening"),
    "vault": Page("vault.md", "Vault"),
}

WRITTEN = "<!-- Written by `python -m nostro.functions.documentation` from the catalogue of functions. -->"

INTRODUCTION = f"""\
# SQL functions

{WRITTEN}

The plugin adds these functions to a Trino server, for queries of every catalog. `SHOW FUNCTIONS LIKE 'iban%'`
lists a family there, `nostro functions 'iban%'` says in a terminal what these pages say.

- NULL in any argument gives NULL. An aggregate leaves out rows with a NULL, and gives NULL when none is left.
- A function named `…_is_valid` answers every text with true or false. Any other raises an error for what it
  can not take, which says what was wrong and what is accepted; `TRY(…)` turns the error into NULL, but not an
  aggregate's, which ends the query.
- An aggregate that takes a time and a sequence computes in their order, whatever the order of the rows. Over
  a running frame it is quick when rows come in that order: after one that comes late, the next result starts
  from the first row again, so `ORDER BY time DESC` takes time with the square of the rows.
- In a type, a name in lower case is any number: `decimal(38,s)` takes a decimal of every precision and scale,
  and a result of the same `s` has the same scale. A `decimal` or an integer is taken for a `double`.
- A `char` column is cast: `iban_is_valid(CAST(iban AS varchar))`.
- Results are shown as JSON: a text in quotes, a date as text, NULL as `null`. The tests run every example
  on a server and hold it to the result that is shown.
"""


def pages(catalogue: Catalogue, introduction: str = INTRODUCTION) -> Mapping[str, str]:
    """Every page in Markdown, by its file's name; the introduction heads the index."""
    written = {INDEX: _text(_index(catalogue, introduction))}
    for family, functions in catalogue.families().items():
        written[_page(family).file] = _text(_family(family, functions))
    return written


def write(catalogue: Catalogue, directory: Path, introduction: str = INTRODUCTION) -> None:
    """Write every page to the directory, and remove the pages there that are no longer of the catalogue."""
    directory.mkdir(parents=True, exist_ok=True)
    written = pages(catalogue, introduction)
    for file, text in written.items():
        (directory / file).write_text(text, encoding="utf-8")
    for path in directory.glob("*.md"):
        if path.name not in written and WRITTEN in path.read_text(encoding="utf-8"):
            path.unlink()


def _index(catalogue: Catalogue, introduction: str) -> Iterator[str]:
    yield introduction
    families = catalogue.families()
    yield (
        f"There are {len(catalogue.functions)} functions in {len(families)} families."
        if len(families) > 1
        else f"There {_count(len(catalogue.functions), 'is', 'are')}."
    )
    yield ""
    yield "| family | count | functions |"
    yield "|---|---|---|"
    for family, functions in sorted(families.items(), key=lambda it: _page(it[0]).title):
        page = _page(family)
        links = ", ".join(f"[`{function.name}`]({page.file}#{function.name})" for function in functions)
        yield f"| [{page.title}]({page.file}) | {len(functions)} | {links} |"


def _family(family: str, functions: tuple[Function, ...]) -> Iterator[str]:
    yield f"# {_page(family).title}"
    yield ""
    yield WRITTEN
    yield ""
    yield f"[All functions]({INDEX}), and what holds for all of them."
    yield ""
    yield " · ".join(f"[`{function.name}`](#{function.name})" for function in functions)
    yield ""
    for function in functions:
        yield from _function(function)


def _function(function: Function) -> Iterator[str]:
    yield f"## {function.name}"
    yield ""
    if function.kind == "aggregate":
        yield "An aggregate."
        yield ""
    if function.connector is not None:
        connector = f"the connector `{function.connector}` ([vault.md](../vault.md))"
        yield f"Of a catalog of {connector}; here, `vault`."
        yield ""
    for call, signature in zip(function.calls(), function.signatures, strict=True):
        yield f"**`{call}`**"
        yield ""
        yield f"{signature.description}."
        yield ""
    yield "| argument | type | meaning |"
    yield "|---|---|---|"
    for argument in function.arguments:
        types = " or ".join(f"`{type_}`" for type_ in function.argument_types(argument.name))
        yield f"| `{argument.name}` | {types} | {_cell(argument.meaning)} |"
    yield ""
    if function.result_fields():
        yield "| field of the result | type |"
        yield "|---|---|"
        for field in function.result_fields():
            yield f"| `{field.path}` | `{field.type}` |"
        yield ""
    if function.never_fails():
        yield "Errors: none, whatever the arguments."
        yield ""
    else:
        yield "| error | when |"
        yield "|---|---|"
        for error in function.errors:
            yield f"| `{error.code}` | {_cell(error.when)} |"
        yield ""
    yield f"Source: {function.source}."
    yield ""
    yield "```sql"
    for example in function.examples:
        yield from _example(example)
    yield "```"
    yield ""


def _example(example: Example) -> Iterator[str]:
    statement = example.sql if example.sql.startswith("SELECT ") else f"SELECT {example.sql}"
    yield f"{statement};"
    yield f"-- {example.result}"


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


def _page(family: str) -> Page:
    return PAGES.get(family, Page(f"{family}.md", family.capitalize()))


def _count(number: int, is_one: str, are_many: str) -> str:
    return f"{is_one} 1 function" if number == 1 else f"{are_many} {number} functions"


def _text(lines: Iterator[str]) -> str:
    return "\n".join(lines).rstrip() + "\n"


def main(arguments: list[str]) -> int:
    """Write the pages; the process's exit code."""
    if len(arguments) != 2:
        print("usage: python -m nostro.functions.documentation CATALOGUE DIRECTORY", file=sys.stderr)
        return 2
    catalogue, directory = map(Path, arguments)
    write(load_catalogue(catalogue), directory)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
