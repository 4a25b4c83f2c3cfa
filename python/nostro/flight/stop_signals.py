"""Waiting for SIGTERM or SIGINT."""

from __future__ import annotations

import os
import select
import signal
from types import FrameType, TracebackType

NUMBERS = (signal.SIGTERM, signal.SIGINT)


class StopSignals:
    """Within its block the main thread can wait for a signal to stop.

    A handler in Python that sets an Event would be run by the thread that waits for it, which may just hold
    the Event's lock; and it is run late when the system gave the signal to another thread. So Python's C code
    writes to a pipe.
    """

    def __enter__(self) -> StopSignals:
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)
        self._handlers = {number: signal.signal(number, _nothing) for number in NUMBERS}
        self._wakeup = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        self._stopped = False
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.set_wakeup_fd(self._wakeup)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        os.close(self._reader)
        os.close(self._writer)

    def wait(self, seconds: float | None = None) -> bool:
        """Whether a signal has come, at once or within the time."""
        while not self._stopped:
            if not select.select([self._reader], [], [], seconds)[0]:
                return False
            self._stopped = any(number in NUMBERS for number in os.read(self._reader, 4096))
        return True


def _nothing(number: int, frame: FrameType | None) -> None:
    pass
