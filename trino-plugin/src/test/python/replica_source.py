"""Serves a table of ten batches, which other processes like this one serve too.

Arguments: what becomes of it (`lives`, or it dies `before` the first batch or `after` it), and the locations
that endpoints name, if any.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence

import pyarrow as pa

from nostro.flight import MemorySource, Partition, ReadRequest, serve

BATCHES = 10
ROWS_OF_BATCH = 1_000
TABLE = pa.table({"id": pa.array(range(BATCHES * ROWS_OF_BATCH))})
SENT_SECONDS = 0.5
"""After which what was given to gRPC has arrived."""


class Replica(MemorySource):
    def __init__(self, fate: str, locations: tuple[str, ...]) -> None:
        super().__init__({"public.t": TABLE})
        self._fate = fate
        self._locations = locations

    def partitions(self, request: ReadRequest) -> Sequence[Partition]:
        return [Partition(f"0-{TABLE.num_rows}", self._locations)]

    def read(self, request: ReadRequest) -> Iterator[pa.RecordBatch]:
        if self._fate == "before":
            die()
        for batch in TABLE.to_batches(max_chunksize=ROWS_OF_BATCH):
            yield batch
            if self._fate == "after":
                die()


def die() -> None:
    time.sleep(SENT_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)


def main(fate: str, *locations: str) -> None:
    with serve(Replica(fate, locations)) as served:
        print(served.location, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
