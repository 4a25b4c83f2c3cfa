"""What a source is asked to change: the requests that its methods get.

Each has an `operation`, an id that the client made. A change that was made must be found again by it, since a
client whose answer was lost asks once more: a source records it in the same transaction, and tells of it by
`outcome`.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from nostro.flight.expression import Expression
from nostro.flight.predicate import Predicate

MERGE_OPERATION = "nostro.operation"
MERGE_CASE = "nostro.case"
ROW_ID_PREFIX = "nostro.row_id."
"""Columns of a merge's rows, before which the table's own come."""


class RowOperation(enum.IntEnum):
    """What a merge does with a row; the numbers are those of the protocol."""

    INSERT = 1
    DELETE = 2
    UPDATE = 3


class Reason(enum.Enum):
    """Why a change is refused."""

    ALREADY_EXISTS = "already_exists"
    NOT_FOUND = "not_found"
    NOT_EMPTY = "not_empty"
    CONFLICT = "conflict"
    """What the change was based on has changed since."""
    CONSTRAINT = "constraint"
    UNSUPPORTED = "unsupported"


class Refused(Exception):
    """The source will not make the change, and has changed nothing."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True)
class Outcome:
    """What became of an operation that was made; `rows` is how many it wrote or changed."""

    rows: int = 0


@dataclass(frozen=True)
class CreateSchema:
    operation: str
    schema: str


@dataclass(frozen=True)
class DropSchema:
    operation: str
    schema: str
    cascade: bool = False


@dataclass(frozen=True)
class RenameSchema:
    operation: str
    schema: str
    new_schema: str


@dataclass(frozen=True)
class CreateTable:
    """Columns' comments are in their metadata, as `nostro.comment`. `replace` may take a table's place."""

    operation: str
    schema: str
    table: str
    columns: pa.Schema
    comment: str | None = None
    replace: bool = False


@dataclass(frozen=True)
class DropTable:
    operation: str
    schema: str
    table: str


@dataclass(frozen=True)
class RenameTable:
    operation: str
    schema: str
    table: str
    new_table: str


@dataclass(frozen=True)
class MoveTable:
    """To another schema, perhaps with another name."""

    operation: str
    schema: str
    table: str
    new_schema: str
    new_table: str


@dataclass(frozen=True)
class AddColumn:
    operation: str
    schema: str
    table: str
    column: pa.Field


@dataclass(frozen=True)
class DropColumn:
    operation: str
    schema: str
    table: str
    column: str


@dataclass(frozen=True)
class RenameColumn:
    operation: str
    schema: str
    table: str
    column: str
    new_column: str


@dataclass(frozen=True)
class CommentTable:
    operation: str
    schema: str
    table: str
    comment: str | None = None


@dataclass(frozen=True)
class CommentColumn:
    operation: str
    schema: str
    table: str
    column: str
    comment: str | None = None


@dataclass(frozen=True)
class Truncate:
    operation: str
    schema: str
    table: str


@dataclass(frozen=True)
class Delete:
    """Rows that satisfy the predicate and the condition when the change is made; without both, all rows."""

    operation: str
    schema: str
    table: str
    predicate: Predicate | None = None
    condition: Expression | None = None


Change = (
    CreateSchema
    | DropSchema
    | RenameSchema
    | CreateTable
    | DropTable
    | RenameTable
    | MoveTable
    | AddColumn
    | DropColumn
    | RenameColumn
    | CommentTable
    | CommentColumn
    | Truncate
)
"""What is made at once, without rows."""

Rows = Callable[[], pa.RecordBatchReader]
"""Reads the staged rows; each call begins anew."""


@dataclass(frozen=True)
class Insert:
    """Rows for a table; columns that are not in `columns` get their default."""

    operation: str
    schema: str
    table: str
    columns: pa.Schema
    rows: Rows = field(compare=False)


@dataclass(frozen=True)
class CreateTableAs:
    """A table that is to appear together with all of its rows."""

    operation: str
    schema: str
    table: str
    columns: pa.Schema
    rows: Rows = field(compare=False)
    comment: str | None = None
    replace: bool = False


@dataclass(frozen=True)
class Merge:
    """Changes of rows, all at once.

    `rows` have the table's `columns`, then `nostro.operation` (a `RowOperation`), `nostro.case`, and the
    columns of the row's id, each with the prefix `nostro.row_id.`. An update sets those columns alone that
    `updates` has for the row's case. `snapshot` is the state in which the rows were read: if a row has
    changed since, the source refuses with `Reason.CONFLICT`.
    """

    operation: str
    schema: str
    table: str
    columns: pa.Schema
    row_id: tuple[str, ...]
    updates: Mapping[int, tuple[str, ...]]
    snapshot: str | None
    rows: Rows = field(compare=False)


Write = Insert | CreateTableAs | Merge
"""What is made of rows that were staged before."""
