"""Checks of rows that are staged and committed, in tables that the checks create themselves."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pyarrow as pa

from nostro.flight.change_messages import ABORT, BEGIN_WRITE, COMMIT, StagedStream, StreamEnd
from nostro.flight.changes import Reason
from nostro.flight.conformance.checks import Check, Failure, Group, NotApplicable, Severity, each
from nostro.flight.conformance.scratch import (
    COLUMNS,
    VERSION,
    Operation,
    Scratch,
    ending,
    invalid,
    made,
    new_id,
    refused_as,
    rows,
)
from nostro.flight.conformance.subjects import refused, told
from nostro.flight.conformance.wire import Refused

HERE = rows(0, 10)
MORE = rows(10, 20)
BOTH = pa.concat_tables([HERE, MORE])
EMPTY = COLUMNS.empty_table()
SECOND = datetime.datetime(2025, 5, 2, 18, 0, 0, 123456)

VALUES: tuple[pa.Table, ...] = tuple(
    pa.table({"value": pa.array(values, type)})
    for type, values in (
        (pa.bool_(), [True, False, None]),
        (pa.int32(), [0, -(2**31), 2**31 - 1, None]),
        (pa.int64(), [0, -(2**63), 2**63 - 1, None]),
        (pa.float64(), [0.0, -0.0, float("nan"), float("-inf"), 5e-324, 1.7e308, None]),
        (pa.decimal128(38, 10), [Decimal(10) ** 27 + Decimal("0.0000000001"), Decimal("-0.1"), None]),
        (pa.string(), ["", "Zürich 💶", "a\x00b", " ", None]),
        (pa.binary(), [b"", b"\x00\xff", None]),
        (pa.date32(), [datetime.date(1, 1, 1), datetime.date(9999, 12, 31), None]),
        (pa.timestamp("us"), [SECOND, datetime.datetime(1969, 12, 31, 23, 59, 59, 999999), None]),
        (pa.timestamp("us", "UTC"), [SECOND.replace(tzinfo=datetime.UTC), None]),
        (pa.list_(pa.int64()), [[1, None], [], None]),
        (pa.struct({"a": pa.bool_(), "b": pa.string()}), [{"a": True, "b": None}, None]),
    )
)


def insert(scratch: Scratch) -> None:
    scratch.need("insert")
    with scratch.table(HERE) as name:
        operation = scratch.begin(name)
        parts = [MORE.slice(start, 4) for start in range(0, MORE.num_rows, 4)]
        done = operation.commit([operation.put(part) for part in parts])
        if done.rows != MORE.num_rows:
            raise Failure(done.sent, f"rows: {done.rows}", f"{MORE.num_rows}")
        scratch.has(name, BOTH, done.sent)


def staged(scratch: Scratch) -> None:
    scratch.need("insert")
    with scratch.table() as name:
        operation, stream = scratch.begin(name), new_id()
        # of two batches, whose checksum is one
        found, wanted = operation.put(BOTH, stream), ending(BOTH)
        operation.abort()
    expected = StagedStream(stream, wanted.rows, wanted.crc32)
    if found != expected:
        raise Failure(f"DoPut of the stream {stream}", f"{found.to_json()}", f"{expected.to_json()}")


def invisible(scratch: Scratch) -> None:
    scratch.need("insert")
    with scratch.table(HERE) as name:
        operation = scratch.begin(name)
        operation.put(MORE)
        scratch.has(name, HERE, "rows that are staged, and not committed")
        operation.abort()


def some_columns(scratch: Scratch) -> None:
    scratch.need("insert")
    with scratch.table() as name:
        part = HERE.select(["note", "id"])
        scratch.insert(name, part)
        expected = HERE.set_column(1, "amount", pa.nulls(HERE.num_rows, COLUMNS.field("amount").type))
        scratch.has(name, expected, "an insert of note and id")


def values(scratch: Scratch) -> None:
    scratch.need("insert")
    tried = 0

    def try_one(found: pa.Table) -> None:
        nonlocal tried
        name = scratch.name()
        with scratch.dropping(name):
            try:
                scratch.create(name, found.schema)
            except Failure as failure:
                # a source keeps what it can of a type, or refuses it
                if failure.came.startswith(f"refused, {Reason.UNSUPPORTED.value}"):
                    return
                raise
            if scratch.described(name).columns.field("value").type != found.schema.field(0).type:
                return
            tried += 1
            scratch.insert(name, found)
            scratch.has(name, found, f"an insert of values of {found.schema.field(0).type}")

    each(VALUES, try_one, lambda found: str(found.schema.field(0).type))
    if not tried:
        raise NotApplicable("every type becomes another one")


def create_table_as(scratch: Scratch) -> None:
    scratch.need("create_table_as")
    name = scratch.name()
    with scratch.dropping(name):
        operation = scratch.begin(name, type="create_table_as")
        streams = [operation.put(HERE), operation.put(MORE)]
        if name in scratch.tables():
            raise Failure("create_table_as that is not committed", "a table", "none until the commit")
        done = operation.commit(streams)
        scratch.has(name, BOTH, done.sent)
        other, body = scratch.beginning(name, type="create_table_as")
        refused_as(scratch.ask(BEGIN_WRITE, body), Reason.ALREADY_EXISTS)
        other.abort()


def no_streams(scratch: Scratch) -> None:
    scratch.need("insert")
    with scratch.table(HERE) as name:
        done = scratch.begin(name).commit([])
        if done.rows:
            raise Failure(done.sent, f"rows: {done.rows}", "0")
        scratch.has(name, HERE, done.sent)


def commit_again(scratch: Scratch) -> None:
    """What a client does whose answer was lost."""
    scratch.need("insert")
    with scratch.table(HERE) as name:
        operation = scratch.begin(name)
        streams = [operation.put(MORE)]
        first = operation.commit(streams)
        second = scratch.ask(COMMIT, operation.committing(streams))
        if second != first:
            came = f"refused, {second.reason}" if second.reason else f"{second.rows} rows"
            raise Failure(f"twice {first.sent}", f"{first.rows} rows, then {came}", "the same answer")
        scratch.has(name, BOTH, f"twice {first.sent}")


def begin_again(scratch: Scratch) -> None:
    scratch.need("insert")
    with scratch.table(HERE) as name:
        operation, body = scratch.beginning(name)
        made(scratch.ask(BEGIN_WRITE, body))
        streams = [operation.put(MORE)]
        made(scratch.ask(BEGIN_WRITE, body))
        done = operation.commit(streams)
        scratch.has(name, BOTH, f"a begin that was asked for twice, and {done.sent}")


def abort(scratch: Scratch) -> None:
    scratch.need("insert")
    with scratch.table(HERE) as name:
        operation = scratch.begin(name)
        streams = [operation.put(MORE)]
        operation.abort()
        operation.not_committed(streams)
        scratch.has(name, HERE, "a write that was aborted")


def abort_again(scratch: Scratch) -> None:
    scratch.need("insert")
    with scratch.table() as name:
        operation = scratch.begin(name)
        operation.abort()
        operation.abort()


def abort_committed(scratch: Scratch) -> None:
    scratch.need("insert")
    with scratch.table(HERE) as name:
        operation = scratch.begin(name)
        operation.commit([operation.put(MORE)])
        told_rows = operation.abort()
        scratch.has(name, BOTH, told_rows.sent)
        if told_rows.rows != MORE.num_rows:
            raise Failure(told_rows.sent, f"rows: {told_rows.rows}", f"{MORE.num_rows}, which are committed")


def unnamed_streams(scratch: Scratch) -> None:
    """Those of attempts that failed."""
    scratch.need("insert")
    with scratch.table(HERE) as name:
        operation = scratch.begin(name)
        operation.put(MORE)
        kept = operation.put(MORE)
        done = operation.commit([kept])
        scratch.has(name, BOTH, f"a stream that the commit does not name, and {done.sent}")


def unknown_streams(scratch: Scratch) -> None:
    scratch.need("insert")
    with scratch.table(HERE) as name:
        operation = scratch.begin(name)
        there = operation.put(MORE)
        operation.not_committed([there, replace(there, stream=new_id())])
        operation.abort()
        scratch.has(name, HERE, "a commit that names a stream which is not there")


def other_streams(scratch: Scratch) -> None:
    scratch.need("insert")
    with scratch.table(HERE) as name:
        operation = scratch.begin(name)
        there = operation.put(MORE)
        wrong = [replace(there, rows=there.rows + 1), replace(there, crc32=there.crc32 ^ 1)]
        each(wrong, lambda stream: operation.not_committed([stream]))
        operation.abort()
        scratch.has(name, HERE, "a commit that names a stream with other rows or another checksum")


def stream_twice(scratch: Scratch) -> None:
    """A stream that is sent twice, and one that is named twice, counts once or is refused."""
    scratch.need("insert")
    with scratch.table(HERE) as name:
        operation, stream = scratch.begin(name), new_id()
        there = operation.put(MORE, stream)
        try:
            operation.send(MORE, stream, ending(MORE))
        except Refused as refusal:
            if refusal.status != "INVALID_ARGUMENT":
                raise
        try:
            scratch.ask(COMMIT, operation.committing([there, there]))
        except Failure as failure:
            if not failure.came.startswith("INVALID_ARGUMENT"):
                raise
        operation.commit([there])
        scratch.has(name, BOTH, "a stream that was sent twice, and named twice by the commit")


def wrong_end(change: Callable[[StreamEnd], StreamEnd | None], what: str) -> Callable[[Scratch], None]:
    """A check of a stream whose end is not right: it is refused, and leaves nothing."""

    def check(scratch: Scratch) -> None:
        scratch.need("insert")
        with scratch.table(HERE) as name:
            operation, stream = scratch.begin(name), new_id()
            right = ending(MORE)
            refused(
                lambda: operation.send(MORE, stream, change(right)),
                ["INVALID_ARGUMENT"],
                f"DoPut of {MORE.num_rows} rows {what}",
            )
            operation.not_committed([StagedStream(stream, right.rows, right.crc32)])
            operation.abort()
            scratch.has(name, HERE, f"a stream {what}")

    return check


def other_columns(scratch: Scratch) -> None:
    scratch.need("insert")
    with scratch.table() as name:
        operation = scratch.begin(name)

        def try_one(found: pa.Table) -> None:
            refused(
                lambda: operation.send(found, new_id(), ending(found)),
                ["INVALID_ARGUMENT"],
                f"DoPut with the columns {found.schema.names}, {found.schema.types}",
            )

        as_text = HERE.set_column(0, "id", HERE["id"].cast(pa.string()))
        each([HERE.select(["id"]), as_text, HERE.rename_columns(["id", "amount", "other"])], try_one)
        operation.abort()


def not_begun(scratch: Scratch) -> None:
    scratch.need("insert")
    operation = Operation(scratch, new_id(), COLUMNS)
    operation.not_committed([])
    refused(
        lambda: operation.send(HERE, new_id(), ending(HERE)),
        ["INVALID_ARGUMENT"],
        "DoPut of an operation that was not begun",
    )


def absent_table(scratch: Scratch) -> None:
    scratch.need("insert")
    operation, body = scratch.beginning(scratch.name("absent"))
    sent = told(BEGIN_WRITE, body)
    try:
        written = scratch.ask(BEGIN_WRITE, body)
    except Failure as failure:
        if failure.came.startswith("NOT_FOUND"):
            return
        raise
    if written.reason == Reason.NOT_FOUND.value:
        return
    operation.abort()
    raise Failure(sent, written.reason or "an answer", "NOT_FOUND, or refused as not_found")


def absent_column(scratch: Scratch) -> None:
    scratch.need("insert")
    with scratch.table() as name:
        _, body = scratch.beginning(name, pa.schema({"absent": pa.int64()}))
        invalid(scratch, BEGIN_WRITE, body)


def constraint(scratch: Scratch) -> None:
    scratch.need("insert")
    strict = pa.schema([COLUMNS.field("id").with_nullable(False), *list(COLUMNS)[1:]])
    with scratch.table(columns=strict) as name:
        if scratch.described(name).columns.field("id").nullable:
            raise NotApplicable("the source keeps no NOT NULL")
        operation = scratch.begin(name)
        broken = HERE.set_column(0, "id", pa.array([*range(9), None], pa.int64()))
        streams = [operation.put(HERE), operation.put(broken)]
        refused_as(scratch.ask(COMMIT, operation.committing(streams)), Reason.CONSTRAINT)
        scratch.has(name, EMPTY, "a commit of rows, one of which has NULL where none may be")
        operation.abort()


def bad_messages(scratch: Scratch) -> None:
    scratch.need("insert")
    with scratch.table() as name:
        _, body = scratch.beginning(name)
        wrong = [
            (BEGIN_WRITE, body | {"type": "nostro_source_check"}),
            (BEGIN_WRITE, body | {"operation": "a/b"}),
            (BEGIN_WRITE, body | {"protocol": 1_000_000}),
            (COMMIT, {"protocol": VERSION, "operation": "a/b", "streams": []}),
            (COMMIT, {"protocol": VERSION, "operation": new_id(), "streams": [{"stream": "s"}]}),
            (ABORT, {"protocol": VERSION}),
        ]
        each(wrong, lambda asked: invalid(scratch, *asked), lambda asked: told(*asked))


def write(
    name: str, says: str, run: Callable[[Scratch], None], severity: Severity = Severity.WRONG_ROWS
) -> Check[Scratch]:
    return Check(name, says, "Writing rows", severity, run)


GROUP = Group(
    "writes",
    "Writes of rows",
    of_writes=(
        write(
            "insert",
            "A commit makes the rows of the streams that it names visible, and says how many",
            insert,
        ),
        write(
            "staged",
            "A stream that is staged is answered with its name, its rows and its checksum",
            staged,
            Severity.FAILING_QUERIES,
        ),
        write("invisible", "Rows that are staged are invisible until the commit", invisible),
        write("some_columns", "Columns that an insert leaves out get their default, here NULL", some_columns),
        write("values", "Values of each type are read as they were written", values),
        write(
            "create_table_as",
            "A table that is created with its rows appears with the commit",
            create_table_as,
        ),
        write("no_streams", "A commit of no streams writes nothing", no_streams),
        write(
            "commit_again",
            "A commit that is asked for again has the same answer, and writes nothing more",
            commit_again,
        ),
        write(
            "begin_again",
            "A begin that is asked for again goes on with what is staged",
            begin_again,
            Severity.FAILING_QUERIES,
        ),
        write("abort", "A write that is aborted leaves nothing, and cannot be committed", abort),
        write(
            "abort_again",
            "A write can be aborted again",
            abort_again,
            Severity.FAILING_QUERIES,
        ),
        write(
            "abort_committed",
            "A write that is committed stays so, and the abort has its rows",
            abort_committed,
        ),
        write("unnamed_streams", "Streams that the commit does not name are not written", unnamed_streams),
        write(
            "unknown_streams",
            "A commit that names a stream which is not there writes nothing",
            unknown_streams,
        ),
        write(
            "other_streams",
            "A commit that names a stream with other rows or another checksum writes nothing",
            other_streams,
        ),
        write("stream_twice", "A stream that is sent or named twice counts once", stream_twice),
        write(
            "checksum",
            "A stream with another checksum than its end says is refused",
            wrong_end(lambda end: replace(end, crc32=end.crc32 ^ 1), "with a checksum that is not theirs"),
        ),
        write(
            "number_of_rows",
            "A stream with another number of rows than its end says is refused",
            wrong_end(lambda end: replace(end, rows=end.rows - 1), "with another number of rows in its end"),
        ),
        write(
            "unfinished",
            "A stream that ends without its last message leaves nothing",
            wrong_end(lambda _: None, "without its last message"),
        ),
        write(
            "other_columns",
            "A stream with other columns than the write's is INVALID_ARGUMENT",
            other_columns,
        ),
        write(
            "not_begun",
            "A commit and a stream of an operation that was not begun are INVALID_ARGUMENT",
            not_begun,
        ),
        write(
            "absent_table",
            "A write of a table that is not there is refused",
            absent_table,
            Severity.HIDDEN_MISTAKES,
        ),
        write(
            "absent_column",
            "A write of a column that is not there is INVALID_ARGUMENT",
            absent_column,
            Severity.HIDDEN_MISTAKES,
        ),
        write(
            "constraint",
            "Rows that break a rule of the table are refused as constraint, all of the write's",
            constraint,
        ),
        write(
            "bad_messages",
            "A message of a write that is not as described is INVALID_ARGUMENT",
            bad_messages,
            Severity.HIDDEN_MISTAKES,
        ),
    ),
)
