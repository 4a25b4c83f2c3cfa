"""Registers the functions with a connection to DuckDB."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import duckdb
from duckdb.func import ARROW, SPECIAL

from nostro.duckdb.kernels import aggregate_kernel, scalar_kernel, type_kernel, unit_kernel
from nostro.duckdb.macros import kernel_name, overloads_of, quoted, type_name, unit_name
from nostro.duckdb.own_types import OwnTypes, own_types_of
from nostro.duckdb.result_types import UnsupportedResultError, result_type
from nostro.functions.bound import functions
from nostro.functions.calls import AggregateFunction, ScalarFunction, function
from nostro.functions.plugin import Plugin
from nostro.functions.vault import SCHEMA, Vault

_NO_OWN_TYPES = OwnTypes()


@dataclass(frozen=True)
class RegisteredFunctions:
    """The functions that a connection has now, and why it has not the others."""

    scalars: tuple[str, ...]
    aggregates: tuple[str, ...]
    left_out: Mapping[str, str]


def connect(
    database: str = ":memory:",
    *,
    vaults: Mapping[str, Vault] | None = None,
    plugins: Mapping[str, Plugin] | None = None,
    **options: Any,
) -> duckdb.DuckDBPyConnection:
    """Connect to DuckDB, with its own options, and register all functions."""
    connection = duckdb.connect(database, **options)
    register(connection, vaults=vaults, plugins=plugins)
    return connection


def register(
    connection: duckdb.DuckDBPyConnection,
    *,
    vaults: Mapping[str, Vault] | None = None,
    plugins: Mapping[str, Plugin] | None = None,
) -> RegisteredFunctions:
    """Register all functions with a connection, under their names in SQL.

    In a database in memory they are there for its cursors too; in a file they are of this connection only, so
    that nothing of them is left in the file, and each cursor is to be registered. Java starts when the first
    function is called.

    :param vaults: by the name of their catalog, whose schema is `privacy` as on Trino
    :param plugins: by the name of a catalog that is made for them, so that none hides a function of DuckDB's
    """
    [(in_memory,)] = connection.execute(
        "SELECT path IS NULL FROM duckdb_databases() WHERE database_name = current_database()"
    ).fetchall()
    known = _names_of(connection, "SELECT function_name FROM duckdb_functions()")
    names: dict[str, list[str]] = {"scalar": [], "aggregate": []}
    left_out = {}
    for name in functions():
        try:
            macro = _macro_of(connection, function(name), name, name, known)
        except UnsupportedResultError as error:
            left_out[name] = f"DuckDB has no counterpart of {error}"
            continue
        connection.execute(f"CREATE OR REPLACE {'' if in_memory else 'TEMP '}MACRO {macro}")
        names[function(name).catalogued.kind].append(name)
    called: ScalarFunction | AggregateFunction
    for catalog, vault in (vaults or {}).items():
        _attach(connection, catalog)
        schema = f"{quoted(catalog)}.{quoted(SCHEMA)}"
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        for name, called in vault.functions.items():
            # Another vault may have been registered by this name, whose keys are others.
            macro = _macro_of(connection, called, f"{schema}.{name}", f"{name}_{uuid4().hex}", known)
            connection.execute(f"CREATE OR REPLACE MACRO {macro}")
    for catalog, plugin in (plugins or {}).items():
        _attach(connection, catalog)
        left_out |= {f"{catalog}.{name}": reason for name, reason in plugin.left_out.items()}
        for name, called in plugin.functions.items():
            qualified = f"{catalog}.{name}"
            macro_name = f"{quoted(catalog)}.{quoted(name)}"
            try:
                own_types = own_types_of(plugin.declared[name], plugin.own_types)
                # Another plugin may have been registered by this name.
                stem = f"{name}_{uuid4().hex}"
                macro = _macro_of(connection, called, macro_name, stem, known, own_types=own_types)
            except UnsupportedResultError as error:
                left_out[qualified] = f"DuckDB has no counterpart of {error}"
                continue
            connection.execute(f"CREATE OR REPLACE MACRO {macro}")
            names[called.catalogued.kind].append(qualified)
    return RegisteredFunctions(tuple(names["scalar"]), tuple(names["aggregate"]), left_out)


def _attach(connection: duckdb.DuckDBPyConnection, catalog: str) -> None:
    if catalog not in _names_of(connection, "SELECT database_name FROM duckdb_databases()"):
        connection.execute(f"ATTACH ':memory:' AS {quoted(catalog)}")


def _macro_of(
    connection: duckdb.DuckDBPyConnection,
    called: ScalarFunction | AggregateFunction,
    name: str,
    stem: str,
    known: set[str],
    *,
    own_types: OwnTypes = _NO_OWN_TYPES,
) -> str:
    """Create what a function's macro calls, unless it is known, and return the macro."""
    declared = [signature.return_type for signature in called.catalogued.signatures]
    result = result_type(declared if own_types.results is None else own_types.results)
    if isinstance(called, AggregateFunction):
        kernels = {kernel_name(stem): (aggregate_kernel(called, result.form, own_types), result.given)}
    else:
        kernels = {kernel_name(stem): (scalar_kernel(called, result.form, own_types), result.given)}
    if result.form in ("digits", "digits of fewer"):
        kernels[unit_name(stem)] = (unit_kernel(called, own_types), "VARCHAR")
    if result.form in ("digits of fewer", "text"):
        kernels[type_name(stem)] = (type_kernel(called, own_types), "VARCHAR")
    for kernel, (callback, given) in kernels.items():
        if kernel not in known:
            connection.create_function(kernel, callback, None, given, type=ARROW, null_handling=SPECIAL)
    return f"{name}{overloads_of(called.catalogued, stem, result.form)}"


def _names_of(connection: duckdb.DuckDBPyConnection, query: str) -> set[str]:
    return {name for (name,) in connection.execute(query).fetchall()}
