"""Checks of a table's description: what it declares, and the types of its columns."""

from __future__ import annotations

from nostro.flight import protocol
from nostro.flight.conformance.checks import Check, Failure, Group, NotApplicable, Severity, each
from nostro.flight.conformance.handshake import check_capabilities
from nostro.flight.conformance.subjects import TableUnderCheck, told
from nostro.flight.conformance.types import Unsupported, declared, trino_type
from nostro.flight.literals import values_of
from nostro.flight.protocol import Capabilities

LEVELS = ("none", "partial", "exact")


def results(table: TableUnderCheck) -> None:
    """Described it is: whoever made the subject tells what is wrong with those that are not."""


def sent(table: TableUnderCheck) -> str:
    return told(protocol.DESCRIBE_TABLE, {"schema": table.schema, "table": table.table})


def capabilities(table: TableUnderCheck) -> None:
    if not isinstance(table.description.get("capabilities"), dict):
        raise Failure(sent(table), f"capabilities: {table.description.get('capabilities')!r}", "an object")
    check_capabilities(table.description, sent(table))
    more = exceeding(table.capabilities, table.source.capabilities)
    if more:
        raise Failure(sent(table), f"more than the handshake declares: {', '.join(more)}", "the same or less")


def exceeding(some: Capabilities, all_of_them: Capabilities) -> list[str]:
    """The capabilities of which `some` has more."""

    def is_more(one: object, other: object) -> bool:
        if isinstance(one, str) and isinstance(other, str):
            return LEVELS.index(one) > LEVELS.index(other)
        if isinstance(one, tuple) and isinstance(other, tuple):
            return not set(one) <= set(other)
        return bool(one) and not other

    declared, limits = some.to_json(), all_of_them.to_json()
    return [
        name
        for name, value in declared.items()
        if is_more(
            tuple(value) if isinstance(value, list) else value,
            tuple(limits[name]) if isinstance(limits[name], list) else limits[name],
        )
    ]


def predicate_columns(table: TableUnderCheck) -> None:
    named = table.description.get("predicate_columns")
    if named is None:
        raise NotApplicable("predicate_columns is absent: all columns may be named")
    if not isinstance(named, list) or len(set(map(str, named))) < len(named):
        raise Failure(sent(table), f"predicate_columns: {named}", "an array of distinct names")

    def try_one(name: object) -> None:
        if not isinstance(name, str) or name not in table.columns.names:
            raise Failure(sent(table), f"the predicate column {name!r}", "columns of the table")
        if values_of(table.columns.field(name)) is None:
            raise Failure(
                sent(table),
                f"the predicate column {name}, {table.columns.field(name).type}",
                "columns whose type takes predicates: not char, json or a nested type",
            )

    each(named, try_one)


def row_count(table: TableUnderCheck) -> None:
    count = table.description.get("row_count")
    if count is None:
        raise NotApplicable("row_count is not known")
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count < 2**63:
        raise Failure(sent(table), f"row_count: {count!r}", "a number of rows, or null")


def types(table: TableUnderCheck) -> None:
    def try_one(name: str) -> None:
        field = table.columns.field(name)
        try:
            trino_type(field)
        except Unsupported as reason:
            raise Failure(
                sent(table), f"column {name}, {field.type}: {reason}", "a type of the tables of types"
            ) from None

    each(table.columns.names, try_one)


def declared_types(table: TableUnderCheck) -> None:
    if not any(declared(field) for field in table.columns):
        raise NotApplicable("no column has nostro.type")

    def try_one(name: str) -> None:
        field = table.columns.field(name)
        try:
            plain, found = trino_type(field.remove_metadata()), trino_type(field)
        except Unsupported:
            return
        named = declared(field)
        if named is not None and named != found:
            raise Failure(
                sent(table),
                f"column {name}, {field.type}, declared as {named}, which is no such type or does not fit",
                f"a type that {field.type} can hold, such as {plain}",
            )

    each(table.columns.names, try_one)


GROUP = Group(
    "description",
    "Descriptions",
    of_tables=(
        Check(
            "results",
            "A description is two results: JSON, and the Arrow schema, whose columns have distinct names",
            "Schemas and tables",
            Severity.FAILING_QUERIES,
            results,
        ),
        Check(
            "capabilities",
            "A table's capabilities are the handshake's, or less",
            "Schemas and tables",
            Severity.FAILING_QUERIES,
            capabilities,
        ),
        Check(
            "predicate_columns",
            "predicate_columns are columns of the table whose type takes predicates",
            "Schemas and tables",
            Severity.FAILING_QUERIES,
            predicate_columns,
        ),
        Check(
            "row_count",
            "row_count is a whole number, or null",
            "Schemas and tables",
            Severity.FAILING_QUERIES,
            row_count,
        ),
        Check(
            "types",
            "Every column has an Arrow type that has a Trino type",
            "Types",
            Severity.FAILING_QUERIES,
            types,
        ),
        Check(
            "declared_types",
            "nostro.type names a Trino type that the Arrow type can hold",
            "Types",
            Severity.FAILING_QUERIES,
            declared_types,
        ),
    ),
)
