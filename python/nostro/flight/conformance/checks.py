"""What a check is, and what comes of it."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

if TYPE_CHECKING:
    from nostro.flight.conformance.scratch import Scratch
    from nostro.flight.conformance.subjects import SourceUnderCheck, TableUnderCheck

Subject = TypeVar("Subject")
Item = TypeVar("Item")
Result = Literal["passed", "failed", "not applicable", "not run"]


class Severity(enum.StrEnum):
    """What a source that fails the check does to Trino's users."""

    WRONG_ROWS = "queries give wrong rows"
    FAILING_QUERIES = "queries fail"
    HIDDEN_MISTAKES = "mistakes go unnoticed, or are hard to understand"


class Failure(Exception):
    """The source did something else than the protocol says."""

    def __init__(self, sent: str, came: str, accepted: str, also: tuple[str, ...] = ()) -> None:
        super().__init__(f"sent {sent}; came {came}; accepted: {accepted}")
        self.sent = sent
        self.came = came
        self.accepted = accepted
        self.also = also


class NotApplicable(Exception):
    """The check says nothing of this source; the message says why."""


@dataclass(frozen=True)
class Check(Generic[Subject]):
    """One sentence of the protocol, and the function that tries it.

    `name` is unique in its group. `section` is the heading of docs/protocol.md. The function returns if the
    source does as it says, else raises Failure or NotApplicable.
    """

    name: str
    says: str
    section: str
    severity: Severity
    run: Callable[[Subject], None]


@dataclass(frozen=True)
class Group:
    """Checks of one part of the protocol: of the source as a whole, of each table, and of what the checks
    create and write themselves."""

    name: str
    title: str
    of_source: tuple[Check[SourceUnderCheck], ...] = ()
    of_tables: tuple[Check[TableUnderCheck], ...] = ()
    of_writes: tuple[Check[Scratch], ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What came of a check, on `table` if it is one of tables. `why` is why it is not applicable, or was not
    run."""

    check: str
    group: str
    says: str
    section: str
    severity: Severity
    result: Result
    table: str | None = None
    sent: str | None = None
    came: str | None = None
    accepted: str | None = None
    also: tuple[str, ...] = ()
    why: str | None = None


def each(items: Iterable[Item], try_one: Callable[[Item], None], name: Callable[[Item], str] = str) -> None:
    """Try every item; the first failure is told in full, the others by name."""
    first: Failure | None = None
    failed: list[str] = []
    for item in items:
        try:
            try_one(item)
        except Failure as failure:
            first = first or failure
            failed.append(name(item))
    if first is not None:
        raise Failure(first.sent, first.came, first.accepted, tuple(failed[1:]))
