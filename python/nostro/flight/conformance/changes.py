"""Checks of changes of schemas and tables: on those that they create themselves."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa

from nostro.flight.change_messages import CHANGE, arrow_schema_text
from nostro.flight.changes import Reason
from nostro.flight.column_types import comment_of, with_comment
from nostro.flight.conformance.checks import Check, Failure, Group, Severity, each
from nostro.flight.conformance.scratch import (
    COLUMNS,
    Scratch,
    drop_schema,
    invalid,
    made,
    new_id,
    refused_as,
    rows,
)
from nostro.flight.conformance.subjects import TableUnderCheck, told
from nostro.flight.conformance.wire import Refused
from nostro.flight.protocol import Json

COMMENT = "what a check wrote: it's gone soon"
ROWS = rows(0, 10)


def visible_columns(table: TableUnderCheck) -> list[str]:
    return [
        name
        for name in table.columns.names
        if (table.columns.field(name).metadata or {}).get(b"nostro.hidden") != b"true"
    ]


def listed(scratch: Scratch, table: str, *, there: bool, after: str, schema: str | None = None) -> None:
    """Whether a table is listed and described, or neither."""
    where = schema or scratch.schema
    if (table in scratch.tables(where)) != there:
        raise Failure(after, f"{where}.{table} is {'not ' if there else ''}listed", "the opposite")
    try:
        scratch.source.describe(where, table)
    except Refused as refusal:
        if there or refusal.status != "NOT_FOUND":
            raise Failure(
                after, f"a description of {where}.{table}: {refusal}", "the state after it"
            ) from None
        return
    if not there:
        raise Failure(after, f"{where}.{table} is described still", "NOT_FOUND")


def create_schema(scratch: Scratch) -> None:
    scratch.need("create_schema", "drop_schema")
    schema = scratch.name("schema")
    try:
        done = scratch.change("create_schema", schema=schema)
        if schema not in scratch.source.schemas():
            raise Failure(done.sent, "a list of schemas without it", "a list with it")
        if scratch.source.tables(schema):
            raise Failure(done.sent, "a schema with tables", "an empty one")
        scratch.refused(Reason.ALREADY_EXISTS, "create_schema", schema=schema)
    finally:
        drop_schema(scratch, schema)


def drop_schemas(scratch: Scratch) -> None:
    scratch.need("create_schema", "drop_schema")
    schema = scratch.name("schema")
    try:
        scratch.change("create_schema", schema=schema)
        scratch.change(
            "create_table", schema=schema, table=scratch.name(), columns=arrow_schema_text(COLUMNS)
        )
        scratch.refused(Reason.NOT_EMPTY, "drop_schema", schema=schema, cascade=False)
        if len(scratch.tables(schema)) != 1:
            raise Failure("drop_schema without cascade", "other tables than before", "the schema as it was")
        done = scratch.change("drop_schema", schema=schema, cascade=True)
        if schema in scratch.source.schemas():
            raise Failure(done.sent, "a list of schemas with it", "a list without it")
        scratch.refused(Reason.NOT_FOUND, "drop_schema", schema=schema, cascade=True)
    finally:
        drop_schema(scratch, schema)


def rename_schema(scratch: Scratch) -> None:
    scratch.need("create_schema", "drop_schema", "rename_schema")
    schema, new_schema = scratch.name("schema"), scratch.name("schema")
    table = scratch.name()
    try:
        scratch.change("create_schema", schema=schema)
        scratch.change("create_table", schema=schema, table=table, columns=arrow_schema_text(COLUMNS))
        done = scratch.change("rename_schema", schema=schema, new_schema=new_schema)
        schemas = scratch.source.schemas()
        if schema in schemas or new_schema not in schemas:
            raise Failure(done.sent, "a list of schemas with the old name, or without the new", "the new one")
        listed(scratch, table, there=True, after=done.sent, schema=new_schema)
    finally:
        drop_schema(scratch, schema)
        drop_schema(scratch, new_schema)


def create_table(scratch: Scratch) -> None:
    columns = pa.schema(
        [
            COLUMNS.field("id").with_nullable(False),
            with_comment(COLUMNS.field("amount"), COMMENT),
            COLUMNS.field("note"),
        ]
    )
    name = scratch.name()
    with scratch.dropping(name):
        done = scratch.create(name, columns, comment=COMMENT)
        listed(scratch, name, there=True, after=done.sent)
        table = scratch.described(name)
        if visible_columns(table) != columns.names:
            raise Failure(done.sent, f"the columns {visible_columns(table)}", f"{columns.names}")
        scratch.has(name, columns.empty_table(), done.sent)
        # a source that has no place for comments keeps none
        told_comment = table.description["table"].get("comment")
        if told_comment not in (None, COMMENT):
            raise Failure(done.sent, f"the comment {told_comment!r}", COMMENT)
        told_comment = comment_of(table.columns.field("amount"))
        if told_comment not in (None, COMMENT):
            raise Failure(done.sent, f"the comment of amount {told_comment!r}", COMMENT)


def create_again(scratch: Scratch) -> None:
    with scratch.table(ROWS if "insert" in scratch.changes else None) as name:
        body = {"schema": scratch.schema, "table": name, "columns": arrow_schema_text(COLUMNS)}
        scratch.refused(Reason.ALREADY_EXISTS, "create_table", **body)
        if "insert" in scratch.changes:
            scratch.has(name, ROWS, "create_table of a table that is there")


def replace(scratch: Scratch) -> None:
    other = pa.schema({"other": pa.string()})
    with scratch.table(ROWS if "insert" in scratch.changes else None) as name:
        written = scratch.ask(
            CHANGE,
            scratch.message(
                "create_table",
                schema=scratch.schema,
                table=name,
                columns=arrow_schema_text(other),
                replace=True,
            ),
        )
        if written.reason is not None:
            # with replace it may take a table's place, and need not
            refused_as(written, Reason.UNSUPPORTED)
            return
        if visible_columns(scratch.described(name)) != other.names:
            raise Failure(written.sent, "the columns of before", "those of the new table")
        scratch.has(name, other.empty_table(), written.sent)


def drop_table(scratch: Scratch) -> None:
    with scratch.table() as name:
        done = scratch.change("drop_table", schema=scratch.schema, table=name)
        listed(scratch, name, there=False, after=done.sent)
        scratch.refused(Reason.NOT_FOUND, "drop_table", schema=scratch.schema, table=name)


def rename_table(scratch: Scratch) -> None:
    scratch.need("rename_table", "insert")
    new_name = scratch.name()
    with scratch.table(ROWS) as name, scratch.table() as taken, scratch.dropping(new_name):
        where: Json = {"schema": scratch.schema, "table": name}
        scratch.refused(Reason.ALREADY_EXISTS, "rename_table", **where, new_table=taken)
        done = scratch.change("rename_table", **where, new_table=new_name)
        listed(scratch, name, there=False, after=done.sent)
        scratch.has(new_name, ROWS, done.sent)


def move_table(scratch: Scratch) -> None:
    scratch.need("move_table", "create_schema", "drop_schema")
    new_schema, new_name = scratch.name("schema"), scratch.name()
    try:
        scratch.change("create_schema", schema=new_schema)
        with scratch.table() as name:
            done = scratch.change(
                "move_table", schema=scratch.schema, table=name, new_schema=new_schema, new_table=new_name
            )
            listed(scratch, name, there=False, after=done.sent)
            listed(scratch, new_name, there=True, after=done.sent, schema=new_schema)
    finally:
        drop_schema(scratch, new_schema)


def add_column(scratch: Scratch) -> None:
    scratch.need("add_column", "insert")
    with scratch.table(ROWS) as name:
        where: Json = {"schema": scratch.schema, "table": name}
        done = scratch.change(
            "add_column", **where, columns=arrow_schema_text(pa.schema({"more": pa.string()}))
        )
        if visible_columns(scratch.described(name)) != [*COLUMNS.names, "more"]:
            raise Failure(done.sent, "other columns", "the columns of before, and the new one at the end")
        scratch.has(name, ROWS.append_column("more", pa.nulls(ROWS.num_rows, pa.string())), done.sent)
        taken = arrow_schema_text(pa.schema({"note": pa.string()}))
        scratch.refused(Reason.ALREADY_EXISTS, "add_column", **where, columns=taken)


def drop_column(scratch: Scratch) -> None:
    scratch.need("drop_column", "insert")
    with scratch.table(ROWS) as name:
        where: Json = {"schema": scratch.schema, "table": name}
        done = scratch.change("drop_column", **where, column="amount")
        if visible_columns(scratch.described(name)) != ["id", "note"]:
            raise Failure(done.sent, "other columns", "the other columns of before")
        scratch.has(name, ROWS.select(["id", "note"]), done.sent)
        scratch.refused(Reason.NOT_FOUND, "drop_column", **where, column="amount")


def rename_column(scratch: Scratch) -> None:
    scratch.need("rename_column", "insert")
    with scratch.table(ROWS) as name:
        where: Json = {"schema": scratch.schema, "table": name}
        done = scratch.change("rename_column", **where, column="note", new_column="remark")
        if visible_columns(scratch.described(name)) != ["id", "amount", "remark"]:
            raise Failure(done.sent, "other columns", "the columns of before, one by its new name")
        scratch.has(name, ROWS.rename_columns(["id", "amount", "remark"]), done.sent)
        scratch.refused(Reason.ALREADY_EXISTS, "rename_column", **where, column="id", new_column="remark")


def comment_table(scratch: Scratch) -> None:
    scratch.need("comment_table")
    with scratch.table() as name:
        for text in (COMMENT, None):
            done = scratch.change("comment_table", schema=scratch.schema, table=name, comment=text)
            found = scratch.described(name).description["table"].get("comment")
            if found != text:
                raise Failure(done.sent, f"the comment {found!r}", f"{text!r}")


def comment_column(scratch: Scratch) -> None:
    scratch.need("comment_column")
    with scratch.table() as name:
        where: Json = {"schema": scratch.schema, "table": name, "column": "note"}
        for text in (COMMENT, None):
            done = scratch.change("comment_column", **where, comment=text)
            found = comment_of(scratch.described(name).columns.field("note"))
            if found != text:
                raise Failure(done.sent, f"the comment {found!r}", f"{text!r}")


def truncate(scratch: Scratch) -> None:
    scratch.need("truncate", "insert")
    with scratch.table(ROWS) as name:
        done = scratch.change("truncate", schema=scratch.schema, table=name)
        scratch.has(name, COLUMNS.empty_table(), done.sent)
        scratch.insert(name, ROWS)
        scratch.has(name, ROWS, "an insert after the truncate")


def delete(scratch: Scratch) -> None:
    scratch.need("delete", "insert")
    with scratch.table(ROWS) as name:
        where: Json = {"schema": scratch.schema, "table": name}
        # a note is NULL in the third row
        parts = [
            {"column": "id", "ranges": [{"high": {"value": "5", "inclusive": False}}]},
            {"column": "note", "null_allowed": False, "ranges": [{}]},
        ]
        body = scratch.message("delete", None, **where, predicate={"columns": parts})
        kept = pa.concat_tables([rows(2, 3), rows(5, 10)])
        for _ in range(2):
            done = made(scratch.ask(CHANGE, body))
            if done.rows != ROWS.num_rows - kept.num_rows:
                raise Failure(done.sent, f"rows: {done.rows}", f"{ROWS.num_rows - kept.num_rows}")
            scratch.has(name, kept, done.sent)
        scratch.insert(name, rows(0, 1))
        made(scratch.ask(CHANGE, body))
        scratch.has(name, pa.concat_tables([kept, rows(0, 1)]), f"an insert, and again {done.sent}")
        done = scratch.change("delete", **where)
        scratch.has(name, COLUMNS.empty_table(), done.sent)


def again(scratch: Scratch) -> None:
    """What a client does whose answer was lost."""
    name, operation = scratch.name(), new_id()
    with scratch.dropping(name):
        body = scratch.message(
            "create_table",
            operation,
            schema=scratch.schema,
            table=name,
            columns=arrow_schema_text(COLUMNS),
        )
        first = made(scratch.ask(CHANGE, body))
        second = scratch.ask(CHANGE, body)
        if second != first:
            came = f"then refused, {second.reason}" if second.reason else f"then {second.rows} rows"
            raise Failure(f"twice {first.sent}", came, "the same answer both times")
        scratch.change("drop_table", schema=scratch.schema, table=name)
        made(scratch.ask(CHANGE, body))
        if name in scratch.tables():
            raise Failure(f"three times {first.sent}", "a table that was dropped since", "the answer alone")


def absent_table(scratch: Scratch) -> None:
    absent: Json = {"schema": scratch.schema, "table": scratch.name("absent")}
    fields: dict[str, Json] = {
        "drop_table": absent,
        "truncate": absent,
        "delete": absent,
        "rename_table": absent | {"new_table": scratch.name()},
        "add_column": absent | {"columns": arrow_schema_text(pa.schema({"more": pa.string()}))},
        "drop_column": absent | {"column": "id"},
        "rename_column": absent | {"column": "id", "new_column": "number"},
        "comment_table": absent | {"comment": None},
        "comment_column": absent | {"column": "id", "comment": None},
    }

    def try_one(type: str) -> None:
        body = scratch.message(type, None, **fields[type])
        try:
            refused_as(scratch.ask(CHANGE, body), Reason.NOT_FOUND)
        except Failure as failure:
            if not failure.came.startswith("NOT_FOUND"):
                raise

    each([type for type in fields if type in scratch.changes], try_one)


def unknown_type(scratch: Scratch) -> None:
    invalid(scratch, CHANGE, scratch.message("nostro_source_check", None, schema=scratch.schema))


def bad_messages(scratch: Scratch) -> None:
    name = scratch.name()
    good = scratch.message(
        "create_table", None, schema=scratch.schema, table=name, columns=arrow_schema_text(COLUMNS)
    )
    wrong: list[Json] = [
        good | {"operation": ""},
        good | {"operation": "a/b"},
        good | {"operation": "x" * 129},
        good | {"operation": None},
        good | {"protocol": 1_000_000},
        good | {"columns": "no schema"},
        good | {"table": None},
    ]
    with scratch.dropping(name):
        each(wrong, lambda body: invalid(scratch, CHANGE, body), lambda body: told(CHANGE, body))
        if name in scratch.tables():
            raise Failure("a message that is not as described", "a table", "no change")


def change(
    name: str, says: str, run: Callable[[Scratch], None], severity: Severity = Severity.FAILING_QUERIES
) -> Check[Scratch]:
    return Check(name, says, "Changing", severity, run)


GROUP = Group(
    "changes",
    "Changes of schemas and tables",
    of_writes=(
        change(
            "create_schema", "A schema that is created is listed, and cannot be created again", create_schema
        ),
        change("drop_schema", "A schema is dropped with its tables only if cascade says so", drop_schemas),
        change("rename_schema", "A schema that is renamed has its tables under the new name", rename_schema),
        change(
            "create_table",
            "A table that is created has the columns that were named, and no rows",
            create_table,
        ),
        change(
            "create_again",
            "A table that is there already is not created, and stays as it is",
            create_again,
            Severity.WRONG_ROWS,
        ),
        change("replace", "With replace a table takes the place of one that is there", replace),
        change("drop_table", "A table that is dropped is gone", drop_table),
        change(
            "rename_table",
            "A table that is renamed has its rows, and takes no other one's name",
            rename_table,
        ),
        change("move_table", "A table that is moved to another schema is there alone", move_table),
        change(
            "add_column",
            "A column that is added is the last one, and NULL in the rows that are there",
            add_column,
        ),
        change("drop_column", "A column that is dropped is gone, and the others stay", drop_column),
        change(
            "rename_column",
            "A column that is renamed has its values, and takes no other one's name",
            rename_column,
        ),
        change("comment_table", "A table's comment is what was set last, and null removes it", comment_table),
        change(
            "comment_column", "A column's comment is what was set last, and null removes it", comment_column
        ),
        change(
            "truncate",
            "A table that is truncated has no rows, and takes new ones",
            truncate,
            Severity.WRONG_ROWS,
        ),
        change(
            "delete",
            "A delete takes the rows away that satisfy its predicate, without one all, and once",
            delete,
            Severity.WRONG_ROWS,
        ),
        change(
            "again",
            "An operation that was made is not made again, and has the same answer",
            again,
            Severity.WRONG_ROWS,
        ),
        change(
            "absent_table",
            "Changes of a table that is not there are refused as not_found",
            absent_table,
        ),
        change(
            "unknown_type",
            "A type of change that is unknown is INVALID_ARGUMENT",
            unknown_type,
            Severity.HIDDEN_MISTAKES,
        ),
        change(
            "bad_messages",
            "A change whose message is not as described is INVALID_ARGUMENT",
            bad_messages,
            Severity.HIDDEN_MISTAKES,
        ),
    ),
)
