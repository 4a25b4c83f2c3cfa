"""Generated inputs of every signature, in Python and on the server: values, types and errors are the same."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from decimal import localcontext
from typing import Any

import pyarrow as pa
import pytest
import trino.dbapi
from tests.parity.conftest import Calls
from tests.parity.generated_inputs import Pool, Signed, rows_of
from tests.parity.sql_values import AGGREGATES_DIFFER_BY, are_equal, arrow_type, as_text, of_scalar, plain
from trino.exceptions import TrinoQueryError

from nostro.functions.calls import function, functions
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


def results_or_error(
    cursor: trino.dbapi.Cursor, query: str
) -> tuple[list[Any] | None, TrinoQueryError | None]:
    try:
        cursor.execute(query)
        return [plain(row[0]) for row in cursor.fetchall()], None
    except TrinoQueryError as error:
        return None, error


def test_python_gives_what_the_server_gives(
    it: Function,
    signature: Signature,
    trino_connection: trino.dbapi.Connection,
    pool: Pool,
    pytestconfig: pytest.Config,
) -> None:
    inputs = int(pytestconfig.getoption("inputs"))
    signed = rows_of(it, signature, pool, inputs, random.Random(f"{SEED} {it.name} {signature.arguments}"))
    columns = columns_of(signed)
    names = ", ".join(f"a{index}" for index in range(len(signed.types)))
    call: Any = function(it.name)
    cursor = trino_connection.cursor()
    if it.kind == "aggregate":
        group = f"(n - 1) / {ROWS_OF_GROUP}"
        groups = pa.array([n // ROWS_OF_GROUP for n in range(inputs)])
        query = f"SELECT {it.name}({names}) FROM {relation(signed)} GROUP BY {group} ORDER BY {group}"
        expected, error = results_or_error(cursor, query)
        if error is not None:
            with pytest.raises(FunctionError) as raised:
                call(*columns, group_by=groups)
            assert raised.value.code == error.error_name
            return
        given = [of_scalar(value) for value in call(*columns, group_by=groups).column(it.name)]
        assert are_equal(expected, given, AGGREGATES_DIFFER_BY)
        return
    expected, _ = results_or_error(
        cursor, f"SELECT TRY({it.name}({names})) FROM {relation(signed)} ORDER BY n"
    )
    given = [of_scalar(value) for value in call(*columns, on_error="null")]
    assert expected is not None
    differences = [
        (row, one, other)
        for row, one, other in zip(signed.rows, expected, given, strict=True)
        if not are_equal(one, other)
    ]
    assert not differences
    assert any(value is not None for value in given)
    nulls = (n for n, row in enumerate(signed.rows) if given[n] is None and None not in row)
    failed = next(nulls, None)
    if failed is not None:
        one_row = Signed(signed.types, (signed.rows[failed],))
        _, error = results_or_error(cursor, f"SELECT {it.name}({names}) FROM {relation(one_row)}")
        if error is not None:
            with pytest.raises(FunctionError) as raised:
                call(*[column.slice(failed, 1) for column in columns])
            assert (raised.value.message, raised.value.code) == (error.message, error.error_name)
