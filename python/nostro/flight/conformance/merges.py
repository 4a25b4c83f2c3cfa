"""Checks of rows that are changed by their ids, and of reads of states that are changed meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pyarrow as pa

from nostro.flight import protocol
from nostro.flight.change_messages import BEGIN_WRITE, COMMIT, RELEASE
from nostro.flight.changes import MERGE_CASE, MERGE_OPERATION, ROW_ID_PREFIX, Reason, RowOperation
from nostro.flight.conformance.checks import Check, Failure, Group, NotApplicable, Severity
from nostro.flight.conformance.rows import difference, rows_of
from nostro.flight.conformance.scratch import (
    COLUMNS,
    VERSION,
    Operation,
    Scratch,
    Written,
    made,
    new_id,
    refused_as,
    rows,
)
from nostro.flight.conformance.subjects import told
from nostro.flight.conformance.wire import Refused
from nostro.flight.protocol import Json

HERE = rows(0, 10)
NOTE, AMOUNT = 0, 1
UPDATES = [{"case": NOTE, "columns": ["note"]}, {"case": AMOUNT, "columns": ["amount", "note"]}]


@dataclass(frozen=True)
class Change:
    """What a merge does with a row: of the row with the id `row`, and with the values of a row of `rows`."""

    kind: RowOperation
    row: int | None = None
    values: int | None = None
    case: int = NOTE


def deletes(*ids: int) -> list[Change]:
    return [Change(RowOperation.DELETE, row) for row in ids]


def updates(case: int = NOTE, **values: int) -> list[Change]:
    """`row4=14` gives the row with the id 4 the values of the row with the id 14."""
    return [
        Change(RowOperation.UPDATE, int(row.removeprefix("row")), value, case)
        for row, value in values.items()
    ]


def inserts(*ids: int) -> list[Change]:
    return [Change(RowOperation.INSERT, None, row) for row in ids]


@dataclass(frozen=True)
class MergedTable:
    """A table of ten rows, its description, and the ids of its rows by the column `id`."""

    scratch: Scratch
    name: str
    snapshot: str | None
    row_id: tuple[pa.Field, ...]
    row_ids: Mapping[int, int]
    """The number of each row in `keys`."""
    keys: pa.Table

    def begin(self, snapshot: str | None = None) -> Operation:
        operation, body = self.beginning(snapshot)
        made(self.scratch.ask(BEGIN_WRITE, body))
        return operation

    def beginning(self, snapshot: str | None = None) -> tuple[Operation, Json]:
        return self.scratch.beginning(
            self.name,
            type="merge",
            row_id=[field.name for field in self.row_id],
            updates=UPDATES,
            snapshot=snapshot or self.snapshot,
        )

    def stream(self, changes: Sequence[Change]) -> pa.Table:
        columns: dict[str, pa.Array] = {}
        for index, field in enumerate(COLUMNS):
            found = [
                None
                if change.values is None
                else rows(change.values, change.values + 1).column(index)[0].as_py()
                for change in changes
            ]
            columns[field.name] = pa.array(found, field.type)
        columns[MERGE_OPERATION] = pa.array([int(change.kind) for change in changes], pa.int8())
        columns[MERGE_CASE] = pa.array([change.case for change in changes], pa.int32())
        numbers = pa.array(
            [None if change.row is None else self.row_ids[change.row] for change in changes], pa.int64()
        )
        for field in self.row_id:
            columns[ROW_ID_PREFIX + field.name] = self.keys[field.name].take(numbers).combine_chunks()
        schema = pa.schema(
            [
                *COLUMNS,
                pa.field(MERGE_OPERATION, pa.int8(), nullable=False),
                pa.field(MERGE_CASE, pa.int32(), nullable=False),
                *(pa.field(ROW_ID_PREFIX + field.name, field.type) for field in self.row_id),
            ]
        )
        return pa.table(list(columns.values()), schema=schema)

    def merge(self, *streams: Sequence[Change]) -> Written:
        operation = self.begin()
        return operation.commit([operation.put(self.stream(changes)) for changes in streams])

    def has(self, expected: pa.Table, after: str, snapshot: str | None = None) -> None:
        self.scratch.has(self.name, expected, after, snapshot)


@contextmanager
def table_of(scratch: Scratch) -> Iterator[MergedTable]:
    """A table whose rows have ids, described by a holder that is released when the block ends."""
    scratch.need("merge", "insert")
    with scratch.table(HERE) as name, held(scratch) as holder:
        yield described(scratch, name, holder)


def described(scratch: Scratch, name: str, holder: str) -> MergedTable:
    description = describe(scratch, name, holder)
    table = scratch.described(name)
    row_id = tuple(description.get("row_id") or ())
    if not row_id:
        raise NotApplicable("rows of tables that are created have no ids")
    if any(column not in table.columns.names for column in row_id):
        raise Failure(
            told(protocol.DESCRIBE_TABLE, {"schema": scratch.schema, "table": name}),
            f"row_id: {list(row_id)}",
            "columns of the table",
        )
    columns = ["id", *(column for column in row_id if column != "id")]
    found = scratch.read(name, columns)
    ids = found["id"].cast(pa.int64()).to_pylist()
    return MergedTable(
        scratch,
        name,
        description.get("snapshot"),
        tuple(table.columns.field(column) for column in row_id),
        {number: index for index, number in enumerate(ids)},
        found,
    )


def describe(scratch: Scratch, name: str, holder: str) -> Json:
    body = {"schema": scratch.schema, "table": name, "holder": holder}
    try:
        results = scratch.source.wire.action(protocol.DESCRIBE_TABLE, protocol.encode(body))
    except Refused as refusal:
        raise Failure(told(protocol.DESCRIBE_TABLE, body), str(refusal), "the description") from None
    found: Json = protocol.decode(results[0], protocol.DESCRIBE_TABLE)
    return found


@contextmanager
def held(scratch: Scratch) -> Iterator[str]:
    holder = new_id()
    try:
        yield holder
    finally:
        scratch.source.answer(RELEASE, {"protocol": VERSION, "holder": holder})


def row_ids(scratch: Scratch) -> None:
    with table_of(scratch) as table:
        keys = table.keys.select([field.name for field in table.row_id])
        if len(set(rows_of(keys))) < keys.num_rows:
            raise Failure(
                f"a read of {keys.column_names}", "an id twice", "columns that tell a row from all others"
            )
        sent = f"a read of {keys.column_names} twice"
        again = scratch.read(table.name, keys.column_names)
        different = difference(again, keys)
        if different is not None:
            raise Failure(sent, f"other ids: {different}", "the same ids, as the table has not changed")


def without(*ids: int, found: pa.Table = HERE) -> pa.Table:
    return found.take(pa.array([number for number in range(10) if number not in ids], pa.int64()))


def with_values(changed: Mapping[int, Mapping[str, int]]) -> pa.Table:
    """The table with values of other rows in some columns, by the id of the row and that of the other."""
    found = HERE.to_pylist()
    for row in found:
        for column, other in changed.get(row["id"], {}).items():
            row[column] = rows(other, other + 1).to_pylist()[0][column]
    return pa.Table.from_pylist(found, schema=COLUMNS)


def merging(changes: Sequence[Sequence[Change]], expected: pa.Table) -> Callable[[Scratch], None]:
    """A check of one merge: its streams, and the table after it."""

    def check(scratch: Scratch) -> None:
        with table_of(scratch) as table:
            done = table.merge(*changes)
            count = sum(len(stream) for stream in changes)
            if done.rows != count:
                raise Failure(done.sent, f"rows: {done.rows}", f"{count}")
            table.has(expected, f"a merge of {count} rows")

    return check


def merge_again(scratch: Scratch) -> None:
    with table_of(scratch) as table:
        operation = table.begin()
        streams = [operation.put(table.stream([*deletes(3), *inserts(99)]))]
        first = operation.commit(streams)
        second = scratch.ask(COMMIT, operation.committing(streams))
        if second != first:
            came = f"refused, {second.reason}" if second.reason else f"{second.rows} rows"
            raise Failure(f"twice {first.sent}", f"{first.rows} rows, then {came}", "the same answer")
        table.has(pa.concat_tables([without(3), rows(99, 100)]), f"twice {first.sent}")


def invisible(scratch: Scratch) -> None:
    with table_of(scratch) as table:
        operation = table.begin()
        operation.put(table.stream([*deletes(3), *updates(row4=14), *inserts(99)]))
        table.has(HERE, "a merge that is not committed")
        operation.abort()
        table.has(HERE, "a merge that was aborted")


def need_snapshots(table: MergedTable) -> None:
    if table.snapshot is None:
        raise NotApplicable("the description names no snapshot, so changes since are not told")


def conflicting(
    ours: Sequence[Change], theirs: Sequence[Change], expected: pa.Table
) -> Callable[[Scratch], None]:
    """A check of a merge whose rows another one has changed since they were read."""

    def check(scratch: Scratch) -> None:
        with table_of(scratch) as table:
            need_snapshots(table)
            first, second = table.begin(), table.begin()
            first.commit([first.put(table.stream(theirs))])
            streams = [second.put(table.stream(ours))]
            refused_as(scratch.ask(COMMIT, second.committing(streams)), Reason.CONFLICT)
            table.has(expected, "a merge that was refused")

    return check


def late(scratch: Scratch) -> None:
    """Rows were read, then changed, and then the merge began."""
    with table_of(scratch) as table, held(scratch) as holder:
        need_snapshots(table)
        now = described(scratch, table.name, holder)
        now.merge(updates(row4=14))
        operation, body = table.beginning()
        written = scratch.ask(BEGIN_WRITE, body)
        if written.reason is None:
            streams = [operation.put(table.stream(deletes(4)))]
            written = scratch.ask(COMMIT, operation.committing(streams))
        refused_as(written, Reason.CONFLICT)
        table.has(with_values({4: {"note": 14}}), "a merge that was refused")


def need_states(scratch: Scratch) -> None:
    scratch.need("insert")
    if not scratch.source.capabilities.snapshots:
        raise NotApplicable("snapshots is not declared")


def state_of(scratch: Scratch, name: str, holder: str) -> str:
    found = describe(scratch, name, holder).get("snapshot")
    if not isinstance(found, str):
        raise Failure(f"a description of {name}", f"snapshot: {found!r}", "the name of a state")
    return found


def stable(scratch: Scratch) -> None:
    need_states(scratch)
    with scratch.table(HERE) as name, held(scratch) as holder:
        state = state_of(scratch, name, holder)
        for start in (10, 20, 30):
            scratch.insert(name, rows(start, start + 10))
            scratch.has(name, HERE, f"an insert, and a read of the state before it, {state}", state)
        scratch.has(name, rows(0, 40), "three inserts")


def dropped(scratch: Scratch) -> None:
    need_states(scratch)
    with scratch.table(HERE) as name, held(scratch) as holder:
        state = state_of(scratch, name, holder)
        command = scratch.described(name).command(COLUMNS.names) | {"snapshot": state}
        scratch.change("drop_table", schema=scratch.schema, table=name)
        sent = told("read", command)
        try:
            found = scratch.source.read(command).table
        except Refused as refusal:
            raise Failure(
                sent, str(refusal), "the rows of the state, whose table was dropped since"
            ) from None
        different = difference(found.select(COLUMNS.names).cast(COLUMNS), HERE)
        if different is not None:
            raise Failure(sent, f"other rows: {different}", "the rows of the state")


def planned(scratch: Scratch) -> None:
    """Of any source: the parts of a read that was planned give its state, or say that it has gone."""
    scratch.need("insert")
    with scratch.table(HERE) as name:
        subject = scratch.described(name)
        command = subject.command(COLUMNS.names)
        endpoints = scratch.source.plan(command).endpoints
        scratch.insert(name, rows(10, 20))
        sent = f"an insert, and tickets of before it, of {told('read', command)}"
        count = 0
        for endpoint in endpoints:
            try:
                count += scratch.source.read_endpoint(endpoint).count
            except Refused as refusal:
                if refusal.status != "INTERNAL":
                    raise Failure(sent, str(refusal), "the rows of before, or INTERNAL") from None
                return
        if count != HERE.num_rows:
            raise Failure(sent, f"{count} rows", f"the {HERE.num_rows} of before, or INTERNAL")


def check(
    name: str,
    says: str,
    run: Callable[[Scratch], None],
    section: str = "Changing rows",
    severity: Severity = Severity.WRONG_ROWS,
) -> Check[Scratch]:
    return Check(name, says, section, severity, run)


MERGES = Group(
    "merges",
    "Changes of rows",
    of_writes=(
        check("row_ids", "The row id tells a row from all others, and stays while nothing changes", row_ids),
        check("delete", "A merge deletes the rows of these ids", merging([deletes(3, 7)], without(3, 7))),
        check(
            "update",
            "An update sets the columns of its case alone",
            merging([updates(row4=14, row5=15)], with_values({4: {"note": 14}, 5: {"note": 15}})),
        ),
        check(
            "cases",
            "Updates of several cases set the columns of theirs",
            merging(
                [[*updates(row4=14), *updates(AMOUNT, row6=16)]],
                with_values({4: {"note": 14}, 6: {"amount": 16, "note": 16}}),
            ),
        ),
        check(
            "insert",
            "A merge inserts rows",
            merging([inserts(98, 99)], pa.concat_tables([HERE, rows(98, 100)])),
        ),
        check(
            "together",
            "A merge inserts, deletes and updates at once, in several streams",
            merging(
                [[*deletes(3), *inserts(99)], updates(row4=14), [*deletes(7), *inserts(98)]],
                pa.concat_tables([without(3, 7, found=with_values({4: {"note": 14}})), rows(98, 100)]),
            ),
        ),
        check("invisible", "Changes that are staged are invisible until the commit", invisible),
        check(
            "again",
            "A merge that is committed again has the same answer, and changes nothing more",
            merge_again,
        ),
        check(
            "changed",
            "A merge of a row that was updated since is refused as conflict, with all of its rows",
            conflicting([*deletes(4), *inserts(99)], updates(row4=14), with_values({4: {"note": 14}})),
        ),
        check(
            "gone",
            "A merge of a row that was deleted since is refused as conflict, with all of its rows",
            conflicting([*updates(row4=14), *inserts(99)], deletes(4), without(4)),
        ),
        check("late", "A merge of rows that were changed before it began is refused as conflict", late),
    ),
)

STATES = Group(
    "states",
    "Reads while rows are written",
    of_writes=(
        check(
            "stable", "Reads of a snapshot see one state, whatever is committed meanwhile", stable, "Reading"
        ),
        check("dropped", "Reads of a snapshot see a table that was dropped since", dropped, "Reading"),
        check(
            "planned",
            "A read that was planned before a commit gives the rows of before, or fails",
            planned,
            "Reading",
        ),
    ),
)
