"""Generated inputs of every signature in Python, DuckDB and Trino: values, types and errors are equal."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import localcontext
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import trino.dbapi
from tests.parity.conftest import Calls
from tests.parity.generated_inputs import Pool, Signed, rows_of
from tests.parity.sql_values import AGGREGATES_DIFFER_BY, are_equal, arrow_type, as_text, of_scalar, plain
from trino.exceptions import TrinoQueryError

from nostro.functions.bound import functions
from nostro.functions.calls import function
from nostro.functions.catalogue import Function, Signature
from nostro.functions.errors import FunctionError

SEED = 20261126
INPUTS = 1000
EVERY = 8
"""With as many inputs as by default one signature of so many is tried; with more (--inputs 1001) all are."""

ROWS_OF_GROUP = 25


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "signature" in metafunc.fixturenames:
        signatures = [(it, signature) for it in functions().values() for signature in it.signatures]
        step = 1 if metafunc.config.getoption("inputs") > INPUTS else EVERY
        chosen = signatures[::step]
        names = [f"{it.name}({', '.join(signature.arguments)})" for it, signature in chosen]
        metafunc.parametrize(("it", "signature"), chosen, ids=names)


@pytest.fixture(scope="module")
def pool(calls: Calls) -> Pool:
    made = Pool()
    for it in functions().values():
        made.add(it, calls[it.name])
    return made


@pytest.fixture(autouse=True)
def exact_decimals() -> Iterator[None]:
    with localcontext() as context:
        context.prec = 100
        yield


def relation(signed: Signed) -> str:
    """The rows as a relation of the server's, with a number `n` each."""
    texts = json.dumps([[as_text(value) for value in row] for row in signed.rows]).replace("'", "''")
    names = [f"a{index}" for index in range(len(signed.types))]
    given = ["array(varchar)" if type_.startswith("array") else "varchar" for type_ in signed.types]
    casts = [f"CAST({name} AS {type_}) AS {name}" for name, type_ in zip(names, signed.types, strict=True)]
    return (
        f"(SELECT n, {', '.join(casts)}"
        f" FROM UNNEST(CAST(json_parse('{texts}') AS array(row({', '.join(given)}))))"
        f" WITH ORDINALITY AS t ({', '.join(names)}, n))"
    )


def columns_of(signed: Signed) -> list[pa.Array]:
    return [
        pa.array([row[index] for row in signed.rows], arrow_type(type_))
        for index, type_ in enumerate(signed.types)
    ]


@dataclass(frozen=True)
class Answer:
    """What the server gives: values of a type, or an error."""

    values: list[Any]
    type: pa.DataType
    error: TrinoQueryError | None = None


def answer_of(cursor: trino.dbapi.Cursor, query: str) -> Answer:
    try:
        cursor.execute(query)
        values = [plain(row[0]) for row in cursor.fetchall()]
        return Answer(values, arrow_type(str(cursor.description[0][1])))
    except TrinoQueryError as error:
        return Answer([], pa.null(), error)


def differences(
    signed: Signed, answer: Answer, given: pa.Array | pa.ChunkedArray, tolerance: float = 0.0
) -> list[Any]:
    """The rows in which a result differs from the server's."""
    assert given.type == answer.type
    return [
        (row, one, other)
        for row, one, other in zip(signed.rows, answer.values, map(of_scalar, given), strict=False)
        if not are_equal(one, other, tolerance)
    ] or [("rows", len(answer.values), len(given))] * (len(answer.values) != len(given))


def in_duckdb(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[pa.Array], expression: str, rest: str
) -> pa.ChunkedArray:
    names = [f"a{index}" for index in range(len(columns))]
    rows = pa.table([*columns, pa.array(range(len(columns[0])))], names=[*names, "n"])
    connection.register("inputs", rows)
    try:
        return connection.sql(f"SELECT {expression} FROM inputs {rest}").to_arrow_table().column(0)
    finally:
        connection.unregister("inputs")


def test_python_and_duckdb_give_what_the_server_gives(
    it: Function,
    signature: Signature,
    trino_connection: trino.dbapi.Connection,
    duckdb_connection: duckdb.DuckDBPyConnection,
    pool: Pool,
    pytestconfig: pytest.Config,
) -> None:
    inputs = int(pytestconfig.getoption("inputs"))
    signed = rows_of(it, signature, pool, inputs, random.Random(f"{SEED} {it.name} {signature.arguments}"))
    columns = columns_of(signed)
    names = ", ".join(f"a{index}" for index in range(len(signed.types)))
    called = f"{it.name}({names})"
    call: Any = function(it.name)
    cursor = trino_connection.cursor()
    if it.kind == "aggregate":
        groups = pa.array([n // ROWS_OF_GROUP for n in range(inputs)])
        group = f"(n - 1) / {ROWS_OF_GROUP}"
        answer = answer_of(
            cursor, f"SELECT {called} FROM {relation(signed)} GROUP BY {group} ORDER BY {group}"
        )
        group = f"n // {ROWS_OF_GROUP}"
        rest = f"GROUP BY {group} ORDER BY {group}"
        if answer.error is not None:
            with pytest.raises(FunctionError) as raised:
                call(*columns, group_by=groups)
            assert raised.value.code == answer.error.error_name
            with pytest.raises(duckdb.Error, match=raised.value.code):
                in_duckdb(duckdb_connection, columns, called, rest)
            return
        given = call(*columns, group_by=groups).column(it.name)
        assert not differences(signed, answer, given, AGGREGATES_DIFFER_BY)
        given = in_duckdb(duckdb_connection, columns, called, rest)
        assert not differences(signed, answer, given, AGGREGATES_DIFFER_BY)
        return
    answer = answer_of(cursor, f"SELECT TRY({called}) FROM {relation(signed)} ORDER BY n")
    given = call(*columns, on_error="null")
    assert not differences(signed, answer, given)
    assert not differences(
        signed, answer, in_duckdb(duckdb_connection, columns, f"TRY({called})", "ORDER BY n")
    )
    assert given.null_count < len(given)
    nulls = (n for n, row in enumerate(signed.rows) if not given[n].is_valid and None not in row)
    failed = next(nulls, None)
    if failed is not None:
        one_row = Signed(signed.types, (signed.rows[failed],))
        error = answer_of(cursor, f"SELECT {called} FROM {relation(one_row)}").error
        if error is not None:
            row = [column.slice(failed, 1) for column in columns]
            with pytest.raises(FunctionError) as raised:
                call(*row)
            assert (raised.value.message, raised.value.code) == (error.message, error.error_name)
            with pytest.raises(duckdb.Error, match=re.escape(f"{error.error_name}: {error.message}")):
                in_duckdb(duckdb_connection, row, called, "")
