"""The macros around what DuckDB calls: names, overloads by number of arguments, and types of results."""

from __future__ import annotations

from collections.abc import Sequence

from nostro.duckdb.kernels import units
from nostro.duckdb.result_types import Form
from nostro.functions.catalogue import Function

_PREFIX = "nostro_"


def kernel_name(stem: str) -> str:
    """Return the name by which DuckDB calls a function's rows."""
    return f"{_PREFIX}{stem}"


def unit_name(stem: str) -> str:
    """Return the name by which DuckDB asks where a function's result has its point."""
    return f"{_PREFIX}unit_of_{stem}"


def type_name(stem: str) -> str:
    """Return the name by which DuckDB asks for the type of a function's result."""
    return f"{_PREFIX}type_of_{stem}"


def overloads_of(function: Function, stem: str, form: Form) -> str:
    """Return a macro's overloads, as CREATE MACRO takes them after its name."""
    arities = {len(signature.argument_names): signature.argument_names for signature in function.signatures}
    overloads = []
    for _, names in sorted(arities.items()):
        arguments = list(map(quoted, names))
        body = _typed(stem, form, arguments) if function.kind == "scalar" else _of_list(stem, form, arguments)
        overloads.append(f"({', '.join(arguments)}) AS {body}")
    return ", ".join(overloads)


def _of_list(stem: str, form: Form, arguments: Sequence[str]) -> str:
    rows = f"list({_struct(arguments)})"
    if form == "as it is":
        return f"{kernel_name(stem)}({rows})"
    # A window takes a macro with one aggregate in it only, and in a select item with a name no macro within
    # it, so the list gets a name, by which the types are found too.
    return f"list_transform([{rows}], lambda rows: {_typed(stem, form, ['rows'])})[1]"


def _typed(stem: str, form: Form, arguments: Sequence[str]) -> str:
    """The call of the kernel, and what makes the result's type of it.

    DuckDB evaluates what is constant while it binds types: by the types of the arguments, of which a NULL in
    a list is such a constant, a function in Python tells that of the result.
    """
    given = f"{kernel_name(stem)}({', '.join(arguments)})"
    unit = f"struct_extract_at(json_transform('{units()}'::JSON, {_told(unit_name(stem), arguments)}), 1)"
    match form:
        case "as it is":
            return given
        case "digits":
            return f"{given} * {unit}"
        case "digits of fewer":
            return of_told_type(f"{given} * {unit}", type_name(stem), arguments)
        case "text":
            return of_told_type(given, type_name(stem), arguments)


def of_told_type(value: str, teller: str, arguments: Sequence[str]) -> str:
    """Return a value cast to the type that a function tells of NULLs of the arguments' types, in lists."""
    return f"cast_to_type({value}, json_transform('null'::JSON, {_told(teller, arguments)}))"


def _told(teller: str, arguments: Sequence[str]) -> str:
    return f"{teller}({', '.join(f'cast_to_type(NULL, [{argument}])' for argument in arguments)})"


def _struct(arguments: Sequence[str]) -> str:
    # CASE, as DuckDB puts off until it is called what it cannot bind in a macro that is being created, but
    # does not for a struct of arguments without types. It is gone from the plan.
    fields = (f"argument{index}: CASE WHEN true THEN {it} END" for index, it in enumerate(arguments))
    return f"{{{', '.join(fields)}}}"


def quoted(name: str) -> str:
    """Return a name in quotes."""
    return '"' + name.replace('"', '""') + '"'
