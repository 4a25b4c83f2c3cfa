"""Every example of the catalogue, on the real server."""

from __future__ import annotations

from pathlib import Path

import trino.dbapi

from nostro.functions.catalogue import load_catalogue


def test_examples_give_their_results(
    trino_connection: trino.dbapi.Connection, plugin_directory: Path
) -> None:
    examples = [example for function in load_catalogue(plugin_directory) for example in function.examples]
    assert len(examples) > 40
    cursor = trino_connection.cursor()
    cursor.execute(
        "SELECT * FROM (VALUES "
        + ", ".join(
            f"({number}, json_format(CAST(({example.sql}) AS json)))"
            for number, example in enumerate(examples)
        )
        + ") AS t (number, result) ORDER BY number"
    )
    results = [result or "null" for _, result in cursor.fetchall()]
    assert dict(zip((it.sql for it in examples), results, strict=True)) == {
        it.sql: it.result for it in examples
    }


def test_functions_are_listed_by_the_server(
    trino_connection: trino.dbapi.Connection, plugin_directory: Path
) -> None:
    cursor = trino_connection.cursor()
    cursor.execute("SHOW FUNCTIONS FROM system.builtin")
    listed = {row[0]: row for row in cursor.fetchall()}
    for function in load_catalogue(plugin_directory):
        assert listed[function.name][3] == function.kind
        assert listed[function.name][5] in {it.description for it in function.signatures}
