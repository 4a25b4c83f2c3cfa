"""Serves a DuckDB database: prints the location, then executes each line of its input as a statement.

Arguments: the database, the request log, and what the source's `row_id` is, as JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from nostro.flight import serve
from nostro.flight.duckdb_writes import WritableDuckDBSource


class Store(WritableDuckDBSource):
    def execute(self, statement: str) -> None:
        with self._cursor() as cursor:
            cursor.execute(statement)


def main(database: str, request_log: str, row_id: str | Mapping[str, Sequence[str]]) -> None:
    source = Store(database, name="store", row_id=row_id)
    with serve(source, request_log=Path(request_log)) as served:
        print(served.location, flush=True)
        for statement in sys.stdin:
            try:
                source.execute(statement)
                print("done", flush=True)
            except duckdb.Error as error:
                print(str(error).splitlines()[0], flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]))
