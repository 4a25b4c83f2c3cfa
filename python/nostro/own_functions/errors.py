"""What goes wrong with a project of one's own functions."""

from __future__ import annotations

from pathlib import Path


class OwnFunctionsError(Exception):
    """A project was not made or not built.

    `cause` is what is wrong and where, `log` the file that has the details (if there is one), and `remedy`
    what the user can do about it.
    """

    def __init__(self, cause: str, *, log: Path | None = None, remedy: str | None = None) -> None:
        super().__init__(cause)
        self.cause = cause
        self.log = log
        self.remedy = remedy
