"""Checks of reads without a predicate: columns, their order, schemas, and the values themselves."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from nostro.flight import protocol
from nostro.flight.conformance.checks import Check, Failure, Group, NotApplicable, Severity, each
from nostro.flight.conformance.rows import difference, is_text
from nostro.flight.conformance.subjects import Rows, TableUnderCheck, refused, told
from nostro.flight.conformance.types import Unsupported, declared_length, trino_type
from nostro.flight.conformance.wire import Refused
from nostro.flight.protocol import Json


def all_columns(table: TableUnderCheck) -> None:
    command = table.command()
    try:
        rows = table.source.read(command)
    except Refused as refusal:
        raise Failure(told("read", command), str(refusal), "the table's rows") from None
    if rows.schema.names != table.columns.names:
        raise Failure(
            told("read", command),
            f"the columns {protocol.listed(rows.schema.names) or 'none'}",
            f"those described: {protocol.listed(table.columns.names)}",
        )


def planned_schema(table: TableUnderCheck) -> None:
    check_schemas(table, lambda command: table.source.plan(command).schema, "the plan's schema")


def streamed_schema(table: TableUnderCheck) -> None:
    def schema_of(command: Json) -> pa.Schema | None:
        planned = table.source.plan(command)
        if not planned.endpoints:
            return None
        try:
            with table.source.wire.stream(planned.endpoints[0]) as stream:
                return stream.schema
        except Refused:
            return None

    check_schemas(table, schema_of, "the stream's schema")


def check_schemas(table: TableUnderCheck, schema_of: Callable[[Json], pa.Schema | None], what: str) -> None:
    """Whether the schema of reads of all columns, of each and of none is the described one."""

    def try_one(columns: Sequence[str]) -> None:
        command = table.command(columns)
        found = schema_of(command)
        expected = [table.columns.field(name) for name in command["columns"]]
        if found is None:
            return
        if found.names != command["columns"]:
            raise Failure(
                told("read", command), f"{what}: {protocol.listed(found.names) or 'no columns'}", "those"
            )
        for field, described in zip(found, expected, strict=True):
            if not field.equals(described, check_metadata=True):
                raise Failure(
                    told("read", command),
                    f"{what}: {field_text(field)}",
                    f"as described: {field_text(described)}",
                )

    single = [(name,) for name in table.some_columns] if table.capabilities.projection else []
    nothing: list[tuple[str, ...]] = [()] if table.capabilities.projection else []
    each([tuple(table.columns.names), *single, *nothing], try_one, protocol.listed)


def field_text(field: pa.Field) -> str:
    metadata = {key.decode("utf-8", "replace"): value for key, value in (field.metadata or {}).items()}
    return f"{field.name} {field.type}{'' if field.nullable else ' not null'}{metadata or ''}"


def values(table: TableUnderCheck) -> None:
    sent = told("read", table.command())
    rows = table.unvalidated.table

    def try_one(name: str) -> None:
        column = rows[name]
        try:
            column.validate(full=True)
        except (pa.ArrowException, ValueError) as error:
            raise Failure(sent, f"column {name}: {error}", f"values of {column.type}") from None
        if not table.columns.field(name).nullable and column.null_count:
            raise Failure(sent, f"{column.null_count:,} NULLs in {name}", "none: it is described as not null")

    each(table.columns.names, try_one)


def declared_values(table: TableUnderCheck) -> None:
    rows = table.sample
    held = {name: named for name in table.columns.names if (named := narrowed(table.columns.field(name)))}
    if not held:
        raise NotApplicable("no column is declared to be narrower than its Arrow type")

    def try_one(name: str) -> None:
        worst = first_unfit(rows.table[name], held[name])
        if worst is not None:
            raise Failure(told("read", table.command()), f"{name}: {worst!r}", f"values of {held[name]}")

    each(held, try_one)


def narrowed(field: pa.Field) -> str | None:
    """The Trino type of a text column that holds less than any text."""
    type = field.type.storage_type if isinstance(field.type, pa.BaseExtensionType) else field.type
    if not is_text(type):
        return None
    try:
        named = trino_type(field)
    except Unsupported:
        return None
    return None if named == "varchar" else named


def first_unfit(column: pa.ChunkedArray, named: str) -> str | None:
    if isinstance(column.type, pa.BaseExtensionType):
        column = pa.chunked_array([chunk.storage for chunk in column.chunks], column.type.storage_type)
    if named == "json":
        return next((text for text in column.to_pylist() if text is not None and not is_json(text)), None)
    length = declared_length(named) or 0
    lengths = pc.utf8_length(column.cast(pa.large_string()))
    longest = pc.max(lengths).as_py() or 0
    if longest <= length:
        return None
    return str(column[pc.index(lengths, longest).as_py()].as_py())


def is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def each_column(table: TableUnderCheck) -> None:
    need_projection(table)

    def try_one(name: str) -> None:
        compare(table, [name])

    each(table.some_columns, try_one)


def other_order(table: TableUnderCheck) -> None:
    need_projection(table)
    names = table.columns.names
    if len(names) < 2:
        raise NotApplicable("the table has one column")
    each([names[::-1], [names[-1], names[0]]], lambda columns: compare(table, columns), protocol.listed)


def compare(table: TableUnderCheck, columns: Sequence[str]) -> None:
    """Whether a read of these columns gives what they have in the read of all."""
    command = table.command(columns)
    sample = table.sample
    rows = table.read(command)
    if sample.whole != rows.whole:
        number = f"more than {table.source.most_rows:,}"
        raise Failure(
            told("read", command),
            f"{rows.count:,} rows" if rows.whole else f"{number} rows",
            f"{sample.count:,}" if sample.whole else number,
        )
    if not sample.whole:
        return
    same_rows(rows, sample.table.select(list(columns)), told("read", command))


def same_rows(rows: Rows, expected: pa.Table, sent: str) -> None:
    different = difference(rows.table, expected)
    if different is not None:
        raise Failure(
            sent,
            f"{rows.count:,} rows: {different}",
            f"the {expected.num_rows:,} rows that a read of all columns gives",
        )


def no_columns(table: TableUnderCheck) -> None:
    need_projection(table)
    command = table.command([])
    sample = table.sample
    rows = table.read(command, sample.count if sample.whole else table.source.most_rows)
    if sample.whole and rows.count != sample.count:
        raise Failure(told("read", command), f"{rows.count:,} rows", f"{sample.count:,}")
    if not sample.whole and rows.whole:
        raise Failure(told("read", command), f"{rows.count:,} rows", f"more than {table.source.most_rows:,}")


def need_projection(table: TableUnderCheck) -> None:
    if not table.capabilities.projection:
        raise NotApplicable("projection is not declared")


def column_twice(table: TableUnderCheck) -> None:
    name = table.columns.names[0]
    command = table.command() | {"columns": [*table.columns.names, name]}
    refused(lambda: table.source.read(command), ["INVALID_ARGUMENT"], told("read", command))


def unknown_column(table: TableUnderCheck) -> None:
    command = table.command() | {"columns": [*table.columns.names, unknown_name(table.columns.names)]}
    refused(lambda: table.source.read(command), ["INVALID_ARGUMENT"], told("read", command))


def unknown_name(names: Sequence[str]) -> str:
    name = "nostro_source_check_absent"
    while name in names:
        name += "_"
    return name


GROUP = Group(
    "reading",
    "Reading",
    of_tables=(
        Check(
            "all_columns",
            "A read of all columns gives them",
            "Reading",
            Severity.FAILING_QUERIES,
            all_columns,
        ),
        Check(
            "planned_schema",
            "The schema of GetFlightInfo is of the columns asked for, as described",
            "Reading",
            Severity.FAILING_QUERIES,
            planned_schema,
        ),
        Check(
            "streamed_schema",
            "The schema of a stream is of the columns asked for, as described",
            "Reading",
            Severity.FAILING_QUERIES,
            streamed_schema,
        ),
        Check(
            "values",
            "Values are valid for their Arrow type, and not NULL where the description says so",
            "Types",
            Severity.FAILING_QUERIES,
            values,
        ),
        Check(
            "declared_values",
            "Text is as long as its declared type allows, and JSON is JSON",
            "Types",
            Severity.FAILING_QUERIES,
            declared_values,
        ),
        Check(
            "each_column",
            "Each column, read alone, has the values that it has among all",
            "Reading",
            Severity.WRONG_ROWS,
            each_column,
        ),
        Check(
            "other_order",
            "Columns come in the order asked for",
            "Reading",
            Severity.WRONG_ROWS,
            other_order,
        ),
        Check(
            "no_columns",
            "No columns at all give the number of rows",
            "Reading",
            Severity.WRONG_ROWS,
            no_columns,
        ),
        Check(
            "column_twice",
            "A column named twice is INVALID_ARGUMENT",
            "Reading",
            Severity.HIDDEN_MISTAKES,
            column_twice,
        ),
        Check(
            "unknown_column",
            "A column that is not there is INVALID_ARGUMENT",
            "Errors",
            Severity.HIDDEN_MISTAKES,
            unknown_column,
        ),
    ),
)
