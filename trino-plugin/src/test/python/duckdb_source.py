"""Serves a DuckDB database: prints the location, then executes each line of its input as a statement.

The second argument is what the source's `row_id` is, as JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence

import duckdb

from nostro.flight import serve
from nostro.flight.duckdb_writes import WritableDuckDBSource


class Store(WritableDuckDBSource):
    def execute(self, statement: str) -> None:
        with self._cursor() as cursor:
            cursor.execute(statement)


def main(database: str, row_id: str | Mapping[str, Sequence[str]]) -> None:
    source = Store(database, name="store", row_id=row_id)
    with serve(source) as served:
        print(served.location, flush=True)
        for statement in sys.stdin:
            try:
                source.execute(statement)
                print("done", flush=True)
            except duckdb.Error as error:
                print(str(error).splitlines()[0], flush=True)


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
