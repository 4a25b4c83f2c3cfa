"""How long steps tell whoever is watching how far they are.

`nostro.stack` reports through the `Progress` protocol only; the command line draws it.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Step(Protocol):
    """One long step that is under way."""

    def update(
        self, *, completed: float | None = None, total: float | None = None, detail: str | None = None
    ) -> None:
        """Report how much of `total` is done, in the step's unit, and what is being done now."""


class Progress(Protocol):
    """A watcher of long steps."""

    def step(self, title: str, *, total: float | None = None, unit: str = "") -> AbstractContextManager[Step]:
        """Begin a step; it ends with the context. `unit` is `bytes`, `rows` or any other word."""

    def note(self, text: str) -> None:
        """Tell something that is worth a line of its own."""


class SilentStep:
    """A `Step` that shows nothing."""

    def update(
        self, *, completed: float | None = None, total: float | None = None, detail: str | None = None
    ) -> None:
        """Do nothing."""


class SilentProgress:
    """A `Progress` that shows nothing."""

    @contextmanager
    def step(self, title: str, *, total: float | None = None, unit: str = "") -> Iterator[Step]:
        """Begin a step."""
        yield SilentStep()

    def note(self, text: str) -> None:
        """Do nothing."""
