"""Every example's calls in DuckDB, with the server as the oracle."""

from __future__ import annotations

import duckdb
import pyarrow as pa
from tests.parity.conftest import Calls
from tests.parity.sql_values import AGGREGATES_DIFFER_BY, are_equal, arrow_type, of_scalar

from nostro.functions.bound import functions


def test_examples_give_in_duckdb_what_they_give_on_the_server(
    calls: Calls, duckdb_connection: duckdb.DuckDBPyConnection
) -> None:
    compared = set()
    differences = []
    for name, catalogued in functions().items():
        for call in calls[name]:
            names = [f"a{index}" for index in range(len(call.types))]
            columns = [
                pa.array([row[index] for row in call.rows], arrow_type(type_))
                for index, type_ in enumerate(call.types)
            ]
            duckdb_connection.register("arguments", pa.table(columns, names=names))
            called = f"{name}({', '.join(names)})"
            query = f"SELECT {called if catalogued.kind == 'aggregate' else f'TRY({called})'} FROM arguments"
            given = duckdb_connection.sql(query).to_arrow_table().column(0)
            duckdb_connection.unregister("arguments")
            tolerance = AGGREGATES_DIFFER_BY if catalogued.kind == "aggregate" else 0.0
            results = [of_scalar(value) for value in given]
            if not are_equal(results, list(call.results), tolerance):
                differences.append((call.sql, results, call.results))
            compared.add(name)
    assert not differences
    assert functions().keys() - compared == set()
