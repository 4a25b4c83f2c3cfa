"""Registers the functions with a connection to DuckDB."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
from duckdb.func import ARROW, SPECIAL

from nostro.duckdb.kernels import aggregate_kernel, scalar_kernel, type_kernel, unit_kernel
from nostro.duckdb.macros import kernel_name, macro_of, type_name, unit_name
from nostro.duckdb.result_types import UnsupportedResultError, result_type
from nostro.functions.bound import functions
from nostro.functions.calls import AggregateFunction, function


@dataclass(frozen=True)
class RegisteredFunctions:
    """The functions that a connection has now, and why it has not the others."""

    scalars: tuple[str, ...]
    aggregates: tuple[str, ...]
    left_out: Mapping[str, str]


def connect(database: str = ":memory:", **options: Any) -> duckdb.DuckDBPyConnection:
    """Connect to DuckDB, with its own options, and register all functions."""
    connection = duckdb.connect(database, **options)
    register(connection)
    return connection


def register(connection: duckdb.DuckDBPyConnection) -> RegisteredFunctions:
    """Register all functions with a connection, under their names in SQL.

    In a database in memory they are there for its cursors too; in a file they are of this connection only, so
    that nothing of them is left in the file, and each cursor is to be registered. Java starts when the first
    function is called.
    """
    known = {
        name
        for (name,) in connection.execute(
            "SELECT function_name FROM duckdb_functions() WHERE starts_with(function_name, 'nostro_')"
        ).fetchall()
    }
    [(in_memory,)] = connection.execute(
        "SELECT path IS NULL FROM duckdb_databases() WHERE database_name = current_database()"
    ).fetchall()
    lifetime = "" if in_memory else "TEMP "
    names: dict[str, list[str]] = {"scalar": [], "aggregate": []}
    left_out = {}
    for name, catalogued in functions().items():
        try:
            result = result_type([signature.return_type for signature in catalogued.signatures])
        except UnsupportedResultError as error:
            left_out[name] = f"DuckDB has no counterpart of {error}"
            continue
        called = function(name)
        if isinstance(called, AggregateFunction):
            kernels = {kernel_name(name): (aggregate_kernel(called, result.form), result.given)}
        else:
            kernels = {kernel_name(name): (scalar_kernel(called, result.form), result.given)}
        if result.form in ("digits", "digits of fewer"):
            kernels[unit_name(name)] = (unit_kernel(called), "VARCHAR")
        if result.form in ("digits of fewer", "text"):
            kernels[type_name(name)] = (type_kernel(called), "VARCHAR")
        for kernel, (callback, given) in kernels.items():
            if kernel not in known:
                connection.create_function(kernel, callback, None, given, type=ARROW, null_handling=SPECIAL)
        connection.execute(f"CREATE OR REPLACE {lifetime}MACRO {macro_of(catalogued, result.form)}")
        names[catalogued.kind].append(name)
    return RegisteredFunctions(tuple(names["scalar"]), tuple(names["aggregate"]), left_out)
