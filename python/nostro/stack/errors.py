"""What the stack raises."""

from pathlib import Path


class StackError(Exception):
    """A step of the local stack failed.

    `cause` is one sentence, `log` the file that has the details (if there is one) and `remedy` what the
    user can do about it.
    """

    def __init__(self, cause: str, *, log: Path | None = None, remedy: str | None = None) -> None:
        super().__init__(cause)
        self.cause = cause
        self.log = log
        self.remedy = remedy

    def __str__(self) -> str:
        lines = [self.cause]
        if self.log is not None:
            lines.append(f"log: {self.log}")
        if self.remedy is not None:
            lines.append(f"what to do: {self.remedy}")
        return "\n".join(lines)
