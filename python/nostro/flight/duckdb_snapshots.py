"""Earlier states of a DuckDB database, kept by transactions that began in them.

While nothing is committed, every state that is held is the one of now, and costs nothing. Before a commit,
and only if the state that it ends is held, some transactions are begun, for those who will still read it.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import duckdb

from nostro.flight.errors import Unavailable

HELD_SECONDS = 900.0
"""How long a state is kept for a holder that neither reads it nor releases it."""
STREAMS = 8
"""How many streams read one earlier state at once, unless a source says otherwise."""
WAIT_SECONDS = 120.0


@dataclass
class Snapshot:
    """A state: who holds it since when, how many streams read it, through which connections ever, and the
    transactions in it that nobody uses now."""

    holders: dict[str, float] = field(default_factory=dict)
    streams: int = 0
    idle: list[duckdb.DuckDBPyConnection] = field(default_factory=list)
    busy: int = 0

    @property
    def kept(self) -> bool:
        return bool(self.idle or self.busy)

    def used(self) -> None:
        self.holders = dict.fromkeys(self.holders, time.monotonic())


class Snapshots:
    """States by version. `begin` makes a connection whose transaction has begun in the state of now."""

    def __init__(self, begin: Callable[[], duckdb.DuckDBPyConnection], streams: int = STREAMS) -> None:
        self._begin = begin
        self._streams = streams
        self._reserved = 2 * streams
        """A query that fails ends the transaction that it used: all its streams may, and leave as many."""
        self._condition = threading.Condition()
        self._snapshots: dict[int, Snapshot] = {}

    def hold(self, version: int, holder: str) -> None:
        """Keep the state of now, for a holder that may hold several."""
        with self._condition:
            self._snapshots.setdefault(version, Snapshot()).holders[holder] = time.monotonic()

    def release(self, holder: str) -> None:
        with self._condition:
            for snapshot in self._snapshots.values():
                snapshot.holders.pop(holder, None)
            self._forget()

    def before_commit(self, version: int) -> None:
        """To be called while nobody else commits: the state of now, `version`, is about to end."""
        with self._condition:
            self._forget()
            snapshot = self._snapshots.get(version)
            while snapshot is not None and len(snapshot.idle) < self._reserved:
                snapshot.idle.append(self._begin())

    def keeps(self, version: int) -> bool:
        """Whether transactions in an earlier state have been open ever since it ended."""
        with self._condition:
            snapshot = self._snapshots.get(version)
            return snapshot is not None and snapshot.kept

    @contextlib.contextmanager
    def reading(self, version: int) -> Iterator[None]:
        """Around a read of a state, of now too: it is used, so its holders do not lose it."""
        with self._condition:
            snapshot = self._snapshots.get(version)
            if snapshot is not None:
                snapshot.streams += 1
                snapshot.used()
        try:
            yield
        finally:
            if snapshot is not None:
                with self._condition:
                    snapshot.streams -= 1
                    snapshot.used()
                    self._forget()

    def take(self, version: int) -> duckdb.DuckDBPyConnection | None:
        """A connection in an earlier state, to be given back; None if the state is not kept."""
        with self._condition:
            end = time.monotonic() + WAIT_SECONDS
            while True:
                snapshot = self._snapshots.get(version)
                if snapshot is None or not snapshot.kept:
                    return None
                # the last of all goes to one stream alone
                others = len(snapshot.idle) > 1 and snapshot.busy < self._streams
                if snapshot.idle and (others or not snapshot.busy):
                    snapshot.busy += 1
                    return snapshot.idle.pop()
                if not self._condition.wait(end - time.monotonic()):
                    raise Unavailable(
                        f"an earlier state is read by {snapshot.busy} streams, and none ended in "
                        f"{WAIT_SECONDS:.0f} seconds"
                    )

    def give_back(self, version: int, connection: duckdb.DuckDBPyConnection) -> None:
        usable = is_usable(connection)
        with self._condition:
            snapshot = self._snapshots.get(version)
            if snapshot is not None:
                snapshot.busy -= 1
            if snapshot is None or not usable:
                connection.close()
            else:
                snapshot.idle.append(connection)
            self._forget()
            self._condition.notify_all()

    def close(self) -> None:
        with self._condition:
            for snapshot in self._snapshots.values():
                for connection in snapshot.idle:
                    connection.close()
            self._snapshots.clear()
            self._condition.notify_all()

    def _forget(self) -> None:
        oldest = time.monotonic() - HELD_SECONDS
        for version, snapshot in list(self._snapshots.items()):
            if snapshot.streams or snapshot.busy:
                continue
            snapshot.holders = {holder: at for holder, at in snapshot.holders.items() if at > oldest}
            if not snapshot.holders:
                for connection in snapshot.idle:
                    connection.close()
                del self._snapshots[version]


def is_usable(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether its transaction goes on: a query that failed, or was interrupted, has ended it."""
    try:
        connection.execute("SELECT 1").fetchall()
    except duckdb.Error:
        return False
    return True
