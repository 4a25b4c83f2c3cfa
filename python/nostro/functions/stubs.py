"""The stub of `nostro.functions`, from which editors know every function, its arguments and what they mean.

`python -m nostro.functions.stubs CATALOGUE FILE` writes it; a test keeps the committed one the same.
"""

from __future__ import annotations

import keyword
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

from nostro.functions.catalogue import Catalogue, Function, load_catalogue

_HEAD = '''\
"""Written by `python -m nostro.functions.stubs` from the catalogue of functions."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Literal

import pyarrow as pa

from nostro.functions.columns import Column
from nostro.functions.plugin import load_plugin as load_plugin
from nostro.functions.vault import open_vault as open_vault
'''
_PYTHON_TYPES = {
    "array": "list[Any]",
    "bigint": "int",
    "boolean": "bool",
    "char": "str",
    "date": "date",
    "decimal": "Decimal",
    "double": "float",
    "integer": "int",
    "map": "dict[Any, Any]",
    "real": "float",
    "row": "dict[str, Any]",
    "smallint": "int",
    "time": "time",
    "timestamp": "datetime",
    "tinyint": "int",
    "varbinary": "bytes",
    "varchar": "str",
}


def stub_of(catalogue: Catalogue) -> str:
    """Return the stub's text."""
    functions = [function for function in catalogue if function.connector is None]
    return "\n".join([_HEAD, *("\n".join(_lines(function)) for function in functions)]) + "\n"


def _lines(function: Function) -> Iterator[str]:
    yield f"def {function.name}("
    longest = max(function.signatures, key=lambda it: len(it.argument_names))
    fewest = min(len(it.argument_names) for it in function.signatures)
    for index, name in enumerate(longest.argument_names):
        types = sorted({_PYTHON_TYPES[_base(type_)] for type_ in function.argument_types(name)})
        parameter = f"{name}_" if keyword.iskeyword(name) else name
        default = "" if index < fewest else " = ..."
        yield f"    {parameter}: {' | '.join(['Column', *types, 'None'])}{default},"
    yield "    /,"
    yield "    *,"
    if function.kind == "scalar":
        yield '    on_error: Literal["raise", "null"] = "raise",'
        yield ") -> pa.Array | pa.ChunkedArray | pa.Scalar:"
    else:
        yield "    group_by: Any = None,"
        yield ") -> pa.Scalar | pa.Table:"
    text = "\n".join(
        [
            *textwrap.wrap(function.description, 100),
            "",
            *(
                line
                for argument in function.arguments
                for line in textwrap.wrap(f":param {argument.name}: {argument.meaning}", 100)
            ),
        ]
    )
    yield textwrap.indent(f'"""{text.replace(chr(92), chr(92) * 2)}\n"""', "    ")
    yield "    ..."


def _base(type_: str) -> str:
    return re.split(r"[ (]", type_, maxsplit=1)[0]


def main(arguments: list[str]) -> int:
    """Write the stub of a catalogue to a file; return the exit code."""
    catalogue, file = map(Path, arguments)
    file.write_text(stub_of(load_catalogue(catalogue)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
