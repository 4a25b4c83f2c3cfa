"""The state of one part of the stack."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

PartState = Literal["running", "starting", "died", "stopped"]


@dataclass(frozen=True)
class PartStatus:
    """What is known of one part.

    `stopped` was never started or was taken down; `died` was started and is gone; `starting` has a live
    process that does not answer yet. `address` is what a client of the part takes; `user` logs in there, with
    the password in `password_file`, or with none where that is None.
    """

    state: PartState
    host: str | None = None
    port: int | None = None
    pid: int | None = None
    address: str | None = None
    version: str | None = None
    log: Path | None = None
    user: str | None = None
    password_file: Path | None = None

    def to_json(self) -> dict[str, str | int | None]:
        """Return the fields as JSON values, paths as texts."""
        return {
            "state": self.state,
            "host": self.host,
            "port": self.port,
            "pid": self.pid,
            "address": self.address,
            "version": self.version,
            "log": None if self.log is None else str(self.log),
            "user": self.user,
            "password_file": None if self.password_file is None else str(self.password_file),
        }
