"""Serves a table in ten partitions that say which days they have, and heed no predicate.

Arguments: the request log.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from nostro.flight import ColumnRange, Data, MemorySource, Partition, ReadRequest, serve

DAYS = 10
ROWS_OF_DAY = 100


class Ranged(MemorySource):
    def partitions(self, request: ReadRequest) -> Sequence[Partition]:
        return [
            Partition(str(day), ranges={"day": ColumnRange(day, day, nulls=False)}) for day in range(DAYS)
        ]

    def read(self, request: ReadRequest) -> Data:
        found = self._find(request.schema, request.table)
        if request.partition is None:
            return found
        return found.slice(int(request.partition) * ROWS_OF_DAY, ROWS_OF_DAY)


def main(request_log: str) -> None:
    ids = range(DAYS * ROWS_OF_DAY)
    events = pa.table(
        {"id": pa.array(ids), "day": pa.array([index // ROWS_OF_DAY for index in ids], pa.int32())}
    )
    with serve(Ranged({"public.events": events}), request_log=Path(request_log)) as served:
        print(served.location, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1])
