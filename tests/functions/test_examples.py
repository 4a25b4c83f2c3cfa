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
    results = {}
    for example in examples:
        cursor.execute(example.statement)
        results[example.sql] = cursor.fetchall()[0][0] or "null"
    assert results == {example.sql: example.result for example in examples}


def test_functions_are_listed_by_the_server(
    trino_connection: trino.dbapi.Connection, plugin_directory: Path
) -> None:
    cursor = trino_connection.cursor()
    cursor.execute("SHOW FUNCTIONS")
    listed = {row[0]: row for row in cursor.fetchall()}
    cursor.execute("SHOW FUNCTIONS FROM vault.privacy")
    vault = {row[0]: row for row in cursor.fetchall()}
    assert not vault.keys() & listed.keys()
    for function in load_catalogue(plugin_directory):
        if function.connector is not None:
            assert vault[function.name][5] in {it.description for it in function.signatures}
            assert vault[function.name][4] is function.deterministic
            continue
        assert listed[function.name][3] == function.kind
        assert listed[function.name][5] in {it.description for it in function.signatures}
