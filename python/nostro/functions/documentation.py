"""The page of the functions, `docs/functions.md`, written from their catalogue.

`python -m nostro.functions.documentation CATALOGUE PAGE` writes it; a test keeps the committed page the same.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from nostro.functions.catalogue import Catalogue, Example, Function, load_catalogue

FAMILIES = {
    "bonds": "Fixed income",
    "calendar": "Business days",
    "identifiers": "Identifiers",
    "messages": "Messages",
    "money": "Money and currencies",
    "positions": "Positions",
    "privacy": "Masking",
    "rates": "Rates and interest",
    "risk": "Risk and margin",
    "text": "Names",
    "vault": "Vault",
}

INTRODUCTION = """\
# SQL functions

<!-- Written by `python -m nostro.functions.documentation` from the catalogue of functions. -->

The plugin adds these functions to a Trino server, for queries of every catalog. `SHOW FUNCTIONS LIKE 'iban%'`
lists a family there, `nostro functions` lists them in a terminal.

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
- Results are shown as JSON: a text in quotes, a date as text, NULL as `null`.
"""


def page(catalogue: Catalogue) -> str:
    """The whole page, in Markdown."""
    return "\n".join([INTRODUCTION, *_contents(catalogue), *_families(catalogue)]).rstrip() + "\n"


def _contents(catalogue: Catalogue) -> Iterator[str]:
    yield "| family | functions |"
    yield "|---|---|"
    for family, functions in catalogue.families().items():
        links = ", ".join(f"[`{function.name}`](#{function.name})" for function in functions)
        yield f"| {_title(family)} | {links} |"
    yield ""


def _families(catalogue: Catalogue) -> Iterator[str]:
    for family, functions in catalogue.families().items():
        yield f"## {_title(family)}"
        yield ""
        for function in functions:
            yield from _function(function)


def _function(function: Function) -> Iterator[str]:
    yield f"### {function.name}"
    yield ""
    if function.kind == "aggregate":
        yield "An aggregate."
        yield ""
    if function.connector is not None:
        yield f"Of a catalog of the connector `{function.connector}` ([vault.md](vault.md)); here, `vault`."
        yield ""
    for call, signature in zip(function.calls(), function.signatures, strict=True):
        yield f"**`{call}`**"
        yield ""
        yield f"{signature.description}."
        yield ""
    yield "| argument | type |"
    yield "|---|---|"
    arguments = dict.fromkeys(
        argument
        for signature in function.signatures
        for argument in zip(signature.argument_names, signature.arguments, strict=True)
    )
    for name, type_ in arguments:
        yield f"| `{name}` | `{type_}` |"
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


def _title(family: str) -> str:
    return FAMILIES.get(family, family.capitalize())


def main(arguments: list[str]) -> int:
    """Write the page; the process's exit code."""
    if len(arguments) != 2:
        print("usage: python -m nostro.functions.documentation CATALOGUE PAGE", file=sys.stderr)
        return 2
    catalogue, target = map(Path, arguments)
    target.write_text(page(load_catalogue(catalogue)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
