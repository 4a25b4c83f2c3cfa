"""Serves a DuckDB database for writing that takes some seconds to insert, change or delete rows.

Arguments: the database, and the seconds.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from nostro.flight import Outcome, serve
from nostro.flight.changes import Delete, Insert, Merge
from nostro.flight.duckdb_writes import WritableDuckDBSource


class Slow(WritableDuckDBSource):
    def __init__(self, database: Path, seconds: float) -> None:
        super().__init__(database)
        self._seconds = seconds

    def delete(self, request: Delete) -> Outcome:
        time.sleep(self._seconds)
        return super().delete(request)

    def insert(self, request: Insert) -> Outcome:
        time.sleep(self._seconds)
        return super().insert(request)

    def merge(self, request: Merge) -> Outcome:
        time.sleep(self._seconds)
        return super().merge(request)


def main(database: str, seconds: str) -> None:
    with serve(Slow(Path(database), float(seconds))) as served:
        print(served.location, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
