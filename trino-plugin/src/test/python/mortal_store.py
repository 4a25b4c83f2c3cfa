"""Serves a DuckDB database for writing, and dies at a point of a write as if it were killed.

Arguments: the database, and the point: `staging`, `committing`, `committed`, or `never`.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from nostro.flight import Outcome, serve
from nostro.flight.changes import Insert
from nostro.flight.duckdb_writes import WritableDuckDBSource
from nostro.flight.staging import StreamWriter


class Mortal(WritableDuckDBSource):
    def __init__(self, database: Path, point: str) -> None:
        super().__init__(database)
        self._point = point

    def insert(self, request: Insert) -> Outcome | None:
        self._die_at("committing")
        outcome = super().insert(request)
        self._die_at("committed")
        return outcome

    def _die_at(self, point: str) -> None:
        if self._point == point:
            os.kill(os.getpid(), signal.SIGKILL)


def main(database: str, point: str) -> None:
    if point == "staging":
        # the server's own part of a write, of which a source hears nothing
        StreamWriter.finish = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    with serve(Mortal(Path(database), point)) as served:
        print(served.location, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
